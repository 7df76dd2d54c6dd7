"""The manifest and the files of a snapshot: how each is written, hashed and read whole."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cloudscan.errors import SnapshotTampered
from cloudscan.model import RECORD_KINDS

SCHEMA = 2
"""The format that this version writes; it reads this one and the one before."""
KIND_OF = {kind: name for name, kind in RECORD_KINDS.items()}
"""The name of the file that holds each kind of record."""


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


def link(chain: str, path: str, digest: str, rows: int) -> str:
    """Return the chain with one file more: no file can be taken out, put in or moved without breaking it."""
    return hashlib.sha256(f"{chain}\n{path}\n{digest}\n{rows}".encode()).hexdigest()


def as_written(path: Path, digest: str) -> Path:
    """Return the path of a file that is as it was written. Raises :class:`SnapshotTampered`."""
    if not path.is_file():
        raise SnapshotTampered(f"{path} is missing")
    if sha256(path) != digest:
        raise SnapshotTampered(f"{path} was changed after it was written")
    return path


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def dump(body: Mapping[str, Any]) -> bytes:
    """Write a manifest so that the same content always gives the same bytes."""
    return (json.dumps(body, indent=1, sort_keys=True, ensure_ascii=True) + "\n").encode()


def read_json(path: Path) -> dict[str, Any]:
    """Read a file that holds a JSON object. Raises :class:`SnapshotTampered` where it does not."""
    try:
        body = json.loads(path.read_bytes())
    except ValueError as error:
        raise SnapshotTampered(f"{path} is damaged: it is not JSON ({error})") from error
    if not isinstance(body, dict):
        raise SnapshotTampered(f"{path} is damaged: it holds no JSON object")
    return body


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old one, or none, or the whole new one."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
