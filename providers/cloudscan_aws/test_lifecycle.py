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


def read(**rule: Any) -> tuple[LifecycleRule, ...]:
    return read_rules({"Rules": [{"ID": "r", "Status": "Enabled", **rule}]})


def only(**rule: Any) -> LifecycleRule:
    (one,) = read(**{"Expiration": {"Days": 9}, **rule})
    return one


def test_rule_with_every_filter_and_every_action_is_read_whole() -> None:
    rules = read(
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
        NoncurrentVersionTransitions=[{"NoncurrentDays": 1, "StorageClass": "DEEP_ARCHIVE"}],
    )
    tags = (("kind", "audio"), ("team", "eu"))
    for rule in rules:
        assert (rule.id, rule.enabled, rule.prefixes, rule.tags, rule.unread) == ("r", True, ("calls/",), tags, ())
        assert (rule.larger_than, rule.smaller_than) == (100, 9000)
    assert [(rule.action, rule.acts_on) for rule in rules] == [
        ("delete", "current"),
        ("abort-upload", "any"),
        ("delete", "noncurrent"),
        ("set-tier", "current"),
        ("set-tier", "noncurrent"),
    ]
    expired, aborted, old, moved, old_moved = rules
    assert (expired.days, aborted.upload_days) == (30, 3)
    assert (old.noncurrent_days, old.newer_noncurrent) == (7, 2)
    assert (moved.days, moved.tier) == (10, "GLACIER")
    assert (old_moved.noncurrent_days, old_moved.tier) == (1, "DEEP_ARCHIVE")


def test_single_filters_are_read() -> None:
    assert only(Filter={"Prefix": "calls/"}).prefixes == ("calls/",)
    assert only(Filter={"Tag": {"Key": "a", "Value": "b"}}).tags == (("a", "b"),)
    assert only(Filter={"ObjectSizeGreaterThan": 0}).larger_than == 0
    assert only(Filter={"ObjectSizeLessThan": 5}).smaller_than == 5


def test_empty_filter_and_older_prefix_mean_what_they_say() -> None:
    everything = LifecycleRule("r", enabled=True, action="delete", acts_on="current", days=9)
    assert only(Filter={}) == everything
    assert only(Prefix="") == everything
    assert only(Prefix="old/").prefixes == ("old/",)


def test_date_and_delete_marker_are_read() -> None:
    assert only(Filter={}, Expiration={"Date": WHEN}).from_date == WHEN
    assert only(Filter={}, Expiration={"ExpiredObjectDeleteMarker": True}).action == "clear-marker"


def test_disabled_rule_is_disabled() -> None:
    assert not only(Filter={}, Status="Disabled").enabled


def test_members_that_are_not_modelled_are_named() -> None:
    rules = read(
        Filter={"ObjectAge": 3, "And": {"Owner": "x", "Prefix": "p"}},
        Expiration={"Weeks": 2, "Days": 3},
        Shred={"Days": 1},
    )
    assert [rule.action for rule in rules] == ["delete", "other"]
    for rule in rules:
        assert set(rule.unread) == {"Shred", "Expiration.Weeks", "Filter.ObjectAge", "Filter.And.Owner"}
        assert rule.prefixes == ("p",)


def test_rule_without_any_filter_or_status_is_uncertain() -> None:
    assert {rule.unread for rule in read()} == {("Filter",)}
    assert {rule.unread for rule in read(Filter={}, Status="Maybe")} == {("Status",)}


def test_no_rules_are_no_rules() -> None:
    assert read_rules({}) == ()
    assert read_rules({"Rules": []}) == ()


@given(ODD)
def test_odd_shapes_never_raise_and_are_never_taken_for_certain(raw: Any) -> None:
    rules = read_rules({"Rules": [raw]})
    if not isinstance(raw, dict) or "Status" not in raw:
        assert rules[-1].action == "other"
        assert all(rule.unread for rule in rules)


@given(ODD)
def test_rules_that_are_no_list_are_one_rule_that_may_do_anything(odd: Any) -> None:
    rules = read_rules({"Rules": odd})
    if odd is not None and not isinstance(odd, list):
        assert [(rule.action, rule.unread) for rule in rules] == [("other", ("Rules",))]


@given(st.text().filter(lambda name: name not in {*MEMBERS, "ObjectSizeLessThan"}), ODD)
def test_any_unknown_member_of_a_filter_is_named(name: str, value: Any) -> None:
    for rule in read(Filter={name: value}, Expiration={"Days": 1}):
        assert f"Filter.{name}" in rule.unread
