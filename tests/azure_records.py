"""Worlds of the worked access cases on Azure as the records that a collection would have made of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cloudscan.estate import Estate
from cloudscan.model import (
    ANYONE,
    Account,
    AclGrant,
    Answer,
    Encryption,
    Key,
    MediaClass,
    MediaObject,
    PolicyDocument,
    Principal,
    Record,
    Store,
)
from cloudscan.tables.objects import ObjectTable
from cloudscan_azure.ids import BLOBS, lowered, person
from cloudscan_azure.policy.callers import EVERYBODY
from tests import azure_tenants

Json = Mapping[str, Any]
AZURE = "azure"
KEY = "https://vault.example/keys/corpus"
_VAULT = "/subscriptions/s1/resourcegroups/rg1/providers/microsoft.keyvault/vaults/vault"
"""The vault of the key: roles decide in it, unless a world says otherwise, or by None that it was not read."""
_KINDS = {"user": "user", "guest": "guest", "group": "group"}
_TYPES = {"user": "User", "guest": "User", "group": "Group", "service-account": "ServicePrincipal"}
_DEFINITIONS = "/providers/Microsoft.Authorization/roleDefinitions/"


class Inexpressible(Exception):
    """A world or a question for which there are no records."""


def estate_of(world: Json, path: str) -> Estate:
    """Make the estate of a world in which one blob is a recording."""
    made = Records(world, path)
    return Estate.of(made.all(), objects=ObjectTable(rows=[*made.objects(path)]))


class Records:
    """The records of one world."""

    def __init__(self, world: Json, path: str = "") -> None:
        """``path`` is that of the blob that is asked about."""
        self.world, self.path = world, path
        self.storage: Json = world["storage_account"]
        self.container: Json = world["container"]
        self.account = lowered(self.storage["id"])
        self.store = f"{self.account}/blobservices/default/containers/{self.container['name']}"
        self.parents = {
            lowered(node): above and lowered(above) for node, above in (world.get("hierarchy") or {}).items()
        }
        self.subscription = self.account.split("/")[2]

    def all(self) -> Iterator[Record]:
        """Yield every record."""
        yield Account(
            self.subscription,
            AZURE,
            organization=self.world.get("tenant"),
            parents=self._above(f"/subscriptions/{self.subscription}"),
        )
        yield self._store()
        yield from self._principals()
        yield from self._roles()
        yield from self._assignments()
        yield from self._denies()
        yield from self._settings()
        yield from self._lists()
        yield from azure_tenants.workloads(self.world, self.subscription)
        yield from azure_tenants.records(self.world, str(self.world.get("tenant") or ""))
        if self.mode == "customer":
            state = str(self._encryption.get("key_state") or self._encryption.get("keyState") or "Enabled")
            path = f"{_VAULT}/keys/corpus"
            yield Key(KEY, AZURE, self.subscription, "westeurope", "customer", state=state.lower(), aliases=(path,))
            opened = {"enableRbacAuthorization": True, **(self._encryption.get("vault") or {})}
            if self._encryption.get("vault", {}) is not None:
                yield _document(f"{_VAULT}#access", "resource", _VAULT, {"properties": opened})

    def _above(self, node: str) -> tuple[str, ...]:
        """Return the scopes above one, the topmost first."""
        found: list[str] = []
        above = self.parents.get(node)
        while above:
            found.append(above)
            above = self.parents.get(above)
        return tuple(reversed(found))

    @property
    def _encryption(self) -> Json:
        return self.storage.get("encryption") or {}

    @property
    def mode(self) -> str:
        """How the recording is encrypted, in the words of records."""
        told = str(self._encryption.get("mode") or "").lower()
        if "cpk" in told or "customer-provided" in told or "customerprovided" in told:
            return "customer-supplied"
        return "customer" if "keyvault" in told else "provider"

    def _store(self) -> Store:
        level = str(self.container.get("publicAccess") or "None").lower()
        switches = {
            name: Answer.of(self.storage.get(name))
            for name in ("allowBlobPublicAccess", "allowSharedKeyAccess", "isHnsEnabled", "allowCrossTenantReplication")
        }
        # What older API versions leave out is as accounts were before: allowed, and without folders.
        defaults = {"allowBlobPublicAccess": Answer.YES, "allowSharedKeyAccess": Answer.YES, "isHnsEnabled": Answer.NO}
        switches = {
            name: defaults.get(name, told) if told is Answer.UNKNOWN else told for name, told in switches.items()
        }
        return Store(
            id=self.store,
            provider=AZURE,
            account=self.subscription,
            region="westeurope",
            name=f"{self.account.rpartition('/')[2]}/{self.container['name']}",
            kind="container",
            encryption=Encryption("provider") if self.mode != "customer" else Encryption("customer", KEY),
            acl=() if level == "none" else (AclGrant(ANYONE, level),),
            controls=switches,
            versioning=self.storage.get("versioning"),
            tls_required=Answer.of(bool(self.storage.get("supportsHttpsTrafficOnly", True))),
        )

    def _principals(self) -> Iterator[Principal]:
        told: Json = self.world.get("principals") or {}
        groups: Json = self.world.get("groups") or {}
        named = {
            str(one["principal"]) for part in ("role_assignments", "eligible_assignments") for one in self._of(part)
        }
        inside = {member for members in groups.values() for member in members or ()}
        for name in sorted({*told, *groups, *inside, *named, *azure_tenants.identities(self.world)}):
            known = told.get(name) or {}
            kind = "group" if name in groups else self._kind(name, known)
            attributes = known.get("attributes") or known.get("customSecurityAttributes") or {}
            members = groups.get(name)
            labels = {key: str(value) for key, value in attributes.items()}
            yield Principal(
                id=person(name),
                provider=AZURE,
                account=str(known.get("tenant") or self.world.get("tenant") or ""),
                kind=kind,
                name=name,
                path=azure_tenants.path_of(name, self.world),
                labels=labels,
                members=None if members is None else tuple(map(person, members)),
                enabled=Answer.of(known.get("accountEnabled", known.get("enabled", True))),
            )

    def _kind(self, name: str, known: Json) -> str:
        if known.get("guest") or str(known.get("userType")).lower() == "guest":
            return "guest"
        told = str(known.get("type") or ("User" if known else "ServicePrincipal")).lower()
        return _KINDS.get(told, "service-account")

    def _of(self, part: str) -> Sequence[Json]:
        return self.world.get(part) or []

    def _roles(self) -> Iterator[PolicyDocument]:
        for name, told in (self.world.get("role_definitions") or {}).items():
            scopes = told.get("assignableScopes")
            kind = "CustomRole" if scopes else "BuiltInRole"
            content = {
                "properties": {"roleName": name, "type": kind, "permissions": [told], "assignableScopes": scopes}
            }
            yield _document(lowered(f"{_DEFINITIONS}{_guid(name)}"), "role", None, content)

    def _assignments(self) -> Iterator[PolicyDocument]:
        kinds = {one.id: one.kind for one in self._principals()}
        for part, kind in (("role_assignments", "hierarchy"), ("eligible_assignments", "eligible")):
            for place, one in enumerate(self._of(part), start=1):
                scope = str(one["scope"])
                properties = {
                    "scope": scope,
                    "roleDefinitionId": f"/subscriptions/{self.subscription}{_DEFINITIONS}{_guid(one['role'])}",
                    "principalId": one["principal"],
                    "principalType": _TYPES[kinds[person(one["principal"])]],
                    "condition": one.get("condition"),
                    "conditionVersion": "2.0" if one.get("condition") else None,
                    "startDateTime": one.get("start"),
                    "endDateTime": one.get("end"),
                }
                yield _document(f"{lowered(scope)}/{part}/{place}", kind, lowered(scope), {"properties": properties})

    def _denies(self) -> Iterator[PolicyDocument]:
        for place, one in enumerate(self._of("deny_assignments"), start=1):
            permission = {name: one.get(name) for name in ("actions", "notActions", "dataActions", "notDataActions")}
            properties = {
                "scope": one["scope"],
                "permissions": [permission],
                "principals": [*_meant(one["principals"])],
                "excludePrincipals": [*_meant(one.get("excludePrincipals") or ())],
                "doNotApplyToChildScopes": bool(one.get("doNotApplyToChildScopes")),
            }
            scope = lowered(one["scope"])
            yield _document(f"{scope}/denyassignments/{place}", "deny", scope, {"properties": properties})

    def _settings(self) -> Iterator[PolicyDocument]:
        acls = dict(self.storage.get("networkAcls") or {"defaultAction": "Allow"})
        acls["ipRules"] = [_rule(one, "value") for one in acls.get("ipRules") or ()]
        acls["virtualNetworkRules"] = [_rule(one, "id") for one in acls.get("virtualNetworkRules") or ()]
        endpoints = self.storage.get("privateEndpoints") or self.storage.get("privateEndpointConnections") or ()
        network = {
            "publicNetworkAccess": self.storage.get("publicNetworkAccess"),
            "networkAcls": acls,
            "privateEndpointConnections": [_connection(one) for one in endpoints],
        }
        yield _document(f"{self.account}#network", "network", self.account, network)
        told = [_identifier(one) for one in self.container.get("stored_access_policies") or ()]
        yield _document(f"{self.store}#acl", "resource", self.store, {"signedIdentifiers": told})
        for place, one in enumerate(self._of("locks"), start=1):
            scope = lowered(one["scope"])
            yield _document(f"{scope}/locks/{place}", "lock", scope, {"properties": {"level": one["level"]}})

    def _lists(self) -> Iterator[PolicyDocument]:
        """Yield the access control lists; one that a world does not tell gives nothing."""
        if not self.storage.get("isHnsEnabled"):
            return
        mask = str(self.container.get("mask") or "rwx")
        told = {name.strip("/"): entries for name, entries in (self.container.get("acl") or {}).items()}
        parts = self.path.split("/")
        way: dict[str, Any] = {"/".join(parts[:end]): [] for end in range(len(parts) + 1)}
        for path, entries in (way | told).items():
            owner = next((who for sort, who, _ in entries if sort == "owner"), "$superuser")
            group = next((who for sort, who, _ in entries if sort in ("owning_group", "owning-group")), "")
            lines = [f"mask::{mask}", *(_entry(*each) for each in entries)]
            content = {"owner": owner, "group": group, "acl": ",".join(lines)}
            name = f"{self.store}{BLOBS}{path}"
            yield _document(f"{name}#acl", "acl", name, content)

    def objects(self, path: str) -> Iterator[MediaObject]:
        """Yield the one recording."""
        yield MediaObject(
            self.store,
            path,
            size=1,
            media=MediaClass.SPEECH,
            seconds=1.0,
            encryption_mode=self.mode,
            key_id=KEY if self.mode == "customer" else None,
        )


def _entry(sort: str, who: str, rights: str) -> str:
    plain = {"owner": "user", "owning_group": "group", "owning-group": "group", "other": "other", "mask": "mask"}
    return f"{plain[sort]}::{rights}" if sort in plain else f"{sort}:{who}:{rights}"


def _guid(role: str) -> str:
    """Return a role definition's name, which the cloud makes of numbers: that of a built-in one, where it is told."""
    return _BUILT_IN.get(role, "-".join(role.lower().split()))


