"""The files of an inventory: kept whole, and those that DuckDB does not read turned into such as it does.

What a cloud's inventory says, each provider reads; what it does with a file is here, for all of them. ORC is read by
pyarrow (the extra ``orc``), some thousand rows at a time, so memory is bounded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from importlib.util import find_spec
from pathlib import Path
from typing import IO

_CHUNK = 1 << 20
_ROWS = 1 << 14
"""Rows of ORC in memory at a time: a stripe may hold millions."""
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
    except (pyarrow.ArrowException, OSError) as error:
        raise Unreadable(f"a file of the inventory cannot be read: {type(error).__name__}") from error
