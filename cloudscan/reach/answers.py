"""The answers to questions of reach: what was asked, of what, and what was found. Reports of reach write these."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from cloudscan.access import Blast, Chokepoint, Counts, Cut, Path, Paths, Reader
from cloudscan.access.held_back import HeldBack
from cloudscan.estate import Estate
from cloudscan.model import MediaClass, Step, Store
from cloudscan.policy.file import Policy
from cloudscan.provider import Halfway, StoppedKey
from cloudscan.reach.credentials import Secret
from cloudscan.reach.lookup import Target
from cloudscan.reach.missing import Missing


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, and of what. ``without`` are statements that the answer supposes gone."""

    estate: Estate
    policy: Policy
    media: MediaClass | None = None
    direct: bool = False
    without: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What is otherwise when statements are gone: who reads no more, who only then, and who in another way."""

    gone: Sequence[Reader]
    new: Sequence[Reader]
    other: Sequence[tuple[Reader, Reader]]


@dataclass(frozen=True, slots=True)
class Holding:
    """A store with recordings or transcripts: how many, how long the speech of known length is, and who reads them."""

    store: Store
    objects: int
    seconds: float
    readers: Counts


@dataclass(frozen=True, slots=True)
class Overview:
    """What can be asked about: the stores with recordings, and everybody who reads or takes steps, the widest first.

    ``secrets`` are those that open something, each with what whoever has it reads.
    """

    asked: Asked
    stores: Sequence[Holding]
    principals: Sequence[Blast]
    secrets: Sequence[tuple[Secret, Blast]] = ()


@dataclass(frozen=True, slots=True)
class Readers:
    """Who can come to read a store or an object. Of ``unknown`` it hangs on something that was not seen.

    ``halfway`` have a part of what a read takes. ``stopped`` are keys that serve no request as it is; if they did,
    ``waiting`` would read, too, without changing anything. ``reads`` says how much of the target each of ``readers``
    and ``unknown`` reads, and ``besides``, of those who surely read some objects and others only under a condition, by
    which right of theirs they read of the latter. ``counts`` says how many they are; those ``in_place`` of whom others
    count are groups.
    """

    asked: Asked
    target: Target
    readers: Sequence[Reader]
    unknown: Sequence[Reader]
    counts: Counts
    chokepoints: Sequence[Chokepoint]
    changes: Changes | None = None
    halfway: Sequence[Halfway] = ()
    stopped: Sequence[StoppedKey] = ()
    waiting: Sequence[Reader] = ()
    reads: Mapping[str, Blast] = field(default_factory=dict)
    in_place: Sequence[str] = ()
    besides: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reached:
    """What a principal can come to read: the best path to each class of objects of each store, and less sure ones to
    objects to which no surer one leads.

    ``blast`` adds up its own ways. ``open`` are the ways of anyone, and of anyone signed in, to objects that no sure
    right of its own is told for: it can take them as everybody can. ``secret`` is what was asked about, where that was
    no principal.
    """

    asked: Asked
    principal: str
    paths: Sequence[Path]
    unknown: Sequence[Path]
    blast: Blast
    open: Sequence[Path] = ()
    secret: Secret | None = None


@dataclass(frozen=True, slots=True)
class Between:
    """All ways of a principal to a store or an object, and why its own rights are not enough where they are not.

    ``open`` are the ways of anyone, and of anyone signed in, to objects that no sure right of its own is told for.
    ``secret`` is what was asked about, where that was no principal. ``held_back`` are steps that it is given the rights
    for and that something stops, where no way of its own is sure.
    """

    asked: Asked
    principal: str
    target: Target
    paths: Paths
    max_steps: int
    missing: Missing | None = None
    open: Sequence[Path] = ()
    secret: Secret | None = None
    held_back: Sequence[HeldBack] = ()


@dataclass(frozen=True, slots=True)
class ToCut:
    """The fewest statements to take away. ``derived`` says that the estate was derived anew without them, ``says`` what
    each of them does.

    ``perhaps`` are those who may read even so, if something that was not seen is so. ``hanging`` are, of those who
    surely do, the steps of a way that no statement ends which could go; those of ``upkeep`` are never to go.
    """

    asked: Asked
    target: Target
    keep: Sequence[str]
    cut: Cut
    derived: bool
    perhaps: Sequence[Reader] = ()
    says: Mapping[str, str] = field(default_factory=dict)
    hanging: Mapping[str, Sequence[Step]] = field(default_factory=dict)
    upkeep: Collection[str] = ()


Answer = Overview | Readers | Reached | Between | ToCut
