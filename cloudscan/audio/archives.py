"""What the first members of a gzip, bzip2, xz, zip or tar archive are, one archive inside another included.

Layouts: RFC 1952 (gzip), PKWARE "APPNOTE.TXT - .ZIP File Format Specification", POSIX.1-2017 "pax" (ustar), "The .xz
File Format", and of bzip2, which has no specification, the sources of 1.0.8.
Only what was read is looked at, and no more than 64 KiB of it after unpacking.
"""

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Final, Protocol

from cloudscan.audio.duration import UNKNOWN, Duration
from cloudscan.audio.excerpt import HEAD_LIMIT, Excerpt
from cloudscan.audio.media import Claim
from cloudscan.model import DurationMethod, MediaClass

Read = Callable[[Excerpt], Claim | None]
"""Reads a member as if it were an object."""


class _Unpacker(Protocol):
    """What the decompressors of the standard library have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


GZIP_MAGIC: Final = b"\x1f\x8b\x08"
ZIP_MAGIC: Final = b"PK\x03\x04"
BZIP2_MAGIC: Final = b"BZh"
XZ_MAGIC: Final = b"\xfd7zXZ\0"
_BZIP2_BLOCKS: Final = (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90")
_XZ_MEMORY: Final = 80 << 20
"""Bytes: what `xz -9` writes takes 65 MiB to unpack."""
_TAR_MAGIC: Final = b"ustar"
_TAR_MAGIC_AT: Final = 257

_MAX_MEMBERS: Final = 32
_MEMBER_LIMIT: Final = 8192  # enough to tell what one is, so that one does not take the place of all
_BLOCK: Final = 512
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _SIZE_FOLLOWS = 1, 8
_PLAIN_FILE: Final = (b"0", b"\0")
# Sound before films before text: what a listing of the archive would be sought for; last, what may be one of these.
_WORTH: Final = (MediaClass.SPEECH, MediaClass.VIDEO, MediaClass.TRANSCRIPT, MediaClass.UNSETTLED)


def is_tar(head: bytes) -> bool:
    """Whether a header of tar comes first."""
    return head.startswith(_TAR_MAGIC, _TAR_MAGIC_AT)


def read_gzip(excerpt: Excerpt, read: Read) -> Claim:
    """What an object that begins with the gzip magic holds: one file, whose end tells its size."""
    size = int.from_bytes(excerpt.tail[-4:], "little") if len(excerpt.tail) >= 4 else None
    # The size is kept to 32 bits, and the end of a cut file is none: where it cannot be true it is not believed.
    if size is None or excerpt.size is None or size < excerpt.size - 1024:
        size = None
    return _packed("gzip", zlib.decompressobj(31), excerpt, size, read) or Claim(MediaClass.OTHER, "gzip")


def read_bzip2(excerpt: Excerpt, read: Read) -> Claim | None:
    """What an object that begins with the bzip2 magic holds; None unless a block or the end follows.

    A block holds up to 900 kB and comes out whole or not at all: where none was read, nothing is settled.
    """
    if excerpt.head[4:10] not in _BZIP2_BLOCKS:
        return None
    unseen = Claim(MediaClass.UNSETTLED, "bzip2", sure=False)
    return _packed("bzip2", bz2.BZ2Decompressor(), excerpt, None, read) or unseen


def read_xz(excerpt: Excerpt, read: Read) -> Claim:
    """What an object that begins with the xz magic holds; not settled where it wants more memory than it gets."""
    unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
    return _packed("xz", unpacker, excerpt, None, read) or Claim(MediaClass.UNSETTLED, "xz", sure=False)


def _packed(name: str, unpacker: _Unpacker, excerpt: Excerpt, size: int | None, read: Read) -> Claim | None:
    """What one packed file is; None where nothing of it came out. `size` is its size as far as something tells.

    How long it plays is exact only where all of it was unpacked, since packed files may be cut, too, and an
    estimate else; it is not known where another file follows.
    """
    try:
        inside = unpacker.decompress(excerpt.head, HEAD_LIMIT)
    except (zlib.error, lzma.LZMAError, OSError, EOFError):
        return None
    if not inside:
        return None
    whole = unpacker.eof and excerpt.size == len(excerpt.head)
    known = len(inside) if whole else size if size and size >= len(inside) else None
    claim = read(Excerpt.of(inside, None, known))
    if claim is None or claim.media not in _WORTH or not claim.format:
        return Claim(MediaClass.OTHER, name)
    duration = claim.duration
    if unpacker.unused_data:
        duration = UNKNOWN
    elif not whole and duration.method is DurationMethod.HEADER:
        duration = Duration(duration.seconds, DurationMethod.ESTIMATE)
    return replace(claim, format=f"{name}/{claim.format}", duration=duration)


def read_zip(excerpt: Excerpt, read: Read) -> Claim:
    """What an object that begins with a member of a zip holds, by the members that were read."""
    return _best("zip", (_inside(data, size, read) for data, size in islice(_zipped(excerpt), _MAX_MEMBERS)))


def read_tar(excerpt: Excerpt, read: Read) -> Claim:
    """What an object that begins with a header of tar holds, by the members that were read."""
    return _best("tar", (_inside(data, size, read) for data, size in islice(_tarred(excerpt), _MAX_MEMBERS)))


def _best(archive: str, members: Iterator[Claim | None]) -> Claim:
    """The member that matters most; how long all of them play is not known from the first."""
    found = [claim for claim in members if claim is not None and claim.media in _WORTH and claim.format]
    if not found:
        return Claim(MediaClass.OTHER, archive)
    first = min(found, key=lambda claim: _WORTH.index(claim.media))
    return replace(first, format=f"{archive}/{first.format}", duration=UNKNOWN)


def _inside(data: bytes, size: int | None, read: Read) -> Claim | None:
    return read(Excerpt.of(data, None, size)) if data else None


def _inflated(data: bytes, window: int, most: int) -> bytes:
    """As much as was read, unpacked to a limit; nothing where it is broken."""
    try:
        return zlib.decompressobj(window).decompress(data, most)
    except zlib.error:
        return b""


def _zipped(excerpt: Excerpt) -> Iterator[tuple[bytes, int | None]]:
    """The first bytes of each member whose header was read, and its size; encrypted ones cannot be read."""
    at, budget = 0, HEAD_LIMIT
    while budget > 0:
        header = excerpt.head[at : at + 30]
        if len(header) < 30 or not header.startswith(ZIP_MAGIC):
            return
        flags, method = struct.unpack_from("<HH", header, 6)
        packed, size, name, extra = struct.unpack_from("<IIHH", header, 18)
        start = at + 30 + name + extra
        later = bool(flags & _SIZE_FOLLOWS)
        data = excerpt.head[start:] if later else excerpt.head[start : start + packed]
        if not flags & _ENCRYPTED and method in (_STORED, _DEFLATED):
            body = data[:_MEMBER_LIMIT] if method == _STORED else _inflated(data, -15, _MEMBER_LIMIT)
            budget -= len(body)
            yield body, None if later else size
        if later:  # where the next begins is told behind it
            return
        at = start + packed


def _tarred(excerpt: Excerpt) -> Iterator[tuple[bytes, int | None]]:
    """The first bytes of each plain file whose header was read, and its size."""
    at = 0
    while is_tar(excerpt.head[at : at + _BLOCK]):
        header = excerpt.head[at : at + _BLOCK]
        size = _octal(header[124:136])
        if size is None:
            return
        start = at + _BLOCK
        if header[156:157] in _PLAIN_FILE:
            yield excerpt.head[start : start + size], size
        at = start + -(-size // _BLOCK) * _BLOCK


def _octal(field: bytes) -> int | None:
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    text = field.strip(b" \0")
    return int(text, 8) if text and not text.strip(b"01234567") else None
