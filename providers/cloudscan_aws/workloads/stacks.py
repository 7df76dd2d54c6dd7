"""AWS CloudFormation: the stacks that act with a role of their own, from one list.

A stack without one acts with the rights of whoever changes it, and lends nobody anything: it is no workload.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloudscan.model import Gap, Workload
from cloudscan.provider import Collected, Facet
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.session import PROVIDER, Asker
from cloudscan_aws.workloads.labels import labels_of

SERVICE = "cloudformation"


def fetch_all(_: AccountScope, asker: Asker) -> Iterator[Collected]:
    """List the stacks of a region; without a name, DescribeStacks tells all that were not deleted."""
    listed, ended = asker.pages(SERVICE, "describe_stacks", "Stacks", facet=Facet.WORKLOADS, resource=asker.account)
    for stack in listed:
        if stack.get("RoleARN"):
            yield read_stack(asker.account, asker.region, stack)
    if isinstance(ended, Gap):
        yield ended


def read_stack(account: str, region: str, stack: Mapping[str, Any]) -> Workload:
    """Read a stack that has a role: CloudFormation uses it for whoever may update the stack."""
    return Workload(
        id=stack["StackId"],
        provider=PROVIDER,
        account=account,
        region=region,
        kind="stack",
        name=stack["StackName"],
        principal=stack["RoleARN"],
        labels=labels_of(stack.get("Tags")),
    )
