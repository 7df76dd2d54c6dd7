"""Pages of "List Blobs" (Blob service REST API), from the bytes. Pure.

A list tells of each blob what other clouds tell of its head alone, and in an account with a hierarchical namespace its
owner, group and access control list (``include=permissions``). A snapshot's version is ``snapshot=`` and its time, as
its address has it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import unquote
from xml.etree import ElementTree

from cloudscan.model import NEVER_RETAINED, Encryption, MediaObject
from cloudscan.providing.parts import utc
from cloudscan.providing.questions import Malformed
from cloudscan_azure.storage_read import ACCOUNT_SCOPE, acl_text

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}
_LONGEST = 365
"""Days for which what was deleted can be kept at most ("Soft delete for blobs")."""
_COMMITTED = {"Last-Modified", "Etag", "Snapshot", "VersionId", "Deleted", "DeletionId"}
"""Elements of which a list tells some of whatever was ever committed."""
_PARTS = {"Properties", "Metadata", "Tags", "OrMetadata"}


class Row(NamedTuple):
    """A blob, or a folder. ``told`` are its texts by the names of their elements; ``tags`` is JSON text, None where
    none were told; ``copied`` is how its replications went."""

    key: str
    size: int
    told: Mapping[str, str]
    tags: str | None
    folder: bool
    copied: tuple[str, ...] = ()
    delete_marker: bool = False

    @property
    def deleted(self) -> bool:
        """Whether it was deleted and can be got back."""
        return self.told.get("Deleted") == "true"

    @property
    def begun(self) -> bool:
        """Whether it is blocks of which none was committed: of these a list tells neither when nor which state."""
        return not self.folder and self.told.keys().isdisjoint(_COMMITTED)


class Page(NamedTuple):
    """What one request told; ``marker`` says where to go on, "" for nowhere. ``below`` are the beginnings of names up
    to a delimiter, where one was asked for."""

    rows: list[Row]
    marker: str
    below: tuple[str, ...] = ()


def read_page(body: bytes) -> Page:
    """Read the body of an answer. Raises :class:`Malformed` for what is none."""
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - the parser limits what entities may grow to
    except ElementTree.ParseError as error:
        raise Malformed("no XML") from error
    blobs = root.find("Blobs")
    if root.tag != "EnumerationResults" or blobs is None:
        raise Malformed("no list of blobs")
    below = tuple(each.findtext("Name") or "" for each in blobs.iter("BlobPrefix"))
    return Page([_row(entry) for entry in blobs.iter("Blob")], root.findtext("NextMarker") or "", below)


def _row(entry: ElementTree.Element) -> Row:
    told = {part.tag: part.text or "" for part in entry if part.tag not in _PARTS}
    properties = entry.find("Properties")
    if properties is not None:
        told |= {part.tag: part.text or "" for part in properties}
    name = entry.find("Name")
    key = told.get("Name", "")
    if name is not None and name.get("Encoded") == "true":
        key = unquote(key)
    folder = told.get("ResourceType") == "directory" or entry.findtext("Metadata/hdi_isfolder") == "true"
    copied = tuple(part.text or "" for part in entry.find("OrMetadata") or ())
    return Row(key, _whole(told.get("Content-Length", "")) or 0, told, _tags(entry.find("Tags")), folder, copied)


def _whole(text: str) -> int | None:
    """Read a whole number of 64 bits; None for anything else."""
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= 18 else None


def _tags(told: ElementTree.Element | None) -> str | None:
    if told is None:
        return None
    tags = {tag.findtext("Key") or "": tag.findtext("Value") or "" for tag in told.iter("Tag")}
    return json.dumps(tags, sort_keys=True, ensure_ascii=False)


class Reading(NamedTuple):
    """How the rows of one container are read.

    ``own`` is how its account encrypts, ``scopes`` how its encryption scopes do (None: not read). ``tagged`` says that
    tags were asked for, ``held`` that the container has a hold on all that is in it (None: not known), ``locks`` that
    single blobs may have holds and retention of their own.
    """

    store: str
    own: Encryption | None
    scopes: Mapping[str, Encryption] | None = None
    tagged: bool = False
    held: bool | None = None
    locks: bool = False

    def object(
        self, row: Row, seen: tuple[str, str | None, str, float | None, str, bool | None], now: datetime
    ) -> MediaObject:
        """Make a row of the object table. ``seen`` is its class, ``now`` when the list was answered."""
        told = row.told
        mode, key = self._encryption(told)
        snapshot, version = told.get("Snapshot"), told.get("VersionId")
        newest = told.get("IsCurrentVersion") == "true" if version else not snapshot
        return MediaObject(
            self.store,
            row.key,
            f"snapshot={snapshot}" if snapshot else version or told.get("DeletionId") or None,
            newest and not row.deleted,
            delete_marker=False,
            size=row.size,
            modified=moment(told.get("Last-Modified")),
            tier=told.get("AccessTier", ""),
            etag=told.get("Etag", "").strip('"') or None,
            owner=told.get("Owner") or None,
            content_type=told.get("Content-Type") or None,
            media=seen[0],
            format=seen[1],
            settled_by=seen[2],
            seconds=seen[3],
            seconds_by=seen[4],
            redacted=seen[5],
            encryption_mode=mode,
            key_id=key,
            acl=acl_text(told.get("Owner", ""), told.get("Group", ""), told["Acl"]) if told.get("Acl") else None,
            noncurrent_since=utc(snapshot) if snapshot else None,
            tags=row.tags if row.tags is not None or not self.tagged else "{}",
            held=self._held(told),
            retain_until=self._retained(told),
            last_access=moment(told.get("LastAccessTime")),
            restorable_until=_restorable(told, now) if row.deleted else None,
            awaits_copy="failed" in row.copied if row.copied else None,
            stored_as=told.get("BlobType") or None,
        )

    def _encryption(self, told: Mapping[str, str]) -> tuple[str | None, str | None]:
        """Read mode and key of one blob: the caller's key, that of its scope, or the account's."""
        if told.get("CustomerProvidedKeySha256"):
            return "customer-supplied", None
        if told.get("ServerEncrypted") == "false":
            return "none", None
        scope = told.get("EncryptionScope", "")
        named = scope and scope != ACCOUNT_SCOPE
        found = (self.scopes or {}).get(scope.lower()) if named else self.own
        return (found.mode, found.key) if found else (None, None)

    def _held(self, told: Mapping[str, str]) -> bool | None:
        if self.held or told.get("LegalHold") == "true":
            return True
        return self.held

    def _retained(self, told: Mapping[str, str]) -> datetime | None:
        if not self.locks:
            return NEVER_RETAINED
        until = told.get("ImmutabilityPolicyUntilDate")
        return moment(until) if until else NEVER_RETAINED


def _restorable(told: Mapping[str, str], now: datetime) -> datetime | None:
    """Return until when a deleted blob can be got back: so many whole days after its deletion as were asked for, which
    are those that remain and those that are begun."""
    gone, left = moment(told.get("DeletedTime")), _whole(told.get("RemainingRetentionDays", ""))
    if gone is None or gone > now or left is None or left > _LONGEST:
        return None
    return gone + timedelta(days=left + math.ceil((now - gone) / timedelta(days=1)))


def moment(text: str | None) -> datetime | None:
    """Read a time as HTTP has it (``Wed, 04 Nov 2026 10:00:00 GMT``); None for anything else."""
    if not text or not text.endswith(" GMT"):
        return None
    try:
        day, month, year = int(text[5:7]), _MONTHS[text[8:11]], int(text[12:16])
        return datetime(year, month, day, int(text[17:19]), int(text[20:22]), int(text[23:25]), tzinfo=UTC)
    except (KeyError, ValueError):
        return None


def read_policies(body: bytes) -> list[dict[str, object]]:
    """Read the stored access policies of an answer to "Get Container ACL". Raises :class:`Malformed` for what is none.

    In the words of :func:`cloudscan_azure.policy.sas.read_policies`.
    """
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - as above
    except ElementTree.ParseError as error:
        raise Malformed("no XML") from error
    if root.tag != "SignedIdentifiers":
        raise Malformed("no list of stored access policies")
    names = {"Start": "start", "Expiry": "expiry", "Permission": "permission"}
    return [
        {
            "id": told.findtext("Id") or "",
            "accessPolicy": {
                name: told.findtext(f"AccessPolicy/{tag}")
                for tag, name in names.items()
                if told.findtext(f"AccessPolicy/{tag}")
            },
        }
        for told in root.iter("SignedIdentifier")
    ]
