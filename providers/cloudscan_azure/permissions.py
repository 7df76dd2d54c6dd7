"""The least role that a scan needs, as a custom role that can be created as it is, and what Microsoft Graph asks.

Names are those of "Azure permissions" (Azure RBAC documentation) and "Microsoft Graph permissions reference". All of
them read, none of them writes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from cloudscan.provider import STORE_FACETS, Facet
from cloudscan_azure.session import ROLE

_STORAGE = "Microsoft.Storage/storageAccounts"
_BLOBS = f"{_STORAGE}/blobServices/containers/blobs"
_RIGHTS = "Microsoft.Authorization"
_VAULTS = "Microsoft.KeyVault/vaults"
_IDENTITIES = "Microsoft.ManagedIdentity/userAssignedIdentities"
_SPEECH = "Microsoft.CognitiveServices/accounts"
_NAMED = tuple(
    f"{_RIGHTS}/{noun}/read"
    for noun in (
        "denyAssignments",
        "roleAssignments",
        "roleAssignmentScheduleInstances",
        "roleEligibilityScheduleInstances",
    )
)
"""Who is named by whom: what tells which identities count."""
_ACTIONS: Mapping[Facet, tuple[str, ...]] = {
    Facet.ENCRYPTION: (f"{_STORAGE}/encryptionScopes/read",),
    Facet.VERSIONING: (f"{_STORAGE}/blobServices/read",),
    Facet.LIFECYCLE: (f"{_STORAGE}/managementPolicies/read",),
    Facet.REPLICATION: (f"{_STORAGE}/objectReplicationPolicies/read",),
    Facet.INVENTORY: (f"{_STORAGE}/inventoryPolicies/read",),
    Facet.POLICY: (f"{_STORAGE}/blobServices/containers/getAcl/action",),
    Facet.ORGANIZATION: (
        *_NAMED,
        f"{_RIGHTS}/locks/read",
        f"{_RIGHTS}/roleDefinitions/read",
        "Microsoft.ManagedServices/registrationAssignments/read",
    ),
    Facet.PRINCIPALS: (*_NAMED, f"{_VAULTS}/read", f"{_IDENTITIES}/read"),
    Facet.CREDENTIALS: (f"{_STORAGE}/read",),
    Facet.FEDERATIONS: (f"{_IDENTITIES}/read", f"{_IDENTITIES}/federatedIdentityCredentials/read"),
    Facet.KEYS: (f"{_STORAGE}/read", *(f"{_VAULTS}/{noun}" for noun in ("read", "keys/read", "secrets/read"))),
    Facet.WORKLOADS: (
        "Microsoft.App/containerApps/read",
        "Microsoft.App/jobs/read",
        "Microsoft.Automation/automationAccounts/read",
        f"{_SPEECH}/read",
        "Microsoft.Compute/virtualMachineScaleSets/read",
        "Microsoft.Compute/virtualMachines/read",
        "Microsoft.ContainerInstance/containerGroups/read",
        "Microsoft.ContainerService/managedClusters/read",
        "Microsoft.DataFactory/factories/read",
        "Microsoft.HybridCompute/machines/read",
        "Microsoft.Logic/workflows/read",
        "Microsoft.Web/sites/read",
    ),
    Facet.BACKUPS: tuple(
        f"Microsoft.DataProtection/backupVaults/{noun}read"
        for noun in ("", "backupInstances/", "backupInstances/recoveryPoints/", "deletedBackupInstances/")
    ),
    Facet.JOBS: (f"{_SPEECH}/read", f"{_STORAGE}/read"),
    Facet.LOG_SOURCES: (
        "Microsoft.Insights/diagnosticSettings/read",
        "Microsoft.OperationalInsights/workspaces/read",
        f"{_STORAGE}/read",
    ),
}
_DATA: Mapping[Facet, tuple[str, ...]] = {
    Facet.ACL: (f"{_BLOBS}/read",),
    Facet.OBJECTS: (f"{_BLOBS}/read",),
    Facet.HEADS: (f"{_BLOBS}/read",),
    Facet.DELETED: (f"{_BLOBS}/read",),
    Facet.UPLOADS: (f"{_BLOBS}/read",),
    Facet.JOBS: tuple(
        f"{_SPEECH}/SpeechServices/speechrest/{noun}/read"
        for noun in ("datasets", "endpoints", "models", "transcriptions", "transcriptions/files")
    ),
}
_WALK = (
    "Microsoft.Management/managementGroups/descendants/read",
    "Microsoft.Management/managementGroups/read",
    "Microsoft.Resources/subscriptions/read",
)
"""What finding the subscriptions takes, and what lies above them."""
_GRAPH = (
    "Application.Read.All",
    "CustomSecAttributeAssignment.Read.All",
    "Directory.Read.All",
    "GroupMember.Read.All",
    "PrivilegedEligibilitySchedule.Read.AzureADGroup",
    "RoleManagement.Read.Directory",
)
_OF_IDENTITIES = frozenset((Facet.PRINCIPALS, Facet.CREDENTIALS, Facet.FEDERATIONS))
"""The questions that Microsoft Graph answers, all of them on one walk."""


def actions(facets: frozenset[Facet]) -> tuple[str, ...]:
    """Return the actions that answer these facets."""
    needed = set(_WALK)
    needed.update(*(_ACTIONS.get(facet, ()) for facet in facets))
    if not facets.isdisjoint(STORE_FACETS):
        needed |= {f"{_STORAGE}/read", f"{_STORAGE}/blobServices/containers/read"}
    if not facets.isdisjoint(_OF_IDENTITIES):
        needed.update(_ACTIONS[Facet.PRINCIPALS])
    return tuple(sorted(needed))


def data_actions(facets: frozenset[Facet]) -> tuple[str, ...]:
    """Return the data actions that answer these facets. The one that lists blobs reads them, too, without a condition.

    Tags come with a list where lifecycle rules may go by them.
    """
    needed = {each for facet in facets for each in _DATA.get(facet, ())}
    if Facet.LIFECYCLE in facets and not facets.isdisjoint((Facet.OBJECTS, Facet.HEADS)):
        needed.add(f"{_BLOBS}/tags/read")
    return tuple(sorted(needed))


def graph(facets: frozenset[Facet]) -> tuple[str, ...]:
    """Return the permissions of Microsoft Graph that answer these facets."""
    return () if facets.isdisjoint(_OF_IDENTITIES) else _GRAPH


LISTS_ONLY = f"(!(ActionMatches{{'{_BLOBS}/read'}} AND NOT SubOperationMatches{{'Blob.List'}}))"
"""The condition of an assignment that leaves of all reads of blobs their list alone."""


COMMENT = "_comment"
"""What of the definition is for people; the command that creates the role passes over it."""


def definition(facets: frozenset[Facet], *, sniff: bool) -> str:
    """Return the definition of a custom role that the scanner is to be given, with how to give it and what else."""
    data = data_actions(facets)
    made = {
        "Name": ROLE,
        "IsCustom": True,
        "Description": "Read-only role for cloudscan, with the actions that the selected checks need and no others.",
        "Actions": list(actions(facets)),
        "NotActions": [],
        "DataActions": list(data),
        "NotDataActions": [],
        "AssignableScopes": ["/subscriptions/SUBSCRIPTION"],
        COMMENT: [*_how(facets, sniff=sniff, lists=f"{_BLOBS}/read" in data), *_beside(graph(facets))],
    }
    return json.dumps(made, indent=2) + "\n"


_SCOPED = (
    "Put your subscription into AssignableScopes, or a management group that holds it "
    "(/providers/Microsoft.Management/managementGroups/ID), then:"
)
_ASSIGN = (
    f"az role assignment create --role {ROLE} --scope /subscriptions/SUBSCRIPTION "
    "--assignee-object-id OBJECT-ID --assignee-principal-type ServicePrincipal"
)
_ABOVE = (
    "A role with data actions is assigned subscription by subscription. What lies above them takes the built-in role "
    "Management Group Reader on the topmost management group."
)
_LISTS = (
    "The action that lists blobs reads them, too. Without --sniff nothing reads one: to have the assignment list only, "
    f'add --condition-version 2.0 --condition "{LISTS_ONLY}". Of accounts with a hierarchical namespace the access '
    "control lists of containers are not seen then."
)
_INVENTORY = f"For --inventory add {_ACTIONS[Facet.INVENTORY][0]} to the actions."
_GRAPHS = (
    "Identities are told by Microsoft Graph, which no role of Azure opens. The application permissions for the scanner "
    "follow, to each of which an administrator consents. What one of them would show is told as not seen without it."
)


def _how(facets: frozenset[Facet], *, sniff: bool, lists: bool) -> list[str]:
    told = [_SCOPED, "az role definition create --role-definition FILE", _ASSIGN, _ABOVE]
    told += [_LISTS] if lists and not sniff else []
    return [*told, _INVENTORY] if Facet.OBJECTS in facets and Facet.INVENTORY not in facets else told


def _beside(names: tuple[str, ...]) -> list[str]:
    return [_GRAPHS, *names] if names else []
