"""The demo's keys, its speech, its compute, and what is recorded of reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloudscan_azure.demo.names import (
    GROUP,
    LOCATION,
    SCOPE,
    TRAINING,
    VAULT_URI,
    VOICE,
    account_id,
    guid,
    identity_id,
)
from cloudscan_azure.demo.people import IDENTITIES, SPEECH
from cloudscan_azure.standin.names import TENANT

if TYPE_CHECKING:
    from cloudscan_azure.demo.estate import Builder

Told = dict[str, Any]
_VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/acme-voice"
_WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/acme-voice"
_SPEECH = f"{GROUP}/providers/Microsoft.CognitiveServices/accounts/acme-speech"
_ROTATES = {"lifetimeActions": [{"action": {"type": "rotate"}, "trigger": {"timeAfterCreate": "P90D"}}]}


def build(make: Builder) -> None:
    """Set up everything that is not storage."""
    _keys(make)
    _managed(make)
    _app(make)
    _recorded(make)
    _speech(make)


def _keys(make: Builder) -> None:
    """Two keys in a vault that goes by roles; that of the calls was never rotated."""
    properties = {
        "tenantId": TENANT,
        "sku": {"family": "A", "name": "premium"},
        "vaultUri": f"{VAULT_URI}/",
        "enableRbacAuthorization": True,
        "enableSoftDelete": True,
        "enablePurgeProtection": True,
        "accessPolicies": [],
    }
    vault = {"id": _VAULT, "name": "acme-voice", "location": LOCATION, "properties": properties}
    make.azure.pages(f"{SCOPE}/providers/Microsoft.KeyVault/vaults", [vault])
    keys = [_key("speech-calls", rotated=False), _key("speech-training", rotated=True)]
    make.azure.pages(f"{_VAULT}/keys", keys)
    for key in keys:
        make.azure.answer(key["id"], key)


def _key(name: str, *, rotated: bool) -> Told:
    uri = f"{VAULT_URI}/keys/{name}"
    properties = {
        "attributes": {"enabled": True, "created": 1_700_000_000, "recoveryLevel": "Recoverable"},
        "kty": "RSA",
        "keySize": 3072,
        "keyUri": uri,
        "keyUriWithVersion": f"{uri}/0123456789abcdef0123456789abcdef",
        "rotationPolicy": _ROTATES if rotated else {"lifetimeActions": []},
    }
    return {"id": f"{_VAULT}/keys/{name}", "name": name, "location": LOCATION, "properties": properties}


def _managed(make: Builder) -> None:
    """The identities that compute runs as. A partner's pipeline may become one of them without any secret."""
    told = [
        {
            "id": identity_id(name),
            "name": name,
            "location": LOCATION,
            "properties": {"tenantId": TENANT, "principalId": guid(name), "clientId": guid(f"{name} client")},
        }
        for name in IDENTITIES
    ]
    make.azure.pages(f"{SCOPE}/providers/Microsoft.ManagedIdentity/userAssignedIdentities", told)
    trusted = {
        "issuer": "https://token.actions.githubusercontent.com",
        "subject": "repo:example-speech/acme-sync:ref:refs/heads/main",
        "audiences": ["api://AzureADTokenExchange"],
    }
    place = f"{identity_id('transcriber')}/federatedIdentityCredentials"
    credential = {"id": f"{place}/partner", "name": "partner", "properties": trusted}
    make.azure.pages(place, [credential])


def _app(make: Builder) -> None:
    """A function that sums up calls, as an identity that reads them. Who deploys it reads what it reads."""
    name = f"{GROUP}/providers/Microsoft.Web/sites/summarise-calls"
    held = {"clientId": guid("summariser client"), "principalId": guid("summariser")}
    function = {
        "id": name,
        "name": "summarise-calls",
        "location": LOCATION,
        "kind": "functionapp,linux",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {identity_id("summariser"): held}},
        "properties": {"state": "Running", "enabled": True, "httpsOnly": True},
    }
    make.azure.pages(f"{SCOPE}/providers/Microsoft.Web/sites", [function])


