"""Conditions of role assignments as text, parsed to a small tree.

From "Azure role assignment condition format and syntax" (version 2.0): AND, OR and NOT, also as ``&&``, ``||`` and
``!``, parentheses, the functions ActionMatches, SubOperationMatches and Exists, and comparisons of an attribute with
values or with another attribute. AND binds closer than OR, which the documentation leaves open: it asks for
parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

_MOST_NESTED = 100


class NotUnderstood(Exception):
    """Text that is no condition."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute and where it comes from: resource, request, principal or environment, in small letters."""

    source: str
    name: str

    def __str__(self) -> str:
        return f"@{self.source.title()}[{self.name}]"


@dataclass(frozen=True, slots=True)
class Function:
    """A function of texts: ``actionmatches`` or ``suboperationmatches``."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exists:
    """Whether an attribute is there."""

    attribute: Attribute


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison. ``quantifier`` is ``forany`` or ``forall`` of what is there, and ``any`` or ``all`` of the values.

    It is empty for a comparison of one value.
    """

    attribute: Attribute
    quantifier: tuple[str, str] | None
    operator: str
    values: tuple[str, ...] | Attribute


@dataclass(frozen=True, slots=True)
class Joined:
    """Parts joined by ``and``, ``or`` or ``not``."""

    how: str
    parts: tuple[Node, ...]


Node = Function | Exists | Comparison | Joined

_TOKENS = re.compile(
    r"\s*(?:(?P<attribute>@\w+\[[^\]]*\])|'(?P<text>(?:[^'\\]|\\.)*)'|(?P<sign>&&|\|\||[(){},!])|(?P<word>[\w.:+/-]+))"
)
_ATTRIBUTE = re.compile(r"@(\w+)\[\s*([^\]]*?)\s*\]")
_QUANTIFIED = re.compile(r"For(Any|All)Of(Any|All)Values:(\w+)", re.IGNORECASE)
_SOURCES = ("resource", "request", "principal", "environment")
_FUNCTIONS = ("actionmatches", "suboperationmatches")
_SIGNS = {"&&": "and", "||": "or", "!": "not"}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


@lru_cache(maxsize=1 << 12)
def parse(text: str) -> Node:
    """Parse a condition; raises :class:`NotUnderstood` for what is none."""
    parser = _Parser([*_tokens(text)])
    found = parser.either(0)
    if parser.place != len(parser.tokens):
        raise NotUnderstood("something follows it")
    return found


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    text = text.rstrip()
    while place < len(text):
        found = _TOKENS.match(text, place)
        if found is None or found.lastgroup is None:
            raise NotUnderstood("it has a sign that no condition has")
        kind, told = found.lastgroup, found[found.lastgroup]
        word = _SIGNS.get(told, told.lower()) if kind in ("sign", "word") else ""
        yield _Token(word, told) if word in ("and", "or", "not") else _Token(told if kind == "sign" else kind, told)
        place = found.end()


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens, self.place = tokens, 0

    def either(self, depth: int) -> Node:
        """Read what OR joins."""
        if depth > _MOST_NESTED:
            raise NotUnderstood("it is nested too deeply")
        return self._joined("or", lambda: self._joined("and", lambda: self._negated(depth)))

    def _joined(self, how: str, part: Callable[[], Node]) -> Node:
        parts = [part()]
        while self._takes(how):
            parts.append(part())
        return Joined(how, tuple(parts)) if len(parts) > 1 else parts[0]

    def _negated(self, depth: int) -> Node:
        turned = False
        while self._takes("not"):
            turned = not turned
        found = self._part(depth)
        return Joined("not", (found,)) if turned else found

    def _part(self, depth: int) -> Node:
        if self._takes("("):
            found = self.either(depth + 1)
            self._needs(")")
            return found
        if self._next.kind == "attribute":
            return self._comparison()
        name = self._needs("word").lower()
        if name == "exists":
            return Exists(_attribute(self._needs("attribute")))
        if name not in _FUNCTIONS:
            raise NotUnderstood(f"{name} is no function of conditions")
        return Function(name, self._list())

    def _comparison(self) -> Comparison:
        of, written = _attribute(self._needs("attribute")), self._needs("word")
        quantified = _QUANTIFIED.fullmatch(written)
        operator = (quantified[3] if quantified else written).lower()
        quantifier = (quantified[1].lower(), quantified[2].lower()) if quantified else None
        if self._next.kind == "attribute":
            return Comparison(of, quantifier, operator, _attribute(self._needs("attribute")))
        values = self._list() if self._next.kind == "{" else (self._value(),)
        return Comparison(of, quantifier, operator, values)

    def _list(self) -> tuple[str, ...]:
        self._needs("{")
        values = []
        while not self._takes("}"):
            values.append(self._value())
            if not self._takes(","):
                self._needs("}")
                break
        return tuple(values)

    def _value(self) -> str:
        return self._needs("text" if self._next.kind == "text" else "word")

    @property
    def _next(self) -> _Token:
        return self.tokens[self.place] if self.place < len(self.tokens) else _Token("", "")

    def _takes(self, kind: str) -> bool:
        if self._next.kind != kind:
            return False
        self.place += 1
        return True

    def _needs(self, kind: str) -> str:
        told = self._next.text
        if not self._takes(kind):
            raise NotUnderstood(f"it lacks {kind!r} at its token {self.place + 1}")
        return told


def _attribute(text: str) -> Attribute:
    found = _ATTRIBUTE.fullmatch(text)
    if found is None or found[1].lower() not in _SOURCES:
        raise NotUnderstood("it names an attribute of no known source")
    return Attribute(found[1].lower(), found[2])
