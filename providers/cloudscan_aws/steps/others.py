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
    others = _Others(scene)
    guises: dict[str, Asker] = {}
    made: list[Edge] = []
    for edge in taken if others.crowd_of else ():
        if edge.guise or edge.reads_only:
            continue
        together: dict[tuple[Crowd, bool], list[str]] = defaultdict(list)
        for source in edge.sources:
            if (crowd := others.crowd_of.get(source)) is not None:
                together[crowd, source in free].append(source)
        for (crowd, is_free), sources in together.items():
            found = list(others.behind(edge, crowd, few=is_free))
            guises.update({one.guise.principal: one.guise for one in found if one.guise.principal not in guises})
            made += _edges(scene, edge, sources, found)
    return made, list(guises.values())


@dataclass(frozen=True, slots=True)
class _Widened:
    """Somebody behind a step, what it becomes, and the surest call that makes it so."""

    target: str
    guise: Asker
    chance: Chance


class _Others:
    """Those who may widen others, sorted by what they may call, and whom each crowd of them may widen."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.crowd_of = {asker.principal: crowd for crowd in scene.crowds(CALLS) for asker in crowd.askers}
        self._widenable = cache(self._find_widenable)
        self._widened = cache(self._find_widened)
        self._sort = cache(self._find_sort)

    def behind(self, edge: Edge, crowd: Crowd, *, few: bool) -> Iterator[_Widened]:
        """Yield whom behind a step a crowd may widen: one of each sort, and all who are singled out.

        Those whom nothing limits come first: after one of them only those count who are singled out, and no others do
        where ``few`` says so.
        """
        singled_out = self._scene.singled_out
        for target in self._candidates(edge, crowd, few=few):
            if few and target not in singled_out:
                continue
            for one in self._widened(crowd, target):
                yield one
                sure = one.chance.condition is ALWAYS and one.chance.widening.becomes == WIDENED
                few |= sure and not _limited(self._scene.people[target])

    def _candidates(self, edge: Edge, crowd: Crowd, *, few: bool) -> list[str]:
        people, within = self._scene.people, self._widenable(crowd)
        found = [name for name in edge.targets if name in people and (within is None or name in within)]
        kept = {name: None for name in found if name in self._scene.singled_out}
        if not few:
            managed = any(holds(crowd, call.lower()) for call in (VERSION, DEFAULT))
            grouped = any(holds(crowd, call.lower()) for call in (WRITES["group"], ATTACHES["group"], JOINS))
            sorts: dict[Hashable, str] = {}
            for name in found:
                sorts.setdefault(self._sort(name, managed, grouped), name)
            kept |= dict.fromkeys(sorts.values())
        return sorted(kept, key=lambda name: (_limited(people[name]), name))

    def _find_widenable(self, crowd: Crowd) -> frozenset[str] | None:
        """Return whom a crowd may widen by calls on the identity itself; None if also by calls on other things."""
        on_itself = {call: kind for calls in _ON_ITSELF for kind, call in calls.items() if kind != "group"}
        if any(holds(crowd, call.lower()) for call in CALLS if call not in on_itself):
            return None
        account = crowd.one.account
        held = {"user": self._scene.users_of.get(account), "role": self._scene.changeable_roles.get(account)}
        return frozenset(
            target.arn
            for call, kind in on_itself.items()
            if holds(crowd, call.lower()) and (targets := held[kind])
            for block in self._scene.blocks(crowd, call, targets)
            for target in block
        )

    def _find_widened(self, crowd: Crowd, target: str) -> Sequence[_Widened]:
        holder, other = self._scene.facts.estate.principals[target], self._scene.people[target]
        ways = widenings(self._scene, crowd.one, holder, other.caller)
        found = worthwhile(other.caller, chances(self._scene, crowd, crowd.one, ways))
        return [_Widened(target, become(other, becomes, each), _surest(each)) for becomes, each in found.items()]

    def _find_sort(self, target: str, managed: bool, grouped: bool) -> Hashable:  # noqa: FBT001
        """Return what of an identity decides about how it can be widened and to what, its name apart.

        ``managed`` and ``grouped`` say that it may be by way of its managed policies, or of its groups.
        """
        holder, caller = self._scene.facts.estate.principals[target], self._scene.people[target].caller
        policies = caller.policies or ()
        return (
            (holder.kind, holder.account, holder.boundary, allows_everything(caller)),
            frozenset(policy.document for policy in policies if denies(policy)),
            frozenset(policy.name for policy in policies if ":policy/" in policy.name) if managed else None,
            holder.groups if grouped else None,
        )


def _surest(found: Sequence[Chance]) -> Chance:
    return next((one for one in found if one.condition is ALWAYS), found[0])


def _limited(other: Asker) -> bool:
    return other.caller.boundaries != () or any(denies(policy) for policy in other.caller.policies or ())


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
