"""The least role against what the collectors ask: nothing is missing, and nothing is left over."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

import pytest

from cloudscan.access import ALWAYS, NEVER
from cloudscan.model import Gap
from cloudscan.provider import Facet, Scope
from cloudscan.testing import collect_all
from cloudscan_azure import AzureProvider
from cloudscan_azure.blobs import READ_TAGS
from cloudscan_azure.permissions import COMMENT, LISTS_ONLY, actions, data_actions, graph
from cloudscan_azure.policy.abac import Subject, condition_of
from cloudscan_azure.policy.callers import Caller
from cloudscan_azure.policy.operations import GET_BLOB, LIST_BLOBS, Operation
from cloudscan_azure.standin import bodies
from cloudscan_azure.standin.errors import AzureError
from cloudscan_azure.standin.names import SUBSCRIPTION, TENANT
from cloudscan_azure.standin.server import Standin
from cloudscan_azure.test_backups import given as backed_up
from cloudscan_azure.test_backups import point
from cloudscan_azure.test_diagnostics import setting
from cloudscan_azure.test_graph import APP, APP_OBJECT, GRAPH, IDENTITY, OPS, RESOURCE, directory, group, robot, user
from cloudscan_azure.test_rbac import ANA, AUTHORIZATION, SCOPE, definition
from cloudscan_azure.test_speech import ACCOUNTS, account, entity
from cloudscan_azure.test_vaults import VAULT, key, vault

INVENTORIES = "Microsoft.Storage/storageAccounts/inventoryPolicies/read"
Scopes = Callable[..., Scope]
EVERY = frozenset(Facet)
STORAGE = bodies.account_path("acmecalls")
UNKNOWN = "https://acmecalls.example/"
"""None of the stand-in's addresses: what is asked of blobs ends there, and names what it takes."""
ROBOT = robot()["id"]
OF_ATTRIBUTES = "@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:a_b] StringEquals 'c'"


@pytest.fixture
def everything(azure: Standin) -> Standin:
    """A subscription below a management group, with one of everything that is asked for further."""
    azure.pages("/subscriptions", [bodies.subscription()])
    told = [bodies.entity(TENANT, None), bodies.entity("acme", TENANT)]
    told.append(bodies.entity(SUBSCRIPTION, "acme", kind="subscription"))
    azure.pages("POST /providers/Microsoft.Management/getEntities", told)
    directory(azure, OPS, ROBOT, ANA, people=[user(ANA), group(OPS), robot()], condition=OF_ATTRIBUTES)
    azure.fresh("/providers/Microsoft.Management/managementGroups/acme", "/subscriptions", "/cognitive")
    azure.pages(f"{AUTHORIZATION}/roleDefinitions", [definition("x", actions=["*"])])
    azure.pages(f"{SCOPE}/providers/Microsoft.Storage/storageAccounts", [bodies.account("acmecalls", UNKNOWN)])
    held = bodies.container("calls", "acmecalls", defaultEncryptionScope="audio")
    azure.pages(f"{STORAGE}/blobServices/default/containers", [held])
    azure.answer(f"{STORAGE}/blobServices/default", {"properties": {}})
    none = AzureError(404, "ManagementPolicyNotFound", "No ManagementPolicy found for account acmecalls.")
    azure.answer(f"{STORAGE}/managementPolicies/default", none)
    workspace = f"{SCOPE}/resourceGroups/RG/providers/Microsoft.OperationalInsights/workspaces/Logs"
    read = [{"category": "StorageRead", "enabled": True}]
    kept = f"{STORAGE}/blobServices/default/providers/Microsoft.Insights/diagnosticSettings"
    azure.pages(kept, [setting(read, workspaceId=workspace)])
    azure.pages(f"{SCOPE}/providers/Microsoft.KeyVault/vaults", [vault()])
    azure.pages(f"{VAULT}/keys", [key()])
    azure.answer(f"{VAULT}/keys/Corpus", key())
    azure.pages(ACCOUNTS, [account(azure)])
    for noun in ("transcriptions", "datasets", "models", "endpoints"):
        azure.pages(f"/cognitive/calls/speechtotext/{noun}", [entity(noun)] if noun == "transcriptions" else [])
    identity = {"id": RESOURCE, "name": "Calls", "properties": {"principalId": IDENTITY, "clientId": IDENTITY}}
    azure.pages(f"{SCOPE}/providers/Microsoft.ManagedIdentity/userAssignedIdentities", [identity])
    azure.pages("/v1.0/applications", [{"id": APP_OBJECT, "appId": APP}])
    backed_up(azure, point())
    roles = [{"id": "w", "value": "Application.ReadWrite.All"}]
    azure.pages("/v1.0/servicePrincipals", [{"id": GRAPH, "appRoles": roles}])
    return azure


