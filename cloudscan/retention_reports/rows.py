"""What is older, one row an object or version: the fields that the formats for lists share."""

from __future__ import annotations

from collections.abc import Mapping

from cloudscan.older import Older, One
from cloudscan.reports.json_v1 import plain

COLUMNS = (
    "store",
    "key",
    "version",
    "old_version",
    "media",
    "bytes",
    "modified",
    "age_days",
    "seconds",
    "seconds_by",
    "ends",
    "goes",
    "recoverable_days",
    "rules",
    "reasons",
)


def row(one: One, answer: Older) -> Mapping[str, object]:
    """Return the fields of one object, in the order of :data:`COLUMNS`, of types that JSON knows."""
    held = one.object
    values = (
        held.store,
        held.key,
        held.version,
        not held.life.current,
        held.media,
        held.size,
        held.modified,
        (answer.now - held.modified).days if held.modified else None,
        held.seconds,
        held.seconds_by,
        one.ends,
        one.goes,
        one.recoverable,
        one.rules,
        one.reasons,
    )
    return {name: plain(value) for name, value in zip(COLUMNS, values, strict=True)}
