"""What runs the SQL of the analysis: DuckDB inside this process or, where one machine is outgrown, another engine.

Every statement is written once, in DuckDB's words, and carried over to another engine by sqlglot
(:mod:`cloudscan.spark`). An engine holds named tables and answers SELECTs; nothing else is asked of it.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from cloudscan import columns
from cloudscan.model import MediaObject


class Engine(Protocol):
    """Answers SELECTs over named tables. Times in SQL are naive UTC."""

    def read(self, name: str, files: Sequence[Path], types: Mapping[str, str]) -> None:
        """Make a table of these columns (DuckDB's types) of Parquet files; a column that a file lacks is NULL."""

    def hold(self, name: str, rows: Sequence[MediaObject]) -> None:
        """Make a table of these rows, whose times are naive UTC."""

    def define(self, name: str, select: str) -> None:
        """Make a name for what a SELECT gives."""

    def keep(self, name: str, select: str, parameters: Sequence[object]) -> None:
        """Make a table of what a SELECT gives, in place of one of that name, on disk where it is large."""

    def rows(self, sql: str, parameters: Sequence[object]) -> Iterator[tuple[Any, ...]]:
        """Run one SELECT, with a value for each ``?`` in it, and yield its rows in small steps."""


class DuckDB:
    """The engine inside this process, bounded in memory."""

    def __init__(self) -> None:
        # Half of it is too little to group the links of ten million objects.
        self._database = columns.connect("256MB", threads=2)
        self._database.execute("SET preserve_insertion_order = false")  # what asks for an order says so
        self._kept: str | None = None

    def read(self, name: str, files: Sequence[Path], types: Mapping[str, str]) -> None:
        """Make a view of Parquet files."""
        self.define(name, columns.written_query(files, types))

    def hold(self, name: str, rows: Sequence[MediaObject]) -> None:
        """Make a table of rows."""
        kinds = ", ".join(f"{column} {kind}" for column, kind in columns.OBJECT_TYPES.items())
        self._database.execute(f"CREATE TABLE {name} ({kinds})")
        if rows:
            lists = ", ".join(f"unnest(?::{kind}[])" for kind in columns.OBJECT_TYPES.values())
            held = [list(column) for column in zip(*rows, strict=True)]
            self._database.execute(f"INSERT INTO {name} SELECT {lists}", held)

    def define(self, name: str, select: str) -> None:
        """Make a view."""
        self._database.execute(f"CREATE VIEW {name} AS {select}")

    def keep(self, name: str, select: str, parameters: Sequence[object]) -> None:
        """Make a view of a temporary file: a table of an in-memory database would not leave the memory."""
        if self._kept is None:
            self._kept = tempfile.mkdtemp(prefix="cloudscan-")
            weakref.finalize(self, shutil.rmtree, self._kept, ignore_errors=True)
        file = str(Path(self._kept, f"{name}.parquet")).replace("'", "''")
        self._database.cursor().execute(f"COPY ({select}) TO '{file}' (FORMAT parquet)", list(parameters))
        self._database.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM read_parquet('{file}')")  # noqa: S608 - our own names

    def rows(self, sql: str, parameters: Sequence[object]) -> Iterator[tuple[Any, ...]]:
        """Run one SELECT."""
        result = self._database.cursor().execute(sql, list(parameters))
        while batch := result.fetchmany(1000):
            yield from batch


def engine(name: str) -> Engine:
    """Return the engine ``duckdb`` or ``spark``. Raises :class:`UsageError` where it is not there or does not start."""
    if name == "duckdb":
        return DuckDB()
    from cloudscan.spark import Spark

    return Spark()
