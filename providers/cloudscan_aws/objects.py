"""The objects of a bucket as its listing gives them, classed by their names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cloudscan.audio import COMPRESSED, HEADERLESS, recognise, told_by_neighbours
from cloudscan.audio.duration import from_format
from cloudscan.model import DurationMethod, Evidence, Gap, MediaClass, MediaObject, Why
from cloudscan.provider import Collected, Facet, ObjectRows
from cloudscan_aws.accounts import Bucket
from cloudscan_aws.listing import fetch_objects
from cloudscan_aws.listing_read import Row
from cloudscan_aws.session import Asker

Seen = tuple[str, str | None, str, float | None, str, bool | None]
"""Class, format, evidence, seconds, their method, and whether a transcript is redacted: as in MediaObject."""
_NOTHING: Seen = (MediaClass.OTHER, None, Evidence.NONE, None, DurationMethod.UNKNOWN, None)
# Of these more than the extension counts: a text may be called a transcript, and of sound without a header the size
# has to fit.
_NOT_ALIKE = {"json", "text", *HEADERLESS}
_REMEMBERED = 4096
"""Extensions that are kept in mind: keys may end in numbers, each of which looks like a new one."""


class Classes:
    """The class of objects by name and size, as :func:`recognise` gives it, remembered by extension.

    A listing has millions of names and a few dozen extensions.
    """

    def __init__(self) -> None:
        self._by_extension: dict[str, tuple[str, str | None, str]] = {}

    def of(self, key: str, size: int) -> Seen:
        """Return what name and size tell."""
        stem, dot, extension = key.rpartition("/")[2].rpartition(".")
        kind = extension if stem and dot else ""
        if kind.lower() in COMPRESSED:  # told by the name before
            kind = f"{stem.rpartition('.')[2]}.{kind}" if "." in stem else f".{kind}"
        known = self._by_extension.get(kind)
        if known is None or size == 0:
            seen = _seen(key, size)
            alike = seen[0] != MediaClass.TRANSCRIPT and seen[1] not in _NOT_ALIKE
            if size and alike and len(self._by_extension) < _REMEMBERED:
                self._by_extension[kind] = seen[:3]
            return seen
        media, held_format, by = known
        if media != MediaClass.SPEECH:
            return media, held_format, by, None, DurationMethod.UNKNOWN, None
        length = from_format(held_format, size)
        return media, held_format, by, length.seconds, length.method, None


def _seen(key: str, size: int, neighbours: Sequence[str] = ()) -> Seen:
    seen = recognise(key, content_type=None, size=size, head=None, neighbours=neighbours)
    return seen.media, seen.format, seen.by, seen.seconds, seen.seconds_by, seen.redacted


class _Neighbours:
    """The recordings of one page of a listing, by folder: what lies on another page is not looked for."""

    def __init__(self, rows: Sequence[Row], classes: Classes) -> None:
        self._rows, self._classes = rows, classes
        self._by_folder: dict[str, str | None] = {}

    def recording(self, key: str) -> str | None:
        """Return the name of a recording beside an object, None where there is none."""
        folder = key.rpartition("/")[0]
        if folder not in self._by_folder:
            beside = (row for row in self._rows if row.key.rpartition("/")[0] == folder and not row.delete_marker)
            found = (row.key for row in beside if self._classes.of(row.key, row.size)[0] == MediaClass.SPEECH)
            self._by_folder[folder] = next(found, None)
        return self._by_folder[folder]


@dataclass(frozen=True, slots=True)
class Listing:
    """How the objects of one bucket are listed.

    ``limit`` is the most rows wanted. ``versions`` asks for old versions too. ``owners`` asks who owns each
    object, unless one ``owner`` is known to own them all.
    """

    bucket: Bucket
    asker: Asker
    limit: int | None = None
    versions: bool = False
    owner: str | None = None
    owners: bool = False

    def collect(self) -> Iterator[Collected]:
        """Yield the objects page by page, and a Gap where the list ends before the bucket does.

        Where old versions are refused, the current ones are listed alone.
        """
        if self.versions:
            refused = False
            for item in self._pages("list_object_versions", "s3:ListBucketVersions"):
                yield item
                refused = isinstance(item, Gap) and item.why is Why.DENIED
            if not refused:
                return
        yield from self._pages("list_objects_v2", "s3:ListBucket")

    def _pages(self, method: str, permission: str) -> Iterator[Collected]:
        clients = self.asker.clients
        pages = fetch_objects(
            clients.client("s3", self.asker.region),
            self.bucket.name,
            versions=method == "list_object_versions",
            fetch_owner=self.owners,
            limit=self.limit,
            executor=clients.limits.listers,
        )
        operation, cut, classes = f"s3:{method}", False, Classes()
        asked: dict[str, Any] = {"facet": Facet.OBJECTS, "resource": self.bucket.id, "operation": operation}
        for page in self.asker.stream(pages, permission=permission, **asked):
            if isinstance(page, Gap):
                yield page
                return
            cut = bool(page.rest)
            if page.rows:
                near = _Neighbours(page.rows, classes)
                yield ObjectRows([self._object(row, classes, near) for row in page.rows])
        self.asker.count(Facet.OBJECTS, answered=True, limited=cut)
        if cut:
            yield self.asker.gap(**asked, why=Why.LIMIT, detail=f"only {self.limit} objects were asked for")

    def _object(self, row: Row, classes: Classes, near: _Neighbours) -> MediaObject:
        owner = self.owner or row.owner
        seen = _NOTHING if row.delete_marker else classes.of(row.key, row.size)
        if seen[0] == MediaClass.UNSETTLED and told_by_neighbours(row.key) and (beside := near.recording(row.key)):
            seen = _seen(row.key, row.size, (beside,))
        return MediaObject(self.bucket.id, *row[:-1], owner, None, *seen)
