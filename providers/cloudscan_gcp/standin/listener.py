"""The endpoint's port passes gRPC on, since clients are given one address for all APIs."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any, Protocol

from cloudscan.standin import listener

_HTTP2 = b"PRI"  # how a connection of HTTP/2, and so of gRPC, begins


class Answering(listener.Answering, Protocol):
    """Who answers the requests. ``grpc`` is the address of a gRPC server, "" for none."""

    grpc: str


class Listener(listener.Listener):
    """A server of HTTP/1.1, and of gRPC by another server."""

    def __init__(self, answering: Answering) -> None:
        self._endpoint = answering
        super().__init__(answering)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Answer a connection, or pass one of HTTP/2 on to the gRPC server."""
        if request.recv(len(_HTTP2), socket.MSG_PEEK) != _HTTP2:
            super().finish_request(request, client_address)
        elif self._endpoint.grpc:
            self._join_up(request)

    def _join_up(self, client: socket.socket) -> None:
        host, _, port = self._endpoint.grpc.rpartition(":")
        with socket.create_connection((host, int(port))) as server, self.opened(server):
            back = threading.Thread(target=_copy, args=(server, client))
            back.start()
            _copy(client, server)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
