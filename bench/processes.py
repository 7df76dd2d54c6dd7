"""Run and measure processes. Nothing heavy is imported here, and nothing by who imports this.

The kernel counts a child's peak memory from before it became the program that it runs, while it still was this
process: the peak of a small program can be told only from a small process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
CLOUDSCAN = str(Path(sys.executable).parent / "cloudscan")
_LIMIT = 1800.0
"""Seconds after which a process is ended."""


def environment() -> dict[str, str]:
    """Return this process's environment with credentials that open nothing but an emulator.

    Bytecode may be written: an installed package has it, and a checkout compiles itself at every start without.
    """
    left_out = ("AWS_", "CLOUDSCAN_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return kept | {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@dataclass(frozen=True, slots=True)
class Run:
    """A process that ended: seconds of wall and of processor time, peak resident MB, standard output."""

    wall: float
    cpu: float
    peak: float
    output: str


def run(*command: str, expected: int = 0) -> Run:
    """Run a command to its end. Raises RuntimeError with what it said, if it ends with another exit code."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err, env=environment(), cwd=ROOT)
        watch = threading.Timer(_LIMIT, process.kill)
        watch.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            watch.cancel()
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != expected:
            raise RuntimeError(f"{' '.join(command)}: exit code {process.returncode}\n{_text(err)}")
        return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit() / 1e6, _text(out))


def python(script: str, *arguments: str) -> Run:
    """Run a script of this folder."""
    return run(sys.executable, str(Path("bench") / script), *arguments)


class Served:
    """A server of this folder in a process of its own. ``told`` is what it printed when it was ready."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.told = self._line()

    def requests(self) -> Counter[str]:
        """Return what was asked of the emulator since the last time."""
        assert self._process.stdin is not None
        print(file=self._process.stdin, flush=True)
        return Counter(json.loads(self._line()))

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            raise RuntimeError(f"{self._process.args!r} ended")
        return line


@contextmanager
def serve(script: str, *arguments: str) -> Iterator[Served]:
    """Start a server of this folder, and end it."""
    command = [sys.executable, str(Path("bench") / script), *arguments]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment(), cwd=ROOT
    ) as process:
        try:
            yield Served(process)
        finally:
            process.terminate()


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def unit() -> int:
    """Return the bytes in a unit of ru_maxrss: macOS counts bytes, Linux kilobytes."""
    return 1 if sys.platform == "darwin" else 1024
