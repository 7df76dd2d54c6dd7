"""Who may use an operation at a place: role assignments, deny assignments and locks, put together.

From "How Azure RBAC determines if a user has access to a resource": what a deny assignment blocks is blocked; what a
role assignment gives at the place or above it, under its condition, is given; all else is not. A lock refuses what is
managed, to everybody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Protocol

from cloudscan.access import Context, Decision, Effect, Reason, decide
from cloudscan.access.answers import Reasons
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
    resolve,
)
from cloudscan_azure.ids import BLOBS
from cloudscan_azure.policy.abac import TIME, Subject, condition_of
from cloudscan_azure.policy.assignments import Assignment
from cloudscan_azure.policy.callers import Caller, means
from cloudscan_azure.policy.deny import DenyAssignment
from cloudscan_azure.policy.hns import reaching
from cloudscan_azure.policy.locks import Lock
from cloudscan_azure.policy.operations import SUPER_USER, Operation
from cloudscan_azure.policy.places import AS_READ, Place, Supposed
from cloudscan_azure.policy.roles import Roles
from cloudscan_azure.policy.scopes import is_management_group

ANEW = "a role assignment at "
"""How the name of an assignment begins that a step would make, and which is not there yet."""


class Policies(Protocol):
    """The policies of an estate, by the scope at which they hang."""

    @property
    def roles(self) -> Roles:
        """The roles of which the permissions were read."""

    def assignments(self, scope: str) -> Sequence[Assignment]:
        """Return the role assignments at a scope, eligible ones too, as far as they were read."""

    def offers(self, scope: str, operation: Operation) -> Sequence[Offer]:
        """Return those of the assignments at a scope that give an operation, or may: :func:`offers_of` of them."""

    def denies(self, scope: str) -> Sequence[DenyAssignment]:
        """Return the deny assignments at a scope, as far as they were read."""

    def locks(self, scope: str) -> Sequence[Lock]:
        """Return the locks at a scope, as far as they were read."""

    def unread(self, scope: str) -> Sequence[Condition]:
        """Say what of a scope was not read that may give, each as the condition under which it does."""

    def unseen(self, scope: str) -> Sequence[str]:
        """Say what of a scope was not read that could only take away, in words."""

    def management_groups(self) -> Sequence[str]:
        """Return the management groups at which something is assigned."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An assignment that gives an operation under any of some conditions of its role; None is a role not read."""

    assignment: Assignment
    expressions: tuple[str, ...] | None

    def holds(self, operation: Operation, subject: Subject, caller: Caller, roles: Roles) -> Condition:
        """Return what it asks of a request, beside who asks."""
        one = self.assignment
        if self.expressions is None:
            given: Condition = Unseen(f"what the role {roles.name(one.role)} permits was not read")
        else:
            given = any_of(condition_of(each, operation, subject, caller, one.id) for each in self.expressions)
        return all_of((given, one.holds, condition_of(one.expression, operation, subject, caller, one.id)))


def offers_of(assignments: Iterable[Assignment], operation: Operation, roles: Roles) -> Iterator[Offer]:
    """Yield those of some assignments that give an operation, or may."""
    for one in assignments:
        given = roles.gives(one.role, operation)
        if given is None or given:
            yield Offer(one, None if given is None else tuple(given))


