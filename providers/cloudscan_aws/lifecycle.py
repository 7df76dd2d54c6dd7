"""S3 lifecycle rules in neutral words. Pure: from the payload of ``GetBucketLifecycleConfiguration``.

Source: "Lifecycle configuration elements", Amazon S3 User Guide. A filter that is set must match; ``And`` joins
several; a rule of the older form has ``Prefix`` in place of ``Filter``. What this version does not know is named in
``unread``, so that nobody takes the rule for a narrower or wider one than it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cloudscan.model import LifecycleRule

# Transitions by date and those of noncurrent versions move bytes and delete none: left out, and not unread.
_RULE = {
    "AbortIncompleteMultipartUpload",
    "Expiration",
    "Filter",
    "ID",
    "NoncurrentVersionExpiration",
    "NoncurrentVersionTransitions",
    "Prefix",
    "Status",
    "Transitions",
}
_FILTER = {"And", "ObjectSizeGreaterThan", "ObjectSizeLessThan", "Prefix", "Tag"}
_AND = {"ObjectSizeGreaterThan", "ObjectSizeLessThan", "Prefix", "Tags"}
_EXPIRATION = {"Date", "Days", "ExpiredObjectDeleteMarker"}
_NONCURRENT = {"NewerNoncurrentVersions", "NoncurrentDays"}
_ABORT = {"DaysAfterInitiation"}


def read_rules(payload: Mapping[str, Any]) -> tuple[LifecycleRule, ...]:
    """Read every rule, in the order given. Total: an odd part is named in ``unread`` and never raises."""
    rules = payload.get("Rules")
    if not isinstance(rules, list | tuple):
        return () if rules is None else (LifecycleRule("", enabled=True, unread=("Rules",)),)
    return tuple(_Reading(rule).rule() for rule in rules)


class _Reading:
    """The reading of one rule; it gathers what it could not read."""

    def __init__(self, raw: Any) -> None:
        self._unread: list[str] = []
        self._raw = self._members("", raw, _RULE)

    def rule(self) -> LifecycleRule:
        raw = self._raw
        expiration = self._members("Expiration", raw.get("Expiration"), _EXPIRATION)
        noncurrent = self._members("NoncurrentVersionExpiration", raw.get("NoncurrentVersionExpiration"), _NONCURRENT)
        abort = self._members("AbortIncompleteMultipartUpload", raw.get("AbortIncompleteMultipartUpload"), _ABORT)
        facts = self._filter() | {
            "id": self._word("ID", raw.get("ID", "")),
            "enabled": self._status(),
            "expire_days": self._number("Expiration.Days", expiration.get("Days")),
            "expire_date": self._date("Expiration.Date", expiration.get("Date")),
            "expire_delete_marker": expiration.get("ExpiredObjectDeleteMarker") is True,
            "noncurrent_days": self._number(
                "NoncurrentVersionExpiration.NoncurrentDays", noncurrent.get("NoncurrentDays")
            ),
            "newer_noncurrent_kept": self._number(
                "NoncurrentVersionExpiration.NewerNoncurrentVersions", noncurrent.get("NewerNoncurrentVersions")
            )
            or 0,
            "abort_upload_days": self._number(
                "AbortIncompleteMultipartUpload.DaysAfterInitiation", abort.get("DaysAfterInitiation")
            ),
            "transitions": self._transitions(),
        }
        return LifecycleRule(**facts, unread=tuple(self._unread))

    def _filter(self) -> dict[str, Any]:
        if "Filter" not in self._raw:
            if "Prefix" not in self._raw:
                self._unread.append("Filter")
            return {"prefix": self._word("Prefix", self._raw.get("Prefix", ""))}
        chosen = self._members("Filter", self._raw["Filter"], _FILTER)
        tags = [chosen["Tag"]] if "Tag" in chosen else []
        if "And" in chosen:
            joined = self._members("Filter.And", chosen["And"], _AND)
            tags += self._items("Filter.And.Tags", joined.get("Tags"))
            chosen = {**chosen, **joined}
        return {
            "prefix": self._word("Filter.Prefix", chosen.get("Prefix", "")),
            "tags": tuple(pair for tag in tags if (pair := self._tag(tag)) is not None),
            "larger_than": self._number("Filter.ObjectSizeGreaterThan", chosen.get("ObjectSizeGreaterThan")),
            "smaller_than": self._number("Filter.ObjectSizeLessThan", chosen.get("ObjectSizeLessThan")),
        }

    def _status(self) -> bool:
        status = self._raw.get("Status")
        if status not in ("Enabled", "Disabled"):
            self._unread.append("Status")
        return status != "Disabled"

    def _transitions(self) -> tuple[tuple[int, str], ...]:
        found = []
        for step in self._items("Transitions", self._raw.get("Transitions")):
            members = self._members("Transitions", step, {"Date", "Days", "StorageClass"})
            days = self._number("Transitions.Days", members.get("Days"))
            if days is not None:
                found.append((days, self._word("Transitions.StorageClass", members.get("StorageClass", ""))))
        return tuple(found)

    def _members(self, name: str, value: Any, known: set[str]) -> Mapping[str, Any]:
        """Return the known members of a structure, and note the others."""
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self._unread.append(name or "Rule")
            return {}
        prefix = f"{name}." if name else ""
        self._unread += sorted(f"{prefix}{member}" for member in value if member not in known)
        return {member: held for member, held in value.items() if member in known}

    def _items(self, name: str, value: Any) -> list[Any]:
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self._unread.append(name)
            return []
        return list(value)

    def _tag(self, value: Any) -> tuple[str, str] | None:
        if isinstance(value, Mapping) and isinstance(value.get("Key"), str) and isinstance(value.get("Value"), str):
            return value["Key"], value["Value"]
        self._unread.append("Filter.Tag")
        return None

    def _word(self, name: str, value: Any) -> str:
        if isinstance(value, str):
            return value
        self._unread.append(name)
        return ""

    def _number(self, name: str, value: Any) -> int | None:
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        self._unread.append(name)
        return None

    def _date(self, name: str, value: Any) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        self._unread.append(name)
        return None
