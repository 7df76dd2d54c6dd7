"""What was deleted and can be got back for a while: it is there still, and the day on which it goes is set.

No rule changes that day. Nobody can read it before it is got back, so that what it holds is told by name and type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from cloudscan.estate import OTHER_PREFIXES, Estate, utc
from cloudscan.model import MediaClass
from cloudscan.retention.lives import Life, Member
from cloudscan.retention.questions import RANKED
from cloudscan.tables.objects import seconds as seconds_of
from cloudscan.tables.slices import Slice

GONE = "was deleted already, and can be got back until it goes"
"""Why it is still there."""


class Gone(NamedTuple):
    """Deleted objects of one store and class under one prefix. ``first`` and ``last`` are the days on which they go."""

    store: str
    media: MediaClass
    prefix: str
    objects: int
    bytes: int
    seconds: float
    unknown_length: int
    oldest: datetime | None
    newest: datetime | None
    first: date
    last: date
    example: str


_CHOSEN = """
    FROM deleted
    WHERE media IN (SELECT unnest(?::VARCHAR[])) AND modified <= ?::TIMESTAMP AND restorable_until >= ?::TIMESTAMP
"""


def gone(estate: Estate, media: Sequence[MediaClass], until: datetime, now: datetime, prefixes: int) -> Iterator[Gone]:
    """Yield what was written by a moment, is of some classes and can still be got back now, by store."""
    sql = f"""
        WITH days AS (
            SELECT store, media, CASE WHEN contains(key, '/') THEN split_part(key, '/', 1) || '/' ELSE '' END AS folder,
                count(*) AS objects, sum(size) AS bytes, sum(seconds::DECIMAL(18, 6)) AS seconds,
                count(*) - count(seconds) AS unknown, min(modified) AS oldest, max(modified) AS newest,
                min(CAST(restorable_until AS DATE)) AS first, max(CAST(restorable_until AS DATE)) AS last,
                min(key) AS smallest
            {_CHOSEN} GROUP BY ALL
        ), {RANKED}
        SELECT store, media, prefix, sum(objects)::BIGINT, sum(bytes)::BIGINT, coalesce(sum(seconds), 0)::DOUBLE,
            sum(unknown)::BIGINT, min(oldest), max(newest), min(first), max(last), min(smallest)
        FROM placed GROUP BY store, media, prefix ORDER BY store, media, prefix
    """  # noqa: S608 - our own words; values are parameters
    for store, of, prefix, *amounts in estate.objects.query(
        sql, [*_given(media, until, now), prefixes, OTHER_PREFIXES]
    ):
        objects, size, seconds, unknown, oldest, newest, first, last, example = amounts
        written = utc(oldest), utc(newest)
        yield Gone(store, MediaClass(of), prefix, objects, size, seconds, unknown, *written, first, last, example)


def each_gone(
    estate: Estate, media: Sequence[MediaClass], until: datetime, now: datetime
) -> Iterator[tuple[Member, date]]:
    """Yield them one by one, those of a store together, by key, each with the day on which it goes."""
    sql = f"""
        SELECT store, key, version, media, size, seconds, seconds_by, modified, current,
            CAST(restorable_until AS DATE)
        {_CHOSEN} ORDER BY store, key, modified, version
    """
    for name, key, version, of, size, seconds, by, modified, current, goes in estate.objects.query(
        sql, _given(media, until, now)
    ):
        life = Life(current, modified.date())
        yield Member(name, key, version, MediaClass(of), size, seconds, by, utc(modified), life, ()), goes


def stores_of_gone(estate: Estate, media: MediaClass) -> set[str]:
    """Return the stores of which something of a class was deleted that may still be got back."""
    sql = "SELECT DISTINCT store FROM deleted WHERE media = ? ORDER BY store"
    return {row[0] for row in estate.objects.query(sql, [media.value])}


class GoneAge(NamedTuple):
    """What of one class was deleted from a part of a store and can still be got back, held against a maximum age.

    ``late`` objects are older, and ``outliving`` ones, younger still, will be before they go for good. ``undated`` ones
    have no known age. ``seconds``, ``oldest`` and ``last``, the day on which the last of them goes, are of those that
    are ``late``, and so is ``example``; ``then`` is an example of what outlives.
    """

    late: int = 0
    seconds: float = 0.0
    oldest: datetime | None = None
    last: date | None = None
    example: str | None = None
    outliving: int = 0
    then: str | None = None
    undated: int = 0


def ages_of_gone(estate: Estate, part: Slice, media: MediaClass, days: int, now: datetime) -> Mapping[str, GoneAge]:
    """Hold what was deleted and can still be got back now against a maximum age in days, by store."""
    begins, keys = part.sql()
    sql = f"""
        SELECT store, count(*) FILTER (late), {seconds_of("late")}, min(modified) FILTER (late),
            max(CAST(restorable_until AS DATE)) FILTER (late), min(key) FILTER (late),
            count(*) FILTER (outlives), min(key) FILTER (outlives), count(*) FILTER (modified IS NULL)
        FROM (
            SELECT *, modified <= ?::TIMESTAMP AS late, modified > ?::TIMESTAMP
                AND date_diff('day', CAST(modified AS DATE), CAST(restorable_until AS DATE)) > ? AS outlives
            FROM deleted WHERE media = ? AND restorable_until >= ?::TIMESTAMP AND {begins}
        ) AS dated GROUP BY store ORDER BY store
    """  # noqa: S608 - our own words; keys are parameters
    limit = (now - timedelta(days=days + 1)).replace(tzinfo=None)
    given: list[Any] = [limit, limit, days + 1, media.value, now.replace(tzinfo=None), *keys]
    rows = estate.objects.query(sql, given)
    return {store: GoneAge(late, length, utc(oldest), *told) for store, late, length, oldest, *told in rows}


def _given(media: Sequence[MediaClass], until: datetime, now: datetime) -> list[Any]:
    return [[each.value for each in media], until.replace(tzinfo=None), now.replace(tzinfo=None)]
