"""Worlds in which the check must speak, keep quiet, and say that it cannot tell."""

from __future__ import annotations

from cloudscan.model import Confidence, Verdict, Why
from cloudscan.provider import Facet
from cloudscan.testing import (
    assert_check_contract,
    assert_findings_contract,
    assert_gap_is_never_a_pass,
    failed,
    findings,
    gap,
    store,
    transcript,
    unknown,
    world,
)
from cloudscan_checks.redacted_transcript_beside_raw import redacted_transcript_beside_raw

TEXTS = store("texts")
REDACTED = transcript("texts", "redacted-a.json", redacted=True)


def test_contract() -> None:
    assert_check_contract(redacted_transcript_beside_raw)
    assert_gap_is_never_a_pass(redacted_transcript_beside_raw, world(TEXTS, transcript("texts", "a.json")))


def test_raw_by_its_own_word_is_found() -> None:
    found = findings(
        redacted_transcript_beside_raw, world(TEXTS, REDACTED, transcript("texts", "a.json", redacted=False))
    )
    assert failed(found) == [TEXTS.id]
    assert_findings_contract(found)
    assert (found[0].confidence, found[0].evidence["example"]) == (Confidence.HIGH, "a.json")


def test_raw_by_its_name_is_found_and_less_sure() -> None:
    (found,) = findings(redacted_transcript_beside_raw, world(TEXTS, REDACTED, transcript("texts", "a.json")))
    assert (found.verdict, found.confidence) == (Verdict.FAIL, Confidence.MEDIUM)
    assert found.message == "the raw text of a redacted transcript is kept"


def test_captions_beside_it_may_be_raw() -> None:
    found = findings(redacted_transcript_beside_raw, world(TEXTS, REDACTED, transcript("texts", "a.vtt")))
    assert unknown(found) == [TEXTS.id]


def test_redacted_alone_is_right() -> None:
    other = transcript("texts", "b.json", redacted=False)
    (found,) = findings(redacted_transcript_beside_raw, world(TEXTS, REDACTED, other))
    assert found.verdict is Verdict.PASS


def test_limited_listing_is_unknown() -> None:
    found = findings(redacted_transcript_beside_raw, world(TEXTS, REDACTED, gap(TEXTS.id, Facet.OBJECTS, Why.LIMIT)))
    assert unknown(found) == [TEXTS.id]


def test_store_without_redacted_transcripts_is_not_judged() -> None:
    raw = transcript("texts", "a.json", redacted=False)
    assert findings(redacted_transcript_beside_raw, world(TEXTS, raw)) == []


def test_transcripts_of_which_nobody_knows_are_unknown() -> None:
    held = transcript("texts", "a.json"), transcript("texts", "b.json", redacted=False)
    found = findings(redacted_transcript_beside_raw, world(TEXTS, *held))
    assert unknown(found) == [TEXTS.id]
    assert "1 of 2 transcripts" in found[0].message
