"""Ogg: sound told from video by the first page of each stream.

Layout: RFC 3533 (Ogg), the Vorbis I specification, RFC 7845 (Opus), RFC 9639 section 10 (FLAC in Ogg), the
Speex manual, the Theora specification. The first pages of all streams come before any other page.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Final

from cloudscan.audio.duration import UNKNOWN, Duration, at_rate, stated
from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.flac import flac_rate
from cloudscan.audio.media import Claim
from cloudscan.audio.tracks import Family, Tracks
from cloudscan.model import DurationMethod

_MAX_PAGES: Final = 64

OGG_MAGIC: Final = b"OggS\0"
_FIRST_OF_STREAM: Final = 2
_VIDEO: Final = (b"\x80theora", b"BBCD\0", b"\x01video", b"OVP80")
_NO_POSITION: Final = (1 << 64) - 1
_MOST_PACKETS: Final = 255  # of a page
_LONGEST_PACKET: Final = MappingProxyType({"opus": 5760, "vorbis": 8192, "speex": 6400, "flac": 65_536})  # in samples


@dataclass(frozen=True, slots=True)
class _Page:
    flags: int
    at: int
    position: int  # samples up to its end, in the stream's own clock
    stream: bytes
    start: int  # of the body
    end: int


@dataclass(frozen=True, slots=True)
class _Sound:
    codec: str
    clock: int  # samples a second, 0 where it was cut
    skipped: int = 0  # samples at the start that are not played
    bits_per_second: int = 0  # nominal, 0 where not stated


def read_ogg(excerpt: Excerpt) -> Claim:
    """What an object that begins with an Ogg page holds."""
    sounds: list[tuple[bytes, _Sound]] = []
    video = ended = False
    for page in islice(_pages(excerpt, 0), _MAX_PAGES):
        if not page.flags & _FIRST_OF_STREAM:
            ended = True
            break
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
    return tracks.claim(Family("ogg", f"ogg-{sound.codec}"), _duration(excerpt, stream, sound))


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
        yield _Page(header[5], at, position, header[14:18], start, start + sum(lengths))
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


def _duration(excerpt: Excerpt, stream: bytes, sound: _Sound) -> Duration:
    """Exact from the last whole page where the tail has it, else by the mean rate so far, else by the nominal.

    The header of a page tells its position and length, though its body may reach beyond what was read. A stream that
    was joined while it ran counts from where it began.
    """
    seen = [
        page
        for page in islice(_pages(excerpt, 0), _MAX_PAGES)
        if page.stream == stream and 0 < page.position < _NO_POSITION
    ]
    late = bool(seen) and seen[0].position > _MOST_PACKETS * _LONGEST_PACKET[sound.codec]
    begin = seen[0].position if late else sound.skipped
    last = _last_position(excerpt.tail, stream)
    if last is not None:
        played = stated(last - begin, sound.clock)
        return Duration(played.seconds, DurationMethod.ESTIMATE) if late and played.seconds else played
    elapsed = seen[-1].position - begin if seen else 0
    if elapsed > 0 and sound.clock:
        start = seen[0].end if late else seen[0].at
        return at_rate(excerpt.rest(start), (seen[-1].end - start) * 8 * sound.clock / elapsed)
    return at_rate(excerpt.size, sound.bits_per_second) if sound.bits_per_second else UNKNOWN


def _last_position(tail: bytes, stream: bytes) -> int | None:
    """Where the last page ends that is there as a whole; the next may have been cut."""
    end = len(tail)
    for _ in range(_MAX_PAGES):
        at = tail.rfind(OGG_MAGIC, 0, end)
        if at < 0:
            return None
        page = next(_pages(Excerpt(tail[at:], b"", None), 0), None)
        if page and page.end <= len(tail) - at and page.stream == stream and page.position != _NO_POSITION:
            return page.position
        end = at + len(OGG_MAGIC) - 1
    return None
