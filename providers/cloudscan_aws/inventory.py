"""The objects of a bucket from the S3 Inventory that it writes, instead of from a list of them.

One request for every file of the inventory, in place of one for every thousand objects. What an inventory does not
tell is a Gap: what changed since it was begun, old versions, keys that its filter leaves out, columns. Where none can
be read, that is a Gap of the inventory, and the bucket is listed.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any

from cloudscan.model import Gap, Why
from cloudscan.provider import Collected, Facet, ObjectFile
from cloudscan.providing.questions import Absent
from cloudscan.tables.inventory_files import Unreadable, keep, orc_to_parquet, rows_of, stray
from cloudscan_aws import inventory_read
from cloudscan_aws.accounts import Bucket
from cloudscan_aws.inventory_read import Configuration, DataFile, Delivery
from cloudscan_aws.session import Asker

_TRIES = 3
"""Deliveries that are looked at, newest first: the newest may still be on its way."""
_LATE = timedelta(days=2)
"""What was written so long before an inventory was begun is taken to be in it. S3 promises only that its inventories
come to hold what was written ("Cataloging and analyzing your data with S3 Inventory", User Guide), the next one a day
later where they are daily; two days are our own allowance."""
_MANIFEST = 1 << 26
"""Bytes of the largest manifest that is read: one names a file for some hundred thousand objects."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """The newest inventory of one bucket. ``versions`` asks for old versions; ``owner`` is who owns every object.

    ``versioned``: may the bucket hold old versions, by what it says of itself. ``cleared`` is after how many days a
    rule clears every upload that was not finished, None where none does.
    """

    bucket: Bucket
    asker: Asker
    configured: Mapping[str, Any]
    versions: bool = False
    owner: str | None = None
    versioned: bool = True
    cleared: int | None = None

    def collect(self) -> Generator[Collected, None, bool]:
        """Yield the objects, file by file, and what is not in the inventory; return whether there was one to read."""
        wanted = inventory_read.configurations(self.configured, self.bucket.name)
        if not wanted:
            yield self._without()
            return False
        chosen = wanted[0]
        found = self._newest(chosen)
        if isinstance(found, Gap):
            yield found
            return False
        yield from self._files(chosen, found)
        self.asker.count(Facet.OBJECTS, answered=True, limited=True)
        yield from self._left_out(chosen, found)
        return True

    def _newest(self, chosen: Configuration) -> Delivery | Gap:
        """Read the newest manifest that is whole."""
        folders, gap = self.asker.pages(
            "s3",
            "list_objects_v2",
            "CommonPrefixes",
            facet=Facet.INVENTORY,
            resource=self.bucket.id,
            permission="s3:ListBucket",
            Bucket=chosen.kept_in,
            Prefix=chosen.folder,
            Delimiter="/",
        )
        if isinstance(gap, Gap):
            return gap
        for folder in inventory_read.deliveries({"CommonPrefixes": folders})[:_TRIES]:
            told = self._whole(chosen, folder)
            if isinstance(told, Gap):
                return told
            if told is not None:
                try:
                    return inventory_read.read_manifest(told, self.bucket.name)
                except Unreadable as error:
                    return self._gap(Facet.INVENTORY, Why.UNSUPPORTED, str(error))
        return self._gap(Facet.INVENTORY, Why.VANISHED, "no delivery of the inventory is there yet")

    def _whole(self, chosen: Configuration, folder: str) -> bytes | Gap | None:
        """Return the bytes of a manifest; None where its checksum, which is written last, is not there yet."""
        texts = []
        for name in ("manifest.checksum", "manifest.json"):
            reply = self._get(chosen, f"{folder}{name}", lambda body: {"text": body.read(_MANIFEST)})
            if isinstance(reply, Absent):
                return None
            if isinstance(reply, Gap):
                return reply
            texts.append(reply["text"])
        checksum, manifest = texts
        if hashlib.md5(manifest, usedforsecurity=False).hexdigest() != checksum.decode("ascii", "replace").strip():
            return self._gap(Facet.INVENTORY, Why.MALFORMED, "the manifest is not what its checksum says")
        return bytes(manifest)

    def _files(self, chosen: Configuration, found: Delivery) -> Iterator[Collected]:
        with tempfile.TemporaryDirectory(prefix="cloudscan-") as folder:
            for number, file in enumerate(found.files):
                fetched = Path(folder) / f"{number}.fetched"
                reply = self._get(chosen, file.key, partial(_fetch, target=fetched, file=file), Facet.OBJECTS)
                if isinstance(reply, Gap):
                    yield reply
                elif isinstance(reply, Absent):
                    yield self._unread("a file of the inventory is not there")
                elif reply["wrong"]:
                    yield self._unread(reply["wrong"])
                else:
                    yield from self._rows(found, fetched)
                fetched.unlink(missing_ok=True)

    def _rows(self, found: Delivery, fetched: Path) -> Iterator[Collected]:
        written, staged = fetched.with_suffix(".parquet"), fetched.with_suffix(".staged")
        try:
            if found.format == "ORC":
                orc_to_parquet(fetched, staged, found.columns)
            source = staged if found.format == "ORC" else fetched
            select = inventory_read.select(
                found, [source], self.bucket, versions=self.versions, versioned=self.versioned, owner=self.owner
            )
            rows = rows_of(select, written, slow=found.format == "CSV")
            yield ObjectFile(written, rows.kept)
            if wrong := stray(rows):
                yield self._gap(Facet.OBJECTS, Why.MALFORMED, wrong)
        except Unreadable as error:
            yield self._unread(str(error))
        finally:
            staged.unlink(missing_ok=True)

    def _unread(self, why: str) -> Gap:
        """Return the Gap of a file whose objects are not seen."""
        self.asker.count(Facet.OBJECTS, answered=False)
        return self._gap(Facet.OBJECTS, Why.MALFORMED, why)

    def _left_out(self, chosen: Configuration, found: Delivery) -> Iterator[Gap]:
        """Yield what the inventory does not tell."""
        taken = f"{found.taken:%Y-%m-%dT%H:%M:%SZ}"
        later = f"read from the inventory of {taken}: what changed since is not in it"
        if self.cleared is None:
            begun = ", nor are uploads that were begun before, which no rule clears"
            yield self._gap(Facet.OBJECTS, Why.LIMIT, later + begun)
        else:  # an upload that was finished since has the date of its beginning
            since = found.taken - _LATE - timedelta(days=self.cleared + 1)
            yield replace(self._gap(Facet.OBJECTS, Why.LIMIT, later), since=since)
        if chosen.prefix:
            yield self._gap(Facet.OBJECTS, Why.LIMIT, f"the inventory of {taken} holds one prefix of the keys alone")
        if self.versions and self.versioned and "version_id" not in found.columns:
            yield self._gap(Facet.OBJECTS, Why.LIMIT, f"the inventory of {taken} holds no old versions")
        if lacking := [name for name in inventory_read.WANTED if name not in found.columns]:
            yield self._gap(Facet.OBJECTS, Why.LIMIT, f"the inventory of {taken} does not tell {', '.join(lacking)}")

    def _without(self) -> Gap:
        """Return that there is no inventory, which is no question without an answer, and yet not what was wanted."""
        told = "the bucket writes no inventory: its objects were listed"
        asked = "s3:list_bucket_inventory_configurations"
        return replace(self.asker.gap(Facet.INVENTORY, self.bucket.id, Why.DISABLED, asked, told), permission=None)

    def _get(
        self, chosen: Configuration, key: str, read: Any, facet: Facet = Facet.INVENTORY
    ) -> dict[str, Any] | Absent | Gap:
        client = self.asker.clients.client("s3", self.asker.region)

        def ask() -> dict[str, Any]:
            with client.get_object(Bucket=chosen.kept_in, Key=key)["Body"] as body:
                told: dict[str, Any] = read(body)
                return told

        return self.asker.run(
            ask,
            facet=facet,
            resource=self.bucket.id,
            operation="s3:get_object",
            absent=("NoSuchKey",),
            permission="s3:GetObject",
        )

    def _gap(self, facet: Facet, why: Why, detail: str) -> Gap:
        return self.asker.gap(facet, self.bucket.id, why, "s3:get_object", detail, "s3:GetObject")


def _fetch(body: IO[bytes], target: Path, file: DataFile) -> dict[str, Any]:
    """Keep a file of the inventory; say what is wrong with it, "" where it is what its manifest says."""
    try:
        keep(body, target, size=file.size, md5=file.checksum)
    except Unreadable as error:
        return {"wrong": str(error)}
    return {"wrong": ""}
