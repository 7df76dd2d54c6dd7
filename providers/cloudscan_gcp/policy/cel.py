"""What a condition in the Common Expression Language asks of a request, as a tree of tests.

From "Attribute reference for IAM Conditions": what follows from the resource (its name, type, service and tags) is
filled in; what the request brings (its time, its address, an API's own attributes) stays a test of that attribute.
A function of the time stays a test of that function, which :func:`with_clock` answers where the time is known. What
is written in another way is an unseen fact that names the part that was not understood: it may be either way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from cloudscan.access import Context
from cloudscan.access.comparisons import Operator, moment
from cloudscan.access.conditions import (
    ALWAYS,
    Condition,
    Over,
    Test,
    Unseen,
    all_of,
    any_of,
    constant,
    from_source,
    keys,
    negate,
)
from cloudscan.access.patterns import MANY, Pattern, Piece
from cloudscan_gcp.policy import clock
from cloudscan_gcp.policy.expressions import (
    Attribute,
    Call,
    Listed,
    Literal,
    Node,
    NotUnderstood,
    Odd,
    Operation,
    parse,
)

OBJECT = "storage.googleapis.com/Object"
BUCKET = "storage.googleapis.com/Bucket"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a condition can know of the resource that is asked about.

    ``tags`` are the effective ones by namespaced key, None where they were not read. A name, kind or service that is
    not known is "": what hangs on it stays a test.
    """

    name: str
    kind: str
    service: str
    tags: Mapping[str, str] | None = None

    def attribute(self, name: str) -> str | None:
        """Return what an attribute is for this resource; None if only the request tells, or it is not known."""
        told = {"resource.name": self.name, "resource.type": self.kind, "resource.service": self.service}
        return told.get(name) or None


@dataclass(frozen=True, slots=True)
class _Asked:
    """An attribute that only the request tells; ``default`` stands in when it is absent."""

    key: str
    default: str | tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Moment:
    """A point in time, as text."""

    text: str


_Value = str | bool | int | float | tuple[str, ...] | _Asked | _Moment


class _Unclear(Exception):
    """A part without a meaning that is known."""


def condition_of(expression: str, subject: Subject, source: str = "") -> Condition:
    """Say what an expression asks. ``source`` is the statement it belongs to, "" for none."""
    if not expression:
        return ALWAYS
    try:
        asked = _truth(parse(expression), subject)
    except (NotUnderstood, RecursionError):
        return Unseen(f"the condition {expression!r} is no expression that is understood")
    return from_source(asked, source) if source else asked


def with_clock(condition: Condition, context: Context) -> Context:
    """Lay what follows from a known time of the request over its context."""
    now = context.values(clock.TIME)
    if now is None:
        return context
    parts = [key for key in keys(condition) if clock.is_part(key)]
    read = {key: clock.part(key, now[0]) if now else None for key in parts}
    return Context.of({key: value for key, value in read.items() if value is not None}).over(context)


def always_there(condition: Condition) -> Condition:
    """Return what holds of every request: it has a time."""
    times = sorted(key for key in keys(condition) if key == clock.TIME or clock.is_part(key))
    return all_of(Test(key, Operator.PRESENT) for key in times)


def _truth(node: Node, subject: Subject) -> Condition:
    """Read what is true or false; a part that is unclear is unseen, and its neighbours still count."""
    match node:
        case Operation(operator="&&", parts=parts):
            return all_of(_truth(part, subject) for part in parts)
        case Operation(operator="||", parts=parts):
            return any_of(_truth(part, subject) for part in parts)
        case Operation(operator="!", parts=(part,)):
            return negate(_truth(part, subject))
        case Operation(operator="?", parts=(asked, then, other)):
            met = _truth(asked, subject)
            return any_of((all_of((met, _truth(then, subject))), all_of((negate(met), _truth(other, subject)))))
    try:
        return _told(node, subject)
    except _Unclear as unclear:
        return Unseen(f"whether {unclear} was not understood")


def _told(node: Node, subject: Subject) -> Condition:
    match node:
        case Literal(value=bool() as value):
            return constant(value=value)
        case Operation(operator="in", parts=(left, right)):
            return _contained(_value(left, subject), _value(right, subject))
        case Operation(operator=sign, parts=(left, right)) if sign in _SIGNS:
            return _compared(sign, _value(left, subject), _value(right, subject))
        case Call():
            return _called(node, subject)
        case Attribute(name=name) if subject.attribute(name) is None:
            return Test(name, Operator.TRUTH, _patterns(("true",)))
    raise _Unclear(f"{_said(node)} holds")


