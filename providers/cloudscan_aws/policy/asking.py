"""One question of one caller: what is known of the request, and what statements say about it.

From the "IAM JSON policy elements reference" and the "AWS global condition context keys". Every statement is resolved
as far as the request is known; what it asks beyond that stays a condition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from cloudscan.access.answers import Effect
from cloudscan.access.conditions import (
    ALWAYS,
    NEVER,
    Condition,
    Context,
    Unseen,
    all_of,
    any_of,
    from_source,
    resolve,
)
from cloudscan_aws.policy.callers import Caller, facts
from cloudscan_aws.policy.documents import Malformed, Policy, Statement
from cloudscan_aws.policy.matching import about, is_about, relevant
from cloudscan_aws.policy.operators import condition_of
from cloudscan_aws.policy.organization import Organization
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


class Asking:
    """A question that is put to policies. It gathers what they deny, and notes what each says."""

    def __init__(self, caller: Caller, question: Question, organization: Organization | None) -> None:
        self.caller = caller
        self.question = question
        self.organization = organization
        self.action = question.action.lower()
        self.notes: list[Note] = []
        self.denies: list[Condition] = []

    @property
    def at_home(self) -> bool:
        """Whether the caller belongs to the account that owns the resource."""
        return self.caller.signs and self.caller.account == self.question.owner

    @cached_property
    def context(self) -> Context:
        """What is known of the request: what was told of it, and what follows from caller and resource."""
        return _known(self.caller, self.question, self.organization)

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
            for item in relevant(policy.document, self.action, resource):
                where = policy.statement(item)
                if isinstance(item, Malformed):
                    self.denies.append(Unseen(f"{where} may deny: {item.reason}"))
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
        self.notes.append(Note(Effect.ALLOWS, "", where, condition))

    def deny(self, where: str, condition: Condition) -> None:
        """Note that something denies the question under a condition."""
        self.denies.append(condition)
        self.notes.append(Note(Effect.DENIES, "", where, condition))

    def lack(self, sentence: str) -> None:
        """Note that something which is needed is not there."""
        self.notes.append(Note(Effect.LACKS, sentence))

    def assume(self, sentence: str) -> None:
        """Note that something is taken for granted because it was not seen."""
        self.notes.append(Note(Effect.ASSUMES, sentence))


@lru_cache(maxsize=1 << 12)
def _known(caller: Caller, question: Question, organization: Organization | None) -> Context:
    asked = question.context
    whole = asked.over(_following(caller, question, organization)).over(facts(caller))
    shut = _other_way_in(asked)
    return whole.over(Context.of({}, absent=shut)) if shut else whole


def _following(caller: Caller, question: Question, organization: Organization | None) -> Context:
    """Return the keys that follow from the action's service, the two accounts and their organization."""
    known = {"aws:ResourceAccount": question.owner}
    service = question.action.lower()
    absent = [f"{one}:*" for one in _OF_ONE_SERVICE if not service.startswith(one)]
    at_home = caller.signs and caller.account == question.owner
    if caller.organization:
        known["aws:PrincipalOrgID"] = caller.organization
    elif caller.organization == "" or (organization is not None and not organization.id and at_home):
        absent.append("aws:PrincipalOrg*")
    if organization is not None and organization.has(question.owner):
        known["aws:ResourceOrgID"] = organization.id
    elif organization is not None:
        absent.append("aws:ResourceOrg*")
    if organization is not None and caller.signs and organization.has(caller.account):
        known["aws:PrincipalOrgID"] = organization.id
    return Context.of(known, absent=absent)


INSIDE = ("aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp")
"""What tells of a request through a VPC endpoint, which has no aws:SourceIp ("AWS global condition context keys")."""


def _other_way_in(asked: Context) -> tuple[str, ...]:
    """Name the keys that are absent because a request is known to come through an endpoint, or from an address."""
    if any(asked.values(key) for key in INSIDE):
        return ("aws:SourceIp",)
    return INSIDE if asked.values("aws:SourceIp") else ()
