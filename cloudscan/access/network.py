"""The steps of an estate as a network of numbers: who may become whom, in a form that is cheap to walk.

An edge between 2,000 sources and 1,000 targets is one *hub* with 3,000 members, never two million pairs. A step
that only *reads* as its target ends at what the target's own rights read: nobody goes on from there. Where it reads
some classes of objects only, it leads to a *listener*: a number of its own for the target, which holds only these.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from cloudscan.access.answers import Ruling
from cloudscan.access.grants import Edge, Grant
from cloudscan.access.paths import RULINGS
from cloudscan.model import MediaClass

_LEVELS = {ruling: level for level, ruling in enumerate(RULINGS)}


def level(link: Edge | Grant) -> int | None:
    """Return how unsure a link is, 0 for a plain yes; None for one that leads nowhere."""
    ruling = link.decision.ruling
    return None if ruling is Ruling.NO else _LEVELS[ruling]


@dataclass(frozen=True, slots=True)
class Hub:
    """An edge with its members as numbers."""

    edge: Edge
    level: int
    sources: tuple[int, ...]
    targets: tuple[int, ...]
    members: frozenset[int]
    """The sources again, for taking others out of them at once."""


class Network:
    """Principals by number, in the order of their ids, and the hubs between them.

    ``real`` is for each number that of the principal itself, which differs for listeners. They are guises.
    """

    def __init__(self, edges: Iterable[Edge], others: Iterable[str] = ()) -> None:
        leading = [(edge, found) for edge in edges if (found := level(edge)) is not None]
        named = set(others)
        for edge, _ in leading:
            named.update(edge.sources, edge.targets)
        self.names: list[str] = sorted(named)
        self.numbers = {name: number for number, name in enumerate(self.names)}
        self.real = list(range(len(self.names)))
        self._listeners: dict[int, dict[tuple[MediaClass, ...], int]] = {}
        for edge, _ in leading:
            if edge.reads_only and edge.media:
                self._listen(edge)
        self.hubs = [
            Hub(edge, sure, sources := self._numbered(edge.sources), self._targets(edge), frozenset(sources))
            for edge, sure in leading
        ]
        guises = {target for edge, _ in leading if edge.guise for target in edge.targets}
        listeners = (number for held in self._listeners.values() for number in held.values())
        self.guises = frozenset((*(self.numbers[name] for name in guises), *listeners))

    def _listen(self, edge: Edge) -> None:
        for target in self._numbered(edge.targets):
            held = self._listeners.setdefault(target, {})
            if edge.media not in held:
                held[edge.media] = len(self.names)
                self.names.append(self.names[target])
                self.real.append(target)

    def _targets(self, edge: Edge) -> tuple[int, ...]:
        numbers = self._numbered(edge.targets)
        if edge.reads_only and edge.media:
            return tuple(sorted(self._listeners[number][edge.media] for number in numbers))
        return numbers

    def holders(self, grant: Grant) -> Sequence[int]:
        """Return the numbers that hold a grant: its principal's, and those of the principal's listeners that may."""
        number = self.numbers[grant.principal]
        if grant.by or number not in self._listeners:
            return (number,)
        return (number, *(each for media, each in self._listeners[number].items() if grant.media in media))

    def _numbered(self, names: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(sorted({self.numbers[name] for name in names}))

    @cached_property
    def leaving(self) -> Sequence[Sequence[int]]:
        """The hubs that each principal is a source of."""
        return self._held(hub.sources for hub in self.hubs)

    @cached_property
    def arriving(self) -> Sequence[Sequence[int]]:
        """The hubs that each principal is a target of."""
        return self._held(hub.targets for hub in self.hubs)

    @cached_property
    def arrivals(self) -> Sequence[int]:
        """A number for each principal: the same for those that the same hubs arrive at."""
        numbers: dict[tuple[int, ...], int] = {}
        return [numbers.setdefault(tuple(hubs), len(numbers)) for hubs in self.arriving]

    def _held(self, members: Iterable[tuple[int, ...]]) -> Sequence[Sequence[int]]:
        nothing: tuple[int, ...] = ()
        held: list[list[int] | tuple[int, ...]] = [nothing] * len(self.names)
        for number, each in enumerate(members):
            for member in each:
                before = held[member]
                if isinstance(before, list):
                    before.append(number)
                else:
                    held[member] = [number]
        return held
