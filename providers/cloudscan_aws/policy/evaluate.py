"""The flow of a decision: guardrails, denies, and who of identity and resource must allow.

From the "IAM User Guide", policy evaluation logic within one account and across accounts: an explicit deny
anywhere wins; inside one account the identity or the resource may allow; across accounts both must. A role's
trust policy and a key's policy are gates instead: only they admit, directly or by trusting the account.

Every step returns a condition, so one and the same flow answers for a known request (every other key absent)
and for an open one (every other key unknown).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from cloudscan.access.answers import Decision, Effect, Reason, Ruling, decide
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
    from_source,
    keys,
    negate,
    resolve,
)
from cloudscan.access.patterns import Pattern, glob
from cloudscan_aws.policy.callers import Caller, Kind, facts
from cloudscan_aws.policy.documents import Malformed, Policy, Statement
from cloudscan_aws.policy.matching import about, is_about, relevant
from cloudscan_aws.policy.operators import condition_of
from cloudscan_aws.policy.organization import RCP_SERVICES, Levels, Organization
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
        self.reasons: list[Reason] = []
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
        self._note(Effect.ALLOWS, f"{where} allows {self.question.action} to {self.caller}", where, condition)

    def deny(self, where: str, condition: Condition) -> None:
        """Note that something denies the question under a condition."""
        self._denies.append(condition)
        self._note(Effect.DENIES, f"{where} denies {self.question.action} to {self.caller}", where, condition)

    def lack(self, sentence: str) -> None:
        """Note that something which is needed is not there."""
        self._note(Effect.LACKS, sentence)

    def _note(self, effect: Effect, sentence: str, where: str = "", condition: Condition = ALWAYS) -> None:
        self.reasons.append(Reason(effect, sentence, where, condition))

    def _assume(self, sentence: str) -> None:
        self._note(Effect.ASSUMES, sentence)

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
                self._note(Effect.ALLOWS, f"{caller} is the root user of the account and {needs_none}")
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
        if service in RCP_SERVICES and operation != "retiregrant" and not self.question.beyond_rcps:
            for level in self._seen(self.organization.over(self.question.owner).resource, "resource"):
                self.admitted(level)
        if not self.caller.signs:
            return ALWAYS
        levels = self._seen(self.organization.over(self.caller.account).service, "service")
        return all_of(
            [
                self._needed(level, f"no service control policy of level {number} allows {self.question.action}")
                for number, level in enumerate(levels, start=1)
            ]
        )

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
        return Decision(decision.condition, tuple(_proof(decision.ruling, self.reasons)))


def all_required(caller: Caller, organization: Organization | None, parts: Iterable[Decision]) -> Decision:
    """Join what one call of one caller requires, each part with its own proof."""
    parts = tuple(parts)
    condition = all_of(part.condition for part in parts)
    proof = (reason for part in parts for reason in part.proof)
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


def _proof(ruling: Ruling, reasons: list[Reason]) -> Iterator[Reason]:
    """Choose the reasons that carry a ruling: an unconditional deny settles it alone."""
    final = [reason for reason in reasons if reason.effect is Effect.DENIES and reason.condition is ALWAYS]
    if ruling is Ruling.NO and final:
        yield from final
        return
    idle = {Ruling.YES: (Effect.LACKS, Effect.DENIES), Ruling.IF: (Effect.LACKS,), Ruling.NO: (Effect.ASSUMES,)}
    yield from (reason for reason in reasons if reason.effect not in idle.get(ruling, ()))
