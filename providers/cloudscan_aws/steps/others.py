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

from cloudscan.access import ALWAYS, NEVER, Context, Edge
from cloudscan.access.conditions import all_of
from cloudscan.access.stepping import Sort
from cloudscan.model import Step
from cloudscan_aws.alike import Crowd
from cloudscan_aws.askers import Asker, record_of
from cloudscan_aws.steps.calls import ask
from cloudscan_aws.steps.edges import Found, edges
from cloudscan_aws.steps.scene import Scene
from cloudscan_aws.steps.standing import settled_by
from cloudscan_aws.steps.targets import holds, may
from cloudscan_aws.steps.things import labelled
from cloudscan_aws.steps.widen import Chance, Chances, become, explaining, worthwhile
from cloudscan_aws.steps.widening import (
    BY_GROUPS,
    BY_MANAGED,
    CALLS,
    DEFAULT,
    JOINS,
    ON_ITSELF,
    VERSION,
    WIDENED,
    allows_everything,
    denies,
    widenings,
)

_OTHERS = Sort("", changes=True, guise=True)


def widened_others(scene: Scene, taken: Iterable[Edge], free: Collection[str]) -> tuple[list[Edge], list[Asker]]:
    """Return the edges to principals with wider rights by way of steps that are ``taken``, and what they then are.

    ``free`` are those who can give themselves everything: to them only principals of another standing are worth it.
    """
    others = Others(scene)
    guises: dict[str, Asker] = {}
    made: list[Edge] = []
    for edge in taken if others.crowd_of else ():
        if edge.guise:
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
class Widened:
    """Somebody whose rights are widened, what it becomes, and the surest call that makes it so."""

    target: str
    guise: Asker
    chance: Chance


@dataclass(frozen=True, slots=True)
class _Touched:
    """The groups and managed policies that somebody may change, and whether users may be put into a group."""

    joins: bool
    things: frozenset[str]


