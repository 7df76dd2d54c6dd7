"""The objects of a bucket from the inventory that it writes, over HTTP; the test writes the inventory."""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from cloudscan.model import Coverage, Gap, MediaObject, Store, Why
from cloudscan.provider import Facet, ObjectFile
from cloudscan.tables import columns
from cloudscan.tables.inventory_files import Unreadable, reads_orc
from cloudscan.tables.objects import ObjectTable
from cloudscan_aws import inventory_read, s3
from cloudscan_aws.accounts import AccountScope, Bucket
from cloudscan_aws.demo.server import Endpoint
from cloudscan_aws.inventory_read import read_manifest

REGION = "eu-central-1"
CALLS = Bucket("calls", REGION)
FOLDER = "inv/calls/daily/"
SCHEMA = (
    "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass, EncryptionStatus,"
    " ObjectLockRetainUntilDate, ObjectLockLegalHoldStatus"
)
ROWS = [
    ("calls", "a b+c\u202e.wav", "v2", "true", "false", "16000", "2024-02-03T04:05:06.000Z", "e1", "GLACIER", "SSE-S3",
     "2030-01-01T00:00:00.000Z", "ON"),
    ("calls", "a b+c\u202e.wav", "v1", "false", "false", "8000", "2023-02-03T04:05:06.000Z", "e0", "STANDARD",
     "NOT-SSE", "", "OFF"),
    ("calls", 'q"1,.json', "", "true", "false", "10", "2024-02-03T04:05:06.000Z", "e2", "STANDARD", "SSE-KMS", "", ""),
    ("calls", "gone.wav", "v3", "true", "true", "", "2024-02-04T00:00:00.000Z", "", "", "", "", ""),
]  # fmt: skip

Accounts = Callable[..., AccountScope]
Make = Callable[..., Any]


def csv(rows: Sequence[Sequence[str]]) -> bytes:
    lines = (",".join(f'"{quote(each) if place == 1 else each}"' for place, each in enumerate(row)) for row in rows)
    return gzip.compress("\n".join(lines).encode() + b"\n")


def parquet(folder: Path) -> bytes:
    """Write a file of current objects alone."""
    target = folder / "data.parquet"
    with columns.connect() as database:
        columns.copy(
            database,
            "SELECT 'calls' AS bucket, 'p' || i || '%2B.mp3' AS key, 8000 * (i + 1) AS size, 'e' AS e_tag,"
            " TIMESTAMP '2024-05-06 07:08:09' AS last_modified_date FROM range(3) AS t(i)",
            target,
        )
    return target.read_bytes()


@pytest.fixture
def aws(client: Make) -> Any:
    made = client("s3")
    for name in ("calls", "reports"):
        made.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    made.put_object(Bucket="calls", Key="only-in-the-list.wav", Body=b"x")
    return made


def configure(aws: Any, form: str = "CSV", versions: str = "All", **more: Any) -> None:
    place = {"Bucket": "arn:aws:s3:::reports", "Format": form, "Prefix": "inv"}
    aws.put_bucket_inventory_configuration(
        Bucket="calls",
        Id="daily",
        InventoryConfiguration={
            "Id": "daily",
            "IsEnabled": True,
            "IncludedObjectVersions": versions,
            "Destination": {"S3BucketDestination": place},
            "Schedule": {"Frequency": "Daily"},
            **more,
        },
    )


def deliver(aws: Any, begun: str, data: bytes, *, form: str = "CSV", schema: str = SCHEMA, **wrong: Any) -> None:
    key = f"{FOLDER}data/{begun}"
    aws.put_object(Bucket="reports", Key=key, Body=data)
    file = {"key": key, "size": len(data), "MD5checksum": hashlib.md5(data, usedforsecurity=False).hexdigest()}
    manifest = {
        "sourceBucket": "calls",
        "destinationBucket": "arn:aws:s3:::reports",
        "version": "2016-11-30",
        "creationTimestamp": "1700000000000",
        "fileFormat": form,
        "fileSchema": schema,
        "files": [file | wrong.get("file", {})],
    }
    text = json.dumps(manifest | wrong.get("manifest", {})).encode()
    aws.put_object(Bucket="reports", Key=f"{FOLDER}{begun}/manifest.json", Body=text)
    checksum = wrong.get("checksum", hashlib.md5(text, usedforsecurity=False).hexdigest())
    if checksum:
        aws.put_object(Bucket="reports", Key=f"{FOLDER}{begun}/manifest.checksum", Body=checksum.encode())


