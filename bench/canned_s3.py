"""A small S3 that only lists: one synthetic bucket, its entries rendered once, an answer is a slice of them.

    python bench/canned_s3.py --keys 1000000 --shape tree --delay 0.05

prints the port it listens on (loopback) and serves until it is ended. It answers ListObjectsV2 (prefix,
start-after, continuation-token, max-keys, fetch-owner) and ListObjectVersions (prefix, key-marker,
version-id-marker, max-keys) with encoding-type=url, for whatever bucket name; it knows no delimiter and checks
no signature. Every answer waits for the delay, all of them at once.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from html import escape
from typing import cast
from urllib.parse import parse_qsl, quote_plus, urlsplit

_OWNER = "<Owner><ID>" + "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a" + "</ID></Owner>"
_NEW_VERSION_EVERY = 3
"""Every third key has an old version ..."""
_DELETED_EVERY = 5
"""... and every fifth was deleted since."""


class Unanswered(Exception):
    """The request is for something that this server does not do."""


class _Entries:
    """Rendered entries in the order of the listing, and the key and version of each."""

    def __init__(self, entries: Iterable[tuple[str, str, str]]) -> None:
        self.keys: list[str] = []
        self.versions: list[str] = []
        self._ends = array("Q", [0])
        text = bytearray()
        for key, version, entry in entries:
            self.keys.append(key)
            self.versions.append(version)
            text += entry.encode()
            self._ends.append(len(text))
        self._text = memoryview(bytes(text))

    def slice(self, first: int, end: int) -> memoryview:
        """Return the entries from ``first`` to before ``end``."""
        return self._text[self._ends[first] : self._ends[end]]


class CannedBucket:
    """A bucket of these keys, each with a size, a time and so on that follow from its place.

    A page has at most ``page`` entries, however many are asked for.
    """

    def __init__(self, keys: Iterable[str], page: int = 1000) -> None:
        self.keys: Sequence[str] = sorted(keys)  # code points: the same order as their UTF-8
        self._page = page

    @cached_property
    def _objects(self) -> _Entries:
        return _Entries((key, "", _entry("Contents", number, key)) for number, key in enumerate(self.keys))

    @cached_property
    def _owned(self) -> _Entries:
        return _Entries((key, "", _entry("Contents", number, key, _OWNER)) for number, key in enumerate(self.keys))

    @cached_property
    def _versions(self) -> _Entries:
        return _Entries(version for number, key in enumerate(self.keys) for version in _history(number, key))

    def answer(self, query: Mapping[str, str]) -> list[bytes | memoryview]:
        """Return the body for the parameters of a request, in pieces. Raises :class:`Unanswered`."""
        if query.get("encoding-type") != "url" or "delimiter" in query:
            raise Unanswered(f"only plain lists with encoding-type=url: {sorted(query)}")
        if "versions" in query:
            return self._answer(query, self._versions, "ListVersionsResult")
        if query.get("list-type") != "2":
            raise Unanswered(f"only list-type=2: {sorted(query)}")
        entries = self._owned if query.get("fetch-owner") == "true" else self._objects
        return self._answer(query, entries, "ListBucketResult")

    def _answer(self, query: Mapping[str, str], entries: _Entries, root: str) -> list[bytes | memoryview]:
        prefix, most = query.get("prefix", ""), min(int(query.get("max-keys", "1000")), self._page)
        first = max(_start(query, entries), bisect_left(entries.keys, prefix))
        all_end = bisect_right(entries.keys, prefix, key=lambda key: key[: len(prefix)])
        end = max(first, min(first + most, all_end))
        truncated = end < all_end and most > 0
        head = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>canned</Name><Prefix>{quote_plus(prefix, safe='/')}</Prefix><MaxKeys>{most}</MaxKeys>"
            f"<EncodingType>url</EncodingType><IsTruncated>{'true' if truncated else 'false'}</IsTruncated>"
        )
        if truncated and root == "ListVersionsResult":
            head += f"<NextKeyMarker>{quote_plus(entries.keys[end - 1], safe='/')}</NextKeyMarker>"
            head += f"<NextVersionIdMarker>{entries.versions[end - 1]}</NextVersionIdMarker>"
        elif truncated:
            head += f"<NextContinuationToken>{end}</NextContinuationToken>"
        return [head.encode(), entries.slice(first, end), f"</{root}>".encode()]


def _start(query: Mapping[str, str], entries: _Entries) -> int:
    """Return the place of the first entry that a request asks for, its prefix aside."""
    if "continuation-token" in query:
        return int(query["continuation-token"])
    after = query.get("key-marker") or query.get("start-after", "")
    place = bisect_right(entries.keys, after) if after else 0
    if marker := query.get("version-id-marker"):
        return entries.versions.index(marker, bisect_left(entries.keys, after), place) + 1
    return place


def _history(number: int, key: str) -> Iterable[tuple[str, str, str]]:
    """Yield the versions of a key, newest first."""
    kinds = ["Version"]
    if number % _NEW_VERSION_EVERY == 0:
        kinds.insert(0, "Version")
    if number % _DELETED_EVERY == 0:
        kinds.insert(0, "DeleteMarker")
    for age, kind in enumerate(kinds):
        version = f"{number}.{len(kinds) - age}"
        latest = "true" if age == 0 else "false"
        more = f"<VersionId>{version}</VersionId><IsLatest>{latest}</IsLatest>{_OWNER}"
        yield key, version, _entry(kind, number, key, more)


def _entry(kind: str, number: int, key: str, more: str = "") -> str:
    """Render one entry with the elements, and about the length, of S3's own."""
    time = f"2026-{number % 12 + 1:02d}-{number % 28 + 1:02d}T{number % 24:02d}:{number % 60:02d}:07.000Z"
    stored = (
        f"<ETag>&quot;{_digest(number)}&quot;</ETag><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm>"
        f"<ChecksumType>FULL_OBJECT</ChecksumType><Size>{number * 7919 % 10_000_000}</Size>"
        "<StorageClass>STANDARD</StorageClass>"
    )
    return (
        f"<{kind}><Key>{quote_plus(key, safe='/')}</Key><LastModified>{time}</LastModified>"
        f"{'' if kind == 'DeleteMarker' else stored}{more}</{kind}>"
    )


