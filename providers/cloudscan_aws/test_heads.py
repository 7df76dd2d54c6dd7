"""Heads of single objects, over HTTP."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest

from cloudscan.errors import CredentialsExpired
from cloudscan.model import Coverage, DurationMethod, Evidence, Gap, MediaClass, Why
from cloudscan.provider import Facet, HeadRow, HeadWish, Scope
from cloudscan.testing import run_units
from cloudscan_aws import AwsProvider
from cloudscan_aws.demo.server import Endpoint
from cloudscan_aws.demo.wire import AwsError
from cloudscan_aws.heads import read_head

REGION = "eu-central-1"
OWN = "123456789012"
WAV = b"RIFF" + struct.pack("<I", 36 + 16000) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
WAV += b"data" + struct.pack("<I", 16000) + b"\x80" * 16000

Scopes = Callable[..., Scope]
Make = Callable[..., Any]


@pytest.fixture
def calls(client: Make) -> Any:
    made = client("s3")
    made.create_bucket(Bucket="calls", CreateBucketConfiguration={"LocationConstraint": REGION})
    return made


def wish(
    key: str,
    *,
    size: int = 10,
    read: int = 0,
    version: str | None = None,
    acl: bool = False,
    tail: int = 0,
    store: str = "arn:aws:s3:::calls",
    account: str = OWN,
) -> HeadWish:
    return HeadWish(store, account, REGION, key, version, size, read, acl=acl, tail=tail)


def look(scope: Scope, *wishes: HeadWish) -> tuple[list[HeadRow], list[Gap], list[Coverage]]:
    records, _, heads = run_units(AwsProvider().heads(scope, wishes))
    return (
        heads,
        [record for record in records if isinstance(record, Gap)],
        [record for record in records if isinstance(record, Coverage)],
    )


def test_first_bytes_settle_class_and_length(calls: Any, scope: Scopes) -> None:
    calls.put_object(Bucket="calls", Key="r/0001", Body=WAV, ContentType="application/octet-stream")
    ((row,), gaps, _) = look(scope(), wish("r/0001", size=len(WAV), read=4096))
    assert (row.store, row.key, row.version) == ("arn:aws:s3:::calls", "r/0001", None)
    assert (row.media, row.format, row.settled_by) == (MediaClass.SPEECH, "wav", Evidence.SIGNATURE)
    assert (row.seconds, row.seconds_by) == (2.0, DurationMethod.HEADER)
    assert (row.content_type, gaps) == ("application/octet-stream", [])
    assert row.etag


def test_head_alone_reads_no_byte(endpoint: Endpoint, calls: Any, scope: Scopes) -> None:
    calls.put_object(Bucket="calls", Key="r/0001", Body=WAV, ContentType="audio/wav")
    ((row,), _, _) = look(scope(), wish("r/0001"))
    assert (row.media, row.settled_by) == (MediaClass.SPEECH, Evidence.CONTENT_TYPE)
    assert (endpoint.requests["s3:HeadObject"], endpoint.requests["s3:GetObject"]) == (1, 0)


def test_empty_object_is_not_read(endpoint: Endpoint, calls: Any, scope: Scopes) -> None:
    calls.put_object(Bucket="calls", Key="r/0001", Body=b"")
    ((row,), gaps, _) = look(scope(), wish("r/0001", size=0, read=4096))
    assert (row.media, gaps) == (MediaClass.OTHER, [])
    assert endpoint.requests["s3:GetObject"] == 0


def test_old_version_is_looked_at_by_its_id(calls: Any, scope: Scopes) -> None:
    calls.put_bucket_versioning(Bucket="calls", VersioningConfiguration={"Status": "Enabled"})
    old = calls.put_object(Bucket="calls", Key="a", Body=WAV)["VersionId"]
    calls.put_object(Bucket="calls", Key="a", Body=b"{}")
    ((row,), _, _) = look(scope(), wish("a", size=len(WAV), read=4096, version=old))
    assert (row.version, row.format) == (old, "wav")


def test_encryption_of_each_object_is_told(calls: Any, client: Make, scope: Scopes) -> None:
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    calls.put_object(Bucket="calls", Key="a.wav", Body=WAV, ServerSideEncryption="AES256")
    calls.put_object(Bucket="calls", Key="b.wav", Body=WAV, ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    calls.put_object(Bucket="calls", Key="c.wav", Body=WAV)
    rows, _, _ = look(scope(), wish("a.wav"), wish("b.wav"), wish("c.wav"))
    assert [(row.encryption_mode, row.key_id) for row in rows] == [
        ("provider", None),
        ("customer", key),
        ("none", None),
    ]


def test_keys_of_every_kind_can_be_looked_at(calls: Any, scope: Scopes) -> None:
    keys = ["=cmd()", "a b+c%41.wav", "a\u202egpj.wav", "calls//x", "../up", "?versionId=1", "#x"]
    for key in keys:
        calls.put_object(Bucket="calls", Key=key, Body=WAV)
    rows, gaps, _ = look(scope(), *(wish(key, size=len(WAV), read=64) for key in keys))
    assert ([row.key for row in rows], gaps) == (keys, [])


def test_first_denial_ends_the_looks_at_a_bucket(endpoint: Endpoint, calls: Any, scope: Scopes) -> None:
    for key in "abc":
        calls.put_object(Bucket="calls", Key=key, Body=WAV)
    endpoint.faults.add("deny", "s3", "GetObject", after=1)
    rows, gaps, (coverage,) = look(scope(), *(wish(key, size=len(WAV), read=64) for key in "abc"))
    assert [row.key for row in rows] == ["a"]
    assert [(gap.why, gap.resource, gap.detail, gap.permission) for gap in gaps] == [
        (Why.DENIED, "arn:aws:s3:::calls", "AccessDenied: 2 objects", "s3:GetObject")
    ]
    assert endpoint.requests["s3:GetObject"] == 2
    assert (coverage.asked, coverage.answered) == (3, 1)


def test_denied_bytes_do_not_end_the_heads(endpoint: Endpoint, calls: Any, scope: Scopes) -> None:
    calls.put_object(Bucket="calls", Key="a", Body=WAV)
    endpoint.faults.add("deny", "s3", "GetObject")
    rows, gaps, _ = look(scope(), wish("a", size=len(WAV), read=64), wish("a"))
    assert (len(rows), len(gaps)) == (1, 1)


def test_denial_in_one_bucket_leaves_the_others_alone(endpoint: Endpoint, calls: Any, scope: Scopes) -> None:
    calls.create_bucket(Bucket="open", CreateBucketConfiguration={"LocationConstraint": REGION})
    calls.put_object(Bucket="open", Key="a", Body=WAV)
    endpoint.faults.add("deny", "s3", "HeadObject", containing="/calls/")
    rows, gaps, _ = look(scope(), wish("a"), wish("a", store="arn:aws:s3:::open"))
    assert ([row.store for row in rows], len(gaps)) == (["arn:aws:s3:::open"], 1)


def test_throttled_and_vanished_objects_are_counted_and_the_rest_goes_on(
    endpoint: Endpoint, calls: Any, scope: Scopes
) -> None:
    calls.put_object(Bucket="calls", Key="c", Body=WAV)
    endpoint.faults.add("throttle", "s3", "HeadObject", first=1)
    rows, gaps, _ = look(scope(), wish("a"), wish("b"), wish("c"))
    assert [row.key for row in rows] == ["c"]
    assert {gap.why for gap in gaps} == {Why.THROTTLED, Why.VANISHED}


def test_archived_object_is_no_denial(endpoint: Endpoint, calls: Any, scope: Scopes) -> None:
    calls.put_object(Bucket="calls", Key="cold", Body=WAV, StorageClass="GLACIER")
    calls.put_object(Bucket="calls", Key="warm", Body=WAV)
    wishes = (wish(key, size=len(WAV), read=64) for key in ("cold", "warm"))
    rows, gaps, _ = look(scope(), *wishes)
    assert [row.key for row in rows] == ["warm"]
    assert [(gap.why, gap.detail) for gap in gaps] == [(Why.UNSUPPORTED, "InvalidObjectState: 1 objects")]


@pytest.mark.parametrize("read", [0, 64])
def test_credentials_that_expire_stop_the_unit(endpoint: Endpoint, calls: Any, scope: Scopes, read: int) -> None:
    calls.put_object(Bucket="calls", Key="a", Body=WAV)
    units = AwsProvider().heads(scope(), [wish("a", size=len(WAV), read=read)])
    endpoint.faults.add("expired-token")
    with pytest.raises(CredentialsExpired):
        run_units(units)


def test_object_that_needs_its_own_key_is_a_gap(endpoint: Endpoint, calls: Any, scope: Scopes) -> None:
    def refuse(_: Any) -> dict[str, Any]:
        raise AwsError("InvalidRequest", "The correct parameters must be provided.", status=400)

    endpoint.answer("s3", "HeadObject", refuse)
    rows, gaps, _ = look(scope(), wish("a"), wish("b"))
    assert rows == []
    assert [(gap.why, gap.detail) for gap in gaps] == [(Why.ERROR, "400: 2 objects")]


def test_account_that_cannot_be_entered_is_a_gap(endpoint: Endpoint, scope: Scopes) -> None:
    endpoint.faults.add("deny", "sts", "AssumeRole")
    rows, gaps, _ = look(scope(options={"role-name": "scan"}), wish("a", account="222222222222"))
    assert rows == []
    assert [(gap.why, gap.account, gap.permission) for gap in gaps] == [(Why.DENIED, "222222222222", "sts:AssumeRole")]


def test_no_wish_asks_nothing(endpoint: Endpoint, scope: Scopes) -> None:
    assert look(scope()) == ([], [], [])
    assert endpoint.requests.total() == 0


def test_true_size_of_a_part_is_that_of_the_whole() -> None:
    row = read_head(
        wish("a", size=1, read=64), {"ContentRange": f"bytes 0-63/{len(WAV)}", "ContentLength": 64, "Head": WAV[:64]}
    )
    assert row.seconds == 2.0


@pytest.mark.parametrize(
    ("status", "awaits"), [("PENDING", True), ("FAILED", True), ("COMPLETED", False), ("REPLICA", False), (None, False)]
)
def test_head_tells_whether_an_object_waits_to_be_replicated(status: str | None, *, awaits: bool) -> None:
    told = {"ContentLength": 1} | ({"ReplicationStatus": status} if status else {})
    assert read_head(wish("a", size=1), told).awaits_copy is awaits


def test_look_at_a_name_that_says_little_keeps_what_its_neighbours_tell() -> None:
    noise = {"Head": bytes(range(128, 256)) * 8, "ContentLength": 1024}
    alone = wish("calls/1.raw", size=1024, read=4096)
    assert read_head(alone, noise).media == MediaClass.UNSETTLED
    beside = read_head(replace(alone, neighbours=("calls/2.wav",)), noise)
    assert (beside.media, beside.settled_by) == (MediaClass.SPEECH, Evidence.SUSPICION)


def test_no_more_is_read_than_was_wished(calls: Any, scope: Scopes) -> None:
    calls.put_object(Bucket="calls", Key="a", Body=WAV)
    ((row,), _, _) = look(scope(), wish("a", size=len(WAV), read=1))
    assert row.settled_by != Evidence.SIGNATURE


def test_list_of_an_object_is_read_where_it_is_wished(endpoint: Endpoint, calls: Any, scope: Scopes) -> None:
    calls.put_object(Bucket="calls", Key="a", Body=WAV, ACL="public-read")
    calls.put_object(Bucket="calls", Key="b", Body=WAV)
    owner = calls.get_object_acl(Bucket="calls", Key="a")["Owner"]["ID"]
    rows, gaps, _ = look(scope(), wish("a", acl=True), wish("a", size=len(WAV), read=64, acl=True), wish("b"))
    told = json.dumps(sorted([["anyone", "READ"], [owner, "FULL_CONTROL"]]), separators=(",", ":"))
    assert ([row.acl for row in rows], gaps) == ([told, told, None], [])
    assert endpoint.requests["s3:GetObjectAcl"] == 3  # one of them is ours


def test_list_of_a_version_is_that_of_the_version(calls: Any, scope: Scopes) -> None:
    calls.put_bucket_versioning(Bucket="calls", VersioningConfiguration={"Status": "Enabled"})
    old = calls.put_object(Bucket="calls", Key="a", Body=WAV, ACL="public-read")["VersionId"]
    calls.put_object(Bucket="calls", Key="a", Body=WAV)
    rows, _, _ = look(scope(), wish("a", version=old, acl=True), wish("a", acl=True))
    assert ["anyone" in (row.acl or "") for row in rows] == [True, False]


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])
@pytest.mark.parametrize(("versioned", "permission"), [(False, "s3:GetObjectAcl"), (True, "s3:GetObjectVersionAcl")])
def test_refused_lists_are_a_gap_and_the_heads_stay(
    endpoint: Endpoint, calls: Any, scope: Scopes, *, versioned: bool, permission: str, kind: Any, why: Why
) -> None:
    if versioned:
        calls.put_bucket_versioning(Bucket="calls", VersioningConfiguration={"Status": "Enabled"})
    version = calls.put_object(Bucket="calls", Key="a", Body=WAV).get("VersionId")
    endpoint.faults.add(kind, "s3", "GetObjectAcl")
    rows, (gap,), (line,) = look(scope(), *[wish("a", version=version, acl=True)] * 3)
    assert [(row.key, row.encryption_mode is None, row.acl) for row in rows] == [("a", False, None)] * 3
    assert (gap.facet, gap.resource, gap.why, gap.permission) == (Facet.HEADS, "arn:aws:s3:::calls", why, permission)
    assert gap.detail.endswith(": 3 objects")
    assert (line.asked, line.answered) == (6, 3)
    assert endpoint.requests["s3:GetObjectAcl"] == (1 if kind == "deny" else 3)


LONG = json.dumps(
    {
        "text": "please hold " * 900,
        "segments": [{"id": 0, "seek": 0, "tokens": [1], "avg_logprob": -0.3, "no_speech_prob": 0.1}],
        "language": "en",
    }
).encode()


def test_end_is_read_where_the_head_leaves_open_what_it_is(endpoint: Endpoint, calls: Any, scope: Scopes) -> None:
    calls.put_object(Bucket="calls", Key="a.json", Body=LONG)
    ((row,), gaps, _) = look(scope(), wish("a.json", size=len(LONG), read=4096, tail=4096))
    assert (row.media, row.format, row.producer) == (MediaClass.TRANSCRIPT, "whisper-json", "whisper")
    assert (row.looked, gaps, endpoint.requests["s3:GetObject"]) == (8192, [], 2)


def test_tracks_behind_the_samples_are_read_where_they_begin(endpoint: Endpoint, calls: Any, scope: Scopes) -> None:
    clip = (files("cloudscan") / "demo" / "clips" / "invoice-moov-last.m4a").read_bytes()
    calls.put_object(Bucket="calls", Key="a.mp4", Body=clip)
    ((row,), gaps, _) = look(scope(), wish("a.mp4", size=len(clip), read=64, tail=1024))
    assert (row.media, row.format, row.settled_by) == (MediaClass.SPEECH, "m4a", Evidence.SIGNATURE)
    assert (row.seconds_by, gaps) == (DurationMethod.HEADER, [])
    assert row.looked == 64 + len(clip) - clip.index(b"moov") + 4
    assert endpoint.requests["s3:GetObject"] == 2


@pytest.mark.parametrize(("name", "sound"), [("agent-screen.mp4", True), ("silent-screen.mp4", False)])
def test_video_says_whether_it_has_sound(calls: Any, scope: Scopes, name: str, sound: bool) -> None:
    clip = (files("cloudscan") / "demo" / "clips" / name).read_bytes()
    calls.put_object(Bucket="calls", Key=name, Body=clip)
    ((row,), _, _) = look(scope(), wish(name, size=len(clip), read=4096))
    assert (row.media, row.sound) == (MediaClass.VIDEO, sound)


def test_end_is_not_read_unless_wished_or_where_it_cannot_tell(endpoint: Endpoint, calls: Any, scope: Scopes) -> None:
    calls.put_object(Bucket="calls", Key="a.json", Body=LONG)
    calls.put_object(Bucket="calls", Key="b.json", Body=b'{"name": "' + b"x" * 9000 + b'"}')
    rows, _, _ = look(
        scope(), wish("a.json", size=len(LONG), read=4096), wish("b.json", size=9012, read=4096, tail=4096)
    )
    assert [(row.media, row.looked) for row in rows] == [(MediaClass.UNSETTLED, 4096)] * 2
    assert endpoint.requests["s3:GetObject"] == 2


def test_job_that_a_transcript_names_is_told(calls: Any, scope: Scopes) -> None:
    body = json.dumps(
        {"jobName": "call-1", "accountId": OWN, "results": {"transcripts": [{"transcript": "zebrafinch"}]}}
    )
    calls.put_object(Bucket="calls", Key="a.json", Body=body.encode())
    ((row,), _, _) = look(scope(), wish("a.json", size=len(body), read=4096))
    assert (row.producer, row.told) == ("amazon-transcribe", '{"job": "call-1"}')
    assert "zebrafinch" not in repr(row)


def test_recording_that_a_transcript_names_is_told_as_records_name_it(calls: Any, scope: Scopes) -> None:
    body = json.dumps(
        {
            "source": "https://calls.s3.eu-central-1.amazonaws.com/in/a%20b.wav?X-Amz-Signature=1",
            "durationInTicks": 10_000_000,
            "combinedRecognizedPhrases": [],
        }
    )
    calls.put_object(Bucket="calls", Key="a.json", Body=body.encode())
    ((row,), _, _) = look(scope(), wish("a.json", size=len(body), read=4096))
    assert json.loads(row.told or "") == {"seconds": 1.0, "sources": ["arn:aws:s3:::calls/in/a b.wav"]}
