"""Sound stored as a run of frames, each with its own small header: MPEG audio, AAC in ADTS, AMR, SILK.

Layouts: ISO/IEC 11172-3 and 13818-3 (MPEG audio), ISO/IEC 14496-3 (ADTS), RFC 4867 (AMR storage format),
id3.org "ID3 tag version 2.4.0", the SILK SDK's file header.

A sync word is eleven or twelve bits, which random bytes carry all the time. Two frames of one make, the
second exactly where the first ends, are demanded before anything is said.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cloudscan.audio.duration import UNKNOWN, Duration, at_rate, stated
from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.headers import read_flac
from cloudscan.audio.media import Claim
from cloudscan.model import MediaClass

_MAX_FRAMES: Final = 1024

_LAYER_1: Final = (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448)
_LAYER_2: Final = (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384)
_LAYER_3: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_LOW_LAYER_1: Final = (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256)
_LOW_LAYERS_2_3: Final = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MPEG_RATES: Final = (44_100, 48_000, 32_000)
_ADTS_RATES: Final = (
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
)  # fmt: skip
# Bytes of a frame by its type, the type byte included.
_AMR_NB: Final = (13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1)
_AMR_WB: Final = (18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1)


@dataclass(frozen=True, slots=True)
class _Frame:
    length: int  # bytes
    samples: int
    rate: int
    make: tuple[int, ...]  # what neighbours of one stream share


_Parse = Callable[[bytes], _Frame | None]  # of the first 8 bytes or fewer


def read_mpeg_or_adts(excerpt: Excerpt) -> Claim | None:
    """What an object that begins with a sync word holds; None unless two frames follow each other."""
    return _mpeg(excerpt, 0) or _adts(excerpt, 0)


def read_id3(excerpt: Excerpt) -> Claim | None:
    """What an object that begins with an ID3v2 tag holds.

    The tag is made for recordings alone. Where it reaches beyond the bytes that were read (a picture in it
    takes hundreds of kilobytes), it is called MP3, its home, without a codec.
    """
    at = _id3_end(excerpt.head)
    if at is None or (excerpt.size is not None and at > excerpt.size):
        return None
    following = excerpt.at(at, 8)
    if following[:4] == b"fLaC":
        return read_flac(excerpt, at)
    if claim := _mpeg(excerpt, at) or _adts(excerpt, at):
        return claim
    # Nothing to see, or one frame whose successor was not read: the tag stands. Anything else contradicts it.
    frame = _mpeg_frame(following) or _adts_frame(following)
    cut = len(following) < 8 or (frame is not None and len(excerpt.at(at + frame.length, 8)) < 8)
    return Claim(MediaClass.SPEECH, "mp3") if cut else None


def read_amr(excerpt: Excerpt) -> Claim:
    """What an object that begins with an AMR magic holds."""
    if excerpt.head.startswith(b"#!AMR-WB\n"):
        return Claim(MediaClass.SPEECH, "amr-wb", "amr-wb", _run_time(excerpt, 9, _amr_wb_frame))
    return Claim(MediaClass.SPEECH, "amr", "amr-nb", _run_time(excerpt, 6, _amr_nb_frame))


def read_silk(excerpt: Excerpt) -> Claim:
    """What an object that begins with a SILK magic, with or without the messengers' leading byte, holds."""
    start = excerpt.head.index(b"#!SILK_V3") + 9
    return Claim(MediaClass.SPEECH, "silk", "silk", _run_time(excerpt, start, _silk_frame))


def _id3_end(head: bytes) -> int | None:
    if len(head) < 10 or not 2 <= head[3] <= 4 or head[4] == 0xFF or max(head[6:10]) > 0x7F:
        return None
    size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    return 10 + size + (10 if head[5] & 0x10 else 0)


def _run_time(excerpt: Excerpt, at: int, parse: _Parse) -> Duration:
    """The time of the frames from `at` on: exact when all of them were seen, else by their mean rate."""
    start, seconds = at, 0.0
    for _ in range(_MAX_FRAMES):
        frame = parse(excerpt.at(at, 8))
        if frame is None:
            break
        at += frame.length
        seconds += frame.samples / frame.rate
        if at == excerpt.size:
            return stated(seconds, 1)
    return at_rate(excerpt.rest(start), (at - start) * 8 / seconds) if seconds else UNKNOWN


def _two_in_a_row(excerpt: Excerpt, at: int, parse: _Parse) -> _Frame | None:
    first = parse(excerpt.at(at, 8))
    second = parse(excerpt.at(at + first.length, 8)) if first else None
    return first if first and second and first.make == second.make else None


def _mpeg(excerpt: Excerpt, at: int) -> Claim | None:
    frame = _two_in_a_row(excerpt, at, _mpeg_frame)
    if frame is None:
        return None
    name = f"mp{frame.make[1]}"
    duration = _stated_frames(excerpt.at(at, 256), frame)
    return Claim(MediaClass.SPEECH, name, name, duration or _run_time(excerpt, at, _mpeg_frame))


def _mpeg_frame(head: bytes) -> _Frame | None:
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
        return _Frame((12 * bits // rate + padding) * 4, 384, rate, make)
    samples = 576 if layer == 3 and low else 1152
    return _Frame(samples // 8 * bits // rate + padding, samples, rate, make)


def _stated_frames(first: bytes, frame: _Frame) -> Duration | None:
    """The time that a Xing, Info or VBRI header in the first frame states, less the encoder's padding."""
    if first[36:40] == b"VBRI":
        return stated(int.from_bytes(first[50:54], "big") * frame.samples, frame.rate)
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
    return stated(samples, frame.rate)


def _adts(excerpt: Excerpt, at: int) -> Claim | None:
    if _two_in_a_row(excerpt, at, _adts_frame) is None:
        return None
    return Claim(MediaClass.SPEECH, "aac", "aac", _run_time(excerpt, at, _adts_frame))


def _adts_frame(head: bytes) -> _Frame | None:
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return None
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    rate = head[2] >> 2 & 0xF
    if length < 8 or rate >= len(_ADTS_RATES):
        return None
    # Of the fixed header all but the home and copyright bits.
    return _Frame(length, 1024 * ((head[6] & 3) + 1), _ADTS_RATES[rate], (head[1], head[2], head[3] & 0xC0))


def _amr_nb_frame(head: bytes) -> _Frame | None:
    return _amr_frame(head, _AMR_NB, 8_000)


def _amr_wb_frame(head: bytes) -> _Frame | None:
    return _amr_frame(head, _AMR_WB, 16_000)


def _amr_frame(head: bytes, lengths: tuple[int, ...], rate: int) -> _Frame | None:
    length = lengths[head[0] >> 3 & 0xF] if head else 0
    return _Frame(length, rate // 50, rate, ()) if length else None


def _silk_frame(head: bytes) -> _Frame | None:
    """A packet of 20 ms behind its length; the end mark 0xFFFF is none."""
    length = int.from_bytes(head[:2], "little")
    return _Frame(2 + length, 20, 1000, ()) if len(head) >= 2 and 0 < length <= 1250 else None
