"""Ogg: sound told from video by the first page of each stream.

Layout: RFC 3533 (Ogg), the Vorbis I specification, RFC 7845 (Opus), RFC 9639 section 10 (FLAC in Ogg), the
Speex manual, the Theora specification. The first pages of all streams come before any other page.
"""

import re
import zlib
from collections.abc import Iterator, Set
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Final

from cloudscan.audio.duration import UNKNOWN, Duration, at_rate, estimated, stated
from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.flac import flac_rate
from cloudscan.audio.media import Claim
from cloudscan.audio.tracks import Family, Tracks

_MAX_PAGES: Final = 64

OGG_MAGIC: Final = b"OggS\0"
_FIRST_OF_STREAM: Final = 2
_VIDEO: Final = (b"\x80theora", b"BBCD\0", b"\x01video", b"OVP80")
_FIRST_PAGE: Final = re.compile(OGG_MAGIC + b"[\\x02\\x06]")
_MIRRORED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_UNLIKE: Final = 1.25
"""How much larger than any page in sight the mean of all may be: coders fill pages to a size, or of a second each."""
_LATE: Final = 0.5
"""Seconds that a first page may say to come before it, and still be the beginning."""
_NO_POSITION: Final = (1 << 64) - 1
_MOST_PACKETS: Final = 255  # of a page
_LONGEST_PACKET: Final = MappingProxyType({"opus": 5760, "vorbis": 8192, "speex": 6400, "flac": 65_536})  # in samples


@dataclass(frozen=True, slots=True)
class _Page:
    flags: int
    at: int
    position: int  # samples up to its end, in the stream's own clock
    stream: bytes
    number: int  # of the pages of its stream, from 0 on
    start: int  # of the body
    end: int


@dataclass(frozen=True, slots=True)
class _Sound:
    codec: str
    clock: int  # samples a second, 0 where it was cut
    skipped: int = 0  # samples at the start that are not played
    bits_per_second: int = 0  # nominal, 0 where not stated


@dataclass(frozen=True, slots=True)
class _Link:
    """What the object begins with: all streams that play at once. Others may be chained behind, of any names."""

    streams: Set[bytes]
    stream: bytes  # the one that is timed
    sound: _Sound
    body: int  # where the first pages of all streams end


def read_ogg(excerpt: Excerpt) -> Claim:
    """What an object that begins with an Ogg page holds."""
    sounds: list[tuple[bytes, _Sound]] = []
    streams: set[bytes] = set()
    video = ended = False
    body = 0
    for page in islice(_pages(excerpt, 0), _MAX_PAGES):
        if not page.flags & _FIRST_OF_STREAM:
            ended = True
            break
        body = page.end
        streams.add(page.stream)
        first = excerpt.at(page.start, min(page.end - page.start, 64))
        if first.startswith(_VIDEO):
            video = True
        elif sound := _sound(first):
            sounds.append((page.stream, sound))
    complete = ended or excerpt.size == len(excerpt.head)
    tracks = Tracks(tuple(sound.codec for _, sound in sounds), video, complete)
    if not sounds:
        return Tracks((), video, complete=False).claim(Family("ogg", "ogg"))
    stream, sound = sounds[0]
    return tracks.claim(Family("ogg", f"ogg-{sound.codec}"), _duration(excerpt, _Link(streams, stream, sound, body)))


def _pages(excerpt: Excerpt, at: int) -> Iterator[_Page]:
    while True:
        header = excerpt.at(at, 27)
        if len(header) < 27 or not header.startswith(OGG_MAGIC):
            return
        lengths = excerpt.at(at + 27, header[26])
        if len(lengths) < header[26]:
            return
        start = at + 27 + header[26]
        position = int.from_bytes(header[6:14], "little")
        number = int.from_bytes(header[18:22], "little")
        yield _Page(header[5], at, position, header[14:18], number, start, start + sum(lengths))
        at = start + sum(lengths)


def _sound(first: bytes) -> _Sound | None:
    """The coding of a stream by its first packet; None for one that is not sound, or not known to us."""
    if first.startswith(b"\x01vorbis"):
        rate, nominal = (int.from_bytes(first[i : i + 4], "little") for i in (12, 20))
        return _Sound("vorbis", rate, bits_per_second=nominal if nominal < 1 << 31 else 0)
    if first.startswith(b"OpusHead"):
        return _Sound("opus", 48_000, int.from_bytes(first[10:12], "little"))
    if first.startswith(b"Speex   "):
        return _Sound("speex", int.from_bytes(first[36:40], "little"))
    if first.startswith(b"\x7fFLAC"):
        return _Sound("flac", flac_rate(first[17:]))
    return None


