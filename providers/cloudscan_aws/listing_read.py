"""Read the pages of S3's object listings, from the bytes or from what botocore made of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import unquote_plus
from xml.etree import ElementTree


class Row(NamedTuple):
    """One object, old version or delete marker; in the order and terms of ``cloudscan.model.MediaObject``.

    ``version`` is None where versions were not asked for, "null" for what was written without versioning.
    ``size`` is in bytes, ``modified`` in UTC, ``tier`` the storage class, ``etag`` without its quotes;
    ``owner`` is the canonical user id where it was asked for. Delete markers have no size, tier or etag.
    """

    key: str
    version: str | None
    current: bool
    delete_marker: bool
    size: int
    modified: datetime | None
    tier: str
    etag: str | None
    owner: str | None


class Answer(NamedTuple):
    """What one request told. If it was ``truncated``, ``key`` and ``token`` say where to go on.

    They are the next continuation token, or the next key and version marker.
    """

    rows: list[Row]
    truncated: bool
    key: str | None
    token: str | None


class _Names(NamedTuple):
    """Names of elements, in the name space of the answer."""

    Contents: str
    Version: str
    DeleteMarker: str
    Key: str
    VersionId: str
    IsLatest: str
    Size: str
    LastModified: str
    StorageClass: str
    ETag: str
    Owner: str
    ID: str


def read_answer(body: bytes) -> Answer | None:
    """Read the body of a ListObjectsV2 or ListObjectVersions answer; None if it is something else.

    Raises ElementTree.ParseError for bytes that are no XML and ValueError for a row that makes no sense.
    """
    root = ElementTree.XML(body)
    space = root.tag[: root.tag.find("}") + 1]
    if root.tag not in (space + "ListBucketResult", space + "ListVersionsResult"):
        return None
    decode: Callable[[str], str] = unquote_plus if root.findtext(space + "EncodingType") == "url" else str
    names = _Names(*(space + name for name in _Names._fields))
    entries = (names.Contents, names.Version, names.DeleteMarker)
    rows = [_row(entry, names, decode) for entry in root if entry.tag in entries]
    if root.find(names.DeleteMarker) is not None:  # S3 has them in their places, some servers after all versions
        rows.sort(key=_place)
    key = root.findtext(space + "NextKeyMarker")
    token = root.findtext(space + "NextContinuationToken") or root.findtext(space + "NextVersionIdMarker")
    return Answer(rows, root.findtext(space + "IsTruncated") == "true", decode(key) if key else None, token or None)


def _row(entry: ElementTree.Element, names: _Names, decode: Callable[[str], str]) -> Row:
    text = entry.findtext
    key, modified, owner = text(names.Key), text(names.LastModified), entry.find(names.Owner)
    if not key:
        raise ValueError("a row without a key")
    return Row(
        decode(key),
        text(names.VersionId),
        text(names.IsLatest, "true") == "true",
        entry.tag == names.DeleteMarker,
        int(text(names.Size, "0")),
        _time(modified) if modified else None,
        text(names.StorageClass, ""),
        text(names.ETag, "").strip('"') or None,
        None if owner is None else owner.findtext(names.ID),
    )


def _place(row: Row) -> tuple[str, bool]:
    return row.key, not row.current


def _time(text: str) -> datetime:
    """Read a time: S3's own form quickly, other forms (of servers that speak S3) as botocore does."""
    if text.endswith("Z"):
        return datetime.fromisoformat(text)
    from botocore.utils import parse_timestamp

    time: datetime = parse_timestamp(text)
    return time


def read_parsed(parsed: Mapping[str, Any]) -> Answer:
    """Read an answer that botocore has parsed; of a key's old versions, delete markers come last."""
    rows = [
        Row(
            entry["Key"],
            entry.get("VersionId"),
            entry.get("IsLatest", True),
            kind == "DeleteMarkers",
            entry.get("Size", 0),
            entry.get("LastModified"),
            entry.get("StorageClass", ""),
            entry.get("ETag", "").strip('"') or None,
            entry.get("Owner", {}).get("ID"),
        )
        for kind in ("Contents", "Versions", "DeleteMarkers")
        for entry in parsed.get(kind, ())
    ]
    if "DeleteMarkers" in parsed:
        rows.sort(key=_place)
    token = parsed.get("NextContinuationToken") or parsed.get("NextVersionIdMarker")
    return Answer(rows, parsed.get("IsTruncated", False), parsed.get("NextKeyMarker") or None, token or None)
