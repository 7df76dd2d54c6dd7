"""The one HTTP session of a scan: signs requests, keeps their pace, counts them, and shares its connections."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import requests
from google.auth.credentials import Credentials
from google.auth.transport.requests import AuthorizedSession
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from cloudscan.errors import CollectionStopped
from cloudscan.providing.questions import Pace

TIMEOUT = (10.0, 60.0)
"""Seconds to connect, and to wait for an answer to begin."""
TRIES = 3
"""How often somebody is called who never answered: who is busy accepts connections, and who is not there does not."""
_PAUSE = 0.3
"""Seconds between these, each time twice as long."""


class Unreachable(requests.RequestException):
    """No connection to a service that was never reached. It is no ``ConnectionError``: those are tried for long."""


class Http(AuthorizedSession):
    """A session over which Google's own storage client and our REST calls go. It may be used on several threads.

    ``sent`` counts the requests to each service, those made again included. Who was never reached is called a few
    times. Who was is taken to come back, and how long to wait for that is for those to say who ask.
    """

    def __init__(self, credentials: Credentials, per_second: float | None, connections: int) -> None:
        super().__init__(credentials)  # type: ignore[no-untyped-call]
        self.sent: Counter[str] = Counter()
        self._per_second = per_second
        self._paces: dict[str, Pace] = {}
        self._counting = threading.Lock()
        self._reached: set[str] = set()
        for scheme in ("https://", "http://"):
            self.mount(scheme, HTTPAdapter(pool_maxsize=connections))

    def sign_in(self) -> None:
        """Get a token, where the credentials take one. Raises google-auth's GoogleAuthError."""
        if not self.credentials.valid:
            self.credentials.refresh(self._auth_request)

    def request(  # type: ignore[override] # of what requests takes, google-auth passes on
        self, method: str, url: str, *given: Any, **more: Any
    ) -> requests.Response:
        """Send a request when its service may be asked again.

        Raises :class:`Unreachable`, and where nobody at all was reached so far :class:`CollectionStopped`.
        """
        service = service_of(url, (more.get("headers") or {}).get("Host", ""))
        place = "://".join(urlsplit(url)[:2])
        for number in range(TRIES):
            self.admit(service)
            try:
                response: requests.Response = super().request(method, url, *given, **more)  # type: ignore[no-untyped-call]
            except requests.ConnectionError as error:
                reason = None if place in self._reached else _without_connection(error)
                if reason is None:
                    raise
                if number == TRIES - 1:
                    sort = Unreachable if self._reached else CollectionStopped
                    raise sort(f"{place} cannot be reached: {reason}") from error
                time.sleep(_PAUSE * 2**number)
            else:
                self._reached.add(place)
                return response
        raise AssertionError("the last try returns or raises")

    def admit(self, service: str) -> None:
        """Count a request, and wait until its service may be asked again: also for those that go another way."""
        with self._counting:
            self.sent[service] += 1
            pace = self._paces.setdefault(service, Pace(self._per_second))
        pace.wait()


def service_of(url: str, host: str = "") -> str:
    """Return the service that a request is meant for: the first word of its host, without a location.

    A request to an endpoint of the user's own that names no host is one for objects: Google's storage client.
    """
    parts = urlsplit(url)
    name = (host or parts.hostname or "").removesuffix(".googleapis.com")
    return "storage" if "/storage/v1/" in parts.path else name.rpartition("-")[2]


def _without_connection(error: requests.ConnectionError) -> str | None:
    """Say why there was no connection, in the system's words; None where there was one, which broke."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy lets nobody through"
    if isinstance(reason, NewConnectionError):  # which some versions count among those that took too long
        return getattr(reason.__cause__, "strerror", None) or "no connection"
    if isinstance(reason, ConnectTimeoutError):
        return f"no connection in {TIMEOUT[0]:.0f} seconds"
    return None
