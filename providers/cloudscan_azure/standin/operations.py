"""The operations that the stand-in knows: those that only read, by their id in Azure's REST references.

From "Azure REST API reference", "Microsoft Graph REST API v1.0" and "Speech to text REST API". A path's ``{}`` is one
segment; it begins with ``{scope}`` where the resource hangs at any scope, and with ``{at}`` where the service has hosts
of its own, which are paths of the one address here. An operation that is not in the table is refused, and so is an API
version that its namespace does not have here: whoever asks a new one says so here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cloudscan_azure.standin.errors import Service

_ANYWHERE = ("{scope}", "{at}")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; ``listed`` is the member that holds a list, "" where one thing is answered."""

    id: str
    service: Service
    verb: str
    segments: tuple[str, ...]
    versions: frozenset[str]
    listed: str

    def takes(self, verb: str, segments: Sequence[str]) -> bool:
        """Whether a request is one of it; the segments are in small letters."""
        mine = self.segments
        if verb != self.verb:
            return False
        if mine[0] in _ANYWHERE:
            mine = mine[1:]
            if len(segments) < len(mine):
                return False
            segments = segments[len(segments) - len(mine) :]
        return len(mine) == len(segments) and all(
            each in ("{}", given) and bool(given) for each, given in zip(mine, segments, strict=True)
        )


def find(verb: str, path: str) -> Operation | None:
    """Return the operation that a request asks for; that with the most words of its own, if several."""
    segments = path.strip("/").lower().split("/")
    found = [each for each in OPERATIONS.values() if each.takes(verb, segments)]
    return max(found, key=lambda each: sum(part != "{}" for part in each.segments), default=None)


_SUB = "/subscriptions/{}"
_GROUP = "/providers/Microsoft.Management/managementGroups/{}"
_STORAGE = f"{_SUB}/resourceGroups/{{}}/providers/Microsoft.Storage/storageAccounts/{{}}"
_BLOBS = f"{_STORAGE}/blobServices/default"
_VAULT = f"{_SUB}/resourceGroups/{{}}/providers/Microsoft.KeyVault/vaults/{{}}"
_BACKUPS = "providers/Microsoft.DataProtection/backupVaults"
_BACKUP = f"{_SUB}/resourceGroups/{{}}/{_BACKUPS}/{{}}/backupInstances"
_ANY = "{scope}/providers/Microsoft.Authorization"

Table = Mapping[str, str]
"""Paths by operation; a list's path ends with ``*``, and a first word is another method than GET."""

