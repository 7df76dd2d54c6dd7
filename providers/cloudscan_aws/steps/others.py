"""Widen the rights of somebody whom one can become, and become it then: a policy for a role that one may assume.

Widening somebody whom nobody can become gives nothing. Principals that no document tells apart are widened to the
same, so that of those that one step leads to only one of each sort is told. What sorts them is all that decides about
the widening, and their standing (:mod:`cloudscan_aws.steps.standing`): who one is may open what rights alone do not.
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
from cloudscan_aws.steps.standing import settled_by
from cloudscan_aws.steps.targets import holds
from cloudscan_aws.steps.widen import Chance, become, chances, explaining, worthwhile
from cloudscan_aws.steps.widening import (
    BY_GROUPS,
    BY_MANAGED,
    CALLS,
    ON_ITSELF,
    WIDENED,
    allows_everything,
    denies,
    widenings,
)


def widened_others(scene: Scene, taken: Iterable[Edge], free: Collection[str]) -> tuple[list[Edge], list[Asker]]:
    """Return the edges to principals with wider rights by way of steps that are ``taken``, and what they then are.

    ``free`` are those who can give themselves everything: to them only principals of another standing are worth it.
    """
    others = _Others(scene)
    guises: dict[str, Asker] = {}
    made: list[Edge] = []
    for edge in taken if others.crowd_of else ():
        if edge.guise or edge.reads_only:
            continue
        together: dict[tuple[Crowd, Hashable], list[str]] = defaultdict(list)
        for source in edge.sources:
            if (crowd := others.crowd_of.get(source)) is not None:
                together[crowd, others.standing(source) if source in free else None].append(source)
        for (crowd, standing), sources in together.items():
            found = list(others.behind(edge, crowd, standing))
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
        self._marks = cache(self._find_marks)
        self._widened = cache(self._find_widened)
        self._sort = cache(self._find_sort)
        self.standing = cache(self._find_standing)

    def behind(self, edge: Edge, crowd: Crowd, standing: Hashable) -> Iterator[_Widened]:
        """Yield whom behind a step a crowd may widen, one of each sort.

        Those whom nothing limits come first: after one of them only those of another standing count. ``standing`` is
        that of somebody who is so already, else None.
        """
        done = {standing}
        for target in self._candidates(edge, crowd):
            if self.standing(target) not in done:
                for one in self._widened(crowd, target):
                    yield one
                    sure = one.chance.condition is ALWAYS and one.chance.widening.becomes == WIDENED
                    if sure and not _limited(self._scene.people[target]):
                        done.add(self.standing(target))

    def _candidates(self, edge: Edge, crowd: Crowd) -> list[str]:
        people, marks = self._scene.people, self._marks(crowd)
        elsewhere = any(holds(crowd, call.lower()) for call in CALLS if call not in ON_ITSELF)
        managed = any(holds(crowd, call.lower()) for call in BY_MANAGED)
        grouped = any(holds(crowd, call.lower()) for call in BY_GROUPS)
        sorts: dict[Hashable, str] = {}
        for name in edge.targets:
            if name in people and (elsewhere or name in marks):
                sorts.setdefault((marks.get(name), self._sort(name, managed, grouped)), name)
        return sorted(sorts.values(), key=lambda name: (_limited(people[name]), name))

    def _find_marks(self, crowd: Crowd) -> Mapping[str, tuple[tuple[str, int], ...]]:
        """Return whom a crowd may widen by calls on the identity itself: by which, and how that tells them apart."""
        account = crowd.one.account
        held = {"user": self._scene.users_of.get(account), "role": self._scene.changeable_roles.get(account)}
        found: dict[str, tuple[tuple[str, int], ...]] = defaultdict(tuple)
        for call, kind in ON_ITSELF.items():
            targets = held[kind] if holds(crowd, call.lower()) else None
            for number, block in enumerate(self._scene.blocks(crowd, call, targets) if targets else ()):
                for target in block:
                    found[target.arn] += ((call, number),)
        return dict(found)

    def _find_widened(self, crowd: Crowd, target: str) -> Sequence[_Widened]:
        holder, other = self._scene.facts.estate.principals[target], self._scene.people[target]
        ways = widenings(self._scene, crowd.one, holder, other.caller)
        found = worthwhile(other.caller, chances(self._scene, crowd, crowd.one, ways))
        return [_Widened(target, become(other, becomes, each), _surest(each)) for becomes, each in found.items()]

    def _find_sort(self, target: str, managed: bool, grouped: bool) -> Hashable:  # noqa: FBT001
        """Return what of an identity decides about how it can be widened and to what.

        ``managed`` and ``grouped`` say that it may be by way of its managed policies, or of its groups.
        """
        holder, asker = self._scene.facts.estate.principals[target], self._scene.people[target]
        policies = asker.caller.policies or ()
        limiting = [*filter(denies, policies), *(asker.caller.boundaries or ())]
        return (
            (holder.kind, holder.account, holder.boundary, allows_everything(asker.caller)),
            (self.standing(target), frozenset(policy.document for policy in limiting), settled_by(asker, limiting)),
            frozenset(policy.name for policy in policies if ":policy/" in policy.name) if managed else None,
            holder.groups if grouped else None,
        )

    def _find_standing(self, target: str) -> Hashable:
        return self._scene.standings.of(self._scene.people[target])


def _surest(found: Sequence[Chance]) -> Chance:
    return next((one for one in found if one.condition is ALWAYS), found[0])


def _limited(other: Asker) -> bool:
    return other.caller.boundaries != () or any(denies(policy) for policy in other.caller.policies or ())


def _edges(scene: Scene, edge: Edge, sources: Sequence[str], found: Iterable[_Widened]) -> Iterator[Edge]:
    by_call: dict[str, dict[str, _Widened]] = defaultdict(dict)
    for one in found:
        by_call[one.chance.widening.kind][one.guise.principal] = one
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
