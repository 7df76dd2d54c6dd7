"""The streams of a gzip, bzip2 or xz file, unpacked as far as they were read: there may be several, one behind another.

All three formats say that streams are unpacked as if they were one (RFC 1952, 2.2; "The .xz File Format", 2; the
manual of bzip2), and whoever ships logs appends them. So the second may hold what the first does not show.
"""

import lzma
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from cloudscan.audio.excerpt import HEAD_LIMIT

_MOST_STREAMS: Final = 256
_MOST_UNPACKED: Final = 4 << 20
"""Bytes that are unpacked of one file, to find where its streams end: they may hold a thousand times what they take."""
_FAULTS: Final = (zlib.error, lzma.LZMAError, OSError, EOFError)


class Unpacker(Protocol):
    """What the decompressors of the standard library have in common."""

    @property
    def eof(self) -> bool:
        """Whether the end of the stream was met."""

    @property
    def unused_data(self) -> bytes:
        """What was handed in and lies behind that end."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Unpack as much more, and raise what the format's library raises for what is broken."""


@dataclass(frozen=True, slots=True)
class Streams:
    """What came out of a packed file.

    ``heads`` are the first bytes of each stream that has some. ``size`` is that of all of them together, None unless
    they came out to the end of what was read. ``first_ends`` says that the end of the first one was met: what stands
    behind that is not told by its head.
    """

    heads: tuple[bytes, ...]
    size: int | None
    first_ends: bool
    limited: bool
    """Whether more could have been unpacked, and what is left of the bounds did not suffice for it."""


def unpack(make: Callable[[], Unpacker], packed: bytes) -> Streams:
    """Unpack what was read, stream by stream. Whatever is broken, or no stream, ends it."""
    heads: list[bytes] = []
    total, first_ends, left = 0, False, _MOST_UNPACKED
    for _ in range(_MOST_STREAMS):
        unpacker = make()
        head, size, sound = _one(unpacker, packed, left)
        total, left = total + size, left - size
        if head:
            heads.append(head)
        if not (sound and unpacker.eof):
            return Streams(tuple(heads), None, first_ends, left <= 0)
        first_ends = True
        packed = unpacker.unused_data.lstrip(b"\0")  # padding, as tapes and xz want it
        if not packed:
            return Streams(tuple(heads), total, first_ends, limited=False)
    return Streams(tuple(heads), None, first_ends, limited=True)


def _one(unpacker: Unpacker, packed: bytes, most: int) -> tuple[bytes, int, bool]:
    """The first bytes of one stream, how many came out, and whether none of them was broken."""
    head, size = b"", 0
    try:
        while size < most:
            piece = unpacker.decompress(packed, HEAD_LIMIT)
            head += piece[: HEAD_LIMIT - len(head)]
            size += len(piece)
            if unpacker.eof or not piece:
                break
            packed = getattr(unpacker, "unconsumed_tail", b"")  # zlib hands back what the others keep
    except _FAULTS:
        return head, size, False
    return head, size, True
