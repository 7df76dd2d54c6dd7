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


def prose(text: str) -> str:
    """Return a paragraph on one line, however it is laid out in a program."""
    return " ".join(text.split())


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table in Markdown; every column but the first is aligned to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def page(sections: Iterable[Section]) -> str:
    """Return the whole page."""
    packages = ", ".join(f"{name} {version(name)}" for name in _MEASURED)
    date = datetime.now(UTC).date().isoformat()
    intro = prose(
        f"""Written by `make bench` on {date}: {os.cpu_count()} cores that other work shared, {platform.system()},
        Python {platform.python_version()}, {packages}. Seconds of such a machine say little; compare the ratios, each
        of which comes from runs side by side against the same server, and the counts, which are exact. The server is
        moto on loopback behind the stand-in of `cloudscan demo`: one Python process, which answers a few hundred
        requests a second at best, so that wall times measure it as much as they measure the client. No figure was
        taken against AWS."""
    )
    how = prose(
        """The command of a section measures it again and prints it; `make bench` runs them all. Figures of Prowler
        5.46.0 and ScoutSuite 5.14.0 were measured earlier, not in this run, against the same emulator on the same kind
        of machine."""
    )
    return "\n\n".join(["# Benchmarks", intro, how, *(section.render() for section in sections)]) + "\n"
