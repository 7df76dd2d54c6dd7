"""Open a finished snapshot for reading, and verify one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from cloudscan import POLICY_FILE, __version__
from cloudscan.errors import SnapshotError, SnapshotIncomplete, SnapshotTampered, SnapshotTooNew
from cloudscan.model import Gap, Store
from cloudscan.snapshot import v1
from cloudscan.snapshot.files import KIND_OF, SCHEMA, Manifest, as_written, dump, link, read_json

T = TypeVar("T")
_OURS = re.compile(r"gaps\.jsonl|(?:records|objects|heads)/[\w-][\w.-]*")
_VERSION = re.compile(r"\d+(\.\d+)*((a|b|rc|\.dev|\.post)\d+)?")


class Snapshot:
    """A finished snapshot, open for reading.

    Raises a :class:`SnapshotError` that says what is wrong and what to do about it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.manifest = read_manifest(root)

    def records(self, kind: type[T]) -> Iterator[T]:
        """Yield the records of one kind, in the order of the file."""
        yield from self._read(f"records/{KIND_OF[kind]}.jsonl", kind)

    def gaps(self) -> Iterator[Gap]:
        """Yield what could not be seen."""
        yield from self._read("gaps.jsonl", Gap)

    def object_files(self) -> list[Path]:
        """Return the Parquet files of the object table."""
        return [self._whole(path) for path in self.manifest.files if path.startswith("objects/")]

    def head_files(self) -> list[Path]:
        """Return the Parquet files of the heads that were read."""
        return [self._whole(path) for path in self.manifest.files if path.startswith("heads/")]

    def _whole(self, path: str) -> Path:
        return as_written(self.root / path, self.manifest.files[path][0])

    def _read(self, path: str, kind: type[T]) -> Iterator[T]:
        if path not in self.manifest.files:
            return
        file = self._whole(path)
        decode: Callable[[bytes], T] = msgspec.json.Decoder(kind).decode
        if kind is Store and self.manifest.schema == 1:
            decode = _decode_store_v1
        with file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    yield decode(line)
                except msgspec.DecodeError as error:
                    raise SnapshotTampered(f"{file} is damaged: line {number} holds no record ({error})") from error


def _decode_store_v1(line: bytes) -> Any:
    return msgspec.convert(v1.store(msgspec.json.decode(line)), Store)


def read_manifest(root: Path) -> Manifest:
    """Read and check the manifest of a snapshot, not yet its files. Raises a :class:`SnapshotError`."""
    path = root / "manifest.json"
    if not path.exists():
        if begun(root):
            raise SnapshotIncomplete(
                f"{root} holds a collection that did not finish; run the same collect on it again to go on"
            )
        if (root / "gaps.jsonl").exists() or (root / "records").exists():
            raise SnapshotTampered(f"{path} is missing: what the snapshot held cannot be told")
        raise SnapshotError(f"{root} is not a snapshot: it has no manifest.json")
    body = read_json(path)
    schema = str(body.get("schema", ""))
    number = schema.removeprefix("cloudscan/snapshot/")
    if not schema.startswith("cloudscan/snapshot/") or not number.isdigit():
        raise SnapshotError(f"{path}: not a cloudscan snapshot (schema {schema!r})")
    if int(number) > SCHEMA:
        raise SnapshotTooNew(
            f"{root} was written in format {number}, and this cloudscan {__version__} reads up to {SCHEMA};"
            f" install {_writer(body)}"
        )
    try:
        for entry in body["files"]:
            if not _OURS.fullmatch(entry["path"]):
                raise SnapshotTampered(f"{path} is damaged: {entry['path']!r} is no file of a snapshot")
        return Manifest(
            scope=body["scope"],
            callers=tuple(body["callers"]),
            started=datetime.fromisoformat(body["started"]),
            finished=datetime.fromisoformat(body["finished"]),
            tool=body["tool"]["version"],
            files={entry["path"]: (entry["sha256"], int(entry["rows"])) for entry in body["files"]},
            digest=body["digest"],
            since=body.get("since"),
            schema=int(number),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SnapshotTampered(f"{path} is damaged: {error!r}") from error


def begun(root: Path) -> bool:
    """Say whether a collection lies here that did not finish and can be taken up again."""
    return (root / "work" / "begun.json").exists()


def _writer(body: Mapping[str, Any]) -> str:
    """Say which version wrote a snapshot, as what to install."""
    tool = body.get("tool")
    version = tool.get("version") if isinstance(tool, dict) else None
    if isinstance(version, str) and _VERSION.fullmatch(version):
        return f"the version that wrote it: pip install 'cloudscan>={version}'"
    return "a newer cloudscan"


def verify(root: Path) -> Manifest:
    """Check every file of the snapshot against the manifest, and the manifest against its own digest.

    Raises :class:`SnapshotTampered` naming the first file that differs, and as :func:`read_manifest` does.
    """
    manifest = read_manifest(root)
    body = read_json(root / "manifest.json")
    unchanged = dump(body) == (root / "manifest.json").read_bytes()
    if hashlib.sha256(dump({**body, "digest": None})).hexdigest() != body["digest"] or not unchanged:
        raise SnapshotTampered(f"{root / 'manifest.json'} was changed after it was written")
    chain = ""
    for entry in body["files"]:
        as_written(root / entry["path"], entry["sha256"])
        chain = link(chain, entry["path"], entry["sha256"], entry["rows"])
        if chain != entry.get("chain"):
            raise SnapshotTampered(f"{root / 'manifest.json'}: the chain breaks at {entry['path']}")
    known = {"manifest.json", POLICY_FILE, *manifest.files}
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        if path.relative_to(root).as_posix() not in known:
            raise SnapshotTampered(f"{path} does not belong to the snapshot")
    return manifest
