"""A provider whose cloud is a directory: every folder in it is a store. ``cloudscan scan folder --root DIR``."""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from cloudscan.access import Condition, Edge, Grant
from cloudscan.audio import recognise
from cloudscan.errors import UsageError
from cloudscan.estate import Estate
from cloudscan.model import Account, Answer, Coverage, MediaObject, Store
from cloudscan.provider import (
    Caller,
    Collected,
    Facet,
    HeadWish,
    ObjectRows,
    Plan,
    Scope,
    ScopeOption,
    Unit,
)


class FolderProvider:
    """Recordings on a disk."""

    name = "folder"
    options: Sequence[ScopeOption] = (ScopeOption("root", "The directory whose folders are stores.", "DIR"),)

    def plan(self, scope: Scope) -> Plan:
        """Make a unit for each folder."""
        given = scope.options.get("root")
        if not isinstance(given, str) or not Path(given).is_dir():
            raise UsageError("scan folder needs --root DIR, an existing directory")
        root = Path(given)
        folders = sorted(path for path in root.iterdir() if path.is_dir())
        units = [Unit(f"folder/{path.name}", path.name, lambda path=path: self._read(path)) for path in folders]
        units.append(Unit("folder", "the disk", lambda: [Account("disk", "folder")]))
        return Plan(units, [Caller("folder", "disk", "whoever runs this")], requests=len(units))

    def _read(self, folder: Path) -> Iterator[Collected]:
        name = f"folder://{folder.name}"
        yield Store(
            name,
            "folder",
            "disk",
            "here",
            folder.name,
            kind="folder",
            versioning="disabled",
            lifecycle=(),
            soft_delete_days=0,
            keeps_deleted=Answer.NO,
        )
        rows = []
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            facts = path.stat()
            seen = recognise(path.name, content_type=None, size=facts.st_size, head=_head(path))
            rows.append(
                MediaObject(
                    name,
                    path.relative_to(folder).as_posix(),
                    size=facts.st_size,
                    modified=datetime.fromtimestamp(facts.st_mtime, UTC),
                    media=seen.media,
                    format=seen.format,
                    settled_by=seen.by,
                    seconds=seen.seconds,
                    seconds_by=seen.seconds_by,
                )
            )
        yield ObjectRows(rows)
        yield Coverage("folder", "disk", Facet.OBJECTS, asked=1, answered=1)

    def heads(self, scope: Scope, wishes: Sequence[HeadWish]) -> Sequence[Unit]:
        """Nothing is left to look at: the listing read every file's head."""
        return ()

    def grants(self, estate: Estate, stores: Collection[str] | None = None) -> Iterator[Grant | Edge]:
        """A directory has no policies that this example reads."""
        return iter(())

    def open_to_strangers(self, condition: Condition, now: datetime) -> Answer:
        """No grant of this example has a condition."""
        return Answer.UNKNOWN

    def role(self, facets: frozenset[Facet], *, sniff: bool, heads: bool) -> str:
        """Say what the scan needs."""
        return "read permission on the directory\n"


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4096)
