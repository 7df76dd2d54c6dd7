"""What replica_outliving_audio must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloudscan.model import Finding, LifecycleRule, Replication, Store, Verdict
from cloudscan.testing import expire, findings, speech, store, world
from cloudscan_checks.replica_outliving_audio import replica_outliving_audio

CHECK = replica_outliving_audio
AUDIO = speech("calls", "a.wav", days=10.25)


def source(calls: Store, *rules: LifecycleRule, enabled: bool = True) -> Store:
    copying = (Replication("arn:aws:s3:::copies", None, "", enabled),)
    return replace(calls, lifecycle=rules, replication=copying)


def copies(*rules: LifecycleRule) -> Store:
    return store("copies", versioning="disabled", lifecycle=rules, replication=())


def judged(*stores: Store) -> Finding:
    found = findings(CHECK, world(*stores, AUDIO, speech("copies", "a.wav", days=10.25)))
    return next(one for one in found if one.resource == "arn:aws:s3:::calls")


@pytest.mark.parametrize(
    ("rules", "told"), [((), "never"), ((expire(60),), "within 61 days"), ((expire(9, prefixes=("x",)),), "never")]
)
def test_replicas_that_stay_longer_are_found(calls: Store, rules: tuple[LifecycleRule, ...], told: str) -> None:
    found = judged(source(calls, expire(30)), copies(*rules))
    assert found.verdict is Verdict.FAIL
    assert found.message == f"recordings are deleted within 31 days, their replicas in copies {told}"
    assert found.locator == "arn:aws:s3:::copies"


def test_replicas_that_go_as_soon_pass(calls: Store) -> None:
    assert judged(source(calls, expire(30)), copies(expire(30))).verdict is Verdict.PASS


def test_replicas_of_what_is_never_deleted_outlive_nothing(calls: Store) -> None:
    assert judged(source(calls), copies()).verdict is Verdict.PASS


def test_what_was_not_looked_at_is_unknown(calls: Store) -> None:
    assert judged(source(calls, expire(30))).verdict is Verdict.UNKNOWN
    assert judged(replace(calls, replication=None)).verdict is Verdict.UNKNOWN
    assert judged(source(calls, expire(30)), replace(copies(), lifecycle=None)).verdict is Verdict.UNKNOWN
    assert judged(source(calls, expire(30)), copies(expire(9, tags=(("a", "b"),)))).verdict is Verdict.UNKNOWN


def test_a_rule_that_is_off_copies_nothing(calls: Store) -> None:
    assert findings(CHECK, world(source(calls, expire(30), enabled=False), AUDIO)) == []
