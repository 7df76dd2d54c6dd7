"""What lifecycle rules and locks go by of single objects: tags, legal holds and retention, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cloudscan.collection.run import collect
from cloudscan.estate import Estate
from cloudscan.model import NEVER_RETAINED, Answer, Coverage, Gap, MediaClass, Why
from cloudscan.provider import Facet, HeadRow, HeadWish, Scope
from cloudscan.retention import Ask, fate, groups
from cloudscan.testing import run_units
from cloudscan_aws import AwsProvider
from cloudscan_aws.demo.server import Endpoint
from cloudscan_aws.demo.wire import AwsError
from cloudscan_aws.permissions import actions

REGION = "eu-central-1"
OWN = "123456789012"
LATER = datetime(2099, 1, 2, 3, 4, 5, tzinfo=UTC)
LOCKS = {"s3:GetObjectLegalHold", "s3:GetObjectRetention"}
TAGS = {"s3:GetObjectTagging", "s3:GetObjectVersionTagging"}

Scopes = Callable[..., Scope]
Make = Callable[..., Any]


@pytest.fixture
def calls(client: Make, endpoint: Endpoint) -> Any:
    made = client("s3")
    made.create_bucket(
        Bucket="calls", CreateBucketConfiguration={"LocationConstraint": REGION}, ObjectLockEnabledForBucket=True
    )
    answer_retention(endpoint, {})
    return made


def answer_retention(endpoint: Endpoint, until: dict[str, datetime]) -> None:
    """Answer GetObjectRetention as S3 does: the emulator answers the object itself."""

    def answer(asked: Any) -> dict[str, Any]:
        if asked["Key"] not in until:
            raise AwsError("NoSuchObjectLockConfiguration", "The object has no lock configuration", status=404)
        return {"Retention": {"Mode": "GOVERNANCE", "RetainUntilDate": until[asked["Key"]]}}

    endpoint.answer("s3", "GetObjectRetention", answer)


def wish(key: str, *, version: str | None = None, tags: bool = False, lock: bool = False) -> HeadWish:
    return HeadWish("arn:aws:s3:::calls", OWN, REGION, key, version, 10, 0, tags=tags, lock=lock)


def look(scope: Scope, *wishes: HeadWish) -> tuple[list[HeadRow], list[Gap], Coverage]:
    records, _, heads = run_units(AwsProvider().heads(scope, wishes))
    (line,) = [record for record in records if isinstance(record, Coverage)]
    return heads, [record for record in records if isinstance(record, Gap)], line


def test_tags_are_read_where_they_are_wished(endpoint: Endpoint, calls: Any, scope: Scopes) -> None:
    calls.put_object(Bucket="calls", Key="a", Body=b"x", Tagging="kind=call&a=%3DA1")
    calls.put_object(Bucket="calls", Key="b", Body=b"x")
    rows, gaps, _ = look(scope(), wish("a", tags=True), wish("b", tags=True), wish("a"))
    assert [row.tags for row in rows] == ['{"a": "=A1", "kind": "call"}', "{}", None]
    assert gaps == []
    assert endpoint.requests["s3:GetObjectTagging"] == 2


def test_tags_of_a_version_are_those_of_the_version(calls: Any, scope: Scopes) -> None:
    old = calls.put_object(Bucket="calls", Key="a", Body=b"x", Tagging="kind=old")["VersionId"]
    calls.put_object(Bucket="calls", Key="a", Body=b"x", Tagging="kind=new")
    rows, _, _ = look(scope(), wish("a", version=old, tags=True), wish("a", tags=True))
    assert [json.loads(row.tags or "") for row in rows] == [{"kind": "old"}, {"kind": "new"}]


def test_holds_and_retention_that_the_head_tells_cost_no_request(endpoint: Endpoint, calls: Any, scope: Scopes) -> None:
    calls.put_object(
        Bucket="calls",
        Key="a",
        Body=b"x",
        ObjectLockMode="GOVERNANCE",
        ObjectLockRetainUntilDate=LATER,
        ObjectLockLegalHoldStatus="ON",
    )
    ((row,), _, _) = look(scope(), wish("a", lock=True))
    assert (row.held, row.retain_until) == (True, LATER)
    ((row,), _, _) = look(scope(), wish("a"))
    assert (row.held, row.retain_until) == (True, LATER)
    assert endpoint.requests["s3:GetObjectLegalHold"] == endpoint.requests["s3:GetObjectRetention"] == 0


def test_an_empty_head_proves_no_freedom_and_is_asked_about(endpoint: Endpoint, calls: Any, scope: Scopes) -> None:
    """S3 leaves the headers out where there is no lock, and where the caller may not see it."""
    for key in "ab":
        calls.put_object(Bucket="calls", Key=key, Body=b"x")

    def no_hold(_: Any) -> dict[str, Any]:
        raise AwsError("NoSuchObjectLockConfiguration", "The object has no lock configuration", status=404)

    endpoint.answer("s3", "GetObjectLegalHold", no_hold)
    answer_retention(endpoint, {"b": LATER})
    rows, gaps, line = look(scope(), wish("a", lock=True), wish("b", lock=True), wish("a"))
    assert [(row.held, row.retain_until) for row in rows] == [
        (False, NEVER_RETAINED),
        (False, LATER),
        (None, None),
    ]
    assert (gaps, line.asked, line.answered) == ([], 7, 7)


def test_a_hold_that_was_taken_off_is_none(calls: Any, scope: Scopes) -> None:
    calls.put_object(Bucket="calls", Key="a", Body=b"x")
    calls.put_object_legal_hold(Bucket="calls", Key="a", LegalHold={"Status": "ON"})
    ((row,), _, _) = look(scope(), wish("a", lock=True))
    assert row.held is True
    calls.put_object_legal_hold(Bucket="calls", Key="a", LegalHold={"Status": "OFF"})
    ((row,), _, _) = look(scope(), wish("a", lock=True))
    assert row.held is False


@pytest.mark.parametrize(
    ("operation", "permission", "versioned"),
    [
        ("GetObjectTagging", "s3:GetObjectTagging", False),
        ("GetObjectTagging", "s3:GetObjectVersionTagging", True),
        ("GetObjectLegalHold", "s3:GetObjectLegalHold", False),
        ("GetObjectRetention", "s3:GetObjectRetention", True),
    ],
)
def test_what_is_refused_is_asked_once_and_a_gap(
    endpoint: Endpoint, calls: Any, scope: Scopes, *, operation: str, permission: str, versioned: bool
) -> None:
    told = [calls.put_object(Bucket="calls", Key=key, Body=b"x")["VersionId"] for key in "abc"]
    endpoint.faults.add("deny", "s3", operation)
    wishes = [
        wish(key, version=version if versioned else None, tags=True, lock=True)
        for key, version in zip("abc", told, strict=True)
    ]
    rows, (gap,), _ = look(scope(), *wishes)
    assert len(rows) == 3
    assert (gap.why, gap.facet, gap.permission) == (Why.DENIED, Facet.HEADS, permission)
    assert gap.detail == "AccessDenied: 3 objects"
    assert endpoint.requests[f"s3:{operation}"] == 1
    fact = {"GetObjectTagging": "tags", "GetObjectLegalHold": "held", "GetObjectRetention": "retain_until"}[operation]
    assert {getattr(row, fact) for row in rows} == {None}


def test_the_role_may_read_them_with_heads_where_checks_ask_for_rules_and_locks() -> None:
    assert set(actions(frozenset({Facet.LIFECYCLE}), heads=True)) >= TAGS
    assert set(actions(frozenset({Facet.LOCK}), heads=True)) >= LOCKS
    assert (TAGS | LOCKS).isdisjoint(actions(frozenset(Facet), sniff=True))
    assert (TAGS | LOCKS).isdisjoint(actions(frozenset({Facet.OBJECTS}), heads=True))


def kept(estate: Estate, today: date) -> dict[str, tuple[Answer, Answer]]:
    """Return of each key whether it is ever deleted, and whether a lock delays that."""
    (bucket,) = estate.stores.values()
    found = {}
    for current in (True, False):
        for group in groups(estate, [bucket], MediaClass.SPEECH, ask=Ask(current))[bucket.id] if current else ():
            end = fate(group.life, group.rules, bucket, today)
            found[group.example] = end.ends, end.held
    return found


def test_a_rule_by_tag_is_exact_where_tags_were_read(
    endpoint: Endpoint, client: Make, scope: Scopes, tmp_path: Path
) -> None:
    made = client("s3")
    made.create_bucket(Bucket="calls", CreateBucketConfiguration={"LocationConstraint": REGION})
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Tag": {"Key": "k", "Value": "v"}}, "Expiration": {"Days": 9}}
    made.put_bucket_lifecycle_configuration(Bucket="calls", LifecycleConfiguration={"Rules": [rule]})
    made.put_object(Bucket="calls", Key="a.wav", Body=b"x" * 80, Tagging="k=v")
    made.put_object(Bucket="calls", Key="b.wav", Body=b"x" * 80)
    facets = (Facet.OBJECTS, Facet.HEADS, Facet.LIFECYCLE, Facet.VERSIONING)
    for heads, told in (
        (0, {"a.wav": (Answer.UNKNOWN, Answer.NO)}),
        (9, {"a.wav": (Answer.YES, Answer.NO), "b.wav": (Answer.NO, Answer.NO)}),
    ):
        collect([AwsProvider()], {"aws": scope(*facets, heads=heads)}, tmp_path / str(heads))
        assert kept(Estate.open(tmp_path / str(heads)), datetime.now(UTC).date()) == told


def test_locks_are_exact_where_they_were_read_old_versions_included(
    endpoint: Endpoint, calls: Any, scope: Scopes, tmp_path: Path
) -> None:
    rule = {
        "ID": "r",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
    }
    calls.put_bucket_lifecycle_configuration(Bucket="calls", LifecycleConfiguration={"Rules": [rule]})
    for _ in range(2):
        calls.put_object(Bucket="calls", Key="a.wav", Body=b"x" * 80)
        calls.put_object(Bucket="calls", Key="b.wav", Body=b"x" * 80, ObjectLockLegalHoldStatus="ON")
    facets = (Facet.OBJECTS, Facet.HEADS, Facet.LIFECYCLE, Facet.VERSIONING, Facet.LOCK)
    endpoint.answer("s3", "GetObjectLegalHold", {"LegalHold": {"Status": "OFF"}})
    for heads, told in (
        (0, {"a.wav": (Answer.UNKNOWN, Answer.UNKNOWN)}),
        (9, {"a.wav": (Answer.YES, Answer.NO), "b.wav": (Answer.NO, Answer.YES)}),
    ):
        folder = tmp_path / str(heads)
        collect([AwsProvider()], {"aws": scope(*facets, heads=heads, versions=True)}, folder)
        estate, today = Estate.open(folder), datetime.now(UTC).date() + timedelta(days=1)
        (bucket,) = estate.stores.values()
        found = {
            group.example: (end.ends, end.held)
            for group in groups(estate, [bucket], MediaClass.SPEECH, ask=Ask(current=False))[bucket.id]
            for end in [fate(group.life, group.rules, bucket, today)]
        }
        assert found == told


def test_tags_and_locks_are_read_again_in_a_second_collection(
    endpoint: Endpoint, calls: Any, scope: Scopes, tmp_path: Path
) -> None:
    """They change without the object: neither its ETag nor its date does."""
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Tag": {"Key": "k", "Value": "v"}}, "Expiration": {"Days": 9}}
    calls.put_bucket_lifecycle_configuration(Bucket="calls", LifecycleConfiguration={"Rules": [rule]})
    calls.put_object(Bucket="calls", Key="a.wav", Body=b"x" * 80, Tagging="k=v")
    wanted = scope(Facet.OBJECTS, Facet.HEADS, Facet.LIFECYCLE, Facet.VERSIONING, Facet.LOCK, heads=9)
    collect([AwsProvider()], {"aws": wanted}, tmp_path / "old")
    calls.delete_object_tagging(Bucket="calls", Key="a.wav")
    calls.put_object_legal_hold(Bucket="calls", Key="a.wav", LegalHold={"Status": "ON"})
    collect([AwsProvider()], {"aws": wanted}, tmp_path / "new", since=tmp_path / "old")
    rows = [
        list(Estate.open(tmp_path / name).objects.query("SELECT tags, held FROM objects ORDER BY key"))
        for name in ("old", "new")
    ]
    assert [row[0][0] for row in rows] == ['{"k": "v"}', "{}"]
    assert rows[1][0][1] is True
