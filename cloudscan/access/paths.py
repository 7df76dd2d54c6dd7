"""Ways to a recording: who comes to read, over whom, by which steps, and under which conditions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cloudscan.access.answers import Ruling
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, Test, leaves
from cloudscan.access.grants import Edge, Grant
from cloudscan.access.sentences import sentence
from cloudscan.model import MediaClass, Step

_SAME = (Operator.EQUALS, Operator.EQUALS_IGNORING_CASE)
RULINGS = (Ruling.YES, Ruling.IF, Ruling.UNKNOWN)
"""The answers of what reaches anything, the surest first; a path is as sure as the least sure of its links."""


class Way(StrEnum):
    """How somebody comes to read, the simplest first."""

    DIRECT = "direct"
    """By rights of their own."""
    STEPS = "steps"
    """By steps that only use the cloud as it is."""
    CHANGES = "changes"
    """By steps of which one at least changes the cloud."""


@dataclass(frozen=True, slots=True)
class Path:
    """One way to the objects of a store: edges, and the grant that ends it.

    ``nodes`` are the principals on it, the reader first and the holder of the grant last, each once.
    """

    links: tuple[Edge | Grant, ...]
    nodes: tuple[str, ...]

    @property
    def grant(self) -> Grant:
        """What is read, and by which right."""
        last = self.links[-1]
        if isinstance(last, Edge):
            raise TypeError("a path ends in a grant")
        return last

    @property
    def principal(self) -> str:
        """The reader."""
        return self.nodes[0]

    @property
    def store(self) -> str:
        """The store that is read."""
        return self.grant.store

    @property
    def media(self) -> MediaClass | None:
        """The class of objects that are read."""
        return self.grant.media

    @property
    def length(self) -> int:
        """How many steps are taken before the read."""
        return len(self.links) - 1 + bool(self.grant.by)

    @property
    def direct(self) -> bool:
        """Whether the reader's own rights are enough."""
        return not self.length

    @property
    def changes(self) -> bool:
        """Whether a step of it changes the cloud."""
        return any(link.changes for link in self.links)

    @property
    def way(self) -> Way:
        """Its sort."""
        return Way.DIRECT if self.direct else Way.CHANGES if self.changes else Way.STEPS

    @property
    def ruling(self) -> Ruling:
        """Yes if every link is; unknown if one hangs on something unseen; else if."""
        return RULINGS[max(RULINGS.index(link.decision.ruling) for link in self.links)]

    @property
    def unseen(self) -> tuple[str, ...]:
        """The facts that were not seen and on which it hangs."""
        return tuple(dict.fromkeys(reason for link in self.links for reason in link.decision.unseen))

    @property
    def condition(self) -> str:
        """Say what must hold, "" if nothing, as a clause that fits after "if".

        Each step is a request of its own, so that one key may have another value in the next: the conditions stand
        side by side, each with its step, and are never joined into one.
        """
        asked = [(self._named(place), link) for place, link in enumerate(self.links)]
        hanging = [(step, terms(link)) for step, link in asked if link.decision.condition is not ALWAYS]
        if len(self.links) == 1:
            return "".join(clause for _, clause in hanging)
        return "; and ".join(f"{clause} ({step})" for step, clause in hanging)

    def _named(self, place: int) -> str:
        link = self.links[place]
        if isinstance(link, Edge):
            return f"for {link.kind} to {self.nodes[place + 1]}"
        return f"for {link.by} and the read" if link.by else "for the read"

    @property
    def steps(self) -> tuple[Step, ...]:
        """The proof, link by link."""
        edges = zip(self.links[:-1], self.nodes, self.nodes[1:], strict=False)
        taken = [step for edge, one, other in edges if isinstance(edge, Edge) for step in edge.prove(one, other)]
        return (*taken, *self.grant.steps)


def terms(link: Edge | Grant) -> str:
    """Say under which condition a link holds.

    Where a policy fills a name from the request into a resource, each object asks for a value of its own: of several
    objects, what their example asks for is told as that.
    """
    clause = sentence(link.decision.condition)
    if isinstance(link, Edge) or link.objects <= 1 or not link.example:
        return clause
    asked = [leaf for leaf in leaves(link.decision.condition) if isinstance(leaf, Test) and leaf.operator in _SAME]
    if not any(value and value in link.example for leaf in asked for value in map(str, leaf.values)):
        return clause
    return f"{clause}, as asked for {link.example}; another object may ask for another value"


