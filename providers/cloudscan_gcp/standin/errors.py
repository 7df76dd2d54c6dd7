"""Google's errors, in the two spellings that its REST APIs have.

Most APIs answer ``google.rpc.Status`` with details ("API design guide: Errors", google.aip.dev/193). Cloud Storage
and Compute Engine answer the older ``errors`` list ("Cloud Storage JSON API: HTTP status and error codes"), and both
where the service is off: then it is what stands before all of them that answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

STATUSES: Mapping[int, str] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    412: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}
_OLDER = {
    400: "invalid",
    401: "authError",
    403: "forbidden",
    404: "notFound",
    409: "conflict",
    412: "conditionNotMet",
    429: "rateLimitExceeded",
    500: "backendError",
    501: "notImplemented",
    503: "backendError",
}
_OLDER_APIS = frozenset({"storage", "compute"})


@dataclass(eq=False)
class GoogleError(Exception):
    """An error that an API answers; given as an answer, or raised by one that is a function.

    ``reason`` is the word of google.rpc.ErrorInfo (``IAM_PERMISSION_DENIED``), and ``older`` that of the ``errors``
    list (``forbidden``); ``metadata`` goes with the reason.
    """

    code: int
    message: str = ""
    reason: str = ""
    older: str = ""
    domain: str = "googleapis.com"
    metadata: Mapping[str, str] = field(default_factory=dict)
    retry_after: int | None = None
    """Seconds, told in the header ``Retry-After``."""

    def body(self, api: str) -> dict[str, Any]:
        """Return the body as the API spells it."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if api in _OLDER_APIS:
            word = self.older or _OLDER.get(self.code, "unknown")
            error["errors"] = [{"message": self.message, "domain": "global", "reason": word}]
            if self.reason != "SERVICE_DISABLED":
                return {"error": error}
        error["status"] = STATUSES[self.code]
        if self.reason:
            kind = "type.googleapis.com/google.rpc.ErrorInfo"
            info = {"@type": kind, "reason": self.reason, "domain": self.domain, "metadata": dict(self.metadata)}
            error["details"] = [info]
        return {"error": error}