def collect(account: AccountScope, target: Path) -> tuple[list[Any], list[MediaObject]]:
    """Run the one unit; return its records and gaps, and the rows of its files and of its list."""
    scope = replace(account.scope, options={**account.scope.options, "inventory": True})
    records: list[Any] = []
    rows: list[MediaObject] = []
    (unit,) = s3.units(replace(account, scope=scope))
    for number, item in enumerate(unit.run()):
        if isinstance(item, ObjectFile):
            path = item.path.rename(target / f"{number}.parquet")
            sql = f"SELECT {', '.join(MediaObject._fields)} FROM objects ORDER BY key, version"  # noqa: S608
            rows += [MediaObject(*row) for row in ObjectTable([path]).query(sql)]
            assert item.rows == len(rows)
        else:
            (rows if hasattr(item, "rows") else records).extend(getattr(item, "rows", [item]))
    return records, rows


def gaps(records: list[Any]) -> list[Gap]:
    return [record for record in records if isinstance(record, Gap)]


def test_current_objects_come_from_the_inventory_and_none_is_listed(
    endpoint: Endpoint, aws: Any, account: Accounts, tmp_path: Path
) -> None:
    configure(aws)
    deliver(aws, "2023-11-14T22-13Z", csv(ROWS))
    records, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,)), tmp_path)
    assert [(row.key, row.version, row.size) for row in rows] == [
        ("a b+c\u202e.wav", None, 16000),
        ('q"1,.json', None, 10),
    ]
    first = rows[0]
    assert (first.store, first.current, first.delete_marker, first.etag, first.tier) == (
        "arn:aws:s3:::calls", True, False, "e1", "GLACIER",
    )  # fmt: skip
    assert (first.media, first.format, first.encryption_mode, first.held) == ("speech", "wav", "provider", True)
    assert (first.modified, first.retain_until) == (datetime(2024, 2, 3, 4, 5, 6), datetime(2030, 1, 1))  # noqa: DTZ001
    assert rows[1].encryption_mode is None  # under a key, of which the inventory does not say whose it is
    assert not [name for name in endpoint.requests if name.startswith("s3:ListObjectVersions")]
    assert endpoint.requests["s3:ListObjectsV2"] == 1
    (gap,) = gaps(records)
    assert (gap.facet, gap.why, gap.resource) == (Facet.OBJECTS, Why.LIMIT, CALLS.id)
    assert gap.detail == (
        "read from the inventory of 2023-11-14T22:13:20Z: what changed since is not in it, nor are uploads that were"
        " begun before, which no rule clears"
    )
    assert gap.since is None
    (line,) = [one for one in records if isinstance(one, Coverage) and one.facet == Facet.OBJECTS]
    assert (line.asked, line.answered, line.limited) == (2, 2, 1)


def test_what_was_uploaded_since_is_dated_by_its_beginning_until_a_rule_clears_it(
    aws: Any, account: Accounts, tmp_path: Path
) -> None:
    """An object's date is when its upload was begun ("System-defined object metadata", Amazon S3: Last-Modified)."""
    rule = {"ID": "u", "Status": "Enabled", "Filter": {}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}
    aws.put_bucket_lifecycle_configuration(Bucket="calls", LifecycleConfiguration={"Rules": [rule]})
    configure(aws)
    deliver(aws, "2023-11-14T22-13Z", csv(ROWS))
    records, _ = collect(account(Facet.OBJECTS, Facet.LIFECYCLE, buckets=(CALLS,)), tmp_path)
    (gap,) = gaps(records)
    assert gap.detail == "read from the inventory of 2023-11-14T22:13:20Z: what changed since is not in it"
    assert gap.since == datetime(2023, 11, 4, 22, 13, 20, tzinfo=UTC)


