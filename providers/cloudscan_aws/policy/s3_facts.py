"""What was read of buckets, objects and access points, as far as access hangs on it. None is "not read"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cloudscan.access.conditions import Context
from cloudscan_aws.policy.documents import Policy

EVERYONE_GROUP = "AllUsers"
SIGNED_IN_GROUP = "AuthenticatedUsers"


class Ownership(StrEnum):
    """Who owns new objects of a bucket; under the first, ACLs mean nothing."""

    BUCKET_OWNER_ENFORCED = "BucketOwnerEnforced"
    BUCKET_OWNER_PREFERRED = "BucketOwnerPreferred"
    OBJECT_WRITER = "ObjectWriter"


@dataclass(frozen=True, slots=True)
class AclEntry:
    """One line of an ACL. ``grantee`` is a group (AllUsers, AuthenticatedUsers) or a twelve-digit account;
    any other text is somebody we cannot name. ``permission`` is READ, WRITE, READ_ACP, WRITE_ACP, FULL_CONTROL.
    """

    grantee: str
    permission: str


@dataclass(frozen=True, slots=True)
class PublicAccessBlock:
    """The two switches that change what exists; None where one was not read."""

    ignore_public_acls: bool | None = False
    restrict_public_buckets: bool | None = False


@dataclass(frozen=True, slots=True)
class Encryption:
    """How bytes lie encrypted: ``mode`` SSE-S3, SSE-KMS, DSSE-KMS, SSE-C or "" for none; the key's ARN.

    ``bucket_key`` changes what the key's encryption context names; None while unknown.
    """

    mode: str
    key: str | None = None
    bucket_key: bool | None = False


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    """What was read of one object. ``owner`` is the account that wrote it, ``acl`` its list, ``encryption`` its
    own encryption; each is None if not read. ``tags`` may be None too."""

    owner: str | None = None
    acl: tuple[AclEntry, ...] | None = None
    encryption: Encryption | None = None
    tags: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class BucketFacts:
    """What was read of one bucket. None is "not read"; a bucket without a policy has ``policy`` ().

    ``blocks`` are the switches of the bucket itself, of its account and of its organization. ``encryption``
    is its default. ``region`` is "" if not read. ``partition`` is the first part of its ARN ("aws", "aws-cn").
    """

    name: str
    account: str
    region: str = ""
    policy: tuple[Policy, ...] | None = ()
    acl: tuple[AclEntry, ...] | None = ()
    ownership: Ownership | None = Ownership.BUCKET_OWNER_ENFORCED
    blocks: tuple[PublicAccessBlock | None, ...] = ()
    encryption: Encryption | None = None
    partition: str = "aws"

    @property
    def arn(self) -> str:
        """Its ARN."""
        return f"arn:{self.partition}:s3:::{self.name}"


@dataclass(frozen=True, slots=True)
class AccessPointFacts:
    """A further door to a bucket. ``vpc`` is the only VPC it serves, "" for the internet, None if not read."""

    arn: str
    account: str
    vpc: str | None = ""
    policy: tuple[Policy, ...] | None = ()
    block: PublicAccessBlock | None = field(default_factory=PublicAccessBlock)


@dataclass(frozen=True, slots=True)
class Target:
    """A bucket, or with an ``obj`` one object in it; ``suffix`` is what its ARN adds to the bucket's."""

    bucket: BucketFacts
    suffix: str
    obj: ObjectFacts | None

    @property
    def arn(self) -> str:
        """Its ARN."""
        return self.bucket.arn + self.suffix

    @property
    def owner(self) -> str:
        """The account that owns it: an object's writer, unless the bucket's owner owns all."""
        if self.obj is None or self.bucket.ownership is Ownership.BUCKET_OWNER_ENFORCED:
            return self.bucket.account
        return self.obj.owner or self.bucket.account

    @property
    def acl(self) -> tuple[AclEntry, ...] | None:
        """Its own ACL: a bucket's says nothing about its objects."""
        return self.bucket.acl if self.obj is None else self.obj.acl

    def known(self) -> Context:
        """Return the context keys that follow from it."""
        known, absent = {"s3:ResourceAccount": self.bucket.account}, []
        if self.bucket.region:
            known["aws:RequestedRegion"] = self.bucket.region
        if self.suffix:  # these belong to requests that list
            absent += ["s3:prefix", "s3:delimiter", "s3:max-keys"]
        if self.obj is not None and self.obj.tags is not None:
            known |= {f"s3:ExistingObjectTag/{name}": value for name, value in self.obj.tags.items()}
            absent.append("s3:ExistingObjectTag/*")
        return Context.of(known, absent=absent)
