"""The objects of a bucket from the inventory reports that Storage Insights writes of it, instead of from a list.

One request for every file of a report, in place of one for every thousand objects. A configuration of reports belongs
to a project and a location, which are those of the bucket and of the one that the reports are written to ("Create and
manage inventory reports", Cloud Storage documentation): so one list of each place tells of all its buckets. What a
report does not tell is a Gap. Where none can be read, or the rules of the bucket go by what none tells, that is a Gap
of the inventory, and the bucket is listed.
"""

from __future__ import annotations

import base64
import binascii
import io
import tempfile
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import IO, Any, NamedTuple

from cloudscan.model import Gap, Store, Why
from cloudscan.provider import Collected, Facet, ObjectFile
from cloudscan.providing.parts import part
from cloudscan.providing.questions import Absent, named
from cloudscan.tables.inventory_files import Unreadable, stray
from cloudscan_gcp import inventory
from cloudscan_gcp.accounts import Bucket, ProjectScope
from cloudscan_gcp.buckets_read import whole
from cloudscan_gcp.clients import raw_pages
from cloudscan_gcp.inventory import Report
from cloudscan_gcp.session import Asker

_LIST, _READ = "storage.objects.list", "storage.objects.get"
_CONFIGURATIONS = "storageinsights.projects.locations.reportConfigs.list"
_TRIES = 3
"""Reports that are looked at, newest first: one may be of another form than is read here."""
_LATE = timedelta(days=2)
"""All of a report "is captured at the snapshot"; that what was written shortly before is in it, nobody promises. Two
days are our own allowance."""
_MANIFEST = 1 << 26
"""Bytes of the largest manifest that is read: one names a file for each million objects."""


class Place(NamedTuple):
    """Where the reports of one configuration lie: names in ``bucket`` that begin with ``prefix``."""

    bucket: str
    prefix: str


def places(configurations: list[dict[str, Any]], bucket: str) -> list[Place]:
    """Return where reports of a bucket lie, by the configurations of its place.

    Names are ``DESTINATION_PATH/REPORT_CONFIG_ID_SNAPSHOT_TIME_`` and more ("ReportDetail", Storage Insights API).
    """
    found = []
    for told in configurations:
        options = part(told, "objectMetadataReportOptions")
        into = part(options, "storageDestinationOptions")
        name = str(told.get("name") or "").rpartition("/")[2]
        if part(options, "storageFilters").get("bucket") != bucket or not name or not into.get("bucket"):
            continue
        path = str(into.get("destinationPath") or "").strip("/")
        found.append(Place(str(into["bucket"]), f"{path}/{name}_" if path else f"{name}_"))
    return sorted(set(found))


