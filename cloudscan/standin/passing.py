"""Pass a request on to a server on loopback that somebody else wrote, and its answer back."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from cloudscan.standin.listener import Reply

_HOP_BY_HOP = {"connection", "date", "keep-alive", "server", "transfer-encoding"}
_LENGTH = "content-length"
_SECONDS = 60


def pass_on(
    url: str, verb: str, target: str, headers: Mapping[str, str], body: bytes, tls: ssl.SSLContext | None = None
) -> Reply:
    """Ask the server at an address; the answer's headers are those that are not of the connection alone."""
    place = urlsplit(url)
    host, port = place.hostname or "", place.port
    server = (
        http.client.HTTPConnection(host, port, timeout=_SECONDS)
        if tls is None
        else http.client.HTTPSConnection(host, port, timeout=_SECONDS, context=tls)
    )
    try:
        kept = {name: value for name, value in headers.items() if name not in {*_HOP_BY_HOP, _LENGTH}}
        server.request(verb, target, body or None, kept)
        answer = server.getresponse()
        dropped = _HOP_BY_HOP if verb == "HEAD" else {*_HOP_BY_HOP, _LENGTH}  # a length without a content is told
        told = {name: value for name, value in answer.getheaders() if name.lower() not in dropped}
        return answer.status, told, answer.read()
    finally:
        server.close()
