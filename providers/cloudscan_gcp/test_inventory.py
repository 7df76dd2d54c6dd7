"""Inventory reports of Storage Insights, composed as the documentation has them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudscan.model import Answer, MediaClass, MediaObject
from cloudscan.retention import fate
from cloudscan.retention.lives import members
from cloudscan.tables import columns
from cloudscan.tables.inventory_files import Unreadable
from cloudscan.tables.objects import ObjectTable
from cloudscan.testing import NOW, store, world
from cloudscan_gcp.inventory import Report, left_out, manifests, read_manifest, short, untold, write
from cloudscan_gcp.lifecycle import read_rules

FIELDS = (
    "project", "bucket", "name", "location", "size", "timeCreated", "timeDeleted", "updated", "storageClass", "etag",
    "retentionExpirationTime", "crc32c", "md5Hash", "generation", "metageneration", "contentType", "contentEncoding",
    "timeStorageClassUpdated",
)  # fmt: skip
STORE = "//storage.googleapis.com/calls"
ODD = 'a+b%20c,"d"\n\u202e=cmd()\'.wav'


def row(name: str, **told: str) -> dict[str, str]:
    known = {
        "project": "123", "bucket": "calls", "name": name, "location": "EU", "size": "16000",
        "timeCreated": "2024-02-03T04:05:06.789Z", "storageClass": "NEARLINE", "etag": "CJ+x", "generation": "17",
        "contentType": "audio/wav",
    }  # fmt: skip
    return {**dict.fromkeys(FIELDS, ""), **known, **told}


ROWS = [
    row(ODD, retentionExpirationTime="2030-01-01T00:00:00Z"),
    row("old.bin", generation="16", timeDeleted="2024-03-01T00:00:00+01:00"),
    row("no-type.wav", contentType="", size="", etag="", timeCreated="soon"),
]


def manifest(**changes: Any) -> bytes:
    configuration = {
        "name": "projects/123/locations/eu/reportConfigs/fc95c52f",
        "csvOptions": {"delimiter": ",", "headerRequired": True, "recordSeparator": "\n"},
        "objectMetadataReportOptions": {
            "metadataFields": list(FIELDS),
            "storageFilters": {"bucket": "calls"},
            "storageDestinationOptions": {"bucket": "reports", "destinationPath": "inventory"},
        },
    }
    told = {
        "report_config": configuration,
        "records_processed": 3,
        "snapshot_time": "2024-05-06T00:00:00Z",
        "shard_count": 1,
        "report_shards_file_names": ["fc95c52f_2024-05-06T00:00_0.csv"],
    }
    for path, value in changes.items():
        *way, last = path.split("__")
        place: dict[str, Any] = told
        for step in way:
            place = place[step]
        place[last] = value
        if value is None:
            del place[last]
    return json.dumps(told).encode()


def shard(
    rows: Sequence[Mapping[str, str]], names: Sequence[str] = FIELDS, *, header: bool = True, **form: Any
) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\n", **form)
    if header:
        writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def read(folder: Path, report: Report, data: bytes, *, versions: bool = True, **said: Any) -> dict[str, MediaObject]:
    target = folder / "rows.parquet"
    count = write(report, io.BytesIO(data), target, STORE, versions=versions, **said).kept
    assert [path.name for path in folder.iterdir() if path != target and path.is_file()] == []
    found = ObjectTable([target]).query(f"SELECT {', '.join(MediaObject._fields)} FROM objects ORDER BY key")  # noqa: S608
    rows = [MediaObject(*told) for told in found]
    assert len(rows) == count
    return {each.key: each for each in rows}


def test_rows_that_are_no_objects_of_the_bucket_are_counted_apart(tmp_path: Path) -> None:
    report = read_manifest(manifest(), "calls")
    data = shard([row(""), row("b.wav", bucket="other"), *ROWS])
    rows = write(report, io.BytesIO(data), tmp_path / "rows.parquet", STORE, versions=True)
    assert rows == (len(ROWS), 2)


@pytest.mark.parametrize("condition", [{"daysSinceCustomTime": 30}, {"customTimeBefore": "2026-01-01"}])
def test_rule_by_a_custom_time_that_no_report_tells_is_not_known(tmp_path: Path, condition: dict[str, Any]) -> None:
    rules = read_rules({"rule": [{"action": {"type": "Delete"}, "condition": condition}]})
    bucket = replace(store("calls", lifecycle=rules, versioning="disabled"), id=STORE)
    listed = read(tmp_path, read_manifest(manifest(), "calls"), shard(ROWS))[ODD]
    estate = world(bucket, listed._replace(modified=NOW)).estate
    (member,) = members(estate, [bucket], MediaClass.SPEECH)
    assert fate(member.life, member.rules, bucket, NOW.date()).ends is Answer.UNKNOWN


def test_file_that_a_manifest_names_twice_is_one() -> None:
    assert read_manifest(manifest(report_shards_file_names=["0.csv", "0.csv"]), "calls").files == ("0.csv",)


def test_rows_of_csv_are_objects_of_the_table(tmp_path: Path) -> None:
    report = read_manifest(manifest(), "calls")
    assert (report.taken, report.objects) == (datetime(2024, 5, 6, tzinfo=UTC), 3)
    found = read(tmp_path, report, shard(ROWS))
    assert sorted(found) == sorted(told["name"] for told in ROWS)
    first = found[ODD]
    assert (first.store, first.version, first.current, first.size, first.tier) == (STORE, "17", True, 16000, "NEARLINE")
    assert (first.modified, first.etag) == (datetime(2024, 2, 3, 4, 5, 6, 789000), "CJ+x")  # noqa: DTZ001
    assert (first.retain_until, first.content_type) == (datetime(2030, 1, 1), "audio/wav")  # noqa: DTZ001
    assert (first.media, first.settled_by) == ("speech", "content-type")
    assert (first.held, first.custom_time, first.key_id, first.encryption_mode) == (None, None, None, None)
    tagged = read(tmp_path, report, shard([{**each, "metageneration": "2"} for each in ROWS]))[ODD]
    assert tagged.etag == "17/2"  # as a list has it
    old = found["old.bin"]
    assert (old.current, old.delete_marker, old.version) == (False, False, "16")
    assert old.noncurrent_since == datetime(2024, 2, 29, 23)  # noqa: DTZ001 - of another zone in the report
    assert old.media == "speech"
    bare = found["no-type.wav"]
    assert (bare.content_type, bare.etag, bare.modified, bare.settled_by) == (None, None, None, "name")
    assert short(report, len(found)) is None


def test_without_versions_live_objects_come_alone(tmp_path: Path) -> None:
    found = read(tmp_path, read_manifest(manifest(), "calls"), shard(ROWS), versions=False)
    assert sorted(found) == sorted([ODD, "no-type.wav"])
    assert {each.version for each in found.values()} == {None}


@pytest.mark.parametrize("separator", ["\n", "\r\n"])
@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
def test_every_form_of_csv_tells_the_same(tmp_path: Path, separator: str, header: bool, delimiter: str) -> None:
    options = {"delimiter": delimiter, "headerRequired": header, "recordSeparator": separator}
    report = read_manifest(manifest(report_config__csvOptions=options), "calls")
    rows = [row("a\nb;|,\t.wav"), row("c.wav")]
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS, delimiter=delimiter, lineterminator=separator)
    if header:
        writer.writeheader()
    writer.writerows(rows)
    assert sorted(read(tmp_path, report, text.getvalue().encode())) == ["a\nb;|,\t.wav", "c.wav"]


def test_first_line_says_in_which_order_columns_are(tmp_path: Path) -> None:
    found = read(tmp_path, read_manifest(manifest(), "calls"), shard(ROWS, FIELDS[::-1]))
    assert found[ODD].size == 16000


@pytest.mark.parametrize("kind", ["VARCHAR", "TIMESTAMP", "TIMESTAMPTZ"])
def test_parquet_tells_what_csv_tells(tmp_path: Path, kind: str) -> None:
    configured: dict[str, Any] = {"report_config__csvOptions": None, "report_config__parquetOptions": {}}
    report = read_manifest(manifest(**configured), "calls")
    assert report.parquet
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "shard.csv").write_bytes(shard(ROWS))
    times = ("timeCreated", "timeDeleted", "retentionExpirationTime")
    casts = ", ".join(f'try_cast("{name}" AS {kind}) AS "{name}"' for name in times)
    whole = tmp_path / "in" / "shard.parquet"
    with columns.connect() as database:
        database.execute(
            f"CREATE TABLE told AS FROM read_csv('{tmp_path}/in/shard.csv', all_varchar=true, header=true)"
        )
        sql = f"SELECT * REPLACE ({casts}, try_cast(size AS BIGINT) AS size) FROM told"  # noqa: S608 - our own names
        columns.copy(database, sql, whole)
    by_parquet = read(tmp_path, report, whole.read_bytes())
    if kind == "TIMESTAMP":  # which loses the zone of the one text that has one
        by_parquet.pop("old.bin")
    by_csv = read(tmp_path, read_manifest(manifest(), "calls"), shard(ROWS))
    assert by_parquet == {key: by_csv[key] for key in by_parquet}


@pytest.mark.parametrize(
    "changes",
    [
        {"snapshot_time": "soon"},
        {"snapshot_time": None},
        {"shard_count": 2},
        {"report_shards_file_names": ["a", "a"], "shard_count": 2},
        {"report_shards_file_names": None},
        {"report_config": None},
        {"report_config": []},
        {"report_config__objectMetadataReportOptions": 3},
        {"report_config__objectMetadataReportOptions__storageFilters__bucket": "other"},
        {"report_config__objectMetadataReportOptions__metadataFields": ["name", "size"]},
        {"report_config__objectMetadataReportOptions__metadataFields": ["timeDeleted"]},
        {"report_config__objectMetadataReportOptions__metadataFields": ["name", "name", "timeDeleted"]},
        {"report_config__objectMetadataReportOptions__metadataFields": "name"},
        {"report_config__objectMetadataReportOptions__metadataFields": ["name", "timeDeleted", 3]},
        {"report_config__csvOptions__delimiter": ",,"},
        {"report_config__csvOptions__delimiter": 3},
        {"report_config__csvOptions__recordSeparator": "x"},
        {"report_config__csvOptions__recordSeparator": []},
        {"report_config__csvOptions__headerRequired": "yes"},
    ],
)
def test_manifest_that_makes_no_sense_is_not_read(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        read_manifest(manifest(**changes), "calls")


@given(
    st.binary() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda it: json.dumps(it).encode())
)
def test_any_bytes_are_a_manifest_or_an_error(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        read_manifest(raw, "calls")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        shard(ROWS)[:-40],
        shard(ROWS, FIELDS[:-1]),
        shard(ROWS, [*FIELDS[:-1], "x') --"]),
        shard(ROWS, header=False),
        b"\x00\xff\xfe" * 99,
    ],
    ids=["empty", "cut", "a column short", "a strange column", "no first line", "no text"],
)
def test_half_written_or_other_file_is_an_error(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Unreadable):
        read(tmp_path, read_manifest(manifest(), "calls"), data)
    assert list(tmp_path.iterdir()) == []


def test_parquet_that_lacks_a_column_of_its_manifest_is_an_error(tmp_path: Path) -> None:
    report = replace(read_manifest(manifest(), "calls"), parquet=True)
    with columns.connect() as database:
        columns.copy(database, "SELECT 'a' AS name", tmp_path / "in")
    data = (tmp_path / "in").read_bytes()
    (tmp_path / "in").unlink()
    with pytest.raises(Unreadable):
        read(tmp_path, report, data)


@pytest.mark.parametrize("said", [{"size": 3}, {"md5": "0" * 32}])
def test_file_of_another_size_or_checksum_is_an_error(tmp_path: Path, said: dict[str, Any]) -> None:
    report, data = read_manifest(manifest(), "calls"), shard(ROWS)
    right: dict[str, Any] = {"size": len(data), "md5": hashlib.md5(data, usedforsecurity=False).hexdigest()}
    assert len(read(tmp_path, report, data, **right)) == 3
    with pytest.raises(Unreadable):
        read(tmp_path, report, data, **right | said)


def test_rows_that_the_manifest_counts_and_no_file_holds_are_told(tmp_path: Path) -> None:
    report = read_manifest(manifest(records_processed=1_000_000), "calls")
    rows = read(tmp_path, report, shard(ROWS))
    assert short(report, len(rows)) == "the manifest counts 1,000,000 objects, and its files hold 3"
    assert short(read_manifest(manifest(records_processed=None), "calls"), 3) is None


def test_what_is_not_in_the_report_is_told() -> None:
    report = read_manifest(manifest(), "calls")
    assert left_out(report, versions=True) == [
        "read from the inventory report of 2024-05-06T00:00:00Z: what changed since is not in it"
    ]
    assert untold(report) == (
        "the inventory report of 2024-05-06T00:00:00Z does not tell holds, custom times and keys of objects"
    )
    few = {"report_config__objectMetadataReportOptions__metadataFields": ["name", "timeDeleted", "size", "etag"]}
    more = left_out(read_manifest(manifest(**few), "calls"), versions=True)[1:]
    assert [line.partition("Z ")[2] for line in more] == [
        "does not tell the generations of old versions",
        "does not tell timeCreated, storageClass, contentType",
    ]


def test_report_of_few_fields_is_read(tmp_path: Path) -> None:
    few = ["name", "timeDeleted"]
    report = read_manifest(manifest(report_config__objectMetadataReportOptions__metadataFields=few), "calls")
    found = read(tmp_path, report, shard(ROWS, few))
    assert (found["old.bin"].current, found["old.bin"].version) == (False, None)
    assert [each.size for each in found.values()] == [None] * 3


def test_newest_manifest_comes_first_whichever_configuration_it_is_of() -> None:
    names = [
        "inventory/zz_2024-05-05T00:00_manifest.json",
        "inventory/aa_2024-05-06T00:00_manifest.json",
        "inventory/aa_2024-05-06T00:00_0.csv",
        "inventory/manifest.json",
    ]
    assert manifests(names) == [names[1], names[0]]
