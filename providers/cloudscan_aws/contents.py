"""What a statement of an identity comes to for the questions in hand.

Most of a statement does not matter to a question: other actions, other resources, tests that the caller's own tags
settle. What is left is its *content*, and two callers whose statements leave the same contents get the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cloudscan.access.conditions import (
    ALWAYS,
    NEVER,
    AllOf,
    AnyOf,
    Condition,
    Context,
    Test,
    all_of,
    any_of,
    leaves,
    resolve,
)
from cloudscan.access.patterns import Pattern, matches
from cloudscan.access.remainders import ANYTHING, Pieces, remainders
from cloudscan_aws.policy.documents import Malformed, Policy, Statement
from cloudscan_aws.policy.matching import covers, pattern
from cloudscan_aws.policy.operators import condition_of

Values = Callable[[str], tuple[str, ...] | None]
"""What a caller's identity makes of a context key: its values, () if it is absent, None if that is open."""


@dataclass(frozen=True, slots=True)
class Matter:
    """Calls (lower-case) that are asked about, and on what: the resources whose ARNs begin with ``start``, or
    those of ``exactly``. With neither, every resource is meant, and callers are told apart by any pattern of theirs.
    """

    calls: frozenset[str]
    start: str = ""
    exactly: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """The part of a matter's resources that a statement is about.

    ``left`` is what its patterns ask of what follows the start, or which of the exact resources they fit; ``filled``
    are patterns with variables. ``negated`` is for NotResource.
    """

    negated: bool
    left: frozenset[Pieces | str]
    filled: frozenset[Pattern]


EVERYTHING = Reach(negated=True, left=frozenset(), filled=frozenset())
NOTHING = Reach(negated=False, left=frozenset(), filled=frozenset())


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """What a statement comes to for one caller: on which of the calls of a matter, on what, under what condition.

    ``values`` are those of the keys that its variables stand for. ``where`` names the statement if something in it
    could not be read, since its answer then does; ``effect`` is "" when even that is unreadable. Equal contents are
    the same object.
    """

    matter: int
    effect: str
    calls: frozenset[str]
    reach: Reach
    condition: Condition
    values: tuple[tuple[str, ...] | None, ...]
    where: str

    @property
    def certain(self) -> bool:
        """Whether it applies to every request of the matter."""
        return self.reach == EVERYTHING and self.condition is ALWAYS and not self.where


Known = dict[tuple[object, ...], Content]
"""The contents that there are, so that equal ones are the same object."""
_OWN = frozenset({"aws:principalarn", "aws:username", "aws:userid"})


def is_own(key: str) -> bool:
    """Say whether a context key follows from which identity it is, and not from its kind or account."""
    folded = key.casefold()
    return folded in _OWN or folded.startswith("aws:principaltag/")


class Line:
    """A statement of a document, as far as it is about one matter."""

    def __init__(self, item: Statement | Malformed, number: int, calls: frozenset[str], reach: Reach) -> None:
        self.item = item
        self._about = (number, "" if isinstance(item, Malformed) else item.effect, calls, reach)
        self.condition, self.settled, referred = _tests(item)
        self.referred = referred_by(self.condition, reach.filled) if reach.filled else referred
        self.sound = isinstance(item, Statement) and not item.faults and _has_resource(item)

    @property
    def fixed(self) -> bool:
        """Whether it comes to the same for whoever holds it."""
        return self.sound and not self.settled and not self.referred

    def content(self, policy: Policy, values: Values, known: Known) -> Content | None:
        """Return what it comes to for a caller; None when the caller can never meet its condition."""
        if self.fixed:
            return self.common(known)
        condition = settle(self.condition, self.settled, tuple(map(values, self.settled)))
        where = "" if self.sound else policy.statement(self.item)
        return self._content(condition, tuple(map(values, self.referred)), where, known)

    def common(self, known: Known) -> Content | None:
        """Return what it comes to for everybody, where that is :attr:`fixed`."""
        return self._content(self.condition, (), "", known)

    def _content(
        self, condition: Condition, values: tuple[tuple[str, ...] | None, ...], where: str, known: Known
    ) -> Content | None:
        if condition is NEVER:
            return None
        parts = (*self._about, condition, values, where)
        if (content := known.get(parts)) is None:
            content = known[parts] = Content(*parts)
        return content


@lru_cache(maxsize=1 << 17)
def _tests(item: Statement | Malformed) -> tuple[Condition, tuple[str, ...], tuple[str, ...]]:
    """Return the condition of a statement, and the keys that settle its tests and that its variables stand for."""
    condition: Condition = ALWAYS if isinstance(item, Malformed) else condition_of(item)
    return condition, settled_by(condition), referred_by(condition)


