"""The members of a zip or tar archive, as far as their headers or their directory were read.

Layouts: PKWARE "APPNOTE.TXT - .ZIP File Format Specification", POSIX.1-2017 "pax" (ustar).
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cloudscan.audio.excerpt import HEAD_LIMIT, Excerpt

ZIP_MAGIC: Final = b"PK\x03\x04"
_ENTRY_MAGIC: Final = b"PK\x01\x02"
_END_MAGIC: Final = b"PK\x05\x06"
_TAR_MAGIC: Final = b"ustar"
_TAR_MAGIC_AT: Final = 257

_MAX_OPENED: Final = 32
_MEMBER_LIMIT: Final = 8192  # enough to tell what one is, so that one does not take the place of all
_BLOCK: Final = 512
_TAR_RECORD: Final = 20 * _BLOCK
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _SIZE_FOLLOWS, _MASKED = 1, 8, 1 << 13
_PLAIN_FILE: Final = (b"0", b"\0")
_NO_FILE: Final = (b"1", b"2", b"3", b"4", b"5", b"6", b"x", b"g", b"L", b"K")
"""Links, devices, folders, and headers that speak of the next member."""
_SLACK: Final = 64
"""Bytes beside a member that its local header may have beyond what the directory tells."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive: its name, its first bytes as far as they were read, and its size if that is told."""

    name: str
    data: bytes
    size: int | None


@dataclass(frozen=True, slots=True)
class Members:
    """The files of an archive that were met; ``whole`` says that there are no others."""

    met: tuple[Member, ...]
    whole: bool


def is_tar(head: bytes) -> bool:
    """Whether a header of tar comes first."""
    return head.startswith(_TAR_MAGIC, _TAR_MAGIC_AT)


def zip_members(excerpt: Excerpt) -> Members:
    """The members whose headers were read, and all others by name where the directory at the end was read whole."""
    met = list(_locals(excerpt))
    entries = _directory(excerpt)
    if entries is None:
        return Members(tuple(member for _, member in met), whole=False)
    begun = {at for at, _ in met}
    opened = sum(bool(member.data) for _, member in met)
    for entry in entries:
        if entry.at not in begun:
            found = _local(excerpt, entry.at, entry) if opened < _MAX_OPENED else None
            opened += found is not None and bool(found[0].data)
            met.append((entry.at, found[0] if found else Member(entry.name, b"", entry.size)))
    return Members(tuple(member for _, member in met), whole=True)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the directory at the end of a zip. ``at`` is where the member's own header begins."""

    name: str
    flags: int
    packed: int
    size: int
    at: int


def _directory(excerpt: Excerpt) -> list[_Entry] | None:
    """The whole directory, None where it was not read whole, is masked, or leaves bytes of the archive unexplained."""
    end = excerpt.tail.rfind(_END_MAGIC)
    record = excerpt.tail[end : end + 22]
    if end < 0 or len(record) < 22 or excerpt.size is None:
        return None
    disk, first_disk, here, entries, length, start, comment = struct.unpack_from("<4H2IH", record, 4)
    if disk or first_disk or here != entries or end + 22 + comment != len(excerpt.tail):
        return None
    start_read = excerpt.size - len(excerpt.tail) + end - length
    if start_read != start:  # bytes before the archive, a directory of 64 bits, or a lie
        return None
    return _entries(excerpt.at(start, length), length, entries, start)


def _entries(directory: bytes, length: int, count: int, begins: int) -> list[_Entry] | None:
    if len(directory) < length:
        return None
    found: list[_Entry] = []
    at = explained = 0
    while at < length:
        if not directory.startswith(_ENTRY_MAGIC, at) or length - at < 46:
            return None
        (flags,) = struct.unpack_from("<H", directory, at + 8)
        packed, size, name, extra, comment = struct.unpack_from("<IIHHH", directory, at + 20)
        (start,) = struct.unpack_from("<I", directory, at + 42)
        if flags & _MASKED or 0xFFFFFFFF in (packed, size, start):
            return None
        found.append(_Entry(_text(directory[at + 46 : at + 46 + name]), flags, packed, size, start))
        explained += 30 + name + extra + packed
        at += 46 + name + extra + comment
    whole = at == length and len(found) == count
    return found if whole and begins - explained <= _SLACK * (count + 64) else None


def _locals(excerpt: Excerpt) -> Iterator[tuple[int, Member]]:
    """The members from the first on, each with where its header begins, as far as one tells where the next does."""
    at, budget = 0, HEAD_LIMIT
    for _ in range(_MAX_OPENED):
        found = _local(excerpt, at) if budget > 0 else None
        if found is None:
            return
        member, following = found
        budget -= len(member.data)
        yield at, member
        if following is None:
            return
        at = following


def _local(excerpt: Excerpt, at: int, entry: _Entry | None = None) -> tuple[Member, int | None] | None:
    """The member whose header begins there, and where the next does if that is told; None where no header was read.

    ``entry`` is its line in the directory, which knows sizes that a header leaves to what follows its bytes.
    """
    header = excerpt.at(at, 30)
    if len(header) < 30 or not header.startswith(ZIP_MAGIC):
        return None
    flags, method = struct.unpack_from("<HH", header, 6)
    packed, size, name, extra = struct.unpack_from("<IIHH", header, 18)
    later = bool(flags & _SIZE_FOLLOWS)
    if entry is not None:
        packed, size = entry.packed, entry.size
    told = entry is not None or not later
    start = at + 30 + name + extra
    data = b""
    if not flags & _ENCRYPTED and method in (_STORED, _DEFLATED):
        held = excerpt.at(start, packed if told else HEAD_LIMIT)
        data = held[:_MEMBER_LIMIT] if method == _STORED else _inflated(held)
    member = Member(_text(excerpt.at(at + 30, name)), data, size if told else None)
    return member, None if later else start + packed


def _inflated(data: bytes) -> bytes:
    """As much as was read, unpacked to a limit; nothing where it is broken."""
    try:
        return zlib.decompressobj(-15).decompress(data, _MEMBER_LIMIT)
    except zlib.error:
        return b""


def tar_members(excerpt: Excerpt) -> Members:
    """The plain files whose headers were read; whole where the blocks of zeros that end an archive were met."""
    met: list[Member] = []
    at, known = 0, True
    while is_tar(header := excerpt.at(at, _BLOCK)):
        size = _octal(header[124:136])
        if size is None:
            return Members(tuple(met), whole=False)
        start, kind = at + _BLOCK, header[156:157]
        if kind in _PLAIN_FILE:
            met.append(Member(_tar_name(header), excerpt.at(start, min(size, HEAD_LIMIT)), size))
        known = known and kind in (*_PLAIN_FILE, *_NO_FILE)
        at = start + -(-size // _BLOCK) * _BLOCK
    ended = len(header) == _BLOCK and not any(header)
    rest = excerpt.rest(at)
    return Members(tuple(met), whole=known and ended and rest is not None and rest <= _TAR_RECORD)


def _tar_name(header: bytes) -> str:
    prefix, name = (part.partition(b"\0")[0] for part in (header[345:500], header[:100]))
    return _text(prefix + b"/" + name if prefix and header[257:263] == b"ustar\0" else name)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")


def _octal(field: bytes) -> int | None:
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    text = field.strip(b" \0")
    return int(text, 8) if text and not text.strip(b"01234567") else None
