"""What cannot be said where labels that were not read tell what the policy file decides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cloudscan.check import Check
from cloudscan.model import Store, Verdict
from cloudscan.provider import Facet
from cloudscan.testing import expire, findings, gap, job, speech, transcript, world
from cloudscan_checks.audio_deleted_too_early import audio_deleted_too_early
from cloudscan_checks.audio_outliving_maximum_age import audio_outliving_maximum_age
from cloudscan_checks.audio_past_maximum_age import audio_past_maximum_age
from cloudscan_checks.contradictory_audio_retention import contradictory_audio_retention
from cloudscan_checks.transcript_outliving_audio import transcript_outliving_audio

TRADING: dict[str, Any] = {"prefix": "calls/vip/", "labels": {"desk": "trading"}, "min_days": 1825}
RULES = [TRADING, {"prefix": ["calls/", "ivr/"], "max_days": 65}]
THINGS = speech("calls", "calls/vip/a.wav", days=10), speech("calls", "calls/a.wav", days=10)
EVERY = (audio_deleted_too_early, audio_outliving_maximum_age, audio_past_maximum_age, contradictory_audio_retention)


@pytest.mark.parametrize("check", EVERY)
def test_no_rule_is_applied_in_place_of_one_whose_labels_were_not_read(calls: Store, check: Check) -> None:
    bucket = replace(calls, labels=None, lifecycle=(expire(60, "exp60"),))
    found = findings(check, world(bucket, *THINGS, policy={"retention": RULES}))
    open_ones = [one for one in found if one.verdict is Verdict.UNKNOWN]
    assert len(open_ones) == 1
    assert open_ones[0].message.endswith(
        "which rule of the policy file decides hangs on the labels of the store: they were not read;"
        " collect with this file, --policy, to read them"
    )
    assert open_ones[0].remediation == ""
    sure = [one for one in found if one not in open_ones]
    assert "calls/vip/" not in [prefix for one in sure for prefix in one.evidence.get("prefixes", [])]  # type: ignore[attr-defined]


def test_labels_that_were_refused_are_told_with_the_permission(calls: Store) -> None:
    bucket = replace(calls, labels=None)
    refused = gap(calls.id, Facet.LABELS, permission="s3:GetBucketTagging")
    found = findings(audio_past_maximum_age, world(bucket, refused, *THINGS, policy={"retention": RULES}))
    (told,) = (one for one in found if "hangs on the labels" in one.message)
    assert told.evidence["permissions"] == ["s3:GetBucketTagging"]
    assert "could not read them (denied: Get)" in told.message


@pytest.mark.parametrize("labels", [{}, {"desk": "trading"}])
def test_labels_that_were_read_leave_nothing_open(calls: Store, labels: dict[str, str]) -> None:
    bucket = replace(calls, labels=labels, lifecycle=(expire(60, "exp60"),))
    for check in EVERY:
        found = findings(check, world(bucket, *THINGS, policy={"retention": RULES}))
        assert Verdict.UNKNOWN not in {one.verdict for one in found}
    early = findings(audio_deleted_too_early, world(bucket, *THINGS, policy={"retention": RULES}))
    assert [one.verdict for one in early] == [Verdict.FAIL] * len(labels)


def test_a_question_that_no_rule_can_decide_is_not_asked(calls: Store) -> None:
    bucket = replace(calls, labels=None, lifecycle=())
    assert findings(audio_past_maximum_age, world(bucket, *THINGS, policy={"retention": [TRADING]})) == []


def test_transcripts_that_may_stay_longer_are_unknown(calls: Store) -> None:
    rules = [{"media": "transcript", "labels": {"desk": "trading"}, "max_days": 900}, {"max_days": 90}]
    things = (
        speech("calls", "raw/a.wav", days=10.25),
        transcript("calls", "text/a.json", days=10.25),
        job("a", inputs=("arn:aws:s3:::calls/raw/a.wav",), outputs=("arn:aws:s3:::calls/text/a.json",)),
    )
    lifecycle = (expire(30, "raw", prefixes=("raw/",)),)
    told = []
    for labels in (None, {"desk": "trading"}, {}):
        bucket = replace(calls, labels=labels, lifecycle=lifecycle)
        (found,) = findings(transcript_outliving_audio, world(bucket, *things, policy={"retention": rules}))
        told.append(found.verdict)
    assert told == [Verdict.UNKNOWN, Verdict.PASS, Verdict.FAIL]
