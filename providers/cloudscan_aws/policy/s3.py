"""Who may call Amazon S3 about a bucket and its objects.

From the "Amazon S3 User Guide": how S3 authorizes a request, controlling ownership of objects, access control
list overview, blocking public access, access points, and server-side encryption with KMS keys.

A read is a set of requirements met by one identity: the object, and the key it is encrypted under. The object
is reached by policy or by ACL. A bucket policy gives away only what the bucket's owner owns; its denies cover
every object. Each switch of block public access works on its own channel: IgnorePublicAcls on ACLs,
RestrictPublicBuckets on policies; the other two only refuse new settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cloudscan.access.answers import Decision, Ruling, both, decide
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import (
    ALWAYS,
    NEVER,
    Condition,
    Context,
    Test,
    Unseen,
    all_of,
    any_of,
    constant,
    negate,
    resolve,
)
from cloudscan.access.patterns import Pattern
from cloudscan_aws.policy.callers import STRANGER, Caller, Kind
from cloudscan_aws.policy.documents import Policy
from cloudscan_aws.policy.evaluate import Inquiry, Question, refused
from cloudscan_aws.policy.kms import KeyFacts, evaluate_key_use
from cloudscan_aws.policy.organization import Organization
from cloudscan_aws.policy.principals import Admission
from cloudscan_aws.policy.public import is_public
from cloudscan_aws.policy.s3_facts import (
    EVERYONE_GROUP,
    SIGNED_IN_GROUP,
    AccessPointFacts,
    AclEntry,
    BucketFacts,
    Encryption,
    ObjectFacts,
    Ownership,
    PublicAccessBlock,
)

_OBJECT_ACL = {
    "READ": {"s3:getobject", "s3:getobjectversion", "s3:getobjecttorrent"},
    "READ_ACP": {"s3:getobjectacl", "s3:getobjectversionacl"},
    "WRITE_ACP": {"s3:putobjectacl", "s3:putobjectversionacl"},
}
_BUCKET_ACL = {
    "READ": {"s3:listbucket", "s3:listbucketversions", "s3:listbucketmultipartuploads"},
    "WRITE": {"s3:putobject", "s3:deleteobject", "s3:deleteobjectversion"},
    "READ_ACP": {"s3:getbucketacl"},
    "WRITE_ACP": {"s3:putbucketacl"},
}
"""What a permission of an ACL lets its grantee do ("Access control list (ACL) overview", its tables)."""

_KEY_OPERATION = dict.fromkeys(_OBJECT_ACL["READ"], "Decrypt") | {"s3:putobject": "GenerateDataKey"}
"""What a call asks of the KMS key that the object is, or will be, encrypted under."""

_CUSTOMER_KEY = "s3:x-amz-server-side-encryption-customer-algorithm"
"""The key that a request carries exactly when it brings the bytes of an SSE-C key along."""


def evaluate_object_request(
    caller: Caller,
    action: str,
    bucket: BucketFacts,
    key: str,
    obj: ObjectFacts | None = None,
    *,
    keys: Mapping[str, KeyFacts] | None = None,
    access_point: AccessPointFacts | None = None,
    organization: Organization | None = None,
    context: Context | None = None,
) -> Decision:
    """Decide whether a caller may do an action on an object, the use of its KMS key included.

    ``obj`` is None for an object of which nothing but its key is known. ``keys`` are the KMS keys that were
    read, by ARN. Through an ``access_point`` the call goes to it and not to the bucket. Without ``context``
    nothing is known of the request but what follows from the call.
    """
    obj, context = obj or ObjectFacts(), context or Context()
    target = _Target(bucket, f"/{key}", obj)
    reached = _reach(caller, action, target, access_point, organization, context)
    operation = _KEY_OPERATION.get(action.lower())
    if operation is None or reached.ruling is Ruling.NO:
        return reached
    encryption = obj.encryption if operation == "Decrypt" and obj.encryption else bucket.encryption
    return both((reached, _bytes(caller, operation, target, encryption, keys or {}, organization, context)))


def evaluate_bucket_request(
    caller: Caller,
    action: str,
    bucket: BucketFacts,
    *,
    access_point: AccessPointFacts | None = None,
    organization: Organization | None = None,
    context: Context | None = None,
) -> Decision:
    """Decide whether a caller may do an action on a bucket itself, such as listing it."""
    return _reach(caller, action, _Target(bucket, "", None), access_point, organization, context or Context())


@dataclass(frozen=True, slots=True)
class _Target:
    """A bucket, or with an ``obj`` one object in it; ``suffix`` is what its ARN adds to the bucket's."""

    bucket: BucketFacts
    suffix: str
    obj: ObjectFacts | None

    @property
    def arn(self) -> str:
        return self.bucket.arn + self.suffix

    @property
    def owner(self) -> str:
        """The account that owns it: an object's writer, unless the bucket's owner owns all."""
        if self.obj is None or self.bucket.ownership is Ownership.BUCKET_OWNER_ENFORCED:
            return self.bucket.account
        return self.obj.owner or self.bucket.account

    @property
    def acl(self) -> tuple[AclEntry, ...] | None:
        return self.bucket.acl if self.obj is None else self.obj.acl

    def known(self) -> Context:
        """The keys that follow from the bucket and the object."""
        known, absent = {"s3:ResourceAccount": self.bucket.account}, []
        if self.obj is not None and self.obj.tags is not None:
            known |= {f"s3:ExistingObjectTag/{name}": value for name, value in self.obj.tags.items()}
            absent.append("s3:ExistingObjectTag/*")
        return Context.of(known, absent=absent)


