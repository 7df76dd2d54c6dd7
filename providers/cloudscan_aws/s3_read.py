"""S3 bucket settings in neutral words. Pure: each function reads one payload as boto3 gives it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from cloudscan.model import (
    ANYONE,
    ANYONE_SIGNED_IN,
    NEVER_RETAINED,
    AclGrant,
    Answer,
    Encryption,
    LogSource,
    PolicyDocument,
    Replication,
    RetentionLock,
)
from cloudscan_aws.accounts import Bucket, bucket_arn
from cloudscan_aws.codes import partition_of
from cloudscan_aws.session import PROVIDER

BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
"""The four switches of S3 Block Public Access, by AWS's own names."""
_GROUPS = {
    "http://acs.amazonaws.com/groups/global/AllUsers": ANYONE,
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers": ANYONE_SIGNED_IN,
}
_KMS = {"aws:kms", "aws:kms:dsse"}
# With these no key of the key service is at work ("x-amz-server-side-encryption", Amazon S3 API reference).
_PROVIDER = {"AES256", "aws:fsx", "aws:backup"}


def encryption(payload: Mapping[str, Any], bucket: Bucket, account: str) -> Encryption | None:
    """Read the default encryption; None where this version does not know the algorithm.

    Without a key id ``aws:kms`` means the AWS managed key ``aws/s3`` ("Default encryption FAQ").
    """
    rules = (payload.get("ServerSideEncryptionConfiguration") or {}).get("Rules") or [{}]
    default = rules[0].get("ApplyServerSideEncryptionByDefault") or {}
    algorithm = default.get("SSEAlgorithm") or ("AES256" if rules[0] else "")
    bucket_key = Answer.of(rules[0].get("BucketKeyEnabled"))
    if algorithm in _PROVIDER:
        return Encryption("provider", algorithm=algorithm, bucket_key=bucket_key)
    if algorithm not in _KMS:
        return None
    key = key_arn(default.get("KMSMasterKeyID"), bucket.region, account)
    own = key is None or key.endswith(":alias/aws/s3")
    return Encryption("provider-kms" if own else "customer", key, algorithm, bucket_key)


def key_arn(key: str | None, region: str, account: str) -> str | None:
    """Return a key's full name. A bare id or alias means the bucket's own region, and its account as a rule."""
    if not key or key.startswith("arn:"):
        return key or None
    resource = key if key.startswith(("alias/", "key/")) else f"key/{key}"
    return f"arn:{partition_of(region)}:kms:{region}:{account}:{resource}"


