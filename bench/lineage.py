"""Lineage of millions of objects, on DuckDB and on Spark.

``BENCH_SPARK`` in the environment names the interpreter of an environment in which pyspark is installed.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.document import Section, prose, table
from bench.objects import STORES
from bench.processes import python, run


def lineage(*, quick: bool) -> Section:
    """Work out the lineage of one snapshot on both engines."""
    many = 20_000 if quick else 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        root = str(Path(folder) / "snapshot")
        python("objects.py", root, str(many))
        told = {"DuckDB": _last(python("ask_lineage.py", root, "duckdb").output)}
        if interpreter := os.environ.get("BENCH_SPARK"):
            told["Spark"] = _last(run(interpreter, str(Path("bench") / "ask_lineage.py"), root, "spark").output)
        else:
            print("NOT MEASURED: Spark: BENCH_SPARK names no interpreter that has it", file=sys.stderr, flush=True)
    if len({each["answer"] for each in told.values()}) > 1:
        raise RuntimeError(f"the engines do not answer alike: {told}")
    return section(many, told)


def section(many: int, told: Mapping[str, Mapping[str, Any]]) -> Section:
    """Say what engines took."""
    rows = [
        [name, f"**{each['cpu']:.0f} s**", f"{each['wall']:.0f} s", f"{each['peak']:,.0f} MB"]
        for name, each in told.items()
    ]
    alike = "The answers are the same, letter by letter."
    if "Spark" not in told:
        alike = "Spark was not measured: `BENCH_SPARK` named no interpreter that has it."
    return Section(
        "Lineage of millions of objects",
        "python bench/run.py --only lineage",
        (
            prose(
                f"""The same {many:,} objects in {STORES} buckets as above, in a process of its own for each engine: the
                links of {told["DuckDB"]["transcripts"]:,} transcripts, and what is left over (`bench/ask_lineage.py`).
                DuckDB has 256 MB and two threads; Spark runs in this machine with what it takes by itself, its Java
                included in the figures, where `BENCH_SPARK` is `.venv-spark/bin/python`. {alike}"""
            ),
            table(["engine", "processor time", "wall time", "peak memory"], rows),
        ),
    )


def _last(output: str) -> dict[str, Any]:
    """Read what a process printed last."""
    told: dict[str, Any] = json.loads(output.splitlines()[-1])
    return told
