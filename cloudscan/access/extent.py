"""The whole estate at once: every principal against every class of objects, in time near to linear.

What a principal comes to read is a set of classes, kept as the bits of one whole number. Principals that stand in
the same edges are walked as one; what can reach each other is one component; and a component reads what its own
members read and what the components behind it do.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cloudscan.access.grants import Apart, Grant, Part
from cloudscan.access.network import Network, level
from cloudscan.access.paths import RULINGS, Blast, Counts, Way
from cloudscan.access.standing import Standing
from cloudscan.model import MediaClass

_SURE, _IF, _UNSEEN = range(len(RULINGS))
_SORTS = len(Way)


@dataclass(frozen=True, slots=True)
class _Class:
    """Objects of a store that no document tells apart: known by their store, class and first key."""

    store: str
    media: MediaClass | None
    objects: int
    seconds: float


Row = tuple[int, ...]
"""What one principal reads, for each ruling three sets of classes: by its own rights, also by steps that only use
the cloud, and also by steps that change it. The sets of a less sure ruling hold those of the surer ones."""
Bits = dict[int, int]
"""Sets of classes by the number of a principal."""
Name = tuple[str, MediaClass | None, str]


@dataclass(frozen=True, slots=True)
class _Counted:
    """How many read alike, by what they read, when some stand for others. ``rows`` are of those who read otherwise then
    than by themselves, ``several`` of those behind whom there may be more.
    """

    standing: Standing
    alike: Counter[Row]
    rows: Mapping[str, Row]
    several: Mapping[str, Row]


class Extent:
    """What everybody can come to read. Guises are left out of every count."""

    def __init__(self, network: Network, grants: Iterable[Grant]) -> None:
        self._network = network
        self._classes: list[_Class] = []
        self._bits: dict[Name, int] = {}
        self._sets: dict[tuple[str, MediaClass | None, int], tuple[Apart, int]] = {}
        own: dict[tuple[int, Way], Bits] = defaultdict(lambda: defaultdict(int))
        for grant in grants:
            sure = level(grant)
            if sure is not None:
                way = Way.DIRECT if not grant.by else Way.CHANGES if grant.changes else Way.STEPS
                for number in network.holders(grant):
                    own[sure, way][number] |= self._set(grant)
        self._rows: list[Row] = list(zip(*_columns(network, own), strict=True))
        self._alike = Counter(row for number, row in enumerate(self._rows) if number not in network.guises)
        self._blasts: dict[Row, Blast] = {}
        self._counted: _Counted | None = None

    def _set(self, grant: Grant) -> int:
        """Return the classes that a grant speaks of: its parts, or where it names none, itself as one."""
        name = grant.store, grant.media, id(grant.apart)
        if name not in self._sets:
            bits = 0
            for part in grant.parts:
                bits |= 1 << self._bit(grant, part)
            self._sets[name] = grant.apart, bits  # kept, so that nothing else gets its id
        bits = self._sets[name][1]
        return bits or 1 << self._bit(grant, Part(grant.example or "", grant.objects, grant.seconds))

    def _bit(self, grant: Grant, part: Part) -> int:
        """Number a class; the fullest count of it is kept."""
        name = grant.store, grant.media, part.example
        told = _Class(grant.store, grant.media, part.objects, part.seconds)
        bit = self._bits.setdefault(name, len(self._classes))
        if bit == len(self._classes):
            self._classes.append(told)
        elif part.objects > self._classes[bit].objects:
            self._classes[bit] = told
        return bit

    def counts(
        self,
        standing: Standing,
        store: str | None = None,
        media: MediaClass | None = None,
        *,
        without: Collection[str] = (),
    ) -> Counts:
        """Count those who can come to read a store (or any), and of it a class (or any); some left out."""
        if self._counted is None or self._counted.standing is not standing:
            self._counted = self._count(standing)
        told = self._counted
        wanted = sum(
            1 << bit
            for bit, held in enumerate(self._classes)
            if store in (None, held.store) and media in (None, held.media)
        )
        counted: Counter[str] = Counter()
        for row, many in told.alike.items():
            for sort in _sorts(row, wanted):
                counted[sort] += many
        for name in set(without):
            counted.subtract(_sorts(told.rows.get(name, self._row(name)), wanted))
        behind = (_sorts(row, wanted) for name, row in told.several.items() if name not in without)
        return Counts(**counted, at_least=any(sorts and sorts != ["unknown"] for sorts in behind))

    def _row(self, name: str) -> Row:
        """Return what a principal reads; a guise, and whoever stands in no grant or edge, counts for nothing."""
        number = self._network.numbers.get(name)
        nothing = number is None or number in self._network.guises
        return (0,) * _SORTS * len(RULINGS) if number is None or nothing else self._rows[number]

    def _count(self, standing: Standing) -> _Counted:
        rows: dict[str, Row] = {}
        alike = Counter(self._alike)
        gone = [name for name in standing.instead if name in self._network.numbers]
        for name in gone:
            alike.subtract([self._row(name)])
            for each in standing.instead[name]:
                if each not in rows:
                    rows[each] = self._row(each)
                    alike.subtract([rows[each]] if each in self._network.numbers else ())
                rows[each] = tuple(mine | its for mine, its in zip(rows[each], self._row(name), strict=True))
        alike.update(rows.values())
        names = {*self._network.numbers, *rows}
        several = {name: rows.get(name, self._row(name)) for name in names if standing.several(name)}
        return _Counted(standing, alike, rows | dict.fromkeys(gone, self._row("")), several)

    def blast(self, principal: str) -> Blast:
        """Add up what a principal can come to read."""
        number = self._network.numbers.get(principal)
        if number is None:
            return Blast(principal)
        row = self._rows[number]
        if row not in self._blasts:
            self._blasts[row] = self._added(row)
        return replace(self._blasts[row], principal=principal)

    def amounts(self, principal: str) -> tuple[tuple[int, ...], ...]:
        """Count the objects that a principal reads: for each ruling and those surer, by each sort and those simpler."""
        number = self._network.numbers.get(principal)
        row = (0,) * _SORTS * len(RULINGS) if number is None else self._rows[number]
        objects = [sum(held.objects for held in self._listed(bits)) for bits in row]
        return tuple(tuple(objects[place : place + _SORTS]) for place in range(0, len(row), _SORTS))

    def _added(self, row: Row) -> Blast:
        seconds = dict.fromkeys(range(len(row)), 0.0)
        stores, objects, own, conditional, seen = set(), 0, 0, 0, 0
        for place, found in enumerate(row):
            for held in self._listed(found & ~seen):
                seconds[place] += held.seconds if held.media is MediaClass.SPEECH else 0.0
                if place < _SORTS * _UNSEEN:
                    stores.add(held.store)
                    objects += held.objects
                    own += held.objects if place % _SORTS == 0 else 0
                    conditional += held.objects if place >= _SORTS * _IF else 0
            seen |= found
        direct, steps, changes = (
            seconds[_SORTS * _SURE + sort] + seconds[_SORTS * _IF + sort] for sort in range(_SORTS)
        )
        return Blast(
            principal="",
            stores=tuple(sorted(stores)),
            objects=objects,
            objects_direct=own,
            objects_conditional=conditional,
            seconds=direct + steps + changes,
            seconds_direct=direct,
            seconds_by_steps=steps,
            seconds_by_changes=changes,
            seconds_conditional=sum(seconds[_SORTS * _IF + sort] for sort in range(_SORTS)),
            seconds_unknown=sum(seconds[_SORTS * _UNSEEN + sort] for sort in range(_SORTS)),
        )

    def _listed(self, bits: int) -> Iterator[_Class]:
        while bits:
            low = bits & -bits
            yield self._classes[low.bit_length() - 1]
            bits ^= low


def _sorts(row: Row, wanted: int) -> list[str]:
    """Name the counts that a principal belongs to."""
    for place, sort in enumerate(("direct", "by_steps", "by_changes")):
        if row[_SORTS * _IF + place] & wanted:
            return [sort] if row[_SORTS * _SURE + _SORTS - 1] & wanted else [sort, "conditional"]
    return ["unknown"] if row[-1] & wanted else []


def _columns(network: Network, own: Mapping[tuple[int, Way], Bits]) -> Iterator[Sequence[int]]:
    """Yield the sets of all principals, a column for each place of a row."""
    changing = any(hub.edge.changes for hub in network.hubs)
    present = {hub.level for hub in network.hubs}.union(sure for sure, _ in own)
    everybody = range(len(network.names))
    last: list[Sequence[int]] = [[0] * len(network.names)] * _SORTS
    for sure in range(len(RULINGS)):
        if sure in present:
            held = {
                way: _together(bits for (each, of), bits in own.items() if of is way and each <= sure) for way in Way
            }
            direct, using = held[Way.DIRECT], _together((held[Way.DIRECT], held[Way.STEPS]))
            last = [
                [direct.get(number, 0) for number in everybody],
                _closed(network, direct, using, sure, changes=False),
            ]
            if changing or held[Way.CHANGES]:
                every = _together((using, held[Way.CHANGES]))
                last.append(_closed(network, direct, every, sure, changes=True))
            else:
                last.append(last[-1])
        yield from last


def _together(sets: Iterable[Bits]) -> Bits:
    joined: Bits = defaultdict(int)
    for bits in sets:
        for number, found in bits.items():
            joined[number] |= found
    return joined


def _closed(network: Network, direct: Bits, own: Bits, sure: int, *, changes: bool) -> list[int]:
    """Return what each principal reads over hubs that are at least so sure."""
    usable = [
        number for number, hub in enumerate(network.hubs) if hub.level <= sure and (changes or not hub.edge.changes)
    ]
    behind = _behind_hubs(network, direct, own, usable)
    closed = []
    for number, leaving in enumerate(network.leaving):
        found = own.get(number, 0)
        for hub in leaving:
            found |= behind.get(hub, 0)
        closed.append(found)
    return closed


def _behind_hubs(network: Network, direct: Bits, own: Bits, usable: Sequence[int]) -> dict[int, int]:
    """Return what can be read by going through each usable hub.

    Nodes of the graph are the hubs, and the kinds of principals that one can arrive at and leave from: those that
    stand in the same hubs are one kind.
    """
    import networkx

    kinds: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}
    reads: dict[int, int] = {}
    graph: networkx.DiGraph[int] = networkx.DiGraph()
    allowed = set(usable)
    for number in usable:
        hub = network.hubs[number]
        source = direct if hub.edge.reads_only else own
        graph.add_node(number)
        reads[number] = 0
        for target in hub.targets:
            reads[number] |= source.get(target, 0)
    for arriving, leaving in zip(network.arriving, network.leaving, strict=True):
        ins = tuple(hub for hub in arriving if hub in allowed and not network.hubs[hub].edge.reads_only)
        outs = tuple(hub for hub in leaving if hub in allowed)
        if ins and outs and (ins, outs) not in kinds:
            kinds[ins, outs] = kind = -1 - len(kinds)
            graph.add_edges_from((hub, kind) for hub in ins)
            graph.add_edges_from((kind, hub) for hub in outs)
    components = networkx.condensation(graph)
    for component in reversed(list(networkx.topological_sort(components))):
        members = components.nodes[component]["members"]
        found = 0
        for member in members:
            found |= reads.get(member, 0)
        for beyond in components.successors(component):
            found |= components.nodes[beyond]["reads"]
        components.nodes[component]["reads"] = found
    return {
        hub: components.nodes[component]["reads"] for hub, component in components.graph["mapping"].items() if hub >= 0
    }
