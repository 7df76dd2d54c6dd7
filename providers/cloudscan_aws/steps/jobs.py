"""Services that read data for somebody, as a role that is passed to them, and hand back what they read. Data, no code.

A service that puts what it reads into a bucket does so as the role, which must be allowed that, too.
"""

from __future__ import annotations

from cloudscan.model import MediaClass
from cloudscan_aws.steps.calls import Call
from cloudscan_aws.steps.service import Service, calls, on

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
                calls(
                    on("transcribe", "transcription-job/{name}"),
                    "transcribe:StartTranscriptionJob",
                    "transcribe:GetTranscriptionJob",
                ),
                "Amazon Transcribe API Reference: JobExecutionSettings.DataAccessRoleArn",
            ),
            (
                calls(
                    on("transcribe", "analytics-job/{name}"),
                    "transcribe:StartCallAnalyticsJob",
                    "transcribe:GetCallAnalyticsJob",
                ),
                "Amazon Transcribe API Reference: StartCallAnalyticsJob",
            ),
            (
                calls(
                    on("transcribe", "medical-scribe-job/{name}"),
                    "transcribe:StartMedicalScribeJob",
                    "transcribe:GetMedicalScribeJob",
                ),
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
        (((Call("s3:CreateJob"),), "Amazon S3 User Guide: granting permissions for Batch Operations"),),
        reads_only=True,
        puts=True,
    ),
    Service(
        "mediaconvert",
        "mediaconvert.amazonaws.com",
        "a transcoding job that writes sound where one likes",
        (
            (
                (Call("mediaconvert:CreateJob", on("mediaconvert", "queues/Default")),),
                "AWS Elemental MediaConvert User Guide: setting up IAM permissions",
            ),
        ),
        reads_only=True,
        media=_SOUND,
        puts=True,
    ),
    Service(
        "scheduler",
        "scheduler.amazonaws.com",
        "a schedule that copies objects where one likes",
        (
            (
                (Call("scheduler:CreateSchedule", on("scheduler", "schedule/default/{name}")),),
                "Amazon EventBridge Scheduler User Guide: universal targets",
            ),
        ),
        reads_only=True,
        puts=True,
    ),
    Service(
        "datasync",
        "datasync.amazonaws.com",
        "a transfer of a bucket to where one likes",
        (
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
        puts=True,
    ),
)
"""A schedule can make other calls as its role that change something; that is left out (under)."""
