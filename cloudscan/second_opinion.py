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
UNREAD = "asks for bytes that were not read"
"""The error where FFmpeg came to nothing and had wanted more of the object than was read."""
_FRAME = struct.Struct(">QQQQ")  # the true size, the lengths of head and tail, and where the tail begins
_SHORT_GAP = 65_536
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


def ask(
    head: bytes, tail: bytes, size: int, *, tail_start: int | None = None, wall_seconds: float = WALL_SECONDS
) -> Opinion:
    """Ask about an object of which head and tail were read, or the head and a part that begins at `tail_start`.

    Where FFmpeg comes to nothing and had wanted other bytes, the error is :data:`UNREAD`, and says nothing against the
    object.
    """
    start = max(0, size - len(tail)) if tail_start is None else tail_start
    command = (sys.executable, "-I", "-c", "from cloudscan.second_opinion import child; child()")
    try:
        done = subprocess.run(
            command,
            input=_FRAME.pack(size, len(head), len(tail), start) + head + tail,
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
    """An object of its true size, of which only a head and a tail, or a part, were read.

    FFmpeg reads over a short gap where it could seek, so that one is zeros; at a long one the object seems to end.
    """

    def __init__(self, head: bytes, tail: bytes, size: int, tail_start: int | None = None) -> None:
        super().__init__()
        self._size, self._at = max(size, len(head)), 0
        start = self._size - len(tail) if tail_start is None else tail_start
        self._parts = [(0, head), *([(start, tail)] if tail else ())]
        self.missed = False
        """Whether something was asked for that had not been read."""

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
        """Bytes that were read, up to the end of their part; of a gap zeros or nothing."""
        end = self._size if size < 0 else min(self._size, self._at + size)
        data = next(
            (part[self._at - start : end - start] for start, part in self._parts if self._holds(start, part)), b""
        )
        if not data and self._at < end:
            self.missed = True
            data = bytes(min(end, self._gap_ends()) - self._at) if self._gap_is_short() else b""
        self._at += len(data)
        return data

    def _holds(self, start: int, part: bytes) -> bool:
        return start <= self._at < start + len(part)

    def _gap_ends(self) -> int:
        return min((start for start, _ in self._parts if start > self._at), default=self._size)

    def _gap_is_short(self) -> bool:
        begins = max((start + len(part) for start, part in self._parts if start + len(part) <= self._at), default=0)
        return self._gap_ends() - begins <= _SHORT_GAP


def child() -> None:
    """Answer the one question on standard input, under limits."""
    import av

    # PyAV loads these when it meets a stream of the kind: too late, once no file can be opened.
    for part in pkgutil.walk_packages(av.__path__, "av."):
        if part.name.endswith((".stream", ".codeccontext", ".frame")):
            import_module(part.name)
    av.logging.set_level(av.logging.PANIC)
    size, head, tail, start = _FRAME.unpack(sys.stdin.buffer.read(_FRAME.size))
    source = Sparse(sys.stdin.buffer.read(head), sys.stdin.buffer.read(tail), size, start)
    _give_up_rights()
    try:
        answer = opinion(source)
    except Exception as error:  # noqa: BLE001 - FFmpeg's errors are many, and none may end the child without an answer
        answer = {"error": UNREAD if source.missed else type(error).__name__}
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
