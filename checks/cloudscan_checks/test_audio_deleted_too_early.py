"""What audio_deleted_too_early must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cloudscan.model import (
    NEVER_RETAINED,
    Answer,
    Finding,
    LifecycleRule,
    MediaObject,
    RetentionLock,
    Store,
    Verdict,
    Why,
)
from cloudscan.provider import Facet
from cloudscan.testing import NOW, expire, expire_old, findings, gap, speech, world
from cloudscan_checks.audio_deleted_too_early import audio_deleted_too_early

CHECK = audio_deleted_too_early
LEAST: dict[str, object] = {"retention": [{"media": "speech", "min_days": 365}]}
AUDIO = speech("calls", "raw/\u202ea.wav", days=10.25)


def judged(bucket: Store, *rules: LifecycleRule, objects: tuple[MediaObject, ...] = (AUDIO,)) -> Finding:
    (found,) = findings(CHECK, world(replace(bucket, lifecycle=rules), *objects, policy=LEAST))
    return found


def test_a_rule_that_deletes_early_is_found(calls: Store) -> None:
    found = judged(calls, expire(30))
    assert found.verdict is Verdict.FAIL
    assert found.message == "rule expire deletes 1 recording (1 min) before 365 days"
    assert found.evidence["examples"] == ["raw/\u202ea.wav"]


@pytest.mark.parametrize(("days", "verdict"), [(364, Verdict.FAIL), (365, Verdict.PASS), (400, Verdict.PASS)])
def test_the_minimum_itself_is_late_enough(calls: Store, days: int, verdict: Verdict) -> None:
    assert judged(calls, expire(days)).verdict is verdict


def test_a_fixed_date_deletes_young_recordings_early(calls: Store) -> None:
    assert judged(calls, expire(None, from_date=NOW + timedelta(days=30))).verdict is Verdict.FAIL
    assert judged(calls, expire(None, from_date=NOW + timedelta(days=360))).verdict is Verdict.PASS
    assert judged(calls, expire(None, from_date=NOW - timedelta(days=30))).verdict is Verdict.FAIL


def test_a_rule_for_other_objects_passes(calls: Store) -> None:
    assert judged(calls, expire(30, prefixes=("tmp/",))).verdict is Verdict.PASS
    assert judged(calls).verdict is Verdict.PASS


def test_where_versions_are_kept_the_old_version_counts(calls: Store) -> None:
    versioned = replace(calls, versioning="enabled")
    assert judged(versioned, expire(30)).verdict is Verdict.PASS
    assert judged(versioned, expire(30), expire_old(335)).verdict is Verdict.PASS
    assert judged(versioned, expire(30), expire_old(300)).verdict is Verdict.FAIL


def test_where_versioning_is_not_known_an_early_expiry_is_unknown(calls: Store) -> None:
    for versioning in ("suspended", None):
        assert judged(replace(calls, versioning=versioning), expire(30)).verdict is Verdict.UNKNOWN


def test_a_retention_of_that_length_keeps_them(calls: Store) -> None:
    kept = AUDIO._replace(held=False, retain_until=NEVER_RETAINED)
    bucket = replace(calls, lock=RetentionLock(Answer.YES, "locked", 365, keeps_current=True))
    assert judged(bucket, expire(30), objects=(kept,)).verdict is Verdict.PASS
    longest = kept._replace(retain_until=NOW + timedelta(days=365))
    versioned = replace(calls, versioning="enabled", lock=RetentionLock(Answer.YES))
    assert judged(versioned, expire(30), expire_old(1), objects=(longest,)).verdict is Verdict.PASS
    assert judged(versioned, expire(30), expire_old(1), objects=(kept,)).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("lock", "doubt"),
    [
        (None, "nothing is known of the store's lock"),
        (RetentionLock(Answer.UNKNOWN), "nothing is known of the store's lock"),
        (RetentionLock(Answer.YES), "the store has locks, and whether a lock or hold keeps these was not read"),
        (
            RetentionLock(Answer.YES, "governance", 365),
            "the store has locks, keeps new objects for 365 days, and whether a lock or hold keeps these was not read",
        ),
        (RetentionLock(Answer.NO, keeps_current=True, holds=True), "whether a hold keeps them was not read"),
    ],
)
def test_a_lock_that_may_keep_them_is_unknown(calls: Store, lock: RetentionLock | None, doubt: str) -> None:
    found = judged(replace(calls, versioning="enabled", lock=lock), expire(30), expire_old(1))
    assert found.verdict is Verdict.UNKNOWN
    assert found.message.endswith(f": {doubt}")


def test_only_what_is_certainly_deleted_is_counted_as_deleted(calls: Store) -> None:
    objects = (AUDIO, speech("calls", "tagged/b.wav"))
    rules = (expire(30, prefixes=("raw/",)), expire(30, prefixes=("tagged/",), tags=(("a", "b"),)))
    found = judged(calls, *rules, objects=objects)
    assert found.verdict is Verdict.FAIL
    assert found.message == "rule expire deletes 1 of 2 recordings (1 min) before 365 days"


def test_a_rule_that_may_delete_early_is_unknown(calls: Store) -> None:
    assert judged(calls, expire(30, tags=(("a", "b"),))).verdict is Verdict.UNKNOWN
    assert judged(calls, expire(400, tags=(("a", "b"),))).verdict is Verdict.PASS
    assert judged(calls, expire(400), expire(None, action="other", unread=("NewThing",))).verdict is Verdict.UNKNOWN
    assert judged(calls, expire(400), expire(30, tags=(("a", "b"),))).verdict is Verdict.UNKNOWN


def test_unread_rules_are_unknown(calls: Store) -> None:
    (found,) = findings(CHECK, world(replace(calls, lifecycle=None), AUDIO, policy=LEAST))
    assert found.verdict is Verdict.UNKNOWN


def test_in_a_limited_listing_a_rule_for_objects_not_seen_is_unknown(calls: Store) -> None:
    limited = gap(calls.id, Facet.OBJECTS, Why.LIMIT)
    elsewhere: dict[str, Any] = {"prefixes": ("tmp/",)}
    for rule, verdict in (
        (expire(364, **elsewhere), Verdict.UNKNOWN),
        (expire(365, **elsewhere), Verdict.PASS),
        (expire(None, from_date=NOW, **elsewhere), Verdict.UNKNOWN),
        (expire(None, action="other", unread=("NewThing",), **elsewhere), Verdict.UNKNOWN),
        (expire_old(1, **elsewhere), Verdict.PASS),
    ):
        bucket = replace(calls, lifecycle=(rule,))
        (found,) = findings(CHECK, world(bucket, AUDIO, limited, policy=LEAST))
        assert found.verdict is verdict


def test_without_a_minimum_nothing_is_judged(calls: Store) -> None:
    most: dict[str, object] = {"retention": [{"max_days": 30}]}
    for policy in ({}, most):
        assert findings(CHECK, world(replace(calls, lifecycle=(expire(1),)), AUDIO, policy=policy)) == []


def test_one_day_is_said_as_one(calls: Store) -> None:
    (found,) = findings(CHECK, world(calls, AUDIO, policy={"retention": [{"min_days": 1}]}))
    assert found.message == "no rule deletes 1 recording (1 min) before 1 day"


FOLDERS: dict[str, object] = {
    "retention": [{"prefix": "kept_/", "min_days": 365}, {"prefix": "none/", "min_days": 9}, {"min_days": 10}]
}


def test_each_folder_is_judged_by_the_rule_that_is_about_it(calls: Store) -> None:
    things = [speech("calls", key, days=10.25) for key in ("kept_/a.wav", "kept_/b.wav", "keptx/a.wav")]
    bucket = replace(calls, lifecycle=(expire(30),))
    rest, kept = findings(CHECK, world(bucket, *things, policy=FOLDERS))
    assert (kept.verdict, kept.locator) == (Verdict.FAIL, "speech under 'kept_/'")
    assert kept.message == "under kept_/: rule expire deletes all 2 recordings (2 min) before 365 days"
    assert (rest.verdict, rest.locator) == (Verdict.PASS, "speech")
    assert rest.message == "outside kept_/, none/: no rule deletes 1 recording (1 min) before 10 days"
    hidden = gap(calls.id, Facet.OBJECTS, Why.LIMIT)
    found = findings(CHECK, world(replace(calls, lifecycle=(expire(5),)), *things, hidden, policy=FOLDERS))
    assert [(one.locator, one.verdict) for one in found] == [
        ("speech", Verdict.UNKNOWN),
        ("speech under 'kept_/'", Verdict.FAIL),
        ("speech under 'none/'", Verdict.UNKNOWN),
    ]
