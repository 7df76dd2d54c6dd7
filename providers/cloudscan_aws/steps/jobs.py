"""Services that read data for somebody, as a role that is passed to them, and hand back what they read. Data, no code.

A service that puts what it reads into a bucket does so as the role, which must be allowed that, too.
"""

from __future__ import annotations

from collections.abc import Mapping

from cloudscan.model import MediaClass
from cloudscan_aws.steps.calls import Call
from cloudscan_aws.steps.service import Service, on

_SPEECH = on("transcribe", "transcription-job/{name}")
_CALLS = on("transcribe", "analytics-job/{name}")
_VISITS = on("transcribe", "medical-scribe-job/{name}")
_INTO, _AT = "transcribe:OutputBucketName", "transcribe:OutputLocation"


def _start(action: str, on: str, known: Mapping[str, str]) -> Call:
    """Return the call that starts a speech job: its media lie in its own region ("Amazon Transcribe API Reference")."""
    return Call(action, on, known, near=True)


_SOUND = (MediaClass.SPEECH, MediaClass.VIDEO)
"""What has sound, which is all that these take ("Amazon Transcribe Developer Guide", media formats; "AWS Elemental
MediaConvert User Guide", supported inputs)."""

JOBS = (
    Service(
        "transcribe",
        "transcribe.amazonaws.com",
        "a speech job whose transcript it hands back",
        (
            (
                (
                    _start("transcribe:StartTranscriptionJob", _SPEECH, {_INTO: ""}),
                    Call("transcribe:GetTranscriptionJob", _SPEECH),
                ),
                "Amazon Transcribe API Reference: JobExecutionSettings.DataAccessRoleArn",
            ),
            (
                (
                    _start("transcribe:StartCallAnalyticsJob", _CALLS, {_AT: ""}),
                    Call("transcribe:GetCallAnalyticsJob", _CALLS),
                ),
                "Amazon Transcribe API Reference: StartCallAnalyticsJob",
            ),
        ),
        (
            (
                (_start("transcribe:StartTranscriptionJob", _SPEECH, {_INTO: "{bucket}"}),),
                "Amazon Transcribe API Reference: StartTranscriptionJob, OutputBucketName",
            ),
            (
                (_start("transcribe:StartCallAnalyticsJob", _CALLS, {_AT: "s3://{bucket}/{key}"}),),
                "Amazon Transcribe API Reference: StartCallAnalyticsJob, OutputLocation",
            ),
            (
                (_start("transcribe:StartMedicalScribeJob", _VISITS, {_INTO: "{bucket}"}),),
                "Amazon Transcribe API Reference: StartMedicalScribeJob",
            ),
        ),
        reads_only=True,
        media=_SOUND,
    ),
    Service(
        "s3-batch",
        "batchoperations.s3.amazonaws.com",
        "a batch job that copies objects where one likes",
        puts=(((Call("s3:CreateJob"),), "Amazon S3 User Guide: granting permissions for Batch Operations"),),
        reads_only=True,
    ),
    Service(
        "mediaconvert",
        "mediaconvert.amazonaws.com",
        "a transcoding job that writes sound where one likes",
        puts=(
            (
                (Call("mediaconvert:CreateJob", on("mediaconvert", "queues/Default")),),
                "AWS Elemental MediaConvert User Guide: setting up IAM permissions",
            ),
        ),
        reads_only=True,
        media=_SOUND,
    ),
    Service(
        "scheduler",
        "scheduler.amazonaws.com",
        "a schedule that copies objects where one likes",
        puts=(
            (
                (Call("scheduler:CreateSchedule", on("scheduler", "schedule/default/{name}")),),
                "Amazon EventBridge Scheduler User Guide: universal targets",
            ),
        ),
        reads_only=True,
    ),
    Service(
        "datasync",
        "datasync.amazonaws.com",
        "a transfer of a bucket to where one likes",
        puts=(
            (
                (
                    Call("datasync:CreateLocationS3"),
                    Call("datasync:CreateTask", on("datasync", "location/{name}")),
                    Call("datasync:StartTaskExecution", on("datasync", "task/{name}")),
                ),
                "AWS DataSync User Guide: providing DataSync access to S3 buckets",
            ),
        ),
        reads_only=True,
    ),
)
"""A schedule can make other calls as its role that change something; that is left out (under)."""
