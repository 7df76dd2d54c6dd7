"""A small world for the tests of the evaluator: an organization, a folder, a project, a bucket, some people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from cloudscan.access import Context, Decision
from cloudscan.access.keyspace import KeyClass
from cloudscan.estate import Estate
from cloudscan.model import (
    Account,
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
)
from cloudscan.tables.objects import ObjectTable
from cloudscan_gcp.facts import Facts
from cloudscan_gcp.reads import READ, Reads

Json = Mapping[str, Any]
ORGANIZATION, FOLDER, PROJECT = "organizations/1", "folders/10", "projects/calls"
STORE, KEY = "gs://corpus", "projects/calls/locations/eu/keyRings/audio/cryptoKeys/corpus"
ANA, BO, EVE = "user:ana@acme.example", "user:bo@acme.example", "user:eve@elsewhere.example"
ASR = "serviceAccount:asr@calls.iam.gserviceaccount.com"
TEAM, STAFF = "group:team@acme.example", "group:staff@acme.example"
EVERYBODY = "principalSet://goog/public:all"
VIEWER, OBJECT_READER = "roles/storage.objectViewer", "roles/storage.legacyObjectReader"
ROLES: Mapping[str, Sequence[str]] = {
    VIEWER: ("storage.objects.get", "storage.objects.list"),
    OBJECT_READER: ("storage.objects.get",),
    "roles/storage.objectAdmin": (
        "storage.objects.create",
        "storage.objects.delete",
        "storage.objects.get",
        "storage.objects.list",
        "storage.objects.setIamPolicy",
    ),
    "roles/storage.admin": ("storage.buckets.setIamPolicy", "storage.objects.get"),
    "roles/viewer": ("resourcemanager.projects.get", "storage.buckets.list"),
    "roles/editor": ("resourcemanager.projects.get", "storage.buckets.list"),
    "roles/owner": ("resourcemanager.projects.setIamPolicy", "serviceusage.services.use"),
    "roles/cloudkms.cryptoKeyDecrypter": ("cloudkms.cryptoKeyVersions.useToDecrypt",),
}
AGENT = "serviceAccount:service-1001@gs-project-accounts.iam.gserviceaccount.com"
CONTROLS = {
    "publicAccessPrevention": Answer.NO,
    "uniformBucketLevelAccess": Answer.YES,
    "requesterPays": Answer.NO,
    "ipFilter": Answer.NO,
}


def binding(role: str, *members: str, when: str = "") -> Json:
    """A binding of a role to members, under a condition."""
    return {"role": role, "members": list(members), **({"condition": {"expression": when}} if when else {})}


def document(kind: str, target: str, content: object, name: str = "") -> PolicyDocument:
    """A policy document as the cloud returned it, text as it is."""
    text = content if isinstance(content, str) else json.dumps(content)
    return PolicyDocument(name or f"{target}#iam", "gcp", "calls", kind, (target,), text)


def allow(target: str, *bindings: object) -> PolicyDocument:
    """The allow policy of a resource."""
    kind = (
        "resource" if target.startswith("gs://") else "trust" if target.startswith("serviceAccount:") else "hierarchy"
    )
    return document("key" if "/keyRings/" in target else kind, target, {"bindings": bindings})


def deny(target: str, *rules: object, name: str = "deny") -> PolicyDocument:
    """A deny policy."""
    return document("deny", target, {"rules": [{"denyRule": rule} for rule in rules]}, name)


def rule(*principals: str, permissions: Iterable[str] = ("storage.googleapis.com/objects.get",), **more: Any) -> Json:
    """A rule of a deny policy."""
    return {"deniedPrincipals": list(principals), "deniedPermissions": list(permissions), **more}


def role(name: str, *permissions: str, **more: Any) -> PolicyDocument:
    """The definition of a role."""
    content = {"name": name, "includedPermissions": list(permissions), **more}
    return PolicyDocument(name, "gcp", "calls", "role", (), json.dumps(content))


def bucket(**facts: Any) -> Store:
    """The bucket, under uniform access and Google's own keys unless said otherwise."""
    held: dict[str, Any] = {"encryption": Encryption("provider"), "acl": (), "tags": {}}
    switches = CONTROLS | facts.pop("controls", {})
    return Store(STORE, "gcp", "calls", "eu", "corpus", controls=switches, **(held | facts))


