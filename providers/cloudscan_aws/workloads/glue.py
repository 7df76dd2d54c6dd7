"""AWS Glue: the jobs and development endpoints of a region, each with its role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloudscan.model import Gap, Workload
from cloudscan.provider import Collected, Facet
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.codes import partition_of
from cloudscan_aws.session import PROVIDER, Asker

SERVICE = "glue"


def fetch_all(_: AccountScope, asker: Asker) -> Iterator[Collected]:
    """List the jobs and the development endpoints of a region."""
    jobs, ended = asker.pages(SERVICE, "get_jobs", "Jobs", facet=Facet.WORKLOADS, resource=asker.account)
    for job in jobs:
        yield read_job(asker.account, asker.region, job)
    if isinstance(ended, Gap):
        yield ended
    endpoints, ended = asker.pages(
        SERVICE, "get_dev_endpoints", "DevEndpoints", facet=Facet.WORKLOADS, resource=asker.account
    )
    for endpoint in endpoints:
        yield read_endpoint(asker.account, asker.region, endpoint)
    if isinstance(ended, Gap):
        yield ended


def read_job(account: str, region: str, job: Mapping[str, Any]) -> Workload:
    """Read a job. Its role is told as whoever made it wrote it."""
    return _workload(account, region, "job", "job", job["Name"], job.get("Role"))


def read_endpoint(account: str, region: str, endpoint: Mapping[str, Any]) -> Workload:
    """Read a development endpoint."""
    return _workload(account, region, "dev-endpoint", "devEndpoint", endpoint["EndpointName"], endpoint.get("RoleArn"))


def _workload(account: str, region: str, kind: str, word: str, name: str, role: str | None) -> Workload:
    """Make a workload. A role may be named by its ARN or by its bare name ("Job", AWS Glue API reference)."""
    whole = role is not None and role.startswith("arn:")
    return Workload(
        id=f"arn:{partition_of(region)}:glue:{region}:{account}:{word}/{name}",
        provider=PROVIDER,
        account=account,
        region=region,
        kind=kind,
        name=name,
        principal=role if whole else None,
        known_as="" if whole or not role else role.rpartition("/")[2],
    )
