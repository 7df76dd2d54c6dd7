"""What the Chime SDK captures and analyses, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudscan.model import Answer, Gap, Job, Why
from cloudscan.provider import Facet
from cloudscan.testing import run_units
from cloudscan_aws import chime
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.demo.server import Endpoint

REGION = "eu-central-1"
BASE = f"arn:aws:chime:{REGION}:123456789012"
ROLE = "arn:aws:iam::123456789012:role/pipelines"
STREAM = f"arn:aws:kinesis:{REGION}:123456789012:stream/insights"
PIPELINE = "11111111-2222-3333-4444-555555555555"
MADE = datetime(2026, 9, 1, tzinfo=UTC)
CAPTURE = {"MediaPipelineId": PIPELINE, "MediaPipelineArn": f"{BASE}:media-pipeline/{PIPELINE}"}
INSIGHTS = {
    "MediaInsightsPipelineConfigurationName": "calls",
    "MediaInsightsPipelineConfigurationId": PIPELINE,
    "MediaInsightsPipelineConfigurationArn": f"{BASE}:media-insights-pipeline-configuration/calls",
}

Accounts = Callable[..., AccountScope]


def collect(account: AccountScope) -> list[Any]:
    return run_units(list(chime.units(account)))[0]


def jobs(records: list[Any]) -> list[Job]:
    return [record for record in records if isinstance(record, Job)]


def gaps(records: list[Any]) -> list[Gap]:
    return [record for record in records if isinstance(record, Gap)]


def captures(endpoint: Endpoint, **facts: Any) -> None:
    endpoint.answer(chime.PIPELINES, "ListMediaCapturePipelines", {"MediaCapturePipelines": [CAPTURE]})
    endpoint.answer(chime.PIPELINES, "GetMediaCapturePipeline", {"MediaCapturePipeline": CAPTURE | facts})


def insights(endpoint: Endpoint, *elements: dict[str, Any]) -> None:
    listed = {"MediaInsightsPipelineConfigurations": [INSIGHTS]}
    endpoint.answer(chime.PIPELINES, "ListMediaInsightsPipelineConfigurations", listed)
    detail = INSIGHTS | {"ResourceAccessRoleArn": ROLE, "Elements": list(elements), "CreatedTimestamp": MADE}
    endpoint.answer(
        chime.PIPELINES,
        "GetMediaInsightsPipelineConfiguration",
        {"MediaInsightsPipelineConfiguration": detail},
    )


def element(kind: str, **setting: Any) -> dict[str, Any]:
    return {"Type": kind, f"{kind}Configuration": setting}


def test_captured_meeting_goes_to_a_bucket_under_a_key(endpoint: Endpoint, account: Accounts) -> None:
    captures(
        endpoint,
        SinkArn="arn:aws:s3:::meetings/eu",
        SinkType="S3Bucket",
        SinkIamRoleArn=ROLE,
        Status="InProgress",
        CreatedTimestamp=MADE,
        SseAwsKeyManagementParams={"AwsKmsKeyId": "alias/meetings"},
    )
    assert jobs(collect(account(Facet.JOBS))) == [
        Job(
            id=CAPTURE["MediaPipelineArn"],
            provider="aws",
            account="123456789012",
            region=REGION,
            kind="media-capture",
            name=PIPELINE,
            status="InProgress",
            created=MADE,
            outputs=("arn:aws:s3:::meetings/eu",),
            output_owner="customer",
            role=ROLE,
            key=f"arn:aws:kms:{REGION}:123456789012:alias/meetings",
        )
    ]


def test_each_element_that_handles_speech_is_a_job_of_its_kind(endpoint: Endpoint, account: Accounts) -> None:
    insights(
        endpoint,
        element("VoiceAnalyticsProcessor", SpeakerSearchStatus="Enabled"),
        element("KinesisDataStreamSink", InsightsTarget=STREAM),
        element("S3RecordingSink", Destination="arn:aws:s3:::calls/rec"),
        element("AmazonTranscribeProcessor", LanguageCode="en-US"),
    )
    found = jobs(collect(account(Facet.JOBS)))
    assert [(job.kind, job.outputs) for job in found] == [
        ("voice-analytics", (STREAM,)),
        ("call-recording", ("arn:aws:s3:::calls/rec",)),
        ("transcription", (STREAM,)),
    ]
    assert len({job.id for job in found}) == 3
    assert all(job.continuous and job.role == ROLE for job in found)
    assert [job.redaction for job in found] == [Answer.UNKNOWN, Answer.UNKNOWN, Answer.NO]


@pytest.mark.parametrize(
    ("setting", "redaction", "unredacted"),
    [
        ({}, Answer.NO, Answer.YES),
        ({"ContentRedactionType": "PII"}, Answer.YES, Answer.NO),
        (
            {
                "ContentRedactionType": "PII",
                "PostCallAnalyticsSettings": {
                    "OutputLocation": "s3://calls/after",
                    "DataAccessRoleArn": ROLE,
                    "ContentRedactionOutput": "redacted_and_unredacted",
                },
            },
            Answer.YES,
            Answer.YES,
        ),
    ],
)
def test_redaction_of_call_analytics_is_told_as_set(
    endpoint: Endpoint, account: Accounts, setting: dict[str, Any], redaction: Answer, unredacted: Answer
) -> None:
    processor = element("AmazonTranscribeCallAnalyticsProcessor", LanguageCode="en-US", **setting)
    insights(endpoint, processor, element("KinesisDataStreamSink", InsightsTarget=STREAM))
    (found,) = jobs(collect(account(Facet.JOBS)))
    assert (found.kind, found.redaction, found.keeps_unredacted) == ("call-analytics", redaction, unredacted)
    after = ("arn:aws:s3:::calls/after",) if "PostCallAnalyticsSettings" in setting else ()
    assert found.outputs == (*after, STREAM)


def test_voiceprints_lie_with_the_service_for_three_years(endpoint: Endpoint, account: Accounts) -> None:
    domain = {
        "VoiceProfileDomainId": PIPELINE,
        "VoiceProfileDomainArn": f"{BASE}:voice-profile-domain/d-1",
        "Name": "vip",
    }
    endpoint.answer(chime.VOICE, "ListVoiceProfileDomains", {"VoiceProfileDomains": [domain]})
    (found,) = jobs(collect(account(Facet.JOBS)))
    assert (found.kind, found.name, found.output_owner) == ("voice-analytics", "vip", "service")
    assert found.retention_hours == 26_280


def test_pages_are_followed(endpoint: Endpoint, account: Accounts) -> None:
    captures(endpoint)

    def page(params: Any) -> dict[str, Any]:
        number = int(params.get("NextToken", "1"))
        name = f"{PIPELINE[:-1]}{number}"
        one = {"MediaPipelineId": name, "MediaPipelineArn": f"{BASE}:media-pipeline/{name}"}
        return {"MediaCapturePipelines": [one], **({"NextToken": str(number + 1)} if number < 3 else {})}

    def get(params: Any) -> dict[str, Any]:
        name = params["MediaPipelineId"]
        return {"MediaCapturePipeline": {"MediaPipelineId": name, "MediaPipelineArn": f"{BASE}:media-pipeline/{name}"}}

    endpoint.answer(chime.PIPELINES, "ListMediaCapturePipelines", page)
    endpoint.answer(chime.PIPELINES, "GetMediaCapturePipeline", get)
    assert [job.name for job in jobs(collect(account(Facet.JOBS)))] == [f"{PIPELINE[:-1]}{n}" for n in (1, 2, 3)]


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])
def test_refused_lists_are_gaps_and_claim_nothing(endpoint: Endpoint, account: Accounts, kind: Any, why: Why) -> None:
    captures(endpoint)
    insights(endpoint, element("S3RecordingSink", Destination="arn:aws:s3:::calls/rec"))
    endpoint.faults.add(kind, chime.PIPELINES)
    endpoint.faults.add(kind, chime.VOICE)
    records = collect(account(Facet.JOBS))
    assert jobs(records) == []
    assert {(gap.permission, gap.why) for gap in gaps(records)} == {
        ("chime:ListMediaCapturePipelines", why),
        ("chime:ListMediaInsightsPipelineConfigurations", why),
        ("chime:ListVoiceProfileDomains", why),
    }


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])
def test_refused_gets_are_gaps_of_what_was_listed(endpoint: Endpoint, account: Accounts, kind: Any, why: Why) -> None:
    captures(endpoint)
    insights(endpoint, element("S3RecordingSink", Destination="arn:aws:s3:::calls/rec"))
    endpoint.faults.add(kind, chime.PIPELINES, "GetMediaCapturePipeline")
    endpoint.faults.add(kind, chime.PIPELINES, "GetMediaInsightsPipelineConfiguration")
    records = collect(account(Facet.JOBS))
    assert jobs(records) == []
    assert [(gap.resource, gap.why) for gap in gaps(records)] == [
        (CAPTURE["MediaPipelineArn"], why),
        (INSIGHTS["MediaInsightsPipelineConfigurationArn"], why),
    ]


def test_nothing_is_asked_when_no_check_wants_jobs(account: Accounts) -> None:
    assert list(chime.units(account(Facet.STORES))) == []
