from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cloudscan.model import Answer, Gap, Why, Workload
from cloudscan.provider import Facet
from cloudscan_azure import workloads
from cloudscan_azure.accounts import SubscriptionScope
from cloudscan_azure.ids import person
from cloudscan_azure.standin.names import SUBSCRIPTION, TENANT
from cloudscan_azure.standin.server import Standin
from cloudscan_azure.test_graph import IDENTITY, RESOURCE
from cloudscan_azure.test_rbac import ANA, SCOPE, collected, of
from cloudscan_azure.workloads import SORTS, Sort

Subscriptions = Callable[..., SubscriptionScope]
VM = f"{SCOPE}/resourceGroups/RG/providers/Microsoft.Compute/virtualMachines/Calls"


def resource(name: str = VM, **more: Any) -> dict[str, Any]:
    own = {"type": "SystemAssigned", "principalId": ANA, "tenantId": TENANT}
    told = {"id": name, "name": name.rpartition("/")[2], "location": "WestEurope", "identity": own, "tags": {"a": "b"}}
    return {**told, "properties": {}, **more}


def found(azure: Standin, given: SubscriptionScope, *told: dict[str, Any], sort: Sort = SORTS[0]) -> list[Workload]:
    azure.fresh(SCOPE)
    azure.pages(f"{SCOPE}/providers/{sort.type}", told, largest=1)
    return of(collected(workloads.units(given)), Workload)


@pytest.mark.parametrize("sort", SORTS, ids=[each.type for each in SORTS])
def test_every_sort_is_told_with_its_identity(azure: Standin, subscription: Subscriptions, sort: Sort) -> None:
    name = f"{SCOPE}/resourceGroups/RG/providers/{sort.type}/Calls"
    told = resource(name, kind="SpeechServices") if sort.only else resource(name)
    (one,) = found(azure, subscription(Facet.WORKLOADS), told, sort=sort)
    assert (one.id, one.kind, one.principal) == (name.lower(), sort.kind, person(ANA))
    assert (one.region, one.labels, one.account) == ("westeurope", {"a": "b"}, SUBSCRIPTION)


def test_each_identity_of_a_resource_is_one_record(azure: Standin, subscription: Subscriptions) -> None:
    given = {RESOURCE: {"principalId": IDENTITY, "clientId": IDENTITY}}
    both = {"type": "SystemAssigned, UserAssigned", "principalId": ANA, "userAssignedIdentities": given}
    first, second = found(azure, subscription(Facet.WORKLOADS), resource(identity=both))
    assert (first.id, first.principal) == (VM.lower(), person(ANA))
    assert (second.id, second.principal) == (f"{VM.lower()}#{IDENTITY}", person(IDENTITY))


def test_without_an_identity_it_runs_as_nobody(azure: Standin, subscription: Subscriptions) -> None:
    bare = {name: value for name, value in resource().items() if name != "identity"}
    assert [one.principal for one in found(azure, subscription(Facet.WORKLOADS), bare)] == [""]


def test_an_identity_that_is_not_told_is_not_none(azure: Standin, subscription: Subscriptions) -> None:
    told = resource(identity={"type": "SystemAssigned"})
    assert [one.principal for one in found(azure, subscription(Facet.WORKLOADS), told)] == [None]


def test_function_apps_are_told_from_other_apps(azure: Standin, subscription: Subscriptions) -> None:
    app = f"{SCOPE}/resourceGroups/RG/providers/Microsoft.Web/sites/"
    told = [resource(f"{app}f", kind="functionapp,linux"), resource(f"{app}w", kind="app,linux")]
    sites = next(each for each in SORTS if each.type == "Microsoft.Web/sites")
    assert [one.kind for one in found(azure, subscription(Facet.WORKLOADS), *told, sort=sites)] == [
        "function",
        "service",
    ]


def test_the_nodes_of_a_cluster_have_an_identity_of_their_own(azure: Standin, subscription: Subscriptions) -> None:
    profile = {"kubeletidentity": {"objectId": IDENTITY, "clientId": IDENTITY, "resourceId": RESOURCE}}
    sort = next(each for each in SORTS if each.type.endswith("managedClusters"))
    name = f"{SCOPE}/resourceGroups/RG/providers/{sort.type}/Calls"
    told = resource(name, properties={"identityProfile": profile})
    own, nodes = found(azure, subscription(Facet.WORKLOADS), told, sort=sort)
    assert (own.principal, nodes.principal) == (person(ANA), person(IDENTITY))


@pytest.mark.parametrize(
    ("profile", "answer"),
    [
        ({"linuxConfiguration": {"provisionVMAgent": True}}, Answer.YES),
        ({"windowsConfiguration": {"provisionVMAgent": False}}, Answer.NO),
        ({"linuxConfiguration": {"provisionVMAgent": True}, "allowExtensionOperations": False}, Answer.NO),
        ({"linuxConfiguration": {}}, Answer.UNKNOWN),
    ],
)
def test_commands_reach_a_machine_by_its_agent(
    azure: Standin, subscription: Subscriptions, profile: dict[str, Any], answer: Answer
) -> None:
    (one,) = found(azure, subscription(Facet.WORKLOADS), resource(properties={"osProfile": profile}))
    assert one.managed is answer


@pytest.mark.parametrize(
    ("properties", "answer"),
    [({"disableLocalAuth": True}, Answer.NO), ({"disableLocalAuth": False}, Answer.YES), ({}, Answer.UNKNOWN)],
)
def test_keys_open_an_account_of_speech_unless_they_are_off(
    azure: Standin, subscription: Subscriptions, properties: dict[str, Any], answer: Answer
) -> None:
    name = f"{SCOPE}/resourceGroups/RG/providers/Microsoft.CognitiveServices/accounts/Calls"
    told = [resource(name, kind="AIServices", properties=properties), resource(f"{name}2", kind="OpenAI")]
    (one,) = found(azure, subscription(Facet.WORKLOADS), *told, sort=workloads.SPEECH)
    assert one.keys_in_settings is answer


def test_lists_that_are_refused_are_gaps_and_the_others_stand(azure: Standin, subscription: Subscriptions) -> None:
    azure.fresh(SCOPE)
    azure.pages(f"{SCOPE}/providers/{SORTS[0].type}", [resource()])
    azure.faults.add("denied", "WebApps_List")
    azure.faults.add("throttled", "Workflows_ListBySubscription")
    items = collected(workloads.units(subscription(Facet.WORKLOADS)))
    assert len(of(items, Workload)) == 1
    assert {(gap.permission, gap.why, gap.resource) for gap in of(items, Gap)} == {
        ("Microsoft.Web/sites/read", Why.DENIED, SUBSCRIPTION),
        ("Microsoft.Logic/workflows/read", Why.THROTTLED, SUBSCRIPTION),
    }


def test_nothing_is_asked_where_no_check_wants_it(subscription: Subscriptions) -> None:
    assert list(workloads.units(subscription(Facet.STORES))) == []
