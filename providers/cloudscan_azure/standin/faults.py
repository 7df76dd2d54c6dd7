"""Faults that a test sets: denied, throttled, vanished, expired, malformed, misleading and broken answers.

They are spelled as the services spell them; see :mod:`cloudscan_azure.standin.errors` for the documents.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Unpack, get_args

from cloudscan.standin import faults
from cloudscan.standin.listener import Reply
from cloudscan_azure.standin.errors import AzureError, Service

Kind = Literal[
    "denied", "throttled", "vanished", "expired", "unavailable", "broken", "malformed", "cut", "redirected",
    "elsewhere", "without", "instead",
]  # fmt: skip
ELSEWHERE = "https://elsewhere.example"
"""A host that is none of Azure's; no request and no token may go there."""
_MALFORMED = b"<!DOCTYPE html><title>Sign in to your account</title>"
_LINKS: Mapping[Service, str] = {
    "arm": "nextLink",
    "vault": "nextLink",
    "graph": "@odata.nextLink",
    "speech": "@nextLink",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, as it was set."""

    kind: Kind
    permission: str
    retry_after: int | None
    left_out: str
    body: bytes = b""

    def error(self, service: Service, operation: str, path: str) -> AzureError | None:
        """Return the error that a call is to be answered with; None where the answer is changed instead."""
        if self.kind == "denied":
            return _denied(service, self.permission or operation, path)
        if self.kind == "throttled":
            said = "The request is being throttled as the limit has been reached. Please retry after some time."
            return AzureError(429, "TooManyRequests", said, self.retry_after)
        if self.kind == "vanished":
            return AzureError(404, "ResourceNotFound", f"The Resource '{path}' was not found.")
        if self.kind == "expired":
            return AzureError(401, "ExpiredAuthenticationToken", "The access token has expired.")
        if self.kind == "unavailable":
            return AzureError(503, "ServiceUnavailable", "The service is unavailable now, retry the request later.")
        if self.kind == "broken":
            return AzureError(500, "InternalServerError", "Encountered internal server error.")
        return None

    def spoil(self, service: Service, path: str, reply: Reply) -> Reply:
        """Return an answer changed."""
        status, headers, content = reply
        if self.kind == "malformed":
            return 200, {"Content-Type": "text/html"}, _MALFORMED
        if self.kind == "instead":
            return 200, headers, self.body
        if self.kind == "cut":
            return status, headers | {"Content-Length": str(len(content))}, content[: len(content) // 2]
        if self.kind == "redirected":
            return 307, {"Location": f"{ELSEWHERE}{path}"}, b""
        if service == "storage":
            raise ValueError(f"{self.kind!r} is no fault of storage, whose lists are XML and have no links")
        body = json.loads(content)
        if self.kind == "elsewhere":
            body[_LINKS[service]] = f"{ELSEWHERE}{path}?api-version=1&$skiptoken=2"
        for each in (body, *body.get("value", ()), *body.get("values", ())) if self.kind == "without" else ():
            _leave_out(each, self.left_out.split("."))
        return status, headers, json.dumps(body).encode()


class Faults(faults.Faults[Fault]):
    """The faults in force, as a service answers them."""

    def add(
        self,
        kind: Kind,
        method: str = faults.ANY,
        *,
        permission: str = "",
        retry_after: int | None = 1,
        left_out: str = "",
        body: bytes = b"",
        **which: Unpack[faults.Which],
    ) -> None:
        """Make calls fail; which ones, is told as in :meth:`cloudscan.standin.faults.Faults.aim`.

        ``method`` is an operation's id (``StorageAccounts_List``), all of a service (``graph.*``), or all.
        ``permission`` is what ``denied`` says is missing; ``retry_after`` seconds go with ``throttled``, no header if
        None; ``left_out`` is the property, by its path (``properties.minimumTlsVersion``), that ``without`` takes from
        the answer and from each entry of a list. ``elsewhere`` has the next page be at another host, ``redirected``
        sends the whole request there, ``cut`` ends the body and the connection halfway, and ``instead`` answers with
        ``body``.
        Raises ValueError for an unknown kind or operation.
        """
        faults.check_kind(kind, get_args(Kind))
        if (kind == "without") != bool(left_out):
            raise ValueError("what is left out is told for 'without', and for nothing else")
        self.aim(Fault(kind, permission, retry_after, left_out, body), method, **which)


def _denied(service: Service, permission: str, path: str) -> AzureError:
    if service == "graph":
        return AzureError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    if service == "speech":
        said = "The principal lacks the required data action to perform this operation."
        return AzureError(403, "PermissionDenied", said)
    if service == "storage":
        said = "This request is not authorized to perform this operation using this permission."
        return AzureError(403, "AuthorizationPermissionMismatch", said)
    if service == "vault":
        said = f"Caller is not authorized to perform action on resource. Action: '{permission}'"
        return AzureError(403, "Forbidden", said)
    said = (
        f"The client 'scanner' with object id '{'0' * 8}' does not have authorization to perform action"
        f" '{permission}' over scope '{path}' or the scope is invalid."
    )
    return AzureError(403, "AuthorizationFailed", said)


def _leave_out(body: Any, way: list[str]) -> None:
    for name in way[:-1]:
        body = body.get(name) if isinstance(body, dict) else None
    if isinstance(body, dict):
        body.pop(way[-1], None)
