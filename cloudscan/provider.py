"""The provider interface: collect facts of one cloud, and derive from them who may do what.

A provider *plans*: it finds the accounts and stores of a scope and returns units of work, each a generator
over records, gaps and object rows. The core runs the units on threads, writes what each yields in one atomic
step, and can take up an interrupted collection by skipping the units that are whole. Only a plan and its
units touch the network.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol, runtime_checkable

from cloudscan.access import Condition, Decision, Edge, Grant, Reason
from cloudscan.access.held_back import HeldBack
from cloudscan.estate import Estate
from cloudscan.model import Answer, Gap, Key, MediaClass, MediaObject, Record


class Facet(StrEnum):
    """One question that a check may need answered. Collection asks only those that selected checks need."""

    ACCOUNTS = "accounts"
    STORES = "stores"
    ENCRYPTION = "store.encryption"
    PUBLIC_ACCESS = "store.public-access"
    POLICY = "store.policy"
    ACL = "store.acl"
    VERSIONING = "store.versioning"
    LIFECYCLE = "store.lifecycle"
    LOCK = "store.lock"
    LOGGING = "store.logging"
    REPLICATION = "store.replication"
    INVENTORY = "store.inventory"
    LABELS = "store.labels"
    ACCESS_POINTS = "store.access-points"
    OBJECTS = "objects"
    HEADS = "object.head"
    UPLOADS = "object.uploads"
    DELETED = "object.deleted"
    BACKUPS = "backups"
    JOBS = "jobs"
    PRINCIPALS = "principals"
    PASSWORDS = "principal.password"
    CREDENTIALS = "principal.credentials"
    WORKLOADS = "workloads"
    FEDERATIONS = "federations"
    KEYS = "keys"
    ORGANIZATION = "organization"
    TRAINING_OPT_OUT = "training-opt-out"
    LOG_SOURCES = "log-sources"


STORE_FACETS = frozenset(facet for facet in Facet if facet == "stores" or facet.startswith(("store.", "object")))
"""The questions that are asked of stores and of what is in them."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What to look at and how hard.

    ``stores`` are glob patterns of store names (none: all). ``max_objects`` limits the listing of each store.
    ``versions`` lists old versions of objects too; who asks for them asks for all that a store keeps, and so the facets
    of uploads that were not finished and of deleted objects are among ``facets`` then.
    ``sniff`` is how many objects may have their first ``sniff_bytes`` bytes read, ``heads`` how many objects of each
    corpus may have their metadata read. ``options`` are the provider's own (accounts, regions, profile ...).
    """

    facets: frozenset[Facet]
    stores: tuple[str, ...] = ()
    max_objects: int | None = None
    versions: bool = False
    sniff: int = 0
    sniff_bytes: int = 4096
    heads: int = 0
    workers: int = 16
    max_rps: float | None = None
    endpoint_url: str | None = None
    options: Mapping[str, object] = field(default_factory=dict)

    @property
    def lists_objects(self) -> bool:
        """Are the objects of stores listed."""
        return not self.facets.isdisjoint((Facet.OBJECTS, Facet.HEADS))

    def words(self, option: str) -> tuple[str, ...]:
        """Return what one of the provider's own options was given, once or several times."""
        given = self.options.get(option) or ()
        return (given,) if isinstance(given, str) else tuple(map(str, given if isinstance(given, Sequence) else ()))


@dataclass(frozen=True, slots=True)
class ScopeOption:
    """A command-line option that only this provider has, given in ``Scope.options`` under ``name``."""

    name: str
    help: str
    metavar: str = "TEXT"
    multiple: bool = False
    flag: bool = False


@dataclass(frozen=True, slots=True)
class ObjectRows:
    """Rows of the object table, in the order of the store's listing."""

    rows: Sequence[MediaObject]


@dataclass(frozen=True, slots=True)
class ObjectFile:
    """A Parquet file of ``rows`` rows of the object table, made from an inventory. Whoever takes it moves it away."""

    path: Path
    rows: int


