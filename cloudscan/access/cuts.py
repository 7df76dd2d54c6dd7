"""Which statements to take away so that nobody reads a store: a minimum cut whose capacities are statements.

One statement may carry links of many ways, so that this is no plain flow: a flow through statements would join
halves of different ways into ways that nobody has. Ways are collected instead until a smallest set that ends
the collected ones ends all: no smaller set can, since it would leave one of the collected.

Who is left when statements are gone is asked seldom, since the answer may take a new derivation of the estate. No path
is held for longer than it takes to see what ends it, since all that it was derived from hangs on it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from cloudscan.access.grants import Edge, Grant
from cloudscan.access.paths import Cut, Path, Reader, Removal
from cloudscan.access.removals import best_first
from cloudscan.access.smallest import Ending, Options, smallest
from cloudscan.access.standing import ITSELF, Standing
from cloudscan.access.statements import Choice, stands
from cloudscan.model import Step

_COUNTED = 4
"""Statements after which those who are left are counted, where each count takes a new derivation."""
_TRIES = 10, 100
"""New derivations at least and at most in which the fewest are looked for; from then on, only some that are enough."""
_DERIVED = 100_000
"""Grants that may be derived anew in all while the fewest are looked for."""
_PLANS = 64
"""Plans compared at most where the kept need one of several statements, and it has to be chosen which."""


@dataclass(frozen=True, slots=True)
class Left:
    """Who still reads when statements are gone, each with one of its ways, and who may if something unseen is so.

    ``losing`` are those who are to keep reading and then read less, less surely, or not without changing the cloud.
    """

    reading: Mapping[str, Path]
    unsure: Callable[[], Sequence[Reader]]
    losing: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class _Plan:
    """Statements that end every known way but those of ``stuck``, when what is ``spared`` for the kept stays."""

    ending: Ending
    stuck: frozenset[str]
    spared: frozenset[str]

    @property
    def cost(self) -> tuple[int, int, list[str]]:
        """Few who are left come first, then few statements."""
        return len(self.stuck), len(self.ending.things), sorted(self.ending.things)


def tries(grants: int) -> int:
    """Say how often an estate of so many grants is derived anew to find the fewest."""
    least, most = _TRIES
    return min(max(least, _DERIVED // max(grants, 1)), most)


class Cutting:
    """Collects ways to end, until nobody is left. ``kept`` are readers who stay, each with one of its ways.

    ``standing`` says whom names that stand for others count for.

    ``left`` says who still reads when statements are gone, and ``choice`` what may be taken away to end a link. With
    ``tries``, ``left`` derives the estate anew, and no more often to find the fewest. It is then taken to know it
    itself: a statement that it still tells of when it should be gone is one that cannot be taken away.

    What the kept need is found as ways are: where statements are gone and somebody loses, the fewest of them that
    make it so are noted, and not all of these may go.
    """

    def __init__(
        self,
        left: Callable[[frozenset[str]], Left],
        kept: Mapping[str, Path],
        choice: Choice,
        *,
        tries: int | None = None,
        standing: Standing = ITSELF,
    ) -> None:
        self._left = left
        self._count = standing.counted
        self._kept = frozenset(kept)
        self._by = frozenset(step.statement for path in kept.values() for step in path.steps)
        self._choice = choice
        self._tries = tries
        self._asked = 0
        self._fixed: set[str] = set()
        self._needed: dict[frozenset[str], str] = {}
        self._known: dict[str, list[Options]] = defaultdict(list)
        self._kinds: dict[str, Counter[str]] = defaultdict(Counter)
        self._shared: dict[Options, Options] = {}

    def cut(self, reading: Callable[[Sequence[str]], Mapping[str, float]] | None = None) -> Cut:
        """Find the fewest statements, and put first those that take most readers away.

        ``reading`` says at which place of a list of statements each reader stops to read, where that is known.
        """
        nothing = self._left(frozenset())
        before = nothing.reading.keys() - self._kept
        self._note(frozenset(), nothing, frozenset())
        plan, left = self._ending(nothing)
        things, unsure = self._surest(plan, left)
        del nothing, left  # a derived estate is large
        stay = self._fixed | plan.spared
        ways = {name: [_open(way, stay) for way in known] for name, known in self._known.items()}
        order = best_first(things, {name: known for name, known in ways.items() if name not in plan.stuck})
        reading_before, after = self._count(before), self._count(plan.stuck & before)
        stopping = reading and self._stopping(reading(order), before, len(order))
        removals = self._removals(order, stopping or self._counted(order, before, after), reading_before)
        left_over = sorted(before & plan.stuck)
        needed = {name: why for name in left_over if (why := self._because(name, plan.spared))}
        return Cut(removals, reading_before, tuple(left_over), plan.ending.smallest, tuple(unsure), needed, after)

    def _ask(self, taken: frozenset[str]) -> Left:
        self._asked += 1
        return self._left(taken)

    @property
    def _tired(self) -> bool:
        return self._tries is not None and self._asked >= self._tries

    def _ending(self, nothing: Left) -> tuple[_Plan, Left]:
        """Find the statements, and who is left without them.

        The fewest that end the known ways are tried. After some tries nothing that was taken is given back, so that
        each try leaves less, and the statements may be more than it takes.
        """
        taken: frozenset[str] = frozenset()
        while True:
            plan = self._more(taken) if self._tired else self._fewest()
            taken = plan.ending.things
            left = self._ask(taken) if taken else nothing
            if left.losing:
                self._note_needed(taken, left.losing)
            elif not self._note(taken, left, plan.stuck):
                return plan, left

    def _fewest(self) -> _Plan:
        """Find the best plan, by trying what may be spared for the kept where they need one of several."""
        tried = count(1)

        def spare(spared: frozenset[str]) -> _Plan:
            plan = self._plan(spared)
            wanted = next((each for each in self._needed if each <= plan.ending.things), None)
            if wanted is None:
                return plan
            one, *others = sorted(wanted)
            if next(tried) > _PLANS:
                plan = spare(spared | {one})
                return replace(plan, ending=replace(plan.ending, smallest=False))
            return min((spare(spared | {each}) for each in (one, *others)), key=lambda plan: plan.cost)

        return spare(frozenset(one for each in self._needed if len(each) == 1 for one in each))

    def _more(self, taken: frozenset[str]) -> _Plan:
        """Take more, and give back what the kept need."""
        spared = frozenset(one for each in self._needed for one in sorted(each)[:1])
        return self._plan(spared, taken - spared - self._fixed)

    def _plan(self, spared: frozenset[str], taken: frozenset[str] | None = None) -> _Plan:
        """Find what ends the known ways; where something was ``taken``, what ends them beside it."""
        stay = self._fixed | spared
        opened = {way: _open(way, stay) for ways in self._known.values() for way in ways}
        stuck = frozenset(name for name, ways in self._known.items() if not all(opened[way] for way in ways))
        ways = {opened[way] for name, ways in self._known.items() if name not in stuck for way in ways}
        if taken is None:
            return _Plan(smallest(ways), stuck, spared)
        rest = smallest(way for way in ways if stands(way, taken))
        return _Plan(Ending(taken | rest.things, smallest=False), stuck, spared)

    def _note(self, taken: frozenset[str], left: Left, stuck: frozenset[str]) -> bool:
        """Note a way of everybody who is still left; say whether there was any."""
        names = left.reading.keys() - self._kept - stuck
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
        return bool(names)

    def _note_needed(self, taken: frozenset[str], losing: Collection[str]) -> None:
        """Note the fewest of the taken without which one of the kept loses; too late to look, what one reads by."""
        one = min(losing)
        if self._tired:
            self._needed |= {frozenset((each,)): one for each in taken & self._by or taken}
            return
        needed: frozenset[str] = frozenset()
        rest = sorted(taken)

        def loses(some: Iterable[str]) -> bool:
            return one in self._ask(frozenset(some)).losing

        while rest and not (needed and loses(needed)):
            place = bisect_left(range(1, len(rest)), 1, key=lambda size: loses({*needed, *rest[:size]}))
            needed, rest = needed | {rest[place]}, rest[:place]
        self._needed[needed] = one

    def _surest(self, plan: _Plan, left: Left) -> tuple[frozenset[str], list[Reader]]:
        """Exchange single statements for others while that leaves fewer in doubt; return also who is left in doubt."""
        things, unsure = plan.ending.things, self._unsure(left)
        for thing in sorted(things) if unsure else ():
            rest = things - {thing}
            for other in self._instead(rest, plan):
                if not unsure or self._tired or self._asked >= _TRIES[1]:
                    break
                left = self._ask(rest | {other})
                if left.losing or left.reading.keys() - self._kept - plan.stuck:
                    continue
                if len(fewer := self._unsure(left)) < len(unsure):
                    things, unsure = rest | {other}, fewer
        return things, unsure

    def _unsure(self, left: Left) -> list[Reader]:
        return [reader for reader in left.unsure() if reader.principal not in self._kept]

    def _instead(self, rest: frozenset[str], plan: _Plan) -> list[str]:
        """Name the single statements that end the known ways beside the rest."""
        stay = self._fixed | plan.spared
        ways = {_open(way, stay) for name, known in self._known.items() if name not in plan.stuck for way in known}
        ending = [
            frozenset(thing for option in way if len(option - rest) == 1 for thing in option - rest)
            for way in ways
            if stands(way, rest)
        ]
        return sorted(frozenset.intersection(*ending)) if ending else []

    def _because(self, name: str, spared: Collection[str]) -> Mapping[str, str]:
        """Name what the kept need, each with one of them, where but for it a way of somebody could be ended."""
        opened = [_open(way, self._fixed) for way in self._known[name]]
        if not all(opened):
            return {}
        held = {thing for way in opened if not _open(way, spared) for option in way for thing in option}
        return {thing: who for each, who in self._needed.items() for thing in sorted(each & held & frozenset(spared))}

    def _counted(self, order: Sequence[str], before: Collection[str], after: int) -> list[int | None]:
        """Count who is left after the first statements and after all, since each count takes a derivation."""
        left: list[int | None] = [None] * len(order)
        for place in range(min(_COUNTED, len(order) - 1)):
            left[place] = self._count(self._left(frozenset(order[: place + 1])).reading.keys() & before)
        if order:
            left[-1] = after
        return left

    def _stopping(self, until: Mapping[str, float], before: Collection[str], places: int) -> list[int | None]:
        """Count who is left after each statement, by the places at which readers stop to read."""
        return [self._count([reader for reader in before if until[reader] > place]) for place in range(places)]

    def _removals(self, order: Sequence[str], counted: Sequence[int | None], reading: int) -> tuple[Removal, ...]:
        removals = []
        for statement, still in zip(order, counted, strict=True):
            gone = None if still is None else reading - still
            kinds = self._kinds[statement]
            kind = min(kinds, key=lambda kind: (-kinds[kind], kind))
            removals.append(Removal(statement, gone, kind))
            reading = reading if still is None else still
        return tuple(removals)


def _open(way: Options, stay: Collection[str]) -> Options:
    """Return what ends a way, without what has to stay."""
    return frozenset(option for option in way if option.isdisjoint(stay))


def _proofs(path: Path) -> list[tuple[Edge | Grant, Sequence[Step]]]:
    """Return the links of a path with their proofs."""
    return [
        (link, link.steps if isinstance(link, Grant) else link.prove(path.nodes[place], path.nodes[place + 1]))
        for place, link in enumerate(path.links)
    ]
