"""What ``cloudscan retention`` answers: nothing older exists, or what does and why, or that not all was looked at."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tracemalloc
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from cloudscan import __version__
from cloudscan.cli import cli
from cloudscan.errors import UsageError
from cloudscan.estate import Estate
from cloudscan.model import (
    NEVER_DATED,
    NEVER_RETAINED,
    Account,
    Answer,
    Coverage,
    Gap,
    LifecycleRule,
    MediaClass,
    MediaObject,
    Replication,
    RetentionLock,
    Store,
    Why,
)
from cloudscan.older import Older, older_than
from cloudscan.provider import Facet
from cloudscan.report import ReportOptions
from cloudscan.retention_reports import csv as as_csv
from cloudscan.retention_reports import json as as_json
from cloudscan.retention_reports import ndjson as as_lines
from cloudscan.retention_reports import terminal as as_text
from cloudscan.schemas import schema
from cloudscan.snapshot import Manifest, SnapshotWriter
from cloudscan.testing import ACCOUNT, NOW, expire, expire_old, gap, speech, store, transcript, world

HOSTILE = "a\u202e\x1b[31m[red]b/"
UPLOADS = LifecycleRule("uploads", True, "abort-upload", upload_days=7)
CLEAN = store(
    "calls",
    versioning="disabled",
    lifecycle=(UPLOADS,),
    soft_delete_days=0,
    keeps_deleted=Answer.NO,
    lock=RetentionLock(Answer.NO),
    replication=(),
)


def _named(key: str, **facts: Any) -> MediaObject:
    """An object that only its name was looked at of: by that no recording."""
    other: dict[str, Any] = {"media": "other", "format": None, "settled_by": "name", "seconds": None}
    return speech("calls", key, days=100, **other, **facts)


def asked(bucket: Store, *things: MediaObject | Gap | Account | Coverage, days: int = 90) -> Older:
    return older_than(world(bucket, *things).estate, days, NOW)


def told(answer: Older) -> str:
    out = io.StringIO()
    as_text.render(answer, out, ReportOptions(width=200))
    return out.getvalue()


def ruled(*rules: LifecycleRule) -> Store:
    return replace(CLEAN, lifecycle=(UPLOADS, *rules))


def why(bucket: Store, *things: MediaObject) -> list[str]:
    (found,) = asked(bucket, *things).found
    return [reason for reason in found.reasons if "uploads" not in reason]


def test_nothing_older_exists_where_everything_was_looked_at() -> None:
    answer = asked(CLEAN, speech("calls", "a.wav", days=90.9))
    assert (answer.exists, answer.found, answer.unseen) == (Answer.NO, (), ())
    assert "nothing older than 90 days exists: all was looked at, 1 recording among 1 object in 1 store" in told(answer)


def test_what_is_older_is_counted_by_class_and_prefix() -> None:
    rows = [
        speech("calls", "2026/a.wav", days=91, seconds=3600),
        speech("calls", "2026/b.wav", days=400, seconds=None),
        transcript("calls", "2026/a.json", days=100),
        speech("calls", f"{HOSTILE}c.wav", days=101),
        speech("calls", "new.wav", days=1),
    ]
    answer = asked(CLEAN, *rows)
    assert answer.exists is Answer.YES
    assert [(one.prefix, one.media, one.objects, one.seconds, one.unknown_length) for one in answer.found] == [
        ("2026/", "speech", 2, 3600, 1),
        ("2026/", "transcript", 1, 0, 1),
        (HOSTILE, "speech", 1, 60, 0),
    ]
    text = told(answer)
    assert "3 recordings (1.0 h), 1 transcript in 1 store are older than 90 days; the oldest is 400 days old" in text
    assert "never deleted" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (expire(30, "r", enabled=False), "rule r is switched off"),
        (expire(30, "r", prefixes=("tmp/",)), "rule r takes only keys that begin with tmp/"),
        (expire(30, "r", suffixes=(".mp3",)), "rule r takes only keys that end with .mp3"),
        (expire(30, "r", larger_than=10**9), "rule r takes only what is larger than 1,000,000,000 bytes"),
        (expire(30, "r", tags=(("kind", "call"),)), "rule r goes by tags, which were not read"),
        (expire(30, "r", tiers=("COLDLINE",)), "rule r takes only what lies in COLDLINE"),
        (expire(30, "r", stored_as=("appendBlob",)), "rule r goes by how they are stored, which was not read"),
        (expire(30, "r", action="set-tier", tier="GLACIER"), "rule r only moves to another tier"),
        (expire(400, "r"), "rule r takes them at 400 days"),
        (expire(30, "r"), "rule r should have taken them already: it is new, or runs late"),
        (expire_old(30, "r"), "rule r takes old versions only, 30 days after they became that"),
        (
            expire(30, "r", enabled=False, prefixes=("tmp/",)),
            "rule r is switched off, and takes only keys that begin with tmp/",
        ),
        (
            expire(None, "r", noncurrent_days=30, acts_on="any"),
            "rule r takes old versions only, 30 days after they became that",
        ),
        (expire(30, "r", newer_versions=2, acts_on="any"), "rule r takes old versions only"),
        (
            expire(None, "r", created_before=NOW - timedelta(days=500)),
            f"rule r takes only what was written before {NOW - timedelta(days=500):%Y-%m-%d}",
        ),
        (expire(None, "r", action="other", unread=("New",)), "rule r has parts that are not understood: New"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_why_no_rule_took_it(rule: LifecycleRule, reason: str) -> None:
    assert why(ruled(rule), speech("calls", "a.wav", days=100)) == [reason]


def test_why_a_rule_for_what_is_stored_otherwise_did_not_take_it() -> None:
    rule = expire(30, "r", stored_as=("blockBlob", "appendBlob"))
    held = speech("calls", "a.wav", days=100, stored_as="PageBlob")
    assert why(ruled(rule), held) == ["rule r takes only what is stored as blockBlob or appendBlob"]


def test_why_a_rule_by_the_time_that_its_owner_set_did_not_take_what_has_none() -> None:
    rule = expire(None, "r", custom_days=30)
    assert why(ruled(rule), speech("calls", "a.wav", days=100, custom_time=NEVER_DATED)) == [
        "rule r takes only what its owner dated, and these nobody did"
    ]


def test_why_when_there_is_no_rule_or_nobody_read_them() -> None:
    old = speech("calls", "a.wav", days=100)
    assert why(replace(CLEAN, lifecycle=()), old) == ["the store has no lifecycle rule"]
    (found,) = asked(replace(CLEAN, lifecycle=None), old).found
    assert (found.ends, found.reasons) == (Answer.UNKNOWN, ("the lifecycle rules were not read",))
    second = replace(ruled(expire(30)), mfa_delete=Answer.YES)
    assert why(second, old) == ["no lifecycle rule runs where deleting takes a second factor"]
    held = speech("calls", "a.wav", days=100, held=True)
    assert why(replace(CLEAN, lifecycle=()), held) == ["a hold keeps them", "the store has no lifecycle rule"]
    assert why(ruled(expire(30, "r")), held) == ["a hold keeps them", "rule r would have taken them already"]


@pytest.mark.parametrize("enabled", [Answer.YES, Answer.UNKNOWN])
def test_no_rule_runs_late_over_what_the_store_keeps_or_may_keep(enabled: Answer) -> None:
    lock = RetentionLock(enabled, "locked", 400, keeps_current=True)
    row = speech("calls", "a.wav", days=100, held=False, retain_until=NEVER_RETAINED)
    assert why(replace(ruled(expire(30, "r")), lock=lock), row)[1:] == ["rule r would have taken them already"]


def test_a_deed_that_is_not_understood_is_not_said_to_be_late() -> None:
    sure = expire(30, "r", noncurrent_days=30, acts_on="noncurrent")
    unsure = expire(30, "r", acts_on="noncurrent", unread=("which of them are snapshots",))
    taken = speech("calls", "a.wav", days=100, version="1", current=False, noncurrent_since=NOW - timedelta(days=20))
    rules = ruled(expire(60, "r", acts_on="current"), sure, unsure)
    assert why(rules, taken) == [
        "rule r takes them at 30 days as an old version; has parts that are not understood: which of them are snapshots"
    ]


@pytest.mark.parametrize(
    ("lock", "facts", "ends", "reason"),
    [
        (None, {}, "unknown", "whether a lock or hold keeps them was not read"),
        (RetentionLock(Answer.UNKNOWN), {}, "unknown", "whether a lock or hold keeps them was not read"),
        (
            RetentionLock(Answer.YES, "compliance", 365),
            {},
            "unknown",
            "the store has locks, keeps new objects for 365 days, and whether a lock or hold keeps these was not read",
        ),
        (
            RetentionLock(Answer.YES, "locked", 400, keeps_current=True),
            {"held": False, "retain_until": NEVER_RETAINED},
            "yes",
            "the store's lock keeps them, as all that it holds, for 400 days",
        ),
        (RetentionLock(Answer.YES), {"retain_until": NOW + timedelta(days=9)}, "unknown", "a lock of their own keeps"),
        (
            RetentionLock(Answer.YES),
            {"retain_until": NEVER_RETAINED},
            "unknown",
            "the store has locks, and whether a hold keeps these was not read",
        ),
        (
            RetentionLock(Answer.YES),
            {"held": False},
            "unknown",
            "the store has locks, and whether a lock keeps these was not read",
        ),
        (RetentionLock(Answer.YES), {"held": True}, "no", "a hold keeps them"),
    ],
)
def test_what_locks_leave_open_is_so_in_every_format(
    lock: RetentionLock | None, facts: dict[str, Any], ends: str, reason: str
) -> None:
    rules = (UPLOADS, expire(200, "r"), expire_old(1, "r"))
    bucket = replace(CLEAN, versioning="enabled", lifecycle=rules, lock=lock)
    answer = asked(bucket, speech("calls", "a.wav", days=100, version="1", **facts))
    (found,), (one,) = answer.found, answer.each()
    assert {found.ends.value, one.ends.value} == {ends}
    assert found.reasons == one.reasons
    assert found.reasons[0].startswith(reason)
    words = {"unknown": "perhaps deleted, on", "yes": "deleted by", "no": "never deleted"}
    assert words[ends] in told(answer)


def test_the_rule_that_comes_nearest_is_named_first() -> None:
    rules = [
        expire(30, "cold", action="set-tier", tier="GLACIER"),
        expire_old(30, "old"),
        expire(30, "tmp", prefixes=("tmp/",)),
        expire(30, "off", enabled=False),
        expire(30, "tags", tags=(("kind", "call"),)),
        expire(4000, "late"),
        expire(400, "due"),
    ]
    (found,) = asked(ruled(*rules), speech("calls", "a.wav", days=100)).found
    names = [reason.split()[1] for reason in found.reasons]
    assert names == ["due", "late", "tags", "off", "tmp", "old", "cold", "uploads"]


@pytest.mark.parametrize(
    ("old", "words"),
    [
        (expire_old(7, "r"), "takes them at 120 days, and 7 days later the old versions that this leaves"),
        (
            expire_old(7, "r", newer_noncurrent=2),
            "takes them at 120 days, and 7 days later the old versions that this leaves, but for 2 of the newest",
        ),
        (expire_old(7, "r", prefixes=("tmp/",)), "takes them at 120 days, and then only makes them old versions"),
    ],
)
def test_a_rule_for_both_sides_says_when_the_old_version_goes(old: LifecycleRule, words: str) -> None:
    bucket = replace(ruled(expire(120, "r"), old), versioning="enabled")
    assert f"rule r {words}" in why(bucket, speech("calls", "a.wav", days=100, version="1"))


def test_a_suspended_store_deletes_what_has_no_version_of_its_own_at_once() -> None:
    bucket = replace(ruled(expire(120, "r")), versioning="suspended")
    told_of = {
        version: why(bucket, speech("calls", "a.wav", days=100, version=version)) for version in ("null", "1", None)
    }
    assert told_of == {
        "null": ["rule r takes them at 120 days"],
        "1": ["rule r takes them at 120 days, and then only makes them old versions"],
        None: [
            "rule r takes them at 120 days, and then only makes old versions of those that have a version of their own"
        ],
    }


def test_when_each_goes_is_told() -> None:
    rows = [speech("calls", f"a/{days}.wav", days=days + 0.5) for days in (100, 150)]
    (found,) = asked(ruled(expire(200, "late")), *rows).found
    assert (found.ends, found.rules) == (Answer.YES, ("late",))
    assert (str(found.first), str(found.last)) == ("2026-12-21", "2027-02-09")
    assert "deleted by 2026-12-21 to 2027-02-09" in told(asked(ruled(expire(200, "late")), *rows))


def test_old_versions_are_told_apart_and_expiry_only_makes_them() -> None:
    versioned = replace(ruled(expire(30, "r")), versioning="enabled")
    rows = [
        speech("calls", "a.wav", days=100, version="2"),
        speech("calls", "a.wav", days=200, version="1", current=False),
    ]
    now, old = asked(versioned, *rows).found
    assert (now.old_versions, old.old_versions) == (False, True)
    assert (
        now.reasons[0]
        == "rule r should have taken them already: it is new, or runs late, and then only makes them old versions"
    )
    assert (now.ends, old.ends) == (Answer.NO, Answer.NO)
    assert old.reasons[0] == "rule r takes current versions only"
    assert "· as old versions ·" in told(asked(versioned, *rows))
    assert "· as old versions or snapshots ·" in told(asked(replace(versioned, provider="azure"), *rows))


ALL_ASKED = [
    Coverage("aws", ACCOUNT, facet, 1, 1)
    for facet in (Facet.OBJECTS, Facet.UPLOADS, Facet.DELETED, Facet.JOBS, Facet.BACKUPS)
]


@pytest.mark.parametrize(
    ("bucket", "things", "unseen"),
    [
        (replace(CLEAN, versioning="enabled"), (), "old versions of its objects: collect with --versions"),
        (replace(CLEAN, versioning=None), (), "old versions of its objects: collect with --versions"),
        (replace(CLEAN, versioning="off"), (), "old versions of its objects: collect with --versions"),
        (
            replace(CLEAN, lifecycle=()),
            (),
            "uploads that were not finished, which no rule clears by then: a rule that aborts those",
        ),
        (
            replace(CLEAN, soft_delete_days=None, keeps_deleted=Answer.UNKNOWN),
            (),
            "whether deleted objects can be got back",
        ),
        (
            replace(CLEAN, soft_delete_days=7, keeps_deleted=Answer.YES),
            (),
            "deleted objects, which can be got back for 7 days",
        ),
        (
            replace(CLEAN, soft_delete_days=7, keeps_deleted=Answer.YES),
            (gap(CLEAN.id, Facet.DELETED),),
            "deleted objects, which can be got back for 7 days (denied",
        ),
        (
            replace(CLEAN, soft_delete_days=7, keeps_deleted=Answer.YES),
            (*ALL_ASKED, gap(CLEAN.id, Facet.DELETED, Why.UNSUPPORTED, detail="hard deletions are paused")),
            "deleted objects, which can be got back for 7 days (hard deletions are paused)",
        ),
        (
            replace(CLEAN, soft_delete_days=7, keeps_deleted=Answer.YES),
            (*ALL_ASKED, speech("calls", "x.bin", days=100, current=False, restorable_until=NOW, media="unsettled")),
            "1 older deleted object that may be speech or a transcript, which can be got back for 7 days",
        ),
        (
            replace(CLEAN, keeps_deleted=Answer.UNKNOWN),
            (),
            "objects that were deleted before soft delete was switched off, if there are any: collect with --versions",
        ),
        (replace(CLEAN, retention_hours=24 * 100), (), "what it keeps by itself for 100 days"),
        (CLEAN, (speech("calls", "x", days=100, media="unsettled"),), "1 older object of which it is not settled"),
        (
            CLEAN,
            tuple(speech("calls", f, days=100, media="unsettled", format=f) for f in ("text", "gzip/text", "zip/json")),
            "3 older objects of text that may be a transcript",
        ),
        (CLEAN, (_named("a.json"),), "1 older object under names that transcripts and packed recordings have, too"),
        (CLEAN, (_named("a.zip", current=False),), "1 older object under names that transcripts"),
        (CLEAN, (speech("calls", "x.wav", modified=None),), "the age of 1 object"),
        (CLEAN, (gap(CLEAN.id, Facet.OBJECTS, Why.LIMIT, operation="s3:ListBucket"),), "left out by the limit"),
        (CLEAN, (gap(CLEAN.account, Facet.STORES, operation="s3:ListAllMyBuckets"),), "which stores there are (denied"),
        (CLEAN, (gap("voice", Facet.DELETED, Why.UNSUPPORTED),), "what was deleted together with its store (unsupp"),
        (
            CLEAN,
            (gap("voice", Facet.DELETED, Why.UNSUPPORTED, detail="2 deleted buckets can be got back"),),
            "what was deleted together with its store (2 deleted buckets can be got back)",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_nothing_is_never_said_of_what_was_not_looked_at(bucket: Store, things: Any, unseen: str) -> None:
    answer = asked(bucket, *things)
    assert answer.exists is Answer.UNKNOWN
    assert any(unseen in one.what for one in answer.unseen)
    assert "but not everything was looked at" in told(answer)
    assert unseen in told(answer)


INVENTORY = gap(
    CLEAN.id,
    Facet.OBJECTS,
    Why.LIMIT,
    operation="s3:get_object",
    detail="read from the inventory of 2026-10-31: what changed since is not in it",
    since=NOW - timedelta(days=3),
)


def test_what_the_question_is_about_is_named_in_the_answer() -> None:
    old, young = transcript("calls", "a.json", days=100), speech("calls", "a.wav", days=9)
    for media, noun in (
        ((MediaClass.SPEECH,), "no recording"),
        ((MediaClass.SPEECH, MediaClass.VIDEO), "no recording or video"),
    ):
        answer = older_than(world(CLEAN, old, young).estate, 90, NOW, media)
        assert f"{noun} older than 90 days exists: all was looked at" in told(answer)
        open_one = older_than(world(replace(CLEAN, versioning=None), old, young).estate, 90, NOW, media)
        assert f"{noun} older than 90 days was seen, but not everything was looked at" in told(open_one)


def test_how_many_only_their_names_tell_is_said_beside_what_is_older_too() -> None:
    rows = [speech("calls", "a.wav", days=100), _named("a.png"), _named("b.png"), speech("calls", "b.wav")]
    assert "looked at: 2 recordings among 4 objects in 1 store, 2 of which are none by name or type alone" in told(
        asked(CLEAN, *rows)
    )


def test_what_was_looked_at_is_said_beside_what_is_older_wherever_it_is() -> None:
    rows = [speech("calls", "a.wav", days=100), speech("calls", "b.wav")]
    assert "looked at: 2 recordings among 2 objects in 1 store" in told(asked(CLEAN, *rows))


HEADS_DENIED = Gap(
    "aws", ACCOUNT, "eu-central-1", Facet.HEADS, CLEAN.id, Why.DENIED, "s3:get_object", "AccessDenied: 2 objects",
    "s3:GetObject",
)  # fmt: skip


@pytest.mark.parametrize(
    ("sniff", "things", "cure"),
    [
        (None, (), "collect with --sniff"),
        (9, (), "collect with a higher --sniff than 9"),  # of what was looked at, more of them tells nothing
        (9, (HEADS_DENIED,), "their first bytes were not read (denied: s3:get_object)"),
    ],
)
def test_what_keeps_open_names_open_is_told(sniff: int | None, things: tuple[Any, ...], cure: str) -> None:
    for row, words in (
        (_named("a.json"), "1 older object under names that transcripts and packed recordings have, too"),
        (
            speech("calls", "x", days=100, media="unsettled"),
            "1 older object of which it is not settled whether that is speech",
        ),
    ):
        estate = world(CLEAN, row, *things).estate
        scope: dict[str, Any] = {"aws": {"sniff": sniff}}
        estate = replace(estate, manifest=Manifest(scope, (), NOW, NOW, "", {}, ""))
        (left,) = (one for one in older_than(estate, 90, NOW).unseen if one.what.startswith(words))
        assert left.what == (words if sniff and not things and row.media == "unsettled" else f"{words}: {cure}")
        assert left.permissions == (("s3:GetObject",) if things else ())


def test_lists_of_stores_that_failed_in_several_regions_are_told_apart() -> None:
    failed = [gap(ACCOUNT, Facet.STORES, Why.ERROR, operation="kinesisvideo:ListStreams") for _ in range(2)]
    gaps = [replace(one, region=region) for one, region in zip(failed, ("eu-west-1", "us-east-1"), strict=True)]
    assert [one.where for one in asked(CLEAN, *gaps).unseen] == [f"{ACCOUNT} in eu-west-1", f"{ACCOUNT} in us-east-1"]
    assert [one.where for one in asked(CLEAN, gaps[0]).unseen] == [ACCOUNT]


def test_an_inventory_is_told_of_beside_the_answer() -> None:
    answer = asked(CLEAN, speech("calls", "b.wav", days=10), INVENTORY)
    assert answer.exists is Answer.NO
    words = "1 store by inventory alone, which tells nothing that came after"
    assert f"{words} {INVENTORY.since:%Y-%m-%d}" in told(answer)
    later = replace(CLEAN, id="arn:aws:s3:::later", name="later")
    newer = replace(INVENTORY, resource=later.id, since=NOW - timedelta(days=1))
    both = told(older_than(world(CLEAN, later, INVENTORY, newer).estate, 90, NOW))
    assert f"after {INVENTORY.since:%Y-%m-%d}, the newest of them nothing after {newer.since:%Y-%m-%d}" in " ".join(
        both.split()
    )
    out = io.StringIO()
    as_json.render(answer, out, ReportOptions())
    (store,) = json.loads(out.getvalue())["looked_at"]
    assert store["complete_until"] == INVENTORY.since.isoformat().replace("+00:00", "Z")  # type: ignore[union-attr]


def test_what_was_written_since_an_inventory_is_too_young_to_be_older() -> None:
    old, young = speech("calls", "a.wav", days=100), speech("calls", "b.wav", days=10)
    assert asked(CLEAN, young, INVENTORY, days=90).exists is Answer.NO
    assert asked(CLEAN, old, INVENTORY, days=90).unseen == ()
    later = "objects that came later (read from the inventory of 2026-10-31: what changed since is not in it"
    for days, left_open in ((3, False), (2, False), (1, True), (0, True)):
        told = [one.what for one in asked(CLEAN, INVENTORY, days=days).unseen]
        assert any(what.startswith(later) for what in told) is left_open, days


def test_replicas_that_came_since_an_inventory_are_as_old_as_what_they_are_of() -> None:
    """Replicas keep the times of their source ("What does Amazon S3 replicate?")."""
    rule = Replication(CLEAN.id, None, "", enabled=False)
    source = replace(CLEAN, id="arn:aws:s3:::source", name="source", replication=(rule,))
    estate = world(CLEAN, source, INVENTORY).estate
    (left,) = older_than(estate, 90, NOW).unseen
    assert (left.where, left.what) == (
        CLEAN.id,
        "what arn:aws:s3:::source copied there since its inventory, with the date of what that is of",
    )


def test_a_limit_leaves_out_the_rest_of_the_objects() -> None:
    cut = gap(CLEAN.id, Facet.OBJECTS, Why.LIMIT, operation="s3:ListBucket")
    (left,) = asked(CLEAN, cut).unseen
    assert left.what == "the rest of its objects (left out by the limit that was set: s3:ListBucket)"


def test_a_recording_that_was_deleted_and_can_be_got_back_is_there_until_its_day() -> None:
    store = replace(ruled(expire(30)), soft_delete_days=90, keeps_deleted=Answer.YES)
    back = NOW + timedelta(days=80)
    lost = speech("calls", "a/x.wav", days=200, current=False, restorable_until=back, seconds=60.0)
    answer = asked(store, *ALL_ASKED, lost, speech("calls", "new.wav", days=5))
    (found,) = answer.found
    assert (answer.exists, found.prefix, found.objects, found.seconds) == (Answer.YES, "a/", 1, 60.0)
    assert (found.ends, found.first, found.last, found.recoverable) == (Answer.YES, back.date(), back.date(), 0)
    assert found.reasons == ("was deleted already, and can be got back until it goes",)
    (row,) = answer.each()
    assert (row.object.key, row.ends, row.goes, row.rules) == ("a/x.wav", Answer.YES, back.date(), ())
    assert not answer.unseen
    assert older_than(answer.estate, 90, back + timedelta(days=1)).found == ()


@pytest.mark.parametrize("days", [0, None])
def test_where_deleted_objects_were_listed_there_is_no_doubt_of_them(days: int | None) -> None:
    bucket = replace(CLEAN, soft_delete_days=days, keeps_deleted=Answer.UNKNOWN)
    assert asked(bucket, *ALL_ASKED).exists is Answer.NO
    lost = speech("calls", "a.wav", days=400, current=False, restorable_until=NOW + timedelta(days=89))
    assert asked(bucket, *ALL_ASKED, lost).exists is Answer.YES


def test_deleted_objects_that_are_younger_or_no_speech_leave_nothing_open() -> None:
    bucket = replace(CLEAN, soft_delete_days=7, keeps_deleted=Answer.YES)
    young = speech("calls", "a.wav", days=10, current=False, restorable_until=NOW)
    other = speech("calls", "a.png", days=100, current=False, restorable_until=NOW, media="other")
    answer = asked(bucket, *ALL_ASKED, young, other)
    assert (answer.exists, answer.listed()) == (Answer.NO, 0)


def test_a_stream_that_ages_its_data_by_itself_is_looked_at() -> None:
    assert asked(replace(CLEAN, retention_hours=24, lifecycle=None, versioning=None)).exists is Answer.NO


def test_an_estate_without_stores_is_not_said_to_be_clean() -> None:
    assert older_than(world().estate, 90, NOW).exists is Answer.UNKNOWN


def test_many_prefixes_are_put_together() -> None:
    rows = [speech("calls", f"{number:02}/a.wav", days=100) for number in range(30)]
    found = asked(CLEAN, *rows).found
    assert len(found) == 21
    assert sum(one.objects for one in found) == 30


def test_json_keeps_its_schema_whatever_is_found() -> None:
    versioned = replace(ruled(expire(400, HOSTILE)), versioning="enabled")
    for answer in (
        asked(CLEAN),
        asked(versioned, speech("calls", f"{HOSTILE}x", days=100), gap(CLEAN.id, Facet.OBJECTS)),
    ):
        out = io.StringIO()
        as_json.render(answer, out, ReportOptions())
        Draft202012Validator(schema("retention-1")).validate(json.loads(out.getvalue()))


def test_every_object_is_listed_with_what_becomes_of_it() -> None:
    rows = [
        speech("calls", "b.wav", days=100.5, version="2"),
        speech("calls", "b.wav", days=200.5, version="1", current=False),
        speech("calls", "tmp/a.wav", days=95, size=7, version="3", seconds=None),
        speech("calls", "new.wav", days=1, version="4"),
        speech("other", "c.wav", days=91.5),
    ]
    bucket = replace(ruled(expire(120, "r"), expire_old(7, "n", prefixes=("tmp/",))), versioning="enabled")
    answer = older_than(world(bucket, store("other", lifecycle=None), *rows).estate, 90, NOW)
    listed = [
        (one.object.key, one.object.version, one.object.life.current, one.ends, one.goes and str(one.goes))
        for one in answer.each()
    ]
    assert listed == [
        ("b.wav", "2", True, Answer.NO, None),
        ("tmp/a.wav", "3", True, Answer.YES, "2026-12-05"),
        ("c.wav", None, True, Answer.UNKNOWN, None),
        ("b.wav", "1", False, Answer.NO, None),
    ]
    assert len(listed) == sum(one.objects for one in answer.found)


@given(st.lists(st.tuples(st.integers(0, 300), st.sampled_from(["a/", "tmp/", ""]), st.booleans()), max_size=30))
@settings(max_examples=25, deadline=None)
def test_what_is_listed_is_what_is_counted(drawn: list[tuple[int, str, bool]]) -> None:
    rows = [
        speech("calls", f"{prefix}{place}.wav", days=days + 0.5, version=str(place), current=current)
        for place, (days, prefix, current) in enumerate(drawn)
    ]
    bucket = replace(ruled(expire(120, "r", prefixes=("tmp/",)), expire_old(30, "n")), versioning="enabled")
    answer = asked(bucket, *rows)
    counted: dict[Any, int] = defaultdict(int)
    for one in answer.each():
        prefix, slash, _ = one.object.key.rpartition("/")
        counted[prefix + slash, not one.object.life.current, one.ends, one.reasons] += 1
    told_of = {(one.prefix, one.old_versions, one.ends, one.reasons): one.objects for one in answer.found}
    assert counted == told_of


@pytest.mark.parametrize(
    "key",
    ['=cmd|" /C calc"!A0', "+49 30 1", "-1", "@x", "  =1", "\uff1d1", "a\r\n=b", f"{HOSTILE}x", "a;=1+1", ";;  @x"],
)
def test_a_list_as_csv_is_harmless_and_as_json_exact(key: str) -> None:
    answer = asked(CLEAN, speech("calls", key, days=100), speech("calls", 'plain, "b".wav', days=100))
    body = written(as_csv, answer)
    assert len(body.splitlines()) == 3
    assert body.replace("\r\n", "").isprintable()
    rows = list(csv.DictReader(io.StringIO(body, newline="")))
    assert {row["media"] for row in rows} == {"speech"}
    assert {row["key"] for row in rows} > {'plain, "b".wav'}
    cells = [part.lstrip() for row in rows for part in row["key"].split(";")]
    assert not any(cell.startswith(("=", "+", "-", "@", "\uff1d")) for cell in cells)
    lines = [json.loads(line) for line in written(as_lines, answer).splitlines()]
    assert {line["key"] for line in lines} == {key, 'plain, "b".wav'}
    for line in lines:
        Draft202012Validator(schema("retention-object-1")).validate(line)
    assert list(rows[0]) == list(lines[0])


def written(form: Any, answer: Older) -> str:
    out = io.StringIO(newline="")
    form.render(answer, out, ReportOptions())
    return out.getvalue()


def test_many_are_listed_in_memory_that_does_not_grow(tmp_path: Path) -> None:
    def peak(objects: int) -> int:
        rows = [speech("calls", f"{place:07}.wav", days=100 + place % 50) for place in range(objects)]
        answer = asked(CLEAN, *rows)
        del rows
        tracemalloc.start()
        try:
            with (tmp_path / "older.csv").open("w", newline="", encoding="utf-8") as out:
                as_csv.render(answer, out, ReportOptions())
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few = peak(3_000)
    assert peak(30_000) < 2 * few
    assert len((tmp_path / "older.csv").read_text(encoding="utf-8").splitlines()) == 30_001


def test_what_was_looked_at_is_told_by_class() -> None:
    other = speech("calls", "a.bin", media="other", format=None, settled_by="signature", looked=4096)
    text = told(asked(CLEAN, speech("calls", "a.wav", days=1), transcript("calls", "a.srt", days=1), other))
    assert "all was looked at, 1 recording, 1 transcript among 3 objects in 1 store" in text
    assert "no recording, transcript or video among 1 object in 1 store" in told(asked(CLEAN, other))
    assert "1 recording (1 min) in 1 store is older" in told(asked(CLEAN, speech("calls", "a.wav", days=100)))


def test_what_its_name_or_type_alone_calls_no_speech_is_counted_and_said() -> None:
    names = [
        speech("calls", f"{place}.png", days=100, media="other", format=None, settled_by=by, seconds=None, **facts)
        for place, (by, facts) in enumerate(
            [("name", {}), ("content-type", {}), ("signature", {"looked": 4096}), ("name", {"looked": 4096})]
        )
    ]
    answer = asked(CLEAN, *names, speech("calls", "a.wav", days=1))
    assert (answer.exists, answer.by_name()) == (Answer.NO, 2)
    assert "1 recording among 5 objects in 1 store, 2 of which are none by name or type alone" in told(answer)
    body = json.loads(written(as_json, answer))
    assert (body["objects_by_name_alone"], body["looked_at"][0]["by_name_alone"]) == (2, 2)
    nothing = asked(CLEAN, names[0], names[1])
    assert "no recording, transcript or video among 2 objects in 1 store, all of which are none by name" in told(
        nothing
    )
    open_one = asked(replace(CLEAN, versioning="enabled"), names[0])
    assert told(open_one).startswith(
        "ages measured on 2026-11-01 · 1 store\n"
        "nothing older than 90 days was seen, but not everything was looked at: no recording, transcript or video among"
        " 1 object in 1 store, which is none by name or type alone\n"
    )


def test_json_says_who_answered_and_what_was_looked_at() -> None:
    bucket = replace(CLEAN, versioning="enabled")
    old = speech("calls", "a.wav", days=2, version="1", current=False)
    body = json.loads(
        written(as_json, asked(bucket, Account(ACCOUNT, "aws"), speech("calls", "a.wav", version="2"), old))
    )
    assert body["tool"] == {"name": "cloudscan", "version": __version__}
    assert [one["id"] for one in body["accounts"]] == [ACCOUNT]
    assert [(one["store"], one["listed"], one["old_versions_listed"]) for one in body["looked_at"]] == [
        ("arn:aws:s3:::calls", {"speech": 2}, 1)
    ]


@pytest.mark.parametrize(
    ("later", "words", "code"),
    [
        (-20, "days before the collection began: what was deleted in between is not in it", 3),
        (10, "10 days after the snapshot was finished: what was written or deleted since", 0),
        (365, "365 days after the snapshot was finished", 1),
        (0.5, None, 0),
    ],
)
def test_a_day_that_is_not_that_of_the_snapshot_is_told_of(
    tmp_path: Path, later: float, words: str | None, code: int
) -> None:
    root = _written(tmp_path, CLEAN)
    now = (datetime.now(UTC) + timedelta(days=later)).isoformat()
    arguments = ["retention", str(root), "--older-than", "90", "--now", now]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == code, done.output
    assert words is None or words in " ".join(done.stdout.split())
    assert ("ages are measured on" in done.stdout) == (words is not None)
    body = json.loads(CliRunner().invoke(cli, [*arguments, "-f", "json"]).stdout)
    assert len(body["notes"]) == (words is not None)


def test_what_was_written_after_the_snapshot_may_be_older_by_a_later_day(tmp_path: Path) -> None:
    estate = Estate.open(_written(tmp_path, CLEAN))
    answer = older_than(estate, 90, datetime.now(UTC) + timedelta(days=100), (MediaClass.VIDEO,))
    assert answer.exists is Answer.UNKNOWN
    assert [one.what for one in answer.unseen] == [
        f"what was written after it was finished on {datetime.now(UTC):%Y-%m-%d}"
    ]


def test_a_list_without_the_answer_says_that_not_everything_was_looked_at(tmp_path: Path) -> None:
    root = _written(tmp_path, replace(CLEAN, versioning="enabled"))
    arguments = ["retention", str(root), "--older-than", "9"]
    done = CliRunner().invoke(cli, [*arguments, "-f", "ndjson"])
    assert done.exit_code == 1
    assert [json.loads(line)["key"] for line in done.stdout.splitlines()] == ["a.wav"]
    assert "not everything was looked at" in done.stderr
    both = CliRunner().invoke(cli, [*arguments, "-f", "terminal", "-f", f"csv:{tmp_path / 'older.csv'}"])
    assert "not everything was looked at" not in both.stderr
    assert (tmp_path / "older.csv").read_bytes().count(b"\r\n") == 2


@pytest.mark.parametrize(("days", "code"), [("90d", 0), ("9", 1)])
def test_the_command_and_its_exit_codes(tmp_path: Path, days: str, code: int) -> None:
    root = _written(tmp_path, CLEAN)
    done = CliRunner().invoke(cli, ["retention", str(root), "--older-than", days, "-f", "json"])
    assert done.exit_code == code, done.output
    body = json.loads(done.stdout)
    assert (body["older_than_days"], body["exists"]) == (int(days.rstrip("d")), "yes" if code else "no")


def test_a_row_says_whose_the_object_is_and_what_was_asked(tmp_path: Path) -> None:
    root = _written(tmp_path, CLEAN)
    arguments = ["retention", str(root), "--older-than", "9"]
    (row,) = csv.DictReader(io.StringIO(CliRunner().invoke(cli, [*arguments, "-f", "csv"]).stdout))
    body = json.loads(CliRunner().invoke(cli, [*arguments, "-f", "json"]).stdout)
    assert (row["provider"], row["account"], row["region"]) == ("aws", ACCOUNT, CLEAN.region)
    assert (row["measured_on"], row["older_than_days"]) == (body["now"][:10], "9")
    assert row["snapshot_sha256"] == body["snapshot_sha256"]


def test_the_command_says_that_it_did_not_see_everything(tmp_path: Path) -> None:
    root = _written(tmp_path, replace(CLEAN, versioning="enabled"))
    done = CliRunner().invoke(cli, ["retention", str(root), "--older-than", "90"])
    assert done.exit_code == 3
    assert "collect with --versions" in done.stdout
    assert CliRunner().invoke(cli, ["retention", str(root), "--older-than", "soon"]).exit_code == 2


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        (
            {"options": {"region": ["eu-central-1", "eu-west-1"]}},
            "stores, speech jobs and backups outside eu-central-1, eu-west-1",
        ),
        ({"options": {"region": "eu-central-1"}}, "stores, speech jobs and backups outside eu-central-1"),
        ({"stores": ["acme-*"]}, "stores whose name does not match acme-*"),
        ({"stores": ["acme-*", "x"]}, "stores whose name matches none of acme-*, x"),
    ],
)
def test_what_was_left_out_by_choice_is_told(tmp_path: Path, scope: dict[str, object], words: str) -> None:
    root = _written(tmp_path, CLEAN, **scope)
    done = CliRunner().invoke(cli, ["retention", str(root), "--older-than", "90"])
    assert done.exit_code == 3
    assert words in " ".join(done.stdout.split())
    report = json.loads(CliRunner().invoke(cli, ["analyze", str(root), "-f", "json"]).stdout)
    assert f"left out by choice: {words} (aws)" in report["notes"]


def _written(folder: Path, bucket: Store, **scope: object) -> Path:
    """Write a snapshot now, with one recording that is 30 days old."""
    writer = SnapshotWriter(folder / "snapshot", {"aws": {"stores": [], "versions": False} | scope})
    unit = writer.unit("all")
    unit.add(bucket)
    for facet in (Facet.OBJECTS, Facet.JOBS, Facet.BACKUPS):
        unit.add(Coverage("aws", ACCOUNT, facet, asked=1, answered=1))
    unit.add_rows([speech("calls", "a.wav", modified=datetime.now(UTC) - timedelta(days=30))])
    unit.commit()
    writer.finish([])
    return folder / "snapshot"


def test_a_file_that_names_a_format_is_not_filled_with_another(tmp_path: Path) -> None:
    arguments = ["retention", str(_written(tmp_path, CLEAN)), "--older-than", "9"]
    for name in ("older.csv", "older.JSON"):
        done = CliRunner().invoke(cli, [*arguments, "-o", str(tmp_path / name)])
        form = name.rpartition(".")[2].lower()
        assert isinstance(done.exception, UsageError)
        assert str(done.exception).endswith(
            f"{name} would hold text for a terminal: add -f {form}, or name it otherwise"
        )
        assert not (tmp_path / name).exists()
    assert CliRunner().invoke(cli, [*arguments, "-o", str(tmp_path / "older.txt")]).exit_code == 1
    assert CliRunner().invoke(cli, [*arguments, "-f", "csv", "-o", str(tmp_path / "older.csv")]).exit_code == 1
    terminal = [*arguments, "-f", "terminal", "-o", str(tmp_path / "older.csv")]
    assert CliRunner().invoke(cli, terminal).exit_code == 1


def test_analyze_names_the_policy_file_and_its_hash(tmp_path: Path) -> None:
    root, policy = _written(tmp_path, CLEAN), tmp_path / "p.yaml"
    policy.write_text("retention: [{max_days: 90}]\n")
    digest = hashlib.sha256(policy.read_bytes()).hexdigest()
    arguments = ["analyze", str(root), "--checks", "audio-past-maximum-age"]
    done = CliRunner().invoke(cli, [*arguments, "--policy", str(policy), "-f", "json"])
    assert json.loads(done.stdout)["policy_file"] == {"path": str(policy), "sha256": digest}
    text = CliRunner().invoke(cli, [*arguments, "--policy", str(policy)]).stdout
    assert f"(sha256{digest[:12]})" in "".join(text.split())
    without = CliRunner().invoke(cli, [*arguments, "-f", "json"])
    assert json.loads(without.stdout)["policy_file"] is None
