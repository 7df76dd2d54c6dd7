"""What replica_outliving_audio must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cloudscan.model import Answer, Finding, Job, LifecycleRule, Replication, RetentionLock, Store, Verdict
from cloudscan.provider import Facet
from cloudscan.testing import expire, findings, gap, job, speech, store, world
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


def test_a_rule_that_is_off_leaves_what_it_copied(calls: Store) -> None:
    off = source(calls, expire(30), enabled=False)
    assert [one.verdict for one in findings(CHECK, world(off, AUDIO))] == [Verdict.UNKNOWN]
    assert findings(CHECK, world(off, copies(), AUDIO)) == []
    assert judged(off, copies()).verdict is Verdict.FAIL


def test_recordings_that_are_kept_hide_none_that_are_deleted(calls: Store) -> None:
    half = source(calls, expire(30, prefixes=("old/",)))
    rows = (AUDIO, speech("calls", "old/b.wav", days=10.25))
    (found,) = findings(CHECK, world(half, copies(), *rows, speech("copies", "c.wav", days=9)))
    assert found.verdict is Verdict.FAIL
    assert found.message.startswith("some recordings are deleted within 31 days, their replicas in copies never")


def test_replicas_that_stay_longer_than_some_recordings_do_not_pass(calls: Store) -> None:
    both = source(calls, expire(30, prefixes=("old/",)), expire(365, prefixes=("new/",)))
    rows = [speech("calls", f"{name}/b.wav", days=10.25) for name in ("old", "new")]
    found = findings(CHECK, world(both, copies(expire(365)), *rows, speech("copies", "own.wav", days=10.25)))
    assert [one.verdict for one in found if one.resource == "arn:aws:s3:::calls"] == [Verdict.UNKNOWN]


def test_replicas_that_were_not_listed_are_unknown(calls: Store) -> None:
    hidden = gap("arn:aws:s3:::copies", Facet.OBJECTS)
    (found,) = findings(CHECK, world(source(calls, expire(30)), copies(), AUDIO, hidden))
    assert found.verdict is Verdict.UNKNOWN
    assert "it is not known whether replicas in copies outlive them (denied: Get)" in found.message


def transfer(**facts: Any) -> Job:
    """Make a job that copies from one store to another."""
    given: dict[str, Any] = {
        "kind": "transfer",
        "status": "ENABLED",
        "inputs": ("arn:aws:s3:::calls",),
        "outputs": ("arn:aws:s3:::copies",),
        "mirrors": Answer.NO,
    }
    return job("nightly", **(given | facts))


def moved(calls: Store, *stores: Store, key: str = "a.wav", days: int = 30, **facts: Any) -> list[Finding]:
    """Judge a store from which a job copies to another, where one recording lies in both."""
    rows = (speech("calls", "raw/a.wav", days=10.25), speech("copies", key, days=10.25))
    cleared = replace(calls, lifecycle=(expire(days),), replication=())
    found = findings(CHECK, world(cleared, *stores, *rows, transfer(**facts)))
    return [one for one in found if one.resource == "arn:aws:s3:::calls"]


def test_what_a_transfer_job_copied_is_a_replica(calls: Store) -> None:
    (found,) = moved(calls, copies(), key="raw/a.wav")
    assert (found.verdict, found.locator) == (Verdict.FAIL, "arn:aws:s3:::copies")
    assert found.message == "recordings are deleted within 31 days, their replicas in copies never"
    assert [one.verdict for one in moved(calls, copies(expire(30)), key="raw/a.wav")] == [Verdict.PASS]


@pytest.mark.parametrize(
    ("places", "key"),
    [
        ({"inputs": ("arn:aws:s3:::calls/raw",)}, "a.wav"),
        ({"outputs": ("arn:aws:s3:::copies/of",)}, "of/raw/a.wav"),
        ({"inputs": ("arn:aws:s3:::calls/raw",), "outputs": ("arn:aws:s3:::copies/of",)}, "of/a.wav"),
    ],
)
@pytest.mark.parametrize(("rules", "verdict"), [((), Verdict.FAIL), ((expire(30),), Verdict.PASS)])
def test_a_job_may_give_replicas_another_key(
    calls: Store, places: dict[str, Any], key: str, rules: tuple[LifecycleRule, ...], verdict: Verdict
) -> None:
    (found,) = moved(calls, copies(*rules), key=key, **places)
    assert (found.verdict, found.evidence["pairs"]) == (verdict, 1)
    (other,) = moved(calls, copies(expire(30)), key=key.replace("a.wav", "b.wav"), **places)
    assert (other.verdict, other.evidence["not_known"]) == (Verdict.UNKNOWN, 1)


def test_a_job_that_deletes_what_its_source_has_lost_leaves_it_open(calls: Store) -> None:
    (found,) = moved(calls, copies(), key="raw/a.wav", mirrors=Answer.YES)
    assert found.verdict is Verdict.UNKNOWN
    assert found.message.endswith("; a transfer job deletes there what calls has lost, whenever it runs")
    (found,) = moved(calls, copies(), key="raw/a.wav", mirrors=Answer.YES, status="DISABLED")
    assert found.verdict is Verdict.FAIL


@pytest.mark.parametrize("outputs", [("arn:aws:s3:::elsewhere",), ("file:///mnt/x",), ()])
def test_where_nobody_looked_at_what_a_job_copied_it_is_unknown(calls: Store, outputs: tuple[str, ...]) -> None:
    (found,) = moved(calls, outputs=outputs)
    assert found.verdict is Verdict.UNKNOWN
    assert found.message.endswith("was not looked at")


def test_jobs_that_were_not_listed_leave_it_open(calls: Store) -> None:
    cleared = replace(calls, lifecycle=(expire(30),), replication=())
    for denied, verdicts in (("222222222222", [Verdict.UNKNOWN]), ("arn:aws:s3:::copies", [])):
        refused = gap(denied, Facet.REPLICATION, account="222222222222", operation="transferJobs.list")
        found = findings(CHECK, world(cleared, AUDIO, refused))
        assert [one.verdict for one in found if one.resource == cleared.id] == verdicts


def test_the_remedy_names_the_store_of_the_replicas() -> None:
    ids = [
        f"/subscriptions/s/resourcegroups/rg/providers/microsoft.storage/storageaccounts/{name}/blobservices/default/containers/c"
        for name in ("one", "two")
    ]
    one, two = (replace(copies(), id=name, provider="azure") for name in ids)
    copying = replace(one, lifecycle=(expire(30),), replication=(Replication(two.id, None, "", enabled=True),))
    rows = [AUDIO._replace(store=name) for name in ids]
    found = next(one for one in findings(CHECK, world(copying, two, *rows)) if one.resource == copying.id)
    assert "--account-name two --resource-group rg" in found.remediation


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
