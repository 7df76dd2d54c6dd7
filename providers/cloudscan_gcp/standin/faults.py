"""Faults that a test sets: denied, disabled, throttled, vanished, expired, malformed and broken calls.

They are spelled as the APIs spell them; see :mod:`cloudscan_gcp.standin.errors` for the documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Unpack, get_args

from cloudscan.standin import faults
from cloudscan_gcp.standin.errors import GoogleError

Kind = Literal["denied", "disabled", "quota", "vanished", "expired", "malformed", "unavailable", "broken"]
MALFORMED = b"<!DOCTYPE html><title>Error 200 (OK)!!1</title>"
"""What a proxy that answers for Google may say: a success that is no JSON."""


@dataclass(frozen=True, slots=True)
class _Fault:
    kind: Kind
    permission: str
    retry_after: int | None
    consumer: str


class Faults(faults.Faults[_Fault]):
    """The faults in force, as an API answers them."""

    def add(
        self,
        kind: Kind,
        method: str = faults.ANY,
        *,
        permission: str = "",
        retry_after: int | None = 1,
        consumer: str = "projects/123456789012",
        **which: Unpack[faults.Which],
    ) -> None:
        """Make calls fail; which ones, is told as in :meth:`cloudscan.standin.faults.Faults.aim`.

        ``permission`` is what ``denied`` says is missing; ``consumer`` is the project for which ``disabled`` says that
        the API is off. ``retry_after`` seconds go with ``quota``, no header if None.
        Raises ValueError for an unknown kind or method.
        """
        faults.check_kind(kind, get_args(Kind))
        self.aim(_Fault(kind, permission, retry_after, consumer), method, **which)

    def strike(self, method: str, api: str, target: str) -> GoogleError | bytes | None:
        """The error that a call is to be answered with, or the malformed answer, if any; counts the call."""
        fault = self.struck(method, api, target)
        if fault is None:
            return None
        return MALFORMED if fault.kind == "malformed" else _error(fault, method, api, target)


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
