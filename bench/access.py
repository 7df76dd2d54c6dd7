"""Who can read what in generated accounts: time and memory as accounts grow, the first answer of the command, a peer.

The peer is Principal Mapper (PMapper), which no part of cloudscan needs. Where it is to be measured too,
``BENCH_PMAPPER`` in the environment names the interpreter of an environment in which it is installed.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.document import Section, prose, table
from bench.processes import CLOUDSCAN, ROOT, Run, python, run

GENERATOR = ROOT.parent / "shared" / "bench" / "gen_iam.py"
"""Writes an account by its size and a seed. It is no part of the project; without it nothing is measured here."""
_TITLE, _COMMAND = "Who can read what", "python bench/run.py --only reach"
_BUCKETS = 50
_SIZES = (100, 1_000, 5_000, 20_000, 100_000)
_OF_FIRST_ANSWER = 5_000
_OF_PMAPPER = {100: True, 300: True, 1_000: False}
"""Principals of an account, and whether PMapper is also asked for steps: these take it a minute for 300."""


def reach(*, quick: bool) -> Section:
    """Ask accounts of several sizes who can read each bucket, and the command about one bucket."""
    if not GENERATOR.exists():
        print(f"NOT MEASURED: {_TITLE}: the generator of accounts is not there", file=sys.stderr, flush=True)
        return Section(_TITLE, _COMMAND, (prose("Not measured: the generator of accounts was not there."),))
    with tempfile.TemporaryDirectory() as folder:
        rows = [_asked(_account(Path(folder), size)) for size in (_SIZES[:1] if quick else _SIZES)]
        size = _SIZES[0] if quick else _OF_FIRST_ANSWER
        first = _first_answer(_account(Path(folder), size), Path(folder) / "snapshot", rounds=1 if quick else 3)
        peer = _peer(Path(folder), _SIZES[:1] if quick else tuple(_OF_PMAPPER))
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
                snapshot of {size:,} principals and {_BUCKETS} buckets: **{first.cpu:.1f} s** of processor time,
                {first.wall:.1f} s of wall time, {first.peak:.0f} MB (the run of median
                processor time)."""
            ),
            *peer,
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


def _first_answer(account: Path, snapshot: Path, *, rounds: int) -> Run:
    """Return the run of median processor time of the command about one bucket."""
    run(sys.executable, "-m", "bench.accounts", str(account), str(snapshot))
    command = (CLOUDSCAN, "reach", str(snapshot), "--to", "audio-corpus-0000", "-f", "json")
    return sorted((run(*command) for _ in range(rounds)), key=lambda each: each.cpu)[rounds // 2]


def _peer(folder: Path, sizes: Sequence[int]) -> tuple[str, ...]:
    """Ask PMapper about accounts that cloudscan is asked about next to it."""
    interpreter = os.environ.get("BENCH_PMAPPER")
    if not interpreter:
        print("NOT MEASURED: PMapper: BENCH_PMAPPER names no interpreter that has it", file=sys.stderr, flush=True)
        return (prose("PMapper was not measured: `BENCH_PMAPPER` named no interpreter that has it."),)
    rows, told = [], {}
    for size in sizes:
        account = _account(folder, size)
        steps = ("--steps",) if _OF_PMAPPER[size] else ()
        told = json.loads(run(interpreter, str(ROOT / "bench" / "ask_pmapper.py"), str(account), *steps).output)
        rows.append(_beside(told, json.loads(python("reach.py", str(account)).output)))
    return (
        prose(
            f"""PMapper {told["version"]} on the same accounts, in an environment of its own
            (`bench/ask_pmapper.py`), in processor time for all {_BUCKETS} buckets. It is asked, for each principal,
            about `s3:GetObject` of one object of each bucket, with the bucket's policy and the service control
            policies; *with steps* are its STS and IAM edges, built once, and the same question along them. It says
            yes or no about that one key, takes what it is not told of the request for absent, and looks at no KMS key,
            resource control policy or Block Public Access. cloudscan's figure is for its full answer, from the file
            on: all objects, their keys, every sort of step, and the conditions that are left. So the ratios are of
            times and not of equal answers; the pairs that each found say how far these are apart. Steps were asked
            of the smaller accounts only: the time that they take PMapper grows with the square of the principals and
            faster."""
        ),
        table(
            [
                "principals",
                "PMapper, direct",
                "its edges",
                "with steps",
                "cloudscan, all",
                "direct : cloudscan",
                "with steps : cloudscan",
                "pairs: PMapper direct",
                "PMapper with steps",
                "cloudscan",
            ],
            rows,
        ),
    )


def _beside(peer: Mapping[str, Any], ours: Mapping[str, Any]) -> list[str]:
    """Return a row: PMapper's seconds, cloudscan's, their ratios, and the pairs that each found."""
    direct, all_of_ours = peer["direct_seconds"], ours["cpu_seconds"]
    row = [f"{peer['principals']:,}", f"{direct:.1f} s"]
    found = [f"{peer['reads']:,}"]
    if "edges_seconds" in peer:
        steps = peer["edges_seconds"] + peer["steps_seconds"]
        row += [f"{peer['edges_seconds']:.1f} s", f"{steps:.1f} s", f"{all_of_ours:.1f} s"]
        row += [f"{direct / all_of_ours:.1f}", f"**{steps / all_of_ours:.1f}**"]
        found.append(f"{peer['reads_by_steps']:,}")
    else:
        row += ["", "", f"{all_of_ours:.1f} s", f"{direct / all_of_ours:.1f}", ""]
        found.append("")
    return [*row, *found, f"{sum(ours['readers'].values()):,}"]