def test_old_versions_and_delete_markers_come_when_asked_for(aws: Any, account: Accounts, tmp_path: Path) -> None:
    configure(aws)
    deliver(aws, "2023-11-14T22-13Z", csv(ROWS))
    _, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,), versions=True), tmp_path)
    assert [(row.key, row.version, row.current, row.delete_marker, row.media) for row in rows] == [
        ("a b+c\u202e.wav", "v1", False, False, "speech"),
        ("a b+c\u202e.wav", "v2", True, False, "speech"),
        ("gone.wav", "v3", True, True, "other"),
        ('q"1,.json', "null", True, False, "other"),
    ]


def test_old_versions_are_rows_although_the_bucket_reads_as_never_versioned(
    aws: Any, account: Accounts, tmp_path: Path
) -> None:
    configure(aws)
    deliver(aws, "2023-11-14T22-13Z", csv(ROWS))
    wanted = account(Facet.OBJECTS, Facet.VERSIONING, buckets=(CALLS,), versions=True)
    records, rows = collect(wanted, tmp_path)
    assert [store.versioning for store in records if isinstance(store, Store)] == ["disabled"]
    assert [(row.key, row.version, row.current) for row in rows] == [
        ("a b+c\u202e.wav", "v1", False),
        ("a b+c\u202e.wav", "v2", True),
        ("gone.wav", "v3", True),
        ('q"1,.json', None, True),
    ]


def test_rows_that_are_no_objects_of_the_bucket_are_a_gap_and_the_others_stay(
    aws: Any, account: Accounts, tmp_path: Path
) -> None:
    odd = [("other", *ROWS[0][1:]), ("", *ROWS[0][1:]), ("calls", "", *ROWS[0][2:])]
    configure(aws)
    deliver(aws, "2023-11-14T22-13Z", csv([*odd, *ROWS]))
    records, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,)), tmp_path)
    assert [row.key for row in rows] == ["a b+c\u202e.wav", 'q"1,.json']
    assert (Why.MALFORMED, "3 rows of the inventory have no key, or are of another store") in [
        (gap.why, gap.detail) for gap in gaps(records)
    ]


def test_file_that_a_manifest_names_twice_is_read_once(aws: Any, account: Accounts, tmp_path: Path) -> None:
    data = csv(ROWS)
    key, digest = f"{FOLDER}data/2023-11-14T22-13Z", hashlib.md5(data, usedforsecurity=False).hexdigest()
    file = {"key": key, "size": len(data), "MD5checksum": digest}
    configure(aws)
    deliver(aws, "2023-11-14T22-13Z", data, manifest={"files": [file, file]})
    assert len(collect(account(Facet.OBJECTS, buckets=(CALLS,)), tmp_path)[1]) == 2
    raw = {"sourceBucket": "calls", "creationTimestamp": "1700000000000", "fileFormat": "CSV", "fileSchema": SCHEMA}
    twice = json.dumps({**raw, "files": [file, file | {"size": 7}]}).encode()
    with pytest.raises(Unreadable, match="twice"):
        read_manifest(twice, "calls")


def test_parquet_is_read_and_its_keys_are_as_they_stand(aws: Any, account: Accounts, tmp_path: Path) -> None:
    configure(aws, "Parquet", "Current", Filter={"Prefix": "p"})
    schema = (
        "message s3.inventory { required binary bucket (UTF8); required binary key (UTF8); optional int64 size;"
        " optional int64 last_modified_date (TIMESTAMP_MILLIS); optional binary e_tag (UTF8); }"
    )
    deliver(aws, "2023-11-14T22-13Z", parquet(tmp_path), form="Parquet", schema=schema)
    records, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,), versions=True), tmp_path)
    assert [(row.key, row.size, row.version, row.current) for row in rows] == [
        (f"p{number}%2B.mp3", 8000 * (number + 1), None, True) for number in range(3)
    ]
    assert rows[0].modified == datetime(2024, 5, 6, 7, 8, 9)  # noqa: DTZ001
    told = " ".join(gap.detail for gap in gaps(records))
    assert "one prefix" in told
    assert "no old versions" in told
    assert "does not tell storage_class" in told


