"""What the errors of Google's APIs mean for a scan.

Two spellings are read: ``google.rpc.Status`` with an ``ErrorInfo`` ("API design guide: Errors"; its reasons are those
of ``google.api.ErrorReason``), and the older ``errors`` list ("HTTP status and error codes for JSON", Cloud Storage
documentation).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cloudscan.model import Why
from cloudscan.providing import questions

_DISABLED = {"accessNotConfigured", "accountDisabled", "BILLING_DISABLED", "CONSUMER_SUSPENDED", "SERVICE_DISABLED"}
_THROTTLED = {
    "dailyLimitExceeded",
    "quotaExceeded",
    "RATE_LIMIT_EXCEEDED",
    "rateLimitExceeded",
    "RESOURCE_EXHAUSTED",
    "RESOURCE_QUOTA_EXCEEDED",
    "userRateLimitExceeded",
}
_VANISHED = {"CONSUMER_INVALID", "NOT_FOUND", "notFound", "RESOURCE_PROJECT_INVALID"}
_EXPIRED = {"ACCESS_TOKEN_EXPIRED", "authError", "CREDENTIALS_MISSING"}
_UNSUPPORTED = {"notImplemented", "resourceIsEncryptedWithCustomerEncryptionKey", "UNIMPLEMENTED"}
_REASONS = {
    Why.EXPIRED: _EXPIRED,
    Why.DISABLED: _DISABLED,
    Why.THROTTLED: _THROTTLED,
    Why.VANISHED: _VANISHED,
    Why.UNSUPPORTED: _UNSUPPORTED,
}
_STATUSES = {
    401: Why.EXPIRED,
    403: Why.DENIED,
    404: Why.VANISHED,
    410: Why.VANISHED,
    429: Why.THROTTLED,
    501: Why.UNSUPPORTED,
}


@dataclass(frozen=True, slots=True)
class Fault(questions.Fault):
    """An error as an API told it.

    ``service`` is the API that is disabled, and ``consumer`` the project for which it is (``projects/NUMBER``): the one
    that is asked, or the one that is billed for the asking.
    """

    service: str = ""
    consumer: str = ""


def fault_of(status: int, body: object) -> Fault:
    """Read an error answer. Total: whatever makes no sense is told by the HTTP status alone."""
    error = body.get("error") if isinstance(body, Mapping) else None
    told = error if isinstance(error, Mapping) else {}
    info = next((each for each in _mappings(told.get("details")) if each.get("reason")), {})
    older = next((each for each in _mappings(told.get("errors")) if each.get("reason")), {})
    metadata = info.get("metadata")
    about = metadata if isinstance(metadata, Mapping) else {}
    words = [str(word) for word in (info.get("reason"), older.get("reason"), told.get("status")) if word]
    return Fault(
        status=status,
        code=words[0] if words else f"HTTP {status}",
        why=_why(status, words),
        service=str(about.get("service") or ""),
        consumer=str(about.get("consumer") or ""),
    )


def _why(status: int, words: list[str]) -> Why:
    known = (why for word in words for why, reasons in _REASONS.items() if word in reasons)
    return next(known, _STATUSES.get(status, Why.ERROR))


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