_ARM: Sequence[tuple[str, Table]] = [
    (
        "2016-06-01 2020-01-01 2021-01-01 2021-04-01 2022-12-01",
        {
            "Subscriptions_List": "/subscriptions*",
            "Subscriptions_Get": _SUB,
            "Tenants_List": "/tenants*",
            "Resources_List": f"{_SUB}/resources*",
            "ResourceGroups_List": f"{_SUB}/resourcegroups*",
        },
    ),
    (
        "2020-05-01 2021-04-01 2023-04-01",
        {
            "ManagementGroups_List": "/providers/Microsoft.Management/managementGroups*",
            "ManagementGroups_Get": _GROUP,
            "ManagementGroups_GetDescendants": f"{_GROUP}/descendants*",
            "ManagementGroupSubscriptions_GetSubscriptionsUnderManagementGroup": f"{_GROUP}/subscriptions*",
            "Entities_List": "POST /providers/Microsoft.Management/getEntities*",
        },
    ),
    (
        "2021-01-01 2021-09-01 2022-09-01 2023-01-01 2023-04-01 2023-05-01 2024-01-01 2025-01-01",
        {
            "StorageAccounts_List": f"{_SUB}/providers/Microsoft.Storage/storageAccounts*",
            "StorageAccounts_GetProperties": _STORAGE,
            "BlobServices_List": f"{_STORAGE}/blobServices*",
            "BlobServices_GetServiceProperties": _BLOBS,
            "BlobContainers_List": f"{_BLOBS}/containers*",
            "BlobContainers_Get": f"{_BLOBS}/containers/{{}}",
            "BlobContainers_GetImmutabilityPolicy": f"{_BLOBS}/containers/{{}}/immutabilityPolicies/default",
            "ManagementPolicies_Get": f"{_STORAGE}/managementPolicies/default",
            "BlobInventoryPolicies_List": f"{_STORAGE}/inventoryPolicies*",
            "BlobInventoryPolicies_Get": f"{_STORAGE}/inventoryPolicies/default",
            "EncryptionScopes_List": f"{_STORAGE}/encryptionScopes*",
            "EncryptionScopes_Get": f"{_STORAGE}/encryptionScopes/{{}}",
            "ObjectReplicationPolicies_List": f"{_STORAGE}/objectReplicationPolicies*",
            "LocalUsers_List": f"{_STORAGE}/localUsers*",
            "PrivateEndpointConnections_List": f"{_STORAGE}/privateEndpointConnections*",
            "DeletedAccounts_ListStorage": f"{_SUB}/providers/Microsoft.Storage/deletedAccounts*",
        },
    ),
    (
        "2023-11-01 2024-04-01 2025-01-01",
        {
            "BackupVaults_GetInSubscription": f"{_SUB}/{_BACKUPS}*",
            "BackupInstances_List": f"{_BACKUP}*",
            "DeletedBackupInstances_List": f"{_SUB}/resourceGroups/{{}}/{_BACKUPS}/{{}}/deletedBackupInstances*",
            "RecoveryPoints_List": f"{_BACKUP}/{{}}/recoveryPoints*",
        },
    ),
    (
        "2018-07-01-preview 2022-04-01 2022-05-01-preview",
        {
            "RoleAssignments_ListForSubscription": f"{_SUB}/providers/Microsoft.Authorization/roleAssignments*",
            "RoleAssignments_ListForScope": f"{_ANY}/roleAssignments*",
            "RoleAssignments_Get": f"{_ANY}/roleAssignments/{{}}",
            "RoleDefinitions_List": f"{_ANY}/roleDefinitions*",
            "RoleDefinitions_Get": f"{_ANY}/roleDefinitions/{{}}",
            "DenyAssignments_List": f"{_SUB}/providers/Microsoft.Authorization/denyAssignments*",
            "DenyAssignments_ListForScope": f"{_ANY}/denyAssignments*",
        },
    ),
    (
        "2020-10-01 2020-10-01-preview 2022-04-01-preview",
        {
            "RoleEligibilityScheduleInstances_ListForScope": f"{_ANY}/roleEligibilityScheduleInstances*",
            "RoleEligibilitySchedules_ListForScope": f"{_ANY}/roleEligibilitySchedules*",
            "RoleAssignmentScheduleInstances_ListForScope": f"{_ANY}/roleAssignmentScheduleInstances*",
            "RoleManagementPolicyAssignments_ListForScope": f"{_ANY}/roleManagementPolicyAssignments*",
            "RoleManagementPolicies_ListForScope": f"{_ANY}/roleManagementPolicies*",
        },
    ),
    (
        "2015-07-01",
        {"ClassicAdministrators_List": f"{_SUB}/providers/Microsoft.Authorization/classicAdministrators*"},
    ),
    (
        "2016-09-01 2020-05-01",
        {
            "ManagementLocks_ListAtSubscriptionLevel": f"{_SUB}/providers/Microsoft.Authorization/locks*",
            "ManagementLocks_ListByScope": f"{_ANY}/locks*",
        },
    ),
    (
        "2017-04-18 2023-05-01 2024-10-01 2025-06-01",
        {
            "Accounts_List": f"{_SUB}/providers/Microsoft.CognitiveServices/accounts*",
            "Accounts_Get": f"{_SUB}/resourceGroups/{{}}/providers/Microsoft.CognitiveServices/accounts/{{}}",
            "DeletedAccounts_List": f"{_SUB}/providers/Microsoft.CognitiveServices/deletedAccounts*",
        },
    ),
    (
        "2021-05-01-preview",
        {"DiagnosticSettings_List": "{scope}/providers/Microsoft.Insights/diagnosticSettings*"},
    ),
    (
        "2015-11-01 2019-09-01 2021-10-01 2022-07-01 2023-02-01 2023-07-01 2024-11-01",
        {
            "Vaults_ListBySubscription": f"{_SUB}/providers/Microsoft.KeyVault/vaults*",
            "Vaults_Get": _VAULT,
            "Vaults_ListDeleted": f"{_SUB}/providers/Microsoft.KeyVault/deletedVaults*",
            "Keys_List": f"{_VAULT}/keys*",
            "Keys_Get": f"{_VAULT}/keys/{{}}",
            "Secrets_List": f"{_VAULT}/secrets*",
            "ManagedHsms_ListBySubscription": f"{_SUB}/providers/Microsoft.KeyVault/managedHSMs*",
        },
    ),
    (
        "2018-11-30 2023-01-31 2024-11-30",
        {
            "UserAssignedIdentities_ListBySubscription": (
                f"{_SUB}/providers/Microsoft.ManagedIdentity/userAssignedIdentities*"
            ),
            "FederatedIdentityCredentials_List": (
                f"{_SUB}/resourceGroups/{{}}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{{}}"
                "/federatedIdentityCredentials*"
            ),
        },
    ),
    (
        "2023-03-01 2023-09-01 2024-03-01 2024-07-01 2024-11-01",
        {
            "VirtualMachines_ListAll": f"{_SUB}/providers/Microsoft.Compute/virtualMachines*",
            "VirtualMachineScaleSets_ListAll": f"{_SUB}/providers/Microsoft.Compute/virtualMachineScaleSets*",
        },
    ),
    (
        "2022-03-01 2022-09-01 2023-01-01 2023-12-01 2024-04-01",
        {
            "WebApps_List": f"{_SUB}/providers/Microsoft.Web/sites*",
            "WebApps_ListSlots": f"{_SUB}/resourceGroups/{{}}/providers/Microsoft.Web/sites/{{}}/slots*",
            "StaticSites_List": f"{_SUB}/providers/Microsoft.Web/staticSites*",
        },
    ),
    (
        "2022-08-08 2023-11-01 2024-10-23",
        {"AutomationAccount_List": f"{_SUB}/providers/Microsoft.Automation/automationAccounts*"},
    ),
    ("2019-05-01", {"Workflows_ListBySubscription": f"{_SUB}/providers/Microsoft.Logic/workflows*"}),
    (
        "2023-05-01 2024-03-01 2025-01-01",
        {
            "ContainerApps_ListBySubscription": f"{_SUB}/providers/Microsoft.App/containerApps*",
            "Jobs_ListBySubscription": f"{_SUB}/providers/Microsoft.App/jobs*",
        },
    ),
    ("2023-05-01", {"ContainerGroups_List": f"{_SUB}/providers/Microsoft.ContainerInstance/containerGroups*"}),
    (
        "2023-10-01 2024-05-01 2024-09-01 2025-01-01",
        {"ManagedClusters_List": f"{_SUB}/providers/Microsoft.ContainerService/managedClusters*"},
    ),
    (
        "2020-02-01-preview 2022-10-01",
        {"RegistrationAssignments_List": "{scope}/providers/Microsoft.ManagedServices/registrationAssignments*"},
    ),
    ("2024-07-10", {"Machines_ListBySubscription": f"{_SUB}/providers/Microsoft.HybridCompute/machines*"}),
    ("2018-06-01", {"Factories_List": f"{_SUB}/providers/Microsoft.DataFactory/factories*"}),
    (
        "2020-08-01 2022-10-01 2023-09-01 2025-02-01",
        {"Workspaces_List": f"{_SUB}/providers/Microsoft.OperationalInsights/workspaces*"},
    ),
    (
        "2023-04-01 2024-05-01",
        {"PrivateEndpoints_ListBySubscription": f"{_SUB}/providers/Microsoft.Network/privateEndpoints*"},
    ),
]

