"""The objects of an estate, counted by all that lifecycle rules go by.

Objects are not judged one by one: those of one store that the same filters meet, that were written on the same
day, and that are alike in all else that a rule of that store asks for share their fate. So a grouped query gives
exact counts for any number of objects: there are about as many groups as a store has days of history.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cloudscan.estate import Estate, utc
from cloudscan.model import LifecycleRule, MediaClass, Store
from cloudscan.retention.rules import Filter, filter_of, rules_in_force

_MANY = 100
"""As many filters as one query looks at; a bucket of S3 can have 1,000 rules."""


@dataclass(frozen=True, slots=True)
class Life:
    """What a lifecycle rule can ask of an object, in days (UTC); None where it is not known.

    ``created`` is the day on which it was written, ``since`` that on which it stopped being the current version,
    ``newer`` how many newer old versions of its key there are, ``under`` whether its key has a current version
    that is an object. ``unversioned``: was it written without a version of its own (S3: the version "null").
    ``met`` are the filters of its store, by key and size, that meet it.
    """

    current: bool
    created: date | None
    since: date | None = None
    newer: int = 0
    under: bool = False
    unversioned: bool | None = None
    tier: str = ""
    custom: date | None = None
    accessed: date | None = None
    tags: Mapping[str, str] | None = None
    held: bool | None = None
    retain_until: date | None = None
    met: frozenset[Filter] = frozenset()


@dataclass(frozen=True, slots=True)
class Group:
    """Objects of one store, class and first part of the key that share their fate. ``example`` is one of the keys.

    ``rules`` are the rules in force whose filters by key and size meet them. ``unknown_length`` counts the objects
    that ``seconds`` leaves out.
    """

    media: MediaClass
    prefix: str
    life: Life
    rules: tuple[LifecycleRule, ...]
    objects: int
    bytes: int
    seconds: float
    unknown_length: int
    oldest: datetime | None
    newest: datetime | None
    example: str


def groups(
    estate: Estate,
    stores: Iterable[Store],
    *media: MediaClass,
    current: bool = True,
    until: datetime | None = None,
) -> Mapping[str, Sequence[Group]]:
    """Return the objects of each store, grouped; ``until`` leaves out those written later, or at an unknown time.

    ``current`` picks the current versions, else the old ones that were listed. All stores with filters of the same
    shape are counted by one query. A store whose rules are not known has none here: ask before.
    """
    wanted = {store.id: store for store in stores}
    if not current:
        with_old = estate.objects.by_store("SELECT DISTINCT store FROM objects WHERE NOT current ORDER BY store")
        wanted = {name: store for name, store in wanted.items() if name in with_old}
    alike: dict[tuple[Any, ...], dict[str, Sequence[Filter]]] = defaultdict(dict)
    rules = {store.id: rules_in_force(store) for store in wanted.values()}
    for store in wanted.values():
        filters = _acting(estate, store, rules[store.id], media, current=current)
        shape = tuple((len(each.prefixes), len(each.suffixes)) for each in filters)
        alike[shape, any(rule.tags for rule in rules[store.id])][store.id] = filters
    found: dict[str, list[Group]] = {name: [] for name in wanted}
    for (_, tagged), several in alike.items():
        question = _Question(several, media, current=current, until=until, tagged=tagged)
        for name, *facts in question.rows(estate):
            found[name].append(_group(several[name], rules[name], current, facts))
    return found


def _group(filters: Sequence[Filter], rules: Sequence[LifecycleRule], current: bool, facts: list[Any]) -> Group:  # noqa: FBT001
    media, prefix, hits, created, since, newer, under, unversioned, tier, custom, accessed, tags, held, until = facts[
        :14
    ]
    met = frozenset(each for each, hit in zip(filters, hits, strict=True) if hit == "1")
    life = Life(
        current, created, since, newer, under, unversioned, tier, custom, accessed, _tags(tags), held, until, met
    )
    amounts: list[Any] = facts[14:]
    objects, size, seconds, unknown, oldest, newest, example = amounts
    return Group(
        MediaClass(media),
        prefix,
        life,
        tuple(rule for rule in rules if not filter_of(rule).narrow or filter_of(rule) in met),
        objects,
        size,
        seconds,
        unknown,
        utc(oldest),
        utc(newest),
        example,
    )


def _tags(text: str | None) -> Mapping[str, str] | None:
    return None if text is None else dict(json.loads(text))


def _acting(
    estate: Estate, store: Store, rules: Sequence[LifecycleRule], media: Sequence[MediaClass], *, current: bool
) -> Sequence[Filter]:
    """Return the filters of a store; of very many, those that meet any object, so that memory stays bounded."""
    filters = [each for each in dict.fromkeys(map(filter_of, rules)) if each.narrow]
    if len(filters) <= _MANY:
        return filters
    acting: list[Filter] = []
    for start in range(0, len(filters), _MANY):
        some = filters[start : start + _MANY]
        question = _Question({store.id: some}, media, current=current, until=None, tagged=False)
        hits = {row[3] for row in question.rows(estate)}
        acting += [each for place, each in enumerate(some) if any(hit[place] == "1" for hit in hits)]
    return acting


class _Question:
    """One query over stores whose filters have the same shape: as many, with as many prefixes and suffixes."""

    def __init__(
        self,
        filters: Mapping[str, Sequence[Filter]],
        media: Sequence[MediaClass],
        *,
        current: bool,
        until: datetime | None,
        tagged: bool,
    ) -> None:
        self._columns, self._parameters = ["unnest(?::VARCHAR[]) AS store"], [list[Any](filters)]
        tests = [self._test(place, several) for place, several in enumerate(zip(*filters.values(), strict=True))]
        self._hits = " || ".join(f"CASE WHEN {test} THEN '1' ELSE '0' END" for test in tests) or "''"
        self._media = [one.value for one in media]
        self._current, self._tagged = current, tagged
        self._until = until.replace(tzinfo=None) if until is not None else None

    def rows(self, estate: Estate) -> Iterator[tuple[Any, ...]]:
        """Yield store, class, first part of the key, hits, the facts of a :class:`Life`, and the amounts."""
        sql = f"""
            WITH filters AS (SELECT {", ".join(self._columns)}), chosen AS ({_CURRENT if self._current else _OLD}),
            told AS (
                SELECT chosen.store, media,
                    CASE WHEN contains(key, '/') THEN split_part(key, '/', 1) || '/' ELSE '' END AS folder,
                    {self._hits} AS hits,
                    CAST(modified AS DATE) AS created, CAST(since AS DATE) AS since, newer, under,
                    version = 'null' AS unversioned, tier, CAST(custom_time AS DATE) AS custom,
                    CAST(last_access AS DATE) AS accessed, {"tags" if self._tagged else "NULL"} AS tags,
                    held, CAST(retain_until AS DATE) AS retain_until, size, seconds, modified, key
                FROM chosen JOIN filters ON chosen.store = filters.store
                WHERE media IN (SELECT unnest(?::VARCHAR[])) AND (?::TIMESTAMP IS NULL OR modified <= ?::TIMESTAMP)
            )
            SELECT {_ALIKE}, count(*), sum(size)::BIGINT, coalesce(sum(seconds), 0),
                count(*) - count(seconds), min(modified), max(modified), min(key)
            FROM told GROUP BY {_ALIKE} ORDER BY store, min(key), {_ALIKE}
        """  # noqa: S608 - our own words; values are parameters
        parameters = [*self._parameters, self._media, self._until, self._until]
        yield from estate.objects.query(sql, parameters)

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


_ALIKE = (
    "store, media, folder, hits, created, since, newer, under, unversioned, tier, custom, accessed, tags, held,"
    " retain_until"
)
_CURRENT = """
    SELECT *, CAST(NULL AS TIMESTAMP) AS since, 0 AS newer, TRUE AS under FROM objects
    WHERE current AND NOT delete_marker
"""
# The listing of a key is in the order of its versions, but a table has no order: the current one is the newest, and
# the others follow each other by date. What was written in the same second is told apart by nothing that lasts.
_OLD = """
    SELECT * FROM (
        SELECT objects.*, coalesce(noncurrent_since, lag(modified) OVER newest_first) AS since,
            (count(*) FILTER (NOT current AND NOT delete_marker) OVER newest_first) - 1 AS newer,
            bool_or(current AND NOT delete_marker) OVER (PARTITION BY objects.store, objects.key) AS under
        FROM objects JOIN (SELECT DISTINCT store, key FROM objects WHERE NOT current AND NOT delete_marker) AS kept
            ON objects.store = kept.store AND objects.key = kept.key
        WINDOW newest_first AS (
            PARTITION BY objects.store, objects.key
            ORDER BY CASE WHEN current THEN 0 ELSE 1 END, modified DESC, delete_marker DESC, version
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        )
    ) AS ordered WHERE NOT current AND NOT delete_marker
"""
