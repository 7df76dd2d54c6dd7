"""Who can reach what: questions are asked of an estate and answered from it. No network and no files.

A question derives only the grants that it needs, so that the first answer comes soon.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count

from cloudscan.access import AccessGraph, Blast, Chokepoint, Edge, Grant, Path, Paths, Reader, Ruling, Way
from cloudscan.access.statements import proving, steps_of
from cloudscan.errors import UsageError
from cloudscan.estate import Estate
from cloudscan.groups import standing
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Action, Corpus, MediaClass, Step
from cloudscan.provider import Advising, Naming, Provider, Revisable, StoppedKey
from cloudscan.reach.answers import Asked, Between, Changes, Holding, Overview, Reached, Readers, ToCut
from cloudscan.reach.credentials import Secret, Secrets, uncollected
from cloudscan.reach.lookup import Target, calls, principal, refuse_unclear, statements, target
from cloudscan.reach.missing import Explanations, working
from cloudscan.undoing import undone


class Questions:
    """Answers questions about an estate. ``providers`` are those that it was collected from.

    Every question raises :class:`UsageError` for a name that is not there, and a statement is looked up at once.
    """

    def __init__(self, asked: Asked, providers: Sequence[Provider], tell: Callable[[str], None] | None = None) -> None:
        """``tell`` is told what is being done where an answer takes long."""
        refuse_unclear(asked.estate, asked.policy)
        self._providers = providers
        self._asked = replace(asked, without=self._statements(asked)) if asked.without else asked
        self._tell = tell
        self._secrets = Secrets(self._asked.estate, providers)

    def _statements(self, asked: Asked) -> list[str]:
        """Find the statements that are to be supposed gone. Of a cloud that lists none, those of proofs are known."""
        known: set[str] = set()
        for provider in self._providers:
            if isinstance(provider, Revisable):
                known.update(provider.statements(asked.estate))
            else:
                known.update(proving(provider.grants(asked.estate)))
        try:
            return statements(asked.without, known)
        except UsageError:
            self._refuse_settings(asked, known)
            raise

    def _refuse_settings(self, asked: Asked, known: Collection[str]) -> None:
        """Raise :class:`UsageError` for what a proof names and no answer can suppose gone, with what ends it."""
        words = {word.strip() for word in asked.without} - {*known, ""}
        for step in steps_of(link for each in self._providers for link in each.grants(asked.estate)):
            if step.statement in words:
                ends = undone([step])
                told = f"{step.statement} is no statement that can go by itself, so that no answer supposes it gone"
                raise UsageError(f"{told}{f'. {ends}' if ends else ''}".removesuffix("."))

    def overview(self) -> Overview:
        """Say which stores and which principals can be asked about."""
        graph = self._graph(None, self._asked.without)
        counted = standing(self._asked.estate)
        held: dict[str, list[Corpus]] = defaultdict(list)
        for corpus in self._asked.estate.corpora:
            if self._asked.media in (None, corpus.media):
                held[corpus.store].append(corpus)
        stores = [
            Holding(
                self._asked.estate.stores[store],
                sum(corpus.objects for corpus in corpora),
                sum(corpus.seconds for corpus in corpora if corpus.media is MediaClass.SPEECH),
                graph.counts(counted, store, self._asked.media),
            )
            for store, corpora in held.items()
        ]
        narrow = _only(graph, None, self._asked.media)
        everybody = [narrow.blast(one) for one in graph.principals if not self._secrets.of_bearer(one)]
        return Overview(
            self._asked,
            sorted(stores, key=lambda one: (-one.seconds, -one.objects, one.store.id)),
            sorted(everybody, key=lambda one: (-one.seconds, -one.objects, one.principal)),
            self._shown(narrow, {one.principal: one for one in everybody}),
        )

    def _shown(self, graph: AccessGraph, known: Mapping[str, Blast]) -> list[tuple[Secret, Blast]]:
        """Say what whoever has a secret reads; what its owner does with all of it is ``known``."""
        found = []
        for secret in self._secrets.every:
            if secret.over:
                found.append((secret, Blast(secret.principal)))
                continue
            opened = self._opened(secret, graph)
            own = known.get(secret.principal) if opened is graph else None
            found.append((secret, own or opened.blast(secret.principal)))
        return found

    def _opened(self, secret: Secret | None, graph: AccessGraph, found: Target | None = None) -> AccessGraph:
        """Return what was derived as it is for whoever has a secret, if one is asked about."""
        if secret is None:
            return graph
        estate = self._supposed(found.narrowed(self._asked.estate) if found else self._asked.estate)
        opened = self._secrets.opened(secret, graph, {found.store.id} if found else None, estate)
        return _only(opened, found.store.id if found else None, self._media(found) if found else self._asked.media)

    def readers(self, word: str) -> Readers:
        """Say who can come to read a store or an object."""
        found = self._target(word)
        graph = self._graph(found, self._asked.without)
        readers = graph.readers(found.store.id, self._media(found))
        known, unknown = _apart(readers)
        changes = None
        if self._asked.without:
            before = self._graph(found).readers(found.store.id, self._media(found))
            changes = _changes(before, readers)
        narrow = _only(graph, found.store.id, self._media(found))
        counted = standing(self._asked.estate)
        explanations = self._explanations(found)
        stopped = explanations.stopped(self._media(found))
        reads = {reader.principal: narrow.blast(reader.principal) for reader in readers}
        return Readers(
            self._asked,
            found,
            known,
            unknown,
            narrow.counts(counted, found.store.id, self._media(found)),
            _passed(graph.chokepoints(found.store.id, self._media(found)), known),
            changes,
            explanations.halfway(self._media(found)),
            stopped,
            self._waiting(found, stopped, known) if stopped else (),
            reads,
            [reader.principal for reader in readers if reader.principal in counted.instead],
            _besides(narrow, known, reads),
        )

    def _waiting(self, found: Target, stopped: Sequence[StoppedKey], known: Iterable[Reader]) -> list[Reader]:
        """Return who would read without changing anything if keys served requests, and does not as it is."""
        revived = Questions(replace(self._asked, estate=working(self._asked.estate, stopped)), self._providers)
        graph = revived._graph(found, self._asked.without)
        reads = {reader.principal for reader in known if reader.best.way is not Way.CHANGES}
        then, _ = _apart(graph.readers(found.store.id, self._media(found)))
        return [one for one in then if one.best.way is not Way.CHANGES and one.principal not in reads]

    def _explanations(self, found: Target) -> Explanations:
        """Explain the estate as the question supposes it, without its statements."""
        estate = self._supposed(found.narrowed(self._asked.estate))
        return Explanations(estate, self._providers, found)

    def _supposed(self, estate: Estate) -> Estate:
        """Return an estate as the question supposes it, without its statements."""
        for provider in self._providers:
            if self._asked.without and isinstance(provider, Revisable):
                estate = provider.without(estate, self._asked.without)
        return estate

    def reached(self, word: str) -> Reached:
        """Say what a principal can come to read."""
        graph = self._graph(None, self._asked.without)
        start, secret = self._whom(word, graph)
        graph = self._opened(secret, graph)
        paths = [path for path in graph.reached(start) if self._asked.media in (None, path.media)]
        unknown = [path for path in paths if path.ruling is Ruling.UNKNOWN]
        known = [path for path in paths if path.ruling is not Ruling.UNKNOWN]
        media = self._asked.media

        def ways(everybody: str) -> list[Path]:
            return [path for path in graph.reached(everybody) if media in (None, path.media)]

        blast = _only(graph, None, media).blast(start)
        return Reached(self._asked, start, known, unknown, blast, _open(ways, start, paths), secret)

    def between(self, start: str, end: str, *, max_steps: int, limit: int) -> Between:
        """Say by which ways a principal comes to read a store or an object."""
        found = self._target(end)
        graph = self._graph(found, self._asked.without)
        one, secret = self._start(start, graph)
        graph = self._opened(secret, graph, found)

        def ways(name: str) -> Paths:
            return graph.paths(name, found.store.id, self._media(found), max_steps=max_steps, limit=limit)

        paths = ways(one)
        explanations, media = self._explanations(found), self._media(found)
        missing = explanations.missing(graph, one, media)
        sure = any(path.ruling is Ruling.YES for path in paths)
        held = () if sure else explanations.held_back(one, media, missing.key if missing else None)
        return Between(self._asked, one, found, paths, max_steps, missing, _open(ways, one, paths), secret, held)

    def _start(self, word: str, narrow: AccessGraph) -> tuple[str, Secret | None]:
        """Find who is asked about: somebody may be named on another store only."""
        if secret := self._secrets.find(word):
            return secret.principal, secret
        try:
            found = principal(self._asked.estate, word, narrow.principals)
        except UsageError:
            found = self._named(word, self._graph(None, self._asked.without))
        return found, self._secrets.of_bearer(found)

    def _whom(self, word: str, graph: AccessGraph) -> tuple[str, Secret | None]:
        """Find who is asked about, by a principal's name or by that of a secret which somebody may have."""
        if secret := self._secrets.find(word):
            return secret.principal, secret
        found = self._named(word, graph)
        return found, self._secrets.of_bearer(found)

    def _named(self, word: str, graph: AccessGraph) -> str:
        """Find who is asked about: somebody may be named and come to nothing all the same."""
        try:
            return principal(self._asked.estate, word, graph.principals)
        except UsageError:
            naming = [each for each in self._providers if isinstance(each, Naming)]
            named = {name for each in naming for name in each.named(self._asked.estate)}
            secrets = [name for secret in self._secrets.every for name in secret.names]
            try:
                return principal(self._asked.estate, word, {*graph.principals, *named}, secrets)
            except UsageError as unknown:
                untold = uncollected(self._asked.estate)
                raise UsageError(f"{unknown}; {untold}") if untold else unknown from None

    def cut(self, word: str, keep: Sequence[str]) -> ToCut:
        """Say which statements to take away so that nobody but some can read a store or an object.

        Whom the policy file approves as a reader is kept, too.
        """
        found = self._target(word)
        graph = self._graph(found)
        kept = {self._named(each, graph) for each in keep}
        approved = self._asked.policy.approved_readers_of(found.store)
        kept |= {each for each in graph.principals if approved and approved.include(*calls(self._asked.estate, each))}
        revisable = [each for each in self._providers if isinstance(each, Revisable)]
        derived = len(revisable) == len(self._providers)
        removable = {name for each in revisable for name in each.statements(self._asked.estate)}
        advising = [each for each in self._providers if isinstance(each, Advising)]
        upkeep = {name for each in advising for name in each.upkeep(self._asked.estate)}
        removable -= upkeep
        tries = count(1)

        def again(statements: Collection[str]) -> AccessGraph:
            if self._tell:
                self._tell(f"deriving the estate anew without {len(statements):,} statements: try {next(tries)}")
            return self._graph(found, statements)

        media = self._media(found)
        readers = graph.readers(found.store.id, media) if kept else ()
        stay = {reader.principal for reader in readers} & kept
        _refuse_everybody(stay, readers, found)
        counted, anew = standing(self._asked.estate), again if derived else None
        cut = graph.cut(found.store.id, kept, media, again=anew, removable=removable, counted=counted)
        names = [removal.statement for removal in cut.removals]
        says = {name: told for each in advising for name, told in each.says(self._asked.estate, names).items()}
        left = again(names) if derived and names and cut.left else graph
        rest = left.readers(found.store.id, media) if cut.left else ()
        hanging = {one.principal: _hanging(one, removable) for one in rest if one.principal in cut.left}
        return ToCut(self._asked, found, sorted(stay), cut, derived, cut.unsure, says, hanging, upkeep)

    def _target(self, word: str) -> Target:
        """Find a store or an object. Of one object no class can be asked for: it has one."""
        found = target(self._asked.estate, word)
        if found.found and self._asked.media:
            raise UsageError(f"--media goes with a store, and {found.id} is one object")
        return found

    def _media(self, found: Target) -> MediaClass | None:
        return None if found.found else self._asked.media

    def _graph(self, found: Target | None, without: Collection[str] = ()) -> AccessGraph:
        """Derive what a question needs. Where a provider can, it derives anew what there is without statements."""
        estate = found.narrowed(self._asked.estate) if found else self._asked.estate
        stores = {found.store.id} if found else None
        derived: list[Grant | Edge] = []
        for provider in self._providers:
            if without and isinstance(provider, Revisable):
                derived += provider.grants(provider.without(estate, without), stores)
            else:
                whole = AccessGraph(provider.grants(estate, stores))
                left = whole.without(without) if without else whole
                derived += (*left.grants, *left.edges)
        graph = AccessGraph(derived)
        return graph.direct() if self._asked.direct else graph


