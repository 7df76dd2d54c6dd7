"""Conditions in plain English."""

from __future__ import annotations

from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, AllOf, AnyOf, Condition, Constant, Over, Test, Unseen

_MOST_VALUES = 6


def sentence(condition: Condition) -> str:
    """Say a condition as a clause that fits after "if": "aws:SourceVpce is vpce-1 and ..."."""
    match condition:
        case Constant(value=value):
            return "nothing more is asked" if value else "never"
        case AllOf(parts=parts):
            return " and ".join(_inner(part) for part in parts)
        case AnyOf(parts=parts):
            return " or ".join(_inner(part) for part in parts)
        case Test():
            return _test(condition)
        case Unseen(reason=reason, negated=negated):
            return f"what was not seen {'does not forbid' if negated else 'allows'} it ({reason})"


def only_if(condition: Condition) -> str:
    """Say what a step asks of a request; "" where it asks nothing."""
    return "" if condition is ALWAYS else sentence(condition)


def _inner(part: Condition) -> str:
    return f"({sentence(part)})" if isinstance(part, AllOf | AnyOf) else sentence(part)


def _test(test: Test) -> str:
    if test.words:
        return f"it is not so that {test.words}" if test.negated else test.words
    if test.over is Over.ONE or test.operator is Operator.PRESENT:
        return f"{test.key} {test.operator.words(negated=test.negated)} {_values(test)}".rstrip()
    whose = {
        (Over.ANY, False): "a value",
        (Over.ANY, True): "no value",
        (Over.EVERY, False): "every value",
        (Over.EVERY, True): "not every value",
    }[test.over, test.negated]
    return f"{whose} of {test.key} {test.operator.words(negated=False)} {_values(test)}"


def _values(test: Test) -> str:
    """List the values; a long list is cut, and says so."""
    if test.operator is Operator.PRESENT:
        return ""
    shown = [str(value) or "the empty text" for value in test.values[:_MOST_VALUES]]
    if (left := len(test.values) - len(shown)) > 0:
        shown.append(f"{left} more")
    if not shown:
        return "one of no values"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"
