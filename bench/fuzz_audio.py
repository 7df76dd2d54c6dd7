"""Throw bytes at the recogniser, guided by what they reach, until something raises, contradicts itself or takes long.

    python bench/fuzz_audio.py [SECONDS] [SEEDS_DIR]

Needs atheris (dependency group bench); the tests fuzz with hypothesis, which needs nothing more. Seeds are the clips of
the demo and, where given, a folder of files such as that of `make corpus`.
"""

from __future__ import annotations

import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

MOST_SECONDS = 1.0
"""Processor time of one answer under instrumentation; without, none takes a tenth of it."""
_HEAD, _TAIL, _LONGEST_SEED = 4096, 2048, 65_536


def main() -> int:
    """Fuzz for a time; the fuzzer itself ends the process with what it found."""
    if find_spec("atheris") is None:
        print("LEFT OUT: atheris is not installed (dependency group bench)", file=sys.stderr)
        return 0
    import atheris

    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    with atheris.instrument_imports(include=["cloudscan.audio"]):
        from cloudscan.audio import further, recognise
        from cloudscan.audio import signatures as _  # noqa: F401 - loaded on demand otherwise, uninstrumented

    def one(data: bytes) -> None:
        split = int.from_bytes(data[:2], "big") if len(data) > 2 else 0
        body = data[2:]
        size = len(body) if split % 3 == 0 else (len(body) + split * 97 if split % 3 == 1 else None)
        head, tail = body[: max(1, split % (len(body) + 1))], body[-_TAIL:]
        begun = time.process_time()
        seen = recognise("x", content_type=None, size=size, head=head, tail=tail)
        place = further(size=size, head=head, most=_HEAD)
        assert time.process_time() - begun < MOST_SECONDS
        assert seen.seconds is None or 0 <= seen.seconds < 366 * 86_400
        assert (seen.seconds is None) == (seen.seconds_by == "unknown")
        assert place is None or (size is not None and 0 <= place[0] < size and 0 < place[1] <= _HEAD)

    with tempfile.TemporaryDirectory() as folder:
        _seed(Path(folder), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
        words = [sys.argv[0], folder, f"-max_total_time={seconds}", f"-max_len={_LONGEST_SEED}", "-timeout=10"]
        atheris.Setup(words, one)
        atheris.Fuzz()
    return 0


def _seed(folder: Path, more: Path | None) -> None:
    clips = Path(__file__).resolve().parent.parent / "cloudscan" / "demo" / "clips"
    files = [*clips.iterdir(), *(sorted(more.rglob("*.*"))[::7] if more else ())]
    for number, path in enumerate(path for path in files if path.is_file()):
        (folder / str(number)).write_bytes(b"\0\0" + path.read_bytes()[:_LONGEST_SEED])


if __name__ == "__main__":
    sys.exit(main())
