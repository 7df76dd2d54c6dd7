"""Recordings of any length, made from the synthesised clips."""

from __future__ import annotations

import struct

from cloudscan.demo import clip

_AMR_MAGIC = 6  # bytes of "#!AMR\n"


def amr(seconds: float) -> bytes:
    """Return an AMR recording: the clip's frames over and over."""
    spoken = clip("invoice.amr")
    frames, length = spoken[_AMR_MAGIC:], 1.92
    return spoken[:_AMR_MAGIC] + frames * max(1, round(seconds / length))


def aac(seconds: float) -> bytes:
    """Return an ADTS recording: the clip's frames over and over."""
    return clip("invoice.aac") * max(1, round(seconds / 2.05))


def wav(seconds: float) -> bytes:
    """Return a mu-law WAV recording at 8 kHz whose header tells its true length."""
    spoken = clip("order-mulaw.wav")
    at = spoken.index(b"data") + 8
    data = spoken[at : at + struct.unpack_from("<I", spoken, at - 4)[0]]
    data *= max(1, round(seconds * 8000 / len(data)))
    head = spoken[: at - 4] + struct.pack("<I", len(data))
    return head[:4] + struct.pack("<I", len(head) + len(data) - 8) + head[8:] + data
