"""The answer of ``cloudscan retention`` as JSON, version 1. The schema is ``cloudscan/schemas/retention-1.json``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from cloudscan import __version__
from cloudscan.coverage.unseen import Unseen
from cloudscan.model import Account
from cloudscan.older import Kept, Older
from cloudscan.report import ReportOptions
from cloudscan.reports.json_v1 import Row, write_object
from cloudscan.retention.uploads import OldUploads

SCHEMA = "cloudscan/retention/1"


def render(answer: Older, out: TextIO, _: ReportOptions) -> None:
    """Write one JSON object, lists with one record a line."""
    write_object(_fields(answer), out)


def _fields(answer: Older) -> Iterator[tuple[str, object]]:
    manifest = answer.estate.manifest
    yield "schema", SCHEMA
    yield "older_than_days", answer.days
    yield "now", answer.now
    yield "tool", {"name": "cloudscan", "version": __version__}
    yield "collected", manifest.finished if manifest else None
    yield "snapshot_sha256", manifest.digest if manifest else None
    yield "media", list(answer.media)
    yield "exists", answer.exists.value
    yield "stores", len(answer.seen)
    yield "objects", answer.listed(*answer.media)
    yield "objects_of_any_class", answer.listed()
    yield "objects_by_name_alone", answer.by_name()
    yield "accounts", map(_account, sorted(answer.estate.accounts.values(), key=lambda one: (one.provider, one.id)))
    yield "looked_at", (_store(answer, name) for name in sorted(answer.seen))
    yield "notes", [answer.far] if answer.far else []
    yield "older", map(_kept, answer.found)
    yield "older_uploads", map(_uploads, answer.uploads)
    yield "not_seen", map(_unseen, answer.unseen)


def _account(one: Account) -> Row:
    return {"id": one.id, "provider": one.provider, "name": one.name}


def _store(answer: Older, name: str) -> Row:
    store, seen = answer.estate.stores.get(name), answer.seen[name]
    return {
        "store": name,
        "provider": store.provider if store else "",
        "account": store.account if store else "",
        "region": store.region if store else "",
        "listed": {media: count for media, (count, _) in sorted(seen.items())},
        "old_versions_listed": sum(old for _, old in seen.values()),
        "by_name_alone": answer.named.get(name, 0),
        "complete_until": answer.inventories.get(name),
        "unfinished_uploads_listed": len(answer.estate.uploads.get(name, ())),
    }


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


def _uploads(one: OldUploads) -> Row:
    return {
        "store": one.store,
        "media": one.media,
        "uploads": one.uploads,
        "oldest": one.oldest,
        "newest": one.newest,
        "ends": one.ends.value,
        "first_goes": one.first.isoformat() if one.first else None,
        "last_goes": one.last.isoformat() if one.last else None,
        "rules": list(one.rules),
        "reasons": list(one.reasons),
        "examples": list(one.examples),
    }


def _unseen(one: Unseen) -> Row:
    return {"where": one.where, "what": one.what, "permissions": list(one.permissions)}
