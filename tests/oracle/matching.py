"""Patterns of policies: wildcards, policy variables, actions and resources.

From "IAM JSON policy elements: Action", "Resource" and "IAM policy elements: Variables and tags".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.oracle.verdict import Json, Undocumented

Context = dict[str, list[str]]
"""The request's keys in lower case, each with its values."""

WITH_VARIABLES = "2012-10-17"
_VARIABLE = re.compile(r"\$\{([^}]*)\}")


class Unresolved(Exception):
    """A variable has no value in this request."""


def many(value: Any) -> list[Any]:
    """Return a value of a policy as a list: one value may stand without brackets."""
    return list(value) if isinstance(value, list) else [value]


def text(value: object) -> str:
    """Return a value as requests carry it."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def pieces(pattern: str, context: Context, version: str) -> Iterator[tuple[str, bool]]:
    """Split a pattern into parts, each with whether its characters are literal because a variable gave them."""
    if version != WITH_VARIABLES:
        yield pattern, False
        return
    end = 0
    for found in _VARIABLE.finditer(pattern):
        yield pattern[end : found.start()], False
        yield _value(found[1], context), True
        end = found.end()
    yield pattern[end:], False


def _value(variable: str, context: Context) -> str:
    if variable in ("*", "?", "$"):
        return variable
    name, comma, default = variable.partition(",")
    values = context.get(name.strip().lower())
    if values is None:
        if comma:
            return default.strip().removeprefix("'").removesuffix("'")
        raise Unresolved(variable)
    if len(values) > 1:
        raise Undocumented("a variable with many values")
    return values[0]


def literal(wanted: str, context: Context, version: str) -> str:
    """Return a value that has no wildcards, with its variables filled in."""
    return "".join(piece for piece, _ in pieces(wanted, context, version))


def matches(pattern: str, value: str, context: Context, version: str) -> bool:
    """Whether a pattern matches: ``*`` any characters, ``?`` one, everything else itself, with case."""
    return bool(re.fullmatch(_expression(pattern, context, version), value, re.DOTALL))


def _expression(pattern: str, context: Context, version: str) -> str:
    expression = ""
    for piece, is_literal in pieces(pattern, context, version):
        for character in piece:
            wild = {"*": ".*", "?": "."}.get(character)
            expression += wild if wild and not is_literal else re.escape(character)
    return expression


def covers_action(statement: Json, action: str) -> bool:
    """Whether a statement is about an action; names of actions have no case."""
    listed = many(statement["Action"] if "Action" in statement else statement["NotAction"])
    named = any(matches(str(pattern).lower(), action.lower(), {}, "") for pattern in listed)
    return named if "Action" in statement else not named


def covers_resource(statement: Json, resource: str, context: Context, version: str) -> bool:
    """Whether a statement is about a resource. A trust policy names none: it is about its own role."""
    if "Resource" in statement:
        return _any_matches(statement["Resource"], resource, context, version)
    if "NotResource" in statement:
        try:
            return not any(matches(str(each), resource, context, version) for each in many(statement["NotResource"]))
        except Unresolved:
            return False
    return True


def _any_matches(patterns: object, resource: str, context: Context, version: str) -> bool:
    resolved, unresolved = False, False
    for pattern in many(patterns):
        try:
            resolved |= matches(str(pattern), resource, context, version)
        except Unresolved:
            unresolved = True
    if resolved and unresolved:
        raise Undocumented("a variable without a value beside a resource that matches")
    return resolved
