"""The blobs of containers from the blob inventory of their storage account, instead of from lists.

One request for every file of an inventory, in place of one for every 5,000 blobs. A rule writes its files into a
container of the account, below the year, month, day and time of the run ("Azure Storage blob inventory"), and may take
in all containers: so one unit reads it for all of them, and lists those of which it does not hold all. What an
inventory does not tell is a Gap.
"""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as replaced
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from cloudscan.model import Gap, Why
from cloudscan.provider import Collected, Facet, ObjectFile
from cloudscan.providing.parts import items, part
from cloudscan.providing.questions import Turned
from cloudscan.tables.inventory_files import Unreadable, stray
from cloudscan_azure import inventory
from cloudscan_azure.accounts import Container, StorageAccount
from cloudscan_azure.blob_service import BlobService
from cloudscan_azure.blobs import OPERATION, READ_BLOBS
from cloudscan_azure.blobs_read import Page, read_page
from cloudscan_azure.inventory import Report
from cloudscan_azure.session import Asker

_READ = "Blob_Download"
_DAYS = 3
"""Days with runs that are looked at, newest first: a run may not be done, or not be one that is read here."""
_MANIFEST = 1 << 26
"""Bytes of the largest manifest that is read."""
_LATE = timedelta(days=2)
"""That what was written shortly before a run is in it, nobody promises. Two days are our own allowance."""


class Rule(NamedTuple):
    """A rule of an inventory policy: its name, and the container that it writes to."""

    name: str
    container: str


def rules(policies: Sequence[Mapping[str, Any]]) -> Iterator[Rule]:
    """Yield the rules in force that write inventories of blobs ("Blob Inventory Policies - List")."""
    for entry in policies:
        policy = part(entry, "properties", "policy")
        for rule in items(policy, "rules") if policy.get("enabled") is True else ():
            kind = str(part(rule, "definition").get("objectType") or "").lower()
            name, into = rule.get("name"), rule.get("destination")
            if rule.get("enabled") is True and kind == "blob" and isinstance(name, str) and isinstance(into, str):
                yield Rule(name, into)


