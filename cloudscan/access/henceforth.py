"""Requests that are still to come: what ended before the snapshot was made opens nothing, and what began holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from cloudscan.access.answers import Decision, Effect, Reason, Reasons
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, NEVER, Condition, Test, all_of, keys
from cloudscan.access.grants import Edge, Grant
from cloudscan.access.patterns import Pattern
from cloudscan.access.simplification import simplify
from cloudscan.estate import Estate

L = TypeVar("L", Grant, Edge, Grant | Edge)


class Henceforth:
    """What conditions are of requests that are made after a snapshot was.

    ``clocks`` are the keys that hold the time of a request. Of an estate that was not collected no time is known.
    """

    def __init__(self, estate: Estate, *clocks: str) -> None:
        self._clocks = frozenset(clocks)
        self._known: Condition = ALWAYS
        if estate.manifest is not None:
            moment = Pattern((estate.manifest.finished.isoformat(),))
            self._known = all_of(Test(clock, Operator.TIME_AT_EARLIEST, (moment,)) for clock in clocks)
        self._settled: dict[int, tuple[Decision, Decision]] = {}

    def decision(self, decision: Decision) -> Decision:
        """Return a decision as it is from then on; the same one for the same, since thousands of grants share it."""
        if self._known is ALWAYS or self._clocks.isdisjoint(keys(decision.condition)):
            return decision
        if id(decision) not in self._settled:
            condition = simplify(decision.condition, self._known)
            proof = Reasons(partial(self._ended, decision.proof)) if condition is NEVER else decision.proof
            after = Decision(condition, proof)
            self._settled[id(decision)] = decision, after
        return self._settled[id(decision)][1]

    def _ended(self, proof: Sequence[Reason]) -> Iterator[Reason]:
        """Say of which statements of a proof the time is over, in place of what they gave."""
        for reason in proof:
            if reason.effect is Effect.ALLOWS and simplify(reason.condition, self._known) is NEVER:
                what = reason.statement or f"what says that {reason.sentence}"
                words = f"{what} gives nothing any more: its time was over when the snapshot was made"
                yield Reason(Effect.LACKS, words, reason.statement)
            else:
                yield reason

    def links(self, links: Iterable[L]) -> Iterator[L]:
        """Yield grants and edges as they are from then on, without those that open nothing any more."""
        for link in links:
            after = self.decision(link.decision)
            if after is link.decision:
                yield link
            elif after.condition is not NEVER:
                yield replace(link, decision=after)
