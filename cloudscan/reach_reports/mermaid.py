"""A picture as a Mermaid flow chart, for where Markdown is read.

Mermaid has no way to quote within a label: whatever is not plainly a letter, a digit or a harmless sign is written
as the number of its character ("Mermaid documentation": entity codes to escape characters).
"""

from __future__ import annotations

import re
from typing import TextIO

from cloudscan.access import Ruling
from cloudscan.reach.answers import Answer
from cloudscan.reach_reports.picture import Link, picture
from cloudscan.reach_reports.scope import scope_line
from cloudscan.reach_reports.words import (
    BOXES,
    LINKS,
    box_lines,
    conditions,
    link_words,
    names_of,
    plain,
    summary,
    title,
)
from cloudscan.report import ReportOptions

_CLASSES = """\
    classDef about fill:#ffffff,stroke:#ffffff,color:#1a1a1a,text-align:left
    classDef store fill:#e6f4ea,stroke:#1e5e34,color:#1a1a1a
    classDef through fill:#fff4d6,stroke:#7a5600,color:#1a1a1a
    classDef outside fill:#fdecea,stroke:#b3261e,color:#1a1a1a
"""


def render(answer: Answer, out: TextIO, options: ReportOptions) -> None:
    """Write one flow chart. Raises ``UsageError`` for an answer that is no picture."""
    names, shown = names_of(answer), picture(answer, every=options.every)
    notes = conditions(shown)
    out.write("flowchart LR\n")
    head = (title(answer, names), summary(answer), scope_line(answer))
    told = [*head, *(f"[{number}] if {plain(names, note)}" for number, note in enumerate(notes, start=1)), LINKS]
    out.write(f'    about["{"<br/>".join(map(_escaped, told))}"]:::about\n')
    for number, box in enumerate(shown.boxes):
        words = "<br/>".join(_escaped(line) for line in box_lines(box, names))
        shape = f'[("{words}")]' if box.kind == "store" else f'["{words}"]'
        out.write(f"    n{number}{shape}{f':::{box.kind}' if box.kind else ''}\n")
    for link in shown.links:
        out.write(f'    n{link.source} {_line(link)}|"{_escaped(link_words(link, notes))}"| n{link.target}\n')
    for number, kind in enumerate(kind for kind in BOXES if any(box.kind == kind for box in shown.boxes)):
        out.write(f'    legend{number}["{_escaped(BOXES[kind])}"]{f":::{kind}" if kind else ""}\n')
    out.write(_CLASSES)


def _line(link: Link) -> str:
    if link.ruling is not Ruling.YES:
        return "-.->"
    return "==>" if link.changes else "-->"


def _escaped(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9 _.,:/@+=×…-]", lambda match: f"#{ord(match[0])};", text)
