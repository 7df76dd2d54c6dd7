"""All ways from one principal to one store, the best first, up to a length and a number.

No way visits a principal twice, nor takes an edge twice: a second time it could only lead to where the first
already leads.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product

from cloudscan.access.grants import Grant
from cloudscan.access.network import Network, level
from cloudscan.access.paths import RULINGS, Path, Paths

_MOST_TRIES = 1_000_000
"""Principals tried before the search is given up: in a dense network most ways come back to where they were."""


def between(network: Network, grants: Sequence[Grant], principal: str, *, max_steps: int, limit: int) -> Paths:
    """Return the paths of at most ``max_steps`` steps that end in one of these grants.

    The surest come first, of these the simplest sort, and of these the shortest. ``cut_off`` says that there are
    more than ``limit``, or may be, since the search was given up.
    """
    if principal not in network.numbers:
        return Paths()
    search = _Search(network, grants, network.numbers[principal])
    found = list(islice(search.paths(max_steps), limit + 1))
    return Paths(found[:limit], cut_off=len(found) > limit or search.given_up)


class _Search:
    def __init__(self, network: Network, grants: Sequence[Grant], start: int) -> None:
        self.network = network
        self.start = start
        self.tries = 0
        self._held: dict[int, list[tuple[int, Grant]]] = defaultdict(list)
        for grant in grants:
            if (sure := level(grant)) is not None:
                for number in network.holders(grant):
                    self._held[number].append((sure, grant))

    @property
    def given_up(self) -> bool:
        """Whether there was too much to try."""
        return self.tries >= _MOST_TRIES

    def paths(self, max_steps: int) -> Iterator[Path]:
        """Yield the paths in order: each ruling, with and without changes, each length by itself."""
        for sure, changes in product(range(len(RULINGS)), (False, True)):
            left = self._steps_left(sure, changes=changes)
            for steps in range(max_steps + 1):
                for nodes, hubs, grant in self._deeper([self.start], [], steps, left, sure, changes=changes):
                    path = self._path(nodes, hubs, grant)
                    if RULINGS.index(path.ruling) == sure and path.changes == changes:
                        yield path

    def _path(self, nodes: Sequence[int], hubs: Sequence[int], grant: Grant) -> Path:
        taken = [self.network.hubs[hub].edge for hub in hubs]
        return Path((*taken, grant), tuple(self.network.names[number] for number in nodes))

    def _steps_left(self, sure: int, *, changes: bool) -> Mapping[int, int]:
        """Return the fewest steps from each principal that one acts as to a right that ends it."""
        ends = [
            (bool(grant.by), number) for number in self._held for grant in self._ending(number, sure, changes=changes)
        ]
        left: dict[int, int] = {}
        queue = deque((number, int(by)) for by, number in sorted(ends))
        while queue:
            number, steps = queue.popleft()
            if number in left:
                continue
            left[number] = steps
            for each in self.network.arriving[number]:
                hub = self.network.hubs[each]
                if self._open(each, sure, changes=changes) and not (hub.edge.reads_only and steps):
                    queue.extend((source, steps + 1) for source in hub.sources if source not in left)
        return left

    def _deeper(
        self, nodes: list[int], hubs: list[int], steps: int, left: Mapping[int, int], sure: int, *, changes: bool
    ) -> Iterator[tuple[list[int], list[int], Grant]]:
        """Yield what a path that was begun can become with exactly so many more steps."""
        reading = bool(hubs) and self.network.hubs[hubs[-1]].edge.reads_only
        for grant in self._ending(nodes[-1], sure, changes=changes):
            if bool(grant.by) == steps and not (reading and grant.by):
                yield nodes, hubs, grant
        if not steps or reading:
            return
        for each in self.network.leaving[nodes[-1]]:
            if each in hubs or not self._open(each, sure, changes=changes):
                continue
            most = 0 if self.network.hubs[each].edge.reads_only else steps - 1
            for target in self.network.hubs[each].targets:
                if left.get(target, steps) <= most and self.network.real[target] not in nodes and not self.given_up:
                    self.tries += 1
                    yield from self._deeper([*nodes, target], [*hubs, each], steps - 1, left, sure, changes=changes)

    def _ending(self, number: int, sure: int, *, changes: bool) -> Iterator[Grant]:
        for found, grant in self._held.get(number, ()):
            if found <= sure and (changes or not grant.changes):
                yield grant

    def _open(self, hub: int, sure: int, *, changes: bool) -> bool:
        found = self.network.hubs[hub]
        return found.level <= sure and (changes or not found.edge.changes)
