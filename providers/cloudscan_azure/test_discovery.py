from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cloudscan.errors import UsageError
from cloudscan.model import Account, Gap, Why
from cloudscan.provider import Facet, Scope
from cloudscan_azure import planning
from cloudscan_azure.discovery import Session, find
from cloudscan_azure.standin.bodies import account, account_path, container, entity, subscription
from cloudscan_azure.standin.names import SUBSCRIPTION, TENANT
from cloudscan_azure.standin.server import Standin

Scopes = Callable[..., Scope]
OTHER = "5ab5c819-0000-4000-8000-000000000002"
GROUP = "/providers/microsoft.management/managementgroups/"
ENTITIES = "POST /providers/Microsoft.Management/getEntities"


def hierarchy(azure: Standin) -> None:
    """The tenant's root above group ``calls``, which holds one subscription; the other hangs on the root."""
    azure.pages("/subscriptions", [subscription(), subscription(OTHER, displayName="Other")])
    entities = [entity(TENANT, None), entity("Calls", TENANT)]
    entities += [entity(SUBSCRIPTION, "Calls", kind="subscription"), entity(OTHER, TENANT, kind="subscription")]
    azure.pages(ENTITIES, entities)


def accounts_of(scope: Scope) -> dict[str, Account]:
    units = [unit for unit in planning.plan(scope).units if unit.key.endswith("/account")]
    found = [item for unit in units for item in unit.run()]
    return {item.id: item for item in found if isinstance(item, Account)}


def gaps_of(scope: Scope) -> list[Gap]:
    found, _ = find(Session.open(scope))
    return [each for one in found for each in one.noticed if isinstance(each, Gap)]


def test_every_subscription_that_is_seen_is_found_with_the_groups_above_it(azure: Standin, scope: Scopes) -> None:
    hierarchy(azure)
    found = accounts_of(scope(Facet.ACCOUNTS))
    assert found[SUBSCRIPTION].parents == (f"{GROUP}{TENANT}", f"{GROUP}calls")
    assert found[OTHER].parents == (f"{GROUP}{TENANT}",)
    assert {one.organization for one in found.values()} == {TENANT}
    assert found[SUBSCRIPTION].name == "Acme calls"


def test_the_nodes_above_are_the_tenant_and_its_groups_from_the_root_down(azure: Standin, scope: Scopes) -> None:
    hierarchy(azure)
    _, nodes = find(Session.open(scope(Facet.ACCOUNTS)))
    assert [node.id for node in nodes] == ["/", f"{GROUP}{TENANT}", f"{GROUP}calls"]
    assert [node.parents for node in nodes] == [(), (), (f"{GROUP}{TENANT}",)]
    assert len({node.key for node in nodes}) == 3


def test_a_management_group_is_looked_at_with_all_below_it(azure: Standin, scope: Scopes) -> None:
    hierarchy(azure)
    below = {"id": f"/subscriptions/{OTHER}", "type": "Microsoft.Management/managementGroups/subscriptions"}
    group = {"id": f"{GROUP}deep", "type": "Microsoft.Management/managementGroups", "name": "deep"}
    told: list[dict[str, Any]] = [group, {**below, "name": OTHER, "properties": {"displayName": "Other"}}]
    azure.pages("/providers/Microsoft.Management/managementGroups/some/descendants", told)
    found = accounts_of(scope(Facet.ACCOUNTS, options={"management-group": ("some",)}))
    assert list(found) == [OTHER]


def test_a_group_above_that_is_not_seen_leaves_the_way_unknown(azure: Standin, scope: Scopes) -> None:
    azure.pages("/subscriptions", [subscription()])
    azure.pages(ENTITIES, [entity(SUBSCRIPTION, "hidden", kind="subscription")])
    given = scope(Facet.ACCOUNTS)
    assert accounts_of(given)[SUBSCRIPTION].parents is None
    assert [(gap.resource, gap.facet) for gap in gaps_of(given)] == [(SUBSCRIPTION, Facet.ORGANIZATION)]


