"""From what Azure tells to who reads: collected from the stand-in, asked of the evaluator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cloudscan.access import AccessGraph, Ruling
from cloudscan.estate import Estate
from cloudscan.model import Action, Gap, MediaClass, MediaObject, Record
from cloudscan.provider import Facet, Scope
from cloudscan.tables.objects import ObjectTable
from cloudscan_azure import explain, grants, planning
from cloudscan_azure.ids import person
from cloudscan_azure.standin import bodies
from cloudscan_azure.standin.names import SUBSCRIPTION, TENANT
from cloudscan_azure.standin.server import Standin
from cloudscan_azure.test_graph import BOB, GUEST, INNER, OPS, directory, group, user
from cloudscan_azure.test_rbac import ANA, AUTHORIZATION, SCOPE, assignment, definition

Scopes = Callable[..., Scope]
READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
READ = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
ACCOUNT = bodies.account_path("acmecalls")
STORE = f"{ACCOUNT}/blobServices/default/containers/calls".lower()
BLOB = "2026/monday.wav"
NOWHERE = "https://acmecalls.example/"
"""Where nobody asks for stored access policies: it is none of the stand-in's."""
GROUP = "/providers/Microsoft.Management/managementGroups/acme"
FACETS = (
    Facet.STORES,
    Facet.PUBLIC_ACCESS,
    Facet.POLICY,
    Facet.ENCRYPTION,
    Facet.ORGANIZATION,
    Facet.PRINCIPALS,
    Facet.WORKLOADS,
    Facet.FEDERATIONS,
    Facet.KEYS,
)


@pytest.fixture
def estate(azure: Standin, scope: Scopes) -> Callable[..., Estate]:
    """A container that a group may read: Ana is in a group within it, the guest in it. Returns how to collect it."""
    azure.pages("/subscriptions", [bodies.subscription()])
    entities = [bodies.entity(TENANT, None), bodies.entity("acme", TENANT)]
    entities += [bodies.entity(SUBSCRIPTION, "acme", kind="subscription")]
    azure.pages("POST /providers/Microsoft.Management/getEntities", entities)
    people = [user(ANA), user(BOB), user(GUEST, userType="Guest"), group(OPS), group(INNER)]
    directory(azure, people=people)
    azure.fresh("/subscriptions", GROUP)
    azure.pages(f"{SCOPE}/providers/Microsoft.Storage/storageAccounts", [bodies.account("acmecalls", NOWHERE)])
    containers = [bodies.container("calls", "acmecalls")]
    azure.pages(f"{ACCOUNT}/blobServices/default/containers", containers)
    azure.answer(f"{ACCOUNT}/blobServices/default", {"properties": {}})
    told = assignment(scope=ACCOUNT, role=READER, principalId=OPS, principalType="Group")
    azure.pages(f"{AUTHORIZATION}/roleAssignments", [told])
    azure.pages(f"{AUTHORIZATION}/roleDefinitions", [definition(READER, dataActions=[READ])])
    azure.pages(f"/beta/groups/{OPS}/members", [group(INNER), user(GUEST, userType="Guest")], largest=1)
    azure.pages(f"/beta/groups/{INNER}/members", [user(ANA)])

    def collect() -> Estate:
        records: list[Record] = []
        gaps: list[Gap] = []
        for unit in planning.plan(scope(*FACETS)).units:
            for item in unit.run():
                if isinstance(item, Gap):
                    gaps.append(item)
                elif isinstance(item, Record):
                    records.append(item)
        row = MediaObject(STORE, BLOB, size=1, media=MediaClass.SPEECH, seconds=1.0, encryption_mode="provider")
        return Estate.of(records, gaps, objects=ObjectTable(rows=[row]))

    return collect


def ruling(estate: Estate, who: str) -> Ruling:
    return explain.explain(estate, person(who), STORE, BLOB).ruling


def readers(estate: Estate) -> dict[str, Ruling]:
    graph = AccessGraph(grants.derive(estate))
    found = graph.on(STORE, Action.READ, media=MediaClass.SPEECH)
    return {one.principal: one.decision.ruling for one in found}


