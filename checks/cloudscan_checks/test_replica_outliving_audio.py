"""What replica_outliving_audio must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.model import Answer, Finding, LifecycleRule, Replication, RetentionLock, Store, Verdict
from cloudscan.testing import expire, findings, speech, store, world
from cloudscan_checks.replica_outliving_audio import replica_outliving_audio

CHECK = replica_outliving_audio
AUDIO = speech("calls", "a.wav", days=10.25)


def source(calls: Store, *rules: LifecycleRule, enabled: bool = True) -> Store:
    copying = (Replication("arn:aws:s3:::copies", None, "", enabled),)
    return replace(calls, lifecycle=rules, replication=copying)


def copies(*rules: LifecycleRule) -> Store:
    return store("copies", versioning="disabled", lifecycle=rules, replication=(), lock=RetentionLock(Answer.NO))


def judged(*stores: Store) -> Finding:
    found = findings(CHECK, world(*stores, AUDIO, speech("copies", "a.wav", days=10.25)))
    return next(one for one in found if one.resource == "arn:aws:s3:::calls")


@pytest.mark.parametrize(
    ("rules", "told"), [((), "never"), ((expire(60),), "within 61 days"), ((expire(9, prefixes=("x",)),), "never")]
)
def test_replicas_that_stay_longer_are_found(calls: Store, rules: tuple[LifecycleRule, ...], told: str) -> None:
    found = judged(source(calls, expire(30)), copies(*rules))
    assert found.verdict is Verdict.FAIL
    assert found.message == f"recordings are deleted within 31 days, their replicas in copies {told}"
    assert found.locator == "arn:aws:s3:::copies"


def test_replicas_that_go_as_soon_pass(calls: Store) -> None:
    assert judged(source(calls, expire(30)), copies(expire(30))).verdict is Verdict.PASS


def test_replicas_of_what_is_never_deleted_outlive_nothing(calls: Store) -> None:
    assert judged(source(calls), copies()).verdict is Verdict.PASS


def test_what_was_not_looked_at_is_unknown(calls: Store) -> None:
    assert judged(source(calls, expire(30))).verdict is Verdict.UNKNOWN
    assert judged(replace(calls, replication=None)).verdict is Verdict.UNKNOWN
    assert judged(source(calls, expire(30)), replace(copies(), lifecycle=None)).verdict is Verdict.UNKNOWN
    assert judged(source(calls, expire(30)), copies(expire(9, tags=(("a", "b"),)))).verdict is Verdict.UNKNOWN


def test_a_rule_that_is_off_copies_nothing(calls: Store) -> None:
    assert findings(CHECK, world(source(calls, expire(30), enabled=False), AUDIO)) == []


def side_by_side(*stores: Store, **keys: str) -> Finding:
    """Judge where recordings lie in one store or both: ``a="both", b="calls"``."""
    rows = [
        speech(bucket, f"{key}/x.wav", days=10.25)
        for key, where in keys.items()
        for bucket in ("calls", "copies")
        if where in ("both", bucket)
    ]
    found = findings(CHECK, world(*stores, *rows))
    return next(one for one in found if one.resource == "arn:aws:s3:::calls")


def test_what_lies_in_the_other_store_besides_may_be_of_a_recording_that_is_gone(calls: Store) -> None:
    kept = copies(expire(30, prefixes=("a/",)))
    found = side_by_side(source(calls, expire(30)), kept, a="both", own="copies")
    assert found.verdict is Verdict.UNKNOWN
    assert found.message == (
        "whether 1 of 2 recordings in copies is a replica that outlives its recording is not known:"
        " calls has nothing under its key"
    )
    assert (found.evidence["not_known"], found.evidence["without_recording"]) == (1, ["own/x.wav"])
    narrow = replace(calls, lifecycle=(expire(30),), replication=(Replication(kept.id, None, "a/", enabled=True),))
    assert side_by_side(narrow, kept, a="both", own="copies").verdict is Verdict.PASS


def test_a_recording_of_another_source_is_no_replica_of_this(calls: Store) -> None:
    other = replace(source(calls, expire(30)), id="arn:aws:s3:::other", name="other")
    rows = [
        speech(name, key, days=10.25)
        for name, key in (("calls", "a.wav"), ("copies", "a.wav"), ("other", "b.wav"), ("copies", "b.wav"))
    ]
    found = findings(CHECK, world(source(calls, expire(30)), other, copies(expire(30)), *rows))
    assert {one.verdict for one in found} == {Verdict.PASS}


@pytest.mark.parametrize("rules", [(), (expire(30),)])
def test_a_replica_of_what_was_deleted_is_found_by_what_that_left(
    calls: Store, rules: tuple[LifecycleRule, ...]
) -> None:
    rows = [
        speech("calls", "a.wav", days=10.25),
        speech("copies", "a.wav", days=10.25),
        speech("calls", "gone\u202e.wav", version="2", delete_marker=True, size=0),
        speech("calls", "gone\u202e.wav", version="1", current=False),
        speech("copies", "gone\u202e.wav"),
    ]
    stores = source(calls, *rules), copies(expire(30))
    found = next(iter(findings(CHECK, world(*stores, *rows))))
    assert found.verdict is Verdict.FAIL
    assert found.message == "1 of 2 recordings in copies is a replica of one that is gone from calls already"
    assert (found.evidence["gone"], found.evidence["without_recording"]) == (1, ["gone\u202e.wav"])


def test_a_recording_that_stays_hides_none_that_is_outlived(calls: Store) -> None:
    found = side_by_side(source(calls, expire(30, prefixes=("a/",))), copies(), a="both", b="both")
    assert found.verdict is Verdict.FAIL
    assert found.message == "recordings are deleted within 31 days, 1 of 2 replicas in copies never"
    assert (found.evidence["pairs"], found.evidence["outliving"]) == (2, 1)
    assert found.evidence["examples"] == ["a/x.wav"]


def test_each_replica_is_held_against_its_own_recording(calls: Store) -> None:
    rules = (expire(30, "a", prefixes=("a/",)), expire(90, "b", prefixes=("b/",)))
    assert side_by_side(source(calls, *rules), copies(*rules), a="both", b="both").verdict is Verdict.PASS


def test_a_recording_of_unknown_fate_is_no_pass(calls: Store) -> None:
    tagged = expire(30, tags=(("k", "v"),))
    assert side_by_side(source(calls, tagged), copies(), a="both").verdict is Verdict.UNKNOWN
    assert side_by_side(source(calls, tagged), copies(expire(40)), a="both").verdict is Verdict.UNKNOWN
    assert side_by_side(source(calls, tagged), copies(expire(30)), a="both").verdict is Verdict.PASS


def test_where_no_recording_lies_in_both_the_rules_are_compared(calls: Store) -> None:
    found = side_by_side(source(calls, expire(30)), copies(), a="calls", b="copies")
    assert found.verdict is Verdict.FAIL
    assert "pairs" not in found.evidence
