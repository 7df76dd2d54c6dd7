"""Lifecycle rules carried out day by day on all versions of one key: slow, plain, and on its own.

It shares the records of the model with the closed form of ``cloudscan.retention`` and nothing else. Once a day, at
midnight UTC, it looks at every version as it stands then, finds what a rule does to it, and does that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from cloudscan.model import Answer, LifecycleRule, Store

COLD = ["STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE"]


@dataclass
class Version:
    """One version of a key, or a delete marker. ``gone`` is the day on which it was deleted, ``hid`` was made old."""

    key: str
    created: datetime
    current: bool = False
    marker: bool = False
    since: datetime | None = None
    size: int = 1
    tier: str = "STANDARD"
    null: bool = False
    custom: datetime | None = None
    accessed: datetime | None = None
    tags: Mapping[str, str] | None = None
    held: bool = False
    retain_until: datetime | None = None
    stored_as: str = ""
    gone: date | None = None
    hid: date | None = None


def simulate(history: list[Version], store: Store, today: datetime, days: int) -> None:
    """Run the rules of a store on the versions of one key, newest first, for some days after today."""
    midnight = datetime(today.year, today.month, today.day, tzinfo=UTC)
    for _ in range(days):
        midnight += timedelta(days=1)
        _one_day(history, store, midnight)


def _one_day(history: list[Version], store: Store, midnight: datetime) -> None:
    there = [version for version in history if version.gone is None]
    plans = [(version, _plan(version, there, store, midnight)) for version in there]
    for version, plan in plans:
        if plan == "delete":
            _delete(version, history, store, midnight)
        elif plan:
            version.tier = plan


def _plan(version: Version, there: list[Version], store: Store, midnight: datetime) -> str:
    """Return "delete", the name of a tier to move to, or "" for nothing."""
    if version.marker:
        return _plan_of_marker(version, there, store, midnight)
    tiers = []
    for rule in store.lifecycle or ():
        if not rule.enabled or not _matches(rule, version) or not _holds(rule, version, there, midnight):
            continue
        if rule.action == "delete" and _free(version, store, midnight):
            return "delete"
        if rule.action == "set-tier" and COLD.index(rule.tier) > COLD.index(version.tier):
            tiers.append(rule.tier)
    return max(tiers, key=COLD.index, default="")


def _plan_of_marker(version: Version, there: list[Version], store: Store, midnight: datetime) -> str:
    """A delete marker goes when nothing is left under it and a rule clears such markers."""
    alone = version.current and len(there) == 1
    clears = any(
        rule.enabled
        and (rule.action == "clear-marker" or (rule.action == "delete" and rule.acts_on == "current"))
        and _key_matches(rule, version)
        and (rule.days is None or midnight > version.created + timedelta(days=rule.days))
        for rule in store.lifecycle or ()
    )
    return "delete" if alone and clears else ""


def _key_matches(rule: LifecycleRule, version: Version) -> bool:
    if rule.prefixes and not any(version.key.startswith(prefix) for prefix in rule.prefixes):
        return False
    return not rule.suffixes or any(version.key.endswith(suffix) for suffix in rule.suffixes)


def _matches(rule: LifecycleRule, version: Version) -> bool:
    if not _key_matches(rule, version):
        return False
    if rule.larger_than is not None and not version.size > rule.larger_than:
        return False
    if rule.smaller_than is not None and not version.size < rule.smaller_than:
        return False
    if rule.tiers and version.tier not in rule.tiers:
        return False
    if rule.stored_as and version.stored_as not in rule.stored_as:
        return False
    if rule.acts_on == "current" and not version.current:
        return False
    if rule.acts_on == "noncurrent" and version.current:
        return False
    return all((version.tags or {}).get(name) == value for name, value in rule.tags)


def _holds(rule: LifecycleRule, version: Version, there: list[Version], midnight: datetime) -> bool:
    if rule.from_date is not None and midnight < rule.from_date:
        return False
    for moment, days, before in (
        (version.created, rule.days, rule.created_before),
        (version.since, rule.noncurrent_days, rule.noncurrent_before),
        (version.custom, rule.custom_days, rule.custom_before),
        (version.accessed, rule.accessed_days, None),
    ):
        if days is None and before is None:
            continue
        if moment is None or (days is not None and not midnight > moment + timedelta(days=days)):
            return False
        if before is not None and not moment < before:
            return False
    above = there[: there.index(version)]
    objects = [other for other in above if not other.marker]
    if len([other for other in objects if not other.current]) < rule.newer_noncurrent:
        return False
    return len(objects) >= rule.newer_versions


def _free(version: Version, store: Store, midnight: datetime) -> bool:
    keeps_current = store.lock is not None and store.lock.keeps_current
    only_hides = (
        version.current and store.versioning != "disabled" and not (store.versioning != "enabled" and version.null)
    )
    if only_hides and not keeps_current:
        return True
    if version.held:
        return False
    if version.retain_until is not None and midnight <= version.retain_until:
        return False
    if store.lock is not None and store.lock.enabled is Answer.YES and store.lock.days is not None and keeps_current:
        return midnight > version.created + timedelta(days=store.lock.days)
    return True


def _delete(version: Version, history: list[Version], store: Store, midnight: datetime) -> None:
    if version.marker or not version.current or store.versioning == "disabled":
        version.gone = midnight.date()
        return
    if store.versioning == "suspended":  # a marker without a version of its own displaces what has none
        for other in history:
            if other.null and other.gone is None:
                other.gone = midnight.date()
    version.current = False
    if version.gone is None:
        version.since, version.hid = midnight, midnight.date()
    history.insert(0, Version(version.key, midnight, current=True, marker=True, null=store.versioning == "suspended"))


def outcomes(history: Sequence[Version]) -> list[date | None]:
    """Return the day on which each version that is no marker was deleted, None for those that are there still."""
    return [version.gone for version in history if not version.marker]
