"""What an earlier snapshot tells of objects that have not changed since: their heads are not read again.

An object is the same where its store, key, version, ETag, size and time of writing are. Writing it again changes the
last, whatever the others do. Only its access control list, its tags and its locks can change without: they are always
read anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from cloudscan.errors import UsageError
from cloudscan.model import MediaObject
from cloudscan.provider import HeadRow, HeadWish
from cloudscan.snapshot import Snapshot, SnapshotWriter, differences, verify
from cloudscan.tables import columns

_FLEETING = {"acl", "tags", "held", "retain_until", "awaits_copy"}
_NAMES = [field.name for field in fields(HeadRow) if field.name not in _FLEETING]


class Earlier:
    """A finished snapshot of the same scope.

    Raises :class:`UsageError` for one of another scope, and a :class:`SnapshotError` for one that is damaged, was
    changed, or is not finished.
    """

    def __init__(self, root: Path, scope: Mapping[str, Any]) -> None:
        self.manifest = verify(root)
        if self.manifest.scope != scope:
            changed = differences(self.manifest.scope, scope)
            raise UsageError(f"{root} was collected with another scope ({changed}): it cannot stand for this one")
        self._snapshot = Snapshot(root)

    def reuse(self, writer: SnapshotWriter, wishes: Sequence[HeadWish]) -> tuple[list[HeadRow], list[HeadWish]]:
        """Return the heads that are known, and the wishes that they leave open."""
        heads = self._snapshot.head_files()
        spools, parts = writer.staged_rows()
        lasting = (wish for wish in wishes if not (wish.acl or wish.tags or wish.lock))
        asked = {(wish.store, wish.key, wish.version): wish for wish in lasting}
        if not heads or not asked or not (spools or parts):
            return [], list(wishes)
        with columns.connect() as database:
            database.execute(f"CREATE VIEW heads AS {columns.written_query(heads, columns.HEAD_COLUMNS)}")
            database.execute(f"CREATE VIEW past AS {columns.written_query(self._snapshot.object_files())}")
            database.execute(f"CREATE VIEW now AS {columns.staged_query(spools, parts)}")
            rows = database.execute(_SAME, [list(column) for column in zip(*asked, strict=True)]).fetchall()
        known = {tuple(told[:3]): HeadRow(**dict(zip(_NAMES, told, strict=True))) for told in rows}
        kept = {place: row for place, row in known.items() if _answers(row, asked[place])}
        return list(kept.values()), [wish for wish in wishes if (wish.store, wish.key, wish.version) not in kept]


def _answers(row: HeadRow, wish: HeadWish) -> bool:
    """Say whether a head that was read tells what is wished now: as many bytes, if any."""
    return not wish.read or not wish.size or (row.looked is not None and row.looked >= min(wish.read, wish.size))


_ON = " AND ".join(f"{{0}}.{name} IS NOT DISTINCT FROM {{1}}.{name}" for name in MediaObject._fields[:3])
_SAME = f"""
    WITH asked AS (SELECT unnest(?::VARCHAR[]) AS store, unnest(?::VARCHAR[]) AS key, unnest(?::VARCHAR[]) AS version)
    SELECT {", ".join(f"heads.{name}" for name in _NAMES)} FROM asked
    JOIN heads ON {_ON.format("asked", "heads")}
    JOIN past ON {_ON.format("asked", "past")} AND past.etag = heads.etag
    JOIN now ON {_ON.format("asked", "now")} AND now.etag = heads.etag
    WHERE now.size = past.size AND now.modified = past.modified AND now.current AND NOT now.delete_marker
    ORDER BY heads.store, heads.key, heads.version
"""  # noqa: S608 - our own names
