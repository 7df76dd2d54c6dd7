"""Who has several identities in one hand: what no one of them may do by itself, they may do for one another.

Somebody that can become two identities can have the one open a door and go through it as the other. Sets of
principals are whole numbers here, a bit for each, so that to walk thousands of principals takes no loop over them.

What they do takes place in time (:mod:`cloudscan.access.states`): who was changed for one thing does another as what it
then is. So those are found first who have no need of changed identities, and of others each is looked at for ways that
fit together. Only so many are, and of so many ways: who is not found is not told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product

from cloudscan.access.conditions import Condition, all_of
from cloudscan.access.grants import Edge
from cloudscan.access.network import level
from cloudscan.access.paths import RULINGS
from cloudscan.access.states import States
from cloudscan.model import MediaClass, Step

LEVELS = range(len(RULINGS))
"""How unsure a way is: 0 for a plain yes, 1 under a condition, 2 if it hangs on something unseen."""
_EVERYBODY = -1
_MOST_CIRCLES = 50
"""Of those who can all become each other one is told; beyond so many such circles everybody is."""
_MOST_SOUGHT, _MOST_ENDS, _MOST_WAYS = 50, 8, 200
"""Those for whom ways are sought that fit together, identities that a way may end in, and ways that are tried."""


@dataclass(frozen=True, slots=True)
class Need:
    """One of these identities has to be in the hand; to read objects of the class ``reads`` as it is enough.

    ``after`` says that what it is needed for comes after all else.
    """

    names: frozenset[str]
    reads: MediaClass | None = None
    after: bool = False


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
    def passing(self) -> tuple[str, ...]:
        """As whom the principals go these ways, in no order."""
        return tuple(dict.fromkeys(name for legs in self.legs for name in _along(legs)))

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


def _along(legs: Legs) -> tuple[str, ...]:
    return tuple(name for leg in legs for name in (*leg.edge.passing, leg.target))


@dataclass(frozen=True, slots=True)
class _Hub:
    edge: Edge
    level: int
    sources: int
    targets: int


@dataclass(frozen=True, slots=True)
class _Question:
    """What a hand needs, the same as sets, and if all at once."""

    needs: tuple[Need, ...]
    goals: tuple[int, ...]
    at_once: bool


def _numbers_in(among: int) -> Iterator[int]:
    while among:
        one = among & -among
        yield one.bit_length() - 1
        among ^= one


class Hands:
    """The steps of an estate, asked for those who can become several identities."""

    def __init__(self, edges: Iterable[Edge], states: States | None = None) -> None:
        self.states = states or States({})
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
        changed = self.among(self.states.changed(self._names))
        still = not changed and not any(edge.passing for edge, _ in leading)
        self._as_they_are = _EVERYBODY if still else (1 << len(self._names)) - 1 & ~changed
        self._known: dict[tuple[int, int, MediaClass | None, int], int] = {}

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

    def becoming(
        self, goal: int, most: int = LEVELS[-1], reads: MediaClass | None = None, within: int = _EVERYBODY
    ) -> int:
        """Return who can become one of a set, themselves included, by ways that are no more unsure than ``most``.

        ``within`` are those as whom the ways may go, who are told alone.
        """
        if (known := self._known.get((goal, most, reads, within))) is not None:
            return known
        found = goal & within
        for hub in self._read_by(reads):
            if hub.level <= most and hub.targets & goal & within and self._goes(hub, within):
                found |= hub.sources & within
        left = [hub for hub in self._acting if hub.level <= most and self._goes(hub, within)] if found else []
        before = -1
        while before != found:
            before, further = found, []
            for hub in left:
                if hub.targets & found:
                    found |= hub.sources & within
                else:
                    further.append(hub)
            left = further
        self._known[goal, most, reads, within] = found
        return found

    @staticmethod
    def _goes(hub: _Hub, within: int) -> bool:
        """Say whether a step takes nobody else than those of a set."""
        return within == _EVERYBODY or not hub.edge.passing

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

    def holding(
        self, needs: Sequence[Need], but: Sequence[int] = (0, 0, 0), *, at_once: bool = False
    ) -> Iterator[Hand]:
        """Yield who has one identity of each need in hand, those with a sure way to each first.

        Who can become one that is told is not told again, nor are those of ``but``, by how unsure a way is.
        ``at_once`` says that all of them are needed at the same time, else one after the other will do.
        """
        question = _Question(tuple(needs), tuple(self.among(need.names) for need in needs), at_once)
        told = 0
        for most in LEVELS:
            every = self._held(question, most, _EVERYBODY)
            if not every & ~told & ~but[most]:
                continue
            held = self._held(question, most, self._as_they_are)
            if rest := held & ~told & ~but[most]:
                yield from self._hands(self._first(held, question.goals, most) & rest, question, self._as_they_are)
            told |= held
            for hand in self._sought(question, most, every & ~told & ~but[most]):
                told |= self.becoming(self.among(hand.principals), most)
                yield hand

    def _held(self, question: _Question, most: int, within: int) -> int:
        held = within
        for goal, need in zip(question.goals, question.needs, strict=True):
            held &= self.becoming(goal, most, need.reads, within)
        return held

    def itself(self, need: Need, name: str) -> Iterator[Hand]:
        """Yield somebody who can meet a need, and is itself needed at the same time, by the surest way."""
        alone = self.among([name])
        question = _Question((need, Need(frozenset([name]))), (self.among(need.names), alone), at_once=True)
        for most in LEVELS:
            able = alone & self.becoming(question.goals[0], most, need.reads)
            if hands := list(self._fitting(able, question, most)):
                yield from hands
                return

    def _sought(self, question: _Question, most: int, among: int) -> Iterator[Hand]:
        """Yield hands of those who need changed identities: of the nearest, and of who comes by none of these."""
        left = among
        for _ in range(_MOST_SOUGHT):
            if not left:
                return
            first, told = self._first(left, question.goals, most), 0
            for hand in self._fitting(first, question, most):
                told |= self.becoming(self.among(hand.principals), most)
                yield hand
            left &= ~first & ~told

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

    def _alike(self, first: int, goals: Sequence[int]) -> Iterator[list[int]]:
        """Yield together those with the same steps before them, alike a goal or none: they take the same ways."""
        alike: dict[tuple[object, ...], list[int]] = {}
        for number in _numbers_in(first):
            within = tuple(goal >> number & 1 for goal in goals)
            of = self.states.of(self._names[number])
            key = (within, tuple(self._leaving.get(number, ())), of if len(of) > 1 else None)
            alike.setdefault(key, []).append(number)
        yield from alike.values()

    def _hands(self, first: int, question: _Question, within: int) -> Iterator[Hand]:
        """Yield the hands of those whose ways need not be looked at."""
        for numbers in self._alike(first, question.goals):
            each = zip(question.goals, question.needs, strict=True)
            ways = [self._way(numbers[0], goal, need.reads, LEVELS[-1], within) for goal, need in each]
            yield Hand(tuple(self._names[one] for one in numbers), tuple(way for way in ways if way is not None))

    def _fitting(self, first: int, question: _Question, most: int) -> Iterator[Hand]:
        """Yield the hands of those who have ways that fit together."""
        after = [number for number, need in enumerate(question.needs) if need.after]

        def fit(number: int, ways: Sequence[Legs]) -> bool:
            along = [_along(legs) for legs in ways]
            return self.states.fit(self._names[number], along, after, at_once=question.at_once)

        for numbers in islice(self._alike(first, question.goals), _MOST_SOUGHT):
            each = zip(question.goals, question.needs, strict=True)
            options = [self._options(numbers[0], goal, need.reads, most) for goal, need in each]
            for ways in islice(product(*options), _MOST_WAYS):
                if fit(numbers[0], ways):
                    yield Hand(tuple(self._names[one] for one in numbers if fit(one, ways)), ways)
                    break

    def _options(self, start: int, goal: int, reads: MediaClass | None, most: int) -> list[Legs]:
        """Return ways to one of a goal: the shortest, that of nobody changed, and ways to one or another of it."""
        goals, changed = [goal], goal & self.become_by(1 << start, most) & ~self._as_they_are
        for some in (changed, goal & self.become_by(1 << start, most) & self._as_they_are):
            goals += (1 << number for number in islice(_numbers_in(some), _MOST_ENDS))
        tried = [(goal, self._as_they_are), *((one, _EVERYBODY) for one in goals)]
        found = (self._way(start, one, reads, most, within) for one, within in tried)
        return list(dict.fromkeys(way for way in found if way is not None))

    def _way(self, start: int, goal: int, reads: MediaClass | None, most: int, within: int) -> Legs | None:
        """Return the shortest of the surest ways to one of a goal, None where there is none."""
        ways = (self._walk(1 << start, goal, sure, reads, within) for sure in LEVELS[: most + 1])
        return next((way for way in ways if way is not None), None)

    def _walk(self, start: int, goal: int, most: int, reads: MediaClass | None, within: int) -> Legs | None:
        hubs = [hub for hub in self._acting if hub.level <= most and self._goes(hub, within)]
        goal &= within
        last = [hub for hub in self._read_by(reads) if hub.level <= most and hub.targets & goal]
        last = [hub for hub in last if self._goes(hub, within)]
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
                    following |= hub.targets & within
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
