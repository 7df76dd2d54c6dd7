from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudscan.estate import Estate
from cloudscan.model import Answer, Coverage, Credential, Federation, Gap, PolicyDocument, Principal, Record, Why
from cloudscan.provider import Collected, Facet
from cloudscan_azure import graph
from cloudscan_azure.accounts import SubscriptionScope
from cloudscan_azure.facts import Facts
from cloudscan_azure.ids import person
from cloudscan_azure.standin.errors import AzureError
from cloudscan_azure.standin.names import SUBSCRIPTION, TENANT
from cloudscan_azure.standin.server import Standin
from cloudscan_azure.standin.state import Asked
from cloudscan_azure.steps.managing import activated
from cloudscan_azure.steps.scene import Scene
from cloudscan_azure.steps.tenant import Tenant
from cloudscan_azure.test_rbac import ANA, AUTHORIZATION, SCOPE, assignment, collected, of

Subscriptions = Callable[..., SubscriptionScope]
Told = dict[str, Any]
GUEST, BOB = "aaaaaaaa-0000-4000-8000-000000000002", "aaaaaaaa-0000-4000-8000-000000000003"
OPS, INNER = "bbbbbbbb-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"
ROBOT, APP, APP_OBJECT = (f"cccccccc-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
IDENTITY, CLIENT = (f"dddddddd-0000-4000-8000-00000000000{n}" for n in (1, 2))
RESOURCE = f"{SCOPE}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/Calls"
GRAPH = "99999999-0000-4000-8000-000000000001"


def user(own: str, **more: Any) -> Told:
    told: Told = {
        "id": own,
        "userPrincipalName": f"{own[-2:]}@acme.example",
        "userType": "Member",
        "accountEnabled": True,
    }
    return {"@odata.type": "#microsoft.graph.user", **told, **more}


def group(own: str, **more: Any) -> Told:
    return {"@odata.type": "#microsoft.graph.group", "id": own, "displayName": "Ops", "groupTypes": [], **more}


def robot(own: str = ROBOT, **more: Any) -> Told:
    told: Told = {"id": own, "appId": APP, "displayName": "Robot", "servicePrincipalType": "Application"}
    told |= {"appOwnerOrganizationId": TENANT, "accountEnabled": True, "alternativeNames": []}
    return {"@odata.type": "#microsoft.graph.servicePrincipal", **told, **more}


PEOPLE = (
    user(ANA),
    user(BOB, accountEnabled=False),
    user(GUEST, userType="Guest"),
    group(OPS),
    group(INNER, isAssignableToRole=True),
    robot(),
)


def directory(azure: Standin, *named: str, people: Iterable[Told] = PEOPLE, **more: Any) -> None:
    """Assign a role to each of some object ids, and have a directory of these people."""
    kinds = {"user": "User", "group": "Group", "servicePrincipal": "ServicePrincipal"}
    known = {one["id"]: one for one in people}
    azure.fresh(SCOPE, "/v1.0", "/beta")
    told = [
        assignment(
            f"{AUTHORIZATION}/roleAssignments/{number}",
            principalId=own,
            principalType=kinds[known[own]["@odata.type"].rpartition(".")[2]] if own in known else "User",
            **more,
        )
        for number, own in enumerate(named)
    ]
    azure.pages(f"{AUTHORIZATION}/roleAssignments", told)

    def by_ids(asked: Asked) -> Told:
        ids = (asked.body or {}).get("ids") or ()
        return {"value": [known[own] for own in ids if own in known]}

    azure.answer("POST /v1.0/directoryObjects/getByIds", by_ids)


def principals(items: Iterable[Collected]) -> dict[str, Principal]:
    return {one.id: one for one in of(items, Principal)}


def facts(items: Iterable[Collected]) -> Facts:
    records = [one for one in items if not isinstance(one, Gap)]
    return Facts(Estate.of([one for one in records if isinstance(one, Record)], of(items, Gap)))


def run(given: SubscriptionScope) -> list[Collected]:
    return collected(graph.units_of([given]))


def test_those_whom_assignments_name_are_told_as_what_they_are(azure: Standin, subscription: Subscriptions) -> None:
    directory(azure, ANA, BOB, GUEST, ROBOT)
    found = principals(run(subscription(Facet.PRINCIPALS)))
    assert {name: (one.kind, one.enabled) for name, one in found.items()} == {
        person(ANA): ("user", Answer.YES),
        person(BOB): ("user", Answer.NO),
        person(GUEST): ("guest", Answer.YES),
        person(ROBOT): ("service-account", Answer.YES),
    }
    assert {one.account for one in found.values()} == {TENANT}
    assert found[person(ANA)].name == "01@acme.example"
    assert found[person(ROBOT)].unique_id == APP
    assert azure.requests["directoryObjects_getByIds"] == 1


def test_people_are_told_with_what_else_others_call_them(azure: Standin, subscription: Subscriptions) -> None:
    people = [
        user(ANA, displayName="Ana", mail="01@acme.example"),
        user(GUEST, userType="Guest", displayName="Dora Wex", mail="dora@wex.example"),
        user(BOB, displayName=None, mail=None),
        group(OPS, mail="ops@acme.example"),
    ]
    directory(azure, ANA, GUEST, BOB, OPS, people=people)
    found = principals(run(subscription(Facet.PRINCIPALS)))
    assert {name: one.aliases for name, one in found.items()} == {
        person(ANA): ("Ana",),
        person(GUEST): ("Dora Wex", "dora@wex.example"),
        person(BOB): (),
        person(OPS): ("ops@acme.example",),
    }


def test_groups_are_told_with_who_is_in_them_through_others_too(azure: Standin, subscription: Subscriptions) -> None:
    directory(azure, OPS)
    azure.pages(f"/beta/groups/{OPS}/members", [group(INNER), user(ANA)], largest=1)
    azure.pages(f"/beta/groups/{INNER}/members", [user(GUEST, userType="Guest"), group(OPS)])
    items = run(subscription(Facet.PRINCIPALS))
    found = principals(items)
    assert found[person(OPS)].members == (person(ANA), person(INNER))
    assert found[person(INNER)].members == (person(GUEST), person(OPS))
    caller = facts(items).caller(person(GUEST))
    assert caller.ids == {GUEST, INNER, OPS}
    assert caller.perhaps(OPS) == ""


def test_a_group_whose_members_may_not_be_read_is_of_unknown_size(azure: Standin, subscription: Subscriptions) -> None:
    directory(azure, OPS, ANA)
    azure.faults.add("denied", "groups_members")
    items = run(subscription(Facet.PRINCIPALS))
    (gap,) = of(items, Gap)
    assert (gap.resource, gap.permission, gap.why) == (person(OPS), "GroupMember.Read.All", Why.DENIED)
    assert "GroupMember.Read.All wants an administrator's consent" in gap.detail
    assert principals(items)[person(OPS)].members is None
    assert facts(items).caller(person(ANA)).perhaps(OPS) != ""


def test_members_of_which_a_part_came_are_kept_and_the_rest_is_unknown(
    azure: Standin, subscription: Subscriptions
) -> None:
    directory(azure, OPS)
    azure.pages(f"/beta/groups/{OPS}/members", [user(ANA), user(BOB)], largest=1)
    azure.faults.add("throttled", "groups_members", after=1)
    items = run(subscription(Facet.PRINCIPALS))
    assert principals(items)[person(OPS)].members == (person(ANA),)
    assert [(gap.resource, gap.why) for gap in of(items, Gap)] == [(person(OPS), Why.THROTTLED)]
    assert facts(items).caller(person(BOB)).perhaps(OPS) != ""


def test_hidden_members_of_which_none_are_told_are_unknown(azure: Standin, subscription: Subscriptions) -> None:
    hidden = group(OPS, groupTypes=["Unified"], visibility="HiddenMembership")
    directory(azure, OPS, people=(hidden, user(ANA)))
    items = run(subscription(Facet.PRINCIPALS))
    assert principals(items)[person(OPS)].members is None
    (gap,) = of(items, Gap)
    assert (gap.resource, gap.why, gap.permission) == (person(OPS), Why.DENIED, "Member.Read.Hidden")
    assert facts(items).caller(person(ANA)).perhaps(OPS) != ""
    azure.pages(f"/beta/groups/{OPS}/members", [user(ANA)])
    items = run(subscription(Facet.PRINCIPALS))
    assert (principals(items)[person(OPS)].members, of(items, Gap)) == ((person(ANA),), [])


def test_a_tenant_that_may_not_be_read_is_told_and_nobody_is_made_up(
    azure: Standin, subscription: Subscriptions
) -> None:
    directory(azure, OPS, ANA)
    azure.faults.add("denied", "graph.*")
    items = run(subscription(Facet.PRINCIPALS))
    assert principals(items) == {}
    assert {(gap.resource, gap.permission) for gap in of(items, Gap)} == {
        (TENANT, "Directory.Read.All"),
        ("/", "RoleManagement.Read.Directory"),
        ("/", "Application.Read.All"),
    }
    lines = {one.account: one.asked - one.answered for one in of(items, Coverage)}
    assert lines == {TENANT: 4, SUBSCRIPTION: 0}


def test_gaps_on_roles_of_the_directory_say_nothing_of_roles_of_resources(
    azure: Standin, subscription: Subscriptions
) -> None:
    directory(azure, ANA)
    azure.faults.add("denied", "graph.*")
    assert facts(run(subscription(Facet.PRINCIPALS))).unread("/") == []


def test_what_may_only_be_seen_in_part_is_not_known(azure: Standin, subscription: Subscriptions) -> None:
    limited = {"@odata.type": "#microsoft.graph.user", "id": ANA, "displayName": None, "accountEnabled": None}
    directory(azure, ANA, people=[limited])
    found = principals(run(subscription(Facet.PRINCIPALS)))[person(ANA)]
    assert (found.enabled, found.name) == (Answer.UNKNOWN, ANA)


def test_roles_of_the_directory_bring_their_holders_in(azure: Standin, subscription: Subscriptions) -> None:
    directory(azure)
    role = {"id": "r1", "templateId": "62e90394-69f5-4237-9190-012177145e10", "displayName": "Global Administrator"}
    held = {"id": "a1", "principalId": BOB, "roleDefinitionId": "r1", "directoryScopeId": "/", "roleDefinition": role}
    azure.pages("/v1.0/roleManagement/directory/roleAssignments", [held])
    eligible = held | {"id": "e1", "principalId": ANA, "directoryScopeId": f"/{APP_OBJECT}"}
    azure.pages("/v1.0/roleManagement/directory/roleEligibilityScheduleInstances", [eligible])
    items = run(subscription(Facet.PRINCIPALS))
    assert set(principals(items)) == {person(ANA), person(BOB)}
    told = {(one.kind, one.attached_to) for one in of(items, PolicyDocument)}
    assert told == {("directory", ("/",)), ("directory-eligible", (f"/{APP_OBJECT}",))}
    holdings = {one.principal: one for one in Tenant(facts(items).estate).holdings}
    assert (holdings[BOB].role, holdings[BOB].scope) == (role["templateId"], "")
    assert holdings[ANA].scope == APP_OBJECT


ELIGIBLE = "/v1.0/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances"


def test_who_may_activate_to_be_in_a_group_joins_it(azure: Standin, subscription: Subscriptions) -> None:
    directory(azure, OPS)
    told = {"id": "i1", "groupId": OPS, "principalId": ANA, "accessId": "member", "memberType": "direct"}
    azure.pages(ELIGIBLE, [told])
    items = run(subscription(Facet.PRINCIPALS))
    assert person(ANA) in principals(items)
    assert principals(items)[person(OPS)].members == ()
    (held,) = Tenant(facts(items).estate).holdings
    assert (held.principal, held.role, held.scope) == (ANA, "group-member", OPS)
    edges = [edge for edge in activated(Scene(facts(items))) if person(ANA) in edge.sources]
    assert [edge.targets for edge in edges] == [(person(OPS),)]
    assert "pim:activation" in str(edges[0].decision.condition)


def test_who_may_activate_is_asked_until_it_is_refused(azure: Standin, subscription: Subscriptions) -> None:
    directory(azure, OPS, INNER)
    azure.faults.add("denied", "groupEligibility_List")
    (gap,) = of(run(subscription(Facet.PRINCIPALS)), Gap)
    assert (gap.resource, gap.permission) == ("/", "PrivilegedEligibilitySchedule.Read.AzureADGroup")
    assert azure.requests["groupEligibility_List"] == 1


def test_app_roles_that_change_something_are_told_by_their_names(azure: Standin, subscription: Subscriptions) -> None:
    directory(azure)
    roles = [{"id": "w", "value": "RoleManagement.ReadWrite.Directory"}, {"id": "r", "value": "User.Read.All"}]
    azure.pages("/v1.0/servicePrincipals", [{"id": GRAPH, "appRoles": roles}])
    given = [{"id": each, "principalId": ROBOT, "appRoleId": each, "resourceId": GRAPH} for each in ("w", "r")]
    azure.pages(f"/v1.0/servicePrincipals/{GRAPH}/appRoleAssignedTo", given)
    items = run(subscription(Facet.PRINCIPALS))
    (document,) = (one for one in of(items, PolicyDocument) if one.kind == "directory")
    assert json.loads(document.document)["value"] == "RoleManagement.ReadWrite.Directory"
    assert [one.role for one in Tenant(facts(items).estate).holdings] == ["rolemanagement.readwrite.directory"]
    assert person(ROBOT) in principals(items)


def applications(azure: Standin, **more: Any) -> None:
    secret = {"keyId": "5EC", "startDateTime": "2026-01-01T00:00:00Z", "endDateTime": "2028-01-01T00:00:00Z"}
    told = {"id": APP_OBJECT, "appId": APP, "displayName": "Robot", "passwordCredentials": [secret | {"hint": "abc"}]}
    azure.pages("/v1.0/applications", [told | more])


def test_owners_of_what_acts_are_met_and_told(azure: Standin, subscription: Subscriptions) -> None:
    directory(azure, ROBOT, OPS)
    applications(azure)
    azure.pages(f"/v1.0/applications/{APP_OBJECT}/owners", [user(ANA)])
    azure.pages(f"/v1.0/servicePrincipals/{ROBOT}/owners", [user(BOB)])
    azure.pages(f"/beta/groups/{OPS}/owners", [user(GUEST, userType="Guest")])
    items = run(subscription(Facet.PRINCIPALS))
    assert {person(ANA), person(BOB), person(GUEST)} <= set(principals(items))
    tenant = Tenant(facts(items).estate)
    assert {own for own, _ in tenant.owners(person(ROBOT)) or ()} == {ANA, BOB}
    assert {own for own, _ in tenant.owners(person(OPS)) or ()} == {GUEST}


def test_owners_that_may_not_be_read_are_not_none(azure: Standin, subscription: Subscriptions) -> None:
    directory(azure, ROBOT)
    applications(azure)
    azure.faults.add("denied", "applications_owners")
    assert Tenant(facts(run(subscription(Facet.PRINCIPALS))).estate).owners(person(ROBOT)) is None


def test_secrets_are_told_by_when_they_end_and_never_more(azure: Standin, subscription: Subscriptions) -> None:
    directory(azure, ROBOT)
    applications(azure)
    own = {"keyId": "ce", "startDateTime": None, "endDateTime": None, "type": "AsymmetricX509Cert"}

    def own_keys(asked: Asked) -> Told:
        wanted = f"id eq '{ROBOT}'" == asked.query.get("$filter", "")
        return {"value": [{"id": ROBOT, "keyCredentials": [own]}] if wanted else []}

    azure.answer("/v1.0/servicePrincipals", own_keys)
    items = run(subscription(Facet.PRINCIPALS, Facet.CREDENTIALS))
    found = {one.kind: one for one in of(items, Credential)}
    assert found["client-secret"] == Credential(
        id=f"app:{APP}#5ec",
        provider="azure",
        account=TENANT,
        principal=person(ROBOT),
        kind="client-secret",
        created=datetime(2026, 1, 1, tzinfo=UTC),
        expires=datetime(2028, 1, 1, tzinfo=UTC),
        lasting=Answer.NO,
        enabled=Answer.YES,
    )
    assert (found["client-certificate"].principal, found["client-certificate"].lasting) == (
        person(ROBOT),
        Answer.UNKNOWN,
    )
    assert "abc" not in str(items)


def test_a_token_from_elsewhere_makes_somebody_an_application(azure: Standin, subscription: Subscriptions) -> None:
    directory(azure, ROBOT)
    applications(azure)
    github: Told = {"id": "f1", "name": "deploy", "issuer": "https://token.actions.githubusercontent.com"}
    github |= {"subject": "repo:acme/calls:ref:refs/heads/main", "audiences": ["api://AzureADTokenExchange"]}
    azure.pages(f"/v1.0/applications/{APP_OBJECT}/federatedIdentityCredentials", [github])
    (door,) = of(run(subscription(Facet.PRINCIPALS, Facet.FEDERATIONS)), Federation)
    assert door.roles == ((github["subject"], person(ROBOT)),)
    assert (door.issuer, door.audiences, door.id) == (github["issuer"], tuple(github["audiences"]), f"app:{APP}/f1")


@pytest.mark.parametrize("home", ["eeeeeeee-0000-4000-8000-000000000001", "F8CDEF31-a31e-4b4a-93e4-5f571e91255a"])
def test_an_application_of_another_tenant_is_not_looked_for_here(
    azure: Standin, subscription: Subscriptions, home: str
) -> None:
    directory(azure, ROBOT, people=[robot(appOwnerOrganizationId=home)])
    found = principals(run(subscription(Facet.PRINCIPALS)))[person(ROBOT)]
    microsofts = home.startswith("F8CDEF31")
    assert found.account == (TENANT if microsofts else home)
    assert azure.requests["applications_List"] == microsofts


def identity(**more: Any) -> Told:
    told = {"principalId": IDENTITY, "clientId": CLIENT, "tenantId": TENANT}
    return {"id": RESOURCE, "name": "Calls", "location": "westeurope", "properties": told, **more}


def test_managed_identities_have_their_resource_by_whichever_way_they_are_told(
    azure: Standin, subscription: Subscriptions
) -> None:
    names = ["isExplicit=False", f"{SCOPE}/resourcegroups/rg/providers/Microsoft.Compute/virtualMachines/VM"]
    own = robot(BOB, servicePrincipalType="ManagedIdentity", alternativeNames=names, appOwnerOrganizationId=None)
    directory(azure, BOB, people=[own])
    azure.pages(f"{SCOPE}/providers/Microsoft.ManagedIdentity/userAssignedIdentities", [identity()])
    found = principals(run(subscription(Facet.PRINCIPALS)))
    assert found[person(BOB)].path == names[1].lower()
    assert found[person(IDENTITY)].path == RESOURCE.lower()
    assert found[person(IDENTITY)].unique_id == CLIENT
    assert azure.requests["servicePrincipals_owners"] == 0


def test_attributes_are_asked_for_where_a_condition_goes_by_them(azure: Standin, subscription: Subscriptions) -> None:
    condition = "(@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:Calls_Team] StringEquals 'ops')"
    directory(azure, ANA, condition=condition, conditionVersion="2.0")
    sets = {"Calls": {"@odata.type": "#microsoft.graph.customSecurityAttributeValue", "Team": "ops", "Lead": True}}
    azure.pages("/v1.0/users", [{"id": ANA, "customSecurityAttributes": sets}])
    found = principals(run(subscription(Facet.PRINCIPALS)))
    assert found[person(ANA)].labels == {"Calls_Team": "ops", "Calls_Lead": "true"}


@pytest.mark.parametrize("refused", [True, False])
def test_attributes_that_were_not_asked_for_or_told_are_not_known(
    azure: Standin, subscription: Subscriptions, refused: bool
) -> None:
    directory(azure, ANA, condition="@Principal[x] StringEquals 'y'" if refused else None)
    if refused:
        azure.faults.add("denied", "users_List")
    items = run(subscription(Facet.PRINCIPALS))
    assert principals(items)[person(ANA)].labels is None
    assert [gap.permission for gap in of(items, Gap)] == ["CustomSecAttributeAssignment.Read.All"] * refused
    assert azure.requests["users_List"] == refused


def test_one_of_several_values_cannot_be_told(azure: Standin, subscription: Subscriptions) -> None:
    directory(azure, ANA, condition="@Principal[x] StringEquals 'y'")
    azure.pages("/v1.0/users", [{"id": ANA, "customSecurityAttributes": {"Calls": {"Team": ["ops", "dev"]}}}])
    assert principals(run(subscription(Facet.PRINCIPALS)))[person(ANA)].labels is None


def test_subscriptions_of_a_tenant_share_what_is_asked(azure: Standin, subscription: Subscriptions) -> None:
    directory(azure, OPS)
    azure.pages(f"/beta/groups/{OPS}/members", [user(ANA)])
    first = subscription(Facet.PRINCIPALS)
    other = replace(first, id="5ab5c819-0000-4000-8000-000000000002")
    azure.fresh(other.path)
    azure.pages(f"{other.path}/providers/Microsoft.Authorization/roleAssignments", [assignment(principalId=BOB)])
    (unit,) = graph.units_of([first, other])
    items = collected([unit])
    assert set(principals(items)) == {person(each) for each in (OPS, ANA, BOB)}
    assert azure.requests["groups_members"] == azure.requests["directoryObjects_getByIds"] == 1
    assert {one.account for one in of(items, Coverage)} == {TENANT, SUBSCRIPTION, other.id}


def test_lists_that_name_identities_are_gaps_where_nobody_else_asks(
    azure: Standin, subscription: Subscriptions
) -> None:
    directory(azure, ANA)
    azure.faults.add("denied", "DenyAssignments_List")
    facets = (Facet.PRINCIPALS, Facet.ORGANIZATION)
    assert [gap.operation for gap in of(run(subscription(Facet.PRINCIPALS)), Gap)] == ["DenyAssignments_List"]
    assert of(run(subscription(*facets)), Gap) == []


def test_credentials_of_another_tenant_tell_nothing_of_this_one(azure: Standin, subscription: Subscriptions) -> None:

    azure.fresh(SCOPE)
    (gap,) = of(run(replace(subscription(Facet.PRINCIPALS), tenant="other-tenant")), Gap)
    assert (gap.resource, gap.why) == ("other-tenant", Why.UNSUPPORTED)
    assert azure.requests["directoryObjects_getByIds"] == 0


def test_a_directory_without_the_licence_has_nobody_eligible(azure: Standin, subscription: Subscriptions) -> None:
    directory(azure, ANA, OPS)
    refusal = AzureError(400, "AadPremiumLicenseRequired", "The tenant needs a licence.")
    azure.answer("/v1.0/roleManagement/directory/roleEligibilityScheduleInstances", refusal)
    assert of(run(subscription(Facet.PRINCIPALS)), Gap) == []
    assert azure.requests["groupEligibility_List"] == 0


def test_nothing_is_asked_where_no_check_wants_it(subscription: Subscriptions) -> None:
    assert list(graph.units_of([subscription(Facet.STORES)])) == []
