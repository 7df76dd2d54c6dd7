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
from cloudscan_aws.policy.matching import about_action, about_resource
from cloudscan_aws.policy.operators import condition_of
from cloudscan_aws.policy.organization import RCP_SERVICES, Levels, Organization
from cloudscan_aws.policy.principals import EVERYBODY, NOBODY, Admission, admission, join


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
        self.context = question.context.over(self._known()).over(facts(caller))
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

    def _known(self) -> Context:
        """Return the keys that follow from the two accounts and their organization."""
        known, absent = {"aws:ResourceAccount": self.question.owner}, []
        organization, caller = self.organization, self.caller
        if organization is not None:
            if organization.has(self.question.owner):
                known["aws:ResourceOrgID"] = organization.id
            else:
                absent.append("aws:ResourceOrg*")
            if caller.signs and organization.has(caller.account):
                known["aws:PrincipalOrgID"] = organization.id
            elif caller.signs and caller.organization == "":
                absent.append("aws:PrincipalOrg*")
        return Context.of(known, absent=absent)

    def _given(self, condition: Condition) -> Condition:
        """Return what holds of every request that such a caller can make, about the keys of a condition.

        A request through a VPC endpoint has no aws:SourceIp; a stranger is not of our organization; and an
        identity without a name is still of its account.
        """
        named = keys(condition)
        held: list[Condition] = []
        if "aws:SourceIp" in named:
            inside = ("aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp")
            held += [any_of((_absent("aws:SourceIp"), _absent(key))) for key in inside if key in named]
        if "aws:PrincipalOrgID" in named and self.organization is not None and self.organization.id:
            ours = (Pattern((self.organization.id,)),)
            held.append(Test("aws:PrincipalOrgID", Operator.EQUALS, ours, negated=True))
        if "aws:PrincipalArn" in named:
            of_account = glob(f"arn:*:iam::{self.caller.account}:*")
            held.append(Test("aws:PrincipalArn", Operator.LIKE_BY_PART, (of_account,)))
        return all_of(held)

    def said(self, policies: Iterable[Policy], *, to_whom: bool = False, on_itself: bool = False) -> Admission:
        """Return what policies allow of the question, and note what they deny.

        ``to_whom`` says that their statements name principals, ``on_itself`` that they name no resource.
        """
        allowed: list[Admission] = []
        for policy in policies:
            for item in about_action(policy.document, self._action):
                where = policy.statement(item)
                if isinstance(item, Malformed):
                    self._denies.append(Unseen(f"{where} may deny: {item.reason}"))
                    allowed.append(Admission(direct=Unseen(f"{where} may allow: {item.reason}")))
                    continue
                meant = self._meant(item, where, to_whom=to_whom, on_itself=on_itself)
                if meant.any is NEVER:
                    continue
                if item.effect == "Allow":
                    self.allow(where, meant.any)
                    allowed.append(meant)
                else:
                    self.deny(where, meant.any)
        return join(allowed)

    def _meant(self, statement: Statement, where: str, *, to_whom: bool, on_itself: bool) -> Admission:
        """Return to whom, and under which condition, a statement speaks about the question."""
        about = about_resource(statement, self.question.resource, self.context)
        if about is NEVER:
            return NOBODY
        whom = admission(statement, self.caller) if to_whom else EVERYBODY
        faults = [Unseen(f"{where}: {fault}") for fault in statement.faults]
        if whom is None:
            whom = EVERYBODY
            faults.append(Unseen(f"{where} names no principal"))
        if not on_itself and statement.resources is None and statement.not_resources is None:
            faults.append(Unseen(f"{where} names no resource"))
        met = resolve(condition_of(statement), self.context)
        return whom.under(from_source(all_of((about, met, *faults)), where))

    def deny(self, where: str, condition: Condition) -> None:
        """Note that something denies the question under a condition."""
        self._denies.append(condition)
        self._note(Effect.DENIES, f"{where} denies {self.question.action} to {self.caller}", where, condition)

    def _note(self, effect: Effect, sentence: str, where: str = "", condition: Condition = ALWAYS) -> None:
        self.reasons.append(Reason(effect, sentence, where, condition))

    def allow(self, where: str, condition: Condition) -> None:
        """Note that something allows the question under a condition."""
        self._note(Effect.ALLOWS, f"{where} allows {self.question.action} to {self.caller}", where, condition)

    def lack(self, sentence: str) -> None:
        """Note that something which is needed is not there."""
        self._note(Effect.LACKS, sentence)

    def _assume(self, sentence: str) -> None:
        self._note(Effect.ASSUMES, sentence)

    def _own_side(self) -> Condition:
        caller = self.caller
        if not caller.signs:
            return NEVER
        if caller.policies is None:
            return all_of((self._unread(f"the policies of {caller}"), self.limits))
        allowed = self.said(caller.policies).any
        if caller.kind is Kind.ROOT:
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
        allowed = self.said(policies).any
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
                self.said(level, to_whom=True)
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
        decision = decide(condition, given=self._given(condition))
        return Decision(decision.condition, tuple(_proof(decision.ruling, self.reasons)))


_NEVER_REFUSED = frozenset({"sts:getcalleridentity", "sts:getsessiontoken"})
"""Calls that policies do not control ("AWS STS API Reference")."""


def refused(sentence: str) -> Decision:
    """Answer no for a reason that no policy states."""
    return Decision(NEVER, (Reason(Effect.LACKS, sentence),))


def evaluate_identity_request(
    caller: Caller, action: str, resource: str, *, organization: Organization | None, context: Context | None = None
) -> Decision:
    """Decide a call on something that has no policy of its own: the caller's account decides alone.

    Across accounts nobody gets there, since nothing there can admit.
    """
    if caller.signs and action.lower() in _NEVER_REFUSED:
        return Decision(ALWAYS, (Reason(Effect.ALLOWS, f"{action} needs no permission and cannot be denied"),))
    parts = resource.split(":", 5)
    owner = parts[4] if len(parts) == 6 and parts[4] else caller.account
    inquiry = Inquiry(caller, Question(action, resource, owner, context or Context()), organization)
    if not inquiry.at_home:
        inquiry.lack(f"{resource} belongs to account {owner} and has no policy that admits {caller}")
    return inquiry.decide(inquiry.union(Admission()))


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
