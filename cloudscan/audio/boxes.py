"""The boxes of ISO base media files (ISO/IEC 14496-12) and QuickTime, as far as they were read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cloudscan.audio.excerpt import Excerpt

_MAX_BOXES: Final = 256  # of one parent


@dataclass(frozen=True, slots=True)
class Box:
    """A box by its header: its name of four letters, and where its body lies."""

    kind: bytes
    start: int  # of the body
    end: int


def boxes(excerpt: Excerpt, at: int, end: int) -> Iterator[Box]:
    """The boxes between two offsets whose headers were read."""
    for _ in range(_MAX_BOXES):
        header = excerpt.at(at, 16)
        if at >= end or len(header) < 8:
            return
        size, body = int.from_bytes(header[:4], "big"), at + 8
        if size == 1 and len(header) == 16:
            size, body = int.from_bytes(header[8:], "big"), at + 16
        elif size == 0:  # to the end of the file
            size = end - at
        if size < body - at:
            return
        yield Box(header[4:8], body, at + size)
        at += size


def child(excerpt: Excerpt, parent: Box | None, *path: bytes) -> Box | None:
    """The first box of that name in the parent, or down a path of names; None where it was not read."""
    for kind in path:
        if parent is None:
            return None
        parent = next((box for box in boxes(excerpt, parent.start, parent.end) if box.kind == kind), None)
    return parent


def number(excerpt: Excerpt, box: Box | None, at: int, width: int = 4) -> int:
    """A number in the body of a box, 0 where it was not read."""
    return 0 if box is None or at + width > box.end - box.start else _whole(excerpt.at(box.start + at, width), width)


def _whole(data: bytes, width: int) -> int:
    return int.from_bytes(data, "big") if len(data) == width else 0


def is_wide(excerpt: Excerpt, box: Box | None) -> bool:
    """Whether a header has its times in 64 bits."""
    return number(excerpt, box, 0, 1) == 1
