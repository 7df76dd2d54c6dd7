"""Where in a world policies and statements stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Place = tuple[str | int, ...]
Drawn = dict[str, Any]


def statements(value: Any, place: Place = ()) -> Iterator[tuple[Place, Drawn]]:
    """Yield every statement somewhere inside a value, with its place."""
    if isinstance(value, dict):
        if "Effect" in value:
            yield place, value
        for name, each in value.items():
            yield from statements(each, (*place, name))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from statements(each, (*place, number))


def documents(value: Any) -> list[Place]:
    """Return the places of all policies that have a statement."""
    return list(dict.fromkeys(document_of(place) for place, _ in statements(value)))


def document_of(place: Place) -> Place:
    """Return the place of the policy that a statement belongs to."""
    return place[: len(place) - place[::-1].index("Statement") - 1]


def at(whole: Any, place: Place) -> Any:
    """Return what stands at a place."""
    found: Any = whole
    for part in place:
        found = found[part]
    return found
