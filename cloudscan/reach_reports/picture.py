"""What every picture shows, before it has a form: boxes of principals that are alike, and the links between them.

A picture of few shows everyone. Of many it groups those that come the same way; those through whom most come keep
their own boxes longest. Nothing is left out: a group counts and names all its members.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from cloudscan.access import Edge, Path, Ruling
from cloudscan.access.paths import RULINGS, terms
from cloudscan.errors import UsageError
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN
from cloudscan.reach.answers import Answer, Between, Overview, Reached, Readers

_MOST_BOXES, _MOST_LINKS = 26, 36
_STORES = 10
"""Stores that keep their own boxes."""


class Alike(Enum):
    """What must be the same of the links of two principals for them to share a box."""

    STEPS = "where they lead, by which kind of step, and how sure"
    SURENESS = "where they lead, and how sure"
    ENDS = "where they lead"
    NAMED_ENDS = "where they lead, as far as that has a box of its own"


_COARSER = (
    (12, Alike.STEPS),
    (8, Alike.STEPS),
    (8, Alike.SURENESS),
    (8, Alike.ENDS),
    (8, Alike.NAMED_ENDS),
    (5, Alike.NAMED_ENDS),
    (3, Alike.NAMED_ENDS),
    (0, Alike.NAMED_ENDS),
)
"""How many of those through whom others come keep their own boxes, and who else is alike, tried one after the other."""


@dataclass(frozen=True, slots=True)
class Box:
    """Principals that come the same way, or a store, in the column where it stands.

    ``kind`` is ``store``, ``outside`` for who is none of the estate's, ``through`` for whom others come through, or
    "". ``passing`` counts the readers who have no other way, where readers are asked for. ``guise`` is for what
    somebody becomes that is no principal of its own, ``unsure`` for those of whom it is not known that they read.
    """

    members: tuple[str, ...]
    kind: str
    column: int
    passing: int = 0
    guise: bool = False
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A step, or the read itself, from one box to another, by their places. ``many`` counts who takes it.

    Of several ``kinds`` the commonest comes first.
    """

    source: int
    target: int
    kinds: tuple[str, ...]
    ruling: Ruling
    changes: bool
    conditions: tuple[str, ...]
    many: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Boxes and links, in a stable order, and the heads of the columns from left to right."""

    boxes: Sequence[Box]
    links: Sequence[Link]
    heads: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Raw:
    """A link between two by name."""

    source: str
    target: str
    kind: str
    ruling: Ruling
    changes: bool


def paths_of(answer: Answer) -> list[Path]:
    """Return the paths that an answer tells. Raises :class:`UsageError` for one that is no picture."""
    match answer:
        case Readers():
            return [path for reader in (*answer.readers, *answer.unknown) for path in reader.paths]
        case Reached():
            return [*answer.paths, *answer.unknown, *answer.open]
        case Between():
            return [*answer.paths, *answer.open]
        case _:
            raise UsageError("this answer is a list, not a picture: use -f terminal or -f json")


def end_of(answer: Answer, path: Path) -> str:
    """Name what a path ends in: the store, or the one object that was asked about."""
    return path.store if isinstance(answer, Reached | Overview) else answer.target.id


def picture(answer: Answer, *, every: bool = False) -> Picture:
    """Draw an answer, grouping what is alike if there is much of it; ``every`` groups nothing."""
    graph = _Graph(answer)
    if every:
        return graph.drawn(graph.everybody, Alike.STEPS)
    made = graph.drawn(graph.everybody, Alike.STEPS)
    for most, alike in _COARSER:
        if len(made.boxes) > _MOST_BOXES:
            made = graph.drawn(graph.named(most), alike)
    return made if len(made.links) <= _MOST_LINKS else replace(made, links=_merged(made.links))


def _merged(links: Sequence[Link]) -> list[Link]:
    """Draw links of several kinds as one, where they are as sure and change as much."""
    joined: dict[tuple[int, int, bool, Ruling], list[Link]] = defaultdict(list)
    for link in links:
        joined[link.source, link.target, link.changes, link.ruling].append(link)
    return [
        replace(
            group[0],
            kinds=tuple(
                kind for link in sorted(group, key=lambda link: (-link.many, link.kinds)) for kind in link.kinds
            ),
            conditions=tuple(dict.fromkeys(condition for link in group for condition in link.conditions)),
            many=sum(link.many for link in group),
        )
        for group in joined.values()
    ]


class _Graph:
    """The links of all paths, between principals by name."""

    def __init__(self, answer: Answer) -> None:
        self.links: dict[_Raw, set[str]] = defaultdict(set)
        self.passing: dict[str, set[str]] = defaultdict(set)
        self.places: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self.outside: set[str] = set()
        self.guises: set[str] = set()
        self.unsure = {reader.principal for reader in answer.unknown} if isinstance(answer, Readers) else set()
        self.doors = answer.asked.estate.federations
        self.stores: set[str] = set() if isinstance(answer, Reached | Overview) else {answer.target.id}
        self.asking = answer.principal if isinstance(answer, Reached | Between) else None
        for path in paths_of(answer):
            self._add(path, end_of(answer, path))
        self._open_to(answer.open if isinstance(answer, Reached | Between) else ())
        chokepoints = answer.chokepoints if isinstance(answer, Readers) else ()
        self.only = {one.principal: frozenset(one.readers) for one in chokepoints}
        self.steps = {name: min(left for _, left in found) for name, found in self.places.items()}

    def _add(self, path: Path, end: str) -> None:
        self.stores.add(end)
        links = zip(path.links, path.nodes, (*path.nodes[1:], end), strict=True)
        for place, (link, source, target) in enumerate(links):
            kind = link.kind if isinstance(link, Edge) else link.by or "read"
            raw = _Raw(source, target, kind, link.decision.ruling, link.changes)
            self.links[raw] |= set() if raw.ruling is Ruling.YES else {terms(link)}
            # Who asks takes one step more to what is open to everybody: to come as anyone does.
            behind = int(path.principal != self.asking) if self.asking else 0
            self.places[source].append((place + behind, path.length - place))
            if link.outside or source in self.doors or source in (ANYONE, ANYONE_SIGNED_IN):
                self.outside.add(source)
            if isinstance(link, Edge) and link.guise:
                self.guises.add(target)
            if place:
                self.passing[source].add(path.principal)

    def _open_to(self, paths: Sequence[Path]) -> None:
        """Link who asks with everybody, where what is open to everybody is told."""
        for path in paths if self.asking else ():
            raw = _Raw(self.asking or "", path.principal, "as everybody can", Ruling.YES, changes=False)
            self.links[raw] |= set()
            self.places[raw.source].append((0, path.length + 1))

    def _columns(self) -> tuple[Mapping[str, int], Sequence[str]]:
        """Say in which column everybody stands: by what is left to the read, or by how far it is from who asks."""
        if self.asking is None:
            deepest = max(self.steps.values(), default=0)
            heads = [_steps(steps, "away") if steps else "whose rights read" for steps in range(deepest, -1, -1)]
            return {name: deepest - steps for name, steps in self.steps.items()}, heads
        far = {name: max(place for place, _ in found) for name, found in self.places.items()}
        heads = [f"after {_steps(place)}" if place else "who asks" for place in range(max(far.values(), default=0) + 1)]
        return far, heads

    @property
    def everybody(self) -> set[str]:
        return set(self.steps)

    def named(self, most: int) -> set[str]:
        """Return who keeps a box: where one principal asks, that one, and those through whom most come."""
        ordered = sorted(self.passing, key=lambda name: (-len(self.passing[name]), name))
        return {self.asking or ""} | set(ordered[:most])

    def drawn(self, named: set[str], alike: Alike) -> Picture:
        """Put those who are not named together where their links are alike."""
        keys = self._keys(named, alike)
        members: dict[object, list[str]] = defaultdict(list)
        for name in sorted(keys):
            members[keys[name]].append(name)
        columns, heads = self._columns()
        at = {**columns, **dict.fromkeys(self.stores, len(heads))}
        ordered = sorted(members.values(), key=lambda group: (at[group[0]], group))
        boxes = [self._box(group, min(at[name] for name in group)) for group in ordered]
        places = {name: place for place, group in enumerate(ordered) for name in group}
        return Picture(boxes, self._joined(places), (*heads, "what is read"))

    def _box(self, group: Sequence[str], column: int) -> Box:
        passing: frozenset[str] = frozenset().union(*(self.only.get(name, ()) for name in group))
        through = any(name in self.passing for name in group)
        first = group[0]
        kind = "store" if first in self.stores else "outside" if first in self.outside else "through" if through else ""
        return Box(tuple(group), kind, column, len(passing), first in self.guises, first in self.unsure)

    def _keys(self, named: set[str], alike: Alike) -> Mapping[str, object]:
        """Say for each principal and store what tells it from others, the nearest to the read first."""
        keys = self._keys_of_stores()
        leaving: dict[str, list[_Raw]] = defaultdict(list)
        for raw in self.links:
            leaving[raw.source].append(raw)
        for name in sorted(self.steps, key=lambda name: (self.steps[name], name)):
            if name in named:
                keys[name] = name
                continue
            ways = frozenset(
                (self._end(raw.target, keys, alike), raw.changes)
                + ((raw.ruling,) if alike in (Alike.STEPS, Alike.SURENESS) else ())
                + ((raw.kind,) if alike is Alike.STEPS else ())
                for raw in leaving[name]
            )
            kind = name in self.passing, name in self.outside, name in self.guises, name in self.unsure
            keys[name] = self.steps[name], kind, ways
        return keys

    def _keys_of_stores(self) -> dict[str, object]:
        """Tell stores apart by name while they are few, and else by who reads them."""
        if len(self.stores) <= _STORES:
            return {store: store for store in self.stores}
        arriving: dict[str, set[_Raw]] = defaultdict(set)
        for raw in self.links:
            arriving[raw.target].add(replace(raw, target=""))
        return {store: frozenset(arriving[store]) for store in self.stores}

    def _end(self, target: str, keys: Mapping[str, object], alike: Alike) -> object:
        key = keys.get(target, "farther")
        return self.steps.get(target) if alike is Alike.NAMED_ENDS and isinstance(key, tuple) else key

    def _joined(self, places: Mapping[str, int]) -> list[Link]:
        joined: dict[tuple[int, int, bool, str, int], list[_Raw]] = defaultdict(list)
        for raw in self.links:
            sure = RULINGS.index(raw.ruling)
            joined[places[raw.source], places[raw.target], raw.changes, raw.kind, sure].append(raw)
        made = []
        for (source, target, changes, kind, sure), raws in sorted(joined.items()):
            conditions = sorted(set().union(*(self.links[raw] for raw in raws)))
            many = len({raw.source for raw in raws})
            made.append(Link(source, target, (kind,), RULINGS[sure], changes, tuple(conditions), many))
        return made


def _steps(many: int, word: str = "") -> str:
    return f"{many} step{'' if many == 1 else 's'} {word}".rstrip()
