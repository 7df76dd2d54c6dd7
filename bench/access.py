"""Who can read what in generated accounts: time and memory as accounts grow, and the first answer of the command."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from statistics import median

from bench.document import Section, prose, table
from bench.processes import CLOUDSCAN, ROOT, python, run

GENERATOR = ROOT.parent / "shared" / "bench" / "gen_iam.py"
"""Writes an account by its size and a seed. It is no part of the project; without it nothing is measured here."""
_TITLE, _COMMAND = "Who can read what", "python bench/run.py --only reach"
_BUCKETS = 50
_SIZES = (100, 1_000, 5_000, 20_000, 100_000)
_OF_FIRST_ANSWER = 5_000


def reach(*, quick: bool) -> Section:
    """Ask accounts of several sizes who can read each bucket, and the command about one bucket."""
    if not GENERATOR.exists():
        print(f"NOT MEASURED: {_TITLE}: the generator of accounts is not there", file=sys.stderr, flush=True)
        return Section(_TITLE, _COMMAND, (prose("Not measured: the generator of accounts was not there."),))
    with tempfile.TemporaryDirectory() as folder:
        rows = [_asked(_account(Path(folder), size)) for size in (_SIZES[:1] if quick else _SIZES)]
        size = _SIZES[0] if quick else _OF_FIRST_ANSWER
        first, peak = _first_answer(_account(Path(folder), size), Path(folder) / "snapshot", rounds=1 if quick else 5)
    return Section(
        _TITLE,
        _COMMAND,
        (
            prose(
                f"""Generated accounts with {_BUCKETS} buckets (`python bench/reach.py ACCOUNT.json`): who can read each
                bucket, the full answer with every sort of step, from the file to the last answer in one process. The
                answers are pairs of a principal and a bucket: direct, only by steps, and only under a condition. The
                accounts differ in how many of their principals read, so that the time for each pair says more than the
                time for each principal. Target: 5,000 principals under 10 s and 300 MB."""
            ),
            table(
                ["principals", "processor time", "wall time", "peak memory", *_WAYS, "for each pair"],
                rows,
            ),
            prose(
                f"""From the start of `cloudscan reach SNAPSHOT --to audio-corpus-0000 -f json` to its end, on a
                snapshot of {size:,} principals and {_BUCKETS} buckets: **{first:.1f} s** of processor time,
                {peak:.0f} MB (medians)."""
            ),
        ),
    )


_WAYS = ("direct", "by steps", "conditional")


def _account(folder: Path, principals: int) -> Path:
    """Write an account, once for each size."""
    path = folder / f"{principals}.json"
    if not path.exists():
        size = ("--principals", str(principals), "--buckets", str(_BUCKETS), "--seed", "7")
        run(sys.executable, str(GENERATOR), *size, "--out", str(path))
    return path


def _asked(account: Path) -> list[str]:
    told = json.loads(python("reach.py", str(account)).output)
    readers = told["readers"]
    pairs = sum(readers.values())
    return [
        f"{told['principals']:,}",
        f"{told['cpu_seconds']:.1f} s",
        f"{told['seconds']:.1f} s",
        f"{told['peak_mb']:.0f} MB",
        *(f"{readers[way.replace(' ', '_')]:,}" for way in _WAYS),
        f"{told['cpu_seconds'] / pairs * 1e6:.0f} µs",
    ]


def _first_answer(account: Path, snapshot: Path, *, rounds: int) -> tuple[float, float]:
    """Return the processor time and the peak memory of the command about one bucket."""
    run(sys.executable, "-m", "bench.accounts", str(account), str(snapshot))
    command = (CLOUDSCAN, "reach", str(snapshot), "--to", "audio-corpus-0000", "-f", "json")
    runs = [run(*command) for _ in range(rounds)]
    return median(each.cpu for each in runs), median(each.peak for each in runs)
