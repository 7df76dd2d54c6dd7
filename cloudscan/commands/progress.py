"""Progress of a collection on stderr: a live line on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from cloudscan.provider import Plan
from cloudscan.wording import count, dollars

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from cloudscan.collection.run import Seen

_EVERY = 10.0
"""Seconds between two plain lines."""


class NowAndThen:
    """Says on stderr what a question that takes long is at: nothing for the first seconds, then a line now and then."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream or sys.stderr
        self._clock = clock
        self._told = clock()

    def tell(self, text: str) -> None:
        """Say it, unless something was said or nothing was to be said a moment ago."""
        if (now := self._clock()) - self._told >= _EVERY:
            self._told = now
            print(text, file=self._stream, flush=True)


class StderrProgress:
    """Tells how much is done, how much was seen and about how long the rest will take."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._began = time.monotonic()
        self._told = self._began
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._goes_on = False

    def planning(self, name: str) -> None:
        """Say what goes on while there is nothing to count."""
        self._say(f"{name}: looking for accounts and stores")

    def planned(self, name: str, plan: Plan, done: int) -> None:
        """Say beforehand what the collection will take."""
        for caller in plan.callers:
            self._say(f"{name}: asking as {caller.identity}")
        known = f"about {count(plan.requests, 'request')}, {dollars(plan.cost_usd)} at list price"
        self._say(f"{name}: {known}, for what is known beforehand; what is only found on the way takes more")
        for note in plan.notes:
            self._say(f"{name}: {note}")
        if done:
            self._goes_on = True
            there = f"{'is' if done == 1 else 'are'} there from an earlier run"
            self._say(f"{name}: {done:,} of {count(len(plan.units), 'part')} {there}")

    def advanced(self, done: int, total: int, seen: Seen, label: str) -> None:
        """Show where the collection is."""
        counts = ((seen.objects, "object"), (seen.records, "record"), (seen.gaps, "gap"))
        text = ", ".join(count(number, noun) for number, noun in counts) + " in this run" * self._goes_on
        if self._stream.isatty():
            self._live(done, total, text)
            return
        now = time.monotonic()
        if now - self._told >= _EVERY or done == total:
            self._told = now
            rest = f"; now {label}"
            if done:
                left = (now - self._began) / done * (total - done)
                rest = f", about {left:.0f} s left" if done < total else ""
            self._say(f"{done:,} of {count(total, 'part')}, {text}{rest}")

    def __enter__(self) -> StderrProgress:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _live(self, done: int, total: int, text: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        if self._bar is None:
            self._bar = Progress(
                TextColumn("collecting"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[seen]}"),
                TimeRemainingColumn(),
                console=Console(file=self._stream),
                transient=True,
            )
            self._bar.start()
            self._task = self._bar.add_task("collecting", total=total, seen=text)
        if self._task is not None:
            self._bar.update(self._task, completed=done, total=total, seen=text)

    def _say(self, text: str) -> None:
        from cloudscan.reports.escape import terminal

        print(terminal(text), file=self._stream, flush=True)
