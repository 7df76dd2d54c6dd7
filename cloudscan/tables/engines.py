"""What runs the SQL of the analysis: DuckDB inside this process or, where one machine is outgrown, another engine.

Every statement is written once, in DuckDB's words, and carried over to another engine by sqlglot
(:mod:`cloudscan.tables.spark`). An engine holds named tables and answers SELECTs; nothing else is asked of it.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from cloudscan.errors import UsageError
from cloudscan.model import MediaObject
from cloudscan.tables import columns

MEMORY = 256
"""Megabytes that DuckDB may use unless the user says otherwise. Half of it is too little to group the links of ten
million objects; of a hundred million they take some times as much."""


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
    """The engine inside this process, bounded in memory, which is given in megabytes.

    What a question needs beyond the bound goes to disk; one for which that is not enough raises :class:`UsageError`.
    """

    def __init__(self, memory: int = MEMORY) -> None:
        self._memory = memory
        self._database = columns.connect(f"{memory}MB", threads=2)
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
        with self._bounded():
            self._database.cursor().execute(f"COPY ({select}) TO '{file}' (FORMAT parquet)", list(parameters))
        self._database.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM read_parquet('{file}')")  # noqa: S608 - our own names

    def rows(self, sql: str, parameters: Sequence[object]) -> Iterator[tuple[Any, ...]]:
        """Run one SELECT."""
        with self._bounded():
            result = self._database.cursor().execute(sql, list(parameters))
        while batch := self._next(result):
            yield from batch

    def _next(self, result: Any) -> list[tuple[Any, ...]]:
        with self._bounded():
            found: list[tuple[Any, ...]] = result.fetchmany(1000)
            return found

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        """Say what to do where the bound was too little."""
        import duckdb

        try:
            yield
        except duckdb.OutOfMemoryException as error:
            raise UsageError(
                f"a question to the object table needs more than {self._memory} MB: give it more,"
                f" such as --memory {self._memory * 8}, or use --engine spark"
            ) from error


def engine(name: str, memory: int | None = None) -> Engine:
    """Return the engine ``duckdb``, with so many megabytes of memory (none: :data:`MEMORY`), or ``spark``.

    Spark has settings of its own. Raises :class:`UsageError` where it is not there or does not start.
    """
    if name == "duckdb":
        return DuckDB(memory or MEMORY)
    from cloudscan.tables.spark import Spark

    return Spark()
