"""Lifecycle rules as the JSON API gives them: those of the documentation, and odd ones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudscan.model import NEVER_RETAINED, Answer, LifecycleRule, RetentionLock
from cloudscan.retention import fate
from cloudscan.retention.lives import Life
from cloudscan.testing import NOW, store
from cloudscan_gcp.lifecycle import read_rules

ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["action", "condition", "type", "age"]), inner),
    max_leaves=9,
)


def read(condition: Any, action: Any = None) -> LifecycleRule:
    (rule,) = read_rules({"rule": [{"action": action or {"type": "Delete"}, "condition": condition}]})
    return rule


def test_the_example_that_deletes_old_objects_and_moves_young_ones() -> None:
    """The form of those in "Configuration examples": move what is old, delete what is older in the colder class."""
    rules = read_rules(
        {
            "rule": [
                {"action": {"type": "Delete"}, "condition": {"age": 3650, "matchesStorageClass": ["ARCHIVE"]}},
                {
                    "action": {"type": "SetStorageClass", "storageClass": "ARCHIVE"},
                    "condition": {"age": 365, "matchesStorageClass": ["STANDARD"]},
                },
            ]
        }
    )
    assert rules == (
        LifecycleRule("1", True, "delete", tiers=("ARCHIVE",), days=3650),
        LifecycleRule("2", True, "set-tier", tiers=("STANDARD",), days=365, tier="ARCHIVE"),
    )
    unlocked = RetentionLock(Answer.NO, keeps_current=True, holds=True)
    bucket = store("b", lifecycle=rules, versioning="disabled", lock=unlocked)
    life = Life(True, NOW.date(), tier="STANDARD", held=False, retain_until=NEVER_RETAINED.date())
    told = fate(life, rules, bucket, NOW.date())
    assert told.day is not None
    assert (told.ends, (told.day - NOW.date()).days) == (Answer.YES, 3651)


def test_beside_autoclass_nobody_knows_when_a_rule_by_class_applies() -> None:
    life = Life(True, NOW.date(), tier="STANDARD", held=False, retain_until=NEVER_RETAINED.date())
    free = RetentionLock(Answer.NO, keeps_current=True)
    for tier in ("STANDARD", "NEARLINE"):
        raw = {"action": {"type": "Delete"}, "condition": {"age": 120, "matchesStorageClass": [tier]}}
        rules = read_rules({"rule": [raw]}, autoclass=True)
        assert rules[0].unread == ("condition.matchesStorageClass beside Autoclass",)
        assert fate(life, rules, store("b", lifecycle=rules, lock=free), NOW.date()).ends is Answer.UNKNOWN
    plain = {"rule": [{"action": {"type": "Delete"}, "condition": {"age": 120}}]}
    assert read_rules(plain, autoclass=True) == read_rules(plain)


def test_the_example_for_versions() -> None:
    """As on the same page: noncurrent ones with three newer versions, or noncurrent for a week."""
    assert read({"numNewerVersions": 3, "isLive": False}) == LifecycleRule(
        "1", True, "delete", "noncurrent", newer_versions=3
    )
    assert read({"daysSinceNoncurrentTime": 7}).noncurrent_days == 7
    assert read({"isLive": True}).acts_on == "current"


def test_the_example_for_uploads() -> None:
    rule = read({"age": 7}, {"type": "AbortIncompleteMultipartUpload"})
    assert (rule.action, rule.upload_days, rule.days) == ("abort-upload", 7, None)


def test_dates_prefixes_and_suffixes_are_read() -> None:
    rule = read(
        {
            "createdBefore": "2026-01-02",
            "customTimeBefore": "2026-02-03",
            "noncurrentTimeBefore": "2026-03-04",
            "daysSinceCustomTime": 9,
            "matchesPrefix": ["calls/", "mail/"],
            "matchesSuffix": [".wav"],
        }
    )
    assert rule.created_before == datetime(2026, 1, 2, tzinfo=UTC)
    assert rule.custom_before == datetime(2026, 2, 3, tzinfo=UTC)
    assert rule.noncurrent_before == datetime(2026, 3, 4, tzinfo=UTC)
    assert (rule.custom_days, rule.prefixes, rule.suffixes) == (9, ("calls/", "mail/"), (".wav",))
    assert rule.unread == ()


@pytest.mark.parametrize(
    ("condition", "unread"),
    [
        ({"age": "9"}, ("condition.age",)),
        ({"ageMoons": 9}, ("condition.ageMoons",)),
        ({"createdBefore": "soon"}, ("condition.createdBefore",)),
        ({"matchesPrefix": []}, ("condition.matchesPrefix",)),
        ({"matchesPrefix": "calls/"}, ("condition.matchesPrefix",)),
        ({"isLive": "no"}, ("condition.isLive",)),
        (None, ("condition",)),
    ],
)
def test_what_is_not_understood_is_named(condition: Any, unread: tuple[str, ...]) -> None:
    assert read(condition).unread == unread


def test_an_action_that_is_not_known_may_do_anything() -> None:
    rule = read({"age": 1}, {"type": "Shred"})
    assert (rule.action, rule.unread) == ("other", ("action",))


def test_no_rules_are_no_rules() -> None:
    assert read_rules({}) == ()
    assert read_rules({"rule": []}) == ()


@given(ODD)
def test_odd_shapes_never_raise_and_are_never_taken_for_certain(raw: Any) -> None:
    (rule,) = read_rules({"rule": [raw]})
    assert rule.unread or (isinstance(raw, dict) and set(raw) == {"action", "condition"})
