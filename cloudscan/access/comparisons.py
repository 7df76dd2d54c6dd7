"""How the value of a context key is compared with the values that a policy names.

Every comparison takes text, as requests carry it. Text that is not what the comparison needs (an address,
a number, a time) compares with nothing.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from cloudscan.access.patterns import MANY, Pattern, Piece, matches


class Domain(Enum):
    """What the values of a comparison are: comparisons of one domain can contradict each other."""

    TEXT = "text"
    TRUTH = "truth"
    NUMBER = "number"
    TIME = "time"
    ADDRESS = "address"


class Operator(Enum):
    """A comparison: its domain (None when it looks at no value), and its words for yes and for no."""

    PRESENT = (None, "is present", "is absent")
    EQUALS = (Domain.TEXT, "is", "is not")
    EQUALS_IGNORING_CASE = (Domain.TEXT, "is, in any case of letters,", "is not, in any case of letters,")
    LIKE = (Domain.TEXT, "is like", "is not like")
    LIKE_BY_PART = (Domain.TEXT, "is an ARN like", "is not an ARN like")
    SAME_BYTES = (Domain.TEXT, "is the bytes", "is not the bytes")
    TRUTH = (Domain.TRUTH, "is", "is not")
    NUMBER_EQUALS = (Domain.NUMBER, "is the number", "is not the number")
    NUMBER_BELOW = (Domain.NUMBER, "is below", "is not below")
    NUMBER_AT_MOST = (Domain.NUMBER, "is at most", "is not at most")
    NUMBER_ABOVE = (Domain.NUMBER, "is above", "is not above")
    NUMBER_AT_LEAST = (Domain.NUMBER, "is at least", "is not at least")
    TIME_EQUALS = (Domain.TIME, "is the time", "is not the time")
    TIME_BEFORE = (Domain.TIME, "is before", "is not before")
    TIME_AT_LATEST = (Domain.TIME, "is at or before", "is not at or before")
    TIME_AFTER = (Domain.TIME, "is after", "is not after")
    TIME_AT_EARLIEST = (Domain.TIME, "is at or after", "is not at or after")
    IN_NETWORK = (Domain.ADDRESS, "is in", "is outside")

    def __init__(self, domain: Domain | None, yes: str, no: str) -> None:
        self.domain = domain
        self._words = (yes, no)

    def words(self, *, negated: bool) -> str:
        """Return its verb in a sentence."""
        return self._words[negated]


Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def holds(operator: Operator, value: str, wanted: tuple[Pattern, ...]) -> bool:
    """Say whether a value compares so with any of the wanted ones."""
    compare = _COMPARE[operator]
    return any(compare(value, pattern) for pattern in wanted)


def _by_part(value: str, pattern: Pattern) -> bool:
    """Compare the six parts of an ARN one by one; a lone star is every value.

    From "IAM JSON policy elements: Condition operators": each of the six colon-delimited components is
    checked separately, so a star in one of the first five never takes in a colon.
    """
    if pattern.pieces == (MANY,):
        return True
    wanted, parts = parts_of(pattern), value.split(":", 5)
    return len(wanted) == len(parts) and all(map(matches, wanted, parts))


@lru_cache(maxsize=65536)
def parts_of(pattern: Pattern) -> tuple[Pattern, ...]:
    """Cut a pattern at its first five colons."""
    parts: list[list[Piece]] = [[]]
    for piece in pattern.pieces:
        if not isinstance(piece, str):
            parts[-1].append(piece)
            continue
        first, *rest = piece.split(":", 6 - len(parts))
        parts[-1] += [first] if first else []
        parts += [[text] if text else [] for text in rest]
    return tuple(Pattern(tuple(part)) for part in parts)


def number(text: str) -> Decimal | None:
    """Read a number, or None."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def moment(text: str) -> Decimal | None:
    """Read a time as seconds since 1970 from ISO 8601 text (UTC unless it says otherwise) or such seconds."""
    if (seconds := number(text)) is not None and len(text.strip()) != len("2024"):
        return seconds
    text = text.strip()
    padded = text + ("-01" if text.count("-") == 1 and "T" not in text else "-01-01" if text.isdigit() else "")
    try:
        value = datetime.fromisoformat(padded)
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return Decimal(str(aware.timestamp()))
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=65536)
def network(text: str) -> Network | None:
    """Read an address block, or a single address as a block of one; None for anything else."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def address(text: str) -> Address | None:
    """Read an address, or None."""
    try:
        return ip_address(text.strip())
    except ValueError:
        return None


def _in_network(value: str, pattern: Pattern) -> bool:
    block, place = network(str(pattern)), address(value)
    return block is not None and place is not None and place.version == block.version and place in block


def _same_bytes(value: str, pattern: Pattern) -> bool:
    wanted, found = _decoded(str(pattern)), _decoded(value)
    return wanted is not None and wanted == found


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _ordered(
    read: Callable[[str], Decimal | None], compare: Callable[[Decimal, Decimal], bool]
) -> Callable[[str, Pattern], bool]:
    def test(value: str, pattern: Pattern) -> bool:
        found, wanted = read(value), read(str(pattern))
        return found is not None and wanted is not None and compare(found, wanted)

    return test


_COMPARE: dict[Operator, Callable[[str, Pattern], bool]] = {
    Operator.EQUALS: lambda value, pattern: matches(pattern, value),
    Operator.EQUALS_IGNORING_CASE: lambda value, pattern: value.lower() == str(pattern).lower(),
    Operator.LIKE: lambda value, pattern: matches(pattern, value),
    Operator.LIKE_BY_PART: _by_part,
    Operator.SAME_BYTES: _same_bytes,
    Operator.TRUTH: lambda value, pattern: value.lower() == str(pattern).lower(),
    Operator.NUMBER_EQUALS: _ordered(number, Decimal.__eq__),
    Operator.NUMBER_BELOW: _ordered(number, Decimal.__lt__),
    Operator.NUMBER_AT_MOST: _ordered(number, Decimal.__le__),
    Operator.NUMBER_ABOVE: _ordered(number, Decimal.__gt__),
    Operator.NUMBER_AT_LEAST: _ordered(number, Decimal.__ge__),
    Operator.TIME_EQUALS: _ordered(moment, Decimal.__eq__),
    Operator.TIME_BEFORE: _ordered(moment, Decimal.__lt__),
    Operator.TIME_AT_LATEST: _ordered(moment, Decimal.__le__),
    Operator.TIME_AFTER: _ordered(moment, Decimal.__gt__),
    Operator.TIME_AT_EARLIEST: _ordered(moment, Decimal.__ge__),
    Operator.IN_NETWORK: _in_network,
}
