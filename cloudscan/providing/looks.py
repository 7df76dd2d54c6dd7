"""Looks at the first bytes of objects whose listing told all else, and what these tell. No byte is kept."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from cloudscan.audio import further, recognise
from cloudscan.model import Gap, Why
from cloudscan.provider import Collected, Facet, HeadRow, HeadWish, Unit
from cloudscan.providing.questions import Asking

Session = TypeVar("Session")


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of an object that were read, and what the answer told of it. ``whole`` is false of bytes too many to be
    the part that was asked for. ``etag`` is as the provider's listing has it."""

    content: bytes
    whole: bool
    content_type: str | None
    etag: str | None


def by_store(wishes: Iterable[HeadWish]) -> dict[tuple[str, str], list[HeadWish]]:
    """Group wishes by the account and the store that they are of."""
    grouped: dict[tuple[str, str], list[HeadWish]] = defaultdict(list)
    for wish in wishes:
        grouped[wish.account, wish.store].append(wish)
    return grouped


def units(
    provider: str,
    wishes: Sequence[HeadWish],
    open_session: Callable[[], Session],
    collect: Callable[[Session, Sequence[HeadWish]], Iterable[Collected]],
    name_of: Callable[[str], str],
) -> Sequence[Unit]:
    """Return one unit for each store of which bytes are wished, over one session. Raises as opening one does."""
    grouped = by_store(wish for wish in wishes if wish.read and wish.size)
    if not grouped:
        return []
    session = open_session()
    return [
        Unit(
            f"{provider}/{account}/heads/{name_of(store)}",
            f"{account} {name_of(store)} heads",
            partial(collect, session, wanted),
            len(wanted),
        )
        for (account, store), wanted in grouped.items()
    ]


class Looks:
    """Looks at objects of one store.

    A denied answer holds for the store: the same is not asked again, and one Gap counts what was left out.
    ``read`` returns bytes of an object from a place on, and ``place`` names a recording, of which a transcript tells,
    as records do.
    """

    def __init__(
        self,
        asker: Asking[Any],
        store: str,
        *,
        operation: str,
        permission: str,
        read: Callable[[HeadWish, int, int], Part],
        place: Callable[[str], str],
    ) -> None:
        self._asker, self._store = asker, store
        self._operation, self._permission = operation, permission
        self._read, self._place = read, place
        self._missed: Counter[Gap] = Counter()
        self._denied: Gap | None = None

    def all(self, wishes: Sequence[HeadWish]) -> Iterator[HeadRow | Gap]:
        """Yield what the bytes of each object tell, and then what was not told, each reason once."""
        for wish in wishes:
            head = self._part(wish, 0, wish.read)
            if head is not None:
                yield seen(
                    wish,
                    head.content,
                    self._more(wish, head),
                    self._place,
                    size=wish.size,
                    content_type=head.content_type,
                    etag=head.etag,
                )
        for gap, objects in self._missed.items():
            yield replace(gap, detail=f"{gap.detail}: {objects} objects")

    def _part(self, wish: HeadWish, start: int, length: int) -> Part | None:
        """Read a part of an object; None where there is no answer."""
        if self._denied is not None:
            self._asker.count(Facet.HEADS, answered=False)
            self._missed[self._denied] += 1
            return None
        reply = self._asker.run(
            lambda: {"part": self._read(wish, start, length)},
            facet=Facet.HEADS,
            resource=self._store,
            operation=self._operation,
            permission=self._permission,
        )
        if isinstance(reply, dict):
            part: Part = reply["part"]
            return part
        if isinstance(reply, Gap):
            self._missed[reply] += 1
            if reply.why is Why.DENIED:
                self._denied = reply
        return None

    def _more(self, wish: HeadWish, head: Part) -> tuple[int, bytes] | None:
        """Read a further part of an object whose first bytes leave open what it is, if that is wished; else None."""
        place = further(size=wish.size, head=head.content, most=wish.tail) if wish.tail else None
        part = self._part(wish, *place) if place else None
        return (place[0], part.content) if place and part and part.whole else None


def seen(
    wish: HeadWish,
    head: bytes | None,
    more: tuple[int, bytes] | None,
    place: Callable[[str], str],
    *,
    size: int,
    content_type: str | None,
    etag: str | None,
) -> HeadRow:
    """Read what an object's bytes tell of it: its first ones, None where none were read, and ``more``, start and bytes
    of a further part.

    All else stays as the listing told it. ``place`` names a recording, of which a transcript tells, as records do.
    """
    start, part = more or (None, None)
    told = recognise(
        wish.key,
        content_type=content_type,
        size=size,
        head=head,
        tail=part,
        tail_start=start,
        neighbours=wish.neighbours,
    )
    return HeadRow(
        store=wish.store,
        key=wish.key,
        version=wish.version,
        etag=etag,
        content_type=content_type,
        media=told.media,
        format=told.format,
        settled_by=told.by,
        seconds=told.seconds,
        seconds_by=told.seconds_by,
        redacted=told.redacted,
        encryption_mode=None,
        key_id=None,
        looked=None if head is None else len(head) + len(part or b""),
        producer=told.producer,
        told=told.told and _placed(told.told, place),
        sound=told.sound,
    )


def _placed(told: str, place: Callable[[str], str]) -> str:
    say = json.loads(told)
    if sources := say.get("sources"):
        say["sources"] = [place(source) for source in sources]
    return json.dumps(say, sort_keys=True)