def _only(graph: AccessGraph, store: str | None, media: MediaClass | None) -> AccessGraph:
    """Return the graph with no other grants to read than those to a store (or any), and of it a class (or any)."""
    every = [grant for grant in graph.grants if grant.action is Action.READ]
    meant = [grant for grant in every if store in (None, grant.store) and media in (None, grant.media)]
    return graph if len(meant) == len(every) else AccessGraph((*meant, *graph.edges))


def _hanging(reader: Reader, removable: Collection[str]) -> Sequence[Step]:
    """Return the steps of a reader's way that are by statements which cannot go, of a way by no others if there is one.

    () where no way names any, as of a root user, who needs none.
    """
    ways = [[step for step in path.steps if step.statement] for path in reader.known]
    stuck = [[step for step in way if step.statement not in removable] for way in ways]
    alone = [one for way, one in zip(ways, stuck, strict=True) if one and len(one) == len(way)]
    return next(iter([*alone, *filter(None, stuck)]), ())


def _besides(graph: AccessGraph, readers: Iterable[Reader], reads: Mapping[str, Blast]) -> dict[str, Path]:
    """Return, of those who surely read some objects, the right of their own to most of those read under a condition.

    Of whom a way under a condition is told anyhow, nothing.
    """
    sure = (one for one in readers if all(path.ruling is Ruling.YES for path in one.known))
    partly = {one.principal for one in sure if reads[one.principal].objects_conditional}
    held: dict[str, list[Grant]] = defaultdict(list)
    for grant in graph.grants if partly else ():
        if grant.principal in partly and grant.action is Action.READ and not grant.by:
            held[grant.principal].append(grant)
    found = {}
    for name, grants in held.items():
        surely = frozenset[str]().union(*(one.pieces for one in grants if one.decision.ruling is Ruling.YES))
        under = [one for one in grants if one.decision.ruling is Ruling.IF and not one.pieces <= surely]
        if under:
            found[name] = Path((max(under, key=lambda one: one.objects),), (name,))
    return found


