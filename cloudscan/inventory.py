"""Rows of the object table from an inventory that a cloud wrote, by SQL: as quick as DuckDB reads the files.

An inventory lists the objects of one store in files of its own format; a provider writes the SELECT that gives its
columns as the object table has them (:data:`TOLD`), and everything from there on is here. The class of an object is
what :func:`cloudscan.audio.recognise` makes of its name and size. It is asked once for every extension, and once for
each object only where more than the extension counts.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from cloudscan import columns
from cloudscan.audio import FIXED_BITS_PER_SECOND, TYPICAL_BITS_PER_SECOND, recognise
from cloudscan.audio.names import COMPRESSED
from cloudscan.audio.suspicion import HEADERLESS
from cloudscan.model import DurationMethod, Evidence, MediaClass

if TYPE_CHECKING:
    import duckdb

SEEN = ("media", "format", "settled_by", "seconds", "seconds_by", "redacted")
"""The columns that name and size tell."""
TOLD = tuple(name for name in columns.OBJECT_TYPES if name not in SEEN)
"""The columns that an inventory may tell; a SELECT leaves out what it does not."""
_ONE_BY_ONE = {"json", "text", *HEADERLESS}
"""Formats of which path or size say whether an object is one."""
_LARGE = 1 << 36
"""Bytes above which a length is not believed without a closer look."""
_END = "regexp_extract({name}, '^.+[.]([^.]*)$', 1, 's')"


def write_rows(select: str, target: Path) -> int:
    """Write what a SELECT gives of one store's objects into one Parquet file of the object table; return how many.

    The rows lie in a table of DuckDB's meanwhile, so that no file is read twice, and memory stays bounded.
    Raises :class:`duckdb.Error` where the files do not hold what the SELECT reads.
    """
    odd = target.with_name(target.name + ".odd.jsonl")
    try:
        with columns.writing() as database:
            database.execute(f"CREATE TABLE told AS SELECT *, {_kind('key')} AS kind FROM ({select})")  # noqa: S608 - ours
            _class_kinds(database)
            _class_one_by_one(database, odd)
            return columns.copy(database, _classed(database, odd), target)
    finally:
        odd.unlink(missing_ok=True)


def _kind(key: str) -> str:
    """Write the extension of a key, or the last two where the last is one of compression; "" for none."""
    name = f"regexp_extract({key}, '[^/]*$', 0)"
    last, inner = _END.format(name=name), _END.format(name=f"regexp_replace({name}, '[.][^.]*$', '')")
    compressed = ", ".join(f"'{each}'" for each in sorted(COMPRESSED))
    return f"CASE WHEN lower({last}) IN ({compressed}) THEN {inner} || '.' || {last} ELSE {last} END"


def _class_kinds(database: duckdb.DuckDBPyConnection) -> None:
    """Make a table of what each extension stands for, where it stands for the same whatever the path."""
    database.execute(
        "CREATE TABLE kinds (kind VARCHAR, media VARCHAR, format VARCHAR, settled_by VARCHAR,"
        " bits DOUBLE, method VARCHAR)"
    )
    rates = {name: (rate, DurationMethod.ESTIMATE) for name, rate in FIXED_BITS_PER_SECOND.items()}
    rates |= {name: (rate, DurationMethod.TYPICAL_RATE) for name, rate in TYPICAL_BITS_PER_SECOND.items()}
    reading = database.cursor().execute("SELECT kind, min(key) FROM told GROUP BY kind")
    while batch := reading.fetchmany(10_000):
        kept: list[list[Any]] = [[] for _ in range(6)]
        for kind, key in batch:
            seen = recognise(key, content_type=None, size=_LARGE, head=None)
            if seen.media is MediaClass.TRANSCRIPT or seen.format in _ONE_BY_ONE:
                continue
            rate, method = (
                rates.get(seen.format or "", (None, None)) if seen.media is MediaClass.SPEECH else (None, None)
            )
            for column, value in zip(kept, (kind, seen.media, seen.format, seen.by, rate, method), strict=True):
                column.append(value)
        kinds = ("VARCHAR", "VARCHAR", "VARCHAR", "VARCHAR", "DOUBLE", "VARCHAR")
        lists = ", ".join(f"unnest(?::{kind}[])" for kind in kinds)
        database.execute(f"INSERT INTO kinds SELECT {lists}", kept)


def _class_one_by_one(database: duckdb.DuckDBPyConnection, odd: Path) -> None:
    """Write what the other objects are, as lines of JSON."""
    reading = database.cursor().execute(
        f"""
        SELECT DISTINCT key, size FROM told ANTI JOIN kinds USING (kind) WHERE NOT delete_marker
        UNION SELECT key, size FROM told WHERE NOT delete_marker AND size NOT BETWEEN 1 AND {_LARGE}
        """  # noqa: S608 - our own number
    )
    with odd.open("wb") as lines:
        while batch := reading.fetchmany(10_000):
            lines.write(msgspec.json.Encoder().encode_lines([*map(_seen, batch)]))


def _seen(row: tuple[str, int]) -> dict[str, object]:
    key, size = row
    seen = recognise(key, content_type=None, size=size, head=None)
    facts = (seen.media, seen.format, seen.by, seen.seconds, seen.seconds_by, seen.redacted)
    return {"key": key, "size": size, **dict(zip(SEEN, facts, strict=True))}


def _classed(database: duckdb.DuckDBPyConnection, odd: Path) -> str:
    """Write the SELECT of whole rows."""
    given = {row[0] for row in database.execute("DESCRIBE told").fetchall()}
    sources = {name: f"told.{name}" if name in given else "NULL" for name in TOLD}
    listed = [f"{source}::{columns.OBJECT_TYPES[name]} AS {name}" for name, source in sources.items()]
    none, unknown = (f"'{word}'" for word in (Evidence.NONE, DurationMethod.UNKNOWN))
    length = "round(told.size * 8 / bits, 3)"
    seen = (
        f"CASE WHEN delete_marker THEN '{MediaClass.OTHER}' ELSE coalesce(odd.media, kinds.media) END AS media",
        "CASE WHEN odd.key IS NOT NULL THEN odd.format WHEN NOT delete_marker THEN kinds.format END AS format",
        f"CASE WHEN delete_marker THEN {none} ELSE coalesce(odd.settled_by, kinds.settled_by) END AS settled_by",
        f"CASE WHEN odd.key IS NOT NULL THEN odd.seconds WHEN NOT delete_marker THEN {length} END AS seconds",
        f"CASE WHEN delete_marker THEN {unknown} ELSE coalesce(odd.seconds_by, method, {unknown}) END AS seconds_by",
        "odd.redacted AS redacted",
    )
    types = {"key": "VARCHAR", "size": "BIGINT"} | {name: columns.OBJECT_TYPES[name] for name in SEEN}
    return (
        f"SELECT {', '.join((*listed, *seen))} FROM told LEFT JOIN kinds USING (kind)"  # noqa: S608 - our own names
        f" LEFT JOIN ({columns.lines_query(odd, types)}) AS odd"
        " ON NOT delete_marker AND told.key = odd.key AND told.size IS NOT DISTINCT FROM odd.size"
    )
