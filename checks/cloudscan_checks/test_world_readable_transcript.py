"""What world_readable_transcript must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace

from cloudscan.access import Grant
from cloudscan.model import ANYONE, Action, Answer, MediaClass, Store
from cloudscan.testing import failed, findings, grant, passed, speech, transcript, unknown, world
from cloudscan_checks.world_readable_transcript import world_readable_transcript

TEXT = transcript("calls", "text/\u202ea.json")


def readers(media: MediaClass) -> Grant:
    return grant(ANYONE, Action.READ, "calls", media=media, objects=1, example="text/a.json")


def test_an_open_transcript_is_found(calls: Store) -> None:
    (found,) = findings(world_readable_transcript, world(calls, TEXT, readers(MediaClass.TRANSCRIPT)))
    assert failed([found]) == [calls.id]
    assert found.message == "anyone on the Internet can read 1 transcript under text/"


def test_open_recordings_beside_closed_transcripts_are_another_matter(calls: Store) -> None:
    seen = world(calls, TEXT, speech("calls", "a.wav"), readers(MediaClass.SPEECH))
    assert passed(findings(world_readable_transcript, seen)) == [calls.id]


def test_an_unknown_policy_is_unknown(calls: Store) -> None:
    seen = world(replace(calls, has_policy=Answer.UNKNOWN), TEXT)
    assert unknown(findings(world_readable_transcript, seen)) == [calls.id]


def test_a_store_without_transcripts_is_no_concern(calls: Store) -> None:
    assert findings(world_readable_transcript, world(calls, speech("calls", "a.wav"))) == []
