"""What the worlds of worked cases on Azure say of compute, of who manages identities, and of secrets, as records.

A principal, identity or application is known by one name. Shapes that are not told in full are taken in each way in
which they could be written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cloudscan.model import Answer, Credential, Federation, PolicyDocument, Principal, Record, Workload
from cloudscan_azure.ids import PROVIDER, lowered, person
from cloudscan_azure.kept import document
from cloudscan_azure.steps.secrets import HOLDS

Json = Mapping[str, Any]
TEMPLATES = {
    "global administrator": "62e90394-69f5-4237-9190-012177145e10",
    "company administrator": "62e90394-69f5-4237-9190-012177145e10",
    "privileged role administrator": "e8611ab8-c189-46e8-94e1-60213ab1f814",
    "application administrator": "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
    "cloud application administrator": "158c047a-c907-4556-b7ef-446551a6b5f7",
    "groups administrator": "fdd7a751-b60b-444a-984c-02652fe8fa1c",
    "user administrator": "fe930be7-5e62-47db-91af-98c3a49a38b1",
    "directory writers": "9360feb5-f418-4baa-8175-e2a00bac4301",
    "intune administrator": "3a2c62db-5318-420d-8d74-23affee5d9d5",
    "helpdesk administrator": "729827e3-9c14-49f7-bb1b-9608f156bbb8",
    "security reader": "5d6b6bb7-de71-4623-b4af-96380a352509",
    "global reader": "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
}
"""Roles of the directory by their names ("Microsoft Entra built-in roles")."""
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VAULTS = "/subscriptions/s1/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/"
_KINDS = {"vm": "instance", "web": "service", "function": "function"}


def pairs(told: object) -> Iterator[tuple[str, Any]]:
    """Yield the entries of a mapping, or of a list of objects that have a name."""
    if isinstance(told, Mapping):
        yield from told.items()
        return
    for one in told if isinstance(told, list) else ():
        if isinstance(one, Mapping):
            name = next(
                (str(one[key]) for key in ("name", "principal", "id", "group", "application") if key in one), ""
            )
            yield name, one
        else:
            yield str(one), {}


def names(told: object) -> list[str]:
    """Return the names of a list of principals, or of one."""
    if isinstance(told, str):
        return [told]
    return [str(one["principal"] if isinstance(one, Mapping) else one) for one in told or ()]  # type: ignore[attr-defined]


def path_of(name: str, world: Json) -> str:
    """Return the id of a managed identity's resource, or of the compute whose own it is; "" for other principals."""
    for one in world.get("compute") or ():
        if one.get("identity") == name and not resource_of(name, world):
            return lowered(one["id"])
    return resource_of(name, world)


def resource_of(name: str, world: Json) -> str:
    """Return the id of a managed identity that is a resource of its own, "" for any other principal."""
    for identity, told in pairs(world.get("identities")):
        if told == name and "/" in identity:
            return lowered(identity)
        if identity == name:
            path = told if isinstance(told, str) else told.get("id") or told.get("resource") or told.get("scope") or ""
            return lowered(str(path)) if "/" in str(path) else ""
    return ""


def _group(name: str, world: Json) -> Json:
    """Return what is told of a group: an ordinary one, unless its own record says otherwise."""
    told = (world.get("principals") or {}).get(name) or {}
    return {
        "isAssignableToRole": bool(told.get("isAssignableToRole")),
        "groupTypes": ["DynamicMembership"] if told.get("dynamic") else [],
        "onPremisesSyncEnabled": bool(told.get("onPremisesSyncEnabled")) or None,
    }


def workloads(world: Json, subscription: str) -> Iterator[Workload]:
    """Yield compute, once for each identity that it has."""
    for one in world.get("compute") or ():
        every = [one.get("identity"), *(one.get("identities") or ())]
        for place, identity in enumerate(dict.fromkeys(each for each in every if each)):
            name = lowered(one["id"])
            kind = _KINDS.get(str(one.get("kind")), "service")
            closed = Answer.NO if one.get("disableLocalAuth") else Answer.UNKNOWN
            yield Workload(
                f"{name}#{identity}" if place else name,
                PROVIDER,
                subscription,
                "westeurope",
                kind,
                name.rpartition("/")[2],
                principal=person(str(identity)),
                keys_in_settings=closed,
            )


def identities(world: Json) -> set[str]:
    """Return the names of identities that a world only tells of by what they are."""
    found = {name for name, _ in pairs(world.get("identities"))} | {
        name for name, _ in pairs(world.get("applications"))
    }
    for one in world.get("compute") or ():
        found |= {str(each) for each in (one.get("identity"), *(one.get("identities") or ())) if each}
    for part in ("application_owners", "group_owners"):
        for name, owners in (world.get(part) or {}).items():
            found |= {acting(name, world), *names(owners)}
    return found | {name for name, _, _ in _directory(world)}


def acting(name: str, world: Json) -> str:
    """Return the service principal that acts for an application, by its own name where a world has no other."""
    told = dict(pairs(world.get("applications"))).get(name)
    if isinstance(told, Mapping):
        keys = ("service_principal", "servicePrincipal", "sp")
        return next((str(told[key]) for key in keys if key in told), name)
    return told if isinstance(told, str) else name


