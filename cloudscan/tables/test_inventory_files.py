"""Files of inventories are what their manifests say or an error."""

from __future__ import annotations

import hashlib
import io
from datetime import datetime
from pathlib import Path

import pytest

from cloudscan.tables import columns
from cloudscan.tables.inventory_files import Unreadable, keep, orc_to_parquet, reads_orc

TEXT = b"x" * 3_000_000
MD5 = hashlib.md5(TEXT, usedforsecurity=False).hexdigest()
needs_pyarrow = pytest.mark.skipif(not reads_orc(), reason="pyarrow is not installed: the extra orc")


class Counting(io.BytesIO):
    """Bytes that count how many of them were read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        chunk = super().read(size)
        self.taken += len(chunk)
        return chunk


@pytest.mark.parametrize("said", [{}, {"size": len(TEXT)}, {"md5": MD5.upper()}, {"size": len(TEXT), "md5": MD5}])
def test_file_that_is_as_said_is_kept(tmp_path: Path, said: dict[str, object]) -> None:
    keep(io.BytesIO(TEXT), tmp_path / "kept", **said)  # type: ignore[arg-type]
    assert (tmp_path / "kept").read_bytes() == TEXT


@pytest.mark.parametrize("said", [{"size": len(TEXT) + 1}, {"size": 5}, {"md5": "0" * 32}])
def test_file_that_is_another_is_an_error(tmp_path: Path, said: dict[str, object]) -> None:
    with pytest.raises(Unreadable):
        keep(io.BytesIO(TEXT), tmp_path / "kept", **said)  # type: ignore[arg-type]


def test_no_more_is_read_than_a_step_beyond_what_was_said(tmp_path: Path) -> None:
    body = Counting(TEXT)
    with pytest.raises(Unreadable):
        keep(body, tmp_path / "kept", size=10)
    assert body.taken <= 1 << 20


def orc(target: Path, rows: int) -> None:
    """Write an ORC file of several stripes with a column that nobody asks for."""
    import pyarrow
    from pyarrow import orc as writer

    keys = [f"\u202ea,b{number}\n.wav" for number in range(rows)]
    when = pyarrow.array([datetime(2024, 5, 6, 7, 8, 9)] * rows, pyarrow.timestamp("ns"))  # noqa: DTZ001
    table = pyarrow.table({"key": keys, "size": list(range(rows)), "last_modified_date": when, "other": keys})
    writer.write_table(table, target, stripe_size=1 << 16, batch_size=1024)


@needs_pyarrow
def test_orc_of_many_stripes_comes_out_as_parquet(tmp_path: Path) -> None:
    from pyarrow.orc import ORCFile

    orc(tmp_path / "in.orc", 20_000)
    assert ORCFile(tmp_path / "in.orc").nstripes > 1
    orc_to_parquet(tmp_path / "in.orc", tmp_path / "out.parquet", ("key", "size", "last_modified_date", "absent"))
    with columns.connect() as database:
        told = f"read_parquet('{tmp_path / 'out.parquet'}')"
        found = database.execute(f"SELECT * FROM {told} ORDER BY size")  # noqa: S608
        names = [column[0] for column in found.description]
        rows = found.fetchall()
    assert names == ["key", "size", "last_modified_date"]
    assert len(rows) == 20_000
    assert rows[7] == ("\u202ea,b7\n.wav", 7, datetime(2024, 5, 6, 7, 8, 9))  # noqa: DTZ001


@needs_pyarrow
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_orc_that_is_cut_is_an_error(tmp_path: Path, share: float) -> None:
    orc(tmp_path / "in.orc", 5_000)
    whole = (tmp_path / "in.orc").read_bytes()
    (tmp_path / "in.orc").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(Unreadable):
        orc_to_parquet(tmp_path / "in.orc", tmp_path / "out.parquet", ("key",))


@needs_pyarrow
@pytest.mark.parametrize("name", [b"\x80ey", b"siz"])
def test_orc_with_names_that_are_none_is_an_error(tmp_path: Path, name: bytes) -> None:
    import pyarrow
    from pyarrow import orc as writer

    table = pyarrow.table({"key": ["a.wav"], "siz": [1]})
    writer.write_table(table, tmp_path / "in.orc", compression="uncompressed")
    whole = (tmp_path / "in.orc").read_bytes()
    assert whole.count(b"key") == 1
    (tmp_path / "in.orc").write_bytes(whole.replace(b"key", name))
    with pytest.raises(Unreadable):
        orc_to_parquet(tmp_path / "in.orc", tmp_path / "out.parquet", ("siz",))
