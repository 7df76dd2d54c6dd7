"""What Azure's libraries raise, read as faults of one kind. It imports them: import it where a question is asked."""

from __future__ import annotations

import json

from azure.core import exceptions

from cloudscan.model import Why
from cloudscan.providing.questions import Fault, Malformed
from cloudscan_azure.codes import fault_of
from cloudscan_azure.transport import Unsigned

TROUBLES: tuple[type[Exception], ...] = (exceptions.AzureError, Malformed, Unsigned)
"""All that a call may raise for a question that got no answer."""


def read(error: Exception) -> Fault:
    """Sort what was raised. Total: what is not known is an error by the name of its class."""
    if isinstance(error, Malformed):
        return Fault(0, str(error), Why.MALFORMED)
    if isinstance(error, Unsigned):
        return Fault(0, str(error), Why.DENIED)
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    if response is not None and isinstance(status, int):
        return _answered(response, status)
    if isinstance(error, exceptions.ClientAuthenticationError):
        return Fault(0, type(error).__name__, Why.EXPIRED)
    if isinstance(error, exceptions.DecodeError | exceptions.DeserializationError):
        return Fault(0, "it cannot be read", Why.MALFORMED)
    return Fault(0, type(error).__name__, Why.ERROR)


def _answered(response: object, status: int) -> Fault:
    headers = getattr(response, "headers", None) or {}
    if 300 <= status < 400:
        return Fault(status, "it points elsewhere", Why.MALFORMED)
    return fault_of(status, _body(response), str(headers.get("x-ms-error-code") or ""))


def _body(response: object) -> object:
    """Return what an error answer holds, None where that is no JSON or was not read."""
    try:
        text = response.text()  # type: ignore[attr-defined]
    except Exception:  # noqa: BLE001 - what a stream that broke off raises is no matter here
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
