"""Recordings whose header tells samples and rate: WavPack, True Audio, NIST SPHERE, and DSD in DSF.

Layouts: David Bryant "WavPack 4 & 5 Binary File / Block Format", the TTA1 format description, NIST "SPHERE header
structure", Sony "DSF File Format Specification" 1.01.
"""

import re
import struct
import zlib
from typing import Final

from cloudscan.audio.duration import UNKNOWN, stated
from cloudscan.audio.excerpt import Excerpt
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
_UNSTATED: Final = 0xFFFFFFFF
_SPHERE_HEADER: Final = 1024
_SPHERE_FIELD: Final = re.compile(rb"^(sample_count|sample_rate) -i (\d{1,12})$|^sample_coding -s\d+ ([\w-]+)", re.M)
_SPHERE_CODECS: Final = {b"pcm": "pcm", b"ulaw": "mulaw", b"mu-law": "mulaw", b"alaw": "alaw"}


def read_wavpack(excerpt: Excerpt) -> Claim | None:
    """What an object that begins with `wvpk` holds; None unless the first block makes sense."""
    if len(excerpt.head) < 32:
        return None
    size, version, high_index, high_total, total, _, samples, flags = struct.unpack_from("<IHBBIIII", excerpt.head, 4)
    if not 0x402 <= version <= 0x410 or not 24 <= size <= 1 << 20 or samples > 1 << 20:
        return None
    rate = _WAVPACK_RATES[flags >> 23 & 0xF]
    known = total != _UNSTATED and not high_index
    duration = stated(total + (high_total << 32) - high_total, rate) if known else UNKNOWN
    return Claim(MediaClass.SPEECH, "wavpack", "wavpack", duration)


def read_tta(excerpt: Excerpt) -> Claim | None:
    """What an object that begins with `TTA1` holds; None unless the checksum of the header is right."""
    head = excerpt.head[:22]
    if len(head) < 22 or zlib.crc32(head[:18]) != int.from_bytes(head[18:22], "little"):
        return None
    rate, samples = struct.unpack_from("<II", head, 10)
    return Claim(MediaClass.SPEECH, "tta", "tta", stated(samples, rate))


def read_sphere(excerpt: Excerpt) -> Claim:
    """What an object that begins with the magic of NIST's SPHERE holds, by the lines of its header."""
    fields: dict[bytes, int] = {}
    codec: str | None = "pcm"
    for match in _SPHERE_FIELD.finditer(excerpt.head[:_SPHERE_HEADER]):
        if match[1]:
            fields[match[1]] = int(match[2])
        else:
            codec = _SPHERE_CODECS.get(match[3])
    duration = stated(fields.get(b"sample_count", 0), fields.get(b"sample_rate", 0))
    return Claim(MediaClass.SPEECH, "sph", codec, duration)


def read_dsf(excerpt: Excerpt) -> Claim | None:
    """What an object that begins with a DSD chunk holds; None unless the description follows."""
    if excerpt.head[28:32] != b"fmt " or len(excerpt.head) < 72:
        return None
    rate, _, samples = struct.unpack_from("<IIQ", excerpt.head, 56)
    return Claim(MediaClass.SPEECH, "dsf", "dsd", stated(samples, rate))
