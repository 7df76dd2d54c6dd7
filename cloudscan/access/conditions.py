"""What must hold of a request for an answer to be yes: a tree of tests on context keys.

A tree is :data:`ALWAYS`, :data:`NEVER`, a :class:`Test` of one key, an :class:`Unseen` fact, or
:class:`AllOf` / :class:`AnyOf` of trees. Negation lives in the leaves (:func:`negate` pushes it down), so
that a reader never has to. Nothing here knows a cloud.

A context key is known present (with values), known absent, or unknown: :class:`Context` keeps the three
apart, and :func:`resolve` replaces every test that a context settles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import lru_cache

from cloudscan.access.comparisons import Domain, Operator, holds
from cloudscan.access.patterns import Pattern, Piece, Reference, fillings


class Over(Enum):
    """How a test reads a key: one value, or of several values any or every one.

    An absent key has no value: no value of it fits (ONE, ANY), and every value of it does (EVERY).
    """

    ONE = "one"
    ANY = "any"
    EVERY = "every"


class Constant(Enum):
    """A condition that needs no look at the request."""

    ALWAYS = True
    NEVER = False


ALWAYS = Constant.ALWAYS
NEVER = Constant.NEVER


@dataclass(frozen=True, slots=True)
class Test:
    """A test of one context key: does a value of it compare so with any of ``values``?

    ``source`` is the statement it comes from, by name. ``negated`` turns the whole answer round, also
    for an absent key. ``words`` says it as a clause, "" where key, operator and values do.
    """

    __test__ = False  # a noun of ours, not a test class

    key: str
    operator: Operator
    values: tuple[Pattern, ...] = ()
    over: Over = Over.ONE
    negated: bool = False
    source: str = field(default="", compare=False)
    words: str = field(default="", compare=False)

    @property
    def references(self) -> tuple[Reference, ...]:
        """The placeholders for other keys among its values."""
        return tuple(reference for value in self.values for reference in value.references)


@dataclass(frozen=True, slots=True)
class Unseen:
    """A fact that could not be looked at; ``reason`` says which and why. It may be either way."""

    reason: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part must hold."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One part is enough."""

    parts: tuple[Condition, ...]


Condition = Constant | Test | Unseen | AllOf | AnyOf


def constant(*, value: bool) -> Constant:
    """Return ALWAYS or NEVER."""
    return Constant(value)


def all_of(parts: Iterable[Condition]) -> Condition:
    """Join conditions that must all hold; constants and repetitions go."""
    kept: list[Condition] = []
    for part in parts:
        if part is NEVER:
            return NEVER
        if part is not ALWAYS:
            kept += part.parts if isinstance(part, AllOf) else (part,)
    if len(kept) > 1:
        kept = list(dict.fromkeys(kept))
    if len(kept) > 1:
        return AllOf(tuple(kept))
    return kept[0] if kept else ALWAYS


def any_of(parts: Iterable[Condition]) -> Condition:
    """Join conditions of which one is enough; constants and repetitions go."""
    kept: list[Condition] = []
    for part in parts:
        if part is ALWAYS:
            return ALWAYS
        if part is not NEVER:
            kept += part.parts if isinstance(part, AnyOf) else (part,)
    if len(kept) > 1:
        kept = list(dict.fromkeys(kept))
    if len(kept) > 1:
        return AnyOf(tuple(kept))
    return kept[0] if kept else NEVER


def negate(condition: Condition) -> Condition:
    """Return the condition that holds exactly when the given one does not."""
    match condition:
        case Constant(value=value):
            return constant(value=not value)
        case AllOf(parts=parts):
            return any_of(negate(part) for part in parts)
        case AnyOf(parts=parts):
            return all_of(negate(part) for part in parts)
        case Test() | Unseen():
            return replace(condition, negated=not condition.negated)


def leaves(condition: Condition) -> Iterator[Test | Unseen]:
    """Yield the leaves of a tree in the order in which they are written."""
    if isinstance(condition, AllOf | AnyOf):
        for part in condition.parts:
            yield from leaves(part)
    elif not isinstance(condition, Constant):
        yield condition


def keys(condition: Condition) -> frozenset[str]:
    """Name the context keys that a condition looks at."""
    tests = [leaf for leaf in leaves(condition) if isinstance(leaf, Test)]
    named = {test.key for test in tests}
    return frozenset(named.union(reference.key for test in tests for reference in test.references))


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """What is known of a request: the values of some keys, the absence of others.

    ``absent`` holds names, or beginnings of names that end in ``*``. Of a key in neither, ``closed`` says
    whether it is absent or unknown. Names of keys are compared without regard to case.

    Contexts compare by identity, so that they are cheap to remember by: what was made of the same is the same object.
    """

    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    closed: bool = False

    @classmethod
    def of(
        cls, known: Mapping[str, str | Iterable[str]], *, absent: Iterable[str] = (), closed: bool = False
    ) -> Context:
        """Make a context from keys with one value or several."""
        held = ((name, (value,) if isinstance(value, str) else tuple(value)) for name, value in known.items())
        return _context(
            tuple((name.casefold(), values) for name, values in held),
            frozenset(name.casefold() for name in absent),
            closed,
        )

    def values(self, key: str) -> tuple[str, ...] | None:
        """Return a key's values, () when it is known to be absent, None when it is unknown."""
        name = key.casefold()
        if (found := self.known.get(name)) is not None:
            return found
        return () if self.closed or self.says_absent(name) else None

    def over(self, other: Context) -> Context:
        """Lay this context over another: of a key that this one names, only this one speaks."""
        return _laid_over(self, other)

    def says_absent(self, name: str) -> bool:
        """Say whether a name in small letters is one of those that are absent, or begins as one does."""
        return name in self.absent or any(end.endswith("*") and name.startswith(end[:-1]) for end in self.absent)


