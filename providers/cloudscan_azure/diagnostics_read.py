"""Where reads of a storage account's blobs are recorded. Pure: reads diagnostic settings as ARM returned them.

From "Diagnostic Settings - List" and "Monitor Azure Blob Storage": a setting of the account's blob service sends the
log StorageRead, or a group of logs that has it, to a workspace, a storage account, an event hub or a partner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cloudscan.model import Answer
from cloudscan.providing.parts import items, part
from cloudscan_azure.ids import lowered

Told = Mapping[str, Any]
_READS = "storageread"
_GROUPS = ("alllogs", "audit")
"""The groups of logs: of a blob service both have its reads ("Diagnostic settings: category groups")."""
_TARGETS = {
    "workspaceId": "log-analytics",
    "storageAccountId": "storage-account",
    "eventHubAuthorizationRuleId": "event-hub",
    "marketplacePartnerId": "partner",
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """A place that a setting sends logs to, and whether reads are among them.

    ``days`` is for how long the setting keeps what it puts into a storage account, None where that is not its business.
    """

    kind: str
    target: str
    reads: Answer
    days: int | None = None


def deliveries(told: Told) -> Iterator[Delivery]:
    """Yield the places that one diagnostic setting sends to."""
    properties = part(told, "properties")
    reads, days = _reads(properties)
    for name, kind in _TARGETS.items():
        if properties.get(name):
            kept = days if kind == "storage-account" else None
            yield Delivery(f"diagnostic-setting:{kind}", lowered(str(properties[name])), reads, kept)


def _reads(properties: Told) -> tuple[Answer, int | None]:
    """Say whether a setting sends reads, and for how many days its own retention keeps them."""
    if not isinstance(properties.get("logs"), list):
        return Answer.UNKNOWN, None
    about = [each for each in items(properties, "logs") if _is_about_reads(each)]
    on = [each for each in about if each.get("enabled") is True]
    unclear = any(not isinstance(each.get("enabled"), bool) for each in about)
    if not on:
        return Answer.UNKNOWN if unclear else Answer.NO, None
    kept = [part(each, "retentionPolicy") for each in on]
    days = [one["days"] for one in kept if one.get("enabled") is True and isinstance(one.get("days"), int)]
    return Answer.YES, max(days, default=0) or None


def _is_about_reads(told: Told) -> bool:
    return str(told.get("category") or "").lower() == _READS or str(told.get("categoryGroup") or "").lower() in _GROUPS


def workspace_days(told: Told) -> int | None:
    """Read for how many days a workspace keeps what it gets ("Workspaces - List": retentionInDays)."""
    days = part(told, "properties").get("retentionInDays")
    return days if isinstance(days, int) and not isinstance(days, bool) and days > 0 else None
