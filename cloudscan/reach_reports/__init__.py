"""The answers of ``cloudscan reach``: one file, one format. Each module has ``render(answer, out, options)``."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, TextIO, cast

from cloudscan.errors import UsageError
from cloudscan.reach.answers import Answer
from cloudscan.report import ReportOptions


class Renderer(Protocol):
    """A module that writes answers in one format."""

    def render(self, answer: Answer, out: TextIO, options: ReportOptions) -> None:
        """Write one answer."""


FORMATS = ("terminal", "json", "svg", "html", "mermaid", "dot", "graphml")


def renderer(name: str) -> Renderer:
    """Load the module of a format. Raises :class:`UsageError` if none has that name."""
    if name not in FORMATS:
        raise UsageError(f"no format is called {name!r}; an answer is written as: {', '.join(FORMATS)}")
    return cast("Renderer", import_module(f"cloudscan.reach_reports.{name}"))
