"""Transcribe's jobs, models and vocabularies, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cloudscan.model import Answer, Coverage, Gap, Job, Why
from cloudscan.provider import Facet
from cloudscan.testing import run_units
from cloudscan_aws import transcribe
from cloudscan_aws.accounts import AccountScope, Bucket
from cloudscan_aws.demo.server import Endpoint

REGION = "eu-central-1"
ROLE = "arn:aws:iam::123456789012:role/transcriber"
MADE = datetime(2026, 9, 1, 8, tzinfo=UTC)
CALLS = Bucket("calls", REGION)
REDACTED = {"RedactionType": "PII", "RedactionOutput": "redacted"}
BOTH = {"RedactionType": "PII", "RedactionOutput": "redacted_and_unredacted"}

Accounts = Callable[..., AccountScope]


def collect(account: AccountScope) -> list[Any]:
    return run_units(list(transcribe.units(account)))[0]


def jobs(records: list[Any]) -> dict[str, Job]:
    return {record.name: record for record in records if isinstance(record, Job)}


def gaps(records: list[Any]) -> list[Gap]:
    return [record for record in records if isinstance(record, Gap)]


def start(client: Callable[..., Any], name: str, **facts: Any) -> None:
    media = {"MediaFileUri": f"s3://calls/raw/{name}.wav"}
    client("transcribe").start_transcription_job(TranscriptionJobName=name, LanguageCode="en-US", Media=media, **facts)


def test_job_tells_where_it_read_and_wrote_and_by_which_role(
    endpoint: Endpoint, client: Callable[..., Any], account: Accounts
) -> None:
    execution = {"AllowDeferredExecution": True, "DataAccessRoleArn": ROLE}
    start(client, "a", OutputBucketName="calls", OutputKey="text/a.json", JobExecutionSettings=execution)
    endpoint.set_transcription_times("a", region=REGION, created=MADE, completed=MADE + timedelta(minutes=5))
    found = jobs(collect(account(Facet.JOBS, buckets=(CALLS,))))["a"]
    assert found == Job(
        id="arn:aws:transcribe:eu-central-1:123456789012:transcription-job/a",
        provider="aws",
        account="123456789012",
        region=REGION,
        kind="transcription",
        name="a",
        status="COMPLETED",
        created=MADE,
        completed=MADE + timedelta(minutes=5),
        listed_until=MADE + timedelta(days=90),
        inputs=("arn:aws:s3:::calls/raw/a.wav",),
        outputs=("arn:aws:s3:::calls/text/a.json",),
        output_owner="customer",
        output_store_account="123456789012",
        role=ROLE,
        redaction=Answer.NO,
        keeps_unredacted=Answer.YES,
    )
    assert {moment.tzinfo for moment in (found.created, found.completed, found.listed_until) if moment} == {UTC}


def test_store_of_another_account_is_not_taken_for_our_own(
    endpoint: Endpoint, client: Callable[..., Any], account: Accounts
) -> None:
    start(client, "a", OutputBucketName="elsewhere")
    found = jobs(collect(account(Facet.JOBS, buckets=(CALLS,))))["a"]
    assert (found.output_owner, found.output_store_account) == ("customer", None)


def test_transcript_in_the_bucket_of_the_service_is_named_without_its_signature(
    endpoint: Endpoint, client: Callable[..., Any], account: Accounts
) -> None:
    start(client, "a")
    uri = "https://s3.eu-central-1.amazonaws.com/aws-transcribe-eu-central-1-prod/1/a/asr.json"

    def sign(_: Any, payload: dict[str, Any]) -> dict[str, Any]:
        payload["TranscriptionJob"]["Transcript"] = {"TranscriptFileUri": f"{uri}?X-Amz-Signature=feed"}
        return payload

    endpoint.patch("transcribe", "GetTranscriptionJob", sign)
    records = collect(account(Facet.JOBS))
    found = jobs(records)["a"]
    assert found.output_owner == "service"
    assert found.outputs == ("arn:aws:s3:::aws-transcribe-eu-central-1-prod/1/a/asr.json",)
    assert "feed" not in str(records)


@pytest.mark.parametrize(
    ("asked", "redaction", "unredacted"),
    [(REDACTED, Answer.YES, Answer.NO), (BOTH, Answer.YES, Answer.YES), (None, Answer.NO, Answer.YES)],
)
def test_redaction_is_told_as_asked(
    client: Callable[..., Any], account: Accounts, asked: Any, redaction: Answer, unredacted: Answer
) -> None:
    start(client, "a", **({"ContentRedaction": asked} if asked else {}))
    found = jobs(collect(account(Facet.JOBS)))["a"]
    assert (found.redaction, found.keeps_unredacted) == (redaction, unredacted)


def test_job_that_cannot_be_got_claims_no_missing_redaction(
    endpoint: Endpoint, client: Callable[..., Any], account: Accounts
) -> None:
    start(client, "a", OutputBucketName="calls")
    start(client, "b", OutputBucketName="calls", ContentRedaction=REDACTED)
    endpoint.faults.add("deny", "transcribe", "GetTranscriptionJob")
    records = collect(account(Facet.JOBS))
    found = jobs(records)
    assert (found["a"].redaction, found["a"].keeps_unredacted) == (Answer.UNKNOWN, Answer.UNKNOWN)
    assert (found["b"].redaction, found["b"].output_owner) == (Answer.YES, "customer")
    assert [(gap.resource, gap.why, gap.permission) for gap in gaps(records)] == [
        (found[name].id, Why.DENIED, "transcribe:GetTranscriptionJob") for name in ("a", "b")
    ]


def test_job_deleted_meanwhile_is_a_gap(endpoint: Endpoint, client: Callable[..., Any], account: Accounts) -> None:
    start(client, "a")
    endpoint.faults.add("vanish", "transcribe", "GetTranscriptionJob")
    assert [gap.why for gap in gaps(collect(account(Facet.JOBS)))] == [Why.VANISHED]


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])
def test_refused_lists_are_gaps_and_claim_nothing(
    endpoint: Endpoint, client: Callable[..., Any], account: Accounts, kind: Any, why: Why
) -> None:
    start(client, "a")
    endpoint.faults.add(kind, "transcribe")
    records = collect(account(Facet.JOBS))
    assert jobs(records) == {}
    assert {gap.operation for gap in gaps(records)} == {
        "transcribe:ListTranscriptionJobs",
        "transcribe:ListCallAnalyticsJobs",
        "transcribe:ListMedicalTranscriptionJobs",
        "transcribe:ListMedicalScribeJobs",
        "transcribe:ListLanguageModels",
        "transcribe:ListVocabularies",
        "transcribe:ListVocabularyFilters",
    }
    assert {gap.why for gap in gaps(records)} == {why}
    assert records[-1] == Coverage("aws", "123456789012", Facet.JOBS, asked=7, answered=0)


def test_list_that_ends_early_keeps_what_came(
    endpoint: Endpoint, client: Callable[..., Any], account: Accounts
) -> None:
    for number in range(105):
        start(client, f"job-{number:03}")
    endpoint.faults.add("throttle", "transcribe", "ListTranscriptionJobs", after=1)
    records = collect(account(Facet.JOBS))
    assert len(jobs(records)) == 100
    assert [(gap.resource, gap.why) for gap in gaps(records)] == [("123456789012", Why.THROTTLED)]
    endpoint.faults.clear()
    assert len(jobs(collect(account(Facet.JOBS)))) == 105


def test_no_more_jobs_are_got_than_the_limit_allows_and_the_rest_is_told(
    endpoint: Endpoint, client: Callable[..., Any], account: Accounts
) -> None:
    for number in range(5):
        start(client, f"job-{number}")
    endpoint.requests.clear()
    records = collect(account(Facet.JOBS, options={"max-jobs": "3"}))
    assert len(jobs(records)) == 3
    assert endpoint.requests["transcribe:GetTranscriptionJob"] == 3
    assert [(gap.resource, gap.why, gap.operation, gap.detail) for gap in gaps(records)] == [
        ("123456789012", Why.LIMIT, "transcribe:ListTranscriptionJobs", "only 3 were asked for")
    ]
    assert records[-1] == Coverage("aws", "123456789012", Facet.JOBS, asked=11, answered=11, limited=1)


@pytest.mark.parametrize("limit", ["5", "100"])
def test_a_limit_that_is_not_reached_leaves_out_nothing(
    client: Callable[..., Any], account: Accounts, limit: str
) -> None:
    for number in range(5):
        start(client, f"job-{number}")
    records = collect(account(Facet.JOBS, options={"max-jobs": limit}))
    assert len(jobs(records)) == 5
    assert gaps(records) == []


def test_a_limit_that_nobody_chose_lowers_the_coverage(
    client: Callable[..., Any], account: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcribe, "MAX_JOBS", 3)
    for number in range(5):
        start(client, f"job-{number}")
    records = collect(account(Facet.JOBS))
    assert [gap.why for gap in gaps(records)] == [Why.LIMIT]
    assert records[-1] == Coverage("aws", "123456789012", Facet.JOBS, asked=11, answered=10)


def test_call_analytics_job_writes_a_redacted_recording_too(endpoint: Endpoint, account: Accounts) -> None:
    base = "https://s3.eu-central-1.amazonaws.com/calls"
    summary = {"CallAnalyticsJobName": "a", "CallAnalyticsJobStatus": "COMPLETED", "CreationTime": MADE}
    detail = summary | {
        "Media": {"MediaFileUri": "s3://calls/a.wav", "RedactedMediaFileUri": f"{base}/out/redacted-a.wav"},
        "Transcript": {
            "TranscriptFileUri": f"{base}/out/a.json",
            "RedactedTranscriptFileUri": f"{base}/out/redacted-a.json",
        },
        "DataAccessRoleArn": ROLE,
        "Settings": {"ContentRedaction": BOTH},
    }
    endpoint.answer("transcribe", "ListCallAnalyticsJobs", {"CallAnalyticsJobSummaries": [summary]})
    endpoint.answer("transcribe", "GetCallAnalyticsJob", {"CallAnalyticsJob": detail})
    found = jobs(collect(account(Facet.JOBS, buckets=(CALLS,))))["a"]
    assert found.id == "arn:aws:transcribe:eu-central-1:123456789012:analytics/a"
    assert found.outputs == (
        "arn:aws:s3:::calls/out/a.json",
        "arn:aws:s3:::calls/out/redacted-a.json",
        "arn:aws:s3:::calls/out/redacted-a.wav",
    )
    assert (found.kind, found.role, found.output_owner, found.output_store_account) == (
        "call-analytics",
        ROLE,
        "customer",
        "123456789012",
    )
    assert (found.redaction, found.keeps_unredacted) == (Answer.YES, Answer.YES)


def test_where_the_list_is_silent_only_a_signed_transcript_is_the_services(
    endpoint: Endpoint, account: Accounts
) -> None:
    names = {"ours": "", "theirs": "?X-Amz-Security-Token=t", "failed": None}
    summaries = [{"CallAnalyticsJobName": name, "CreationTime": MADE} for name in names]

    def get(params: Any) -> dict[str, Any]:
        name = params["CallAnalyticsJobName"]
        query = names[name]
        uri = f"https://s3.eu-central-1.amazonaws.com/b/{name}.json{query}"
        return {
            "CallAnalyticsJob": {
                "CallAnalyticsJobName": name,
                **({} if query is None else {"Transcript": {"TranscriptFileUri": uri}}),
            }
        }

    endpoint.answer("transcribe", "ListCallAnalyticsJobs", {"CallAnalyticsJobSummaries": summaries})
    endpoint.answer("transcribe", "GetCallAnalyticsJob", get)
    found = jobs(collect(account(Facet.JOBS)))
    assert {name: job.output_owner for name, job in found.items()} == {
        "ours": "customer",
        "theirs": "service",
        "failed": None,
    }


def test_medical_jobs_cannot_redact(endpoint: Endpoint, client: Callable[..., Any], account: Accounts) -> None:
    client("transcribe").start_medical_transcription_job(
        MedicalTranscriptionJobName="m",
        LanguageCode="en-US",
        Media={"MediaFileUri": "s3://calls/m.wav"},
        OutputBucketName="calls",
        Specialty="PRIMARYCARE",
        Type="DICTATION",
    )
    scribe = {"MedicalScribeJobName": "s", "MedicalScribeJobStatus": "COMPLETED", "CreationTime": MADE}
    output = {"TranscriptFileUri": "s3://calls/s/transcript.json", "ClinicalDocumentUri": "s3://calls/s/summary.json"}
    detail = scribe | {
        "Media": {"MediaFileUri": "s3://calls/s.wav"},
        "MedicalScribeOutput": output,
        "DataAccessRoleArn": ROLE,
    }
    endpoint.answer("transcribe", "ListMedicalScribeJobs", {"MedicalScribeJobSummaries": [scribe]})
    endpoint.answer("transcribe", "GetMedicalScribeJob", {"MedicalScribeJob": detail})
    found = jobs(collect(account(Facet.JOBS, buckets=(CALLS,))))
    assert [(job.kind, job.redaction) for job in found.values()] == [
        ("medical-transcription", Answer.NO),
        ("medical-scribe", Answer.NO),
    ]
    assert found["m"].id.endswith(":medical-transcription-job/m")
    assert found["s"].id.endswith(":medical-scribe-job/s")
    assert found["s"].outputs == ("arn:aws:s3:::calls/s/transcript.json", "arn:aws:s3:::calls/s/summary.json")
    assert found["s"].role == ROLE


def test_language_model_tells_what_it_was_trained_on(endpoint: Endpoint, account: Accounts) -> None:
    listed = {"ModelName": "support", "CreateTime": MADE, "ModelStatus": "COMPLETED"}
    data = {"S3Uri": "s3://calls/train/", "TuningDataS3Uri": "s3://calls/tune/", "DataAccessRoleArn": ROLE}
    detail = listed | {"InputDataConfig": data, "EncryptionConfiguration": {"KMSKey": "alias/models"}}
    endpoint.answer("transcribe", "ListLanguageModels", {"Models": [listed]})
    endpoint.answer("transcribe", "DescribeLanguageModel", {"LanguageModel": detail})
    found = jobs(collect(account(Facet.JOBS)))["support"]
    assert found.id == "arn:aws:transcribe:eu-central-1:123456789012:language-model/support"
    assert (found.kind, found.created, found.listed_until) == ("model-training", MADE, None)
    assert found.inputs == ("arn:aws:s3:::calls/train/", "arn:aws:s3:::calls/tune/")
    assert (found.role, found.key) == (ROLE, "arn:aws:kms:eu-central-1:123456789012:alias/models")


def test_model_that_cannot_be_described_is_named_with_a_gap(endpoint: Endpoint, account: Accounts) -> None:
    endpoint.answer("transcribe", "ListLanguageModels", {"Models": [{"ModelName": "support"}]})
    endpoint.faults.add("deny", "transcribe", "DescribeLanguageModel")
    records = collect(account(Facet.JOBS))
    assert jobs(records)["support"].inputs == ()
    assert [gap.resource for gap in gaps(records)] == [jobs(records)["support"].id]


def test_vocabularies_are_named(endpoint: Endpoint, client: Callable[..., Any], account: Accounts) -> None:
    client("transcribe").create_vocabulary(VocabularyName="products", LanguageCode="en-US", Phrases=["Acme"])
    endpoint.answer(
        "transcribe", "ListVocabularyFilters", {"VocabularyFilters": [{"VocabularyFilterName": "rude-words"}]}
    )
    found = jobs(collect(account(Facet.JOBS)))
    assert {name: job.kind for name, job in found.items()} == {"products": "vocabulary", "rude-words": "vocabulary"}
    assert found["rude-words"].id == "arn:aws:transcribe:eu-central-1:123456789012:vocabulary-filter/rude-words"


def transcripts(endpoint: Endpoint, client: Callable[..., Any], *names: str, **encryption: str) -> None:
    where = {"CreateBucketConfiguration": {"LocationConstraint": REGION}}
    client("s3").create_bucket(Bucket="calls", **where)
    for name in names:
        start(client, name, OutputBucketName="calls", OutputKey=f"{name}.json")
        endpoint.set_transcription_times(name, region=REGION, created=MADE, completed=MADE)
        client("s3").put_object(Bucket="calls", Key=f"{name}.json", Body=b"{}", **encryption)


def test_key_of_a_transcript_is_read_within_the_budget_alone(
    endpoint: Endpoint, client: Callable[..., Any], account: Accounts
) -> None:
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    transcripts(endpoint, client, "a", "b", "c", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    found = jobs(collect(account(Facet.JOBS, buckets=(CALLS,), heads=2)))
    assert sorted(job.key or "" for job in found.values()) == ["", key, key]
    assert endpoint.requests["s3:HeadObject"] == 2


def test_no_transcript_is_looked_at_without_a_budget(
    endpoint: Endpoint, client: Callable[..., Any], account: Accounts
) -> None:
    transcripts(endpoint, client, "a")
    assert jobs(collect(account(Facet.JOBS, buckets=(CALLS,))))["a"].key is None
    assert endpoint.requests["s3:HeadObject"] == 0


def test_transcript_that_cannot_be_looked_at_is_a_gap_and_one_that_is_gone_is_not(
    endpoint: Endpoint, client: Callable[..., Any], account: Accounts
) -> None:
    transcripts(endpoint, client, "a", "b")
    client("s3").delete_object(Bucket="calls", Key="b.json")
    endpoint.faults.add("deny", "s3", "HeadObject", containing="a.json")
    records = collect(account(Facet.JOBS, buckets=(CALLS,), heads=9))
    assert [job.key for job in jobs(records).values()] == [None, None]
    assert [(gap.facet, gap.resource, gap.permission) for gap in gaps(records)] == [
        (Facet.HEADS, "arn:aws:s3:::calls/a.json", "s3:GetObject")
    ]


def test_hostile_media_location_is_kept_as_data(endpoint: Endpoint, account: Accounts) -> None:
    hostile = "s3://calls/=cmd|'<b>\u202egnp\n.wav"
    summary = {"CallAnalyticsJobName": "a"}
    endpoint.answer("transcribe", "ListCallAnalyticsJobs", {"CallAnalyticsJobSummaries": [summary]})
    endpoint.answer(
        "transcribe", "GetCallAnalyticsJob", {"CallAnalyticsJob": summary | {"Media": {"MediaFileUri": hostile}}}
    )
    assert jobs(collect(account(Facet.JOBS)))["a"].inputs == (hostile.replace("s3://", "arn:aws:s3:::"),)


def test_each_region_has_its_own_unit_and_its_own_jobs(client: Callable[..., Any], account: Accounts) -> None:
    start(client, "a")
    media = {"MediaFileUri": "s3://calls/b.wav"}
    client("transcribe", "us-east-1").start_transcription_job(
        TranscriptionJobName="a", LanguageCode="en-US", Media=media
    )
    scoped = account(Facet.JOBS, regions=(REGION, "us-east-1"))
    assert [unit.key for unit in transcribe.units(scoped)] == [
        "aws/123456789012/eu-central-1/transcribe",
        "aws/123456789012/us-east-1/transcribe",
    ]
    assert len({record.id for record in collect(scoped) if isinstance(record, Job)}) == 2


def test_nothing_is_asked_when_no_check_wants_jobs(endpoint: Endpoint, account: Accounts) -> None:
    assert list(transcribe.units(account(Facet.STORES))) == []
