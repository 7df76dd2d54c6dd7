"""A second collection reads the heads again of what has changed, and of nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cloudscan.collection.earlier import Earlier
from cloudscan.collection.run import collect
from cloudscan.errors import SnapshotTampered, UsageError
from cloudscan.estate import Estate
from cloudscan.model import MediaObject
from cloudscan.provider import Facet, HeadWish, Scope
from cloudscan.snapshot import SnapshotWriter
from cloudscan_aws import AwsProvider
from cloudscan_aws.demo.server import Endpoint

REGION = "eu-central-1"
WAV = (
    b"RIFF\xff\xff\xff\x7fWAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\xff\xff\xff\x7f"
    + b"x" * 16000
)
ROWS = f"SELECT {', '.join(MediaObject._fields)} FROM objects"  # noqa: S608 - our own names
FACTS = "SELECT key, media, settled_by, encryption_mode, looked FROM objects ORDER BY key"


@pytest.fixture
def calls(client: Callable[..., Any]) -> Any:
    made = client("s3")
    made.create_bucket(Bucket="calls", CreateBucketConfiguration={"LocationConstraint": REGION})
    for key in ("a.mp4", "b", "c.wav", "d.wav"):
        made.put_object(Bucket="calls", Key=key, Body=WAV)
    return made


@pytest.fixture
def wanted(scope: Callable[..., Scope]) -> Scope:
    return scope(Facet.OBJECTS, Facet.HEADS, sniff=10, heads=10)


def looks(endpoint: Endpoint) -> int:
    return endpoint.requests["s3:GetObject"] + endpoint.requests["s3:HeadObject"]


def again(endpoint: Endpoint, scope: Scope, folder: Path) -> tuple[int, int]:
    """Collect since the first snapshot; return how many looks were taken, and how many heads stand for one."""
    before = looks(endpoint)
    manifest = collect([AwsProvider()], {"aws": scope}, folder / "new", since=folder / "old")
    assert manifest.since is not None
    return looks(endpoint) - before, manifest.since["heads"]


def test_nothing_is_looked_at_again_where_nothing_has_changed(
    endpoint: Endpoint, calls: Any, wanted: Scope, tmp_path: Path
) -> None:
    collect([AwsProvider()], {"aws": wanted}, tmp_path / "old")
    assert looks(endpoint) >= 4
    assert again(endpoint, wanted, tmp_path) == (0, 4)
    one, other = (list(Estate.open(tmp_path / name).objects.query(FACTS)) for name in ("old", "new"))
    assert one == other
    assert {row[2] for row in one if row[0] in {"a.mp4", "b"}} == {"signature"}


def test_objects_that_were_written_again_or_are_new_are_looked_at(
    endpoint: Endpoint, calls: Any, wanted: Scope, tmp_path: Path
) -> None:
    collect([AwsProvider()], {"aws": wanted}, tmp_path / "old")
    calls.put_object(Bucket="calls", Key="b", Body=b"another text")
    calls.put_object(Bucket="calls", Key="e.wav", Body=WAV)
    endpoint.set_last_modified("calls", "c.wav", datetime(2020, 1, 1, tzinfo=UTC))
    looked, taken = again(endpoint, wanted, tmp_path)
    assert taken == 2
    assert looked == 3
    facts = {row[0]: row for row in Estate.open(tmp_path / "new").objects.query(FACTS)}
    assert facts["b"][1] != "speech"


def test_lists_of_access_are_read_anew_since_they_change_without_the_object(
    endpoint: Endpoint, calls: Any, scope: Callable[..., Scope], tmp_path: Path
) -> None:
    wanted = scope(Facet.OBJECTS, Facet.HEADS, Facet.ACL, heads=10)
    collect([AwsProvider()], {"aws": wanted}, tmp_path / "old")
    calls.put_object_acl(Bucket="calls", Key="c.wav", ACL="public-read")
    assert again(endpoint, wanted, tmp_path)[1] == 0
    (acl,) = next(Estate.open(tmp_path / "new").objects.query("SELECT acl FROM objects WHERE key = 'c.wav'"))
    assert "anyone" in acl


def test_a_look_that_was_shorter_than_is_wished_now_does_not_stand_for_it(
    endpoint: Endpoint, calls: Any, wanted: Scope, tmp_path: Path
) -> None:
    manifest = collect([AwsProvider()], {"aws": wanted}, tmp_path / "old")
    earlier, writer = Earlier(tmp_path / "old", manifest.scope), SnapshotWriter(tmp_path / "new", manifest.scope)
    unit = writer.unit("list")
    unit.add_rows(MediaObject(*row) for row in Estate.open(tmp_path / "old").objects.query(ROWS))
    unit.commit()
    short, long = (HeadWish("arn:aws:s3:::calls", "1", REGION, "b", None, len(WAV), read) for read in (4096, 16000))
    known, left = earlier.reuse(writer, [short])
    assert ([row.key for row in known], left) == (["b"], [])
    assert earlier.reuse(writer, [long]) == ([], [long])


def test_another_scope_and_a_changed_snapshot_are_refused(calls: Any, wanted: Scope, tmp_path: Path) -> None:
    collect([AwsProvider()], {"aws": wanted}, tmp_path / "old")
    with pytest.raises(UsageError, match=r"another scope .*heads"):
        collect([AwsProvider()], {"aws": replace(wanted, heads=3)}, tmp_path / "new", since=tmp_path / "old")
    with (tmp_path / "old" / "heads" / "heads.parquet").open("ab") as file:
        file.write(b"x")
    with pytest.raises(SnapshotTampered):
        collect([AwsProvider()], {"aws": wanted}, tmp_path / "new", since=tmp_path / "old")
    assert not (tmp_path / "new").exists()
