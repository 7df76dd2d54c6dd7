"""ISO base media files (MP4, M4A, 3GP) and QuickTime: sound told from video by the tracks in `moov`.

Layout: ISO/IEC 14496-12, Apple "QuickTime File Format". Where `moov` lies at the end, the sizes of the boxes
before it say where; it is read from the tail when the excerpt has one.
"""

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cloudscan.audio.boxes import Box, boxes, child, is_wide, number
from cloudscan.audio.duration import UNKNOWN, Duration, beyond, cut_short, estimated
from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.fragments import fragments_time
from cloudscan.audio.media import Claim
from cloudscan.audio.movie_time import MovieTime, TrackTime, next_track_of
from cloudscan.audio.tracks import Family, Tracks
from cloudscan.model import MediaClass

_STRAY: Final = 4096
"""Bytes behind the last box in sight that need no explanation."""
_MP4: Final = Family("mp4", "m4a")
_3GP: Final = Family("3gp", "3gp-audio")
_MOV: Final = Family("mov", "mov-audio")

_SOUND_BRANDS: Final = frozenset({b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B "})
_STILL_BRANDS: Final = frozenset({b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"crx "})
# What QuickTime files from before `ftyp` begin with.
_OLD_QUICKTIME: Final = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
# Cover art and pictures of chapters come as a video track of still images; so do the frames of some films.
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
class _Track:
    handler: bytes  # `soun`, `vide`, ...
    coding: bytes  # of the samples, empty where it was not read
    codec: str | None
    time: TrackTime
    id: int  # 0 where it was not read
    chapters: tuple[int, ...]  # ids of the tracks that hold its chapters
    alone: bool | None  # whether it has a single sample, None where its samples are not counted in sight


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
    samples: Box | None = None
    end, whole, fragmented = 0, True, False
    for box in boxes(excerpt, 0, excerpt.size or 1 << 63):
        if box.kind == b"ftyp" and end:  # a second recording was joined behind the first, which tells of itself alone
            duration, whole = beyond(duration, excerpt.size, end), False
            break
        if box.kind == b"moof":  # fragments are timed by the last that is there
            fragmented = True
            break
        if box.kind == b"moov":
            tracks, duration = _movie(excerpt, box)
        elif box.kind == b"mdat":
            samples = Box(box.kind, samples.start if samples else box.start, box.end)
        end = box.end
    else:
        whole = excerpt.size is None or excerpt.size - end <= max(_STRAY, end // 10)
    if samples is None and excerpt.size is not None:  # out of sight, and perhaps not there
        duration = estimated(duration) if not fragmented else duration
    if samples is not None:
        duration = cut_short(duration if whole else estimated(duration), excerpt.size, samples.end, samples.start)
    if kind != b"ftyp" and not (tracks.sound or tracks.video):
        return None
    if brand in _SOUND_BRANDS and not tracks.video:
        # The brand promises sound alone; a `moov` out of sight does not take that back.
        tracks = Tracks(tracks.sound or (None,), video=False, complete=True)
    return tracks.claim(family, duration)


def next_box(excerpt: Excerpt) -> int | None:
    """Where the first box lies that was not read, unless movie's header and samples were both met, or fragments."""
    at, met = 0, set()
    for box in boxes(excerpt, 0, excerpt.size or 0):
        met.add(box.kind)
        if b"moof" in met or met >= {b"moov", b"mdat"}:
            return None
        at = box.end
    return at


def _movie(excerpt: Excerpt, moov: Box) -> tuple[Tracks, Duration]:
    tracks: list[_Track | None] = []
    time, next_track, end = MovieTime(0, 0), 0, moov.start
    for box in boxes(excerpt, moov.start, moov.end):
        end = box.end
        if box.kind == b"mvhd":
            time, next_track = MovieTime.of(excerpt, box), next_track_of(excerpt, box)
        elif box.kind == b"trak":
            tracks.append(_track(excerpt, box))
    seen = [track for track in tracks if track is not None]
    sound = tuple(track.codec for track in seen if track.handler == b"soun")
    pictures = [_film(track, seen) for track in seen if track.handler == b"vide"]
    video = any(pictures)
    # A cut `moov` is whole enough when its header says that no further track exists.
    complete = (end >= moov.end and len(seen) == len(tracks)) or 0 < len(seen) == next_track - 1
    complete = complete and None not in pictures
    if len(seen) == 1 and not time.units and (extended := child(excerpt, moov, b"mvex")):
        each = number(excerpt, child(excerpt, extended, b"trex"), 12)
        duration = fragments_time(excerpt, seen[0].time.scale, each)
    else:
        heard = [track.time for track in seen if track.handler == b"soun"]
        duration = time.played(heard, [track.time for track in seen])
    return Tracks(sound, video, complete), duration


def _film(track: _Track, tracks: list[_Track]) -> bool | None:
    """Whether the pictures of a track move: one is a cover, and several may belong to chapters; None for unknown."""
    if track.coding not in _STILL_CODECS:
        return True
    if track.alone or any(track.id in other.chapters for other in tracks):
        return False
    return None if track.alone is None else True


def _track(excerpt: Excerpt, trak: Box) -> _Track | None:
    """A track as far as it was read; None without its handler, which comes early."""
    media = child(excerpt, trak, b"mdia")
    handler = child(excerpt, media, b"hdlr")
    kind = excerpt.at(handler.start + 8, 4) if handler else b""
    if len(kind) < 4:
        return None
    table = child(excerpt, media, b"minf", b"stbl")
    samples = child(excerpt, table, b"stsd")
    entry = excerpt.at(samples.start + 12, 256) if samples else b""
    coding = entry[:4]
    if coding == b"mp4a":
        match = _OBJECT_TYPE.search(entry)
        codec = None if match is None else "aac" if match[1] else "mp3"
    else:
        codec = _CODECS.get(coding)
    header = child(excerpt, trak, b"tkhd")
    own = number(excerpt, header, 20 if is_wide(excerpt, header) else 12)
    time = TrackTime.of(excerpt, trak, media, table)
    return _Track(kind, coding, codec, time, own, _chapters(excerpt, trak), _alone(excerpt, table))


def _chapters(excerpt: Excerpt, trak: Box) -> tuple[int, ...]:
    named = child(excerpt, trak, b"tref", b"chap")
    ids = excerpt.at(named.start, min(named.end - named.start, 64)) if named else b""
    return tuple(int.from_bytes(ids[at : at + 4], "big") for at in range(0, len(ids) - 3, 4))


def _alone(excerpt: Excerpt, table: Box | None) -> bool | None:
    """Whether a track has one sample: by the first run of those that last equally long."""
    times = child(excerpt, table, b"stts")
    runs, first = number(excerpt, times, 4), number(excerpt, times, 8)
    return None if not runs or not first else runs == first == 1
