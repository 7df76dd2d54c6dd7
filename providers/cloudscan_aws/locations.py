"""Where an object lies, from the ways in which AWS's services write it down."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from cloudscan_aws.accounts import bucket_arn

_S3_HOST = re.compile(r"(?:(?P<bucket>.+)\.)?s3(?:[.-][a-z0-9]+)*\.amazonaws\.com(?:\.cn)?(?::\d+)?", re.IGNORECASE)
_URL = re.compile(r"https?://(?:[^/?#]*@)?(?P<host>[^/?#]*)/?(?P<path>[^?#]*)(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_ARN = re.compile(r"arn:[^:]+:s3:::(?P<bucket>[^/]+)/?(?P<key>.*)", re.DOTALL)
_S3_URI = re.compile(r"s3://(?P<bucket>[^/]+)/?(?P<key>.*)", re.IGNORECASE | re.DOTALL)
_QUERY = re.compile(r"\?.*=.*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket and, "" when only the bucket is known, a key or prefix in it."""

    bucket: str
    key: str = ""

    def within(self, region: str) -> str:
        """Name the place as records do: ``STORE_ID/KEY``, or the store's id alone."""
        return bucket_arn(self.bucket, region) + (f"/{self.key}" if self.key else "")


def place_of(uri: str) -> Place | None:
    """Read ``s3://``, both styles of ``https://`` ("Methods for accessing a bucket") or an ARN; None for anything else.

    What follows a ``?`` may be a signature and is cut off. In ``s3://``, where a key may hold a question mark and
    no query has a meaning, it is cut off only if it looks like one.
    """
    if found := _ARN.fullmatch(uri):
        return Place(found["bucket"], found["key"])
    if found := _S3_URI.fullmatch(uri):
        return Place(found["bucket"], _QUERY.sub("", found["key"]))
    url = _URL.fullmatch(uri)
    if url is None or (host := _S3_HOST.fullmatch(url["host"])) is None:
        return None
    path = unquote(url["path"])
    if host["bucket"]:
        return Place(host["bucket"], path)
    bucket, _, key = path.partition("/")
    return Place(bucket, key) if bucket else None


def location(uri: str, region: str) -> str:
    """Name a place as records do; what is no object of S3 stays as it is, without credentials and query."""
    if place := place_of(uri):
        return place.within(region)
    if url := _URL.fullmatch(uri):
        return f"https://{url['host']}/{url['path']}"
    return _QUERY.sub("", uri)


def signed(uri: str) -> bool:
    """Say whether a URL carries a query: AWS gives such a one only for what lies in its own bucket."""
    url = _URL.fullmatch(uri)
    return url is not None and url["rest"].startswith("?")
