"""Widen the rights of somebody whom one can become, and become it then: a policy for a role that one may assume.

Widening somebody whom nobody can become gives nothing. Principals that are the same but for their names are widened
to the same, so that of those that one step leads to only one of each sort is told; but all whom the data's own
policies single out by name, since to be one of them may open what rights alone do not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

from cloudscan.access import ALWAYS, Edge
from cloudscan.access.conditions import all_of
from cloudscan.model import Step
from cloudscan_aws.alike import Crowd
from cloudscan_aws.askers import Asker
from cloudscan_aws.steps.edges import Found, Sort, edges
from cloudscan_aws.steps.scene import Scene
from cloudscan_aws.steps.targets import holds
from cloudscan_aws.steps.widen import Chance, become, chances, denies, explaining, worthwhile
from cloudscan_aws.steps.widening import (
    ATTACHES,
    BOUNDS,
    CALLS,
    DEFAULT,
    JOINS,
    UNBOUNDS,
    VERSION,
    WIDENED,
    WRITES,
    allows_everything,
    widenings,
)

_ON_ITSELF = [{**calls} for calls in (WRITES, ATTACHES, BOUNDS, UNBOUNDS)]
"""The calls that are made on the identity whose rights they widen, by its kind."""


def widened_others(scene: Scene, taken: Iterable[Edge], free: Collection[str]) -> tuple[list[Edge], list[Asker]]:
    """Return the edges to principals with wider rights by way of steps that are ``taken``, and what they then are.

    ``free`` are those who can give themselves everything: to them only principals that are singled out are worth it.
    """
    crowd_of = {asker.principal: crowd for crowd in scene.crowds(CALLS) for asker in crowd.askers}
    within = cache(partial(_widenable, scene))
    guises: dict[str, Asker] = {}
    made: list[Edge] = []
    for edge in taken if crowd_of else ():
        if edge.guise or edge.reads_only:
            continue
        together: dict[tuple[int, bool], list[str]] = defaultdict(list)
        for source in edge.sources:
            if (crowd := crowd_of.get(source)) is not None:
                together[id(crowd), source in free].append(source)
        for (_, is_free), sources in together.items():
            asker = scene.people[sources[0]]
            crowd = crowd_of[asker.principal]
            behind = _candidates(scene, edge, crowd, within(crowd))
            found = list(_widened(scene, behind, crowd, asker, only_singled_out=is_free))
            guises.update({one.guise.principal: one.guise for one in found if one.guise.principal not in guises})
            made += _edges(scene, edge, sources, found)
    return made, list(guises.values())


@dataclass(frozen=True, slots=True)
class _Widened:
    """Somebody behind a step, what it becomes, and the surest call that makes it so."""

    target: str
    guise: Asker
    chance: Chance


def _widened(
    scene: Scene, behind: Iterable[str], crowd: Crowd, asker: Asker, *, only_singled_out: bool
) -> Iterator[_Widened]:
    """Yield whom behind a step somebody may widen, those first whom nothing limits: after one of them only those
    who are singled out."""
    free_one = only_singled_out
    for target in behind:
        if target == asker.principal or (free_one and target not in scene.singled_out):
            continue
        holder, other = scene.facts.estate.principals[target], scene.people[target]
        ways = widenings(scene, asker, holder, other.caller)
        for becomes, found in worthwhile(other.caller, chances(scene, crowd, asker, ways)).items():
            chance = next((one for one in found if one.condition is ALWAYS), found[0])
            yield _Widened(target, become(other, becomes, found), chance)
            free_one |= becomes == WIDENED and chance.condition is ALWAYS and not _limited(other)


def _limited(other: Asker) -> bool:
    return other.caller.boundaries != () or any(denies(policy) for policy in other.caller.policies or ())


def _candidates(scene: Scene, edge: Edge, crowd: Crowd, within: frozenset[str] | None) -> list[str]:
    """Return whom a crowd may widen behind a step, one of each sort: those whom nothing limits first."""
    sorts: dict[Hashable, str] = {}
    for target in edge.targets:
        if target in scene.people and (within is None or target in within):
            sorts.setdefault(target if target in scene.singled_out else _sort(scene, crowd, target), target)
    return sorted(sorts.values(), key=lambda name: (_limited(scene.people[name]), name))


def _widenable(scene: Scene, crowd: Crowd) -> frozenset[str] | None:
    """Return whom a crowd may widen by calls on the identity itself; None if it may also by calls on other things."""
    on_itself = {call: kind for calls in _ON_ITSELF for kind, call in calls.items() if kind != "group"}
    if any(holds(crowd, call.lower()) for call in CALLS if call not in on_itself):
        return None
    account = crowd.one.account
    held = {"user": scene.users_of.get(account), "role": scene.changeable_roles.get(account)}
    return frozenset(
        target.arn
        for call, kind in on_itself.items()
        if holds(crowd, call.lower()) and (targets := held[kind])
        for block in scene.blocks(crowd, call, targets)
        for target in block
    )


def _sort(scene: Scene, crowd: Crowd, target: str) -> Hashable:
    """Return what of an identity decides about how it can be widened and to what, its name apart."""
    holder, policies = scene.facts.estate.principals[target], scene.people[target].caller.policies or ()
    managed = any(holds(crowd, call.lower()) for call in (VERSION, DEFAULT))
    grouped = any(holds(crowd, call.lower()) for call in (WRITES["group"], ATTACHES["group"], JOINS))
    return (
        (holder.kind, holder.account, holder.boundary, allows_everything(scene.people[target].caller)),
        frozenset(policy.document for policy in policies if denies(policy)),
        frozenset(policy.name for policy in policies if ":policy/" in policy.name) if managed else None,
        holder.groups if grouped else None,
    )


def _edges(scene: Scene, edge: Edge, sources: Sequence[str], found: Iterable[_Widened]) -> Iterator[Edge]:
    by_call: dict[str, dict[str, _Widened]] = defaultdict(dict)
    for one in found:
        by_call[one.chance.widening.call][one.guise.principal] = one
    for call, ones in by_call.items():
        sort = Sort(f"{call}+{edge.kind}", changes=True, guise=True)
        both = [
            Found(tuple(sources), guise, all_of((one.chance.condition, edge.decision.condition)))
            for guise, one in ones.items()
        ]
        explain = explaining({guise: [one.chance] for guise, one in ones.items()})
        behind = {guise: one.target for guise, one in ones.items()}
        for made in edges(sort, both, scene.people, explain):
            yield replace(made, prove=partial(_prove, made, edge, behind))


def _prove(made: Edge, edge: Edge, behind: Mapping[str, str], source: str, guise: str) -> tuple[Step, ...]:
    """Prove the widening, and then the step that leads to whom it widens."""
    return (*made.prove(source, guise), *edge.prove(source, behind[guise]))
