"""Worlds in which the check must speak, keep quiet, and say that it cannot tell."""

from __future__ import annotations

from cloudscan.model import Confidence, Verdict
from cloudscan.testing import (
    assert_check_contract,
    assert_findings_contract,
    assert_gap_is_never_a_pass,
    failed,
    findings,
    job,
    speech,
    store,
    transcript,
    unknown,
    world,
)
from cloudscan_checks.raw_audio_beside_redacted_transcript import raw_audio_beside_redacted_transcript

CALLS, TEXTS = store("calls"), store("texts")


def test_contract() -> None:
    assert_check_contract(raw_audio_beside_redacted_transcript)
    assert_gap_is_never_a_pass(raw_audio_beside_redacted_transcript, world(CALLS, speech("calls", "a.wav")))


def test_recording_as_spoken_is_found_by_the_job_that_read_it() -> None:
    wrote = job("j", inputs=(f"{CALLS.id}/a.wav",), outputs=(f"{TEXTS.id}/1.json",))
    text = transcript("texts", "1.json", redacted=True)
    found = findings(raw_audio_beside_redacted_transcript, world(CALLS, TEXTS, wrote, text, speech("calls", "a.wav")))
    assert failed(found) == [CALLS.id]
    assert_findings_contract(found)
    assert found[0].confidence is Confidence.HIGH
    assert found[0].message == "a recording whose transcript is redacted is kept as spoken"


def test_one_name_in_one_folder_is_less_sure() -> None:
    held = [speech("calls", f"{name}.wav") for name in "ab"]
    texts = [transcript("calls", f"redacted-{name}.json", redacted=True) for name in "ab"]
    (found,) = findings(raw_audio_beside_redacted_transcript, world(CALLS, *held, *texts))
    assert found.confidence is Confidence.MEDIUM
    assert found.message == "2 recordings whose transcript is redacted are kept as spoken"


def test_redacted_recording_and_raw_transcript_are_no_concern() -> None:
    masked = speech("calls", "redacted-a.wav"), transcript("calls", "redacted-a.json", redacted=True)
    raw = speech("calls", "b.wav"), transcript("calls", "b.json", redacted=False)
    (found,) = findings(raw_audio_beside_redacted_transcript, world(CALLS, *masked, *raw))
    assert found.verdict is Verdict.PASS


def test_transcript_of_which_nobody_knows_is_unknown() -> None:
    seen = world(CALLS, speech("calls", "b.wav"), transcript("calls", "b.json"))
    assert unknown(findings(raw_audio_beside_redacted_transcript, seen)) == [CALLS.id]


def test_recordings_without_a_transcript_are_not_judged() -> None:
    assert findings(raw_audio_beside_redacted_transcript, world(CALLS, speech("calls", "b.wav"))) == []
