"""The Azure provider as a whole, over HTTPS: from a scope to a snapshot that is whole."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cloudscan.collection.run import collect
from cloudscan.demo import clip
from cloudscan.errors import CredentialsExpired
from cloudscan.estate import Estate
from cloudscan.model import Account, Coverage, Gap, Store
from cloudscan.provider import STORE_FACETS, Facet, Scope
from cloudscan.testing import assert_provider_contract, collect_all, run_units
from cloudscan_azure import AzureProvider, planning, storage
from cloudscan_azure.discovery import Session, find
from cloudscan_azure.permissions import actions, data_actions
from cloudscan_azure.standin.azurite import Azurite
from cloudscan_azure.standin.bodies import account, account_path, container, entity, subscription
from cloudscan_azure.standin.errors import AzureError
from cloudscan_azure.standin.names import SUBSCRIPTION, TENANT
from cloudscan_azure.standin.server import Standin

Scopes = Callable[..., Scope]
STORAGE = (Facet.STORES, Facet.ACL, Facet.LIFECYCLE, Facet.OBJECTS, Facet.HEADS, Facet.PUBLIC_ACCESS)
LIST = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Storage/storageAccounts"
NO_POLICY = AzureError(404, "ManagementPolicyNotFound", "No ManagementPolicy found for account.")


def told(azure: Standin, blobs: str, containers: dict[str, tuple[str, ...]]) -> None:
    """One subscription below the tenant's root, with these accounts and their containers and nothing set on them."""
    azure.fresh("/subscriptions", "/v1.0", "/beta", "/providers")
    azure.pages("/subscriptions", [subscription()])
    azure.answer(f"/subscriptions/{SUBSCRIPTION}", subscription())
    entities = [entity(TENANT, None), entity(SUBSCRIPTION, TENANT, kind="subscription")]
    azure.pages("POST /providers/Microsoft.Management/getEntities", entities)
    accounts = {name: account(name, f"{blobs}/{name}/") for name in containers}
    azure.pages(LIST, list(accounts.values()))
    for name, inside in containers.items():
        place = account_path(name)
        azure.answer(place, accounts[name])
        azure.pages(f"{place}/blobServices/default/containers", [container(each, name) for each in inside])
        azure.answer(f"{place}/blobServices/default", {"properties": {"isVersioningEnabled": False}})
        azure.answer(f"{place}/managementPolicies/default", NO_POLICY)


@pytest.fixture
def estate(azure: Standin, blobs: Azurite) -> Standin:
    """Two containers of an emulator, one with recordings, in a subscription that is told beside them."""
    told(azure, blobs.url, {"acmecalls": ("calls", "notes")})
    with blobs.owner("acmecalls") as holder:
        calls = holder.create_container("calls")
        holder.create_container("notes")
        for name in ("a/1.wav", "a/2.wav", "a/nameless", "a/b?c#d %2F.bin"):
            calls.upload_blob(name, clip("hold.wav"))
    azure.requests.clear()
    return azure


def of(records: list[Any], kind: type) -> list[Any]:
    return [record for record in records if isinstance(record, kind)]


def test_provider_keeps_the_contract(estate: Standin, scope: Scopes) -> None:
    assert_provider_contract(AzureProvider(), scope(*STORAGE))


def test_provider_keeps_the_contract_with_every_question(estate: Standin, scope: Scopes) -> None:
    assert_provider_contract(AzureProvider(), scope(versions=True))


def test_storage_is_collected_without_a_gap(estate: Standin, scope: Scopes) -> None:
    records, rows, _ = collect_all(AzureProvider(), scope(*STORAGE))
    assert of(records, Gap) == []
    assert sorted(store.name for store in of(records, Store)) == ["acmecalls/calls", "acmecalls/notes"]
    assert [row.key for row in rows] == ["a/1.wav", "a/2.wav", "a/b?c#d %2F.bin", "a/nameless"]
    assert [one.name for one in of(records, Account)] == ["Acme calls"]
    lines = of(records, Coverage)
    assert sum(line.asked for line in lines) == sum(line.answered for line in lines) > 0


def test_a_snapshot_holds_what_was_heard_of_nameless_objects(estate: Standin, scope: Scopes, tmp_path: Path) -> None:
    given = scope(*STORAGE, sniff=10, heads=5)
    collect([AzureProvider()], {"azure": given}, tmp_path / "snapshot")
    seen = Estate.open(tmp_path / "snapshot")
    found = dict(seen.objects.query("SELECT key, media FROM objects ORDER BY key"))
    names = ("a/1.wav", "a/2.wav", "a/b?c#d %2F.bin", "a/nameless")
    assert found == dict.fromkeys(names, "speech")


