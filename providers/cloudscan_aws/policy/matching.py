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


@lru_cache(maxsize=1 << 20)
def about_action(document: Document, action: str) -> tuple[Statement | Malformed, ...]:
    """Return the statements of a document that speak about a (lower-case) action, or may."""
    return tuple(item for item in document.statements if isinstance(item, Malformed) or _covers(item, action))


def _covers(statement: Statement, action: str) -> bool:
    if statement.actions is not None:
        return any(_action_matches(wanted, action) for wanted in statement.actions)
    return not any(_action_matches(wanted, action) for wanted in statement.not_actions or ())


def about_resource(statement: Statement, resource: str, context: Context) -> Condition:
    """Say under which condition on variables a statement speaks about a resource.

    A statement without Resource (in a trust policy) speaks about what it hangs on. A variable without a
    value fits nothing, and under NotResource makes the statement say nothing.
    """
    if statement.resources is not None:
        return _named(statement, resource, context)
    if statement.not_resources is None:
        return ALWAYS
    spared = _named(statement, resource, context)
    if spared is ALWAYS:
        return NEVER
    _, dynamic = _split(statement, resource)
    return all_of((negate(spared), *(resolve(valued(wanted), context) for wanted in dynamic)))


def _named(statement: Statement, resource: str, context: Context) -> Condition:
    named, dynamic = _split(statement, resource)
    if named:
        return ALWAYS
    return any_of(_fits(wanted, resource, context) for wanted in dynamic) if dynamic else NEVER


@lru_cache(maxsize=1 << 20)
def _split(statement: Statement, resource: str) -> tuple[bool, tuple[Pattern, ...]]:
    """Compare the patterns without variables, and return the others."""
    texts = statement.resources if statement.resources is not None else statement.not_resources or ()
    patterns = [pattern(text, wild=True, variables=statement.variables) for text in texts]
    named = any(matches(wanted, resource) for wanted in patterns if not wanted.references)
    return named, tuple(wanted for wanted in patterns if wanted.references)


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
