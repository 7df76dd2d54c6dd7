"""Management policies as Azure Resource Manager gives them: those of the documentation, and odd ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudscan.model import Answer, LifecycleRule, RetentionLock
from cloudscan.retention import fate
from cloudscan.retention.lives import Life
from cloudscan.retention.reasons import reasons
from cloudscan.testing import NOW, store
from cloudscan_azure.lifecycle import astray, read_rules

FREE = RetentionLock(Answer.NO, keeps_current=True)
"""No policy of immutability and no hold."""
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["definition", "actions", "baseBlob", "delete", "filters", "name"]), inner)
    ),
    max_leaves=12,
)


def policy(actions: Any, filters: Any = None, **more: Any) -> dict[str, Any]:
    definition = {"actions": actions} | ({"filters": filters} if filters is not None else {})
    rule = {"name": "r", "enabled": True, "type": "Lifecycle", "definition": definition} | more
    return {"properties": {"policy": {"rules": [rule]}}}


def only(actions: Any, filters: Any = None, container: str = "calls", **more: Any) -> LifecycleRule:
    (rule,) = read_rules(policy(actions, filters, **more), container)
    return rule


DELETE = {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": 90}}}


def test_the_example_of_the_documentation() -> None:
    """The form of the sample in "Lifecycle management policy structure"."""
    rules = read_rules(
        {
            "rules": [
                {
                    "enabled": True,
                    "name": "sample-rule",
                    "type": "Lifecycle",
                    "definition": {
                        "actions": {
                            "version": {"delete": {"daysAfterCreationGreaterThan": 90}},
                            "baseBlob": {
                                "tierToCool": {"daysAfterModificationGreaterThan": 30},
                                "tierToArchive": {
                                    "daysAfterModificationGreaterThan": 90,
                                    "daysAfterLastTierChangeGreaterThan": 7,
                                },
                                "delete": {"daysAfterModificationGreaterThan": 2555},
                            },
                        },
                        "filters": {"blobTypes": ["blockBlob"], "prefixMatch": ["sample-container/blob1"]},
                    },
                }
            ]
        },
        "sample-container",
    )
    assert [(rule.id, rule.action, rule.acts_on, rule.days, rule.tier, rule.prefixes) for rule in rules] == [
        ("sample-rule", "delete", "current", 2555, "", ("blob1",)),
        ("sample-rule", "set-tier", "current", 30, "Cool", ("blob1",)),
        ("sample-rule", "set-tier", "current", 90, "Archive", ("blob1",)),
        ("sample-rule", "delete", "noncurrent", 90, "", ("blob1",)),
    ]
    assert [rule.unread for rule in rules] == [(), (), (), ("actions.version only",)]


def test_a_deletion_wins_over_moves_of_the_same_day() -> None:
    actions = {"baseBlob": {name: {"daysAfterModificationGreaterThan": 5} for name in ("tierToCool", "delete")}}
    rules = read_rules(policy(actions), "calls")
    bucket = store("calls", lifecycle=rules, lock=FREE, versioning="disabled")
    told = fate(Life(True, NOW.date(), tier="Hot", stored_as="blockblob"), rules, bucket, NOW.date())
    assert told.day is not None
    assert (told.ends, (told.day - NOW.date()).days) == (Answer.YES, 6)


@pytest.mark.parametrize(
    ("kinds", "taken"),
    [
        (["blockBlob"], {"BlockBlob"}),
        (["appendBlob"], {"AppendBlob"}),
        (["blockBlob", "appendBlob"], {"BlockBlob", "AppendBlob"}),
        (None, {"BlockBlob", "AppendBlob"}),
    ],
)
def test_a_rule_takes_only_the_types_of_blobs_that_it_names_and_never_page_blobs(
    kinds: list[str] | None, taken: set[str]
) -> None:
    rules = read_rules(policy(DELETE, {"blobTypes": kinds} if kinds else {}), "calls")
    bucket = store("calls", lifecycle=rules, lock=FREE, versioning="disabled")
    ends = {
        kind: fate(Life(True, NOW.date(), stored_as=kind), rules, bucket, NOW.date()).ends
        for kind in ("BlockBlob", "AppendBlob", "PageBlob", None)
    }
    assert {kind for kind, answer in ends.items() if answer is Answer.YES} == taken
    assert {kind for kind, answer in ends.items() if answer is Answer.UNKNOWN} == {None}


def test_only_block_blobs_are_moved() -> None:
    move = {"baseBlob": {"tierToCool": {"daysAfterModificationGreaterThan": 5}}}
    assert only(move, {"blobTypes": ["blockBlob", "appendBlob"]}).stored_as == ("blockBlob",)
    assert only(move, {"blobTypes": ["appendBlob"]}).unread == ("filters.blobTypes",)


def test_snapshots_and_versions_taken_alike_are_certain() -> None:
    day = {"delete": {"daysAfterCreationGreaterThan": 30}}
    sure, maybe = rules = read_rules(policy({"snapshot": day, "version": day}), "calls")
    assert (sure.acts_on, sure.days, sure.noncurrent_days, sure.unread) == ("noncurrent", 30, 30, ())
    assert (maybe.acts_on, maybe.days, maybe.noncurrent_days) == ("noncurrent", 30, None)
    assert maybe.unread
    bucket = store("calls", lifecycle=rules, lock=FREE, versioning="enabled")
    written, taken = NOW.date() - timedelta(days=100), NOW.date() - timedelta(days=10)
    told = fate(Life(False, written, taken, tier="Hot", stored_as="BlockBlob"), rules, bucket, NOW.date())
    assert (told.ends, told.day, told.soonest) == (
        Answer.YES,
        taken + timedelta(days=31),
        NOW.date() + timedelta(days=1),
    )


@pytest.mark.parametrize("container", ["$web", "$logs", "$blobchangefeed"])
def test_system_containers_have_no_rules(container: str) -> None:
    assert read_rules(policy(DELETE), container) == ()
    assert read_rules(policy(DELETE), "$root")


def test_the_last_access_and_tags_are_read() -> None:
    rule = only(
        {"baseBlob": {"delete": {"daysAfterLastAccessTimeGreaterThan": 30}}},
        {"blobTypes": ["blockBlob"], "blobIndexMatch": [{"name": "kind", "op": "==", "value": "call"}]},
    )
    assert (rule.accessed_days, rule.days, rule.tags) == (30, None, (("kind", "call"),))


@pytest.mark.parametrize(
    ("prefix", "inside"),
    [
        ("calls", ()),
        ("calls/", ()),
        ("ca", ()),
        ("calls/2026/", ("2026/",)),
        ("other/2026/", None),
        ("calls-old/", None),
        ("ca/", None),
    ],
)
def test_a_prefix_begins_with_the_name_of_a_container(prefix: str, inside: tuple[str, ...] | None) -> None:
    rules = read_rules(policy(DELETE, {"prefixMatch": [prefix]}), "calls")
    assert [rule.prefixes for rule in rules] == ([] if inside is None else [inside])


def test_a_rule_that_is_off_is_off() -> None:
    assert not only(DELETE, enabled=False).enabled


@pytest.mark.parametrize(
    ("actions", "filters", "unread"),
    [
        (
            {"baseBlob": {"delete": {"daysAfterCreationGreaterThan": 3}}},
            None,
            "actions.baseBlob.delete.daysAfterCreation",
        ),
        ({"baseBlob": {"delete": {"daysAfterModificationGreaterThan": "3"}}}, None, "actions.baseBlob.delete.days"),
        ({"baseBlob": {"delete": {}}}, None, "actions.baseBlob.delete"),
        (
            {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": 3, "daysAfterLastTierChangeGreaterThan": 7}}},
            None,
            "actions.baseBlob.delete.daysAfterLastTierChange",
        ),
        ({"baseBlob": {"shred": {"days": 1}}}, None, "actions.baseBlob.shred"),
        (DELETE, {"blobTypes": []}, "filters.blobTypes"),
        (DELETE, {"blobTypes": ["pageBlob"]}, "filters.blobTypes"),
        (DELETE, {"blobTypes": ["blockBlob", "pageBlob"]}, "filters.blobTypes"),
        (DELETE, {"prefixMatch": "calls"}, "filters.prefixMatch"),
        (DELETE, {"blobIndexMatch": [{"name": "a", "op": ">", "value": "b"}]}, "filters.blobIndexMatch"),
        (DELETE, {"owner": "x"}, "filters.owner"),
    ],
)
def test_what_is_not_understood_is_named(actions: Any, filters: Any, unread: str) -> None:
    rules = read_rules(policy(actions, filters), "calls")
    assert rules
    assert all(any(part.startswith(unread) for part in rule.unread) for rule in rules)


@pytest.mark.parametrize("kind", ["Other", 3])
def test_rule_of_another_type_is_not_understood(kind: Any) -> None:
    rules = read_rules(policy(DELETE, type=kind), "calls")
    assert rules
    assert all("type" in rule.unread for rule in rules)


def test_no_rules_are_no_rules() -> None:
    assert read_rules({}, "calls") == ()
    assert read_rules({"properties": {"policy": {"rules": []}}}, "calls") == ()


@pytest.mark.parametrize("told", [{"id": "x"}, {"id": "x", "properties": {}}, {"properties": {"policy": {}}}])
def test_rules_that_are_left_out_are_not_none(told: Any) -> None:
    (rule,) = read_rules(told, "calls")
    assert rule.unread == ("rules",)


@given(ODD)
def test_odd_shapes_never_raise_and_are_never_taken_for_certain(raw: Any) -> None:
    rules = read_rules({"rules": [raw]}, "calls")
    if not isinstance(raw, dict) or not isinstance(raw.get("definition"), dict):
        assert rules[-1].action == "other"
        assert all(rule.unread for rule in rules)


@pytest.mark.parametrize(
    ("prefix", "containers", "misses"),
    [
        ("2026/", ["calls"], True),
        ("2026", ["calls"], True),
        ("calls/2026/", ["calls"], False),
        ("calls", ["calls-eu"], False),
        ("other/", ["calls", "other"], False),
    ],
)
def test_a_prefix_without_the_name_of_a_container_reaches_nothing_and_is_told(
    prefix: str, containers: list[str], *, misses: bool
) -> None:
    told = policy(DELETE, {"prefixMatch": [prefix]})
    assert astray(told, containers) == ((("r", prefix),) if misses else ())


def test_why_something_stays_tells_of_a_rule_that_misses_the_container() -> None:
    told = policy(DELETE, {"prefixMatch": ["2026/"]})
    held = replace(store("calls"), lifecycle=read_rules(told, "calls"), astray_rules=astray(told, ["calls"]), lock=FREE)
    life, today = Life(True, NOW.date()), NOW.date()
    (reason,) = reasons(life, fate(life, (), held, today), held, today)
    assert reason == (
        "the store has no lifecycle rule: rule r is for '2026/', which begins with the name of no store that was"
        " listed, as 'calls/' does"
    )


def test_a_rule_that_is_off_misses_nothing() -> None:
    assert astray(policy(DELETE, {"prefixMatch": ["2026/"]}, enabled=False), ["calls"]) == ()
    assert astray({}, ["calls"]) == ()