class Matter:
    """One operation at places below the same scopes: what may give it, and what refuses it."""

    def __init__(self, policies: Policies, operation: Operation, scopes: Sequence[str], *, above: bool) -> None:
        self.policies, self.operation, self.scopes, self.above = policies, operation, tuple(scopes), above

    @cached_property
    def offers(self) -> tuple[Offer, ...]:
        """Every assignment that gives the operation, or may, in the order of the scopes.

        Where it was not read in which management groups a subscription lies, those of all of them may.
        """
        scopes = self.scopes
        if not self.above:
            scopes = (*(each for each in self.policies.management_groups() if each not in scopes), *scopes)
        return tuple(offer for scope in scopes for offer in self.policies.offers(scope, self.operation))

    @cached_property
    def over_lists(self) -> Matter:
        """The same for super users, whom no access control list binds."""
        return Matter(self.policies, SUPER_USER, self.scopes, above=self.above)

    @cached_property
    def unread(self) -> tuple[Condition, ...]:
        """What may give the operation to somebody and was not read."""
        return tuple(dict.fromkeys(each for scope in self.scopes for each in self.policies.unread(scope)))

    @cached_property
    def denies(self) -> tuple[DenyAssignment, ...]:
        """Every deny assignment about the operation, and those that make no sense."""
        denies = chain.from_iterable(map(self.policies.denies, self.scopes))
        return tuple(one for one in denies if one.fault or one.is_about(self.operation))

    @cached_property
    def locks(self) -> tuple[Lock, ...]:
        """Every lock that refuses the operation, or may."""
        return tuple(one for scope in self.scopes for one in self.policies.locks(scope) if one.refuses(self.operation))

    @cached_property
    def _by_principal(self) -> Mapping[str, Sequence[tuple[int, Offer]]]:
        found: dict[str, list[tuple[int, Offer]]] = defaultdict(list)
        for place, offer in enumerate(self.offers):
            found[offer.assignment.principal].append((place, offer))
        return found

    @cached_property
    def _groups(self) -> frozenset[str]:
        """The ids of offers that may mean somebody whom nothing says that they mean."""
        return frozenset(one.assignment.principal for one in self.offers if one.assignment.kind not in _SINGLE)

    def about(self, caller: Caller) -> Iterator[Offer]:
        """Yield the offers that may mean somebody, in their order, without trying those that mean somebody else."""
        named = (caller.ids & self._by_principal.keys()) | self._groups
        for _, offer in sorted(chain.from_iterable(self._by_principal[each] for each in named), key=_place):
            yield offer

    def decide(
        self, caller: Caller, place: Place, context: Context | None = None, supposed: Supposed = AS_READ
    ) -> Decision:
        """Say whether somebody may use the operation at a place below these scopes."""
        return _Asked(self, caller, place, supposed).decide(context or Context())


_SINGLE = ("user", "serviceprincipal", "device")
"""The types of principals that are no set of others."""


