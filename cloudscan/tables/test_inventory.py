"""Rows from an inventory have the classes that a listing gives."""

from __future__ import annotations

from pathlib import Path

import duckdb
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudscan.audio import UNSURE_EXTENSIONS, recognise
from cloudscan.audio.names import COMPRESSED
from cloudscan.model import MediaObject
from cloudscan.tables import columns, inventory
from cloudscan.tables.objects import ObjectTable

CONTENT_TYPES = [
    None,
    "",
    "audio/wav",
    "audio/basic",
    "application/json",
    "text/vtt",
    "text/plain; charset=x",
    "image/png",
    "application/octet-stream",
    "video/mp4",
    "\u202e'",
]
EXTENSIONS = [
    "wav",
    "WAV",
    "mp3",
    "mp4",
    "json",
    "txt",
    "vtt",
    "ts",
    "gsm",
    "ulaw",
    "docx",
    "",
    "001",
    *UNSURE_EXTENSIONS,
]
NAMES = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "calls/",
                "transcripts/",
                "asr/",
                "redacted-",
                "",
                ".",
                "a.b/",
                "x\n",
                "TRAN\u017fCR\u0131PT/",
                "stt.",
                "b.",
            ]
        ),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=4),
        st.sampled_from(EXTENSIONS),
        st.sampled_from(["", *COMPRESSED]),
        st.integers(0, 2**40) | st.just(33 * 1000),
    ),
    max_size=40,
)


def read(folder: Path, rows: list[dict[str, object]]) -> list[MediaObject]:
    """Write rows as lines, take them for an inventory, and return what comes of it."""
    lines = folder / "inventory.jsonl"
    lines.write_bytes(msgspec.json.Encoder().encode_lines(rows))
    types = {name: columns.OBJECT_TYPES[name] for name in inventory.TOLD}
    target = folder / "rows.parquet"
    assert inventory.write_rows(columns.lines_query(lines, types), target, slow=len(rows) % 2 == 0) == (len(rows), 0)
    found = ObjectTable([target]).query(f"SELECT {', '.join(MediaObject._fields)} FROM objects ORDER BY key, size")  # noqa: S608
    return [MediaObject(*row) for row in found]


@settings(max_examples=25, deadline=None)
@given(NAMES)
def test_classes_are_those_of_a_look_at_each(
    tmp_path_factory: pytest.TempPathFactory, names: list[tuple[str, str, str, str, int]]
) -> None:
    asked: list[dict[str, object]] = []
    for number, (folder, stem, extension, packed, size) in enumerate(names):  # none lies beside another
        key = ".".join(part for part in (f"{number}/{folder}{stem}", extension, packed) if part)
        asked.append({"store": "s", "key": key, "current": True, "delete_marker": False, "size": size})
    for row in read(tmp_path_factory.mktemp("inventory"), asked):
        seen = recognise(row.key, content_type=None, size=row.size, head=None)
        assert (row.media, row.format, row.settled_by) == (seen.media, seen.format, seen.by)
        assert (row.seconds_by, row.redacted) == (seen.seconds_by, seen.redacted)
        assert row.seconds == (None if seen.seconds is None else pytest.approx(seen.seconds, abs=0.0011))


@settings(max_examples=25, deadline=None)
@given(NAMES, st.lists(st.sampled_from(CONTENT_TYPES), min_size=1))
def test_content_types_count_where_the_inventory_has_them(
    tmp_path_factory: pytest.TempPathFactory, names: list[tuple[str, str, str, str, int]], kinds: list[str | None]
) -> None:
    asked: list[dict[str, object]] = []
    for number, (folder, stem, extension, packed, size) in enumerate(names):
        key = ".".join(part for part in (f"{number}/{folder}{stem}", extension, packed) if part)
        row: dict[str, object] = {"store": "s", "key": key, "current": True, "delete_marker": False, "size": size}
        asked.append(row | {"content_type": kinds[number % len(kinds)]})
    for found in read(tmp_path_factory.mktemp("inventory"), asked):
        seen = recognise(found.key, content_type=found.content_type, size=found.size, head=None)
        assert (found.media, found.format, found.settled_by) == (seen.media, seen.format, seen.by)
        assert (found.seconds_by, found.redacted) == (seen.seconds_by, seen.redacted)


def test_same_key_with_another_content_type_is_another_thing(tmp_path: Path) -> None:
    held: dict[str, object] = {"key": "asr/a", "current": True, "delete_marker": False, "size": 9}
    rows = [
        {"store": "s", "content_type": "text/vtt", **held},
        {"store": "t", "content_type": "image/png", **held},
        {"store": "u", "content_type": "audio/wav", **held},
    ]
    assert {row.store: (row.media, row.settled_by) for row in read(tmp_path, rows)} == {
        "s": ("transcript", "content-type"),
        "t": ("other", "content-type"),
        "u": ("speech", "content-type"),
    }


