"""What roles of the directory, and app roles of Microsoft Graph, let one do with identities. Data, no code.

From "Microsoft Entra built-in roles" and "Microsoft Graph permissions reference". Roles are known by the ids of their
templates, which are the same in every tenant; app roles by their names, in small letters, or by their ids.
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
_APP_ROLES = {
    "application.readwrite.all": "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9",
    "approleassignment.readwrite.all": "06b708a9-e830-4db3-a914-8e69da51d44f",
    "rolemanagement.readwrite.directory": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8",
    "group.readwrite.all": "62a82d76-70ea-41e2-9197-370581804d09",
    "groupmember.readwrite.all": "dbaae8cf-10b5-4b86-a4a1-f871c94c6695",
    "directory.readwrite.all": "19dbc75e-c2e2-444c-a770-ec69d8559fc7",
}

OF_GROUP = ("group-member", "group-owner")
"""What one is eligible for who may activate to be a member or owner of one group."""


def _known(*roles: str) -> frozenset[str]:
    return frozenset({*roles, *(_APP_ROLES[one] for one in roles if one in _APP_ROLES)})


GIVES: Mapping[str, frozenset[str]] = {
    ELEVATES: _known(GLOBAL),
    CREDENTIALS: _known(GLOBAL, _APPLICATION, _CLOUD_APPLICATION, "application.readwrite.all"),
    MEMBERS: _known(
        GLOBAL,
        _PRIVILEGED_ROLE,
        _GROUPS,
        _USER,
        _WRITERS,
        _INTUNE,
        "group.readwrite.all",
        "groupmember.readwrite.all",
        "directory.readwrite.all",
        *OF_GROUP,
    ),
    ROLES: _known(_PRIVILEGED_ROLE, "rolemanagement.readwrite.directory"),
    PERMISSIONS: _known("approleassignment.readwrite.all"),
}
"""Which roles give what."""
OVER_ROLES = _known(GLOBAL, _PRIVILEGED_ROLE, *OF_GROUP)
"""Which of them may put members into groups that roles of the directory can be given to."""
SUPREME = GIVES[ELEVATES] | GIVES[ROLES] | GIVES[PERMISSIONS]
"""Who has one of these is a Global Administrator, or makes itself one."""
