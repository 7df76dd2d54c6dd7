"""What audio_outliving_maximum_age must find, must let pass, and cannot tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cloudscan.model import Answer, Coverage, Finding, LifecycleRule, MediaObject, RetentionLock, Store, Verdict, Why
from cloudscan.provider import Facet
from cloudscan.testing import ACCOUNT, NOW, expire, expire_old, findings, gap, speech, transcript, world
from cloudscan_checks.audio_outliving_maximum_age import audio_outliving_maximum_age

CHECK = audio_outliving_maximum_age
MOST: dict[str, object] = {"retention": [{"media": "speech", "max_days": 90}]}
AUDIO = speech("calls", "raw/a.wav", days=10.25)


def judged(bucket: Store, *rules: LifecycleRule, objects: tuple[MediaObject, ...] = (AUDIO,)) -> Finding:
    (found,) = findings(CHECK, world(replace(bucket, lifecycle=rules), *objects, policy=MOST))
    return found


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (expire(91, "r"), "rule r takes them at 91 days"),
        (expire(30, "r", prefixes=("tmp/",)), "rule r takes only keys that begin with tmp/"),
        (expire(30, "r", enabled=False), "rule r is switched off"),
    ],
)
def test_what_rules_leave_too_long_is_found_with_the_reason(calls: Store, rule: LifecycleRule, reason: str) -> None:
    found = judged(calls, rule)
    assert found.verdict is Verdict.FAIL
    assert found.message == f"will be older than 90 days: 1 recording (1 min); {reason}"
    assert found.evidence["why"] == [reason]


def test_the_maximum_itself_is_soon_enough(calls: Store) -> None:
    assert judged(calls, expire(90)).verdict is Verdict.PASS


def test_a_store_without_rules_keeps_for_ever(calls: Store) -> None:
    assert judged(calls).evidence["why"] == ["the store has no lifecycle rule"]


def test_what_is_late_already_is_another_checks_matter(calls: Store) -> None:
    found = judged(calls, objects=(speech("calls", "a.wav", days=100),))
    assert (found.verdict, found.evidence["seen"]) == (Verdict.PASS, 0)


def test_days_as_an_old_version_and_days_to_get_it_back_count(calls: Store) -> None:
    versioned = replace(calls, versioning="enabled")
    assert judged(versioned, expire(60), expire_old(28)).verdict is Verdict.PASS
    assert judged(versioned, expire(60), expire_old(31)).verdict is Verdict.FAIL
    soft = replace(calls, soft_delete_days=7, keeps_deleted=Answer.YES)
    assert judged(soft, expire(83)).verdict is Verdict.UNKNOWN
    assert judged(soft, expire(83)).message == (
        "rules delete what was seen within 90 days, but not looked at: deleted objects, which can be got back for 7"
        " days: collect with --versions"
    )
    assert judged(soft, expire(84)).verdict is Verdict.FAIL


@pytest.mark.parametrize(("back", "verdict"), [(81, Verdict.PASS), (82, Verdict.FAIL)])
def test_what_was_deleted_may_outlive_its_maximum_before_it_goes_for_good(
    calls: Store, back: int, verdict: Verdict
) -> None:
    asked = Coverage("aws", ACCOUNT, Facet.DELETED, 1, 1)
    lost = speech("calls", "b.wav", days=10, current=False, restorable_until=NOW + timedelta(days=back))
    soft = replace(calls, soft_delete_days=0, keeps_deleted=Answer.UNKNOWN, lifecycle=(expire(30),))
    for others in ((AUDIO,), ()):
        (found,) = findings(CHECK, world(soft, *others, lost, asked, policy=MOST))
        assert found.verdict is verdict
    if verdict is Verdict.FAIL:
        assert found.message == (
            "will be older than 90 days before it can be got back no more: 1 recording deleted already"
        )
        assert found.evidence["examples"] == ["b.wav"]


def test_old_versions_that_lie_there_count(calls: Store) -> None:
    old = speech("calls", "b.wav", days=20, current=False, version="1", noncurrent_since=AUDIO.modified)
    found = judged(replace(calls, versioning="enabled"), expire(9), objects=(old,))
    assert found.verdict is Verdict.FAIL


def test_a_lock_delays(calls: Store) -> None:
    lock = RetentionLock(Answer.YES, "retention-policy", 200, keeps_current=True)
    assert judged(replace(calls, lock=lock), expire(30)).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    "lock", [None, RetentionLock(Answer.UNKNOWN), RetentionLock(Answer.YES), RetentionLock(Answer.YES, "compliance", 9)]
)
def test_locks_that_were_not_read_are_no_pass(calls: Store, lock: RetentionLock | None) -> None:
    found = judged(replace(calls, versioning="enabled", lock=lock), expire(30), expire_old(1))
    assert found.verdict is Verdict.UNKNOWN
    words = next(iter(found.evidence["why"]))  # type: ignore[call-overload]
    assert "whether a lock or hold keeps the" in words
    assert found.message == f"it is not known by when 1 recording (1 min) will be deleted: {words}"


def test_what_keeps_them_against_every_rule_is_the_reason(calls: Store) -> None:
    bucket = replace(calls, versioning="enabled", lock=RetentionLock(Answer.YES))
    objects = (AUDIO._replace(held=True), *(speech("calls", f"{number}.wav") for number in range(3)))
    found = judged(bucket, expire(30, "r0"), expire_old(1, "r0"), objects=objects)
    assert found.message == "will be older than 90 days: 1 of 4 recordings (1 min); a hold keeps them"
    until = AUDIO._replace(held=False, retain_until=NOW + timedelta(days=900))
    found = judged(bucket, expire(30, "r0"), expire_old(1, "r0"), objects=(until,))
    assert found.message == "will be older than 90 days: 1 recording (1 min); a lock of their own keeps them"
    found = judged(bucket, expire(30, "r0"), expire_old(1, "r0"), objects=(objects[0], until, until._replace(key="b")))
    why = "2: a lock of their own keeps them; 1: a hold keeps them"
    assert found.message == f"will be older than 90 days: all 3 recordings (3 min); {why}"


def test_a_lock_that_ends_in_time_is_not_why_they_outlive(calls: Store) -> None:
    """A lock of all that a store holds is the store's, though each object tells when it ends for it."""

    def locked(days: int) -> Finding:
        lock = RetentionLock(Answer.YES, "retention-policy", days, keeps_current=True)
        ends = NOW + timedelta(days=days - 10.25)
        return judged(replace(calls, lock=lock), objects=(AUDIO._replace(held=False, retain_until=ends),))

    assert locked(30).message.endswith("; the store has no lifecycle rule")
    assert locked(200).message.endswith("; the store's lock keeps them, as all that it holds, for 200 days")


