"""Policies as Azure returned them, kept as records. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cloudscan.model import PolicyDocument
from cloudscan_azure.ids import PROVIDER


def document(account: str, kind: str, name: str, payload: Mapping[str, Any], *attached_to: str) -> PolicyDocument:
    """Keep what was returned of a policy, in a stable order."""
    text = json.dumps(payload, sort_keys=True, ensure_ascii=False)
    return PolicyDocument(name, PROVIDER, account, kind, attached_to, text)