def _apart(readers: Iterable[Reader]) -> tuple[list[Reader], list[Reader]]:
    """Tell those who read, for sure or under a condition, from those of whom it is not known."""
    every = list(readers)
    known = [reader for reader in every if reader.verdict is not Ruling.UNKNOWN]
    return known, [reader for reader in every if reader.verdict is Ruling.UNKNOWN]


def _open(ways: Callable[[str], Iterable[Path]], start: str, own: Iterable[Path]) -> list[Path]:
    """Return what is open to whoever asks, and so to this principal, beside its own ways."""
    sure = (path for path in own if path.ruling is Ruling.YES and path.way is Way.DIRECT)
    told = {name for path in sure for name in _objects(path)}
    found: list[Path] = []
    for everybody in (ANYONE, ANYONE_SIGNED_IN) if start != ANYONE else ():
        for path in ways(everybody) if start != everybody else ():
            if not told.issuperset(_objects(path)) and path.ruling is not Ruling.UNKNOWN:
                told.update(_objects(path))
                found.append(path)
    return found


def _objects(path: Path) -> list[tuple[str, MediaClass | None, str]]:
    """Name the objects of a path, in the pieces that all grants of the store share."""
    examples = [part.example for part in path.grant.parts] or [path.grant.example or ""]
    return [(path.store, path.media, example) for example in examples]


