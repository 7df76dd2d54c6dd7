"""Answers that several units of a scan need. Each question is put once, over all threads; the rest wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Shared:
    """What was asked so far, by the names that the askers gave it."""

    def __init__(self) -> None:
        self._held: dict[str, Future[Any]] = {}
        self._lock = threading.Lock()

    def answer(self, name: str, ask: Callable[[], T]) -> tuple[T, bool]:
        """Return the answer to a question, and whether it was asked just now.

        Raises what asking raised, to everybody who waits for it.
        """
        with self._lock:
            held = self._held.get(name)
            if held is None:
                mine = self._held[name] = Future()
        if held is not None:
            return held.result(), False
        try:
            mine.set_result(ask())
        except BaseException as error:
            mine.set_exception(error)
            raise
        return mine.result(), True