OF_ORC = (
    "struct<bucket:string,key:string,version_id:string,is_latest:boolean,is_delete_marker:boolean,size:bigint,"
    "last_modified_date:timestamp,e_tag:string,storage_class:string,encryption_status:string,"
    "object_lock_retain_until_date:timestamp,object_lock_mode:string,object_lock_legal_hold_status:string>"
)


def orc(folder: Path) -> bytes:
    """Write the rows as an ORC file, its columns as the schema names them."""
    import pyarrow
    from pyarrow import orc as writer

    def moment(text: str) -> datetime | None:
        return datetime.fromisoformat(text.rstrip("Z")) if text else None

    names = [part.split(":")[0] for part in OF_ORC[len("struct<") : -1].split(",")]
    held = [
        (*row[:3], row[3] == "true", row[4] == "true", int(row[5] or 0), moment(row[6]),
         *(text or None for text in row[7:10]), moment(row[10]), "GOVERNANCE", row[11] or None)
        for row in ROWS
    ]  # fmt: skip
    times = dict.fromkeys(("last_modified_date", "object_lock_retain_until_date"), pyarrow.timestamp("ns"))
    columns = [
        pyarrow.array(column, times.get(name)) for name, column in zip(names, zip(*held, strict=True), strict=True)
    ]
    writer.write_table(pyarrow.table(columns, names), folder / "data.orc", compression="zlib")
    return (folder / "data.orc").read_bytes()


@pytest.mark.skipif(not reads_orc(), reason="pyarrow is not installed: the extra orc")
def test_orc_tells_what_csv_tells(aws: Any, account: Accounts, tmp_path: Path) -> None:
    told = []
    for form, data, schema in (("CSV", csv(ROWS), SCHEMA), ("ORC", orc(tmp_path), OF_ORC)):
        configure(aws, form)
        deliver(aws, "2023-11-14T22-13Z", data, form=form, schema=schema)
        told.append(collect(account(Facet.OBJECTS, buckets=(CALLS,), versions=True), tmp_path)[1])
    assert told[0] == told[1]
    assert len(told[0]) == len(ROWS)


@pytest.mark.skipif(not reads_orc(), reason="pyarrow is not installed: the extra orc")
def test_orc_that_is_none_is_a_gap(aws: Any, account: Accounts, tmp_path: Path) -> None:
    configure(aws, "ORC")
    deliver(aws, "2023-11-14T22-13Z", b"ORC and no more", form="ORC", schema=OF_ORC)
    records, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,)), tmp_path)
    assert rows == []
    assert Why.MALFORMED in {gap.why for gap in gaps(records)}


def test_without_pyarrow_a_bucket_with_orc_is_listed_and_the_gap_names_the_extra(
    aws: Any, account: Accounts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(aws, "ORC")
    deliver(aws, "2023-11-14T22-13Z", b"never opened", form="ORC", schema=OF_ORC)
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # as if it were not installed
    records, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,)), tmp_path)
    assert [row.key for row in rows] == ["only-in-the-list.wav"]
    (gap,) = gaps(records)
    assert (gap.facet, gap.why) == (Facet.INVENTORY, Why.UNSUPPORTED)
    assert "pip install 'cloudscan[orc]'" in gap.detail


SHORT = "Bucket, Key, Size"


def test_times_of_parquet_are_utc_wherever_the_scan_runs(
    aws: Any, account: Accounts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(aws, "Parquet", "Current")
    target = tmp_path / "data.parquet"
    with columns.connect() as database:
        moment = "TIMESTAMPTZ '2024-05-06 07:08:09+00'"  # as Parquet has it where it is adjusted to UTC
        columns.copy(database, f"SELECT 'k.wav' AS key, 8 AS size, {moment} AS last_modified_date", target)
    schema = (
        "message s3.inventory { required binary key (UTF8); optional int64 size; optional int64 last_modified_date; }"
    )
    deliver(aws, "2023-11-14T22-13Z", target.read_bytes(), form="Parquet", schema=schema)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        _, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,)), tmp_path)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert [row.modified for row in rows] == [datetime(2024, 5, 6, 7, 8, 9)]  # noqa: DTZ001


