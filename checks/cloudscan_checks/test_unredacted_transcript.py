"""What unredacted_transcript must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.model import Answer, Job, Store, Verdict, Why
from cloudscan.provider import Facet
from cloudscan.testing import ACCOUNT, findings, gap, job, speech, transcript, world
from cloudscan_checks.unredacted_transcript import unredacted_transcript


def wrote(name: str, redaction: Answer, keeps: Answer, *outputs: str) -> Job:
    return job(name, redaction=redaction, keeps_unredacted=keeps, outputs=outputs)


RAW = [(Answer.NO, Answer.YES), (Answer.YES, Answer.YES), (Answer.NO, Answer.UNKNOWN), (Answer.UNKNOWN, Answer.YES)]
UNCLEAR = [(Answer.UNKNOWN, Answer.UNKNOWN), (Answer.YES, Answer.UNKNOWN), (Answer.UNKNOWN, Answer.NO)]


def test_a_transcript_known_to_be_raw_is_found(calls: Store) -> None:
    texts = [transcript("calls", "=a\u202e.json", redacted=False), transcript("calls", "b.json", redacted=True)]
    (found,) = findings(unredacted_transcript, world(calls, *texts))
    assert found.verdict is Verdict.FAIL
    assert found.message == "personal data is left in 1 transcript"
    assert found.evidence["example"] == "=a\u202e.json"


@pytest.mark.parametrize("asked", RAW)
def test_what_a_job_left_raw_is_found_at_its_store(calls: Store, asked: tuple[Answer, Answer]) -> None:
    text = transcript("calls", "a.json")
    (found,) = findings(unredacted_transcript, world(calls, text, wrote("j", *asked, f"{calls.id}/a.json")))
    assert found.verdict is Verdict.FAIL
    assert found.resource == calls.id
    assert found.message == "personal data is left in what 1 listed job wrote"
    assert found.evidence["jobs"] == ["j"]


@pytest.mark.parametrize("asked", RAW)
def test_what_jobs_left_raw_elsewhere_is_one_finding_of_the_account(asked: tuple[Answer, Answer]) -> None:
    jobs = [wrote(f"j{number}", *asked, f"arn:aws:s3:::aws-transcribe/{number}") for number in range(30)]
    good = wrote("good", Answer.YES, Answer.NO)
    (found,) = findings(unredacted_transcript, world(*jobs, good))
    assert (found.verdict, found.resource, found.locator) == (Verdict.FAIL, ACCOUNT, "eu-central-1/transcription")
    assert found.message.startswith("30 of 31 transcription jobs in eu-central-1 left personal data")
    assert len(found.evidence["examples"]) == 5  # type: ignore[arg-type]


def test_of_a_place_that_was_not_scanned_a_command_names_no_account_as_container() -> None:
    raw = replace(wrote("j", Answer.NO, Answer.YES, "https://elsewhere/j.json"), provider="azure", account="other")
    (found,) = findings(unredacted_transcript, world(raw))
    assert "--account-name ACCOUNT --container-name CONTAINER" in found.remediation


def test_redacted_transcripts_pass_by_themselves_or_by_their_job(calls: Store) -> None:
    texts = [transcript("calls", "a.json"), transcript("calls", "b.json", redacted=True)]
    good = wrote("j", Answer.YES, Answer.NO, f"{calls.id}/a.json")
    (found,) = findings(unredacted_transcript, world(calls, *texts, good))
    assert found.verdict is Verdict.PASS


def test_redacted_jobs_elsewhere_pass() -> None:
    (found,) = findings(unredacted_transcript, world(wrote("j", Answer.YES, Answer.NO)))
    assert found.verdict is Verdict.PASS


@pytest.mark.parametrize("asked", UNCLEAR)
def test_a_job_that_does_not_tell_is_unknown(calls: Store, asked: tuple[Answer, Answer]) -> None:
    (stored,) = findings(unredacted_transcript, world(calls, wrote("j", *asked, f"{calls.id}/a.json")))
    assert stored.verdict is Verdict.UNKNOWN
    (elsewhere,) = findings(unredacted_transcript, world(wrote("j", *asked)))
    assert elsewhere.verdict is Verdict.UNKNOWN


def test_a_transcript_of_which_nothing_tells_is_unknown(calls: Store) -> None:
    good = wrote("j", Answer.YES, Answer.NO, f"{calls.id}/a.json")
    texts = [transcript("calls", "a.json"), transcript("calls", "from-a-job-long-gone.json")]
    (found,) = findings(unredacted_transcript, world(calls, *texts, good))
    assert found.verdict is Verdict.UNKNOWN
    assert found.message == "whether personal data is left in 1 of 2 transcripts is not known"


@pytest.mark.parametrize("why", [Why.LIMIT, Why.THROTTLED])
def test_jobs_that_were_not_listed_are_no_pass(why: Why) -> None:
    good = wrote("j", Answer.YES, Answer.NO)
    assert [one.verdict for one in findings(unredacted_transcript, world(good))] == [Verdict.PASS]
    (found,) = findings(unredacted_transcript, world(good, gap(ACCOUNT, Facet.JOBS, why)))
    assert found.verdict is Verdict.UNKNOWN


def test_old_versions_and_delete_markers_are_not_judged(calls: Store) -> None:
    texts = [
        transcript("calls", "a.json", redacted=True),
        transcript("calls", "a.json", redacted=False, current=False, version="1"),
        transcript("calls", "b.json", redacted=False, delete_marker=True, version="2"),
    ]
    (found,) = findings(unredacted_transcript, world(calls, *texts))
    assert found.verdict is Verdict.PASS


def test_a_limited_listing_is_unknown(calls: Store) -> None:
    text = transcript("calls", "a.json", redacted=True)
    (found,) = findings(unredacted_transcript, world(calls, text, gap(calls.id, Facet.OBJECTS, Why.LIMIT)))
    assert found.verdict is Verdict.UNKNOWN


def test_recordings_and_other_jobs_are_no_concern(calls: Store) -> None:
    other = job("v", kind="vocabulary", redaction=Answer.NO)
    assert findings(unredacted_transcript, world(calls, speech("calls", "a.wav"), other)) == []
