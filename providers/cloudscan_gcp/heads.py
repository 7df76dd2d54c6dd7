"""A look at the first bytes of single objects, and a further part of them where these leave open what they are.

The list of a bucket tells all that an object's metadata hold, its access control list included: so only bytes are read
here, and no byte is kept. They are read as they are stored: Google would unpack what is stored packed, and then send
all of it whatever part was asked for ("Transcoding of gzip-compressed files", Cloud Storage documentation).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from google.api_core import exceptions

from cloudscan.audio import further, recognise
from cloudscan.model import Gap, Why
from cloudscan.provider import Collected, Facet, HeadRow, HeadWish, Scope, Unit
from cloudscan_gcp import listing
from cloudscan_gcp.discovery import Session
from cloudscan_gcp.locations import location
from cloudscan_gcp.session import PROVIDER, Asker

_OPERATION, _PERMISSION = "storage.objects.get", "storage.objects.get"


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of an object that were read, and what the answer told of it. ``whole`` is false of bytes too many to be
    the part that was asked for."""

    content: bytes
    whole: bool
    content_type: str | None
    tag: str | None


def units(scope: Scope, wishes: Sequence[HeadWish]) -> Sequence[Unit]:
    """Return one unit for each bucket of which bytes are wished. Raises as :meth:`Session.open` does."""
    grouped: dict[tuple[str, str], list[HeadWish]] = defaultdict(list)
    for wish in wishes:
        if wish.read and wish.size:
            grouped[wish.account, wish.store].append(wish)
    if not grouped:
        return []
    session = Session.open(scope)
    return [
        Unit(
            f"{PROVIDER}/{account}/heads/{name_of(store)}",
            f"{account} {name_of(store)} heads",
            partial(collect, session, wanted),
            len(wanted),
        )
        for (account, store), wanted in grouped.items()
    ]


def collect(session: Session, wishes: Sequence[HeadWish]) -> Iterator[Collected]:
    """Look at objects of one bucket."""
    looks = _Looks(Asker(session.clients, wishes[0].account, region=wishes[0].region), wishes[0].store)
    for wish in wishes:
        head = looks.at(wish, 0, wish.read)
        if head is not None:
            yield read_head(wish, head, looks.more(wish, head))
    yield from looks.gaps()
    yield from looks.asker.coverage()


class _Looks:
    """Looks at objects of one bucket.

    A denied answer holds for the bucket: the same is not asked again, and one Gap counts what was left out. A bucket
    that makes its readers pay is asked again on behalf of who pays.
    """

    def __init__(self, asker: Asker, store: str) -> None:
        self.asker = asker
        self._store = store
        self._missed: Counter[Gap] = Counter()
        self._denied: Gap | None = None
        self._payer: str | None = None

    def at(self, wish: HeadWish, start: int, length: int) -> Part | None:
        """Read a part of an object; None where there is no answer."""
        if self._denied is not None:
            self.asker.count(Facet.HEADS, answered=False)
            self._missed[self._denied] += 1
            return None
        reply = self.asker.run(
            lambda: {"part": self._read(wish, start, length)},
            facet=Facet.HEADS,
            resource=self._store,
            operation=_OPERATION,
            permission=_PERMISSION,
        )
        if isinstance(reply, dict):
            part: Part = reply["part"]
            return part
        if isinstance(reply, Gap):
            self._missed[reply] += 1
            if reply.why is Why.DENIED:
                self._denied = reply
        return None

    def _read(self, wish: HeadWish, start: int, length: int) -> Part:
        try:
            return self._poured(wish, start, length)
        except exceptions.BadRequest:
            if self._payer:
                raise
            # A bucket that makes its readers pay says no more than that the request is bad.
            self._payer = self.asker.clients.billed or wish.account
            return self._poured(wish, start, length)

    def _poured(self, wish: HeadWish, start: int, length: int) -> Part:
        clients = self.asker.clients
        bucket = clients.storage.bucket(name_of(self._store), user_project=self._payer)
        blob = bucket.blob(wish.key, generation=int(wish.version) if wish.version else None)
        cup = _Cup(length)
        with suppress(_Full):
            last = start + length - 1
            blob.download_to_file(cup, start=start, end=last, raw_download=True, checksum=None, **clients.patience)
        seen = listing.tag(blob.generation, blob.metageneration)
        return Part(bytes(cup.held), not cup.spilt, blob.content_type, seen)

    def more(self, wish: HeadWish, head: Part) -> tuple[int, bytes] | None:
        """Read a further part of an object whose first bytes leave open what it is, if that is wished; else None."""
        place = further(size=wish.size, head=head.content, most=wish.tail) if wish.tail else None
        part = self.at(wish, *place) if place else None
        return (place[0], part.content) if place and part and part.whole else None

    def gaps(self) -> Iterator[Gap]:
        """Yield what was not told, each reason once."""
        for gap, objects in self._missed.items():
            yield replace(gap, detail=f"{gap.detail}: {objects} objects")


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


def read_head(wish: HeadWish, head: Part, more: tuple[int, bytes] | None = None) -> HeadRow:
    """Read what an object's bytes tell of it: its first ones, and ``more``, start and bytes of a further part.

    Key and access control list stay as the listing told them.
    """
    start, part = more or (None, None)
    seen = recognise(
        wish.key,
        content_type=head.content_type,
        size=wish.size,
        head=head.content,
        tail=part,
        tail_start=start,
        neighbours=wish.neighbours,
    )
    return HeadRow(
        store=wish.store,
        key=wish.key,
        version=wish.version,
        etag=head.tag,
        content_type=head.content_type,
        media=seen.media,
        format=seen.format,
        settled_by=seen.by,
        seconds=seen.seconds,
        seconds_by=seen.seconds_by,
        redacted=seen.redacted,
        encryption_mode=None,
        key_id=None,
        looked=len(head.content) + len(part or b""),
        producer=seen.producer,
        told=seen.told and _placed(seen.told),
        sound=seen.sound,
    )


def _placed(told: str) -> str:
    """Name the recordings that a transcript tells of as records do."""
    say = json.loads(told)
    if sources := say.get("sources"):
        say["sources"] = [location(source) for source in sources]
    return json.dumps(say, sort_keys=True)