def _digest(number: int) -> str:
    return hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()


def keys_of(shape: str, count: int) -> Iterable[str]:
    """Yield keys as a call centre's recorder names them (``tree``) or as hashes under one prefix (``flat``)."""
    for number in range(count):
        name = _digest(number)
        if shape == "flat":
            yield f"recordings/{name}.wav"
        else:
            day = number * 365 // count
            yield f"calls/2026/{day // 31 + 1:02d}/{day % 31 + 1:02d}/agent-{number % 97:04d}/{name}.wav"


class _Connection(asyncio.Protocol):
    """One client's connection: requests without a body, one after another."""

    def __init__(self, bucket: CannedBucket, delay: float) -> None:
        self._bucket, self._delay = bucket, delay
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            request, self._received = self._received.split(b"\r\n\r\n", 1)
            target = request.split(b" ", 2)[1].decode("ascii")
            asyncio.get_running_loop().call_later(self._delay, self._respond, target)

    def _respond(self, target: str) -> None:
        try:
            body, status = (
                self._bucket.answer(dict(parse_qsl(urlsplit(target).query, keep_blank_values=True))),
                "200 OK",
            )
        except Unanswered as error:
            body = [f"<Error><Code>NotImplemented</Code><Message>{escape(str(error))}</Message></Error>".encode()]
            status = "501 Not Implemented"
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nContent-Length: {sum(map(len, body))}\r\n\r\n"
        self._transport.writelines([head.encode(), *body])


async def _serve(bucket: CannedBucket, delay: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(bucket, delay), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--shape", choices=("tree", "flat"), default="tree")
    parser.add_argument("--delay", type=float, default=0.0, metavar="SECONDS")
    options = parser.parse_args()
    bucket = CannedBucket(keys_of(options.shape, options.keys))
    bucket.answer({"list-type": "2", "encoding-type": "url"})  # renders before the first request comes
    asyncio.run(_serve(bucket, options.delay))


if __name__ == "__main__":
    main()
