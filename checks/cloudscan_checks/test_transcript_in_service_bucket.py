"""What transcript_in_service_bucket must find, must let pass, and cannot tell."""

from __future__ import annotations

from datetime import timedelta

from cloudscan.model import Verdict, Why
from cloudscan.provider import Facet
from cloudscan.testing import ACCOUNT, NOW, findings, gap, job, world
from cloudscan_checks.transcript_in_service_bucket import transcript_in_service_bucket


def test_jobs_that_left_transcripts_with_the_service_are_counted_together() -> None:
    jobs = [
        job(
            f"j{day}", output_owner="service", created=NOW - timedelta(days=day), listed_until=NOW + timedelta(days=day)
        )
        for day in range(8)
    ]
    (found,) = findings(transcript_in_service_bucket, world(*jobs, job("own", output_owner="customer")))
    assert (found.verdict, found.resource, found.locator) == (Verdict.FAIL, ACCOUNT, "eu-central-1/transcription")
    assert found.message.startswith("8 of 9 transcription jobs in eu-central-1 left their transcripts")
    assert found.evidence["examples"] == ["j0", "j1", "j2", "j3", "j4"]
    assert found.evidence["last_listed_until"] == (NOW + timedelta(days=7)).isoformat()
    assert "--region eu-central-1" in found.remediation


def test_regions_and_kinds_are_told_apart() -> None:
    jobs = [
        job("a", output_owner="service"),
        job("a", output_owner="customer", region="us-east-1"),
        job("a", output_owner="service", kind="medical-transcription"),
    ]
    found = findings(transcript_in_service_bucket, world(*jobs))
    assert [(one.locator, one.verdict) for one in found] == [
        ("eu-central-1/medical-transcription", Verdict.FAIL),
        ("eu-central-1/transcription", Verdict.FAIL),
        ("us-east-1/transcription", Verdict.PASS),
    ]


def test_a_job_that_does_not_tell_is_unknown() -> None:
    (found,) = findings(transcript_in_service_bucket, world(job("\u202e=j\n"), job("b", output_owner="customer")))
    assert found.verdict is Verdict.UNKNOWN


def test_other_jobs_are_no_concern() -> None:
    jobs = [job("a", kind="call-recording", output_owner="service"), job("b", kind="vocabulary")]
    assert findings(transcript_in_service_bucket, world(*jobs)) == []


def test_jobs_that_were_not_listed_are_no_pass() -> None:
    fine = [job("a", output_owner="customer"), job("a", output_owner="customer", region="us-east-1")]
    cut = gap(ACCOUNT, Facet.JOBS, Why.LIMIT, operation="transcribe:ListTranscriptionJobs")
    found = findings(transcript_in_service_bucket, world(*fine, cut))
    assert [(one.locator, one.verdict) for one in found] == [
        ("eu-central-1/transcription", Verdict.UNKNOWN),
        ("us-east-1/transcription", Verdict.PASS),
    ]
    assert "transcribe:ListTranscriptionJobs" in found[0].message
