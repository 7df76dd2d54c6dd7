"""The worked cases of access: our own, one file a cloud and mode, and collections that may lie beside the checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.access_cases import read

_FILES = {"direct": "direct", "path": "steps"}


def own(cloud: str, mode: str) -> list[dict[str, Any]]:
    """Return our own cases of a cloud that ask in a mode."""
    return _asking(Path(__file__).parent / "cases" / f"{cloud}-{_FILES[mode]}.jsonl", mode)


def collected(cloud: str, mode: str) -> list[dict[str, Any]] | None:
    """Return the cases of the collection that ask in a mode; None where it is not there."""
    path = Path(__file__).parents[2] / "shared" / "access-cases" / f"{cloud}.jsonl"
    return _asking(path, mode) if path.is_file() else None


def _asking(path: Path, mode: str) -> list[dict[str, Any]]:
    return [case for case in read([str(path)]) if case["request"]["mode"] == mode]