def records(world: Json, tenant: str) -> Iterator[Record]:
    """Yield who manages identities, whose tokens let somebody in, and secrets."""
    groups = dict.fromkeys((*(world.get("groups") or {}), *(world.get("group_owners") or {})))
    owned: dict[str, Any] = {**groups, **(world.get("group_owners") or {}), **(world.get("application_owners") or {})}
    for name, owners in owned.items():
        content = {"value": [{"id": one} for one in names(owners)], **(_group(name, world) if name in groups else {})}
        owner = person(acting(name, world))
        yield document(tenant, "owners", f"{owner}#owners", content, owner)
    for place, (name, role, told) in enumerate(_directory(world)):
        kind = "directory-eligible" if told.get("eligible") else "directory"
        yield _held(tenant, kind, place, name, role)
    yield from _federations(world, tenant)
    yield from _vaults(world, tenant)


def _directory(world: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield who has which role of the directory, told by role or by principal, and permissions at Graph."""
    for part in ("directory_roles", "eligible_directory_roles", "graph_permissions", "graph_app_roles"):
        eligible = {"eligible": part.startswith("eligible")}
        told = world.get(part) or {}
        if isinstance(told, list):
            yield from ((str(one["principal"]), str(one["role"]), {**eligible, **one}) for one in told)
            continue
        for name, others in told.items():
            for other in names(others):
                by_role = name.lower() in TEMPLATES or "." in name or _ID.fullmatch(name) is not None
                yield (other, name, eligible) if by_role else (name, other, eligible)


def _held(tenant: str, kind: str, place: int, name: str, role: str) -> PolicyDocument:
    told = {"principalId": name, "directoryScopeId": "/"}
    if "." in role:
        return document(tenant, kind, f"app-role:{place}", {**told, "value": role}, "/")
    template = TEMPLATES.get(role.lower(), role)
    defined: Json = {
        "templateId": template,
        "displayName": role,
        "rolePermissions": [] if role.lower() in TEMPLATES else None,
    }
    content = {**told, "roleDefinitionId": template, "roleDefinition": defined}
    return document(tenant, kind, f"{kind}:{place}", content, "/")


def _federations(world: Json, tenant: str) -> Iterator[Record]:
    for place, one in enumerate(world.get("federated_credentials") or ()):
        subject = str(one.get("subject") or "")
        yield Federation(
            id=f"federated credential {place}",
            provider=PROVIDER,
            account=tenant,
            region="",
            kind="oidc",
            name=str(one.get("name") or place),
            roles=((subject, person(str(one["principal"]))),),
            issuer=str(one["issuer"]),
            condition=str(one.get("expression") or f"claims['sub'] eq '{subject}'"),
            enabled=Answer.YES,
        )
        if one.get("holder"):
            cloud, holder = one["holder"]
            yield Principal(holder, cloud, "elsewhere", "service-account", holder, unique_id=subject)


def secrets(world: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield each secret with its vault's id and what is told of it."""
    for place, one in enumerate(world.get("vault_secrets") or ()):
        vault = str(one.get("vault") or one.get("scope") or one.get("vault_id"))
        path = (
            vault
            if "/" in vault
            else f"/subscriptions/s1/resourceGroups/rg1/providers/Microsoft.KeyVault/vaults/{vault}"
        )
        yield lowered(path), str(one.get("name") or one.get("secret") or f"storage-key-{place}").lower(), one


def _vaults(world: Json, tenant: str) -> Iterator[Record]:
    told: dict[str, Json] = {}
    for vault, name, one in secrets(world):
        told.setdefault(vault, one)
        secret = f"{vault}/secrets/{name}"
        yield Credential(secret, PROVIDER, tenant, "", "stored-secret", enabled=Answer.YES)
    for vault, one in told.items():
        by_roles = one.get("enableRbacAuthorization", True)
        access = [_access(each) for each in one.get("accessPolicies") or one.get("access_policies") or ()]
        properties = {"enableRbacAuthorization": by_roles, "accessPolicies": access}
        yield document(tenant, "resource", f"{vault}#access", {"properties": properties}, vault)


def _access(one: Any) -> Json:
    if isinstance(one, str):
        return {"objectId": one, "permissions": {"secrets": ["get"]}}
    permissions = one.get("permissions") or one.get("secrets") or ["get"]
    told = permissions if isinstance(permissions, Mapping) else {"secrets": list(permissions)}
    return {"objectId": one.get("objectId") or one.get("principal"), "permissions": told}


def held_keys(world: Json) -> dict[str, str]:
    """Return what is true of secrets: that one holds a key of the account, unless the world says what else it is."""
    account = lowered(world["storage_account"]["id"])
    return {f"{HOLDS}{vault}/secrets/{name}": account for vault, name, one in secrets(world) if _is_key(one, account)}


def _is_key(one: Json, account: str) -> bool:
    told = next((one[key] for key in ("holds", "contains", "content", "kind", "value") if key in one), None)
    if told is None or told is True:
        return True
    text = json.dumps(told).lower()
    words: Iterable[str] = (account.rpartition("/")[2], "key", "connection", "storage", "sas")
    return told is not False and any(word in text for word in words)