def test_groups_that_hold_each_other_end(azure: Standin, scope: Scopes) -> None:
    azure.pages("/subscriptions", [subscription()])
    told = [entity("a", "b"), entity("b", "a"), entity(SUBSCRIPTION, "a", kind="subscription")]
    azure.pages(ENTITIES, told)
    assert accounts_of(scope(Facet.ACCOUNTS))[SUBSCRIPTION].parents is None


def test_a_subscription_that_may_not_be_asked_about_is_looked_at_all_the_same(azure: Standin, scope: Scopes) -> None:
    azure.pages(ENTITIES, [])
    azure.faults.add("denied", "Subscriptions_Get")
    given = scope(Facet.ACCOUNTS, options={"subscription": (SUBSCRIPTION,)})
    assert list(accounts_of(given)) == [SUBSCRIPTION]
    denied = [gap for gap in gaps_of(given) if gap.operation == "Subscriptions_Get"]
    assert [gap.why for gap in denied] == [Why.DENIED]
    assert "az role assignment create --role cloudscan" in denied[0].detail


def test_a_subscription_that_is_not_there_is_a_gap_and_no_account(azure: Standin, scope: Scopes) -> None:
    azure.pages(ENTITIES, [])
    azure.faults.add("vanished", "Subscriptions_Get")
    given = scope(Facet.ACCOUNTS, options={"subscription": (SUBSCRIPTION,)})
    assert accounts_of(given) == {}
    assert [gap.why for gap in gaps_of(given)] == [Why.VANISHED]


def test_a_deleted_subscription_is_told_and_not_asked(azure: Standin, scope: Scopes) -> None:
    azure.pages("/subscriptions", [subscription(state="Deleted")])
    azure.pages(ENTITIES, [])
    given = scope(Facet.STORES)
    assert list(accounts_of(given)) == [SUBSCRIPTION]
    assert [gap.why for gap in gaps_of(given)] == [Why.DISABLED]


