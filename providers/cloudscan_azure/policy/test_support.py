"""A small world for the tests of the evaluator: a management group, a subscription, an account, a container, people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from cloudscan.access import Context, Decision
from cloudscan.access.keyspace import KeyClass
from cloudscan.estate import Estate
from cloudscan.model import (
    Account,
    AclGrant,
    Answer,
    Encryption,
    Gap,
    Key,
    MediaClass,
    MediaObject,
    PolicyDocument,
    Principal,
    Record,
    Store,
    Why,
)
from cloudscan.tables.objects import ObjectTable
from cloudscan_azure.facts import Facts
from cloudscan_azure.ids import BLOBS, person
from cloudscan_azure.policy.callers import EVERYBODY
from cloudscan_azure.policy.operations import GET_BLOB, Operation
from cloudscan_azure.reads import Reads

Json = Mapping[str, Any]
TENANT, SUB = "tenant-1", "sub-1"
GROUP = "/providers/microsoft.management/managementgroups/acme"
SUBSCRIPTION = f"/subscriptions/{SUB}"
RESOURCES = f"{SUBSCRIPTION}/resourcegroups/audio"
ACCOUNT = f"{RESOURCES}/providers/microsoft.storage/storageaccounts/calls"
STORE = f"{ACCOUNT}/blobservices/default/containers/corpus"
KEY = "https://vault.example/keys/corpus"
ANA, BO, GUS, ASR = person("ana"), person("bo"), person("gus"), person("asr")
TEAM, STAFF = person("team"), person("staff")
BLOB = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
PATH = f"@Resource[{BLOB}:path]"
ROLES: Mapping[str, Json] = {
    "reader": {"dataActions": [f"{BLOB}/read"]},
    "contributor": {"dataActions": [f"{BLOB}/*"]},
    "writer": {"dataActions": [f"{BLOB}/*"], "notDataActions": [f"{BLOB}/read"]},
    "owner": {"actions": ["*"]},
    "manager": {"actions": ["*/read"]},
}
CONTROLS = {"allowBlobPublicAccess": Answer.NO, "allowSharedKeyAccess": Answer.YES, "isHnsEnabled": Answer.NO}


def document(kind: str, scope: str | None, content: object, name: str) -> PolicyDocument:
    """A policy document as the cloud returned it, text as it is."""
    text = content if isinstance(content, str) else json.dumps(content)
    return PolicyDocument(name, "azure", SUB, kind, (scope,) if scope else (), text)


def role(name: str, **permission: Any) -> PolicyDocument:
    """The definition of a role."""
    content = {"properties": {"roleName": name, "permissions": [{"actions": [], "dataActions": [], **permission}]}}
    return document("role", None, content, f"{SUBSCRIPTION}/providers/microsoft.authorization/roledefinitions/{name}")


def assigned(scope: str, name: str, who: str, *, when: str = "", eligible: bool = False, **more: Any) -> PolicyDocument:
    """A role assignment; its id tells all of it."""
    kind = "Group" if who in (TEAM, STAFF) else "ServicePrincipal" if who == ASR else "User"
    properties = {
        "scope": scope,
        "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{name}",
        "principalId": who.removeprefix("entra:").upper(),
        "principalType": kind,
        "condition": when or None,
        "conditionVersion": "2.0" if when else None,
        **more,
    }
    sort = "eligible" if eligible else "hierarchy"
    told = json.dumps([when, more], sort_keys=True) if when or more else ""
    return document(sort, scope, {"properties": properties}, f"{scope}#{sort} {name} {who}{told}")


def denied(scope: str, *who: str, name: str = "", **more: Any) -> PolicyDocument:
    """A deny assignment, of reading unless said otherwise; of nobody in particular it is for everybody."""
    ids = [{"id": one.removeprefix("entra:"), "type": "User"} for one in who]
    everybody = [{"id": EVERYBODY, "type": "SystemDefined"}]
    permission = {"actions": more.pop("actions", []), "dataActions": more.pop("data", [f"{BLOB}/read"])}
    excluded = [{"id": one.removeprefix("entra:"), "type": "User"} for one in more.pop("but", ())]
    properties: dict[str, Any] = {"scope": scope, "permissions": [permission], "principals": ids or everybody}
    properties |= {"doNotApplyToChildScopes": False, **more}
    return document(
        "deny", scope, {"properties": {**properties, "excludePrincipals": excluded}}, name or f"{scope}#deny"
    )


def lock(scope: str, level: str = "ReadOnly") -> PolicyDocument:
    """A lock."""
    return document("lock", scope, {"properties": {"level": level}}, f"{scope}#lock")


def network(**told: Any) -> PolicyDocument:
    """The network rules of the account, open unless said otherwise."""
    rules: dict[str, Any] = {"defaultAction": "Allow", "bypass": "None", "ipRules": [], "virtualNetworkRules": []}
    kept = {"publicNetworkAccess": "Enabled", "privateEndpointConnections": [], **told}
    kept["networkAcls"] = rules | kept.pop("acls", {})
    return document("network", ACCOUNT, kept, "network")


def listed(path: str, *entries: str, owner: str = "$superuser", group: str = "$superuser") -> PolicyDocument:
    """The access control list of a file or folder."""
    name = f"{STORE}{BLOBS}{path}"
    return document("acl", name, {"owner": owner, "group": group, "acl": ",".join(entries)}, f"{name}#acl")


def stored(**policies: Json) -> PolicyDocument:
    """The stored access policies of the container."""
    told = [{"id": name, "accessPolicy": access} for name, access in policies.items()]
    return document("resource", STORE, {"signedIdentifiers": told}, "stored")


def container(**facts: Any) -> Store:
    """The container, private and under Microsoft's own keys unless said otherwise."""
    controls = CONTROLS | facts.pop("controls", {})
    held: dict[str, Any] = {"encryption": Encryption("provider"), "acl": (), "tls_required": Answer.YES}
    return Store(
        STORE, "azure", SUB, "westeurope", "calls/corpus", kind="container", controls=controls, **(held | facts)
    )


