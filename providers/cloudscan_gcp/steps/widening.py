"""Become a service account by a change: of a policy that counts for it, of a role, of a deny policy.

What is changed lets one make a token for it, or where that is refused still a key, or act as it, or where that opens
nothing either, make a key to Cloud Storage for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from cloudscan.access import ALWAYS, Condition, Edge
from cloudscan.access.conditions import all_of
from cloudscan.access.parts import Way, best, called, is_detour, needed
from cloudscan.access.stepping import Found, Sort
from cloudscan_gcp.crowds import UNNAMED
from cloudscan_gcp.policy.members import Caller
from cloudscan_gcp.policy.places import Place
from cloudscan_gcp.policy.supposed import AS_READ, Supposed
from cloudscan_gcp.steps.acting import ACTS, attached
from cloudscan_gcp.steps.changes import Change, changes, matters, more_changes, setter, told_apart, widenable
from cloudscan_gcp.steps.edges import Explain, edges
from cloudscan_gcp.steps.impersonating import MAKES_HMAC, MAKES_KEY, TOKENS, hmac_keys, made_keys, tokens
from cloudscan_gcp.steps.machines import SETS, STARTING, scripted
from cloudscan_gcp.steps.scene import Scene, worth_telling
from cloudscan_gcp.steps.services import SERVICES, UPDATES, Service
from cloudscan_gcp.steps.updating import changed


@dataclass(frozen=True, slots=True)
class _Goal:
    """What opens a service account after a change; ``name`` is how edges call it, "" for a token."""

    name: str
    permissions: tuple[str, ...]
    ways: Callable[[Scene, Caller, Place, str, Supposed], Iterator[Way]]

    def after(self, change: Change) -> str:
        """Name a change, and what opens the account then."""
        return "+".join(filter(None, (called(change.way), self.name)))


def _by_service(
    service: Service, scene: Scene, caller: Caller, place: Place, project: str, supposed: Supposed
) -> Iterator[Way]:
    return attached(scene, caller, place, project, service, supposed)


_ATTACHING = [
    _Goal(f"act-as:{one.name}", (ACTS, *one.calls), partial(_by_service, one)) for one in SERVICES if not one.unsure
]
_CHANGING = [_Goal("+".join(one.calls), (ACTS, *one.calls), partial(changed, one)) for one in UPDATES]
_SCRIPTING = _Goal(SETS, (ACTS, SETS, *STARTING), scripted)
_STAGES = (
    (_Goal("", TOKENS, tokens),),
    (_Goal(MAKES_KEY, (MAKES_KEY,), made_keys),),
    (*_ATTACHING, *_CHANGING, _SCRIPTING),
    (_Goal(MAKES_HMAC, (MAKES_HMAC,), hmac_keys),),
)
"""What is tried after changes, the next where nothing before it surely opens the account."""
_GOALS = tuple(chain.from_iterable(_STAGES))
_ON_ACCOUNT = (*TOKENS, MAKES_KEY, ACTS)


def widened(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of everybody who may change what keeps them from service accounts."""
    found: dict[str, list[Found]] = defaultdict(list)
    for project in scene.accounts:
        for kind, each in _found(scene, project):
            found[kind].append(each)
    for kind in sorted(found):
        sort = Sort(kind, changes=True, reads_only=kind.endswith(MAKES_HMAC))
        yield from edges(sort, found[kind], scene, _explaining(scene, kind))


def _explaining(scene: Scene, kind: str) -> Explain:
    def ways(source: Caller, target: str) -> Iterator[Way]:
        place, project = scene.facts.place(target), scene.homes.account(scene.caller(target))
        for goals in _STAGES:
            for change in _changes(scene, source, place, goals):
                for goal in goals:
                    if goal.after(change) == kind:
                        opened = goal.ways(scene, source, place, project, change.supposed)
                        yield from ((*change.way, *way) for way in opened)

    def explain(source: str, target: str) -> tuple[str, tuple[Way, ...]]:
        _, told = best(ways(scene.caller(source), target))
        return f"{source} may change what keeps it from {target}", told

    return explain


