"""Hold what is answered to the models of Azure's own libraries, and Speech's answers to its reference.

Microsoft Graph and a few lists of Azure Resource Manager are held to no schema, since their libraries are larger than
all that this project needs.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cloudscan_azure.standin.operations import Operation
from cloudscan_azure.standin.speech import SCHEMAS

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

_PACKAGES: Mapping[str, Mapping[str, str]] = {
    "azure.mgmt.storage.models": {
        "StorageAccounts_List": "StorageAccount",
        "StorageAccounts_GetProperties": "StorageAccount",
        "BlobServices_List": "BlobServiceProperties",
        "BlobServices_GetServiceProperties": "BlobServiceProperties",
        "BlobContainers_List": "ListContainerItem",
        "BlobContainers_Get": "BlobContainer",
        "BlobContainers_GetImmutabilityPolicy": "ImmutabilityPolicy",
        "ManagementPolicies_Get": "ManagementPolicy",
        "BlobInventoryPolicies_List": "BlobInventoryPolicy",
        "BlobInventoryPolicies_Get": "BlobInventoryPolicy",
        "EncryptionScopes_List": "EncryptionScope",
        "EncryptionScopes_Get": "EncryptionScope",
        "ObjectReplicationPolicies_List": "ObjectReplicationPolicy",
        "LocalUsers_List": "LocalUser",
        "PrivateEndpointConnections_List": "PrivateEndpointConnection",
        "DeletedAccounts_ListStorage": "DeletedAccount",
    },
    "azure.mgmt.authorization.v2022_04_01.models": {
        "RoleAssignments_ListForSubscription": "RoleAssignment",
        "RoleAssignments_ListForScope": "RoleAssignment",
        "RoleAssignments_Get": "RoleAssignment",
        "RoleDefinitions_List": "RoleDefinition",
        "RoleDefinitions_Get": "RoleDefinition",
        "DenyAssignments_List": "DenyAssignment",
        "DenyAssignments_ListForScope": "DenyAssignment",
    },
    "azure.mgmt.authorization.v2020_10_01.models": {
        "RoleEligibilityScheduleInstances_ListForScope": "RoleEligibilityScheduleInstance",
        "RoleEligibilitySchedules_ListForScope": "RoleEligibilitySchedule",
        "RoleAssignmentScheduleInstances_ListForScope": "RoleAssignmentScheduleInstance",
        "RoleManagementPolicyAssignments_ListForScope": "RoleManagementPolicyAssignment",
        "RoleManagementPolicies_ListForScope": "RoleManagementPolicy",
    },
    "azure.mgmt.authorization.v2015_07_01.models": {"ClassicAdministrators_List": "ClassicAdministrator"},
    "azure.mgmt.cognitiveservices.models": {
        "Accounts_List": "Account",
        "Accounts_Get": "Account",
        "DeletedAccounts_List": "Account",
    },
    "azure.mgmt.dataprotection.models": {
        "BackupVaults_GetInSubscription": "BackupVaultResource",
        "BackupInstances_List": "BackupInstanceResource",
        "DeletedBackupInstances_List": "DeletedBackupInstanceResource",
        "RecoveryPoints_List": "AzureBackupRecoveryPointResource",
    },
    "azure.mgmt.keyvault.models": {
        "Vaults_ListBySubscription": "Vault",
        "Vaults_Get": "Vault",
        "Vaults_ListDeleted": "DeletedVault",
        "Keys_List": "Key",
        "Keys_Get": "Key",
        "Secrets_List": "Secret",
        "ManagedHsms_ListBySubscription": "ManagedHsm",
    },
    "azure.mgmt.resource.subscriptions.models": {
        "Subscriptions_List": "Subscription",
        "Subscriptions_Get": "Subscription",
        "Tenants_List": "TenantIdDescription",
    },
    "azure.mgmt.managementgroups.models": {
        "ManagementGroups_List": "ManagementGroupInfo",
        "ManagementGroups_Get": "ManagementGroup",
        "ManagementGroups_GetDescendants": "DescendantInfo",
        "ManagementGroupSubscriptions_GetSubscriptionsUnderManagementGroup": "SubscriptionUnderManagementGroup",
        "Entities_List": "EntityInfo",
    },
    "azure.mgmt.resource.locks.models": {
        "ManagementLocks_ListAtSubscriptionLevel": "ManagementLockObject",
        "ManagementLocks_ListByScope": "ManagementLockObject",
    },
    "azure.mgmt.monitor.v2021_05_01_preview.models": {"DiagnosticSettings_List": "DiagnosticSettingsResource"},
    "azure.mgmt.msi.models": {
        "UserAssignedIdentities_ListBySubscription": "Identity",
        "FederatedIdentityCredentials_List": "FederatedIdentityCredential",
    },
    "azure.mgmt.compute.models": {
        "VirtualMachines_ListAll": "VirtualMachine",
        "VirtualMachineScaleSets_ListAll": "VirtualMachineScaleSet",
    },
    "azure.mgmt.web.models": {
        "WebApps_List": "Site",
        "WebApps_ListSlots": "Site",
        "StaticSites_List": "StaticSiteARMResource",
    },
    "azure.mgmt.automation.models": {"AutomationAccount_List": "AutomationAccount"},
    "azure.mgmt.logic.models": {"Workflows_ListBySubscription": "Workflow"},
    "azure.mgmt.appcontainers.models": {
        "ContainerApps_ListBySubscription": "ContainerApp",
        "Jobs_ListBySubscription": "Job",
    },
    "azure.mgmt.containerservice.models": {"ManagedClusters_List": "ManagedCluster"},
}
"""The model of each operation's answer, or of an entry of it, by the package that has it."""

HELD: Mapping[str, tuple[str, str]] = {
    operation: (package, model) for package, models in _PACKAGES.items() for operation, model in models.items()
}


class NotAllowed(ValueError):
    """An answer that Azure could not give."""


def check(operation: Operation, payload: Mapping[str, Any]) -> None:
    """Raise NotAllowed for an answer that the schema of an operation does not allow."""
    if operation.listed and not isinstance(payload.get(operation.listed), list):
        raise NotAllowed(f"{operation.id} answers a list in {operation.listed!r}")
    validator = _validator(operation.id)
    for entry in payload[operation.listed] if operation.listed else [payload]:
        for problem in validator.iter_errors(entry) if validator else ():
            way = "/".join(map(str, problem.absolute_path))
            raise NotAllowed(f"{operation.id}: {way or 'the answer'}: {_words(problem)}")


def _words(problem: Any) -> str:
    """The reason that says most: of several branches, that of one that has the right type, else that of the first."""
    branches = sorted(problem.context or (), key=lambda each: each.validator == "type")
    return _words(branches[0]) if branches else str(problem.message)


@functools.cache
def _validator(operation: str) -> Draft202012Validator | None:
    from jsonschema import Draft202012Validator

    from cloudscan_azure.standin.models import schema

    if operation in HELD:
        return Draft202012Validator(schema(*HELD[operation]))
    return Draft202012Validator(SCHEMAS[operation]) if operation in SCHEMAS else None
