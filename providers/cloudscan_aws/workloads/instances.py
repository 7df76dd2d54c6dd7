"""Amazon EC2: the instances of a region, the profile that each carries, and whether Systems Manager reaches it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloudscan.model import Answer, Gap, Workload
from cloudscan.provider import Collected, Facet
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.codes import partition_of
from cloudscan_aws.session import PROVIDER, Asker
from cloudscan_aws.workloads.labels import labels_of

SERVICE = "ec2"
_GONE = {"shutting-down", "terminated"}


def fetch_all(_: AccountScope, asker: Asker) -> Iterator[Collected]:
    """List the instances of a region; one with a profile makes it worth asking Systems Manager."""
    reservations, ended = asker.pages(
        SERVICE,
        "describe_instances",
        "Reservations",
        facet=Facet.WORKLOADS,
        resource=asker.account,
        MaxResults=1000,
    )
    kept = [
        instance
        for reservation in reservations
        for instance in reservation.get("Instances", ())
        if instance.get("State", {}).get("Name") not in _GONE
    ]
    managed: Mapping[str, Answer] = {}
    unlisted = Answer.UNKNOWN
    if any(instance.get("IamInstanceProfile") for instance in kept):
        managed, refused = fetch_managed(asker)
        unlisted = Answer.UNKNOWN if refused else Answer.NO
        if refused:
            yield refused
    for instance in kept:
        yield read_instance(asker.account, asker.region, instance, managed.get(instance["InstanceId"], unlisted))
    if isinstance(ended, Gap):
        yield ended


def fetch_managed(asker: Asker) -> tuple[Mapping[str, Answer], Gap | None]:
    """Ask which instances Systems Manager knows; it reaches none that it does not know."""
    nodes, ended = asker.pages(
        "ssm",
        "describe_instance_information",
        "InstanceInformationList",
        facet=Facet.WORKLOADS,
        resource=asker.account,
        MaxResults=50,
    )
    return {node["InstanceId"]: read_node(node) for node in nodes}, ended if isinstance(ended, Gap) else None


def read_node(node: Mapping[str, Any]) -> Answer:
    """Say whether a command reaches an instance that Systems Manager knows.

    One whose agent is silent takes commands again when it runs again, so silence is no no
    ("InstanceInformation", AWS Systems Manager API reference).
    """
    return Answer.YES if node.get("PingStatus") == "Online" else Answer.UNKNOWN


def read_instance(account: str, region: str, instance: Mapping[str, Any], managed: Answer) -> Workload:
    """Read an instance. It names the profile that it carries; the profile's role is told with the role."""
    profile = (instance.get("IamInstanceProfile") or {}).get("Arn", "")
    labels = labels_of(instance.get("Tags"))
    return Workload(
        id=f"arn:{partition_of(region)}:ec2:{region}:{account}:instance/{instance['InstanceId']}",
        provider=PROVIDER,
        account=account,
        region=region,
        kind="instance",
        name=labels.get("Name") or instance["InstanceId"],
        principal=None if profile else "",
        known_as=profile,
        managed=managed,
        labels=labels,
    )