def object_encryption(head: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Read mode and key of one object from its head; (None, None) for an algorithm that is not known here.

    Whether a key of the key service is the customer's or AWS's own is told by the key, not by the object.
    """
    if head.get("SSECustomerAlgorithm"):
        return "customer-supplied", None
    algorithm, key = head.get("ServerSideEncryption"), head.get("SSEKMSKeyId")
    if algorithm is None:
        return "none", None
    if algorithm in _KMS:
        return ("customer", key) if key else ("provider-kms", None)
    return ("provider" if algorithm in _PROVIDER else None), None


def blocks(payload: Mapping[str, Any]) -> dict[str, Answer]:
    """Read the four switches; one that is not named is off."""
    told = payload.get("PublicAccessBlockConfiguration") or {}
    return {name: Answer.of(bool(told.get(name, False))) for name in BLOCKS}


def acl(payload: Mapping[str, Any]) -> tuple[AclGrant, ...]:
    """Read the lines of an access control list."""
    return tuple(
        AclGrant(_grantee(grant.get("Grantee") or {}), grant.get("Permission") or "")
        for grant in payload.get("Grants") or ()
    )


def acl_text(payload: Mapping[str, Any]) -> str:
    """Read an object's list as the object table holds it."""
    return json.dumps(sorted([grant.grantee, grant.permission] for grant in acl(payload)), separators=(",", ":"))


def tags_text(payload: Mapping[str, Any]) -> str:
    """Read an object's tags as the object table holds them."""
    return json.dumps(labels(payload), sort_keys=True, ensure_ascii=False)


NOT_COPIED = ("PENDING", "FAILED")
"""The replication statuses of what lifecycle rules pass over. A head has none where no rule copies the object."""


def held(head: Mapping[str, Any], told: Mapping[str, Any] | None) -> bool | None:
    """Read whether a legal hold keeps an object, from its head, or else from what was ``told`` when it was asked for.

    An empty answer says that there never was one.
    """
    if told == {}:
        return False
    status = head.get("ObjectLockLegalHoldStatus") or ((told or {}).get("LegalHold") or {}).get("Status")
    known: dict[str | None, bool] = {"ON": True, "OFF": False}
    return known.get(status)


def retained(head: Mapping[str, Any], told: Mapping[str, Any] | None) -> datetime | None:
    """Read until when an object is retained, from its head, or else from what was ``told`` when it was asked for.

    An empty answer says that it never was.
    """
    if told == {}:
        return NEVER_RETAINED
    until: datetime | None = head.get("ObjectLockRetainUntilDate")
    until = until or ((told or {}).get("Retention") or {}).get("RetainUntilDate")
    return until.astimezone(UTC) if until else None


def owner(payload: Mapping[str, Any]) -> dict[str, str]:
    """Read the canonical id of the bucket's owner, by which its own line in the list is known."""
    told = (payload.get("Owner") or {}).get("ID")
    return {"owner": told} if told else {}


def _grantee(grantee: Mapping[str, Any]) -> str:
    uri = grantee.get("URI") or ""
    return _GROUPS.get(uri, uri) or grantee.get("ID") or grantee.get("EmailAddress") or ""


def ownership(payload: Mapping[str, Any]) -> str | None:
    """Read who owns new objects, by AWS's own word."""
    rules = (payload.get("OwnershipControls") or {}).get("Rules") or [{}]
    word: str | None = rules[0].get("ObjectOwnership")
    return word


def versioning(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Read whether versions are kept, and whether deleting one takes a second factor."""
    return {
        "versioning": (payload.get("Status") or "disabled").lower(),
        "mfa_delete": Answer.of(payload.get("MFADelete") == "Enabled"),
    }


def lock(payload: Mapping[str, Any]) -> RetentionLock:
    """Read the object lock and its default retention; a year counts 365 days."""
    told = payload.get("ObjectLockConfiguration") or {}
    default = (told.get("Rule") or {}).get("DefaultRetention") or {}
    days = default.get("Days") or (default.get("Years") or 0) * 365 or None
    return RetentionLock(
        Answer.of(told.get("ObjectLockEnabled") == "Enabled"), (default.get("Mode") or "").lower(), days
    )


def replication(payload: Mapping[str, Any]) -> tuple[Replication, ...]:
    """Read where new objects are copied to; a rule with a tag filter counts with its prefix alone."""
    return tuple(
        Replication(
            target=(rule.get("Destination") or {}).get("Bucket") or "",
            target_account=(rule.get("Destination") or {}).get("Account"),
            prefix=_prefix(rule),
            enabled=rule.get("Status") == "Enabled",
        )
        for rule in (payload.get("ReplicationConfiguration") or {}).get("Rules") or ()
    )


def _prefix(rule: Mapping[str, Any]) -> str:
    chosen = rule.get("Filter") or {}
    prefix: str = chosen.get("Prefix") or (chosen.get("And") or {}).get("Prefix") or rule.get("Prefix") or ""
    return prefix


def labels(payload: Mapping[str, Any]) -> dict[str, str]:
    """Read the tags of a bucket."""
    return {tag["Key"]: tag.get("Value") or "" for tag in payload.get("TagSet") or () if tag.get("Key")}


def policy(payload: Mapping[str, Any], bucket: Bucket, account: str) -> Iterator[PolicyDocument]:
    """Read the bucket policy, its text as returned."""
    yield PolicyDocument(
        id=f"{bucket.id}#policy",
        provider=PROVIDER,
        account=account,
        kind="resource",
        attached_to=(bucket.id,),
        document=payload.get("Policy") or "",
    )


def access_log(payload: Mapping[str, Any], bucket: Bucket, account: str) -> Iterator[LogSource]:
    """Read where server access logs go. They record reads, as far as they are delivered: best effort."""
    told = payload.get("LoggingEnabled") or {}
    if kept_in := told.get("TargetBucket"):
        target = f"{bucket_arn(kept_in, bucket.region)}/{told.get('TargetPrefix') or ''}"
        yield LogSource(bucket.id, PROVIDER, account, "server-access-log", target, Answer.YES)


def inventories(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """Read the ids of the inventory reports that a bucket writes."""
    return tuple(each["Id"] for each in payload.get("InventoryConfigurationList") or () if each.get("Id"))
