"""What audio_never_deleted must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace
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
from cloudscan.testing import expire, expire_old, findings, gap, speech, transcript, world
from cloudscan_checks.audio_never_deleted import audio_never_deleted

AUDIO = speech("calls", "raw/a.wav", seconds=3600)


def judged(bucket: Store, *rules: LifecycleRule, objects: tuple[MediaObject, ...] = (AUDIO,)) -> Finding:
    (found,) = findings(audio_never_deleted, world(replace(bucket, lifecycle=rules), *objects))
    return found


@pytest.mark.parametrize(
    "rule",
    [
        expire(1, "off", enabled=False),
        expire(30, "cold", action="set-tier", tier="GLACIER"),
        LifecycleRule("uploads", enabled=True, action="abort-upload", upload_days=1),
        LifecycleRule("markers", enabled=True, action="clear-marker"),
        expire(1, "elsewhere", prefixes=("tmp/",)),
        expire(1, "large", larger_than=10**9),
        expire_old(1, "old versions"),
    ],
    ids=lambda rule: rule.id,
)
def test_a_rule_that_deletes_no_recording_is_no_rule(calls: Store, rule: LifecycleRule) -> None:
    found = judged(calls, rule)
    assert found.verdict is Verdict.FAIL
    assert found.message == "no rule ever deletes 1 recording (1.0 h)"


def test_no_rule_at_all_is_found(calls: Store) -> None:
    assert judged(calls).verdict is Verdict.FAIL


def test_what_a_rule_leaves_is_counted(calls: Store) -> None:
    objects = (AUDIO, speech("calls", "a\n\u202e.wav"), speech("calls", "b.wav"))
    found = judged(calls, expire(30, "raw", prefixes=("raw/",)), objects=objects)
    assert found.message == "no rule ever deletes 2 of 3 recordings (2 min)"
    assert found.evidence["examples"] == ["a\n\u202e.wav"]


@pytest.mark.parametrize("prefix", ["", "raw/"])
def test_a_rule_that_meets_every_recording_passes(calls: Store, prefix: str) -> None:
    assert judged(calls, expire(30, prefixes=(prefix,) if prefix else ())).verdict is Verdict.PASS


def test_a_rule_by_tag_is_unknown(calls: Store) -> None:
    found = judged(calls, expire(30, "tagged", tags=(("a", "b"),)))
    assert found.verdict is Verdict.UNKNOWN
    assert "tagged" in found.message


def test_a_rule_not_read_whole_is_unknown(calls: Store) -> None:
    assert judged(calls, expire(None, "odd", action="other", unread=("NewThing",))).verdict is Verdict.UNKNOWN


def locked(bucket: Store, **lock: Any) -> Store:
    return replace(bucket, versioning="enabled", lock=RetentionLock(**lock))


def test_what_a_hold_keeps_is_never_deleted_whatever_rules_say(calls: Store) -> None:
    objects = (AUDIO._replace(held=True), speech("calls", "b.wav", held=False, retain_until=NEVER_RETAINED))
    found = judged(locked(calls, enabled=Answer.YES), expire(30), expire_old(1), objects=objects)
    assert found.verdict is Verdict.FAIL
    assert found.message == "no rule ever deletes 1 of 2 recordings (1.0 h); a hold keeps 1 recording (1.0 h)"
    assert next(iter(found.evidence["why"])) == "a hold keeps them"  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("lock", "doubt"),
    [
        ({"enabled": Answer.UNKNOWN}, "whether a lock or hold keeps them was not read"),
        ({"enabled": Answer.YES}, "the store has locks, and whether a lock or hold keeps these was not read"),
        (
            {"enabled": Answer.NO, "keeps_current": True, "holds": True},
            "whether a hold keeps them was not read",
        ),
    ],
)
def test_holds_that_were_not_read_are_no_pass(calls: Store, lock: dict[str, Any], doubt: str) -> None:
    found = judged(locked(calls, **lock), expire(30), expire_old(1))
    assert found.verdict is Verdict.UNKNOWN
    assert found.message == f"1 recording (1.0 h) may be deleted by rules expire, expire-old: {doubt}"
    free = AUDIO._replace(held=False, retain_until=NEVER_RETAINED)
    assert judged(locked(calls, **lock), expire(30), expire_old(1), objects=(free,)).verdict is Verdict.PASS


def test_where_versions_are_kept_a_rule_is_said_to_make_old_ones(calls: Store) -> None:
    found = judged(replace(calls, versioning="enabled"), expire(30))
    assert (found.verdict, found.message) == (Verdict.PASS, "rules delete, or make old versions of, every recording")


def test_unread_rules_are_unknown(calls: Store) -> None:
    denied = gap(calls.id, Facet.LIFECYCLE, operation="s3:GetLifecycleConfiguration")
    (found,) = findings(audio_never_deleted, world(replace(calls, lifecycle=None), AUDIO, denied))
    assert found.verdict is Verdict.UNKNOWN
    assert found.message == "could not read the lifecycle rules (denied: s3:GetLifecycleConfiguration)"


def test_in_a_limited_listing_only_a_rule_for_everything_passes(calls: Store) -> None:
    limited = gap(calls.id, Facet.OBJECTS, Why.LIMIT)
    for prefix, verdict in (("", Verdict.PASS), ("raw/", Verdict.UNKNOWN)):
        rule = expire(30, prefixes=(prefix,) if prefix else ())
        (found,) = findings(audio_never_deleted, world(replace(calls, lifecycle=(rule,)), AUDIO, limited))
        assert found.verdict is verdict


def test_a_store_that_ages_data_by_itself_passes(calls: Store) -> None:
    (found,) = findings(audio_never_deleted, world(replace(calls, retention_hours=24), AUDIO))
    assert found.verdict is Verdict.PASS


def test_a_store_without_recordings_is_no_concern(calls: Store) -> None:
    assert findings(audio_never_deleted, world(calls, transcript("calls", "a.json"))) == []
