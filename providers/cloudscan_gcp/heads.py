"""A look at the first bytes of single objects, and a further part of them where these leave open what they are.

The list of a bucket tells all that an object's metadata hold, its access control list included: so only bytes are read
here, and no byte is kept. They are read as they are stored: Google would unpack what is stored packed, and then send
all of it whatever part was asked for ("Transcoding of gzip-compressed files", Cloud Storage documentation).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial

from google.api_core import exceptions

from cloudscan.provider import Collected, HeadWish, Scope, Unit
from cloudscan.providing import looks
from cloudscan.providing.looks import Looks, Part
from cloudscan_gcp import listing
from cloudscan_gcp.discovery import Session
from cloudscan_gcp.locations import location
from cloudscan_gcp.session import PROVIDER, Asker

_OPERATION, _PERMISSION = "storage.objects.get", "storage.objects.get"


def units(scope: Scope, wishes: Sequence[HeadWish]) -> Sequence[Unit]:
    """Return one unit for each bucket of which bytes are wished. Raises as :meth:`Session.open` does."""
    return looks.units(PROVIDER, wishes, partial(Session.open, scope), collect, name_of)


def collect(session: Session, wishes: Sequence[HeadWish]) -> Iterator[Collected]:
    """Look at objects of one bucket."""
    asker, store = Asker(session.clients, wishes[0].account, region=wishes[0].region), wishes[0].store
    read = _Reading(asker, name_of(store)).read
    seen = Looks(asker, store, operation=_OPERATION, permission=_PERMISSION, read=read, place=location)
    yield from seen.all(wishes)
    yield from asker.coverage()


class _Reading:
    """Reads objects of one bucket. One that makes its readers pay is asked again on behalf of who pays."""

    def __init__(self, asker: Asker, bucket: str) -> None:
        self._asker, self._bucket = asker, bucket
        self._payer: str | None = None

    def read(self, wish: HeadWish, start: int, length: int) -> Part:
        """Read a part of an object. Raises as Google's client does."""
        try:
            return self._poured(wish, start, length)
        except exceptions.BadRequest:
            if self._payer:
                raise
            # A bucket that makes its readers pay says no more than that the request is bad.
            self._payer = self._asker.clients.billed or wish.account
            return self._poured(wish, start, length)

    def _poured(self, wish: HeadWish, start: int, length: int) -> Part:
        clients = self._asker.clients
        bucket = clients.storage.bucket(self._bucket, user_project=self._payer)
        blob = bucket.blob(wish.key, generation=int(wish.version) if wish.version else None)
        cup = _Cup(length)
        with suppress(_Full):
            last = start + length - 1
            blob.download_to_file(cup, start=start, end=last, raw_download=True, checksum=None, **clients.patience)
        seen = listing.tag(blob.generation, blob.metageneration)
        return Part(bytes(cup.held), not cup.spilt, blob.content_type, seen)


class _Full(Exception):
    """The cup holds all that was asked for; whoever pours sends more than that."""


class _Cup:
    """What a download is poured into: so many bytes and no more, however much the server sends."""

    def __init__(self, size: int) -> None:
        self.held = bytearray()
        self.spilt = False
        self._size = size

    def write(self, content: bytes) -> int:
        """Take what still goes in. Raises :class:`_Full` when something does not."""
        self.spilt = len(self.held) + len(content) > self._size
        self.held += content[: self._size - len(self.held)]
        if self.spilt:
            raise _Full
        return len(content)


def name_of(store: str) -> str:
    """Return the bucket's name of a store's id."""
    return store.removeprefix("gs://")
