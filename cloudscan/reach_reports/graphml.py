"""Every principal and link by itself as GraphML, for programs that read graphs ("GraphML Primer")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

from cloudscan.reach.answers import Answer
from cloudscan.reach_reports.picture import picture
from cloudscan.reach_reports.scope import scope_line
from cloudscan.reach_reports.words import names_of, plain, summary, title
from cloudscan.report import ReportOptions
from cloudscan.reports.escape import terminal

_KEYS: Mapping[str, tuple[str, str]] = {
    "title": ("graph", "string"),
    "summary": ("graph", "string"),
    "scope": ("graph", "string"),
    "id": ("node", "string"),
    "label": ("node", "string"),
    "sort": ("node", "string"),
    "column": ("node", "int"),
    "passing": ("node", "int"),
    "kind": ("edge", "string"),
    "ruling": ("edge", "string"),
    "changes": ("edge", "boolean"),
    "condition": ("edge", "string"),
}


def render(answer: Answer, out: TextIO, _: ReportOptions) -> None:
    """Write one graph, in which nothing is grouped. Raises ``UsageError`` for an answer that is no picture."""
    shown = picture(answer, every=True)
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n')
    for name, (of, kind) in _KEYS.items():
        out.write(f'  <key id="{name}" for="{of}" attr.name="{name}" attr.type="{kind}"/>\n')
    out.write('  <graph id="reach" edgedefault="directed">\n')
    names = names_of(answer)
    about = {"title": title(answer, names), "summary": summary(answer), "scope": scope_line(answer)}
    out.write(f"    {_data(about)}\n")
    for number, box in enumerate(shown.boxes):
        facts = {
            "id": box.members[0],
            "label": plain(names, box.members[0]),
            "sort": box.kind,
            "column": box.column,
            "passing": box.passing,
        }
        out.write(f'    <node id="n{number}">{_data(facts)}</node>\n')
    for link in shown.links:
        condition = "; ".join(link.conditions)
        said = {"kind": link.kinds[0], "ruling": link.ruling, "changes": link.changes, "condition": condition}
        out.write(f'    <edge source="n{link.source}" target="n{link.target}">{_data(said)}</edge>\n')
    out.write("  </graph>\n</graphml>\n")


def _data(facts: Mapping[str, object]) -> str:
    return "".join(f"<data key={quoteattr(name)}>{escape(_text(value))}</data>" for name, value in facts.items())


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else terminal(str(value))
