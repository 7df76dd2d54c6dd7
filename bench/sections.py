"""What is asked, how soon the command starts, how much an installation takes, and the listing."""

from __future__ import annotations

import json
import sys
import tempfile
import venv
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from bench.document import Section, prose, table
from bench.processes import CLOUDSCAN, ROOT, python, run, serve


def requests(*, quick: bool) -> Section:
    """Count the requests of S3 settings and of IAM."""
    told = json.loads(python("counts.py", *(("--checks", "1") if quick else ())).output)
    shapes, checks = told["shapes"], told["checks"]
    operations = sorted({operation for asked in shapes.values() for operation in asked})
    rows = [[name, *(_times(asked.get(name, 0)) for asked in shapes.values())] for name in operations]
    rows.append(["**together**", *(f"**{_times(sum(asked.values()))}**" for asked in shapes.values())])
    by_count = sorted(checks.items(), key=lambda item: sum(item[1].values()))
    single = [[check, _times(sum(asked.values())), ", ".join(asked)] for check, asked in by_count]
    iam = ", ".join(f"{count} x {operation}" for operation, count in told["iam"].items())
    return Section(
        "Requests",
        "python bench/run.py --only requests",
        (
            prose(
                """Requests about the settings of one S3 bucket, by its shape, with all checks. *Fresh* is a bucket
                as AWS makes it today; *lists in force* is one whose access control lists count.
                Target: at most 10; Prowler makes 13, ScoutSuite 9."""
            ),
            table(["", *shapes], rows),
            prose(
                f"""Besides, the whole account took {_times(told["account"])} requests (one region, with nothing in
                it but buckets), and each bucket one for every thousand objects. A versioned bucket
                of one object took {_lists(told["lists"]["without"])}, with `--versions`
                {_lists(told["lists"]["with"])}. Where `ListBuckets` does not name a bucket's
                region, as servers other than AWS may not, there is one request more for each bucket."""
            ),
            prose(
                """Settings that one check alone asks of a fresh bucket. Peers read the whole service for any one
                check."""
            ),
            table(["check", "requests", "which"], single),
            prose(
                f"""IAM, for 1,000 principals (750 roles, 250 users) and 200 policies of their own:
                **{sum(told["iam"].values())}** requests ({iam}). Peers make 5 to 6 for each
                principal. AWS may give fewer than a thousand entries a page."""
            ),
        ),
    )


def _lists(asked: Mapping[str, float]) -> str:
    return " and ".join(f"{_times(count)} {name.removeprefix('s3:')}" for name, count in asked.items())


def start(*, quick: bool) -> Section:
    """Time commands that only print."""
    rounds = 2 if quick else 7
    rows = []
    for arguments, target in ((("--version",), "300"), (("checks", "list"), "500")):
        runs = [run(CLOUDSCAN, *arguments) for _ in range(rounds)]
        rows.append(
            [
                f"`cloudscan {' '.join(arguments)}`",
                f"{median(each.wall for each in runs) * 1e3:.0f} ms",
                f"{target} ms",
                f"{median(each.cpu for each in runs) * 1e3:.0f} ms",
                f"{median(each.peak for each in runs):.0f} MB",
            ]
        )
    bare = [run(sys.executable, "-c", "") for _ in range(rounds)]
    rows.append(
        ["an empty Python program", f"{median(r.wall for r in bare) * 1e3:.0f} ms", "", "", f"{bare[0].peak:.0f} MB"]
    )
    return Section(
        "Start",
        "python bench/run.py --only start",
        (
            prose(
                f"""Medians of {rounds} processes. Prowler prints its version in 6.4 s with 249 MB, ScoutSuite its
                help in 0.34 s with 58 MB."""
            ),
            table(["", "wall time", "target", "processor time", "peak memory"], rows),
        ),
    )


def install(*, quick: bool) -> Section:
    """Install with the extra of each cloud into an empty environment and add up what is there."""
    blocks = [block for extra, target in _EXTRAS[: 1 if quick else None] for block in _installed(extra, target)]
    return Section("Installation", "python bench/run.py --only install", tuple(blocks))


_EXTRAS = (("aws", 250), ("gcp", 150), ("azure", 150))
"""The extra of each cloud, and how many megabytes it is meant to take at most."""


