"""AVI: sound told from video by the stream headers.

Layout: Microsoft "AVI RIFF File Reference".
"""

import struct
from collections.abc import Iterator
from typing import Final

from cloudscan.audio.duration import UNKNOWN, cut_short, stated
from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.media import Claim
from cloudscan.audio.riff import WAVE_CODECS
from cloudscan.audio.tracks import Family, Tracks

_MAX_LISTS: Final = 64
_FAMILY: Final = Family("avi", "avi-audio")


def read_avi(excerpt: Excerpt) -> Claim:
    """What an object that begins as AVI holds; the header counts the streams, so that none is overlooked."""
    promised, headers, duration = 0, 0, UNKNOWN
    sound: list[str | None] = []
    video = False
    for name, start in _header_chunks(excerpt):
        if name == b"avih":
            promised = int.from_bytes(excerpt.at(start + 24, 4), "little")
        elif name == b"strh":
            body = excerpt.at(start, 36)
            kind = body[:4]
            headers += len(body) == 36
            video = video or kind in (b"vids", b"iavs")
            if kind == b"auds" and len(body) == 36:
                sound.append(None)
                scale, rate, _, length = struct.unpack_from("<4I", body, 20)
                duration = stated(length * scale, rate)
        elif name == b"strf" and sound and sound[-1] is None and not video:
            sound[-1] = WAVE_CODECS.get(int.from_bytes(excerpt.at(start, 2), "little"))
    duration = cut_short(duration, excerpt.size, 8 + int.from_bytes(excerpt.head[4:8], "little"))
    return Tracks(tuple(sound), video, complete=0 < promised <= headers).claim(_FAMILY, duration)


def _header_chunks(excerpt: Excerpt) -> Iterator[tuple[bytes, int]]:
    """Name and start of each chunk before the pictures and sounds, those inside of lists included."""
    at = 12
    for _ in range(_MAX_LISTS):
        header = excerpt.at(at, 12)
        if len(header) < 12 or header[8:] == b"movi":
            return
        if header[:4] == b"LIST":
            at += 12
            continue
        size = int.from_bytes(header[4:8], "little")
        yield header[:4], at + 8
        at += 8 + size + size % 2
