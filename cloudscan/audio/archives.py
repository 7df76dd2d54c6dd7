"""What the members of a gzip, bzip2, xz, zip or tar archive are, one archive inside another included.

Layouts: RFC 1952 (gzip), "The .xz File Format", and of bzip2, which has no specification, the sources of 1.0.8.
Only what was read is looked at, and no more than 64 KiB of it after unpacking. What was not read of an archive may
be a recording, so that without it none is said to hold something else.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from cloudscan.audio.duration import UNKNOWN, Duration
from cloudscan.audio.excerpt import HEAD_LIMIT, Excerpt
from cloudscan.audio.media import Claim
from cloudscan.audio.members import Member, Members, tar_members, zip_members
from cloudscan.audio.names import by_name, settles_text
from cloudscan.audio.streams import Unpacker, unpack
from cloudscan.audio.suspicion import suspect_document
from cloudscan.model import DurationMethod, MediaClass

Read = Callable[[Excerpt], Claim | None]
"""Reads a member as if it were an object."""


GZIP_MAGIC: Final = b"\x1f\x8b\x08"
BZIP2_MAGIC: Final = b"BZh"
XZ_MAGIC: Final = b"\xfd7zXZ\0"
_BZIP2_BLOCKS: Final = (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90")
_XZ_MEMORY: Final = 80 << 20
"""Bytes: what `xz -9` writes takes 65 MiB to unpack."""
# Sound before films before text: what a listing of the archive would be sought for; last, what may be one of these.
_WORTH: Final = (MediaClass.SPEECH, MediaClass.VIDEO, MediaClass.TRANSCRIPT, MediaClass.UNSETTLED)


def read_gzip(excerpt: Excerpt, read: Read) -> Claim:
    """What an object that begins with the gzip magic holds: one file, whose end tells its size."""
    size = int.from_bytes(excerpt.tail[-4:], "little") if len(excerpt.tail) >= 4 else None
    # The size is kept to 32 bits, and the end of a cut file is none: where it cannot be true it is not believed.
    if size is None or excerpt.size is None or size < excerpt.size - 1024:
        size = None
    return _packed("gzip", lambda: zlib.decompressobj(31), excerpt, size, read)


def read_bzip2(excerpt: Excerpt, read: Read) -> Claim | None:
    """What an object that begins with the bzip2 magic holds; None unless a block or the end follows.

    A block holds up to 900 kB and comes out whole or not at all: where none was read, nothing is settled.
    """
    if excerpt.head[4:10] not in _BZIP2_BLOCKS:
        return None
    return _packed("bzip2", bz2.BZ2Decompressor, excerpt, None, read)


def read_xz(excerpt: Excerpt, read: Read) -> Claim:
    """What an object that begins with the xz magic holds; not settled where it wants more memory than it gets."""
    return _packed("xz", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY), excerpt, None, read)


def _packed(name: str, make: Callable[[], Unpacker], excerpt: Excerpt, size: int | None, read: Read) -> Claim:
    """What one packed file is: of its streams together, or of one of them, what matters most.

    A file of one stream is told by its head as a file that is not packed is. Where a stream ended, nothing tells what
    is behind it, so that nothing is settled until all was seen. `size` is its size as far as something tells.

    How long it plays is exact only where all of it was unpacked, since packed files may be cut, too, and an
    estimate else; it is not known where another stream follows.
    """
    streams = unpack(make, excerpt.head)
    unseen = Claim(MediaClass.UNSETTLED, name, sure=False)
    if not streams.heads:
        return unseen
    every = excerpt.size == len(excerpt.head)
    whole = every and streams.size is not None
    inside = b"".join(streams.heads)[:HEAD_LIMIT]
    known = streams.size if whole else size if size and size >= len(inside) else None
    found = [read(Excerpt.of(inside, None, known)), *(read(Excerpt.of(head, None, None)) for head in streams.heads[1:])]
    open_end = not whole and (streams.first_ends or (every and streams.limited))
    claims = [claim or unseen for claim in found] + [unseen] * open_end
    claim = min(claims, key=_worth)
    if claim is unseen:
        return unseen
    if claim.media not in _WORTH or not claim.format:
        return Claim(MediaClass.OTHER, name, sure=all(claim.sure for claim in claims))
    duration = claim.duration
    if len(streams.heads) > 1 or (streams.first_ends and not whole):
        duration = UNKNOWN
    elif not whole and duration.method is DurationMethod.HEADER:
        duration = Duration(duration.seconds, DurationMethod.ESTIMATE)
    return replace(claim, format=f"{name}/{claim.format}", duration=duration)


def _worth(claim: Claim) -> tuple[int, bool, bool, bool]:
    """What a claim counts among those of other members: the least matters most."""
    order = _WORTH.index(claim.media) if claim.media in _WORTH else len(_WORTH)
    return order, not claim.sure, claim.format is None, claim.is_text


def read_zip(excerpt: Excerpt, read: Read) -> Claim:
    """What an object that begins with a member of a zip holds."""
    return _best("zip", zip_members(excerpt), read)


def read_tar(excerpt: Excerpt, read: Read) -> Claim:
    """What an object that begins with a header of tar holds."""
    return _best("tar", tar_members(excerpt), read)


def _best(archive: str, members: Members, read: Read) -> Claim:
    """The member that matters most; how long all of them play is not known from the first.

    That an archive holds something else is said only where all of its members are known to be that. What is told by
    a member's name alone, as where it is encrypted, is not sure.
    """
    found = [claim for claim in (_inside(member, read) for member in members.met) if claim.media in _WORTH]
    if not members.whole:
        found.append(_OPEN)
    if not found:
        return Claim(MediaClass.OTHER, archive)
    first = min(found, key=_worth)
    return replace(first, format=f"{archive}/{first.format}" if first.format else archive, duration=UNKNOWN)


def _inside(member: Member, read: Read) -> Claim:
    """What a member is by its bytes; by its name where they were not read, or say nothing."""
    if not member.size and member.size is not None:
        return _NOTHING
    named = by_name(member.name)
    claim = read(Excerpt.of(member.data, None, member.size)) if member.data else None
    if suspected := suspect_document(claim or _OPEN, member.name):
        return suspected
    if claim is not None and claim.is_text:  # of which the name may say that it is a transcript, or none
        if named and named.media is MediaClass.TRANSCRIPT:
            return replace(named, sure=False)
        return _NOTHING if claim.codec is None and settles_text(member.name) else claim
    if claim is not None and (claim.media in _WORTH or claim.sure or named is None):
        return claim
    if member.name.rpartition("/")[2] in _PARTS or (named and named.sure and named.media is MediaClass.OTHER):
        return _NOTHING
    return replace(named, sure=False) if named and named.media is not MediaClass.OTHER else _OPEN


_NOTHING: Final = Claim(MediaClass.OTHER, None)
_OPEN: Final = Claim(MediaClass.UNSETTLED, None, sure=False)
_PARTS: Final = frozenset({".rels", "mimetype", "MANIFEST.MF"})
"""Members of documents and programs that hold no sound, and whose names have no extension that says so."""
