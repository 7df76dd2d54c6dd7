"""An emulator of Cloud Storage's objects on loopback: gcp-storage-emulator, in this process and in memory.

Objects behave as its authors found Cloud Storage to behave: uploads, media, ranges, metadata, prefixes. It ignores page
sizes, and loses keys, holds, retention and what a bucket was created with; those are told by the endpoint before it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

from gcp_storage_emulator.server import RequestHandler
from gcp_storage_emulator.storage import Storage

from cloudscan.standin.listener import LOOPBACK
from cloudscan_gcp.standin.server import Endpoint
from cloudscan_gcp.standin.state import Asked, Payload, page

_POLL_SECONDS = 0.02


@contextmanager
def emulate(endpoint: Endpoint) -> Iterator[None]:
    """Start the emulator behind an endpoint, which pages its lists and mends its links."""
    for name in ("gcp_storage_emulator", "api"):  # it logs every request that it does not know
        logging.getLogger(name).addHandler(logging.NullHandler())
    handler = partial(RequestHandler, Storage(use_memory_fs=True))
    with ThreadingHTTPServer((LOOPBACK, 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(_POLL_SECONDS,), daemon=True)
        thread.start()
        endpoint.storage = f"http://{LOOPBACK}:{server.server_address[1]}"
        endpoint.patch("storage.objects.list", _paged)
        endpoint.patch("storage.objects.get", lambda _, payload: _linked(payload))
        try:
            yield
        finally:
            endpoint.storage = ""
            server.shutdown()
            thread.join()


def _paged(asked: Asked, payload: Mapping[str, Any]) -> Payload:
    rows = [_linked(row) for row in payload.get("items", ())]
    paged = page(asked, "items", rows)
    return (
        {**paged, "prefixes": payload["prefixes"]}
        if payload.get("prefixes") and "pageToken" not in asked.query
        else paged
    )


def _linked(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row whose link to its media has the name percent-encoded, as a URL must."""
    link = str(row.get("mediaLink", "")).replace(f"/o/{row['name']}", f"/o/{quote(row['name'], safe='')}")
    return {**row, "mediaLink": link}
