"""Worlds in which the check must speak, keep quiet, and say that it cannot tell."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cloudscan.model import Confidence, Job, MediaClass, Verdict, Why
from cloudscan.provider import Facet
from cloudscan.testing import (
    NOW,
    assert_check_contract,
    assert_findings_contract,
    assert_gap_is_never_a_pass,
    failed,
    findings,
    gap,
    job,
    speech,
    store,
    transcript,
    unknown,
    world,
)
from cloudscan_checks.transcript_without_audio import transcript_without_audio

CALLS, TEXTS = store("calls"), store("texts")


def wrote(text: str = "a.json", audio: str = "a.wav") -> Job:
    made = NOW - timedelta(days=10)
    facts: dict[str, Any] = {"created": made, "listed_until": made + timedelta(days=90)}
    return job("j", inputs=(f"{CALLS.id}/{audio}",), outputs=(f"{TEXTS.id}/{text}",), **facts)


def test_contract() -> None:
    assert_check_contract(transcript_without_audio)
    empty = world(CALLS, TEXTS, transcript("texts", "a.json"))
    assert_gap_is_never_a_pass(transcript_without_audio, empty)


def test_recording_that_a_job_read_and_that_is_gone_is_found() -> None:
    found = findings(transcript_without_audio, world(CALLS, TEXTS, wrote(), transcript("texts", "a.json")))
    assert failed(found) == [TEXTS.id]
    assert_findings_contract(found)
    assert found[0].message == "the recording of 1 transcript is gone; of the surest, a job's record names it"
    assert found[0].evidence["its_recording"] == f"{CALLS.id}/a.wav"
    assert found[0].confidence is Confidence.HIGH


def test_name_alone_is_less_sure() -> None:
    seen = world(TEXTS, transcript("texts", "a.wav.json"), transcript("texts", "b.wav.json"), speech("texts", "b.wav"))
    (found,) = findings(transcript_without_audio, seen)
    assert (found.verdict, found.confidence) == (Verdict.FAIL, Confidence.MEDIUM)
    assert "1 of 2 transcripts" in found.message


def test_recording_that_is_there_is_right() -> None:
    seen = world(CALLS, TEXTS, wrote(), transcript("texts", "a.json"), speech("calls", "a.wav"))
    (found,) = findings(transcript_without_audio, seen)
    assert (found.verdict, found.message) == (Verdict.PASS, "the recording of 1 transcript is there")


def test_transcript_of_which_nothing_tells_is_unknown() -> None:
    seen = world(TEXTS, transcript("texts", "a.json"), transcript("texts", "b.json"), speech("texts", "b.wav"))
    found = findings(transcript_without_audio, seen)
    assert unknown(found) == [TEXTS.id]
    assert "1 of 2 transcripts" in found[0].message


def test_recording_in_a_store_that_was_not_listed_whole_is_unknown() -> None:
    cut = gap(CALLS.id, Facet.OBJECTS, Why.LIMIT)
    found = findings(transcript_without_audio, world(CALLS, TEXTS, wrote(), transcript("texts", "a.json"), cut))
    assert unknown(found) == [TEXTS.id]


def test_transcripts_that_were_not_all_listed_are_no_pass() -> None:
    held = wrote(), transcript("texts", "a.json"), speech("calls", "a.wav")
    found = findings(transcript_without_audio, world(CALLS, TEXTS, *held, gap(TEXTS.id, Facet.OBJECTS, Why.LIMIT)))
    assert unknown(found) == [TEXTS.id]


def test_store_without_transcripts_is_not_judged() -> None:
    held = speech("calls", "a.wav"), transcript("calls", "a.json", media=MediaClass.OTHER)
    assert findings(transcript_without_audio, world(CALLS, *held)) == []
