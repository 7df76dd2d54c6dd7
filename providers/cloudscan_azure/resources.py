"""The resources of an estate as the evaluator takes them: what lies above each, and how conditions see it. Pure.

Names of attributes follow "Actions and attributes for Azure role assignment conditions for Azure Blob Storage".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache

import msgspec

from cloudscan.access.conditions import Condition, Unseen
from cloudscan.estate import Estate
from cloudscan.model import Account, Answer, Store
from cloudscan_azure.documents import Documents
from cloudscan_azure.ids import BLOBS, PROVIDER, account_of, lowered, split_blob
from cloudscan_azure.policy.abac import PATH, Subject
from cloudscan_azure.policy.hns import Acl, read_acl
from cloudscan_azure.policy.operations import Operation
from cloudscan_azure.policy.places import Place
from cloudscan_azure.policy.scopes import down_to, is_management_group, subscription_of

HNS = "isHnsEnabled"
_ACCOUNTS = "microsoft.storage/storageaccounts"
_BLOBS = f"{_ACCOUNTS}/blobservices/containers/blobs"
_NOTHING = Subject({}, {})
_PAIRS = msgspec.json.Decoder(list[tuple[str, str]])


class Resources:
    """The hierarchy of an estate, and its containers and blobs."""

    def __init__(self, estate: Estate, documents: Documents) -> None:
        self.estate, self.documents = estate, documents
        self._blobs = lru_cache(maxsize=1 << 10)(self._on_blob)

    @cached_property
    def subscriptions(self) -> Mapping[str, Account]:
        """The subscriptions by id, in small letters."""
        return {one.id.lower(): one for one in self.estate.accounts.values() if one.provider == PROVIDER}

    def place(self, name: str, operation: Operation) -> Place:
        """Return a resource or scope by its id, or a blob as ``CONTAINER-ID/blobs/PATH``."""
        scope, path = split_blob(name)
        if scope in self.estate.stores:
            return self.on_blob(self.estate.stores[scope], path, operation)
        return self._at(scope, _NOTHING, name=scope)

    def on_blob(
        self, store: Store, path: str, operation: Operation, acl: str | None = None, *, alike: bool = False
    ) -> Place:
        """Return a blob, or its container where the path is "" or the operation is one on containers.

        ``acl`` is the blob's own list, as the object table has it; ``alike`` says that the path stands for others.
        """
        return self._blobs(store.id, path if operation.level == "o" else "", operation, acl, alike)

    def _on_blob(self, container: str, path: str, operation: Operation, acl: str | None, alike: bool) -> Place:  # noqa: FBT001
        store = self.estate.stores[container]
        subject = self._subject(store, path, operation, alike=alike)
        # Next to nothing is ever assigned below a container: then all blobs of it are asked about alike.
        below = down_to(f"{store.id}{BLOBS}{path}".lower())[len(down_to(store.id)) :] if path else ()
        below = tuple(each for each in below if self.documents.assignments(each) or self.documents.unread(each))
        name = f"{store.id}{BLOBS}{path}" if path else store.id
        lists = tuple(self._lists(store, path, operation, acl))
        return self._at(store.id, subject, *below, name=name, lists=lists)

    def _at(
        self,
        scope: str,
        subject: Subject,
        *below: str,
        name: str,
        lists: tuple[tuple[Acl | Condition, str], ...] = (),
    ) -> Place:
        account = self.subscriptions.get(subscription_of(scope))
        above = account is not None and account.parents is not None
        if not subscription_of(scope):
            parents, above = self._groups.get(scope, ()), scope in self._groups or not is_management_group(scope)
        else:
            parents = tuple(map(lowered, account.parents or ())) if account else ()
        tenant = (account.organization or "") if account else ""
        return Place(name, (*down_to(scope, parents), *below), scope, subject, above, tenant, lists)

    @cached_property
    def _groups(self) -> Mapping[str, tuple[str, ...]]:
        """The management groups above each one that lies above a subscription."""
        found: dict[str, tuple[str, ...]] = {}
        for account in self.subscriptions.values():
            parents = tuple(map(lowered, account.parents or ()))
            found |= {group: parents[:place] for place, group in enumerate(parents)}
        return found

    def _subject(self, store: Store, path: str, operation: Operation, *, alike: bool) -> Subject:
        account, _, container = store.name.partition("/")
        resource: dict[str, tuple[str, ...] | None] = {
            f"{_ACCOUNTS}:name": (account,),
            f"{_ACCOUNTS}:ishnsenabled": _truth(store.controls.get(HNS, Answer.UNKNOWN)),
            f"{_ACCOUNTS}/blobservices/containers:name": (container,),
            PATH: (path,) if path else (),
            f"{_BLOBS}:iscurrentversion": ("true",) if path else (),
        }
        names = ("versionid", "snapshot", "prefix", "include") if operation.level == "o" else ("versionid", "snapshot")
        return Subject(resource, {f"{_BLOBS}:{name}": () for name in names}, alike)

    def _lists(
        self, store: Store, path: str, operation: Operation, acl: str | None
    ) -> Iterator[tuple[Acl | Condition, str]]:
        """Yield the access control lists on the way to a blob, from the container down."""
        hns = store.controls.get(HNS, Answer.UNKNOWN)
        if hns is Answer.NO or not (operation.on_itself or operation.on_folder != "x") or not operation.data:
            return
        if hns is Answer.UNKNOWN:
            yield Unseen(f"whether {store.id} has access control lists was not read"), operation.on_itself or "w"
            return
        held = self.documents.acls(store.id)
        parts = path.split("/") if path else []
        folders = ["/".join(parts[:end]) for end in range(len(parts))]
        for place, folder in enumerate(folders, start=1):
            wanted = operation.on_folder if place == len(folders) else "x"
            yield _listed(held, folder, store), wanted
        if operation.on_itself:
            own = acl_of(acl) if acl is not None else None
            yield own or _listed(held, path, store), operation.on_itself


def _listed(held: Mapping[str, Acl | None], path: str, store: Store) -> Acl | Condition:
    return held.get(path) or Unseen(f"the access control list of {store.id}{BLOBS}{path} was not read")


def acl_of(text: str) -> Acl | None:
    """Read a list as the object table has it: pairs of an entry without its rights, and these.

    The owner and the owning group are entries ``owner:ID`` and ``owning-group:ID`` without rights.
    """
    try:
        pairs = _PAIRS.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    told = dict(entry.split(":", 1) for entry, _ in pairs if entry.startswith(("owner:", "owning-group:")))
    entries = ",".join(f"{entry}:{rights}" for entry, rights in pairs if not entry.startswith(("owner:", "owning-")))
    written = {"owner": told.get("owner", ""), "group": told.get("owning-group", ""), "acl": entries}
    return read_acl(msgspec.json.encode(written).decode())


def _truth(answer: Answer) -> tuple[str, ...] | None:
    return None if answer is Answer.UNKNOWN else (str(answer is Answer.YES).lower(),)


def container_name(store: Store) -> str:
    """Return the name of a container without that of its account."""
    return store.name.partition("/")[2]


def account_id(store: Store) -> str:
    """Return the id of the storage account of a container."""
    return account_of(store.id)
