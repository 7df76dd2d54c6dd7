"""The objects of a bucket as its listing gives them, classed by their names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cloudscan.audio.listings import Classes, Neighbours
from cloudscan.model import Gap, MediaObject, Why
from cloudscan.provider import Collected, Facet, ObjectRows
from cloudscan.wording import count
from cloudscan_aws.accounts import Bucket
from cloudscan_aws.listing import fetch_objects
from cloudscan_aws.listing_read import Row
from cloudscan_aws.session import Asker


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
                near = Neighbours(page.rows, classes)
                yield ObjectRows([self._object(row, near) for row in page.rows])
        self.asker.count(Facet.OBJECTS, answered=True, limited=cut)
        if cut:
            yield self.asker.gap(
                **asked, why=Why.LIMIT, detail=f"no more were asked for than {count(self.limit or 0, 'object')}"
            )

    def _object(self, row: Row, near: Neighbours) -> MediaObject:
        return MediaObject(self.bucket.id, *row[:-1], self.owner or row.owner, None, *near.see(row))
