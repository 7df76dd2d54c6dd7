"""What old_audio_versions_never_deleted must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.model import Answer, Finding, LifecycleRule, MediaObject, RetentionLock, Store, Verdict, Why
from cloudscan.provider import Facet
from cloudscan.snapshot import Manifest
from cloudscan.testing import NOW, expire, expire_old, findings, gap, speech, transcript, world
from cloudscan_checks.old_audio_versions_never_deleted import old_audio_versions_never_deleted

CHECK = old_audio_versions_never_deleted
AUDIO = speech("calls", "raw/a.wav")
OLD = speech("calls", "=old.wav", current=False, version="1")


def judged(
    bucket: Store,
    *rules: LifecycleRule,
    versioning: str | None = "enabled",
    objects: tuple[MediaObject, ...] = (AUDIO,),
) -> Finding:
    (found,) = findings(CHECK, world(replace(bucket, lifecycle=rules, versioning=versioning), *objects))
    return found


@pytest.mark.parametrize("versioning", ["enabled", "suspended"])
@pytest.mark.parametrize(
    "rules",
    [
        (),
        (expire(30),),
        (expire_old(30, enabled=False),),
        (expire_old(30, newer_noncurrent=1),),
        (expire_old(30, prefixes=("tmp/",)),),
    ],
)
def test_old_versions_that_no_rule_takes_are_found(
    calls: Store, rules: tuple[LifecycleRule, ...], versioning: str
) -> None:
    found = judged(calls, *rules, versioning=versioning)
    assert found.verdict is Verdict.FAIL
    assert found.message == "no rule deletes the old versions that 1 recording (1 min) will leave behind"


def test_old_versions_that_lie_there_are_counted(calls: Store) -> None:
    rule = expire_old(1, prefixes=("raw/",))
    found = judged(calls, rule, objects=(AUDIO, OLD))
    assert found.message == "no rule deletes 1 old version (1 min) that are there now"
    assert found.evidence["examples"] == ["=old.wav"]


@pytest.mark.parametrize("prefix", ["", "raw/"])
def test_a_rule_for_old_versions_passes(calls: Store, prefix: str) -> None:
    assert judged(calls, expire_old(30, prefixes=(prefix,) if prefix else ())).verdict is Verdict.PASS


def test_a_store_that_keeps_no_versions_passes(calls: Store) -> None:
    assert judged(calls, versioning="disabled").verdict is Verdict.PASS


def test_a_store_that_keeps_none_now_may_hold_those_from_before(calls: Store) -> None:
    found = judged(calls, expire(30), versioning="off")
    assert found.verdict is Verdict.UNKNOWN
    assert found.message == (
        "the store makes no old versions now, and those from before, if there are any, were not listed:"
        " list them with --versions"
    )
    left = judged(calls, expire(30), versioning="off", objects=(AUDIO, OLD))
    assert left.verdict is Verdict.FAIL
    assert left.message == "no rule deletes 1 old version (1 min) that are there now"
    assert judged(calls, expire_old(30), versioning="off").verdict is Verdict.PASS
    seen = world(replace(calls, versioning="off"), AUDIO)
    manifest = Manifest({"aws": {"versions": True}}, (), NOW, NOW, "", {}, "")
    (none,) = findings(CHECK, replace(seen, estate=replace(seen.estate, manifest=manifest)))
    assert (none.verdict, none.message) == (Verdict.PASS, "the store makes no old versions now, and none is left")


def test_unread_versioning_is_unknown(calls: Store) -> None:
    assert judged(calls, versioning=None).verdict is Verdict.UNKNOWN


def test_unread_rules_are_unknown(calls: Store) -> None:
    (found,) = findings(CHECK, world(replace(calls, lifecycle=None, versioning="enabled"), AUDIO))
    assert found.verdict is Verdict.UNKNOWN


def test_a_rule_by_tag_is_unknown(calls: Store) -> None:
    rule = expire_old(30, "tagged", tags=(("a", "b"),))
    assert judged(calls, rule).verdict is Verdict.UNKNOWN


def test_locks_that_were_not_read_are_unknown(calls: Store) -> None:
    found = judged(replace(calls, lock=RetentionLock(Answer.YES)), expire_old(30), objects=(AUDIO, OLD))
    assert found.verdict is Verdict.UNKNOWN
    doubt = "the store has locks, and whether a lock or hold keeps these was not read"
    assert found.message == f"a rule may delete old versions of 2 recordings (2 min): {doubt}"


def test_in_a_limited_listing_only_a_rule_for_everything_passes(calls: Store) -> None:
    limited = gap(calls.id, Facet.OBJECTS, Why.LIMIT)
    for prefix, verdict in (("", Verdict.PASS), ("raw/", Verdict.UNKNOWN)):
        rule = expire_old(30, prefixes=(prefix,) if prefix else ())
        bucket = replace(calls, lifecycle=(rule,), versioning="enabled")
        (found,) = findings(CHECK, world(bucket, AUDIO, limited))
        assert found.verdict is verdict


def test_a_store_without_recordings_is_no_concern(calls: Store) -> None:
    assert findings(CHECK, world(replace(calls, versioning="enabled"), transcript("calls", "a.json"))) == []
