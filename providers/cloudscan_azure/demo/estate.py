"""The invented call centre's subscription on Azure: what lies where, and what is wrong with it.

Every finding of the demo is explained by a line here, and what is right is here too, so that a check which cannot keep
quiet is noticed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from azure.storage.blob import BlobServiceClient, ContentSettings

from cloudscan.demo import clip, recordings
from cloudscan_azure.demo import access, people, services
from cloudscan_azure.demo.names import (
    ACCOUNTS,
    LOCATION,
    SCOPE,
    SHARE,
    TRAINING,
    VAULT_URI,
    VOICE,
    WEB,
    account_id,
    container_id,
)
from cloudscan_azure.demo.transcripts import transcript
from cloudscan_azure.standin.azurite import Azurite, azurite
from cloudscan_azure.standin.blobs import Blobs
from cloudscan_azure.standin.errors import AzureError
from cloudscan_azure.standin.server import Standin

Told = dict[str, Any]
_EVERYWHERE: Told = {"bypass": "AzureServices", "defaultAction": "Allow", "ipRules": [], "virtualNetworkRules": []}
_SERVICE = "Microsoft.Storage/storageAccounts/blobServices"


@contextmanager
def standing(*, held: bool = False) -> Iterator[Standin]:
    """Start the servers and build everything; it stands as long as the context is open.

    ``held`` is whether all of it is held to the models of Azure's libraries, which the demo does not install.
    """
    with ExitStack() as stack:
        azure = stack.enter_context(Standin(held=held))
        running = stack.enter_context(azurite(azure.certificate, ACCOUNTS))
        with Builder(azure, running) as make:
            build(make)
        yield azure


class Builder:
    """Makes the estate: blobs in Azurite, what Azurite loses beside them, and all else as ARM tells it."""

    def __init__(self, azure: Standin, running: Azurite) -> None:
        self.azure = azure
        self.blobs = azure.blobs = Blobs(running, azure.certificate)
        self.now = datetime.now(UTC)
        self._running = running
        self._open = ExitStack()
        self._clients: dict[str, BlobServiceClient] = {}
        self._accounts: list[Told] = []
        self._containers: dict[str, list[Told]] = {name: [] for name in ACCOUNTS}

    def __enter__(self) -> Builder:
        """Open clients that hold the shared keys."""
        certificate = str(self.azure.certificate.authority)
        for name in ACCOUNTS:
            client = self._running.owner(name, connection_verify=certificate)
            self._clients[name] = self._open.enter_context(client)
        return self

    def __exit__(self, *_: object) -> None:
        """Have everything told as it was made."""
        self.azure.pages(f"{SCOPE}/providers/Microsoft.Storage/storageAccounts", self._accounts)
        for name, told in self._containers.items():
            self.azure.pages(f"{account_id(name)}/blobServices/default/containers", told)
        self._open.close()

    def ago(self, days: float) -> str:
        """A moment so many days before the demo began, as ARM spells it."""
        return (self.now - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")

    def http(self, days: float) -> str:
        """The same as storage spells it."""
        return format_datetime(self.now - timedelta(days=days), usegmt=True)

    def account(
        self,
        name: str,
        *,
        key: str = "",
        rules: Sequence[Told] = (),
        service: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        """Create a storage account: closed, under Azure's own key, without rules and versions unless told."""
        encryption: Told = {"keySource": "Microsoft.Storage", "services": {"blob": {"enabled": True}}}
        if key:
            vault = {"keyvaulturi": VAULT_URI, "keyname": key}
            encryption |= {"keySource": "Microsoft.Keyvault", "keyvaultproperties": vault}
        properties = {
            "provisioningState": "Succeeded",
            "creationTime": self.ago(900),
            "primaryLocation": LOCATION,
            "primaryEndpoints": {"blob": f"{self.azure.url}/blob/{name}/"},
            "encryption": encryption,
            "allowBlobPublicAccess": False,
            "allowSharedKeyAccess": False,
            "allowCrossTenantReplication": False,
            "minimumTlsVersion": "TLS1_2",
            "supportsHttpsTrafficOnly": True,
            "publicNetworkAccess": "Enabled",
            "networkAcls": dict(_EVERYWHERE),
            "privateEndpointConnections": [],
            "isHnsEnabled": False,
            "keyCreationTime": {"key1": self.ago(900), "key2": self.ago(900)},
        }
        account = {
            "id": account_id(name),
            "name": name,
            "type": "Microsoft.Storage/storageAccounts",
            "kind": "StorageV2",
            "location": LOCATION,
            "sku": {"name": "Standard_ZRS", "tier": "Standard"},
            "tags": {"team": "voice"},
            "properties": properties | more,
        }
        self._accounts.append(account)
        self.azure.answer(account_id(name), account)
        self._settings(name, rules, service or {})

    def _settings(self, name: str, rules: Sequence[Told], service: Mapping[str, Any]) -> None:
        """Tell of the blob service of an account and of its lifecycle policy, if there is one."""
        place = f"{account_id(name)}/blobServices/default"
        told = {"deleteRetentionPolicy": {"enabled": True, "days": 7}, "isVersioningEnabled": False, **service}
        self.azure.answer(place, {"id": place, "name": "default", "properties": told})
        place = f"{account_id(name)}/managementPolicies/default"
        policy = {"policy": {"rules": list(rules)}, "lastModifiedTime": self.ago(400)}
        none = AzureError(404, "ManagementPolicyNotFound", "No ManagementPolicy found for this account.")
        there = {"id": place, "name": "DefaultManagementPolicy", "properties": policy}
        self.azure.answer(place, there if rules else none)

    def container(self, account: str, name: str, level: str = "None") -> None:
        """Create a container, closed unless told."""
        self._clients[account].create_container(name)
        properties = {
            "publicAccess": level,
            "leaseState": "Available",
            "leaseStatus": "Unlocked",
            "lastModifiedTime": self.ago(400),
            "hasImmutabilityPolicy": False,
            "hasLegalHold": False,
            "defaultEncryptionScope": "$account-encryption-key",
            "denyEncryptionScopeOverride": False,
        }
        kind = f"{_SERVICE}/containers"
        told = {"id": container_id(account, name), "name": name, "type": kind, "properties": properties}
        self._containers[account].append(told)

    def put(self, account: str, container: str, name: str, body: bytes, days: float, kind: str, **more: str) -> None:
        """Store a blob that is so many days old; ``more`` are elements of its list that Azurite would lose."""
        client = self._clients[account].get_blob_client(container, name)
        client.upload_blob(body, content_settings=ContentSettings(content_type=kind))
        told = {"Creation_Time": self.http(days), "Last_Modified": self.http(days), **more}
        self.blobs.tell(account, container, name, **told)

    def older(self, account: str, container: str, name: str, days: float) -> None:
        """Have a blob have a version that was replaced so many days ago."""
        told = {"VersionId": self.ago(days), "Last_Modified": self.http(days), "Creation_Time": self.http(days)}
        self.blobs.state(account, container, name, **told)


