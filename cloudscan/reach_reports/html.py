"""A page of its own: the picture, and under it everybody in words with the proof of each way. It needs no script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TextIO

from cloudscan.access import Edge, Path, Reason, Way
from cloudscan.model import Step
from cloudscan.reach.answers import Answer, Between, Reached, Readers
from cloudscan.reach_reports import svg
from cloudscan.reach_reports.held import amount_of
from cloudscan.reach_reports.picture import end_of, paths_of
from cloudscan.reach_reports.scope import scope_line
from cloudscan.reach_reports.words import names_of, plain, reads, reason, stands_still, summary, title
from cloudscan.report import ReportOptions
from cloudscan.reports.escape import terminal
from cloudscan.reports.names import Names

_STYLE = """
body { font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; color: #1a1a1a; background: #fff; }
body { margin: 1.5rem; }
.picture { overflow-x: auto; border: 1px solid #ccc; }
.picture svg { max-width: 100%; min-width: 60rem; height: auto; }
table { border-collapse: collapse; margin-top: 1rem; width: 100%; }
th, td { border-bottom: 1px solid #ddd; padding: .4rem .6rem; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; }
details > summary { cursor: pointer; }
.statement, .scope { color: #555; }
"""
_ALLOWED = "default-src 'none'; style-src 'unsafe-inline'"
"""What the page may load: nothing but its own style ("Content Security Policy Level 3")."""
_WAYS = {
    Way.DIRECT: "by own rights",
    Way.STEPS: "by steps that only use the cloud",
    Way.CHANGES: "by steps that change the cloud",
}


def render(answer: Answer, out: TextIO, options: ReportOptions) -> None:
    """Write one HTML document. Raises ``UsageError`` for an answer that is no picture."""
    names, drawn = names_of(answer), svg.document(answer, every=options.every, headed=False)
    head = escape(title(answer, names))
    out.write('<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n')
    out.write(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    )
    out.write('<meta name="viewport" content="width=device-width, initial-scale=1">\n')
    out.write(f"<title>{head}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{head}</h1>\n")
    out.write(f'<p>{escape(summary(answer))}</p>\n<p class="scope">{escape(scope_line(answer))}</p>\n')
    out.write(f'<div class="picture">\n{drawn}</div>\n')
    out.writelines(_table(answer, names))
    out.writelines(_missing(answer, names))
    out.write("</body>\n</html>\n")


def _table(answer: Answer, names: Names) -> Iterator[str]:
    about, amounts = "Who" if isinstance(answer, Readers) else "What", _amounts(answer)
    yield f"<table>\n<thead><tr><th>{about}</th><th>How</th><th>Can read</th><th>Way</th></tr></thead>\n<tbody>\n"
    for path in paths_of(answer):
        said = path.principal if isinstance(answer, Readers) else end_of(answer, path)
        full = escape(terminal(said))
        short = escape(
            f"{plain(names, said)}{amounts.get(path.principal) or f', {path.media}: {amount_of(path.grant)}'}"
        )
        yield f'<tr><td title="{full}">{short}</td><td>{_WAYS[path.way]}</td><td>{_verdict(path, names)}</td>'
        anyone = "as everybody can: " if _by_everybody(answer, path) else ""
        yield f"<td><details><summary>{anyone}{_way(path, end_of(answer, path), names)}</summary>\n<ol>\n"
        for link, source, target in zip(path.links, path.nodes, (*path.nodes[1:], ""), strict=True):
            proof = link.prove(source, target) if isinstance(link, Edge) else link.steps
            yield f"<li><ul>\n{''.join(_step(step, names) for step in proof)}</ul></li>\n"
        yield "</ol></details></td></tr>\n"
    yield "</tbody>\n</table>\n"


def _by_everybody(answer: Answer, path: Path) -> bool:
    return isinstance(answer, Reached | Between) and path.principal != answer.principal


def _amounts(answer: Answer) -> dict[str, str]:
    """Say of each reader how much it reads of the target, and whether the policy file approves of it."""
    if not isinstance(answer, Readers):
        return {}
    return {reader.principal: f": {reads(answer, reader)}" for reader in (*answer.readers, *answer.unknown)}


def _step(step: Step, names: Names) -> str:
    condition = f" if {escape(plain(names, step.condition))}" if step.condition else ""
    statement = step.statement and step.statement not in step.reason
    where = f' <span class="statement">{escape(plain(names, step.statement))}</span>' if statement else ""
    return f"<li>{escape(plain(names, step.reason))}{condition}{where}</li>\n"


def _missing(answer: Answer, names: Names) -> Iterator[str]:
    """Yield what keeps somebody from reading: keys that stand still, and what those lack who have only a part."""
    if isinstance(answer, Readers):
        yield from (f"<p>{escape(plain(names, said))}</p>\n" for said in stands_still(answer))
        if answer.halfway:
            yield "<h2>May get recordings and may not decrypt them</h2>\n"
        for group in answer.halfway:
            who = escape(", ".join(plain(names, each) for each in group.principals))
            yield f"<details><summary>{who}</summary>\n{_reasons(group.reasons, names)}</details>\n"
    if isinstance(answer, Between) and answer.missing:
        yield f"<h2>Why it has no right of its own to read {escape(terminal(answer.missing.key))}</h2>\n"
        yield _reasons(answer.missing.decision.proof, names)


def _reasons(reasons: Iterable[Reason], names: Names) -> str:
    return f"<ul>\n{''.join(f'<li>{escape(plain(names, reason(each)))}</li>' for each in reasons)}</ul>\n"


def _verdict(path: Path, names: Names) -> str:
    if path.unseen:
        return f"unknown: {escape(plain(names, '; '.join(path.unseen)))}"
    return f"if {escape(plain(names, path.condition))}" if path.condition else "yes"


def _way(path: Path, end: str, names: Names) -> str:
    parts: list[str] = []
    targets: Sequence[str] = (*path.nodes[1:], end)
    for link, target in zip(path.links, targets, strict=True):
        kind = link.kind if isinstance(link, Edge) else " then ".join(filter(None, (link.by, "read")))
        parts.append(f"{escape(plain(names, kind))} → {escape(plain(names, target))}")
    return "; ".join(parts)
