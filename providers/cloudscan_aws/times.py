"""The times that AWS tells, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime


def utc(moment: datetime | None) -> datetime | None:
    """Return a time in UTC; botocore gives some in the zone of the machine that asks."""
    return moment.astimezone(UTC) if moment else None
