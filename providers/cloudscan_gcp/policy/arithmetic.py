"""Sums, differences and sizes in conditions.

From the language definition of CEL: a duration is added to a time or taken from it, two times differ by a duration,
texts are joined, and ``size()`` counts the characters of a text and the members of a list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from cloudscan.access.comparisons import moment
from cloudscan_gcp.policy.comparing import Asked, Between, Moment, Shifted, Span, Unclear, Value, is_number, moved

ADDS, TAKES = "addition_add", "addition_sub"
"""How the parser calls a sum and a difference."""
_UNITS: Mapping[str, Decimal] = {
    "h": Decimal(3600),
    "m": Decimal(60),
    "s": Decimal(1),
    "ms": Decimal("1e-3"),
    "us": Decimal("1e-6"),
    "ns": Decimal("1e-9"),
}
_SPAN = re.compile(r"(?P<sign>[+-]?)(?P<parts>(?:\d+(?:\.\d*)?(?:h|ms|us|ns|m|s))+)", re.ASCII)
_PART = re.compile(r"(?P<count>\d+(?:\.\d*)?)(?P<unit>h|ms|us|ns|m|s)", re.ASCII)
_LONGEST_NAME = 1024
"""Of an object, in bytes ("Object naming requirements"), and so at most as many characters."""


def span(text: str) -> Span:
    """Read a duration; raises :class:`Unclear` for what is none."""
    written = _SPAN.fullmatch(text)
    if written is None:
        raise Unclear(f"how long {text!r} is")
    parts = (Decimal(part["count"]) * _UNITS[part["unit"]] for part in _PART.finditer(written["parts"]))
    return Span(sum(parts, Decimal()) * (-1 if written["sign"] == "-" else 1))


def combined(sign: str, left: Value, right: Value) -> Value:
    """Add two values, or take one from the other; raises :class:`Unclear` for those without a known sum."""
    if sign == ADDS and isinstance(left, Span):
        left, right = right, left
    way = 1 if sign == ADDS else -1
    match left, right:
        case str(), str() if sign == ADDS:
            return left + right
        case Span(), Span():
            return Span(left.seconds + way * right.seconds)
        case Moment(), Span():
            return Moment(moved(left.text, way * right.seconds))
        case Moment(), Moment() if sign == TAKES:
            return Span(_seconds(left) - _seconds(right))
        case Asked(key=key), Span() | Moment():
            return combined(sign, Shifted(key, Decimal()), right)
        case Shifted(elapsed=False), Moment() if sign == TAKES:
            return replace(left, ahead=left.ahead - _seconds(right), elapsed=True)
        case Shifted(), Span():
            return replace(left, ahead=left.ahead + way * right.seconds)
    if is_number(left) and is_number(right):
        return left + way * right
    raise Unclear("a sum is so")


def size(of: Value, *, named: str = "") -> Value:
    """Count the characters of a text or the members of a list.

    ``named`` is how names of objects begin of which the text is one: of these, one stands for many that may be longer.
    """
    if isinstance(of, str) and named:
        return Between(len(named) + 1, len(named) + _LONGEST_NAME)
    if isinstance(of, str | tuple):
        return len(of)
    raise Unclear("a size is so")


def _seconds(time: Moment) -> Decimal:
    return moment(time.text) or Decimal()