def _reach(
    caller: Caller,
    action: str,
    target: _Target,
    access_point: AccessPointFacts | None,
    organization: Organization | None,
    context: Context,
) -> Decision:
    context = context.over(target.known())
    if access_point is None:
        direct = Context.of({}, absent=["s3:DataAccessPoint*", "s3:AccessPointNetworkOrigin"])
        question = Question(action, target.arn, target.bucket.account, context.over(direct))
        return _through_bucket(Inquiry(caller, question, organization), target, target.bucket.blocks, ())
    through = context.over(_through(access_point))
    path = f"/object{target.suffix}" if target.suffix else ""
    door = Inquiry(caller, Question(action, access_point.arn + path, access_point.account, through), organization)
    behind = Inquiry(caller, Question(action, target.arn, target.bucket.account, through), organization)
    blocks = (*target.bucket.blocks, access_point.block)
    return both(
        (
            _through_door(door, access_point, blocks),
            _through_bucket(behind, target, blocks, (access_point,)),
        )
    )


def _through(access_point: AccessPointFacts) -> Context:
    known = {"s3:DataAccessPointArn": access_point.arn, "s3:DataAccessPointAccount": access_point.account}
    if access_point.vpc is not None:
        known["s3:AccessPointNetworkOrigin"] = "VPC" if access_point.vpc else "Internet"
    return Context.of(known)


def _through_door(
    inquiry: Inquiry, access_point: AccessPointFacts, blocks: Iterable[PublicAccessBlock | None]
) -> Decision:
    """Apply an access point: its own network, its own policy, and its own switch against public policies."""
    admitted = _admitted(inquiry, access_point.policy, f"the policy of {access_point.arn}")
    granted = inquiry.union(admitted)
    if not _at_home(inquiry):
        public = NEVER if access_point.vpc else _public(access_point.policy, access_point.arn, of_access_point=True)
        granted = all_of((granted, negate(all_of((_switched(blocks, "restrict_public_buckets"), public)))))
    if granted is NEVER:
        inquiry.lack(f"{access_point.arn} does not admit {inquiry.caller}")
    if access_point.vpc:
        inside = Test("aws:SourceVpc", Operator.EQUALS, (Pattern((access_point.vpc,)),), source=access_point.arn)
        granted = all_of((granted, resolve(inside, inquiry.context)))
    elif access_point.vpc is None:
        granted = all_of((granted, Unseen(f"the network of {access_point.arn} was not read")))
    return inquiry.decide(granted)


