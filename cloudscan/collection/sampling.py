"""Which objects deserve a look, when only so many looks may be taken.

Two budgets, both given by the user. *Sniffs* read the first bytes of objects whose class neither name nor type
settles, or only weakly (a ``.json`` may be a transcript, a ``.mp4`` may have no picture). One that may have to be
read at its end as well counts twice, since a budget is of requests. They are dealt out in
rounds over groups of objects that probably are alike (same store, folder and extension), the unsettled before the
weakly settled and large groups first, so that the first looks tell about the most objects. What is left of the budget
goes to recordings whose length is a guess by the usual rate of their format, the longest first. *Heads* read the
metadata of objects known to be recordings or transcripts, spread evenly over their ages, since defaults change with
time. What is asked of a single object is read with them where its store makes it count: its access control list, its
tags where a lifecycle rule goes by tags, its hold and retention where objects may be locked; and there old versions
have a budget of their own, since rules and locks are about them too. An object that both budgets choose is looked at
once. Nothing is concluded here about objects that were not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cloudscan.audio import SURE_RECORDINGS, UNSURE_EXTENSIONS, told_by_neighbours
from cloudscan.model import Answer, Store
from cloudscan.provider import Facet, HeadWish, Scope
from cloudscan.snapshot import SnapshotWriter
from cloudscan.tables import columns

if TYPE_CHECKING:
    import duckdb

_Wishes = dict[tuple[str, str, str | None], HeadWish]
"""By store, key and version."""
HEAD_BYTES = 4096
"""How many first bytes a sniff reads unless told otherwise, and as many more where these leave open what it is."""
_END_TELLS = (
    "json",
    "mp4",
    "mov",
    "m4a",
    "3gp",
    "3g2",
    "webm",
    "mkv",
    "parquet",
    "zip",
    "ogg",
    "oga",
    "opus",
    "spx",
    "caf",
)
"""Extensions under which more of an object may have to be read as well, which takes a request of its own."""


def choose_heads(writer: SnapshotWriter, provider: str, scope: Scope) -> list[HeadWish]:
    """Choose what to look at among the objects that were listed for this provider."""
    if not scope.sniff and not scope.heads:
        return []
    stores = {store.id: store for store in writer.staged(Store) if store.provider == provider}
    spools, parts = writer.staged_rows()
    if not stores or not (spools or parts):
        return []
    wishes: _Wishes = {}
    with columns.connect() as database:
        database.execute(f"CREATE VIEW objects AS {columns.staged_query(spools, parts)}")
        if scope.sniff:
            known = [
                sorted(UNSURE_EXTENSIONS),
                scope.sniff,
                scope.sniff_bytes,
                list(_END_TELLS),
                scope.sniff,
                scope.sniff,
            ]
            rows = database.execute(_SNIFFS, known).fetchall()
            wishes |= _beside(database, _wishes(rows, stores, scope.sniff_bytes))
        if scope.heads:
            ruled = [store.id for store in stores.values() if _by_tags(store) or _locks(store, scope)]
            rows = database.execute(_HEADS, [ruled, scope.heads, scope.heads]).fetchall()
            heads = _wishes(rows, stores, 0)
            lists = Facet.ACL in scope.facets
            for place, wish in heads.items():
                store = stores[wish.store]
                wishes[place] = replace(
                    wishes.get(place, wish),
                    acl=lists and store.acl != (),
                    tags=_by_tags(store),
                    lock=_locks(store, scope),
                )
    return list(wishes.values())


def _by_tags(store: Store) -> bool:
    """Say whether a lifecycle rule of a store goes by the tags of its objects."""
    return any(rule.tags and rule.enabled for rule in store.lifecycle or ())


def _locks(store: Store, scope: Scope) -> bool:
    """Say whether the objects of a store may be locked, each by itself: where that was asked for, and not answered for
    the store, the objects still tell.
    """
    lock = store.lock
    if lock is None or lock.keeps_current or store.versioning == "disabled":
        return False
    return lock.enabled is Answer.YES or (lock.enabled is Answer.UNKNOWN and Facet.LOCK in scope.facets)


def _wishes(rows: Sequence[tuple[str, str, str | None, int, bool]], stores: Mapping[str, Store], read: int) -> _Wishes:
    found = ((stores[row[0]], row) for row in rows if row[0] in stores)
    return {
        (store.id, row[1], row[2]): HeadWish(
            store.id, store.account, store.region, row[1], row[2], row[3], read, tail=read if row[4] else 0
        )
        for store, row in found
    }


def _beside(database: duckdb.DuckDBPyConnection, wishes: _Wishes) -> _Wishes:
    """Give each wish whose object its neighbours tell of the name of a recording in its folder, where there is one."""
    folders = {place: place[1].rpartition("/")[0] for place in wishes if told_by_neighbours(place[1])}
    if not folders:
        return wishes
    names = [sorted(SURE_RECORDINGS), sorted({f"{folder}/" if folder else "" for folder in folders.values()})]
    found = {(store, folder): key for store, folder, key in database.execute(_NEIGHBOURS, names).fetchall()}
    near = {place: found.get((place[0], f"{folder}/" if folder else "")) for place, folder in folders.items()}
    return wishes | {place: replace(wishes[place], neighbours=(key,)) for place, key in near.items() if key}


ANY_VERSION = """
    SELECT *, left(key, length(key) - length(regexp_extract(key, '[^/]*$'))) AS folder,
        lower(regexp_extract(key, '[.]([A-Za-z0-9]{1,8})$', 1)) AS extension
    FROM objects WHERE NOT delete_marker AND size > 0
