"""All that one principal can come to read: one walk forward for each degree of sureness, with and without changes."""

from __future__ import annotations

from collections import deque
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


def reached(network: Network, held: Mapping[str, Sequence[Grant]], principal: str) -> list[Path]:
    """Return the best path to each class of objects of each store, by store and class.

    ``held`` are the grants to read by their holder. Of equally sure paths the simplest sort is best, and of one sort
    the shortest.
    """
    best: dict[Target, Path] = {}
    if principal in network.numbers:
        for sure in range(len(RULINGS)):
            for changes in (False, True):
                for target, path in _at(network, held, network.numbers[principal], sure, changes=changes).items():
                    best.setdefault(target, path)
    return [best[target] for target in sorted(best, key=lambda target: (target[0], target[1] or ""))]


def _at(
    network: Network, held: Mapping[str, Sequence[Grant]], start: int, sure: int, *, changes: bool
) -> dict[Target, Path]:
    """Return the shortest paths whose links are all at least so sure."""
    came, depths = _walk(network, start, sure, changes=changes)
    shortest: dict[Target, tuple[int, Place, Grant]] = {}
    for place, depth in depths.items():
        number, acting = place
        for grant in held.get(network.names[number], ()):
            found = level(grant)
            held_here = number in network.holders(grant) and (acting or not grant.by)
            if found is None or found > sure or not held_here or (grant.changes and not changes):
                continue
            target, length = (grant.store, grant.media), depth + bool(grant.by)
            if target not in shortest or length < shortest[target][0]:
                shortest[target] = length, place, grant
    return {target: _path(network, came, place, grant) for target, (_, place, grant) in shortest.items()}


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
