"""The one way out to Azure: whatever is sent passes here.

It keeps the pace of each host, and sends nothing, and so no token, to a host that is not of the cloud which is asked.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.core.pipeline.policies import RetryPolicy
from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import HTTPAdapter

from cloudscan.providing.questions import Malformed, Pace
from cloudscan_azure.cloud import ARM, Cloud

CONNECT, READ = 10, 60
"""Seconds to connect, and to wait for an answer to begin."""


class Unsigned(Exception):
    """There is no token for a service other than ARM: what it would tell stays unseen, and nothing else."""


class Transport(RequestsTransport):  # type: ignore[misc] # it is untyped
    """Connections to one cloud. It may be used on several threads.

    ``sent`` counts the requests to each host, those made again included.
    """

    def __init__(self, cloud: Cloud, per_second: float | None, connections: int) -> None:
        session = requests.Session()
        session.mount("https://", HTTPAdapter(pool_maxsize=connections))
        super().__init__(session=session, connection_timeout=CONNECT, read_timeout=READ)
        self.sent: Counter[str] = Counter()
        self._cloud, self._per_second = cloud, per_second
        self._paces: dict[str, Pace] = {}
        self._counting = threading.Lock()

    def send(self, request: Any, **options: Any) -> Any:
        """Send a request when its host may be asked again. Raises :class:`Malformed` for a host that is not Azure's."""
        if not self._cloud.service_of(request.url):
            raise Malformed("it is at a host that is not Azure's")
        host = urlsplit(request.url).netloc
        with self._counting:
            self.sent[host] += 1
            pace = self._paces.setdefault(host, Pace(self._per_second))
        pace.wait()
        return super().send(request, **options)


class Patience(RetryPolicy[Any, Any]):
    """Azure's own way to try again, until a deadline in seconds: it waits for nothing that comes later. 0: never."""

    def __init__(self, deadline: float) -> None:
        super().__init__(retry_total=100, retry_connect=100, retry_read=100, retry_status=100)
        self._deadline = deadline

    def configure_retries(self, options: dict[str, Any]) -> dict[str, Any]:
        """Begin to count with each request."""
        return {**super().configure_retries(options), "until": time.monotonic() + self._deadline}

    def increment(self, settings: dict[str, Any], response: Any = None, error: Exception | None = None) -> bool:
        """Say whether it is tried again."""
        again = super().increment(settings, response=response, error=error)
        told = self.get_retry_after(response) if error is None and response is not None else None
        wait = told or self.get_backoff_time(settings)
        return bool(again) and time.monotonic() + wait < settings["until"]


class Signer:
    """A credential of azure-identity whose lack of a token ends the scan for ARM alone: Graph may want a consent that
    nobody gave, or a vault be of another tenant."""

    def __init__(self, credential: Any, cloud: Cloud, tenant: str = "") -> None:
        """``tenant`` is that whose tokens are wanted, "" for the credential's own."""
        self._credential, self._arm = credential, cloud.scope_of(ARM)
        self._wanted = {"tenant_id": tenant} if tenant else {}

    def get_token(self, *scopes: str, **options: Any) -> Any:
        """Return a token. Raises azure-core's ClientAuthenticationError for ARM, :class:`Unsigned` for others."""
        try:
            return self._credential.get_token(*scopes, **self._wanted, **options)
        except ClientAuthenticationError as error:
            if self._arm in scopes:
                raise
            raise Unsigned("no token for it") from error
