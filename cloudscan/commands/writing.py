"""What commands write: reports and answers, each whole or not at all, and single sentences beside them.

Heavy imports happen inside the functions, as in the commands that call them.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cloudscan.errors import UsageError

if TYPE_CHECKING:
    from cloudscan.report import ScanResult

_IN_MEMORY = 1 << 24
"""Bytes of a report that are held before it goes to a temporary file."""
_PARTICIPLES = {"fail": "failed", "unknown": "unknown", "pass": "passed"}


def write(result: ScanResult, outputs: Sequence[tuple[Any, Path | None]], given: dict[str, Any]) -> None:
    """Write the reports, and on stderr a line where none of them went to stdout."""
    from cloudscan.report import ReportOptions

    _write(outputs, lambda one, out, **how: one.render(result, out, ReportOptions(given["show_passes"], **how)), given)
    files = [path for _, path in outputs if path]
    if len(files) == len(outputs) and not given["quiet"]:
        counts = {verdict: sum(numbers.values()) for verdict, numbers in result.by_verdict().items()}
        told = ", ".join(f"{count:,} {_PARTICIPLES[verdict]}" for verdict, count in counts.items())
        click.echo(f"{told}: see {', '.join(map(str, files))}", err=True)


def write_answer(answer: Any, outputs: Sequence[tuple[Any, Path | None]], given: dict[str, Any]) -> None:
    """Write an answer of reach or of retention in the formats that were asked for, each to its file or to stdout."""
    from cloudscan.report import ReportOptions

    _write(outputs, lambda one, out, **how: one.render(answer, out, ReportOptions(every=given["every"], **how)), given)


def _write(outputs: Sequence[tuple[Any, Path | None]], render: Callable[..., None], given: dict[str, Any]) -> None:
    """Write every output, or nothing: one that is refused when half of it is there leaves what was there before."""
    with ExitStack() as kept:
        written = []
        for one, path in outputs:
            written.append((path, kept.enter_context(_apart(path))))
            render(one, written[-1][1], color=path is None and _colored(given), width=120 if path else _width())
        for path, whole in written:
            whole.seek(0)
            if path is None:
                shutil.copyfileobj(whole, sys.stdout)
                continue
            with writing(path), path.open("w", encoding="utf-8") as file:
                shutil.copyfileobj(whole, file)


def _apart(path: Path | None) -> Any:
    """Return a file to write to before the text goes where it belongs. It takes what that place takes."""
    encoding, errors = (sys.stdout.encoding, sys.stdout.errors) if path is None else ("utf-8", None)
    return tempfile.SpooledTemporaryFile(_IN_MEMORY, "w+", encoding=encoding, errors=errors, newline="")


def _width() -> int | None:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _colored(given: dict[str, Any]) -> bool:
    return not given["no_color"] and not os.environ.get("NO_COLOR") and sys.stdout.isatty()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the system says against writing there into a UsageError."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error


def aside(sentence: str) -> None:
    """Say something beside the report."""
    from cloudscan.reports.escape import terminal

    click.echo(f"cloudscan: {terminal(sentence)}", err=True)
