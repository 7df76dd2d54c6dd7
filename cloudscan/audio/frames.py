"""Sound stored as a run of frames, each with its own small header: how a run is followed; AMR and SILK.

Layouts: RFC 4867 (AMR storage format), the SILK SDK's file header.

A sync word is eleven or twelve bits, which random bytes carry all the time. Two frames of one make, the
second exactly where the first ends, are demanded before anything is said; three where they had to be searched for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cloudscan.audio.duration import UNKNOWN, Duration, at_rate, stated
from cloudscan.audio.excerpt import Excerpt
from cloudscan.audio.media import Claim
from cloudscan.model import MediaClass

_MAX_FRAMES: Final = 1024
_PEEK: Final = 16

# Bytes of a frame by its type, the type byte included.
_AMR_NB: Final = (13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1)
_AMR_WB: Final = (18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1)

_AMR_PADDING: Final = 0x83  # the bits of the type byte that are always 0


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame by its header: bytes, samples of each channel, and what neighbours of one stream share."""

    length: int
    samples: int
    rate: int
    make: tuple[int, ...]


Parse = Callable[[bytes], Frame | None]
"""Reads a frame from its first 16 bytes or, where no more were read, fewer."""


def run_time(excerpt: Excerpt, at: int, parse: Parse) -> Duration:
    """The time of the frames from `at` on: exact when all of them were seen, else by their mean rate."""
    start, seconds = at, 0.0
    for _ in range(_MAX_FRAMES):
        frame = parse(excerpt.at(at, _PEEK))
        if frame is None:
            break
        at += frame.length
        seconds += frame.samples / frame.rate
        if at == excerpt.size:
            return stated(seconds, 1)
    return at_rate(excerpt.rest(start), (at - start) * 8 / seconds) if seconds else UNKNOWN


def in_a_row(excerpt: Excerpt, at: int, parse: Parse, least: int = 2, most: int = 2) -> Frame | None:
    """The frame at `at`, if its like follow it: `most` of one make, or `least` and then the end of what was read."""
    first = frame = parse(excerpt.at(at, _PEEK))
    for seen in range(1, most):
        if frame is None or first is None:
            return None
        at += frame.length
        peek = excerpt.at(at, _PEEK)
        if len(peek) < _PEEK and seen >= least:
            return first
        frame = parse(peek)
        if frame is None or frame.make != first.make:
            return None
    return first


def read_amr(excerpt: Excerpt) -> Claim | None:
    """What an object that begins with an AMR magic holds; None unless frames follow, three where there are so many."""
    wide = excerpt.head.startswith(b"#!AMR-WB\n")
    start, frame, name, codec = (9, _amr_wb_frame, "amr-wb", "amr-wb") if wide else (6, _amr_nb_frame, "amr", "amr-nb")
    if in_a_row(excerpt, start, frame, least=1, most=3) is None:
        return None
    return Claim(MediaClass.SPEECH, name, codec, run_time(excerpt, start, frame))


def read_silk(excerpt: Excerpt) -> Claim:
    """What an object that begins with a SILK magic, with or without the messengers' leading byte, holds."""
    start = excerpt.head.index(b"#!SILK_V3") + 9
    return Claim(MediaClass.SPEECH, "silk", "silk", run_time(excerpt, start, _silk_frame))


def _amr_nb_frame(head: bytes) -> Frame | None:
    return _amr_frame(head, _AMR_NB, 8_000)


def _amr_wb_frame(head: bytes) -> Frame | None:
    return _amr_frame(head, _AMR_WB, 16_000)


def _amr_frame(head: bytes, lengths: tuple[int, ...], rate: int) -> Frame | None:
    length = lengths[head[0] >> 3 & 0xF] if head and not head[0] & _AMR_PADDING else 0
    return Frame(length, rate // 50, rate, ()) if length else None


def _silk_frame(head: bytes) -> Frame | None:
    """A packet of 20 ms behind its length; the end mark 0xFFFF is none."""
    length = int.from_bytes(head[:2], "little")
    return Frame(2 + length, 20, 1000, ()) if len(head) >= 2 and 0 < length <= 1250 else None
