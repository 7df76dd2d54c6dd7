"""Lifecycle rules as boto3 gives them, real and odd."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cloudscan.model import LifecycleRule
from cloudscan_aws.lifecycle import read_rules

WHEN = datetime(2027, 1, 1, tzinfo=UTC)
MEMBERS = [
    "AbortIncompleteMultipartUpload", "And", "Date", "Days", "DaysAfterInitiation", "Expiration",
    "ExpiredObjectDeleteMarker", "Filter", "ID", "NewerNoncurrentVersions", "NoncurrentDays",
    "NoncurrentVersionExpiration", "ObjectAge", "ObjectSizeGreaterThan", "Prefix", "Status", "Tag", "Tags",
    "Transitions",
]  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.text() | st.datetimes() | st.just("Enabled")
ODD = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(MEMBERS) | st.text(), inner), max_leaves=20
)


def read(**rule: Any) -> LifecycleRule:
    return read_rules({"Rules": [{"ID": "r", "Status": "Enabled", **rule}]})[0]


def test_rule_with_every_filter_and_every_action_is_read_whole() -> None:
    rule = read(
        Filter={
            "And": {
                "Prefix": "calls/",
                "Tags": [{"Key": "kind", "Value": "audio"}, {"Key": "team", "Value": "eu"}],
                "ObjectSizeGreaterThan": 100,
                "ObjectSizeLessThan": 9000,
            }
        },
        Expiration={"Days": 30},
        NoncurrentVersionExpiration={"NoncurrentDays": 7, "NewerNoncurrentVersions": 2},
        AbortIncompleteMultipartUpload={"DaysAfterInitiation": 3},
        Transitions=[{"Days": 10, "StorageClass": "GLACIER"}],
    )
    assert rule == LifecycleRule(
        id="r",
        enabled=True,
        prefix="calls/",
        tags=(("kind", "audio"), ("team", "eu")),
        larger_than=100,
        smaller_than=9000,
        expire_days=30,
        noncurrent_days=7,
        newer_noncurrent_kept=2,
        abort_upload_days=3,
        transitions=((10, "GLACIER"),),
    )


def test_single_filters_are_read() -> None:
    assert read(Filter={"Prefix": "calls/"}).prefix == "calls/"
    assert read(Filter={"Tag": {"Key": "a", "Value": "b"}}).tags == (("a", "b"),)
    assert read(Filter={"ObjectSizeGreaterThan": 0}).larger_than == 0
    assert read(Filter={"ObjectSizeLessThan": 5}).smaller_than == 5


def test_empty_filter_and_older_prefix_mean_what_they_say() -> None:
    assert read(Filter={}) == LifecycleRule("r", enabled=True)
    assert read(Prefix="") == LifecycleRule("r", enabled=True)
    assert read(Prefix="old/") == LifecycleRule("r", enabled=True, prefix="old/")


def test_date_and_delete_marker_are_read() -> None:
    assert read(Filter={}, Expiration={"Date": WHEN}).expire_date == WHEN
    assert read(Filter={}, Expiration={"ExpiredObjectDeleteMarker": True}).expire_delete_marker


def test_disabled_rule_is_disabled() -> None:
    assert not read(Filter={}, Status="Disabled").enabled


def test_transitions_that_delete_nothing_leave_a_rule_certain() -> None:
    rule = read(
        Filter={},
        Transitions=[{"Date": WHEN, "StorageClass": "GLACIER"}],
        NoncurrentVersionTransitions=[{"NoncurrentDays": 1, "StorageClass": "GLACIER"}],
        Expiration={"Days": 9},
    )
    assert (rule.transitions, rule.expire_days, rule.unread) == ((), 9, ())


def test_members_that_are_not_modelled_are_named() -> None:
    rule = read(
        Filter={"ObjectAge": 3, "And": {"Owner": "x", "Prefix": "p"}},
        Expiration={"Weeks": 2},
        Shred={"Days": 1},
    )
    assert rule.unread == ("Shred", "Expiration.Weeks", "Filter.ObjectAge", "Filter.And.Owner")
    assert rule.prefix == "p"


def test_rule_without_any_filter_or_status_is_uncertain() -> None:
    assert read().unread == ("Filter",)
    assert read(Filter={}, Status="Maybe").unread == ("Status",)


def test_no_rules_are_no_rules() -> None:
    assert read_rules({}) == ()
    assert read_rules({"Rules": []}) == ()


@given(st.dictionaries(st.sampled_from(["Rules", "Owner"]), ODD) | st.fixed_dictionaries({"Rules": st.lists(ODD)}))
def test_odd_shapes_never_raise_and_are_never_taken_for_certain(payload: dict[str, Any]) -> None:
    rules = read_rules(payload)
    given_rules = payload.get("Rules")
    if isinstance(given_rules, list):
        assert len(rules) == len(given_rules)
        for raw, rule in zip(given_rules, rules, strict=True):
            if not isinstance(raw, dict) or "Status" not in raw:
                assert rule.unread
    elif given_rules is not None:
        assert [rule.unread for rule in rules] == [("Rules",)]


@given(st.text().filter(lambda name: name not in {*MEMBERS, "ObjectSizeLessThan"}), ODD)
def test_any_unknown_member_of_a_filter_is_named(name: str, value: Any) -> None:
    assert f"Filter.{name}" in read(Filter={name: value}, Expiration={"Days": 1}).unread