def storage(azure: Standin, *accounts: dict[str, Any]) -> None:
    hierarchy(azure)
    azure.pages("/subscriptions", [subscription()])
    azure.pages(f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Storage/storageAccounts", list(accounts))


def test_accounts_and_containers_are_those_of_the_scope(azure: Standin, scope: Scopes) -> None:
    storage(azure, account("acmecalls", f"{azure.url}/acmecalls/"), account("files", "", kind="FileStorage"))
    told = [container(name, "acmecalls") for name in ("calls", "notes", "$web")]
    azure.pages(f"{account_path('acmecalls')}/blobServices/default/containers", told, largest=2)
    (found, *_), _ = find(Session.open(scope(Facet.STORES, stores=("acmecalls/*", "files/*"))))
    assert found.subscription is not None
    names = {one.name: [each.name for each in one.containers] for one in found.subscription.storage}
    assert names == {"acmecalls": ["calls", "notes", "$web"], "files": []}
    (found, *_), _ = find(Session.open(scope(Facet.STORES, stores=("*/calls",))))
    assert found.subscription is not None
    assert [each.id.rpartition("/")[2] for each in found.subscription.storage[0].containers] == ["calls"]


def test_containers_with_names_that_none_can_have_are_gaps(azure: Standin, scope: Scopes) -> None:
    storage(azure, account("acmecalls", f"{azure.url}/acmecalls/"))
    told = [container(name, "acmecalls") for name in ("calls", "../other", "")]
    azure.pages(f"{account_path('acmecalls')}/blobServices/default/containers", told)
    given = scope(Facet.STORES)
    assert [(gap.why, gap.detail[0]) for gap in gaps_of(given)] == [(Why.MALFORMED, "2")]


def test_deleted_containers_that_can_be_got_back_are_told_and_not_looked_at(azure: Standin, scope: Scopes) -> None:
    storage(azure, account("acmecalls", f"{azure.url}/acmecalls/"))
    gone = container("calls", "acmecalls")
    gone |= {"properties": {**gone["properties"], "deleted": True, "remainingRetentionDays": 300}}
    listed = [container("calls", "acmecalls"), gone]
    place = f"{account_path('acmecalls')}/blobServices/default/containers"
    azure.answer(place, lambda asked: {"value": listed[: 2 if asked.query.get("$include") == "deleted" else 1]})
    given = scope(Facet.STORES)
    (found, *_), _ = find(Session.open(given))
    assert found.subscription is not None
    assert [each.told for each in found.subscription.storage[0].containers] == listed[:1]
    assert [(gap.why, gap.facet, gap.detail[:19]) for gap in gaps_of(given)] == [
        (Why.UNSUPPORTED, Facet.DELETED, "1 deleted container")
    ]


def test_an_account_of_another_subscription_is_not_taken(azure: Standin, scope: Scopes) -> None:
    strange = account("acmecalls", f"{azure.url}/acmecalls/") | {"id": account_path("acmecalls", OTHER)}
    storage(azure, strange)
    assert [gap.why for gap in gaps_of(scope(Facet.STORES))] == [Why.MALFORMED]


def test_a_list_that_goes_on_elsewhere_is_not_followed(azure: Standin, scope: Scopes) -> None:
    storage(azure, *(account(f"acme{number}", "") for number in range(3)))
    azure.faults.add("elsewhere", "StorageAccounts_List")
    gaps = [gap for gap in gaps_of(scope(Facet.STORES)) if gap.operation == "StorageAccounts_List"]
    assert [(gap.why, gap.detail) for gap in gaps] == [(Why.MALFORMED, "its next page is at another host")]
    azure.unanswered.clear()  # the containers of the accounts that the first page told


def test_an_endpoint_that_is_not_azures_gets_no_request(azure: Standin, scope: Scopes) -> None:
    storage(azure, account("acmecalls", "https://elsewhere.example/"))
    azure.pages(f"{account_path('acmecalls')}/blobServices/default/containers", [container("calls", "acmecalls")])
    units = [unit for unit in planning.plan(scope(Facet.OBJECTS)).units if unit.key.endswith("/calls")]
    gaps = [item for unit in units for item in unit.run() if isinstance(item, Gap)]
    assert [(gap.why, gap.detail) for gap in gaps] == [(Why.MALFORMED, "it is at a host that is not Azure's")]


@pytest.mark.parametrize(
    "options",
    [
        {"subscription": ("not-a-guid",)},
        {"management-group": ("../x",)},
        {"tenant": "a b"},
        {"credential": "magic"},
        {"cloud": "moon"},
        {"deadline": "soon"},
    ],
)
def test_options_that_cannot_be_meant_are_refused(azure: Standin, scope: Scopes, options: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=f"--{next(iter(options))}"):
        Session.open(scope(Facet.ACCOUNTS, options=options))
    assert azure.requests == {}


def test_an_endpoint_in_the_clear_is_refused(azure: Standin) -> None:
    with pytest.raises(UsageError, match="not https"):
        Session.open(Scope(frozenset(Facet), endpoint_url="http://127.0.0.1:1"))


def test_without_credentials_it_is_said_what_to_do(
    azure: Standin, scope: Scopes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "wrong")
    with pytest.raises(UsageError, match="az login"):
        Session.open(scope(Facet.ACCOUNTS))


def test_the_tenant_that_is_named_is_signed_in_to(azure: Standin, scope: Scopes) -> None:
    assert Session.open(scope(Facet.ACCOUNTS, options={"tenant": TENANT})).tenant == TENANT
    with pytest.raises(UsageError, match="no Azure credentials"):  # the stand-in knows no other
        Session.open(scope(Facet.ACCOUNTS, options={"tenant": "other.example"}))
