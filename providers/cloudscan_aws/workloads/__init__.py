"""Compute that runs with a role, one module a service of AWS: whoever steers it acts with the role's rights."""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.provider import Facet, Unit
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.units import regional
from cloudscan_aws.workloads import builds, containers, functions, glue, instances, notebooks, services, stacks

MODULES = (functions, instances, containers, builds, notebooks, glue, stacks, services)
"""Each has ``SERVICE`` and ``fetch_all(account, asker)``."""


def units(account: AccountScope) -> Iterator[Unit]:
    """Yield a unit for each service in each region, if a check wants workloads."""
    if account.wants(Facet.WORKLOADS):
        for module in MODULES:
            lists = 2 if module is glue else 1
            yield from regional(account, module.SERVICE, module.fetch_all, requests=lists)
