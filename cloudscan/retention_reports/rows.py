"""What is older, one row an object, version or unfinished upload: the fields that the formats for lists share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cloudscan.model import DurationMethod, MediaClass
from cloudscan.older import Older, One
from cloudscan.reports.json_v1 import plain
from cloudscan.retention.uploads import OldUpload

COLUMNS = (
    "store",
    "key",
    "version",
    "upload",
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
    "provider",
    "account",
    "region",
    "measured_on",
    "older_than_days",
    "snapshot_sha256",
)
"""What an object is and what becomes of it; then whose it is and, the same in every row, what was asked of what."""


def _row(one: One, answer: Older) -> Mapping[str, object]:
    """Return the fields of one object, in the order of :data:`COLUMNS`, of types that JSON knows."""
    held = one.object
    values = (
        held.store,
        held.key,
        held.version,
        None,
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
    return _named(held.store, values, answer)


def rows(answer: Older) -> Iterator[Mapping[str, object]]:
    """Yield the fields of every object, and after them of every upload that was not finished."""
    for one in answer.each():
        yield _row(one, answer)
    for upload in answer.each_upload():
        yield _upload_row(upload, answer)


def _upload_row(one: OldUpload, answer: Older) -> Mapping[str, object]:
    age, length = (answer.now - one.begun).days, DurationMethod.UNKNOWN
    what = (one.upload.store, one.upload.key, None, one.upload.id, False, MediaClass(one.upload.media), None)
    values = (*what, one.begun, age, None, length, one.end.ends, one.end.day, 0, one.end.rules, one.reasons)
    return _named(one.upload.store, values, answer)


def _named(name: str, values: Sequence[object], answer: Older) -> Mapping[str, object]:
    store, manifest = answer.estate.stores[name], answer.estate.manifest
    whose = (store.provider, store.account, store.region)
    asked = (answer.now.date(), answer.days, manifest.digest if manifest else None)
    return {name: plain(value) for name, value in zip(COLUMNS, (*values, *whose, *asked), strict=True)}
