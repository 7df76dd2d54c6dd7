"""The object table on disk: pages of rows to Parquet, by DuckDB, in bounded memory.

Listings are spooled as JSON lines and turned into Parquet in large steps, so that collection never holds more
than a page in memory. DuckDB is imported only where a table is written or read.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from cloudscan.model import MediaObject

if TYPE_CHECKING:
    import duckdb

OBJECT_TYPES: Mapping[str, str] = {
    "store": "VARCHAR",
    "key": "VARCHAR",
    "version": "VARCHAR",
    "current": "BOOLEAN",
    "delete_marker": "BOOLEAN",
    "size": "BIGINT",
    "modified": "TIMESTAMP",
    "tier": "VARCHAR",
    "etag": "VARCHAR",
    "owner": "VARCHAR",
    "content_type": "VARCHAR",
    "media": "VARCHAR",
    "format": "VARCHAR",
    "settled_by": "VARCHAR",
    "seconds": "DOUBLE",
    "seconds_by": "VARCHAR",
    "redacted": "BOOLEAN",
    "encryption_mode": "VARCHAR",
    "key_id": "VARCHAR",
    "acl": "VARCHAR",
    "looked": "BIGINT",
    "producer": "VARCHAR",
    "told": "VARCHAR",
    "sound": "BOOLEAN",
    "noncurrent_since": "TIMESTAMP",
    "tags": "VARCHAR",
    "held": "BOOLEAN",
    "retain_until": "TIMESTAMP",
    "custom_time": "TIMESTAMP",
    "last_access": "TIMESTAMP",
    "restorable_until": "TIMESTAMP",
    "awaits_copy": "BOOLEAN",
    "stored_as": "VARCHAR",
}
"""The columns of the object table, as :class:`cloudscan.model.MediaObject` has them; times are UTC."""

HEAD_COLUMNS = (
    "store",
    "key",
    "version",
    "etag",
    "content_type",
    "media",
    "format",
    "settled_by",
    "seconds",
    "seconds_by",
    "redacted",
    "encryption_mode",
    "key_id",
    "acl",
    "looked",
    "producer",
    "told",
    "sound",
    "tags",
    "held",
    "retain_until",
    "awaits_copy",
)
_one_writer = threading.Lock()


def encode_page(rows: Sequence[MediaObject]) -> bytes:
    """Turn rows into JSON lines. Raises UnicodeEncodeError for a text that UTF-8 cannot hold."""
    return msgspec.json.Encoder().encode_lines([row._asdict() for row in rows])


def connect(memory: str = "128MB", threads: int = 1) -> duckdb.DuckDBPyConnection:
    """Open DuckDB in memory, with an allowance that does not grow with the data."""
    import duckdb

    database = duckdb.connect(
        config={
            "threads": str(threads),
            "memory_limit": memory,
            "temp_directory": tempfile.gettempdir(),
            "autoload_known_extensions": "false",
        }
    )
    database.execute("SET TimeZone = 'UTC'")  # else a time that knows its zone is cast to this machine's
    return database


def write_objects(spools: Sequence[Path], target: Path) -> int:
    """Write the rows of these spools, in their order, into one Parquet file; return how many."""
    return _copy(staged_query(spools, ()), target)


@contextmanager
def writing() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open DuckDB for writing a table, one after the other: each may use the whole allowance."""
    with _one_writer, connect() as database:
        yield database


def lines_query(path: Path, types: Mapping[str, str]) -> str:
    """Return a SELECT of these columns over a file of JSON lines."""
    return _lines_query(f"'{quoted(path)}'", types)


def _lines_query(source: str, types: Mapping[str, str]) -> str:
    kinds = ", ".join(f"{name}: '{kind}'" for name, kind in types.items())
    return f"SELECT * FROM read_json({source}, format='newline_delimited', columns={{{kinds}}})"  # noqa: S608 - our own names


def staged_query(spools: Sequence[Path], parts: Sequence[Path]) -> str:
    """Return a SELECT over rows that are not all in their final files yet."""
    sources = []
    if spools:
        listed = ", ".join(f"'{quoted(path)}'" for path in spools)
        sources.append(_lines_query(f"[{listed}]", OBJECT_TYPES))
    if parts:
        sources.append(written_query(parts))
    return " UNION ALL BY NAME ".join(sources)


def written_query(paths: Sequence[Path], names: Iterable[str] = OBJECT_TYPES) -> str:
    """Return a SELECT of these columns over Parquet files; NULL is in those that an older version did not write."""
    listed = ", ".join(f"'{quoted(path)}'" for path in paths)
    empty = ", ".join(f"NULL::{OBJECT_TYPES[name]} AS {name}" for name in names)
    return (
        f"SELECT * FROM read_parquet([{listed}], union_by_name=true)"  # noqa: S608 - our own names and paths
        f" UNION ALL BY NAME SELECT {empty} WHERE false"
    )


def write_merged(spools: Sequence[Path], root: Path, rows: int) -> dict[str, int]:
    """Write many small spools into few Parquet files; return their paths under ``root`` and row counts.

    A file takes spools until they hold about as many bytes as ``rows`` rows do.
    """
    written: dict[str, int] = {}
    batch: list[Path] = []
    size = 0
    for spool in [*spools, None]:
        if batch and (spool is None or size > rows * 200):
            name = f"objects/merged-{len(written):05d}.parquet"
            written[name] = _write_gathered(batch, root / name)
            batch, size = [], 0
        if spool is not None:
            batch.append(spool)
            size += spool.stat().st_size
    return written


def _write_gathered(spools: Sequence[Path], target: Path) -> int:
    """Write spools into one Parquet file by way of one spool: DuckDB takes half a millisecond for every file."""
    gathered = target.with_suffix(".tmp.jsonl")
    try:
        with gathered.open("wb") as all_lines:
            for spool in spools:
                with spool.open("rb") as lines:
                    shutil.copyfileobj(lines, all_lines)
        return write_objects([gathered], target)
    finally:
        gathered.unlink(missing_ok=True)


def write_heads(lines: Iterable[bytes], target: Path) -> int:
    """Write head rows, given as JSON lines, into one Parquet file; return how many."""
    spool = target.with_suffix(".tmp.jsonl")
    spool.write_bytes(b"".join(line + b"\n" for line in lines))
    try:
        return _copy(lines_query(spool, {name: OBJECT_TYPES[name] for name in HEAD_COLUMNS}), target)
    finally:
        spool.unlink()


def count(path: Path) -> int:
    """Return the number of rows of a Parquet file."""
    with connect() as database:
        row = database.execute("SELECT count(*) FROM read_parquet(?)", [str(path)]).fetchone()
    return int(row[0]) if row else 0


def copy(database: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    """Write what a SELECT gives into a Parquet file, whole or not at all; return how many rows."""
    temporary = target.with_name(target.name + ".tmp")
    row = database.execute(
        f"COPY ({query}) TO '{quoted(temporary)}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 65536)"
    ).fetchone()
    temporary.replace(target)
    return int(row[0]) if row else 0


def _copy(query: str, target: Path) -> int:
    with writing() as database:
        return copy(database, query, target)


def quoted(path: Path) -> str:
    """Write a path inside a text of SQL."""
    return str(path).replace("'", "''")