def person(name: str, *groups: str, **facts: Any) -> Principal:
    """A principal that is a member of groups: :func:`estate` tells it of these, as the cloud does."""
    kinds = {"user": "user", "serviceAccount": "service-account", "group": "group", "domain": "domain"}
    kind, _, address = name.partition(":")
    account = "calls" if kind == "serviceAccount" else ""
    return Principal(name, "gcp", facts.pop("account", account), kinds[kind], address, groups=groups, **facts)


def recording(name: str = "raw/a.wav", **facts: Any) -> MediaObject:
    """A recording in the bucket."""
    held: dict[str, Any] = {"media": MediaClass.SPEECH, "seconds": 60.0, "encryption_mode": "provider"}
    return MediaObject(STORE, name, size=10, **(held | facts))


@lru_cache(maxsize=1)
def _one_recording() -> ObjectTable:
    """The object table of most tests: opening one takes longer than all that is asked of it."""
    return ObjectTable(rows=[recording()])


def estate(
    *records: Record, objects: Iterable[MediaObject] | None = None, gaps: Iterable[Gap] = (), **facts: Any
) -> Estate:
    """The world with some records more; a policy of a node takes the place of the empty one, a store of the bucket."""
    above: tuple[str, ...] | None = facts.pop("parents", (ORGANIZATION, FOLDER))
    known: list[Record] = [Account("calls", "gcp", parents=above, unique_id="1001", tags={})]
    known += [role(name, *permissions) for name, permissions in ROLES.items()]
    empty = [allow(node) for node in (ORGANIZATION, FOLDER, PROJECT, STORE)]
    told = {one.id for one in records if isinstance(one, PolicyDocument)} | set(facts.pop("unread", ()))
    known += [one for one in empty if one.id not in told]
    known += [] if any(isinstance(one, Store) for one in records) else [bucket()]
    records = tuple(_told_of_groups(records))
    table = _one_recording() if objects is None else ObjectTable(rows=list(objects))
    return Estate.of([*known, *records], gaps, table)


def _told_of_groups(records: Sequence[Record]) -> Iterator[Record]:
    people = [one for one in records if isinstance(one, Principal)]
    for one in records:
        if isinstance(one, Principal):
            held = tuple(each.id for each in people if one.id in each.groups)
            yield replace(one, groups=(), members=held if one.kind == "group" else None)
        else:
            yield one


def kms_key(**facts: Any) -> list[Record]:
    """The customer's key, enabled, and the policies of its ring and of itself, which lets the agent decrypt."""
    held = Key(KEY, "gcp", "calls", "eu", manager="customer", **({"state": "enabled"} | facts))
    decrypter = binding("roles/cloudkms.cryptoKeyDecrypter", AGENT)
    return [held, allow(KEY.partition("/cryptoKeys/")[0]), allow(KEY, decrypter)]


def may(
    world: Estate, who: str, permission: str = READ, key: str = "raw/a.wav", *, known: Json | None = None, **held: Any
) -> Decision:
    """Ask about an object, with everything of the request known where ``known`` says what, else with nothing."""
    facts = Facts(world)
    context = Context() if known is None else Context.of(known, closed=True)
    row = {"encryption_mode": "provider", "key_id": None, "owner": None, "acl": None} | held
    held_so = KeyClass(row["encryption_mode"], row["key_id"], row["owner"], row["acl"], key, ())
    return Reads(facts, world.stores[STORE]).decide(facts.caller(who), permission, held_so, context)
