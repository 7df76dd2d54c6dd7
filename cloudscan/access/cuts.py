"""Which statements to take away so that nobody reads a store: a minimum cut whose capacities are statements.

One statement may carry links of many ways, so that this is no plain flow: a flow through statements would join
halves of different ways into ways that nobody has. Ways are collected instead until a smallest set that ends
the collected ones ends all: no smaller set can, since it would leave one of the collected.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from cloudscan.access.answers import Ruling
from cloudscan.access.grants import Edge, Grant
from cloudscan.access.network import Network, level
from cloudscan.access.paths import RULINGS, Cut, Path, Removal
from cloudscan.access.smallest import Options, smallest
from cloudscan.access.statements import Choice
from cloudscan.model import Step

_SURE_ENOUGH = RULINGS.index(Ruling.IF)
_COUNTED = 10
"""Statements after which the readers that are left are counted, where each count takes a new derivation."""

Left = Callable[[frozenset[str]], Mapping[str, Path]]
"""Who still reads when statements are gone, each with one of its ways."""


@dataclass(frozen=True, slots=True, eq=False)
class _Came:
    """A principal that still reads: by a link, and the principal behind it. A link is a hub or ``~`` a grant."""

    principal: int
    link: int
    behind: _Came | None


class Ways:
    """The ways to some grants of one store that are sure, or hang on a condition only, as statements go."""

    def __init__(self, network: Network, grants: Iterable[Grant], choice: Choice) -> None:
        self._network = network
        sure = (grant for grant in grants if level(grant) in range(_SURE_ENOUGH + 1))
        self._grants = sorted(sure, key=lambda grant: bool(grant.by))
        self.choice = choice
        self._of_links: dict[tuple[int, int, int], Options] = {}

    def left(self, taken: frozenset[str]) -> Mapping[str, Path]:
        """Return who still reads when these statements are gone, each with one of its ways."""
        found = self._walk(dict.fromkeys(taken, 0), math.inf)
        return {name: self._path(at) for name, (_, at) in found.items()}

    def reading(self, order: Sequence[str]) -> Mapping[str, float]:
        """Return for each reader the place in a list of statements at which it no longer reads, if they go in order.

        That is infinite for who never stops.
        """
        found = self._walk({statement: place for place, statement in enumerate(order)}, 0)
        return {name: until for name, (until, _) in found.items()}

    def _walk(self, places: Mapping[str, int], least: float) -> dict[str, tuple[float, _Came]]:
        """Find for each reader the way that stands longest; what falls before ``least`` is left out."""
        found: dict[int, tuple[float, _Came]] = {}
        own_right: set[int] = set()
        best: dict[int, float] = {}
        waiting: list[tuple[float, int, _Came]] = []

        def come(until: float, at: _Came) -> None:
            if until >= least:
                heapq.heappush(waiting, (-until, next(turn), at))

        turn = count()
        for place, grant in enumerate(self._grants):
            holder = self._network.numbers[grant.principal]
            come(self._until(~place, holder, holder, places), _Came(holder, ~place, None))
        while waiting:
            until, _, at = heapq.heappop(waiting)
            new = at.principal not in found
            own = at.behind is None and not self._grants[~at.link].by and at.principal not in own_right
            if new:
                found[at.principal] = -until, at
            if own:
                own_right.add(at.principal)
            for hub in self._hubs_behind(at.principal, acting=new, reading=own):
                for source in self._network.hubs[hub].sources:
                    if source in found or best.get(source, -1) >= -until:
                        continue
                    stands_until = min(-until, self._until(hub, source, at.principal, places))
                    if stands_until > best.get(source, -1):
                        best[source] = stands_until
                        come(stands_until, _Came(source, hub, at))
        names, guises = self._network.names, self._network.guises
        return {names[each]: found[each] for each in sorted(found) if each not in guises}

    def _hubs_behind(self, principal: int, *, acting: bool, reading: bool) -> Iterator[int]:
        for number in self._network.arriving[principal]:
            hub = self._network.hubs[number]
            if hub.level <= _SURE_ENOUGH and (reading if hub.edge.reads_only else acting):
                yield number

    def _until(self, link: int, one: int, other: int, places: Mapping[str, int]) -> float:
        """Return at which place of a list of statements a link falls."""
        if not places:
            return math.inf
        options = self._options(link, one, other)
        falls = (max(places.get(statement, math.inf) for statement in option) for option in options)
        return min(falls, default=math.inf)

    def _options(self, link: int, one: int, other: int) -> Options:
        found = link, one, other
        if found not in self._of_links:
            names = self._network.names
            here = self._link(link)
            proof = here.prove(names[one], names[other]) if isinstance(here, Edge) else here.steps
            self._of_links[found] = self.choice(proof)
        return self._of_links[found]

    def _link(self, number: int) -> Edge | Grant:
        return self._grants[~number] if number < 0 else self._network.hubs[number].edge

    def _path(self, at: _Came) -> Path:
        links: list[Edge | Grant] = []
        nodes: list[str] = []
        each: _Came | None = at
        while each is not None:
            links.append(self._link(each.link))
            nodes.append(self._network.names[each.principal])
            each = each.behind
        return Path(tuple(links), tuple(nodes))


class Cutting:
    """Collects ways to end, until nobody is left. ``kept`` are readers who stay, each with a path that is not touched.

    ``derived`` has the last word where it is given, and is taken to know the estate itself: a statement that it still
    tells of when it should be gone is one that cannot be taken away. It is asked seldom.
    """

    def __init__(self, ways: Ways, kept: Mapping[str, Path], derived: Left | None = None) -> None:
        self._ways = ways
        self._choice = ways.choice
        self._kept = frozenset(kept)
        self._fixed = {step.statement for path in kept.values() for step in path.steps}
        self._derived = derived
        self._collected: dict[str, list[Path]] = defaultdict(list)
        self._stuck: set[str] = set()

    def cut(self) -> Cut:
        """Find the fewest statements, and put first those that take most readers away."""
        before = (self._derived or self._ways.left)(frozenset()).keys() - self._kept
        while True:
            ending = smallest(self._to_end())
            if not self._collect(ending.things):
                break
        known = {reader: self._options(reader) for reader in self._collected if reader not in self._stuck}
        order = _best_first(ending.things, known)
        left = self._left_after(order, before)
        removals, reading, kinds = [], len(before), self._kinds()
        for statement, still in zip(order, left, strict=True):
            gone = None if still is None else reading - still
            removals.append(Removal(statement, gone, kinds[statement]))
            reading = reading if still is None else still
        return Cut(tuple(removals), len(before), tuple(sorted(before & self._stuck)), ending.smallest)

    def _left_after(self, order: Sequence[str], before: Collection[str]) -> list[int | None]:
        """Count who is left after each statement; with a derivation for each count, only at some places."""
        if self._derived is None:
            until = self._ways.reading(order)
            return [sum(until[reader] > place for reader in before) for place in range(len(order))]
        left: list[int | None] = [None] * len(order)
        for place in range(min(len(order) - 1, _COUNTED)):
            left[place] = len(self._derived(frozenset(order[: place + 1])).keys() & before)
        if order:
            left[-1] = len(self._stuck.intersection(before))
        return left

    def _to_end(self) -> set[Options]:
        for reader in self._collected:
            if frozenset() in self._options(reader):
                self._stuck.add(reader)
        return {options for reader in self._collected if reader not in self._stuck for options in self._options(reader)}

    def _options(self, reader: str) -> list[Options]:
        """Return what ends each known way of a reader."""
        return [
            frozenset(option for link in _proofs(path) for option in self._choice(link) if not option & self._fixed)
            for path in self._collected[reader]
        ]

    def _collect(self, taken: frozenset[str]) -> bool:
        """Note a way of everybody who is still left; say whether there was any."""
        left = self._still(self._ways.left, taken)
        if not left and self._derived:
            left = self._still(self._derived, taken)
            self._fixed |= taken & {step.statement for path in left.values() for step in path.steps}
        for reader, path in left.items():
            self._collected[reader].append(path)
        return bool(left)

    def _still(self, answer: Left, taken: frozenset[str]) -> Mapping[str, Path]:
        left = answer(taken)
        return {reader: left[reader] for reader in left.keys() - self._kept - self._stuck}

    def _kinds(self) -> Mapping[str, str]:
        """Say of each statement what it is good for most often."""
        kinds: dict[str, Counter[str]] = defaultdict(Counter)
        for paths in self._collected.values():
            for path in paths:
                for link, proof in zip(path.links, _proofs(path), strict=True):
                    kind = link.kind if isinstance(link, Edge) else link.by or "read"
                    for statement in {step.statement for step in proof}:
                        kinds[statement][kind] += 1
        return {statement: min(found, key=lambda kind: (-found[kind], kind)) for statement, found in kinds.items()}


def _proofs(path: Path) -> list[Sequence[Step]]:
    """Return the proof of each link of a path."""
    return [
        link.steps if isinstance(link, Grant) else link.prove(path.nodes[place], path.nodes[place + 1])
        for place, link in enumerate(path.links)
    ]


def _best_first(things: Collection[str], known: Mapping[str, list[Options]]) -> list[str]:
    """Order statements so that the known ways of most readers end soonest."""
    ordered: list[str] = []
    rest = set(things)
    alone: Counter[str] = Counter()
    some: Counter[str] = Counter()
    touched: dict[str, list[int]] = defaultdict(list)
    open_ways = list(known.values())
    for number, ways in enumerate(open_ways):
        for statement in {statement for way in ways for option in way for statement in option}:
            touched[statement].append(number)
        _weigh(alone, some, ways, 1)
    while rest:
        ordered.append(min(rest, key=lambda thing: (-alone[thing], -some[thing], thing)))
        rest.remove(ordered[-1])
        for number in touched[ordered[-1]]:
            _weigh(alone, some, open_ways[number], -1)
            left = (frozenset(option.difference(ordered[-1:]) for option in way) for way in open_ways[number])
            open_ways[number] = [way for way in left if frozenset() not in way]
            _weigh(alone, some, open_ways[number], 1)
    return ordered


def _weigh(alone: Counter[str], some: Counter[str], ways: Sequence[Options], times: int) -> None:
    """Count the statements that end all ways of a reader by themselves, and those that end some."""
    ending = [frozenset(thing for option in way if len(option) == 1 for thing in option) for way in ways]
    for thing in frozenset().union(*ending):
        some[thing] += times
    for thing in frozenset.intersection(*ending) if ending else ():
        alone[thing] += times
