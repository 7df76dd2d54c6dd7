"""A picture as SVG: dark on light, self-contained, without script; what a colour says, words say too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import TextIO
from xml.sax.saxutils import escape

from cloudscan.access import Ruling
from cloudscan.reach.answers import Answer
from cloudscan.reach_reports.layout import BOX_WIDTH, GAP, LINE, Drawn, Layout, Placed, laid_out
from cloudscan.reach_reports.picture import Picture, picture
from cloudscan.reach_reports.scope import scope_line
from cloudscan.reach_reports.words import (
    BOXES,
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
from cloudscan.reports.names import Names

_HEAD = 80
"""Height of the title and the sentences under it."""
_FOOT = 62
"""Height of the legends, of links and of boxes."""
_FIRST_CHARS, _BOX_CHARS, _LINK_CHARS = 29, 35, 32
"""Characters that fit into the first line of a box, into its others, and beside a link."""
_BROKEN = 4
"""Lines that one long line of a box becomes at most."""
_NOTES = 12
"""Conditions that are written out under the picture."""
_LISTED = 60
_CHAR = 6.1
"""Width of a character beside a link, about."""
_LETTER = 6.8
"""Width of a character of the sentences over and under the picture, at most on the average."""
_CURVE = 70
"""What is left between columns for a link to bend."""
_LEAST_WIDTH = 880
_STYLE = """
text { font-family: system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1a1a1a; font-size: 12px; }
.title { font-size: 18px; font-weight: 600; }
.head { font-size: 12px; fill: #444; }
.first { font-weight: 600; }
.words { font-size: 11px; fill: #222; paint-order: stroke; stroke: #fff; stroke-width: 3px; stroke-linejoin: round; }
.box rect { fill: #eef4fb; stroke: #1b4965; }
.through rect { fill: #fff4d6; stroke: #7a5600; stroke-width: 2; }
.outside rect { fill: #fdecea; stroke: #b3261e; stroke-width: 2; }
.store rect { fill: #e6f4ea; stroke: #1e5e34; stroke-width: 2; }
.link { fill: none; stroke: #1b4965; stroke-width: 1.5; }
.change { stroke: #b3261e; stroke-width: 2.5; }
.if { stroke-dasharray: 7 4; }
.unknown { stroke: #666; stroke-dasharray: 2 4; }
"""


def render(answer: Answer, out: TextIO, options: ReportOptions) -> None:
    """Write one SVG document. Raises ``UsageError`` for an answer that is no picture."""
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write(document(answer, every=options.every))


def document(answer: Answer, *, every: bool = False, headed: bool = True) -> str:
    """Return the picture as one ``svg`` element, with or without its title written over it."""
    names, shown = names_of(answer), picture(answer, every=every)
    texts = [_fitted(box_lines(box, names)) for box in shown.boxes]
    notes = conditions(shown)
    layout = laid_out(shown, texts)
    written = [*_notes(notes, names)]
    top = _HEAD if headed else 0
    foot = top + layout.height + _FOOT
    head, said, scope = title(answer, names), summary(answer), scope_line(answer)
    longest = max(map(len, [*((said, scope) if headed else ()), *written]), default=0)
    width, height = max(layout.width, _LEAST_WIDTH, 24 + _LETTER * longest), foot + LINE * len(written)
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title desc" {size}>',
        f'<title id="title">{escape(head)}</title>',
        f'<desc id="desc">{escape(" ".join([said, scope, *_sentences(shown, names)]))}</desc>',
        f"<style>{_STYLE}</style>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        *((_text(12, 28, head, "title"), _text(12, 50, said), _text(12, 68, scope, "head")) if headed else ()),
        f'<g transform="translate(0 {top})">',
        *(_text(x, 20, words, "head") for x, words in layout.heads),
        *_links(layout, shown, names, notes),
        *(_box(placed, shown) for placed in layout.boxes),
        "</g>",
        *_legend(foot - 38, shown),
        *_legend_of_boxes(foot - 16, shown),
        *(_text(12, foot + LINE * place, note) for place, note in enumerate(written)),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _sentences(shown: Picture, names: Names) -> list[str]:
    return [f"{link_sentence(link, shown, names)}." for link in shown.links]


def _text(x: float, y: float, words: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.0f}" y="{y:.0f}"{named}>{escape(words)}</text>'


def _squeezed(words: str) -> str:
    """Keep both ends of what is too long to stand beside a link: how many take it, and how sure it is."""
    return words if len(words) <= _LINK_CHARS else f"{words[: _LINK_CHARS - 9]}…{words[-8:]}"


def _box(placed: Placed, shown: Picture) -> str:
    box = shown.boxes[placed.box]
    kind = box.kind or "box"
    top = placed.y + (placed.height - len(placed.lines) * LINE) / 2 + LINE - 5
    lines = [
        _text(placed.x + 10, top + place * LINE, line, "" if place else "first")
        for place, line in enumerate(placed.lines)
    ]
    full = "\n".join(members(box, _LISTED))
    return "\n".join(
        (
            f'<g class="{kind}"><title>{escape(full)}</title>',
            f'<rect x="{placed.x:.0f}" y="{placed.y:.1f}" width="{BOX_WIDTH}" height="{placed.height:.1f}" rx="5"/>',
            *lines,
            "</g>",
        )
    )


def _links(layout: Layout, shown: Picture, names: Names, notes: Sequence[str]) -> Iterator[str]:
    """Draw the links, each straight beside its words and those of the others that leave the same box."""
    words = [_squeezed(link_words(drawn.link, notes)) for drawn in layout.links]
    straight: dict[int, float] = defaultdict(float)
    for drawn, said in zip(layout.links, words, strict=True):
        straight[drawn.link.source] = max(straight[drawn.link.source], min(12 + _CHAR * len(said), GAP - _CURVE))
    for drawn in layout.links:
        yield _link(drawn, straight[drawn.link.source], escape(link_sentence(drawn.link, shown, names)))
    for drawn, said in zip(layout.links, words, strict=True):
        (x, y), *_ = drawn.points
        yield _text(x + 8, y - 4, said, "words")


def _link(drawn: Drawn, straight: float, said: str) -> str:
    link = drawn.link
    line = "link change" if link.changes else "link"
    sure = "" if link.ruling is Ruling.YES else f" {link.ruling}"
    (x, y), *rest = drawn.points
    path = [f"M{x:.0f} {y:.1f}h{straight:.0f}"]
    x += straight
    back = rest[-1][0] <= x
    for place, (to_x, to_y) in enumerate(rest):
        bend = 0 if place % 2 else (to_x - x) * 0.55
        first, second = (x + _CURVE, to_x + GAP) if back else (x + bend, to_x - bend)
        path.append(f"C{first:.0f} {y:.1f} {second:.0f} {to_y:.1f} {to_x:.0f} {to_y:.1f}")
        x, y = to_x, to_y
    tail = x + 8 if back else x - 8
    arrow = f"M{tail:.0f} {y - 4:.1f}L{x:.0f} {y:.1f}L{tail:.0f} {y + 4:.1f}"
    return (
        f'<g><title>{said}</title><path class="{line}{sure}" d="{" ".join(path)}"/>'
        f'<path class="{line}" d="{arrow}"/></g>'
    )


def _notes(notes: Sequence[str], names: Names) -> Iterator[str]:
    for number, note in enumerate(notes[:_NOTES], start=1):
        yield f"[{number}] if {plain(names, note)}"
    if len(notes) > _NOTES:
        yield f"and {len(notes) - _NOTES:,} conditions more"


def _fitted(lines: Sequence[str]) -> list[str]:
    """Break lines that are wider than a box; of a very long one the middle lines are left out."""
    fitted: list[str] = []
    for place, line in enumerate(lines):
        parts = wrap(line, _BOX_CHARS if place else _FIRST_CHARS, subsequent_indent="  ") or [""]
        fitted += parts if len(parts) <= _BROKEN else [*parts[: _BROKEN - 2], "  …", parts[-1]]
    return fitted


def _legend(y: float, shown: Picture) -> Iterator[str]:
    entries: Sequence[tuple[str, str]] = (
        ("link", "as the cloud is"),
        ("link change", "changes the cloud"),
        ("link if", "under a condition"),
        ("link unknown", "something was not seen"),
    )
    x = 12
    for kind, words in entries:
        yield f'<path class="{kind}" d="M{x} {y - 4:.0f}h36"/>'
        yield _text(x + 44, y, words, "head")
        x += 70 + 7 * len(words)
    if any(len(link.kinds) > 1 for link in shown.links):
        yield _text(x, y, "+2: or by two further kinds of step", "head")


def _legend_of_boxes(y: float, shown: Picture) -> Iterator[str]:
    """Say what the colours of those boxes mean that are there."""
    x = 12
    for kind in (kind for kind in BOXES if any(box.kind == kind for box in shown.boxes)):
        yield f'<g class="{kind or "box"}"><rect x="{x}" y="{y - 13:.0f}" width="36" height="14" rx="3"/></g>'
        yield _text(x + 44, y, BOXES[kind], "head")
        x += 70 + 7 * len(BOXES[kind])
