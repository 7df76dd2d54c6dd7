"""Which statements speak about an action on a resource, and how policy text becomes a pattern.

Actions compare without regard to case, resources with it. ``*`` takes in anything, ``/`` and ``:`` too,
``?`` one character; nothing else is special. From "IAM JSON policy elements: Resource": a star at the end of
a segment matches beyond the colon.
"""

from __future__ import annotations

import re
from functools import lru_cache

from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import (
    ALWAYS,
    NEVER,
    Condition,
    Context,
    Test,
    all_of,
    any_of,
    constant,
    fill,
    fits,
    negate,
    resolve,
)
from cloudscan.access.patterns import Pattern, Piece, Reference, glob, matches
from cloudscan_aws.policy.context_keys import canonical
from cloudscan_aws.policy.documents import Document, Malformed, Statement

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_WITH_DEFAULT = re.compile(r"\s*([^,\s]+)\s*,\s*'([^']*)'\s*")


@lru_cache(maxsize=65536)
def pattern(text: str, *, wild: bool, variables: bool) -> Pattern:
    """Read policy text: its wildcards if ``wild``, and its ``${...}`` if its version knows ``variables``.

    ``${*}``, ``${?}`` and ``${$}`` are those characters themselves; ``${key, 'text'}`` names a default.
    """
    if not variables or "${" not in text:
        return glob(text) if wild else Pattern((text,))
    pieces: list[Piece] = []
    for place, chunk in enumerate(_VARIABLE.split(text)):
        if place % 2:
            pieces.append(_variable(chunk))
        elif chunk:
            pieces.extend(glob(chunk).pieces if wild else (chunk,))
    return Pattern(tuple(pieces))


def _variable(inside: str) -> Piece:
    if inside in ("*", "?", "$"):
        return inside
    if (parts := _WITH_DEFAULT.fullmatch(inside)) is not None:
        return Reference(canonical(parts[1]), parts[2])
    return Reference(canonical(inside.strip()))


@lru_cache(maxsize=65536)
def _action_matches(wanted: str, action: str) -> bool:
    return matches(glob(wanted), action)


@lru_cache(maxsize=1 << 18)
def relevant(document: Document, action: str, resource: str) -> tuple[Statement | Malformed, ...]:
    """Return the statements of a document that speak about a (lower-case) action on a resource, or may.

    Whether one whose resources hold variables does is for :func:`about` to say.
    """
    return tuple(
        item
        for item in document.statements
        if isinstance(item, Malformed) or (covers(item, action) and _split(item, resource) != _ELSEWHERE)
    )


def covers(statement: Statement, action: str) -> bool:
    """Say whether a statement is about a (lower-case) action, on whatever resource."""
    return _covers(statement.actions, statement.not_actions, action)


@lru_cache(maxsize=1 << 17)
def _covers(actions: tuple[str, ...] | None, not_actions: tuple[str, ...] | None, action: str) -> bool:
    if actions is not None:
        return any(_action_matches(wanted, action) for wanted in actions)
    return not any(_action_matches(wanted, action) for wanted in not_actions or ())


@lru_cache(maxsize=1 << 16)
def tells_apart(document: Document, actions: tuple[str, ...]) -> bool:
    """Say whether a statement of a document is about some of several (lower-case) actions, and not about all."""
    items = (item for item in document.statements if isinstance(item, Statement))
    return any(len({covers(item, action) for action in actions}) > 1 for item in items)


_ELSEWHERE: tuple[bool, tuple[Pattern, ...]] = (False, ())


@lru_cache(maxsize=1 << 18)
def _split(statement: Statement, resource: str) -> tuple[bool, tuple[Pattern, ...]]:
    """Say whether a statement speaks about a resource, and by which patterns with variables it else may.

    A statement without Resource (in a trust policy) speaks about what it hangs on.
    """
    texts = statement.resources if statement.resources is not None else statement.not_resources
    if texts is None:
        return True, ()
    patterns = [pattern(text, wild=True, variables=statement.variables) for text in texts]
    named = any(matches(wanted, resource) for wanted in patterns if not wanted.references)
    dynamic = tuple(wanted for wanted in patterns if wanted.references)
    if statement.resources is not None:
        return named, () if named else dynamic
    return not named and not dynamic, () if named else dynamic


def is_about(statement: Statement, resource: str) -> bool:
    """Say whether a statement speaks about a resource whatever its variables stand for."""
    return _split(statement, resource)[0]


def asks_nothing(statement: Statement, resource: str) -> bool:
    """Say whether a statement that is relevant to a resource says the same of every request."""
    names = statement.resources is not None or statement.not_resources is not None
    return names and not statement.condition and not statement.faults and is_about(statement, resource)


def about(statement: Statement, resource: str, context: Context) -> Condition:
    """Say under which condition on variables a statement speaks about a resource.

    A variable without a value fits nothing, and under NotResource makes the statement say nothing.
    """
    certain, dynamic = _split(statement, resource)
    if certain:
        return ALWAYS
    named = any_of(_fits(wanted, resource, context) for wanted in dynamic)
    if statement.resources is not None or not dynamic:
        return named
    return all_of((negate(named), *(resolve(valued(wanted), context) for wanted in dynamic)))


def _fits(wanted: Pattern, resource: str, context: Context) -> Condition:
    filled = fill(wanted, context)
    if filled is None:
        return NEVER
    return fits(filled, resource) if filled.references else constant(value=matches(filled, resource))


def valued(wanted: Pattern) -> Condition:
    """The condition that every variable in a pattern has a value.

    From "IAM policy elements: Variables and tags": a variable that is not in the request makes the statement
    invalid, so that a negated test of it does not hold either.
    """
    needed = (reference.key for reference in wanted.references if reference.default is None)
    return all_of(Test(key, Operator.PRESENT) for key in needed)
