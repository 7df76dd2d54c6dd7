"""Throw bytes at the recogniser, guided by what they reach, until something raises, contradicts itself or takes long.

    python bench/fuzz_audio.py [SECONDS] [SEEDS_DIR] [READER...]

Needs atheris (dependency group bench); the tests fuzz with hypothesis, which needs nothing more. Without a READER the
bytes go to `recognise` and `further`; with the names of readers (`read_ogg`), or `all`, to each of these for so many
seconds, whatever the bytes begin with. Seeds are the clips of the demo and, where given, the files of a folder such as
that of `make corpus`, a few of each of its folders.
"""

from __future__ import annotations

import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

MOST_SECONDS = 1.0
"""Processor time of one answer under instrumentation; without, none takes a tenth of it."""
_HEAD, _TAIL, _LONGEST_SEED = 4096, 2048, 65_536
_EACH_FOLDER = 2
Target = Callable[[bytes, bytes, "int | None"], None]
"""Looks at a head, a tail and a size, and raises where the answer breaks a promise."""


def main() -> int:
    """Fuzz for a time; the fuzzer itself ends the process with what it found."""
    if find_spec("atheris") is None:
        print("LEFT OUT: atheris is not installed (dependency group bench)", file=sys.stderr)
        return 0
    words = sys.argv[1:]
    seconds, seeds, readers = words[0] if words else "60", words[1] if len(words) > 1 else "", words[2:]
    if readers == ["all"] or len(readers) > 1:
        return _each(seconds, seeds, readers)
    import atheris

    with atheris.instrument_imports(include=["cloudscan.audio"]):
        from cloudscan.audio import signatures
    target = _reader(vars(signatures)[readers[0]]) if readers else _whole()

    def one(data: bytes) -> None:
        split = int.from_bytes(data[:2], "big") if len(data) > 2 else 0
        body = data[2:]
        size = len(body) if split % 3 == 0 else (len(body) + split * 97 if split % 3 == 1 else None)
        head, tail = body[: max(1, len(body) - split % (len(body) + 1))], body[-_TAIL:]
        begun = time.process_time()
        target(head, tail, size)
        assert time.process_time() - begun < MOST_SECONDS

    with tempfile.TemporaryDirectory() as folder:
        _seed(Path(folder), Path(seeds) if seeds else None)
        options = [f"-max_total_time={seconds}", f"-max_len={_LONGEST_SEED}", "-timeout=10"]
        atheris.Setup([sys.argv[0], folder, *options], one)
        atheris.Fuzz()
    return 0


def _each(seconds: str, seeds: str, readers: list[str]) -> int:
    """Fuzz reader after reader, each in a process of its own; say what each came to."""
    from cloudscan.audio import signatures

    every = [name for name in vars(signatures) if name.startswith("read_") and name != "read_signature"]
    worst = 0
    for name in sorted(every) if readers == ["all"] else readers:
        command = (sys.executable, __file__, seconds, seeds, name)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        told = done.stderr.strip().splitlines()
        reached = next((line for line in reversed(told) if "cov: " in line), "cov: ?").split("cov: ")[1].split()[0]
        print(f"{name}: {'; '.join(told[-1:])}; {reached} edges; exit code {done.returncode}", flush=True)
        if done.returncode:
            print("\n".join(told[-40:]), flush=True)
        worst = max(worst, done.returncode)
    return worst


def _whole() -> Target:
    from cloudscan.audio import further, recognise

    def look(head: bytes, tail: bytes, size: int | None) -> None:
        seen = recognise("x", content_type=None, size=size, head=head, tail=tail)
        place = further(size=size, head=head, most=_HEAD)
        assert seen.seconds is None or 0 <= seen.seconds < 366 * 86_400
        assert (seen.seconds is None) == (seen.seconds_by == "unknown")
        assert place is None or (size is not None and 0 <= place[0] < size and 0 < place[1] <= _HEAD)

    return look


def _reader(read: Callable[..., Any]) -> Target:
    from cloudscan.audio.excerpt import Excerpt
    from cloudscan.audio.signatures import _READERS, read_signature

    magics = [magic for magic, reader in _READERS if reader is read] or [b""]
    unpacks = read.__name__ in ("read_gzip", "read_zip", "read_tar", "read_bzip2", "read_xz")

    def look(head: bytes, tail: bytes, size: int | None) -> None:
        if not head.startswith(tuple(magics)):
            magic = magics[len(head) % len(magics)]
            head = magic + head[len(magic) :]
        excerpt = Excerpt.of(head, tail, size)
        claim = read(excerpt, read_signature) if unpacks else read(excerpt)
        if claim is not None:
            seconds = claim.duration.seconds
            assert (seconds is None) == (claim.duration.method == "unknown")
            assert seconds is None or (seconds >= 0 and math.isfinite(seconds))

    return look


def _seed(folder: Path, more: Path | None) -> None:
    clips = Path(__file__).resolve().parent.parent / "cloudscan" / "demo" / "clips"
    files = list(clips.iterdir())
    for room in sorted(path for path in more.glob("*/*") if path.is_dir()) if more else ():
        files += sorted(room.glob("*.*"), key=lambda path: path.stat().st_size)[:_EACH_FOLDER]
    for number, path in enumerate(path for path in files if path.is_file()):
        (folder / str(number)).write_bytes(b"\0\0" + path.read_bytes()[:_LONGEST_SEED])


if __name__ == "__main__":
    sys.exit(main())
