"""A snapshot being written: unit by unit, each whole or not at all, and taken up again where it was."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, TypeVar

import msgspec

from cloudscan import __version__
from cloudscan.errors import UsageError
from cloudscan.model import RECORD_KINDS, Coverage, Gap, MediaObject, Record
from cloudscan.snapshot.entries import Entry, encode, encode_rows
from cloudscan.snapshot.files import KIND_OF, SCHEMA, Manifest, dump, link, read_json, sha256, write_whole
from cloudscan.snapshot.reading import begun, read_manifest
from cloudscan.snapshot.scopes import differences
from cloudscan.tables import columns

T = TypeVar("T")
_FOLDERS = ("work", "objects", "heads", "records")
_ROLLOVER = 250_000
"""Rows of one unit that are spooled before they become a Parquet part: this bounds memory and disk."""


class UnitWriter:
    """Takes what one unit of collection yields; nothing of it counts until :meth:`commit`."""

    def __init__(self, root: Path, name: str, key: str) -> None:
        self._root, self._name, self._key = root, name, key
        self._lines: list[bytes] = []
        self._spool: IO[bytes] | None = None
        self._spooled = 0
        self._parts: list[str] = []
        self.rows = 0
        self.records = 0
        self.gaps = 0

    def add(self, item: Record | Gap) -> None:
        """Keep one record or gap."""
        kind = "gaps" if isinstance(item, Gap) else KIND_OF[type(item)]
        self.gaps += kind == "gaps"
        self.records += kind != "gaps"
        self._lines.append(encode({"kind": kind, "record": item}))

    def add_head(self, head: object) -> None:
        """Keep what reading one object's head told (a ``HeadRow`` of the provider interface)."""
        self._lines.append(encode({"kind": "heads", "record": head}))

    def add_rows(self, rows: Iterable[MediaObject]) -> None:
        """Keep rows of the object table."""
        page = list(rows)
        if not page:
            return
        if self._spool is None:
            self._spool = self._path("rows").open("wb")
        self._spool.write(encode_rows(page))
        self._spooled += len(page)
        self.rows += len(page)
        if self._spooled >= _ROLLOVER:
            self._roll()

    def add_file(self, path: Path, rows: int) -> None:
        """Keep a Parquet file of the object table, which is moved away from where it lies."""
        part = f"objects/{self._name}-{len(self._parts):05d}.parquet"
        shutil.move(path, self._root / part)
        self._parts.append(part)
        self.rows += rows

    def commit(self) -> None:
        """Make the unit count. The rename of its record file is the moment at which it does."""
        if self._spool is not None:
            self._spool.close()
        head = msgspec.json.encode({"kind": "unit", "record": {"key": self._key, "parts": self._parts}})
        path = self._path("jsonl.tmp")
        path.write_bytes(b"\n".join([head, *self._lines]) + b"\n")
        path.replace(self._path("jsonl"))

    def discard(self) -> None:
        """Forget what was added."""
        if self._spool is not None:
            self._spool.close()
        for part in self._parts:
            (self._root / part).unlink(missing_ok=True)
        self._path("rows").unlink(missing_ok=True)

    def _roll(self) -> None:
        assert self._spool is not None  # noqa: S101 - only called when rows were spooled
        self._spool.close()
        part = f"objects/{self._name}-{len(self._parts):05d}.parquet"
        columns.write_objects([self._path("rows")], self._root / part)
        self._parts.append(part)
        self._path("rows").unlink()
        self._spool, self._spooled = None, 0

    def _path(self, suffix: str) -> Path:
        return self._root / "work" / f"{self._name}.{suffix}"


