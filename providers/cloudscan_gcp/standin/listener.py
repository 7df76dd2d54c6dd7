"""The sockets of the endpoint: one loopback port for HTTP/1.1, and for gRPC that is passed on."""

from __future__ import annotations

import contextlib
import socket
import threading
import traceback
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

LOOPBACK = "127.0.0.1"
_HTTP2 = b"PRI"  # how a connection of HTTP/2, and so of gRPC, begins
Reply = tuple[int, dict[str, str], bytes]
"""Status, headers and content."""


class Answering(Protocol):
    """Who answers the requests. ``grpc`` is the address of a gRPC server, "" for none."""

    grpc: str
    crashes: list[str]

    def reply(self, verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer one request; the headers' names are in lower case."""


class Listener(ThreadingHTTPServer):
    """A server that keeps tracebacks, and leaves no thread and no socket behind."""

    daemon_threads = False  # so that server_close waits for them

    def __init__(self, answering: Answering) -> None:
        self.answering = answering
        self._connections: set[Any] = set()
        super().__init__((LOOPBACK, 0), _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Answer a connection, or pass one of HTTP/2 on to the gRPC server."""
        if request.recv(len(_HTTP2), socket.MSG_PEEK) != _HTTP2:
            super().finish_request(request, client_address)
        elif self.answering.grpc:
            self._join_up(request)

    def _join_up(self, client: socket.socket) -> None:
        host, _, port = self.answering.grpc.rpartition(":")
        with socket.create_connection((host, int(port))) as server:
            self._connections.add(server)
            back = threading.Thread(target=_copy, args=(server, client))
            back.start()
            _copy(client, server)
            back.join()
            self._connections.discard(server)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep the traceback that socketserver would print, but for a client that went away."""
        trace = traceback.format_exc()
        if "ConnectionResetError" not in trace and "BrokenPipeError" not in trace:
            self.answering.crashes.append(trace)

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


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


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
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content if self.command != "HEAD" else b"")
        self.wfile.flush()

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body
