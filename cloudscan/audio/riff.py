"""WAV in its containers: RIFF, its big-endian twin RIFX, the 64-bit RF64 and BW64, and Sony Wave64.

Layouts: Microsoft "Multimedia Programming Interface and Data Specifications 1.0" and the WAVEFORMATEX pages,
EBU Tech 3306 (RF64), Sony Pictures Digital "Wave 64".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, Self

from cloudscan.audio.duration import UNKNOWN, Duration, at_rate, beyond, stated
from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.media import Claim
from cloudscan.model import DurationMethod, MediaClass

ByteOrder = Literal["little", "big"]

W64_RIFF: Final = bytes.fromhex("726966662E91CF11A5D628DB04C10000")
_W64_WAVE: Final = bytes.fromhex("77617665F3ACD3118CD100C04F8EDB8A")

_MAX_CHUNKS: Final = 64
# Recorders that stream cannot go back to fill in the sizes; they leave one of these.
_UNSTATED_32: Final = frozenset({0, 0xFFFFFFFF})

WAVE_CODECS: Final = MappingProxyType(
    {
        0x0001: "pcm",
        0x0002: "adpcm-ms",
        0x0003: "pcm-float",
        0x0006: "alaw",
        0x0007: "mulaw",
        0x000A: "wma-voice",
        0x0011: "adpcm-ima",
        0x0031: "gsm",
        0x0045: "g726",
        0x0050: "mp2",
        0x0055: "mp3",
        0x0064: "g726",
        0x0065: "g722",
        0x0083: "g729",
        0x00FF: "aac",
        0x0160: "wma1",
        0x0161: "wma2",
        0x0162: "wma-pro",
        0x0163: "wma-lossless",
        0x028F: "g722",
        0xA109: "speex",
    }
)
_PLAIN_SAMPLES: Final = frozenset({0x0001, 0x0003, 0x0006, 0x0007})
_EXTENSIBLE: Final = 0xFFFE


@dataclass(frozen=True, slots=True)
class Chunk:
    """A named stretch of bytes, by the offset of its body."""

    name: bytes
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class _Format:
    """The `fmt ` chunk."""

    tag: int
    samples_per_second: int
    bytes_per_second: int

    @classmethod
    def read(cls, body: bytes, order: ByteOrder) -> Self | None:
        if len(body) < 16:
            return None
        tag, channels = (int.from_bytes(body[i : i + 2], order) for i in (0, 2))
        rate, byte_rate = (int.from_bytes(body[i : i + 4], order) for i in (4, 8))
        bits = int.from_bytes(body[14:16], order)
        if tag == _EXTENSIBLE and len(body) >= 26:
            tag = int.from_bytes(body[24:26], order)
        if tag in _PLAIN_SAMPLES:
            byte_rate = rate * channels * ((bits + 7) // 8)
        return cls(tag, rate, byte_rate)


def read_riff(excerpt: Excerpt) -> Claim:
    """What an object that begins with a RIFF magic, and is not AVI, holds."""
    form = excerpt.head[8:12]
    if form != b"WAVE":
        return Claim(MediaClass.OTHER, "riff")  # WebP, MIDI in RIFF, cursors, palettes
    order: ByteOrder = "big" if excerpt.head[:4] == b"RIFX" else "little"
    return _wave(excerpt, iff_chunks(excerpt, order), order, "wav", int.from_bytes(excerpt.head[4:8], order) + 8)


def read_w64(excerpt: Excerpt) -> Claim | None:
    """What an object that begins with the Wave64 RIFF identifier holds."""
    if excerpt.head[24:40] != _W64_WAVE:
        return None
    return _wave(excerpt, _w64_chunks(excerpt), "little", "w64", int.from_bytes(excerpt.head[16:24], "little"))


def iff_chunks(excerpt: Excerpt, order: ByteOrder) -> Iterator[Chunk]:
    """The chunks, as far as their headers were read, of a file in the manner of IFF: RIFF and AIFF alike."""
    at = 12
    for _ in range(_MAX_CHUNKS):
        header = excerpt.at(at, 8)
        if len(header) < 8:
            return
        size = int.from_bytes(header[4:], order)
        yield Chunk(header[:4], at + 8, size)
        at += 8 + size + size % 2


def _w64_chunks(excerpt: Excerpt) -> Iterator[Chunk]:
    at = 40
    for _ in range(_MAX_CHUNKS):
        header = excerpt.at(at, 24)
        size = int.from_bytes(header[16:], "little")  # counts the header itself
        if len(header) < 24 or size < 24:
            return
        yield Chunk(header[:4], at + 24, size - 24)
        at += (size + 7) // 8 * 8


def _wave(excerpt: Excerpt, chunks: Iterator[Chunk], order: ByteOrder, media_format: str, end: int) -> Claim:
    layout: _Format | None = None
    samples = long_size = 0
    duration = UNKNOWN
    behind = 0
    for chunk in chunks:
        behind = chunk.start + chunk.size
        body = excerpt.at(chunk.start, min(chunk.size, 40))
        if chunk.name == b"fmt ":
            layout = _Format.read(body, order)
        elif chunk.name == b"fact" and int.from_bytes(body[:4], order) not in _UNSTATED_32:
            samples = int.from_bytes(body[:4], order)
        elif chunk.name == b"ds64":
            end, long_size = (int.from_bytes(body[at : at + 8], "little") for at in (0, 8))
        elif chunk.name == b"data":
            if layout is not None:
                duration = _duration(excerpt, chunk, layout, samples, long_size)
                claimed = _claimed(chunk, long_size)
                duration = beyond(duration, excerpt.size, max(end, chunk.start + claimed)) if claimed else duration
            break
    else:  # the samples begin behind what was read
        if layout is not None:
            duration = at_rate(excerpt.rest(behind), layout.bytes_per_second * 8)
    codec = WAVE_CODECS.get(layout.tag) if layout is not None else None
    return Claim(MediaClass.SPEECH, media_format, codec, duration)


def _duration(excerpt: Excerpt, data: Chunk, layout: _Format, samples: int, long_size: int) -> Duration:
    claimed = _claimed(data, long_size)
    rest = excerpt.rest(data.start)
    # A file cut short holds less than its header claims.
    cut = rest is not None and rest < claimed
    size = rest if rest is not None and (cut or not claimed) else claimed
    if layout.tag in _PLAIN_SAMPLES:
        duration = stated(size, layout.bytes_per_second)
        return Duration(duration.seconds, DurationMethod.ESTIMATE) if cut and duration is not UNKNOWN else duration
    if samples and size == claimed:
        return stated(samples, layout.samples_per_second)
    return at_rate(size, layout.bytes_per_second * 8)


def _claimed(data: Chunk, long_size: int) -> int:
    """The bytes of sound that the header states, 0 where it leaves that open."""
    return long_size or (0 if data.size in _UNSTATED_32 else data.size)
