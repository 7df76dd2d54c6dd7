"""AWS Lambda: the functions of a region, each with its execution role, from one list.

Only the unpublished version of a function is listed, which is the one that new code goes to; a published version
keeps the role that it was published with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloudscan.model import Gap, Workload
from cloudscan.provider import Collected, Facet
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.session import PROVIDER, Asker

SERVICE = "lambda"


def fetch_all(_: AccountScope, asker: Asker) -> Iterator[Collected]:
    """List the functions of a region."""
    listed, ended = asker.pages(SERVICE, "list_functions", "Functions", facet=Facet.WORKLOADS, resource=asker.account)
    for function in listed:
        yield read_function(asker.account, asker.region, function)
    if isinstance(ended, Gap):
        yield ended


def read_function(account: str, region: str, function: Mapping[str, Any]) -> Workload:
    """Read a function of the list. Every function has a role; where the answer lacks it, it is unknown."""
    return Workload(
        id=function["FunctionArn"],
        provider=PROVIDER,
        account=account,
        region=region,
        kind="function",
        name=function["FunctionName"],
        principal=function.get("Role") or None,
    )