def test_days_to_get_it_back_are_told_beside_the_rule(calls: Store) -> None:
    found = judged(replace(calls, soft_delete_days=30), expire(80, "r"))
    assert found.message.endswith("rule r takes them at 80 days; what is deleted can be got back for 30 days more")


def test_a_rule_by_tag_is_unknown(calls: Store) -> None:
    found = judged(calls, expire(30, tags=(("a", "b"),)))
    assert found.verdict is Verdict.UNKNOWN
    assert found.evidence["why"] == ["rule expire goes by tags, which were not read"]


def test_unread_rules_and_limited_listings_are_unknown(calls: Store) -> None:
    (found,) = findings(CHECK, world(replace(calls, lifecycle=None), AUDIO, policy=MOST))
    assert found.verdict is Verdict.UNKNOWN
    limited = gap(calls.id, Facet.OBJECTS, Why.LIMIT)
    (found,) = findings(CHECK, world(replace(calls, lifecycle=(expire(30),)), AUDIO, limited, policy=MOST))
    assert found.verdict is Verdict.UNKNOWN


def test_without_a_maximum_nothing_is_judged(calls: Store) -> None:
    assert findings(CHECK, world(calls, AUDIO)) == []
    assert findings(CHECK, world(calls, transcript("calls", "a.json"), policy=MOST)) == []


def test_where_all_is_late_nothing_is_said_to_be_deleted_in_time(calls: Store) -> None:
    found = judged(calls, objects=(speech("calls", "a.wav", days=400),))
    assert found.verdict is Verdict.PASS
    words = "nothing here is younger than its maximum of 90 days: what is late already is judged by itself"
    assert found.message == words


def test_each_folder_is_judged_by_the_rule_that_is_about_it(calls: Store) -> None:
    policy: dict[str, object] = {"retention": [{"prefix": ["raw/", "none/"], "max_days": 90}, {"max_days": 20}]}
    other = speech("calls", "rawx/b.wav", days=10.25, version="1", current=False)
    bucket = replace(calls, lifecycle=(expire(60),), versioning="enabled")
    rest, raw = findings(CHECK, world(bucket, AUDIO, other, policy=policy))
    assert (raw.verdict, raw.locator) == (Verdict.FAIL, "speech under 'raw/', 'none/'")
    assert raw.message.startswith("under none/, raw/: will be older than 90 days: 1 recording (1 min)")
    assert rest.verdict is Verdict.FAIL
    assert rest.message.startswith("outside none/, raw/: will be older than 20 days: 1 recording (1 min)")
    (alone,) = findings(CHECK, world(replace(calls, lifecycle=(expire(60),)), AUDIO, policy=policy))
    assert (alone.verdict, alone.locator) == (Verdict.PASS, raw.locator)
