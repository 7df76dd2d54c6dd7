"""Holding the product and the oracle against each other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from cloudscan.access import Context, Decision, Ruling
from cloudscan.access.conditions import ALWAYS, Constant, resolve
from tests.access_worlds import AwsWorld
from tests.oracle.answer import answer
from tests.oracle.drawn_worlds import worlds
from tests.oracle.matching import many, text
from tests.oracle.verdict import Json, Undocumented


class Difference(NamedTuple):
    """A question on which the two disagree: what the product said, and what the oracle and why."""

    world: Json
    asked: Json
    given: str
    expected: str


@dataclass
class Tally:
    """How often the two agreed, and on what.

    ``rules`` counts the rule that decided, by its verdict; ``conditional`` the questions that were also asked with
    only part of the request known, by what the product answered.
    """

    questions: int = 0
    undocumented: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    conditional: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)

    @property
    def allowed(self) -> int:
        """How many questions were answered yes."""
        return sum(count for rule, count in self.rules.items() if rule.startswith("allow"))


def compare(random: Random, tally: Tally, *, questions: int) -> None:
    """Draw one world, and ask both some questions about it, each also with a part of the request unknown."""
    for world, asked in worlds(random, questions=questions):
        tally.questions += 1
        try:
            expected = answer(world, asked)
        except Undocumented as silence:
            tally.undocumented[str(silence)] += 1
            continue
        because = f"{'allow' if expected.allowed else 'deny'}: {expected.because}"
        tally.rules[because] += 1
        exact = AwsWorld(world).answer(asked)
        if exact.ruling is not (Ruling.YES if expected.allowed else Ruling.NO):
            tally.differences.append(Difference(world, asked, exact.ruling.value, because))
        partly = {name: value for name, value in asked["context"].items() if random.random() < 0.5}
        opened = {**asked, "context": partly, "context_mode": "open"}
        told = AwsWorld(world).answer(opened)
        tally.conditional[told.ruling.value] += 1
        if _under(told, asked) is not expected.allowed:
            tally.differences.append(Difference(world, opened, f"{told.condition}", because))


def _under(told: Decision, asked: Json) -> bool | None:
    """Say what an answer with a condition means for the whole request, None if it leaves anything open."""
    whole = {name: [text(each) for each in many(value)] for name, value in asked["context"].items()}
    left = resolve(told.condition, Context.of(whole, closed=True))
    return left is ALWAYS if isinstance(left, Constant) else None
