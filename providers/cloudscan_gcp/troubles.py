"""What Google's libraries raise, read as faults of one kind. It imports them: import it where a question is asked."""

from __future__ import annotations

import requests
import urllib3
from google.api_core import exceptions as api
from google.auth import exceptions as auth
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse

from cloudscan.model import Why
from cloudscan.providing.questions import Malformed
from cloudscan_gcp.codes import Fault, fault_of
from cloudscan_gcp.rest import body_of

TROUBLES: tuple[type[Exception], ...] = (
    api.GoogleAPIError,
    auth.GoogleAuthError,
    DataCorruption,
    InvalidResponse,
    Malformed,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
)
"""All that a call may raise for a question that got no answer."""


def read(error: Exception) -> Fault:
    """Sort what was raised. Total: what is not known is an error by the name of its class."""
    if isinstance(error, api.RetryError) and isinstance(error.cause, Exception):
        return read(error.cause)
    if isinstance(error, Malformed | requests.JSONDecodeError):
        return Fault(0, str(error), Why.MALFORMED)
    if isinstance(error, auth.GoogleAuthError):
        # Not to reach the one who makes tokens is trouble on the way; to be refused one is the end.
        reached = not isinstance(error, auth.TransportError)
        return Fault(0, type(error).__name__, Why.EXPIRED if reached else Why.ERROR)
    response = getattr(error, "response", None)
    if isinstance(response, requests.Response):
        return fault_of(response.status_code, body_of(response))
    if isinstance(error, api.GoogleAPICallError):
        return _spoken(error)
    return Fault(0, type(error).__name__, Why.ERROR)


def _spoken(error: api.GoogleAPICallError) -> Fault:
    """Read an error that came over gRPC: the same words, in an object."""
    status = getattr(error.grpc_status_code, "name", "") if error.grpc_status_code else ""
    info = {"reason": error.reason, "metadata": dict(error.metadata or {})} if error.reason else {}
    code = int(error.code or 0)
    return fault_of(code, {"error": {"status": status, "details": [info]}})