def _through_bucket(
    inquiry: Inquiry,
    target: _Target,
    blocks: tuple[PublicAccessBlock | None, ...],
    access_points: tuple[AccessPointFacts, ...],
) -> Decision:
    """Apply the bucket: its policy and its ACLs.

    Behind an access point the caller's own account has already consented there, so that from another account
    only the bucket's word is needed.
    """
    bucket = target.bucket
    admitted = _admitted(inquiry, bucket.policy, f"the policy of {bucket.name}")
    consent = ALWAYS if access_points and not inquiry.at_home else inquiry.own_side
    ways = [_by_acl(inquiry, target, blocks, consent)]
    if target.owner != bucket.account:
        ways.append(inquiry.own_side if inquiry.caller.account == target.owner else NEVER)
    elif _at_home(inquiry):
        ways.append(inquiry.union(admitted))
    else:
        outside = all_of((admitted.any, consent)) if inquiry.caller.signs else admitted.direct
        public = any_of(
            (
                _public(bucket.policy, bucket.name),
                *(_public(point.policy, point.arn, of_access_point=True) for point in access_points if not point.vpc),
            )
        )
        ways.append(all_of((outside, negate(all_of((_switched(blocks, "restrict_public_buckets"), public))))))
    if (granted := any_of(ways)) is NEVER:
        inquiry.lack(f"neither policy nor ACL of {target.arn} admits {inquiry.caller}")
    return inquiry.decide(granted)


def _at_home(inquiry: Inquiry) -> bool:
    """Whom RestrictPublicBuckets leaves alone: the owner's account and AWS services."""
    return inquiry.at_home or inquiry.caller.kind is Kind.SERVICE


def _admitted(inquiry: Inquiry, policies: tuple[Policy, ...] | None, name: str) -> Admission:
    if policies is not None:
        return inquiry.admitted(policies)
    inquiry.deny(name, Unseen(f"{name} was not read and may deny"))
    return Admission(direct=Unseen(f"{name} was not read and may allow"))


def _public(policies: tuple[Policy, ...] | None, name: str, *, of_access_point: bool = False) -> Condition:
    if policies is None:
        return Unseen(f"whether the policy of {name} is public was not read")
    verdicts = [is_public(policy.document, of_access_point=of_access_point) for policy in policies]
    if None in verdicts and True not in verdicts:
        return Unseen(f"a malformed policy of {name} may be public")
    return constant(value=True in verdicts)


def _switched(blocks: Iterable[PublicAccessBlock | None], switch: str) -> Condition:
    """Say whether a switch is on at any level: the most restrictive level counts."""
    states = [None if block is None else getattr(block, switch) for block in blocks]
    if True in states:
        return ALWAYS
    return Unseen(f"the switch {switch} was not read at every level") if None in states else NEVER


def _by_acl(
    inquiry: Inquiry, target: _Target, blocks: tuple[PublicAccessBlock | None, ...], consent: Condition
) -> Condition:
    """Apply the ACL. A grant to an account delegates to it; one to a group needs no policy but abroad."""
    ownership = target.bucket.ownership
    if ownership is Ownership.BUCKET_OWNER_ENFORCED or inquiry.caller.kind in (Kind.SERVICE, Kind.FEDERATED):
        return NEVER
    heeded = negate(_switched(blocks, "ignore_public_acls"))
    at_owner = inquiry.caller.signs and inquiry.caller.account == target.owner
    to_group = all_of((heeded, ALWAYS if at_owner or not inquiry.caller.signs else consent))
    if target.acl is None:
        unread = Unseen(f"the ACL of {target.arn} was not read")
        named = inquiry.caller.signs and inquiry.caller.account != STRANGER.account
        granted = all_of((unread, any_of((to_group, consent if named else NEVER))))
    else:
        table = _BUCKET_ACL if target.obj is None else _OBJECT_ACL
        action = inquiry.question.action.lower()
        granted = any_of(
            _entry(inquiry, target, entry, to_group, consent)
            for entry in target.acl
            if entry.permission == "FULL_CONTROL" or action in table.get(entry.permission, ())
            if any(action in actions for actions in table.values())
        )
    if ownership is None and granted is not NEVER:
        return all_of((granted, Unseen(f"the object ownership setting of {target.bucket.name} was not read")))
    return granted


