"""Storage accounts and their containers in neutral words. Pure: from what ARM returned, as JSON has it.

Shapes are those of "Storage Accounts - List", "Blob Containers - List", "Blob Services - Get Service Properties",
"Encryption Scopes - List" and "Object Replication Policies - List". What an answer does not tell is unknown, but for
what the reference says of a setting that is missing: shared keys are allowed ("the default value is null, which is
equivalent to true"), and a hierarchical namespace is there "if sets to true", when the account is made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cloudscan.model import (
    ANYONE,
    AclGrant,
    Answer,
    Credential,
    Encryption,
    PolicyDocument,
    Replication,
    RetentionLock,
    Store,
)
from cloudscan.providing.parts import items, pairs, part, texts, utc
from cloudscan_azure import lifecycle
from cloudscan_azure.accounts import Container, StorageAccount
from cloudscan_azure.ids import BLOBS, PROVIDER, container_id, key_id, lowered
from cloudscan_azure.kept import document

Told = Mapping[str, Any]
ACCOUNT_SCOPE = "$account-encryption-key"
"""The name of the encryption scope that is the account's own settings."""
HNS = "isHnsEnabled"
SHARED_KEY = "allowSharedKeyAccess"
_SWITCHES = (
    "allowBlobPublicAccess",
    "allowCrossTenantReplication",
    "defaultToOAuthAuthentication",
    "isLocalUserEnabled",
    "isNfsV3Enabled",
    "isSftpEnabled",
)
_NETWORK = ("publicNetworkAccess", "networkAcls", "privateEndpointConnections")
_SAFE_TLS, _OLD_TLS = {"tls1_2", "tls1_3"}, {"tls1_0", "tls1_1"}


@dataclass(frozen=True, slots=True)
class Shared:
    """What holds for all containers of a storage account beside its own settings; None for what was not read."""

    service: Told | None = None
    policy: Told | None = None
    scopes: Mapping[str, Encryption] | None = None
    replications: Sequence[Told] | None = None
    inventories: Sequence[Told] | None = None
    accounts: Mapping[str, str] = field(default_factory=dict)
    """The ids of the subscription's storage accounts by name."""


def store(account: StorageAccount, container: Container, subscription: str, shared: Shared) -> Store:
    """Read a container with all that holds for it.

    Nothing but roles and lists gives rights on a container: there is no resource policy, as other clouds have them.
    """
    replicas = shared.replications
    return Store(
        id=container.id,
        provider=PROVIDER,
        account=subscription,
        region=account.region,
        name=f"{account.name}/{container.name}",
        kind="container",
        encryption=encryption(account, container, shared.scopes),
        controls={**controls(account), **_service_controls(shared.service), **_container_controls(container)},
        has_policy=Answer.NO,
        acl=public_level(container),
        tls_required=answer(account.properties, "supportsHttpsTrafficOnly"),
        versioning=_versioning(account, shared.service),
        lifecycle=None if shared.policy is None else lifecycle.read_rules(shared.policy, container.name),
        astray_rules=lifecycle.astray(shared.policy or {}, [each.name for each in account.containers]),
        lock=lock(account, container),
        soft_delete_days=_soft_delete_days(shared.service),
        keeps_deleted=Answer.YES if _soft_delete_days(shared.service) else Answer.UNKNOWN,
        replication=None if replicas is None else tuple(_replicas(replicas, account, container, shared.accounts)),
        inventories=None if shared.inventories is None else tuple(_inventories(shared.inventories)),
        labels=pairs(account.told, "tags"),
    )


def answer(told: Told, name: str) -> Answer:
    """Read a setting that is yes or no."""
    value = told.get(name)
    return Answer.of(value if isinstance(value, bool) else None)


def controls(account: StorageAccount) -> dict[str, Answer]:
    """Read the switches of a storage account, by Azure's names."""
    told = account.properties
    found = {name: answer(told, name) for name in _SWITCHES}
    found[SHARED_KEY] = Answer.YES if told.get(SHARED_KEY) is None else answer(told, SHARED_KEY)
    found[HNS] = Answer.of(account.hierarchical)
    found["requireInfrastructureEncryption"] = answer(part(told, "encryption"), "requireInfrastructureEncryption")
    found["minimumTlsVersion TLS1_2"] = _among(told.get("minimumTlsVersion"), _SAFE_TLS, _OLD_TLS)
    closed = {"disabled", "securedbyperimeter"}
    found["publicNetworkAccess"] = _among(told.get("publicNetworkAccess"), {"enabled"}, closed)
    limited = part(told, "sasPolicy").get("sasExpirationPeriod")
    found["sasPolicy"] = Answer.YES if limited else Answer.UNKNOWN
    return found


def _among(word: object, good: set[str], bad: set[str]) -> Answer:
    told = word.lower() if isinstance(word, str) else ""
    return Answer.YES if told in good else Answer.NO if told in bad else Answer.UNKNOWN


