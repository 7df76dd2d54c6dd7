"""What two scopes of collections ask differently, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Say in words what two scopes ask differently."""
    return "; ".join(_changes("", old, new))


def _changes(name: str, old: object, new: object) -> Iterator[str]:
    """Yield what differs, down to the parts that do; of two lists, what only one of them has."""
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for part in sorted({*old, *new}):
            yield from _changes(f"{name} {part}".strip(), old.get(part), new.get(part))
    elif isinstance(old, list | tuple) and isinstance(new, list | tuple) and old and new:
        gone, more = ([one for one in these if one not in those] for these, those in ((old, new), (new, old)))
        parts = [f"{_words(gone)} then alone" if gone else "", f"{_words(more)} now alone" if more else ""]
        yield f"{name}: {', '.join(filter(None, parts)) or 'in another order'}"
    else:
        yield f"{name}: {_words(old)} then, {_words(new)} now"


def _words(value: object) -> str:
    """Say a part of a scope as a person would have given it."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_words(held)}" for name, held in sorted(value.items())) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(_words, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "not given" if value is None else str(value)