def _recorded(make: Builder) -> None:
    """Reads of the main account and of the vendor's go to a workspace that keeps them for 90 days."""
    for account in (VOICE, TRAINING):
        place = f"{account_id(account)}/blobServices/default/providers/Microsoft.Insights/diagnosticSettings"
        logs = [{"category": name, "enabled": True} for name in ("StorageRead", "StorageWrite", "StorageDelete")]
        setting = {"id": f"{place}/reads", "name": "reads", "properties": {"workspaceId": _WORKSPACE, "logs": logs}}
        make.azure.pages(place, [setting])
    workspace = {
        "id": _WORKSPACE,
        "name": "acme-voice",
        "location": LOCATION,
        "properties": {"provisioningState": "Succeeded", "retentionInDays": 90},
    }
    make.azure.pages(f"{SCOPE}/providers/Microsoft.OperationalInsights/workspaces", [workspace])


def _speech(make: Builder) -> None:
    """What turns calls into text: one job's results kept, one's left with the service, one's sent to somebody else.

    An endpoint keeps what it hears.
    """
    url = f"{make.azure.url}/cognitive/acme-speech"
    account = {
        "id": _SPEECH,
        "name": "acme-speech",
        "kind": "SpeechServices",
        "location": LOCATION,
        "sku": {"name": "S0"},
        "identity": {"type": "SystemAssigned", "principalId": guid(SPEECH), "tenantId": TENANT},
        "properties": {
            "provisioningState": "Succeeded",
            "customSubDomainName": "acme-speech",
            "endpoint": f"{url}/",
            "disableLocalAuth": True,
            "publicNetworkAccess": "Enabled",
            "userOwnedStorage": [],
        },
    }
    make.azure.pages(f"{SCOPE}/providers/Microsoft.CognitiveServices/accounts", [account])
    outputs = (
        f"{make.azure.url}/blob/{VOICE}/transcripts",
        "",
        "https://partnertranscripts.blob.core.windows.net/acme",
    )
    rest = f"{url}/speechtotext"
    jobs = [_job(make, rest, number, output) for number, output in enumerate(outputs)]
    make.azure.pages("/cognitive/acme-speech/speechtotext/transcriptions", jobs)
    for number, output in enumerate(outputs):
        make.azure.pages(
            f"/cognitive/acme-speech/speechtotext/transcriptions/{guid(f'job {number}')}/files",
            [_file(make, rest, number, output)],
        )
    endpoint = {
        "self": f"{rest}/endpoints/{guid('endpoint')}",
        "displayName": "Order line",
        "locale": "en-US",
        "status": "Succeeded",
        "createdDateTime": make.ago(300)[:19] + "Z",
        "properties": {"loggingEnabled": True},
    }
    make.azure.pages("/cognitive/acme-speech/speechtotext/endpoints", [endpoint])


def _job(make: Builder, rest: str, number: int, output: str) -> Told:
    own = f"{rest}/transcriptions/{guid(f'job {number}')}"
    properties = {"timeToLiveHours": 48, "durationMilliseconds": 90_000, "profanityFilterMode": "None"}
    return {
        "self": own,
        "displayName": f"calls {number}",
        "locale": "en-US",
        "status": "Succeeded",
        "createdDateTime": make.ago(1 + number / 4)[:19] + "Z",
        "lastActionDateTime": make.ago(0.9 + number / 4)[:19] + "Z",
        "links": {"files": f"{own}/files"},
        "properties": properties | ({"destinationContainerUrl": output} if output else {}),
    }


def _file(make: Builder, rest: str, number: int, output: str) -> Told:
    own = f"{rest}/transcriptions/{guid(f'job {number}')}/files/{guid(f'file {number}')}"
    place = (
        f"{output}/out/{number:04}.wav.json" if output else "https://spsvcprodweu.blob.core.windows.net/bestor/0.json"
    )
    return {
        "self": own,
        "name": f"{number:04}.wav.json",
        "kind": "Transcription",
        "links": {"contentUrl": place},
        "createdDateTime": make.ago(0.9 + number / 4)[:19] + "Z",
        "properties": {"size": 512},
    }
