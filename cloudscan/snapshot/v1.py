"""Records of snapshots of format 1, in which a lifecycle rule was one record with all that it does.

Pure: from the parsed JSON of a record to that of the record as it is now. Format 1 knew the rules of Amazon S3 only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def store(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a store with its lifecycle rules, one record for each thing that they do.

    Format 1 left out that Amazon S3 keeps nothing that was deleted for good.
    """
    known = {**body, "soft_delete_days": 0, "keeps_deleted": "no"} if body.get("provider") == "aws" else body
    rules = body.get("lifecycle")
    if rules is None:
        return known
    return {**known, "lifecycle": [one for rule in rules for one in _rules(rule)]}


def _rules(rule: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    filters = {
        "id": rule["id"],
        "enabled": rule["enabled"],
        "prefixes": [rule["prefix"]] if rule.get("prefix") else [],
        "tags": rule.get("tags", []),
        "larger_than": rule.get("larger_than"),
        "smaller_than": rule.get("smaller_than"),
        "unread": rule.get("unread", []),
    }
    if rule.get("expire_days") is not None:
        yield filters | {"action": "delete", "acts_on": "current", "days": rule["expire_days"]}
    if rule.get("expire_date") is not None:
        yield filters | {"action": "delete", "acts_on": "current", "from_date": rule["expire_date"]}
    if rule.get("expire_delete_marker"):
        yield filters | {"action": "clear-marker"}
    if rule.get("noncurrent_days") is not None:
        when = {"noncurrent_days": rule["noncurrent_days"], "newer_noncurrent": rule.get("newer_noncurrent_kept", 0)}
        yield filters | {"action": "delete", "acts_on": "noncurrent", **when}
    if rule.get("abort_upload_days") is not None:
        yield filters | {"action": "abort-upload", "upload_days": rule["abort_upload_days"]}
    for days, tier in rule.get("transitions", ()):
        yield filters | {"action": "set-tier", "acts_on": "current", "days": days, "tier": tier}
    if filters["unread"]:
        yield filters | {"action": "other"}
