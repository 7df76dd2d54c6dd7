"""Durations as Google writes them."""

from __future__ import annotations


def seconds(text: object) -> float | None:
    """Read a duration as JSON has it (``7776000s``); None for anything else."""
    if not isinstance(text, str) or not text.endswith("s"):
        return None
    try:
        told = float(text.removesuffix("s"))
    except ValueError:
        return None
    return told if 0 <= told < 1e12 else None