def _service_controls(service: Told | None) -> dict[str, Answer]:
    told = part(service or {}, "properties")
    return {
        "changeFeed": answer(part(told, "changeFeed"), "enabled"),
        "restorePolicy": answer(part(told, "restorePolicy"), "enabled"),
        "containerDeleteRetentionPolicy": answer(part(told, "containerDeleteRetentionPolicy"), "enabled"),
        "lastAccessTimeTrackingPolicy": answer(part(told, "lastAccessTimeTrackingPolicy"), "enable"),
    }


def _container_controls(container: Container) -> dict[str, Answer]:
    told = part(container.told, "properties")
    return {
        "denyEncryptionScopeOverride": answer(told, "denyEncryptionScopeOverride"),
        "immutableStorageWithVersioning": answer(part(told, "immutableStorageWithVersioning"), "enabled"),
        "hasLegalHold": answer(told, "hasLegalHold"),
        "hasImmutabilityPolicy": answer(told, "hasImmutabilityPolicy"),
    }


def public_level(container: Container) -> tuple[AclGrant, ...] | None:
    """Read what a container gives to everybody, where its account allows that; None for what is not told."""
    level = part(container.told, "properties").get("publicAccess")
    word = level.lower() if isinstance(level, str) else ""
    return {"none": (), "blob": (AclGrant(ANYONE, "blob"),), "container": (AclGrant(ANYONE, "container"),)}.get(word)


def encryption(
    account: StorageAccount, container: Container, scopes: Mapping[str, Encryption] | None
) -> Encryption | None:
    """Read what encrypts new blobs: the container's scope, or the account's own key; None where that is not known."""
    scope = default_scope(container)
    if not scope:
        return of_account(account)
    return None if scopes is None else scopes.get(scope.lower())


def default_scope(container: Container) -> str:
    """Return the name of the encryption scope of new blobs; "" for the account's own key."""
    scope = part(container.told, "properties").get("defaultEncryptionScope")
    return scope if isinstance(scope, str) and scope != ACCOUNT_SCOPE else ""


def of_account(account: StorageAccount) -> Encryption | None:
    """Read the key of an account. It holds for all blobs without a scope, those that were there before, too ("Configure
    encryption with customer-managed keys")."""
    told = part(account.properties, "encryption")
    return _encryption(told.get("keySource"), _address(part(told, "keyvaultproperties")))


def _address(told: Told) -> str:
    """Return the address of an account's key, the version left out."""
    vault, name = told.get("keyvaulturi"), told.get("keyname")
    if isinstance(vault, str) and isinstance(name, str) and vault and name:
        return key_id(f"{vault.rstrip('/')}/keys/{name}")
    return key_id(str(told.get("currentVersionedKeyIdentifier") or ""))


def _encryption(source: object, key: str) -> Encryption | None:
    word = source.lower() if isinstance(source, str) else ""
    if word == "microsoft.keyvault":
        return Encryption("customer", key or None)
    return Encryption("provider") if word == "microsoft.storage" else None


def scopes(entries: Sequence[Told]) -> dict[str, Encryption]:
    """Read the encryption scopes of an account, by name in small letters; those of a source that is not known are none.

    A disabled one serves no request: its key is told all the same.
    """
    found: dict[str, Encryption] = {}
    for entry in entries:
        told = part(entry, "properties")
        read = _encryption(told.get("source"), key_id(str(part(told, "keyVaultProperties").get("keyUri") or "")))
        if read is not None:
            found[str(entry.get("name") or "").lower()] = read
    return found


def _versioning(account: StorageAccount, service: Told | None) -> str | None:
    """Read whether old versions are made. Accounts with a hierarchical namespace have none, but may have snapshots.

    Switching it off leaves the versions that are there ("Blob versioning"), and anybody may have taken snapshots.
    """
    if account.hierarchical:
        return "off"
    kept = answer(part(service or {}, "properties"), "isVersioningEnabled")
    return {Answer.YES: "enabled", Answer.NO: "off"}.get(kept)


def _soft_delete_days(service: Told | None) -> int | None:
    """Read for how many days blobs that are deleted now can be got back, 0 for none; None where it is not told.

    Those that were deleted before it was switched off stay as long as was set then ("Soft delete for blobs").
    """
    told = part(service or {}, "properties", "deleteRetentionPolicy")
    if told.get("enabled") is False:
        return 0
    return whole(told.get("days")) if told.get("enabled") is True else None


