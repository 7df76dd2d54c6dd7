"""Recordings whose fixed header states everything: AIFF, CAF, AU and VOC.

Layouts: Apple "Audio Interchange File Format AIFF-C" and "Apple Core Audio Format Specification 1.0", the
`.au` header of SunOS, the Creative Voice File of the Sound Blaster developer kit.
"""

import struct
from math import ldexp
from types import MappingProxyType
from typing import Final

from cloudscan.audio.duration import UNKNOWN, at_rate, beyond, cut_short, stated
from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.media import Claim
from cloudscan.audio.riff import iff_chunks
from cloudscan.model import MediaClass

_MAX_CHUNKS: Final = 64

VOC_MAGIC: Final = b"Creative Voice File\x1a"

# The four-letter codings that AIFF-C and CAF share with QuickTime.
_APPLE_CODECS: Final = MappingProxyType(
    {
        b"NONE": "pcm",
        b"sowt": "pcm",
        b"twos": "pcm",
        b"lpcm": "pcm",
        b"fl32": "pcm-float",
        b"FL32": "pcm-float",
        b"ulaw": "mulaw",
        b"ULAW": "mulaw",
        b"alaw": "alaw",
        b"ALAW": "alaw",
        b"ima4": "adpcm-ima",
        b"aac ": "aac",
        b"alac": "alac",
        b"opus": "opus",
        b"agsm": "gsm",
    }
)

# AU encoding number to codec and bits a sample.
_AU_ENCODINGS: Final = MappingProxyType(
    {
        1: ("mulaw", 8),
        2: ("pcm", 8),
        3: ("pcm", 16),
        4: ("pcm", 24),
        5: ("pcm", 32),
        6: ("pcm-float", 32),
        7: ("pcm-float", 64),
        23: ("g726", 4),
        24: ("g722", 8),
        25: ("g726", 3),
        26: ("g726", 5),
        27: ("alaw", 8),
    }
)

_VOC_CODECS: Final = MappingProxyType({0: ("pcm", 8), 4: ("pcm", 16), 6: ("alaw", 8), 7: ("mulaw", 8)})


def read_aiff(excerpt: Excerpt) -> Claim | None:
    """What an object that begins with `FORM` holds; None for the IFF files that are not sound."""
    if excerpt.head[8:12] not in (b"AIFF", b"AIFC"):
        return None
    codec: str | None = None
    duration = UNKNOWN
    for chunk in iff_chunks(excerpt, "big"):
        body = excerpt.at(chunk.start, min(chunk.size, 22))
        if chunk.name == b"COMM" and len(body) >= 18:
            frames = int.from_bytes(body[2:6], "big")
            codec = _APPLE_CODECS.get(body[18:22]) if excerpt.head[8:12] == b"AIFC" else "pcm"
            duration = stated(frames, _extended(body[8:18]))
        elif chunk.name == b"SSND":
            duration = cut_short(duration, excerpt.size, chunk.start + chunk.size, chunk.start)
    end = int.from_bytes(excerpt.head[4:8], "big") + 8
    return Claim(MediaClass.SPEECH, "aiff", codec, beyond(duration, excerpt.size, end) if end > 8 else duration)


def _extended(data: bytes) -> float:
    """An 80-bit float of the 68881; 0 for a value that no sample rate has."""
    exponent = int.from_bytes(data[:2], "big") - 16383
    return ldexp(int.from_bytes(data[2:], "big"), exponent - 63) if 0 <= exponent < 32 else 0.0


def read_caf(excerpt: Excerpt) -> Claim | None:
    """What an object that begins with `caff` holds; the description is always the first chunk."""
    if excerpt.head[8:12] != b"desc" or len(excerpt.head) < 52:
        return None
    rate, coding, _, packet_bytes, packet_frames = struct.unpack_from(">d4sIII", excerpt.head, 20)
    duration = UNKNOWN
    at = 20 + int.from_bytes(excerpt.head[12:20], "big")
    for _ in range(_MAX_CHUNKS):
        name, body = excerpt.at(at, 4), excerpt.at(at + 12, 16)
        size = int.from_bytes(excerpt.at(at + 4, 8), "big", signed=True)
        if name == b"pakt":  # packet count, then the frames that are sound
            duration = stated(int.from_bytes(body[8:16], "big"), rate)
        elif name == b"data":
            if packet_bytes:
                claimed = size if size > 0 else excerpt.rest(at + 12)
                duration = stated(((claimed or 0) - 4) // packet_bytes * packet_frames, rate)
            duration = cut_short(duration, excerpt.size, at + 12 + size, at + 16)
        if size < 0 or not name:  # a data chunk that runs to the end, or what was not read
            break
        at += 12 + size
    return Claim(MediaClass.SPEECH, "caf", _APPLE_CODECS.get(coding), duration)


def after_caf_data(excerpt: Excerpt) -> int | None:
    """Where the chunk behind the sound begins, None where the sound goes to the end or its chunk was not met."""
    at = 20 + int.from_bytes(excerpt.head[12:20], "big")
    for _ in range(_MAX_CHUNKS):
        name, size = excerpt.at(at, 4), int.from_bytes(excerpt.at(at + 4, 8), "big", signed=True)
        if not name or size < 0:
            return None
        at += 12 + size
        if name == b"data":
            return at
    return None


def read_au(excerpt: Excerpt) -> Claim | None:
    """What an object that begins with `.snd` holds; None when the header makes no sense."""
    if len(excerpt.head) < 24:
        return None
    start, size, encoding, rate, channels = struct.unpack_from(">5I", excerpt.head, 4)
    if start < 24 or encoding not in _AU_ENCODINGS or not 0 < channels <= 255 or not rate:
        return None
    codec, bits = _AU_ENCODINGS[encoding]
    if size in (0, 0xFFFFFFFF):
        size = excerpt.rest(start) or 0
    duration = cut_short(stated(size * 8, rate * channels * bits), excerpt.size, start + size, start)
    duration = beyond(duration, excerpt.size, start + size)
    return Claim(MediaClass.SPEECH, "au", codec, duration)


def read_voc(excerpt: Excerpt) -> Claim:
    """What an object that begins with the Creative Voice magic holds, by its first block of sound."""
    at = int.from_bytes(excerpt.head[20:22], "little")
    block = excerpt.at(at, 16)
    codec: str | None = None
    duration = UNKNOWN
    if block[:1] == b"\x01" and len(block) >= 6:
        codec, bits = _VOC_CODECS.get(block[5], (None, 0))
        duration = at_rate(excerpt.rest(at + 6), 1_000_000 / (256 - block[4]) * bits)
    elif block[:1] == b"\x09" and len(block) >= 12:
        rate, bits, channels = struct.unpack_from("<IBB", block, 4)
        codec, _ = _VOC_CODECS.get(int.from_bytes(block[10:12], "little"), (None, 0))
        duration = at_rate(excerpt.rest(at + 16), rate * bits * channels)
    return Claim(MediaClass.SPEECH, "voc", codec, duration)
