"""All that one principal can come to read: one walk forward for each degree of sureness, with and without changes."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence

from cloudscan.access.grants import Edge, Grant
from cloudscan.access.network import Network, level
from cloudscan.access.paths import RULINGS, Path
from cloudscan.model import MediaClass

Place = tuple[int, bool]
"""A principal that one acts as (True), or as which one only reads (False)."""
Came = dict[Place, tuple[int, Place] | None]
"""By which hub, and from where, each place is reached on the shortest way; None for the start."""
Target = tuple[str, MediaClass | None]
End = tuple[int, Place, Grant]
"""After how many steps, at which place, and by which right of it somebody reads."""


def reached(network: Network, held: Mapping[str, Sequence[Grant]], principal: str) -> list[Path]:
    """Return the best path to each class of objects of each store, by store and class, the surest first.

    ``held`` are the grants to read by their holder. Of equally sure paths the simplest sort is best, and of one sort
    the shortest. A less sure path is told besides where it leads to objects to which no surer one does.
    """
    best: dict[tuple[Target, int], Path] = {}
    surer: dict[Target, dict[int, Grant]] = defaultdict(dict)
    for sure in range(len(RULINGS)) if principal in network.numbers else ():
        new: dict[Target, dict[int, Grant]] = defaultdict(dict)
        for changes in (False, True):
            came, ends = _at(network, held, network.numbers[principal], sure, changes=changes)
            for target, found in ends.items():
                more = _adding(found, surer[target])
                new[target].update({id(grant): grant for _, _, grant in more})
                if more and (target, sure) not in best:
                    _, place, grant = min(more, key=lambda end: end[0])
                    best[target, sure] = _path(network, came, place, grant)
        for target, grants in new.items():
            surer[target].update(grants)
    return [best[one] for one in sorted(best, key=lambda one: (one[0][0], one[0][1] or "", one[1]))]


def _adding(ends: Sequence[End], others: Mapping[int, Grant]) -> Sequence[End]:
    """Return those that lead to objects to which none of some others leads."""
    rest = [end for end in ends if id(end[2]) not in others]
    if not rest or not others:
        return rest
    told = frozenset[str]().union(*(each.pieces for each in others.values()))
    return [end for end in rest if not end[2].pieces <= told]


def _at(
    network: Network, held: Mapping[str, Sequence[Grant]], start: int, sure: int, *, changes: bool
) -> tuple[Came, dict[Target, list[End]]]:
    """Return where ways end whose links are all at least so sure, and by which steps one comes there."""
    came, depths = _walk(network, start, sure, changes=changes)
    ends: dict[Target, list[End]] = defaultdict(list)
    for place, depth in depths.items():
        number, acting = place
        for grant in held.get(network.names[number], ()):
            found = level(grant)
            held_here = number in network.holders(grant) and (acting or not grant.by)
            if found is None or found > sure or not held_here or (grant.changes and not changes):
                continue
            ends[grant.store, grant.media].append((depth + bool(grant.by), place, grant))
    return came, ends


def _walk(network: Network, start: int, sure: int, *, changes: bool) -> tuple[Came, dict[Place, int]]:
    came: Came = {(start, True): None}
    depths: dict[Place, int] = {(start, True): 0}
    queue = deque(came)
    used: set[int] = set()
    while queue:
        place = queue.popleft()
        if not place[1]:
            continue
        for each in network.leaving[place[0]]:
            hub = network.hubs[each]
            if each in used or hub.level > sure or (hub.edge.changes and not changes):
                continue
            used.add(each)
            for target in hub.targets:
                beyond = target, not hub.edge.reads_only
                if beyond not in came and network.real[target] != start:
                    came[beyond], depths[beyond] = (each, place), depths[place] + 1
                    queue.append(beyond)
    return came, depths


def _path(network: Network, came: Came, place: Place, grant: Grant) -> Path:
    links: list[Edge | Grant] = [grant]
    nodes = [network.names[place[0]]]
    at = came[place]
    while at is not None:
        hub, place = at
        links.append(network.hubs[hub].edge)
        nodes.append(network.names[place[0]])
        at = came[place]
    return Path(tuple(reversed(links)), tuple(reversed(nodes)))
