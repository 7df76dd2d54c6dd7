"""Parts of the time of a request in a time zone: its hour, its day of the week.

From "Attribute reference for IAM Conditions" (date and time attributes) and the language definition of CEL, whose
months, days of the year and days of the week count from 0, and weeks begin on Sunday.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from cloudscan.access.comparisons import moment

TIME = "request.time"
PARTS: Mapping[str, Callable[[datetime], int]] = {
    "getFullYear": lambda time: time.year,
    "getMonth": lambda time: time.month - 1,
    "getDate": lambda time: time.day,
    "getDayOfMonth": lambda time: time.day - 1,
    "getDayOfWeek": lambda time: time.isoweekday() % 7,
    "getDayOfYear": lambda time: time.timetuple().tm_yday - 1,
    "getHours": lambda time: time.hour,
    "getMinutes": lambda time: time.minute,
    "getSeconds": lambda time: time.second,
    "getMilliseconds": lambda time: time.microsecond // 1000,
}
_WRITTEN = re.compile(r"request\.time\.(?P<part>\w+)\((?:'(?P<zone>[^']*)')?\)")
_OFFSET = re.compile(r"(?P<sign>[+-]?)(?P<hours>\d\d):(?P<minutes>\d\d)")


def is_part(key: str) -> bool:
    """Whether a key is a part of the time of the request."""
    return _WRITTEN.fullmatch(key) is not None


def attribute(key: str) -> str:
    """Return the attribute of the request that a key is read from."""
    return TIME if is_part(key) else key


def part(key: str, time: str) -> str | None:
    """Read a part of a time; None for what is no time or no known time zone."""
    written, seconds = _WRITTEN.fullmatch(key), moment(time)
    zone = _zone(written["zone"]) if written else None
    if written is None or seconds is None or zone is None or written["part"] not in PARTS:
        return None
    try:
        return str(PARTS[written["part"]](datetime.fromtimestamp(float(seconds), UTC).astimezone(zone)))
    except (OverflowError, ValueError, OSError):
        return None


def _zone(name: str | None) -> tzinfo | None:
    if not name:
        return UTC
    if offset := _OFFSET.fullmatch(name):
        ahead = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"]))
        return timezone(-ahead if offset["sign"] == "-" else ahead) if ahead < timedelta(days=1) else None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