def _has_resource(statement: Statement) -> bool:
    return statement.resources is not None or statement.not_resources is not None


Seen = dict[tuple[object, ...], list[tuple[int, frozenset[str], Reach]]]
"""What was made of the actions and resources of statements so far: many statements have the same."""


def lines(item: Statement | Malformed, matters: Sequence[Matter], seen: Seen) -> list[Line]:
    """Return what a statement has to say on each of these matters. ``seen`` is theirs, {} to begin with."""
    if isinstance(item, Malformed):
        return [Line(item, number, matter.calls, EVERYTHING) for number, matter in enumerate(matters)]
    words = (item.actions, item.not_actions, item.resources, item.not_resources, item.variables)
    if (about := seen.get(words)) is None:
        parts = ((number, covered(item, matter.calls), matter) for number, matter in enumerate(matters))
        reached = [(number, calls, _reach(item, matter)) for number, calls, matter in parts if calls]
        about = seen[words] = [each for each in reached if each[2] != NOTHING]
    return [Line(item, *each) for each in about]


def covered(statement: Statement, calls: frozenset[str]) -> frozenset[str]:
    """Return which of the calls a statement is about."""
    return frozenset(call for call in calls if covers(statement, call))


def _reach(statement: Statement, matter: Matter) -> Reach:
    texts = statement.resources if statement.resources is not None else statement.not_resources
    if texts is None:  # a fault of its own, which the line tells
        return EVERYTHING
    negated = statement.resources is None
    patterns = [pattern(text, wild=True, variables=statement.variables) for text in texts]
    left = _left([each for each in patterns if not each.references], matter)
    # Under NotResource a variable without a value silences the statement, wherever its pattern could fit.
    filled = [each for each in patterns if each.references and (negated or _may_fit(each, matter))]
    if left is None:
        return NOTHING if negated else EVERYTHING
    return Reach(negated, left, frozenset(filled))


def _left(patterns: list[Pattern], matter: Matter) -> frozenset[Pieces | str] | None:
    """Return what patterns ask beyond the start, or which exact resources they fit; None if they fit all."""
    if matter.exactly is None:
        left: frozenset[Pieces | str] = frozenset().union(*(remainders(each, matter.start) for each in patterns))
        return None if left >= ANYTHING else left
    met = frozenset(arn for arn in matter.exactly if any(matches(each, arn) for each in patterns))
    return None if len(met) == len(set(matter.exactly)) else met


def _may_fit(wanted: Pattern, matter: Matter) -> bool:
    """Say whether a pattern with variables may fit, going by the text that it begins with."""
    first = wanted.pieces[0]
    if not isinstance(first, str):
        return True
    starts = matter.exactly if matter.exactly is not None else (matter.start,)
    return any(start.startswith(first) or (matter.exactly is None and first.startswith(start)) for start in starts)


@lru_cache(maxsize=1 << 16)
def settled_by(condition: Condition) -> tuple[str, ...]:
    """Name the keys of identity that settle tests of a condition."""
    tests = (leaf for leaf in leaves(condition) if isinstance(leaf, Test))
    return tuple(dict.fromkeys(test.key for test in tests if not test.references and is_own(test.key)))


@lru_cache(maxsize=1 << 16)
def referred_by(condition: Condition, filled: frozenset[Pattern] = frozenset()) -> tuple[str, ...]:
    """Name the keys whose values decide what variables in a condition or in patterns stand for."""
    named = {reference.key for each in filled for reference in each.references}
    for leaf in leaves(condition):
        if isinstance(leaf, Test) and leaf.references:
            named |= {leaf.key, *(reference.key for reference in leaf.references)}
    return tuple(sorted(named))


@lru_cache(maxsize=1 << 16)
def settle(condition: Condition, named: tuple[str, ...], values: tuple[tuple[str, ...] | None, ...]) -> Condition:
    """Put the truth in for the tests that a caller's identity settles, and for nothing else."""
    if not named:
        return condition
    told = Context({key.casefold(): each for key, each in zip(named, values, strict=True) if each is not None})
    return _settled(condition, told)


def _settled(condition: Condition, told: Context) -> Condition:
    match condition:
        case AllOf(parts=parts):
            return all_of(_settled(part, told) for part in parts)
        case AnyOf(parts=parts):
            return any_of(_settled(part, told) for part in parts)
        case Test() if not condition.references:
            return resolve(condition, told)
        case _:
            return condition
