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
