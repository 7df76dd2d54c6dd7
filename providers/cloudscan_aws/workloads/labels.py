"""Tags as the services of AWS list them, with their own spellings of the two words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def labels_of(tags: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    """Turn a list of tags into labels; a list that is left out is an empty one."""
    return {(tag.get("Key") or tag.get("key") or ""): tag.get("Value") or tag.get("value") or "" for tag in tags or ()}
