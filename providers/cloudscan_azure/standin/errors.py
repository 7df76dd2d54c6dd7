"""Errors as Azure's services spell them.

Azure Resource Manager and Key Vault answer ``{"error": {"code", "message"}}`` ("Azure Resource Manager: common API
error responses"), Microsoft Graph adds an ``innerError`` ("Microsoft Graph error responses and resource types"),
Speech answers the error in an envelope of its own ("Speech to text REST API: Error"), and storage in XML, with the code
in the header ``x-ms-error-code`` too ("Status and error codes").
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal
from xml.sax.saxutils import escape

Service = Literal["arm", "graph", "speech", "vault", "storage"]


@dataclass(eq=False)
class AzureError(Exception):
    """An error that a service answers; given as an answer, or raised by one that is a function."""

    status: int
    code: str
    message: str = ""
    retry_after: int | None = None
    """Seconds, told in the header ``Retry-After``."""

    def content(self, service: Service) -> bytes:
        """Return the body as the service spells it."""
        if service == "storage":
            return f"<Error><Code>{self.code}</Code><Message>{escape(self.message)}</Message></Error>".encode()
        return json.dumps(self.body(service)).encode()

    def body(self, service: Service) -> dict[str, Any]:
        """Return the same where it is JSON."""
        told: dict[str, Any] = {"code": self.code, "message": self.message}
        if service == "speech":
            return told | {"innerError": {"code": self.code, "message": self.message}}
        if service == "graph":
            told["innerError"] = {"date": "2026-11-01T00:00:00", "request-id": "0" * 8, "client-request-id": "0" * 8}
        return {"error": told}


class Refused(AzureError):
    """A request that Azure does not have, or not so."""


class Forbidden(AzureError):
    """What a scanner never asks: to change something, or for the value of a secret or a key."""