def whole(value: object) -> int | None:
    """Read a number of days; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def lock(account: StorageAccount, container: Container) -> RetentionLock | None:
    """Read whether blobs of a container are kept from being changed and deleted; None where that is not told.

    A policy or hold of a container keeps what it keeps in place; where versions are kept from change, the current one
    may become an old one ("Container-level WORM policies", "Version-level WORM policies").
    """
    told = part(container.told, "properties")
    policy = part(told, "immutabilityPolicy", "properties") or part(told, "immutabilityPolicy")
    days = whole(policy.get("immutabilityPeriodSinceCreationInDays"))
    by_version = answer(part(told, "immutableStorageWithVersioning"), "enabled")
    kept, ruled = answer(told, "hasLegalHold"), answer(told, "hasImmutabilityPolicy")
    mode = str(policy.get("state") or "").lower()
    if by_version is Answer.YES:
        return RetentionLock(Answer.YES, *_default(account, mode, days))
    if ruled is Answer.YES:
        return RetentionLock(Answer.UNKNOWN if days is None else Answer.YES, mode, days, keeps_current=True)
    if kept is Answer.YES:
        return RetentionLock(Answer.YES, "legal-hold", keeps_current=True)
    if Answer.UNKNOWN in (kept, ruled):
        return None
    return RetentionLock(Answer.NO, keeps_current=True)


def held(container: Container) -> bool | None:
    """Read whether a hold keeps all that is in a container; None where that is not told."""
    told = part(container.told, "properties").get("hasLegalHold")
    return told if isinstance(told, bool) else None


def _default(account: StorageAccount, mode: str, days: int | None) -> tuple[str, int | None]:
    """Return the policy that new versions get: the container's, else the account's, if there is one."""
    if days is not None:
        return mode, days
    own = part(account.properties, "immutableStorageWithVersioning", "immutabilityPolicy")
    return str(own.get("state") or "").lower(), whole(own.get("immutabilityPeriodSinceCreationInDays"))


def _replicas(
    policies: Sequence[Told], account: StorageAccount, container: Container, accounts: Mapping[str, str]
) -> Iterator[Replication]:
    """Read which policies copy new blobs of a container elsewhere; an account tells those that copy to it, too.

    An account elsewhere may be told by its name alone ("Object replication for block blobs"); that is its place then.
    """
    for policy in policies:
        told = part(policy, "properties")
        if not _is(told.get("sourceAccount"), account):
            continue
        there = str(told.get("destinationAccount") or "")
        known = lowered(there) if there.startswith("/") else accounts.get(there.lower(), "")
        owner = known.split("/")[2] if known.startswith("/subscriptions/") else None
        for rule in items(told, "rules"):
            if rule.get("sourceContainer") != container.name:
                continue
            name = str(rule.get("destinationContainer") or "")
            target = container_id(known, name) if known else f"{there}/{name}"
            for prefix in texts(part(rule, "filters"), "prefixMatch") or ("",):
                yield Replication(target, owner, prefix, enabled=True)


def _is(told: object, account: StorageAccount) -> bool:
    return isinstance(told, str) and (lowered(told) == account.id or told.lower() == account.name.lower())


def _inventories(entries: Sequence[Told]) -> Iterator[str]:
    """Yield the rules by which an account writes inventories, those that are in force."""
    for entry in entries:
        policy = part(entry, "properties", "policy")
        if policy.get("enabled") is True:
            yield from (str(rule.get("name") or "") for rule in items(policy, "rules") if rule.get("enabled") is True)


def network(account: StorageAccount, subscription: str) -> PolicyDocument:
    """Keep from where an account answers."""
    told = {name: account.properties[name] for name in _NETWORK if name in account.properties}
    return document(subscription, "network", f"{account.id}#network", told, account.id)


def identity(account: StorageAccount, subscription: str) -> PolicyDocument:
    """Keep as whom an account uses its key."""
    told = {
        "identity": part(account.told, "identity"),
        "encryption": {"identity": part(account.properties, "encryption", "identity")},
    }
    return document(subscription, "resource", f"{account.id}#identity", told, account.id)


def keys(account: StorageAccount, subscription: str) -> Iterator[Credential]:
    """Read when the keys of an account were made, which are as good as the account itself while these are taken.

    They never end by themselves: a key policy only reminds ("Manage storage account access keys").
    """
    made = part(account.properties, "keyCreationTime")
    usable = controls(account)[SHARED_KEY]
    for name in ("key1", "key2"):
        yield Credential(
            id=f"{account.id}/keys/{name}",
            provider=PROVIDER,
            account=subscription,
            principal=account.id,
            kind="account-key",
            created=utc(made.get(name)),
            lasting=Answer.YES,
            enabled=usable,
        )


def stored_policies(container: Container, subscription: str, identifiers: Sequence[Told]) -> PolicyDocument:
    """Keep the stored access policies of a container."""
    told = {"signedIdentifiers": list(identifiers)}
    return document(subscription, "resource", f"{container.id}#acl", told, container.id)


def path_list(container: Container, subscription: str, path: str, told: Mapping[str, str]) -> PolicyDocument:
    """Keep the access control list of a container (an empty path) or of a folder in it: owner, group and list."""
    place = f"{container.id}{BLOBS}{path}"
    return document(subscription, "acl", f"{place}#acl", told, place)


def acl_text(owner: str, group: str, acl: str) -> str:
    """Return a list as the object table holds it: entries without their rights, and these, in order."""
    entries = [entry.strip().rpartition(":") for entry in acl.split(",") if entry.strip()]
    found = [[f"owner:{owner}", ""], [f"owning-group:{group}", ""]]
    found += [[name, rights] for name, _, rights in entries if not name.startswith("default:")]
    return json.dumps(found, separators=(",", ":"))
