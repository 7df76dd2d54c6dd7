"""Compute and other services of a subscription that act as an identity, by one list for each sort."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from cloudscan.model import Gap, Why
from cloudscan.provider import Collected, Facet, Unit
from cloudscan_azure import units as made
from cloudscan_azure.accounts import SubscriptionScope
from cloudscan_azure.rest import path_of
from cloudscan_azure.session import Asker
from cloudscan_azure.workloads_read import workload

_FACET = Facet.WORKLOADS


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of resource: its type, the operation that lists all of a subscription, and its kind as a workload."""

    type: str
    operation: str
    api: str
    kind: str


SORTS = (
    Sort("Microsoft.Compute/virtualMachines", "VirtualMachines_ListAll", "2024-07-01", "instance"),
    Sort("Microsoft.Compute/virtualMachineScaleSets", "VirtualMachineScaleSets_ListAll", "2024-07-01", "instance"),
    Sort("Microsoft.Web/sites", "WebApps_List", "2023-12-01", "service"),
    Sort("Microsoft.Automation/automationAccounts", "AutomationAccount_List", "2023-11-01", "job"),
    Sort("Microsoft.Logic/workflows", "Workflows_ListBySubscription", "2019-05-01", "job"),
    Sort("Microsoft.DataFactory/factories", "Factories_List", "2018-06-01", "job"),
    Sort("Microsoft.App/containerApps", "ContainerApps_ListBySubscription", "2024-03-01", "container-service"),
    Sort("Microsoft.App/jobs", "Jobs_ListBySubscription", "2024-03-01", "container-task"),
    Sort("Microsoft.ContainerInstance/containerGroups", "ContainerGroups_List", "2023-05-01", "container-task"),
    Sort("Microsoft.ContainerService/managedClusters", "ManagedClusters_List", "2024-09-01", "container-service"),
)


def units(subscription: SubscriptionScope) -> Iterator[Unit]:
    """Yield a unit for each sort."""
    if subscription.wants(_FACET):
        for sort in SORTS:
            yield from made.of_subscription(subscription, sort.type.lower(), partial(_collect, sort))


def _collect(sort: Sort, subscription: SubscriptionScope, asker: Asker) -> Iterator[Collected]:
    """Yield the resources of a sort, those without an identity too."""
    permission = f"{sort.type}/read"
    listed, end = asker.pages(
        sort.operation,
        path_of(subscription.path, "providers", sort.type),
        facet=_FACET,
        resource=subscription.id,
        permission=permission,
        api=sort.api,
    )
    found = [workload(each, sort.kind, asker.account) for each in listed]
    yield from (each for each in found if each is not None)
    if lost := found.count(None):
        words = f"{lost} entries without an id"
        yield asker.gap(_FACET, subscription.id, Why.MALFORMED, sort.operation, words, permission)
    if isinstance(end, Gap):
        yield end