ODD_KEYS = [
    "a b",
    "a+b",
    "a%2Bb",
    "100%",
    "%",
    "a\nb",
    'q"u,o',
    "\u202e.wav",
    "a/b//c",
    "=cmd()",
    "\U0001f399.mp3",
    "+ +",
    "%20",
]


@pytest.mark.parametrize("encode", [quote, quote_plus], ids=["spaces as %20", "spaces as +"])
def test_keys_of_csv_are_decoded_whatever_is_in_them(
    aws: Any, account: Accounts, tmp_path: Path, encode: Callable[[str], str]
) -> None:
    configure(aws)
    data = gzip.compress("".join(f'"calls","{encode(key)}","8"\n' for key in ODD_KEYS).encode())
    deliver(aws, "2023-11-14T22-13Z", data, schema=SHORT)
    _, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,)), tmp_path)
    assert sorted(row.key for row in rows) == sorted(ODD_KEYS)


def test_what_waits_to_be_replicated_is_told_where_the_inventory_does(
    aws: Any, account: Accounts, tmp_path: Path
) -> None:
    configure(aws)
    statuses = {"a": "PENDING", "b": "FAILED", "c": "COMPLETED", "d": "REPLICA", "e": ""}
    data = gzip.compress("".join(f'"calls","{key}","8","{told}"\n' for key, told in statuses.items()).encode())
    deliver(aws, "2023-11-14T22-13Z", data, schema=f"{SHORT}, ReplicationStatus")
    _, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,)), tmp_path)
    assert [row.awaits_copy for row in rows] == [True, True, False, False, False]
    deliver(aws, "2023-11-14T22-13Z", gzip.compress(b'"calls","a","8"\n'), schema=SHORT)
    (tmp_path / "again").mkdir()
    _, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,)), tmp_path / "again")
    assert [row.awaits_copy for row in rows] == [None]


def test_time_and_size_that_are_none_hide_no_other_object(aws: Any, account: Accounts, tmp_path: Path) -> None:
    configure(aws)
    odd = '"calls","a.wav","big","soon"\n"calls","b.wav","8","2024-02-03T04:05:06.000Z"\n'
    deliver(aws, "2023-11-14T22-13Z", gzip.compress(odd.encode()), schema=f"{SHORT}, LastModifiedDate")
    _, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,)), tmp_path)
    assert [(row.key, row.size, row.modified) for row in rows] == [
        ("a.wav", None, None),
        ("b.wav", 8, datetime(2024, 2, 3, 4, 5, 6)),  # noqa: DTZ001
    ]


def test_key_that_decodes_to_no_text_stays_encoded_and_hides_no_other(
    aws: Any, account: Accounts, tmp_path: Path
) -> None:
    configure(aws)
    deliver(aws, "2023-11-14T22-13Z", gzip.compress(b'"calls","%FF.wav","8"\n"calls","b.wav","8"\n'), schema=SHORT)
    _, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,)), tmp_path)
    assert [row.key for row in rows] == ["%FF.wav", "b.wav"]


def test_newest_delivery_that_is_whole_is_read(aws: Any, account: Accounts, tmp_path: Path) -> None:
    configure(aws)
    deliver(aws, "2023-11-12T00-00Z", csv([]))
    deliver(aws, "2023-11-13T00-00Z", csv(ROWS[2:3]))
    deliver(aws, "2023-11-14T00-00Z", csv(ROWS), checksum="")
    _, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,)), tmp_path)
    assert [row.key for row in rows] == ['q"1,.json']


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"checksum": "0" * 32}, Why.MALFORMED),
        ({"manifest": {"sourceBucket": "other"}}, Why.UNSUPPORTED),
        ({"manifest": {"fileFormat": "Avro"}}, Why.UNSUPPORTED),
        ({"manifest": {"files": 3}}, Why.UNSUPPORTED),
        ({"manifest": {"creationTimestamp": "soon"}}, Why.UNSUPPORTED),
    ],
)
def test_bucket_is_listed_where_its_inventory_cannot_be_read(
    aws: Any, account: Accounts, tmp_path: Path, wrong: dict[str, Any], why: Why
) -> None:
    configure(aws)
    deliver(aws, "2023-11-14T22-13Z", csv(ROWS), **wrong)
    records, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,)), tmp_path)
    assert [row.key for row in rows] == ["only-in-the-list.wav"]
    assert [(gap.facet, gap.why) for gap in gaps(records)] == [(Facet.INVENTORY, why)]


