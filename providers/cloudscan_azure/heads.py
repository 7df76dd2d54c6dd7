"""A look at the first bytes of single blobs, and a further part of them where these leave open what they are.

The list of a container tells all that a blob's metadata hold, its access control list included: so only bytes are read
here, and no byte is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from cloudscan.model import Gap, Why
from cloudscan.provider import Collected, Facet, HeadWish, Scope, Unit
from cloudscan.providing import looks
from cloudscan.providing.looks import Looks, Part
from cloudscan_azure.accounts import StorageAccount
from cloudscan_azure.blob_service import BlobService
from cloudscan_azure.blobs import READ_BLOBS
from cloudscan_azure.discovery import STORAGE, Session
from cloudscan_azure.ids import PROVIDER, account_of
from cloudscan_azure.rest import path_of
from cloudscan_azure.session import Asker
from cloudscan_azure.speech_read import Places

_GET = "StorageAccounts_GetProperties"


def units(scope: Scope, wishes: Sequence[HeadWish]) -> Sequence[Unit]:
    """Return one unit for each container of which bytes are wished. Raises as :meth:`Session.open` does."""
    return looks.units(PROVIDER, wishes, partial(Session.open, scope), collect, _name_of)


def _name_of(store: str) -> str:
    """Return account and container of a store's id."""
    return f"{account_of(store).rpartition('/')[2]}/{store.rpartition('/')[2]}"


def collect(session: Session, wishes: Sequence[HeadWish]) -> Iterator[Collected]:
    """Look at blobs of one container."""
    store = wishes[0].store
    asker = Asker(session.clients, wishes[0].account, wishes[0].region)
    account = _account(asker, store)
    if isinstance(account, Gap):
        yield account
        yield from asker.coverage()
        return
    service, container = BlobService(session.clients.rest, account), store.rpartition("/")[2]

    def read(wish: HeadWish, start: int, length: int) -> Part:
        content, whole, headers = service.part(container, wish.key, wish.version, start, length)
        etag = headers.get("etag", "").strip('"')
        return Part(content, whole, headers.get("content-type") or None, etag or None)

    place = Places.of([account]).location
    seen = Looks(asker, store, operation="Blob_Download", permission=READ_BLOBS, read=read, place=place)
    yield from seen.all(wishes)
    yield from asker.coverage()


def _account(asker: Asker, store: str) -> StorageAccount | Gap:
    """Ask where the storage account of a container answers, once for all its containers."""
    account = account_of(store)

    def ask() -> StorageAccount | Gap:
        reply = asker.ask(
            _GET,
            path_of(account),
            facet=Facet.HEADS,
            resource=store,
            permission="Microsoft.Storage/storageAccounts/read",
            api=STORAGE,
        )
        if isinstance(reply, dict):
            return StorageAccount(reply)
        return reply if isinstance(reply, Gap) else asker.gap(Facet.HEADS, store, Why.MALFORMED, _GET)

    told, _ = asker.clients.shared.answer(f"{_GET} {account}", ask)
    return replace(told, resource=store) if isinstance(told, Gap) else told
