"""What contradictory_audio_retention must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cloudscan.model import Answer, Finding, LifecycleRule, RetentionLock, Store, Verdict
from cloudscan.testing import NOW, expire, findings, speech, transcript, world
from cloudscan_checks.contradictory_audio_retention import contradictory_audio_retention

CHECK = contradictory_audio_retention
BOTH: dict[str, object] = {"retention": [{"media": "speech", "min_days": 365}, {"media": "transcript", "max_days": 90}]}
THINGS = (speech("calls", "raw/a.wav"), transcript("calls", "text/a.json"))


def judged(calls: Store, *rules: LifecycleRule) -> Finding:
    (found,) = findings(CHECK, world(replace(calls, lifecycle=rules), *THINGS, policy=BOTH))
    return found


@pytest.mark.parametrize(("days", "verdict"), [(89, Verdict.PASS), (90, Verdict.PASS), (91, Verdict.FAIL)])
def test_a_lock_that_holds_longer_than_the_maximum_is_found(calls: Store, days: int, verdict: Verdict) -> None:
    bucket = replace(calls, lock=RetentionLock(Answer.YES, "compliance", days))
    (found,) = findings(CHECK, world(bucket, *THINGS, policy=BOTH))
    assert found.verdict is verdict
    if verdict is Verdict.FAIL:
        assert (
            found.message
            == "its lock holds new objects for 91 days, and the policy file lets transcript live for 90 days"
        )


def test_a_container_is_named_apart_from_its_account(calls: Store) -> None:
    account = "/subscriptions/s/resourcegroups/voice/providers/microsoft.storage/storageaccounts/acmevoice"
    place = replace(calls, id=f"{account}/blobservices/default/containers/calls", name="acmevoice/calls")
    place = replace(place, provider="azure", lock=RetentionLock(Answer.YES, "compliance", 91))
    (found,) = findings(CHECK, world(place, *(each._replace(store=place.id) for each in THINGS), policy=BOTH))
    assert "--account-name acmevoice --container-name calls --period" in found.remediation


def test_one_rule_for_what_must_stay_and_what_must_go_is_found(calls: Store) -> None:
    found = judged(calls, expire(90, "all"))
    assert found.verdict is Verdict.FAIL
    assert found.message == (
        "rule all takes both speech, to be kept for 365 days, and transcript, to be gone within 90 days"
    )


def test_rules_that_tell_them_apart_pass(calls: Store) -> None:
    found = judged(calls, expire(400, prefixes=("raw/",)), expire(90, prefixes=("text/",)))
    assert found.verdict is Verdict.PASS
    told = "no lock keeps new objects by default, and no rule takes both what must be kept and what must be gone"
    assert found.message == told


def test_what_was_not_read_is_unknown(calls: Store) -> None:
    for bucket in (replace(calls, lifecycle=None), replace(calls, lock=None)):
        (found,) = findings(CHECK, world(bucket, *THINGS, policy=BOTH))
        assert found.verdict is Verdict.UNKNOWN


def test_without_decisions_nothing_is_judged(calls: Store) -> None:
    assert findings(CHECK, world(calls, *THINGS)) == []


FOLDERS: dict[str, object] = {"retention": [{"prefix": "keep/", "min_days": 365}, {"prefix": "go/", "max_days": 90}]}


def test_one_rule_for_a_folder_that_must_stay_and_one_that_must_go_is_found(calls: Store) -> None:
    things = speech("calls", "keep/a.wav"), speech("calls", "go/a.wav")
    (found,) = findings(CHECK, world(replace(calls, lifecycle=(expire(90, "all"),)), *things, policy=FOLDERS))
    assert found.verdict is Verdict.FAIL
    assert found.message == (
        "rule all takes both speech under keep/, to be kept for 365 days,"
        " and speech under go/, to be gone within 90 days"
    )
    apart = replace(calls, lifecycle=(expire(400, "k", prefixes=("keep/",)), expire(90, "g", prefixes=("go/",))))
    (found,) = findings(CHECK, world(apart, *things, policy=FOLDERS))
    assert found.verdict is Verdict.PASS
    (found,) = findings(CHECK, world(replace(calls, lifecycle=(expire(90),)), things[0], policy=FOLDERS))
    assert found.verdict is Verdict.PASS


@pytest.mark.parametrize("provider", ["aws", "gcp", "azure"])
def test_the_lock_is_changed_where_the_finding_is_about_one_and_rules_where_it_is_about_these(
    calls: Store, provider: str
) -> None:
    calls_for_locks = {"aws": "put-object-lock", "gcp": "--retention-period", "azure": "immutability-policy"}
    lock = calls_for_locks[provider]
    bucket = replace(calls, provider=provider, lifecycle=(expire(90, "all"),))
    (found,) = findings(CHECK, world(bucket, *THINGS, policy=BOTH))
    assert found.verdict is Verdict.FAIL
    assert lock not in found.remediation
    assert "rules.json" in found.remediation
    (found,) = findings(CHECK, world(replace(bucket, lock=RetentionLock(Answer.YES, days=91)), *THINGS, policy=BOTH))
    assert found.verdict is Verdict.FAIL
    assert lock in found.remediation
    assert "rules.json" not in found.remediation


def test_a_pass_says_of_locks_what_is_so(calls: Store) -> None:
    bucket = replace(calls, lock=RetentionLock(Answer.YES, "compliance"))
    until = NOW + timedelta(days=2000)
    own = THINGS[1]._replace(retain_until=until), THINGS[0]._replace(held=True)
    (found,) = findings(CHECK, world(bucket, *own, policy=BOTH))
    assert found.verdict is Verdict.PASS
    assert found.message.startswith(
        "no lock keeps new objects by default (2 objects have locks or holds of their own), and"
    )
    (found,) = findings(CHECK, world(bucket, THINGS[1]._replace(retain_until=NOW - timedelta(1)), policy=BOTH))
    assert found.message.startswith("no lock keeps new objects by default, and")
    least: dict[str, object] = {"retention": [{"min_days": 365}]}
    (found,) = findings(CHECK, world(replace(bucket, lock=RetentionLock(Answer.YES, "", 400)), *own, policy=least))
    assert found.message.startswith("it has no maximum that a lock could break, and")


def test_a_legal_hold_of_the_store_keeps_for_nobody_knows_how_long(calls: Store) -> None:
    bucket = replace(calls, lock=RetentionLock(Answer.YES, "legal-hold", keeps_current=True))
    (found,) = findings(CHECK, world(bucket, *THINGS, policy=BOTH))
    assert found.verdict is Verdict.UNKNOWN
    assert "until somebody lifts it" in found.message
