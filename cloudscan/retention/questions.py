"""The SQL that tells, of the objects of an estate, all that lifecycle rules go by: of groups of them, or of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from cloudscan.estate import OTHER_PREFIXES, Estate
from cloudscan.model import LifecycleRule, MediaClass, Store
from cloudscan.retention.rules import Filter, rules_in_force
from cloudscan.tables.slices import EVERYTHING, Slice

_MOST_EDGES = 400
"""More spans than these would not be fewer groups than days."""


@dataclass(frozen=True, slots=True)
class Ask:
    """How to group. ``current`` picks the current versions, else the old ones that were listed.

    ``today`` and ``limits``, ages in days that the answers will be held against, allow for spans; without them each day
    is a group of its own. ``until`` leaves out what was written later, or nobody knows when. ``prefixes`` tells so many
    of a store's first parts of keys apart, the smaller ones together; with 0 none. ``part`` is that of the stores that
    is asked about.
    """

    current: bool = True
    today: date | None = None
    limits: tuple[int, ...] = ()
    until: datetime | None = None
    prefixes: int = 0
    part: Slice = EVERYTHING


@dataclass(frozen=True, slots=True)
class Needs:
    """What the rules of some stores ask for. ``edges`` divide time into spans; None for days.

    ``waits`` divide the days from when an object was written to another moment of its, from which a rule counts: at
    these its age at the end passes a limit.
    """

    edges: tuple[date, ...] | None = None
    waits: tuple[int, ...] = ()
    newer: int = 0
    tags: bool = False
    tiers: bool = False
    stored: bool = False
    custom: bool = False
    accessed: bool = False

    @classmethod
    def of(cls, stores: Sequence[Store], ask: Ask) -> Needs:
        """Return what the rules in force of these stores ask for."""
        rules = [rule for store in stores for rule in rules_in_force(store)]
        return cls(
            _edges(stores, rules, ask),
            _waits(stores, rules, ask),
            max((max(rule.newer_noncurrent, rule.newer_versions) for rule in rules), default=0),
            any(rule.tags for rule in rules),
            any(rule.tiers for rule in rules),
            any(rule.stored_as for rule in rules),
            any(rule.custom_days is not None or rule.custom_before for rule in rules) or ask.today is None,
            any(rule.accessed_days is not None for rule in rules) or ask.today is None,
        )


def _edges(stores: Sequence[Store], rules: Sequence[LifecycleRule], ask: Ask) -> tuple[date, ...] | None:
    """Return the days on which the fate of what was written before differs from that of what was written after.

    They lie so many days before today, or before a date that a rule names, as rules count, alone and one after the
    other, or as the answer will be held against. Where they are very many, days are no worse.
    """
    if ask.today is None:
        return None
    counted = {rule.days for rule in rules} | {rule.noncurrent_days for rule in rules}
    counted |= {store.lock.days for store in stores if store.lock is not None} | {0, *ask.limits}
    held = {store.soft_delete_days or 0 for store in stores}
    days = {one for one in counted if one is not None}
    days |= {one + other for one in days for other in days} | {one - other for one in days for other in held}
    fixed = {ask.today}
    for rule in rules:
        dates = (rule.from_date, rule.created_before, rule.noncurrent_before)
        fixed |= {moment.date() for moment in dates if moment is not None}
    edges = {base - timedelta(days=number + near) for base in fixed for number in days for near in range(-1, 4)}
    return tuple(sorted(edges)) if len(edges) <= _MOST_EDGES else None


def _waits(stores: Sequence[Store], rules: Sequence[LifecycleRule], ask: Ask) -> tuple[int, ...]:
    """Return so many days after an object was written as another moment of its has to be for it to pass a limit."""
    if ask.today is None or not ask.limits:
        return ()
    counted = {0} | {days for rule in rules for days in (rule.noncurrent_days, rule.custom_days, rule.accessed_days)}
    held = {store.soft_delete_days or 0 for store in stores} | {0}
    waits = {limit - one - days for limit in ask.limits for one in held for days in counted if days is not None}
    return tuple(sorted({wait + near for wait in waits for near in range(-1, 3)}))


class Question:
    """One query over stores whose filters have the same shape: as many, with as many prefixes and suffixes.

    ``copied`` says with what the keys begin that rules of a store replicate, None for none.
    """

    def __init__(
        self,
        filters: Mapping[str, Sequence[Filter]],
        media: Sequence[MediaClass],
        ask: Ask,
        needs: Needs,
        copied: Mapping[str, str | None],
    ) -> None:
        self.filters = filters
        self._columns, self._parameters = ["unnest(?::VARCHAR[]) AS store"], [list[Any](filters)]
        self._parameter("copied", "VARCHAR", [copied.get(name) for name in filters])
        tests = [self._test(place, several) for place, several in enumerate(zip(*filters.values(), strict=True))]
        self._hits = " || ".join(f"CASE WHEN {test} THEN '1' ELSE '0' END" for test in tests) or "''"
        self._media = [one.value for one in media]
        self._ask, self._needs = ask, needs
        self._until = ask.until.replace(tzinfo=None) if ask.until is not None else None

    def rows(self, estate: Estate) -> Iterator[tuple[Any, ...]]:
        """Yield store, class, prefix, hits, the facts of the newest and oldest :class:`Life`, and the amounts."""
        alike = ", ".join(ALIKE)
        sql = f"""
            WITH {self.told}, days AS (
                SELECT store, media, folder, hits, created, since, {alike}, count(*) AS objects, sum(size) AS bytes,
                    sum(seconds::DECIMAL(18, 6)) AS seconds, count(*) - count(seconds) AS unknown,
                    min(modified) AS oldest, max(modified) AS newest, min(key) AS smallest
                FROM told GROUP BY store, media, folder, hits, created, since, {alike}
            ), {RANKED if self._ask.prefixes else _AS_THEY_ARE}
            SELECT store, media, prefix, hits, max(created) AS wrote, min(created) AS began, max(since) AS ended,
                min(since) AS first_ended, {alike},
                sum(objects)::BIGINT, sum(bytes)::BIGINT, coalesce(sum(seconds), 0)::DOUBLE, sum(unknown)::BIGINT,
                min(oldest), max(newest), min(smallest) AS example
            FROM placed GROUP BY store, media, prefix, hits, {self.span("created")}, {self.span("since")}, {alike}
                {"".join(map(self._wait, _MOMENTS))}
            ORDER BY store, example, prefix, hits, wrote, ended, {alike}
        """  # noqa: S608 - our own words; values are parameters
        ranked = [self._ask.prefixes, OTHER_PREFIXES] if self._ask.prefixes else []
        self.order_versions(estate)
        ask = estate.objects.query if self._needs.edges is None else estate.objects.query_once
        yield from ask(sql, [*self.given, *ranked])

    def members(self, estate: Estate) -> Iterator[tuple[Any, ...]]:
        """Yield store, class, hits, the columns :data:`LIFE`, and the object itself: one row an object or version."""
        sql = f"""
            WITH {self.told}
            SELECT store, media, hits, {", ".join(LIFE)}, key, version, size, seconds, seconds_by, modified
            FROM told ORDER BY store, key, modified, version
        """  # noqa: S608 - our own words; values are parameters
        self.order_versions(estate)
        yield from estate.objects.query(sql, self.given)

    def pairs(
        self, estate: Estate, other: Question, ties: str | None, given: Sequence[object]
    ) -> Iterator[tuple[Any, ...]]:
        """Yield, for pairs of objects that are alike: hits and :data:`LIFE` of one, the same of the other, how many
        pairs, and a key of each side.

        Both questions are of one store. ``ties`` is a SELECT of the keys ``one`` and ``other`` of each pair, with the
        values ``given``; without it a pair has one key.
        """
        join = "JOIN other ON other.key = one.key"
        if ties is not None:
            join = "JOIN ties ON ties.one = one.key JOIN other ON other.key = ties.other"
        sides = (("one", self), ("other", other))
        facts = ", ".join(f"{side}.hits, {_newest(side)}" for side, _ in sides)
        same = [f"{side}.{name}" for side, _ in sides for name in ("hits", *ALIKE)]
        same += [question.span(f"{side}.{name}") for side, question in sides for name in ("created", "since")]
        sql = f"""
            WITH {f"ties AS ({ties})," if ties is not None else ""}
            one AS (WITH {self.told} SELECT * FROM told), other AS (WITH {other.told} SELECT * FROM told)
            SELECT {facts}, count(*), min(one.key) AS example, min(other.key) AS example_of_other
            FROM one {join} GROUP BY {", ".join(same)} ORDER BY example, example_of_other, {", ".join(same)}
        """  # noqa: S608 - our own words; values are parameters
        for question in (self, other):
            question.order_versions(estate)
        yield from estate.objects.query(sql, [*(given if ties is not None else ()), *self.given, *other.given])

    def order_versions(self, estate: Estate) -> None:
        """Put old versions in their order, if the question is about them and nobody has."""
        if not self._ask.current:
            estate.objects.keep_once("old_versions", _OLD)

    @property
    def given(self) -> list[object]:
        """The values of :attr:`told`."""
        return [*self._parameters, self._media, self._until, self._until, *self._ask.part.sql()[1]]

    @property
    def told(self) -> str:
        """The tables ``filters``, ``chosen`` and ``told``: what the rules of these stores go by, of each object."""
        needs = self._needs
        folder = "CASE WHEN contains(key, '/') THEN split_part(key, '/', 1) || '/' ELSE '' END"
        newer = (
            "newer" if self._ask.today is None else f"CASE WHEN newer > {needs.newer} THEN {needs.newer} ELSE newer END"
        )
        return f"""
            filters AS (SELECT {", ".join(self._columns)}), chosen AS ({_CURRENT if self._ask.current else _KEPT}),
            told AS (
                SELECT chosen.store, media, {folder if self._ask.prefixes else "''"} AS folder, {self._hits} AS hits,
                    CAST(modified AS DATE) AS created, CAST(since AS DATE) AS since, {newer} AS newer, under,
                    version = 'null' AS unversioned, {"tier" if needs.tiers else "''"} AS tier,
                    {"CAST(custom_time AS DATE)" if needs.custom else "CAST(NULL AS DATE)"} AS custom,
                    {"CAST(last_access AS DATE)" if needs.accessed else "CAST(NULL AS DATE)"} AS accessed,
                    {"tags" if needs.tags else "CAST(NULL AS VARCHAR)"} AS tags,
                    held, CAST(retain_until AS DATE) AS retain_until,
                    CASE WHEN copied IS NULL OR NOT starts_with(key, copied) THEN FALSE ELSE awaits_copy END
                        AS awaits_copy, {"lower(stored_as)" if needs.stored else "CAST(NULL AS VARCHAR)"} AS stored,
                    size, seconds, seconds_by, modified, key, version
                FROM chosen JOIN filters ON chosen.store = filters.store
                WHERE media IN (SELECT unnest(?::VARCHAR[])) AND (?::TIMESTAMP IS NULL OR modified <= ?::TIMESTAMP)
                    AND {self._ask.part.sql()[0]}
            )
        """  # noqa: S608 - our own words; values are parameters

    def span(self, column: str) -> str:
        """Return what tells apart days between other edges."""
        if self._needs.edges is None:
            return column
        whens = " ".join(f"WHEN {column} < DATE '{edge}' THEN {place}" for place, edge in enumerate(self._needs.edges))
        return f"CASE WHEN {column} IS NULL THEN -1 {whens} ELSE {len(self._needs.edges)} END"

    def _wait(self, column: str) -> str:
        """Return what tells apart at which age what counts from another moment passes a limit."""
        if not self._needs.waits or self._needs.edges is None:
            return ""
        days = f"date_diff('day', created, {column})"
        whens = " ".join(f"WHEN {days} < {wait} THEN {place}" for place, wait in enumerate(self._needs.waits))
        return f", CASE WHEN {column} IS NULL THEN -1 {whens} ELSE {len(self._needs.waits)} END"

    def _test(self, place: int, several: tuple[Filter, ...]) -> str:
        parts = []
        for name, function in (("prefixes", "starts_with"), ("suffixes", "ends_with")):
            words = list(zip(*(getattr(each, name) for each in several), strict=True))
            ors = [self._parameter(f"{name}{place}_{at}", "VARCHAR", word) for at, word in enumerate(words)]
            parts += [f"({' OR '.join(f'{function}(key, {column})' for column in ors)})"] if ors else []
        above = self._parameter(f"above{place}", "BIGINT", [each.larger_than for each in several])
        below = self._parameter(f"below{place}", "BIGINT", [each.smaller_than for each in several])
        return " AND ".join([*parts, f"(size > {above}) IS NOT FALSE", f"(size < {below}) IS NOT FALSE"])

    def _parameter(self, name: str, kind: str, values: Iterable[Any]) -> str:
        self._columns.append(f"unnest(?::{kind}[]) AS {name}")
        self._parameters.append(list(values))
        return name


ALIKE = (
    "newer", "under", "unversioned", "tier", "custom", "accessed", "tags", "held", "retain_until", "awaits_copy",
    "stored",
)  # fmt: skip
LIFE = ("created", "since", *ALIKE)
_MOMENTS = ("since", "custom", "accessed", "retain_until")
"""What else than the day on which it was written rules and locks count from."""


def _newest(side: str) -> str:
    alike = ", ".join(f"{side}.{name}" for name in ALIKE)
    return f"max({side}.created), max({side}.since), {alike}"


_AS_THEY_ARE = "placed AS (SELECT *, folder AS prefix FROM days)"
RANKED = """
    ranked AS (
        SELECT store, folder, row_number() OVER (PARTITION BY store ORDER BY sum(objects) DESC, folder) AS place
        FROM days GROUP BY store, folder
    ), placed AS (
        SELECT days.*, CASE WHEN place <= ? THEN days.folder ELSE ? END AS prefix
        FROM days JOIN ranked ON days.store = ranked.store AND days.folder = ranked.folder
    )
