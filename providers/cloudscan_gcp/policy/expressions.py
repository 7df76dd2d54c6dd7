"""Conditions as text in the Common Expression Language, parsed to a small tree.

A library parses; its tree has a node for every level of precedence, of which few say anything.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cloudscan.errors import MissingExtra

if TYPE_CHECKING:
    from lark import Token, Tree


class NotUnderstood(Exception):
    """Text that is no expression."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as written: text, a number, a truth, or None."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Attribute:
    """A name with dots, as ``request.time``."""

    name: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of values."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function, or a method of a value."""

    of: Node | None
    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """Parts joined by an operator of the language: ``&&``, ``||``, ``!``, ``?``, ``in``, a comparison, a sum."""

    operator: str
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Odd:
    """A part of the language that no condition of the IAM documentation uses; ``what`` names it."""

    what: str


Node = Literal | Attribute | Listed | Call | Operation | Odd


@lru_cache(maxsize=1)
def _parser() -> Any:
    try:
        from celpy.celparser import CELParser
    except ModuleNotFoundError as missing:
        raise MissingExtra("gcp", "cel-python") from missing
    return CELParser()


@lru_cache(maxsize=1 << 14)
def parse(text: str) -> Node:
    """Parse an expression; raises :class:`NotUnderstood` for what is none."""
    parser = _parser()
    from celpy.celparser import CELParseError

    try:
        return _node(parser.parse(text))
    except CELParseError as wrong:
        raise NotUnderstood("it is no expression") from wrong
    except RecursionError as deep:
        raise NotUnderstood("it is nested too deeply") from deep


def _node(tree: Tree[Token]) -> Node:
    kind, parts = str(tree.data), tree.children
    if kind == "relation" and len(parts) == 2:
        return _compared(_tree(parts[0]), _tree(parts[1]))
    if kind == "unary" and len(parts) == 2:
        return Operation("!" if _tree(parts[0]).data == "unary_not" else "-", (_node(_tree(parts[1])),))
    if kind in ("addition", "multiplication") and len(parts) == 2:
        sign = _tree(parts[0])
        return Operation(str(sign.data), (_node(_tree(sign.children[0])), _node(_tree(parts[1]))))
    if kind in _JOINED and len(parts) > 1:
        return Operation(_JOINED[kind], tuple(_node(_tree(part)) for part in parts))
    if (read := _READERS.get(kind)) is not None:
        return read(tree)
    if len(parts) == 1 and kind in _PASSING:
        return _node(_tree(parts[0]))
    return Odd(kind.replace("_", " "))


_JOINED = {"expr": "?", "conditionalor": "||", "conditionaland": "&&"}
_PASSING = {
    *_JOINED,
    "relation",
    "addition",
    "multiplication",
    "unary",
    "member",
    "primary",
    "paren_expr",
}
_RELATIONS = {
    "relation_lt": "<",
    "relation_le": "<=",
    "relation_gt": ">",
    "relation_ge": ">=",
    "relation_eq": "==",
    "relation_ne": "!=",
    "relation_in": "in",
}


def _compared(left: Tree[Token], right: Tree[Token]) -> Node:
    return Operation(_RELATIONS[str(left.data)], (_node(_tree(left.children[0])), _node(right)))


def _dotted(tree: Tree[Token]) -> Node:
    """Read a field of a name as a longer name."""
    of, field = _node(_tree(tree.children[0])), str(tree.children[1])
    return Attribute(f"{of.name}.{field}") if isinstance(of, Attribute) else Odd(f"field {field} of a value")


def _method(tree: Tree[Token]) -> Node:
    of, name, *rest = tree.children
    return Call(_node(_tree(of)), str(name), _arguments(rest))


def _function(tree: Tree[Token]) -> Node:
    name, *rest = tree.children
    return Call(None, str(name), _arguments(rest))


def _arguments(rest: list[Any]) -> tuple[Node, ...]:
    return tuple(_node(_tree(part)) for listed in rest if listed is not None for part in _tree(listed).children)


def _literal(tree: Tree[Token]) -> Node:
    text = str(tree.children[0])
    if text in _CONSTANTS:
        return Literal(_CONSTANTS[text])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # an escape that the language does not have
            value = ast.literal_eval(text.rstrip("uU") if text[:1].isdigit() else text)
    except (ValueError, SyntaxError):
        return Odd("a value that is written in no known way")
    return Literal(value) if isinstance(value, str | int | float) else Odd("bytes")


_CONSTANTS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}
_READERS: Mapping[str, Callable[[Tree[Token]], Node]] = {
    "member_dot": _dotted,
    "member_dot_arg": _method,
    "ident_arg": _function,
    "ident": lambda tree: Attribute(str(tree.children[0])),
    "literal": _literal,
    "list_lit": lambda tree: Listed(_arguments(list(tree.children))),
}


def _tree(part: Any) -> Tree[Token]:
    """Take a child for the branch that it is; a leaf where a branch belongs is no expression of ours."""
    if not hasattr(part, "children"):
        raise NotUnderstood("it is no expression")
    branch: Tree[Token] = part
    return branch
