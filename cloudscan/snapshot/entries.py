"""Lines of a snapshot: records as JSON, with what JSON from a cloud may carry and UTF-8 may not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from cloudscan.model import MediaObject
from cloudscan.tables import columns


class Entry(msgspec.Struct):
    """One line of a unit: the name of its kind, and the record as it was written."""

    kind: str
    record: msgspec.Raw


def encode(entry: Mapping[str, object]) -> bytes:
    """Encode an entry. Lone surrogates, which JSON answers can carry and UTF-8 cannot, become U+FFFD."""
    try:
        return msgspec.json.encode(entry)
    except UnicodeEncodeError:
        return msgspec.json.encode(_speakable(msgspec.to_builtins(entry)))


def encode_rows(page: Sequence[MediaObject]) -> bytes:
    """Encode rows of the object table, lone surrogates as in other entries."""
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
