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
_LARGE = 1 << 36
"""Bytes above which a length is not believed without a closer look."""
_LONGEST = 10
"""Letters of the longest extension that may stand for anything."""
_WORDY = {"json", "text"}
"""Formats of which the words of a path say whether an object is a transcript."""
_WORDS = ("transcri", "asr", "stt", "caption", "whisper", "speech", "redacted", "\u017f", "\u0131", "\u0130", "\u212a")
"""Without any of these in it no path says anything of that. The last are letters that are read as s, i and k."""


def write_rows(select: str, target: Path, *, slow: bool = False) -> int:
    """Write what a SELECT gives of one store's objects into one Parquet file of the object table; return how many.

    It is run several times, so memory stays bounded; what is ``slow`` to read, as text is, goes through a file of
    its own first. Raises :class:`duckdb.Error` where the files do not hold what the SELECT reads.
    """
    odd, staged = (target.with_name(f"{target.name}.{name}") for name in ("odd.jsonl", "staged.parquet"))
    try:
        with columns.writing() as database:
            if slow:
                database.execute(f"COPY ({select}) TO '{columns.quoted(staged)}' (FORMAT parquet, COMPRESSION lz4_raw)")
                select = f"SELECT * FROM read_parquet('{columns.quoted(staged)}')"  # noqa: S608 - our own path
            database.execute(f"CREATE VIEW told AS SELECT *, {_kind()} AS kind FROM ({select})")  # noqa: S608 - our own
            _class_kinds(database)
            _class_one_by_one(database, odd)
            return columns.copy(database, _classed(database, odd), target)
    finally:
        odd.unlink(missing_ok=True)
        staged.unlink(missing_ok=True)


def _kind() -> str:
    """Write the extension of a key, or the last two where the last is one of compression; "" for none."""
    last = "split_part(key, '.', -1)"
    compressed = ", ".join(f"'{each}'" for each in sorted(COMPRESSED))
    return (
        f"CASE WHEN length({last}) > {_LONGEST} OR contains({last}, '/') OR length({last}) = length(key)"
        f" OR substr(key, length(key) - length({last}) - 1, 1) IN ('', '/') THEN ''"
        f" WHEN lower({last}) IN ({compressed})"
        f" THEN regexp_extract(key, '[^/][.]([^/.]*)[.][^/.]*$', 1) || '.' || {last} ELSE {last} END"
    )


def _class_kinds(database: duckdb.DuckDBPyConnection) -> None:
    """Make a table of what each extension stands for in a path without words that say something.

    ``wordy`` says that words may change it. Sound without a header is left out: its size has to fit.
    """
    database.execute(
        "CREATE TABLE kinds (kind VARCHAR, media VARCHAR, format VARCHAR, settled_by VARCHAR, bits DOUBLE,"
        " method VARCHAR, wordy BOOLEAN)"
    )
    rates = {name: (rate, DurationMethod.ESTIMATE) for name, rate in FIXED_BITS_PER_SECOND.items()}
    rates |= {name: (rate, DurationMethod.TYPICAL_RATE) for name, rate in TYPICAL_BITS_PER_SECOND.items()}
    reading = database.cursor().execute("SELECT DISTINCT kind FROM told WHERE NOT delete_marker")
    kinds = ("VARCHAR", "VARCHAR", "VARCHAR", "VARCHAR", "DOUBLE", "VARCHAR", "BOOLEAN")
    lists = ", ".join(f"unnest(?::{kind}[])" for kind in kinds)
    while batch := reading.fetchmany(10_000):
        kept: list[tuple[Any, ...]] = []
        for (kind,) in batch:
            seen = recognise(f"x.{kind}" if kind else "x", content_type=None, size=_LARGE, head=None)
            if seen.format in HEADERLESS:
                continue
            timed = seen.media is MediaClass.SPEECH
            rate, method = rates.get(seen.format or "", (None, None)) if timed else (None, None)
            wordy = seen.media is MediaClass.TRANSCRIPT or seen.format in _WORDY
            kept.append((kind, seen.media, seen.format, seen.by, rate, method, wordy))
        if kept:
            database.execute(f"INSERT INTO kinds SELECT {lists}", [list(column) for column in zip(*kept, strict=True)])


def _class_one_by_one(database: duckdb.DuckDBPyConnection, odd: Path) -> None:
    """Write what the other objects are, as lines of JSON."""
    words = " OR ".join(f"contains(lower(key), '{word}')" for word in _WORDS)
    reading = database.cursor().execute(
        f"""
        SELECT DISTINCT key, size FROM told LEFT JOIN kinds USING (kind)
        WHERE NOT delete_marker AND (kinds.kind IS NULL OR size NOT BETWEEN 1 AND {_LARGE} OR (wordy AND ({words})))
        """  # noqa: S608 - our own words
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
