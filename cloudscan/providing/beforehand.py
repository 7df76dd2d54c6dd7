"""What a collection will take, said beforehand by every provider alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cloudscan.provider import Scope
from cloudscan.wording import count, dollars


@dataclass(frozen=True, slots=True)
class Estimate:
    """Requests, their list price, and in words what the numbers leave out."""

    requests: int
    cost_usd: float
    notes: tuple[str, ...]


def first_bytes(scope: Scope, usd_per_get: float, colder: str) -> Iterator[str]:
    """Say what reads of first bytes take, where they are wanted; ``colder`` is what they take of colder objects."""
    if scope.sniff:
        usd = scope.sniff * usd_per_get
        yield f"reads of first bytes come on top: at most {count(scope.sniff, 'request')}, {dollars(usd)}"
        yield colder
