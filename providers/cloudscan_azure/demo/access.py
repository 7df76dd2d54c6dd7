"""The demo's role assignments, and the roles that they name, with those permissions that matter to recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloudscan_azure.demo.names import GROUP, SCOPE, TRAINING, VOICE, account_id, container_id, guid
from cloudscan_azure.demo.people import GUEST, SPEECH, SUPPORT, USERS

if TYPE_CHECKING:
    from cloudscan_azure.demo.estate import Builder

Told = dict[str, Any]
_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
_ROLES: dict[str, tuple[str, list[str], list[str], list[str]]] = {
    # Name: its id in every tenant ("Azure built-in roles"), actions, what is taken from them, data actions.
    "Owner": ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", ["*"], [], []),
    "Reader": ("acdd72a7-3385-48ef-bd42-f606fba81ae7", ["*/read"], [], []),
    "Storage Account Contributor": (
        "17d1049b-9a84-46fb-8f53-869881c3d3ab",
        ["Microsoft.Storage/storageAccounts/*", "Microsoft.Authorization/*/read"],
        [],
        [],
    ),
    "Website Contributor": (
        "de139f84-1756-47ae-9be6-808fbbe84772",
        ["Microsoft.Web/sites/*", "Microsoft.Web/serverFarms/join/action", "Microsoft.Authorization/*/read"],
        [],
        [],
    ),
    "Storage Blob Data Owner": (
        "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
        ["Microsoft.Storage/storageAccounts/blobServices/containers/*"],
        [],
        [f"{_BLOBS}/*"],
    ),
    "Storage Blob Data Contributor": (
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        ["Microsoft.Storage/storageAccounts/blobServices/containers/read"],
        [],
        [f"{_BLOBS}/delete", f"{_BLOBS}/read", f"{_BLOBS}/write", f"{_BLOBS}/add/action"],
    ),
    "Storage Blob Data Reader": (
        "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
        ["Microsoft.Storage/storageAccounts/blobServices/containers/read"],
        [],
        [f"{_BLOBS}/read"],
    ),
}
_READER, _WRITER = "Storage Blob Data Reader", "Storage Blob Data Contributor"
_ASSIGNED = (
    # Who, as what, where. Ana owns the subscription, and so may give herself whatever she has not.
    ("ana", "Owner", SCOPE),
    (SUPPORT, "Reader", SCOPE),
    ("ana", _READER, container_id(VOICE, "voicemail")),
    ("ana", _READER, container_id(VOICE, "calls")),
    ("transcriber", _READER, container_id(VOICE, "calls")),
    ("transcriber", _WRITER, container_id(VOICE, "transcripts")),
    (SPEECH, _WRITER, container_id(VOICE, "transcripts")),
    ("quality-review", _READER, container_id(VOICE, "calls")),
    ("quality-review", _READER, container_id(VOICE, "transcripts")),
    # More read what was said than hear it.
    ("cara", _READER, container_id(VOICE, "transcripts")),
    ("summariser", _READER, container_id(VOICE, "calls")),
    # The vendor's guest reads what she labels.
    (GUEST, _READER, container_id(TRAINING, "labelled")),
    # Ben reads nothing himself; the keys of the account that he looks after open all of it.
    ("ben", "Storage Account Contributor", account_id(TRAINING)),
    # Who puts new code into the web app becomes what it runs as.
    ("ci-deploy", "Website Contributor", GROUP),
)
_ELIGIBLE = (("dan", _READER, container_id(VOICE, "calls")),)
"""What may be activated: Dan hears calls only when he says why."""


def build(make: Builder) -> None:
    """Tell of roles, assignments, and a lock that keeps the main account from being deleted."""
    azure = make.azure
    authorization = f"{SCOPE}/providers/Microsoft.Authorization"
    azure.pages(f"{authorization}/roleDefinitions", [_role(name) for name in _ROLES])
    azure.pages(f"{authorization}/roleAssignments", [_assigned(*each) for each in _ASSIGNED])
    azure.pages(f"{authorization}/roleEligibilityScheduleInstances", [_eligible(make, *each) for each in _ELIGIBLE])
    lock = {"level": "CanNotDelete", "notes": "Calls are evidence."}
    name = f"{account_id(VOICE)}/providers/Microsoft.Authorization/locks/keep"
    azure.pages(f"{authorization}/locks", [{"id": name, "name": "keep", "properties": lock}])


def _definition(role: str) -> str:
    return f"{SCOPE}/providers/Microsoft.Authorization/roleDefinitions/{_ROLES[role][0]}"


def _role(name: str) -> Told:
    own, actions, taken, data = _ROLES[name]
    permission = {"actions": actions, "notActions": taken, "dataActions": data, "notDataActions": []}
    properties = {"roleName": name, "type": "BuiltInRole", "permissions": [permission], "assignableScopes": ["/"]}
    kind = "Microsoft.Authorization/roleDefinitions"
    return {"id": _definition(name), "name": own, "type": kind, "properties": properties}


def _assignment(who: str, role: str, scope: str) -> Told:
    kind = "User" if who in (*USERS, GUEST) else "Group" if who == SUPPORT else "ServicePrincipal"
    return {"scope": scope, "roleDefinitionId": _definition(role), "principalId": guid(who), "principalType": kind}


def _assigned(who: str, role: str, scope: str) -> Told:
    own = guid(f"{who} {role} {scope}")
    name = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{own}"
    return {"id": name, "name": own, "properties": _assignment(who, role, scope)}


def _eligible(make: Builder, who: str, role: str, scope: str) -> Told:
    own = guid(f"eligible {who} {role} {scope}")
    name = f"{scope}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances/{own}"
    more = {"status": "Provisioned", "memberType": "Direct", "startDateTime": make.ago(100)}
    return {"id": name, "name": own, "properties": _assignment(who, role, scope) | more}
