"""A snapshot opened for questions: lookups and joins over the records, SQL over the object table."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, TypeVar

from cloudscan.audio import TYPICAL_BITS_PER_SECOND, USUAL_BITS_PER_SECOND
from cloudscan.model import (
    RECORD_KINDS,
    AccessPoint,
    Account,
    Backup,
    Corpus,
    Coverage,
    Credential,
    Federation,
    Gap,
    Job,
    Key,
    LogSource,
    MediaClass,
    PolicyDocument,
    Principal,
    Record,
    Store,
    Upload,
    Workload,
)
from cloudscan.snapshot import Manifest, Snapshot
from cloudscan.tables.engines import Engine
from cloudscan.tables.objects import ObjectTable, seconds


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Identified)
Kept = TypeVar("Kept", Upload, Backup)
_PREFIXES = 20
"""Prefixes of one store that are told apart; the smaller ones are put together."""
OTHER_PREFIXES = "(other prefixes)"
RECORDED = (MediaClass.SPEECH, MediaClass.TRANSCRIPT, MediaClass.VIDEO)
"""The classes of objects that hold what somebody said."""
_NO_COMPUTE = {"user", "group", "root"}
"""Kinds of principals that compute never runs as."""


@dataclass
class Estate:
    """Everything that was collected, ready for questions. It never touches a network."""

    accounts: Mapping[str, Account]
    stores: Mapping[str, Store]
    access_points: Mapping[str, AccessPoint]
    jobs: Mapping[str, Job]
    principals: Mapping[str, Principal]
    credentials: Mapping[str, Credential]
    workloads: Mapping[str, Workload]
    policies: Mapping[str, PolicyDocument]
    federations: Mapping[str, Federation]
    keys: Mapping[str, Key]
    log_sources: Sequence[LogSource]
    uploads: Mapping[str, Sequence[Upload]]
    backups: Mapping[str, Sequence[Backup]]
    coverage: Sequence[Coverage]
    gaps: Sequence[Gap]
    objects: ObjectTable
    manifest: Manifest | None = None
    _by_target: dict[tuple[str, str], list[PolicyDocument]] = field(init=False, repr=False)
    _gaps_on: dict[str, list[Gap]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._by_target = defaultdict(list)
        for document in self.policies.values():
            for target in document.attached_to:
                self._by_target[target, document.kind].append(document)
        self._gaps_on = defaultdict(list)
        for gap in self.gaps:
            self._gaps_on[gap.resource].append(gap)

    @classmethod
    def open(cls, root: Path, engine: Engine | None = None) -> Estate:
        """Open a finished snapshot; its object table on this engine (none: DuckDB).

        Raises a ``SnapshotError`` that says what is wrong with it.
        """
        snapshot = Snapshot(root)
        records: list[Record] = []
        for kind in RECORD_KINDS.values():
            records += snapshot.records(kind)
        objects = ObjectTable(snapshot.object_files(), snapshot.head_files(), engine=engine)
        return cls.of(records, snapshot.gaps(), objects, snapshot.manifest)

    @classmethod
    def of(
        cls,
        records: Iterable[Record],
        gaps: Iterable[Gap] = (),
        objects: ObjectTable | None = None,
        manifest: Manifest | None = None,
    ) -> Estate:
        """Make an estate of records in memory."""
        kept = list(records)
        return cls(
            accounts=_by_id(kept, Account),
            stores=_by_id(kept, Store),
            access_points=_by_id(kept, AccessPoint),
            jobs=_by_id(kept, Job),
            principals=_by_id(kept, Principal),
            credentials=_by_id(kept, Credential),
            workloads=_with_principals(kept),
            policies=_by_id(kept, PolicyDocument),
            federations=_by_id(kept, Federation),
            keys=_by_id(kept, Key),
            log_sources=[record for record in kept if isinstance(record, LogSource)],
            uploads=_by_store(kept, Upload),
            backups=_by_store(kept, Backup),
            coverage=[record for record in kept if isinstance(record, Coverage)],
            gaps=sorted(
                gaps,
                key=lambda gap: (
                    gap.provider,
                    gap.account,
                    gap.region,
                    gap.facet,
                    gap.resource,
                    gap.operation,
                ),
            ),
            objects=objects if objects is not None else ObjectTable(),
            manifest=manifest,
        )

    def store_at(self, location: str) -> Store | None:
        """Return the store that a job's location (``STORE_ID/KEY``) lies in, if the estate holds it."""
        end = len(location)
        while end > 0:
            if (store := self.stores.get(location[:end])) is not None:
                return store
            end = location.rfind("/", 0, end)
        return None

    def backups_above(self, store: Store) -> Iterator[Backup]:
        """Yield the backups that may be of a store or of others beside it, since they are of what it lies in."""
        above = store.id.rpartition("/")[0]
        while above:
            yield from self.backups.get(above, ())
            above = above.rpartition("/")[0]

    def only_regions(self, provider: str) -> tuple[str, ...]:
        """Return the regions outside of which whoever collected chose not to look; none where all were wanted."""
        scope = self.manifest.scope.get(provider, {}) if self.manifest else {}
        regions = (scope.get("options") or {}).get("region") or ()
        return (regions,) if isinstance(regions, str) else tuple(map(str, regions))

    def policies_on(self, target: str, kind: str) -> Sequence[PolicyDocument]:
        """Return the documents of one kind that hang on a resource, account or organization node."""
        return self._by_target.get((target, kind), ())

    def gaps_on(self, resource: str, *facets: str) -> tuple[Gap, ...]:
        """Return what could not be seen of one resource, for these questions (none: for all)."""
        return tuple(gap for gap in self._gaps_on.get(resource, ()) if not facets or gap.facet in facets)

    def unasked(self, provider: str, account: str, *facets: str) -> tuple[str, ...]:
        """Return which of these questions a collection never put to an account: an answer to them is not "nothing".

        Of an estate that was not collected, but made of records, nobody knows what was asked; it leaves none out.
        """
        if self.manifest is None and not self.coverage:
            return ()
        return tuple(facet for facet in facets if (provider, account, facet) not in self._asked)

    def asked(self, provider: str, account: str, facet: str) -> bool:
        """Say whether a collection is known to have put this question to an account."""
        return (provider, account, facet) in self._asked

    def asked_versions(self, provider: str) -> bool:
        """Say whether a collection is known to have asked a cloud's stores for old versions of objects, too."""
        scope = self.manifest.scope.get(provider, {}) if self.manifest else {}
        return bool(scope.get("versions"))

    @cached_property
    def _asked(self) -> frozenset[tuple[str, str, str]]:
        return frozenset((line.provider, line.account, line.facet) for line in self.coverage if line.asked)

    def under_keys(self, store: str, media: MediaClass | None = None) -> Mapping[str, int]:
        """Count the recordings of a store, or a class of them, under each customer key that is known, by its id."""
        recorded = ", ".join(f"'{each}'" for each in ([media] if media else RECORDED))
        sql = f"""
            SELECT key_id, count(*) FROM objects WHERE store = ? AND key_id IS NOT NULL AND encryption_mode = 'customer'
                AND current AND NOT delete_marker AND media IN ({recorded}) GROUP BY ALL
        """  # noqa: S608 - our own names
        under: Counter[str] = Counter()
        for name, objects in self.objects.query(sql, [store]):
            if (key := self.key(name)) is not None:
                under[key.id] += objects
        return under

    def logs_of(self, store: str) -> tuple[LogSource, ...]:
        """Return the places that record reads of a store."""
        return tuple(source for source in self.log_sources if source.store == store)

    def key(self, name: str | None) -> Key | None:
        """Find a key by its full id or by an alias of it. A short alias that several keys have finds none."""
        if name is None:
            return None
        return self.keys.get(name) or self._by_alias.get(name)

    @cached_property
    def _by_alias(self) -> dict[str, Key]:
        held: dict[str, list[Key]] = defaultdict(list)
        for key in self.keys.values():
            for alias in key.aliases or ():
                held[alias].append(key)
        return {alias: keys[0] for alias, keys in held.items() if len(keys) == 1}

    @cached_property
    def corpora(self) -> tuple[Corpus, ...]:
        """Return what was found, by store, class and first part of the key, largest prefixes apart."""
        recorded = ", ".join(f"'{media}'" for media in (*RECORDED, MediaClass.UNSETTLED))
        sql = f"""
            WITH placed AS (
                SELECT *, CASE WHEN contains(key, '/') THEN split_part(key, '/', 1) || '/' ELSE '' END AS folder
                FROM objects WHERE current AND NOT delete_marker AND media IN ({recorded})
            ), summed AS (
                SELECT store, folder, media, format, count(*) AS objects, sum(size) AS size,
                    {seconds()} AS length, {seconds("seconds_by = 'header'")} AS exact,
                    {seconds("seconds_by = 'typical-rate'")} AS guessed,
                    count(*) FILTER (seconds IS NULL) AS endless, min(modified) AS oldest, max(modified) AS newest,
                    count(*) FILTER (settled_by = 'signature') AS signed,
                    count(*) FILTER (settled_by = 'suspicion') AS suspected, count(looked) AS looked
                FROM placed GROUP BY store, folder, media, format
            ), ranked AS (
                SELECT store, folder, row_number() OVER (PARTITION BY store ORDER BY sum(objects) DESC, folder) AS place
                FROM summed GROUP BY store, folder
            )
            SELECT summed.store, media,
                CASE WHEN place <= {_PREFIXES} THEN summed.folder ELSE '{OTHER_PREFIXES}' END AS prefix,
                sum(objects)::BIGINT, sum(size)::BIGINT, sum(length::DECIMAL(24, 6))::DOUBLE,
                sum(exact::DECIMAL(24, 6))::DOUBLE, sum(endless)::BIGINT, min(oldest), max(newest),
                list_sort(list_distinct(list(format))), sum(signed)::BIGINT, sum(suspected)::BIGINT,
                sum(looked)::BIGINT, sum(guessed::DECIMAL(24, 6))::DOUBLE,
                {_usual(1)}, {_usual(0)}
            FROM summed JOIN ranked ON summed.store = ranked.store AND summed.folder = ranked.folder
            GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """  # noqa: S608 - our own names
        return tuple(
            Corpus(
                store=row[0],
                media=MediaClass(row[1]),
                prefix=row[2],
                objects=row[3],
                bytes=row[4],
                seconds=row[5],
                seconds_exact=row[6],
                unknown_length=row[7],
                oldest=utc(row[8]),
                newest=utc(row[9]),
                formats=tuple(row[10]),
                by_signature=row[11],
                suspected=row[12],
                looked=row[13],
                seconds_guessed=row[14],
                guessed_least=row[15],
                guessed_most=row[16],
            )
            for row in self.objects.query(sql)
        )

    def corpora_of(self, store: str, *media: MediaClass) -> tuple[Corpus, ...]:
        """Return the corpora of one store, of these classes."""
        return tuple(corpus for corpus in self._corpora_by_store.get(store, ()) if corpus.media in media)

    @cached_property
    def _corpora_by_store(self) -> dict[str, list[Corpus]]:
        held: dict[str, list[Corpus]] = defaultdict(list)
        for corpus in self.corpora:
            held[corpus.store].append(corpus)
        return held

    def stores_with(self, *media: MediaClass) -> tuple[Store, ...]:
        """Return the stores that hold at least one object of these classes, or an old version of one, by id."""
        held = {store for store, found in self._held if found in media}
        return tuple(self.stores[store] for store in sorted(held) if store in self.stores)

    @cached_property
    def _held(self) -> list[tuple[str, str]]:
        return list(
            self.objects.query("SELECT DISTINCT store, media FROM objects WHERE NOT delete_marker ORDER BY 1, 2")
        )


