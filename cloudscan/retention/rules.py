"""What can be said of a store's lifecycle rules without looking at an object."""

from __future__ import annotations

from os.path import commonprefix
from typing import NamedTuple

from cloudscan.model import Answer, LifecycleAction, LifecycleRule, Store


class Filter(NamedTuple):
    """The part of a rule's filter that the key and the size of an object decide."""

    prefixes: tuple[str, ...]
    suffixes: tuple[str, ...]
    larger_than: int | None
    smaller_than: int | None

    @property
    def narrow(self) -> bool:
        """Say whether it leaves anything out."""
        return bool(self.prefixes or self.suffixes) or self.larger_than is not None or self.smaller_than is not None


def filter_of(rule: LifecycleRule) -> Filter:
    """Return the part of a rule's filter that key and size decide."""
    return Filter(rule.prefixes, rule.suffixes, rule.larger_than, rule.smaller_than)


def rules_in_force(store: Store) -> list[LifecycleRule]:
    """Return the rules that run: those that are enabled, and none where deleting takes a second factor.

    Amazon S3 does not support the two together ("Lifecycle and other bucket configurations").
    """
    return [rule for rule in store.lifecycle or () if rule.enabled and store.mfa_delete is not Answer.YES]


def replication_unknown(store: Store) -> bool:
    """Say whether it is not known if a store copies its objects elsewhere: no cloud replicates without versions.

    "Requirements and considerations for replication" (Amazon S3), "Prerequisites and caveats for object replication"
    (Azure Blob Storage).
    """
    return store.replication is None and not store.makes_no_versions and store.retention_hours is None


def copied_under(store: Store) -> str | None:
    """Return what the keys of all objects that rules may replicate begin with; None if no rule replicates any."""
    if replication_unknown(store):
        return ""
    prefixes = [each.prefix for each in store.replication or () if each.enabled]
    return commonprefix(prefixes) if prefixes else None  # noqa: RUF071 - prefixes of keys, which are no paths


def may_be_held(store: Store) -> bool:
    """Say whether a hold may keep any object of a store.

    Locks of single objects alone need versions ("Object Lock considerations", Amazon S3; "Version-level WORM policies",
    Azure Blob Storage).
    """
    lock = store.lock
    if lock is None:
        return True
    if lock.enabled is Answer.NO:
        return lock.holds
    return lock.keeps_current or store.versioning != "disabled"


def expires_all(store: Store) -> bool:
    """Say whether a rule certainly takes every object of a store as its current version, listed or not."""
    return _always(store) and any(_takes_all(rule, "current") for rule in rules_in_force(store))


def clears_all_versions(store: Store) -> bool:
    """Say whether a rule certainly deletes every old version of a store, listed or not."""
    return _always(store) and any(_takes_all(rule, "noncurrent") for rule in rules_in_force(store))


def _always(store: Store) -> bool:
    """Say whether nothing but a rule's own filter can keep an object from it: neither copying nor a hold."""
    return copied_under(store) is None and not may_be_held(store)


def clears_uploads(store: Store) -> int | None:
    """Return after how many days every upload that was not finished is cleared; None if no rule does that."""
    days = [
        rule.upload_days
        for rule in rules_in_force(store)
        if rule.action == LifecycleAction.ABORT_UPLOAD and rule.upload_days is not None and _unfiltered(rule)
    ]
    return min(days, default=None)


def many_rules(store: Store) -> int:
    """Return how many rules a store has, as its cloud counts them."""
    return len({rule.id for rule in store.lifecycle or ()})


def _takes_all(rule: LifecycleRule, what: str) -> bool:
    """Say whether a rule deletes all that is current, or old, however it came to be there."""
    counted = rule.newer_noncurrent or rule.newer_versions or rule.accessed_days is not None
    bounded = rule.created_before or rule.noncurrent_before or rule.custom_before or rule.custom_days is not None
    other = what == "current" and rule.noncurrent_days is not None
    acts = rule.action == LifecycleAction.DELETE and rule.acts_on in ("any", what)
    return acts and _unfiltered(rule) and not counted and not bounded and not other


def _unfiltered(rule: LifecycleRule) -> bool:
    return not filter_of(rule).narrow and not rule.tiers and not rule.tags and not rule.stored_as and not rule.unread
