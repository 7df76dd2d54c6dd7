"""How much of all speech each principal opens, as far as that is known and not counted twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf

from cloudscan.access import Ruling
from cloudscan.access.paths import RULINGS, Blast, Path, Way
from cloudscan.check import World
from cloudscan.model import UNNAMED, Action, Corpus, Gap, MediaClass
from cloudscan_checks._exposure import closed_doors
from cloudscan_checks._facts import listed
from cloudscan_checks._readers import SURE


@dataclass(slots=True)
class Known:
    """Seconds of speech that a principal is known to open, counted so that none is counted twice.

    Where a grant does not tell which objects it is about, only how much, of what several identities read of one store
    only the most counts, and what lies in different stores is added up. ``certain`` is the part without a condition.
    """

    direct: float = 0.0
    by_steps: float = 0.0
    by_changes: float = 0.0
    certain: float = 0.0
    paths: dict[Way, Path] = field(default_factory=dict)
    """Of each sort of way the surest, simplest and widest path."""
    within: dict[str, float] = field(default_factory=dict)
    """What is opened of each store at the least."""

    @property
    def path(self) -> Path | None:
        """The surest, simplest and widest of all."""
        return min(self.paths.values(), key=_rank, default=None)

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.direct + self.by_steps + self.by_changes

    def settle(self, blast: Blast) -> None:
        """Take what grants that tell their objects add up to, each object counted once."""
        self.direct, self.by_steps = blast.seconds_direct, blast.seconds_by_steps
        self.by_changes = blast.seconds_by_changes
        self.certain = blast.seconds - blast.seconds_conditional

    def add(self, store: str, paths: Iterable[Path], own: Mapping[str, Mapping[Ruling, float]]) -> None:
        """Add what is read of a store by these paths; ``own`` is what their last principals read of it themselves."""
        most = dict.fromkeys(Way, 0.0)
        certain = 0.0
        for path in paths:
            held = {path.grant.decision.ruling: path.grant.seconds} if path.grant.by else own[path.nodes[-1]]
            most[path.way] = max(most[path.way], sum(held.values()))
            if path.ruling is Ruling.YES:
                certain = max(certain, held.get(Ruling.YES, 0.0))
            held_path = self.paths.get(path.way)
            if held_path is None or _rank(path) < _rank(held_path):
                self.paths[path.way] = path
        self.within[store] = max(most.values())
        using = max(most[Way.DIRECT], most[Way.STEPS])
        self.direct += most[Way.DIRECT]
        self.by_steps += using - most[Way.DIRECT]
        self.by_changes += max(using, most[Way.CHANGES]) - using
        self.certain += certain


_WAYS = {
    Way.DIRECT: "by its own rights",
    Way.STEPS: "through another identity",
    Way.CHANGES: "by changing the cloud",
}


def _rank(path: Path) -> tuple[int, int, float]:
    return RULINGS.index(path.ruling), path.length, -path.grant.seconds


def known_shares(world: World) -> Mapping[str, Known]:
    """Return what everybody is known to open, be it under a condition: exactly, if all grants tell their objects."""
    found: dict[str, Known] = defaultdict(Known)
    told = (one for one in world.access.grants if one.action is Action.READ and one.media is MediaClass.SPEECH)
    exact = all(grant.parts for grant in told)
    for store in world.estate.stores_with(MediaClass.SPEECH):
        own: dict[str, dict[Ruling, float]] = defaultdict(lambda: defaultdict(float))
        for grant in world.access.on(store.id, Action.READ, media=MediaClass.SPEECH):
            if grant.decision.ruling in SURE:
                own[grant.principal][grant.decision.ruling] += grant.seconds
        for reader in world.access.readers(store.id, MediaClass.SPEECH):
            paths = [path for path in reader.paths if path.ruling in SURE]
            if paths:
                found[reader.principal].add(store.id, paths, own)
    for name, known in found.items() if exact else ():
        known.settle(world.access.blast(name))
    return found


@dataclass(frozen=True, slots=True)
class Unread:
    """A store of speech of which it was not read, or not wholly, who may open it: ``why``.

    ``seconds`` is what somebody may open of what it ``holds``, both without end where the length of a recording is not
    known.
    """

    name: str
    seconds: float
    holds: float
    why: str
    gaps: tuple[Gap, ...]

    def beside(self, opened: float) -> float:
        """Return the most that somebody may open by it who opens so much of the store anyhow."""
        return min(self.seconds, self.holds - opened)

    def __str__(self) -> str:
        """Say it: "of calls, could not read what may open the store (denied: s3:GetBucketPolicy)"."""
        return f"of {self.name}, {self.why}"


def unread_doors(world: World, speech: Iterable[Corpus]) -> Mapping[str, Unread]:
    """Return the stores, by id, that somebody may open by what was not read."""
    held: dict[str, float] = defaultdict(float)
    for corpus in speech:
        held[corpus.store] += inf if corpus.unknown_length else corpus.seconds
    found = {}
    for store in world.estate.stores_with(MediaClass.SPEECH):
        why, gaps = closed_doors(world, store)
        if why:
            found[store.id] = Unread(store.name, held[store.id], held[store.id], why, gaps)
        elif paths := _of_nobody(world, store.id):
            seconds = min(held[store.id], sum(path.grant.seconds for path in paths)) if held[store.id] < inf else inf
            unseen = dict.fromkeys(reason for path in paths for reason in path.unseen)
            words = f"who opens it is not known: {listed(unseen)}"
            found[store.id] = Unread(store.name, seconds, held[store.id], words, ())
    return found


def _of_nobody(world: World, store: str) -> list[Path]:
    """Return the ways of somebody who is not named, and so may be anybody, to speech in a store."""
    own = world.access.on(store, Action.READ, media=MediaClass.SPEECH, principal=UNNAMED)
    readers = world.access.readers(store, MediaClass.SPEECH)
    stepping = (path for one in readers if one.principal == UNNAMED for path in one.paths if not path.direct)
    return [*(Path((grant,), (UNNAMED,)) for grant in own if grant.decision.ruling is not Ruling.NO), *stepping]


@dataclass(frozen=True, slots=True)
class Share:
    """What a principal opens of all speech, and how much it may. ``blast`` is the most that it may come to."""

    known: Known
    blast: Blast
    whole: float
    most: float

    def __str__(self) -> str:
        """Say it: "opens 1.5 of 2.1 hours of speech (71 %), of which 50 % is the most for one"."""
        part = f"{self.known.seconds / 3600:,.1f} of {self.whole / 3600:,.1f} hours of speech"
        share, most = 100 * self.known.seconds / self.whole, 100 * self.most
        return f"opens {part} ({share:.0f} %), of which {most:g} % is the most for one"

    @property
    def ways(self) -> str:
        """Say by which ways, the hours of each."""
        return ", ".join(f"{seconds / 3600:,.1f} {_WAYS[way]}" for way, seconds in self._parts)

    @property
    def proofs(self) -> list[object]:
        """Tell of each way the hours, and why the surest, simplest and widest path of its sort leads there."""
        paths = self.known.paths
        told = [(way, seconds, paths[way].steps if way in paths else ()) for way, seconds in self._parts]
        return [[_WAYS[way], round(seconds / 3600, 2), [step.reason for step in steps]] for way, seconds, steps in told]

    @property
    def _parts(self) -> list[tuple[Way, float]]:
        seconds = self.known.direct, self.known.by_steps, self.known.by_changes
        return [(way, part) for way, part in zip(Way, seconds, strict=True) if part]

    @property
    def evidence(self) -> dict[str, object]:
        """The numbers."""
        return {
            "hours": round(self.known.seconds / 3600, 2),
            "hours_of_all": round(self.whole / 3600, 2),
            "max_share": self.most,
            "stores": list(self.blast.stores),
        }
