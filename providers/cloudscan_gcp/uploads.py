"""The uploads of a bucket that were begun and not finished: those in parts, by which the XML API keeps what came.

The JSON API has no list of them ("List multipart uploads", XML API reference of Cloud Storage). Resumable uploads,
which Google ends after a week, are in no list at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote_plus
from xml.etree import ElementTree

from cloudscan.audio import recognise
from cloudscan.model import Gap, Upload, Why
from cloudscan.provider import Collected, Facet
from cloudscan.providing.parts import utc
from cloudscan.providing.questions import Malformed, named
from cloudscan_gcp.accounts import Bucket
from cloudscan_gcp.session import PROVIDER, Asker

MOST = 10_000
"""Uploads that are read of one bucket: ten pages, and a bound on what is kept in mind of it."""
_PAGE = 1000
_OPERATION = _PERMISSION = "storage.multipartUploads.list"


def collect(asker: Asker, bucket: Bucket, user_project: str | None) -> Iterator[Collected]:
    """Yield a record for each upload, and a Gap where the list ends before it is whole."""
    asked: dict[str, Any] = {"facet": Facet.UPLOADS, "resource": bucket.id, "operation": _OPERATION}
    told, more = 0, False
    for page in asker.stream(_pages(asker, bucket, user_project), permission=_PERMISSION, **asked):
        if isinstance(page, Gap):
            yield page
            return
        found, more = page
        yield from (_upload(entry, asker.account, bucket) for entry in found)
        told += len(found)
        if told >= MOST:
            break
    asker.count(Facet.UPLOADS, answered=True, limited=more)
    if more:
        detail = f"only {MOST:,} uploads are read of each bucket"
        yield asker.gap(**asked, why=Why.LIMIT, detail=detail, permission=_PERMISSION)


def _pages(asker: Asker, bucket: Bucket, user_project: str | None) -> Iterator[tuple[list[dict[str, str]], bool]]:
    """Yield the uploads of each page, and whether there are more."""
    marker: dict[str, str] = {}
    payer = {"userProject": user_project} if user_project else {}
    while True:
        query = {"uploads": "", "encoding-type": "url", "max-uploads": _PAGE, **marker, **payer}
        page = _read(asker.clients.storage_rest.text("storage", named("{}", bucket.name), query))
        more = page["IsTruncated"] == "true"
        yield page["Upload"], more
        if not more:
            return
        after = {"key-marker": page["NextKeyMarker"], "upload-id-marker": page["NextUploadIdMarker"]}
        if not after["key-marker"] or after == marker:
            raise Malformed("the list of uploads does not go on")
        marker = after


def _read(content: bytes) -> dict[str, Any]:
    """Read a page; keys come encoded, since XML cannot hold every character that they may have."""
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 - Google's answer, and expat bounds what entities make of it
    except ElementTree.ParseError as error:
        raise Malformed("no XML") from error
    space = root.tag[: root.tag.find("}") + 1]
    if root.tag != f"{space}ListMultipartUploadsResult":
        raise Malformed("no list of uploads")
    names = ("IsTruncated", "NextKeyMarker", "NextUploadIdMarker", "EncodingType")
    page: dict[str, Any] = {name: root.findtext(space + name) or "" for name in names}
    plain = unquote_plus if page["EncodingType"] == "url" else str
    page["NextKeyMarker"] = plain(page["NextKeyMarker"])
    page["Upload"] = [
        {
            "Key": plain(entry.findtext(f"{space}Key") or ""),
            "UploadId": entry.findtext(f"{space}UploadId") or "",
            "Initiated": entry.findtext(f"{space}Initiated") or "",
        }
        for entry in root.iter(f"{space}Upload")
    ]
    return page


def _upload(entry: Mapping[str, str], account: str, bucket: Bucket) -> Upload:
    return Upload(
        id=entry["UploadId"],
        provider=PROVIDER,
        account=account,
        store=bucket.id,
        key=entry["Key"],
        begun=utc(entry["Initiated"]),
        media=recognise(entry["Key"], content_type=None, size=None, head=None).media,
    )