"""
_CURRENT = """
    SELECT *, CAST(NULL AS TIMESTAMP) AS since, 0 AS newer, TRUE AS under FROM objects
    WHERE current AND NOT delete_marker
"""
# The listing of a key is in the order of its versions, but a table has no order: the current one is the newest, and
# the others follow each other by date. What was written in the same second is told apart by nothing that lasts.
_NEWEST_FIRST = """
    PARTITION BY objects.store, objects.key
    ORDER BY CASE WHEN current THEN 0 ELSE 1 END, modified DESC, delete_marker DESC, version
"""
_KEPT = "SELECT * FROM old_versions"
_OLD = f"""
    SELECT * FROM (
        SELECT objects.store, objects.key, version, current, delete_marker, media, size, seconds, seconds_by, modified,
            tier, tags, held, retain_until, awaits_copy, stored_as, custom_time, last_access,
            coalesce(noncurrent_since, lag(modified) OVER ({_NEWEST_FIRST})) AS since,
            (sum(CASE WHEN current OR delete_marker THEN 0 ELSE 1 END) OVER (
                {_NEWEST_FIRST} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ))::BIGINT - 1 AS newer,
            max(CASE WHEN current AND NOT delete_marker THEN 1 ELSE 0 END) OVER (
                PARTITION BY objects.store, objects.key
            ) = 1 AS under
        FROM objects JOIN (SELECT DISTINCT store, key FROM objects WHERE NOT current AND NOT delete_marker) AS kept
            ON objects.store = kept.store AND objects.key = kept.key
    ) AS ordered WHERE NOT current AND NOT delete_marker
"""  # noqa: S608 - our own words
"""To order all versions of a key takes long, so it is done once for all questions."""
