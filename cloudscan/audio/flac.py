"""FLAC: what its first block states, and whether the object goes on to there.

Layout: RFC 9639.
"""

import re
from typing import Final

from cloudscan.audio.duration import UNKNOWN, Duration, stated
from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.media import Claim
from cloudscan.model import DurationMethod, MediaClass

FLAC_MAGIC: Final = b"fLaC"

_SYNC: Final = re.compile(rb"\xff[\xf8\xf9]")
_MAX_TRIES: Final = 256
_LONGEST_HEADER: Final = 16
_BLOCKS: Final = (0, 192, 576, 1152, 2304, 4608, 0, 0, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768)
_BYTES_OF_BLOCK: Final = {6: 1, 7: 2}
_BYTES_OF_RATE: Final = {12: 1, 13: 2, 14: 2}


def read_flac(excerpt: Excerpt, at: int = 0) -> Claim | None:
    """What an object with `fLaC` at `at` holds; None unless a STREAMINFO block of 34 bytes comes first."""
    if excerpt.at(at + 4, 4) not in (b"\x00\x00\x00\x22", b"\x80\x00\x00\x22"):
        return None
    streaminfo = excerpt.at(at + 8, 18)
    duration = flac_duration(streaminfo)
    if duration.seconds and 0 < (reached := _reached(excerpt.tail, streaminfo)) < _samples(streaminfo):
        duration = Duration(round(reached / flac_rate(streaminfo), 3), DurationMethod.ESTIMATE)
    return Claim(MediaClass.SPEECH, "flac", "flac", duration)


def flac_duration(streaminfo: bytes) -> Duration:
    """The time that a STREAMINFO block states; unknown when the encoder could not tell."""
    return stated(_samples(streaminfo), flac_rate(streaminfo)) if len(streaminfo) >= 18 else UNKNOWN


def flac_rate(streaminfo: bytes) -> int:
    """The samples a second of a STREAMINFO block, 0 where it was cut."""
    return int.from_bytes(streaminfo[10:13], "big") >> 4 if len(streaminfo) >= 13 else 0


def _samples(streaminfo: bytes) -> int:
    """Of each channel: the last 36 of the bits behind rate, channels and depth."""
    return int.from_bytes(streaminfo[10:18], "big") & 0xFFFFFFFFF


def _reached(tail: bytes, streaminfo: bytes) -> int:
    """Where the last frame ends that begins in the tail, in samples; 0 where none does."""
    usual, total = int.from_bytes(streaminfo[2:4], "big"), _samples(streaminfo)
    starts = [match.start() for match in _SYNC.finditer(tail)][-_MAX_TRIES:]
    ends = (_frame_end(tail[start : start + _LONGEST_HEADER], usual) for start in starts)
    # Chance writes a header with its checksum now and then.
    return max((end for end in ends if end <= total), default=0)


def _frame_end(head: bytes, usual: int) -> int:
    """Where the frame with this header ends, in samples; 0 for what is none. `usual` are the samples of a block."""
    if len(head) < 6 or head[3] & 1:
        return 0
    length = _coded_length(head[4])
    block, rate = head[2] >> 4, head[2] & 0xF
    at = 4 + length
    end = at + _BYTES_OF_BLOCK.get(block, 0) + _BYTES_OF_RATE.get(rate, 0)
    if not length or not block or rate == 0xF or len(head) <= end or _checksum(head[:end]) != head[end]:
        return 0
    number = head[4] & 0x7F >> length if length > 1 else head[4]
    for byte in head[5:at]:
        number = number << 6 | byte & 0x3F
    samples = _BLOCKS[block] or int.from_bytes(head[at : at + _BYTES_OF_BLOCK[block]], "big") + 1
    return number + samples if head[1] & 1 else number * usual + samples


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
