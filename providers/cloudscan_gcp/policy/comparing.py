"""Values in conditions, and what it asks of a request that two of them compare so."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
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
class Shifted:
    """An attribute that is a time, and some seconds added to it; ``elapsed``: taken for the span since 1970 then."""

    key: str
    ahead: Decimal
    elapsed: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, as text."""

    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """A duration in seconds."""

    seconds: Decimal


@dataclass(frozen=True, slots=True)
class Between:
    """A number of which only the bounds are known."""

    least: int
    most: int


Value = str | bool | int | float | tuple[str, ...] | Asked | Shifted | Moment | Span | Between


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
    if isinstance(right, Asked | Shifted) and not isinstance(left, Asked | Shifted):
        return compared(_TURNED.get(sign, sign), right, left)
    if not isinstance(left, Asked | Shifted):
        return _known(sign, left, right)
    if isinstance(right, Asked | Shifted):
        raise Unclear(f"{left.key} {sign} {right.key}")
    if isinstance(left, Shifted):
        return _tested(sign, Asked(left.key), _unshifted(left, right))
    return _tested(sign, left, right)


def _unshifted(asked: Shifted, wanted: Value) -> Moment:
    """Return what a time itself is compared with where a sum of it is compared with a value."""
    if asked.elapsed and isinstance(wanted, Span):
        return Moment(moved("1970-01-01", wanted.seconds - asked.ahead))
    if not asked.elapsed and isinstance(wanted, Moment):
        return Moment(moved(wanted.text, -asked.ahead))
    raise Unclear(f"how a sum of {asked.key} compares is so")


def moved(time: str, seconds: Decimal) -> str:
    """Return a time some seconds after another; raises :class:`Unclear` for one that no calendar has."""
    try:
        then = datetime.fromtimestamp(0, UTC) + timedelta(seconds=float((moment(time) or 0) + seconds))
    except (OverflowError, ValueError):
        raise Unclear("a time that no calendar has is so") from None
    return then.isoformat().replace("+00:00", "Z")


def _known(sign: str, left: Value, right: Value) -> Condition:
    """Compare values that need no look at the request."""
    if isinstance(right, Between):
        return _known(_TURNED.get(sign, sign), right, left)
    if isinstance(left, Between):
        ends = {_holds(sign, end, right) for end in (left.least, left.most)}
        within = sign == "==" and is_number(right) and left.least <= right <= left.most
        if len(ends) > 1 or within:
            raise Unclear("how long a name is")
        return constant(value=ends.pop())
    return constant(value=_holds(sign, left, right))


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
    if isinstance(left, Span) and isinstance(right, Span):
        return _in_order(sign, left.seconds, right.seconds)
    if isinstance(left, str) and isinstance(right, str):
        return _in_order(sign, left, right)
    if is_number(left) and is_number(right):
        return _in_order(sign, left, right)
    return sign == "==" and type(left) is type(right) and left == right


def _in_order(sign: str, left: object, right: object) -> bool:
    return bool(_COMPARE[sign](left, right))


def is_number(value: Value) -> TypeGuard[int | float]:
    """Say whether a value is a number, which a truth is not."""
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