def _usual(end: int) -> str:
    """Write the sum of what guessed seconds are at the one end of the rates that their formats commonly take."""
    shares = " ".join(
        f"WHEN '{name}' THEN {TYPICAL_BITS_PER_SECOND[name] / rates[end]:.6f}"
        for name, rates in USUAL_BITS_PER_SECOND.items()
    )
    return f"sum((guessed * CASE format {shares} ELSE 1 END)::DECIMAL(24, 6))::DOUBLE"


def utc(moment: datetime | None) -> datetime | None:
    """Make a naive time from SQL an aware one; all times there are UTC."""
    return moment.replace(tzinfo=UTC) if moment is not None else None


def _by_id(records: Iterable[Any], kind: type[T]) -> dict[str, T]:
    return {record.id: record for record in records if isinstance(record, kind)}


def _by_store(records: Iterable[Any], kind: type[Kept]) -> dict[str, list[Kept]]:
    found: dict[str, list[Kept]] = defaultdict(list)
    for record in (record for record in records if isinstance(record, kind)):
        found[record.store].append(record)
    return dict(found)


def _with_principals(records: Iterable[Record]) -> dict[str, Workload]:
    """Return the workloads by id, each with its principal where only a profile or a name was told and a record fits."""
    by_name = {
        (record.account, name): record.id
        for record in records
        if isinstance(record, Principal) and record.kind not in _NO_COMPUTE
        for name in (record.name, *record.instance_profiles)
    }
    return {
        workload.id: replace(workload, principal=by_name.get((workload.account, workload.known_as)))
        if workload.known_as
        else workload
        for workload in _by_id(records, Workload).values()
    }
