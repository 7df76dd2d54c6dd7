"""Which statements to take away so that nobody reads a store: a minimum cut whose capacities are statements.

One statement may carry links of many ways, so that this is no plain flow: a flow through statements would join
halves of different ways into ways that nobody has. Ways are collected instead until a smallest set that ends
the collected ones ends all: no smaller set can, since it would leave one of the collected.

Who is left when statements are gone is asked seldom, since the answer may take a new derivation of the estate. No path
is held for longer than it takes to see what ends it, since all that it was derived from hangs on it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from cloudscan.access.grants import Edge, Grant
from cloudscan.access.paths import Cut, Path, Reader, Removal
from cloudscan.access.removals import best_first
from cloudscan.access.smallest import Ending, Options, smallest
from cloudscan.access.statements import Choice
from cloudscan.model import Step

_COUNTED = 4
"""Statements after which those who are left are counted, where each count takes a new derivation."""
_TRIES = 10, 100
"""New derivations at least and at most in which the fewest are looked for; from then on, only some that are enough."""
_DERIVED = 100_000
"""Grants that may be derived anew in all while the fewest are looked for."""


@dataclass(frozen=True, slots=True)
class Left:
    """Who still reads when statements are gone, each with one of its ways, and who may if something unseen is so."""

    reading: Mapping[str, Path]
    unsure: Callable[[], Sequence[Reader]]


def tries(grants: int) -> int:
    """Say how often an estate of so many grants is derived anew to find the fewest."""
    least, most = _TRIES
    return min(max(least, _DERIVED // max(grants, 1)), most)


class Cutting:
    """Collects ways to end, until nobody is left. ``kept`` are readers who stay, each with a path that is not touched.

    ``left`` says who still reads when statements are gone, and ``choice`` what may be taken away to end a link. With
    ``tries``, ``left`` derives the estate anew, and no more often to find the fewest. It is then taken to know it
    itself: a statement that it still tells of when it should be gone is one that cannot be taken away.
    """

    def __init__(
        self,
        left: Callable[[frozenset[str]], Left],
        kept: Mapping[str, Path],
        choice: Choice,
        *,
        tries: int | None = None,
    ) -> None:
        self._ask = left
        self._kept = frozenset(kept)
        self._fixed = {step.statement for path in kept.values() for step in path.steps}
        self._choice = choice
        self._tries = tries
        self._known: dict[str, list[Options]] = defaultdict(list)
        self._kinds: dict[str, Counter[str]] = defaultdict(Counter)
        self._stuck: set[str] = set()
        self._shared: dict[Options, Options] = {}

    def cut(self, reading: Callable[[Sequence[str]], Mapping[str, float]] | None = None) -> Cut:
        """Find the fewest statements, and put first those that take most readers away.

        ``reading`` says at which place of a list of statements each reader stops to read, where that is known.
        """
        nothing = self._ask(frozenset())
        before = nothing.reading.keys() - self._kept
        self._note(frozenset(), nothing)
        ending, left = self._ending(nothing)
        unsure = [reader for reader in left.unsure() if reader.principal not in self._kept]
        del nothing, left  # a derived estate is large
        ways = {reader: self._open(known) for reader, known in self._known.items() if reader not in self._stuck}
        order = best_first(ending.things, ways)
        counted = self._counted(order, before) if reading is None else _stopping(reading(order), before, len(order))
        removals = self._removals(order, counted, len(before))
        return Cut(removals, len(before), tuple(sorted(before & self._stuck)), ending.smallest, tuple(unsure))

    def _ending(self, left: Left) -> tuple[Ending, Left]:
        """Find the statements, and who is left without them.

        The fewest that end the known ways are tried. After some tries nothing that was taken is given back, so that
        each try leaves less, and the statements may be more than it takes.
        """
        taken: frozenset[str] = frozenset()
        for tries in count():
            known = {way for reader, ways in self._known.items() if reader not in self._stuck for way in ways}
            ways = set(self._open(known))
            fewest = self._tries is None or tries < self._tries
            if fewest:
                ending = smallest(ways)
            else:
                open_yet = (way for way in ways if not any(option <= taken for option in way))
                ending = Ending(taken - self._fixed | smallest(open_yet).things, smallest=False)
            taken = ending.things
            left = self._ask(taken) if taken else left
            if not self._note(taken, left):
                return ending, left
        raise AssertionError("a count does not end")

    def _note(self, taken: frozenset[str], left: Left) -> bool:
        """Note a way of everybody who is still left; say whether there was any."""
        names = left.reading.keys() - self._kept - self._stuck
        for name in sorted(names):
            options: set[frozenset[str]] = set()
            for link, proof in _proofs(left.reading[name]):
                kind = link.kind if isinstance(link, Edge) else link.by or "read"
                statements = {step.statement for step in proof}
                for statement in statements:
                    self._kinds[statement][kind] += 1
                if self._tries is not None:
                    self._fixed |= taken & statements
                options |= self._choice(proof)
            self._known[name].append(self._shared.setdefault(way := frozenset(options), way))
        for name in self._known.keys() - self._stuck:
            if frozenset() in self._open(self._known[name]):
                self._stuck.add(name)
        return bool(names)

    def _open(self, ways: Iterable[Options]) -> list[Options]:
        """Return what ends ways, without what has to stay."""
        return [frozenset(option for option in way if option.isdisjoint(self._fixed)) for way in ways]

    def _counted(self, order: Sequence[str], before: Collection[str]) -> list[int | None]:
        """Count who is left after the first statements and after all, since each count takes a derivation."""
        left: list[int | None] = [None] * len(order)
        for place in range(min(_COUNTED, len(order) - 1)):
            left[place] = len(self._ask(frozenset(order[: place + 1])).reading.keys() & before)
        if order:
            left[-1] = len(self._stuck.intersection(before))
        return left

    def _removals(self, order: Sequence[str], counted: Sequence[int | None], reading: int) -> tuple[Removal, ...]:
        removals = []
        for statement, still in zip(order, counted, strict=True):
            gone = None if still is None else reading - still
            kinds = self._kinds[statement]
            kind = min(kinds, key=lambda kind: (-kinds[kind], kind))
            removals.append(Removal(statement, gone, kind))
            reading = reading if still is None else still
        return tuple(removals)


def _stopping(until: Mapping[str, float], before: Collection[str], places: int) -> list[int | None]:
    """Count who is left after each statement, by the places at which readers stop to read."""
    return [sum(until[reader] > place for reader in before) for place in range(places)]


def _proofs(path: Path) -> list[tuple[Edge | Grant, Sequence[Step]]]:
    """Return the links of a path with their proofs."""
    return [
        (link, link.steps if isinstance(link, Grant) else link.prove(path.nodes[place], path.nodes[place + 1]))
        for place, link in enumerate(path.links)
    ]
