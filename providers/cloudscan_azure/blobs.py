"""The blobs of a container as their list gives them: page by page, classed by name and type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from cloudscan.audio import recognise
from cloudscan.audio.listings import Classes, Neighbours
from cloudscan.model import Encryption, Gap, MediaClass, Upload, Why
from cloudscan.provider import Collected, Facet, ObjectRows
from cloudscan.providing.questions import Fault, Turned
from cloudscan_azure import shared_lists, storage_read
from cloudscan_azure.accounts import Container, StorageAccount, SubscriptionScope
from cloudscan_azure.blob_service import BlobService
from cloudscan_azure.blobs_read import Page, Reading, Row, read_page
from cloudscan_azure.discovery import STORAGE
from cloudscan_azure.ids import PROVIDER, lists_of
from cloudscan_azure.rest import path_of
from cloudscan_azure.session import Asker
from cloudscan_azure.storage_read import ACCOUNT_SCOPE

PAGE = 5000
"""Blobs that one request answers ("List Blobs")."""
READ_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
READ_TAGS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/tags/read"
OPERATION = "Container_ListBlobFlatSegment"
_ALONG = {Facet.DELETED: "what was deleted", Facet.UPLOADS: "what was begun and not finished"}
_FURTHER = {"tags": (Facet.LIFECYCLE, READ_TAGS), "permissions": (Facet.ACL, READ_BLOBS)}
"""What is told of blobs to whom may see it: the question that it answers, and the permission."""


def scopes_of(asker: Asker, account: StorageAccount) -> shared_lists.Listing:
    """Ask for the encryption scopes of a storage account, once."""
    return shared_lists.shared(
        asker,
        "EncryptionScopes_List",
        path_of(account.id, "encryptionScopes"),
        facet=Facet.ENCRYPTION,
        resource=account.id,
        permission="Microsoft.Storage/storageAccounts/encryptionScopes/read",
        api=STORAGE,
    )


@dataclass
class Listing:
    """How the blobs of one container are listed. ``refused`` says why their tags or lists were not told."""

    subscription: SubscriptionScope
    account: StorageAccount
    container: Container
    asker: Asker
    refused: Fault | None = None
    _lists: dict[str, dict[str, str]] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)
    _gaps: list[Gap] = field(default_factory=list)

    def collect(self) -> Iterator[Collected]:
        """Yield the blobs page by page, and a Gap where the list ends before the container does.

        Versions, snapshots, what was deleted and what was begun come with them where they are wanted, each as a row or
        a record of its own; where there are folders, what was deleted is a list of its own.
        """
        answers = [Facet.OBJECTS] if self.subscription.scope.lists_objects else []
        answers += self._along
        if answers:
            yield from self._list(answers, {})
        if self._deleted_apart:
            yield from self._list([Facet.DELETED], {"showonly": "deleted"})

    def beside(self) -> Iterator[Collected]:
        """Yield what else is wanted of a container whose blobs an inventory told; mostly it comes with them alone."""
        if self._deleted_apart:
            yield from self._list([Facet.DELETED], {"showonly": "deleted"})
        for facet in self._along:
            self.asker.count(facet, answered=True, limited=True)
            words = f"no inventory tells {_ALONG[facet]}, and no list tells it alone"
            yield self.asker.gap(facet, self.container.id, Why.LIMIT, OPERATION, words, READ_BLOBS)

    @property
    def _deleted_apart(self) -> bool:
        return self.account.hierarchical and self.subscription.wants(Facet.DELETED)

    @property
    def _along(self) -> list[Facet]:
        """The questions that the list of blobs answers, too, where they are wanted."""
        return [
            facet
            for facet in _ALONG
            if self.subscription.wants(facet) and not (facet is Facet.DELETED and self.account.hierarchical)
        ]

    def _list(self, answers: Sequence[Facet], query: dict[str, str]) -> Iterator[Collected]:
        """Yield what a list tells. It answers these questions, all or none: the first is what it is made for."""
        facet, *further = answers
        limit = self.subscription.scope.max_objects
        asked: dict[str, Any] = {"facet": facet, "resource": self.container.id, "operation": OPERATION}
        classes, left, cut, nameless = Classes(), limit, False, 0
        for page in self.asker.stream(self._pages(query, limit), permission=READ_BLOBS, **asked):
            if isinstance(page, Gap):
                yield page
                for each in further:
                    self.asker.count(each, answered=False)
                    yield replace(page, facet=each)
                return
            rows = page.rows if left is None else page.rows[:left]
            cut = len(rows) < len(page.rows) or (left == len(rows) and bool(page.marker))
            nameless += sum(not row.key for row in rows)
            yield from self._rows([row for row in rows if row.key], classes, facet)
            left = None if left is None else left - len(rows)
            if cut:
                break
        yield from self._unseen()
        for each in answers:
            self.asker.count(each, answered=not nameless, limited=cut)
            asked["facet"] = each
            if nameless:
                yield self.asker.gap(**asked, why=Why.MALFORMED, detail=f"{nameless} blobs came without a name")
            if cut:
                yield self.asker.gap(**asked, why=Why.LIMIT, detail=f"only {limit} blobs were asked for")

    def _pages(self, query: dict[str, str], limit: int | None) -> Iterator[Page]:
        """Ask for the pages. Who may not see tags or lists of blobs is refused all of it, and asks for less then."""
        service = BlobService(self.asker.clients.rest, self.account)
        plain, further = self._include
        size = PAGE if limit is None else min(limit, PAGE)

        def ask(include: list[str], marker: str) -> Page:
            asked = {"maxresults": size, "include": ",".join(include), "marker": marker, **query}
            return read_page(service.page(self.container.name, {name: told for name, told in asked.items() if told}))

        include = [*plain, *further]
        try:
            page = ask(include, "")
        except self.asker.troubles() as error:
            fault = self.asker.read(error)
            if not further or fault.why is not Why.DENIED:
                raise
            page, include, self.refused = ask(plain, ""), plain, fault
        yield page
        turned = Turned()
        while page.marker:
            page = ask(include, turned.to(page.marker))
            yield page

    @cached_property
    def _include(self) -> tuple[list[str], list[str]]:
        """What the list is to tell beside the blobs: what everybody may see who sees these, and the rest."""
        wants, folders = self.subscription.wants, self.account.hierarchical
        plain = ["metadata"] if folders else []
        if self.subscription.scope.versions:
            plain += ["snapshots"] if folders else ["snapshots", "versions"]
        if wants(Facet.DELETED) and not folders:
            plain.append("deleted")
        if wants(Facet.UPLOADS):
            plain.append("uncommittedblobs")
        if self._has_own_locks:
            plain += ["immutabilitypolicy", "legalhold"]
        further = ["tags"] if wants(Facet.LIFECYCLE) and not folders else []
        further += ["permissions"] if wants(Facet.ACL) and folders else []
        return plain, further

    @property
    def _has_own_locks(self) -> bool:
        lock = storage_read.lock(self.account, self.container)
        return lock is not None and not lock.keeps_current

    def _rows(self, rows: list[Row], classes: Classes, facet: Facet) -> Iterator[Collected]:
        """Yield the blobs of a page, and the lists of the folders above recordings, once each."""
        begun = [row for row in rows if row.begun] if self.subscription.wants(Facet.UPLOADS) else []
        yield from map(self._upload, begun)
        rows = [row for row in rows if row not in begun] if begun else rows
        blobs = [row for row in rows if not row.folder and (facet is Facet.OBJECTS or row.deleted)]
        for row in rows:
            if row.folder and row.told.get("Acl"):
                told = {"owner": row.told.get("Owner", ""), "group": row.told.get("Group", ""), "acl": row.told["Acl"]}
                self._lists[row.key.strip("/")] = told
        if not blobs:
            return
        near, reading, now = Neighbours(blobs, classes), self._reading(blobs), datetime.now(UTC)
        found = [reading.object(row, near.see(row, row.told.get("Content-Type")), now) for row in blobs]
        yield ObjectRows(found)
        for each in found:
            if each.media != MediaClass.OTHER:
                yield from self._above(each.key)

    def _upload(self, row: Row) -> Upload:
        """Return blocks that were put and never committed. When the first came, no list tells."""
        media = recognise(row.key, content_type=None, size=None, head=None).media
        return Upload(row.key, PROVIDER, self.asker.account, self.container.id, row.key, media=media)

    def _above(self, key: str) -> Iterator[Collected]:
        folder = key.rpartition("/")[0]
        while folder and folder not in self._told:
            self._told.add(folder)
            if folder in self._lists:
                yield storage_read.path_list(self.container, self.asker.account, folder, self._lists.pop(folder))
            folder = folder.rpartition("/")[0]

    def _reading(self, rows: list[Row]) -> Reading:
        named = any(row.told.get("EncryptionScope", ACCOUNT_SCOPE) != ACCOUNT_SCOPE for row in rows)
        return Reading(
            self.container.id,
            storage_read.of_account(self.account),
            self._scopes if named else None,
            tagged="tags" in self._include[1] and self.refused is None,
            held=storage_read.held(self.container),
            locks=self._has_own_locks,
        )

    @cached_property
    def _scopes(self) -> Mapping[str, Encryption] | None:
        """How the encryption scopes of the account encrypt, asked once one is met; None where that was not read."""
        told = scopes_of(self.asker, self.account)
        self._gaps += told.gaps
        return storage_read.scopes(told.items) if told.told else None

    def _unseen(self) -> Iterator[Gap]:
        """Say what the list left out for whom may not see it, and what of the scopes was not read."""
        yield from self._gaps
        for name in self._include[1] if self.refused is not None else ():
            facet, permission = _FURTHER[name]
            words = f"the {name} of blobs were not told"
            place = lists_of(self.container.id) if facet is Facet.ACL else self.container.id
            yield self.asker.gap(facet, place, Why.DENIED, OPERATION, words, permission)
