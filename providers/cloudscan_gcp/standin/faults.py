"""Faults that a test sets: denied, disabled, throttled, vanished, expired, malformed and broken calls.

They are spelled as the APIs spell them; see :mod:`cloudscan_gcp.standin.errors` for the documents.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, get_args

from cloudscan_gcp.standin.errors import GoogleError

Kind = Literal["denied", "disabled", "quota", "vanished", "expired", "malformed", "unavailable", "broken"]
_ANY = "*"
MALFORMED = b"<!DOCTYPE html><title>Error 200 (OK)!!1</title>"
"""What a proxy that answers for Google may say: a success that is no JSON."""


@dataclass(slots=True)
class _Fault:
    kind: Kind
    method: str
    containing: str
    permission: str
    passes: int
    strikes: int | None
    retry_after: int | None
    consumer: str

    def aims_at(self, method: str, api: str, target: str) -> bool:
        return self.method in {_ANY, method, f"{api}.{_ANY}"} and self.containing in target


class Faults:
    """The faults in force; the first that aims at a call and is not used up strikes.

    ``known`` are the methods' ids.
    """

    def __init__(self, known: Collection[str]) -> None:
        self._known = known
        self._faults: list[_Fault] = []
        self._lock = threading.Lock()

    def add(
        self,
        kind: Kind,
        method: str = _ANY,
        *,
        first: int | None = None,
        after: int = 0,
        containing: str = "",
        permission: str = "",
        retry_after: int | None = 1,
        consumer: str = "projects/123456789012",
    ) -> None:
        """Make calls fail.

        ``method`` is a method's id, all methods of an API (``storage.*``), or all (``*``). Of the calls that match,
        the first ``after`` are answered as ever and then ``first`` are struck (all, if None). ``containing`` looks at
        what is asked for: the path and the query, or a resource's name. ``permission`` is what ``denied`` says is
        missing; ``consumer`` is the project for which ``disabled`` says that the API is off. ``retry_after`` seconds go
        with ``quota``, no header if None.
        Raises ValueError for an unknown kind or method.
        """
        if kind not in get_args(Kind):
            raise ValueError(f"{kind!r} is no fault; known are {', '.join(get_args(Kind))}")
        if not method.endswith(_ANY) and method not in self._known:
            raise ValueError(f"no method is called {method!r}")
        with self._lock:
            self._faults.append(_Fault(kind, method, containing, permission, after, first, retry_after, consumer))

    def clear(self) -> None:
        """Let every call through again."""
        with self._lock:
            self._faults.clear()

    def strike(self, method: str, api: str, target: str) -> GoogleError | bytes | None:
        """The error that a call is to be answered with, or the malformed answer, if any; counts the call."""
        with self._lock:
            for fault in self._faults:
                if fault.strikes == 0 or not fault.aims_at(method, api, target):
                    continue
                if fault.passes:
                    fault.passes -= 1
                    continue
                if fault.strikes is not None:
                    fault.strikes -= 1
                return MALFORMED if fault.kind == "malformed" else _error(fault, method, api, target)
        return None


def _error(fault: _Fault, method: str, api: str, target: str) -> GoogleError:
    service = f"{api}.googleapis.com"
    if fault.kind == "denied":
        return _denied(fault.permission or method, f"//{service}/{target.partition('?')[0].lstrip('/')}")
    if fault.kind == "disabled":
        said = f"{service} has not been used in {fault.consumer} before or it is disabled."
        metadata = {"service": service, "consumer": fault.consumer}
        return GoogleError(403, said, "SERVICE_DISABLED", "accessNotConfigured", metadata=metadata)
    if fault.kind == "quota":
        said = f"Quota exceeded for quota metric 'Read requests' of service '{service}'."
        metadata = {"service": service, "quota_limit": "ReadRequestsPerMinutePerProject"}
        return GoogleError(429, said, "RATE_LIMIT_EXCEEDED", metadata=metadata, retry_after=fault.retry_after)
    if fault.kind == "vanished":
        return GoogleError(404, "The requested resource was not found.")
    if fault.kind == "expired":
        said = "Request had invalid authentication credentials."
        return GoogleError(401, said, "ACCESS_TOKEN_EXPIRED", metadata={"service": service})
    if fault.kind == "unavailable":
        return GoogleError(503, "The service is currently unavailable.")
    return GoogleError(500, "Internal error encountered.")


def _denied(permission: str, resource: str) -> GoogleError:
    said = f"Permission '{permission}' denied on resource (or it may not exist)."
    metadata = {"permission": permission, "resource": resource}
    return GoogleError(403, said, "IAM_PERMISSION_DENIED", domain="iam.googleapis.com", metadata=metadata)
