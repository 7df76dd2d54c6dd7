"""FLAC: what its first block states, and whether the object goes on to there.

Layout: RFC 9639.
"""

import re
from dataclasses import dataclass
from typing import Final

from cloudscan.audio.duration import UNKNOWN, Duration, at_rate, estimated, stated
from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.media import Claim
from cloudscan.model import MediaClass

FLAC_MAGIC: Final = b"fLaC"

_SYNC: Final = re.compile(rb"\xff[\xf8\xf9]")
_MAX_TRIES: Final = 256
_MAX_BLOCKS: Final = 64
_MOST: Final = 1.1
"""What frames take of that at the most: noise is stored as it is."""
_STRAY: Final = 4096
"""Bytes behind the last frame that say nothing, such as tags."""
_LONGEST_HEADER: Final = 16
_BLOCKS: Final = (0, 192, 576, 1152, 2304, 4608, 0, 0, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768)
_BYTES_OF_BLOCK: Final = {6: 1, 7: 2}
_BYTES_OF_RATE: Final = {12: 1, 13: 2, 14: 2}


def read_flac(excerpt: Excerpt, at: int = 0) -> Claim | None:
    """What an object with `fLaC` at `at` holds; None unless a STREAMINFO block of 34 bytes comes first."""
    if excerpt.at(at + 4, 4) not in (b"\x00\x00\x00\x22", b"\x80\x00\x00\x22"):
        return None
    streaminfo = excerpt.at(at + 8, 18)
    return Claim(MediaClass.SPEECH, "flac", "flac", _duration(excerpt, at, streaminfo))


def _duration(excerpt: Excerpt, at: int, streaminfo: bytes) -> Duration:
    """What the first block states, unless frames in sight deny it: they begin later, go on, or end before."""
    rate, total = flac_rate(streaminfo), _samples(streaminfo)
    sound = _first_frame_at(excerpt, at)
    first = (
        None if sound is None else _frame(excerpt.at(sound, _LONGEST_HEADER), int.from_bytes(streaminfo[2:4], "big"))
    )
    reached = _reached(excerpt.tail, streaminfo, first)
    begin = first.start if first else 0
    if sound is not None and _joined(excerpt, sound, streaminfo):
        spent = _bits_per_second(excerpt, sound, streaminfo, first)
        return at_rate(excerpt.rest(sound), spent) if spent else estimated(flac_duration(streaminfo))
    held = sound is None or (excerpt.rest(sound) or 0) <= _MOST * _unpacked(streaminfo) + _STRAY
    held = held and (first is None or first.end <= total)
    if held and not begin and total and reached in (0, total):
        return flac_duration(streaminfo)
    # What was cut out of a longer one states the time of that, and numbers its frames as that did.
    end = reached or (total if held else 0)
    return estimated(stated(end - begin, rate))


def flac_duration(streaminfo: bytes) -> Duration:
    """The time that a STREAMINFO block states; unknown when the encoder could not tell."""
    return stated(_samples(streaminfo), flac_rate(streaminfo)) if len(streaminfo) >= 18 else UNKNOWN


def flac_rate(streaminfo: bytes) -> int:
    """The samples a second of a STREAMINFO block, 0 where it was cut."""
    return int.from_bytes(streaminfo[10:13], "big") >> 4 if len(streaminfo) >= 13 else 0


def _samples(streaminfo: bytes) -> int:
    """Of each channel: the last 36 of the bits behind rate, channels and depth."""
    return int.from_bytes(streaminfo[10:18], "big") & 0xFFFFFFFFF


@dataclass(frozen=True, slots=True)
class _Frame:
    """A frame by its header: its first sample, the one behind its last, and what all frames of a recording share."""

    start: int
    end: int
    make: tuple[int, int, int]
    block: int  # the code of its length, which all but the last share


def _first_frame_at(excerpt: Excerpt, at: int) -> int | None:
    """Where the last block of metadata ends, None where one of them is out of sight."""
    at += 4
    for _ in range(_MAX_BLOCKS):
        header = excerpt.at(at, 4)
        if len(header) < 4:
            return None
        at += 4 + int.from_bytes(header[1:], "big")
        if header[0] & 0x80:
            return at
    return None


def _unpacked(streaminfo: bytes) -> int:
    """The bytes of all samples that are stated: of each of the channels, of so many bits."""
    packed = int.from_bytes(streaminfo[10:18], "big")
    return _samples(streaminfo) * ((packed >> 41 & 7) + 1) * ((packed >> 36 & 0x1F) + 1) // 8


