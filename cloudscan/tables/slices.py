"""A part of a store: the objects whose keys begin so and not so. Clouds have no folders, only keys that begin alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Slice(NamedTuple):
    """The keys that begin with one of ``prefixes``, all where it names none, and with none of ``without``.

    Keys are taken letter by letter: no letter of a prefix stands for another.
    """

    prefixes: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Say whether it is all of a store."""
        return not self.prefixes and not self.without

    def holds(self, key: str) -> bool:
        """Say whether a key is in it."""
        return (not self.prefixes or key.startswith(self.prefixes)) and not key.startswith(self.without)

    def meets(self, prefixes: Sequence[str]) -> bool:
        """Say whether a key in it can begin with one of these; no prefixes stand for all keys."""
        pairs = [(one, other) for one in self.prefixes or ("",) for other in prefixes or ("",)]
        both = [max(pair, key=len) for pair in pairs if pair[0].startswith(pair[1]) or pair[1].startswith(pair[0])]
        return any(not each.startswith(self.without) for each in both)

    def sql(self, column: str = "key") -> tuple[str, list[object]]:
        """Write it as a condition of SQL on a column of keys, and its values."""
        tests = [test for test in (_begins(column, self.prefixes), _not(_begins(column, self.without))) if test]
        return " AND ".join(tests) or "TRUE", [*self.prefixes, *self.without]


EVERYTHING = Slice()
"""All of a store."""


def shortest(prefixes: Iterable[str]) -> tuple[str, ...]:
    """Return those of the prefixes that say all: what begins with a longer one begins with a shorter one, too."""
    kept: list[str] = []
    for prefix in sorted(set(prefixes)):  # a shorter one comes before those that begin with it
        if not prefix.startswith(tuple(kept)):
            kept.append(prefix)
    return tuple(kept)


def _begins(column: str, prefixes: tuple[str, ...]) -> str:
    return f"({' OR '.join(f'starts_with({column}, ?)' for _ in prefixes)})" if prefixes else ""


def _not(test: str) -> str:
    return f"NOT {test}" if test else ""
