"""Diagnostic settings of the blob service of each storage account: whether reads are recorded, and where.

Those of the account itself are about metrics alone. Classic logging (``$logs``) was a setting of the service itself,
and was retired ("Storage Analytics logging"), which is not asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from cloudscan.model import Gap, LogSource
from cloudscan.provider import Collected, Facet, Unit
from cloudscan_azure import units as made
from cloudscan_azure.accounts import StorageAccount, SubscriptionScope
from cloudscan_azure.diagnostics_read import Delivery, deliveries, workspace_days
from cloudscan_azure.ids import PROVIDER, lowered
from cloudscan_azure.rest import path_of
from cloudscan_azure.session import Asker
from cloudscan_azure.shared_lists import Listing, in_subscription

_FACET = Facet.LOG_SOURCES
_SETTINGS = "Microsoft.Insights/diagnosticSettings"
_WORKSPACES = "Microsoft.OperationalInsights/workspaces"


def units(subscription: SubscriptionScope) -> Iterator[Unit]:
    """Yield the one unit that asks where reads are recorded, where there is something to read."""
    if subscription.wants(_FACET) and subscription.storage:
        yield from made.of_subscription(subscription, "diagnostics", collect, requests=len(subscription.storage))


def collect(subscription: SubscriptionScope, asker: Asker) -> Iterator[Collected]:
    """Yield for each container the places that record reads of it."""
    found: list[tuple[StorageAccount, Delivery]] = []
    for account in subscription.storage:
        sent, gaps = _settings(asker, account)
        found += [(account, each) for each in sent]
        yield from gaps
    days: Mapping[str, int | None] = {}
    if any(one.kind.endswith("log-analytics") for _, one in found):
        told = _workspaces(subscription, asker)
        yield from told.gaps
        days = {lowered(str(each["id"])): workspace_days(each) for each in told.items if each.get("id")}
    for account, one in found:
        for container in account.containers:
            yield LogSource(
                store=container.id,
                provider=PROVIDER,
                account=asker.account,
                kind=one.kind,
                target=one.target,
                reads=one.reads,
                retention_days=one.days or days.get(one.target),
            )


def _settings(asker: Asker, account: StorageAccount) -> tuple[list[Delivery], list[Gap]]:
    """Ask for the settings of a blob service. A Gap is one on every container, since any may be recorded."""
    listed, end = asker.pages(
        "DiagnosticSettings_List",
        path_of(account.id, "blobServices/default/providers", _SETTINGS),
        facet=_FACET,
        resource=account.id,
        permission=f"{_SETTINGS}/read",
        api="2021-05-01-preview",
    )
    sent = [one for each in listed for one in deliveries(each)]
    stores = [container.id for container in account.containers] or [account.id]
    return sent, [replace(end, resource=store) for store in stores] if isinstance(end, Gap) else []


def _workspaces(subscription: SubscriptionScope, asker: Asker) -> Listing:
    """Ask for how long the workspaces of the subscription keep what they get.

    Of one in another subscription, or where the list is refused, that is not known, and is no fault of the record.
    """
    resource = f"{subscription.path}/providers/{_WORKSPACES}".lower()
    return in_subscription(
        subscription, asker, "Workspaces_List", _WORKSPACES, facet=_FACET, resource=resource, api="2022-10-01"
    )
