"""Where Amazon Connect stores what it records, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cloudscan.model import Gap, Job, Why
from cloudscan.provider import Facet
from cloudscan.testing import run_units
from cloudscan_aws import connect
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.demo.server import Endpoint

REGION = "eu-central-1"
ARN = f"arn:aws:connect:{REGION}:123456789012:instance/i-1"
KEY = f"arn:aws:kms:{REGION}:123456789012:key/k-1"
ENCRYPTED = {"EncryptionType": "KMS", "KeyId": KEY}

Accounts = Callable[..., AccountScope]


def collect(account: AccountScope) -> list[Any]:
    return run_units(list(connect.units(account)))[0]


def jobs(records: list[Any]) -> list[Job]:
    return [record for record in records if isinstance(record, Job)]


def gaps(records: list[Any]) -> list[Gap]:
    return [record for record in records if isinstance(record, Gap)]


def estate(endpoint: Endpoint, configs: dict[str, Any], alias: str = "acme") -> None:
    """Make one instance with one storage configuration for each of these resource types."""
    instance = {"Id": "i-1", "Arn": ARN, "InstanceAlias": alias, "InstanceStatus": "ACTIVE"}

    def storage(params: Any) -> dict[str, Any]:
        kind = params["ResourceType"]
        kept = [{"AssociationId": f"of-{kind}", **configs[kind]}] if kind in configs else []
        return {"StorageConfigs": kept}

    endpoint.answer("connect", "ListInstances", {"InstanceSummaryList": [instance]})
    endpoint.answer("connect", "ListInstanceStorageConfigs", storage)


def test_call_recordings_go_to_a_bucket_under_a_key(endpoint: Endpoint, account: Accounts) -> None:
    bucket = {"BucketName": "calls", "BucketPrefix": "connect/acme", "EncryptionConfig": ENCRYPTED}
    estate(endpoint, {"CALL_RECORDINGS": {"StorageType": "S3", "S3Config": bucket}})
    assert jobs(collect(account(Facet.JOBS))) == [
        Job(
            id=f"{ARN}/storage-config/of-CALL_RECORDINGS",
            provider="aws",
            account="123456789012",
            region=REGION,
            kind="call-recording",
            name="acme CALL_RECORDINGS",
            status="ACTIVE",
            continuous=True,
            outputs=("arn:aws:s3:::calls/connect/acme",),
            output_owner="customer",
            key=KEY,
        )
    ]


def test_each_type_of_media_has_its_kind_and_no_other_type_is_asked(endpoint: Endpoint, account: Accounts) -> None:
    types = {
        "CALL_RECORDINGS": "call-recording",
        "CHAT_TRANSCRIPTS": "conversation-log",
        "SCREEN_RECORDINGS": "media-capture",
    }
    config = {"StorageType": "S3", "S3Config": {"BucketName": "calls", "BucketPrefix": "p"}}
    estate(endpoint, dict.fromkeys([*types, "SCHEDULED_REPORTS", "CONTACT_EVALUATIONS"], config))
    found = jobs(collect(account(Facet.JOBS)))
    assert {job.name.removeprefix("acme "): job.kind for job in found} == types
    assert {job.key for job in found} == {None}
    assert endpoint.requests["connect:ListInstanceStorageConfigs"] == 4


def test_media_streams_keep_for_as_many_hours_as_set(endpoint: Endpoint, account: Accounts) -> None:
    video = {"Prefix": "acme-live", "RetentionPeriodHours": 48, "EncryptionConfig": ENCRYPTED}
    config = {"StorageType": "KINESIS_VIDEO_STREAM", "KinesisVideoStreamConfig": video}
    estate(endpoint, {"MEDIA_STREAMS": config})
    (found,) = jobs(collect(account(Facet.JOBS)))
    assert found.outputs == (f"arn:aws:kinesisvideo:{REGION}:123456789012:stream/acme-live*",)
    assert (found.kind, found.retention_hours, found.key) == ("call-recording", 48, KEY)


def test_chats_may_go_to_a_stream(endpoint: Endpoint, account: Accounts) -> None:
    stream = f"arn:aws:firehose:{REGION}:123456789012:deliverystream/chats"
    config = {"StorageType": "KINESIS_FIREHOSE", "KinesisFirehoseConfig": {"FirehoseArn": stream}}
    estate(endpoint, {"CHAT_TRANSCRIPTS": config})
    assert [job.outputs for job in jobs(collect(account(Facet.JOBS)))] == [(stream,)]


def test_pages_are_followed(endpoint: Endpoint, account: Accounts) -> None:
    def instances(params: Any) -> dict[str, Any]:
        number = int(params.get("NextToken", "1"))
        one = {"Id": f"i-{number}", "Arn": ARN.replace("i-1", f"i-{number}"), "InstanceAlias": f"acme-{number}"}
        return {"InstanceSummaryList": [one], **({"NextToken": str(number + 1)} if number < 3 else {})}

    config = {"AssociationId": "a", "StorageType": "S3", "S3Config": {"BucketName": "b", "BucketPrefix": "p"}}

    def storage(params: Any) -> dict[str, Any]:
        if params["ResourceType"] != "CALL_RECORDINGS":
            return {"StorageConfigs": []}
        if "NextToken" not in params:
            return {"StorageConfigs": [config], "NextToken": "more"}
        return {"StorageConfigs": [config | {"AssociationId": "b"}]}

    endpoint.answer("connect", "ListInstances", instances)
    endpoint.answer("connect", "ListInstanceStorageConfigs", storage)
    found = jobs(collect(account(Facet.JOBS)))
    assert len({job.id for job in found}) == len(found) == 6


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])
def test_refused_questions_are_gaps_and_claim_nothing(
    endpoint: Endpoint, account: Accounts, kind: Any, why: Why
) -> None:
    config = {"StorageType": "S3", "S3Config": {"BucketName": "calls", "BucketPrefix": "p"}}
    estate(endpoint, {"CALL_RECORDINGS": config})
    endpoint.faults.add(kind, "connect", "ListInstanceStorageConfigs", containing="CALL_RECORDINGS")
    records = collect(account(Facet.JOBS))
    assert jobs(records) == []
    assert [(gap.resource, gap.why, gap.permission) for gap in gaps(records)] == [
        (ARN, why, "connect:ListInstanceStorageConfigs")
    ]
    endpoint.faults.add(kind, "connect", "ListInstances")
    records = collect(account(Facet.JOBS))
    assert [(gap.resource, gap.why) for gap in gaps(records)] == [("123456789012", why)]
    assert (records[-1].asked, records[-1].answered) == (1, 0)


def test_hostile_alias_is_kept_as_data(endpoint: Endpoint, account: Accounts) -> None:
    hostile = "=HYPERLINK(\u202e<script>\n"
    bucket = {"BucketName": "calls", "BucketPrefix": hostile}
    estate(endpoint, {"CALL_RECORDINGS": {"StorageType": "S3", "S3Config": bucket}}, hostile)
    (found,) = jobs(collect(account(Facet.JOBS)))
    assert (found.name, found.outputs) == (f"{hostile} CALL_RECORDINGS", (f"arn:aws:s3:::calls/{hostile}",))


def test_nothing_is_asked_when_no_check_wants_jobs(account: Accounts) -> None:
    assert list(connect.units(account(Facet.STORES))) == []