def _duration(excerpt: Excerpt, link: _Link) -> Duration:
    """Exact from the last whole page where the tail has it, else by the mean rate so far, else by the nominal.

    The header of a page tells its position and length, though its body may reach beyond what was read. A stream that
    was joined while it ran counts from where it began. Of a chain, only the rate tells.
    """
    sound = link.sound
    pages = [page for page in _pages_of(excerpt, link) if page.stream == link.stream]
    seen = [page for page in pages if 0 < page.position < _NO_POSITION]
    earlier = seen[0].position - _held(excerpt, seen[0], sound) if seen else 0
    late = earlier > _LATE * sound.clock
    begin = earlier if late else sound.skipped
    last, sure = _last_page(excerpt.tail, link)
    if last is not None and not _chained(excerpt, link, pages, last):
        played = stated(last.position - begin, sound.clock)
        return played if sure and not late else estimated(played)
    elapsed = seen[-1].position - begin if seen else 0
    if elapsed > 0 and sound.clock:
        return at_rate(excerpt.rest(seen[0].at), (seen[-1].end - seen[0].at) * 8 * sound.clock / elapsed)
    return at_rate(excerpt.size, sound.bits_per_second) if sound.bits_per_second else UNKNOWN


def _pages_of(excerpt: Excerpt, link: _Link) -> Iterator[_Page]:
    """The pages of the first link from the beginning on."""
    for page in islice(_pages(excerpt, 0), _MAX_PAGES):
        if page.at >= link.body and page.flags & _FIRST_OF_STREAM:
            return
        yield page


def _held(excerpt: Excerpt, page: _Page, sound: _Sound) -> int:
    """The samples of a page: of Opus by its first packet, of others as many as it can hold at the most."""
    if sound.codec != "opus":
        return _MOST_PACKETS * _LONGEST_PACKET[sound.codec]
    packets = sum(length < 255 for length in excerpt.at(page.at + 27, page.start - page.at - 27))
    return packets * _opus_samples(excerpt.at(page.start, 2)) + sound.skipped


def _opus_samples(packet: bytes) -> int:
    """What a packet plays, at 48 kHz, by its first byte, and by its second where that has the count of frames."""
    if len(packet) < 2:
        return _LONGEST_PACKET["opus"]
    coding, size = packet[0] >> 3, packet[0] >> 3 & 3
    frame = (480, 960, 1920, 2880)[size] if coding < 12 else (480, 960)[size & 1] if coding < 16 else 120 << size
    return frame * (1, 2, 2, packet[1] & 0x3F)[packet[0] & 3]


def _last_page(tail: bytes, link: _Link) -> tuple[_Page | None, bool]:
    """The last page of the stream that is there as a whole, and whether none behind it is broken.

    The next may have been cut, which breaks nothing. None where a stream of another link ends later.
    """
    end, sure = len(tail), True
    for _ in range(_MAX_PAGES):
        at = tail.rfind(OGG_MAGIC, 0, end)
        if at < 0:
            return None, sure
        page = next(_pages(Excerpt(tail[at:], b"", None), 0), None)
        if page and page.end <= len(tail) - at:
            if not _is_whole(tail[at : at + page.end]):
                sure = False
            elif page.stream not in link.streams:
                return None, sure
            elif page.stream == link.stream and page.position != _NO_POSITION:
                return page, sure
        end = at + len(OGG_MAGIC) - 1
    return None, sure


def _chained(excerpt: Excerpt, link: _Link, pages: list[_Page], last: _Page) -> bool:
    """Whether another link follows: its first page is in sight, or so few pages cannot fill the object."""
    before = (excerpt.size or 0) - len(excerpt.tail)
    firsts = [before + match.start() for match in _FIRST_PAGE.finditer(excerpt.tail)]
    firsts += [page.at for page in islice(_pages(excerpt, 0), _MAX_PAGES) if page.flags & _FIRST_OF_STREAM]
    if any(at >= link.body for at in firsts):
        return True
    largest = max(page.end - page.at for page in [*pages, last])
    return len(link.streams) == 1 and (excerpt.size or 0) > _UNLIKE * largest * (last.number + 1)


def _is_whole(page: bytes) -> bool:
    """Whether the checksum of a page is that of its bytes: the polynomial of zlib, with the bits the other way."""
    mirrored = (page[:22] + bytes(4) + page[26:]).translate(_MIRRORED)
    value = zlib.crc32(mirrored, 0xFFFFFFFF) ^ 0xFFFFFFFF
    return value.to_bytes(4, "little").translate(_MIRRORED) == page[25:21:-1]
