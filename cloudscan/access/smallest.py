"""The smallest set of things that ends every way: a hitting set, exact where that can be had in bounded work.

A way can be ended by any of its *options*, each a set of things that must all go. To find the smallest set that ends
all of a list of ways is hard in general; the ways of an estate mostly fall apart into small problems.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

Option = frozenset[str]
Options = frozenset[Option]
_MOST_BRANCHES = 2_000
_DEEPEST = 100
"""Things that one group of ways may take for the search to be exact."""
_MOST_COMPARED = 400
"""Ways of which each is compared with every other, to leave out those that end with another."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Things that end every way of a list; ``smallest`` says that no fewer do."""

    things: frozenset[str]
    smallest: bool


def smallest(ways: Iterable[Options]) -> Ending:
    """Return a smallest set of things that ends each of these ways. Raises ``ValueError`` for a way without option."""
    ways = {_least(options) for options in ways}
    if frozenset() in ways:
        raise ValueError("a way without an option has no end")
    search = _Search()
    things = search.end({way for way in ways if frozenset() not in way})
    return Ending(things, search.branches < _MOST_BRANCHES)


class _Search:
    def __init__(self) -> None:
        self.branches = 0

    def end(self, ways: set[Options]) -> frozenset[str]:
        """Return the smallest set found that ends these ways; the smallest there is while branches are left."""
        ways, taken = _reduced(ways)
        for part in _apart(ways):
            taken |= self._branch(part)
        return taken

    def _branch(self, ways: set[Options]) -> frozenset[str]:
        """Try every option of the way that has fewest."""
        chosen = min(ways, key=lambda way: (len(way), _text(way)))
        best = _greedy(ways)
        at_least = _lower_bound(ways)
        for option in sorted(chosen, key=sorted):
            if len(best) <= at_least:
                break
            self.branches += 1
            if self.branches >= _MOST_BRANCHES or len(best) > _DEEPEST:
                self.branches = _MOST_BRANCHES
                break
            found = option | self.end(_without(ways, option))
            if len(found) < len(best):
                best = found
        return best


def _text(way: Options) -> list[list[str]]:
    return sorted(sorted(option) for option in way)


def _least(way: Options) -> Options:
    """Leave out options that ask for more than another one does."""
    if all(len(option) == 1 for option in way):
        return way
    return frozenset(option for option in way if not any(other < option for other in way))


def _without(ways: Iterable[Options], taken: Collection[str]) -> set[Options]:
    """Return the ways that are left when things are gone, each with what it still takes to end it."""
    left = (_least(frozenset(option.difference(taken) for option in way)) for way in ways)
    return {way for way in left if frozenset() not in way}


def _reduced(ways: set[Options]) -> tuple[set[Options], frozenset[str]]:
    """Take what must be taken, and leave out options and ways that change nothing about the smallest set."""
    taken: frozenset[str] = frozenset()
    while True:
        forced = frozenset(thing for way in ways if len(way) == 1 for option in way for thing in option)
        taken |= forced
        smaller = _needed(_undominated(_without(ways, forced)))
        if smaller == ways:
            return ways, taken
        ways = smaller


def _undominated(ways: set[Options]) -> set[Options]:
    """Leave out single things where another single thing ends the same ways and more."""
    ending: dict[str, set[Options]] = defaultdict(set)
    shared = {thing for way in ways for option in way if len(option) > 1 for thing in option}
    for way in ways:
        for option in way:
            if len(option) == 1:
                ending[next(iter(option))].add(way)
    dropped = set()
    for way in ways:
        single = sorted(next(iter(option)) for option in way if len(option) == 1)
        for thing in single:
            if thing in shared or thing in dropped:
                continue
            mine = ending[thing]
            if any(other != thing and other not in dropped and mine <= ending[other] for other in single):
                dropped.add(thing)
    return {frozenset(option for option in way if not option <= dropped) for way in ways} if dropped else ways


def _needed(ways: set[Options]) -> set[Options]:
    """Leave out ways that end with another: whatever ends the other ends them."""
    if len(ways) > _MOST_COMPARED:
        return ways
    kept: list[Options] = []
    for way in sorted(ways, key=lambda way: (len(way), _text(way))):
        if not any(all(any(mine <= option for mine in way) for option in other) for other in kept):
            kept.append(way)
    return set(kept)


def _apart(ways: set[Options]) -> Iterator[set[Options]]:
    """Split ways into groups that share nothing."""
    left = sorted(ways, key=_text)
    holding: dict[str, list[Options]] = defaultdict(list)
    for way in left:
        for thing in frozenset().union(*way):
            holding[thing].append(way)
    seen: set[Options] = set()
    for first in left:
        if first in seen:
            continue
        group, open_ways = {first}, [first]
        while open_ways:
            for thing in frozenset().union(*open_ways.pop()):
                open_ways += (new := [way for way in holding[thing] if way not in group])
                group.update(new)
        seen |= group
        yield group


def _lower_bound(ways: Iterable[Options]) -> int:
    """Return a number of things that it takes at least: ways that share nothing each take their own."""
    used: set[str] = set()
    bound = 0
    for way in sorted(ways, key=lambda way: (len(way), _text(way))):
        things = frozenset().union(*way)
        if not things & used:
            used |= things
            bound += min(len(option) for option in way)
    return bound


def _greedy(ways: set[Options]) -> frozenset[str]:
    """End the ways by the option that ends most for its size, again and again, then give back what was not needed."""
    taken: frozenset[str] = frozenset()
    left = ways
    while left:
        worth = Counter(option for way in left for option in way)
        most: Option = min(worth, key=lambda option: (-worth[option] / len(option), sorted(option)))
        taken |= most
        left = _without(ways, taken)
    for thing in sorted(taken):
        if not _without(ways, taken - {thing}):
            taken -= {thing}
    return taken
