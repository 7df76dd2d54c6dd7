from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from cloudscan.estate import Estate
from cloudscan.model import Account, Coverage, Gap, PolicyDocument, Principal, Why
from cloudscan.provider import Collected, Facet, Unit
from cloudscan_azure import rbac
from cloudscan_azure.accounts import SubscriptionScope
from cloudscan_azure.facts import Facts
from cloudscan_azure.policy.assignments import Assignment, read_assignment
from cloudscan_azure.standin.errors import AzureError
from cloudscan_azure.standin.names import SUBSCRIPTION, TENANT
from cloudscan_azure.standin.server import Standin

Subscriptions = Callable[..., SubscriptionScope]
T = TypeVar("T")
SCOPE = f"/subscriptions/{SUBSCRIPTION}"
AUTHORIZATION = f"{SCOPE}/providers/Microsoft.Authorization"
GROUP = "/providers/Microsoft.Management/managementGroups/Acme"
READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
CUSTOM = "c0ffee00-0000-4000-8000-000000000001"
UNUSED = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
ANA = "aaaaaaaa-0000-4000-8000-000000000001"
ASSIGNED = f"{AUTHORIZATION}/roleAssignments/11111111-0000-4000-8000-000000000001"


def collected(units: Iterable[Unit]) -> list[Collected]:
    return [item for unit in units for item in unit.run()]


def of(items: Iterable[Collected], kind: type[T]) -> list[T]:
    return [item for item in items if isinstance(item, kind)]


def assignment(name: str = ASSIGNED, scope: str = SCOPE, role: str = READER, **more: Any) -> dict[str, Any]:
    properties = {
        "scope": scope,
        "roleDefinitionId": f"{SCOPE}/providers/Microsoft.Authorization/roleDefinitions/{role}",
        "principalId": ANA,
        "principalType": "User",
        **more,
    }
    return {"id": name, "name": name.rpartition("/")[2], "type": "Microsoft.Authorization/roleAssignments"} | {
        "properties": properties
    }


def definition(name: str, kind: str = "BuiltInRole", **permission: list[str]) -> dict[str, Any]:
    properties = {"roleName": f"role {name[:4]}", "type": kind, "permissions": [permission], "assignableScopes": ["/"]}
    return {"id": f"{AUTHORIZATION}/roleDefinitions/{name}", "name": name, "properties": properties}


def given(azure: Standin, assignments: Iterable[dict[str, Any]] = (), largest: int = 1000) -> None:
    azure.fresh(SCOPE)
    azure.pages(f"{AUTHORIZATION}/roleAssignments", [*assignments], largest=largest)
    roles = [definition(READER, dataActions=["*/read"]), definition(UNUSED), definition(CUSTOM, "CustomRole")]
    azure.pages(f"{AUTHORIZATION}/roleDefinitions", roles)


def documents(items: Iterable[Collected]) -> dict[str, list[PolicyDocument]]:
    found: dict[str, list[PolicyDocument]] = {}
    for one in of(items, PolicyDocument):
        found.setdefault(one.kind, []).append(one)
    return found


