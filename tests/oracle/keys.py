"""Use of KMS keys: by themselves and behind the read of an object.

From "Troubleshooting key access", "Default key policy", "Grants in AWS KMS", "Allowing users in other accounts to
use a KMS key", "Key states of AWS KMS keys" and "Protecting data using server-side encryption with AWS KMS".
"""

from __future__ import annotations

from tests.oracle.chart import Request, decide, explicit_deny, guardrails, identity_side
from tests.oracle.matching import Context
from tests.oracle.principals import Caller
from tests.oracle.verdict import Json, Undocumented, Verdict
from tests.oracle.world import context_of, rcps, scp_levels

_PAIR = "kms:encryptioncontext:"
_OF_THE_READ = ("aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "aws:securetransport")


def may_use(world: Json, asked: Json, key: Json, caller: Caller, action: str, extra: Context) -> Verdict:
    """Say whether a caller may use a key for an action, with context keys that the call adds."""
    if (key.get("state") or "Enabled") != "Enabled":
        return Verdict(allowed=False, because="the key is not enabled")
    if not caller.signed and caller.kind != "service":
        return Verdict(allowed=False, because="KMS answers nobody without a signature")
    context = context_of(world, asked, caller, key["account"]) | extra
    if caller.signed:
        context["kms:calleraccount"] = [caller.account]
    of_aws = key.get("manager") == "AWS"
    policy = key.get("policy") or (_of_service(key) if of_aws else None)
    request = Request(
        caller,
        action,
        key["arn"],
        key["account"],
        context,
        (policy,) if policy else (),
        scp_levels(world, caller),
        () if of_aws else rcps(world, caller, key["account"]),
    )
    by_policy = decide(request, must_admit=True)
    if by_policy.allowed:
        return Verdict(allowed=True, because=f"key: {by_policy.because}")
    if any(_grants(grant, caller, action, context) for grant in key.get("grants") or ()):
        return _by_grant(request)
    return Verdict(allowed=False, because=f"key: {by_policy.because}")


def _of_service(key: Json) -> Json:
    """Return the policy of a key that AWS manages for S3 in an account."""
    region = key["arn"].split(":")[3]
    through = {"kms:ViaService": f"s3.{region}.amazonaws.com", "kms:CallerAccount": key["account"]}
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        "Resource": "*",
        "Condition": {"StringEquals": through},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _by_grant(request: Request) -> Verdict:
    denied = explicit_deny(request) or guardrails(request)
    if denied:
        return Verdict(allowed=False, because=f"key: {denied.because}")
    if not identity_side(request, needs_identity=False).allowed:
        raise Undocumented("a grant to somebody whose boundary or session policy is silent")
    return Verdict(allowed=True, because="key: a grant")


def _grants(grant: Json, caller: Caller, action: str, context: Context) -> bool:
    constraints = grant.get("constraints") or {}
    pairs = {key.removeprefix(_PAIR): value[0] for key, value in context.items() if key.startswith(_PAIR)}
    subset, whole = constraints.get("EncryptionContextSubset"), constraints.get("EncryptionContextEquals")
    return (
        grant["grantee"] in caller.chain[:-1] + ([caller.name] if caller.kind == "service" else [])
        and action.partition(":")[2] in grant["operations"]
        and (not subset or _lower(subset).items() <= pairs.items())
        and (not whole or _lower(whole) == pairs)
    )


def _lower(pairs: Json) -> dict[str, str]:
    return {name.lower(): value for name, value in pairs.items()}


def may_decrypt(world: Json, asked: Json, bucket: Json, key_name: str, encryption: Json, caller: Caller) -> Verdict:
    """Say whether a caller may have S3 decrypt an object for it: S3 calls KMS with the caller's own rights."""
    if caller.kind == "anonymous":
        return Verdict(allowed=False, because="nobody unsigned reads what a KMS key protects")
    key = _key_of(world, bucket, encryption)
    about = f"arn:aws:s3:::{bucket['name']}" + ("" if encryption.get("bucket_key") else f"/{key_name}")
    extra = {
        "kms:viaservice": [f"s3.{key['arn'].split(':')[3]}.amazonaws.com"],
        "kms:encryptioncontext:aws:s3:arn": [about],
        "kms:encryptioncontextkeys": ["aws:s3:arn"],
    }
    # A request to KMS has none of the keys of Amazon S3 ("Service Authorization Reference", the actions table).
    own = {name: value for name, value in asked["context"].items() if not name.lower().startswith("s3:")}
    asked = {**asked, "context": own}
    verdict = may_use(world, asked, key, caller, "kms:Decrypt", extra)
    # What KMS sees of the network of the request that S3 serves is not written: it must not matter.
    kept = {name: value for name, value in asked["context"].items() if name.lower() not in _OF_THE_READ}
    if may_use(world, {**asked, "context": kept}, key, caller, "kms:Decrypt", extra).allowed != verdict.allowed:
        raise Undocumented("the decrypt behind a read hangs on the network of the read")
    if caller.kind == "service" and verdict.allowed != (may_use(world, asked, key, caller, "kms:Decrypt", {}).allowed):
        raise Undocumented("the decrypt of a service hangs on how it reaches the key")
    return verdict


def _key_of(world: Json, bucket: Json, encryption: Json) -> Json:
    if not encryption.get("key"):
        region = bucket.get("region") or "eu-central-1"
        arn = f"arn:aws:kms:{region}:{bucket['account']}:alias/aws/s3"
        return {"arn": arn, "account": bucket["account"], "manager": "AWS", "policy": None, "grants": []}
    found: Json | None = next((key for key in world.get("keys") or () if key["arn"] == encryption["key"]), None)
    if found is None:
        raise Undocumented("a key that the world does not hold")
    return found