def rule(name: str, base: Told, *prefixes: str, **more: Told) -> Told:
    """Return a rule of a lifecycle policy for block blobs."""
    filters: Told = {"blobTypes": ["blockBlob"]} | ({"prefixMatch": list(prefixes)} if prefixes else {})
    definition = {"actions": {"baseBlob": base, **more}, "filters": filters}
    return {"enabled": True, "name": name, "type": "Lifecycle", "definition": definition}


def _after(days: int) -> Told:
    return {"delete": {"daysAfterModificationGreaterThan": days}}


def build(make: Builder) -> None:
    """Build everything."""
    _voice(make)
    _share(make)
    _training(make)
    _website(make)
    people.build(make)
    access.build(make)
    services.build(make)


def _voice(make: Builder) -> None:
    """The main account: closed, under an approved key that was never rotated, its reads recorded.

    One rule looks right and deletes nothing: a prefix begins with the container's name, and that of the calls does not.
    """
    rules = [
        rule("expire-calls", _after(90), "2026/"),
        rule("expire-voicemail", _after(60), "voicemail/"),
        rule("expire-transcripts", _after(300), "transcripts/"),
        rule("expire-archive", _after(100), "archive/"),  # half a year was promised
    ]
    make.account(VOICE, key="speech-calls", rules=rules)
    make.container(VOICE, "calls")
    for number, days in enumerate((3, 11, 26, 41, 58, 77, 101, 190, 320)):
        make.put(VOICE, "calls", f"2026/{number:04}.wav", recordings.wav(90 + 15 * number), days, "audio/wav")
    make.put(VOICE, "calls", "2026/0009.flac", clip("hold.flac"), 6, "audio/flac")
    make.container(VOICE, "voicemail")  # as it should be: no check may say anything
    for number in range(6):
        make.put(VOICE, "voicemail", f"box/{number}.opus", clip("invoice.opus"), 2 + 7 * number, "audio/ogg")
    make.container(VOICE, "archive")
    for number in range(3):
        name, sound = f"2026/{number}.flac", clip("hold.flac")
        make.put(VOICE, "archive", name, sound, 15 + 20 * number, "audio/flac", AccessTier="Cool")
    make.container(VOICE, "transcripts")
    for number, days in enumerate((1, 11, 26)):
        source = f"https://{VOICE}.blob.core.windows.net/calls/2026/{number:04}.wav"
        body = transcript(source, "I would like to change my order")
        make.put(VOICE, "transcripts", f"out/{number:04}.wav.json", body, days, "application/json")


def _share(make: Builder) -> None:
    """Calls that were put where a customer could fetch them: everybody can, in clear too, and no read is recorded.

    One was written down; that is there, too.
    """
    rules = [rule("expire", _after(60))]
    make.account(SHARE, rules=rules, allowBlobPublicAccess=True, supportsHttpsTrafficOnly=False)
    make.container(SHARE, "complaints", "Container")
    for number in range(4):
        make.put(SHARE, "complaints", f"2026/{number}.amr", recordings.amr(150), 8 + 5 * number, "audio/amr")
    body = transcript(f"https://{SHARE}.blob.core.windows.net/complaints/2026/0.amr", "My anvil was late")
    make.put(SHARE, "complaints", "2026/0.amr.json", body, 8, "application/json")


def _training(make: Builder) -> None:
    """Recordings for a vendor: versions that nothing deletes, shared keys that open all, and a guest who reads."""
    rules, service = [rule("expire", _after(60))], {"isVersioningEnabled": True}
    make.account(TRAINING, key="speech-training", rules=rules, service=service, allowSharedKeyAccess=True)
    make.container(TRAINING, "labelled")
    for number in range(3):
        name = f"batch/{number}.wav"
        now = {"VersionId": make.ago(4 + number), "IsCurrentVersion": "true"}
        make.put(TRAINING, "labelled", name, recordings.wav(300), 4 + number, "audio/wav", **now)
        make.older(TRAINING, "labelled", name, 120 + number)


def _website(make: Builder) -> None:
    """No speech at all: nothing may be said about it."""
    make.account(WEB, allowBlobPublicAccess=True)
    make.container(WEB, "website", "Blob")
    make.put(WEB, "website", "index.html", b"<html></html>", 500, "text/html")
    make.put(WEB, "website", "logo.png", b"\x89PNG\r\n\x1a\n" + bytes(64), 500, "image/png")
