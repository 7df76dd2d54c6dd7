"""Who still comes to read when statements go: one walk backwards from the grants on a store."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from cloudscan.access.answers import Ruling
from cloudscan.access.grants import Edge, Grant
from cloudscan.access.network import Network, level
from cloudscan.access.paths import RULINGS, Path
from cloudscan.access.smallest import Options
from cloudscan.access.statements import needed

_SURE_ENOUGH = RULINGS.index(Ruling.IF)


@dataclass(frozen=True, slots=True, eq=False)
class _Came:
    """A principal that still reads: by a link, and the principal behind it. A link is a hub or ``~`` a grant."""

    principal: int
    link: int
    behind: _Came | None


class Ways:
    """The ways to some grants of one store that are sure, or hang on a condition only, as statements go."""

    def __init__(self, network: Network, grants: Iterable[Grant]) -> None:
        self._network = network
        sure = (grant for grant in grants if level(grant) in range(_SURE_ENOUGH + 1))
        self._grants = sorted(sure, key=lambda grant: bool(grant.by))
        self._of_links: dict[tuple[int, int, int], Options] = {}

    def left(self, taken: frozenset[str] = frozenset()) -> Mapping[str, Path]:
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
        rest: dict[int, Sequence[int]] = {}
        waiting: list[tuple[float, int, _Came]] = []

        def come(until: float, at: _Came) -> None:
            if until >= least:
                heapq.heappush(waiting, (-until, next(turn), at))

        turn = count()
        for place, grant in enumerate(self._grants):
            for holder in self._network.holders(grant):
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
                open_yet = rest.get(hub, self._network.hubs[hub].sources)
                # What is taken up later stands no longer: a source that this one cannot help is done with the hub.
                rest[hub] = [each for each in open_yet if each not in found and best.get(each, -1) < -until]
                for source in rest[hub]:
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
            self._of_links[found] = needed(proof)
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
