"""Confidence intervals for what lies among objects of which only some were looked at. Pure, never too sure.

Objects fall into groups; of each group some were drawn as if at random, without putting back. What is asked is a sum
over all objects of weight times a yes or no. Two bounds hold without assuming anything of the distribution, and the
tighter one is taken, each being asked for half of the error that is allowed:

- by group, the *exact hypergeometric* bound (the test inverted; the finite-population form of Clopper and Pearson's),
  the error shared out over the groups (Bonferroni);
- over all groups, *Hoeffding's inequality* (1963, theorems 2 and 4) for the stratified estimate.

Groups that were looked at in full are certain and cost nothing. Groups of which nothing was looked at bound nothing,
and are no business of this module.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

METHOD = "exact hypergeometric by group with Bonferroni's correction, or Hoeffding's inequality over all groups"
_STEPS = 24
"""Halvings by which a quantity is told apart: the smallest part is a sixteen-millionth of the largest value."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group of objects: how many there are, how many were looked at, and how many of those were a yes.

    ``weight`` is what a yes counts, the same for all of the group.
    """

    size: int
    looked: int
    found: int
    weight: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what no sample can be. Raises ValueError."""
        if not 0 <= self.found <= self.looked <= self.size or not self.looked or self.weight < 0:
            raise ValueError(f"not a sample: {self}")


@dataclass(frozen=True, slots=True)
class Values:
    """A group whose objects have a quantity from 0 to ``most``. Of those looked at, ``least`` and ``greatest`` are what
    it is at least and at most, which differ where it could not be read."""

    size: int
    most: float
    least: tuple[float, ...]
    greatest: tuple[float, ...]


def count(groups: Sequence[Group], confidence: float) -> tuple[float, float]:
    """Bound the weighted number of yes among all objects, those looked at included, from both sides."""
    error = (1 - confidence) / 2
    return _low(groups, error), _high(groups, error)


def total(groups: Sequence[Values], confidence: float) -> tuple[float, float]:
    """Bound the sum of a quantity over all objects from both sides.

    A value is the measure of the levels below it, so a sum is bounded by counting how many objects reach each of some
    levels that are set beforehand; the error is shared out over them.
    """
    error = (1 - confidence) / 2 / _STEPS
    levels = [0.5**step for step in range(_STEPS)] + [0.0]
    low = high = 0.0
    for above, below in pairwise(levels):
        share = above - below
        reached = [_reaching(group, group.least, above, share, strictly=False) for group in groups]
        passed = [_reaching(group, group.greatest, below, share, strictly=True) for group in groups]
        low += _low(reached, error)
        high += _high(passed, error)
    return low, high


def _reaching(group: Values, values: Sequence[float], level: float, share: float, *, strictly: bool) -> Group:
    mark = level * group.most
    found = sum(value > mark if strictly else value >= mark > 0 for value in values)
    return Group(group.size, len(values), found, group.most * share)


def _low(groups: Iterable[Group], error: float) -> float:
    """Bound from below: the most that all objects can count, less the most that the others can."""
    held = list(groups)
    others = [Group(group.size, group.looked, group.looked - group.found, group.weight) for group in held]
    return max(0.0, sum(group.size * group.weight for group in held) - _high(others, error))


def _high(groups: Iterable[Group], error: float) -> float:
    """Bound from above."""
    certain, partly = 0.0, []
    for group in groups:
        if group.looked == group.size:
            certain += group.weight * group.found
        elif group.weight:
            partly.append(group)
    if not partly:
        return certain
    if len(partly) == 1:
        return certain + partly[0].weight * _most(partly[0], error)
    exact = sum(group.weight * _most(group, error / 2 / len(partly)) for group in partly)
    estimate = sum(group.weight * group.size * group.found / group.looked for group in partly)
    spread = sum((group.weight * group.size) ** 2 / group.looked for group in partly)
    return certain + min(exact, estimate + math.sqrt(spread * math.log(2 / error) / 2))


def _most(group: Group, error: float) -> int:
    """Return the largest number of yes in a group under which so few were not seen more rarely than the error."""
    low, high = group.found, group.size - (group.looked - group.found)
    while low < high:
        middle = (low + high + 1) // 2
        if at_most(group.found, group.size, middle, group.looked) > error:
            low = middle
        else:
            high = middle - 1
    return low


def at_most(found: int, size: int, marked: int, drawn: int) -> float:
    """Return the chance that of so many drawn out of ``size``, ``marked`` of which count, at most ``found`` do."""
    least, most = max(0, drawn - (size - marked)), min(drawn, marked)
    if found >= most:
        return 1.0
    if found < least:
        return 0.0
    # From the largest term down, since that loses the least.
    term = math.exp(_choose(marked, found) + _choose(size - marked, drawn - found) - _choose(size, drawn))
    chance = term
    for number in range(found, least, -1):
        term *= number * (size - marked - drawn + number) / ((marked - number + 1) * (drawn - number + 1))
        chance += term
        if term < chance * 1e-17:
            break
    return min(1.0, chance)


def _choose(size: int, drawn: int) -> float:
    return math.lgamma(size + 1) - math.lgamma(drawn + 1) - math.lgamma(size - drawn + 1)
