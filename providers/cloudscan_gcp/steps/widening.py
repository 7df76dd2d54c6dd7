"""Become a service account by a change: of a policy that counts for it, of a role, of a deny policy.

What is changed lets one make a token for it, or where that is refused still, a key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from cloudscan.access import ALWAYS, Condition, Edge
from cloudscan.access.conditions import all_of
from cloudscan_gcp.crowds import UNNAMED
from cloudscan_gcp.policy.members import Caller
from cloudscan_gcp.policy.places import Place
from cloudscan_gcp.steps.changes import changes, matters, setter
from cloudscan_gcp.steps.edges import Explain, Found, Sort, edges
from cloudscan_gcp.steps.impersonating import MAKES_KEY, TOKENS, made_keys, tokens
from cloudscan_gcp.steps.parts import Way, best, called, is_detour, needed
from cloudscan_gcp.steps.scene import Scene, worth_telling

_GOALS = (*TOKENS, MAKES_KEY)


def widened(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of everybody who may change what keeps them from service accounts."""
    found: dict[str, list[Found]] = defaultdict(list)
    for project in scene.accounts:
        for kind, each in _found(scene, project):
            found[kind].append(each)
    for kind in sorted(found):
        yield from edges(Sort(kind, changes=True), found[kind], scene, _explaining(scene, kind))


def _explaining(scene: Scene, kind: str) -> Explain:
    def explain(source: str, target: str) -> tuple[str, tuple[Way, ...]]:
        every = _ways(scene, scene.caller(source), scene.facts.place(target), scene.homes.account(scene.caller(target)))
        _, told = best(way for named, way in every if named == kind)
        return f"{source} may change what keeps it from {target}", told

    return explain


def _found(scene: Scene, project: str) -> Iterator[tuple[str, Found]]:
    accounts = scene.accounts[project]
    one = scene.facts.place(accounts[0])
    shared = replace(one, name=f"the service accounts of {project}", nodes=one.nodes[:-1])
    goals = [scene.facts.matter(each, shared.nodes) for each in _GOALS]
    changing = matters(scene, shared.nodes, _GOALS)
    setting = scene.facts.matter(setter(accounts[0]), shared.nodes)
    for crowd in scene.crowds([*goals, *changing, setting], [*changing, setting]):
        names = tuple(caller.name for caller in crowd.callers)
        if crowd.one is UNNAMED:
            continue  # what was not read may give it a token as well, which is told as that
        for kind, condition in _kinds(scene, crowd.one, shared, project, setter(accounts[0])):
            yield kind, Found(names, tuple(accounts), condition)
    for account in accounts:
        place = scene.facts.place(account)
        for caller in _named(scene, account):
            for kind, condition in _kinds(scene, caller, place, project):
                yield kind, Found((caller.name,), (account,), condition)


def _named(scene: Scene, account: str) -> Sequence[Caller]:
    """Return whom the own policy of a service account gives something by which they change what keeps them from it."""
    calls = (*_GOALS, setter(account))
    own = [scene.facts.matter(each, (account,)) for each in calls]
    members = [offer.member for matter in own for offer in matter.offers]
    custom = (binding.member for binding in scene.facts.bindings(account) if "/" in binding.role.partition("roles/")[0])
    return scene.facts.meant_by([*members, *custom])


def _kinds(
    scene: Scene, caller: Caller, place: Place, project: str, within: str = ""
) -> Iterator[tuple[str, Condition]]:
    """Yield what must hold for each kind of change that helps somebody to a token or a key."""
    plain, _ = best(tokens(scene, caller, place))
    if plain is ALWAYS:
        return
    found: dict[str, list[Way]] = defaultdict(list)
    for kind, way in _ways(scene, caller, place, project, within):
        found[kind].append(way)
    for kind, ways in found.items():
        condition, _ = best(ways)
        if worth_telling(caller, condition) and condition != plain:
            yield kind, condition


def _ways(scene: Scene, caller: Caller, place: Place, project: str, within: str = "") -> Iterator[tuple[str, Way]]:
    """Yield changes with the tokens that they open, and the keys where no change surely opens a token."""
    sure: list[Way] = []
    for change in changes(scene, caller, place, TOKENS, within):
        if is_detour(change.way, sure):
            continue
        condition, opened = best(tokens(scene, caller, place, supposed=change.supposed))
        if all_of((needed(change.way), condition)) is ALWAYS:
            sure.append(change.way)
        yield from ((called(change.way), (*change.way, *way)) for way in opened)
    if sure or best(made_keys(scene, caller, place, project))[0] is ALWAYS:
        return
    for change in changes(scene, caller, place, [MAKES_KEY], within):
        if is_detour(change.way, sure):
            continue
        condition, opened = best(made_keys(scene, caller, place, project, change.supposed))
        if all_of((needed(change.way), condition)) is ALWAYS:
            sure.append(change.way)
        yield from ((f"{called(change.way)}+{MAKES_KEY}", (*change.way, *way)) for way in opened)
