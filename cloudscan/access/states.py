"""What an identity is at a time: a step may change it, and it is not what it was before until it is changed back.

An identity in one hand acts as it then is. So if one of several things is done by what became of somebody, nothing is
done by it as it was before, but what comes first in time. Credentials last: who was assumed before goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import permutations

Chain = tuple[str, ...]
"""An identity, and what became of it one after the other: the last of them is what is meant."""
Names = Sequence[str]
"""As whom somebody goes a way, one after the other; ``()`` where it stays as it is."""


class States:
    """Which names are of one identity at different times. A name without a chain is all that there is of it."""

    def __init__(self, chains: Mapping[str, Chain]) -> None:
        self._chains = chains

    def of(self, name: str) -> Chain:
        """Return what a name is of, and how it came about."""
        return self._chains.get(name, (name,))

    def changed(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of some names that identities have once they were changed."""
        return tuple(name for name in names if len(self.of(name)) > 1)

    def fit(self, start: str, ways: Sequence[Names], after: Iterable[int] = (), *, at_once: bool = False) -> bool:
        """Say whether somebody can do one thing at the end of each way, in some order.

        Those whose numbers are in ``after`` come last; ``at_once`` says that at the last all are what they do it as.
        """
        last = set(after)
        first = [number for number in range(len(ways)) if number not in last]
        orders = ((*before, *behind) for before in permutations(first) for behind in permutations(sorted(last)))
        return any(self._in_order(start, [ways[number] for number in order], at_once) for order in orders)

    def _in_order(self, start: str, ways: Sequence[Names], at_once: bool) -> bool:  # noqa: FBT001
        now = {self.of(start)[0]: self.of(start)}
        for way in ways:
            if not self._go(now, start, way):
                return False
        ends = [self.of(way[-1] if way else start) for way in ways]
        return not at_once or all(now[end[0]] == end for end in ends)

    def _go(self, now: dict[str, Chain], start: str, way: Names) -> bool:
        """Go a way from what everybody is now. Whom one becomes with nothing changed, it may have become before."""
        before = True
        for place, name in enumerate(way or (start,), 1):
            chain = self.of(name)
            before = before and len(chain) == 1
            held = now.get(chain[0], chain[:1])
            if held == chain[: len(held)]:
                now[chain[0]] = chain
            elif not before or place >= len(way):
                return False
        return True
