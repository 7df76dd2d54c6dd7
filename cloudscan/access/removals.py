"""In which order statements are best taken away: those first that end the known ways of most readers."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from cloudscan.access.smallest import Options


def best_first(things: Collection[str], known: Mapping[str, Sequence[Options]]) -> list[str]:
    """Order statements so that the known ways of most readers end soonest. ``known`` are the ways of each reader."""
    count = _Count()
    touched: dict[str, list[int]] = defaultdict(list)
    open_ways: list[Sequence[Options]] = list(known.values())
    for number, ways in enumerate(open_ways):
        for statement in {statement for way in ways for option in way for statement in option}:
            touched[statement].append(number)
        count.weigh(ways, 1)
    rest = set(things)
    waiting = [count.of(thing) for thing in rest]
    heapq.heapify(waiting)
    ordered: list[str] = []
    while rest:
        entry = heapq.heappop(waiting)
        thing = entry[-1]
        if thing not in rest or entry != count.of(thing):
            continue  # it was counted anew since, and waits elsewhere
        ordered.append(thing)
        rest.remove(thing)
        changed: set[str] = set()
        for number in touched[thing]:
            changed |= count.weigh(open_ways[number], -1)
            left = (frozenset(option.difference((thing,)) for option in way) for way in open_ways[number])
            open_ways[number] = [way for way in left if frozenset() not in way]
            changed |= count.weigh(open_ways[number], 1)
        for each in changed & rest:
            heapq.heappush(waiting, count.of(each))
    return ordered


class _Count:
    """How many readers each statement ends all ways of by itself, and of how many some."""

    def __init__(self) -> None:
        self._alone: Counter[str] = Counter()
        self._some: Counter[str] = Counter()

    def of(self, thing: str) -> tuple[int, int, str]:
        """Return what a statement is put in order by."""
        return -self._alone[thing], -self._some[thing], thing

    def weigh(self, ways: Sequence[Options], times: int) -> frozenset[str]:
        """Count the ways of one reader in or out; return the statements that this is about."""
        ending = [frozenset(thing for option in way if len(option) == 1 for thing in option) for way in ways]
        some: frozenset[str] = frozenset().union(*ending)
        for thing in some:
            self._some[thing] += times
        for thing in frozenset.intersection(*ending) if ending else ():
            self._alone[thing] += times
        return some
