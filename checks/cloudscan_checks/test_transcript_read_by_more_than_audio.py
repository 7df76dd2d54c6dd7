"""Worlds in which the check must speak, keep quiet, and say that it cannot tell."""

from __future__ import annotations

from typing import Any

import pytest

from cloudscan.access import Grant
from cloudscan.access.conditions import Unseen
from cloudscan.model import ANYONE, Action, Answer, MediaClass, Verdict
from cloudscan.provider import Facet
from cloudscan.testing import (
    ACCOUNT,
    assert_check_contract,
    assert_findings_contract,
    assert_gap_is_never_a_pass,
    edge,
    failed,
    findings,
    gap,
    grant,
    job,
    principal,
    speech,
    store,
    transcript,
    unknown,
    world,
)
from cloudscan_checks.transcript_read_by_more_than_audio import transcript_read_by_more_than_audio

SHUT: dict[str, Any] = {"has_policy": Answer.NO, "acl": ()}
CALLS, TEXTS = store("calls", **SHUT), store("texts", **SHUT)
ANA, BEN = principal("ana", "user"), principal("ben", "user")
HELD = (
    CALLS,
    TEXTS,
    ANA,
    BEN,
    job("j", inputs=(f"{CALLS.id}/a.wav",), outputs=(f"{TEXTS.id}/a.json",)),
    speech("calls", "a.wav"),
    transcript("texts", "a.json"),
)


def reads(who: str, bucket: str, **facts: Any) -> Grant:
    media = MediaClass.SPEECH if bucket == "calls" else MediaClass.TRANSCRIPT
    return grant(who, Action.READ, bucket, media=media, objects=1, **facts)


def test_contract() -> None:
    assert_check_contract(transcript_read_by_more_than_audio)
    bare = world(store("calls"), store("texts"), *HELD[4:])
    assert_gap_is_never_a_pass(transcript_read_by_more_than_audio, bare)


def test_reader_of_the_text_alone_is_found_with_the_way() -> None:
    found = findings(
        transcript_read_by_more_than_audio,
        world(*HELD, reads(ANA.id, "calls"), reads(ANA.id, "texts"), reads(BEN.id, "texts")),
    )
    assert failed(found) == [TEXTS.id]
    assert_findings_contract(found)
    assert found[0].evidence["examples"] == [BEN.id]
    assert found[0].path[-1].source == BEN.id
    assert "1 transcript of recordings in calls" in found[0].message


def test_reader_by_steps_counts() -> None:
    role = principal("texts-reader")
    steps = reads(role.id, "texts"), reads(role.id, "calls"), edge(BEN.id, "assume", role.id)
    (found,) = findings(transcript_read_by_more_than_audio, world(*HELD, role, *steps))
    assert found.verdict is Verdict.PASS


def test_same_readers_are_right() -> None:
    both = reads(ANA.id, "calls"), reads(ANA.id, "texts")
    (found,) = findings(transcript_read_by_more_than_audio, world(*HELD, *both))
    assert (found.verdict, found.locator) == (Verdict.PASS, CALLS.id)


def test_more_may_hear_than_read() -> None:
    (found,) = findings(transcript_read_by_more_than_audio, world(*HELD, reads(ANA.id, "calls")))
    assert found.verdict is Verdict.PASS


def test_recordings_open_to_anyone_guard_nothing() -> None:
    both = reads(ANYONE, "calls"), reads(BEN.id, "texts")
    (found,) = findings(transcript_read_by_more_than_audio, world(*HELD, *both))
    assert found.verdict is Verdict.PASS


@pytest.mark.parametrize("doubt", [gap(ACCOUNT, Facet.PRINCIPALS), gap(TEXTS.id, Facet.OBJECTS)])
def test_readers_that_were_not_seen_are_no_pass(doubt: Any) -> None:
    assert unknown(findings(transcript_read_by_more_than_audio, world(*HELD, doubt))) == [TEXTS.id]


def test_grant_that_hangs_on_something_unseen_is_unknown() -> None:
    perhaps = reads(BEN.id, "texts", condition=Unseen("the key policy was not read"))
    assert unknown(findings(transcript_read_by_more_than_audio, world(*HELD, perhaps))) == [TEXTS.id]


def test_transcripts_of_no_known_recording_are_not_judged() -> None:
    held = CALLS, TEXTS, speech("calls", "a.wav"), transcript("texts", "b.json")
    assert findings(transcript_read_by_more_than_audio, world(*held)) == []
