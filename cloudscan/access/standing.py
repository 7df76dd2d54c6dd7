"""Who counts for whom: what has to be known of names that stand for others before those who read are counted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Set
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """``instead`` are names that do not count themselves, with those who take the place of each.

    Who takes a place reads what the name reads beside what it reads itself, and counts once. ``several`` says whether
    an unknown number may stand behind a name, so that what is counted is the least.
    """

    instead: Mapping[str, Set[str]]
    several: Callable[[str], bool]

    def counted(self, names: Collection[str]) -> int:
        """Count those of some names that count themselves, and those who take the places of others."""
        instead = (self.instead.get(name, {name}) for name in names)
        return len(set[str]().union(*instead))


ITSELF = Standing({}, lambda _: False)
"""Everybody counts as one."""
