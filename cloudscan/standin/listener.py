"""The sockets of a stand-in: one loopback port for HTTP/1.1, in clear or over TLS."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from typing import Any, Protocol

LOOPBACK = "127.0.0.1"
POLL_SECONDS = 0.02  # how soon the server notices that it is to stop
_LENGTH = "content-length"
Reply = tuple[int, dict[str, str], bytes]
"""Status, headers and content. A content that is shorter than a length among the headers is cut off."""


class Answering(Protocol):
    """Who answers the requests."""

    crashes: list[str]

    def reply(self, verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer one request; the headers' names are in lower case."""


class Draining(BaseServer):
    """The part of a server with a thread for each connection that leaves no thread and no socket behind."""

    daemon_threads = False  # so that server_close waits for them

    def __init__(self, *given: Any, **named: Any) -> None:
        self._connections: set[Any] = set()
        super().__init__(*given, **named)

    @contextmanager
    def opened(self, connection: Any) -> Iterator[None]:
        """Remember a connection while it is open."""
        self._connections.add(connection)
        try:
            yield
        finally:
            self._connections.discard(connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection while it is open."""
        self._connections.add(request)
        super().process_request(request, client_address)

    def close_request(self, request: Any) -> None:
        """Forget the connection."""
        self._connections.discard(request)
        super().close_request(request)

    def server_close(self) -> None:
        """End the connections that a client holds open, then wait for their threads."""
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()


class Listener(Draining, ThreadingHTTPServer):
    """A server that keeps tracebacks."""

    def __init__(self, answering: Answering, tls: ssl.SSLContext | None = None) -> None:
        self.answering = answering
        self.tls = tls
        super().__init__((LOOPBACK, 0), _Handler)

    @property
    def url(self) -> str:
        """The address, without a slash at its end."""
        return f"{'https' if self.tls else 'http'}://{LOOPBACK}:{self.server_address[1]}"

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Answer a connection, over TLS where that is wanted; one whose client does not trust us is no more."""
        if self.tls is None:
            super().finish_request(request, client_address)
            return
        try:
            secured = self.tls.wrap_socket(request, server_side=True)
        except (ssl.SSLError, ConnectionError):
            return
        with self.opened(secured), secured:
            super().finish_request(secured, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep the traceback that socketserver would print, but for a client that went away."""
        trace = traceback.format_exc()
        if not any(each in trace for each in ("ConnectionResetError", "BrokenPipeError", "SSLEOFError")):
            self.answering.crashes.append(trace)


@contextmanager
def serving(listener: Listener) -> Iterator[str]:
    """Serve until the end of the block; yields the address."""
    thread = threading.Thread(target=listener.serve_forever, args=(POLL_SECONDS,), daemon=True)
    thread.start()
    try:
        yield listener.url
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


class _Handler(BaseHTTPRequestHandler):
    """A handler that keeps connections open and writes no log lines."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        """Read a request and answer it, whatever its method."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self._body()
        server = self.server
        assert isinstance(server, Listener)  # noqa: S101 - it is what makes this handler
        asked = {name.lower(): value for name, value in self.headers.items()}
        status, headers, content = server.answering.reply(self.command, self.path, asked, body)
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if any(name.lower() == _LENGTH for name in headers):
            self.close_connection = True
        else:
            self.send_header(_LENGTH, str(len(content)))
        self.end_headers()
        self.wfile.write(content if self.command != "HEAD" else b"")
        self.wfile.flush()

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get(_LENGTH) or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body