def _installed(extra: str, target: int) -> tuple[str, str]:
    """Install one extra; say what it takes, and its largest packages."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder)
        program = str(Path(folder) / "bin" / "python")
        run(sys.executable, "-m", "pip", "--python", program, "install", "--quiet", f"{ROOT}[{extra}]")
        (packages,) = Path(folder).glob("lib/python*/site-packages")
        sizes = {path.name: _megabytes(path) for path in packages.iterdir()}
        bytecode = sum(_megabytes(path) for path in packages.rglob("*.pyc"))
        starts = [run(str(Path(folder) / "bin" / "cloudscan"), "--version") for _ in range(5)]
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:5]
    installed = sum(name.endswith(".dist-info") for name in sizes)
    whole = sum(sizes.values())
    peers = " Prowler: 2.3 GB in 247, ScoutSuite: 1.6 GB in 138." if extra == "aws" else ""
    said = f"""`pip install cloudscan[{extra}]` into an empty environment: **{whole:.0f} MB** on disk in {installed}
        packages, {bytecode:.0f} MB of it bytecode that pip makes (target: under {target} MB).{peers} What was
        installed runs: `{starts[0].output.strip()}`, in {median(each.cpu for each in starts) * 1e3:.0f} ms of processor
        time. The largest:"""
    return prose(said), table(["", "MB"], [[name, f"{size:.1f}"] for name, size in largest])


def listing(*, quick: bool) -> Section:
    """Include what ``listing.py`` measures of one large bucket, and collect such a bucket into a snapshot."""
    keys, delayed, repeat = (3000, 2000, 1) if quick else (1_000_000, 200_000, 3)
    command = ["--keys", str(keys), "--delayed-keys", str(delayed), "--repeat", str(repeat)]
    told = json.loads(python("listing.py", *command).output)
    quickly, reading = told["tree, no delay"], told["reading one page"]
    rows = [
        [
            _WAYS.get(way, way.replace("listing", "cloudscan, in flight:")),
            f"{each['keys a second']:,}",
            f"{each['keys a second'] / quickly['boto3']['keys a second']:.1f}",
            f"{each['cpu seconds']:.1f} s",
            f"{each['peak MB']} MB",
        ]
        for way, each in quickly.items()
    ]
    return Section(
        "One large bucket",
        "python bench/run.py --only listing",
        (
            prose(
                f"""{keys:,} keys in nested prefixes, from a server of canned pages (`bench/canned_s3.py`). Only
                listed, nothing kept (`python bench/listing.py {" ".join(command)}`, medians of
                {repeat}); *the server alone* fetches the pages without reading them."""
            ),
            table(["", "keys a second", "times boto3", "processor time", "peak memory"], rows),
            prose(
                f"""botocore's own reading of the answers is **{told[_SHARE]:.0%}** of its processor time:
                {reading["botocore"]:.0f} ms for a page of 1,000 keys, where cloudscan's takes
                {reading["listing"]:.1f} ms. So a listing is sent and signed by botocore and
                read by cloudscan."""
            ),
            prose(
                f"""{delayed:,} keys from a server that answers after 50 ms, nested (*tree*) and without a delimiter
                (*flat*), by requests in flight; times as fast as one after the other:"""
            ),
            table(["", *_in_flight(told)], [[shape, *_gains(told, shape)] for shape in ("tree", "flat")]),
            prose(
                """Collected whole, by the ordinary code into a snapshot (`python bench/large_bucket.py`): memory
                is to stay flat, and under 300 MB."""
            ),
            table(["keys", "wall time", "keys a second", "peak memory"], [_collected(keys // 4), _collected(keys)]),
        ),
    )


_WAYS = {"server": "the server alone", "boto3": "boto3's paginator"}
_SHARE = "botocore's reading, share of its time"


def _in_flight(told: dict[str, Any]) -> list[str]:
    return [way.removeprefix("listing ") for way in told["flat, 50 ms"]]


def _gains(told: dict[str, Any], shape: str) -> list[str]:
    runs = told[f"{shape}, 50 ms"]
    return [f"{runs['listing 1']['seconds'] / runs[f'listing {way}']['seconds']:.1f}" for way in _in_flight(told)]


def _collected(keys: int) -> list[str]:
    with serve("canned_s3.py", "--keys", str(keys)) as server:
        done = python("large_bucket.py", "--port", server.told)
    rows = int(done.output)
    if rows != keys:
        raise RuntimeError(f"{rows} of {keys} keys were collected")
    return [f"{keys:,}", f"{done.wall:.1f} s", f"{keys / done.wall:,.0f}", f"{done.peak:.0f} MB"]


def _times(count: float) -> str:
    return f"{count:g}"


def _megabytes(path: Path) -> float:
    """Return the disk blocks that a file or folder takes, as ``du`` counts them."""
    return sum(each.lstat().st_blocks * 512 for each in (path, *path.rglob("*"))) / 1e6


def agreement(*, quick: bool) -> Section:
    """Hold the evaluator of AWS access against the oracle of the tests."""
    size = ("--questions", "1000", "--sample", "100", "--worlds", "10") if quick else ()
    told = json.loads(python("agreement.py", *size).output)
    partly, silent = told["partly_known"], sum(told["undocumented"].values())
    deciding = [[name, f"{count:,}"] for name, count in list(told["rules"].items())[:20]]
    return Section(
        "Access: two evaluators",
        "python bench/run.py --only agreement",
        (
            prose(
                f"""The evaluator against a second one that was written from AWS's documentation alone
                (`tests/oracle`), on drawn worlds: **{told["questions"]:,}** questions,
                **{told["differences"]}** different answers, {told["allowed_percent"]}% of them yes. The
                documentation leaves {silent:,} open. Asked again with only a part of the request known, the
                evaluator answered {partly.get("yes", 0):,} times yes, {partly.get("no", 0):,} times no and
                {partly.get("if", 0):,} times under a condition; under the whole request each of these says what
                the oracle says. Grants derived from the records of {told["derived"]["worlds"]} worlds were held
                against it with {told["derived"]["questions"]:,} questions:
                **{told["derived"]["differences"]}** differ. Both evaluators together took
                {told["processor_seconds"]} s of processor time. On
                {told["features_sample"]:,} further questions the answer hung on {len(told["features"])} different
                features: taking that one away turned it round."""
            ),
            table(["the twenty rules that decided most", "questions"], deciding),
        ),
    )
