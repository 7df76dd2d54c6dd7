"""Who may add secrets and put themselves into groups: roles as "Microsoft Entra built-in roles" lists their actions."""

from __future__ import annotations

from typing import Any

import pytest

from cloudscan.access import Ruling
from cloudscan.model import Answer, PolicyDocument
from cloudscan_azure.graph_read import eligible_member
from cloudscan_azure.ids import object_id
from cloudscan_azure.policy.test_support import ANA, BO, TEAM, document, estate, someone
from cloudscan_azure.steps.managing import ACTIVATES
from cloudscan_azure.steps.roles import CREDENTIALS, MEMBERS, ROLES
from cloudscan_azure.steps.test_support import APP, manages, owns, permitted, service, steps

ACTIONS = "microsoft.directory"
BUILT_IN = {
    "Windows 365 Administrator": ("11451d60-acb2-45eb-a7d6-43d0f0125c13", {MEMBERS}),
    "Intune Administrator": ("3a2c62db-5318-420d-8d74-23affee5d9d5", {MEMBERS}),
    "Knowledge Administrator": ("b5a8dcf3-09d5-43a9-a639-8e29ef291470", {MEMBERS}),
    "Knowledge Manager": ("744ec460-397e-42ad-a462-8b3f9747a02c", {MEMBERS}),
    "Directory Writers": ("9360feb5-f418-4baa-8175-e2a00bac4301", {MEMBERS}),
    "Identity Governance Administrator": ("45d8d3c5-c802-45c6-b32a-1d70b5e1e86e", {MEMBERS}),
    "Partner Tier1 Support": ("4ba39ca4-527c-499a-b93d-d9b492c50246", {MEMBERS, CREDENTIALS}),
    "Partner Tier2 Support": ("e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8", {MEMBERS, CREDENTIALS}),
    "Application Administrator": ("9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", {CREDENTIALS}),
    "Helpdesk Administrator": ("729827e3-9c14-49f7-bb1b-9608f156bbb8", set()),
}


def defined(who: str, role: str) -> PolicyDocument:
    """A role whose definition allows nothing that counts, so that what is known of its id does."""
    told = {"principalId": object_id(who), "roleDefinitionId": role, "directoryScopeId": "/"}
    content = {**told, "roleDefinition": {"templateId": role, "rolePermissions": []}}
    return document("directory", "/", content, f"directory {role} {who}")


def custom(who: str, *actions: str, condition: str | None = None) -> PolicyDocument:
    """A role of the tenant's own, with its definition as Graph expands it."""
    permissions = [{"allowedResourceActions": list(actions), "condition": condition}]
    defined = {"id": "own", "templateId": "own", "isBuiltIn": False, "rolePermissions": permissions}
    told = {"principalId": object_id(who), "roleDefinitionId": "own", "directoryScopeId": "/"}
    return document("directory", "/", {**told, "roleDefinition": defined}, f"directory own {who}")


def given(held: PolicyDocument, **group: Any) -> set[str]:
    """What somebody with a role surely may do with an application or a group."""
    world = estate(service(APP), owns(APP), owns(TEAM, **{"isAssignableToRole": False, **group}), held)
    found = [edge for edge in steps(world) if BO in edge.sources and {APP, TEAM} & set(edge.targets)]
    assert all(edge.decision.ruling is Ruling.YES for edge in found)
    return {edge.kind for edge in found}


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_role_gives_what_its_page_lists(name: str) -> None:
    template, actions = BUILT_IN[name]
    assert given(defined(BO, template)) == actions


@pytest.mark.parametrize("name", ["Windows 365 Administrator", "Knowledge Manager", "Directory Writers"])
def test_what_is_about_security_groups_alone_leaves_groups_of_microsoft_365_alone(name: str) -> None:
    found = given(defined(BO, BUILT_IN[name][0]), groupTypes=["Unified"])
    assert found == ({MEMBERS} if name == "Directory Writers" else set())


@pytest.mark.parametrize(
    ("action", "gives"),
    [
        ("groups/members/update", {MEMBERS}),
        ("groups.security/members/update", {MEMBERS}),
        ("groups.security.assignedMembership/members/update", {MEMBERS}),
        ("applications/credentials/update", {CREDENTIALS}),
        ("applications.myOrganization/credentials/update", {CREDENTIALS}),
        ("servicePrincipals/credentials/update", {CREDENTIALS}),
        ("groups.unified/members/update", set()),
        ("groups/owners/update", set()),
        ("applications/basic/update", set()),
    ],
)
def test_a_role_of_the_tenants_own_gives_what_its_definition_lists(action: str, gives: set[str]) -> None:
    assert given(custom(BO, f"{ACTIONS}/{action}")) == gives
    assert given(custom(BO, f"{ACTIONS}/{action}".upper())) == gives


def test_what_a_role_gives_over_what_is_ones_own_is_told_by_who_owns_it() -> None:
    assert given(custom(BO, f"{ACTIONS}/applications/credentials/update", condition="$SubjectIsOwner")) == set()


def test_an_application_that_may_make_assignments_of_roles_makes_itself_administrator() -> None:
    held = permitted(BO, "RoleAssignmentSchedule.ReadWrite.Directory")
    assert given(held) == {f"{ROLES}+{CREDENTIALS}", f"{ROLES}+{MEMBERS}"}


def eligible(who: str, access: str) -> PolicyDocument:
    """What Privileged Identity Management for Groups tells, as it is kept."""
    told = {"id": "i1", "groupId": object_id(TEAM), "principalId": object_id(who), "accessId": access}
    held = eligible_member(told, "tenant-1")
    assert held is not None
    return held


@pytest.mark.parametrize(("access", "kind"), [("member", ACTIVATES), ("owner", MEMBERS)])
def test_who_may_activate_to_be_in_a_group_is_told_so(access: str, kind: str) -> None:
    world = estate(owns(TEAM, isAssignableToRole=False), eligible(BO, access))
    (edge,) = [one for one in steps(world) if one.targets == (TEAM,)]
    assert (edge.kind, edge.sources, edge.decision.ruling, edge.changes) == (kind, (BO,), Ruling.IF, access == "owner")
    proof = edge.prove(BO, TEAM)
    assert [step.statement for step in proof if step.statement] == ["directory-eligible:i1"]
    assert any(access in step.reason for step in proof)
    assert not any("role of the directory" in step.reason for step in proof)


def test_who_is_in_a_group_or_disabled_activates_nothing() -> None:
    assert steps(estate(owns(TEAM, isAssignableToRole=False), eligible(ANA, "member")), ACTIVATES) == []
    off = someone(BO, enabled=Answer.NO)
    assert steps(estate(owns(TEAM, isAssignableToRole=False), eligible(BO, "member"), off), ACTIVATES) == []


def test_a_role_whose_definition_was_not_told_may_give_what_roles_of_a_tenants_own_can() -> None:
    world = estate(service(APP), owns(APP), owns(TEAM, isAssignableToRole=False), manages(BO, "own"))
    found = [edge for edge in steps(world) if BO in edge.sources and {APP, TEAM} & set(edge.targets)]
    assert {(edge.kind, edge.decision.ruling) for edge in found} == {
        (CREDENTIALS, Ruling.UNKNOWN),
        (MEMBERS, Ruling.UNKNOWN),
    }
    assert all("own" in str(edge.decision.unseen) for edge in found)
