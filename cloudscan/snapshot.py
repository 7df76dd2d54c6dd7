"""Write, read and verify a snapshot: the only module that knows its file format.

A snapshot is a directory::

    manifest.json          what was asked, by whom, when, and the SHA-256 and row count of every file, chained
    records/<kind>.jsonl   one file a kind of record, lines sorted
    objects/*.parquet      the object table as the listings gave it
    heads/*.parquet        what reading single heads told; it replaces the listing's word for those objects
    gaps.jsonl             what could not be seen
    work/                  only while a collection runs: the units that are whole, for taking it up again

A policy file beside them (``cloudscan.yaml``) is its owner's and no part of the snapshot: the manifest does not
cover it, and no command reads it unless it is named.
It is written so that at any moment it is either whole (``manifest.json`` exists) or can be taken up again. It
holds no credential, no signed URL, no audio and no transcript text: nothing of that kind is in the model.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, TypeVar

import msgspec

from cloudscan import POLICY_FILE, __version__, columns, snapshot_v1
from cloudscan.errors import SnapshotError, SnapshotIncomplete, SnapshotTampered, SnapshotTooNew, UsageError
from cloudscan.model import RECORD_KINDS, Coverage, Gap, MediaObject, Record, Store

SCHEMA = 2
"""The format that this version writes; it reads this one and the one before."""
T = TypeVar("T")
_OURS = re.compile(r"gaps\.jsonl|(?:records|objects|heads)/[\w-][\w.-]*")
_VERSION = re.compile(r"\d+(\.\d+)*((a|b|rc|\.dev|\.post)\d+)?")
_FOLDERS = ("work", "objects", "heads", "records")
_KIND_OF = {kind: name for name, kind in RECORD_KINDS.items()}
_ROLLOVER = 250_000
"""Rows of one unit that are spooled before they become a Parquet part: this bounds memory and disk."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot says of itself. ``files`` maps a path to (SHA-256, rows).

    ``since`` names the earlier snapshot (``digest``, ``finished``) of which heads were taken, and how many (``heads``).
    """

    scope: Mapping[str, Any]
    callers: tuple[Mapping[str, str], ...]
    started: datetime
    finished: datetime
    tool: str
    files: Mapping[str, tuple[str, int]]
    digest: str
    since: Mapping[str, Any] | None = None
    schema: int = SCHEMA


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
        kind = "gaps" if isinstance(item, Gap) else _KIND_OF[type(item)]
        self.gaps += kind == "gaps"
        self.records += kind != "gaps"
        self._lines.append(_encode({"kind": kind, "record": item}))

    def add_head(self, head: object) -> None:
        """Keep what reading one object's head told (a ``HeadRow`` of the provider interface)."""
        self._lines.append(_encode({"kind": "heads", "record": head}))

    def add_rows(self, rows: Iterable[MediaObject]) -> None:
        """Keep rows of the object table."""
        page = list(rows)
        if not page:
            return
        if self._spool is None:
            self._spool = self._path("rows").open("wb")
        self._spool.write(_encode_rows(page))
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
            state = _read_json(begun)
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
        _write_whole(begun, _dump({"schema": SCHEMA, "scope": self._scope, "started": self.started.isoformat()}))

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
        name = _KIND_OF[kind]
        for path in sorted((self.root / "work").glob("*.jsonl")):
            for line in path.read_bytes().splitlines()[1:]:
                entry = msgspec.json.decode(line, type=_Entry)
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
        _write_whole(self.root / "manifest.json", _dump(manifest))
        shutil.rmtree(self.root / "work")
        return read_manifest(self.root)

    def _merge_records(self) -> dict[str, int]:
        lines: dict[str, list[bytes]] = {kind: [] for kind in (*RECORD_KINDS, "gaps", "heads")}
        for path in sorted((self.root / "work").glob("*.jsonl")):
            for line in path.read_bytes().splitlines()[1:]:
                entry = msgspec.json.decode(line, type=_Entry)
                lines[entry.kind].append(bytes(entry.record))
        lines["coverage"] = _sum_coverage(lines["coverage"])
        rows: dict[str, int] = {}
        for kind in (*RECORD_KINDS, "gaps"):
            name = "gaps.jsonl" if kind == "gaps" else f"records/{kind}.jsonl"
            kept = sorted(set(lines[kind]))
            _write_whole(self.root / name, b"".join(line + b"\n" for line in kept))
            rows[name] = len(kept)
        if lines["heads"]:
            target = self.root / "heads" / "heads.parquet"
            rows["heads/heads.parquet"] = columns.write_heads(sorted(lines["heads"]), target)
        return rows

    def _manifest(self, rows: Mapping[str, int], callers: list[Mapping[str, str]]) -> dict[str, Any]:
        files, chain = [], ""
        for path in sorted(rows):
            digest = _sha256(self.root / path)
            chain = _link(chain, path, digest, rows[path])
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
        return body | {"digest": hashlib.sha256(_dump({**body, "digest": None})).hexdigest()}


