"""Simplify a condition exactly: what contradicts itself is NEVER, what always holds is ALWAYS, and no part
is left that could go without changing the meaning.

The meaning of a tree is kept as a decision diagram whose variables are context keys and whose branches are
the cases of a key (:mod:`cloudscan.access.cases`). Two trees mean the same exactly when their diagrams are
equal. The tree that is returned is the given one with parts taken out, so that every leaf still names the
statement it comes from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from cloudscan.access.cases import cases
from cloudscan.access.conditions import (
    ALWAYS,
    NEVER,
    AllOf,
    AnyOf,
    Condition,
    Constant,
    Test,
    Unseen,
    all_of,
    any_of,
    constant,
    leaves,
)

_Leaf = Test | Unseen
_Node = bool | tuple[int, tuple["_Node", ...]]
_MAX_NODES = 6_000
_MAX_VARIABLES = 150
"""A diagram is walked one call deep for each of them."""


class _TooLarge(Exception):
    """A condition with too many cases to look through."""


def simplify(condition: Condition, given: Condition = ALWAYS) -> Condition:
    """Return the shortest form of a condition, where ``given`` is known to hold of every request.

    A condition too large to look through (which takes hundreds of tests) comes back as it is.
    """
    if isinstance(condition, Constant):
        return condition
    named = {leaf: leaf for leaf in reversed(list(leaves(condition)))}
    return _renamed(_simplified(condition, given), named)


def _renamed(condition: Condition, named: Mapping[_Leaf, _Leaf]) -> Condition:
    """Put in the leaves that name this condition's own statements: leaves compare without their source."""
    match condition:
        case AllOf(parts=parts):
            return AllOf(tuple(_renamed(part, named) for part in parts))
        case AnyOf(parts=parts):
            return AnyOf(tuple(_renamed(part, named) for part in parts))
        case Test() | Unseen():
            return named[condition]
        case _:
            return condition


@lru_cache(maxsize=16384)
def _simplified(condition: Condition, given: Condition) -> Condition:
    meaning = _Meaning(condition, given)
    try:
        if meaning.of(condition) is False:
            return NEVER
        if meaning.of(condition) == meaning.of(ALWAYS):
            return ALWAYS
        return _pruned(_without_idle_keys(condition, meaning), meaning)
    except _TooLarge:
        return condition


class _Meaning:
    """The diagrams of conditions over the leaves of one condition and of what is given."""

    def __init__(self, condition: Condition, given: Condition) -> None:
        self._given = given
        self.variables = tuple(_variables((*leaves(condition), *leaves(given))))
        self._nodes: dict[tuple[Condition, int], _Node] = {}

    def of(self, condition: Condition) -> _Node:
        """Return the diagram of a condition together with what is given."""
        if len(self.variables) > _MAX_VARIABLES:
            raise _TooLarge
        return self._node(all_of((self._given, condition)), 0)

    def _node(self, condition: Condition, place: int) -> _Node:
        if isinstance(condition, Constant):
            return condition.value
        if (known := self._nodes.get((condition, place))) is not None:
            return known
        if len(self._nodes) > _MAX_NODES:
            raise _TooLarge
        branches = tuple(self._node(assume(condition, case), place + 1) for case in self.variables[place])
        node = branches[0] if all(branch == branches[0] for branch in branches) else (place, branches)
        self._nodes[condition, place] = node
        return node


_Variable = tuple[Mapping[_Leaf, bool], ...]


def _variables(found: tuple[_Leaf, ...]) -> Iterator[_Variable]:
    """Group leaves into variables: the tests of a key together where their cases are known, else alone."""
    by_key: dict[str, dict[Test, None]] = {}
    alone: dict[_Leaf, None] = {}
    for leaf in found:
        if isinstance(leaf, Unseen):
            alone[leaf] = None
        elif leaf.references:
            alone[_positive(leaf)] = None
        else:
            by_key.setdefault(leaf.key.casefold(), {})[_positive(leaf)] = None
    for tests in by_key.values():
        if (together := cases(tuple(tests))) is None:
            alone.update(dict.fromkeys(tests))
        else:
            yield tuple(dict(zip(tests, case, strict=True)) for case in together)
    for leaf in alone:
        yield ({leaf: False}, {leaf: True})


def _positive(test: Test) -> Test:
    return replace(test, negated=False) if test.negated else test


def assume(condition: Condition, truths: Mapping[_Leaf, bool]) -> Condition:
    """Replace the leaves whose truth is given: of a test not negated, of an unseen fact as it stands.

    An unseen fact and its negation are two variables, since it may spoil an allow and a deny alike.
    """
    match condition:
        case AllOf(parts=parts):
            return all_of(assume(part, truths) for part in parts)
        case AnyOf(parts=parts):
            return any_of(assume(part, truths) for part in parts)
        case Test():
            truth = truths.get(_positive(condition))
            return condition if truth is None else constant(value=truth != condition.negated)
        case Unseen():
            truth = truths.get(condition)
            return condition if truth is None else constant(value=truth)
        case _:
            return condition


def _without_idle_keys(condition: Condition, meaning: _Meaning) -> Condition:
    """Put one case in for every key on which the answer does not hang."""
    wanted = meaning.of(condition)
    for variable in meaning.variables:
        for case in variable:
            fixed = assume(condition, case)
            if fixed != condition and meaning.of(fixed) == wanted:
                condition = fixed
                break
    return condition


def _pruned(condition: Condition, meaning: _Meaning) -> Condition:
    """Take out parts, large ones first and later ones first, as long as the meaning stays."""
    wanted = meaning.of(condition)
    shorter = True
    while shorter:
        shorter = False
        for candidate in _shortened(condition):
            if meaning.of(candidate) == wanted:
                condition, shorter = candidate, True
                break
    return condition


def _shortened(condition: Condition) -> Iterator[Condition]:
    if not isinstance(condition, AllOf | AnyOf):
        return
    join = all_of if isinstance(condition, AllOf) else any_of
    parts = condition.parts
    for place in reversed(range(len(parts))):
        yield join((*parts[:place], *parts[place + 1 :]))
    for place, part in enumerate(parts):
        for shorter in _shortened(part):
            yield join((*parts[:place], shorter, *parts[place + 1 :]))