_SIGNS = ("==", "!=", "<", "<=", ">", ">=")
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NUMBERS = {
    "==": Operator.NUMBER_EQUALS,
    "<": Operator.NUMBER_BELOW,
    "<=": Operator.NUMBER_AT_MOST,
    ">": Operator.NUMBER_ABOVE,
    ">=": Operator.NUMBER_AT_LEAST,
}
_TIMES = {
    "==": Operator.TIME_EQUALS,
    "<": Operator.TIME_BEFORE,
    "<=": Operator.TIME_AT_LATEST,
    ">": Operator.TIME_AFTER,
    ">=": Operator.TIME_AT_EARLIEST,
}


def _compared(sign: str, left: _Value, right: _Value) -> Condition:
    if sign == "!=":
        return negate(_compared("==", left, right))
    if isinstance(right, _Asked) and not isinstance(left, _Asked):
        return _compared(_TURNED.get(sign, sign), right, left)
    if not isinstance(left, _Asked):
        return constant(value=_holds(sign, left, right))
    if isinstance(right, _Asked):
        raise _Unclear(f"{left.key} {sign} {right.key}")
    return _tested(sign, left, right)


def _tested(sign: str, asked: _Asked, wanted: _Value) -> Condition:
    match wanted:
        case _Moment(text=text):
            return Test(asked.key, _TIMES[sign], _patterns((text,)))
        case bool():
            if sign == "==":
                return _or_default(asked, Test(asked.key, Operator.TRUTH, _patterns((str(wanted).lower(),))), wanted)
        case int() | float():
            return Test(asked.key, _NUMBERS[sign], _patterns((str(wanted),)))
        case str():
            if sign == "==":
                return _or_default(asked, Test(asked.key, Operator.EQUALS, _patterns((wanted,))), wanted)
    raise _Unclear(f"{asked.key} {sign} {wanted!r} holds")


def _or_default(asked: _Asked, test: Condition, wanted: object) -> Condition:
    """Take the default for the value where the attribute is absent."""
    if asked.default is None or asked.default != wanted:
        return test
    return any_of((test, Test(asked.key, Operator.PRESENT, negated=True)))


def _holds(sign: str, left: _Value, right: _Value) -> bool:
    """Compare what is known. Values of unlike sorts are never equal, and never in order."""
    if isinstance(left, _Moment) and isinstance(right, _Moment):
        return _in_order(sign, moment(left.text) or 0, moment(right.text) or 0)
    if isinstance(left, str) and isinstance(right, str):
        return _in_order(sign, left, right)
    if _is_number(left) and _is_number(right):
        return _in_order(sign, left, right)
    return sign == "==" and type(left) is type(right) and left == right


def _in_order(sign: str, left: object, right: object) -> bool:
    compare: Mapping[str, Callable[[object, object], bool]] = {
        "==": lambda one, other: one == other,
        "<": lambda one, other: one < other,  # type: ignore[operator]
        "<=": lambda one, other: one <= other,  # type: ignore[operator]
        ">": lambda one, other: one > other,  # type: ignore[operator]
        ">=": lambda one, other: one >= other,  # type: ignore[operator]
    }
    return compare[sign](left, right)


def _is_number(value: _Value) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _contained(one: _Value, many: _Value) -> Condition:
    if isinstance(many, _Asked) and isinstance(one, str):
        return Test(many.key, Operator.EQUALS, _patterns((one,)), over=Over.ANY)
    if not isinstance(many, tuple):
        raise _Unclear("something is in what is no list")
    if isinstance(one, _Asked):
        test = Test(one.key, Operator.EQUALS, _patterns(many))
        return _or_default(one, test, one.default if one.default in many else None)
    return constant(value=one in many)


