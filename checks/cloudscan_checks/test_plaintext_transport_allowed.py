"""What plaintext_transport_allowed must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.model import Answer, MediaObject, Store, Verdict
from cloudscan.provider import Facet
from cloudscan.testing import findings, gap, speech, transcript, world
from cloudscan_checks.plaintext_transport_allowed import plaintext_transport_allowed

VERDICTS = {Answer.YES: Verdict.PASS, Answer.NO: Verdict.FAIL, Answer.UNKNOWN: Verdict.UNKNOWN}


@pytest.mark.parametrize("thing", [speech("calls", "a.wav"), transcript("calls", "a.json")])
@pytest.mark.parametrize("answer", list(Answer))
def test_each_answer_has_its_verdict(calls: Store, answer: Answer, thing: MediaObject) -> None:
    (found,) = findings(plaintext_transport_allowed, world(replace(calls, tls_required=answer), thing))
    assert found.verdict is VERDICTS[answer]


def test_a_denied_policy_is_named(calls: Store) -> None:
    denied = gap(calls.id, Facet.POLICY, operation="s3:GetBucketPolicy", permission="s3:GetBucketPolicy")
    seen = world(replace(calls, tls_required=Answer.UNKNOWN), speech("calls", "a.wav"), denied)
    (found,) = findings(plaintext_transport_allowed, seen)
    assert found.evidence["permissions"] == ["s3:GetBucketPolicy"]


def test_a_store_that_holds_no_speech_is_no_concern(calls: Store) -> None:
    assert findings(plaintext_transport_allowed, world(replace(calls, tls_required=Answer.NO))) == []


def test_a_hostile_name_is_one_word_of_the_command(calls: Store) -> None:
    bucket = replace(calls, tls_required=Answer.NO, name="calls; rm -rf /")
    (found,) = findings(plaintext_transport_allowed, world(bucket, speech("calls", "a.wav")))
    assert "--bucket 'calls; rm -rf /' --policy" in found.remediation
