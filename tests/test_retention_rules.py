"""What is said of a store's rules without looking at an object."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.model import Answer, LifecycleRule, RetentionLock
from cloudscan.retention import clears_all_versions, clears_uploads, expires_all, rules_in_force
from cloudscan.testing import NOW, expire, expire_old, store

FREE = RetentionLock(Answer.NO)


def test_a_rule_without_any_filter_takes_what_was_not_listed() -> None:
    assert expires_all(store("s", replication=(), lock=FREE, lifecycle=(expire(9),)))
    assert clears_all_versions(store("s", replication=(), lock=FREE, lifecycle=(expire_old(9),)))
    assert not expires_all(store("s", replication=(), lock=FREE, lifecycle=(expire_old(9),)))
    assert not clears_all_versions(store("s", replication=(), lock=FREE, lifecycle=(expire(9),)))
    assert not expires_all(store("s"))


@pytest.mark.parametrize(
    ("lock", "free"),
    [
        (None, False),
        (RetentionLock(Answer.UNKNOWN), False),
        (RetentionLock(Answer.YES), False),
        (RetentionLock(Answer.NO, keeps_current=True, holds=True), False),
        (RetentionLock(Answer.NO, keeps_current=True), True),
    ],
)
def test_no_rule_takes_all_where_an_object_may_be_held(lock: RetentionLock | None, *, free: bool) -> None:
    held = store("s", replication=(), lifecycle=(expire(9), expire_old(9)), versioning="enabled", lock=lock)
    assert (expires_all(held), clears_all_versions(held)) == (free, free)


@pytest.mark.parametrize(
    "narrow",
    [
        {"prefixes": ("a",)},
        {"suffixes": (".wav",)},
        {"tags": (("a", "b"),)},
        {"tiers": ("COLDLINE",)},
        {"larger_than": 0},
        {"smaller_than": 9},
        {"unread": ("Filter",)},
        {"enabled": False},
        {"action": "set-tier"},
        {"created_before": NOW},
        {"custom_days": 1},
        {"accessed_days": 1},
        {"newer_versions": 1},
    ],
    ids=str,
)
def test_a_narrower_rule_does_not(narrow: dict[str, object]) -> None:
    rule = replace(expire(9), acts_on="any", **narrow)  # type: ignore[arg-type]
    assert not expires_all(store("s", replication=(), lock=FREE, lifecycle=(rule,)))
    assert not clears_all_versions(store("s", replication=(), lock=FREE, lifecycle=(rule,)))


def test_a_rule_that_spares_the_newest_old_versions_does_not_clear_them() -> None:
    assert not clears_all_versions(
        store("s", replication=(), lock=FREE, lifecycle=(expire_old(9, newer_noncurrent=1),))
    )


def test_no_rule_runs_where_deleting_takes_a_second_factor() -> None:
    bucket = store("s", replication=(), lock=FREE, lifecycle=(expire(9),))
    assert rules_in_force(bucket)
    assert not rules_in_force(replace(bucket, mfa_delete=Answer.YES))


def test_uploads_are_cleared_by_a_rule_for_all_of_them() -> None:
    every, some = LifecycleRule("e", True, "abort-upload", upload_days=7), LifecycleRule("s", True, "abort-upload")
    assert clears_uploads(store("s", replication=(), lock=FREE, lifecycle=(every,))) == 7
    assert (
        clears_uploads(store("s", replication=(), lock=FREE, lifecycle=(replace(every, prefixes=("a",)), some))) is None
    )
