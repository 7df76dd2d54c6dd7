"""The answer to "may this principal do that": yes, no, yes under a condition, or unknown because of a gap."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import chain
from typing import overload

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


class Reasons(Sequence[Reason]):
    """Reasons that are found when somebody asks for them: most answers are looked at for their condition alone."""

    __slots__ = ("_find", "_found")

    def __init__(self, find: Callable[[], Iterable[Reason]]) -> None:
        self._find = find
        self._found: tuple[Reason, ...] | None = None

    def _reasons(self) -> tuple[Reason, ...]:
        if self._found is None:
            self._found = tuple(self._find())
        return self._found

    @overload
    def __getitem__(self, place: int) -> Reason: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Reason]: ...
    def __getitem__(self, place: int | slice) -> Reason | Sequence[Reason]:
        return self._reasons()[place]

    def __iter__(self) -> Iterator[Reason]:
        return iter(self._reasons())

    def __len__(self) -> int:
        return len(self._reasons())


@dataclass(frozen=True)
class Decision:
    """An answer with its proof. ``condition`` is what must hold for yes: ALWAYS for yes, NEVER for no.

    Thousands of grants share one, so that it keeps its ruling.
    """

    condition: Condition
    proof: Sequence[Reason] = ()

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


def decide(condition: Condition, proof: Sequence[Reason] = (), given: Condition = ALWAYS) -> Decision:
    """Simplify a condition to a decision. ``given`` is what is known to hold of every request."""
    return Decision(simplify(condition, given), proof)


YES = Decision(ALWAYS)
NO = Decision(NEVER)


def both(decisions: Iterable[Decision]) -> Decision:
    """Join decisions that must all be yes, as parts of one requirement. Those after a no are for the proof alone."""
    conditions, proof = _until(NEVER, decisions)
    return decide(all_of(conditions), proof)


def either(decisions: Iterable[Decision], besides: Iterable[Decision] = ()) -> Decision:
    """Join decisions of which one is enough, as ways to the same thing. Those after a yes are for the proof alone.

    So are those ``besides``, which are known to hang on what others hang on.
    """
    conditions, proof = _until(ALWAYS, decisions, besides)
    return decide(any_of(conditions), proof)


def _until(
    settled: Condition, decisions: Iterable[Decision], besides: Iterable[Decision] = ()
) -> tuple[list[Condition], Reasons]:
    """Return the conditions of decisions up to one that settles them all, and the proof of every one."""
    rest, seen = iter(decisions), list[Decision]()
    for decision in rest:
        seen.append(decision)
        if decision.condition is settled:
            break
    every = chain(seen, rest, besides)
    return [one.condition for one in seen], Reasons(lambda: (reason for one in every for reason in one.proof))
