"""A second opinion on an object: FFmpeg's, by PyAV (the extra ``media``), in a child process that may do little.

FFmpeg reads untrusted bytes in C. The child gets bytes on its standard input and a clean environment; before it looks
at them it limits its memory and processor time and gives up the right to open any file or socket, and FFmpeg is told
to allow no protocol. The parent waits a bounded time. Whatever goes wrong is the answer's ``error``, never a crash.
"""

from __future__ import annotations

import io
import json
import os
import pkgutil
import struct
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

MEMORY = 1 << 30
"""Bytes of address space, of which FFmpeg's libraries take a third."""
CPU_SECONDS = 5
WALL_SECONDS = 20.0
_FRAME = struct.Struct(">QQQ")  # the true size, the length of the head, the length of the tail
_ANSWER = 65_536


@dataclass(frozen=True, slots=True)
class Opinion:
    """Class (speech, video or other), format, codec and seconds as FFmpeg has them, or the error in their place."""

    media: str | None = None
    format: str | None = None
    codec: str | None = None
    seconds: float | None = None
    error: str | None = None


def available() -> bool:
    """Whether PyAV is installed."""
    return find_spec("av") is not None


def ask(head: bytes, tail: bytes, size: int, *, wall_seconds: float = WALL_SECONDS) -> Opinion:
    """Ask about an object of which head and tail were read; the bytes between are zeros to FFmpeg."""
    command = (sys.executable, "-I", "-c", "from cloudscan.second_opinion import child; child()")
    try:
        done = subprocess.run(
            command,
            input=_FRAME.pack(size, len(head), len(tail)) + head + tail,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=wall_seconds,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        return Opinion(error="no answer in time")
    if done.returncode:
        return Opinion(error=f"the child ended with {done.returncode}")
    try:
        return Opinion(**json.loads(done.stdout[:_ANSWER]))
    except (ValueError, TypeError):
        return Opinion(error="the child gave no answer")


class Sparse(io.RawIOBase):
    """An object of its true size, of which only head and tail were read."""

    def __init__(self, head: bytes, tail: bytes, size: int) -> None:
        super().__init__()
        self._head, self._tail, self._size, self._at = head, tail, max(size, len(head)), 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to an offset."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        """Where it stands."""
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Bytes of the head, of the tail, or, at the gap between them, nothing: as if the object ended there."""
        end = self._size if size < 0 else min(self._size, self._at + size)
        from_tail = self._size - len(self._tail)
        if self._at < len(self._head):
            data = self._head[self._at : end]
        elif self._at >= from_tail:
            data = self._tail[self._at - from_tail : max(0, end - from_tail)]
        else:
            data = b""
        self._at += len(data)
        return data


def child() -> None:
    """Answer the one question on standard input, under limits."""
    import av

    # PyAV loads these when it meets a stream of the kind: too late, once no file can be opened.
    for part in pkgutil.walk_packages(av.__path__, "av."):
        if part.name.endswith((".stream", ".codeccontext", ".frame")):
            import_module(part.name)
    av.logging.set_level(av.logging.PANIC)
    size, head, tail = _FRAME.unpack(sys.stdin.buffer.read(_FRAME.size))
    source = Sparse(sys.stdin.buffer.read(head), sys.stdin.buffer.read(tail), size)
    _give_up_rights()
    try:
        answer = opinion(source)
    except Exception as error:  # noqa: BLE001 - FFmpeg's errors are many, and none may end the child without an answer
        answer = {"error": type(error).__name__}
    sys.stdout.write(json.dumps(answer))


def _give_up_rights() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def opinion(source: Sparse) -> dict[str, Any]:
    """What FFmpeg makes of an object, in this process and without limits; raises what PyAV raises."""
    import av

    with av.open(source, mode="r", options={"protocol_whitelist": "none"}) as container:
        pictures = [stream for stream in container.streams.video if not _still(stream)]
        sounds = container.streams.audio
        lasts = container.duration
        codec = sounds[0].codec_context.name if sounds else None
        return {
            "media": "video" if pictures else "speech" if sounds else "other",
            "format": container.format.name,
            "codec": codec,
            "seconds": round(lasts / 1_000_000, 3) if lasts and lasts > 0 else None,
        }


def _still(stream: object) -> bool:
    """Whether a video stream is the picture on a cover."""
    return bool(int(getattr(stream, "disposition", 0)) & 0x400)
