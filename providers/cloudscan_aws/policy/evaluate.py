"""The flow of a decision: guardrails, denies, and who of identity and resource must allow.

From the "IAM User Guide", policy evaluation logic within one account and across accounts: an explicit deny
anywhere wins; inside one account the identity or the resource may allow; across accounts both must. A role's
trust policy and a key's policy are gates instead: only they admit, directly or by trusting the account.

Every step returns a condition, so one and the same flow answers for a known request (every other key absent)
and for an open one (every other key unknown).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from cloudscan.access.answers import Decision, Effect, Reason, Reasons, Ruling, decide
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
    from_source,
    keys,
    negate,
    resolve,
)
from cloudscan.access.patterns import Pattern, glob
from cloudscan_aws.policy.callers import Caller, Kind, facts
from cloudscan_aws.policy.documents import Malformed, Policy, Statement
from cloudscan_aws.policy.matching import about, asks_nothing, is_about, relevant
from cloudscan_aws.policy.operators import condition_of
from cloudscan_aws.policy.organization import RCP_SERVICES, Guardrails, Levels, Organization
from cloudscan_aws.policy.principals import EVERYBODY, Admission, admission, join


@dataclass(frozen=True, slots=True)
class Question:
    """One call: an action on a resource (an ARN) of an account, and what is known of the request.

    ``beyond_rcps`` marks a resource that resource control policies leave alone.
    """

    action: str
    resource: str
    owner: str
    context: Context
    beyond_rcps: bool = False

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"


class Note(NamedTuple):
    """What becomes a reason when somebody asks. Without a sentence it tells what a statement does to the question."""

    effect: Effect
    sentence: str
    where: str = ""
    condition: Condition = ALWAYS


_OF_ONE_SERVICE = ("s3", "kms")
"""Whose condition keys no request to another service carries: beside those of its own an action has the global ones
("Service Authorization Reference", the actions table)."""


class Inquiry:
    """One question of one caller on its way through the flow. It gathers the denies and the proof.

    ``own_side`` is what the caller's own account lets it do, ``limits`` what its permissions boundary and
    session policies leave of an allow, ``guardrails`` what every level of service control policies allows.
    What any of them denies counts wherever the allow comes from.
    """

    def __init__(self, caller: Caller, question: Question, organization: Organization | None) -> None:
        self.caller = caller
        self.question = question
        self.organization = organization
        self._notes: list[Note] = []
        self._action = question.action.lower()
        self._denies: list[Condition] = []
        self.limits = self._limits()
        self.own_side = self._own_side()
        self.guardrails = self._guardrails()

    @property
    def at_home(self) -> bool:
        """Whether the caller belongs to the account that owns the resource."""
        return self.caller.signs and self.caller.account == self.question.owner

    @cached_property
    def context(self) -> Context:
        """What is known of the request: what was told of it, and what follows from caller and resource."""
        asked = self.question.context
        whole = asked.over(self._known()).over(facts(self.caller))
        shut = _other_way_in(asked)
        return whole.over(Context.of({}, absent=shut)) if shut else whole

    def _known(self) -> Context:
        """Return the keys that follow from the action's service, the two accounts and their organization."""
        known = {"aws:ResourceAccount": self.question.owner}
        absent = [f"{service}:*" for service in _OF_ONE_SERVICE if not self._action.startswith(service)]
        organization, caller = self.organization, self.caller
        if caller.organization:
            known["aws:PrincipalOrgID"] = caller.organization
        elif caller.organization == "" or (organization is not None and not organization.id and self.at_home):
            absent.append("aws:PrincipalOrg*")
        if organization is not None and organization.has(self.question.owner):
            known["aws:ResourceOrgID"] = organization.id
        elif organization is not None:
            absent.append("aws:ResourceOrg*")
        if organization is not None and caller.signs and organization.has(caller.account):
            known["aws:PrincipalOrgID"] = organization.id
        return Context.of(known, absent=absent)

    def allowed(self, policies: Iterable[Policy]) -> Condition:
        """Return what policies of an identity or an organization allow, and note what they deny."""
        parts = []
        for where, statement, met in self._spoken(policies):
            if statement is None or statement.effect == "Allow":
                self.allow(where, met)
                parts.append(met)
            else:
                self.deny(where, met)
        return any_of(parts)

    def admitted(self, policies: Iterable[Policy], *, on_itself: bool = False) -> Admission:
        """Return to whom policies of a resource allow the question, and note what they deny.

        ``on_itself`` says that their statements need no Resource.
        """
        parts = []
        for where, statement, met in self._spoken(policies, on_itself=on_itself):
            whom = EVERYBODY if statement is None else admission(statement, self.caller)
            if whom is None:
                whom = Admission(direct=Unseen(f"{where} names no principal"))
            whom = whom.under(met)
            if whom.any is NEVER:
                continue
            if statement is None or statement.effect == "Allow":
                self.allow(where, whom.any)
                parts.append(whom)
            else:
                self.deny(where, whom.any)
        return join(parts)

    def _spoken(
        self, policies: Iterable[Policy], *, on_itself: bool = False
    ) -> Iterator[tuple[str, Statement | None, Condition]]:
        """Yield the statements that speak about the question, and what each asks of the request.

        What is malformed may deny, which is noted here, or allow: it is yielded without its statement.
        """
        resource = self.question.resource
        for policy in policies:
            for item in relevant(policy.document, self._action, resource):
                where = policy.statement(item)
                if isinstance(item, Malformed):
                    self._denies.append(Unseen(f"{where} may deny: {item.reason}"))
                    yield where, None, Unseen(f"{where} may allow: {item.reason}")
                elif (met := self._asked(item, where, on_itself=on_itself)) is not NEVER:
                    yield where, item, met

    def _asked(self, statement: Statement, where: str, *, on_itself: bool) -> Condition:
        asked = condition_of(statement)
        if not is_about(statement, self.question.resource):
            asked = all_of((about(statement, self.question.resource, self.context), asked))
        if asked is not ALWAYS:
            asked = from_source(resolve(asked, self.context), where)
        faults = list(statement.faults)
        if not on_itself and statement.resources is None and statement.not_resources is None:
            faults.append("it names no resource")
        return all_of((asked, *(Unseen(f"{where}: {fault}") for fault in faults))) if faults else asked

    def allow(self, where: str, condition: Condition) -> None:
        """Note that something allows the question under a condition."""
        self._notes.append(Note(Effect.ALLOWS, "", where, condition))

    def deny(self, where: str, condition: Condition) -> None:
        """Note that something denies the question under a condition."""
        self._denies.append(condition)
        self._notes.append(Note(Effect.DENIES, "", where, condition))

    def lack(self, sentence: str) -> None:
        """Note that something which is needed is not there."""
        self._notes.append(Note(Effect.LACKS, sentence))

    def _assume(self, sentence: str) -> None:
        self._notes.append(Note(Effect.ASSUMES, sentence))

    def _reasons(self, ruling: Ruling) -> Iterator[Reason]:
        asked = f"{self.question.action} to {self.caller}"
        for effect, sentence, where, condition in _carrying(ruling, self._notes):
            yield Reason(effect, sentence or f"{where} {effect} {asked}", where, condition)

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
                self._notes.append(Note(Effect.ALLOWS, told))
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
            self._assume("the organization's policies were not read; they could only take this away")
            return ALWAYS
        if self.caller.service_linked:
            return ALWAYS
        service, _, operation = self._action.partition(":")
        action, resource = self._action, self.question.resource
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
        self._notes += notes
        self._denies += (note.condition for note in notes if note.effect is Effect.DENIES)
        return constant(value=all(note.effect is not Effect.LACKS for note in notes))

    def _seen(self, levels: Levels | None, kind: str) -> Levels:
        if levels is None:
            self._assume(f"the {kind} control policies were not read; they could only take this away")
        return levels or ()

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
        condition = all_of((granted, self.guardrails, negate(any_of(self._denies))))
        decision = decide(condition, given=_given(self.caller, self.organization, condition))
        return Decision(decision.condition, Reasons(lambda: self._reasons(decision.ruling)))


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


_INSIDE = ("aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp")
"""What tells of a request through a VPC endpoint, which has no aws:SourceIp ("AWS global condition context keys")."""


def _other_way_in(asked: Context) -> tuple[str, ...]:
    """Name the keys that are absent because a request is known to come through an endpoint, or from an address."""
    if any(asked.values(key) for key in _INSIDE):
        return ("aws:SourceIp",)
    return _INSIDE if asked.values("aws:SourceIp") else ()


def _given(caller: Caller, organization: Organization | None, condition: Condition) -> Condition:
    """Return what holds of every request that such a caller can make, about the keys of a condition.

    A request through a VPC endpoint has no aws:SourceIp; a stranger is not of our organization; and an
    identity without a name is still of its account.
    """
    named = keys(condition)
    held: list[Condition] = []
    if "aws:SourceIp" in named:
        held += [any_of((_absent("aws:SourceIp"), _absent(key))) for key in _INSIDE if key in named]
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
