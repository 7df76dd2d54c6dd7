"""Which calls a fault strikes, and how often. What a fault is lies with the stand-in of its cloud."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypedDict, TypeVar

ANY = "*"
Fault = TypeVar("Fault")


@dataclass(slots=True)
class _Aim(Generic[Fault]):
    fault: Fault
    method: str
    containing: str
    passes: int
    strikes: int | None

    def takes(self, method: str, api: str, target: str) -> bool:
        return self.method in {ANY, method, f"{api}.{ANY}"} and self.containing in target


class Which(TypedDict, total=False):
    """Which calls of a method are struck, as :meth:`Faults.aim` takes it."""

    first: int | None
    after: int
    containing: str


def check_kind(kind: str, kinds: Sequence[str]) -> None:
    """Raise ValueError for a kind of fault that is none of those that there are."""
    if kind not in kinds:
        raise ValueError(f"{kind!r} is no fault; known are {', '.join(kinds)}")


class Faults(Generic[Fault]):
    """The faults in force; the first that aims at a call and is not used up strikes.

    ``known`` are the methods' ids.
    """

    def __init__(self, known: Collection[str]) -> None:
        self._known = known
        self._aims: list[_Aim[Fault]] = []
        self._lock = threading.Lock()

    def aim(self, fault: Fault, method: str, *, first: int | None = None, after: int = 0, containing: str = "") -> None:
        """Have a fault strike calls.

        ``method`` is a method's id, all methods of an API (``storage.*``), or all (``*``). Of the calls that match,
        the first ``after`` are answered as ever and then ``first`` are struck (all, if None). ``containing`` looks at
        what is asked for: the path and the query, or a resource's name.
        Raises ValueError for an unknown method.
        """
        if not method.endswith(ANY) and method not in self._known:
            raise ValueError(f"no method is called {method!r}")
        with self._lock:
            self._aims.append(_Aim(fault, method, containing, after, first))

    def clear(self) -> None:
        """Let every call through again."""
        with self._lock:
            self._aims.clear()

    def struck(self, method: str, api: str, target: str) -> Fault | None:
        """Return the fault that strikes a call, if any; counts the call."""
        with self._lock:
            for aim in self._aims:
                if aim.strikes == 0 or not aim.takes(method, api, target):
                    continue
                if aim.passes:
                    aim.passes -= 1
                    continue
                if aim.strikes is not None:
                    aim.strikes -= 1
                return aim.fault
        return None
