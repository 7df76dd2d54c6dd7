"""No request leaves loopback: an audit hook of Python that refuses, and remembers, every other address.

It sees what Python's own sockets connect to and which names are looked up. gRPC connects by itself, beside Python;
its channels in the tests are made from an address of a stand-in.
"""

from __future__ import annotations

import contextlib
import ipaddress
import sys
from collections.abc import Iterator

_NAMES = {"localhost", "", None}
_watching: list[list[str]] = []
_installed = False


class LeftLoopback(OSError):
    """Something asked for an address that is not this machine's own."""


@contextlib.contextmanager
def only() -> Iterator[list[str]]:
    """Refuse every connection and look-up that leaves loopback; the list names them and is empty if all is well.

    Of several that are open, the innermost is told.
    """
    global _installed  # noqa: PLW0603 - an audit hook cannot be taken away again
    if not _installed:
        sys.addaudithook(_hook)
        _installed = True
    seen: list[str] = []
    _watching.append(seen)
    try:
        yield seen
    finally:
        _watching.remove(seen)


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if not _watching or event not in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname"}:
        return
    asked = arguments[1] if event == "socket.connect" else arguments[0]
    host = asked[0] if isinstance(asked, tuple) else asked
    if event == "socket.connect" and not isinstance(asked, tuple):
        return  # a socket of the file system
    if not _own(host):
        _watching[-1].append(str(host))
        raise LeftLoopback(f"{event} to {host}")


def _own(host: object) -> bool:
    text = host.decode() if isinstance(host, bytes) else host
    if text in _NAMES:
        return True
    try:
        return ipaddress.ip_address(str(text)).is_loopback
    except ValueError:
        return False
