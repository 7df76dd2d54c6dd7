"""Parts of what an API told, read without trust: what is of another shape than documented is taken for missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any


def part(told: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """Return the part of an answer at the end of a path of names."""
    for name in names:
        value = told.get(name)
        told = value if isinstance(value, Mapping) else {}
    return told


def items(told: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    """Return the parts that a list holds."""
    value = told.get(name)
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def texts(told: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the words that a list holds."""
    value = told.get(name)
    return tuple(map(str, value)) if isinstance(value, list) else ()


def pairs(told: Mapping[str, Any], name: str) -> dict[str, str]:
    """Return names and values, such as labels."""
    return {str(key): str(value) for key, value in part(told, name).items()}


def utc(text: object) -> datetime | None:
    """Read an RFC 3339 time, cut to microseconds; None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None
