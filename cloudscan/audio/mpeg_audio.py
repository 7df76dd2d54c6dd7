"""MPEG audio (layers 1 to 3), AAC in ADTS and in LATM, with or without an ID3 tag, at the start or behind junk.

Layouts: ISO/IEC 11172-3 and 13818-3 (MPEG audio), ISO/IEC 14496-3 (ADTS, and LOAS with LATM), id3.org "ID3 tag
version 2.4.0".
"""

import re
from dataclasses import replace
from itertools import islice
from typing import Final

from cloudscan.audio.duration import Duration, at_rate, beyond, cut_short, stated
from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.flac import FLAC_MAGIC, read_flac
from cloudscan.audio.frames import Frame, in_a_row, run_time
from cloudscan.audio.media import Claim
from cloudscan.model import DurationMethod, MediaClass

_LAYER_1: Final = (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448)
_LAYER_2: Final = (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384)
_LAYER_3: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_LOW_LAYER_1: Final = (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256)
_LOW_LAYERS_2_3: Final = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MPEG_RATES: Final = (44_100, 48_000, 32_000)
_ADTS_RATES: Final = (
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
)  # fmt: skip


# What begins a frame of MPEG audio or ADTS, and how much of an object may be something else before the first.
_SYNC: Final = re.compile(rb"\xff(?=[\xe2-\xe7\xf2-\xf7\xfa-\xff][\x10-\xeb]|[\xf0\xf1\xf8\xf9])")
_JUNK_LIMIT: Final = 8192
_MAX_TRIES: Final = 512
_SEARCHED: Final = (3, 16)  # frames in a row, at least and at most, where the first had to be searched for


def read_sync(excerpt: Excerpt) -> Claim | None:
    """What an object that begins with a sync word holds; None unless two frames follow each other."""
    return _mpeg(excerpt, 0) or _adts(excerpt, 0)


def read_id3(excerpt: Excerpt) -> Claim | None:
    """What an object that begins with an ID3v2 tag holds.

    The tag is made for recordings alone. Where it reaches beyond the bytes that were read (a picture in it
    takes hundreds of kilobytes), it is called MP3, its home, without a codec unless the tail shows one.
    """
    at = id3_end(excerpt.head)
    if at is None or (excerpt.size is not None and at > excerpt.size):
        return None
    following = excerpt.at(at, 8)
    if following[:4] == FLAC_MAGIC:
        return read_flac(excerpt, at)
    if claim := _mpeg(excerpt, at) or _adts(excerpt, at):
        return claim
    # Nothing to see, or one frame whose successor was not read: the tag stands. Anything else contradicts it.
    frame = _mpeg_frame(following) or _adts_frame(following)
    if len(following) < 8:
        return _in_tail(excerpt, at) or Claim(MediaClass.SPEECH, "mp3")
    if frame is not None and len(excerpt.at(at + frame.length, 8)) < 8:
        return Claim(MediaClass.SPEECH, "mp3")
    return read_stray(excerpt, at)


def read_stray(excerpt: Excerpt, after: int = 0) -> Claim | None:
    """Frames that begin soon after an offset, behind zeros, junk, or the end of a frame cut in two."""
    junk = excerpt.at(after, _JUNK_LIMIT)
    for match in islice(_SYNC.finditer(junk), _MAX_TRIES):
        at = after + match.start()
        if claim := _mpeg(excerpt, at, _SEARCHED) or _adts(excerpt, at, _SEARCHED):
            return claim
    return None


def read_latm(excerpt: Excerpt) -> Claim | None:
    """What an object that begins with the sync word of LOAS, which carries AAC in LATM, holds.

    A frame repeats the setup or says that the one before still holds; without one the time is not known.
    """
    at, seconds, frames = 0, 0.0, 0
    tick = 0.0
    for _ in range(_MAX_TRIES):
        head = excerpt.at(at, 16)
        if len(head) < 3 or head[0] != 0x56 or head[1] & 0xE0 != 0xE0:
            break
        tick = _latm_seconds(head[3:]) or tick
        frames, seconds = frames + 1, seconds + tick
        at += 3 + ((head[1] & 0x1F) << 8 | head[2])
    if frames < _SEARCHED[0]:
        return None
    if not seconds:
        return Claim(MediaClass.SPEECH, "latm", "aac")
    duration = stated(seconds, 1) if at == excerpt.size else at_rate(excerpt.size, at * 8 / seconds)
    return Claim(MediaClass.SPEECH, "latm", "aac", duration)


def _latm_seconds(mux: bytes) -> float | None:
    """The time of a frame by its StreamMuxConfig (version 0), None where it has none."""
    bits = int.from_bytes(mux[:8], "big") << (8 - min(len(mux), 8)) * 8
    if bits >> 62:  # the setup before this frame holds, or one of version 1
        return None
    rate = bits >> 39 & 0xF  # behind framing, frames, programs, layers (14 bits) and the object type (5)
    parts = (bits >> 55 & 0x3F) + 1
    return 1024 * parts / _ADTS_RATES[rate] if rate < len(_ADTS_RATES) else None


