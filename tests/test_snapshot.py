"""A snapshot is whole or can be taken up again; nothing in between, and nothing lost."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from cloudscan.errors import SnapshotError, SnapshotIncomplete, SnapshotTampered, SnapshotTooNew, UsageError
from cloudscan.estate import Estate
from cloudscan.model import RECORD_KINDS, Account, Answer, Coverage, Gap, MediaObject, Store, Why, Workload
from cloudscan.provider import Facet, HeadRow
from cloudscan.snapshot import Snapshot, SnapshotWriter, differences, v1, verify
from cloudscan.tables import columns

HOSTILE = "a\x00b\n\u202egpj.wav=[red]\U0001f600"
STORE = Store("arn:aws:s3:::calls", "aws", "1", "eu-central-1", "calls", tls_required=Answer.NO)
WHEN = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def _write(root: Path, *, finish: bool = True) -> SnapshotWriter:
    writer = SnapshotWriter(root, {"aws": {"regions": ["eu-central-1"]}})
    first = writer.unit("first")
    first.add(STORE)
    first.add(Coverage("aws", "1", Facet.POLICY, asked=2, answered=1))
    first.add(Gap("aws", "1", "eu-central-1", Facet.POLICY, STORE.id, Why.DENIED, "s3:GetBucketPolicy"))
    first.add_rows([MediaObject(STORE.id, HOSTILE, modified=WHEN, size=7), MediaObject(STORE.id, "b", modified=WHEN)])
    first.commit()
    second = writer.unit("second")
    second.add(Account("1", "aws"))
    second.add(Coverage("aws", "1", Facet.POLICY, asked=3, answered=3))
    second.commit()
    if finish:
        writer.finish([{"provider": "aws", "account": "1", "identity": "arn:aws:iam::1:user/ana"}])
    return writer


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    _write(tmp_path / "s")
    estate = Estate.open(tmp_path / "s")
    assert estate.stores == {STORE.id: STORE}
    assert [gap.why for gap in estate.gaps] == [Why.DENIED]
    rows = list(estate.objects.query("SELECT key, size, modified FROM objects ORDER BY key"))
    assert rows[0] == (HOSTILE, 7, WHEN.replace(tzinfo=None))
    assert [name for name, _, _ in rows] == [HOSTILE, "b"]


def test_coverage_of_units_is_added_up(tmp_path: Path) -> None:
    _write(tmp_path / "s")
    assert list(Snapshot(tmp_path / "s").records(Coverage)) == [Coverage("aws", "1", "store.policy", 5, 4)]


def test_a_head_replaces_what_the_listing_told(tmp_path: Path) -> None:
    writer = _write(tmp_path / "s", finish=False)
    unit = writer.unit("heads")
    head = HeadRow(
        STORE.id, "b", None, "etag", "audio/wav", "speech", "wav", "signature", 2.5, "header", None, "customer", "key-1"
    )
    unit.add_head(head)
    unit.commit()
    writer.finish([])
    rows = Estate.open(tmp_path / "s").objects.query("SELECT key, media, seconds, key_id FROM objects ORDER BY key")
    assert list(rows) == [(HOSTILE, "unsettled", None, None), ("b", "speech", 2.5, "key-1")]


def test_rows_beyond_one_part_are_all_kept_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cloudscan.snapshot.writing._ROLLOVER", 10)
    writer = SnapshotWriter(tmp_path / "s", {})
    unit = writer.unit("bucket")
    for start in range(0, 36, 4):
        unit.add_rows([MediaObject("s", f"{number:03}", size=number) for number in range(start, start + 4)])
    unit.commit()
    writer.finish([])
    assert len(Snapshot(tmp_path / "s").object_files()) > 1
    rows = Estate.open(tmp_path / "s").objects.query("SELECT key, size FROM objects ORDER BY key")
    assert list(rows) == [(f"{number:03}", number) for number in range(36)]
    verify(tmp_path / "s")


def test_a_unit_that_did_not_finish_does_not_count(tmp_path: Path) -> None:
    writer = _write(tmp_path / "s", finish=False)
    lost = writer.unit("lost")
    lost.add(Account("2", "aws"))
    lost.add_rows([MediaObject("s", "never")])
    assert lost._spool is not None
    lost._spool.close()  # as the end of the process would
    again = SnapshotWriter(tmp_path / "s", {"aws": {"regions": ["eu-central-1"]}})
    assert again.done("first")
    assert not again.done("lost")
    again.finish([])
    estate = Estate.open(tmp_path / "s")
    assert list(estate.accounts) == ["1"]
    assert list(estate.objects.query("SELECT count(*) FROM objects")) == [(2,)]


def test_a_half_written_snapshot_says_how_to_go_on(tmp_path: Path) -> None:
    _write(tmp_path / "s", finish=False)
    with pytest.raises(SnapshotIncomplete, match="run the same collect on it again"):
        Estate.open(tmp_path / "s")


def test_a_resumed_collection_must_ask_the_same(tmp_path: Path) -> None:
    _write(tmp_path / "s", finish=False)
    with pytest.raises(UsageError, match="another scope"):
        SnapshotWriter(tmp_path / "s", {"aws": {"regions": ["us-east-1"]}})


def test_of_parts_of_a_scope_only_those_are_told_that_differ() -> None:
    asked = {"facets": ["objects", "store.lock"], "heads": 100, "options": {"region": ["a"]}, "sniff": 9}
    again = asked | {"facets": ["objects", "jobs"], "heads": 10, "options": {"region": ["a"], "inventory": True}}
    assert differences({"aws": asked}, {"aws": again}) == (
        "aws facets: store.lock then alone, jobs now alone; aws heads: 100 then, 10 now;"
        " aws options inventory: not given then, yes now"
    )


def test_what_differs_from_the_scope_that_was_begun_is_said_in_words(tmp_path: Path) -> None:
    SnapshotWriter(tmp_path / "one", {"stores": [], "versions": False, "max_rps": None, "options": {"region": ["a"]}})
    with pytest.raises(UsageError) as refused:
        SnapshotWriter(tmp_path / "one", {"stores": ["b", "c"], "versions": True, "max_rps": 2.5, "options": {}})
    assert (
        "(max_rps: not given then, 2.5 now; options region: a then, not given now; stores: none then, b, c now;"
        " versions: no then, yes now)" in str(refused.value)
    )


def test_a_finished_snapshot_is_not_written_over(tmp_path: Path) -> None:
    _write(tmp_path / "s")
    with pytest.raises(UsageError, match="already holds a finished snapshot"):
        SnapshotWriter(tmp_path / "s", {})


def test_a_directory_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not empty"):
        SnapshotWriter(tmp_path, {})
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_snapshot_without_a_kind_of_record_that_came_later_is_read(tmp_path: Path) -> None:
    kept = {name: kind for name, kind in RECORD_KINDS.items() if name != "workloads"}
    with pytest.MonkeyPatch.context() as before:
        before.setattr("cloudscan.snapshot.writing.RECORD_KINDS", kept)
        _write(tmp_path / "s")
    assert not (tmp_path / "s" / "records" / "workloads.jsonl").exists()
    verify(tmp_path / "s")
    estate = Estate.open(tmp_path / "s")
    assert estate.workloads == {}
    assert estate.stores == {STORE.id: STORE}


def test_objects_of_a_snapshot_without_a_column_that_came_later_are_read(tmp_path: Path) -> None:
    head = HeadRow(STORE.id, "b", None, "etag", None, "speech", "wav", "name", None, "unknown", None, "none", None)
    with pytest.MonkeyPatch.context() as before:
        kept = {name: kind for name, kind in columns.OBJECT_TYPES.items() if name != "acl"}
        before.setattr(columns, "OBJECT_TYPES", kept)
        before.setattr(columns, "HEAD_COLUMNS", tuple(name for name in columns.HEAD_COLUMNS if name != "acl"))
        writer = _write(tmp_path / "s", finish=False)
        unit = writer.unit("heads")
        unit.add_head(head)
        unit.commit()
        writer.finish([])
    rows = Estate.open(tmp_path / "s").objects.query("SELECT key, media, acl FROM objects ORDER BY key")
    assert list(rows) == [(HOSTILE, "unsettled", None), ("b", "speech", None)]


def test_a_workload_is_read_back(tmp_path: Path) -> None:
    writer = _write(tmp_path / "s", finish=False)
    task = Workload("task", "aws", "1", "eu-central-1", "container-task", "task", "role", managed=Answer.NO, labels={})
    unit = writer.unit("workloads")
    unit.add(task)
    unit.commit()
    writer.finish([])
    assert Estate.open(tmp_path / "s").workloads == {"task": task}


def test_a_newer_format_is_refused_with_the_fix(tmp_path: Path) -> None:
    _write(tmp_path / "s")
    manifest = tmp_path / "s" / "manifest.json"
    body = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(body | {"schema": "cloudscan/snapshot/99"}))
    with pytest.raises(SnapshotTooNew, match=r"format 99.*install"):
        Estate.open(tmp_path / "s")


@pytest.mark.parametrize("version", ["9.1'; rm -rf x", "", None, 9])
def test_a_version_that_is_none_is_not_made_into_a_command(tmp_path: Path, version: object) -> None:
    _write(tmp_path / "s")
    manifest = tmp_path / "s" / "manifest.json"
    body = json.loads(manifest.read_text()) | {"schema": "cloudscan/snapshot/99", "tool": {"version": version}}
    manifest.write_text(json.dumps(body))
    with pytest.raises(SnapshotTooNew, match="a newer cloudscan") as caught:
        Estate.open(tmp_path / "s")
    assert "pip" not in str(caught.value)


@pytest.mark.parametrize(
    "path", ["../outside.parquet", "objects/../../outside.parquet", "/outside.parquet", "objects/"]
)
def test_a_manifest_that_leads_outside_is_refused(tmp_path: Path, path: str) -> None:
    _write(tmp_path / "s")
    manifest = tmp_path / "s" / "manifest.json"
    body = json.loads(manifest.read_text())
    body["files"][0]["path"] = path
    manifest.write_text(json.dumps(body))
    for read in (Estate.open, verify):
        with pytest.raises(SnapshotTampered, match="no file of a snapshot"):
            read(tmp_path / "s")


def test_changed_objects_are_not_read(tmp_path: Path) -> None:
    _write(tmp_path / "s")
    (path,) = (tmp_path / "s" / "objects").glob("*.parquet")
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(SnapshotTampered, match="objects"):
        Estate.open(tmp_path / "s")


@pytest.mark.parametrize("content", ["", "[]", "{", '{"schema": "cloudscan/snapshot/1"}', '{"schema": "other/1"}'])
def test_a_damaged_manifest_is_one_clear_error(tmp_path: Path, content: str) -> None:
    _write(tmp_path / "s")
    (tmp_path / "s" / "manifest.json").write_text(content)
    with pytest.raises(SnapshotError):
        Estate.open(tmp_path / "s")


def test_any_changed_file_is_noticed(tmp_path: Path) -> None:
    _write(tmp_path / "s")
    verify(tmp_path / "s")
    for path in sorted((tmp_path / "s").rglob("*")):
        if not path.is_file():
            continue
        before = path.read_bytes()
        path.write_bytes(before + b" ")
        with pytest.raises(SnapshotTampered):
            verify(tmp_path / "s")
        path.write_bytes(before)
    verify(tmp_path / "s")
    (tmp_path / "s" / "records" / "more.jsonl").write_text("")
    with pytest.raises(SnapshotTampered, match="does not belong"):
        verify(tmp_path / "s")


def test_changed_records_are_not_read(tmp_path: Path) -> None:
    _write(tmp_path / "s")
    path = tmp_path / "s" / "records" / "stores.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"no"', b'"yes"'))
    with pytest.raises(SnapshotTampered, match="stores"):
        Estate.open(tmp_path / "s")


def test_a_name_that_utf8_cannot_hold_stops_nothing(tmp_path: Path) -> None:
    writer = SnapshotWriter(tmp_path / "s", {})
    unit = writer.unit("all")
    unit.add(Account("1", "aws", name="broken \ud800 name"))
    unit.add_rows([MediaObject("s", "broken \udfff key")])
    unit.commit()
    writer.finish([])
    estate = Estate.open(tmp_path / "s")
    assert estate.accounts["1"].name == "broken \ufffd name"
    assert list(estate.objects.query("SELECT key FROM objects")) == [("broken \ufffd key",)]


def test_rules_of_the_format_before_are_read() -> None:
    rule = {
        "id": "r",
        "enabled": True,
        "prefix": "a/",
        "tags": [["kind", "call"]],
        "larger_than": 5,
        "smaller_than": None,
        "expire_days": 30,
        "expire_date": "2027-01-01T00:00:00Z",
        "expire_delete_marker": True,
        "noncurrent_days": 7,
        "newer_noncurrent_kept": 2,
        "abort_upload_days": 3,
        "transitions": [[10, "GLACIER"]],
        "unread": ["NewThing"],
    }
    body = json.loads(msgspec.json.encode(replace(STORE, lifecycle=None)))
    held = msgspec.convert(v1.store(body | {"lifecycle": [rule]}), Store)
    rules = held.lifecycle or ()
    assert [one.action for one in rules] == [
        "delete", "delete", "clear-marker", "delete", "abort-upload", "set-tier", "other",
    ]  # fmt: skip
    for one in rules:
        assert (one.id, one.prefixes, one.tags, one.larger_than) == ("r", ("a/",), (("kind", "call"),), 5)
        assert one.unread == ("NewThing",)
    assert [one.days for one in rules if one.acts_on == "current"] == [30, None, 10]
    assert (rules[3].noncurrent_days, rules[3].newer_noncurrent) == (7, 2)
    assert v1.store(body) == body | {"soft_delete_days": 0, "keeps_deleted": "no"}


def test_a_whole_snapshot_of_the_format_before_opens_with_its_rules(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as before:
        before.setattr("cloudscan.snapshot.writing.SCHEMA", 1)
        before.setattr("cloudscan.snapshot.writing.encode", _as_format_1)
        _write(tmp_path / "s")
    verify(tmp_path / "s")
    (rule,) = Estate.open(tmp_path / "s").stores[STORE.id].lifecycle or ()
    assert (rule.action, rule.acts_on, rule.days) == ("delete", "current", 30)


def _as_format_1(entry: Mapping[str, object]) -> bytes:
    body = json.loads(msgspec.json.encode(entry))
    if entry["kind"] == "stores":
        body["record"]["lifecycle"] = [{"id": "r", "enabled": True, "expire_days": 30}]
    return msgspec.json.encode(body)


def test_a_collection_begun_in_another_format_is_not_taken_up(tmp_path: Path) -> None:
    _write(tmp_path / "s", finish=False)
    begun = tmp_path / "s" / "work" / "begun.json"
    begun.write_text(json.dumps(json.loads(begun.read_text()) | {"schema": 1}))
    with pytest.raises(UsageError, match="begun by another version"):
        _write(tmp_path / "s", finish=False)