_BUILT_IN = {
    "Owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "User Access Administrator": "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    "Storage Blob Data Owner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Data Reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    "Storage Queue Data Reader": "19e7f393-937e-4f77-808e-94535e297925",
    "Storage Blob Delegator": "db58b8e5-c6ad-4a2a-8342-4190687cbf4a",
    "Storage Account Contributor": "17d1049b-9a84-46fb-8f53-869881c3d3ab",
}
"""The names of roles that conditions on role assignments name ("Azure built-in roles")."""


def _meant(names: Iterable[Any]) -> Iterator[Json]:
    for name in names:
        told = name["id"] if isinstance(name, Mapping) else str(name)
        everybody = told.lower() in ("everyone", "all principals", "allprincipals", EVERYBODY)
        yield {"id": EVERYBODY, "type": "SystemDefined"} if everybody else {"id": told, "type": "User"}


def _rule(one: Any, name: str) -> Json:
    return one if isinstance(one, Mapping) else {name: one, "action": "Allow"}


def _connection(one: Any) -> Json:
    told = one if isinstance(one, Mapping) else {"id": one}
    status = told.get("status") or told.get("state") or "Approved"
    endpoint = {"id": told.get("id") or told.get("name")}
    return {"properties": {"privateEndpoint": endpoint, "privateLinkServiceConnectionState": {"status": status}}}


def _identifier(one: Json) -> Json:
    access = {
        "start": one.get("start"),
        "expiry": one.get("expiry"),
        "permission": one.get("permissions") or one.get("permission"),
    }
    return {"id": one.get("id") or one.get("name"), "accessPolicy": one.get("accessPolicy") or access}


def _document(name: str, kind: str, target: str | None, content: Json) -> PolicyDocument:
    return PolicyDocument(name, AZURE, "", kind, (target,) if target else (), json.dumps(content))