@dataclass(frozen=True, slots=True)
class Reports:
    """The newest inventories of one storage account. ``versions`` asks for old versions and snapshots."""

    account: StorageAccount
    asker: Asker
    versions: bool = False

    def collect(
        self, policies: Sequence[Mapping[str, Any]], wanted: Sequence[Container]
    ) -> Generator[Collected, None, tuple[Container, ...]]:
        """Yield the blobs of containers file by file, and what is not told of them; return those that are left."""
        left = tuple(wanted)
        refused: Gap | None = None
        for rule in rules(policies) if left else ():
            report = self._newest(rule)
            if isinstance(report, Gap):
                refused = refused or report
                continue
            inside = tuple(each for each in left if inventory.share(report, each.name) == "whole")
            yield from self._files(rule, report, inside) if inside else ()
            left = tuple(each for each in left if each not in inside)
        for each in left:
            yield self._untold(each, refused)
        return left

    def _untold(self, container: Container, refused: Gap | None) -> Gap:
        if refused is not None:
            return replaced(refused, resource=container.id)
        words = "no inventory of the account holds all of it: its blobs were listed"
        return self.asker.gap(Facet.INVENTORY, container.id, Why.DISABLED, "BlobInventoryPolicies_List", words)

    def _newest(self, rule: Rule) -> Report | Gap:
        """Return what the manifest of the newest run of a rule says that can be read."""
        refused: Gap | None = None
        days = self._days(rule)
        if isinstance(days, Gap):
            return days
        for day in days:
            names = self._listed(rule, {"prefix": day})
            if isinstance(names, Gap):
                return names
            mine = f"/{rule.name}/{rule.name}-manifest.json"
            for name in inventory.manifests(row.key for page in names for row in page.rows):
                told = self._manifest(rule, name) if name.endswith(mine) else None
                if isinstance(told, Report):
                    return told
                refused = refused or told
        return refused or self._gap(self.account.id, Facet.INVENTORY, Why.VANISHED, "no inventory is there yet")

    def _days(self, rule: Rule) -> list[str] | Gap:
        """Return the newest days with runs, as names of blobs begin: year, month and day, walked down."""
        level = [""]
        for _ in range(3):
            found: list[str] = []
            for above in level:
                pages = self._listed(rule, {"prefix": above, "delimiter": "/"})
                if isinstance(pages, Gap):
                    return pages
                found += sorted((name for page in pages for name in page.below if name[:4].isdecimal()), reverse=True)
                if len(found) >= _DAYS:
                    break
            level = found[:_DAYS]
        return level

    def _listed(self, rule: Rule, query: Mapping[str, str]) -> list[Page] | Gap:
        service, found, turned = BlobService(self.asker.clients.rest, self.account), list[Page](), Turned()

        def ask() -> dict[str, Any]:
            marker = ""
            while not found or marker:
                asked = {name: told for name, told in {**query, "marker": marker}.items() if told}
                found.append(read_page(service.page(rule.container, asked)))
                marker = turned.to(found[-1].marker) if found[-1].marker else ""
            return {}

        reply = self._run(ask, Facet.INVENTORY, OPERATION)
        return reply if isinstance(reply, Gap) else found

    def _manifest(self, rule: Rule, name: str) -> Report | Gap:
        service = BlobService(self.asker.clients.rest, self.account)

        def ask() -> dict[str, Any]:
            names = (name, f"{name.removesuffix('.json')}.checksum")
            return {"parts": [service.part(rule.container, each, None, 0, _MANIFEST)[0] for each in names]}

        reply = self._run(ask, Facet.INVENTORY, _READ)
        if isinstance(reply, Gap):
            return reply
        try:
            raw, checksum = reply["parts"]
            return inventory.read_manifest(raw, checksum, self.account.name)
        except Unreadable as error:
            return self._gap(self.account.id, Facet.INVENTORY, Why.UNSUPPORTED, str(error))

    def _files(self, rule: Rule, report: Report, inside: Sequence[Container]) -> Generator[Collected, None, None]:
        """Yield the rows of each file of a run, and what they leave out of each container."""
        stores = {each.name: each.id for each in inside}
        with tempfile.TemporaryDirectory(prefix="cloudscan-") as kept:
            for number, file in enumerate(report.files):
                fetched = Path(kept) / f"{number}.fetched"
                yield from self._file(rule, report, file, fetched, stores)
                fetched.unlink(missing_ok=True)
        for each in inside:
            self.asker.count(Facet.OBJECTS, answered=True, limited=True)
            later, *rest = inventory.left_out(report, each.name, versions=self.versions)
            yield replaced(self._gap(each.id, Facet.OBJECTS, Why.LIMIT, later), since=report.taken - _LATE)
            for words in rest:
                yield self._gap(each.id, Facet.OBJECTS, Why.LIMIT, words)

    def _file(
        self, rule: Rule, report: Report, file: inventory.DataFile, fetched: Path, stores: Mapping[str, str]
    ) -> Iterator[Collected]:
        """Yield the rows of one file; where it is not read, a Gap of each container that may be in it."""
        service, written = BlobService(self.asker.clients.rest, self.account), fetched.with_suffix(".parquet")

        def ask() -> dict[str, Any]:
            with fetched.open("wb") as body:
                service.whole(rule.container, file.blob, body)
            return {}

        reply = self._run(ask, Facet.OBJECTS, _READ)
        if isinstance(reply, Gap):
            yield from (replaced(reply, resource=store) for store in stores.values())
            return
        try:
            with fetched.open("rb") as body:
                rows = inventory.write(report, file, body, written, stores, versions=self.versions)
        except Unreadable as error:
            yield from (self._gap(store, Facet.OBJECTS, Why.MALFORMED, str(error)) for store in stores.values())
            return
        yield ObjectFile(written, rows.kept)
        if wrong := stray(rows):
            yield from (self._gap(store, Facet.OBJECTS, Why.MALFORMED, wrong) for store in stores.values())

    def _run(self, ask: Any, facet: Facet, operation: str) -> dict[str, Any] | Gap:
        reply = self.asker.run(ask, facet=facet, resource=self.account.id, operation=operation, permission=READ_BLOBS)
        if isinstance(reply, dict | Gap):
            return reply
        return self._gap(self.account.id, facet, Why.MALFORMED, "no answer")

    def _gap(self, resource: str, facet: Facet, why: Why, detail: str) -> Gap:
        return self.asker.gap(facet, resource, why, _READ, detail)
