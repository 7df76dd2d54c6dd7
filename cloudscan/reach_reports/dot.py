"""A picture as a Graphviz graph ("The DOT Language": quoted strings)."""

from __future__ import annotations

from typing import TextIO

from cloudscan.access import Ruling
from cloudscan.reach.answers import Answer
from cloudscan.reach_reports.picture import picture
from cloudscan.reach_reports.scope import scope_line
from cloudscan.reach_reports.words import (
    BOXES,
    LINKS,
    box_lines,
    conditions,
    link_sentence,
    link_words,
    members,
    names_of,
    plain,
    summary,
    title,
)
from cloudscan.report import ReportOptions

_LISTED = 60
_FILLS = {"store": "#e6f4ea", "outside": "#fdecea", "through": "#fff4d6", "": "#eef4fb"}


def render(answer: Answer, out: TextIO, options: ReportOptions) -> None:
    """Write one directed graph. Raises ``UsageError`` for an answer that is no picture."""
    names, shown = names_of(answer), picture(answer, every=options.every)
    notes = conditions(shown)
    head = "\n".join((title(answer, names), summary(answer), scope_line(answer)))
    foot = "\n".join((*(f"[{number}] if {plain(names, note)}" for number, note in enumerate(notes, start=1)), LINKS))
    out.write("digraph reach {\n  rankdir=LR;\n")
    out.write(f"  graph [label={_quoted(head)}, labelloc=t, fontname=sans];\n")
    out.write(f"  about [label={_quoted(foot)}, shape=plaintext, fontname=sans, fontsize=10];\n")
    out.write("  node [shape=box, style=filled, fontname=sans];\n  edge [fontname=sans, fontsize=10];\n")
    for number, box in enumerate(shown.boxes):
        label, full = (_quoted("\n".join(lines)) for lines in (box_lines(box, names), members(box, _LISTED)))
        shape = ", shape=cylinder" if box.kind == "store" else ""
        out.write(f'  n{number} [label={label}, tooltip={full}, fillcolor="{_FILLS[box.kind]}"{shape}];\n')
    for link in shown.links:
        label, full = _quoted(link_words(link, notes)), _quoted(link_sentence(link, shown, names))
        style = {Ruling.YES: "solid", Ruling.IF: "dashed", Ruling.UNKNOWN: "dotted"}[link.ruling]
        change = ', color="#b3261e", penwidth=2' if link.changes else ""
        out.write(f"  n{link.source} -> n{link.target} [label={label}, tooltip={full}, style={style}{change}];\n")
    for number, kind in enumerate(kind for kind in BOXES if any(box.kind == kind for box in shown.boxes)):
        out.write(f'  legend{number} [label={_quoted(BOXES[kind])}, fillcolor="{_FILLS[kind]}", fontsize=10];\n')
    out.write("}\n")


def _quoted(text: str) -> str:
    """Quote a text; a line break of ours begins a line, and no backslash begins an escape."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
