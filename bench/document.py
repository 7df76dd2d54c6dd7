"""A page of measurements: sections of text, tables and the command behind each."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version

_MEASURED = ("boto3", "botocore", "moto", "duckdb")
_HEADING = "\n\n## "


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


def measured(measure: Callable[[], Section]) -> Section:
    """Measure a section, and say at its end when that was and how much the machine had to do."""
    before = os.getloadavg()[0]
    section = measure()
    packages = ", ".join(f"{name} {version(name)}" for name in _MEASURED)
    told = prose(
        f"""*Measured on {datetime.now(UTC).date().isoformat()} under a load average of {before:.1f} when it began and
        {os.getloadavg()[0]:.1f} when it ended, what is measured included, on {os.cpu_count()} cores;
        {platform.system()}, Python {platform.python_version()}, {packages}.*"""
    )
    return replace(section, parts=(*section.parts, told))


def page(sections: Iterable[Section], before: str = "") -> str:
    """Return a whole page: that before, with these sections in place of those of the same titles, and new ones last."""
    intro = prose(
        """`make bench` writes this page; the command of a section measures it again and prints it, and each says under
        which load it was measured: other work shared the cores. Seconds of such a machine say little; compare the
        ratios, each of which comes from runs side by side against the same server, processor time, and the counts,
        which are exact. The server is moto on loopback behind the stand-in of `cloudscan demo`: one Python process,
        which answers a few hundred requests a second at best, so that wall times measure it as much as they measure
        the client. No figure was taken against AWS."""
    )
    peers = prose(
        """Figures of Prowler 5.46.0 and ScoutSuite 5.14.0 were measured earlier, not in these runs, against the same
        emulator on the same kind of machine."""
    )
    _, *kept = before.rstrip().split(_HEADING)
    by_title = {part.partition("\n")[0]: part for part in kept}
    by_title |= {section.title: section.render().removeprefix("## ") for section in sections}
    return _HEADING.join(("\n\n".join(("# Benchmarks", intro, peers)), *by_title.values())) + "\n"
