"""AWS App Runner: the services of a region, each with the role of its instances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloudscan.model import Gap, Workload
from cloudscan.provider import Collected, Facet
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.session import PROVIDER, Asker

SERVICE = "apprunner"


def fetch_all(_: AccountScope, asker: Asker) -> Iterator[Collected]:
    """List the services of a region and ask each that was not deleted for its role, which the list leaves out."""
    listed, ended = asker.pages(
        SERVICE, "list_services", "ServiceSummaryList", facet=Facet.WORKLOADS, resource=asker.account
    )
    for service in listed:
        if service.get("Status") == "DELETED":
            continue
        arn = service["ServiceArn"]
        reply = asker.ask(SERVICE, "describe_service", facet=Facet.WORKLOADS, resource=arn, ServiceArn=arn)
        if isinstance(reply, Gap):
            yield reply
        elif isinstance(reply, dict):
            yield read_service(asker.account, asker.region, reply["Service"])
    if isinstance(ended, Gap):
        yield ended


def read_service(account: str, region: str, service: Mapping[str, Any]) -> Workload:
    """Read a service. The role of its instances is optional; the one that fetches its image is another."""
    return Workload(
        id=service["ServiceArn"],
        provider=PROVIDER,
        account=account,
        region=region,
        kind="service",
        name=service["ServiceName"],
        principal=service.get("InstanceConfiguration", {}).get("InstanceRoleArn") or "",
    )
