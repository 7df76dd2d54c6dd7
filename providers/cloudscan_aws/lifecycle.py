"""S3 lifecycle rules in neutral words. Pure: from the payload of ``GetBucketLifecycleConfiguration``.

Source: "Lifecycle configuration elements", Amazon S3 User Guide. A filter that is set must match; ``And`` joins
several; a rule of the older form has ``Prefix`` in place of ``Filter``. A rule of S3 that does several things becomes
several neutral ones with its id. What this version does not know is named in ``unread`` of each of them, so that
nobody takes the rule for a narrower or wider one than it is, and such a rule has a further one that may do anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from cloudscan.model import LifecycleAction, LifecycleRule

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
_TRANSITION = {"Date", "Days", "StorageClass"}
_OLD_TRANSITION = {"NewerNoncurrentVersions", "NoncurrentDays", "StorageClass"}


def read_rules(payload: Mapping[str, Any]) -> tuple[LifecycleRule, ...]:
    """Read every rule, in the order given. Total: an odd part is named in ``unread`` and never raises."""
    rules = payload.get("Rules")
    if not isinstance(rules, list | tuple):
        return (
            () if rules is None else (LifecycleRule("", enabled=True, action=LifecycleAction.OTHER, unread=("Rules",)),)
        )
    return tuple(read for rule in rules for read in _Reading(rule).rules())


class _Reading:
    """The reading of one rule; it gathers what it could not read."""

    def __init__(self, raw: Any) -> None:
        self._unread: list[str] = []
        self._raw = self._members("", raw, _RULE)

    def rules(self) -> Iterator[LifecycleRule]:
        """Yield what the rule does, one by one, once all of it is read."""
        filters = self._filter() | {"id": self._word("ID", self._raw.get("ID", "")), "enabled": self._status()}
        deeds = [*self._current(), *self._noncurrent(), *self._transitions()]
        if self._unread:
            deeds.append({"action": LifecycleAction.OTHER})
        for deed in deeds:
            yield LifecycleRule(**filters, **deed, unread=tuple(self._unread))

    def _current(self) -> Iterator[dict[str, Any]]:
        """Yield what it does to current versions, delete markers and uploads."""
        expiration = self._members("Expiration", self._raw.get("Expiration"), _EXPIRATION)
        delete = {"action": LifecycleAction.DELETE, "acts_on": "current"}
        if (days := self._number("Expiration.Days", expiration.get("Days"))) is not None:
            yield delete | {"days": days}
        if (date := self._date("Expiration.Date", expiration.get("Date"))) is not None:
            yield delete | {"from_date": date}
        if expiration.get("ExpiredObjectDeleteMarker") is True:
            yield {"action": LifecycleAction.CLEAR_MARKER}
        name = "AbortIncompleteMultipartUpload"
        abort = self._members(name, self._raw.get(name), _ABORT)
        if (days := self._number(f"{name}.DaysAfterInitiation", abort.get("DaysAfterInitiation"))) is not None:
            yield {"action": LifecycleAction.ABORT_UPLOAD, "upload_days": days}

    def _noncurrent(self) -> Iterator[dict[str, Any]]:
        name = "NoncurrentVersionExpiration"
        told = self._members(name, self._raw.get(name), _NONCURRENT)
        days = self._number(f"{name}.NoncurrentDays", told.get("NoncurrentDays"))
        kept = self._number(f"{name}.NewerNoncurrentVersions", told.get("NewerNoncurrentVersions")) or 0
        if days is not None or kept:
            when = {"noncurrent_days": days or 0, "newer_noncurrent": kept}
            yield {"action": LifecycleAction.DELETE, "acts_on": "noncurrent", **when}

    def _filter(self) -> dict[str, Any]:
        if "Filter" not in self._raw:
            if "Prefix" not in self._raw:
                self._unread.append("Filter")
            return {"prefixes": self._prefixes("Prefix", self._raw)}
        chosen = self._members("Filter", self._raw["Filter"], _FILTER)
        tags = [chosen["Tag"]] if "Tag" in chosen else []
        if "And" in chosen:
            joined = self._members("Filter.And", chosen["And"], _AND)
            tags += self._items("Filter.And.Tags", joined.get("Tags"))
            chosen = {**chosen, **joined}
        return {
            "prefixes": self._prefixes("Filter.Prefix", chosen),
            "tags": tuple(pair for tag in tags if (pair := self._tag(tag)) is not None),
            "larger_than": self._number("Filter.ObjectSizeGreaterThan", chosen.get("ObjectSizeGreaterThan")),
            "smaller_than": self._number("Filter.ObjectSizeLessThan", chosen.get("ObjectSizeLessThan")),
        }

    def _status(self) -> bool:
        status = self._raw.get("Status")
        if status not in ("Enabled", "Disabled"):
            self._unread.append("Status")
        return status != "Disabled"

    def _transitions(self) -> Iterator[dict[str, Any]]:
        for step in self._items("Transitions", self._raw.get("Transitions")):
            told = self._members("Transitions", step, _TRANSITION)
            days = self._number("Transitions.Days", told.get("Days"))
            date = self._date("Transitions.Date", told.get("Date"))
            yield self._move("Transitions", told) | {"acts_on": "current", "days": days, "from_date": date}
        name = "NoncurrentVersionTransitions"
        for step in self._items(name, self._raw.get(name)):
            told = self._members(name, step, _OLD_TRANSITION)
            days = self._number(f"{name}.NoncurrentDays", told.get("NoncurrentDays"))
            kept = self._number(f"{name}.NewerNoncurrentVersions", told.get("NewerNoncurrentVersions")) or 0
            when = {"noncurrent_days": days, "newer_noncurrent": kept}
            yield self._move(name, told) | {"acts_on": "noncurrent", **when}

    def _move(self, name: str, told: Mapping[str, Any]) -> dict[str, Any]:
        return {"action": LifecycleAction.SET_TIER, "tier": self._word(name, told.get("StorageClass", ""))}

    def _prefixes(self, name: str, told: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the prefix, and none for that of every key."""
        prefix = self._word(name, told.get("Prefix", ""))
        return (prefix,) if prefix else ()

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
