"""The objects of a bucket as its listing gives them: page by page, classed by name and type.

One list tells of each object what other clouds tell of its head alone: type, key, holds, retention. It asks for those
fields and no others. Pages come through Google's own client, and are read as JSON has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from cloudscan.audio.listings import Classes, Neighbours
from cloudscan.model import NEVER_DATED, NEVER_RETAINED, Answer, Gap, MediaObject, Store, Why
from cloudscan.provider import Collected, Facet, ObjectRows
from cloudscan.providing.parts import utc
from cloudscan.wording import count
from cloudscan_gcp import buckets_read
from cloudscan_gcp.accounts import Bucket, ProjectScope
from cloudscan_gcp.clients import raw_pages
from cloudscan_gcp.session import Asker

PAGE = 1000
"""Objects that one list request answers ("Objects: list", Cloud Storage JSON API)."""
_FIELDS = (
    "name,generation,metageneration,size,timeCreated,timeDeleted,storageClass,contentType,kmsKeyName,"
    "customerEncryption(encryptionAlgorithm),temporaryHold,eventBasedHold,retention(retainUntilTime),"
    "retentionExpirationTime,customTime,softDeleteTime,hardDeleteTime"
)
_LISTS = "owner(entity),acl(entity,role)"


class _Row(NamedTuple):
    key: str
    size: int
    told: Mapping[str, Any]
    delete_marker: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """How the objects of one bucket are listed. ``store`` is its record, ``payer`` who pays where readers do."""

    bucket: Bucket
    project: ProjectScope
    asker: Asker
    store: Store
    payer: str | None = None

    def collect(self, *, deleted_alone: bool = False) -> Iterator[Collected]:
        """Yield the objects page by page, and a Gap where the list ends before the bucket does.

        Old versions come with them where they are wanted, each as a row of its own. What was deleted and can be got
        back is a list of its own, since Google tells no two of them in one; ``deleted_alone`` lists no others.
        """
        if self.project.scope.lists_objects and not deleted_alone:
            yield from self._pages(Facet.OBJECTS)
        if self.project.wants(Facet.DELETED):  # soft delete that is off still holds what was deleted before
            yield from self._pages(Facet.DELETED)
            if buckets_read.keeps_on(self.bucket.told):
                words = "hard deletions are paused: what was deleted stays beyond the day that is told"
                yield self.asker.gap(Facet.DELETED, self.bucket.id, Why.UNSUPPORTED, "storage.objects.list", words)

    def _pages(self, facet: Facet) -> Iterator[Collected]:
        limit = self.project.scope.max_objects
        deleted = facet == Facet.DELETED
        lists = not deleted and self.project.wants(Facet.ACL)  # nobody reads what was deleted
        lists &= self.store.controls.get(buckets_read.UNIFORM) is not Answer.YES
        asked: dict[str, Any] = {
            "facet": facet,
            "resource": self.bucket.id,
            "operation": "storage.objects.list",
        }
        classes, cut, without, nameless = Classes(), False, 0, 0
        pages = self._asked(limit, deleted=deleted, lists=lists)
        for page in self.asker.stream(pages, permission="storage.objects.list", **asked):
            if isinstance(page, Gap):
                yield page
                return
            every, cut = page
            rows = [row for row in every if row.key]
            nameless += len(every) - len(rows)
            if rows:
                near = Neighbours(rows, classes)
                yield ObjectRows([self._object(row, near) for row in rows])
            without += sum("acl" not in row.told for row in rows) if lists else 0
        self.asker.count(facet, answered=not nameless, limited=cut)
        if nameless:
            yield self.asker.gap(**asked, why=Why.MALFORMED, detail=f"{nameless} objects came without a name")
        if cut:
            yield self.asker.gap(
                **asked, why=Why.LIMIT, detail=f"no more were asked for than {count(limit or 0, 'object')}"
            )
        if without:
            detail = f"{without} objects came without their access control lists"
            refused = asked | {"facet": Facet.ACL}
            yield self.asker.gap(**refused, why=Why.DENIED, detail=detail, permission="storage.objects.getIamPolicy")

    def _asked(self, limit: int | None, *, deleted: bool, lists: bool) -> Iterator[tuple[Sequence[_Row], bool]]:
        """Yield pages of rows, and with each whether the limit cut the list there."""
        clients = self.project.clients
        pages = clients.storage.list_blobs(
            clients.storage.bucket(self.bucket.name, user_project=self.payer),
            versions=(self.project.scope.versions and not deleted) or None,
            soft_deleted=deleted or None,
            projection="full" if lists else "noAcl",
            fields=f"nextPageToken,items({_FIELDS}{f',{_LISTS}' if lists else ''})",
            page_size=PAGE if limit is None else min(limit, PAGE),
            **clients.patience,
        )
        left = limit
        for items, page in raw_pages(pages, "items"):
            rows = [_row(each) for each in items]
            if left is not None:
                further = bool(page.get("nextPageToken"))
                if len(rows) >= left:
                    yield rows[:left], len(rows) > left or further
                    return
                left -= len(rows)
            yield rows, False

    def _object(self, row: _Row, near: Neighbours) -> MediaObject:
        told = row.told
        mode, key = encryption(told)
        seen = near.see(row, content_type(told))
        return MediaObject(
            self.bucket.id,
            row.key,
            str(told.get("generation") or "") or None,
            "timeDeleted" not in told and "softDeleteTime" not in told,
            delete_marker=False,
            size=row.size,
            modified=utc(told.get("timeCreated")),
            tier=str(told.get("storageClass") or ""),
            etag=tag(told.get("generation"), told.get("metageneration")),
            owner=self._member(told.get("owner")),
            content_type=content_type(told),
            media=seen[0],
            format=seen[1],
            settled_by=seen[2],
            seconds=seen[3],
            seconds_by=seen[4],
            redacted=seen[5],
            encryption_mode=mode,
            key_id=key,
            acl=buckets_read.acl_text(told.get("acl"), self.project),
            noncurrent_since=utc(told.get("timeDeleted") or told.get("softDeleteTime")),
            held=told.get("temporaryHold") is True or told.get("eventBasedHold") is True,
            retain_until=retained_until(told),
            custom_time=utc(told["customTime"]) if "customTime" in told else NEVER_DATED,
            restorable_until=utc(told.get("hardDeleteTime")),
        )

    def _member(self, owner: object) -> str | None:
        return buckets_read.member(str(owner.get("entity") or ""), self.project) if isinstance(owner, dict) else None


def _row(told: dict[str, Any]) -> _Row:
    return _Row(str(told.get("name") or ""), buckets_read.whole(told.get("size")) or 0, told)


def tag(generation: object, metageneration: object) -> str | None:
    """Return what changes with an object's content or metadata. Google's own tag is not the same in a download."""
    return f"{generation}/{metageneration}" if generation and metageneration else None


def content_type(told: Mapping[str, Any]) -> str | None:
    """Read the type that an object was stored with, None for none."""
    value = told.get("contentType")
    return value if isinstance(value, str) and value else None


def encryption(told: Mapping[str, Any]) -> tuple[str, str | None]:
    """Read mode and key of one object; the key without its version ("Objects", Cloud Storage JSON API)."""
    if told.get("customerEncryption"):
        return "customer-supplied", None
    key = told.get("kmsKeyName")
    return ("customer", str(key).partition("/cryptoKeyVersions/")[0]) if key else ("provider", None)


def retained_until(told: Mapping[str, Any]) -> datetime:
    """Return until when an object is kept: by its bucket's policy or by its own, whichever is later."""
    own = told.get("retention")
    times = [utc(told.get("retentionExpirationTime"))]
    times.append(utc(own.get("retainUntilTime")) if isinstance(own, Mapping) else None)
    return max((moment for moment in times if moment), default=NEVER_RETAINED)