class Paths(tuple[Path, ...]):
    """Paths, the best first; ``cut_off`` says that there are more than these."""

    cut_off: bool

    def __new__(cls, paths: Iterable[Path] = (), *, cut_off: bool = False) -> Paths:
        """Make it of paths that are in order."""
        made = super().__new__(cls, paths)
        made.cut_off = cut_off
        return made


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who can come to read a store: the best path of each sort, the simplest sort first.

    A sort is left out where a simpler one is a plain yes, since it would open nothing more. Where the simpler one
    hangs on a condition both are told: what the one asks for, the other may not.
    """

    principal: str
    paths: tuple[Path, ...]

    @property
    def best(self) -> Path:
        """The surest path; of equally sure ones the simplest."""
        return min(self.paths, key=lambda path: RULINGS.index(path.ruling))

    @property
    def known(self) -> tuple[Path, ...]:
        """The paths that are sure or hang on a condition."""
        return tuple(path for path in self.paths if path.ruling is not Ruling.UNKNOWN)

    @property
    def way(self) -> Way:
        """The simplest sort of what is known, by which it is counted: one may read directly under a condition, and
        surely by steps.
        """
        return (self.known or self.paths)[0].way

    @property
    def verdict(self) -> Ruling:
        """The answer of the best path."""
        return self.best.ruling

    @property
    def direct(self) -> Path | None:
        """The path by the reader's own rights."""
        return next((path for path in self.paths if path.direct), None)

    @property
    def by_steps(self) -> Path | None:
        """The surest path that takes steps; of equally sure ones that which changes nothing."""
        taking = [path for path in self.paths if not path.direct]
        return min(taking, key=lambda path: RULINGS.index(path.ruling), default=None)


@dataclass(frozen=True, slots=True)
class Blast:
    """What a principal can come to read if somebody acts as it: its blast radius.

    ``seconds`` are of speech, sure or under a condition, each object counted once: ``seconds_direct``,
    ``seconds_by_steps`` and ``seconds_by_changes`` add up to it, an object being counted by the simplest way that
    reads it as surely as any. ``seconds_conditional`` is the part of ``seconds`` for which no way is a plain yes,
    ``seconds_unknown`` what comes on top of it if facts that were not seen are so. ``objects`` and ``stores`` count
    all recorded classes, not what is unknown; ``objects_direct`` are those of them that its own rights are enough for,
    ``objects_conditional`` those for which no way is a plain yes.
    """

    principal: str
    stores: tuple[str, ...] = ()
    objects: int = 0
    objects_direct: int = 0
    objects_conditional: int = 0
    seconds: float = 0.0
    seconds_direct: float = 0.0
    seconds_by_steps: float = 0.0
    seconds_by_changes: float = 0.0
    seconds_conditional: float = 0.0
    seconds_unknown: float = 0.0


@dataclass(frozen=True, slots=True)
class Counts:
    """How many principals can come to read something, each counted in one of the first three or as unknown.

    ``direct`` read by rights of their own, ``by_steps`` only by steps that use the cloud, ``by_changes`` only by
    steps that change it; of all of these ``conditional`` have no way that is a plain yes. Of ``unknown`` nothing is
    known but that a fact which was not seen may make them readers. ``at_least`` says that one who can read stands for
    nobody knows how many.
    """

    direct: int = 0
    by_steps: int = 0
    by_changes: int = 0
    conditional: int = 0
    unknown: int = 0
    at_least: bool = False

    @property
    def readers(self) -> int:
        """All that can read, for sure or under a condition."""
        return self.direct + self.by_steps + self.by_changes


@dataclass(frozen=True, slots=True)
class Chokepoint:
    """A principal through which others must pass: without it, ``readers`` who come by steps would not come."""

    principal: str
    readers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Removal:
    """A statement to take away. ``kind`` says what it is good for: the kind of an edge, or "read".

    ``readers_gone`` no longer read when it and those before it are gone, and did when last counted. None says that
    nobody counted here: where each count takes a new derivation, not every place of a long list has one.
    """

    statement: str
    readers_gone: int | None
    kind: str


@dataclass(frozen=True, slots=True)
class Cut:
    """Which statements to take away so that nobody reads a store any more.

    ``fewest`` says that no smaller set does it. ``left`` are those who read even so, because a way of theirs hangs
    on no statement that could be taken away, or on what those who are to keep reading need. ``unsure`` may read even
    so if something that was not seen is so. Readers are counted as elsewhere: a group as who is in it.
    """

    removals: tuple[Removal, ...]
    readers_before: int
    left: tuple[str, ...] = ()
    fewest: bool = True
    unsure: tuple[Reader, ...] = ()
    needed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    readers_after: int = 0
