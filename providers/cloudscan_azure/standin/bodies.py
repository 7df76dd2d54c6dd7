"""Subscriptions, storage accounts and containers as Azure Resource Manager tells them, composed."""

from __future__ import annotations

from typing import Any

from cloudscan_azure.standin.names import SUBSCRIPTION, TENANT

ROOT = f"/providers/Microsoft.Management/managementGroups/{TENANT}"
_PROVIDER = "Microsoft.Storage/storageAccounts"
Json = dict[str, Any]


def subscription(name: str = SUBSCRIPTION, **facts: Any) -> Json:
    """Compose a subscription of the tenant."""
    told: Json = {"displayName": "Acme calls", "tenantId": TENANT, "state": "Enabled"} | facts
    return {"id": f"/subscriptions/{name}", "subscriptionId": name, **told}


def entity(name: str, parent: str | None, *, kind: str = "group") -> Json:
    """Compose a management group or subscription with the group above it, by name, as "Entities - List" does."""
    group = "Microsoft.Management/managementGroups"
    above = {"id": f"/providers/{group}/{parent}"} if parent else None
    place = f"/providers/{group}/{name}" if kind == "group" else f"/subscriptions/{name}"
    return {
        "id": place,
        "name": name,
        "type": group if kind == "group" else "/subscriptions",
        "properties": {"tenantId": TENANT, "displayName": name, "parent": above},
    }


def account_path(name: str, owner: str = SUBSCRIPTION) -> str:
    """Return the id of a storage account, as Azure spells it."""
    return f"/subscriptions/{owner}/resourceGroups/Calls/providers/{_PROVIDER}/{name}"


def account(name: str, endpoint: str, *, tags: Json | None = None, kind: str = "StorageV2", **properties: Any) -> Json:
    """Compose a storage account whose blobs are at an endpoint."""
    settings: Json = {
        "primaryEndpoints": {"blob": endpoint},
        "provisioningState": "Succeeded",
        "supportsHttpsTrafficOnly": True,
        "encryption": {"keySource": "Microsoft.Storage", "services": {"blob": {"enabled": True, "keyType": "Account"}}},
        "networkAcls": {"bypass": "AzureServices", "defaultAction": "Allow", "ipRules": [], "virtualNetworkRules": []},
    }
    return {
        "id": account_path(name),
        "name": name,
        "type": _PROVIDER,
        "location": "westeurope",
        "kind": kind,
        "sku": {"name": "Standard_LRS", "tier": "Standard"},
        "tags": tags or {},
        "properties": settings | properties,
    }


def container(name: str, holder: str, **properties: Any) -> Json:
    """Compose a container of a storage account."""
    settings: Json = {
        "publicAccess": "None",
        "hasImmutabilityPolicy": False,
        "hasLegalHold": False,
        "defaultEncryptionScope": "$account-encryption-key",
        "denyEncryptionScopeOverride": False,
        "leaseState": "Available",
        "leaseStatus": "Unlocked",
    }
    return {
        "id": f"{account_path(holder)}/blobServices/default/containers/{name}",
        "name": name,
        "type": f"{_PROVIDER}/blobServices/containers",
        "properties": settings | properties,
    }
