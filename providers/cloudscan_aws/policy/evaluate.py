"""The flow of a decision: guardrails, denies, and who of identity and resource must allow.

From the "IAM User Guide", policy evaluation logic within one account and across accounts: an explicit deny
anywhere wins; inside one account the identity or the resource may allow; across accounts both must. A role's
trust policy and a key's policy are gates instead: only they admit, directly or by trusting the account.

Every step returns a condition, so one and the same flow answers for a known request (every other key absent)
and for an open one (every other key unknown).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from cloudscan.access.answers import Decision, Effect, Reason, Reasons, Ruling, decide
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import (
    ALWAYS,
    NEVER,
    Condition,
    Test,
    Unseen,
    all_of,
    any_of,
    constant,
    keys,
    negate,
)
from cloudscan.access.patterns import Pattern, glob
from cloudscan_aws.policy.asking import INSIDE, Asking, Note, Question
from cloudscan_aws.policy.callers import Caller, Kind
from cloudscan_aws.policy.documents import Malformed, Policy
from cloudscan_aws.policy.matching import asks_nothing, relevant
from cloudscan_aws.policy.organization import RCP_SERVICES, Guardrails, Levels, Organization
from cloudscan_aws.policy.principals import Admission


class _Side(Asking):
    """What a question comes to before the resource has spoken: the same whatever the resource's policies say.

    ``own`` is what the caller's own account lets it do, ``limits`` what its permissions boundary and session policies
    leave of an allow, ``guardrails`` what every level of service control policies allows.
    """

    def __init__(self, caller: Caller, question: Question, organization: Organization | None) -> None:
        super().__init__(caller, question, organization)
        self.limits = self._limits()
        self.own = self._own_side()
        self.guardrails = self._guardrails()

    def _own_side(self) -> Condition:
        caller = self.caller
        if not caller.signs:
            return NEVER
        if caller.policies is None:
            return all_of((self._unread(f"the policies of {caller}"), self.limits))
        allowed = self.allowed(caller.policies)
        if caller.kind is Kind.ROOT:
            if self.at_home:
                needs_none = f"needs no policy of its own for {self.question.action}"
                told = f"{caller} is the root user of the account and {needs_none}"
                self.notes.append(Note(Effect.ALLOWS, told))
            return ALWAYS
        if allowed is NEVER:
            self.lack(f"no policy of {caller} allows {self.question}")
        return all_of((allowed, self.limits))

    def _limits(self) -> Condition:
        caller = self.caller
        if caller.boundaries is None:
            return self._unread(f"the permissions boundary of {caller}")
        layers = [[boundary] for boundary in caller.boundaries]
        if caller.session_policies:
            layers.append(list(caller.session_policies))
        return all_of([self._needed(layer, f"{layer[0].name} does not allow {self.question}") for layer in layers])

    def _unread(self, what: str) -> Condition:
        """Count with policies that were not read: they may allow, and they may deny."""
        self.deny(what, Unseen(f"{what} may deny and were not read"))
        return Unseen(f"{what} may allow and were not read")

    def _needed(self, policies: Iterable[Policy], otherwise: str) -> Condition:
        allowed = self.allowed(policies)
        if allowed is NEVER:
            self.lack(otherwise)
        return allowed

    def _guardrails(self) -> Condition:
        if self.organization is None:
            self.assume("the organization's policies were not read; they could only take this away")
            return ALWAYS
        if self.caller.service_linked:
            return ALWAYS
        service, _, operation = self.action.partition(":")
        action, resource = self.action, self.question.resource
        said = self.question.action
        if service in RCP_SERVICES and operation != "retiregrant" and not self.question.beyond_rcps:
            over = self.organization.over(self.question.owner)
            levels = self._seen(over.resource, "resource")
            for level in levels if _speaks(over, action, resource) else ():
                self.admitted(level)
        if not self.caller.signs:
            return ALWAYS
        over = self.organization.over(self.caller.account)
        levels = self._seen(over.service, "service")
        if (plain := _plainly(over, said, resource)) is not None:
            return self._noted(plain)
        return all_of([self._needed(level, _lacking(number, said)) for number, level in enumerate(levels, start=1)])

    def _noted(self, notes: Sequence[Note]) -> Condition:
        """Take over what is the same of everybody, and return whether something that is needed is there."""
        self.notes += notes
        self.denies += (note.condition for note in notes if note.effect is Effect.DENIES)
        return constant(value=all(note.effect is not Effect.LACKS for note in notes))

    def _seen(self, levels: Levels | None, kind: str) -> Levels:
        if levels is None:
            self.assume(f"the {kind} control policies were not read; they could only take this away")
        return levels or ()


_side = lru_cache(maxsize=1 << 12)(_Side)
"""Sides are remembered: the same is asked over and over while a resource's policies are supposed to be others."""


