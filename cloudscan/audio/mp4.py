"""ISO base media files (MP4, M4A, 3GP) and QuickTime: sound told from video by the tracks in `moov`.

Layout: ISO/IEC 14496-12, Apple "QuickTime File Format". Where `moov` lies at the end, the sizes of the boxes
before it say where; it is read from the tail when the excerpt has one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cloudscan.audio.duration import UNKNOWN, Duration, stated
from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.media import Claim, MediaClass
from cloudscan.audio.tracks import Family, Tracks

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
        b"mp4a": "aac",  # MP3 in MP4 carries the same name; it is rare
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


@dataclass(frozen=True, slots=True)
class _Box:
    kind: bytes
    start: int  # of the body
    end: int


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
    for box in _boxes(excerpt, 0, excerpt.size or 1 << 63):
        if box.kind == b"moov":
            tracks, duration = _movie(excerpt, box)
            break
    if kind != b"ftyp" and not (tracks.sound or tracks.video):
        return None
    if brand in _SOUND_BRANDS and not tracks.video:
        # The brand promises sound alone; a `moov` out of sight does not take that back.
        tracks = Tracks(tracks.sound or (None,), video=False, complete=True)
    return tracks.claim(family, duration)


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
    sound: list[str | None] = []
    video = False
    known = next_track = 0
    duration = UNKNOWN
    end = moov.start
    unread = False
    for box in _boxes(excerpt, moov.start, moov.end):
        end = box.end
        if box.kind == b"mvhd":
            duration, next_track = _movie_header(excerpt.at(box.start, 108))
        elif box.kind == b"trak":
            handler, codec = _track(excerpt, box)
            known += handler is not None
            unread = unread or handler is None
            video = video or (handler == b"vide" and codec not in _STILL_CODECS)
            if handler == b"soun":
                sound.append(_CODECS.get(codec))
    complete = (end >= moov.end and not unread) or (0 < known == next_track - 1)
    return Tracks(tuple(sound), video, complete), duration


def _movie_header(body: bytes) -> tuple[Duration, int]:
    """The playing time and the id that the next track would get (one more than there are tracks)."""
    wide = body[:1] == b"\x01"
    length = 108 if wide else 100
    if len(body) < length:
        return UNKNOWN, 0
    at = 20 if wide else 12
    scale = int.from_bytes(body[at : at + 4], "big")
    units = body[at + 4 : at + (12 if wide else 8)]
    next_track = int.from_bytes(body[length - 4 : length], "big")
    if units == b"\xff" * len(units):
        return UNKNOWN, next_track
    return stated(int.from_bytes(units, "big"), scale), next_track


def _track(excerpt: Excerpt, trak: _Box) -> tuple[bytes | None, bytes]:
    """The handler of a track (`soun`, `vide`), None if it was not read, and the coding of its samples."""
    media = _child(excerpt, trak, b"mdia")
    handler = _child(excerpt, media, b"hdlr")
    kind = excerpt.at(handler.start + 8, 4) if handler else b""
    table = _child(excerpt, _child(excerpt, media, b"minf"), b"stbl")
    samples = _child(excerpt, table, b"stsd")
    codec = excerpt.at(samples.start + 12, 4) if samples else b""
    return (kind if len(kind) == 4 else None), codec
