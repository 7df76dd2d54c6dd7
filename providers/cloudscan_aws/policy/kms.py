"""Who may use a KMS key: its policy, its grants, its state.

From the "AWS KMS Developer Guide" (key policies, grants, key states, condition keys). A key's policy is a gate:
IAM policies count only where it trusts the account. Grants stand beside both and need neither; an explicit
deny still wins over them. An AWS managed key serves its own account through its service and nobody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cloudscan.access.answers import Decision
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
    resolve,
)
from cloudscan.access.patterns import Pattern
from cloudscan_aws.policy.asking import Question
from cloudscan_aws.policy.callers import Caller, Kind
from cloudscan_aws.policy.documents import Policy
from cloudscan_aws.policy.evaluate import Inquiry, refused
from cloudscan_aws.policy.organization import Organization
from cloudscan_aws.policy.principals import named

_USABLE = frozenset({"enabled", "updating"})


@dataclass(frozen=True, slots=True)
class KeyGrant:
    """A grant on a key: to whom, for which operations, and for which encryption context only.

    ``context_equals`` is the whole context that a request must carry, ``context_subset`` a part of it.
    """

    grantee: str
    operations: frozenset[str]
    context_subset: Mapping[str, str] = field(default_factory=dict)
    context_equals: Mapping[str, str] | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """A key as it was read. ``managed_by_aws``, ``state``, ``policy``, ``grants`` are None if not seen.

    ``state`` is AWS's own word ("Enabled"). ``aliases`` are alias names ("alias/audio").
    """

    arn: str
    account: str
    managed_by_aws: bool | None = False
    state: str | None = "Enabled"
    policy: Policy | None = None
    grants: tuple[KeyGrant, ...] | None = ()
    aliases: tuple[str, ...] | None = None


def works(key: KeyFacts) -> bool:
    """Say whether nothing is known to stop a key from serving requests: one whose state was not read may."""
    return key.state is None or key.state.lower() in _USABLE


def evaluate_key_use(
    caller: Caller,
    operation: str,
    key: KeyFacts,
    *,
    organization: Organization | None,
    context: Context,
    encryption_context: Mapping[str, str] | None = None,
) -> Decision:
    """Decide whether a caller may do an operation ("Decrypt") with a key.

    ``encryption_context`` is what the request carries as such; None while that is unknown.
    """
    if not caller.signs and caller.kind is not Kind.SERVICE:
        return refused(f"KMS serves no unsigned request: {caller} cannot use {key.arn}")
    if key.managed_by_aws and caller.account != key.account:
        return refused(f"{key.arn} is AWS managed and never serves another account")
    if not works(key):
        return refused(f"{key.arn} is in state {key.state} and serves no request")
    about = context.over(_known(caller, key, encryption_context))
    question = Question(f"kms:{operation}", key.arn, key.account, about, beyond_rcps=bool(key.managed_by_aws))
    inquiry = Inquiry(caller, question, organization)
    admitted = _by_policy(inquiry, key)
    granted = _by_grants(inquiry, key, operation, encryption_context)
    if admitted is NEVER and granted is NEVER:
        inquiry.lack(f"neither the policy nor a grant of {key.arn} lets {caller} do {question.action}")
    usable = Unseen(f"the state of {key.arn} was not read") if key.state is None else ALWAYS
    return inquiry.decide(all_of((any_of((admitted, granted)), usable)))


def _known(caller: Caller, key: KeyFacts, encryption_context: Mapping[str, str] | None) -> Context:
    known: dict[str, str | tuple[str, ...]] = {"kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}
    absent = ["kms:GrantIsForAWSResource", "kms:RequestAlias"]
    if caller.account:
        known["kms:CallerAccount"] = caller.account
    if key.aliases is not None:
        known["kms:ResourceAliases"] = key.aliases
    if encryption_context is not None:
        known |= {f"kms:EncryptionContext:{name}": value for name, value in encryption_context.items()}
        known["kms:EncryptionContextKeys"] = tuple(encryption_context)
        absent.append("kms:EncryptionContext:*")
    return Context.of(known, absent=absent)


def _by_policy(inquiry: Inquiry, key: KeyFacts) -> Condition:
    """Apply the key policy as a gate. AWS writes the one of its managed keys: its account, via its service."""
    if key.policy is not None:
        return inquiry.gate(inquiry.admitted([key.policy]))
    if key.managed_by_aws:
        return resolve(Test("kms:ViaService", Operator.PRESENT), inquiry.context)
    return Unseen(f"the policy of {key.arn} was not read")


def _by_grants(
    inquiry: Inquiry, key: KeyFacts, operation: str, encryption_context: Mapping[str, str] | None
) -> Condition:
    if key.grants is None:
        return Unseen(f"the grants of {key.arn} were not read")
    ways = []
    for grant in key.grants:
        if operation not in grant.operations:
            continue
        whom = named(grant.grantee, inquiry.caller)
        met = resolve(_constraint(grant, encryption_context), inquiry.context)
        way = all_of((any_of((whom.direct, whom.role, all_of((whom.account, inquiry.own_side)))), met))
        if way is not NEVER:
            inquiry.allow(f"a grant on {key.arn}" + (f" ({grant.name})" if grant.name else ""), way)
        ways.append(way)
    return any_of(ways)


def _constraint(grant: KeyGrant, encryption_context: Mapping[str, str] | None) -> Condition:
    """Say what of the encryption context a grant asks; keys and values compare with case."""
    wanted = {**grant.context_subset, **(grant.context_equals or {})}
    if encryption_context is None:
        return all_of(
            Test(f"kms:EncryptionContext:{name}", Operator.EQUALS, (Pattern((value,)),), source=grant.name)
            for name, value in wanted.items()
        )
    part = all(encryption_context.get(name) == value for name, value in wanted.items())
    whole = grant.context_equals is None or dict(grant.context_equals) == dict(encryption_context)
    return constant(value=part and whole)