def _entry(inquiry: Inquiry, target: _Target, entry: AclEntry, to_group: Condition, consent: Condition) -> Condition:
    caller = inquiry.caller
    if entry.grantee in (EVERYONE_GROUP, SIGNED_IN_GROUP):
        meant = to_group if caller.signs or entry.grantee == EVERYONE_GROUP else NEVER
    elif not caller.signs:
        meant = NEVER
    elif entry.grantee in (caller.account, caller.canonical_id):
        meant = consent
    elif caller.canonical_id is None and len(entry.grantee) == 64 and not inquiry.at_home:
        meant = all_of((consent, Unseen(f"whether {entry.grantee} is account {caller.account} is not known")))
    else:
        meant = NEVER
    if meant is not NEVER:
        inquiry.allow(f"the ACL of {target.arn} ({entry.permission} to {entry.grantee})", meant)
    return meant


def _bytes(
    caller: Caller,
    operation: str,
    target: _Target,
    encryption: Encryption | None,
    keys: Mapping[str, KeyFacts],
    organization: Organization | None,
    context: Context,
) -> Decision:
    """Decide whether a caller can use the key under which the object is, or will be, encrypted."""
    if encryption is None:
        return decide(Unseen(f"how {target.arn} is encrypted was not read"))
    if encryption.mode == "SSE-C":
        return decide(resolve(Test(_CUSTOMER_KEY, Operator.PRESENT, source=target.arn), context))
    if encryption.mode not in ("SSE-KMS", "DSSE-KMS"):
        return Decision(ALWAYS)
    if not caller.signs and caller.kind is not Kind.SERVICE:
        return refused(f"{target.arn} is encrypted under a KMS key, which serves no unsigned request")
    bucket = target.bucket
    known = {"aws:ViaAWSService": "true"}
    if bucket.region:
        known["kms:ViaService"] = f"s3.{bucket.region}.amazonaws.com"
    named = (
        {True: bucket.arn, False: target.arn}.get(encryption.bucket_key) if encryption.bucket_key is not None else None
    )
    return evaluate_key_use(
        caller,
        operation,
        _key(encryption.key, bucket, keys),
        organization=organization,
        context=context.over(Context.of(known)),
        encryption_context=None if named is None else {"aws:s3:arn": named},
    )


def _key(name: str | None, bucket: BucketFacts, keys: Mapping[str, KeyFacts]) -> KeyFacts:
    """Find a key by what an object names: an ARN, an id, an alias, or nothing for the aws/s3 key."""
    prefix = f"arn:{bucket.partition}:kms:{bucket.region}:{bucket.account}:"
    if name is None or name.endswith("alias/aws/s3"):
        return KeyFacts(f"{prefix}alias/aws/s3", bucket.account, managed_by_aws=True)
    if name.startswith("arn:") and ":alias/" not in name:
        arn = name
    elif "alias/" in name:
        alias = name[name.index("alias/") :]
        home = name.removesuffix(alias) or prefix  # an alias names a key of one account in one region
        held = (key.arn for key in keys.values() if alias in (key.aliases or ()) and key.arn.startswith(home))
        arn = next(held, f"{home}{alias}")
    else:
        arn = f"{prefix}key/{name}"
    account = arn.split(":", 5)[4] if arn.count(":") >= 5 else bucket.account
    return keys.get(arn) or KeyFacts(arn, account, state=None, grants=None)