def someone(name: str, *groups: str, **facts: Any) -> Principal:
    """A principal of the tenant."""
    kinds = {TEAM: "group", STAFF: "group", ASR: "service-account", GUS: "guest"}
    told: dict[str, Any] = {"account": TENANT, "members": () if name in (TEAM, STAFF) else None}
    return Principal(
        name, "azure", kind=kinds.get(name, "user"), name=name, groups=groups, **{**told, "labels": {}, **facts}
    )


def recording(name: str = "raw/a.wav", **facts: Any) -> MediaObject:
    """A recording in the container."""
    held: dict[str, Any] = {"media": MediaClass.SPEECH, "seconds": 60.0, "encryption_mode": "provider"}
    return MediaObject(STORE, name, size=10, **(held | facts))


PEOPLE = (someone(TEAM, STAFF), someone(STAFF), someone(ANA, TEAM), someone(BO), someone(ASR), someone(GUS))


@lru_cache(maxsize=1)
def _one_recording() -> ObjectTable:
    """The object table of most tests: opening one takes longer than all that is asked of it."""
    return ObjectTable(rows=[recording()])


def estate(
    *records: Record, objects: Iterable[MediaObject] | None = None, gaps: Iterable[Gap] = (), **facts: Any
) -> Estate:
    """The world with some records more; a store takes the place of the container, network rules that of open ones."""
    above: tuple[str, ...] | None = facts.pop("parents", (GROUP,))
    known: list[Record] = [Account(SUB, "azure", organization=TENANT, parents=above)]
    known += [role(name, **permission) for name, permission in ROLES.items()]
    known += [] if any(isinstance(one, Store) for one in records) else [container()]
    named = {one.id for one in records if isinstance(one, PolicyDocument | Principal)} | set(facts.pop("unread", ()))
    known += [one for one in (network(), *PEOPLE) if one.id not in named]
    table = _one_recording() if objects is None else ObjectTable(rows=list(objects))
    return Estate.of([*known, *records], gaps, table)


def gap(resource: str, operation: str, facet: str = "organization") -> Gap:
    """Something that was refused."""
    return Gap("azure", SUB, "", facet, resource, Why.DENIED, operation)


def key(**facts: Any) -> Key:
    """The customer's key, enabled unless said otherwise."""
    return Key(KEY, "azure", SUB, "westeurope", manager="customer", **({"state": "enabled"} | facts))


PUBLIC = (AclGrant("anyone", "container"),)


def may(
    world: Estate,
    who: str,
    operation: Operation = GET_BLOB,
    path: str = "raw/a.wav",
    *,
    known: Json | None = None,
    **held: Any,
) -> Decision:
    """Ask about a blob, with everything of the request known where ``known`` says what, else with nothing."""
    facts = Facts(world)
    context = Context() if known is None else Context.of(known, closed=True)
    row = {"encryption_mode": "provider", "key_id": None, "acl": None} | held
    classed = KeyClass(row["encryption_mode"], row["key_id"], None, row["acl"], path, ())
    return Reads(facts, world.stores[STORE]).decide(facts.caller(who), operation, classed, context)


def unsure(decision: Decision) -> Sequence[str]:
    """What an answer hangs on that was not seen."""
    return decision.unseen
