"""Amazon SageMaker: the notebook instances of a region, each with its role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloudscan.model import Gap, Workload
from cloudscan.provider import Collected, Facet
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.session import PROVIDER, Asker

SERVICE = "sagemaker"


def fetch_all(_: AccountScope, asker: Asker) -> Iterator[Collected]:
    """List the notebook instances of a region and ask each for its role, which the list leaves out."""
    listed, ended = asker.pages(
        SERVICE,
        "list_notebook_instances",
        "NotebookInstances",
        facet=Facet.WORKLOADS,
        resource=asker.account,
        MaxResults=100,
    )
    for notebook in listed:
        reply = asker.ask(
            SERVICE,
            "describe_notebook_instance",
            facet=Facet.WORKLOADS,
            resource=notebook["NotebookInstanceArn"],
            NotebookInstanceName=notebook["NotebookInstanceName"],
        )
        if isinstance(reply, Gap):
            yield reply
        elif isinstance(reply, dict):
            yield read_notebook(asker.account, asker.region, notebook, reply)
    if isinstance(ended, Gap):
        yield ended


def read_notebook(account: str, region: str, listed: Mapping[str, Any], described: Mapping[str, Any]) -> Workload:
    """Read a notebook instance. Every one has a role; where the answer lacks it, it is unknown."""
    return Workload(
        id=listed["NotebookInstanceArn"],
        provider=PROVIDER,
        account=account,
        region=region,
        kind="notebook",
        name=listed["NotebookInstanceName"],
        principal=described.get("RoleArn") or None,
    )