_GRAPH: Table = {
    "organization_List": "/v1.0/organization*",
    "users_List": "/v1.0/users*",
    "users_Get": "/v1.0/users/{}",
    "users_transitiveMemberOf": "/v1.0/users/{}/transitiveMemberOf*",
    "groups_List": "/v1.0/groups*",
    "groups_Get": "/v1.0/groups/{}",
    "groups_members": "/beta/groups/{}/members*",
    "groups_transitiveMembers": "/v1.0/groups/{}/transitiveMembers*",
    "groups_owners": "/beta/groups/{}/owners*",
    "groups_transitiveMemberOf": "/v1.0/groups/{}/transitiveMemberOf*",
    "servicePrincipals_List": "/v1.0/servicePrincipals*",
    "servicePrincipals_Get": "/v1.0/servicePrincipals/{}",
    "servicePrincipals_owners": "/v1.0/servicePrincipals/{}/owners*",
    "servicePrincipals_appRoleAssignedTo": "/v1.0/servicePrincipals/{}/appRoleAssignedTo*",
    "servicePrincipals_appRoleAssignments": "/v1.0/servicePrincipals/{}/appRoleAssignments*",
    "servicePrincipals_ListAppRoleAssigned": "/v1.0/servicePrincipals/{}/appRoleAssignedTo*",
    "servicePrincipals_transitiveMemberOf": "/v1.0/servicePrincipals/{}/transitiveMemberOf*",
    "applications_List": "/v1.0/applications*",
    "applications_Get": "/v1.0/applications/{}",
    "applications_owners": "/v1.0/applications/{}/owners*",
    "applications_federatedIdentityCredentials": "/v1.0/applications/{}/federatedIdentityCredentials*",
    "directoryRoles_List": "/v1.0/directoryRoles*",
    "directoryRoles_members": "/v1.0/directoryRoles/{}/members*",
    "directoryRoleAssignments_List": "/v1.0/roleManagement/directory/roleAssignments*",
    "directoryRoleDefinitions_List": "/v1.0/roleManagement/directory/roleDefinitions*",
    "directoryRoleEligibility_List": "/v1.0/roleManagement/directory/roleEligibilityScheduleInstances*",
    "groupEligibility_List": "/v1.0/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances*",
    "crossTenantAccessPolicy_Get": "/v1.0/policies/crossTenantAccessPolicy",
    "authorizationPolicy_Get": "/v1.0/policies/authorizationPolicy",
    "directoryObjects_getByIds": "POST /v1.0/directoryObjects/getByIds*",
}

