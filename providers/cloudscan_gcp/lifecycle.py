"""Lifecycle rules of Cloud Storage in neutral words. Pure: from the ``lifecycle`` of a bucket resource.

Source: "Object Lifecycle Management" and "Buckets" (JSON API), Cloud Storage documentation. All conditions of a rule
must hold. ``age`` and ``createdBefore`` go by creation, whether an object is live or not. A condition that is not
modelled, or of an odd shape, is named in ``unread``: the rule may then do more or less than it says here.

``MediaObject.modified`` of this cloud is the time of creation (``timeCreated``): neither a change of metadata nor of
the storage class makes an object younger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from cloudscan.model import LifecycleAction, LifecycleRule

_ACTIONS = {
    "Delete": LifecycleAction.DELETE,
    "SetStorageClass": LifecycleAction.SET_TIER,
    "AbortIncompleteMultipartUpload": LifecycleAction.ABORT_UPLOAD,
}


def read_rules(payload: Mapping[str, Any], *, autoclass: bool = False) -> tuple[LifecycleRule, ...]:
    """Read the rules of a bucket, in the order given; their ids are their places, from 1, since they have no names.

    With ``autoclass`` Google moves objects from class to class as they are read, so that nobody knows when a rule by
    class applies ("Autoclass", Cloud Storage documentation). Total: an odd part is named in ``unread`` and never
    raises. A bucket without rules has none.
    """
    rules = payload.get("rule") if isinstance(payload, Mapping) else payload
    if rules is None:
        return ()
    if not isinstance(rules, list | tuple):
        return (LifecycleRule("", enabled=True, action=LifecycleAction.OTHER, unread=("rule",)),)
    return tuple(_rule(str(place), rule, autoclass=autoclass) for place, rule in enumerate(rules, start=1))


def _rule(name: str, raw: Any, *, autoclass: bool) -> LifecycleRule:
    body = raw if isinstance(raw, Mapping) else {}
    unread = [] if body else ["rule"]
    unread += sorted(f"{member}" for member in body if member not in ("action", "condition"))
    action, condition = body.get("action"), body.get("condition")
    kind = action.get("type") if isinstance(action, Mapping) else None
    known = _ACTIONS.get(kind) if isinstance(kind, str) else None
    facts: dict[str, Any] = {}
    if known is None:
        unread.append("action")
    if not isinstance(condition, Mapping):
        unread.append("condition")
        condition = {}
    for member, value in condition.items():
        reader = _CONDITIONS.get(member)
        read = reader(value) if reader is not None and value is not None else {}
        if value is not None and (reader is None or read is None):
            unread.append(f"condition.{member}")
        facts |= read or {}
    if autoclass and facts.pop("tiers", None):
        unread.append("condition.matchesStorageClass beside Autoclass")
    if known == LifecycleAction.ABORT_UPLOAD:
        facts["upload_days"] = facts.pop("days", None)
    if known == LifecycleAction.SET_TIER:
        tier = action.get("storageClass") if isinstance(action, Mapping) else None
        facts["tier"] = tier if isinstance(tier, str) else ""
    return LifecycleRule(name, True, known or LifecycleAction.OTHER, **facts, unread=tuple(unread))  # noqa: FBT003


_Reader = Callable[[Any], dict[str, Any] | None]


def _days(name: str) -> _Reader:
    def read(value: Any) -> dict[str, Any] | None:
        return {name: value} if isinstance(value, int) and not isinstance(value, bool) else None

    return read


def _before(name: str) -> _Reader:
    """Read a date, as the JSON API writes it or as the client library parses it: midnight UTC of that day."""

    def read(value: Any) -> dict[str, Any] | None:
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value)
            except ValueError:
                return None
        if isinstance(value, datetime) or not isinstance(value, date):
            return None
        return {name: datetime(value.year, value.month, value.day, tzinfo=UTC)}

    return read


def _words(name: str) -> _Reader:
    """Read a list of which one must match. One that is given and empty is not taken for none."""

    def read(value: Any) -> dict[str, Any] | None:
        whole = isinstance(value, list | tuple) and value and all(isinstance(word, str) for word in value)
        return {name: tuple(value)} if whole else None

    return read


def _live(value: Any) -> dict[str, Any] | None:
    return {"acts_on": "current" if value else "noncurrent"} if isinstance(value, bool) else None


_CONDITIONS: Mapping[str, _Reader] = {
    "age": _days("days"),
    "createdBefore": _before("created_before"),
    "customTimeBefore": _before("custom_before"),
    "daysSinceCustomTime": _days("custom_days"),
    "daysSinceNoncurrentTime": _days("noncurrent_days"),
    "isLive": _live,
    "matchesPrefix": _words("prefixes"),
    "matchesStorageClass": _words("tiers"),
    "matchesSuffix": _words("suffixes"),
    "noncurrentTimeBefore": _before("noncurrent_before"),
    "numNewerVersions": _days("newer_versions"),
}
