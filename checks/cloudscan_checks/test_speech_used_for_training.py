"""What speech_used_for_training must find, must let pass, and cannot tell."""

from __future__ import annotations

import pytest

from cloudscan.model import Account, Answer, Verdict
from cloudscan.provider import Facet
from cloudscan.testing import ACCOUNT, findings, gap, job, world
from cloudscan_checks.speech_used_for_training import speech_used_for_training

VERDICTS = {Answer.YES: Verdict.PASS, Answer.NO: Verdict.FAIL, Answer.UNKNOWN: Verdict.UNKNOWN}


def account(opted_out: Answer) -> Account:
    return Account(ACCOUNT, "aws", name="=calls\u202e", training_opt_out=opted_out)


@pytest.mark.parametrize("kind", ["transcription", "call-analytics", "conversation-log"])
@pytest.mark.parametrize("opted_out", list(Answer))
def test_each_answer_has_its_verdict(opted_out: Answer, kind: str) -> None:
    (found,) = findings(speech_used_for_training, world(account(opted_out), job("j", kind=kind)))
    assert found.verdict is VERDICTS[opted_out]
    assert found.resource == ACCOUNT
    assert found.evidence["jobs"] == 1


def test_a_denied_opt_out_names_the_permission() -> None:
    denied = gap(ACCOUNT, Facet.TRAINING_OPT_OUT, permission="organizations:DescribeEffectivePolicy")
    (found,) = findings(speech_used_for_training, world(account(Answer.UNKNOWN), job("j"), denied))
    assert found.evidence["permissions"] == ["organizations:DescribeEffectivePolicy"]


def test_an_account_without_such_jobs_is_no_concern() -> None:
    for things in ([], [job("v", kind="vocabulary")], [job("j", account="222222222222")]):
        assert findings(speech_used_for_training, world(account(Answer.NO), *things)) == []


def test_an_account_whose_jobs_could_not_be_listed_is_unknown_unless_it_opted_out() -> None:
    denied = gap(ACCOUNT, Facet.JOBS)
    for opted_out, verdict in VERDICTS.items():
        (found,) = findings(speech_used_for_training, world(account(opted_out), denied))
        assert found.verdict is (Verdict.PASS if verdict is Verdict.PASS else Verdict.UNKNOWN)