@lru_cache(maxsize=1 << 13)
def _context(known: tuple[tuple[str, tuple[str, ...]], ...], absent: frozenset[str], closed: bool) -> Context:  # noqa: FBT001
    return Context(dict(known), absent, closed)


@lru_cache(maxsize=1 << 13)
def _laid_over(upper: Context, lower: Context) -> Context:
    kept = {name: values for name, values in lower.known.items() if not upper.says_absent(name)}
    return Context({**kept, **upper.known}, upper.absent | lower.absent, upper.closed or lower.closed)


def resolve(condition: Condition, context: Context) -> Condition:
    """Replace every test that a context settles; what stays hangs on unknown keys or unseen facts."""
    match condition:
        case AllOf(parts=parts):
            return all_of(resolve(part, context) for part in parts)
        case AnyOf(parts=parts):
            return any_of(resolve(part, context) for part in parts)
        case Test():
            return _resolved(condition, context)
        case _:
            return condition


def _resolved(test: Test, context: Context) -> Condition:
    found = context.values(test.key)
    if test.references:
        filled = (fill(value, context) for value in test.values)
        test = replace(test, values=tuple(value for value in filled if value is not None))
    if found is None:
        return test
    if test.references:
        return _turned_round(test, found)
    return constant(value=_met(test, found) != test.negated)


def fill(pattern: Pattern, context: Context) -> Pattern | None:
    """Put in for placeholders what a context knows. None if one has no value: then nothing fits.

    A placeholder for a key with several values has none, since it would not say which.
    """
    pieces: list[Piece] = []
    for piece in pattern.pieces:
        if not isinstance(piece, Reference) or (found := context.values(piece.key)) is None:
            pieces.append(piece)
        elif len(found) == 1:
            pieces.append(found[0])
        elif not found and piece.default is not None:
            pieces.append(piece.default)
        else:
            return None
    return Pattern(tuple(pieces))


def _met(test: Test, found: tuple[str, ...]) -> bool:
    if test.operator is Operator.PRESENT:
        return bool(found)
    each = (holds(test.operator, value, test.values) for value in found)
    return all(each) if test.over is Over.EVERY else any(each)


def _turned_round(test: Test, found: tuple[str, ...]) -> Condition:
    """State a test of a known key against unknown ones as tests of those, where its comparison allows."""
    if test.operator.domain is not Domain.TEXT:
        return test
    each = [any_of(fits(wanted, value, test.operator, test.source) for wanted in test.values) for value in found]
    met = all_of(each) if test.over is Over.EVERY else any_of(each)
    return negate(met) if test.negated else met


def fits(pattern: Pattern, text: str, operator: Operator = Operator.LIKE, source: str = "") -> Condition:
    """Say what the keys in a pattern must be for the whole text to compare so with it."""
    fold = operator is Operator.EQUALS_IGNORING_CASE
    ways = fillings(pattern.lowered, text.lower()) if fold else fillings(pattern, text)
    if ways is None:
        named = ", ".join(dict.fromkeys(reference.key for reference in pattern.references))
        return Unseen(f"too many values of {named} would make {pattern} fit")
    same = Operator.EQUALS_IGNORING_CASE if fold else Operator.EQUALS
    return any_of(
        all_of(_filled(reference, value, same, source) for reference, value in way)
        for way in ways
        if holds(operator, text, (_with(pattern, dict(way)),))
    )


def _with(pattern: Pattern, values: Mapping[Reference, str]) -> Pattern:
    pieces = (values[piece] if isinstance(piece, Reference) else piece for piece in pattern.pieces)
    return Pattern(tuple(pieces))


def _filled(reference: Reference, value: str, operator: Operator, source: str) -> Condition:
    same = Test(reference.key, operator, (Pattern((value,)),), source=source)
    if reference.default == value:
        return any_of((same, Test(reference.key, Operator.PRESENT, negated=True, source=source)))
    return same


def from_source(condition: Condition, source: str) -> Condition:
    """Name the statement that the tests of a condition come from, where none is named yet."""
    match condition:
        case AllOf(parts=parts):
            return AllOf(tuple(from_source(part, source) for part in parts))
        case AnyOf(parts=parts):
            return AnyOf(tuple(from_source(part, source) for part in parts))
        case Test(source=""):
            return replace(condition, source=source)
        case _:
            return condition


def unsourced(condition: Condition) -> Condition:
    """Take the names of statements out: for an answer that several share, each by statements of its own."""
    match condition:
        case AllOf(parts=parts):
            return AllOf(tuple(unsourced(part) for part in parts))
        case AnyOf(parts=parts):
            return AnyOf(tuple(unsourced(part) for part in parts))
        case Test():
            return replace(condition, source="") if condition.source else condition
        case _:
            return condition