def _refuse_everybody(stay: Collection[str], readers: Iterable[Reader], found: Target) -> None:
    """Raise :class:`UsageError` where everybody is to keep reading: nobody can be kept from what everybody reads."""
    everybody = sorted({ANYONE, ANYONE_SIGNED_IN}.intersection(stay))
    if everybody and any(reader.principal not in stay for reader in readers):
        who = " and ".join(everybody)
        raise UsageError(f"{who} is to keep reading {found.id}, and whoever comes can come so: nothing is left to cut")


def _passed(chokepoints: Iterable[Chokepoint], known: Iterable[Reader]) -> list[Chokepoint]:
    """Return the chokepoints of those who read. Where anyone does, nobody has to pass through somebody."""
    reading = {reader.principal for reader in known}
    if reading & {ANYONE, ANYONE_SIGNED_IN}:
        return []
    left = [(one.principal, tuple(each for each in one.readers if each in reading)) for one in chokepoints]
    found = [Chokepoint(principal, readers) for principal, readers in left if readers]
    return sorted(found, key=lambda one: (-len(one.readers), one.principal))


def _changes(before: Iterable[Reader], after: Iterable[Reader]) -> Changes:
    once, now = ({reader.principal: reader for reader in readers} for readers in (before, after))
    return Changes(
        gone=[reader for name, reader in once.items() if name not in now],
        new=[reader for name, reader in now.items() if name not in once],
        other=[
            (once[name], reader) for name, reader in now.items() if name in once and _ways(once[name]) != _ways(reader)
        ],
    )


def _ways(reader: Reader) -> list[tuple[str, str]]:
    """Say what matters of a reader's paths, to see whether they have changed."""
    return [(path.way, path.ruling) for path in reader.paths]
