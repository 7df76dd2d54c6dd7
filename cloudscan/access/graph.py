"""Who may do what and who may become whom: derived grants and edges, and the questions that are asked of them.

Nobody outside this package sees how the graph is held. What is asked of one store or one principal walks only what
leads to it; what is asked of the whole estate is answered once, for all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial

from cloudscan.access.answers import Ruling
from cloudscan.access.between import between
from cloudscan.access.chokepoints import chokepoints
from cloudscan.access.cuts import Cutting, Left, tries
from cloudscan.access.extent import Extent
from cloudscan.access.grants import Edge, Grant
from cloudscan.access.network import Network
from cloudscan.access.paths import RULINGS, Blast, Chokepoint, Counts, Cut, Path, Paths, Reader, Way
from cloudscan.access.reached import reached
from cloudscan.access.readers import readers
from cloudscan.access.standing import ITSELF, Standing
from cloudscan.access.statements import named, needed, without
from cloudscan.access.ways import Ways
from cloudscan.model import Action, MediaClass

MOST_STEPS = 5
"""Steps that a path takes at most when all paths are asked for and nothing else is said."""
MOST_PATHS = 100


class AccessGraph:
    """The derived grants and edges of an estate, in a stable order."""

    def __init__(self, derived: Iterable[Grant | Edge]) -> None:
        derived = list(derived)
        self.edges: Sequence[Edge] = sorted((each for each in derived if isinstance(each, Edge)), key=_edge_order)
        self.grants: Sequence[Grant] = sorted((each for each in derived if isinstance(each, Grant)), key=_grant_order)
        self._on: dict[str, list[Grant]] = defaultdict(list)
        for grant in self.grants:
            self._on[grant.store].append(grant)

    @cached_property
    def _network(self) -> Network:
        reading = {grant.principal for grant in self.grants if grant.action is Action.READ}
        return Network(self.edges, reading)

    @cached_property
    def _held(self) -> dict[str, list[Grant]]:
        held: dict[str, list[Grant]] = defaultdict(list)
        for grant in self.grants:
            if grant.action is Action.READ:
                held[grant.principal].append(grant)
        return held

    @cached_property
    def _extent(self) -> Extent:
        return Extent(self._network, (grant for grant in self.grants if grant.action is Action.READ))

    def on(
        self,
        store: str,
        action: Action,
        *,
        media: MediaClass | None = None,
        principal: str | None = None,
    ) -> list[Grant]:
        """Return the direct grants of an action on a store, narrowed to a class of objects or a principal."""
        return [
            grant
            for grant in self._on.get(store, ())
            if grant.action is action
            and not grant.by
            and (media is None or grant.media is media)
            and (principal is None or grant.principal == principal)
        ]

    def _reading(self, store: str, media: MediaClass | None) -> list[Grant]:
        held = self._on.get(store, ())
        return [each for each in held if each.action is Action.READ and media in (None, each.media)]

    @property
    def principals(self) -> Sequence[str]:
        """Everybody who reads something or takes a step, by id; guises are left out."""
        network = self._network
        return [name for number, name in enumerate(network.names) if number not in network.guises]

    def readers(self, store: str, media: MediaClass | None = None) -> Sequence[Reader]:
        """Return everyone who can come to read a store: direct readers first, then by steps, in a stable order."""
        return readers(self._network, self._reading(store, media))

    def reached(self, principal: str) -> Sequence[Path]:
        """Return a principal's best path to each class of objects of each store that it can come to read."""
        return reached(self._network, self._held, principal)

    def paths(
        self,
        principal: str,
        store: str,
        media: MediaClass | None = None,
        *,
        max_steps: int = MOST_STEPS,
        limit: int = MOST_PATHS,
    ) -> Paths:
        """Return all ways of a principal to a store, the best first, and whether there are more."""
        reading = self._reading(store, media)
        return between(self._network, reading, principal, max_steps=max_steps, limit=limit)

    def counts(
        self,
        standing: Standing,
        store: str | None = None,
        media: MediaClass | None = None,
        *,
        without: Collection[str] = (),
    ) -> Counts:
        """Count who can come to read a store, or any store, leaving some principals out of the count.

        ``standing`` says whom names that stand for others count for.
        """
        return self._extent.counts(standing, store, media, without=without)

    def blast(self, principal: str) -> Blast:
        """Say how much a principal can come to read, in stores, objects and hours of speech."""
        return self._extent.blast(principal)

    def chokepoints(self, store: str, media: MediaClass | None = None) -> Sequence[Chokepoint]:
        """Return through whom readers by steps must pass, those first whom most pass through."""
        return chokepoints(self._network, self._reading(store, media))

    def cut(
        self,
        store: str,
        keep: Collection[str] = (),
        media: MediaClass | None = None,
        *,
        again: Callable[[frozenset[str]], AccessGraph] | None = None,
        removable: Collection[str] = (),
        most_tries: int | None = None,
        counted: Standing = ITSELF,
    ) -> Cut:
        """Find the fewest statements to take away so that nobody reads a store but those who are to keep it.

        Only ways that are sure or hang on a condition are ways here. A link is taken to end when all statements are
        gone that say the same of the same two, which is certain, but may be more than it takes: a proof does not tell
        which of its statements would be enough. ``again`` tells: it derives the graph as it is without statements, of
        which it can take away those that are ``removable``. With it, the answer is what truly is the smallest, unless
        that would take more than ``most_tries`` derivations to show: it then says so.

        Who is to keep reading keeps every object, as surely and as simply as before; what it reads by steps that change
        the cloud is kept only where its best way is one, and what hangs on something unseen only where that does.
        ``counted`` says whom names that stand for others count for.
        """
        readers = self.readers(store, media) if keep else ()
        kept = {reader.principal: reader.best for reader in readers if reader.principal in keep}
        held = self._amounts(kept, store, media)

        def losing(graph: AccessGraph) -> list[str]:
            now = graph._amounts(kept, store, media)
            return [name for name in kept if any(one > other for one, other in zip(held[name], now[name], strict=True))]

        if again is None:
            ways = self.ways(store, media)

            def standing(taken: frozenset[str]) -> Left:
                def unsure() -> Sequence[Reader]:
                    return _unsure(self.without(taken).readers(store, media))

                return Left(ways.left(taken), unsure, losing(self.without(taken)) if kept else ())

            return Cutting(standing, kept, needed, standing=counted).cut(ways.reading)

        def derived(taken: frozenset[str]) -> Left:
            graph = again(taken) if taken else self
            return Left(graph.ways(store, media).left(), lambda: _unsure(graph.readers(store, media)), losing(graph))

        most = tries(len(self.grants)) if most_tries is None else most_tries
        choice = partial(named, removable=frozenset(removable))
        return Cutting(derived, kept, choice, tries=most, standing=counted).cut()

    def _amounts(self, kept: Mapping[str, Path], store: str, media: MediaClass | None) -> Mapping[str, Sequence[int]]:
        """Count what some read of a store by steps that only use the cloud, known to; where their best way changes it,
        or is not known, by all of that sort.
        """
        if not kept:
            return {}
        extent = Extent(self._network, self._reading(store, media))
        sorts = {name: len(Way) if path.changes else len(Way) - 1 for name, path in kept.items()}
        known = {name: len(RULINGS) - (path.ruling is not Ruling.UNKNOWN) for name, path in kept.items()}
        return {
            name: [many for row in extent.amounts(name)[: known[name]] for many in row[: sorts[name]]] for name in kept
        }

    def ways(self, store: str, media: MediaClass | None = None) -> Ways:
        """Return what can be asked of the ways to a store that are sure or hang on a condition."""
        return Ways(self._network, self._reading(store, media))

    def without(self, statements: Collection[str]) -> AccessGraph:
        """Return the graph with statements taken away; see :meth:`cut` for when a link ends.

        A guise that nobody can become any more is nobody, and what it could do is gone.
        """
        left = AccessGraph(without((*self.grants, *self.edges), statements))
        gone: frozenset[str] = frozenset()
        while more := self.guises - left.guises - gone:
            gone |= more
            edges = (
                replace(edge, sources=tuple(each for each in edge.sources if each not in gone)) for edge in left.edges
            )
            grants = (grant for grant in left.grants if grant.principal not in gone)
            left = AccessGraph((*grants, *(edge for edge in edges if edge.sources)))
        return left

    @cached_property
    def guises(self) -> frozenset[str]:
        """The names of those who are no principals of their own, but what somebody becomes by a step."""
        return frozenset(target for edge in self.edges if edge.guise for target in edge.targets)

    def direct(self) -> AccessGraph:
        """Return the graph of what everybody may do by rights of their own, without any step.

        What guises may do goes with the steps that make them.
        """
        return AccessGraph(grant for grant in self.grants if not grant.by and grant.principal not in self.guises)

    def plus(self, derived: Iterable[Grant | Edge]) -> AccessGraph:
        """Return the graph with more grants and edges."""
        return AccessGraph((*self.grants, *self.edges, *derived))


def _unsure(readers: Iterable[Reader]) -> list[Reader]:
    return [reader for reader in readers if reader.verdict is Ruling.UNKNOWN]


def _edge_order(edge: Edge) -> tuple[str, tuple[str, ...], tuple[str, ...], bool, bool, tuple[str, ...]]:
    return edge.kind, edge.sources, edge.targets, edge.changes, edge.reads_only, edge.media


def _grant_order(grant: Grant) -> tuple[str, str, str, str, str, str]:
    return grant.store, grant.principal, grant.action, grant.by, grant.media or "", grant.example or ""