class SnapshotWriter:
    """A snapshot being written, new or taken up again.

    Raises :class:`UsageError` when the directory holds something else, a finished snapshot, or a
    collection with another scope.
    """

    def __init__(self, root: Path, scope: Mapping[str, Any]) -> None:
        self.root = root
        self._scope = dict(scope)
        self.since: Mapping[str, Any] | None = None
        if (root / "manifest.json").exists():
            raise UsageError(f"{root} already holds a finished snapshot; name another directory")
        if root.exists() and any(root.iterdir()) and not begun(root):
            raise UsageError(f"{root} is not empty and holds no snapshot; name another directory")
        self._made = [folder for folder in (root, *root.parents) if not folder.exists()]
        for folder in _FOLDERS:
            (root / folder).mkdir(parents=True, exist_ok=True)
        self._begin()

    def _begin(self) -> None:
        begun = self.root / "work" / "begun.json"
        if begun.exists():
            state = read_json(begun)
            if state.get("scope") != self._scope:
                changed = differences(state.get("scope", {}), self._scope)
                raise UsageError(
                    f"{self.root} was begun with another scope ({changed}); repeat that one or name another directory"
                )
            if state.get("schema", 1) != SCHEMA:
                raise UsageError(f"{self.root} was begun by another version of cloudscan; name another directory")
            self.started = datetime.fromisoformat(state["started"])
            return
        self.started = datetime.now(UTC)
        write_whole(begun, dump({"schema": SCHEMA, "scope": self._scope, "started": self.started.isoformat()}))

    def abandon(self) -> None:
        """Take back what was made when no unit is whole, so that a collection that failed at once leaves nothing."""
        if any((self.root / "work").glob("*.jsonl")):
            return
        for folder in _FOLDERS:
            shutil.rmtree(self.root / folder, ignore_errors=True)
        for made in self._made:
            with suppress(OSError):  # somebody else has put something there
                made.rmdir()

    def done(self, key: str) -> bool:
        """Say whether the unit of that key is whole."""
        return (self.root / "work" / f"{_unit_name(key)}.jsonl").exists()

    def unit(self, key: str) -> UnitWriter:
        """Begin the unit of that key."""
        return UnitWriter(self.root, _unit_name(key), key)

    def staged_rows(self) -> tuple[list[Path], list[Path]]:
        """Return the row spools and Parquet parts of the units that are whole, in a stable order."""
        spools, parts = [], []
        for path in sorted((self.root / "work").glob("*.jsonl")):
            with path.open("rb") as lines:
                unit = msgspec.json.decode(lines.readline())["record"]
            parts += [self.root / part for part in unit["parts"]]
            spool = path.with_suffix(".rows")
            if spool.exists():
                spools.append(spool)
        return spools, parts

    def staged(self, kind: type[T]) -> Iterator[T]:
        """Yield the records of one kind from the units that are whole."""
        name = KIND_OF[kind]
        for path in sorted((self.root / "work").glob("*.jsonl")):
            for line in path.read_bytes().splitlines()[1:]:
                entry = msgspec.json.decode(line, type=Entry)
                if entry.kind == name:
                    yield msgspec.json.decode(entry.record, type=kind)

    def finish(self, callers: Iterable[Mapping[str, str]]) -> Manifest:
        """Merge the units into the final files, write the manifest last, and drop the work folder."""
        spools, parts = self.staged_rows()
        kept = {part.name for part in parts}
        for stray in (self.root / "objects").glob("*.parquet"):
            if stray.name not in kept:
                stray.unlink()
        rows = {f"objects/{part.name}": columns.count(part) for part in parts}
        rows |= columns.write_merged(spools, self.root, _ROLLOVER)
        rows |= self._merge_records()
        manifest = self._manifest(rows, list(callers))
        write_whole(self.root / "manifest.json", dump(manifest))
        shutil.rmtree(self.root / "work")
        return read_manifest(self.root)

    def _merge_records(self) -> dict[str, int]:
        lines: dict[str, list[bytes]] = {kind: [] for kind in (*RECORD_KINDS, "gaps", "heads")}
        for path in sorted((self.root / "work").glob("*.jsonl")):
            for line in path.read_bytes().splitlines()[1:]:
                entry = msgspec.json.decode(line, type=Entry)
                lines[entry.kind].append(bytes(entry.record))
        lines["coverage"] = _sum_coverage(lines["coverage"])
        rows: dict[str, int] = {}
        for kind in (*RECORD_KINDS, "gaps"):
            name = "gaps.jsonl" if kind == "gaps" else f"records/{kind}.jsonl"
            kept = sorted(set(lines[kind]))
            write_whole(self.root / name, b"".join(line + b"\n" for line in kept))
            rows[name] = len(kept)
        if lines["heads"]:
            target = self.root / "heads" / "heads.parquet"
            rows["heads/heads.parquet"] = columns.write_heads(sorted(lines["heads"]), target)
        return rows

    def _manifest(self, rows: Mapping[str, int], callers: list[Mapping[str, str]]) -> dict[str, Any]:
        files, chain = [], ""
        for path in sorted(rows):
            digest = sha256(self.root / path)
            chain = link(chain, path, digest, rows[path])
            files.append({"path": path, "sha256": digest, "rows": rows[path], "chain": chain})
        body = {
            "schema": f"cloudscan/snapshot/{SCHEMA}",
            "tool": {"name": "cloudscan", "version": __version__},
            "started": self.started.isoformat(),
            "finished": datetime.now(UTC).isoformat(),
            "scope": self._scope,
            "callers": sorted(callers, key=lambda caller: sorted(caller.items())),
            "files": files,
        } | ({"since": self.since} if self.since else {})
        return body | {"digest": hashlib.sha256(dump({**body, "digest": None})).hexdigest()}


def _sum_coverage(lines: Iterable[bytes]) -> list[bytes]:
    """Add up the units' shares, so that coverage is one line for an account and facet."""
    total: dict[tuple[str, str, str], list[int]] = {}
    for line in lines:
        part = msgspec.json.decode(line, type=Coverage)
        sums = total.setdefault((part.provider, part.account, part.facet), [0, 0, 0])
        for index, number in enumerate((part.asked, part.answered, part.limited)):
            sums[index] += number
    return [msgspec.json.encode(Coverage(*key, *sums)) for key, sums in total.items()]


def _unit_name(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:24]
