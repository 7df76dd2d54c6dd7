"""Measure cloudscan and write docs/benchmarks.md. It takes about an hour; ``--quick`` is for seeing that it runs.

python bench/run.py                         all of it, into docs/benchmarks.md
python bench/run.py --only requests         one section, to standard output
python bench/run.py --only loop --write     one section, into docs/benchmarks.md in place of what was there

With BENCH_PMAPPER in the environment, the interpreter of an environment that has principalmapper 1.1.5, PMapper is
measured beside ``reach``; with BENCH_SPARK, that of one that has pyspark, lineage is measured on Spark, too.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bench import access, azure_cloud, cuts, google_cloud, lineage, objects, recognition, sections, walls
from bench.document import measured, page
from bench.processes import ROOT

SECTIONS = {
    "requests": sections.requests,
    "start": sections.start,
    "install": sections.install,
    "loop": walls.against_loop,
    "listing": sections.listing,
    "workers": walls.workers,
    "agreement": sections.agreement,
    "reach": access.reach,
    "cut": cuts.cut,
    "google": google_cloud.google_cloud,
    "azure": azure_cloud.azure,
    "objects": objects.objects,
    "lineage": lineage.lineage,
    "audio": recognition.audio,
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=SECTIONS, action="append", help="measure this section and print it")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    parser.add_argument("--write", action="store_true", help="with --only: keep the other sections of the page")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs" / "benchmarks.md")
    given = parser.parse_args(arguments)
    made = []
    for name in given.only or SECTIONS:
        print(f"measuring: {name}", file=sys.stderr, flush=True)
        made.append(measured(partial(SECTIONS[name], quick=given.quick)))
    if given.only and given.write:
        given.output.write_text(page(made, given.output.read_text(encoding="utf-8")), encoding="utf-8")
    elif given.only:
        print("\n\n".join(section.render() for section in made))
    else:
        given.output.write_text(page(made), encoding="utf-8")


if __name__ == "__main__":
    main()