def test_a_collection_that_lost_its_credentials_is_taken_up_again(
    estate: Standin, scope: Scopes, tmp_path: Path
) -> None:
    told(estate, "https://127.0.0.1:1", {"acmecalls": (), "acmearchive": ("old",)})
    given = scope(Facet.STORES, Facet.LIFECYCLE, workers=1)
    estate.faults.add("expired", "ManagementPolicies_Get")
    with pytest.raises(CredentialsExpired):
        collect([AzureProvider()], {"azure": given}, tmp_path / "snapshot")
    estate.faults.clear()
    collect([AzureProvider()], {"azure": given}, tmp_path / "snapshot")
    assert [store.name for store in Estate.open(tmp_path / "snapshot").stores.values()] == ["acmearchive/old"]


def test_requests_for_a_subscription_its_accounts_and_each_container(
    azure: Standin, blobs: Azurite, scope: Scopes
) -> None:
    """100 accounts of 20 containers, every question about stores: 3 requests, 5 for each account, 1 for each container
    of Azure Resource Manager, and one or two of the blobs of each."""
    names = {f"acme{number:03}": tuple(f"c-{each:02}" for each in range(20)) for number in range(100)}
    told(azure, blobs.url, names)
    facets = STORE_FACETS - {Facet.OBJECTS, Facet.HEADS, Facet.DELETED, Facet.UPLOADS, Facet.POLICY}
    (found, *_), _ = find(Session.open(scope(*facets)))
    assert found.subscription is not None
    run_units(list(storage.units(found.subscription)))
    assert azure.requests == Counter(
        {
            "token": 1,
            "Subscriptions_List": 1,
            "Entities_List": 1,
            "StorageAccounts_List": 1,
            "BlobContainers_List": 100,
            "BlobServices_GetServiceProperties": 100,
            "ManagementPolicies_Get": 100,
            "ObjectReplicationPolicies_List": 100,
            "BlobInventoryPolicies_List": 100,
        }
    )


def test_requests_for_the_blobs_of_a_container(estate: Standin, blobs: Azurite, scope: Scopes) -> None:
    """One for its stored access policies and one for each page of its blobs."""
    (found, *_), _ = find(Session.open(scope(Facet.POLICY, Facet.OBJECTS)))
    assert found.subscription is not None
    run_units(list(storage.units(found.subscription)))
    sent = found.subscription.clients.transport.sent
    assert sent[blobs.url.removeprefix("https://")] == 4


def test_every_service_says_its_units_without_asking(azure: Standin, scope: Scopes) -> None:
    assert all(callable(service.units) for service in planning.SERVICES)
    assert all(callable(service.units_above) for service in planning.ABOVE)


def test_every_permission_that_a_gap_names_is_in_the_role(estate: Standin, scope: Scopes) -> None:
    estate.faults.add("denied", "*")
    given = scope(options={"subscription": (SUBSCRIPTION,)})
    records, _, _ = collect_all(AzureProvider(), given)
    gaps = of(records, Gap)
    named = {gap.permission for gap in gaps if gap.permission and "/" in gap.permission}
    assert len(named) > 5
    assert named <= {*actions(given.facets), *data_actions(given.facets)}


def test_the_role_is_a_definition_that_azure_takes_and_grows_with_what_is_asked() -> None:
    small = json.loads(AzureProvider().role(frozenset({Facet.STORES}), sniff=False, heads=False))
    whole = json.loads(AzureProvider().role(frozenset(Facet), sniff=True, heads=True))
    assert whole["IsCustom"] is True
    assert (small["DataActions"], whole["NotActions"]) == ([], [])
    assert set(small["Actions"]) < set(whole["Actions"])
    names = (*whole["Actions"], *whole["DataActions"])
    assert {name for name in names if not name.endswith("/read")} == {storage.READ_POLICIES}


def test_the_plan_says_beforehand_what_a_collection_takes(azure: Standin, scope: Scopes) -> None:
    told(azure, "https://127.0.0.1:1", {"acmecalls": ("calls", "notes"), "acmearchive": ()})
    plan = AzureProvider().plan(scope(Facet.STORES, Facet.LIFECYCLE, Facet.POLICY, Facet.OBJECTS, sniff=10))
    assert plan.requests == 2 + 2 * 2  # lifecycle of each account; stored policies and blobs of each container
    assert plan.notes[0] == "2 storage accounts, 2 containers"
    assert 0 < plan.cost_usd < 0.001
    assert [caller.account for caller in plan.callers] == [TENANT]
