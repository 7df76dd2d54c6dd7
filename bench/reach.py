"""Say who can read each bucket of a generated account, and what it took: ``python bench/reach.py ACCOUNT.json``.

Grants and steps are derived from the account's records (see ``accounts.py``), and of every bucket is asked who can come
to read it, how, and under which conditions. Prints one JSON object:

- ``principals`` and ``buckets`` of the file;
- ``seconds`` of wall time and ``cpu_seconds`` of processor time from reading the file to the last answer;
- ``peak_mb`` of the whole process;
- ``readers``: pairs of a principal of the file and a bucket, each counted once, by its surest way: ``direct`` if rights
  of its own are enough whatever the request, ``by_steps`` if only steps through others are, ``conditional`` if every
  way hangs on a condition, ``unknown`` if every way hangs on something unread.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]  # it is run by its path

from bench.accounts import estate_of  # noqa: E402
from bench.processes import unit  # noqa: E402
from cloudscan.access import AccessGraph, Ruling  # noqa: E402
from cloudscan.access.paths import Reader  # noqa: E402
from cloudscan_aws import AwsProvider  # noqa: E402


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("account", type=Path, help="a file of a generated account")
    given = parser.parse_args(arguments)
    gc.set_threshold(50_000)  # as the command itself does
    began, cpu_before = time.perf_counter(), time.process_time()
    with given.account.open(encoding="utf-8") as source:
        file = json.load(source)
    principals, buckets = len(file["principals"]), [f"arn:aws:s3:::{bucket['name']}" for bucket in file["buckets"]]
    estate = estate_of(file)
    del file
    graph = AccessGraph(AwsProvider().grants(estate))
    ours = {principal.id for principal in estate.principals.values() if principal.kind != "group"}
    ways = Counter(_way(one) for bucket in buckets for one in graph.readers(bucket) if one.principal in ours)
    told = {
        "principals": principals,
        "buckets": len(buckets),
        "seconds": round(time.perf_counter() - began, 3),
        "cpu_seconds": round(time.process_time() - cpu_before, 3),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit() / 1e6, 1),
        "readers": {way: ways[way] for way in ("direct", "by_steps", "conditional", "unknown")},
    }
    print(json.dumps(told))


def _way(reader: Reader) -> str:
    """Say how a reader reads, by the surest of its ways and the simplest of these."""
    best = reader.best
    match best.ruling:
        case Ruling.YES:
            return "direct" if best.direct else "by_steps"
        case Ruling.IF:
            return "conditional"
        case _:
            return "unknown"


if __name__ == "__main__":
    main()
