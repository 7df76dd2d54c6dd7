"""The answer of ``cloudscan retention`` as JSON, version 1. The schema is ``cloudscan/schemas/retention-1.json``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from cloudscan.older import Kept, Older, Unseen
from cloudscan.report import ReportOptions
from cloudscan.reports.json_v1 import Row, write_object

SCHEMA = "cloudscan/retention/1"


def render(answer: Older, out: TextIO, _: ReportOptions) -> None:
    """Write one JSON object, lists with one record a line."""
    write_object(_fields(answer), out)


def _fields(answer: Older) -> Iterator[tuple[str, object]]:
    manifest = answer.estate.manifest
    yield "schema", SCHEMA
    yield "older_than_days", answer.days
    yield "now", answer.now
    yield "collected", manifest.finished if manifest else None
    yield "snapshot_sha256", manifest.digest if manifest else None
    yield "media", list(answer.media)
    yield "exists", answer.exists.value
    yield "stores", answer.stores
    yield "objects", answer.objects
    yield "older", map(_kept, answer.found)
    yield "not_seen", map(_unseen, answer.unseen)


def _kept(one: Kept) -> Row:
    return {
        "store": one.store,
        "media": one.media,
        "prefix": one.prefix,
        "old_versions": one.old_versions,
        "objects": one.objects,
        "bytes": one.bytes,
        "hours": round(one.seconds / 3600, 3),
        "unknown_length": one.unknown_length,
        "oldest": one.oldest,
        "newest": one.newest,
        "ends": one.ends.value,
        "first_goes": one.first.isoformat() if one.first else None,
        "last_goes": one.last.isoformat() if one.last else None,
        "recoverable_days": one.recoverable,
        "rules": list(one.rules),
        "reasons": list(one.reasons),
        "examples": list(one.examples),
    }


def _unseen(one: Unseen) -> Row:
    return {"where": one.where, "what": one.what, "permissions": list(one.permissions)}
