"""Google's client of Speech-to-Text v2, which speaks gRPC: paced, counted and tried again as all other requests are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import grpc
from google.api_core import exceptions
from google.api_core.retry import Retry, if_exception_type
from google.cloud.speech_v2 import SpeechClient
from google.cloud.speech_v2.services.speech.transports import SpeechGrpcTransport

from cloudscan_gcp.clients import Clients
from cloudscan_gcp.http import Http

GLOBAL = "global"
"""The location that has no endpoint of its own."""
_TIMEOUT = 60.0
"""Seconds in which one answer has to be whole."""
_SIZES = [("grpc.max_receive_message_length", -1)]
"""A page of operations holds every transcript that was left with the service, which gRPC's 4 MiB would cut off."""
_RETRIED = if_exception_type(
    exceptions.DeadlineExceeded,
    exceptions.InternalServerError,
    exceptions.ResourceExhausted,
    exceptions.ServiceUnavailable,
)


class _Paced(grpc.UnaryUnaryClientInterceptor):  # type: ignore[type-arg] # which they are, is the client's affair
    """Lets a call go when the service may be asked again."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def intercept_unary_unary(self, continuation: Callable[..., Any], client_call_details: Any, request: Any) -> Any:
        self._http.admit("speech")
        return continuation(client_call_details, request)


@contextmanager
def opened(clients: Clients, location: str) -> Iterator[SpeechClient]:
    """Open a client of one location, and close it in the end."""
    with _channel(clients, location) as channel:
        yield SpeechClient(transport=SpeechGrpcTransport(channel=grpc.intercept_channel(channel, _Paced(clients.http))))


def patience(clients: Clients) -> dict[str, Any]:
    """How long a call may take and be made again: arguments of the client's methods."""
    retry = Retry(predicate=_RETRIED, timeout=clients.deadline) if clients.deadline else None
    return {"retry": retry, "timeout": _TIMEOUT}


def address(endpoint: str | None, location: str) -> tuple[str, bool]:
    """Return where a location is asked, and whether under TLS.

    Each has an endpoint of its own ("Speech-to-Text endpoints"), unless the user names one for everything.
    """
    own = "speech.googleapis.com" if location == GLOBAL else f"{location}-speech.googleapis.com"
    parts = urlsplit(endpoint or f"https://{own}")
    return (parts.netloc, False) if parts.scheme == "http" else (f"{parts.hostname}:{parts.port or 443}", True)


def _channel(clients: Clients, location: str) -> grpc.Channel:
    """Connect; no token travels in the clear."""
    target, secure = address(clients.endpoint, location)
    if not secure:
        return grpc.insecure_channel(target, [*_SIZES, ("grpc.enable_http_proxy", 0)])
    return SpeechGrpcTransport.create_channel(target, credentials=clients.credentials, options=_SIZES)