def test_who_is_in_the_group_reads_and_nobody_else(azure: Standin, estate: Callable[..., Estate]) -> None:
    found = estate()
    assert [gap.operation for gap in found.gaps] == ["Container_GetAccessPolicy"]
    assert {one.organization for one in found.accounts.values()} == {TENANT}
    assert ruling(found, ANA) is Ruling.YES
    assert ruling(found, GUEST) is Ruling.YES
    assert set(readers(found)) >= {person(ANA), person(GUEST)}
    assert person(BOB) not in readers(found)


def test_a_deny_assignment_keeps_them_out(azure: Standin, estate: Callable[..., Estate]) -> None:
    properties: dict[str, Any] = {
        "scope": SCOPE,
        "permissions": [{"dataActions": ["*"]}],
        "principals": [{"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}],
        "excludePrincipals": [{"id": ANA, "type": "User"}],
        "doNotApplyToChildScopes": False,
    }
    azure.pages(
        f"{AUTHORIZATION}/denyAssignments", [{"id": f"{AUTHORIZATION}/denyAssignments/d", "properties": properties}]
    )
    found = estate()
    assert (ruling(found, ANA), ruling(found, GUEST)) == (Ruling.YES, Ruling.NO)


@pytest.mark.parametrize(
    "operation", ["RoleAssignments_ListForSubscription", "RoleDefinitions_List", "groups_members", "graph.*"]
)
def test_what_may_not_be_read_leaves_it_open_who_reads(
    azure: Standin, estate: Callable[..., Estate], operation: str
) -> None:
    azure.pages(
        f"{AUTHORIZATION}/roleAssignments",
        [
            assignment(scope=ACCOUNT, role=READER, principalId=OPS, principalType="Group"),
            assignment(f"{AUTHORIZATION}/roleAssignments/2", role="other", principalId=ANA),
        ],
    )
    azure.faults.add("denied", operation)
    found = estate()
    assert found.gaps
    assert Ruling.UNKNOWN in readers(found).values()
    assert {name for name, one in readers(found).items() if one is Ruling.YES} <= {person(OPS)}


def test_an_assignment_above_the_subscription_counts(azure: Standin, estate: Callable[..., Estate]) -> None:
    told = assignment(f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/1", GROUP, READER, principalId=BOB)
    azure.pages(f"{AUTHORIZATION}/roleAssignments", [told])
    assert ruling(estate(), BOB) is Ruling.YES


def test_eligible_is_not_yet_allowed(azure: Standin, estate: Callable[..., Estate]) -> None:
    name = f"{AUTHORIZATION}/roleEligibilityScheduleInstances"
    azure.pages(name, [assignment(f"{name}/1", ACCOUNT, READER, principalId=BOB)])
    found = explain.explain(estate(), person(BOB), STORE, BLOB)
    assert found.ruling is Ruling.IF
    assert "pim:activation" in str(found.condition)


def test_whom_a_subscription_was_delegated_to_reads_as_a_party_outside(
    azure: Standin, estate: Callable[..., Estate]
) -> None:
    vendor = "eeeeeeee-0000-4000-8000-000000000001"
    authorizations = [{"principalId": INNER.replace("b", "e"), "roleDefinitionId": READER}]
    definition = {"managedByTenantId": vendor, "authorizations": authorizations}
    place = f"{SCOPE}/providers/Microsoft.ManagedServices/registrationAssignments"
    told = {"id": f"{place}/d1", "properties": {"registrationDefinition": {"properties": definition}}}
    azure.pages(place, [told])
    graph = AccessGraph(grants.derive(estate()))
    found = {one.principal: one for one in graph.on(STORE, Action.READ, media=MediaClass.SPEECH)}
    party = found[person(authorizations[0]["principalId"])]
    assert (party.decision.ruling, party.account) == (Ruling.YES, vendor)
    assert found[person(ANA)].account != vendor
