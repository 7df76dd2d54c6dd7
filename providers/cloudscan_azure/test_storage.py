"""Storage accounts, containers and blobs, asked of the stand-in and of Azurite beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from azure.storage.blob import AccessPolicy, ContainerSasPermissions, StandardBlobTier

from cloudscan.demo import clip
from cloudscan.model import ANYONE, AclGrant, Answer, Coverage, Credential, Gap, MediaObject, PolicyDocument, Store, Why
from cloudscan.provider import Facet, ObjectRows
from cloudscan_azure import blobs_read, storage, storage_read
from cloudscan_azure.accounts import Container, StorageAccount, SubscriptionScope
from cloudscan_azure.blobs import READ_BLOBS, READ_TAGS
from cloudscan_azure.ids import container_id
from cloudscan_azure.policy.hns import read_acl
from cloudscan_azure.policy.network import read_rules
from cloudscan_azure.policy.sas import read_policies
from cloudscan_azure.standin.azurite import Azurite
from cloudscan_azure.standin.blobs import Blobs
from cloudscan_azure.standin.bodies import account, account_path, container
from cloudscan_azure.standin.errors import AzureError
from cloudscan_azure.standin.server import Standin

Subscriptions = Callable[..., SubscriptionScope]
PLACE = account_path("acmecalls")
ID = PLACE.lower()


def held(endpoint: str, *names: str, **properties: Any) -> StorageAccount:
    """The account ``acmecalls`` with containers of these names."""
    told = account("acmecalls", endpoint, **properties)
    containers = (Container(container_id(ID, name), name, container(name, "acmecalls")) for name in names)
    return StorageAccount(told, tuple(containers))


def quiet(azure: Standin) -> None:
    """Nothing is set on the account."""
    azure.fresh(PLACE)
    azure.answer(
        f"{PLACE}/blobServices/default",
        {"id": f"{PLACE}/blobServices/default", "properties": {"deleteRetentionPolicy": {"enabled": False}}},
    )
    none = AzureError(404, "ManagementPolicyNotFound", "No ManagementPolicy found for account acmecalls.")
    azure.answer(f"{PLACE}/managementPolicies/default", none)


def run(one: SubscriptionScope) -> tuple[list[Any], list[MediaObject]]:
    found = [item for unit in storage.units(one) for item in unit.run()]
    rows = [row for item in found if isinstance(item, ObjectRows) for row in item.rows]
    return [item for item in found if not isinstance(item, ObjectRows)], rows


def of(records: Sequence[Any], kind: type) -> list[Any]:
    return [record for record in records if isinstance(record, kind)]


def test_blobs_of_an_emulator_are_listed_with_what_their_list_tells(
    azure: Standin, blobs: Azurite, subscription: Subscriptions
) -> None:
    quiet(azure)
    with blobs.owner("acmecalls") as holder:
        there = holder.create_container("calls")
        there.upload_blob("a/1.wav", clip("hold.wav"), tags={"keep": "no"}, standard_blob_tier=StandardBlobTier.COOL)
        there.upload_blob("a/é <&> ?#%2F \u202e.mp3", b"ID3xxxx")
        there.upload_blob("notes.txt", b"x")
    facets = set(Facet) - {Facet.POLICY}  # Azurite gives stored access policies to nobody who shows a token
    records, rows = run(subscription(*facets, storage=[held(blobs.endpoint("acmecalls"), "calls")]))
    assert of(records, Gap) == []
    assert [(row.key, row.media, row.tier) for row in rows] == [
        ("a/1.wav", "speech", "Cool"),
        ("a/é <&> ?#%2F \u202e.mp3", "speech", "Hot"),
        ("notes.txt", "other", "Hot"),
    ]
    first = rows[0]
    assert (first.store, first.version, first.current, first.size) == (
        container_id(ID, "calls"),
        None,
        True,
        len(clip("hold.wav")),
    )
    assert first.modified is not None
    assert abs(first.modified - datetime.now(UTC)) < timedelta(minutes=5)
    assert [json.loads(row.tags or "null") for row in rows] == [{"keep": "no"}, {}, {}]
    assert {row.stored_as for row in rows} == {"BlockBlob"}
    assert {(row.encryption_mode, row.held) for row in rows} == {("provider", False)}


def test_snapshots_are_old_versions(azure: Standin, blobs: Azurite, subscription: Subscriptions) -> None:
    quiet(azure)
    with blobs.owner("acmecalls") as holder:
        there = holder.create_container("calls")
        taken = there.upload_blob("1.wav", b"RIFF").create_snapshot()["snapshot"]
    given = [held(blobs.endpoint("acmecalls"), "calls")]
    _, rows = run(subscription(Facet.OBJECTS, versions=True, storage=given))
    assert sorted((row.version, row.current) for row in rows if row.version) == [(f"snapshot={taken}", False)]
    assert [row.current for row in rows if not row.version] == [True]
    _, rows = run(subscription(Facet.OBJECTS, storage=given))
    assert [row.version for row in rows] == [None]


def test_pages_follow_each_other_and_a_limit_is_a_gap(
    azure: Standin, blobs: Azurite, subscription: Subscriptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cloudscan_azure.blobs.PAGE", 2)
    with blobs.owner("acmecalls") as holder:
        there = holder.create_container("calls")
        for number in range(5):
            there.upload_blob(f"{number}.wav", b"RIFF")
    given = [held(blobs.endpoint("acmecalls"), "calls")]
    records, rows = run(subscription(Facet.OBJECTS, storage=given))
    assert [row.key for row in rows] == [f"{number}.wav" for number in range(5)]
    assert of(records, Gap) == []
    records, rows = run(subscription(Facet.OBJECTS, max_objects=3, storage=given))
    assert [row.key for row in rows] == ["0.wav", "1.wav", "2.wav"]
    assert [gap.why for gap in of(records, Gap)] == [Why.LIMIT]
    records, rows = run(subscription(Facet.OBJECTS, max_objects=5, storage=given))
    assert (len(rows), of(records, Gap)) == (5, [])


def test_stored_access_policies_are_kept_as_the_evaluator_reads_them(blobs: Azurite) -> None:
    until, said = datetime(2027, 1, 1, tzinfo=UTC), list[bytes]()
    policy = AccessPolicy(permission=ContainerSasPermissions(read=True, list=True), expiry=until)
    with blobs.owner("acmecalls") as holder:
        there = holder.create_container("calls")
        for policies in ({"partners": policy, "open": AccessPolicy(permission="r")}, {}):
            there.set_container_access_policy(policies)
            there.get_container_access_policy(raw_response_hook=lambda told: said.append(told.http_response.body()))
    one = Container(container_id(ID, "calls"), "calls", {})
    kept, none = (storage_read.stored_policies(one, "s", blobs_read.read_policies(each)) for each in said)
    assert (kept.kind, kept.attached_to) == ("resource", (one.id,))
    told = read_policies(kept.document)
    assert told is not None
    assert (told["partners"].permissions, told["partners"].expiry[:10]) == ("rl", "2027-01-01")
    assert (told["open"].permissions, told["open"].expiry) == ("r", "")
    assert read_policies(none.document) == {}


def test_stored_access_policies_that_may_not_be_read_are_a_gap(
    azure: Standin, blobs: Azurite, subscription: Subscriptions
) -> None:
    with blobs.owner("acmecalls") as holder:
        holder.create_container("calls")
    records, _ = run(subscription(Facet.POLICY, storage=[held(blobs.endpoint("acmecalls"), "calls")]))
    assert [each.kind for each in of(records, PolicyDocument)] == ["network"]
    (gap,) = of(records, Gap)
    assert (gap.why, gap.permission, gap.facet) == (Why.DENIED, storage.READ_POLICIES, Facet.CREDENTIALS)
    assert "network rules" in gap.detail


def test_a_container_that_is_gone_meanwhile_is_a_gap(
    azure: Standin, blobs: Azurite, subscription: Subscriptions
) -> None:
    records, rows = run(subscription(Facet.OBJECTS, storage=[held(blobs.endpoint("acmecalls"), "gone")]))
    assert rows == []
    assert [(gap.why, gap.detail) for gap in of(records, Gap)] == [(Why.VANISHED, "ContainerNotFound")]


def store_of(records: Sequence[Any]) -> Store:
    (found,) = of(records, Store)
    assert isinstance(found, Store)
    return found


def test_settings_that_are_told_are_read(azure: Standin, subscription: Subscriptions) -> None:
    retention = {"enabled": True, "days": 14}
    told = {"isVersioningEnabled": True, "deleteRetentionPolicy": retention, "changeFeed": {"enabled": True}}
    azure.answer(f"{PLACE}/blobServices/default", {"id": f"{PLACE}/blobServices/default", "properties": told})
    rules = [
        {
            "name": "old",
            "enabled": True,
            "type": "Lifecycle",
            "definition": {
                "filters": {"blobTypes": ["blockBlob"], "prefixMatch": ["calls/a/"]},
                "actions": {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": 30}}},
            },
        }
    ]
    azure.answer(
        f"{PLACE}/managementPolicies/default",
        {"id": f"{PLACE}/managementPolicies/default", "properties": {"policy": {"rules": rules}}},
    )
    copies = {
        "sourceAccount": "acmecalls",
        "destinationAccount": account_path("acmearchive"),
        "rules": [{"sourceContainer": "calls", "destinationContainer": "copies", "filters": {"prefixMatch": ["a/"]}}],
    }
    azure.pages(f"{PLACE}/objectReplicationPolicies", [{"properties": copies}])
    azure.pages(f"{PLACE}/inventoryPolicies", [])
    settings = {
        "allowBlobPublicAccess": False,
        "allowSharedKeyAccess": False,
        "minimumTlsVersion": "TLS1_2",
        "publicNetworkAccess": "Disabled",
        "isHnsEnabled": False,
        "sasPolicy": {"sasExpirationPeriod": "1.00:00:00", "expirationAction": "Log"},
        "keyCreationTime": {"key1": "2024-05-01T10:00:00.1234567Z", "key2": "2026-05-01T10:00:00Z"},
        "encryption": {
            "keySource": "Microsoft.Keyvault",
            "requireInfrastructureEncryption": True,
            "keyvaultproperties": {"keyname": "Calls", "keyvaulturi": "https://Acme.vault.azure.net"},
        },
    }
    given = held("", "calls", tags={"team": "calls"}, **settings)
    facets = [facet for facet in Facet if facet.startswith("store") and facet not in (Facet.POLICY, Facet.ACL)]
    records, _ = run(subscription(*facets, Facet.CREDENTIALS, storage=[given]))
    assert of(records, Gap) == []
    store = store_of(records)
    assert (store.kind, store.name, store.region, store.versioning) == (
        "container",
        "acmecalls/calls",
        "westeurope",
        "enabled",
    )
    assert store.encryption is not None
    assert (store.encryption.mode, store.encryption.key) == ("customer", "https://acme.vault.azure.net/keys/calls")
    assert (store.tls_required, store.soft_delete_days, store.labels) == (Answer.YES, 14, {"team": "calls"})
    assert store.keeps_deleted is Answer.YES
    assert [(rule.days, rule.prefixes) for rule in store.lifecycle or ()] == [(30, ("a/",))]
    copies_to = container_id(account_path("acmearchive").lower(), "copies")
    assert [(copy.target, copy.prefix) for copy in store.replication or ()] == [(copies_to, "a/")]
    wrong = {name for name, told in store.controls.items() if told is Answer.YES}
    assert wrong == {"requireInfrastructureEncryption", "minimumTlsVersion TLS1_2", "sasPolicy", "changeFeed"}
    refused = {name for name, told in store.controls.items() if told is Answer.NO}
    assert {"allowBlobPublicAccess", "allowSharedKeyAccess", "publicNetworkAccess", "isHnsEnabled"} <= refused
    made = {key.id: (key.created, key.enabled) for key in of(records, Credential)}
    assert made[f"{ID}/keys/key2"] == (datetime(2026, 5, 1, 10, tzinfo=UTC), Answer.NO)
    assert made[f"{ID}/keys/key1"][0] is not None


@pytest.mark.parametrize(("told", "folders"), [({"isVersioningEnabled": False}, False), ({}, True)])
def test_what_is_off_now_may_have_been_on_before(
    azure: Standin, subscription: Subscriptions, told: dict[str, object], folders: bool
) -> None:
    quiet(azure)
    azure.answer(
        f"{PLACE}/blobServices/default",
        {"id": f"{PLACE}/blobServices/default", "properties": {"deleteRetentionPolicy": {"enabled": False}, **told}},
    )
    given = held("https://acmecalls.blob.core.windows.net/", "calls", isHnsEnabled=folders)
    records, _ = run(subscription(Facet.VERSIONING, storage=[given]))
    store = store_of(records)
    assert (store.versioning, store.soft_delete_days, store.keeps_deleted) == ("off", 0, Answer.UNKNOWN)


def test_settings_that_are_not_told_are_unknown(azure: Standin, subscription: Subscriptions) -> None:
    quiet(azure)
    azure.answer(f"{PLACE}/blobServices/default", {"id": f"{PLACE}/blobServices/default", "properties": {}})
    bare = StorageAccount(
        {"id": PLACE, "name": "acmecalls", "properties": {}},
        (Container(container_id(ID, "calls"), "calls", {"name": "calls", "properties": {}}),),
    )
    facets = [facet for facet in Facet if facet.startswith("store") and facet is not Facet.POLICY]
    records, _ = run(subscription(*facets, storage=[bare]))
    store = store_of(records)
    assert store.encryption is None
    assert (store.acl, store.lock, store.versioning, store.soft_delete_days) == (None, None, None, None)
    assert store.tls_required is Answer.UNKNOWN
    known = {name: told for name, told in store.controls.items() if told is not Answer.UNKNOWN}
    assert known == {"allowSharedKeyAccess": Answer.YES, "isHnsEnabled": Answer.NO}
    assert store.lifecycle == ()
    gaps = of(records, Gap)
    assert {gap.facet for gap in gaps} == {Facet.ENCRYPTION, Facet.ACL, Facet.LOCK}
    assert {gap.why for gap in gaps} == {Why.UNSUPPORTED}


@pytest.mark.parametrize(
    ("level", "acl"),
    [("None", ()), ("Blob", (AclGrant(ANYONE, "blob"),)), ("Container", (AclGrant(ANYONE, "container"),))],
)
def test_the_public_level_is_a_list_of_its_own(level: str, acl: tuple[AclGrant, ...]) -> None:
    one = Container("x", "calls", container("calls", "acmecalls", publicAccess=level))
    assert storage_read.public_level(one) == acl


def test_as_whom_an_account_uses_its_key_is_kept(azure: Standin, subscription: Subscriptions) -> None:
    own = {"type": "SystemAssigned", "principalId": "11111111-0000-0000-0000-000000000000", "tenantId": "t"}
    given = held("", encryption={"keySource": "Microsoft.Keyvault", "identity": {"userAssignedIdentity": None}})
    told = replace(given, told={**given.told, "identity": own})
    records, _ = run(subscription(Facet.ENCRYPTION, storage=[told]))
    (kept,) = of(records, PolicyDocument)
    assert (kept.kind, kept.attached_to) == ("resource", (ID,))
    assert json.loads(kept.document) == {"identity": own, "encryption": {"identity": {"userAssignedIdentity": None}}}
    assert of(run(subscription(Facet.ENCRYPTION, storage=[given]))[0], PolicyDocument) == []


def test_network_rules_are_kept_as_the_evaluator_reads_them(azure: Standin, subscription: Subscriptions) -> None:
    endpoint = "/subscriptions/x/resourceGroups/y/providers/Microsoft.Network/privateEndpoints/z"
    rules = {
        "bypass": "None",
        "defaultAction": "Deny",
        "ipRules": [{"value": "203.0.113.0/24", "action": "Allow"}],
        "virtualNetworkRules": [],
    }
    state = {"privateEndpoint": {"id": endpoint}, "privateLinkServiceConnectionState": {"status": "Approved"}}
    given = held("", networkAcls=rules, privateEndpointConnections=[{"properties": state}])
    records, _ = run(subscription(Facet.POLICY, storage=[given]))
    (network,) = of(records, PolicyDocument)
    assert (network.kind, network.attached_to) == ("network", (ID,))
    read = read_rules(ID, network.document)
    assert (read.addresses, read.endpoints, read.fault) == (("203.0.113.0/24",), (endpoint.lower(),), "")


REFUSED = {
    "BlobServices_GetServiceProperties": "Microsoft.Storage/storageAccounts/blobServices/read",
    "ManagementPolicies_Get": "Microsoft.Storage/storageAccounts/managementPolicies/read",
    "ObjectReplicationPolicies_List": "Microsoft.Storage/storageAccounts/objectReplicationPolicies/read",
    "BlobInventoryPolicies_List": "Microsoft.Storage/storageAccounts/inventoryPolicies/read",
    "EncryptionScopes_List": "Microsoft.Storage/storageAccounts/encryptionScopes/read",
}


def test_what_is_refused_is_a_gap_and_unknown_and_never_none(azure: Standin, subscription: Subscriptions) -> None:
    for operation in REFUSED:
        azure.faults.add("denied", operation)
    scoped = container("calls", "acmecalls", defaultEncryptionScope="calls-scope")
    given = StorageAccount(account("acmecalls", ""), (Container(container_id(ID, "calls"), "calls", scoped),))
    facets = [facet for facet in Facet if facet.startswith("store") and facet not in (Facet.POLICY, Facet.ACL)]
    records, _ = run(subscription(*facets, storage=[given]))
    store = store_of(records)
    unknown = (store.lifecycle, store.replication, store.versioning, store.inventories, store.encryption)
    assert unknown == (None,) * 5
    denied = [gap for gap in of(records, Gap) if gap.why is Why.DENIED]
    assert {gap.operation: gap.permission for gap in denied} == REFUSED


def test_what_azure_says_is_not_there_is_none(azure: Standin, subscription: Subscriptions) -> None:
    quiet(azure)
    for noun, word in (("objectReplicationPolicies", "ObjectReplication"), ("inventoryPolicies", "BlobInventory")):
        azure.answer(f"{PLACE}/{noun}", AzureError(404, f"{word}PolicyNotFound", "there is none"))
    records, _ = run(subscription(Facet.REPLICATION, Facet.INVENTORY, Facet.LIFECYCLE, storage=[held("", "calls")]))
    store = store_of(records)
    assert (store.replication, store.inventories, store.lifecycle, of(records, Gap)) == ((), (), (), [])


def test_an_account_that_is_gone_meanwhile_leaves_gaps_and_no_store(
    azure: Standin, subscription: Subscriptions
) -> None:
    azure.faults.add("vanished", "*")
    records, _ = run(subscription(Facet.LIFECYCLE, storage=[held("", "calls")]))
    assert of(records, Store) == []
    assert [(gap.why, gap.resource) for gap in of(records, Gap)] == [(Why.VANISHED, ID)]


def test_an_encryption_scope_is_the_key_of_a_container(azure: Standin, subscription: Subscriptions) -> None:
    keyed = {
        "source": "Microsoft.KeyVault",
        "state": "Enabled",
        "keyVaultProperties": {"keyUri": "https://acme.vault.azure.net/keys/calls/0123"},
    }
    azure.pages(f"{PLACE}/encryptionScopes", [{"name": "Calls-Scope", "properties": keyed}])
    scoped = container("calls", "acmecalls", defaultEncryptionScope="calls-scope")
    given = StorageAccount(account("acmecalls", ""), (Container(container_id(ID, "calls"), "calls", scoped),))
    records, _ = run(subscription(Facet.ENCRYPTION, storage=[given]))
    encryption = store_of(records).encryption
    assert encryption is not None
    assert (encryption.mode, encryption.key) == ("customer", "https://acme.vault.azure.net/keys/calls")


@pytest.mark.parametrize(
    ("properties", "lock"),
    [
        ({}, (Answer.NO, "", None, True)),
        ({"hasLegalHold": True}, (Answer.YES, "legal-hold", None, True)),
        (
            {
                "hasImmutabilityPolicy": True,
                "immutabilityPolicy": {
                    "properties": {"immutabilityPeriodSinceCreationInDays": 90, "state": "Locked"},
                },
            },
            (Answer.YES, "locked", 90, True),
        ),
        ({"hasImmutabilityPolicy": True}, (Answer.UNKNOWN, "", None, True)),
        ({"immutableStorageWithVersioning": {"enabled": True}}, (Answer.YES, "", None, False)),
    ],
)
def test_what_keeps_blobs_from_change_is_read(properties: dict[str, Any], lock: tuple[Any, ...]) -> None:
    one = Container("x", "calls", container("calls", "acmecalls", **properties))
    read = storage_read.lock(held(""), one)
    assert read is not None
    assert (read.enabled, read.mode, read.days, read.keeps_current) == lock


@pytest.fixture
def told(azure: Standin, blobs: Azurite) -> Blobs:
    """Blobs ``a/1.wav`` and ``a/2.wav`` of container ``calls``, of which more can be told than Azurite knows."""
    with blobs.owner("acmecalls") as holder:
        there = holder.create_container("calls")
        for name in ("a/1.wav", "a/2.wav"):
            there.upload_blob(name, b"RIFF")
    azure.blobs = Blobs(blobs, azure.certificate)
    return azure.blobs


def endpoint(azure: Standin) -> str:
    return f"{azure.url}/blob/acmecalls/"


def test_old_versions_come_where_they_are_wanted(azure: Standin, told: Blobs, subscription: Subscriptions) -> None:
    new, old = "2026-11-05T10:00:00.0000000Z", "2025-11-05T10:00:00.0000000Z"
    told.tell("acmecalls", "calls", "a/1.wav", VersionId=new, IsCurrentVersion="true")
    told.state("acmecalls", "calls", "a/1.wav", VersionId=old)
    given = [held(endpoint(azure), "calls")]
    _, rows = run(subscription(Facet.OBJECTS, versions=True, storage=given))
    assert {(row.version, row.current) for row in rows if row.key == "a/1.wav"} == {(new, True), (old, False)}
    _, rows = run(subscription(Facet.OBJECTS, storage=given))
    assert [(row.key, row.current) for row in rows] == [("a/1.wav", True), ("a/2.wav", True)]


def test_deleted_blobs_come_where_they_are_wanted(azure: Standin, told: Blobs, subscription: Subscriptions) -> None:
    gone = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1, hours=1)
    words = format_datetime(gone, usegmt=True)
    told.state("acmecalls", "calls", "a/1.wav", Deleted="true", DeletedTime=words, RemainingRetentionDays="5")
    given = [held(endpoint(azure), "calls")]
    _, rows = run(subscription(Facet.OBJECTS, Facet.DELETED, storage=given))
    assert {(row.key, row.current, row.restorable_until) for row in rows} == {
        ("a/1.wav", True, None),
        ("a/2.wav", True, None),
        ("a/1.wav", False, gone + timedelta(days=7)),
    }
    records, rows = run(subscription(Facet.DELETED, storage=given))
    assert [row.current for row in rows] == [False]
    assert {line.facet for line in of(records, Coverage)} == {Facet.DELETED}


def test_the_key_of_a_blob_is_that_of_its_scope(azure: Standin, told: Blobs, subscription: Subscriptions) -> None:
    told.tell("acmecalls", "calls", "a/1.wav", EncryptionScope="Calls")
    keyed = {
        "source": "Microsoft.KeyVault",
        "keyVaultProperties": {"keyUri": "https://acme.vault.azure.net/keys/calls"},
    }
    azure.pages(f"{PLACE}/encryptionScopes", [{"name": "calls", "properties": keyed}])
    given = [held(endpoint(azure), "calls")]
    _, rows = run(subscription(Facet.OBJECTS, storage=given))
    assert [(row.encryption_mode, row.key_id) for row in rows] == [
        ("customer", "https://acme.vault.azure.net/keys/calls"),
        ("provider", None),
    ]
    azure.faults.add("denied", "EncryptionScopes_List")
    records, rows = run(subscription(Facet.OBJECTS, storage=given))
    assert [row.encryption_mode for row in rows] == [None, "provider"]
    assert [gap.facet for gap in of(records, Gap)] == [Facet.ENCRYPTION]


def test_who_may_not_see_tags_gets_the_blobs_without(azure: Standin, told: Blobs, subscription: Subscriptions) -> None:
    azure.faults.add("denied", "Container_ListBlobFlatSegment", containing="tags")
    quiet(azure)
    given = [held(endpoint(azure), "calls")]
    records, rows = run(subscription(Facet.OBJECTS, Facet.LIFECYCLE, storage=given))
    assert [(row.key, row.tags) for row in rows] == [("a/1.wav", None), ("a/2.wav", None)]
    (gap,) = of(records, Gap)
    assert (gap.why, gap.facet, gap.permission) == (Why.DENIED, Facet.LIFECYCLE, READ_TAGS)
    assert [line.answered for line in of(records, Coverage) if line.facet == Facet.OBJECTS] == [1]


def test_who_may_not_see_blobs_at_all_gets_a_gap(azure: Standin, told: Blobs, subscription: Subscriptions) -> None:
    azure.faults.add("denied", "Container_ListBlobFlatSegment")
    records, rows = run(subscription(Facet.OBJECTS, storage=[held(endpoint(azure), "calls")]))
    (gap,) = of(records, Gap)
    assert (rows, gap.why, gap.permission) == ([], Why.DENIED, READ_BLOBS)


def test_lists_of_folders_are_kept_for_those_above_recordings(
    azure: Standin, told: Blobs, subscription: Subscriptions
) -> None:
    with told.azurite.owner("acmecalls") as holder:
        there = holder.get_container_client("calls")
        for name in ("a", "b", "b/notes.txt"):
            there.upload_blob(name, b"")
    rights = {"Owner": "o1", "Group": "g1"}
    for name in ("a", "b"):
        told.tell("acmecalls", "calls", name, ResourceType="directory", Acl=f"user:{name}:r-x", **rights)
    told.tell("acmecalls", "calls", "a/1.wav", ResourceType="file", Acl="user::rw-", **rights)
    given = held(endpoint(azure), "calls", isHnsEnabled=True)
    records, rows = run(subscription(Facet.OBJECTS, Facet.ACL, storage=[given]))
    assert [(row.key, row.acl is not None) for row in rows] == [
        ("a/1.wav", True),
        ("a/2.wav", False),
        ("b/notes.txt", False),
    ]
    lists = {each.attached_to[0]: read_acl(each.document) for each in of(records, PolicyDocument)}
    assert list(lists) == [f"{container_id(ID, 'calls')}/blobs/a"]
    (folder,) = lists.values()
    assert folder is not None
    assert (folder.owner, folder.group, folder.entries) == ("o1", "g1", (("user", "a", "r-x"),))
    (gap,) = of(records, Gap)
    assert (gap.operation, gap.why, gap.detail) == (
        "Path_GetProperties",
        Why.MALFORMED,
        "no endpoint for dfs was told",
    )


def test_the_level_to_which_a_container_is_public_is_asked_for_with_the_list(
    azure: Standin, subscription: Subscriptions
) -> None:
    quiet(azure)
    records, _ = run(subscription(Facet.STORES, Facet.ACL, storage=[held("", "calls", "notes")]))
    lines = {line.facet: (line.asked, line.answered) for line in of(records, Coverage)}
    assert lines[Facet.ACL] == (2, 2)