def test_assignments_hang_at_their_scope_whatever_the_spelling(azure: Standin, subscription: Subscriptions) -> None:
    group = f"{SCOPE}/resourceGroups/RG/providers/Microsoft.Storage/storageAccounts/Acme"
    condition = "(@Resource[Microsoft.Storage/storageAccounts:name] StringEquals 'acme')"
    told = assignment(scope=group, condition=condition, conditionVersion="2.0")
    given(azure, [told, assignment(f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/2", GROUP)], largest=1)
    found = documents(collected(rbac.units(subscription(Facet.ORGANIZATION))))
    own, above = found["hierarchy"]
    assert (own.id, own.attached_to) == (ASSIGNED.lower(), (group.lower(),))
    assert json.loads(own.document) == told
    assert above.attached_to == (GROUP.lower(),)
    assert own.account == SUBSCRIPTION


def test_definitions_are_those_assigned_and_the_customers_own(azure: Standin, subscription: Subscriptions) -> None:
    given(azure, [assignment()])
    found = documents(collected(rbac.units(subscription(Facet.ORGANIZATION))))
    names = {one.id.rpartition("/")[2]: one for one in found["role"]}
    assert set(names) == {READER, CUSTOM}
    assert names[READER].id == f"/providers/microsoft.authorization/roledefinitions/{READER}"
    assert names[READER].attached_to == ()


def test_an_assignment_that_ends_says_when(azure: Standin, subscription: Subscriptions) -> None:
    given(azure, [assignment(), assignment(f"{ASSIGNED[:-1]}2")])
    instance = assignment("x", originRoleAssignmentId=ASSIGNED, startDateTime="2026-01-01T00:00:00Z")
    lasting = assignment("y", originRoleAssignmentId=f"{ASSIGNED[:-1]}2", startDateTime="2026-01-01T00:00:00Z")
    instance["properties"]["endDateTime"] = "2027-01-01T00:00:00Z"
    azure.pages(f"{AUTHORIZATION}/roleAssignmentScheduleInstances", [instance, lasting])
    ending, other = documents(collected(rbac.units(subscription(Facet.ORGANIZATION))))["hierarchy"]
    assert json.loads(ending.document)["properties"]["endDateTime"] == "2027-01-01T00:00:00Z"
    assert "startDateTime" not in json.loads(other.document)["properties"]


def test_what_is_eligible_denied_and_locked_is_kept(azure: Standin, subscription: Subscriptions) -> None:
    given(azure)
    eligible = assignment(f"{AUTHORIZATION}/roleEligibilityScheduleInstances/e1", role=UNUSED, memberType="Direct")
    azure.pages(f"{AUTHORIZATION}/roleEligibilityScheduleInstances", [eligible])
    denied = {
        "id": f"{AUTHORIZATION}/denyAssignments/d1",
        "properties": {
            "scope": SCOPE,
            "permissions": [{"actions": ["*"]}],
            "principals": [{"id": ANA, "type": "User"}],
        },
    }
    azure.pages(f"{AUTHORIZATION}/denyAssignments", [denied])
    locked = f"{SCOPE}/resourceGroups/rg/providers/Microsoft.Authorization/locks/Keep"
    azure.pages(f"{AUTHORIZATION}/locks", [{"id": locked, "properties": {"level": "CanNotDelete"}}])
    found = documents(collected(rbac.units(subscription(Facet.ORGANIZATION))))
    assert [one.attached_to for one in found["eligible"]] == [(SCOPE,)]
    assert [one.attached_to for one in found["deny"]] == [(SCOPE,)]
    assert [(one.id, one.attached_to) for one in found["lock"]] == [(locked.lower(), (f"{SCOPE}/resourcegroups/rg",))]
    assert UNUSED in {one.id.rpartition("/")[2] for one in found["role"]}


def test_what_is_delegated_to_another_tenant_is_what_it_comes_to(azure: Standin, subscription: Subscriptions) -> None:
    given(azure)
    vendor = "eeeeeeee-0000-4000-8000-000000000001"
    group, robot = "eeeeeeee-0000-4000-8000-000000000002", "eeeeeeee-0000-4000-8000-000000000003"
    definition = {
        "managedByTenantId": vendor,
        "authorizations": [{"principalId": group, "roleDefinitionId": READER, "principalIdDisplayName": "Vendor ops"}],
        "eligibleAuthorizations": [{"principalId": robot, "roleDefinitionId": UNUSED}],
    }
    place = f"{SCOPE}/providers/Microsoft.ManagedServices/registrationAssignments"
    told = {"id": f"{place}/d1", "properties": {"registrationDefinition": {"properties": definition}}}
    azure.pages(place, [told])
    items = collected(rbac.units(subscription(Facet.ORGANIZATION)))
    found = documents(items)
    (active,), (eligible,) = found["hierarchy"], found["eligible"]
    assert (active.attached_to, eligible.attached_to) == ((SCOPE,), (SCOPE,))
    assert read_assignment(active.id, active.document, eligible=False) == Assignment(active.id, SCOPE, READER, group)
    assert {one.id.rpartition("/")[2] for one in found["role"]} == {READER, UNUSED, CUSTOM}
    parties = {one.id: one for one in of(items, Principal)}
    assert {one.account for one in parties.values()} == {vendor}
    estate = Estate.of([Account(SUBSCRIPTION, "azure", organization=TENANT), *parties.values()])
    people = Facts(estate).people
    assert all(people.is_outside(people.caller(name)) for name in parties)


def test_delegations_that_may_not_be_read_are_a_gap(azure: Standin, subscription: Subscriptions) -> None:
    given(azure)
    azure.faults.add("denied", "RegistrationAssignments_List")
    (gap,) = of(collected(rbac.units(subscription(Facet.ORGANIZATION))), Gap)
    assert (gap.resource, gap.permission) == (SCOPE, "Microsoft.ManagedServices/registrationAssignments/read")


def test_nobody_is_eligible_where_the_tenant_has_no_licence(azure: Standin, subscription: Subscriptions) -> None:
    given(azure, [assignment()])
    refusal = AzureError(400, "AadPremiumLicenseRequired", "The tenant needs a licence.")
    for noun in ("roleEligibilityScheduleInstances", "roleAssignmentScheduleInstances"):
        azure.answer(f"{AUTHORIZATION}/{noun}", refusal)
    items = collected(rbac.units(subscription(Facet.ORGANIZATION)))
    assert of(items, Gap) == []
    assert [(one.asked, one.answered) for one in of(items, Coverage)] == [(7, 7)]


def test_the_group_above_is_asked_where_nothing_came_from_there(azure: Standin, subscription: Subscriptions) -> None:
    given(azure, [assignment()])
    azure.pages(f"{GROUP}/providers/Microsoft.Authorization/roleAssignments", [assignment("/above", "/")])
    below = replace(subscription(Facet.ORGANIZATION), parents=(f"/providers/x/{TENANT}", GROUP))
    found = documents(collected(rbac.units(below)))
    assert [one.attached_to for one in found["hierarchy"]] == [(SCOPE,), ("/",)]
    assert azure.requests["RoleAssignments_ListForScope"] == 1


def test_the_group_above_is_not_asked_where_its_own_came_with_the_list(
    azure: Standin, subscription: Subscriptions
) -> None:
    given(azure, [assignment(), assignment("/above", GROUP)])
    collected(rbac.units(replace(subscription(Facet.ORGANIZATION), parents=(GROUP,))))
    assert azure.requests["RoleAssignments_ListForScope"] == 0


def test_each_list_that_is_refused_is_a_gap_on_the_scope(azure: Standin, subscription: Subscriptions) -> None:
    given(azure, [assignment()])
    for operation in ("RoleAssignments_ListForSubscription", "DenyAssignments_List", "RoleDefinitions_List"):
        azure.faults.add("denied", operation)
    azure.faults.add("throttled", "ManagementLocks_ListAtSubscriptionLevel")
    gaps = of(collected(rbac.units(subscription(Facet.ORGANIZATION))), Gap)
    assert {(gap.permission, gap.why) for gap in gaps} == {
        ("Microsoft.Authorization/roleAssignments/read", Why.DENIED),
        ("Microsoft.Authorization/denyAssignments/read", Why.DENIED),
        ("Microsoft.Authorization/roleDefinitions/read", Why.DENIED),
        ("Microsoft.Authorization/locks/read", Why.THROTTLED),
    }
    assert {(gap.resource, gap.facet) for gap in gaps} == {(SCOPE, Facet.ORGANIZATION)}
    assert all("az role assignment create --role cloudscan" in gap.detail for gap in gaps if gap.why is Why.DENIED)


def test_ends_that_are_not_told_leave_no_gap_on_assignments(azure: Standin, subscription: Subscriptions) -> None:
    given(azure, [assignment()])
    azure.faults.add("denied", "RoleAssignmentScheduleInstances_ListForScope")
    (gap,) = of(collected(rbac.units(subscription(Facet.ORGANIZATION))), Gap)
    assert gap.resource == f"{SCOPE}/providers/microsoft.authorization/roleassignmentscheduleinstances"


def test_entries_without_a_scope_are_a_gap_that_the_evaluator_sees(azure: Standin, subscription: Subscriptions) -> None:
    given(azure, [assignment()])
    azure.faults.add("without", "RoleAssignments_ListForSubscription", left_out="properties.scope")
    items = collected(rbac.units(subscription(Facet.ORGANIZATION)))
    (gap,) = of(items, Gap)
    assert (gap.resource, gap.why, gap.detail) == (SCOPE, Why.MALFORMED, "1 entries make no sense")
    assert "hierarchy" not in documents(items)


@pytest.mark.parametrize("left_out", ["principalId", "roleDefinitionId"])
@pytest.mark.parametrize("value", [None, "", {"x": 1}])
def test_an_assignment_that_makes_no_sense_is_a_gap_where_it_hangs(
    azure: Standin, subscription: Subscriptions, left_out: str, value: object
) -> None:
    """Whom it lets in is not known, and that not everything was seen has to be."""
    given(azure)
    place = f"{SCOPE}/resourcegroups/rg"
    odd = assignment(scope=place)
    odd["properties"][left_out] = value
    azure.replay({f"{AUTHORIZATION}/roleAssignments": {"": {"value": [odd]}}})
    items = collected(rbac.units(subscription(Facet.ORGANIZATION)))
    (gap,) = of(items, Gap)
    assert (gap.resource, gap.why, gap.operation) == (place, Why.MALFORMED, "RoleAssignments_ListForSubscription")
    (kept,) = documents(items)["hierarchy"]
    assert read_assignment(kept.id, kept.document, eligible=False) is None


def test_a_next_page_at_another_host_ends_the_list(azure: Standin, subscription: Subscriptions) -> None:
    given(azure, [assignment()])
    azure.faults.add("elsewhere", "RoleAssignments_ListForSubscription")
    items = collected(rbac.units(subscription(Facet.ORGANIZATION)))
    (gap,) = of(items, Gap)
    assert gap.why is Why.MALFORMED
    assert len(documents(items)["hierarchy"]) == 1


def test_nothing_is_asked_where_no_check_wants_it(subscription: Subscriptions) -> None:
    assert list(rbac.units(subscription(Facet.STORES))) == []
