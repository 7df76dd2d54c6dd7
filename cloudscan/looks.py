"""Looks at the first bytes of objects whose listing told all else, and what these tell. No byte is kept."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cloudscan.audio import further, recognise
from cloudscan.model import Gap, Why
from cloudscan.provider import Facet, HeadRow, HeadWish
from cloudscan.questions import Asking


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of an object that were read, and what the answer told of it. ``whole`` is false of bytes too many to be
    the part that was asked for. ``etag`` is as the provider's listing has it."""

    content: bytes
    whole: bool
    content_type: str | None
    etag: str | None


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
                yield _row(wish, head, self._more(wish, head), self._place)
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


def _row(wish: HeadWish, head: Part, more: tuple[int, bytes] | None, place: Callable[[str], str]) -> HeadRow:
    """Read what an object's bytes tell of it: its first ones, and ``more``, start and bytes of a further part.

    All else stays as the listing told it.
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
        etag=head.etag,
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
        told=seen.told and _placed(seen.told, place),
        sound=seen.sound,
    )


def _placed(told: str, place: Callable[[str], str]) -> str:
    say = json.loads(told)
    if sources := say.get("sources"):
        say["sources"] = [place(source) for source in sources]
    return json.dumps(say, sort_keys=True)
