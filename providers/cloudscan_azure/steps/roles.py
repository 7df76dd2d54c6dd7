"""What roles of the directory, and app roles of Microsoft Graph, let one do with identities. Data, no code.

From "Microsoft Entra built-in roles" and "Microsoft Graph permissions reference". Roles are known by the ids of their
templates, which are the same in every tenant; app roles by their names, in small letters, or by their ids. Roles of a
tenant's own are known by the actions that they allow, in small letters, from "App registration permissions for custom
roles", "Enterprise application permissions for custom roles" and "Group management permissions for custom roles".
"""

from __future__ import annotations

from collections.abc import Mapping

CREDENTIALS = "microsoft.directory/applications/credentials/update"
MEMBERS = "microsoft.directory/groups/members/update"
ELEVATES = "Microsoft.Authorization/elevateAccess/action"
ROLES = "microsoft.directory/roleAssignments/allProperties/allTasks"
PERMISSIONS = "AppRoleAssignment.ReadWrite.All"

GLOBAL = "62e90394-69f5-4237-9190-012177145e10"
"""Global Administrator: everything, also at the root of Azure after elevating access."""
_APPLICATION, _CLOUD_APPLICATION = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "158c047a-c907-4556-b7ef-446551a6b5f7"
_PRIVILEGED_ROLE = "e8611ab8-c189-46e8-94e1-60213ab1f814"
_GROUPS, _USER = "fdd7a751-b60b-444a-984c-02652fe8fa1c", "fe930be7-5e62-47db-91af-98c3a49a38b1"
_WRITERS, _INTUNE = "9360feb5-f418-4baa-8175-e2a00bac4301", "3a2c62db-5318-420d-8d74-23affee5d9d5"
_WINDOWS_365 = "11451d60-acb2-45eb-a7d6-43d0f0125c13"
_KNOWLEDGE, _KNOWLEDGE_MANAGER = "b5a8dcf3-09d5-43a9-a639-8e29ef291470", "744ec460-397e-42ad-a462-8b3f9747a02c"
_GOVERNANCE = "45d8d3c5-c802-45c6-b32a-1d70b5e1e86e"
_PARTNER_1, _PARTNER_2 = "4ba39ca4-527c-499a-b93d-d9b492c50246", "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8"
_APP_ROLES = {
    "application.readwrite.all": "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9",
    "approleassignment.readwrite.all": "06b708a9-e830-4db3-a914-8e69da51d44f",
    "rolemanagement.readwrite.directory": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8",
    "roleassignmentschedule.readwrite.directory": "dd199f4a-f148-40a4-a2ec-f0069cc799ec",
    "group.readwrite.all": "62a82d76-70ea-41e2-9197-370581804d09",
    "groupmember.readwrite.all": "dbaae8cf-10b5-4b86-a4a1-f871c94c6695",
    "directory.readwrite.all": "19dbc75e-c2e2-444c-a770-ec69d8559fc7",
}

MEMBER, OWNER = "group-member", "group-owner"
"""What one is eligible for who may activate to be a member or owner of one group."""


def _actions(*names: str) -> frozenset[str]:
    return frozenset(f"microsoft.directory/{name}" for name in names)


def _known(*roles: str) -> frozenset[str]:
    return frozenset({*roles, *(_APP_ROLES[one] for one in roles if one in _APP_ROLES)})


OF_SECURITY_GROUPS = frozenset({_INTUNE, _WINDOWS_365, _KNOWLEDGE, _KNOWLEDGE_MANAGER}) | _actions(
    "groups.security/members/update",
    "groups.security.assignedmembership/members/update",
    "groups.security/allproperties/update",
)
"""What lets one put members into security groups, and into no group of Microsoft 365."""
GIVES: Mapping[str, frozenset[str]] = {
    ELEVATES: _known(GLOBAL),
    CREDENTIALS: _known(GLOBAL, _APPLICATION, _CLOUD_APPLICATION, _PARTNER_1, _PARTNER_2, "application.readwrite.all")
    | _actions(
        "applications/credentials/update",
        "applications.myorganization/credentials/update",
        "applications/allproperties/update",
        "applications.myorganization/allproperties/update",
        "serviceprincipals/credentials/update",
        "serviceprincipals/allproperties/update",
    ),
    MEMBERS: _known(
        GLOBAL,
        _PRIVILEGED_ROLE,
        _GROUPS,
        _USER,
        _WRITERS,
        _GOVERNANCE,
        _PARTNER_1,
        _PARTNER_2,
        "group.readwrite.all",
        "groupmember.readwrite.all",
        "directory.readwrite.all",
        OWNER,
    )
    | _actions("groups/members/update", "groups/allproperties/update")
    | OF_SECURITY_GROUPS,
    ROLES: _known(_PRIVILEGED_ROLE, "rolemanagement.readwrite.directory", "roleassignmentschedule.readwrite.directory"),
    PERMISSIONS: _known("approleassignment.readwrite.all"),
}
"""Which roles, app roles and allowed actions give what."""
KNOWN = frozenset({MEMBER}).union(*GIVES.values())
"""What gives anything; of a role with another id its definition says whether it does."""
DELEGABLE = (CREDENTIALS, MEMBERS)
"""What roles of a tenant's own can give."""
OVER_ROLES = _known(GLOBAL, _PRIVILEGED_ROLE, OWNER)
"""Which of them may put members into groups that roles of the directory can be given to."""
SUPREME = GIVES[ELEVATES] | GIVES[ROLES] | GIVES[PERMISSIONS]
"""Who has one of these is a Global Administrator, or makes itself one."""
