"""How the uses of rights that steps take are told and proved on Azure."""

from __future__ import annotations

from functools import partial

from cloudscan.access import parts
from cloudscan_azure.policy.evaluate import ANEW

steps = partial(parts.steps, anew=ANEW)
"""Yields the proof of one use of a right, statement by statement."""
_USES = ("/action", "/transcriptions/write", "/transcriptions/read")
_CHANGES = ("elevateaccess/action", "regeneratekey/action", "keys/update/action")


def alters(kind: str) -> bool:
    """Say whether what is used, joined by "+", changes the cloud: all but asking a service for something does."""
    used = kind.lower().split("+")
    return any(not one.endswith(_USES) or one.endswith(_CHANGES) for one in used)
