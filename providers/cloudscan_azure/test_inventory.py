"""Blob inventories, composed as the documentation has them."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudscan.model import MediaObject
from cloudscan.tables import columns
from cloudscan.tables.inventory_files import Unreadable
from cloudscan.tables.objects import ObjectTable
from cloudscan_azure.inventory import DataFile, Report, left_out, manifests, read_manifest, share, write

FIELDS = (
    "Name", "Creation-Time", "Last-Modified", "LastAccessTime", "ETag", "Content-Length", "Content-Type", "BlobType",
    "AccessTier", "ServerEncrypted", "CustomerProvidedKeySHA256", "Metadata", "hdi_isfolder", "Snapshot", "Deleted",
    "RemainingRetentionDays", "VersionId", "IsCurrentVersion", "TagCount", "Tags", "ImmutabilityPolicyUntilDate",
    "LegalHold",
)  # fmt: skip
STORES = {"calls": "/accounts/a/containers/calls", "it's": "/accounts/a/containers/it's"}
CALLS = STORES["calls"]
ODD = 'a+b%20c,"d"/\n\u202e=cmd()\'.wav'
OLD, NEW = "2024-02-03T04:05:06.1234567Z", "2024-03-03T04:05:06.1234567Z"


def row(name: str, **told: str) -> dict[str, str]:
    known = {
        "Name": name, "Creation-Time": "2024-02-03T04:05:06Z", "Last-Modified": "2024-02-03T04:05:06Z",
        "ETag": "0x8DC", "Content-Length": "16000", "Content-Type": "audio/wav", "BlobType": "BlockBlob",
        "AccessTier": "Cool", "ServerEncrypted": "true", "Metadata": '{"caller":"Ann, B"}',
    }  # fmt: skip
    return {**dict.fromkeys(FIELDS, ""), **known, **{name.replace("_", "-"): value for name, value in told.items()}}


def manifest(**changes: Any) -> bytes:
    told: dict[str, Any] = {
        "destinationContainer": "inventory",
        "endpoint": "https://recordings.blob.core.windows.net",
        "files": [{"blob": "2024/05/06/13-25-36/Rule_1/Rule_1.csv", "size": 0}],
        "inventoryCompletionTime": "2024-05-06T13:35:56Z",
        "inventoryStartTime": "2024-05-06T13:25:36Z",
        "ruleDefinition": {
            "filters": {
                "blobTypes": ["blockBlob", "appendBlob", "pageBlob"],
                "includeBlobVersions": True,
                "includeSnapshots": True,
                "includeDeleted": True,
            },
            "format": "csv",
            "objectType": "blob",
            "schedule": "daily",
            "schemaFields": list(FIELDS),
        },
        "ruleName": "Rule_1",
        "status": "Succeeded",
        "summary": {"objectCount": 3, "totalObjectSize": 48000},
        "version": "1.0",
    }
    for path, value in changes.items():
        *way, last = path.split("__")
        place = told
        for step in way:
            place = place[step]
        place[last] = value
        if value is None:
            del place[last]
    return json.dumps(told).encode()


def understood(account: str = "recordings", **changes: Any) -> Report:
    raw = manifest(**changes)
    return read_manifest(raw, hashlib.md5(raw, usedforsecurity=False).hexdigest().encode(), account)


def listed(rows: Sequence[Mapping[str, str]], names: Sequence[str] = FIELDS) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def read(folder: Path, report: Report, data: bytes, *, versions: bool = True, **said: Any) -> list[MediaObject]:
    target, file = folder / "rows.parquet", DataFile("Rule_1.csv", said.pop("size", len(data)))
    count = write(report, file, io.BytesIO(data), target, STORES, versions=versions, **said).kept
    assert [path.name for path in folder.iterdir()] == ["rows.parquet"]
    sql = f"SELECT {', '.join(MediaObject._fields)} FROM objects ORDER BY store, key, version"  # noqa: S608
    rows = [MediaObject(*told) for told in ObjectTable([target]).query(sql)]
    assert len(rows) == count
    return rows


def test_snapshot_is_old_since_it_was_taken(tmp_path: Path) -> None:
    rows = read(tmp_path, understood(), listed([row("calls/a.wav"), row("calls/a.wav", Snapshot=NEW)]))
    assert {each.version: each.noncurrent_since for each in rows} == {
        None: None,
        f"snapshot={NEW}": datetime(2024, 3, 3, 4, 5, 6, 123456),  # noqa: DTZ001
    }


def test_file_that_a_manifest_names_twice_is_one() -> None:
    file = {"blob": "Rule_1.csv", "size": 3}
    assert understood(files=[file, file]).files == (DataFile("Rule_1.csv", 3),)


def test_rows_of_csv_are_objects_of_the_table_each_in_its_container(tmp_path: Path) -> None:
    rows = [
        row(
            f"calls/{ODD}",
            LastAccessTime="Mon, 06 May 2024 07:08:09 GMT",
            TagCount="1",
            Tags='{"kind":"call"}',
            LegalHold="true",
            ImmutabilityPolicyUntilDate="2030-01-01T00:00:00Z",
        ),
        row("it's/a/b.bin", CustomerProvidedKeySHA256="abc=", TagCount="0", LegalHold="false", Content_Length="no"),
        row("it's/c.txt", Content_Type="text/plain", ServerEncrypted="false", Tags="<Tags/>", Last_Modified="soon"),
        row("other/d.wav"),
        row("callsabc/d.wav"),
    ]
    first, second, third = read(tmp_path, understood(), listed(rows))
    assert (first.store, first.key, first.version, first.current) == (CALLS, ODD, None, True)
    assert (first.size, first.tier, first.etag, first.delete_marker) == (16000, "Cool", "0x8DC", False)
    assert (first.modified, first.last_access) == (
        datetime(2024, 2, 3, 4, 5, 6),  # noqa: DTZ001
        datetime(2024, 5, 6, 7, 8, 9),  # noqa: DTZ001
    )
    assert (first.tags, first.held, first.retain_until) == ('{"kind":"call"}', True, datetime(2030, 1, 1))  # noqa: DTZ001
    assert (first.media, first.settled_by, first.encryption_mode) == ("speech", "content-type", None)
    assert first.stored_as == "BlockBlob"
    assert (second.store, second.key, second.media) == (STORES["it's"], "a/b.bin", "speech")
    assert (second.tags, second.held, second.encryption_mode) == ("{}", False, "customer-supplied")
    assert [second.size, third.modified, third.tags, third.held] == [None] * 4
    assert (third.media, third.encryption_mode) == ("other", "none")


def test_versions_snapshots_and_what_was_deleted_are_told_apart(tmp_path: Path) -> None:
    rows = [
        row("calls/a.wav", VersionId=NEW, IsCurrentVersion="true"),
        row("calls/a.wav", VersionId=OLD, IsCurrentVersion="false"),
        row("calls/a.wav", Snapshot=OLD),
        row("calls/b.wav", VersionId=OLD),
        row("calls/c.wav", Deleted="true", RemainingRetentionDays="3"),
        row("calls/d.wav", Deleted="false"),
        row("calls/folder", hdi_isfolder="true") | {"hdi_isfolder": "true"},
    ]
    found = read(tmp_path, understood(), listed(rows))
    assert [(each.key, each.version, each.current) for each in found] == [
        ("a.wav", OLD, False),
        ("a.wav", NEW, True),
        ("a.wav", f"snapshot={OLD}", False),
        ("b.wav", OLD, False),  # whose current version was deleted
        ("d.wav", None, True),
    ]
    (tmp_path / "rows.parquet").unlink()
    alone = read(tmp_path, understood(), listed(rows), versions=False)
    assert [(each.key, each.version, each.current) for each in alone] == [("a.wav", None, True), ("d.wav", None, True)]


def test_blob_that_comes_twice_is_one_as_it_was_last_modified(tmp_path: Path) -> None:
    rows = [row("calls/a.wav"), row("calls/b.wav"), row("calls/b.wav", VersionId=OLD), row("it's/a.wav")]
    later = row("calls/a.wav", Last_Modified="2024-02-09T00:00:00Z", Content_Length="3")
    odd = row("calls/a.wav", Last_Modified="soon")
    found = read(tmp_path, understood(), listed([*rows, later, odd, *rows]))
    assert [(each.store, each.key, each.version) for each in found] == [
        (CALLS, "a.wav", None),
        (CALLS, "b.wav", OLD),
        (CALLS, "b.wav", None),
        (STORES["it's"], "a.wav", None),
    ]
    assert (found[0].size, found[0].modified) == (3, datetime(2024, 2, 9))  # noqa: DTZ001


def test_parquet_tells_what_csv_tells(tmp_path: Path) -> None:
    rows = [row(f"calls/{ODD}", LegalHold="true", Deleted="false", VersionId=NEW, IsCurrentVersion="true")]
    by_csv = read(tmp_path, understood(), listed(rows))
    (tmp_path / "rows.parquet").unlink()
    with columns.connect() as database:
        (tmp_path / "in.csv").write_bytes(listed(rows))
        database.execute(f"CREATE TABLE told AS FROM read_csv('{tmp_path}/in.csv', all_varchar=true, header=true)")
        casts = '"Last-Modified"::TIMESTAMP_MS AS "Last-Modified", "LegalHold"::BOOLEAN AS "LegalHold"'
        counted = '"Content-Length"::BIGINT AS "Content-Length", "IsCurrentVersion"::BOOLEAN AS "IsCurrentVersion"'
        columns.copy(database, f"SELECT * REPLACE ({casts}, {counted}) FROM told", tmp_path / "in.parquet")  # noqa: S608
    data = (tmp_path / "in.parquet").read_bytes()
    (tmp_path / "in.csv").unlink()
    (tmp_path / "in.parquet").unlink()
    report = understood(ruleDefinition__format="Parquet")
    assert report.parquet
    assert read(tmp_path, report, data) == by_csv


def test_checksum_is_taken_in_hexadecimal_and_in_base64() -> None:
    raw = manifest()
    digest = hashlib.md5(raw, usedforsecurity=False)
    for checksum in (digest.hexdigest(), digest.hexdigest().upper() + "\n", base64.b64encode(digest.digest()).decode()):
        assert read_manifest(raw, checksum.encode(), "recordings").taken == datetime(2024, 5, 6, 13, 25, 36, tzinfo=UTC)


@pytest.mark.parametrize("checksum", [b"", b"0" * 32, hashlib.md5(b"", usedforsecurity=False).hexdigest().encode()])
def test_manifest_with_another_checksum_is_not_read(checksum: bytes) -> None:
    with pytest.raises(Unreadable, match="checksum"):
        read_manifest(manifest(), checksum, "recordings")


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "Pending"},
        {"status": "PartiallySucceeded"},
        {"status": None},
        {"endpoint": "https://other.blob.core.windows.net"},
        {"endpoint": "https://["},
        {"endpoint": "recordings"},
        {"inventoryStartTime": "soon"},
        {"files": 3},
        {"files": [{"blob": "x"}]},
        {"ruleDefinition": None},
        {"ruleDefinition__objectType": "container"},
        {"ruleDefinition__format": "avro"},
        {"ruleDefinition__filters": []},
        {"ruleDefinition__filters__prefixMatch": [3]},
        {"ruleDefinition__schemaFields": ["Last-Modified"]},
        {"ruleDefinition__schemaFields": [*FIELDS, "name"]},
        {"ruleDefinition__schemaFields": [field for field in FIELDS if field != "Snapshot"]},
        {"ruleDefinition__schemaFields": [field for field in FIELDS if field != "IsCurrentVersion"]},
        {"ruleDefinition__schemaFields": [field for field in FIELDS if field != "Deleted"]},
    ],
)
def test_manifest_that_makes_no_sense_or_is_not_whole_is_not_read(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        understood(**changes)


@given(
    st.binary() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda it: json.dumps(it).encode())
)
def test_any_bytes_are_a_manifest_or_an_error(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        read_manifest(raw, hashlib.md5(raw, usedforsecurity=False).hexdigest().encode(), "recordings")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        listed([row("calls/a.wav")])[:-9],
        listed([row("calls/a.wav")], FIELDS[:-1]),
        listed([row("calls/a.wav")], [*FIELDS[:-1], "x') --"]),
        listed([row("calls/a.wav")], [*FIELDS, "NAME"]),
        b"\x00\xff\xfe" * 99,
    ],
    ids=["empty", "cut", "a column short", "a strange column", "a column twice", "no text"],
)
def test_half_written_or_other_file_is_an_error(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Unreadable):
        read(tmp_path, understood(), data)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("said", [{"size": 3}, {"size": 10**9}, {"md5": "0" * 32}])
def test_file_that_is_not_what_is_said_of_it_is_an_error(tmp_path: Path, said: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        read(tmp_path, understood(), listed([row("calls/a.wav")]), **said)


def test_columns_that_the_rule_does_not_name_are_left_alone_and_few_are_enough(tmp_path: Path) -> None:
    few: dict[str, Any] = {
        "ruleDefinition__schemaFields": ["Name", "Deleted"],
        "ruleDefinition__filters": {"includeDeleted": True},
    }
    (found,) = read(tmp_path, understood(**few), listed([row("calls/a.wav")], ["Deleted", "Extra", "Name"]))
    assert (found.key, found.current) == ("a.wav", True)
    assert [found.size, found.modified, found.etag, found.held, found.tags] == [None] * 5


@pytest.mark.parametrize(
    ("prefixes", "excluded", "reach"),
    [
        ([], [], "whole"),
        ([""], [], "whole"),
        (["cal"], [], "whole"),
        (["calls"], ["calls2"], "whole"),
        (["calls/"], [], "whole"),
        (["calls/2024"], [], "part"),
        (["calls/2024", "calls"], [], "whole"),
        (["calls2", "callss"], [], "none"),
        ([], ["calls/private"], "part"),
        ([], ["ca"], "none"),
        (["calls/2024"], ["calls"], "none"),
    ],
)
def test_prefixes_of_the_rule_say_how_much_of_a_container_is_in(
    prefixes: list[str], excluded: list[str], reach: str
) -> None:
    changes: dict[str, Any] = {
        "ruleDefinition__filters__prefixMatch": prefixes,
        "ruleDefinition__filters__excludePrefix": excluded,
    }
    assert share(understood(**changes), "calls") == reach


def test_what_is_not_in_the_inventory_is_told() -> None:
    of = "the inventory of 2024-05-06T13:25:36Z"
    always = f"read from {of}: what changed since is not in it, nor is what was soft-deleted"
    assert left_out(understood(), "calls", versions=True) == [always]
    little: dict[str, Any] = {
        "ruleDefinition__filters": {
            "blobTypes": ["blockBlob"],
            "prefixMatch": ["calls/x"],
            "creationTime": {"lastNDays": 3},
        },
        "ruleDefinition__schemaFields": ["Name", "Content-Length", "Etag"],
    }
    report = understood(**little)
    assert left_out(report, "calls", versions=True) == [
        always,
        f"{of} holds some prefixes of the names alone",
        f"{of} holds only what was created of late",
        f"{of} holds no blobs of the type appendBlob",
        f"{of} holds no blobs of the type pageBlob",
        f"{of} holds no old versions",
        f"{of} holds no snapshots",
        f"{of} does not tell Last-Modified, Content-Type, AccessTier, BlobType",
    ]
    assert f"{of} holds nothing of this container" in left_out(report, "texts", versions=False)


def test_newest_manifest_that_is_done_comes_first() -> None:
    old, new, begun = (f"2024/05/0{day}/13-25-36/Rule_1/Rule_1-manifest" for day in (5, 6, 7))
    names = [f"{old}.json", f"{old}.checksum", f"{new}.json", f"{new}.checksum", f"{begun}.json", "x.csv"]
    assert manifests(names) == [f"{new}.json", f"{old}.json"]
