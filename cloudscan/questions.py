"""What every provider needs to ask a cloud questions: how fast, and how many were answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

from cloudscan.model import Coverage, Gap
from cloudscan.provider import Facet


class Absent:
    """The answer "not configured": a fact, by the error code that whoever asked expected."""

    def __init__(self, code: str) -> None:
        self.code = code


Reply = dict[str, Any] | Absent | Gap
"""The answer to one question."""


class Pace:
    """At most so many requests a second, over all threads. None sets no limit."""

    def __init__(self, per_second: float | None) -> None:
        self._step = 1.0 / per_second if per_second else 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Sleep until the next request may go out."""
        if not self._step:
            return
        with self._lock:
            now = time.monotonic()
            at = max(now, self._next)
            self._next = at + self._step
        time.sleep(max(0.0, at - now))


class Tally:
    """How many questions of each facet one unit of collection asked of an account, over all threads."""

    def __init__(self) -> None:
        self._counts: dict[Facet, list[int]] = {}
        self._lock = threading.Lock()

    def count(self, facet: Facet, *, answered: bool, limited: bool = False) -> None:
        """Count one question; ``limited`` marks one that the user's own limit cut short."""
        with self._lock:
            counts = self._counts.setdefault(facet, [0, 0, 0])
            counts[0] += 1
            counts[1] += answered
            counts[2] += limited

    def coverage(self, provider: str, account: str) -> Iterator[Coverage]:
        """Yield what was asked and answered; a unit yields it last."""
        for facet, (asked, answered, limited) in sorted(self._counts.items()):
            yield Coverage(provider, account, facet, asked, answered, limited)