@dataclass(frozen=True, slots=True)
class HeadRow:
    """What reading one object's own metadata, or its first bytes, told. It replaces what the listing told."""

    store: str
    key: str
    version: str | None
    etag: str | None
    content_type: str | None
    media: str
    format: str | None
    settled_by: str
    seconds: float | None
    seconds_by: str
    redacted: bool | None
    encryption_mode: str | None
    key_id: str | None
    acl: str | None = None
    looked: int | None = None
    producer: str | None = None
    told: str | None = None
    sound: bool | None = None
    tags: str | None = None
    held: bool | None = None
    retain_until: datetime | None = None
    awaits_copy: bool | None = None


Collected = Record | Gap | ObjectRows | ObjectFile | HeadRow


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of collection that is written whole or not at all. ``key`` is stable between runs.

    ``requests`` is how many it takes if it finds nothing, which is what can be known beforehand.
    """

    key: str
    label: str
    run: Callable[[], Iterable[Collected]]
    requests: int = 1


@dataclass(frozen=True, slots=True)
class Caller:
    """Who the cloud says is asking. Never a credential."""

    provider: str
    account: str
    identity: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The units of a collection, and what running them will roughly take.

    ``requests`` counts those known beforehand; ``cost_usd`` is their list price; ``notes`` say in words what
    the numbers leave out.
    """

    units: Sequence[Unit]
    callers: Sequence[Caller]
    requests: int = 0
    cost_usd: float = 0.0
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class HeadWish:
    """An object whose head is worth reading.

    ``read`` is how many of its first bytes, 0 for metadata only; ``tail`` how many further ones (its end, or
    where its tracks begin) if the first leave open what it is, 0 for none.
    ``acl`` asks for its access control list, too, ``tags`` for its tags, ``lock`` for its hold and retention.
    ``neighbours`` are names of recordings beside it, where these count for what it is.
    """

    store: str
    account: str
    region: str
    key: str
    version: str | None
    size: int
    read: int
    acl: bool = False
    tail: int = 0
    tags: bool = False
    lock: bool = False
    neighbours: tuple[str, ...] = ()


class Provider(Protocol):
    """One cloud."""

    name: str
    options: Sequence[ScopeOption]

    def plan(self, scope: Scope) -> Plan:
        """Find what lies in the scope and say what will be asked. Touches the network, reads only."""

    def heads(self, scope: Scope, wishes: Sequence[HeadWish]) -> Sequence[Unit]:
        """Return units that read the heads of these objects and yield a :class:`HeadRow` or Gap for each."""

    def grants(self, estate: Estate, stores: Collection[str] | None = None) -> Iterator[Grant | Edge]:
        """Derive who may do what to the speech of this cloud, and who may become whom. Pure: reads only the estate.

        ``stores`` are those in question, by id; None means all of them.
        """

    def open_to_strangers(self, condition: Condition, now: datetime) -> Answer:
        """Say whether somebody with nothing but the Internet and an account of their own can meet a condition.

        Only the cloud knows which keys a caller fills in and which are a barrier. What is not known is UNKNOWN.
        """

    def role(self, facets: frozenset[Facet], *, sniff: bool, heads: bool) -> str:
        """Return the least role that answers these facets, ready to deploy, as text."""


@dataclass(frozen=True, slots=True)
class Halfway:
    """Principals that may get objects of a store and may not decrypt them, all for the same reasons.

    ``reasons`` are what the first of them lacks, or is denied, of the object with the key ``example``.
    """

    principals: Sequence[str]
    example: str
    reasons: Sequence[Reason]


@dataclass(frozen=True, slots=True)
class StoppedKey:
    """A key that serves no request as it is, and how many recordings and transcripts of a store lie under it.

    ``perhaps`` counts further ones, of which it was not read how they are encrypted. ``barred`` is who may not use a
    key that works, and would have to for everybody who reads, "" where it is the key that does not work.
    """

    key: Key
    objects: int
    perhaps: int = 0
    barred: str = ""


