"""A page of measurements: sections of text, tables and the command behind each."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

_MEASURED = ("boto3", "botocore", "moto", "duckdb")


@dataclass(frozen=True, slots=True)
class Section:
    """What was measured, by which command, and what it showed: paragraphs and tables in Markdown."""

    title: str
    command: str
    parts: Sequence[str]

    def render(self) -> str:
        """Return the section in Markdown."""
        return "\n\n".join((f"## {self.title}", f"```console\n$ {self.command}\n```", *self.parts))


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table in Markdown; every column but the first is aligned to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def page(sections: Iterable[Section]) -> str:
    """Return the whole page."""
    packages = ", ".join(f"{name} {version(name)}" for name in _MEASURED)
    date = datetime.now(UTC).date().isoformat()
    intro = f"""# Benchmarks

Written by `make bench` on {date}: {os.cpu_count()} cores that other work shared, {platform.system()},
Python {platform.python_version()}, {packages}. Seconds of such a machine say little; compare the ratios, each of
which comes from runs side by side against the same server, and the counts, which are exact. The server is moto on loopback
behind the stand-in of `cloudscan demo`; its one Python process answers a few hundred requests a second at best, so the
wall times below measure it as much as they measure the client. No figure here was taken against AWS.

Each command below measures its section again and prints it; `make bench` runs them all. Figures of other tools were
measured earlier, with the same emulator on the same kind of machine: Prowler 5.46.0 and ScoutSuite 5.14.0."""
    return "\n\n".join([intro, *(section.render() for section in sections)]) + "\n"
