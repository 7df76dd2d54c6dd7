"""What unrotated_audio_key must find, must let pass, and cannot tell."""

from __future__ import annotations

from cloudscan.model import Answer, Finding, Store, Verdict
from cloudscan.provider import Facet
from cloudscan.testing import findings, gap, key, speech, world
from cloudscan_checks.unrotated_audio_key import unrotated_audio_key

AUDIO = speech("calls", "\u202ea.wav")


def judged(
    calls: Store, rotates: Answer, possible: Answer = Answer.YES, manager: str | None = "customer"
) -> list[Finding]:
    own = key("speech", manager=manager, rotates=rotates, rotation_possible=possible, rotation_days=365)
    return findings(unrotated_audio_key, world(calls, AUDIO, own))


def test_each_answer_has_its_verdict(calls: Store) -> None:
    for answer, verdict in ((Answer.YES, Verdict.PASS), (Answer.NO, Verdict.FAIL), (Answer.UNKNOWN, Verdict.UNKNOWN)):
        (found,) = judged(calls, answer)
        assert found.verdict is verdict


def test_whether_it_can_be_rotated_matters(calls: Store) -> None:
    assert judged(calls, Answer.NO, Answer.NO) == []
    (found,) = judged(calls, Answer.NO, Answer.UNKNOWN)
    assert found.verdict is Verdict.UNKNOWN


def test_keys_that_the_cloud_manages_are_no_concern(calls: Store) -> None:
    assert judged(calls, Answer.NO, manager="provider") == []
    (found,) = judged(calls, Answer.NO, manager=None)
    assert found.verdict is Verdict.UNKNOWN


def test_a_denied_question_is_named(calls: Store) -> None:
    own = key("speech", manager="customer")
    denied = gap(own.id, Facet.KEYS, permission="kms:GetKeyRotationStatus")
    (found,) = findings(unrotated_audio_key, world(calls, AUDIO, own, denied))
    assert found.evidence["permissions"] == ["kms:GetKeyRotationStatus"]


def test_a_key_that_the_estate_does_not_hold_is_unknown_at_its_store(calls: Store) -> None:
    (found,) = findings(unrotated_audio_key, world(calls, AUDIO))
    assert (found.verdict, found.resource) == (Verdict.UNKNOWN, calls.id)
