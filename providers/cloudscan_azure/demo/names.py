"""The names of the demo's subscription and what is in it."""

from __future__ import annotations

import hashlib

from cloudscan_azure.standin.names import TENANT

SUBSCRIPTION = "ac3e0001-0000-4000-8000-000000000001"
SCOPE = f"/subscriptions/{SUBSCRIPTION}"
GROUP = f"{SCOPE}/resourceGroups/voice"
ROOT = f"/providers/Microsoft.Management/managementGroups/{TENANT}"
ABOVE = "/providers/Microsoft.Management/managementGroups/contact-centre"
LOCATION = "westeurope"
DOMAIN = "acme.example"
VAULT_URI = "https://acme-voice.vault.azure.net"
VOICE, SHARE, TRAINING, WEB = "acmevoice", "acmevoiceshare", "acmevoicetraining", "acmevoiceweb"
ACCOUNTS = (VOICE, SHARE, TRAINING, WEB)


def guid(name: str) -> str:
    """Return an id that is always the same for a name."""
    told = hashlib.sha256(f"acme {name}".encode()).hexdigest()
    return f"{told[:8]}-{told[8:12]}-4{told[13:16]}-8{told[17:20]}-{told[20:32]}"


def account_id(name: str) -> str:
    """Return the id of a storage account."""
    return f"{GROUP}/providers/Microsoft.Storage/storageAccounts/{name}"


def container_id(account: str, name: str) -> str:
    """Return the id of a container."""
    return f"{account_id(account)}/blobServices/default/containers/{name}"


def identity_id(name: str) -> str:
    """Return the id of a user-assigned managed identity."""
    return f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"