@dataclass(frozen=True)
class _Asked:
    """One question, as long as it is answered."""

    matter: Matter
    caller: Caller
    place: Place
    supposed: Supposed

    def decide(self, context: Context) -> Decision:
        if self.caller.stopped:
            return Decision(NEVER, (Reason(Effect.DENIES, self.caller.stopped),))
        if not self.caller.signs:
            return Decision(NEVER, (Reason(Effect.LACKS, f"{self.caller.name} has no role, since nobody signs in"),))
        if self._is_foreign:
            words = f"{self.caller.name} signs in to another tenant than that of {self.place.name}"
            return Decision(NEVER, (Reason(Effect.DENIES, words),))
        offered = any_of((*(condition for _, condition in self._met), *self.matter.unread, self._over_lists))
        given = offered if offered is NEVER else all_of((offered, negate(self._refused)))
        told = resolve(any_of((given, self._listed)), context)
        return decide(told, Reasons(lambda: self._proof(told)), always_there(told))

    @property
    def _is_foreign(self) -> bool:
        """Whether somebody is known by another tenant only: a guest is one of the tenant's own."""
        known = self.caller.kind == "user" and self.caller.tenant and self.place.tenant
        return bool(known) and self.caller.tenant != self.place.tenant

    @cached_property
    def _listed(self) -> Condition:
        """What access control lists give. That a deny assignment stops it is not documented, and stays unseen."""
        if not self.place.lists or (given := reaching(self.place.lists, self.caller)) is NEVER:
            return NEVER
        spared = Unseen("a deny assignment may not stop what an access control list gives, which is not documented")
        return all_of((given, any_of((negate(self._refused), spared))))

    @property
    def _over_lists(self) -> Condition:
        """What super users have where there are lists: "all data operations", of which the documentation says no more.

        From "Actions and attributes for Azure role assignment conditions for Azure Blob Storage".
        """
        offers = self.matter.over_lists.about(self.caller) if self.place.lists else ()
        asked = (self._holds(one, SUPER_USER) for one in offers)
        words = f"whether super users of {self.place.name} need no other right for {self.matter.operation.name}"
        return all_of((any_of(asked), Unseen(f"{words} is not documented")))

    def _holds(self, offer: Offer, operation: Operation) -> Condition:
        asked = (
            means(offer.assignment.principal, self.caller),
            self._lies_in(offer.assignment.scope),
            offer.holds(operation, self.place.subject, self.caller, self.matter.policies.roles),
        )
        return all_of(asked)

    @cached_property
    def _met(self) -> Sequence[tuple[Offer, Condition]]:
        """The offers that mean the caller and may hold, and under which condition each."""
        asked = ((offer, self._holds(offer, self.matter.operation)) for offer in self._offers())
        return [(offer, holds) for offer, holds in asked if holds is not NEVER]

    def _lies_in(self, scope: str) -> Condition:
        if scope in self.place.scopes:
            if not scope.startswith(f"{self.place.itself}{BLOBS}") or scope == self.place.name.lower():
                return ALWAYS
            return Unseen(f"that an assignment at {scope} holds for what lies in it is not documented")
        if self.place.above or not is_management_group(scope):
            return NEVER
        return Unseen(f"whether {self.place.name} lies in {scope} was not read")

    def _offers(self) -> Iterator[Offer]:
        yield from self.matter.about(self.caller)
        if not self.supposed.granted and not self.supposed.widened:
            return
        for scope in self.place.scopes:
            if scope in self.supposed.granted:
                yield Offer(Assignment(f"{ANEW}{scope}", scope, "that is needed", self.caller.own), ("",))
            for one in self.matter.policies.assignments(scope):
                if one.role.rpartition("/")[2].lower() in self.supposed.widened:
                    yield Offer(one, ("",))

    @cached_property
    def _refused(self) -> Condition:
        unclear = (Unseen(one.fault) for one in self._standing if one.fault)
        locked = (constant(value=True) if one.level else Unseen(f"{one.id} is malformed") for one in self._locks)
        return any_of((*(condition for _, condition in self._refusals), *unclear, *locked))

    @property
    def _locks(self) -> Sequence[Lock]:
        return [one for one in self.matter.locks if one.id not in self.supposed.lifted]

    @property
    def _standing(self) -> Iterator[DenyAssignment]:
        """The deny assignments that apply to the place."""
        for one in self.matter.denies:
            here = one.scope == self.place.itself if one.here_only else one.scope in self.place.scopes
            if (here or one.fault) and one.id not in self.supposed.lifted:
                yield one

    @cached_property
    def _refusals(self) -> Sequence[tuple[DenyAssignment, Condition]]:
        operation, subject = self.matter.operation, self.place.subject
        asked = [(one, one.refuses(self.caller, operation, subject)) for one in self._standing if not one.fault]
        return [(one, condition) for one, condition in asked if condition is not NEVER]

    def _proof(self, told: Condition) -> Iterator[Reason]:
        operation, roles = self.matter.operation, self.matter.policies.roles
        for lock in self._locks:
            yield Reason(Effect.DENIES, f"the lock {lock.id} refuses {operation.name}", lock.id)
        for one, condition in self._refusals:
            yield Reason(Effect.DENIES, f"{one.id} refuses {operation.name} to {self.caller.name}", one.id, condition)
        for offer, _ in self._met:
            held = offer.assignment
            sort = "may be activated and gives" if held.eligible else "gives"
            where = f"assigned at {held.scope}{self._whom(held)}"
            words = f"the role {roles.name(held.role)}, {where}, {sort} {operation.name}"
            asked = offer.holds(operation, self.place.subject, self.caller, roles)
            yield Reason(Effect.ALLOWS, words, held.id, asked)
        if self._listed is not NEVER:
            words = f"the access control lists on the way to {self.place.name} give {operation.name}"
            yield Reason(Effect.ALLOWS, words, f"access control lists of {self.place.itself}", self._listed)
        if told is NEVER and not self._met:
            yield from self._excluding()
            yield Reason(Effect.LACKS, f"no role gives {operation.name} on {self.place.name} to {self.caller.name}")
        if told is not NEVER:
            unseen = (words for scope in self.place.scopes for words in self.matter.policies.unseen(scope))
            yield from (Reason(Effect.ASSUMES, f"{each}: taken to refuse nothing") for each in dict.fromkeys(unseen))

    def _excluding(self) -> Iterator[Reason]:
        """Yield the roles that somebody has here, and whose conditions leave out what is asked for."""
        roles, operation = self.matter.policies.roles, self.matter.operation
        for held in (offer.assignment for offer in self.matter.about(self.caller)):
            if all_of((means(held.principal, self.caller), self._lies_in(held.scope))) is ALWAYS:
                where = f"assigned at {held.scope}{self._whom(held)}"
                words = f"the condition of the role {roles.name(held.role)}, {where}, leaves {self.place.name} out"
                yield Reason(Effect.LACKS, f"{words} of what it gives {operation.name} on", held.id)

    def _whom(self, held: Assignment) -> str:
        """Say to which group something is assigned, and through which others who asks is in it; "" of themselves."""
        *others, group = self.caller.through(held.principal) or ("",)
        if not group:
            return ""
        within = f" through {' in '.join(others)}" if others else ""
        return f" to {group}, which {self.caller.name} is in{within}"


def always_there(condition: Condition) -> Condition:
    """Return what holds of every request: it has a time."""
    return Test(TIME, Operator.PRESENT) if TIME in keys(condition) else ALWAYS


def _place(numbered: tuple[int, Offer]) -> int:
    return numbered[0]
