"""Changes by which somebody widens their own rights: policies and roles that they write, deny policies that they end.

From "Manage access to projects, folders, and organizations" (IAM documentation): who may set the allow policy of a
node may bind any role there, to anybody. From "Limit who can grant roles": a condition may leave them some roles only
(``iam.googleapis.com/modifiedGrantsByRole``). From "Create and manage custom roles": who may update a custom role puts
any permission into it. From "Deny policies": who may update or delete one ends what it refuses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec

from cloudscan.access import ALWAYS, NEVER, Condition, Context, Decision, Test, either, keys
from cloudscan.access.conditions import leaves, unsourced
from cloudscan.access.parts import Part, Way
from cloudscan_gcp.policy.apis import GRANTS_BY_ROLE
from cloudscan_gcp.policy.deny import DenyPolicy
from cloudscan_gcp.policy.evaluate import Matter
from cloudscan_gcp.policy.members import Caller, means
from cloudscan_gcp.policy.places import Place
from cloudscan_gcp.policy.supposed import AS_READ, Bound, Supposed
from cloudscan_gcp.steps.moving import MOVES, elsewhere, moves, moving
from cloudscan_gcp.steps.scene import Scene

WIDENS = "iam.roles.update"
LIFTS = ("iam.denypolicies.update", "iam.denypolicies.delete")
BUCKET_SETTER, FOLDER_SETTER = "storage.buckets.setIamPolicy", "storage.managedFolders.setIamPolicy"
_SETTERS = {
    "projects": "resourcemanager.projects.setIamPolicy",
    "folders": "resourcemanager.folders.setIamPolicy",
    "organizations": "resourcemanager.organizations.setIamPolicy",
}


@dataclass(frozen=True, slots=True)
class Change:
    """Permissions that are used to change something, and what is so afterwards."""

    way: Way
    supposed: Supposed


def setter(node: str) -> str:
    """Return the permission to set the allow policy of a node; "" for what has none."""
    if node.startswith("gs://"):
        return FOLDER_SETTER if node.endswith("/") else BUCKET_SETTER
    if node.startswith("serviceAccount:"):
        return "iam.serviceAccounts.setIamPolicy"
    if "/keyRings/" in node:
        return f"cloudkms.{'cryptoKeys' if '/cryptoKeys/' in node else 'keyRings'}.setIamPolicy"
    return _SETTERS.get(node.partition("/")[0], "") if node.count("/") == 1 else ""


def matters(scene: Scene, nodes: tuple[str, ...], goals: Sequence[str]) -> list[Matter]:
    """Return all that decides who may change something on the way to a permission below some nodes."""
    found = [scene.facts.matter(call, nodes[: place + 1]) for place, node in enumerate(nodes) if (call := setter(node))]
    found += [scene.facts.matter(WIDENS, scene.facts.place(owner).nodes) for owner in _owners(scene, nodes)]
    if _denies(scene, nodes, goals):
        found += [scene.facts.matter(each, nodes) for each in LIFTS]
    return found + moving(scene, nodes)


def told_apart(scene: Scene, nodes: tuple[str, ...], goals: Sequence[str]) -> list[Matter]:
    """Return what else decides what comes of a change: what is said where a project can be moved to."""
    return elsewhere(scene, nodes, _calls(nodes, goals))


def widenable(scene: Scene, nodes: Sequence[str]) -> list[tuple[Hashable, str]]:
    """Return the custom roles that are bound on some nodes, and where and how, each with the member to whom."""
    roles = {role for role, _ in _custom(scene, nodes)}
    bound = ((node, one) for node in nodes for one in scene.facts.bindings(node) if one.role in roles)
    return [((node, one.role, one.expression, one.eligible), one.member) for node, one in bound]


def changes(scene: Scene, caller: Caller, place: Place, goals: Sequence[str], within: str = "") -> Iterator[Change]:
    """Yield what somebody may change on the way to one of some permissions on a resource, the simplest first.

    One policy or role is written, before or after all deny policies that stand in the way and can be ended are. Where
    a resource stands for several below the same nodes, ``within`` is the permission to set the policy of one of these.
    """
    asked = _Asked(scene, caller, place, goals, within)
    lifted, written, moved = (list(change(_NOTHING)) for change in (asked.lift, asked.write, asked.move))
    yield from (*lifted, *written, *moved)
    for one in written:
        yield from asked.lift(one)
        yield from asked.move(one)
    for one in lifted:
        yield from asked.write(one)
        yield from asked.move(one)
    for one in moved:
        there = replace(asked, place=one.supposed.place(place))
        yield from there.lift(one)
        yield from there.write(one)


def more_changes(
    scene: Scene, caller: Caller, place: Place, goals: Sequence[str], within: str = ""
) -> Iterator[Change]:
    """Yield what somebody may change by writing twice: another policy or role, or one that the first makes writable."""
    asked = _Asked(scene, caller, place, goals, within)
    written = list(asked.write(_NOTHING))
    for number, one in enumerate(written):
        before = {each.supposed for each in written[: number + 1]}
        for another in asked.write(one):
            alone = replace(another.supposed, granted=another.supposed.granted - one.supposed.granted)
            alone = replace(alone, widened=alone.widened - one.supposed.widened)
            if alone not in before and alone != AS_READ:
                yield another


@dataclass(frozen=True, slots=True)
class _Asked:
    """Somebody who is asked for changes on the way to some permissions on a resource."""

    scene: Scene
    caller: Caller
    place: Place
    goals: Sequence[str]
    within: str

    def lift(self, after: Change) -> Iterator[Change]:
        """Yield ending every deny policy that stands in the way and can be ended, and where there are several, each."""
        parts: list[Part] = []
        for node, name in self._refusing():
            on = self.scene.facts.place(node)
            tried = [self.scene.ask(self.caller, call, on, supposed=after.supposed) for call in LIFTS]
            if possible := [part for part in tried if part.decision.condition is not NEVER]:
                parts.append(Part(possible[0].action, name, either([part.decision for part in possible])))
        for ended in [parts, *([part] for part in parts if len(parts) > 1)]:
            if ended:
                names = frozenset(part.resource for part in ended)
                yield Change((*after.way, *ended), replace(after.supposed, lifted=names))

    def _refusing(self) -> Iterator[tuple[str, str]]:
        """Yield the deny policies that may refuse somebody one of the permissions, or a change on the way to it."""
        for node, policy in _denies(self.scene, self.place.nodes, self.goals):
            denied = (member for rule in policy.rules for member in rule.principals)
            if policy.faults or any(means(member, self.caller) is not NEVER for member in denied):
                yield node, policy.name

    def write(self, after: Change) -> Iterator[Change]:
        """Yield writing one policy, or one role that is bound to somebody: the nearest first, which opens least."""
        for call, on, node in self._policies():
            for part, roles in self._settings(call, on, after.supposed):
                granted = after.supposed.granted | {Bound(node, roles)}
                yield Change((*after.way, part), replace(after.supposed, granted=granted))
        for role, owner in _custom(self.scene, self.place.nodes):
            if not _is_bound(self.scene, self.caller, self.place.nodes, role):
                continue
            on = self.scene.facts.place(owner)
            decision = self.scene.ask(self.caller, WIDENS, on, supposed=after.supposed).decision
            if decision.condition is not NEVER:
                part = Part(WIDENS, role, decision)
                yield Change((*after.way, part), replace(after.supposed, widened=after.supposed.widened | {role}))

    def move(self, after: Change) -> Iterator[Change]:
        """Yield moving the project to where policies say something else."""
        calls = tuple(_calls(self.place.nodes, self.goals))
        for way, moved in moves(self.scene, self.caller, self.place.nodes, calls, after.supposed):
            yield Change((*after.way, *way), replace(after.supposed, moved=moved))

    def _policies(self) -> Iterator[tuple[str, Place, str]]:
        """Yield the permissions to set a policy, what each is used on, and the node whose policy that is."""
        if self.within:
            yield self.within, self.place, self.place.nodes[-1]
        for node in reversed(self.place.nodes):
            if call := setter(node):
                yield call, self.scene.facts.place(node), node

    def _settings(self, call: str, on: Place, supposed: Supposed) -> Iterator[tuple[Part, tuple[str, ...]]]:
        """Yield what lets somebody bind which roles on a node, none named for every role.

        Where conditions name roles, those are told that may be bound under one condition, and those that surely may.
        A role that none names stands for every role.
        """
        plain = self.scene.ask(self.caller, call, on, supposed=supposed)
        if GRANTS_BY_ROLE not in keys(plain.decision.condition):
            if plain.decision.condition is not NEVER:
                yield plain, ()
            return
        asked = (leaf for leaf in leaves(plain.decision.condition) if isinstance(leaf, Test))
        told = {str(value) for leaf in asked if leaf.key == GRANTS_BY_ROLE for value in leaf.values}
        may: dict[Condition, list[tuple[str, Decision]]] = defaultdict(list)
        for role in (*sorted(told), _ANOTHER):
            context = Context.of({GRANTS_BY_ROLE: (role,)})
            decision = self.scene.ask(self.caller, call, on, context, supposed).decision
            may[unsourced(decision.condition)].append((role, decision))
        sure = [role for role, _ in may.get(ALWAYS, ())]
        for condition, held in may.items():
            if condition is not NEVER:
                roles = dict.fromkeys((*(role for role, _ in held), *sure))
                yield Part(call, on.name, held[0][1]), () if _ANOTHER in roles else tuple(roles)


_ANOTHER = "roles/another"
_NOTHING = Change((), AS_READ)


def _denies(scene: Scene, nodes: Sequence[str], goals: Sequence[str]) -> list[tuple[str, DenyPolicy]]:
    """Return the deny policies about one of some permissions, or about changing something for it, with their nodes."""
    calls = _calls(nodes, goals)
    return [
        (node, policy)
        for node in nodes
        for policy in scene.facts.denies(node)
        if policy.faults or any(rule.is_about(call) for rule in policy.rules for call in calls)
    ]


def _calls(nodes: Sequence[str], goals: Sequence[str]) -> list[str]:
    """Return some permissions, and those to change something for them."""
    return [call for call in dict.fromkeys((*goals, *map(setter, nodes), WIDENS, *LIFTS, MOVES)) if call]


def _custom(scene: Scene, nodes: Sequence[str]) -> list[tuple[str, str]]:
    """Return the custom roles that are bound on some nodes, each with the project or organization that owns it.

    From "Delete a custom role": one that is deleted cannot be updated.
    """
    roles = dict.fromkeys(binding.role for node in nodes for binding in scene.facts.bindings(node))
    apart = ((role, role.partition("/roles/")[0]) for role in roles if not _is_deleted(scene, role))
    return [(role, owner) for role, owner in apart if owner.startswith(("projects/", "organizations/"))]


class _Written(msgspec.Struct):
    deleted: bool = False


def _is_deleted(scene: Scene, role: str) -> bool:
    document = scene.facts.estate.policies.get(role)
    try:
        return document is not None and msgspec.json.decode(document.document, type=_Written).deleted
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False


def _owners(scene: Scene, nodes: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(owner for _, owner in _custom(scene, nodes)))


def _is_bound(scene: Scene, caller: Caller, nodes: Sequence[str], role: str) -> bool:
    bound = (binding for node in nodes for binding in scene.facts.bindings(node) if binding.role == role)
    return any(means(binding.member, caller) is not NEVER for binding in bound)
