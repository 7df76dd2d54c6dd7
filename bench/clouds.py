"""What the measurements of one cloud have in common with those of another: scripts that count, and that derive."""

from __future__ import annotations

import json
from typing import Any

from bench.document import table
from bench.processes import python


def counted(script: str, *sizes: int) -> Any:
    """Return what a script of this folder told that counts requests for an estate of some sizes."""
    return json.loads(python(script, *map(str, sizes)).output)


def requests_table(head: str, asked: dict[str, int]) -> str:
    """Return a table of what was asked, and how often."""
    return table([head, "requests"], [[name, f"{count:,}"] for name, count in asked.items()])


def derived_table(script: str, *estates: dict[str, int]) -> str:
    """Derive estates of these sizes by a script of this folder; return a table of what there was and took."""
    return table([*estates[0], "grants", "processor time", "peak memory"], [_derived(script, one) for one in estates])


def _derived(script: str, sizes: dict[str, int]) -> list[str]:
    options = [word for name, size in sizes.items() for word in (f"--{name}", str(size))]
    told = json.loads(python(script, *options).output)
    counts = [f"{told[name]:,}" for name in (*sizes, "grants")]
    return [*counts, f"{told['cpu_seconds']:.1f} s", f"{told['peak_mb']:.0f} MB"]
