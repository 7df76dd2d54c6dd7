"""The one HTTP session of a scan: signs requests, keeps their pace, counts them, and shares its connections."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import requests
from google.auth.credentials import Credentials
from google.auth.transport.requests import AuthorizedSession
from requests.adapters import HTTPAdapter

from cloudscan.questions import Pace

TIMEOUT = (10.0, 60.0)
"""Seconds to connect, and to wait for an answer to begin."""


class Http(AuthorizedSession):
    """A session over which Google's own storage client and our REST calls go. It may be used on several threads.

    ``sent`` counts the requests to each service, those made again included.
    """

    def __init__(self, credentials: Credentials, per_second: float | None, connections: int) -> None:
        super().__init__(credentials)  # type: ignore[no-untyped-call]
        self.sent: Counter[str] = Counter()
        self._per_second = per_second
        self._paces: dict[str, Pace] = {}
        self._counting = threading.Lock()
        for scheme in ("https://", "http://"):
            self.mount(scheme, HTTPAdapter(pool_maxsize=connections))

    def sign_in(self) -> None:
        """Get a token, where the credentials take one. Raises google-auth's GoogleAuthError."""
        if not self.credentials.valid:
            self.credentials.refresh(self._auth_request)

    def request(  # type: ignore[override] # of what requests takes, google-auth passes on
        self, method: str, url: str, *given: Any, **more: Any
    ) -> requests.Response:
        """Send a request when its service may be asked again."""
        service = service_of(url, (more.get("headers") or {}).get("Host", ""))
        self.admit(service)
        response: requests.Response = super().request(method, url, *given, **more)  # type: ignore[no-untyped-call]
        return response

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
