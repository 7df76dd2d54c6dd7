"""Become a service account by a change: of a policy that counts for it, of a role, of a deny policy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from cloudscan.access import ALWAYS, Condition, Edge
from cloudscan.access.conditions import all_of
from cloudscan_gcp.crowds import UNNAMED
from cloudscan_gcp.policy.members import Caller
from cloudscan_gcp.policy.places import Place
from cloudscan_gcp.steps.changes import Change, changes, matters, setter
from cloudscan_gcp.steps.edges import Explain, Found, Sort, edges
from cloudscan_gcp.steps.impersonating import TOKENS, tokens
from cloudscan_gcp.steps.parts import Way, best, called, is_detour, needed
from cloudscan_gcp.steps.scene import Scene, worth_telling


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
        every = _ways(scene, scene.caller(source), scene.facts.place(target))
        _, told = best(way for change, way in every if called(change.way) == kind)
        return f"{source} may change what keeps it from tokens of {target}", told

    return explain


def _found(scene: Scene, project: str) -> Iterator[tuple[str, Found]]:
    accounts = scene.accounts[project]
    one = scene.facts.place(accounts[0])
    shared = replace(one, name=f"the service accounts of {project}", nodes=one.nodes[:-1])
    goals = [scene.facts.matter(each, shared.nodes) for each in TOKENS]
    changing = matters(scene, shared.nodes, TOKENS)
    setting = scene.facts.matter(setter(accounts[0]), shared.nodes)
    for crowd in scene.crowds([*goals, *changing, setting], [*changing, setting]):
        names = tuple(caller.name for caller in crowd.callers)
        if crowd.one is UNNAMED:
            continue  # what was not read may give it a token as well, which is told as that
        for kind, condition in _kinds(scene, crowd.one, shared, setter(accounts[0])):
            yield kind, Found(names, tuple(accounts), condition)
    for account in accounts:
        place = scene.facts.place(account)
        for caller in _named(scene, account):
            for kind, condition in _kinds(scene, caller, place):
                yield kind, Found((caller.name,), (account,), condition)


def _named(scene: Scene, account: str) -> Sequence[Caller]:
    """Return whom the own policy of a service account gives something by which they change what keeps them from it."""
    calls = (*TOKENS, setter(account))
    own = [scene.facts.matter(each, (account,)) for each in calls]
    members = [offer.member for matter in own for offer in matter.offers]
    custom = (binding.member for binding in scene.facts.bindings(account) if "/" in binding.role.partition("roles/")[0])
    return scene.facts.meant_by([*members, *custom])


def _kinds(scene: Scene, caller: Caller, place: Place, within: str = "") -> Iterator[tuple[str, Condition]]:
    """Yield what must hold for each kind of change that helps somebody to a token."""
    plain, _ = best(tokens(scene, caller, place))
    if plain is ALWAYS:
        return
    found: dict[str, list[Way]] = defaultdict(list)
    for change, way in _ways(scene, caller, place, within):
        found[called(change.way)].append(way)
    for kind, ways in found.items():
        condition, _ = best(ways)
        if worth_telling(caller, condition) and condition != plain:
            yield kind, condition


def _ways(scene: Scene, caller: Caller, place: Place, within: str = "") -> Iterator[tuple[Change, Way]]:
    """Yield changes with the tokens that they open."""
    sure: list[Way] = []
    for change in changes(scene, caller, place, TOKENS, within):
        if is_detour(change.way, sure):
            continue
        condition, opened = best(tokens(scene, caller, place, supposed=change.supposed))
        if all_of((needed(change.way), condition)) is ALWAYS:
            sure.append(change.way)
        yield from ((change, (*change.way, *way)) for way in opened)
