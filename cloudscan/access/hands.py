"""Who has several identities in one hand: what no one of them may do by itself, they may do for one another.

Somebody that can become two identities can have the one open a door and go through it as the other. Sets of
principals are whole numbers here, a bit for each, so that to walk thousands of principals takes no loop over them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from cloudscan.access.conditions import Condition, all_of
from cloudscan.access.grants import Edge
from cloudscan.access.network import level
from cloudscan.access.paths import RULINGS
from cloudscan.model import MediaClass, Step

LEVELS = range(len(RULINGS))
"""How unsure a way is: 0 for a plain yes, 1 under a condition, 2 if it hangs on something unseen."""
_MOST_CIRCLES = 50
"""Of those who can all become each other one is told; beyond so many such circles everybody is."""


@dataclass(frozen=True, slots=True)
class Need:
    """One of these identities has to be in the hand; to read objects of the class ``reads`` as it is enough."""

    names: frozenset[str]
    reads: MediaClass | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """A step on the way to an identity."""

    edge: Edge
    target: str


Legs = tuple[Leg, ...]


@dataclass(frozen=True, slots=True)
class Hand:
    """Principals that meet all needs, each need by the same legs; ``()`` where it is met by each of them itself."""

    principals: tuple[str, ...]
    legs: tuple[Legs, ...]

    @property
    def condition(self) -> Condition:
        """What must hold for all steps, side by side."""
        return all_of(leg.edge.decision.condition for legs in self.legs for leg in legs)

    @property
    def changes(self) -> bool:
        """Whether one of the steps changes the cloud."""
        return any(leg.edge.changes for legs in self.legs for leg in legs)

    @property
    def outside(self) -> bool:
        """Whether the principals belong to none of the estate's accounts."""
        return any(legs[0].edge.outside for legs in self.legs if legs)

    def ends(self, principal: str) -> tuple[str, ...]:
        """Return as whom one of the principals meets each need."""
        return tuple(legs[-1].target if legs else principal for legs in self.legs)

    def prove(self, principal: str, need: int) -> tuple[Step, ...]:
        """Prove how one of the principals comes to meet a need, step by step."""
        found: list[Step] = []
        for leg in self.legs[need]:
            found += leg.edge.prove(principal, leg.target)
            principal = leg.target
        return tuple(found)


@dataclass(frozen=True, slots=True)
class _Hub:
    edge: Edge
    level: int
    sources: int
    targets: int


def _numbers_in(among: int) -> Iterator[int]:
    while among:
        one = among & -among
        yield one.bit_length() - 1
        among ^= one


