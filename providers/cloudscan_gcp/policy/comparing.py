"""Values in conditions, and what it asks of a request that two of them compare so."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from cloudscan.access.comparisons import Operator, moment
from cloudscan.access.conditions import Condition, Over, Test, any_of, constant, negate
from cloudscan.access.patterns import Pattern


@dataclass(frozen=True, slots=True)
class Asked:
    """An attribute that only the request tells; ``default`` stands in when it is absent."""

    key: str
    default: str | tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, as text."""

    text: str


Value = str | bool | int | float | tuple[str, ...] | Asked | Moment


class Unclear(Exception):
    """A part without a meaning that is known."""


SIGNS = ("==", "!=", "<", "<=", ">", ">=")
_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
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


def compared(sign: str, left: Value, right: Value) -> Condition:
    """Say what a comparison of two values asks; raises :class:`Unclear` for one without a meaning that is known."""
    if sign == "!=":
        return negate(compared("==", left, right))
    if isinstance(right, Asked) and not isinstance(left, Asked):
        return compared(_TURNED.get(sign, sign), right, left)
    if not isinstance(left, Asked):
        return constant(value=_holds(sign, left, right))
    if isinstance(right, Asked):
        raise Unclear(f"{left.key} {sign} {right.key}")
    return _tested(sign, left, right)


def _tested(sign: str, asked: Asked, wanted: Value) -> Condition:
    match wanted:
        case Moment(text=text):
            return Test(asked.key, _TIMES[sign], patterns((text,)))
        case bool():
            if sign == "==":
                return or_default(asked, Test(asked.key, Operator.TRUTH, patterns((str(wanted).lower(),))), wanted)
        case int() | float():
            return Test(asked.key, _NUMBERS[sign], patterns((str(wanted),)))
        case str():
            if sign == "==":
                return or_default(asked, Test(asked.key, Operator.EQUALS, patterns((wanted,))), wanted)
    raise Unclear(f"{asked.key} {sign} {wanted!r} holds")


def or_default(asked: Asked, test: Condition, wanted: object) -> Condition:
    """Take the default for the value where the attribute is absent."""
    if asked.default is None or asked.default != wanted:
        return test
    return any_of((test, Test(asked.key, Operator.PRESENT, negated=True)))


def _holds(sign: str, left: Value, right: Value) -> bool:
    """Compare what is known. Values of unlike sorts are never equal, and never in order."""
    if isinstance(left, Moment) and isinstance(right, Moment):
        return _in_order(sign, moment(left.text) or 0, moment(right.text) or 0)
    if isinstance(left, str) and isinstance(right, str):
        return _in_order(sign, left, right)
    if _is_number(left) and _is_number(right):
        return _in_order(sign, left, right)
    return sign == "==" and type(left) is type(right) and left == right


def _in_order(sign: str, left: object, right: object) -> bool:
    return bool(_COMPARE[sign](left, right))


def _is_number(value: Value) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def contained(one: Value, many: Value) -> Condition:
    """Say what it asks that a value is among others."""
    if isinstance(many, Asked) and isinstance(one, str):
        return Test(many.key, Operator.EQUALS, patterns((one,)), over=Over.ANY)
    if not isinstance(many, tuple):
        raise Unclear("something is in what is no list")
    if isinstance(one, Asked):
        test = Test(one.key, Operator.EQUALS, patterns(many))
        return or_default(one, test, one.default if one.default in many else None)
    return constant(value=one in many)


def patterns(texts: Sequence[str]) -> tuple[Pattern, ...]:
    """Return texts as what a test compares with."""
    return tuple(Pattern((text,) if text else ()) for text in texts)
