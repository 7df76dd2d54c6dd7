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
from dataclasses import replace

from cloudscan.access.answers import Decision, Effect, Reason, Reasons, Ruling
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
from cloudscan_aws.policy.asking import Question
from cloudscan_aws.policy.callers import Caller, Kind
from cloudscan_aws.policy.documents import Policy
from cloudscan_aws.policy.evaluate import Inquiry, all_required
from cloudscan_aws.policy.kms import KeyFacts
from cloudscan_aws.policy.organization import Organization
from cloudscan_aws.policy.principals import Admission
from cloudscan_aws.policy.public import is_public
from cloudscan_aws.policy.s3_acl import READS, WRITES, given_by_acl, switched
from cloudscan_aws.policy.s3_facts import AccessPointFacts, BucketFacts, ObjectFacts, PublicAccessBlock, Target
from cloudscan_aws.policy.s3_key import evaluate_use_of_key

_NEVER_LOCKED_OUT = frozenset({"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"})
"""What the root user of a bucket's owner may do whatever the bucket policy says ("PutBucketPolicy", its permissions):
only guardrails of the organization can stop it."""

_KEY_OPERATION = dict.fromkeys(READS, "Decrypt") | {"s3:putobject": "GenerateDataKey"}
"""What a call asks of the KMS key that the object is, or will be, encrypted under."""


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
    read, by ARN. Through an ``access_point`` the call goes to it and not to the bucket. ``context`` is what is
    known of the request beside what follows from the caller and from what is asked.
    """
    obj, context = obj or ObjectFacts(), context or Context()
    # Writing and deleting are the bucket's to allow, whoever owns the object that is replaced.
    target = Target(bucket, f"/{key}", None if action.lower() in WRITES else obj)
    reached = _reach(caller, action, target, access_point, organization, context)
    operation = _KEY_OPERATION.get(action.lower())
    if operation is None or reached.ruling is Ruling.NO:
        return reached
    encryption = obj.encryption if operation == "Decrypt" and obj.encryption else bucket.encryption
    used = evaluate_use_of_key(caller, operation, target, encryption, keys or {}, organization, context)
    decision = all_required(caller, organization, (reached, used))
    return decision if used.ruling is not Ruling.NO else _without_key(decision, caller, operation, target, reached)


def _without_key(decision: Decision, caller: Caller, operation: str, target: Target, reached: Decision) -> Decision:
    """Say first which part of a requirement is missing, where the object is to be had and its key is not."""
    may = {Ruling.IF: "may under a condition", Ruling.UNKNOWN: "may perhaps"}.get(reached.ruling, "may")
    parts = ("get", "decrypt it") if operation == "Decrypt" else ("put", "encrypt it under its key")
    missing = f"{caller} {may} {parts[0]} {target.arn}, but may not {parts[1]}"
    return Decision(decision.condition, Reasons(lambda: (Reason(Effect.LACKS, missing), *decision.proof)))


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
    if caller.kind is Kind.ROOT and caller.account == bucket.account and action.lower() in _NEVER_LOCKED_OUT:
        bucket = replace(bucket, policy=())
    return _reach(caller, action, Target(bucket, "", None), access_point, organization, context or Context())


def _reach(
    caller: Caller,
    action: str,
    target: Target,
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
    parts = (_through_door(door, access_point, blocks), _through_bucket(behind, target, blocks, (access_point,)))
    return all_required(caller, organization, parts)


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
        granted = all_of((granted, negate(all_of((_restricted(blocks), public)))))
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
    target: Target,
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
    ways, shut = [given_by_acl(inquiry, target, blocks, consent)], False
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
        restricted = all_of((_restricted(blocks), public))
        shut = outside is not NEVER and restricted is ALWAYS
        ways.append(all_of((outside, negate(restricted))))
    if (granted := any_of(ways)) is NEVER:
        kept_out = f"RestrictPublicBuckets keeps {inquiry.caller} out of {target.arn}, as the policy is public"
        inquiry.lack(kept_out if shut else f"neither policy nor ACL of {target.arn} admits {inquiry.caller}")
    return inquiry.decide(granted)


def _restricted(blocks: Iterable[PublicAccessBlock | None]) -> Condition:
    states = [None if block is None else block.restrict_public_buckets for block in blocks]
    return switched(states, "RestrictPublicBuckets")


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
