"""The objects of a bucket as its listing gives them, classed by their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cloudscan.audio import recognise
from cloudscan.audio.duration import from_format
from cloudscan.model import DurationMethod, Evidence, Gap, MediaClass, MediaObject, Why
from cloudscan.provider import Collected, Facet, ObjectRows
from cloudscan_aws.accounts import Bucket
from cloudscan_aws.session import Asker

# Of these the whole path counts, not the extension alone: a text may be called a transcript, a transcript redacted.
_BY_PATH = {"json", "text"}
_REMEMBERED = 4096
"""Extensions that are kept in mind: keys may end in numbers, each of which looks like a new one."""


class Classes:
    """The class of objects by name and size, as :func:`recognise` gives it, remembered by extension.

    A listing has millions of names and a few dozen extensions.
    """

    def __init__(self) -> None:
        self._by_extension: dict[str, tuple[str, str | None, str]] = {}

    def of(self, key: str, size: int) -> tuple[str, str | None, str, float | None, str, bool | None]:
        """Return class, format, evidence, seconds, their method, and whether a transcript is redacted."""
        stem, dot, extension = key.rpartition("/")[2].rpartition(".")
        kind = extension if stem and dot else ""
        known = self._by_extension.get(kind)
        if known is None or size == 0:
            seen = recognise(key, content_type=None, size=size, head=None)
            alike = seen.media != MediaClass.TRANSCRIPT and seen.format not in _BY_PATH
            if size and alike and len(self._by_extension) < _REMEMBERED:
                self._by_extension[kind] = (seen.media, seen.format, seen.by)
            return seen.media, seen.format, seen.by, seen.seconds, seen.seconds_by, seen.redacted
        media, held_format, by = known
        if media != MediaClass.SPEECH:
            return media, held_format, by, None, DurationMethod.UNKNOWN, None
        length = from_format(held_format, size)
        return media, held_format, by, length.seconds, length.method, None


@dataclass(frozen=True, slots=True)
class Listing:
    """How the objects of one bucket are listed.

    ``versioned`` asks for old versions too; ``enforced`` says that the bucket's owner owns every object, so
    that owners need not be asked for.
    """

    bucket: Bucket
    asker: Asker
    limit: int | None
    versioned: bool
    enforced: bool

    def collect(self) -> Iterator[Collected]:
        """Yield the objects page by page, and a Gap where the list ends before the bucket does.

        Where old versions are refused, the current ones are listed alone.
        """
        if self.versioned:
            for item in self._pages("list_object_versions", "s3:ListBucketVersions"):
                yield item
                refused = isinstance(item, Gap) and item.why is Why.DENIED
            if not refused:
                return
        parameters = {} if self.enforced else {"FetchOwner": True}
        yield from self._pages("list_objects_v2", "s3:ListBucket", **parameters)

    def _pages(self, method: str, permission: str, **parameters: Any) -> Iterator[Collected]:
        client = self.asker.clients.client("s3", self.asker.region)
        pages = client.get_paginator(method).paginate(Bucket=self.bucket.name, **parameters)
        classes, left = Classes(), self.limit
        for page in self.asker.stream(
            pages,
            facet=Facet.OBJECTS,
            resource=self.bucket.id,
            operation=f"s3:{method}",
            permission=permission,
        ):
            if isinstance(page, Gap):
                yield page
                return
            rows = [self._row(entry, classes) for entry in _entries(page)]
            if left is not None and len(rows) >= left and (len(rows) > left or page.get("IsTruncated")):
                yield ObjectRows(rows[:left])
                yield self._cut(method)
                return
            left = None if left is None else left - len(rows)
            if rows:
                yield ObjectRows(rows)
        self.asker.count(Facet.OBJECTS, answered=True)

    def _cut(self, method: str) -> Gap:
        """Say that the user's own limit ended the list."""
        self.asker.count(Facet.OBJECTS, answered=True, limited=True)
        return self.asker.gap(Facet.OBJECTS, self.bucket.id, Why.LIMIT, f"s3:{method}", f"{self.limit} objects")

    def _row(self, entry: Mapping[str, Any], classes: Classes) -> MediaObject:
        key, size, marker = entry["Key"], entry.get("Size") or 0, "Size" not in entry
        media, held_format, by, seconds, method, redacted = classes.of(key, size)
        if marker:
            media, held_format, by = MediaClass.OTHER, None, Evidence.NONE
        return MediaObject(
            store=self.bucket.id,
            key=key,
            version=entry.get("VersionId"),
            current=entry.get("IsLatest", True),
            delete_marker=marker,
            size=size,
            modified=entry.get("LastModified"),
            tier=entry.get("StorageClass") or "",
            etag=(entry.get("ETag") or "").strip('"') or None,
            owner=self.bucket.owner if self.enforced else (entry.get("Owner") or {}).get("ID"),
            media=media,
            format=held_format,
            settled_by=by,
            seconds=seconds,
            seconds_by=method,
            redacted=redacted,
        )


def _entries(page: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*(page.get("Contents") or ()), *(page.get("Versions") or ()), *(page.get("DeleteMarkers") or ())]
