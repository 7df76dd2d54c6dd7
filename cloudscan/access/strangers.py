"""Can somebody whom nobody knows meet a condition? What a single test means to a stranger only its cloud knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cloudscan.access.comparisons import network
from cloudscan.access.conditions import AllOf, AnyOf, Condition, Constant, Test
from cloudscan.model import Answer

_WIDEST = {4: 8, 6: 32}
"""The shortest prefix of an address block that is not the whole Internet, by version ("The meaning of public")."""


def met(condition: Condition, tested: Callable[[Test], Answer]) -> Answer:
    """Say whether a stranger can meet a tree of tests, by what is said of each. What was not seen is UNKNOWN."""
    match condition:
        case Constant(value=value):
            return Answer.of(value)
        case AllOf(parts=parts):
            order = (Answer.NO, Answer.UNKNOWN, Answer.YES)
            return min((met(part, tested) for part in parts), key=order.index)
        case AnyOf(parts=parts):
            return one_of(met(part, tested) for part in parts)
        case Test():
            return tested(condition)
        case _:
            return Answer.UNKNOWN


def one_of(answers: Iterable[Answer]) -> Answer:
    """Join answers of which one is enough; of none it is no."""
    return min(answers, key=(Answer.YES, Answer.UNKNOWN, Answer.NO).index, default=Answer.NO)


def is_wide(block: str) -> bool:
    """Say whether a block of addresses is so wide that it keeps no stranger out. What is no block does."""
    read = network(block)
    return read is not None and read.prefixlen < _WIDEST[read.version]


def is_narrow(block: str) -> bool:
    """Say whether a text is a block of addresses that keeps strangers out."""
    return network(block) is not None and not is_wide(block)
