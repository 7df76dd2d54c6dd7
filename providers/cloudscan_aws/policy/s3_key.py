"""The key under which an object of S3 is, or will be, encrypted, and who can use it through S3.

From the "Amazon S3 User Guide": server-side encryption with AWS KMS keys, bucket keys, and keys that the
customer provides (SSE-C).
"""

from __future__ import annotations

from collections.abc import Mapping

from cloudscan.access.answers import Decision, decide
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, Context, Test, Unseen, resolve
from cloudscan.access.patterns import glob
from cloudscan_aws.policy.callers import Caller, Kind
from cloudscan_aws.policy.evaluate import refused
from cloudscan_aws.policy.kms import KeyFacts, evaluate_key_use
from cloudscan_aws.policy.organization import Organization
from cloudscan_aws.policy.s3_facts import BucketFacts, Encryption, Target

_CUSTOMER_KEY = "s3:x-amz-server-side-encryption-customer-algorithm"
"""The key that a request carries exactly when it brings the bytes of an SSE-C key along."""

_NOT_OF_S3 = Context.of({}, absent=["s3:*"])
"""What the read has and the use of the key has not: that is a request to KMS, which knows no key of S3's
("Actions, resources, and condition keys for AWS Key Management Service")."""

_THROUGH_S3 = Test("kms:ViaService", Operator.LIKE, (glob("s3.*.amazonaws.com"),))
"""What holds of every use of a key that S3 makes for somebody, in whatever region."""


def evaluate_use_of_key(
    caller: Caller,
    operation: str,
    target: Target,
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
    bucket, key = target.bucket, key_named(encryption.key, target.bucket, keys)
    known = {"aws:ViaAWSService": "true"}
    if region := bucket.region or _part(key.arn, 3):  # a key lies in the region of its bucket
        known["kms:ViaService"] = f"s3.{region}.amazonaws.com"
    sealed_for = bucket.arn if encryption.bucket_key else target.arn
    used = evaluate_key_use(
        caller,
        operation,
        key,
        organization=organization,
        context=_NOT_OF_S3.over(context.over(Context.of(known))),
        encryption_context=None if encryption.bucket_key is None else {"aws:s3:arn": sealed_for},
    )
    return used if region else decide(used.condition, used.proof, given=_THROUGH_S3)


def key_named(name: str | None, bucket: BucketFacts, keys: Mapping[str, KeyFacts]) -> KeyFacts:
    """Find a key by what an object names: an ARN, an id, an alias, or nothing for the aws/s3 key."""
    prefix = f"arn:{bucket.partition}:kms:{bucket.region}:{bucket.account}:"
    if name is None or name.endswith("alias/aws/s3"):
        arn = name if name is not None and name.startswith("arn:") else f"{prefix}alias/aws/s3"
        return KeyFacts(arn, bucket.account, managed_by_aws=True)
    if name.startswith("arn:") and ":alias/" not in name:
        arn = name
    elif "alias/" in name:
        alias = name[name.index("alias/") :]
        home = name.removesuffix(alias) or prefix  # an alias names a key of one account in one region
        held = (key.arn for key in keys.values() if alias in (key.aliases or ()) and key.arn.startswith(home))
        arn = next(held, f"{home}{alias}")
    else:
        arn = f"{prefix}key/{name}"
    return keys.get(arn) or KeyFacts(arn, _part(arn, 4) or bucket.account, state=None, grants=None)


def _part(arn: str, place: int) -> str:
    """Return one of the first five parts of an ARN, "" if it is none."""
    parts = arn.split(":", 5)
    return parts[place] if len(parts) == 6 else ""
