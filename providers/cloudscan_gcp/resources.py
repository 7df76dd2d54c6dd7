"""The resources of an estate as the evaluator takes them: what lies above each, and how conditions see it. Pure.

Names of attributes follow "Resource attributes" of the attribute reference for IAM Conditions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property

import msgspec

from cloudscan.estate import Estate
from cloudscan.model import Account, AclGrant, Answer, Store
from cloudscan_gcp.buckets_read import PREVENTION, UNIFORM
from cloudscan_gcp.policy.places import Lists, Place
from cloudscan_gcp.policy.subjects import BUCKET, OBJECT, SERVICE_ACCOUNT, Subject
from cloudscan_gcp.session import PROVIDER

_STORAGE = "storage.googleapis.com"
_MANAGER = "cloudresourcemanager.googleapis.com"
_KMS = "cloudkms.googleapis.com"
_NODES = re.compile(r"(projects|folders|organizations)/[^/]+")
_KEYS = re.compile(r"(?P<ring>projects/(?P<project>[^/]+)/locations/[^/]+/keyRings/[^/]+)(?P<key>/cryptoKeys/[^/]+)?")
_HOME = re.compile(r".+@(?P<project>[^.@]+)\.iam\.gserviceaccount\.com")
_ON_BUCKETS = ("storage.buckets.", "storage.objects.list", "storage.multipartUploads.list", "storage.managedFolders.")
"""Permissions that a request uses on the bucket, whatever object it names ("IAM permissions for JSON methods")."""
_PAIRS = msgspec.json.Decoder(list[tuple[str, str]])


class Resources:
    """The hierarchy of an estate, and its buckets, objects, service accounts and keys."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate

    @cached_property
    def projects(self) -> Mapping[str, Account]:
        """The projects by id."""
        return {one.id: one for one in self.estate.accounts.values() if one.provider == PROVIDER}

    @cached_property
    def _by_number(self) -> Mapping[str, Account]:
        return {one.unique_id: one for one in self.projects.values() if one.unique_id}

    def project(self, name: str) -> Account | None:
        """Return a project by its id or its number."""
        return self.projects.get(name) or self._by_number.get(name)

    def down_to(self, project: str) -> tuple[str, ...]:
        """Return the nodes of the hierarchy from the top down to a project, as far as they were read."""
        account = self.project(project)
        return (*(account.parents or ()), f"projects/{account.id}") if account else (f"projects/{project}",)

    @cached_property
    def folders(self) -> Mapping[str, tuple[str, ...]]:
        """The nodes from the top down to each folder and organization that lies above a project."""
        found: dict[str, tuple[str, ...]] = {}
        for account in self.projects.values():
            for place, node in enumerate(account.parents or (), start=1):
                found[node] = (account.parents or ())[:place]
        return found

    @cached_property
    def folders_in(self) -> Mapping[str, tuple[str, ...]]:
        """The managed folders of each store with a policy that was read, or is known not to have been, by store."""
        named = [node for document in self.estate.policies.values() for node in document.attached_to]
        named += [gap.resource for gap in self.estate.gaps if gap.provider == PROVIDER]
        found: dict[str, dict[str, None]] = {}
        for node in named:
            if node.startswith("gs://") and node.endswith("/"):
                found.setdefault(_split(node)[0], {})[node] = None
        return {store: tuple(sorted(folders)) for store, folders in found.items()}

    def place(self, name: str, permission: str = "") -> Place:
        """Return a resource by the id that records have for it, or an object as ``gs://BUCKET/KEY``.

        A permission that a request uses on the bucket is asked about there, whatever object it is about.
        """
        if name.startswith("gs://"):
            store, key = _split(name)
            return self.on_object(store, key, permission) if key else self.on_bucket(store)
        if name.startswith("serviceAccount:"):
            return self._on_account(name)
        if found := _KEYS.match(name):
            return self._on_key(name, found)
        if _NODES.fullmatch(name):
            return self._on_node(name)
        project = name.split("/")[1] if name.startswith("projects/") else ""
        return self._below(project, Subject("", "", ""), name)

    def _below(self, project: str, subject: Subject, *nodes: str) -> Place:
        account = self.project(project)
        above = account is not None and account.parents is not None
        return Place(nodes[-1], (*self.down_to(project), *nodes), subject, above)

    def _on_node(self, name: str) -> Place:
        kind, _, rest = name.partition("/")
        if kind != "projects":
            subject = Subject(name, f"{_MANAGER}/{kind[:-1].title()}", _MANAGER)
            return Place(name, self.folders.get(name, (name,)), subject, above=name in self.folders)
        account = self.project(rest)
        number = f"projects/{account.unique_id}" if account and account.unique_id else ""
        subject = Subject(number, f"{_MANAGER}/Project", _MANAGER, account.tags if account else None)
        above = account is not None and account.parents is not None
        return Place(name, self.down_to(rest), subject, above)

    def _on_account(self, name: str) -> Place:
        record = self.estate.principals.get(name)
        account = self.project(record.account if record else project_of(name))
        project = account.id if account else project_of(name)
        kind = Subject("", SERVICE_ACCOUNT, "iam.googleapis.com", account.tags if account else None)
        return self._below(project, kind, name)

    def _on_key(self, name: str, found: re.Match[str]) -> Place:
        account = self.project(found["project"])
        kind = f"{_KMS}/{'CryptoKey' if found['key'] else 'KeyRing'}"
        subject = Subject(name, kind, _KMS, account.tags if account else None)
        nodes = (found["ring"], found[0]) if found["key"] else (found["ring"],)
        return self._below(found["project"], subject, *nodes)

    def on_bucket(self, store: str) -> Place:
        """Return a bucket. Its list counts for the bucket, and for what is put into it."""
        held = self.estate.stores.get(store)
        subject = Subject(f"projects/_/buckets/{store[len('gs://') :]}", BUCKET, _STORAGE, _tags(held))
        lists = Lists(_control(held, UNIFORM), held.acl if held else None, of_object=False)
        return self._in_store(held, store, (), subject, lists)

    def on_object(
        self,
        store: str,
        key: str,
        permission: str = "",
        acl: Sequence[AclGrant] | None = None,
        owner: str | None = None,
    ) -> Place:
        """Return an object with its access control list and its owner, who has everything on it by that list.

        From "Access control lists (ACLs)": whoever puts an object into a bucket owns it.
        """
        held = self.estate.stores.get(store)
        bucket = store[len("gs://") :]
        folders = tuple(node for node in self.folders_in.get(store, ()) if f"{store}/{key}".startswith(node))
        if permission.startswith(_ON_BUCKETS):
            subject = Subject(f"projects/_/buckets/{bucket}", BUCKET, _STORAGE, _tags(held))
            lists = Lists(_control(held, UNIFORM), held.acl if held else None, of_object=False)
            return self._in_store(held, store, folders, subject, lists)
        subject = Subject(f"projects/_/buckets/{bucket}/objects/{key}", OBJECT, _STORAGE, _tags(held))
        entries = acl if acl is None or owner is None else (*acl, AclGrant(owner, "OWNER"))
        of_object = permission not in ("storage.objects.create", "storage.objects.delete")
        given = entries if of_object else (held.acl if held else None)
        lists = Lists(_control(held, UNIFORM), given, of_object=of_object)
        return self._in_store(held, store, folders, subject, lists, f"{store}/{key}")

    def _in_store(
        self, held: Store | None, store: str, folders: Sequence[str], subject: Subject, lists: Lists, name: str = ""
    ) -> Place:
        account = self.project(held.account) if held else None
        above = account is not None and account.parents is not None
        nodes = (*(self.down_to(held.account) if held else ()), store, *folders)
        prevented = _control(held, PREVENTION)
        return Place(name or store, nodes, subject, above, lists, prevented)


def _split(name: str) -> tuple[str, str]:
    """Split the name of an object into that of its store and its key, which may be ""."""
    bucket, _, key = name[len("gs://") :].partition("/")
    return f"gs://{bucket}", key


def project_of(account: str) -> str:
    """Return the project whose id the address of a service account names, "" for none."""
    found = _HOME.fullmatch(account)
    return found["project"] if found else ""


def _tags(store: Store | None) -> Mapping[str, str] | None:
    return store.tags if store else None


def _control(store: Store | None, name: str) -> Answer:
    return store.controls.get(name, Answer.UNKNOWN) if store else Answer.UNKNOWN


def acl_of(text: str | None) -> tuple[AclGrant, ...] | None:
    """Return the list of an object as its table holds it; None where it was not read or makes no sense."""
    try:
        return None if text is None else tuple(AclGrant(*pair) for pair in _PAIRS.decode(text))
    except msgspec.DecodeError:
        return None