class Hands:
    """The steps of an estate, asked for those who can become several identities."""

    def __init__(self, edges: Iterable[Edge]) -> None:
        leading = [(edge, found) for edge in edges if (found := level(edge)) is not None]
        self._names = sorted({name for edge, _ in leading for name in (*edge.sources, *edge.targets)})
        self._numbers = {name: number for number, name in enumerate(self._names)}
        held: dict[tuple[str, ...], int] = {}
        hubs = []
        for edge, sure in leading:
            for names in (edge.sources, edge.targets):
                if names not in held:
                    held[names] = self.among(names)
            hubs.append(_Hub(edge, sure, held[edge.sources], held[edge.targets]))
        self._acting = [hub for hub in hubs if not hub.edge.reads_only]
        self._reading = [hub for hub in hubs if hub.edge.reads_only]
        self._known: dict[tuple[int, int, MediaClass | None], int] = {}

    def among(self, names: Iterable[str]) -> int:
        """Return a set of principals as a number; those whom no step leads from or to are left out."""
        held = bytearray(len(self._names) // 8 + 1)
        for name in names:
            if (number := self._numbers.get(name)) is not None:
                held[number >> 3] |= 1 << (number & 7)
        return int.from_bytes(held, "little")

    def names(self, among: int) -> Iterator[str]:
        """Return the principals of a set in order."""
        return (self._names[number] for number in _numbers_in(among))

    def becoming(self, goal: int, most: int = LEVELS[-1], reads: MediaClass | None = None) -> int:
        """Return who can become one of a set, themselves included, by ways that are no more unsure than ``most``."""
        if (known := self._known.get((goal, most, reads))) is not None:
            return known
        found = goal
        for hub in self._read_by(reads):
            if hub.level <= most and hub.targets & goal:
                found |= hub.sources
        left, before = [hub for hub in self._acting if hub.level <= most] if found else [], -1
        while before != found:
            before, further = found, []
            for hub in left:
                if hub.targets & found:
                    found |= hub.sources
                else:
                    further.append(hub)
            left = further
        self._known[goal, most, reads] = found
        return found

    def _read_by(self, reads: MediaClass | None) -> Iterator[_Hub]:
        """Yield the steps by which somebody reads objects of a class and no more."""
        for hub in self._reading if reads is not None else ():
            if not hub.edge.media or reads in hub.edge.media:
                yield hub

    def become_by(self, start: int, most: int = LEVELS[-1]) -> int:
        """Return whom one of a set can become, or read as, themselves included."""
        found, left, before = start, [hub for hub in self._acting if hub.level <= most] if start else [], -1
        while before != found:
            before, further = found, []
            for hub in left:
                if hub.sources & found:
                    found |= hub.targets
                else:
                    further.append(hub)
            left = further
        acting = found
        for hub in self._reading:
            if hub.level <= most and hub.sources & acting:
                found |= hub.targets
        return found

    def holding(self, needs: Sequence[Need], but: Sequence[int] = (0, 0, 0)) -> Iterator[Hand]:
        """Yield who has one identity of each need in hand, those with a sure way to each first.

        Who can become one that is told is not told again, nor are those of ``but``, by how unsure a way is.
        """
        goals = [self.among(need.names) for need in needs]
        told = 0
        for most in LEVELS:
            held = -1
            for goal, need in zip(goals, needs, strict=True):
                held &= self.becoming(goal, most, need.reads)
            if rest := held & ~told & ~but[most]:
                yield from self._hands(self._first(held, goals, most) & rest, goals, needs)
                told |= held

    def reaching(self, need: Need, among: int) -> Iterator[Hand]:
        """Yield who of a set can meet a need, each of them by the surest way."""
        goal, told = self.among(need.names), 0
        for most in LEVELS:
            found = self.becoming(goal, most, need.reads) & among & ~told
            if found:
                yield from self._hands(found, [goal], [need])
                told |= found

    def arriving(self, among: int) -> Iterator[tuple[int, ...]]:
        """Yield for each of a set by which steps others become it, as numbers: with the same steps by the same."""
        found: dict[int, list[int]] = {}
        for number, hub in enumerate((*self._acting, *self._reading)):
            for name in _numbers_in(hub.targets & among):
                found.setdefault(name, []).append(number)
        return (tuple(found.get(name, ())) for name in _numbers_in(among))

    def _first(self, held: int, goals: Iterable[int], most: int) -> int:
        """Return those of a set who can become no other of it, and one of each circle that leads to none of them."""
        later = 0
        for hub in self._acting:
            inside = hub.targets & held
            if inside and hub.level <= most:
                several = inside & (inside - 1)
                later |= hub.sources if several else hub.sources & ~inside
        first = held & ~later
        near = 0
        for goal in goals:
            near |= goal
        for _ in range(_MOST_CIRCLES):
            rest = held & ~self.becoming(first, most)
            if not rest:
                return first
            some = rest & near or rest
            first |= some & -some
        return first | held & ~self.becoming(first, most)

    @cached_property
    def _leaving(self) -> dict[int, list[int]]:
        """The numbers of the hubs that each principal is a source of."""
        found: dict[int, list[int]] = {}
        for number, hub in enumerate((*self._acting, *self._reading)):
            for name in hub.edge.sources:
                found.setdefault(self._numbers[name], []).append(number)
        return found

    def _hands(self, first: int, goals: Sequence[int], needs: Sequence[Need]) -> Iterator[Hand]:
        """Yield hands: those with the same steps before them, who are alike a goal or none, take the same ways."""
        alike: dict[tuple[object, ...], list[int]] = {}
        for name in self.names(first):
            number = self._numbers[name]
            within = tuple(goal >> number & 1 for goal in goals)
            alike.setdefault((within, tuple(self._leaving.get(number, ()))), []).append(number)
        for numbers in alike.values():
            ways = [self._way(numbers[0], goal, need) for goal, need in zip(goals, needs, strict=True)]
            yield Hand(tuple(self._names[each] for each in numbers), tuple(ways))

    def _way(self, start: int, goal: int, need: Need) -> Legs:
        """Return the shortest of the surest ways to one of a goal."""
        for most in LEVELS:
            if (found := self._walk(1 << start, goal, most, need.reads)) is not None:
                return found
        raise ValueError(f"{self._names[start]} cannot become one of {sorted(need.names)}")

    def _walk(self, start: int, goal: int, most: int, reads: MediaClass | None) -> Legs | None:
        hubs = [hub for hub in self._acting if hub.level <= most]
        last = [hub for hub in self._read_by(reads) if hub.level <= most and hub.targets & goal]
        layers, seen = [start], start
        while layers[-1]:
            if met := layers[-1] & goal:
                return self._legs(layers[:-1], hubs, met, ())
            for hub in last:
                if hub.sources & layers[-1]:
                    (target, *_) = self.names(hub.targets & goal)
                    return self._legs(layers[:-1], hubs, hub.sources & layers[-1], (Leg(hub.edge, target),))
            following = 0
            for hub in hubs:
                if hub.sources & layers[-1]:
                    following |= hub.targets
            layers.append(following & ~seen)
            seen |= following
        return None

    def _legs(self, layers: Sequence[int], hubs: Sequence[_Hub], met: int, legs: Legs) -> Legs:
        """Walk the layers of a walk back, from one of those that were met."""
        for layer in reversed(layers):
            one = met & -met
            hub = next(hub for hub in hubs if hub.targets & one and hub.sources & layer)
            legs = (Leg(hub.edge, next(self.names(one))), *legs)
            met = hub.sources & layer
        return legs
