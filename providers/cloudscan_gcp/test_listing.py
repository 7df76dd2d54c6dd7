"""Objects of a bucket as their listing gives them: Google's client against its wire formats, and an emulator."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cloudscan.demo import clip
from cloudscan.model import (
    NEVER_DATED,
    NEVER_RETAINED,
    Answer,
    Coverage,
    DurationMethod,
    Evidence,
    Gap,
    MediaClass,
    MediaObject,
    Store,
    Why,
)
from cloudscan.provider import Collected, Facet, ObjectRows
from cloudscan_gcp import buckets
from cloudscan_gcp.accounts import Bucket, ProjectScope
from cloudscan_gcp.standin.server import Endpoint
from cloudscan_gcp.test_buckets import FINE, PLAIN

Projects = Callable[..., ProjectScope]
KEY = "projects/acme-calls/locations/eu/keyRings/calls/cryptoKeys/recordings"
AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def told(name: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "storage#object",
        "bucket": "calls",
        "name": name,
        "generation": "17",
        "metageneration": "2",
        "size": "16044",
        "timeCreated": "2026-03-04T05:06:07Z",
        "updated": "2026-09-04T05:06:07Z",
        "storageClass": "STANDARD",
        "contentType": "audio/wav",
        "etag": "CBEQAg==",
        **more,
    }


def collected(project: ProjectScope, bucket: dict[str, Any] = PLAIN) -> list[Collected]:
    return list(buckets.collect(project, Bucket("calls", bucket)))


def rows(items: list[Collected]) -> list[MediaObject]:
    return [row for item in items if isinstance(item, ObjectRows) for row in item.rows]


def of(items: list[Collected], kind: type) -> list[Any]:
    return [item for item in items if isinstance(item, kind)]


def test_an_object_is_told_whole_by_its_listing(google: Endpoint, project: Projects) -> None:
    google.pages(
        "/storage/v1/b/calls/o",
        [
            told(
                "2026/a.wav",
                kmsKeyName=f"{KEY}/cryptoKeyVersions/3",
                eventBasedHold=True,
                retentionExpirationTime="2026-04-04T05:06:07Z",
                retention={"mode": "Unlocked", "retainUntilTime": "2027-04-04T05:06:07Z"},
                customTime="2026-01-01T00:00:00Z",
            )
        ],
    )
    (row,) = rows(collected(project(Facet.OBJECTS)))
    assert row == MediaObject(
        store="gs://calls",
        key="2026/a.wav",
        version="17",
        size=16044,
        modified=AT,
        tier="STANDARD",
        etag="17/2",
        content_type="audio/wav",
        media=MediaClass.SPEECH,
        format="wav",
        settled_by=Evidence.CONTENT_TYPE,
        seconds=row.seconds,
        seconds_by=DurationMethod.TYPICAL_RATE,
        encryption_mode="customer",
        key_id=KEY,
        held=True,
        retain_until=datetime(2027, 4, 4, 5, 6, 7, tzinfo=UTC),
        custom_time=datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert row.seconds


def test_an_object_that_nothing_keeps_says_so(google: Endpoint, project: Projects) -> None:
    google.pages("/storage/v1/b/calls/o", [told("a.wav"), told("b.wav", customTime="2026-13-45T00:00:00Z")])
    row, unread = rows(collected(project(Facet.OBJECTS)))
    assert (row.held, row.retain_until, row.custom_time) == (False, NEVER_RETAINED, NEVER_DATED)
    assert unread.custom_time is None


@pytest.mark.parametrize(
    ("more", "mode"),
    [
        ({}, "provider"),
        ({"kmsKeyName": f"{KEY}/cryptoKeyVersions/1"}, "customer"),
        ({"customerEncryption": {"encryptionAlgorithm": "AES256", "keySha256": "abc="}}, "customer-supplied"),
    ],
)
def test_how_an_object_is_encrypted(google: Endpoint, project: Projects, more: dict[str, Any], mode: str) -> None:
    google.pages("/storage/v1/b/calls/o", [told("a.wav", **more)])
    assert [row.encryption_mode for row in rows(collected(project(Facet.OBJECTS)))] == [mode]


def test_pages_follow_one_another_and_are_passed_on_as_they_come(google: Endpoint, project: Projects) -> None:
    google.pages("/storage/v1/b/calls/o", [told(f"{number}.wav") for number in range(2500)])
    unit = buckets.collect(project(Facet.OBJECTS), Bucket("calls", PLAIN))
    asked = [google.requests["storage.objects.list"] for item in unit if isinstance(item, ObjectRows)]
    assert asked == [1, 2, 3]


def test_old_versions_are_rows_of_their_own(google: Endpoint, project: Projects) -> None:
    old = told("a.wav", generation="16", timeDeleted="2026-03-04T05:06:07Z")
    google.pages("/storage/v1/b/calls/o", [old, told("a.wav")], versions="True")
    found = rows(collected(project(Facet.OBJECTS, versions=True)))
    assert [(row.version, row.current, row.noncurrent_since) for row in found] == [
        ("16", False, AT),
        ("17", True, None),
    ]


def test_what_was_deleted_and_can_be_got_back_is_a_list_of_its_own(google: Endpoint, project: Projects) -> None:
    gone = told("gone.wav", softDeleteTime="2026-03-04T05:06:07Z", hardDeleteTime="2026-03-11T05:06:07Z")
    google.pages("/storage/v1/b/calls/o", [told("a.wav")], versions="True")
    google.pages("/storage/v1/b/calls/o", [gone], softDeleted="True")
    found = rows(collected(project(Facet.OBJECTS, Facet.DELETED, versions=True)))
    assert [(row.key, row.current, row.restorable_until) for row in found] == [
        ("a.wav", True, None),
        ("gone.wav", False, AT + timedelta(days=7)),
    ]
    assert found[1].noncurrent_since == AT


def test_what_was_deleted_before_soft_delete_was_switched_off_is_asked_for(google: Endpoint, project: Projects) -> None:
    gone = told("gone.wav", softDeleteTime="2026-03-04T05:06:07Z", hardDeleteTime="2026-06-02T05:06:07Z")
    google.pages("/storage/v1/b/calls/o", [gone], softDeleted="True")
    off = {"retentionDurationSeconds": "0", "effectiveTime": "2026-03-05T05:06:07Z"}
    items = collected(project(Facet.DELETED), PLAIN | {"softDeletePolicy": off})
    (store,) = of(items, Store)
    assert (store.soft_delete_days, store.keeps_deleted) == (0, Answer.UNKNOWN)
    assert [row.restorable_until for row in rows(items)] == [AT + timedelta(days=90)]


def test_while_hard_deletions_are_paused_nobody_knows_until_when_what_was_deleted_stays(
    google: Endpoint, project: Projects
) -> None:
    google.pages("/storage/v1/b/calls/o", [], softDeleted="True")
    policy = {"retentionDurationSeconds": "604800", "hardDeletePause": {"enabled": True}}
    (gap,) = of(collected(project(Facet.DELETED), PLAIN | {"softDeletePolicy": policy}), Gap)
    assert (gap.facet, gap.resource, gap.why) == (Facet.DELETED, "gs://calls", Why.UNSUPPORTED)
    assert gap.detail == "hard deletions are paused: what was deleted stays beyond the day that is told"
    paused = {**policy, "hardDeletePause": {"enabled": False}}
    assert of(collected(project(Facet.DELETED), PLAIN | {"softDeletePolicy": paused}), Gap) == []


def test_a_limit_leaves_a_gap_only_where_it_cut(google: Endpoint, project: Projects) -> None:
    google.pages("/storage/v1/b/calls/o", [told(f"{number}.wav") for number in range(5)])
    cut = collected(project(Facet.OBJECTS, max_objects=3))
    assert len(rows(cut)) == 3
    assert [(gap.why, gap.detail) for gap in of(cut, Gap)] == [(Why.LIMIT, "no more were asked for than 3 objects")]
    assert [(each.asked, each.answered, each.limited) for each in of(cut, Coverage)] == [(1, 1, 1)]
    whole = collected(project(Facet.OBJECTS, max_objects=5))
    assert (len(rows(whole)), of(whole, Gap)) == (5, [])


def test_lists_and_owners_come_with_the_objects_where_they_count(google: Endpoint, project: Projects) -> None:
    acl = [{"entity": "allUsers", "role": "READER"}, {"entity": "user-ann@example.com", "role": "OWNER"}]
    item = told("a.wav", acl=acl, owner={"entity": "user-ann@example.com"})
    google.pages("/storage/v1/b/calls/o", [item], projection="full")
    google.pages("/storage/v1/b/calls/o", [told("a.wav")], projection="noAcl")
    (row,) = rows(collected(project(Facet.OBJECTS, Facet.ACL), FINE))
    assert json.loads(row.acl or "") == [["anyone", "READER"], ["user:ann@example.com", "OWNER"]]
    assert row.owner == "user:ann@example.com"
    (bare,) = rows(collected(project(Facet.OBJECTS, Facet.ACL), PLAIN))
    assert (bare.acl, bare.owner) == (None, None)
    (one,) = rows(collected(project(Facet.OBJECTS, Facet.ACL), FINE | {"acl": []}))
    assert one.acl is not None  # a list of the bucket that is empty says nothing of those of its objects


def test_objects_that_come_without_their_lists_are_a_gap(google: Endpoint, project: Projects) -> None:
    google.pages("/storage/v1/b/calls/o", [told("a.wav"), told("b.wav")], projection="full")
    items = collected(project(Facet.OBJECTS, Facet.ACL), FINE)
    (gap,) = of(items, Gap)
    assert (gap.facet, gap.why, gap.permission) == (Facet.ACL, Why.DENIED, "storage.objects.getIamPolicy")
    assert gap.detail == "2 objects came without their access control lists"


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("denied", Why.DENIED),
        ("disabled", Why.DISABLED),
        ("quota", Why.THROTTLED),
        ("vanished", Why.VANISHED),
        ("unavailable", Why.ERROR),
        ("malformed", Why.MALFORMED),
    ],
)
def test_a_list_that_ends_early_is_a_gap_behind_what_came(
    google: Endpoint, project: Projects, fault: Any, why: Why
) -> None:
    google.pages("/storage/v1/b/calls/o", [told(f"{number}.wav") for number in range(1500)])
    google.faults.add(fault, "storage.objects.list", after=1)
    items = collected(project(Facet.OBJECTS))
    assert len(rows(items)) == 1000
    (gap,) = of(items, Gap)
    assert (gap.facet, gap.why, gap.resource, gap.permission) == (
        Facet.OBJECTS,
        why,
        "gs://calls",
        "storage.objects.list",
    )


@pytest.mark.parametrize("answer", [{"items": None}, {"items": 3}, {"items": {"name": "a"}}, {"items": ["a"]}])
def test_a_list_that_is_none_is_a_gap(google: Endpoint, project: Projects, answer: dict[str, Any]) -> None:
    google.undocumented("/storage/v1/b/calls/o", answer)
    items = collected(project(Facet.OBJECTS))
    assert rows(items) == []
    assert [gap.why for gap in of(items, Gap)] == [Why.MALFORMED]


def test_a_quota_is_waited_for(google: Endpoint, project: Projects) -> None:
    google.pages("/storage/v1/b/calls/o", [told("a.wav")])
    google.faults.add("quota", "storage.objects.list", first=1)
    items = collected(project(Facet.OBJECTS, options={"deadline": "30"}))
    assert (len(rows(items)), of(items, Gap)) == (1, [])


def test_type_name_and_neighbours_tell_what_an_object_is(google: Endpoint, project: Projects) -> None:
    plain = {"contentType": "application/octet-stream"}
    names = {"a.wav": {}, "b": {}, "c.raw": plain, "d.txt": {"contentType": "text/plain"}, "e.mp3": plain}
    google.pages("/storage/v1/b/calls/o", [told(name, **more) for name, more in names.items()])
    found = {row.key: (row.media, row.settled_by) for row in rows(collected(project(Facet.OBJECTS)))}
    assert found["a.wav"][0] == found["b"][0] == found["e.mp3"][0] == MediaClass.SPEECH
    assert found["b"][1] == Evidence.CONTENT_TYPE
    assert found["c.raw"] == (MediaClass.SPEECH, Evidence.SUSPICION)


def test_hostile_rows_are_read_as_far_as_they_go(google: Endpoint, project: Projects) -> None:
    google.pages(
        "/storage/v1/b/calls/o", [{"name": "\u202e<b>"}, told("a.wav", timeCreated="2026-03-04T05:06:07+02:00")]
    )
    first, second = rows(collected(project(Facet.OBJECTS)))
    assert (first.key, first.size, first.modified, first.version) == ("\u202e<b>", 0, None, None)
    assert second.modified == datetime(2026, 3, 4, 3, 6, 7, tzinfo=UTC)


def test_objects_of_an_emulator_that_nobody_here_wrote(emulated: Endpoint, project: Projects) -> None:
    made = project(Facet.OBJECTS)
    bucket = made.clients.storage.create_bucket("calls", project="acme-calls")
    for number in range(3):
        bucket.blob(f"calls/{number} ü.wav").upload_from_string(clip("hold.wav"), content_type="audio/x-wav")
    found = rows(collected(made))
    assert [row.key for row in found] == [f"calls/{number} ü.wav" for number in range(3)]
    assert {row.size for row in found} == {len(clip("hold.wav"))}
    assert all(row.version and row.modified and row.media == MediaClass.SPEECH for row in found)


def test_objects_without_a_name_are_counted(google: Endpoint, project: Projects) -> None:
    nameless = {name: value for name, value in told("x").items() if name != "name"}
    google.answer("/storage/v1/b/calls/o", {"items": [nameless, told("a.wav"), told("")]})
    found = collected(project(Facet.OBJECTS))
    assert [row.key for row in rows(found)] == ["a.wav"]
    (gap,) = of(found, Gap)
    assert (gap.why, gap.resource, gap.detail) == (Why.MALFORMED, "gs://calls", "2 objects came without a name")


def test_a_listing_that_goes_round_ends(google: Endpoint, project: Projects) -> None:
    turns = itertools.islice(itertools.cycle("xy"), 20)
    google.answer("/storage/v1/b/calls/o", lambda _: {"items": [told("a.wav")], "nextPageToken": next(turns, None)})
    found = collected(project(Facet.OBJECTS))
    (gap,) = of(found, Gap)
    assert (gap.why, len(rows(found))) == (Why.MALFORMED, 3)
