"""Lines of text on a terminal or in a file: wrapped, indented, harmless.

Rich is used for styles and tables only, never its markup: what comes from the cloud is text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from cloudscan.report import ReportOptions
from cloudscan.reports import escape

Part = str | tuple[str, str]
"""A piece of text, plain or with a style."""
_FILE_WIDTH = 100
"""Columns of what does not go to a terminal."""
_NARROWEST = 20
"""Columns that a paragraph has at least, however far it is indented."""


class Page:
    """A page that is written from top to bottom. ``said`` puts names in place of ids in whatever is written."""

    def __init__(self, out: TextIO, options: ReportOptions, said: Callable[[str], str] = str) -> None:
        self._said = said
        self._console = Console(
            file=out,
            width=options.width or (None if out.isatty() else _FILE_WIDTH),
            height=1,  # of no meaning here; when it is given, rich does not ask for it at every line
            color_system="standard" if options.color else None,
            force_terminal=options.color,
            force_jupyter=False,
            no_color=not options.color,
            legacy_windows=False,
            markup=False,
            emoji=False,
            highlight=False,
        )
        unicode = self._console.encoding.startswith("utf")
        self.arrow, self.dot, self.more = (" → ", " · ", " …") if unicode else (" -> ", " - ", " ...")

    def put(self, *parts: Part, indent: int = 0, label: Part = "") -> None:
        """Write a paragraph with all its lines indented; a label stands in the indent of the first."""
        text, margin = self._text(*parts), self._text(label)
        margin.append(" " * max(0, indent - margin.cell_len))
        room = max(_NARROWEST, self._console.width - indent)
        for line in text.divide(_breaks(text.plain, room)):
            line.rstrip()
            self._console.print(margin + line, soft_wrap=True)
            margin = Text(" " * indent)

    def title(self, words: str) -> None:
        """Begin a section."""
        self.space()
        self._console.print(Rule(self._text((words, "bold")), align="left", style="dim"))

    def space(self) -> None:
        """Leave a line empty."""
        self._console.print()

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[Part]], *, words: int = 1) -> None:
        """Write a table: words in its first columns, figures in the others."""
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
        for place, name in enumerate(columns):
            figures = place >= words
            table.add_column(name, justify="right" if figures else "left", overflow="fold", no_wrap=figures)
        for row in rows:
            table.add_row(*(self._text(cell) for cell in row))
        self._console.print(table)

    def _text(self, *parts: Part) -> Text:
        made = Text()
        for part in parts:
            words, style = (part, "") if isinstance(part, str) else part
            made.append(escape.terminal(self._said(words), self._console.encoding), style)
        return made


def _breaks(words: str, room: int) -> list[int]:
    """Say where new lines begin: only after spaces, since a command or a name that is cut in two cannot be copied."""
    found, used = [], 0
    for word in re.finditer(r"\S+\s*", words):
        if used and used + cell_len(word.group().rstrip()) > room:
            found.append(word.start())
            used = 0
        used += cell_len(word.group())
    return found