"""
"""All objects that have bytes, old versions too, by what groups them: store, folder and extension."""
NAMED = f"{ANY_VERSION} AND current"
"""The objects that may be looked at."""
LEFT_OPEN = """
    (media = 'unsettled' OR settled_by = 'suspicion' OR (settled_by IN ('name', 'content-type')
        AND media <> 'transcript' AND extension IN (SELECT unnest(?::VARCHAR[]))))
"""
"""Whether an object's class is not settled, or only weakly; takes :data:`UNSURE_EXTENSIONS`."""
NOT_LOOKED_AT = f"{LEFT_OPEN} AND media = 'other' AND looked IS NULL"
"""Whether an object counts as no recording by nothing but a name that transcripts and packed recordings have, too."""

_SNIFFS = f"""
    WITH named AS ({NAMED}), grouped AS (SELECT * FROM named WHERE {LEFT_OPEN}), guessed AS (
        SELECT *, 0 AS round, 0 AS alike FROM named
        WHERE media = 'speech' AND seconds_by = 'typical-rate' AND settled_by <> 'suspicion' AND looked IS NULL
        ORDER BY seconds DESC, store, key LIMIT ?
    ), dealt AS (
        SELECT *, row_number() OVER (PARTITION BY store, folder, extension ORDER BY md5(key), key) AS round,
            count(*) OVER (PARTITION BY store, folder, extension) AS alike
        FROM grouped UNION ALL BY NAME SELECT * FROM guessed
    ), ordered AS (
        SELECT *, row_number() OVER (
            ORDER BY round = 0, round, media <> 'unsettled', alike DESC,
                CASE WHEN round = 0 THEN -seconds ELSE 0 END, store, folder, extension, key
        ) AS place, CASE WHEN size > ? AND list_contains(?, extension) THEN 2 ELSE 1 END AS requests
        FROM dealt
    ), costed AS (
        SELECT *, sum(requests) OVER (ORDER BY place ROWS UNBOUNDED PRECEDING) AS spent FROM ordered
    )
    SELECT store, key, version, size, requests = 2 AND spent <= ? FROM costed
    WHERE spent - requests < ? ORDER BY place
"""  # noqa: S608 - our own names
_NEIGHBOURS = f"""
    WITH named AS ({NAMED}) SELECT store, folder, min(key) FROM named
    WHERE media = 'speech' AND extension IN (SELECT unnest(?::VARCHAR[])) AND folder IN (SELECT unnest(?::VARCHAR[]))
    GROUP BY store, folder
"""  # noqa: S608 - our own names
_HEADS = """
    WITH placed AS (
        SELECT store, key, version, size,
            row_number() OVER (PARTITION BY store, media, current ORDER BY modified, key, version) - 1 AS place,
            count(*) OVER (PARTITION BY store, media, current) AS together
        FROM objects
        WHERE (current OR list_contains(?, store)) AND NOT delete_marker AND media IN ('speech', 'transcript', 'video')
    )
    SELECT store, key, version, size, false FROM placed
    WHERE place = 0 OR (place * (? - 1)) // (together - 1) <> ((place - 1) * (? - 1)) // (together - 1)
    ORDER BY store, key, version
"""
