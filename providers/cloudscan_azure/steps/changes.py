"""Changes by which somebody widens their own rights: roles that they assign or rewrite, locks that they take away.

From "Understand Azure role assignments": who may write role assignments at a scope gives any role there, to anybody.
From "Delegate Azure access management to others": a condition may leave them some roles, or principals, only. From
"Azure custom roles": who may write a role at all scopes at which it may be assigned puts any action into it. From "Lock
your Azure resources to protect your infrastructure": who may delete a lock ends it. From "Elevate access to manage all
Azure subscriptions and management groups": a Global Administrator assigns roles at the root. Deny assignments are
Azure's own, and nobody ends them by a call of theirs ("Understand Azure deny assignments").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from cloudscan.access import ALWAYS, NEVER, Context, Decision, both, either, keys
from cloudscan.access.conditions import any_of
from cloudscan.access.parts import Part, Way, called, is_detour, needed
from cloudscan_azure.crowds import UNNAMED
from cloudscan_azure.policy.callers import Caller, means
from cloudscan_azure.policy.evaluate import Matter
from cloudscan_azure.policy.operations import ASSIGN_ROLES, Operation, managing
from cloudscan_azure.policy.places import AS_READ, Supposed
from cloudscan_azure.policy.roles import short
from cloudscan_azure.policy.scopes import ROOT, holds_roles
from cloudscan_azure.steps.powers import powers
from cloudscan_azure.steps.roles import ELEVATES
from cloudscan_azure.steps.scene import Goal, Scene

UNLOCK = managing("Microsoft.Authorization/locks/delete")
REWRITE = managing("Microsoft.Authorization/roleDefinitions/write")
_ABOUT = "@request[microsoft.authorization/roleassignments:"
_TYPES = {"user": "User", "guest": "User", "group": "Group", "service-account": "ServicePrincipal"}


@dataclass(frozen=True, slots=True)
class Change:
    """Rights that are used to change something, and what is so afterwards."""

    way: Way
    supposed: Supposed


_NOTHING = Change((), AS_READ)


def matters(scene: Scene, goals: Sequence[Goal]) -> list[Matter]:
    """Return all that decides who may change something on the way to some goals."""
    found: dict[Matter, None] = {}
    for operation, place in goals:
        for call in (ASSIGN_ROLES, UNLOCK):
            found[scene.facts.matter(call, place)] = None
        for role in _custom(scene, (operation, place)):
            for scope in scene.facts.roles.assignable(role):
                found[scene.facts.matter(REWRITE, scene.place(scope, REWRITE))] = None
    return list(found)


def used(scene: Scene, caller: Caller, goals: Iterable[Goal], supposed: Supposed = AS_READ) -> Way:
    """Return the way of using each of some goals, as things are or are supposed to be."""
    return tuple(scene.ask(caller, operation, place, supposed) for operation, place in goals)


def ways(scene: Scene, caller: Caller, goals: Sequence[Goal]) -> Iterator[tuple[Way, Supposed]]:
    """Yield how somebody comes to use all of some goals: by their rights, then after a change, the simplest first.

    After a way that is sure, none is yielded.
    """
    plain = used(scene, caller, goals)
    condition = needed(plain)
    if condition is not NEVER:
        yield plain, AS_READ
    if condition is ALWAYS or caller is UNNAMED:
        return
    for change in changes(scene, caller, goals):
        way = (*change.way, *used(scene, caller, goals, change.supposed))
        asked = needed(way)
        if asked not in (NEVER, condition):
            yield way, change.supposed
        if asked is ALWAYS:
            return


def changes(scene: Scene, caller: Caller, goals: Sequence[Goal]) -> Iterator[Change]:
    """Yield what somebody may change on the way to some goals, the simplest first.

    Roles are assigned or rewritten before or after all locks that stand in the way and can be deleted are.
    """
    if not _may_change(scene, caller, goals):
        return
    asked = _Asked(scene, caller, goals)
    lifted, written = list(asked.lift(_NOTHING)), list(asked.write(_NOTHING))
    yield from (*lifted, *written)
    for one in written:
        yield from asked.lift(one)
    for one in lifted:
        yield from asked.write(one)


def _may_change(scene: Scene, caller: Caller, goals: Sequence[Goal]) -> bool:
    """Say whether anything at all may let somebody change something on the way to some goals."""
    if caller in scene.supreme:
        return True
    return any(
        matter.unread or any(means(one.assignment.principal, caller) is not NEVER for one in matter.about(caller))
        for matter in matters(scene, goals)
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """Somebody who is asked for changes on the way to some goals."""

    scene: Scene
    caller: Caller
    goals: Sequence[Goal]

    def _scopes(self) -> Iterator[str]:
        """Yield the scopes above the goals, the nearest first, which opens least."""
        places = dict.fromkeys(place.scopes for _, place in self.goals)
        yield from dict.fromkeys(scope for scopes in places for scope in reversed(scopes) if holds_roles(scope))

    def lift(self, after: Change) -> Iterator[Change]:
        """Yield deleting every lock that stands in the way and can be deleted."""
        parts = []
        for scope in self._scopes():
            for lock in self.scene.facts.locks(scope):
                if lock.id in after.supposed.lifted or not any(map(lock.refuses, self._calls())):
                    continue
                on = self.scene.place(scope, UNLOCK)
                decision = self.scene.ask(self.caller, UNLOCK, on, after.supposed).decision
                if decision.condition is not NEVER:
                    parts.append(Part(UNLOCK.action, lock.id, decision))
        if parts:
            lifted = after.supposed.lifted | {part.resource for part in parts}
            yield Change((*after.way, *parts), replace(after.supposed, lifted=lifted))

    def _calls(self) -> Iterator[Operation]:
        yield from (ASSIGN_ROLES, REWRITE)
        yield from (operation for operation, _ in self.goals)

    def write(self, after: Change) -> Iterator[Change]:
        """Yield assigning roles at one scope, or at one above each goal; rewriting a role; elevating access."""
        yield from self._assign(after)
        yield from self._rewrite(after)
        for way in powers(self.scene, self.caller, ELEVATES):
            root = replace(after.supposed, granted=frozenset({ROOT}))
            then = self.scene.ask(self.caller, ASSIGN_ROLES, self.scene.place(ROOT, ASSIGN_ROLES), root)
            yield Change((*after.way, *way, then), root)

    def _assign(self, after: Change) -> Iterator[Change]:
        asked = {scope: self._at(scope, after) for scope in self._scopes()}
        parts = {scope: part for scope, part in asked.items() if part.decision.condition is not NEVER}
        told = []
        for scope, part in parts.items():
            if part.decision.condition not in told:
                told.append(part.decision.condition)
                yield Change((*after.way, part), replace(after.supposed, granted=frozenset({scope})))
        nearest = [next((scope for scope in reversed(place.scopes) if scope in parts), "") for _, place in self.goals]
        if (every := tuple(dict.fromkeys(nearest))) and len(every) > 1 and all(every):
            way = (*after.way, *(parts[scope] for scope in every))
            yield Change(way, replace(after.supposed, granted=frozenset(every)))

    def _at(self, scope: str, after: Change) -> Part:
        """Ask whether somebody may give themselves roles at a scope; of some only where they may give no others."""
        on = self.scene.place(scope, ASSIGN_ROLES)
        plain = self.scene.ask(self.caller, ASSIGN_ROLES, on, after.supposed)
        asked = {key for key in keys(plain.decision.condition) if key.lower().startswith(_ABOUT)}
        if not asked:
            return plain
        decisions = [either(self._giving(goal, scope, asked, after)) for goal in self.goals if scope in goal[1].scopes]
        return Part(plain.action, plain.resource, both(decisions) if decisions else Decision(NEVER))

    def _giving(self, goal: Goal, scope: str, asked: Iterable[str], after: Change) -> list[Decision]:
        """Ask about each role that gives a goal, or any other role, for oneself and for each group that one is in."""
        on = self.scene.place(scope, ASSIGN_ROLES)
        groups = sorted(self.caller.ids - {self.caller.own})
        whom = [(self.caller.own, _TYPES.get(self.caller.kind, "")), *((each, "Group") for each in groups)]
        found = [Decision(NEVER)]
        roles = self.scene.facts.roles
        every = (role for role in roles.giving(ASSIGN_ROLES) if "" in (roles.gives(role, ASSIGN_ROLES) or ()))
        for role in dict.fromkeys((*roles.giving(goal[0]), *every)):
            for own, kind in whom:
                told = {"roledefinitionid": role, "principalid": own, "principaltype": kind}
                known = {key: told[name] for key in asked if (name := _attribute(key)) in told}
                part = self.scene.ask(self.caller, ASSIGN_ROLES, on, after.supposed, Context.of(known))
                found.append(part.decision)
        return found

    def _rewrite(self, after: Change) -> Iterator[Change]:
        """Yield rewriting a role of one's own: it takes the right at all scopes at which it may be assigned."""
        for role in dict.fromkeys(role for goal in self.goals for role in _custom(self.scene, goal)):
            if not self._has(role):
                continue
            places = (self.scene.place(scope, REWRITE) for scope in self.scene.facts.roles.assignable(role))
            parts = [self.scene.ask(self.caller, REWRITE, place, after.supposed) for place in places]
            decision = both([part.decision for part in parts])
            if decision.condition is not NEVER:
                widened = frozenset({short(role)})
                way = (*after.way, Part(REWRITE.action, role, decision))
                yield Change(way, replace(after.supposed, widened=widened))

    def _has(self, role: str) -> bool:
        held = (one for scope in self._scopes() for one in self.scene.facts.assignments(scope) if one.role == role)
        return any_of(means(one.principal, self.caller) for one in held) is not NEVER


def _attribute(key: str) -> str:
    return key.lower().removeprefix(_ABOUT).rstrip("]")


def _custom(scene: Scene, goal: Goal) -> list[str]:
    """Return the roles that can be rewritten, of those that are assigned above a goal."""
    roles = dict.fromkeys(one.role for scope in goal[1].scopes for one in scene.facts.assignments(scope))
    return [role for role in roles if scene.facts.roles.assignable(role)]


def kinds(found: Iterable[Way]) -> dict[str, list[Way]]:
    """Sort ways by what they use."""
    told: dict[str, list[Way]] = {}
    sure: list[Way] = []
    for way in found:
        if needed(way) is not NEVER and not is_detour(way, sure):
            told.setdefault(called(way), []).append(way)
            if needed(way) is ALWAYS:
                sure.append(way)
    return told
