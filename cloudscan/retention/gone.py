"""What was deleted and can be got back for a while: it is there still, and the day on which it goes is set.

No rule changes that day. Nobody can read it before it is got back, so that what it holds is told by name and type.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from cloudscan.estate import OTHER_PREFIXES, Estate, utc
from cloudscan.model import MediaClass
from cloudscan.retention.lives import Life, Member
from cloudscan.retention.questions import RANKED

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


def _given(media: Sequence[MediaClass], until: datetime, now: datetime) -> list[Any]:
    return [[each.value for each in media], until.replace(tzinfo=None), now.replace(tzinfo=None)]