class Snapshot:
    """A finished snapshot, open for reading.

    Raises a :class:`SnapshotError` that says what is wrong and what to do about it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.manifest = read_manifest(root)

    def records(self, kind: type[T]) -> Iterator[T]:
        """Yield the records of one kind, in the order of the file."""
        yield from self._read(f"records/{_KIND_OF[kind]}.jsonl", kind)

    def gaps(self) -> Iterator[Gap]:
        """Yield what could not be seen."""
        yield from self._read("gaps.jsonl", Gap)

    def object_files(self) -> list[Path]:
        """Return the Parquet files of the object table."""
        return [self._as_written(path) for path in self.manifest.files if path.startswith("objects/")]

    def head_files(self) -> list[Path]:
        """Return the Parquet files of the heads that were read."""
        return [self._as_written(path) for path in self.manifest.files if path.startswith("heads/")]

    def _as_written(self, path: str) -> Path:
        return _as_written(self.root / path, self.manifest.files[path][0])

    def _read(self, path: str, kind: type[T]) -> Iterator[T]:
        if path not in self.manifest.files:
            return
        file = self._as_written(path)
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
    return msgspec.convert(snapshot_v1.store(msgspec.json.decode(line)), Store)


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
    body = _read_json(path)
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
    body = _read_json(root / "manifest.json")
    as_written = _dump(body) == (root / "manifest.json").read_bytes()
    if hashlib.sha256(_dump({**body, "digest": None})).hexdigest() != body["digest"] or not as_written:
        raise SnapshotTampered(f"{root / 'manifest.json'} was changed after it was written")
    chain = ""
    for entry in body["files"]:
        _as_written(root / entry["path"], entry["sha256"])
        chain = _link(chain, entry["path"], entry["sha256"], entry["rows"])
        if chain != entry.get("chain"):
            raise SnapshotTampered(f"{root / 'manifest.json'}: the chain breaks at {entry['path']}")
    known = {"manifest.json", POLICY_FILE, *manifest.files}
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        if path.relative_to(root).as_posix() not in known:
            raise SnapshotTampered(f"{path} does not belong to the snapshot")
    return manifest


class _Entry(msgspec.Struct):
    kind: str
    record: msgspec.Raw


def _encode(entry: Mapping[str, object]) -> bytes:
    """Encode an entry. Lone surrogates, which JSON answers can carry and UTF-8 cannot, become U+FFFD."""
    try:
        return msgspec.json.encode(entry)
    except UnicodeEncodeError:
        return msgspec.json.encode(_speakable(msgspec.to_builtins(entry)))


def _encode_rows(page: Sequence[MediaObject]) -> bytes:
    try:
        return columns.encode_page(page)
    except UnicodeEncodeError:
        return columns.encode_page([MediaObject(*map(_speakable, row)) for row in page])


def _speakable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_speakable(name): _speakable(held) for name, held in value.items()}
    return [_speakable(held) for held in value] if isinstance(value, list | tuple) else value


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


def _link(chain: str, path: str, digest: str, rows: int) -> str:
    return hashlib.sha256(f"{chain}\n{path}\n{digest}\n{rows}".encode()).hexdigest()


def _as_written(path: Path, digest: str) -> Path:
    if not path.is_file():
        raise SnapshotTampered(f"{path} is missing")
    if _sha256(path) != digest:
        raise SnapshotTampered(f"{path} was changed after it was written")
    return path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _dump(body: Mapping[str, Any]) -> bytes:
    return (json.dumps(body, indent=1, sort_keys=True, ensure_ascii=True) + "\n").encode()


def _read_json(path: Path) -> dict[str, Any]:
    try:
        body = json.loads(path.read_bytes())
    except ValueError as error:
        raise SnapshotTampered(f"{path} is damaged: it is not JSON ({error})") from error
    if not isinstance(body, dict):
        raise SnapshotTampered(f"{path} is damaged: it holds no JSON object")
    return body


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old one, or none, or the whole new one."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Say in words what two scopes ask differently."""
    return "; ".join(_changes("", old, new))


def _changes(name: str, old: object, new: object) -> Iterator[str]:
    """Yield what differs, down to the parts that do; of two lists, what only one of them has."""
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for part in sorted({*old, *new}):
            yield from _changes(f"{name} {part}".strip(), old.get(part), new.get(part))
    elif isinstance(old, list | tuple) and isinstance(new, list | tuple) and old and new:
        gone, more = ([one for one in these if one not in those] for these, those in ((old, new), (new, old)))
        parts = [f"{_words(gone)} then alone" if gone else "", f"{_words(more)} now alone" if more else ""]
        yield f"{name}: {', '.join(filter(None, parts)) or 'in another order'}"
    else:
        yield f"{name}: {_words(old)} then, {_words(new)} now"


def _words(value: object) -> str:
    """Say a part of a scope as a person would have given it."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_words(held)}" for name, held in sorted(value.items())) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(_words, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "not given" if value is None else str(value)