_SPEECH: Table = {
    "Transcriptions_List": "transcriptions*",
    "Transcriptions_Get": "transcriptions/{}",
    "Transcriptions_ListFiles": "transcriptions/{}/files*",
    "Transcriptions_GetFile": "transcriptions/{}/files/{}",
    "Datasets_List": "datasets*",
    "Datasets_ListFiles": "datasets/{}/files*",
    "Models_ListCustomModels": "models*",
    "Models_ListFiles": "models/{}/files*",
    "Endpoints_List": "endpoints*",
    "Evaluations_List": "evaluations*",
    "WebHooks_List": "webhooks*",
}
_OLDER_SPEECH: Table = {
    **_SPEECH,
    "Endpoints_ListLogs": "endpoints/{}/files/logs*",
    "Endpoints_ListBaseModelLogs": "endpoints/base/{}/files/logs*",
    "Projects_List": "projects*",
}
SPEECH_VERSIONS = ("2024-11-15", "2025-10-15")
SPEECH_PATH_VERSIONS = ("v3.1", "v3.2")
"""Versions that a path names; they take no ``api-version``."""

_VAULTS: Table = {
    "GetKeys": "keys*",
    "GetKey": "keys/{}",
    "GetKeyVersions": "keys/{}/versions*",
    "GetKeyRotationPolicy": "keys/{}/rotationpolicy",
    "GetSecrets": "secrets*",
    "GetSecretVersions": "secrets/{}/versions*",
    "GetCertificates": "certificates*",
}
_VAULT_VERSIONS = "7.4 7.5 7.6"


def _every() -> Iterator[Operation]:
    for versions, table in _ARM:
        yield from _read("arm", table, versions, "value")
    yield from _read("graph", _GRAPH, "", "value")
    table = {name: f"{{at}}/speechtotext/{path}" for name, path in _SPEECH.items()}
    yield from _read("speech", table, " ".join(SPEECH_VERSIONS), "values")
    for each in SPEECH_PATH_VERSIONS:
        table = {f"{name}/{each}": f"{{at}}/speechtotext/{each}/{path}" for name, path in _OLDER_SPEECH.items()}
        yield from _read("speech", table, "", "values")
    table = {name: f"/vault/{{}}/{path}" for name, path in _VAULTS.items()}
    yield from _read("vault", table, _VAULT_VERSIONS, "value")


def _read(service: Service, table: Table, versions: str, listed: str) -> Iterator[Operation]:
    for name, told in table.items():
        verb, _, path = told.rpartition(" ")
        segments = tuple(path.removesuffix("*").strip("/").lower().split("/"))
        known = frozenset(versions.split())
        yield Operation(name, service, verb or "GET", segments, known, listed if path.endswith("*") else "")


OPERATIONS: Mapping[str, Operation] = {each.id: each for each in _every()}
