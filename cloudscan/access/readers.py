"""Everyone who can come to read one store, each with its best paths: one walk backwards from the readers.

The walk is repeated for each ruling, the surest first, so that a path which is a plain yes is found before a
shorter one that hangs on a condition.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from cloudscan.access.grants import Edge, Grant
from cloudscan.access.network import Network, level
from cloudscan.access.paths import RULINGS, Path, Reader, Way

_ENOUGH = 2
_WAYS = tuple(Way)


@dataclass(slots=True, eq=False)  # not frozen: a store can have a million, and these are made in half the time
class _Label:
    """A way from a principal to the store: a hub and the label behind it, or the grant that ends it.

    ``end`` is the principal whose own right ends it, or, where that right takes a step itself, the complement of
    its number, since then even the holder comes by steps.
    """

    principal: int
    end: int
    link: int | Grant
    behind: _Label | None
    changes: bool

    @property
    def way(self) -> Way | None:
        """Its sort; None for one that ends where it began."""
        if self.end == self.principal:
            return None if self.behind else Way.DIRECT
        return Way.CHANGES if self.changes else Way.STEPS


def readers(network: Network, grants: Sequence[Grant]) -> list[Reader]:
    """Return who can come to use one of these grants on one store: the simplest ways first, of these the surest."""
    starts = _starts(network, grants)
    plain = {label.principal: label for sure, label in starts if not sure and label.end >= 0}
    found = {number: {Way.DIRECT: (0, _path(network, label))} for number, label in plain.items()}
    for sure in range(len(RULINGS)):
        labelled, all_seen = _walk(network, starts, plain.keys(), sure)
        for principal, labels in labelled.items():
            _add(found.setdefault(principal, {}), network, labels, sure)
        if all_seen:
            break
    coming = ((number, paths) for number, paths in found.items() if paths and number not in network.guises)
    made = [_reader(network.names[number], paths) for number, paths in coming]
    return [reader for _, reader in sorted(made, key=lambda each: each[0])]


def _reader(name: str, paths: dict[Way, tuple[int, Path]]) -> tuple[tuple[int, int, int, str], Reader]:
    """Make a reader, and what it is put in order by."""
    told = [(place, *paths[way]) for place, way in enumerate(_WAYS) if way in paths]
    place, sure, best = min(told, key=lambda each: (each[1], each[0]))
    return (place, sure, best.length, name), Reader(name, tuple(path for _, _, path in told))


def _add(found: dict[Way, tuple[int, Path]], network: Network, labels: Sequence[_Label], sure: int) -> None:
    """Add the shortest path of each sort whose links are all at least so sure, up to a sort that is a plain yes."""
    for way in _WAYS:
        if way not in found:
            paths = (_path(network, label) for label in labels if label.way is way)
            if path := next((path for path in paths if _goes_on(path)), None):
                found[way] = sure, path
        if way in found and not found[way][0]:
            break


def _goes_on(path: Path) -> bool:
    """Say whether a path never comes back to a principal or an edge; else it makes its change on a detour."""
    links = len(path.links)
    return links == 1 or links == len(set(path.nodes)) == len(set(map(id, path.links)))


def _walk(
    network: Network, starts: Iterable[tuple[int, _Label]], plain: Set[int], sure: int
) -> tuple[dict[int, list[_Label]], bool]:
    """Label principals with their two nearest ends, with and without a change on the way; nearest first.

    A principal that reads directly comes by steps only if a way ends with another's right, and of two ends one is
    another's. The shortest way to that never comes back to where it began: from there on it would be shorter. Who
    plainly reads directly needs no further end and gets no label, nor does anybody who comes over it. Returned beside
    the labels is whether links that are less sure would add none.
    """
    kept: dict[int, list[_Label]] = {}
    queue = deque(label for found, label in starts if found <= sure)
    held: dict[tuple[int, bool], list[int]] = {}
    for label in queue:
        if label.principal not in plain:
            held.setdefault((label.principal, label.changes), []).append(label.end)
            kept.setdefault(label.principal, []).append(label)
    full = {False: set(plain), True: set(plain)}
    seen_at: dict[bool, dict[int, list[int]]] = {False: {}, True: {}}
    arrived: dict[tuple[int, bool], list[int]] = {}
    too_unsure: set[int] = set()
    real = network.real
    while queue:
        label = queue.popleft()
        own = label.behind is None and label.end >= 0
        ends = arrived.setdefault((network.arrivals[label.principal], label.changes), [])
        if len(ends) >= _ENOUGH or (own and not _room(ends, label.end)):
            continue  # every hub that arrives here has its two ends already
        for number in network.arriving[label.principal]:
            hub = network.hubs[number]
            if hub.level > sure:
                too_unsure.add(number)
                continue
            changes = label.changes or hub.edge.changes
            ends = seen_at[changes].setdefault(number, [])
            if (hub.edge.reads_only and not own) or not _room(ends, label.end):
                continue
            for source in sorted(hub.members - full[changes]):
                if source != real[label.principal] and _room(ends := held.setdefault((source, changes), []), label.end):
                    reached = _Label(source, label.end, number, label, changes)
                    kept.setdefault(source, []).append(reached)
                    queue.append(reached)
                    if len(ends) >= _ENOUGH:
                        full[changes].add(source)
    all_seen = all(found <= sure for found, _ in starts) and all(network.hubs[n].members <= plain for n in too_unsure)
    return kept, all_seen


def _room(ends: list[int], end: int) -> bool:
    """Note an end if it is one of the two nearest; say whether it is."""
    if len(ends) >= _ENOUGH or end in ends:
        return False
    ends.append(end)
    return True


def _starts(network: Network, grants: Iterable[Grant]) -> list[tuple[int, _Label]]:
    """Label the holders of grants: with the surest direct one first, then with the surest of those that take a step."""
    best: dict[tuple[bool, int, bool], tuple[int, Grant]] = {}
    for grant in grants:
        if (found := level(grant)) is None:
            continue
        for number in network.holders(grant):
            held = bool(grant.by), number, grant.changes
            if held not in best or found < best[held][0]:
                best[held] = found, grant
    return [
        (found, _Label(number, ~number if by else network.real[number], grant, None, changes))
        for (by, number, changes), (found, grant) in sorted(best.items(), key=lambda item: item[0])
    ]


def _path(network: Network, label: _Label) -> Path:
    links: list[Edge | Grant] = []
    nodes: list[str] = []
    at: _Label | None = label
    while at is not None:
        nodes.append(network.names[at.principal])
        links.append(network.hubs[at.link].edge if isinstance(at.link, int) else at.link)
        at = at.behind
    return Path(tuple(links), tuple(nodes))
