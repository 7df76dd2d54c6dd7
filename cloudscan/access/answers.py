"""The answer to "may this principal do that": yes, no, yes under a condition, or unknown because of a gap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from cloudscan.access.conditions import ALWAYS, NEVER, Condition, Unseen, all_of, any_of, leaves
from cloudscan.access.simplification import simplify


class Ruling(StrEnum):
    """The four answers. ``unknown`` hangs on a fact that was not seen; ``if`` only on the request."""

    YES = "yes"
    NO = "no"
    IF = "if"
    UNKNOWN = "unknown"


class Effect(StrEnum):
    """What a reason does to the answer."""

    ALLOWS = "allows"
    DENIES = "denies"
    LACKS = "lacks"
    """Something that the answer needs, and nothing gives it."""
    ASSUMES = "assumes"
    """Something taken for granted because it was not seen."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One link of the proof: a sentence, and the statement that it comes from ("" when none does).

    ``condition`` is what the statement itself asks of the request.
    """

    effect: Effect
    sentence: str
    statement: str = ""
    condition: Condition = ALWAYS


@dataclass(frozen=True)
class Decision:
    """An answer with its proof. ``condition`` is what must hold for yes: ALWAYS for yes, NEVER for no.

    Thousands of grants share one, so that it keeps its ruling.
    """

    condition: Condition
    proof: tuple[Reason, ...] = ()

    @cached_property
    def ruling(self) -> Ruling:
        """The answer in one word."""
        if self.condition is ALWAYS:
            return Ruling.YES
        if self.condition is NEVER:
            return Ruling.NO
        return Ruling.UNKNOWN if self.unseen else Ruling.IF

    @property
    def unseen(self) -> tuple[str, ...]:
        """The facts that were not seen and on which the answer hangs."""
        found = (leaf.reason for leaf in leaves(self.condition) if isinstance(leaf, Unseen))
        return tuple(dict.fromkeys(found))


def decide(condition: Condition, proof: Iterable[Reason] = (), given: Condition = ALWAYS) -> Decision:
    """Simplify a condition to a decision. ``given`` is what is known to hold of every request."""
    return Decision(simplify(condition, given), tuple(proof))


YES = Decision(ALWAYS)
NO = Decision(NEVER)


def both(decisions: Iterable[Decision]) -> Decision:
    """Join decisions that must all be yes, as the parts of one requirement."""
    decisions = tuple(decisions)
    proof = tuple(reason for decision in decisions for reason in decision.proof)
    return decide(all_of(decision.condition for decision in decisions), proof)


def either(decisions: Iterable[Decision]) -> Decision:
    """Join decisions of which one is enough, as ways to the same thing."""
    decisions = tuple(decisions)
    proof = tuple(reason for decision in decisions for reason in decision.proof)
    return decide(any_of(decision.condition for decision in decisions), proof)
