"""Whole collections against a bare boto3 loop that makes the same requests, and over a slow link."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from bench.document import Section, prose, table
from bench.processes import CLOUDSCAN, Run, Served, python, run, serve
from bench.shapes import REGION

_WORKERS = 16
_DELAY = 0.05
_JUDGED = 3


@dataclass(frozen=True, slots=True)
class Pairs:
    """Collections and bare loops in turn on one server, and analyses of one of the snapshots."""

    buckets: int
    requests: int
    scans: Sequence[Run]
    loops: Sequence[Run]
    analyses: Sequence[Run]

    @property
    def ratios(self) -> list[float]:
        """The wall time of each collection in that of the loop beside it."""
        return [scan.wall / loop.wall for scan, loop in zip(self.scans, self.loops, strict=True)]


def against_loop(*, quick: bool) -> Section:
    """Compare collections of small to large estates with a loop that asks the same and keeps nothing."""
    sizes = ((4, 1),) if quick else ((50, 7), (200, 5), (1000, 3))
    measured = [_pairs(buckets, rounds) for buckets, rounds in sizes]
    rows = [
        [
            each.buckets,
            f"{each.requests:,}",
            f"**{median(each.ratios):.2f}**",
            f"{min(each.ratios):.2f} to {max(each.ratios):.2f}",
            f"{_cpu(each.scans) / _cpu(each.loops):.2f}",
            f"{_wall(each.scans):.1f} / {_wall(each.loops):.1f} s",
            f"{_cpu(each.scans):.1f} / {_cpu(each.loops):.1f} s",
            f"{_peak(each.scans):.0f} / {_peak(each.loops):.0f} MB",
        ]
        for each in measured
    ]
    judged = [
        [
            each.buckets,
            f"{_wall(each.analyses):.1f} s",
            f"{_cpu(each.analyses):.1f} s",
            f"{_peak(each.analyses):.0f} MB",
        ]
        for each in measured
    ]
    return Section(
        "Collection against a bare loop",
        "python bench/run.py --only loop",
        (
            prose(
                f"""`cloudscan collect aws` with all checks and {_WORKERS} threads, whole process, start of Python
                included; beside it a loop of boto3 calls on as many threads that makes the same
                requests, keeps nothing and writes nothing. The calls were recorded from a
                collection (`bench/record.py`), and the server's own count of both, by
                operation, is compared: they are equal. Buckets are a quarter each of the shapes
                above, with three objects each. Runs take turns; a ratio is of two runs next to
                each other, its median stands first. Target: at most 1.15."""
            ),
            table(
                [
                    "buckets",
                    "requests",
                    "collect : loop",
                    "range",
                    "in processor time",
                    "wall time",
                    "processor time",
                    "peak memory",
                ],
                rows,
            ),
            f"Judging and reporting those snapshots (`cloudscan analyze`, all checks, JSON), offline, {_JUDGED} runs:",
            table(["buckets", "wall time", "processor time", "peak memory"], judged),
            prose(
                """Peers, earlier, for 50 / 200 / 1,000 buckets, judging included: Prowler 8.1 / 3.0 / 1.3 times a
                bare loop with its own 13 requests a bucket (377 / 426 / 721 MB), ScoutSuite
                13.4 / 51.1 / 173 s with 9 a bucket (134 / 146 / 224 MB)."""
            ),
        ),
    )


def workers(*, quick: bool) -> Section:
    """Time collections over a link on which every answer takes 50 ms longer."""
    buckets, steps = (4, (4,)) if quick else (100, (1, 2, 4, 8, 16, 32, 64))
    with tempfile.TemporaryDirectory() as folder, serve("emulator.py", "--buckets", str(buckets)) as server:
        calls, _ = _recorded(server, folder)
        asked = server.requests().total()
        near = {step: _collect(server.told, step) for step in steps}
        port = server.told.rpartition(":")[2]
        with serve("slow_link.py", "--port", port, "--delay", str(_DELAY)) as link:
            far = {step: (_collect(link.told, step), _loop(calls, link.told, step)) for step in steps}
    rows = [
        [
            step,
            f"{far[steps[0]][0].wall / scan.wall:.1f}",
            f"{scan.wall / loop.wall:.2f}",
            f"{scan.wall:.1f} s",
            f"{near[step].wall:.1f} s",
            f"{asked * _DELAY / step:.1f} s",
            f"{scan.cpu:.1f} s",
        ]
        for step, (scan, loop) in far.items()
    ]
    return Section(
        "Workers, and a server that answers after 50 ms",
        "python bench/run.py --only workers",
        (
            prose(
                f"""`cloudscan collect aws` of {buckets} buckets, {asked:,} requests, through a link that holds
                every answer back for {_DELAY * 1e3:.0f} ms (`bench/slow_link.py`)."""
            ),
            table(
                [
                    "`--workers`",
                    "times as fast as 1",
                    "collect : loop",
                    "wall time",
                    "without the delay",
                    "delays alone",
                    "processor time",
                ],
                rows,
            ),
            prose(
                """*Collect : loop* is one pair of runs over the link, the loop on as many threads. *Delays alone*
                is the requests times the delay, divided by the workers: nothing can be quicker. Where the wall time
                meets that without the delay, more workers gain nothing: there the emulator, which has one processor
                at most, and the client's own processor time are what is waited for."""
            ),
        ),
    )


def _pairs(buckets: int, rounds: int) -> Pairs:
    scans, loops = [], []
    with tempfile.TemporaryDirectory() as folder, serve("emulator.py", "--buckets", str(buckets)) as server:
        calls, snapshot = _recorded(server, folder)
        expected = server.requests()
        for turn in range(rounds):
            for scanning in (turn % 2 == 0, turn % 2 == 1):
                if scanning:
                    scans.append(_collect(server.told, _WORKERS))
                else:
                    loops.append(_loop(calls, server.told, _WORKERS))
                _same(expected, server)
        report = str(Path(folder) / "report.json")
        analyse = partial(run, CLOUDSCAN, "analyze", snapshot, "--exit-zero", "-f", f"json:{report}")
        analyses = [analyse() for _ in range(_JUDGED)]
    return Pairs(buckets, expected.total(), scans, loops, analyses)


def _recorded(server: Served, folder: str) -> tuple[str, str]:
    """Collect once; return the file of the calls that it took, and the snapshot."""
    calls, snapshot = str(Path(folder) / "calls"), str(Path(folder) / "snapshot")
    python("record.py", calls, *_collecting(server.told, snapshot, _WORKERS))
    return calls, snapshot


def _same(expected: Counter[str], server: Served) -> None:
    """Raise RuntimeError if the server was asked for something else."""
    asked = server.requests()
    if asked != expected:
        raise RuntimeError(f"the runs did not ask the same: {expected - asked} {asked - expected}")


def _collect(url: str, threads: int) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        return run(CLOUDSCAN, *_collecting(url, str(Path(folder) / "snapshot"), threads))


def _loop(calls: str, url: str, threads: int) -> Run:
    return python("bare.py", calls, "--endpoint-url", url, "--workers", str(threads))


def _collecting(url: str, snapshot: str, threads: int) -> list[str]:
    scope = ["--endpoint-url", url, "--region", REGION, "--workers", str(threads)]
    return ["collect", "aws", "-o", snapshot, *scope, "--quiet"]


def _wall(runs: Sequence[Run]) -> float:
    return median(run.wall for run in runs)


def _cpu(runs: Sequence[Run]) -> float:
    return median(run.cpu for run in runs)


def _peak(runs: Sequence[Run]) -> float:
    return median(run.peak for run in runs)
