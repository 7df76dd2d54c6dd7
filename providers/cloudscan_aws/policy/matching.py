"""Which statements speak about an action on a resource, and how policy text becomes a pattern.

Actions compare without regard to case, resources with it. ``*`` takes in anything, ``/`` and ``:`` too,
``?`` one character; nothing else is special. From "IAM JSON policy elements: Resource": a star at the end of
a segment matches beyond the colon.
"""

from __future__ import annotations

import re
from functools import lru_cache

from cloudscan_aws.policy.context_keys import canonical
from cloudscan_aws.policy.documents import Document, Malformed, Statement

from cloudscan.access.conditions import NEVER, Condition, any_of, constant, fits, negate
from cloudscan.access.patterns import Pattern, Piece, Reference, glob, matches

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


@lru_cache(maxsize=1 << 20)
def about_resource(statement: Statement, resource: str) -> Condition:
    """Say under which condition on variables a statement speaks about a resource.

    A statement without Resource (in a trust policy) speaks about what it hangs on.
    """
    if statement.resources is not None:
        return _named(statement.resources, resource, variables=statement.variables)
    if statement.not_resources is not None:
        return negate(_named(statement.not_resources, resource, variables=statement.variables))
    return constant(value=True)


def _named(texts: tuple[str, ...], resource: str, *, variables: bool) -> Condition:
    return any_of(_fits(pattern(text, wild=True, variables=variables), resource) for text in texts)


def _fits(wanted: Pattern, resource: str) -> Condition:
    if wanted.references:
        return fits(wanted, resource)
    return constant(value=matches(wanted, resource)) if wanted.pieces else NEVER
