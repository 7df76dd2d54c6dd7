"""The objects of a bucket, over HTTP, and their classes by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudscan.audio import UNSURE_EXTENSIONS, recognise
from cloudscan.errors import CredentialsExpired
from cloudscan.model import Coverage, Evidence, Gap, MediaClass, MediaObject, Why
from cloudscan.provider import Facet
from cloudscan.testing import run_units
from cloudscan_aws import s3
from cloudscan_aws.accounts import AccountScope, Bucket
from cloudscan_aws.demo.server import Endpoint

REGION = "eu-central-1"
CALLS = Bucket("calls", REGION)
HOSTILE = ["=cmd()", "<b>.wav", "a\u202egpj.wav", "\u200b", "calls//x.wav", "a b+c%41.wav", "e\u0301.mp3"]
EXTENSIONS = ["wav", "WAV", "mp3", "mp4", "json", "txt", "vtt", "srt", "ts", "gz", "001", "", *UNSURE_EXTENSIONS]

Accounts = Callable[..., AccountScope]
Make = Callable[..., Any]


@pytest.fixture
def calls(client: Make) -> Any:
    made = client("s3")
    made.create_bucket(Bucket="calls", CreateBucketConfiguration={"LocationConstraint": REGION})
    return made


def collect(account: AccountScope) -> tuple[list[Any], list[MediaObject]]:
    records, rows, _ = run_units(list(s3.units(account)))
    return records, rows


def gaps(records: list[Any]) -> list[Gap]:
    return [record for record in records if isinstance(record, Gap)]


def coverage(records: list[Any]) -> Coverage:
    (line,) = [record for record in records if isinstance(record, Coverage) and record.facet == Facet.OBJECTS]
    return line


def test_object_is_a_row_with_what_its_listing_told(endpoint: Endpoint, calls: Any, account: Accounts) -> None:
    calls.put_object(Bucket="calls", Key="a/b.wav", Body=b"x" * 8000, StorageClass="STANDARD_IA")
    endpoint.set_last_modified("calls", "a/b.wav", datetime(2024, 2, 3, tzinfo=UTC))
    _, (row,) = collect(account(Facet.OBJECTS, buckets=(CALLS,)))
    assert (row.store, row.key, row.version, row.current) == ("arn:aws:s3:::calls", "a/b.wav", None, True)
    assert (row.size, row.tier, row.modified) == (8000, "STANDARD_IA", datetime(2024, 2, 3, tzinfo=UTC))
    assert (row.media, row.format, row.settled_by) == (MediaClass.SPEECH, "wav", Evidence.NAME)
    assert row.seconds == recognise("b.wav", content_type=None, size=8000, head=None).seconds
    assert (row.content_type, row.encryption_mode, row.key_id) == (None, None, None)


def test_common_name_beside_a_recording_is_a_suspicion(calls: Any, account: Accounts) -> None:
    for key in ("a/b.wav", "a/c.raw", "a/d/e.raw", "f.raw", "g.bin", "g.wav"):
        calls.put_object(Bucket="calls", Key=key, Body=b"x" * 80)
    _, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,)))
    by_key = {row.key: (row.media, row.settled_by) for row in rows}
    assert by_key["a/c.raw"] == by_key["f.raw"] == (MediaClass.SPEECH, Evidence.SUSPICION)
    assert by_key["a/d/e.raw"] == by_key["g.bin"] == (MediaClass.UNSETTLED, Evidence.NONE)


def test_owners_are_asked_for_where_lists_of_access_matter(endpoint: Endpoint, calls: Any, account: Accounts) -> None:
    calls.put_object(Bucket="calls", Key="theirs.wav", Body=b"x")
    endpoint.set_object_owner("calls", "theirs.wav", "f" * 64)
    _, (row,) = collect(account(Facet.OBJECTS, buckets=(CALLS,)))
    assert row.owner is None
    _, (row,) = collect(account(Facet.OBJECTS, Facet.ACL, buckets=(CALLS,)))
    assert row.owner == "f" * 64


def test_objects_belong_to_the_owner_who_owns_everything(endpoint: Endpoint, calls: Any, account: Accounts) -> None:
    calls.put_bucket_ownership_controls(
        Bucket="calls", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    calls.put_object(Bucket="calls", Key="ours.wav", Body=b"x")
    _, (row,) = collect(account(Facet.OBJECTS, Facet.ACL, buckets=(Bucket("calls", REGION, owner="e" * 64),)))
    assert row.owner == "e" * 64


def test_hostile_keys_arrive_as_they_are(calls: Any, account: Accounts) -> None:
    for key in HOSTILE:
        calls.put_object(Bucket="calls", Key=key, Body=b"x")
    records, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,)))
    assert sorted(row.key for row in rows) == sorted(HOSTILE)
    assert gaps(records) == []


def test_keys_with_control_characters_arrive_as_they_are(endpoint: Endpoint, calls: Any, account: Accounts) -> None:
    keys = ["a\x00.wav", "a\nb.wav", "a\r\x1b[31m.wav"]

    def list_objects(_: Mapping[str, Any]) -> dict[str, Any]:
        encoded = ["a%00.wav", "a%0Ab.wav", "a%0D%1B%5B31m.wav"]
        return {"EncodingType": "url", "IsTruncated": False, "Contents": [{"Key": key, "Size": 1} for key in encoded]}

    endpoint.answer("s3", "ListObjectsV2", list_objects)
    _, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,)))
    assert [row.key for row in rows] == keys


def test_all_pages_come(calls: Any, account: Accounts) -> None:
    for number in range(1005):
        calls.put_object(Bucket="calls", Key=f"{number:05}.wav", Body=b"")
    records, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,)))
    assert sorted(row.key for row in rows) == [f"{number:05}.wav" for number in range(1005)]
    assert (coverage(records).asked, coverage(records).answered, coverage(records).limited) == (1, 1, 0)


def test_limit_of_the_user_is_a_gap_of_its_own_kind(calls: Any, account: Accounts) -> None:
    for key in "abc":
        calls.put_object(Bucket="calls", Key=key, Body=b"x")
    records, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,), max_objects=2))
    assert [row.key for row in rows] == ["a", "b"]
    assert [(gap.why, gap.resource) for gap in gaps(records)] == [(Why.LIMIT, "arn:aws:s3:::calls")]
    assert (coverage(records).asked, coverage(records).answered, coverage(records).limited) == (1, 1, 1)


def test_limit_that_cuts_nothing_is_no_gap(calls: Any, account: Accounts) -> None:
    for key in "ab":
        calls.put_object(Bucket="calls", Key=key, Body=b"x")
    records, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,), max_objects=2))
    assert (len(rows), gaps(records), coverage(records).limited) == (2, [], 0)


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])
def test_list_without_an_answer_is_a_gap(
    endpoint: Endpoint, calls: Any, account: Accounts, kind: Any, why: Why
) -> None:
    endpoint.faults.add(kind, "s3", "ListObjectsV2")
    records, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,)))
    assert rows == []
    assert [(gap.why, gap.operation, gap.permission) for gap in gaps(records)] == [
        (why, "s3:ListObjectsV2", "s3:ListBucket")
    ]
    assert (coverage(records).asked, coverage(records).answered) == (1, 0)


def test_list_that_breaks_off_keeps_what_came_and_says_so(endpoint: Endpoint, calls: Any, account: Accounts) -> None:
    for number in range(1001):
        calls.put_object(Bucket="calls", Key=f"{number:05}.wav", Body=b"")
    endpoint.faults.add("throttle", "s3", "ListObjectsV2", after=1)
    records, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,)))
    assert len(rows) == 1000
    assert [gap.why for gap in gaps(records)] == [Why.THROTTLED]


def test_bucket_deleted_before_its_objects_were_listed_is_a_gap(
    endpoint: Endpoint, calls: Any, account: Accounts
) -> None:
    endpoint.faults.add("vanish", "s3", "ListObjectsV2")
    records, _ = collect(account(Facet.OBJECTS, buckets=(CALLS,)))
    assert [gap.why for gap in gaps(records)] == [Why.VANISHED]


def test_credentials_that_expire_during_the_list_stop_the_unit(
    endpoint: Endpoint, calls: Any, account: Accounts
) -> None:
    endpoint.faults.add("expired-token", "s3", "ListObjectsV2")
    with pytest.raises(CredentialsExpired):
        collect(account(Facet.OBJECTS, buckets=(CALLS,)))


def versioned(calls: Any) -> None:
    calls.put_bucket_versioning(Bucket="calls", VersioningConfiguration={"Status": "Enabled"})
    calls.put_object(Bucket="calls", Key="a.wav", Body=b"one")
    calls.put_object(Bucket="calls", Key="a.wav", Body=b"three")
    calls.put_object(Bucket="calls", Key="b.wav", Body=b"x")
    calls.delete_object(Bucket="calls", Key="b.wav")


def test_old_versions_and_delete_markers_come_when_asked_for(calls: Any, account: Accounts) -> None:
    versioned(calls)
    _, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,), versions=True))
    assert sorted((row.key, row.size, row.current, row.delete_marker) for row in rows) == [
        ("a.wav", 3, False, False),
        ("a.wav", 5, True, False),
        ("b.wav", 0, True, True),
        ("b.wav", 1, False, False),
    ]
    assert all(row.version for row in rows)
    assert {row.media for row in rows if row.delete_marker} == {MediaClass.OTHER}


def test_old_versions_do_not_come_unasked(calls: Any, account: Accounts) -> None:
    versioned(calls)
    _, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,)))
    assert [(row.key, row.size, row.version) for row in rows] == [("a.wav", 5, None)]


def test_current_objects_are_listed_where_old_versions_are_refused(
    endpoint: Endpoint, calls: Any, account: Accounts
) -> None:
    versioned(calls)
    endpoint.faults.add("deny", "s3", "ListObjectVersions")
    records, rows = collect(account(Facet.OBJECTS, buckets=(CALLS,), versions=True))
    assert [row.key for row in rows] == ["a.wav"]
    assert [gap.permission for gap in gaps(records)] == ["s3:ListBucketVersions"]
    assert (coverage(records).asked, coverage(records).answered) == (2, 1)


def test_bucket_known_to_keep_no_versions_is_not_asked_for_them(
    endpoint: Endpoint, calls: Any, account: Accounts
) -> None:
    collect(account(Facet.OBJECTS, Facet.VERSIONING, buckets=(CALLS,), versions=True))
    assert endpoint.requests["s3:ListObjectVersions"] == 0