def _called(call: Call, subject: Subject) -> Condition:
    """Read a function whose value is true or false."""
    if call.of == Attribute("resource"):
        return _tagged(call, subject)
    arguments = [_value(each, subject) for each in call.arguments]
    if call.of is None and call.name == "inIpRange" and len(arguments) == 2:
        place, block = arguments
        if isinstance(place, _Asked) and isinstance(block, str):
            return Test(place.key, Operator.IN_NETWORK, _patterns((block,)))
    if call.of is None or len(arguments) != 1:
        raise _Unclear(f"{_said(call)} holds")
    of, (wanted,) = _value(call.of, subject), arguments
    if call.name == "hasOnly" and isinstance(of, _Asked) and isinstance(wanted, tuple):
        return Test(of.key, Operator.EQUALS, _patterns(wanted), over=Over.EVERY)
    if call.name in _PLACED and isinstance(wanted, str):
        return _placed(call.name, of, wanted)
    raise _Unclear(f"{_said(call)} holds")


_PLACED: Mapping[str, tuple[Callable[[str, str], bool], Callable[[str], tuple[Piece, ...]]]] = {
    "startsWith": (str.startswith, lambda text: (text, MANY)),
    "endsWith": (str.endswith, lambda text: (MANY, text)),
    "contains": (str.__contains__, lambda text: (MANY, text, MANY)),
}


def _placed(name: str, of: _Value, wanted: str) -> Condition:
    holds, pieces = _PLACED[name]
    if isinstance(of, str):
        return constant(value=holds(of, wanted))
    if not isinstance(of, _Asked):
        raise _Unclear(f"{name} holds of what is no text")
    pattern = Pattern(tuple(piece for piece in pieces(wanted) if piece != ""))
    met = isinstance(of.default, str) and holds(of.default, wanted)
    return _or_default(of, Test(of.key, Operator.LIKE, (pattern,)), of.default if met else None)


def _tagged(call: Call, subject: Subject) -> Condition:
    """Answer about tags ("Attribute reference": resource tags). Ids of tags are not read, only their names."""
    arguments = [each.value for each in call.arguments if isinstance(each, Literal)]
    if call.name in ("matchTag", "hasTagKey") and len(arguments) == (2 if call.name == "matchTag" else 1):
        if subject.tags is None:
            return Unseen(f"the tags of {subject.name} were not read")
        held = subject.tags.get(str(arguments[0]))
        return constant(value=held is not None and (call.name == "hasTagKey" or held == arguments[1]))
    if call.name in ("matchTagId", "hasTagKeyId"):
        return Unseen(f"the ids of the tags of {subject.name} were not read")
    raise _Unclear(f"resource.{call.name} holds")


def _value(node: Node, subject: Subject) -> _Value:
    match node:
        case Literal(value=value) if value is not None:
            return value
        case Attribute(name=name):
            known = subject.attribute(name)
            return _Asked(name) if known is None else known
        case Listed(parts=parts):
            values = [_value(part, subject) for part in parts]
            if all(isinstance(value, str) for value in values):
                return tuple(str(value) for value in values)
        case Call(of=None, name="timestamp", arguments=(Literal(value=str() as text),)) if moment(text) is not None:
            return _Moment(text)
        case Call(of=Attribute(name="api"), name="getAttribute", arguments=(Literal(value=str() as name), other)):
            default = _value(other, subject)
            return _Asked(name, default if isinstance(default, str | tuple) else None)
        case Call(of=Attribute(name=clock.TIME), name=name, arguments=arguments) if name in clock.PARTS:
            zones = [each.value for each in arguments if isinstance(each, Literal)]
            return _Asked(f"{clock.TIME}.{name}({', '.join(map(repr, zones))})")
        case Call(of=of, name="extract", arguments=(Literal(value=str() as template),)) if of is not None:
            whole = _value(of, subject)
            if isinstance(whole, str):
                return extracted(whole, template)
    raise _Unclear(f"{_said(node)} is so")


def extracted(text: str, template: str) -> str:
    """Return what stands in a text where a template has its braces, "" where it does not fit ("extract()")."""
    before, opened, rest = template.partition("{")
    _, closed, after = rest.partition("}")
    start = text.find(before)
    if not opened or not closed or start < 0:
        return ""
    start += len(before)
    end = text.find(after, start) if after else len(text)
    return text[start:end] if end >= 0 else ""


def _said(node: Node) -> str:
    match node:
        case Attribute(name=name):
            return name
        case Call(of=of, name=name):
            return f"{_said(of)}.{name}()" if of is not None else f"{name}()"
        case Odd(what=what):
            return f"a part with {what}"
        case Operation(operator=sign):
            return f"a part with {sign}"
        case _:
            return "a value"


def _patterns(texts: Sequence[str]) -> tuple[Pattern, ...]:
    return tuple(Pattern((text,) if text else ()) for text in texts)