def _reached(tail: bytes, streaminfo: bytes, first: _Frame | None) -> int:
    """Where the last frame ends that begins in the tail, in samples; 0 where none does.

    Chance writes a header with its checksum now and then, so that frames have to be of the make of the first, and
    those beyond what is stated of its length; none is believed beyond that while the first is out of sight.
    """
    usual, total = int.from_bytes(streaminfo[2:4], "big"), _samples(streaminfo)
    starts = [match.start() for match in _SYNC.finditer(tail)][-_MAX_TRIES:]
    frames = (_frame(tail[start : start + _LONGEST_HEADER], usual) for start in starts)
    alike = (frame for frame in frames if frame and (first is None or frame.make == first.make))
    believed = (frame.end for frame in alike if frame.end <= total or (first and frame.block == first.block))
    return max(believed, default=0)


def _joined(excerpt: Excerpt, sound: int, streaminfo: bytes) -> bool:
    """Whether another recording is joined behind the first: it begins in sight, or the frames of one are not so large.

    STREAMINFO tells the least samples of a block, and the most bytes of a frame, 0 where the encoder did not know.
    """
    opened = FLAC_MAGIC + b"\x00\x00\x00\x22", FLAC_MAGIC + b"\x80\x00\x00\x22"
    if any(mark in part for mark in opened for part in (excerpt.head[sound:], _behind(excerpt, sound))):
        return True
    least, largest = int.from_bytes(streaminfo[:2], "big"), int.from_bytes(streaminfo[7:10], "big")
    if not least or not largest or not _samples(streaminfo):
        return False
    most = (_samples(streaminfo) // least + 1) * largest
    return (excerpt.rest(sound) or 0) > most + max(_STRAY, most // 10)


def _behind(excerpt: Excerpt, sound: int) -> bytes:
    """What of the tail lies behind where the first frame begins."""
    return excerpt.tail[max(0, len(excerpt.tail) - (excerpt.rest(sound) or 0)) :]


def _bits_per_second(excerpt: Excerpt, sound: int, streaminfo: bytes, first: _Frame | None) -> float:
    """The rate of the frames in the head, 0 where fewer than two are in sight."""
    head, usual = excerpt.head, int.from_bytes(streaminfo[2:4], "big")
    starts = [match.start() for match in _SYNC.finditer(head, sound + 1)][:_MAX_TRIES]
    seen = ((start, _frame(head[start : start + _LONGEST_HEADER], usual)) for start in starts)
    last = None
    for start, frame in seen:
        if frame and first and frame.make == first.make and frame.start > (last[1].start if last else first.start):
            last = (start, frame)
    if last is None or first is None:
        return 0.0
    return (last[0] - sound) * 8 * flac_rate(streaminfo) / (last[1].start - first.start)


def _frame(head: bytes, usual: int) -> _Frame | None:
    """The frame with this header; None for what is none. `usual` are the samples of a block."""
    if len(head) < 6 or head[0] != 0xFF or head[1] & 0xFE != 0xF8 or head[3] & 1:
        return None
    length = _coded_length(head[4])
    block, rate = head[2] >> 4, head[2] & 0xF
    at = 4 + length
    end = at + _BYTES_OF_BLOCK.get(block, 0) + _BYTES_OF_RATE.get(rate, 0)
    if not length or not block or rate == 0xF or len(head) <= end or _checksum(head[:end]) != head[end]:
        return None
    number = head[4] & 0x7F >> length if length > 1 else head[4]
    for byte in head[5:at]:
        number = number << 6 | byte & 0x3F
    samples = _BLOCKS[block] or int.from_bytes(head[at : at + _BYTES_OF_BLOCK[block]], "big") + 1
    start = number if head[1] & 1 else number * usual
    return _Frame(start, start + samples, (head[1], rate, head[3] & 0xE), block)


def _coded_length(first: int) -> int:
    """Bytes of a number coded as in UTF-8, by its first; 0 for one that begins none."""
    ones = 8 - (first ^ 0xFF).bit_length()
    return 1 if not ones else ones if 2 <= ones <= 7 else 0


def _checksum(data: bytes) -> int:
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ (0x07 if value & 0x80 else 0)) & 0xFF
    return value