def _in_tail(excerpt: Excerpt, at: int) -> Claim | None:
    """Frames out of sight that begin at `at`, by those that the tail shows; their time by the rate of these."""
    if excerpt.size is None:
        return None
    first = excerpt.size - len(excerpt.tail)
    claim = read_stray(excerpt, max(first, at))
    if claim is None or claim.duration.seconds is None:
        return claim
    share = (excerpt.size - at) / max(1, excerpt.size - max(first, at))
    return replace(claim, duration=Duration(round(claim.duration.seconds * share, 3), DurationMethod.ESTIMATE))


def id3_end(head: bytes) -> int | None:
    """Where the tag ends that these bytes begin with, None where they begin with none."""
    if (
        not head.startswith(b"ID3")
        or len(head) < 10
        or not 2 <= head[3] <= 4
        or head[4] == 0xFF
        or max(head[6:10]) > 0x7F
    ):
        return None
    size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    return 10 + size + (10 if head[5] & 0x10 else 0)


def _mpeg(excerpt: Excerpt, at: int, number: tuple[int, int] = (2, 2)) -> Claim | None:
    frame = in_a_row(excerpt, at, _mpeg_frame, *number)
    if frame is None:
        # A first frame that holds no sound but an encoder's note is as good as two.
        frame = _mpeg_frame(excerpt.at(at, 8))
        if frame is None or excerpt.at(at + frame.length, 4) or _stated_frames(excerpt, at, frame) is None:
            return None
    name = f"mp{frame.make[1]}"
    duration = _stated_frames(excerpt, at, frame)
    return Claim(MediaClass.SPEECH, name, name, duration or run_time(excerpt, at, _mpeg_frame))


def _mpeg_frame(head: bytes) -> Frame | None:
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)  # version: 3 is MPEG 1, 2 is 2, 0 is 2.5
    bit_rate, sample_rate = head[2] >> 4, head[2] >> 2 & 3
    # No free format (bit rate 0): its frames cannot be followed.
    if version == 1 or layer == 4 or bit_rate in (0, 15) or sample_rate == 3:
        return None
    rate = _MPEG_RATES[sample_rate] >> {3: 0, 2: 1, 0: 2}[version]
    low = version != 3
    table = (_LOW_LAYER_1, _LOW_LAYERS_2_3, _LOW_LAYERS_2_3) if low else (_LAYER_1, _LAYER_2, _LAYER_3)
    bits = table[layer - 1][bit_rate] * 1000
    padding = head[2] >> 1 & 1
    make = (version, layer, rate)
    if layer == 1:
        return Frame((12 * bits // rate + padding) * 4, 384, rate, make)
    samples = 576 if layer == 3 and low else 1152
    return Frame(samples // 8 * bits // rate + padding, samples, rate, make)


def _stated_frames(excerpt: Excerpt, at: int, frame: Frame) -> Duration | None:
    """The time that a Xing, Info or VBRI header in the first frame states, less the encoder's padding.

    Beside the frames such a header counts their bytes, and so tells where the object was cut, or goes on behind them.
    """
    first = excerpt.at(at, 256)
    rest = excerpt.rest(at)
    if first[36:40] == b"VBRI":
        duration = stated(int.from_bytes(first[50:54], "big") * frame.samples, frame.rate)
        return _held_against(duration, rest, int.from_bytes(first[46:50], "big"))
    mono = len(first) > 3 and first[3] >> 6 == 3
    side = (17 if mono else 32) if frame.make[0] == 3 else (9 if mono else 17)
    tag = first[4 + side :]
    flags = int.from_bytes(tag[4:8], "big")
    if tag[:4] not in (b"Xing", b"Info") or not flags & 1:
        return None
    samples = int.from_bytes(tag[8:12], "big") * frame.samples
    encoder = 12 + 4 * (flags >> 1 & 1) + 100 * (flags >> 2 & 1) + 4 * (flags >> 3 & 1)
    if tag[encoder : encoder + 4] in (b"LAME", b"Lavc", b"Lavf") and len(tag) >= encoder + 24:
        gaps = int.from_bytes(tag[encoder + 21 : encoder + 24], "big")
        samples -= (gaps >> 12) + (gaps & 0xFFF)
    return _held_against(stated(samples, frame.rate), rest, int.from_bytes(tag[12:16], "big") if flags & 2 else 0)


def _held_against(duration: Duration, rest: int | None, counted: int) -> Duration:
    """The same, or an estimate where the object holds fewer bytes than were counted, or many more."""
    return beyond(cut_short(duration, rest, counted), rest, counted) if counted else duration


def _adts(excerpt: Excerpt, at: int, number: tuple[int, int] = (2, 2)) -> Claim | None:
    if in_a_row(excerpt, at, _adts_frame, *number) is None:
        return None
    return Claim(MediaClass.SPEECH, "aac", "aac", run_time(excerpt, at, _adts_frame))


def _adts_frame(head: bytes) -> Frame | None:
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return None
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    rate = head[2] >> 2 & 0xF
    if length < 8 or rate >= len(_ADTS_RATES):
        return None
    # Of the fixed header all but the home and copyright bits.
    return Frame(length, 1024 * ((head[6] & 3) + 1), _ADTS_RATES[rate], (head[1], head[2], head[3] & 0xC0))