class Inquiry(Asking):
    """One question of one caller on its way through the flow.

    What its own side denies counts wherever the allow comes from.
    """

    def __init__(self, caller: Caller, question: Question, organization: Organization | None) -> None:
        super().__init__(caller, question, organization)
        self._side = _side(caller, question, organization)
        self.notes += self._side.notes
        self.denies += self._side.denies

    @property
    def own_side(self) -> Condition:
        """What the caller's own account lets it do."""
        return self._side.own

    @property
    def limits(self) -> Condition:
        """What its permissions boundary and session policies leave of an allow."""
        return self._side.limits

    def union(self, resource: Admission) -> Condition:
        """Decide where a resource's policy adds to the caller's own: either is enough inside one account.

        A grant to a role's ARN stays within the role's boundary and session policy; a grant to a session,
        to a user or to everybody does not.
        """
        if self.at_home:
            as_role = all_of((resource.role, self.limits)) if resource.role is not NEVER else NEVER
            return any_of((self.own_side, resource.direct, as_role))
        return self._across(resource)

    def gate(self, resource: Admission) -> Condition:
        """Decide where only the resource's policy admits: itself, or by trusting the caller's account."""
        if self.at_home:
            as_role = all_of((resource.role, self.limits)) if resource.role is not NEVER else NEVER
            as_one_of_account = all_of((resource.account, self.own_side))
            return any_of((resource.direct, as_role, as_one_of_account))
        return self._across(resource)

    def _across(self, resource: Admission) -> Condition:
        if self.caller.signs:
            return all_of((resource.any, self.own_side))
        return resource.direct

    def decide(self, granted: Condition) -> Decision:
        """Join what is granted with the guardrails and the denies."""
        condition = all_of((granted, self._side.guardrails, negate(any_of(self.denies))))
        decision = decide(condition, given=_given(self.caller, self.organization, condition))
        return Decision(decision.condition, Reasons(lambda: self._reasons(decision.ruling)))

    def _reasons(self, ruling: Ruling) -> Iterator[Reason]:
        asked = f"{self.question.action} to {self.caller}"
        for effect, sentence, where, condition in _carrying(ruling, self.notes):
            yield Reason(effect, sentence or f"{where} {effect} {asked}", where, condition)


@lru_cache(maxsize=1 << 15)
def _speaks(over: Guardrails, action: str, resource: str) -> bool:
    """Say whether a resource control policy speaks about a call."""
    return any(relevant(policy.document, action, resource) for level in over.resource or () for policy in level)


@lru_cache(maxsize=1 << 15)
def _plainly(over: Guardrails, action: str, resource: str) -> tuple[Note, ...] | None:
    """Return what service control policies make of a call if that is the same for everybody, else None."""
    notes = []
    for number, level in enumerate(over.service or (), start=1):
        allowed = False
        for policy in level:
            for item in relevant(policy.document, action.lower(), resource):
                if isinstance(item, Malformed) or not asks_nothing(item, resource):
                    return None
                allowed = allowed or item.effect == "Allow"
                notes.append(
                    Note(Effect.ALLOWS if item.effect == "Allow" else Effect.DENIES, "", policy.statement(item))
                )
        if not allowed:
            notes.append(Note(Effect.LACKS, _lacking(number, action)))
    return tuple(notes)


def _lacking(level: int, action: str) -> str:
    return f"no service control policy of level {level} allows {action}"


def all_required(caller: Caller, organization: Organization | None, parts: Iterable[Decision]) -> Decision:
    """Join what one call of one caller requires, each part with its own proof."""
    parts = tuple(parts)
    condition = all_of(part.condition for part in parts)
    proof = Reasons(lambda: (reason for part in parts for reason in part.proof))
    return decide(condition, proof, _given(caller, organization, condition))


def _given(caller: Caller, organization: Organization | None, condition: Condition) -> Condition:
    """Return what holds of every request that such a caller can make, about the keys of a condition.

    A request through a VPC endpoint has no aws:SourceIp; a stranger is not of our organization; and an
    identity without a name is still of its account.
    """
    named = keys(condition)
    held: list[Condition] = []
    if "aws:SourceIp" in named:
        held += [any_of((_absent("aws:SourceIp"), _absent(key))) for key in INSIDE if key in named]
    if "aws:PrincipalOrgID" in named and organization is not None and organization.id:
        ours = (Pattern((organization.id,)),)
        held.append(Test("aws:PrincipalOrgID", Operator.EQUALS, ours, negated=True))
    if "aws:PrincipalArn" in named:
        of_account = glob(f"arn:*:iam::{caller.account}:*")
        held.append(Test("aws:PrincipalArn", Operator.LIKE_BY_PART, (of_account,)))
    return all_of(held)


def refused(sentence: str) -> Decision:
    """Answer no for a reason that no policy states."""
    return Decision(NEVER, (Reason(Effect.LACKS, sentence),))


def _absent(key: str) -> Condition:
    return Test(key, Operator.PRESENT, negated=True)


def _carrying(ruling: Ruling, notes: Sequence[Note]) -> Sequence[Note]:
    """Choose the notes that carry a ruling: an unconditional deny settles it alone."""
    final = [note for note in notes if note.effect is Effect.DENIES and note.condition is ALWAYS]
    if ruling is Ruling.NO and final:
        return final
    idle = {Ruling.YES: (Effect.LACKS, Effect.DENIES), Ruling.IF: (Effect.LACKS,), Ruling.NO: (Effect.ASSUMES,)}
    return [note for note in notes if note.effect not in idle.get(ruling, ())]
