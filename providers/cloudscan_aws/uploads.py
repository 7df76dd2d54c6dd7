"""The uploads of a bucket that were begun and not finished, as ``ListMultipartUploads`` tells them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC
from itertools import islice
from typing import Any
from urllib.parse import unquote_plus

from cloudscan.audio import recognise
from cloudscan.model import Gap, Upload, Why
from cloudscan.provider import Collected, Facet
from cloudscan_aws.accounts import Bucket
from cloudscan_aws.session import PROVIDER, Asker

MOST = 10_000
"""Uploads that are read of one bucket: ten pages, and a bound on what is kept in mind of it."""
_OPERATION = "s3:list_multipart_uploads"
_PERMISSION = "s3:ListBucketMultipartUploads"


def collect(asker: Asker, bucket: Bucket) -> Iterator[Collected]:
    """Yield a record for each upload, and a Gap where the list ends before it is whole."""
    asked: dict[str, Any] = {"facet": Facet.UPLOADS, "resource": bucket.id, "operation": _OPERATION}
    left, cut = MOST, False
    pages = _pages(asker.clients.client("s3", asker.region), bucket.name)
    for page in asker.stream(pages, permission=_PERMISSION, **asked):
        if isinstance(page, Gap):
            yield page
            return
        listed, more = page
        for entry in islice(listed, left):
            yield _upload(entry, asker.account, bucket)
        cut = len(listed) > left or (more and len(listed) == left)
        left -= len(listed)
        if left <= 0:
            break
    asker.count(Facet.UPLOADS, answered=True, limited=cut)
    if cut:
        detail = f"only {MOST:,} uploads are read of each bucket"
        yield asker.gap(**asked, why=Why.LIMIT, detail=detail, permission=_PERMISSION)


def _pages(client: Any, bucket: str) -> Iterator[tuple[Sequence[Mapping[str, Any]], bool]]:
    """Yield the uploads of each page, keys as they are, and whether there are more.

    Keys are asked for encoded, since XML cannot hold every character that they may have. The answer then has its
    markers encoded too ("ListMultipartUploads", Amazon S3 API reference), which botocore's paginator would send back
    as they are.
    """
    marker: dict[str, str] = {}
    while True:
        page = client.list_multipart_uploads(Bucket=bucket, EncodingType="url", **marker)
        plain: Callable[[str], str] = unquote_plus if page.get("EncodingType") == "url" else str
        more = bool(page.get("IsTruncated"))
        yield [{**entry, "Key": plain(entry["Key"])} for entry in page.get("Uploads") or ()], more
        if not more:
            return
        after = {"KeyMarker": plain(page.get("NextKeyMarker") or ""), "UploadIdMarker": page.get("NextUploadIdMarker")}
        following = {name: value for name, value in after.items() if value}
        if "KeyMarker" not in following or following == marker:
            raise _malformed()
        marker = following


def _malformed() -> Exception:
    from botocore.parsers import ResponseParserError

    error: Exception = ResponseParserError("the list of uploads does not go on")
    return error


def _upload(entry: Mapping[str, Any], account: str, bucket: Bucket) -> Upload:
    begun = entry.get("Initiated")
    return Upload(
        id=entry.get("UploadId") or "",
        provider=PROVIDER,
        account=account,
        store=bucket.id,
        key=entry["Key"],
        begun=begun.astimezone(UTC) if begun else None,
        media=recognise(entry["Key"], content_type=None, size=None, head=None).media,
    )
