"""IAM policy documents, read tolerantly into frozen statements.

What cannot be understood is kept as :class:`Malformed`, or as a fault of its statement, so that the evaluator
can answer "unknown" for what it may govern. Nothing here raises.
Grammar: "IAM JSON policy reference: Grammar of the IAM JSON policy language".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

WITH_VARIABLES = "2012-10-17"
"""The version of the policy language in which ``${...}`` is a variable."""

_VERSIONS = (WITH_VARIABLES, "2008-10-17", None)
_ELEMENTS = {"Sid", "Effect", "Condition"} | {
    negation + element for element in ("Principal", "Action", "Resource") for negation in ("", "Not")
}
_KINDS = {"AWS", "Service", "Federated", "CanonicalUser"}


@dataclass(frozen=True, slots=True)
class Malformed:
    """A statement without a readable effect, or (``index`` None) a document without readable statements."""

    reason: str
    index: int | None = None


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


EVERYBODY = Principals((("AWS", "*"),))


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One statement. An element that is not there is None; actions are lower-cased.

    ``faults`` says what in it could not be read: an element at fault is taken for the widest, and whether the
    statement really applies is then unknown. Statements compare by identity, so that they are cheap to
    remember by.
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


@lru_cache(maxsize=1 << 17)
def _parse_text(text: str) -> Document:
    plain = unquote(text) if text.lstrip()[:1] == "%" else text
    try:
        content = json.loads(plain, object_pairs_hook=_unique, parse_constant=_refused)
        if "\\ud" in plain.lower():  # half a character of two halves: no output could carry it
            json.dumps(content, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return _unreadable("the document is not JSON")
    if not isinstance(content, dict):
        return _unreadable("the document is not a JSON object")
    statements = content.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list):
        return _unreadable("the document has no list of statements")
    version = content.get("Version")
    if version not in _VERSIONS:
        return _unreadable("the document has a version that is not of the policy language")
    return Document(tuple(_statement(index, item, version == WITH_VARIABLES) for index, item in enumerate(statements)))


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Read an object, in which no name may stand twice: which one counts would be anybody's guess."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _refused(constant: str) -> object:
    raise ValueError(constant)


def _unreadable(reason: str) -> Document:
    return Document((Malformed(reason),))


def _statement(index: int, item: object, variables: bool) -> Statement | Malformed:  # noqa: FBT001
    if not isinstance(item, dict):
        return Malformed("the statement is not an object", index)
    effect, sid = item.get("Effect"), item.get("Sid")
    if effect not in ("Allow", "Deny"):
        return Malformed("the statement has no effect Allow or Deny", index)
    faults: list[str] = []
    actions, not_actions = _either(item, "Action", faults)
    resources, not_resources = _either(item, "Resource", faults)
    if actions is None and not_actions is None:
        faults.append("it names no action")
        actions = ("*",)
    faults += [f"it has an element {name} that is not of the language" for name in item if name not in _ELEMENTS]
    if item.get("Principal") is not None and item.get("NotPrincipal") is not None:
        faults.append("it has both Principal and NotPrincipal")
    return Statement(
        index=index,
        sid=sid if isinstance(sid, str) else "",
        effect=effect,
        actions=_lowered(actions),
        not_actions=_lowered(not_actions),
        resources=resources,
        not_resources=not_resources,
        principals=_principals(item, "Principal", faults),
        not_principals=_principals(item, "NotPrincipal", faults),
        condition=_condition(item.get("Condition"), faults),
        faults=tuple(faults),
        variables=variables,
    )


def _lowered(words: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if words is None else tuple(word.lower() for word in words)


def _either(item: dict[str, object], name: str, faults: list[str]) -> tuple[tuple[str, ...] | None, ...]:
    """Read an element and its Not form, of which a statement has one."""
    if item.get(name) is not None and item.get(f"Not{name}") is not None:
        faults.append(f"it has both {name} and Not{name}")
        return ("*",), None
    return _words(item, name, faults), _words(item, f"Not{name}", faults)


def _words(item: dict[str, object], name: str, faults: list[str]) -> tuple[str, ...] | None:
    """Read an element that is one text or a list of texts."""
    value = item.get(name)
    if value is None:
        return None
    words = value if isinstance(value, list) else [value]
    if all(isinstance(word, str) for word in words):
        return tuple(words)
    faults.append(f"its {name} holds something that is not text")
    return () if name.startswith("Not") else ("*",)


def _principals(item: dict[str, object], name: str, faults: list[str]) -> Principals | None:
    """Read whom a statement names. At fault it names everybody, or spares nobody."""
    value, widest = item.get(name), EVERYBODY if name == "Principal" else Principals(())
    if value is None:
        return None
    if value == "*":
        return EVERYBODY
    if not isinstance(value, dict):
        faults.append(f"its {name} is neither * nor an object")
        return widest
    before = len(faults)
    faults += [f"its {name} is of a kind {kind} that is not of the language" for kind in value if kind not in _KINDS]
    kinds = {kind: _words(value, kind, faults) or () for kind in value}
    if len(faults) > before:
        return widest
    return Principals(tuple((kind, word) for kind, words in kinds.items() for word in words))


def _condition(block: object, faults: list[str]) -> tuple[Clause, ...]:
    if block is None:
        return ()
    if not isinstance(block, dict):
        faults.append("its Condition is not an object")
        return ()
    clauses = []
    for operator, tests in block.items():
        if not isinstance(tests, dict):
            faults.append(f"its condition {operator} is not an object")
            continue
        for key, value in tests.items():
            if (values := _values(value)) is None:
                faults.append(f"its condition on {key} has a value that is neither text, number nor truth")
            else:
                clauses.append(Clause(operator, key, values))
    return tuple(clauses)


def _values(value: object) -> tuple[str, ...] | None:
    items = value if isinstance(value, list) else [value]
    texts = [_text(item) for item in items]
    return None if any(text is None for text in texts) else tuple(text for text in texts if text is not None)


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None
