"""Work out the lineage of a snapshot on an engine, and print in seconds and MB what it took, as JSON.

.venv-spark/bin/python bench/ask_lineage.py SNAPSHOT spark
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.processes import unit
from cloudscan.estate import Estate
from cloudscan.lineage.links import Lineage
from cloudscan.tables.engines import engine


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("snapshot", type=Path)
    parser.add_argument("engine", choices=("duckdb", "spark"))
    given = parser.parse_args(arguments)
    began = time.perf_counter()
    estate = Estate.open(given.snapshot, engine(given.engine))
    lineage = Lineage(estate, datetime(2026, 11, 1, tzinfo=UTC))
    found = (lineage.texts, lineage.sounds, lineage.unmasked, lineage.flows, lineage.lost, lineage.pairs)
    wall = time.perf_counter() - began
    if given.engine == "spark":
        _end_spark()
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    told = {
        "answer": hashlib.sha256(repr(found).encode()).hexdigest()[:12],
        "transcripts": sum(each.transcripts for each in lineage.texts.values()),
        "wall": wall,
        "cpu": sum(each.ru_utime + each.ru_stime for each in used),
        "peak": sum(each.ru_maxrss for each in used) * unit() / 1e6,
    }
    print(json.dumps(told))


def _end_spark() -> None:
    """End the session and its Java, which is a child of this process: what it took is known when it has ended."""
    from pyspark.sql import SparkSession

    session = SparkSession.builder.getOrCreate()
    gateway = session.sparkContext._gateway  # noqa: SLF001 - pyspark has no public way to end its Java
    session.stop()
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait()


if __name__ == "__main__":
    main()