def _found(scene: Scene, project: str) -> Iterator[tuple[str, Found]]:
    accounts = scene.accounts[project]
    one = scene.facts.place(accounts[0])
    # The last node stands for the policy of each account, of which nobody is named here.
    name = f"the service accounts of {project}"
    shared = replace(one, name=name, nodes=(*one.nodes[:-1], name))
    permissions = dict.fromkeys(chain.from_iterable(goal.permissions for goal in _GOALS))
    deciding = [scene.facts.matter(each, shared.nodes) for each in permissions]
    deciding += told_apart(scene, shared.nodes, tuple(permissions))
    changing = matters(scene, shared.nodes, tuple(permissions))
    changing.append(scene.facts.matter(setter(accounts[0]), shared.nodes))
    held = (one for one in scene.workloads.get(project, ()) if one.kind == "instance")
    running = {one.principal for one in held if one.principal} & set(accounts)
    for crowd in scene.crowds([*deciding, *changing], changing, marks=widenable(scene, shared.nodes)):
        names = tuple(caller.name for caller in crowd.callers)
        if crowd.one is UNNAMED:
            continue  # what was not read may give it a token as well, which is told as that
        told = list(_kinds(scene, crowd.one, shared, project, setter(accounts[0])))
        yield from ((kind, Found(names, tuple(accounts), condition)) for kind, condition in told)
        if any(condition is ALWAYS for _, condition in told):
            continue
        for account in sorted(running):
            alone = replace(shared, name=account)
            for kind, condition in _kinds(scene, crowd.one, alone, project, setter(account), [(_SCRIPTING,)]):
                yield kind, Found(names, (account,), condition)
    for account in accounts:
        place = scene.facts.place(account)
        for caller in _named(scene, account):
            for kind, condition in _kinds(scene, caller, place, project):
                yield kind, Found((caller.name,), (account,), condition)


def _named(scene: Scene, account: str) -> Sequence[Caller]:
    """Return whom the own policy of a service account gives something by which they change what keeps them from it."""
    own = [scene.facts.matter(each, (account,)) for each in (*_ON_ACCOUNT, setter(account))]
    members = [offer.member for matter in own for offer in matter.offers]
    custom = (binding.member for binding in scene.facts.bindings(account) if "/" in binding.role.partition("roles/")[0])
    return scene.facts.meant_by([*members, *custom])


def _kinds(
    scene: Scene,
    caller: Caller,
    place: Place,
    project: str,
    within: str = "",
    stages: Sequence[Sequence[_Goal]] = _STAGES,
) -> Iterator[tuple[str, Condition]]:
    """Yield what must hold for each kind of change that helps somebody to a service account."""
    for goals in stages:
        plain = {goal: best(goal.ways(scene, caller, place, project, AS_READ))[0] for goal in goals}
        if ALWAYS in plain.values():
            return
        found: dict[tuple[_Goal, str], list[Way]] = defaultdict(list)
        sure = False
        for goal, change, way in _leading(scene, caller, place, project, goals, within):
            found[goal, goal.after(change)].append((*change.way, *way))
        for (goal, kind), ways in found.items():
            condition, _ = best(ways)
            sure |= condition is ALWAYS
            if worth_telling(caller, condition) and condition != plain[goal]:
                yield kind, condition
        if sure:
            return


def _leading(
    scene: Scene, caller: Caller, place: Place, project: str, goals: Sequence[_Goal], within: str
) -> Iterator[tuple[_Goal, Change, Way]]:
    """Yield changes, and what opens an account after each: of several goals the first that surely does."""
    sure: list[Way] = []
    for change in _changes(scene, caller, place, goals, within, sure):
        if is_detour(change.way, sure):
            continue
        for goal in goals:
            condition, opened = best(goal.ways(scene, caller, place, project, change.supposed))
            yield from ((goal, change, way) for way in opened)
            if all_of((needed(change.way), condition)) is ALWAYS:
                sure.append(change.way)
                break


def _changes(
    scene: Scene, caller: Caller, place: Place, goals: Sequence[_Goal], within: str = "", sure: Sequence[Way] = ()
) -> Iterator[Change]:
    """Yield changes on the way to some goals, and of two, unless one is found by then that surely opens."""
    permissions = tuple(dict.fromkeys(chain.from_iterable(goal.permissions for goal in goals)))
    yield from changes(scene, caller, place, permissions, within)
    if not sure:
        yield from more_changes(scene, caller, place, permissions, within)
