"""Times as Google writes them, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime


def utc(text: object) -> datetime | None:
    """Read an RFC 3339 time, cut to microseconds; None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def seconds(text: object) -> float | None:
    """Read a duration as JSON has it (``7776000s``); None for anything else."""
    if not isinstance(text, str) or not text.endswith("s"):
        return None
    try:
        told = float(text.removesuffix("s"))
    except ValueError:
        return None
    return told if 0 <= told < 1e12 else None
