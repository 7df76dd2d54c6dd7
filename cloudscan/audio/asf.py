"""ASF (Windows Media): sound told from video by the stream properties.

Layout: Microsoft "Advanced Systems Format (ASF) Specification", revision 01.20.
"""

from collections.abc import Iterator
from typing import Final

from cloudscan.audio.duration import UNKNOWN, Duration, at_rate, cut_short, stated
from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.media import Claim
from cloudscan.audio.riff import WAVE_CODECS
from cloudscan.audio.tracks import Family, Tracks

_MAX_OBJECTS: Final = 256

ASF_MAGIC: Final = bytes.fromhex("3026B2758E66CF11A6D900AA0062CE6C")
_FILE_PROPERTIES: Final = bytes.fromhex("A1DCAB8C47A9CF118EE400C00C205365")
_STREAM_PROPERTIES: Final = bytes.fromhex("9107DCB7B7A9CF118EE600C00C205365")
_SOUND: Final = bytes.fromhex("409E69F84D5BCF11A8FD00805F5C442B")
_VIDEO: Final = bytes.fromhex("C0EF19BC4D5BCF11A8FD00805F5C442B")
_BROADCAST: Final = 1
_LEAST_BITS: Final = 4000
"""A second of sound takes no less: the least of Windows Media Audio Voice."""


def read_asf(excerpt: Excerpt) -> Claim:
    """What an object that begins with the ASF header identifier holds."""
    sound: list[str | None] = []
    video = unread = False
    duration, each_second = UNKNOWN, 0
    end, reached = int.from_bytes(excerpt.head[16:24], "little"), 30
    for kind, start, after in _objects(excerpt, 30, end):
        reached = after
        if kind == _FILE_PROPERTIES:
            properties = excerpt.at(start, 68)
            whole = int.from_bytes(properties[16:24], "little")
            duration = cut_short(_duration(properties), excerpt.size, whole, end)
        elif kind == _STREAM_PROPERTIES:
            body = excerpt.at(start, 66)
            unread = unread or len(body) < 16
            video = video or body[:16] == _VIDEO
            if body[:16] == _SOUND:
                sound.append(WAVE_CODECS.get(int.from_bytes(body[54:56], "little")))
                each_second = int.from_bytes(body[62:66], "little")
    if duration.seconds and excerpt.size is not None and duration.seconds * _LEAST_BITS > excerpt.size * 8:
        duration = at_rate(excerpt.size, each_second * 8)
    tracks = Tracks(tuple(sound), video, complete=reached >= end and not unread)
    return tracks.claim(Family("asf", "wma"), duration)


def _objects(excerpt: Excerpt, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Identifier, start of the body and end of each object of the header that was read."""
    for _ in range(_MAX_OBJECTS):
        header = excerpt.at(at, 24)
        size = int.from_bytes(header[16:24], "little")
        if at >= end or len(header) < 24 or size < 24:
            return
        yield header[:16], at + 24, at + size
        at += size


def _duration(body: bytes) -> Duration:
    """Playing time in units of 100 ns, the preroll in milliseconds taken off; unset while broadcasting."""
    if len(body) < 68 or body[64] & _BROADCAST:
        return UNKNOWN
    played, preroll = int.from_bytes(body[40:48], "little"), int.from_bytes(body[56:64], "little")
    return stated(played - preroll * 10_000, 10_000_000)
