"""IAM policy documents, read tolerantly into frozen statements.

A document, statement or condition that cannot be understood is kept as :class:`Malformed` (or as a fault of
its statement), so that the evaluator can answer "unknown" for what it may govern. Nothing here raises.
Grammar: "IAM JSON policy reference: Grammar of the IAM JSON policy language".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

VARIABLES_SINCE = "2012-10-17"
"""The first version of the policy language in which ``${...}`` is a variable."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """Something in a policy that cannot be understood. ``effect`` is "" when even that is unclear."""

    reason: str
    index: int | None = None
    effect: str = ""


@dataclass(frozen=True, slots=True)
class Clause:
    """One line of a Condition block: an operator as written, a key, and the values."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Principals:
    """A Principal or NotPrincipal element: (kind, name) pairs; everyone is ("AWS", "*")."""

    names: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One statement. An element that is not there is None; actions are lower-cased.

    ``faults`` says what in its condition could not be read. Statements compare by identity, so that they are
    cheap to remember by.
    """

    index: int
    sid: str
    effect: str
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    principals: Principals | None
    not_principals: Principals | None
    condition: tuple[Clause, ...]
    faults: tuple[str, ...]
    variables: bool

    @property
    def name(self) -> str:
        """Its place in the document, as a person would say it."""
        return f"statement {self.index + 1}" + (f" ({self.sid})" if self.sid else "")


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A policy document: what could be read of it. The same text is always the same object."""

    statements: tuple[Statement | Malformed, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A document and the name of the place where it hangs ("bucket policy of corpus")."""

    name: str
    document: Document

    @classmethod
    def of(cls, name: str, source: str | Mapping[str, object]) -> Policy:
        """Read a document given as text or as decoded JSON."""
        return cls(name, parse(source))

    def statement(self, statement: Statement | Malformed) -> str:
        """Name one of its statements for a proof."""
        if isinstance(statement, Statement):
            return f"{self.name}, {statement.name}"
        return self.name if statement.index is None else f"{self.name}, statement {statement.index + 1}"


def parse(source: object) -> Document:
    """Read a policy document from JSON text (plain or percent-encoded) or from decoded JSON."""
    if isinstance(source, str):
        return _parse_text(source)
    try:
        return _parse_text(json.dumps(source))
    except (TypeError, ValueError, RecursionError):
        return _unreadable("the document is not JSON")


@lru_cache(maxsize=None)
def _parse_text(text: str) -> Document:
    plain = unquote(text) if text.lstrip()[:1] == "%" else text
    try:
        content = json.loads(plain)
    except (ValueError, RecursionError):
        return _unreadable("the document is not JSON")
    if not isinstance(content, dict):
        return _unreadable("the document is not a JSON object")
    statements = content.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list):
        return _unreadable("the document has no list of statements")
    variables = str(content.get("Version", "")) >= VARIABLES_SINCE
    return Document(tuple(_statement(index, item, variables) for index, item in enumerate(statements)))


def _unreadable(reason: str) -> Document:
    return Document((Malformed(reason),))


def _statement(index: int, item: object, variables: bool) -> Statement | Malformed:  # noqa: FBT001
    if not isinstance(item, dict):
        return Malformed("the statement is not an object", index)
    effect = item.get("Effect")
    if effect not in ("Allow", "Deny"):
        return Malformed("the statement has no effect Allow or Deny", index)
    try:
        return _read_statement(index, item, variables)
    except _Unreadable as fault:
        return Malformed(str(fault), index, effect)


class _Unreadable(ValueError):
    """An element of a statement that is not of the grammar."""


def _read_statement(index: int, item: dict[str, object], variables: bool) -> Statement:  # noqa: FBT001
    actions, not_actions = _words(item, "Action"), _words(item, "NotAction")
    if (actions is None) == (not_actions is None):
        raise _Unreadable("the statement needs either Action or NotAction")
    resources, not_resources = _words(item, "Resource"), _words(item, "NotResource")
    if resources is not None and not_resources is not None:
        raise _Unreadable("the statement has both Resource and NotResource")
    principals, not_principals = _principals(item, "Principal"), _principals(item, "NotPrincipal")
    if principals is not None and not_principals is not None:
        raise _Unreadable("the statement has both Principal and NotPrincipal")
    condition, faults = _condition(item.get("Condition"))
    return Statement(
        index=index,
        sid=sid if isinstance(sid := item.get("Sid"), str) else "",
        effect=str(item["Effect"]),
        actions=_lowered(actions),
        not_actions=_lowered(not_actions),
        resources=resources,
        not_resources=not_resources,
        principals=principals,
        not_principals=not_principals,
        condition=condition,
        faults=faults,
        variables=variables,
    )


def _lowered(words: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if words is None else tuple(word.lower() for word in words)


def _words(item: Mapping[str, object], name: str) -> tuple[str, ...] | None:
    """Read an element that is one text or a list of texts."""
    value = item.get(name)
    if value is None:
        return None
    words = value if isinstance(value, list) else [value]
    if not all(isinstance(word, str) for word in words):
        raise _Unreadable(f"{name} holds something that is not text")
    return tuple(words)


def _principals(item: Mapping[str, object], name: str) -> Principals | None:
    value = item.get(name)
    if value is None:
        return None
    if value == "*":
        return Principals((("AWS", "*"),))
    if not isinstance(value, dict):
        raise _Unreadable(f"{name} is neither * nor an object")
    kinds = {kind: _words(value, kind) or () for kind in value}
    return Principals(tuple((kind, word) for kind, words in kinds.items() for word in words))


def _condition(block: object) -> tuple[tuple[Clause, ...], tuple[str, ...]]:
    if block is None:
        return (), ()
    if not isinstance(block, dict):
        return (), ("its Condition is not an object",)
    clauses, faults = [], []
    for operator, tests in block.items():
        if not isinstance(tests, dict):
            faults.append(f"its condition {operator} is not an object")
            continue
        for key, value in tests.items():
            values = _values(value)
            if values is None:
                faults.append(f"its condition on {key} has a value that is neither text, number nor truth")
            else:
                clauses.append(Clause(operator, key, values))
    return tuple(clauses), tuple(faults)


def _values(value: object) -> tuple[str, ...] | None:
    items = value if isinstance(value, list) else [value]
    texts = [_text(item) for item in items]
    return None if any(text is None for text in texts) else tuple(text for text in texts if text is not None)


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None
