"""Recordings whose header tells samples and rate: WavPack, True Audio, NIST SPHERE, and DSD in DSF.

Layouts: David Bryant "WavPack 4 & 5 Binary File / Block Format", the TTA1 format description, NIST "SPHERE header
structure", Sony "DSF File Format Specification" 1.01.
"""

import re
import struct
import zlib
from typing import Final

from cloudscan.audio.duration import UNKNOWN, at_rate, cut_short, estimated, stated
from cloudscan.audio.excerpt import HEAD_LIMIT, Excerpt
from cloudscan.audio.media import Claim
from cloudscan.model import MediaClass

WAVPACK_MAGIC: Final = b"wvpk"
TTA_MAGIC: Final = b"TTA1"
SPHERE_MAGIC: Final = b"NIST_1A\n"
DSF_MAGIC: Final = b"DSD \x1c\0\0\0\0\0\0\0"

_WAVPACK_RATES: Final = (
    6_000, 8_000, 9_600, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000,
    192_000, 0,
)  # fmt: skip
_WAVPACK_HEADER: Final = 32
_UNLIKE: Final = 10
"""How much less room than the first block all may have, by what is stated: no recording gets that much quieter."""
_MAX_TRIES: Final = 64
_UNSTATED: Final = 0xFFFFFFFF
_SPHERE_HEADER: Final = 1024
_SPHERE_FIELD: Final = re.compile(
    rb"^(sample_count|sample_rate|channel_count|sample_n_bytes) -i (\d{1,12})$|^sample_coding -s\d+ ([\w-]+)", re.M
)
_SPHERE_CODECS: Final = {b"pcm": "pcm", b"ulaw": "mulaw", b"mu-law": "mulaw", b"alaw": "alaw"}


def read_wavpack(excerpt: Excerpt) -> Claim | None:
    """What an object that begins with `wvpk` holds; None unless the first block makes sense."""
    if len(excerpt.head) < _WAVPACK_HEADER:
        return None
    size, version, high_index, high_total, total, _, samples, flags = struct.unpack_from("<IHBBIIII", excerpt.head, 4)
    if not 0x402 <= version <= 0x410 or not 24 <= size <= 1 << 20 or samples > 1 << 20:
        return None
    rate = _WAVPACK_RATES[flags >> 23 & 0xF]
    known = total != _UNSTATED and not high_index
    total += (high_total << 32) - high_total
    duration = stated(total, rate) if known else UNKNOWN
    if excerpt.size is not None and excerpt.size < 8 + size:
        duration = cut_short(stated(samples, rate), excerpt.size, 8 + size)
    elif duration.seconds and (reached := _wavpack_reached(excerpt)):
        duration = duration if reached >= total else estimated(stated(reached, rate))
    elif duration.seconds and samples and excerpt.size and total / samples * (8 + size) > _UNLIKE * excerpt.size:
        duration = at_rate(excerpt.size, (8 + size) * 8 * rate / samples)
    return Claim(MediaClass.SPEECH, "wavpack", "wavpack", duration)


def _wavpack_reached(excerpt: Excerpt) -> int:
    """The sample up to which the last block with sound goes whose header was read; 0 where none does.

    Blocks are followed from the first on, and those that begin in the tail sought from its end.
    """
    at = reached = 0
    for _ in range(_MAX_TRIES):
        block = _wavpack_block(excerpt, at)
        if block is None:
            break
        at, reached = block
    end = len(excerpt.tail)
    for _ in range(_MAX_TRIES):
        end = excerpt.tail.rfind(WAVPACK_MAGIC, 0, end)
        start = (excerpt.size or 0) - len(excerpt.tail) + end
        if end < 0 or start < at:
            break
        if block := _wavpack_block(excerpt, start):
            return max(reached, block[1])
    return reached if at >= (excerpt.size or 0) else 0


def _wavpack_block(excerpt: Excerpt, at: int) -> tuple[int, int] | None:
    """Where the block at `at` ends, and up to which sample it goes: not beyond its first, where it was cut."""
    header = excerpt.at(at, _WAVPACK_HEADER)
    if len(header) < _WAVPACK_HEADER or not header.startswith(WAVPACK_MAGIC):
        return None
    size, version, high_index, _, _, index, samples = struct.unpack_from("<IHBBIII", header, 4)
    if not samples or not 0x402 <= version <= 0x410:
        return None
    cut = excerpt.size is not None and at + 8 + size > excerpt.size
    return at + 8 + size, index + (high_index << 32) + (0 if cut else samples)


def read_tta(excerpt: Excerpt) -> Claim | None:
    """What an object that begins with `TTA1` holds; None unless the checksum of the header is right."""
    head = excerpt.head[:22]
    if len(head) < 22 or zlib.crc32(head[:18]) != int.from_bytes(head[18:22], "little"):
        return None
    rate, samples = struct.unpack_from("<II", head, 10)
    frames = -(-samples // max(1, 256 * rate // 245))
    table = excerpt.at(22, min(4 * frames, HEAD_LIMIT))
    duration = stated(samples, rate)
    if len(table) == 4 * frames:  # the bytes of each frame
        begin = 22 + len(table) + 4
        duration = cut_short(duration, excerpt.size, begin + sum(struct.unpack(f"<{frames}I", table)), begin)
    return Claim(MediaClass.SPEECH, "tta", "tta", duration)


def read_sphere(excerpt: Excerpt) -> Claim:
    """What an object that begins with the magic of NIST's SPHERE holds, by the lines of its header."""
    fields: dict[bytes, int] = {}
    codec: str | None = "pcm"
    for match in _SPHERE_FIELD.finditer(excerpt.head[:_SPHERE_HEADER]):
        if match[1]:
            fields[match[1]] = int(match[2])
        else:
            codec = _SPHERE_CODECS.get(match[3])
    count, width = fields.get(b"sample_count", 0), fields.get(b"sample_n_bytes", 0)
    duration = stated(count, fields.get(b"sample_rate", 0))
    if codec is not None:  # else the samples are packed, and their bytes not told
        end = _SPHERE_HEADER + count * width * fields.get(b"channel_count", 1)
        duration = cut_short(duration, excerpt.size, end, _SPHERE_HEADER)
    return Claim(MediaClass.SPEECH, "sph", codec, duration)


def read_dsf(excerpt: Excerpt) -> Claim | None:
    """What an object that begins with a DSD chunk holds; None unless the description follows."""
    if excerpt.head[28:32] != b"fmt " or len(excerpt.head) < 72:
        return None
    rate, _, samples = struct.unpack_from("<IIQ", excerpt.head, 56)
    duration = cut_short(stated(samples, rate), excerpt.size, int.from_bytes(excerpt.head[12:20], "little"))
    return Claim(MediaClass.SPEECH, "dsf", "dsd", duration)
