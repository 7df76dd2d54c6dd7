"""What transcript_outliving_audio must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cloudscan.model import Answer, Confidence, Finding, LifecycleRule, MediaObject, RetentionLock, Store, Verdict
from cloudscan.testing import expire, findings, job, speech, transcript, world
from cloudscan_checks.transcript_outliving_audio import transcript_outliving_audio

CHECK = transcript_outliving_audio
SOUND: dict[str, Any] = {"prefixes": ("raw/",)}
THINGS = (
    speech("calls", "raw/a.wav", days=10.25),
    transcript("calls", "text/a.json", days=10.25),
    job("a", inputs=("arn:aws:s3:::calls/raw/a.wav",), outputs=("arn:aws:s3:::calls/text/a.json",)),
)


def judged(calls: Store, *rules: LifecycleRule, policy: dict[str, object] | None = None) -> Finding:
    (found,) = findings(CHECK, world(replace(calls, lifecycle=rules), *THINGS, policy=policy))
    return found


@pytest.mark.parametrize(
    ("rules", "told"),
    [((), "never"), ((expire(60, prefixes=("text/",)),), "within 61 days")],
)
def test_transcripts_that_stay_longer_are_found(calls: Store, rules: tuple[LifecycleRule, ...], told: str) -> None:
    found = judged(calls, expire(30, **SOUND), *rules)
    assert found.verdict is Verdict.FAIL
    assert found.message == f"recordings in calls are deleted within 31 days, 1 of their transcripts {told}"


def test_transcripts_that_go_as_soon_pass(calls: Store) -> None:
    assert judged(calls, expire(30)).verdict is Verdict.PASS


def test_transcripts_of_what_is_never_deleted_outlive_nothing(calls: Store) -> None:
    assert judged(calls).verdict is Verdict.PASS


def test_a_decision_of_the_policy_file_passes(calls: Store) -> None:
    decided: dict[str, object] = {
        "retention": [{"media": "speech", "max_days": 30}, {"media": "transcript", "max_days": 365}]
    }
    assert judged(calls, expire(30, **SOUND), policy=decided).verdict is Verdict.PASS
    same: dict[str, object] = {"retention": [{"max_days": 30}]}
    assert judged(calls, expire(30, **SOUND), policy=same).verdict is Verdict.FAIL


def test_what_was_not_read_is_unknown(calls: Store) -> None:
    (found,) = findings(CHECK, world(replace(calls, lifecycle=None), *THINGS))
    assert found.verdict is Verdict.UNKNOWN
    tagged = expire(30, "tagged", prefixes=("text/",), tags=(("a", "b"),))
    assert judged(calls, expire(30, **SOUND), tagged).verdict is Verdict.UNKNOWN


def test_transcripts_of_nobody_knows_what_are_no_concern(calls: Store) -> None:
    assert findings(CHECK, world(calls, transcript("calls", "text/a.json"))) == []


def several(calls: Store, *rules: LifecycleRule, more: tuple[MediaObject, ...] = ()) -> Finding:
    """Judge two recordings with a transcript each, and further transcripts."""
    things = [
        thing
        for name in ("a", "b")
        for thing in (
            speech("calls", f"raw/{name}.wav", days=10.25),
            transcript("calls", f"text/{name}.json", days=10.25),
            job(
                name,
                inputs=(f"arn:aws:s3:::calls/raw/{name}.wav",),
                outputs=(f"arn:aws:s3:::calls/text/{name}.json",),
            ),
        )
    ]
    (found,) = findings(CHECK, world(replace(calls, lifecycle=rules), *things, *more))
    return found


def test_a_transcript_is_held_against_its_own_recording(calls: Store) -> None:
    own = [
        expire(days, f"{name}{folder}", prefixes=(f"{folder}/{name}",))
        for name, days in (("a", 30), ("b", 90))
        for folder in ("raw", "text")
    ]
    assert several(calls, *own).verdict is Verdict.PASS


def test_a_transcript_of_nothing_and_a_recording_that_stays_hide_nothing(calls: Store) -> None:
    other = transcript("calls", "minutes/x.json", days=10.25)
    found = several(calls, expire(30, prefixes=("raw/a",)), more=(other,))
    assert found.verdict is Verdict.FAIL
    assert found.message == "recordings in calls are deleted within 31 days, 1 of 2 transcripts never"
    assert found.evidence["examples"] == ["text/a.json"]


def test_a_recording_of_unknown_fate_is_no_pass(calls: Store) -> None:
    assert judged(calls, expire(30, tags=(("k", "v"),), **SOUND)).verdict is Verdict.UNKNOWN


def test_a_transcript_of_a_video_is_held_against_the_video(calls: Store) -> None:
    things = (speech("calls", "raw/a.mp4", days=10.25, media="video"), transcript("calls", "text/a.json", days=10.25))
    tied = job("a", inputs=("arn:aws:s3:::calls/raw/a.mp4",), outputs=("arn:aws:s3:::calls/text/a.json",))
    (found,) = findings(CHECK, world(replace(calls, lifecycle=(expire(30, **SOUND),)), *things, tied))
    assert (found.verdict, found.evidence["pairs"]) == (Verdict.FAIL, 1)


ERASED = (
    transcript("calls", "text/erased.json", days=10.25),
    job("e", inputs=("arn:aws:s3:::calls/raw/erased.wav",), outputs=("arn:aws:s3:::calls/text/erased.json",)),
)


def test_a_transcript_whose_recording_is_gone_has_outlived_it(calls: Store) -> None:
    bucket = replace(calls, lifecycle=(expire(30),))
    (found,) = findings(CHECK, world(bucket, *THINGS, *ERASED))
    assert found.verdict is Verdict.FAIL
    assert found.message == "the recording in calls of 1 of 2 transcripts is gone already"
    assert (found.evidence["gone"], found.evidence["examples"]) == (1, ["text/erased.json"])
    (alone,) = findings(CHECK, world(bucket, *ERASED))
    assert (alone.verdict, alone.fingerprint) == (Verdict.FAIL, found.fingerprint)
    assert alone.message == "the recording in calls of 1 transcript is gone already"
    (named,) = findings(CHECK, world(bucket, transcript("calls", "text/a.wav.json", days=10.25)))
    assert (alone.confidence, named.confidence) == (Confidence.HIGH, Confidence.MEDIUM)
    assert (named.verdict, named.message) == (Verdict.FAIL, alone.message)


def test_what_is_gone_is_told_beside_what_rules_will_do(calls: Store) -> None:
    bucket = replace(calls, lifecycle=(expire(30, **SOUND),))
    (found,) = findings(CHECK, world(bucket, *THINGS, *ERASED))
    assert found.message == (
        "recordings in calls are deleted within 31 days, 1 of their transcripts never;"
        " the recording in calls of 1 of 2 transcripts is gone already"
    )


def test_a_decision_for_longer_transcripts_passes_those_whose_recording_is_gone(calls: Store) -> None:
    decided: dict[str, object] = {
        "retention": [{"media": "speech", "max_days": 30}, {"media": "transcript", "max_days": 365}]
    }
    (found,) = findings(CHECK, world(replace(calls, lifecycle=()), *ERASED, policy=decided))
    assert found.verdict is Verdict.PASS


def test_a_transcript_of_an_unknown_recording_is_no_pass(calls: Store) -> None:
    other = transcript("calls", "minutes/x.json", days=10.25)
    (found,) = findings(CHECK, world(replace(calls, lifecycle=(expire(30),)), *THINGS, other))
    assert found.verdict is Verdict.UNKNOWN
    assert (
        found.message == "whether 1 of 2 transcripts outlives its recording is not known: nothing tells which that is"
    )


SOME: dict[str, object] = {
    "retention": [
        {"media": "speech", "prefix": "raw/a", "max_days": 30},
        {"media": "speech", "max_days": 365},
        {"media": "transcript", "max_days": 365},
    ]
}


def test_a_decision_for_a_folder_passes_the_transcripts_of_its_recordings(calls: Store) -> None:
    bucket, b = replace(calls, lifecycle=(expire(30, **SOUND),)), "arn:aws:s3:::calls/{}/b.{}".format
    other = (
        speech("calls", "raw/b.wav", days=10.25),
        transcript("calls", "text/b.json", days=10.25),
        job("b", inputs=(b("raw", "wav"),), outputs=(b("text", "json"),)),
    )
    (found,) = findings(CHECK, world(bucket, *THINGS, policy=SOME))
    assert found.verdict is Verdict.PASS
    assert found.message == "the policy file gives transcripts a longer time than recordings"
    (found,) = findings(CHECK, world(bucket, *THINGS, *other, policy=SOME))
    assert (found.verdict, found.evidence["outliving"], found.evidence["examples"]) == (
        Verdict.FAIL,
        1,
        ["text/b.json"],
    )


def test_where_some_transcripts_are_decided_on_what_is_gone_is_unknown(calls: Store) -> None:
    (found,) = findings(CHECK, world(replace(calls, lifecycle=()), *ERASED, policy=SOME))
    assert found.verdict is Verdict.UNKNOWN
    assert found.message == (
        "the recording in calls of 1 transcript is gone already, and the policy file gives some transcripts here a"
        " longer time than their recordings"
    )


def test_holds_are_spoken_of_where_there_may_be_some(calls: Store) -> None:
    (found,) = findings(CHECK, world(replace(calls, lifecycle=(expire(30, **SOUND),)), *THINGS))
    assert "legal-hold" not in found.remediation
    locked = replace(calls, lifecycle=(expire(30, **SOUND),), lock=RetentionLock(Answer.UNKNOWN))
    (found,) = findings(CHECK, world(locked, *THINGS))
    assert "legal-hold" in found.remediation
