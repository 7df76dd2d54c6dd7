"""The demo's speech jobs and the settings that keep recording."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cloudscan_aws.demo.people import ACCOUNT

if TYPE_CHECKING:
    from cloudscan_aws.demo.estate import Builder

REGION = "eu-central-1"


def build(make: Builder) -> None:
    """Start the transcription jobs and set up the contact centre."""
    _transcriptions(make)
    _training(make)
    _contact_centre(make)


def _transcriptions(make: Builder) -> None:
    """One raw, one redacted that keeps the raw text too, one left with the service, one sent away.

    One read a call that was erased since, on somebody's request; what was written down of it was forgotten.
    """
    transcribe = make.client("transcribe")
    jobs: dict[str, dict[str, Any]] = {
        "call-0": {"OutputBucketName": "acme-transcripts", "OutputKey": "out/call-0.json"},
        "call-1": {
            "OutputBucketName": "acme-transcripts",
            "OutputKey": "out/call-1.json",
            "ContentRedaction": {"RedactionType": "PII", "RedactionOutput": "redacted_and_unredacted"},
        },
        "quick-look": {},
        "partner-feed": {"OutputBucketName": "partner-transcripts", "OutputKey": "acme/feed.json"},
        "erased": {"OutputBucketName": "acme-transcripts", "OutputKey": "out/erased.json"},
    }
    for number, (name, more) in enumerate(jobs.items()):
        call = "erased" if name == "erased" else f"{number:04}"
        source = {"MediaFileUri": f"s3://acme-calls-raw/calls/2026/{call}.wav"}
        transcribe.start_transcription_job(TranscriptionJobName=name, LanguageCode="en-US", Media=source, **more)
        made = make.now - timedelta(days=1 + number)
        make.endpoint.set_transcription_times(name, region=REGION, created=made, completed=made + timedelta(minutes=4))


def _training(make: Builder) -> None:
    """A language model that was trained on what callers said."""
    model = {
        "ModelName": "acme-support",
        "CreateTime": make.now - timedelta(days=200),
        "LanguageCode": "en-US",
        "BaseModelName": "NarrowBand",
        "ModelStatus": "COMPLETED",
        "InputDataConfig": {
            "S3Uri": "s3://acme-transcripts/out/",
            "DataAccessRoleArn": f"arn:aws:iam::{ACCOUNT}:role/transcriber",
        },
    }
    make.endpoint.answer("transcribe", "ListLanguageModels", {"Models": [model]}, region=REGION)
    make.endpoint.answer("transcribe", "DescribeLanguageModel", {"LanguageModel": model}, region=REGION)


def _contact_centre(make: Builder) -> None:
    """Calls of the contact centre are recorded into the main store for as long as the setting stands."""
    instance = {
        "Id": "11111111-2222-3333-4444-555555555555",
        "Arn": f"arn:aws:connect:{REGION}:{ACCOUNT}:instance/11111111-2222-3333-4444-555555555555",
        "InstanceAlias": "acme",
        "InstanceStatus": "ACTIVE",
    }
    recording = {
        "AssociationId": "a1",
        "StorageType": "S3",
        "S3Config": {"BucketName": "acme-calls-raw", "BucketPrefix": "connect/acme"},
    }

    def storage(parameters: Any) -> dict[str, Any]:
        kept = [recording] if parameters["ResourceType"] == "CALL_RECORDINGS" else []
        return {"StorageConfigs": kept}

    make.endpoint.answer("connect", "ListInstances", {"InstanceSummaryList": [instance]}, region=REGION)
    make.endpoint.answer("connect", "ListInstanceStorageConfigs", storage, region=REGION)