@pytest.mark.parametrize("file", [{"MD5checksum": "0" * 32}, {"size": 3}, {"key": "nowhere"}])
def test_file_that_is_not_what_its_manifest_says_is_a_gap(
    aws: Any, account: Accounts, tmp_path: Path, file: dict[str, Any]
) -> None:
    configure(aws)
    deliver(aws, "2023-11-14T22-13Z", csv(ROWS), file=file)
    records, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,)), tmp_path)
    assert rows == []
    assert Why.MALFORMED in {gap.why for gap in gaps(records) if gap.facet == Facet.OBJECTS}


def test_file_that_holds_something_else_is_a_gap(aws: Any, account: Accounts, tmp_path: Path) -> None:
    configure(aws)
    deliver(aws, "2023-11-14T22-13Z", gzip.compress(b'"calls","too few"\n'))
    records, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,)), tmp_path)
    assert rows == []
    assert Why.MALFORMED in {gap.why for gap in gaps(records)}


def test_bucket_without_an_inventory_is_listed(aws: Any, account: Accounts, tmp_path: Path) -> None:
    records, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,)), tmp_path)
    assert [row.key for row in rows] == ["only-in-the-list.wav"]
    assert [(gap.facet, gap.why, gap.permission) for gap in gaps(records)] == [(Facet.INVENTORY, Why.DISABLED, None)]


def test_inventory_that_may_not_be_read_is_a_gap_and_the_bucket_is_listed(
    endpoint: Endpoint, aws: Any, account: Accounts, tmp_path: Path
) -> None:
    configure(aws)
    deliver(aws, "2023-11-14T22-13Z", csv(ROWS))
    endpoint.faults.add("deny", "s3", "GetObject")
    records, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,)), tmp_path)
    assert [row.key for row in rows] == ["only-in-the-list.wav"]
    assert [(gap.facet, gap.why, gap.permission) for gap in gaps(records)] == [
        (Facet.INVENTORY, Why.DENIED, "s3:GetObject")
    ]


@pytest.mark.parametrize("schema", ["Bucket, Size", "Key, Key", "Key, x); DROP TABLE y", ""])
def test_manifest_without_sensible_columns_is_not_read(schema: str) -> None:
    told = {"sourceBucket": "b", "creationTimestamp": "1", "fileFormat": "CSV", "fileSchema": schema, "files": []}
    with pytest.raises(Unreadable):
        read_manifest(json.dumps(told).encode(), "b")


@pytest.mark.skipif(not reads_orc(), reason="pyarrow is not installed: the extra orc")
def test_whole_inventories_with_versions_come_first_and_those_not_read_last(monkeypatch: pytest.MonkeyPatch) -> None:
    def told(name: str, form: str = "ORC", versions: str = "All", **more: Any) -> dict[str, Any]:
        place = {"S3BucketDestination": {"Bucket": "arn:aws:s3:::reports", "Format": form}}
        return {"Id": name, "IsEnabled": True, "IncludedObjectVersions": versions, "Destination": place, **more}

    several = [
        told("part", Filter={"Prefix": "x"}),
        told("current", "Parquet", "Current"),
        told("slow", "CSV"),
        told("off", "Parquet", IsEnabled=False),
        told("orc"),
        told("best", "Parquet"),
    ]
    found = inventory_read.configurations({"InventoryConfigurationList": several}, "calls")
    assert [one.id for one in found] == ["best", "orc", "slow", "current", "part"]
    assert found[0].folder == "calls/best/"
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    found = inventory_read.configurations({"InventoryConfigurationList": several}, "calls")
    assert [one.id for one in found] == ["best", "slow", "current", "orc", "part"]
