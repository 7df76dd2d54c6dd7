"""Matroska and WebM: sound told from video by the track entries.

Layout: RFC 8794 (EBML), RFC 9559 (Matroska). Info and Tracks come before the first cluster.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from cloudscan.audio.duration import UNKNOWN, Duration, cut_short, estimated, stated
from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.media import Claim
from cloudscan.audio.tracks import Family, Tracks
from cloudscan.model import MediaClass

_MAX_ELEMENTS: Final = 256  # of one parent
_ENDLESS: Final = 1 << 63  # the end of an element of unknown size: live recordings have such

EBML_MAGIC: Final = b"\x1aE\xdf\xa3"
_DOC_TYPE: Final = 0x4282
_SEGMENT: Final = 0x18538067
_CLUSTER: Final = 0x1F43B675
_CLUSTER_TIME: Final = 0xE7
_SIMPLE_BLOCK: Final = 0xA3
_INFO: Final = 0x1549A966
_TIMESTAMP_SCALE: Final = 0x2AD7B1
_DURATION: Final = 0x4489
_TRACKS: Final = 0x1654AE6B
_TRACK_ENTRY: Final = 0xAE
_TRACK_TYPE: Final = 0x83
_CODEC_ID: Final = 0x86
_VIDEO, _SOUND = 1, 2
_LATE: Final = 1.0
"""Seconds: a first time stamp beyond is that of a piece, and a last block begins no earlier before the end."""

_FAMILIES: Final = MappingProxyType(
    {b"webm": Family("webm", "webm-audio"), b"matroska": Family("matroska", "matroska-audio")}
)
# By the part of the codec id before the first slash.
_CODECS: Final = MappingProxyType(
    {
        b"A_OPUS": "opus",
        b"A_VORBIS": "vorbis",
        b"A_AAC": "aac",
        b"A_FLAC": "flac",
        b"A_PCM": "pcm",
        b"A_MPEG": "mp3",
        b"A_AC3": "ac3",
        b"A_EAC3": "eac3",
        b"A_DTS": "dts",
        b"A_ALAC": "alac",
    }
)


@dataclass(frozen=True, slots=True)
class _Element:
    id: int
    start: int  # of the body
    end: int


@dataclass(frozen=True, slots=True)
class _Times:
    """What a segment says of its time. A piece of a longer recording may keep the time stamps of the whole."""

    scale: int = 1_000_000  # nanoseconds a unit, unless the file says otherwise
    units: float = 0.0  # 0 where it does not say how long it plays
    begin: int | None = None  # the first cluster's time in units, None where that was not read

    def played(self, last: int | None) -> Duration:
        """Exact where beginning and end agree, given where the last block begins, in units; None for not read.

        Some write the last time stamp as the duration, others the time from first to last. Where the first is out of
        sight nothing tells which it is, and where the last is, a late beginning is held to be counted.
        """
        whole, ends = self._time(self.units), self._time((last or 0) - (self.begin or 0))
        if self.begin is None:
            return estimated(ends if whole is UNKNOWN else whole)
        if whole is UNKNOWN:
            return ends
        if self.begin * self.scale < _LATE * 1e9:
            return whole
        less = self._time(self.units - self.begin)
        if ends is UNKNOWN:
            return estimated(whole if less is UNKNOWN else less)
        agreeing = (each for each in (less, whole) if 0 <= (each.seconds or -1) - (ends.seconds or 0) <= _LATE)
        return next(agreeing, estimated(ends))

    def _time(self, units: float) -> Duration:
        return stated(units * self.scale, 1e9)


def read_matroska(excerpt: Excerpt) -> Claim | None:
    """What an object that begins with the EBML magic holds."""
    top = _elements(excerpt, 0, _ENDLESS)
    header = next(top, None)
    if header is None:
        return None
    kind = b""
    for element in _elements(excerpt, header.start, header.end):
        if element.id == _DOC_TYPE:
            kind = _body(excerpt, element, 16).rstrip(b"\0")
    family = _FAMILIES.get(kind)
    if family is None:
        return Claim(MediaClass.OTHER, "ebml") if kind else None
    segment = next((element for element in top if element.id == _SEGMENT), None)
    tracks, times = Tracks((), video=False, complete=False), _Times()
    for element in _elements(excerpt, segment.start, segment.end) if segment else ():
        if element.id == _INFO:
            times = _times(excerpt, element)
        elif element.id == _TRACKS:
            tracks = _tracks(excerpt, element)
        elif element.id == _CLUSTER:
            times = replace(times, begin=_begin(excerpt, element))
            break
    if segment is not None and excerpt.size is not None and excerpt.size < segment.end < _ENDLESS:
        duration = cut_short(times.played(None), excerpt.size, segment.end, segment.start)
    else:
        duration = times.played(_last_block(excerpt.tail))
    return tracks.claim(family, duration)


def _elements(excerpt: Excerpt, at: int, end: int) -> Iterator[_Element]:
    """The elements between two offsets whose headers were read."""
    for _ in range(_MAX_ELEMENTS):
        header = excerpt.at(at, 12)
        if at >= end or not header:
            return
        id_length = _length(header[0])
        size_length = _length(header[id_length]) if id_length < len(header) else 9
        start = at + id_length + size_length
        if id_length > 4 or size_length > 8 or len(header) < start - at:
            return
        coded = int.from_bytes(header[id_length : start - at], "big")
        size = coded & ((1 << 7 * size_length) - 1)
        last = end if size == (1 << 7 * size_length) - 1 else start + size
        yield _Element(int.from_bytes(header[:id_length], "big"), start, last)
        at = last


def _length(first: int) -> int:
    """Bytes of a variable-length number by its first byte; 9 is invalid."""
    return 9 - first.bit_length()


def _body(excerpt: Excerpt, element: _Element, limit: int) -> bytes:
    return excerpt.at(element.start, min(limit, element.end - element.start))


def _times(excerpt: Excerpt, info: _Element) -> _Times:
    times = _Times()
    for element in _elements(excerpt, info.start, info.end):
        body = _body(excerpt, element, 8)
        if element.id == _TIMESTAMP_SCALE:
            times = replace(times, scale=int.from_bytes(body, "big"))
        elif element.id == _DURATION and len(body) in (4, 8):
            (units,) = struct.unpack(">f" if len(body) == 4 else ">d", body)
            times = replace(times, units=units)
    return times


def _begin(excerpt: Excerpt, cluster: _Element) -> int | None:
    for element in _elements(excerpt, cluster.start, cluster.end):
        if element.id == _CLUSTER_TIME:
            return int.from_bytes(_body(excerpt, element, 8), "big")
    return None


def _last_block(tail: bytes) -> int | None:
    """Where the last block begins, by its cluster, in units; None where the tail has no cluster."""
    at = tail.rfind(_CLUSTER.to_bytes(4, "big"))
    if at < 0:
        return None
    end = Excerpt(tail[at:], b"", None)
    cluster = next(_elements(end, 0, _ENDLESS), None)
    begin, after = 0, 0
    for element in _elements(end, cluster.start, cluster.end) if cluster else ():
        if element.id == _CLUSTER_TIME:
            begin = int.from_bytes(_body(end, element, 8), "big")
        elif element.id == _SIMPLE_BLOCK:
            after = int.from_bytes(_body(end, element, 3)[1:], "big", signed=True)
    return begin + after


def _tracks(excerpt: Excerpt, tracks: _Element) -> Tracks:
    sound: list[str | None] = []
    video = unread = False
    end = tracks.start
    for entry in _elements(excerpt, tracks.start, tracks.end):
        end = entry.end
        if entry.id != _TRACK_ENTRY:
            continue
        kind, codec = 0, b""
        for element in _elements(excerpt, entry.start, entry.end):
            if element.id == _TRACK_TYPE:
                kind = int.from_bytes(_body(excerpt, element, 1), "big")
            elif element.id == _CODEC_ID:
                codec = _body(excerpt, element, 32).split(b"/")[0]
        unread = unread or not kind
        video = video or kind == _VIDEO
        if kind == _SOUND:
            sound.append(_CODECS.get(codec))
    return Tracks(tuple(sound), video, complete=end >= tracks.end and not unread)