@dataclass(frozen=True, slots=True)
class Reports:
    """The newest inventory report of one bucket. ``store`` is its record; ``versions`` asks for old versions."""

    bucket: Bucket
    project: ProjectScope
    asker: Asker
    store: Store
    versions: bool = False

    def collect(self) -> Generator[Collected, None, bool]:
        """Yield the objects, file by file, and what is not in the report; return whether there was one to read."""
        if needed := self._untold():
            yield self._gap(
                Facet.INVENTORY, Why.UNSUPPORTED, f"{needed}, which no report tells: its objects were listed"
            )
            return False
        found = self._newest()
        if isinstance(found, Gap):
            yield found
            return False
        place, report = found
        rows = yield from self._files(place, report)
        self.asker.count(Facet.OBJECTS, answered=True, limited=True)
        yield from self._left_out(report, rows)
        return True

    def _untold(self) -> str:
        """Say by what the fate of the bucket's objects goes that no report tells; "" for nothing."""
        if any(rule.custom_days is not None or rule.custom_before for rule in self.store.lifecycle or ()):
            return "lifecycle rules go by the custom time of objects"
        if self.bucket.told.get("defaultEventBasedHold") is True:
            return "objects are held until an event"
        return ""

    def _newest(self) -> tuple[tuple[str, str], Report] | Gap:
        """Return where the newest report that can be read lies, bucket and folder, and what its manifest says."""
        found = self._places()
        if isinstance(found, Gap):
            return found
        manifests: list[tuple[str, str]] = []
        for place in found:
            names = self._names(place.bucket, place.prefix)
            if isinstance(names, Gap):
                return names
            manifests += [(name, place.bucket) for name in inventory.manifests(names)]
        owners = dict(manifests)
        refused = None
        for name in inventory.manifests(owners)[:_TRIES]:
            told = self._manifest(owners[name], name)
            if not isinstance(told, Gap):
                return (owners[name], name.rpartition("/")[0]), told
            refused = refused or told
        return refused or self._gap(Facet.INVENTORY, Why.VANISHED, "no report is there yet")

    def _places(self) -> list[Place] | Gap:
        """Ask for the configurations of the bucket's place, once for all its buckets."""
        location = self.bucket.region
        path = named("v1/projects/{}/locations/{}/reportConfigs", self.project.id, location)
        (told, gap), _ = self.asker.clients.shared.answer(
            path,
            lambda: self.asker.pages(
                _CONFIGURATIONS,
                path,
                "reportConfigs",
                facet=Facet.INVENTORY,
                resource=self.bucket.id,
                permission="storageinsights.reportConfigs.list",
                query={"pageSize": 500},
                absent=("404",),
            ),
        )
        if isinstance(gap, Gap):
            return replace(gap, resource=self.bucket.id)
        if found := places(told, self.bucket.name):
            return found
        none = "the bucket has no inventory reports: its objects were listed"
        return self.asker.gap(Facet.INVENTORY, self.bucket.id, Why.DISABLED, _CONFIGURATIONS, none)

    def _names(self, bucket: str, prefix: str) -> dict[str, dict[str, Any]] | Gap:
        """List the objects whose names begin so, as JSON has them."""
        clients = self.asker.clients
        pages = clients.storage.list_blobs(
            clients.storage.bucket(bucket),
            prefix=prefix,
            fields="nextPageToken,items(name,size,md5Hash)",
            page_size=1000,
            **clients.patience,
        )
        asked: dict[str, Any] = {"resource": self.bucket.id, "operation": _LIST, "permission": _LIST}
        items, gap = self.asker.gather(
            (page for _, page in raw_pages(pages, "items")), "items", facet=Facet.INVENTORY, **asked
        )
        return gap if isinstance(gap, Gap) else {str(item.get("name") or ""): item for item in items}

    def _manifest(self, bucket: str, name: str) -> Report | Gap:
        body = io.BytesIO()
        reply = self._get(bucket, name, body, Facet.INVENTORY, most=_MANIFEST)
        if isinstance(reply, Gap):
            return reply
        try:
            return inventory.read_manifest(body.getvalue(), self.bucket.name)
        except Unreadable as error:
            return self._gap(Facet.INVENTORY, Why.UNSUPPORTED, str(error))

    def _files(self, place: tuple[str, str], report: Report) -> Generator[Collected, None, int | None]:
        """Yield the rows of each file; return how many there were, None where a file is missing."""
        bucket, folder = place
        beside = f"{folder}/" if folder else ""
        stem = f"{beside}{report.files[0].rpartition('_')[0]}_" if report.files else beside
        told = self._names(bucket, stem)
        known: Mapping[str, Mapping[str, Any]] = {} if isinstance(told, Gap) else told
        count: int | None = 0
        with tempfile.TemporaryDirectory(prefix="cloudscan-") as kept:
            for number, name in enumerate(report.files):
                fetched = Path(kept) / f"{number}.fetched"
                read = yield from self._file(
                    bucket, f"{beside}{name}", report, fetched, known.get(f"{beside}{name}", {})
                )
                count = None if read is None or count is None else count + read
                fetched.unlink(missing_ok=True)
        return count

    def _file(
        self, bucket: str, name: str, report: Report, fetched: Path, told: Mapping[str, Any]
    ) -> Generator[Collected, None, int | None]:
        """Yield the rows of one file; return how many there were, None where it was not read."""
        with fetched.open("wb") as body:
            reply = self._get(bucket, name, body, Facet.OBJECTS)
        if isinstance(reply, Gap):
            yield reply
            return None
        written = fetched.with_suffix(".parquet")
        try:
            with fetched.open("rb") as body:
                rows = inventory.write(
                    report,
                    body,
                    written,
                    self.bucket.id,
                    versions=self.versions,
                    size=whole(told.get("size")),
                    md5=_hexadecimal(told.get("md5Hash")),
                )
        except Unreadable as error:
            self.asker.count(Facet.OBJECTS, answered=False)
            yield self._gap(Facet.OBJECTS, Why.MALFORMED, str(error))
            return None
        yield ObjectFile(written, rows.kept)
        if wrong := stray(rows):
            yield self._gap(Facet.OBJECTS, Why.MALFORMED, wrong)
        return rows.kept + rows.stray

    def _left_out(self, report: Report, rows: int | None) -> Iterator[Gap]:
        """Yield what the report does not tell."""
        later, *rest = inventory.left_out(report, versions=self.versions)
        yield replace(self._gap(Facet.OBJECTS, Why.LIMIT, later), since=report.taken - _LATE)
        for words in rest:
            yield self._gap(Facet.OBJECTS, Why.LIMIT, words)
        yield self._gap(Facet.HEADS, Why.LIMIT, inventory.untold(report))
        if self.store.acl != () and self.project.wants(Facet.ACL):
            yield self._gap(Facet.ACL, Why.LIMIT, "no inventory report tells the access control lists of objects")
        if self.versions and rows is not None and (wrong := inventory.short(report, rows)):
            yield self._gap(Facet.OBJECTS, Why.MALFORMED, wrong)

    def _get(
        self, bucket: str, name: str, body: IO[bytes], facet: Facet, *, most: int | None = None
    ) -> dict[str, Any] | Absent | Gap:
        """Read an object, or the first ``most`` bytes of it."""
        clients = self.asker.clients
        part_of_it = {} if most is None else {"start": 0, "end": most - 1}

        def ask() -> dict[str, Any]:
            blob = clients.storage.bucket(bucket).blob(name)
            blob.download_to_file(body, raw_download=True, checksum=None, **part_of_it, **clients.patience)
            return {}

        return self.asker.run(ask, facet=facet, resource=self.bucket.id, operation=_READ, permission=_READ)

    def _gap(self, facet: Facet, why: Why, detail: str) -> Gap:
        return self.asker.gap(facet, self.bucket.id, why, _READ, detail)


def _hexadecimal(value: object) -> str | None:
    """Read an MD5 as Cloud Storage writes it, in Base64; None for anything else."""
    try:
        return base64.b64decode(value, validate=True).hex() if isinstance(value, str) else None
    except binascii.Error:
        return None
