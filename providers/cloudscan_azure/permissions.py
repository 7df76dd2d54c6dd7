"""The least role that a scan needs, as a custom role that can be deployed as it is.

Names are those of "Azure resource provider operations" and "Azure custom roles". All of them read, none of them writes;
actions are asked of Azure Resource Manager, data actions of the services themselves.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from cloudscan.provider import STORE_FACETS, Facet
from cloudscan_azure.session import ROLE

_STORAGE = "Microsoft.Storage/storageAccounts"
_CONTAINERS = f"{_STORAGE}/blobServices/containers"
_BLOBS = f"{_CONTAINERS}/blobs/read"
_SPEECH = "Microsoft.CognitiveServices/accounts"
_VAULTS = "Microsoft.KeyVault/vaults"
_IDENTITIES = "Microsoft.ManagedIdentity/userAssignedIdentities"
_COMPUTE = (
    "Microsoft.App/containerApps/read",
    "Microsoft.App/jobs/read",
    "Microsoft.Automation/automationAccounts/read",
    "Microsoft.Compute/virtualMachineScaleSets/read",
    "Microsoft.Compute/virtualMachines/read",
    "Microsoft.ContainerInstance/containerGroups/read",
    "Microsoft.ContainerService/managedClusters/read",
    "Microsoft.DataFactory/factories/read",
    "Microsoft.HybridCompute/machines/read",
    "Microsoft.Logic/workflows/read",
    "Microsoft.Web/sites/read",
    f"{_SPEECH}/read",
)
_RIGHTS = tuple(
    f"Microsoft.Authorization/{noun}/read"
    for noun in (
        "denyAssignments",
        "locks",
        "roleAssignmentScheduleInstances",
        "roleAssignments",
        "roleDefinitions",
        "roleEligibilityScheduleInstances",
    )
)
_ACTIONS: Mapping[Facet, tuple[str, ...]] = {
    Facet.ENCRYPTION: (f"{_STORAGE}/encryptionScopes/read",),
    Facet.VERSIONING: (f"{_STORAGE}/blobServices/read",),
    Facet.LIFECYCLE: (f"{_STORAGE}/managementPolicies/read",),
    Facet.REPLICATION: (f"{_STORAGE}/objectReplicationPolicies/read",),
    Facet.INVENTORY: (f"{_STORAGE}/inventoryPolicies/read",),
    Facet.CREDENTIALS: (f"{_STORAGE}/read",),
    # What is assigned to whom names the identities that are looked up.
    Facet.PRINCIPALS: (*_RIGHTS, f"{_IDENTITIES}/read", f"{_VAULTS}/read", *_COMPUTE),
    Facet.WORKLOADS: _COMPUTE,
    Facet.FEDERATIONS: (*_RIGHTS, f"{_IDENTITIES}/read", f"{_IDENTITIES}/federatedIdentityCredentials/read"),
    Facet.KEYS: (f"{_VAULTS}/read", f"{_VAULTS}/keys/read", f"{_VAULTS}/secrets/read"),
    Facet.JOBS: (f"{_SPEECH}/read", f"{_STORAGE}/read"),
    Facet.LOG_SOURCES: (
        f"{_STORAGE}/read",
        "Microsoft.Insights/diagnosticSettings/read",
        "Microsoft.OperationalInsights/workspaces/read",
    ),
    Facet.ORGANIZATION: _RIGHTS,
}
_DATA: Mapping[Facet, tuple[str, ...]] = {
    Facet.ACL: (_BLOBS,),
    Facet.OBJECTS: (_BLOBS,),
    Facet.DELETED: (_BLOBS,),
    Facet.HEADS: (_BLOBS,),
    Facet.JOBS: tuple(
        f"{_SPEECH}/SpeechServices/speechrest/{noun}/read"
        for noun in ("datasets", "endpoints", "models", "transcriptions", "transcriptions/files")
    ),
}
_POLICIES = f"{_CONTAINERS}/getAcl/action"
_TAGS = f"{_CONTAINERS}/blobs/tags/read"


def actions(facets: frozenset[Facet]) -> tuple[str, ...]:
    """Return the actions that answer these facets."""
    needed = {"Microsoft.Resources/subscriptions/read", "Microsoft.Management/managementGroups/read"}
    needed.add("Microsoft.Management/managementGroups/descendants/read")
    needed.update(*(_ACTIONS.get(facet, ()) for facet in facets))
    if not facets.isdisjoint(STORE_FACETS):
        needed |= {f"{_STORAGE}/read", f"{_CONTAINERS}/read"}
    if Facet.POLICY in facets:
        needed.add(_POLICIES)
    return tuple(sorted(needed))


def data_actions(facets: frozenset[Facet]) -> tuple[str, ...]:
    """Return the data actions that answer these facets. Azure does not tell listing blobs and reading them apart."""
    needed = {name for facet in facets for name in _DATA.get(facet, ())}
    if Facet.LIFECYCLE in facets and _BLOBS in needed:
        needed.add(_TAGS)
    return tuple(sorted(needed))


def definition(facets: frozenset[Facet]) -> str:
    """Return the definition of a custom role that whoever scans is to be assigned.

    Who is in groups, and who owns applications, no role of Azure tells: that takes permissions of Microsoft Graph.
    """
    told = {
        "Name": ROLE,
        "IsCustom": True,
        "Description": _DESCRIPTION,
        "Actions": actions(facets),
        "NotActions": [],
        "DataActions": data_actions(facets),
        "NotDataActions": [],
        "AssignableScopes": ["/subscriptions/SUBSCRIPTION"],
    }
    return json.dumps(told, indent=2) + "\n"


_DESCRIPTION = (
    "Read-only role for cloudscan, with the permissions that the selected checks need and no others. "
    "Put your subscriptions into AssignableScopes, then: az role definition create --role-definition @FILE; "
    "az role assignment create --role cloudscan --scope /subscriptions/SUBSCRIPTION --assignee OBJECT-ID. "
    "Groups, owners and applications take an administrator's consent to Directory.Read.All and Application.Read.All "
    "of Microsoft Graph."
)
