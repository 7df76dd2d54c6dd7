"""Amazon Connect: where each contact-centre instance puts its recordings and chats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloudscan.model import Gap, Job
from cloudscan.provider import Collected, Facet, Unit
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.codes import partition_of
from cloudscan_aws.locations import Place
from cloudscan_aws.s3_read import key_arn
from cloudscan_aws.session import PROVIDER, Asker
from cloudscan_aws.units import regional

SERVICE = "connect"
KINDS = {
    "CALL_RECORDINGS": "call-recording",
    "CHAT_TRANSCRIPTS": "conversation-log",
    "MEDIA_STREAMS": "call-recording",
    "SCREEN_RECORDINGS": "media-capture",
}
"""The resource types that hold what people said or, on the agent's screen, did; and the kind of job each is."""


def units(account: AccountScope) -> Iterator[Unit]:
    """Yield a unit for each region, if a check wants jobs."""
    if account.wants(Facet.JOBS):
        yield from regional(account, SERVICE, fetch_all)


def fetch_all(_: AccountScope, asker: Asker) -> Iterator[Collected]:
    """Ask each instance of a region where it stores each type of media."""
    instances, ended = asker.pages(
        SERVICE, "list_instances", "InstanceSummaryList", facet=Facet.JOBS, resource=asker.account
    )
    for instance in instances:
        for resource_type in KINDS:
            yield from fetch_storage(asker, instance, resource_type)
    if isinstance(ended, Gap):
        yield ended


def fetch_storage(asker: Asker, instance: Mapping[str, Any], resource_type: str) -> Iterator[Job | Gap]:
    """Ask where an instance stores one type of media."""
    configs, ended = asker.pages(
        SERVICE,
        "list_instance_storage_configs",
        "StorageConfigs",
        facet=Facet.JOBS,
        resource=instance["Arn"],
        InstanceId=instance["Id"],
        ResourceType=resource_type,
    )
    for config in configs:
        yield read_storage(asker.account, asker.region, instance, resource_type, config)
    if isinstance(ended, Gap):
        yield ended


def read_storage(
    account: str, region: str, instance: Mapping[str, Any], resource_type: str, config: Mapping[str, Any]
) -> Job:
    """Read one storage configuration: a setting that stays in force until somebody changes it.

    Of video streams only the prefix is known: Connect makes one for each contact. A retention of 0 hours keeps
    nothing ("KinesisVideoStreamConfig" in the API reference).
    """
    bucket, video = config.get("S3Config"), config.get("KinesisVideoStreamConfig")
    outputs = []
    if bucket:
        outputs.append(Place(bucket["BucketName"], bucket.get("BucketPrefix", "")).within(region))
    if video:
        outputs.append(f"arn:{partition_of(region)}:kinesisvideo:{region}:{account}:stream/{video['Prefix']}*")
    outputs += [other[arn] for name, arn in _STREAMS if (other := config.get(name))]
    return Job(
        id=f"{instance['Arn']}/storage-config/{config['AssociationId']}",
        provider=PROVIDER,
        account=account,
        region=region,
        kind=KINDS[resource_type],
        name=f"{instance.get('InstanceAlias') or instance['Id']} {resource_type}",
        status=instance.get("InstanceStatus", ""),
        continuous=True,
        outputs=tuple(outputs),
        output_owner="customer",
        role=instance.get("ServiceRole"),
        key=key_arn((bucket or video or {}).get("EncryptionConfig", {}).get("KeyId"), region, account),
        retention_hours=video["RetentionPeriodHours"] if video else None,
    )


_STREAMS = (("KinesisStreamConfig", "StreamArn"), ("KinesisFirehoseConfig", "FirehoseArn"))
