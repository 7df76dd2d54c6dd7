"""Rows of the object table from an inventory that a cloud wrote, by SQL: as quick as DuckDB reads the files.

An inventory lists the objects of stores in files of its own format; a provider writes the SELECT that gives its
columns as the object table has them (:data:`TOLD`), and everything from there on is here. The class of an object is
what :func:`cloudscan.audio.recognise` makes of its name and size, of its content type where that is told, and of the
recordings beside it in the same file. It is asked once for every extension and content type, and once for each object
only where more than these counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from cloudscan.audio import FIXED_BITS_PER_SECOND, TYPICAL_BITS_PER_SECOND, recognise, told_by_neighbours
from cloudscan.audio.names import COMPRESSED, by_name
from cloudscan.audio.suspicion import HEADERLESS
from cloudscan.model import DurationMethod, Evidence, MediaClass
from cloudscan.tables import columns

if TYPE_CHECKING:
    import duckdb

SEEN = ("media", "format", "settled_by", "seconds", "seconds_by", "redacted")
"""The columns that name, size and content type tell."""
TOLD = tuple(name for name in columns.OBJECT_TYPES if name not in SEEN)
"""The columns that an inventory may tell; a SELECT leaves out what it does not."""
_SAME = ("store", "key", "size", "asserted", "near")
"""What a row of one look at an object has in common with that object."""
_FOLDER = "substr(key, 1, length(key) - length(split_part(key, '/', -1)))"
_RECORDING = "x.wav"
_RATES: Mapping[str, tuple[float, DurationMethod]] = {
    **{name: (rate, DurationMethod.TYPICAL_RATE) for name, rate in TYPICAL_BITS_PER_SECOND.items()},
    **{name: (rate, DurationMethod.ESTIMATE) for name, rate in FIXED_BITS_PER_SECOND.items()},
}
"""Bits a second of formats, and how sure that is."""
_LARGE = 1 << 36
"""Bytes above which a length is not believed without a closer look."""
_AT_ONCE = 500_000
"""Objects of which it is looked at a time whether they come twice."""
_LONGEST = 10
"""Letters of the longest extension that may stand for anything."""
_WORDY = {"json", "text"}
"""Formats of which the words of a path say whether an object is a transcript."""
_WORDS = (
    "transcri",
    "transkri",
    "transskri",
    "transkryp",
    "trascri",
    "asr",
    "stt",
    "caption",
    "whisper",
    "speech",
    "redacted",
    "\u017f",
    "\u0131",
    "\u0130",
    "\u212a",
)
"""Without any of these in it no path says anything of that. The last are letters that are read as s, i and k."""


class Rows(NamedTuple):
    """How many rows were written, and how many were not, since they name no object of the store."""

    kept: int
    stray: int


def write_rows(select: str, target: Path, *, slow: bool = False, doubled: bool = False) -> Rows:
    """Write what a SELECT gives of stores' objects into one Parquet file of the object table; return how many.

    It is run several times, so memory stays bounded; what is ``slow`` to read, as text is, goes through a file of
    its own first. A row without a key is counted and left out, since no object has none. Where some objects may be
    ``doubled``, each is kept once, as it was last modified. Raises :class:`duckdb.Error` where the files do not hold
    what the SELECT reads, and where most of them are doubled.
    """
    odd, staged = (target.with_name(f"{target.name}.{name}") for name in ("odd.jsonl", "staged.parquet"))
    try:
        with columns.writing() as database:
            if slow:
                database.execute(f"COPY ({select}) TO '{columns.quoted(staged)}' (FORMAT parquet, COMPRESSION lz4_raw)")
                select = f"SELECT * FROM read_parquet('{columns.quoted(staged)}')"  # noqa: S608 - our own path
            stray = _count(database, f"SELECT key FROM ({select}) WHERE key IS NULL OR key = ''")  # noqa: S608 - our own
            select = f"SELECT * FROM ({select}) WHERE key <> ''"  # noqa: S608 - our own
            if doubled:
                select = _once(database, select)
            database.execute(f"CREATE VIEW given AS {select}")
            asserted = "coalesce(content_type, '')" if "content_type" in _names(database, "given") else "''"
            database.execute(f"CREATE VIEW kept AS SELECT *, {_kind()} AS kind, {asserted} AS asserted FROM given")  # noqa: S608 - our own
            database.execute(f"CREATE VIEW told AS {_with_neighbours(database, *_class_kinds(database))}")
            _class_one_by_one(database, odd)
            return Rows(columns.copy(database, _classed(database, odd), target), stray)
    finally:
        odd.unlink(missing_ok=True)
        staged.unlink(missing_ok=True)


def _once(database: duckdb.DuckDBPyConnection, select: str) -> str:
    """Write the SELECT less what comes twice. Few may: of all others only a number is held, and of a part at a time."""
    place = "hash(store, key, version)"
    parts = _count(database, select) // _AT_ONCE + 1
    database.execute("CREATE TABLE doubled (place UBIGINT)")
    for part in range(parts):
        database.execute(
            f"""
            INSERT INTO doubled SELECT {place} AS place FROM ({select})
            WHERE {place} % {parts} = {part} GROUP BY 1 HAVING count(*) > 1
            """  # noqa: S608 - our own
        )
    return f"""
        SELECT * FROM ({select}) WHERE {place} NOT IN (FROM doubled) UNION ALL SELECT * FROM (
            SELECT DISTINCT ON (store, key, version) * FROM ({select})
            WHERE {place} IN (FROM doubled) ORDER BY modified DESC NULLS LAST
        )
    """  # noqa: S608 - our own


def _count(database: duckdb.DuckDBPyConnection, select: str) -> int:
    counted = database.execute(f"SELECT count(*) FROM ({select})").fetchone()  # noqa: S608 - our own
    return counted[0] if counted else 0


def _names(database: duckdb.DuckDBPyConnection, view: str) -> set[str]:
    return {row[0] for row in database.execute(f"DESCRIBE {view}").fetchall()}


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


def _class_kinds(database: duckdb.DuckDBPyConnection) -> tuple[list[str], list[str]]:
    """Make a table of what each extension and content type stand for in a path without words that say something.

    ``near`` is whether recordings lie beside it, ``wordy`` says that words may change it. Sound without a header is
    left out: its size has to fit. Return the extensions for which recordings beside them count, and those of such.
    """
    database.execute(
        "CREATE TABLE kinds (kind VARCHAR, asserted VARCHAR, near BOOLEAN, media VARCHAR, format VARCHAR,"
        " settled_by VARCHAR, bits DOUBLE, method VARCHAR, wordy BOOLEAN)"
    )
    reading = database.cursor().execute("SELECT DISTINCT kind, asserted FROM kept WHERE NOT delete_marker")
    types = ("VARCHAR", "VARCHAR", "BOOLEAN", *["VARCHAR"] * 3, "DOUBLE", "VARCHAR", "BOOLEAN")
    lists = ", ".join(f"unnest(?::{kind}[])" for kind in types)
    vague: set[str] = set()
    sounding: set[str] = set()
    while batch := reading.fetchmany(10_000):
        rows = [row for kind, asserted in batch for row in _class_kind(kind, asserted)]
        if rows:
            database.execute(f"INSERT INTO kinds SELECT {lists}", [list(column) for column in zip(*rows, strict=True)])
        vague.update(row[0] for row in rows if row[2])
        sounding.update(kind for kind, _ in batch if _sounds(kind))
    return sorted(vague), sorted(sounding)


def _class_kind(kind: str, asserted: str) -> Iterator[tuple[Any, ...]]:
    """Yield the row of an extension and content type, and a second one where recordings beside it count."""
    name = _named(kind)
    for near in (False, True) if told_by_neighbours(name) else (False,):
        beside = (_RECORDING,) if near else ()
        seen = recognise(name, content_type=asserted or None, size=_LARGE, head=None, neighbours=beside)
        if seen.format not in HEADERLESS:
            timed = seen.media is MediaClass.SPEECH
            rate, method = _RATES.get(seen.format or "", (None, None)) if timed else (None, None)
            called = recognise(f"transcript/{name}", content_type=asserted or None, size=_LARGE, head=None)
            wordy = seen.media is MediaClass.TRANSCRIPT or called.media is not seen.media or seen.format in _WORDY
            yield kind, asserted, near, seen.media, seen.format, seen.by, rate, method, wordy


def _named(kind: str) -> str:
    return f"x.{kind}" if kind else "x"


def _sounds(kind: str) -> bool:
    """Say whether an extension stands for a recording beside which others are suspected."""
    claim = by_name(_named(kind))
    return claim is not None and claim.sure and claim.media is MediaClass.SPEECH


def _with_neighbours(database: duckdb.DuckDBPyConnection, vague: Sequence[str], sounding: Sequence[str]) -> str:
    """Write the SELECT that says of each object whether recordings lie beside it, where that counts."""
    if not vague or not sounding:
        return "SELECT *, false AS near FROM kept"
    database.execute(
        f"""
        CREATE TABLE beside AS
        SELECT DISTINCT store, {_FOLDER} AS folder, kind FROM kept
        WHERE NOT delete_marker AND list_contains(?, kind) AND (store, folder) IN (
            SELECT (store, {_FOLDER}) FROM kept WHERE NOT delete_marker AND list_contains(?, kind)
        )
        """,  # noqa: S608 - our own words
        [vague, sounding],
    )
    return (
        "SELECT kept.*, beside.folder IS NOT NULL AS near FROM kept LEFT JOIN beside"  # noqa: S608 - our own words
        f" ON beside.kind = kept.kind AND beside.store = kept.store AND beside.folder = {_FOLDER}"
    )


def _class_one_by_one(database: duckdb.DuckDBPyConnection, odd: Path) -> None:
    """Write what the other objects are, as lines of JSON."""
    words = " OR ".join(f"contains(lower(key), '{word}')" for word in _WORDS)
    reading = database.cursor().execute(
        f"""
        SELECT DISTINCT {", ".join(_SAME)} FROM told LEFT JOIN kinds USING (kind, asserted, near)
        WHERE NOT delete_marker AND (kinds.kind IS NULL OR size NOT BETWEEN 1 AND {_LARGE} OR (wordy AND ({words})))
        """  # noqa: S608 - our own words
    )
    with odd.open("wb") as lines:
        while batch := reading.fetchmany(10_000):
            lines.write(msgspec.json.Encoder().encode_lines([*map(_seen, batch)]))


def _seen(row: tuple[str, str, int, str, bool]) -> dict[str, object]:
    _, key, size, asserted, near = row
    beside = (_RECORDING,) if near else ()
    seen = recognise(key, content_type=asserted or None, size=size, head=None, neighbours=beside)
    facts = (seen.media, seen.format, seen.by, seen.seconds, seen.seconds_by, seen.redacted)
    return {**dict(zip(_SAME, row, strict=True)), **dict(zip(SEEN, facts, strict=True))}


def _classed(database: duckdb.DuckDBPyConnection, odd: Path) -> str:
    """Write the SELECT of whole rows."""
    given = _names(database, "given")
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
    types = {name: columns.OBJECT_TYPES.get(name, "VARCHAR") for name in (*_SAME, *SEEN)}
    same = " AND ".join(f"told.{name} IS NOT DISTINCT FROM odd.{name}" for name in _SAME)
    return (
        f"SELECT {', '.join((*listed, *seen))} FROM told LEFT JOIN kinds USING (kind, asserted, near)"  # noqa: S608 - our own names
        f" LEFT JOIN ({columns.lines_query(odd, types)}) AS odd ON NOT delete_marker AND {same}"
    )
