"""The files of an inventory: kept whole, made rows, and those that DuckDB does not read turned into such as it does.

What a cloud's inventory says, each provider reads; what it does with a file is here, for all of them, and so are the
words of SQL in which it says where the columns of the object table are. ORC is read by
pyarrow (the extra ``orc``), some thousand rows at a time, so memory is bounded.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Collection, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from cloudscan.tables.columns import quoted
from cloudscan.tables.inventory import Rows, write_rows
from cloudscan.wording import count

_CHUNK = 1 << 20
_ROWS = 1 << 14
"""Rows of ORC in memory at a time: a stripe may hold millions."""
_LONGEST_LINE = 1 << 16
"""Letters of a line of names, of which there are some dozens."""
EXTRA = "pip install 'cloudscan[orc]'"


class Unreadable(Exception):
    """An inventory or a file of one that makes no sense or is not read here. The text says why, in our words alone."""


def keep(body: IO[bytes], target: Path, *, size: int | None = None, md5: str | None = None) -> None:
    """Write a file of an inventory; no more of it is read than one step beyond ``size``.

    ``size`` is in bytes, ``md5`` hexadecimal, each None where nothing is said of it. Raises :class:`Unreadable` where
    the file is another.
    """
    digest, kept = hashlib.md5(usedforsecurity=False), 0
    with target.open("wb") as written:
        while (size is None or kept <= size) and (chunk := body.read(_CHUNK)):
            written.write(chunk)
            digest.update(chunk)
            kept += len(chunk)
    if size not in (None, kept) or (md5 is not None and digest.hexdigest() != md5.lower()):
        raise Unreadable("a file of the inventory is not what its manifest says")


def reads_orc() -> bool:
    """Say whether pyarrow is installed."""
    return find_spec("pyarrow") is not None


def orc_to_parquet(source: Path, target: Path, columns: Collection[str]) -> None:
    """Write those of the columns that an ORC file has as Parquet. Raises :class:`Unreadable` where it is no ORC."""
    import pyarrow
    from pyarrow import dataset, parquet

    try:
        file = dataset.dataset(source, format="orc")
        kept = [name for name in file.schema.names if name in columns]
        scan = file.scanner(columns=kept, batch_size=_ROWS, batch_readahead=1, fragment_readahead=1, use_threads=False)
        # Snappy is quicker than it is small, and the file is read once.
        with parquet.ParquetWriter(
            target, scan.projected_schema, compression="snappy", coerce_timestamps="us"
        ) as written:
            for batch in scan.to_batches():
                written.write_batch(batch)
    except (pyarrow.ArrowException, OSError, ValueError) as error:  # the last for names that are no UTF-8
        raise Unreadable(f"a file of the inventory cannot be read: {type(error).__name__}") from error


def make_rows(
    body: IO[bytes],
    target: Path,
    select: Callable[[Path], str],
    *,
    slow: bool,
    doubled: bool = False,
    size: int | None = None,
    md5: str | None = None,
) -> Rows:
    """Keep a file as :func:`keep` does, and write what a SELECT over it gives as :func:`rows_of` does."""
    fetched = target.with_name(f"{target.name}.fetched")
    try:
        keep(body, fetched, size=size, md5=md5)
        return rows_of(select(fetched), target, slow=slow, doubled=doubled)
    finally:
        fetched.unlink(missing_ok=True)


def rows_of(select: str, target: Path, *, slow: bool, doubled: bool = False) -> Rows:
    """Write rows as :func:`cloudscan.tables.inventory.write_rows` does. Raises :class:`Unreadable` where it cannot."""
    import duckdb

    try:
        return write_rows(select, target, slow=slow, doubled=doubled)
    except duckdb.Error as error:
        raise Unreadable(f"a file of the inventory cannot be read: {type(error).__name__}") from error


def stray(rows: Rows) -> str | None:
    """Say how many rows name no object of the store; None if all do."""
    if not rows.stray:
        return None
    return f"{count(rows.stray, 'row')} of the inventory have no key, or are of another store"


def first_line(file: Path, delimiter: str = ",") -> tuple[str, ...]:
    """Return the names that the first line of a file of CSV holds."""
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        line = lines.readline(_LONGEST_LINE)
    return tuple(next(csv.reader([line], delimiter=delimiter), ()))


def csv_source(file: Path, names: Sequence[str], *, header: bool, delimiter: str = ",", new_line: str = "") -> str:
    """Write a file of CSV as a table of texts; "" is NULL in it. A line of more or fewer columns is an error."""
    kinds = ", ".join(f"{text(name)}: 'VARCHAR'" for name in names)
    ending = f", new_line={text(new_line)}" if new_line else ""
    return (
        f"read_csv('{quoted(file)}', columns={{{kinds}}}, header={str(header).lower()}, delim={text(delimiter)},"
        f" quote='\"', escape='\"', auto_detect=false{ending})"
    )


def parquet_source(file: Path) -> str:
    """Write a file of Parquet as a table."""
    return f"read_parquet('{quoted(file)}')"


def moment(column: str) -> str:
    """Write a time as naive UTC; NULL is what is none.

    It may be a time of Parquet, or a text by ISO 8601 or RFC 1123 or of milliseconds since 1970.
    """
    said = f"{column}::VARCHAR"
    return (
        f"coalesce(try_cast({said} AS TIMESTAMPTZ) AT TIME ZONE 'UTC',"
        f" try_strptime({said}, '%a, %d %b %Y %H:%M:%S GMT'),"
        f" CASE WHEN regexp_full_match({said}, '[0-9]{{9,14}}') THEN epoch_ms(try_cast({said} AS BIGINT)) END)"
    )


def column(name: str) -> str:
    """Write the name of a column."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Write a text."""
    return "'" + value.replace("'", "''") + "'"
