"""Compute and other services of a subscription that act as an identity, by one list for each sort."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from cloudscan.model import Why
from cloudscan.provider import Collected, Facet, Unit
from cloudscan_azure import units as made
from cloudscan_azure.accounts import SubscriptionScope
from cloudscan_azure.session import Asker
from cloudscan_azure.shared_lists import Listing, in_subscription
from cloudscan_azure.speech_read import KINDS
from cloudscan_azure.workloads_read import workloads

_FACET = Facet.WORKLOADS


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of resource: its type, the operation that lists all of a subscription, and its kind as a workload.

    ``only`` are the kinds of it that count, in small letters, where not all do.
    """

    type: str
    operation: str
    api: str
    kind: str
    only: frozenset[str] = frozenset()


SPEECH = Sort("Microsoft.CognitiveServices/accounts", "Accounts_List", "2024-10-01", "service", KINDS)
"""Accounts that turn speech into text, and read recordings as their identity."""
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
    Sort("Microsoft.HybridCompute/machines", "Machines_ListBySubscription", "2024-07-10", "instance"),
    SPEECH,
)


def units(subscription: SubscriptionScope) -> Iterator[Unit]:
    """Yield a unit for each sort."""
    if subscription.wants(_FACET):
        for sort in SORTS:
            yield from made.of_subscription(subscription, sort.type.lower(), partial(_collect, sort))


def _collect(sort: Sort, subscription: SubscriptionScope, asker: Asker) -> Iterator[Collected]:
    """Yield the resources of a sort, those without an identity too."""
    told = resources(subscription, asker, sort, _FACET)
    wanted = [each for each in told.items if not sort.only or str(each.get("kind") or "").lower() in sort.only]
    found = [workloads(each, sort.kind, asker.account) for each in wanted]
    yield from (one for each in found for one in each)
    if lost := found.count([]):
        words = f"{lost} entries without an id"
        yield asker.gap(_FACET, subscription.id, Why.MALFORMED, sort.operation, words, f"{sort.type}/read")
    yield from told.gaps


def resources(subscription: SubscriptionScope, asker: Asker, sort: Sort, facet: Facet) -> Listing:
    """Ask for all resources of a sort, once in a scan."""
    return in_subscription(subscription, asker, sort.operation, sort.type, facet=facet, api=sort.api)