def test_names_that_say_little_are_suspected_beside_recordings(tmp_path: Path) -> None:
    def row(store: str, key: str, **more: object) -> dict[str, object]:
        return {"store": store, "key": key, "current": True, "delete_marker": False, "size": 16, **more}

    rows = [
        row("s", "calls/a.raw"),
        row("s", "calls/a.wav"),
        row("s", "calls/deep/b.pcm"),
        row("s", "photos/c.raw"),
        row("s", "photos/c.jpg"),
        row("s", "gone/d.raw"),
        row("s", "gone/d.wav", delete_marker=True),
        row("t", "calls/a.raw"),
        row("s", "top.raw"),
        row("s", "top.mp3"),
    ]
    media = {(row.store, row.key): (row.media, row.settled_by) for row in read(tmp_path, rows)}
    suspected = {place for place, seen in media.items() if seen == ("speech", "suspicion")}
    assert suspected == {("s", "calls/a.raw"), ("s", "top.raw")}
    assert media["s", "photos/c.raw"] == media["t", "calls/a.raw"] == ("unsettled", "none")


def test_delete_markers_are_nothing_and_what_is_not_told_is_not_known(tmp_path: Path) -> None:
    marker: dict[str, object] = {"store": "s", "key": "a.wav", "version": "1", "current": True, "delete_marker": True}
    (row,) = read(tmp_path, [marker])
    assert (row.media, row.seconds, row.modified, row.owner) == ("other", None, None, None)


@pytest.mark.parametrize("at_once", [1, 4, 100])
def test_objects_that_come_twice_are_kept_once_as_last_modified(
    tmp_path: Path, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventory, "_AT_ONCE", at_once)
    held: dict[str, object] = {"current": True, "delete_marker": False}
    rows: list[dict[str, object]] = [
        {**held, "store": store, "key": key, "version": version, "size": day, "modified": f"2024-01-0{day} 00:00:00"}
        for store, key, version, days in [
            ("s", "a.wav", None, (1, 3, 2)),
            ("s", "a.wav", "1", (4,)),
            ("t", "a.wav", None, (5, 5)),
            ("s", "b.wav", None, (6,)),
        ]
        for day in days
    ]
    lines = tmp_path / "inventory.jsonl"
    lines.write_bytes(msgspec.json.Encoder().encode_lines(rows))
    select = columns.lines_query(lines, {name: columns.OBJECT_TYPES[name] for name in inventory.TOLD})
    assert inventory.write_rows(select, tmp_path / "rows.parquet", slow=True, doubled=True) == (4, 0)
    found = ObjectTable([tmp_path / "rows.parquet"]).query(
        "SELECT store, key, version, size FROM objects ORDER BY size"
    )
    assert list(found) == [
        ("s", "a.wav", None, 3),
        ("s", "a.wav", "1", 4),
        ("t", "a.wav", None, 5),
        ("s", "b.wav", None, 6),
    ]


@pytest.mark.parametrize("doubled", [False, True])
@pytest.mark.parametrize("slow", [False, True])
def test_rows_without_a_key_are_counted_and_left_out(tmp_path: Path, *, slow: bool, doubled: bool) -> None:
    lines, target = tmp_path / "inventory.jsonl", tmp_path / "rows.parquet"
    held = {"store": "s", "current": True, "delete_marker": False, "size": 8000}
    lines.write_bytes(msgspec.json.Encoder().encode_lines([{**held, "key": key} for key in ("a.wav", "", None, "b")]))
    select = columns.lines_query(lines, {name: columns.OBJECT_TYPES[name] for name in inventory.TOLD})
    assert inventory.write_rows(select, target, slow=slow, doubled=doubled) == (2, 2)
    assert [row[0] for row in ObjectTable([target]).query("SELECT key FROM objects ORDER BY key")] == ["a.wav", "b"]


def test_objects_of_unknown_size_have_no_length(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"store": "s", "key": key, "current": True, "delete_marker": False} for key in ("a.json", "a.wav")
    ]
    found = read(tmp_path, rows)
    assert [(row.media, row.seconds) for row in found] == [("other", None), ("speech", None)]


def test_files_that_hold_something_else_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "bad.parquet").write_bytes(b"no parquet")
    with pytest.raises(duckdb.Error):
        inventory.write_rows(columns.written_query([tmp_path / "bad.parquet"]), tmp_path / "rows.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["bad.parquet"]