class Others:
    """Those who may widen others, sorted by what they may call, and whom each crowd of them may widen."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.crowd_of = {asker.principal: crowd for crowd in scene.crowds(CALLS) for asker in crowd.askers}
        self._marks = cache(self._find_marks)
        self._touched = cache(self._find_touched)
        self.widened = cache(self._find_widened)
        self._sort = cache(self._find_sort)
        self.standing = cache(self._find_standing)

    def behind(self, edge: Edge, crowd: Crowd, standing: Hashable) -> Iterator[Widened]:
        """Yield whom behind a step a crowd may widen, one of each sort.

        Those whom nothing limits come first: after one of them only those of another standing count. ``standing`` is
        that of somebody who is so already, else None.
        """
        done = {standing}
        for target in self._candidates(edge, crowd):
            if self.standing(target) not in done:
                for one in self.widened(crowd, target):
                    yield one
                    sure = one.chance.condition is ALWAYS and one.chance.widening.becomes == WIDENED
                    if sure and not limited(self._scene.people[target]):
                        done.add(self.standing(target))

    def _candidates(self, edge: Edge, crowd: Crowd) -> list[str]:
        sorts: dict[Hashable, str] = {}
        for name, sort in self.sorted(crowd, edge.targets):
            sorts.setdefault(sort, name)
        return sorted(sorts.values(), key=lambda name: (limited(self._scene.people[name]), name))

    def sorted(self, crowd: Crowd, targets: Iterable[str]) -> Iterator[tuple[str, Hashable]]:
        """Yield whom of some targets a crowd may widen, with what decides about how and to what."""
        people, marks = self._scene.people, self._marks(crowd)
        managed = any(holds(crowd, call.lower()) for call in BY_MANAGED)
        grouped = any(holds(crowd, call.lower()) for call in BY_GROUPS)
        for name in targets:
            other = people.get(name)
            if other is not None and (other.caller.name in marks or self._touches(crowd, other)):
                yield name, (marks.get(other.caller.name), self._sort(name, managed, grouped))

    def _touches(self, crowd: Crowd, other: Asker) -> bool:
        """Say whether a crowd may call something on what an identity has its rights from, or could have them from."""
        holder = record_of(self._scene.facts, other)
        touched = self._touched(crowd) if holder is not None and other.account == crowd.one.account else None
        if holder is None or touched is None:
            return False
        held = (policy.name.partition("#")[0] for policy in other.caller.policies or ())
        return (
            (touched.joins and holder.kind == "user")
            or not touched.things.isdisjoint(holder.groups)
            or not touched.things.isdisjoint((*held, (holder.boundary or "").partition("#")[0]))
        )

    def _find_touched(self, crowd: Crowd) -> _Touched:
        account = crowd.one.account
        groups = [group.id for group in self._scene.groups_of.get(account, ())]
        policies = [policy.name.partition("#")[0] for policy in self._scene.managed(account, "*")]
        things = [(on, call) for on in groups for call in BY_GROUPS if call != JOINS]
        things += [(on, call) for on in policies for call in (VERSION, DEFAULT)]
        return _Touched(
            joins=any(self._may(crowd, JOINS, on) for on in groups),
            things=frozenset(on for on, call in things if self._may(crowd, call, on)),
        )

    def _may(self, crowd: Crowd, call: str, on: str, known: Context | None = None) -> bool:
        """Say whether a crowd may make a call on something, whatever else it says."""
        if not may(crowd, call, on):
            return False
        return ask(self._scene.facts, crowd.one, call, on, known).decision.condition is not NEVER

    def _find_marks(self, crowd: Crowd) -> Mapping[str, tuple[tuple[str, int], ...]]:
        """Return whom a crowd may widen by calls on the identity itself: by which, and how that tells them apart."""
        account = crowd.one.account
        held = {"user": self._scene.users_of.get(account), "role": self._scene.changeable_roles.get(account)}
        found: dict[str, tuple[tuple[str, int], ...]] = defaultdict(tuple)
        for call, kind in ON_ITSELF.items():
            targets = held[kind] if holds(crowd, call.lower()) else None
            for number, block in enumerate(self._scene.blocks(crowd, call, targets) if targets else ()):
                able = self._may(crowd, call, block[0].arn, labelled(block[0].labels))
                for target in block if able else ():
                    found[target.arn] += ((call, number),)
        return dict(found)

    def _find_widened(self, crowd: Crowd, target: str) -> Sequence[Widened]:
        other, found = self._scene.people[target], self.chances(crowd, crowd.one, target)
        return [
            Widened(target, become(self._scene.facts, other, becomes, each), _surest(each))
            for becomes, each in found.items()
        ]

    def chances(self, crowd: Crowd, asker: Asker, target: str) -> Chances:
        """Return how somebody of a crowd may widen another, by what that becomes."""
        other = self._scene.people[target]
        holder = record_of(self._scene.facts, other)
        ways = widenings(self._scene, asker, holder, other.caller) if holder is not None else ()
        return worthwhile(self._scene, crowd, asker, other.caller, ways)

    def _find_sort(self, target: str, managed: bool, grouped: bool) -> Hashable:  # noqa: FBT001
        """Return what of an identity decides about how it can be widened and to what.

        ``managed`` and ``grouped`` say that it may be by way of its managed policies, or of its groups.
        """
        asker = self._scene.people[target]
        holder = record_of(self._scene.facts, asker) or self._scene.facts.estate.principals[asker.caller.name]
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


def limited(other: Asker) -> bool:
    """Say whether something keeps an identity from what its policies allow: a boundary, or denies."""
    return other.caller.boundaries != () or any(denies(policy) for policy in other.caller.policies or ())


def _edges(scene: Scene, edge: Edge, sources: Sequence[str], found: Iterable[Widened]) -> Iterator[Edge]:
    by_call: dict[str, dict[str, Widened]] = defaultdict(dict)
    for one in found:
        by_call[one.chance.widening.kind][one.guise.principal] = one
    for call, ones in by_call.items():
        sort = replace(_OTHERS, kind=f"{call}+{edge.kind}", reads_only=edge.reads_only, media=edge.media)
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
