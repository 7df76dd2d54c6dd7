"""The object table of an estate, open for SQL on whichever engine holds it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any, TypeVar

from cloudscan.model import MediaClass, MediaObject
from cloudscan.tables import columns
from cloudscan.tables.engines import DuckDB, Engine
from cloudscan.tables.slices import Slice

T = TypeVar("T")
_PLACE = ("store", "key", "version")
"""What a row of the heads and a row of the listing are of the same object by."""
BY_NAME_ALONE = "media = 'other' AND settled_by IN ('name', 'content-type') AND looked IS NULL"
"""SQL: does an object count as no recording by its name or type, and nobody read it."""
_THERE = "WHERE listed.restorable_until IS NULL"
_LISTED_FIRST = ("etag",)
"""What the listing tells as well as a head does: its word was there when the object was chosen."""


class ObjectTable:
    """The objects of an estate as a SQL table named ``objects``, one row an object or version.

    Columns are those of :class:`cloudscan.model.MediaObject`; where an object's head was read, what it told
    stands in place of what the listing told. Times are naive UTC inside SQL. What was deleted and can be got back is
    in a table of its own, ``deleted``.

    Write SQL that other engines have too, values as parameters, and sums of seconds by :func:`seconds`.
    """

    def __init__(
        self,
        listed: Sequence[Path] = (),
        heads: Sequence[Path] = (),
        rows: Sequence[MediaObject] = (),
        engine: Engine | None = None,
    ) -> None:
        self._engine = engine if engine is not None else DuckDB()
        self._by_store: dict[str, dict[str, list[tuple[Any, ...]]]] = {}
        self._kept: set[str] = set()
        self._answers: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
        self._beside: dict[object, Any] = {}
        self._counted: dict[tuple[Slice, MediaClass], Mapping[str, int]] = {}
        if listed:
            self._engine.read("listed", listed, columns.OBJECT_TYPES)
        else:
            self._engine.hold("listed", [_naive(row) for row in rows])
        self._engine.define("deleted", "SELECT * FROM listed WHERE restorable_until IS NOT NULL")
        if not heads:
            self._engine.define("objects", f"SELECT * FROM listed {_THERE}")  # noqa: S608 - our own names
            return
        self._engine.read("heads", heads, {name: columns.OBJECT_TYPES[name] for name in columns.HEAD_COLUMNS})
        told = set(columns.HEAD_COLUMNS) - {*_PLACE, *_LISTED_FIRST}
        chosen = (
            f"coalesce(heads.{name}, listed.{name}) AS {name}" if name in told else f"listed.{name} AS {name}"
            for name in columns.OBJECT_TYPES
        )
        same = " AND ".join(f"listed.{name} IS NOT DISTINCT FROM heads.{name}" for name in _PLACE)
        self._engine.define("objects", f"SELECT {', '.join(chosen)} FROM listed LEFT JOIN heads ON {same} {_THERE}")  # noqa: S608 - our own names

    def query(self, sql: str, parameters: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """Run one SELECT and yield its rows in small steps. Give the query an ORDER BY: reports are stable."""
        yield from self._engine.rows(sql, parameters)

    def query_once(self, sql: str, parameters: Sequence[object]) -> Sequence[tuple[Any, ...]]:
        """Run one SELECT once, for what several ask alike. The answer stays in memory, so it must be small."""
        asked = (sql, repr(parameters))
        if asked not in self._answers:
            self._answers[asked] = list(self.query(sql, parameters))
        return self._answers[asked]

    def counted_in(self, part: Slice, media: MediaClass) -> Mapping[str, int]:
        """Return how many objects of a class lie in a part of each store that holds any there, old versions too."""
        if (part, media) not in self._counted:
            begins, values = part.sql()
            sql = f"""
                SELECT store, count(*) FROM objects WHERE media = ? AND NOT delete_marker AND {begins}
                GROUP BY store ORDER BY store
            """  # noqa: S608 - our own words; keys are parameters
            self._counted[part, media] = dict(self.query(sql, [media.value, *values]))
        return self._counted[part, media]

    def keep(self, name: str, sql: str, parameters: Sequence[object] = ()) -> None:
        """Keep what a SELECT gives as a table of that name, so that further queries need not work it out again."""
        self._engine.keep(name, sql, parameters)

    def keep_once(self, name: str, sql: str) -> None:
        """Keep what a SELECT gives as a table of that name, if it is not kept yet."""
        if name not in self._kept:
            self.keep(name, sql)
            self._kept.add(name)

    def beside(self, make: Callable[[ObjectTable], T]) -> T:
        """Return what several share who ask this table, made of it once."""
        if make not in self._beside:
            self._beside[make] = make(self)
        held: T = self._beside[make]
        return held

    def by_store(self, sql: str) -> Mapping[str, Sequence[tuple[Any, ...]]]:
        """Run one SELECT once, and return its rows by their first column, the store, less that column.

        For what is asked of every store in turn: a query takes milliseconds, however few rows there are. The answer
        stays in memory, so it must be small for each store.
        """
        if sql not in self._by_store:
            held: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
            for store, *row in self.query(sql):
                held[store].append(tuple(row))
            self._by_store[sql] = dict(held)
        return self._by_store[sql]


def seconds(where: str = "true") -> str:
    """Write the sum of the seconds of rows: exact to a millionth, and so the same in whatever order rows come."""
    return f"coalesce(sum(seconds::DECIMAL(18, 6)) FILTER ({where}), 0)::DOUBLE"


_TIMES = tuple(name for name, kind in columns.OBJECT_TYPES.items() if kind == "TIMESTAMP")


def _naive(row: MediaObject) -> MediaObject:
    moments = {name: moment.astimezone(UTC).replace(tzinfo=None) for name in _TIMES if (moment := getattr(row, name))}
    return row._replace(**moments) if moments else row
