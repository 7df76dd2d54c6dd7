"""ISO base media files (MP4, M4A, 3GP) and QuickTime: sound told from video by the tracks in `moov`.

Layout: ISO/IEC 14496-12, Apple "QuickTime File Format". Where `moov` lies at the end, the sizes of the boxes
before it say where; it is read from the tail when the excerpt has one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cloudscan.audio.duration import UNKNOWN, Duration, cut_short, stated
from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.fragments import fragments_end
from cloudscan.audio.media import Claim
from cloudscan.audio.tracks import Family, Tracks
from cloudscan.model import MediaClass

_MAX_BOXES: Final = 256  # of one parent

_MP4: Final = Family("mp4", "m4a")
_3GP: Final = Family("3gp", "3gp-audio")
_MOV: Final = Family("mov", "mov-audio")

_SOUND_BRANDS: Final = frozenset({b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B "})
_STILL_BRANDS: Final = frozenset({b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"crx "})
# What QuickTime files from before `ftyp` begin with.
_OLD_QUICKTIME: Final = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
# Cover art and chapter pictures come as a video track of still images.
_STILL_CODECS: Final = frozenset({b"jpeg", b"png ", b"tiff", b"gif "})

_CODECS: Final = MappingProxyType(
    {
        b".mp3": "mp3",
        b"alac": "alac",
        b"Opus": "opus",
        b"fLaC": "flac",
        b"samr": "amr-nb",
        b"sawb": "amr-wb",
        b"ac-3": "ac3",
        b"ec-3": "eac3",
        b"ulaw": "mulaw",
        b"alaw": "alaw",
        b"agsm": "gsm",
        b"ima4": "adpcm-ima",
        b"lpcm": "pcm",
        b"sowt": "pcm",
        b"twos": "pcm",
        b"ipcm": "pcm",
        b"raw ": "pcm",
        b"in24": "pcm",
        b"fl32": "pcm-float",
    }
)
# `mp4a` is any coding of MPEG: the object type in the decoder configuration of `esds` (ISO/IEC 14496-1) tells.
_OBJECT_TYPE: Final = re.compile(
    rb"esds.{4}\x03[\x80-\xff]{0,3}.{4}\x04[\x80-\xff]{0,3}.(?:([\x40\x66-\x68])|([\x69\x6b]))", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class _Box:
    kind: bytes
    start: int  # of the body
    end: int


@dataclass(frozen=True, slots=True)
class _Track:
    handler: bytes  # `soun`, `vide`, ...
    coding: bytes  # of the samples, empty where it was not read
    codec: str | None
    timescale: int  # units a second


def read_mp4(excerpt: Excerpt) -> Claim | None:
    """What an object whose bytes 4 to 8 name a box holds; None when that was chance."""
    kind = excerpt.head[4:8]
    if kind != b"ftyp" and kind not in _OLD_QUICKTIME:
        return None
    brand = excerpt.head[8:12] if kind == b"ftyp" else b"qt  "
    if brand in _STILL_BRANDS:
        return Claim(MediaClass.OTHER, "heif")
    family = _3GP if brand[:2] == b"3g" else _MOV if brand == b"qt  " else _MP4
    tracks, duration = Tracks((), video=False, complete=False), UNKNOWN
    samples: _Box | None = None
    for box in _boxes(excerpt, 0, excerpt.size or 1 << 63):
        if box.kind == b"moof":  # fragments are timed by the last that is there
            break
        if box.kind == b"moov":
            tracks, duration = _movie(excerpt, box)
        elif box.kind == b"mdat":
            samples = _Box(box.kind, samples.start if samples else box.start, box.end)
    if samples is not None:
        duration = cut_short(duration, excerpt.size, samples.end, samples.start)
    if kind != b"ftyp" and not (tracks.sound or tracks.video):
        return None
    if brand in _SOUND_BRANDS and not tracks.video:
        # The brand promises sound alone; a `moov` out of sight does not take that back.
        tracks = Tracks(tracks.sound or (None,), video=False, complete=True)
    return tracks.claim(family, duration)


def next_box(excerpt: Excerpt) -> int | None:
    """Where the first box lies that was not read, if the movie's header has not been met before it."""
    at = 0
    for box in _boxes(excerpt, 0, excerpt.size or 0):
        if box.kind == b"moov":
            return None
        at = box.end
    return at


def _boxes(excerpt: Excerpt, at: int, end: int) -> Iterator[_Box]:
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
        yield _Box(header[4:8], body, at + size)
        at += size


def _child(excerpt: Excerpt, parent: _Box | None, kind: bytes) -> _Box | None:
    if parent is None:
        return None
    return next((box for box in _boxes(excerpt, parent.start, parent.end) if box.kind == kind), None)


def _movie(excerpt: Excerpt, moov: _Box) -> tuple[Tracks, Duration]:
    tracks: list[_Track | None] = []
    duration, next_track, end = UNKNOWN, 0, moov.start
    for box in _boxes(excerpt, moov.start, moov.end):
        end = box.end
        if box.kind == b"mvhd":
            duration, next_track = _movie_header(excerpt.at(box.start, 112))
        elif box.kind == b"trak":
            tracks.append(_track(excerpt, box))
    seen = [track for track in tracks if track is not None]
    sound = tuple(track.codec for track in seen if track.handler == b"soun")
    video = any(track.handler == b"vide" and track.coding not in _STILL_CODECS for track in seen)
    # A cut `moov` is whole enough when its header says that no further track exists.
    complete = (end >= moov.end and len(seen) == len(tracks)) or 0 < len(seen) == next_track - 1
    if len(seen) == 1 and duration is UNKNOWN and (extended := _child(excerpt, moov, b"mvex")):
        usual = _child(excerpt, extended, b"trex")
        each = int.from_bytes(excerpt.at(usual.start + 12, 4), "big") if usual else 0
        duration = fragments_end(excerpt, seen[0].timescale, each)
    return Tracks(sound, video, complete), duration


def _movie_header(body: bytes) -> tuple[Duration, int]:
    """The playing time and the id that the next track would get (one more than there are tracks)."""
    wide = body[:1] == b"\x01"
    at, length = (20, 112) if wide else (12, 100)
    if len(body) < length:
        return UNKNOWN, 0
    scale = int.from_bytes(body[at : at + 4], "big")
    units = body[at + 4 : at + (12 if wide else 8)]
    next_track = int.from_bytes(body[length - 4 : length], "big")
    if units == b"\xff" * len(units):
        return UNKNOWN, next_track
    return stated(int.from_bytes(units, "big"), scale), next_track


def _track(excerpt: Excerpt, trak: _Box) -> _Track | None:
    """A track as far as it was read; None without its handler, which comes early."""
    media = _child(excerpt, trak, b"mdia")
    handler = _child(excerpt, media, b"hdlr")
    kind = excerpt.at(handler.start + 8, 4) if handler else b""
    table = _child(excerpt, _child(excerpt, media, b"minf"), b"stbl")
    samples = _child(excerpt, table, b"stsd")
    entry = excerpt.at(samples.start + 12, 256) if samples else b""
    coding = entry[:4]
    if coding == b"mp4a":
        match = _OBJECT_TYPE.search(entry)
        codec = None if match is None else "aac" if match[1] else "mp3"
    else:
        codec = _CODECS.get(coding)
    header = _child(excerpt, media, b"mdhd")
    times = excerpt.at(header.start, 24) if header else b""
    scale = int.from_bytes(times[20:24] if times[:1] == b"\x01" else times[12:16], "big")
    return _Track(kind, coding, codec, scale) if len(kind) == 4 else None