@runtime_checkable
class Explaining(Protocol):
    """A provider that can say why an object may, or may not, be read."""

    def explain(self, estate: Estate, principal: str, store: str, key: str) -> Decision:
        """Answer with every reason. Where a part of what a read takes is missing, the proof of a no says which.

        ``principal`` is an id as grants give it. Raises :class:`UsageError` for one of whom nothing is known, or for
        a store that was not collected.
        """

    def halfway(self, estate: Estate, store: str, media: MediaClass | None = None) -> Sequence[Halfway]:
        """Tell who, by rights of its own, may get recordings of a store, or a class of them, and not decrypt them."""

    def stopped_keys(self, estate: Estate, store: str, media: MediaClass | None = None) -> Sequence[StoppedKey]:
        """Tell the keys under which recordings of a store, or a class of them, lie and which are known to serve no
        request, by id.
        """


@runtime_checkable
class HoldingBack(Protocol):
    """A provider that can say which steps towards a read something stops."""

    def held_back(self, estate: Estate, principal: str, store: str, key: str) -> Sequence[HeldBack]:
        """Tell the steps that would open an object to somebody who is given what they take, and what stops each.

        ``principal`` is an id as grants give it; of one of whom nothing is known there are none.
        """


@runtime_checkable
class Naming(Protocol):
    """A provider whose policies name people of whom its cloud tells nothing else."""

    def named(self, estate: Estate) -> Collection[str]:
        """Return everybody in particular whom something names, whether or not they can do anything, by id."""


@runtime_checkable
class Grouping(Protocol):
    """A provider whose grants and edges leave open what hangs on who is in a group that was not read."""

    def unread_groups(self, estate: Estate) -> Collection[str]:
        """Return the groups of which not all members were read, by id.

        Each of them is asked about like a principal. Of everybody else who may be in it, one of a domain or of another
        such group too, what that would give is derived as unknown, so that where nothing is, it gives nothing.
        """


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whoever has a secret that opens stores to everybody who shows it. It is nobody's in particular: no policy names
    who has it, and no cloud tells whether anybody has.

    ``id`` is who grants say it is; ``names`` are by what else it can be asked about, the first one in lists. ``says``
    are clauses of what is known of the secret that changes what it opens, ``ends`` one of how it is stopped.
    """

    id: str
    names: tuple[str, ...]
    says: tuple[str, ...] = ()
    ends: str = ""


@runtime_checkable
class Bearing(Protocol):
    """A provider whose cloud has secrets of that sort."""

    def bearers(self, estate: Estate) -> Sequence[Bearer]:
        """Return everybody who has one, each once for secrets that open the same."""

    def shown(self, estate: Estate, bearer: str, stores: Collection[str] | None = None) -> Iterator[Grant | Edge]:
        """Derive what whoever has a secret may read, and who acts for them, by the id of the bearer, supposing that
        somebody has it.
        """


@runtime_checkable
class Revisable(Protocol):
    """A provider that can say how an estate would be without some statements: what if is then derived, not guessed."""

    def without(self, estate: Estate, statements: Collection[str]) -> Estate:
        """Return the estate with these statements taken out of its documents, by the names that steps give them.

        All others keep their names. What is no statement of a document that gives rights stays as it is.
        """

    def statements(self, estate: Estate) -> Collection[str]:
        """Return the names of the statements that can be taken out."""


@runtime_checkable
class Advising(Protocol):
    """A provider that can say what statements are, before somebody takes one away."""

    def says(self, estate: Estate, statements: Collection[str]) -> Mapping[str, str]:
        """Say what statements do, as a clause that begins with a verb: "allows s3:* on *"."""

    def upkeep(self, estate: Estate) -> Collection[str]:
        """Return the names of the statements by which something is administered that nobody else could administer.

        To take one away may leave it unmanageable, so none is ever proposed.
        """
