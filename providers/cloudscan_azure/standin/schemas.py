"""Hold what is answered to the models of Azure's own libraries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloudscan_azure.standin.operations import Operation


class NotAllowed(ValueError):
    """An answer that Azure could not give."""


def check(operation: Operation, payload: Mapping[str, Any]) -> None:
    """Raise NotAllowed for an answer that the schema of an operation does not allow."""
    if not operation.listed:
        return
    if not isinstance(payload.get(operation.listed), list):
        raise NotAllowed(f"{operation.id} answers a list in {operation.listed!r}")
