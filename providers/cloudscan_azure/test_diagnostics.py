from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cloudscan.model import Answer, Gap, LogSource, Why
from cloudscan.provider import Facet
from cloudscan_azure import diagnostics
from cloudscan_azure.accounts import Container, StorageAccount, SubscriptionScope
from cloudscan_azure.standin import bodies
from cloudscan_azure.standin.names import SUBSCRIPTION
from cloudscan_azure.standin.server import Standin
from cloudscan_azure.test_rbac import SCOPE, collected, of

Subscriptions = Callable[..., SubscriptionScope]
STORAGE = bodies.account_path("acmecalls")
SERVICE = f"{STORAGE}/blobServices/default"
STORES = [f"{SERVICE}/containers/{name}".lower() for name in ("raw", "transcripts")]
WORKSPACE = f"{SCOPE}/resourceGroups/RG/providers/Microsoft.OperationalInsights/workspaces/Logs"


def storage() -> StorageAccount:
    told = [bodies.container(name, "acmecalls") for name in ("raw", "transcripts")]
    containers = [Container(one["id"].lower(), one["name"], one) for one in told]
    return StorageAccount(bodies.account("acmecalls", "https://acmecalls.example/"), tuple(containers))


def setting(logs: list[dict[str, Any]] | None, **targets: str) -> dict[str, Any]:
    name = f"{SERVICE}/providers/Microsoft.Insights/diagnosticSettings/reads"
    return {"id": name, "name": "reads", "properties": {"logs": logs, "metrics": [], **targets}}


def sources(azure: Standin, given: SubscriptionScope, *settings: dict[str, Any]) -> list[LogSource]:
    azure.pages(f"{SERVICE}/providers/Microsoft.Insights/diagnosticSettings", settings)
    return of(collected(diagnostics.units(given)), LogSource)


READS = [{"category": "StorageRead", "enabled": True}, {"category": "StorageWrite", "enabled": False}]


def test_reads_that_go_to_a_workspace_are_recorded_for_its_days(azure: Standin, subscription: Subscriptions) -> None:
    told = {"id": WORKSPACE, "name": "Logs", "location": "westeurope", "properties": {"retentionInDays": 90}}
    azure.pages(f"{SCOPE}/providers/Microsoft.OperationalInsights/workspaces", [told])
    given = subscription(Facet.LOG_SOURCES, storage=[storage()])
    found = sources(azure, given, setting(READS, workspaceId=WORKSPACE))
    assert found == [
        LogSource(
            store=store,
            provider="azure",
            account=SUBSCRIPTION,
            kind="diagnostic-setting:log-analytics",
            target=WORKSPACE.lower(),
            reads=Answer.YES,
            retention_days=90,
        )
        for store in STORES
    ]


def test_a_setting_may_deliver_to_several_places(azure: Standin, subscription: Subscriptions) -> None:
    kept = [{"category": "StorageRead", "enabled": True, "retentionPolicy": {"enabled": True, "days": 30}}]
    hub = f"{SCOPE}/resourceGroups/RG/providers/Microsoft.EventHub/namespaces/n/authorizationRules/r"
    told = setting(kept, storageAccountId=STORAGE, eventHubAuthorizationRuleId=hub)
    found = sources(azure, subscription(Facet.LOG_SOURCES, storage=[storage()]), told)
    assert {(one.kind, one.retention_days) for one in found} == {
        ("diagnostic-setting:storage-account", 30),
        ("diagnostic-setting:event-hub", None),
    }


@pytest.mark.parametrize(
    ("logs", "answer"),
    [
        ([{"categoryGroup": "allLogs", "enabled": True}], Answer.YES),
        ([{"categoryGroup": "audit", "enabled": True}], Answer.YES),
        ([{"category": "StorageWrite", "enabled": True}], Answer.NO),
        ([{"category": "StorageRead", "enabled": False}], Answer.NO),
        ([], Answer.NO),
        ([{"category": "StorageRead"}], Answer.UNKNOWN),
        (None, Answer.UNKNOWN),
    ],
)
def test_whether_reads_are_among_what_is_sent(
    azure: Standin, subscription: Subscriptions, logs: list[dict[str, Any]] | None, answer: Answer
) -> None:
    given = subscription(Facet.LOG_SOURCES, storage=[storage()])
    found = sources(azure, given, setting(logs, storageAccountId=STORAGE))
    assert {one.reads for one in found} == {answer}


def test_no_setting_is_no_source(azure: Standin, subscription: Subscriptions) -> None:
    given = subscription(Facet.LOG_SOURCES, storage=[storage()])
    assert sources(azure, given) == []
    assert azure.requests["Workspaces_List"] == 0


def test_settings_that_may_not_be_read_are_a_gap_on_every_container(
    azure: Standin, subscription: Subscriptions
) -> None:
    azure.faults.add("denied", "DiagnosticSettings_List")
    gaps = of(collected(diagnostics.units(subscription(Facet.LOG_SOURCES, storage=[storage()]))), Gap)
    assert [(gap.resource, gap.permission, gap.why) for gap in gaps] == [
        (store, "Microsoft.Insights/diagnosticSettings/read", Why.DENIED) for store in STORES
    ]


def test_how_long_a_workspace_keeps_may_stay_unknown(azure: Standin, subscription: Subscriptions) -> None:
    azure.faults.add("denied", "Workspaces_List")
    azure.pages(f"{SERVICE}/providers/Microsoft.Insights/diagnosticSettings", [setting(READS, workspaceId=WORKSPACE)])
    items = collected(diagnostics.units(subscription(Facet.LOG_SOURCES, storage=[storage()])))
    assert {(one.reads, one.retention_days) for one in of(items, LogSource)} == {(Answer.YES, None)}
    assert [gap.permission for gap in of(items, Gap)] == ["Microsoft.OperationalInsights/workspaces/read"]


def test_nothing_is_asked_where_no_check_wants_it_or_nothing_can_be_read(subscription: Subscriptions) -> None:
    assert list(diagnostics.units(subscription(Facet.STORES, storage=[storage()]))) == []
    assert list(diagnostics.units(subscription(Facet.LOG_SOURCES))) == []