def gaps(scope: Scope) -> list[Gap]:
    records, _, _ = collect_all(AzureProvider(), scope)
    return [one for one in records if isinstance(one, Gap)]


def named(found: Iterable[Gap]) -> set[str]:
    return {one.permission for one in found if one.permission}


def asked_for(azure: Standin, given: Scope) -> set[str]:
    """Return the permissions that are named when each question of a scan is denied, one after the other."""
    azure.faults.clear()
    azure.requests.clear()
    told = named(gaps(given))
    for operation in sorted(set(azure.requests) - {"token"}):
        azure.faults.clear()
        azure.faults.add("denied", operation)
        told |= named(gaps(given))
    azure.faults.clear()
    return told


def test_the_role_has_what_is_asked_and_no_more(everything: Standin, scope: Scopes) -> None:
    below = scope(Facet.STORES, options={"management-group": ("acme",)})
    # That tags may be denied alone, only a list of blobs shows.
    told = asked_for(everything, scope(*EVERY)) | asked_for(everything, below) | {READ_TAGS}
    assert told == {*actions(EVERY), *data_actions(EVERY), *graph(EVERY)}


@pytest.mark.parametrize(
    "facets",
    [
        (Facet.PRINCIPALS,),
        (Facet.CREDENTIALS,),
        (Facet.FEDERATIONS,),
        (Facet.KEYS,),
        (Facet.JOBS,),
        (Facet.LOG_SOURCES,),
        (Facet.BACKUPS,),
        (Facet.POLICY, Facet.ACL),
        (Facet.OBJECTS, Facet.LIFECYCLE),
    ],
)
def test_some_questions_take_no_permission_that_their_role_has_not(
    everything: Standin, scope: Scopes, facets: tuple[Facet, ...]
) -> None:
    some = frozenset(facets)
    having = {*actions(some), *data_actions(some), *graph(some)}
    assert asked_for(everything, scope(*facets)) <= having < {*actions(EVERY), *data_actions(EVERY), *graph(EVERY)}


def test_a_role_that_opens_no_blob_says_nothing_of_them() -> None:
    made = json.loads(AzureProvider().role(frozenset({Facet.WORKLOADS}), sniff=False, heads=False))
    assert made["DataActions"] == []
    assert "blobs" not in json.dumps(made)
    assert "Graph" not in json.dumps(made)


def test_the_role_says_what_inventories_take_besides() -> None:
    def said(*facets: Facet) -> bool:
        told = json.loads(AzureProvider().role(frozenset(facets), sniff=False, heads=False))[COMMENT]
        return f"For --inventory add {INVENTORIES} to the actions." in told

    assert (said(Facet.OBJECTS), said(Facet.STORES), said(Facet.OBJECTS, Facet.INVENTORY)) == (True, False, False)
    assert INVENTORIES in actions(frozenset({Facet.INVENTORY}))


def test_the_definition_is_one_that_the_command_takes() -> None:
    made = json.loads(AzureProvider().role(EVERY, sniff=False, heads=True))
    assert (made["Name"], made["IsCustom"], made["NotActions"], made["NotDataActions"]) == ("cloudscan", True, [], [])
    assert made["AssignableScopes"] == ["/subscriptions/SUBSCRIPTION"]
    every = [*made["Actions"], *made["DataActions"]]
    assert all(one.lower().endswith("/read") or one.lower().endswith("/getacl/action") for one in every)
    assert not any("*" in one for one in every)
    told = "\n".join(made[COMMENT])
    for words in ("az role definition create", "az role assignment create --role cloudscan", *graph(EVERY)):
        assert words in told


def test_the_condition_leaves_the_list_of_blobs_and_no_blob() -> None:
    def asked(operation: Operation) -> object:
        return condition_of(LISTS_ONLY, operation, Subject({}, {}), Caller("the scanner"), "its assignment")

    assert (asked(LIST_BLOBS), asked(GET_BLOB)) == (ALWAYS, NEVER)
    for sniff in (True, False):
        assert (LISTS_ONLY in AzureProvider().role(EVERY, sniff=sniff, heads=False)) is not sniff
