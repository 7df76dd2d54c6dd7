"""What remedies may propose: no rule that deletes what another rule of the policy file keeps."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from cloudscan.check import Check
from cloudscan.model import Answer, Finding, LifecycleRule, MediaObject, RetentionLock, Store, Verdict
from cloudscan.testing import findings, speech, transcript, world
from cloudscan_checks.audio_never_deleted import audio_never_deleted
from cloudscan_checks.audio_outliving_maximum_age import audio_outliving_maximum_age
from cloudscan_checks.audio_past_maximum_age import audio_past_maximum_age

ACCOUNT = "/subscriptions/s/resourcegroups/voice/providers/microsoft.storage/storageaccounts/acmevoice"
OLD = speech("calls", "calls/a.wav", days=100)
YOUNG = speech("calls", "calls/b.wav", days=1)


def at(calls: Store, provider: str, **facts: Any) -> Store:
    if provider == "azure":
        facts |= {"id": f"{ACCOUNT}/blobservices/default/containers/calls", "name": "acmevoice/calls"}
    return replace(calls, provider=provider, lock=RetentionLock(Answer.NO), soft_delete_days=0, **facts)


def remedy(check: Check, place: Store, rules: list[dict[str, object]], *objects: MediaObject) -> str:
    things = (each._replace(store=place.id) for each in objects)
    found = findings(check, world(place, *things, policy={"retention": rules}))
    return next(one.remediation for one in found if one.verdict is Verdict.FAIL)


@pytest.mark.parametrize("check", [audio_past_maximum_age, audio_outliving_maximum_age])
@pytest.mark.parametrize(
    ("provider", "filters"),
    [
        ("aws", ['{"Filter": {"Prefix": "calls/"}}', '{"Filter": {"Prefix": "ivr/\\u007b\\u0060\\""}}']),
        ("gcp", ['"condition": {"age": 90, "matchesPrefix": ["calls/", "ivr/\\u007b\\u0060\\""]}']),
        ("azure", ['{"prefixMatch": ["calls/calls/", "calls/ivr/\\u007b\\u0060\\""]}']),
    ],
)
def test_the_rule_for_a_folder_takes_the_folder_alone(
    calls: Store, check: Check, provider: str, filters: list[str]
) -> None:
    rules: list[dict[str, object]] = [{"prefix": ["calls/", 'ivr/{`"'], "max_days": 90}, {"max_days": 60}]
    told = remedy(check, at(calls, provider), rules, OLD, YOUNG)
    assert all(one in told for one in filters)
    assert "FOLDER" not in told


@pytest.mark.parametrize("provider", ["aws", "gcp", "azure"])
@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        (
            [{"prefix": "calls/vip/", "min_days": 1825}, {"prefix": "calls/", "max_days": 10}],
            "recordings and transcripts and videos under calls/vip/, to be kept for 1,825 days",
        ),
        (
            [{"prefix": "vip/", "max_days": 500}, {"max_days": 10}],
            "recordings and transcripts and videos under vip/, which may stay for 500 days",
        ),
        (
            [{"media": "speech", "max_days": 10}, {"media": "transcript", "min_days": 5}],
            "transcripts, for whose keeping there is no maximum",
        ),
    ],
)
def test_no_rule_is_proposed_that_takes_what_another_keeps(
    calls: Store, provider: str, rules: list[dict[str, object]], kept: str
) -> None:
    things = OLD, transcript("calls", "calls/a.json", days=1)
    told = remedy(audio_past_maximum_age, at(calls, provider), rules, *things)
    assert f"would delete {kept}" in told
    assert "rules.json" not in told


def test_a_rule_may_take_what_must_be_gone_sooner_and_what_is_not_there(calls: Store) -> None:
    rules: list[dict[str, object]] = [
        {"prefix": "tmp/", "max_days": 5},
        {"media": "transcript", "max_days": 9000},
        {"max_days": 50},
    ]
    told = remedy(audio_past_maximum_age, at(calls, "gcp"), rules, OLD)
    (code,) = [json.loads(part) for part in told.split("`") if part.startswith("{")]
    assert code == {"rule": [{"action": {"type": "Delete"}, "condition": {"age": 50}}]}


@pytest.mark.parametrize("provider", ["aws", "gcp", "azure"])
def test_what_is_for_the_rules_of_other_folders_is_met_by_none_for_a_folder(calls: Store, provider: str) -> None:
    rules: list[dict[str, object]] = [{"prefix": ["calls/", "q/"], "max_days": 5}, {"max_days": 90}]
    told = remedy(audio_past_maximum_age, at(calls, provider), rules, OLD, speech("calls", "other/a.wav"))
    assert "calls/" in told
    assert "rules.json" in told


def test_one_folder_is_told_once_for_all_classes(calls: Store) -> None:
    rules: list[dict[str, object]] = [{"prefix": "calls/vip/", "min_days": 1825}, {"max_days": 10}]
    told = remedy(audio_past_maximum_age, at(calls, "gcp"), rules, OLD)
    assert "would delete recordings and transcripts and videos under calls/vip/, to be kept for 1,825 days, too" in told


@pytest.mark.parametrize(("least", "soft"), [(None, 90), (None, 400), (85, 7)])
def test_no_rule_is_proposed_that_soft_delete_makes_delete_at_once_or_too_early(
    calls: Store, least: int | None, soft: int
) -> None:
    rule: dict[str, object] = {"max_days": 90, **({"min_days": least} if least else {})}
    told = remedy(audio_past_maximum_age, replace(at(calls, "gcp"), soft_delete_days=soft), [rule], OLD)
    assert "Shorten soft delete first" in told
    assert "rules.json" not in told


def test_days_as_an_old_version_are_part_of_the_maximum(calls: Store) -> None:
    kept = replace(at(calls, "aws"), versioning="enabled")
    told = remedy(audio_past_maximum_age, kept, [{"max_days": 90}], OLD)
    assert "after 90 days, those as an old version included, with" in told


def test_days_of_soft_delete_are_part_of_the_maximum(calls: Store) -> None:
    soft = replace(at(calls, "gcp"), soft_delete_days=7)
    told = remedy(audio_past_maximum_age, soft, [{"max_days": 90}], OLD)
    assert '{"age": 83}' in told
    assert "soft delete keeps it" in told


def never(place: Store, *objects: MediaObject) -> Finding:
    things = (each._replace(store=place.id) for each in objects)
    (found,) = findings(audio_never_deleted, world(replace(place, lifecycle=tuple[LifecycleRule, ...]()), *things))
    return found


@pytest.mark.parametrize(
    ("provider", "words"), [("aws", "legal-hold"), ("gcp", "-hold"), ("azure", "legal-hold clear")]
)
def test_locks_and_holds_are_spoken_of_where_there_may_be_some(calls: Store, provider: str, words: str) -> None:
    place = at(calls, provider)
    assert words not in never(place, OLD).remediation
    for lock in (None, RetentionLock(Answer.UNKNOWN), RetentionLock(Answer.YES)):
        assert words in never(replace(place, lock=lock), OLD).remediation
    holding = replace(place, lock=RetentionLock(Answer.NO, holds=True))
    assert words in never(holding, OLD).remediation
    assert words in never(holding, OLD._replace(held=True)).remediation
    assert words not in never(holding, OLD._replace(held=False)).remediation


@pytest.mark.parametrize("provider", ["gcp", "azure"])
def test_a_lock_of_all_that_a_store_holds_is_told_with_its_days(calls: Store, provider: str) -> None:
    place = replace(at(calls, provider), lock=RetentionLock(Answer.YES, "compliance", 400, keeps_current=True))
    told = remedy(audio_past_maximum_age, place, [{"max_days": 90}], OLD)
    assert "The store's lock keeps each object for 400 days, against every rule." in told
