"""The fate of objects that are alike. That it is what happens day by day, tests/test_retention_agreement.py shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from cloudscan.model import NEVER_DATED, NEVER_RETAINED, Answer, LifecycleRule, MediaClass, Replication, RetentionLock
from cloudscan.retention import Fate, fate
from cloudscan.retention.fates import as_old
from cloudscan.retention.lives import Life, members
from cloudscan.retention.rules import clears_all_versions, expires_all
from cloudscan.testing import NOW, expire, expire_old, speech, store, world

TODAY = NOW.date()
NEW = Life(current=True, created=TODAY, under=True)


FREE = RetentionLock(Answer.NO)


def told(*rules: LifecycleRule, life: Life = NEW, versioning: str | None = "disabled", **facts: Any) -> Fate:
    known: dict[str, Any] = {"lifecycle": rules, "versioning": versioning, "lock": FREE} | facts
    return fate(life, rules, store("s", **known), TODAY)


def after(days: int) -> date:
    return TODAY + timedelta(days=days)


def test_the_earliest_expiration_counts() -> None:
    found = told(expire(90, "late"), expire(30, "soon"))
    assert (found.ends, found.day, found.rules) == (Answer.YES, after(31), ("soon",))


def test_what_is_due_already_goes_on_the_next_day() -> None:
    assert told(expire(30), life=Life(current=True, created=after(-400))).day == after(1)


def test_moving_to_a_cold_tier_deletes_nothing() -> None:
    uploads = LifecycleRule("uploads", True, "abort-upload", upload_days=7)
    assert told(expire(30, action="set-tier", tier="GLACIER"), uploads).ends is Answer.NO


def test_a_rule_for_a_tier_waits_for_the_move_to_it() -> None:
    move = expire(30, "move", action="set-tier", tier="COLDLINE")
    found = told(move, expire(10, "cold", tiers=("COLDLINE",)), life=Life(True, TODAY, tier="STANDARD"))
    assert (found.day, found.rules) == (after(32), ("move", "cold"))
    assert told(expire(10, tiers=("COLDLINE",)), life=Life(True, TODAY, tier="STANDARD")).ends is Answer.NO


def test_a_rule_not_read_whole_is_never_proof_of_anything() -> None:
    odd = expire(None, "odd", action="other", unread=("NewThing",))
    assert (told(odd).ends, told(odd).day) == (Answer.UNKNOWN, after(1))
    both = told(expire(400), odd)
    assert (both.ends, both.day, both.soonest, both.soonest_rules) == (Answer.YES, after(401), after(1), ("odd",))


def test_a_rule_by_tag_is_unknown_until_tags_are_read() -> None:
    tagged = expire(5, "tagged", tags=(("kind", "call"),))
    assert (told(tagged).ends, told(tagged).soonest) == (Answer.UNKNOWN, after(6))
    assert told(tagged, life=Life(True, TODAY, tags={"kind": "call"})).ends is Answer.YES
    assert told(tagged, life=Life(True, TODAY, tags={})).ends is Answer.NO


@pytest.mark.parametrize(
    ("rule", "custom", "ends"),
    [
        (expire(None, acts_on="any", custom_days=5), None, Answer.UNKNOWN),
        (expire(None, acts_on="any", custom_days=5), NEVER_DATED.date(), Answer.NO),
        (expire(None, acts_on="any", custom_days=5), after(-9), Answer.YES),
        (expire(1, acts_on="any", custom_days=0), NEVER_DATED.date(), Answer.NO),
        (expire(None, acts_on="any", custom_before=NOW), None, Answer.UNKNOWN),
        (expire(None, acts_on="any", custom_before=NOW), NEVER_DATED.date(), Answer.NO),
    ],
)
def test_a_rule_by_the_time_that_its_owner_set_takes_nothing_on_which_nobody_set_one(
    rule: LifecycleRule, custom: date | None, ends: Answer
) -> None:
    for current in (True, False):
        life = Life(current, after(-400), None if current else after(-300), custom=custom)
        assert told(rule, life=life, versioning="disabled" if current else "enabled").ends is ends


def test_with_versions_the_bytes_outlive_their_expiry() -> None:
    found = told(expire(30), expire_old(10), versioning="enabled")
    assert (found.ends, found.day, found.rules) == (Answer.YES, after(42), ("expire", "expire-old"))
    hidden = told(expire(30), versioning="enabled")
    assert (hidden.ends, hidden.leaves) == (Answer.NO, Answer.YES)


@pytest.mark.parametrize("versioning", ["suspended", None])
def test_where_it_is_not_known_if_versions_are_kept_both_are_told(versioning: str | None) -> None:
    found = told(expire(30), expire_old(10), versioning=versioning)
    assert (found.ends, found.day, found.soonest) == (Answer.YES, after(42), after(31))
    assert told(expire(30), versioning=versioning).ends is Answer.UNKNOWN


def test_where_no_versions_are_made_now_what_is_deleted_goes_at_once_and_old_ones_stay() -> None:
    assert told(expire(30), versioning="off").day == after(31)
    left = Life(False, after(-9), after(-8))
    assert told(expire(30, acts_on="current"), versioning="off", life=left).ends is Answer.NO


def test_where_versions_are_suspended_what_has_no_version_goes_at_once() -> None:
    null = Life(True, TODAY, unversioned=True)
    assert told(expire(30), versioning="suspended", life=null).day == after(31)
    own = Life(True, TODAY, unversioned=False)
    assert told(expire(30), versioning="suspended", life=own).ends is Answer.NO


def test_a_rule_that_spares_newest_versions_leaves_them_for_good() -> None:
    spares = expire_old(1, newer_noncurrent=1)
    old = as_old(NEW, TODAY)
    assert told(spares, life=old, versioning="enabled").ends is Answer.NO
    assert told(expire_old(1), life=old, versioning="enabled").day == after(2)
    second = Life(False, after(-9), after(-8), newer=1)
    assert told(spares, life=second, versioning="enabled").day == after(1)


def test_a_spared_version_stays_while_no_rule_makes_the_current_one_old() -> None:
    spared = Life(False, after(-9), after(-8), newer=0, under=True)
    alone = expire_old(1, newer_noncurrent=1)
    assert told(alone, life=spared, versioning="enabled").ends is Answer.NO
    assert told(alone, expire(30), life=spared, versioning="enabled").ends is Answer.UNKNOWN


def test_a_hold_keeps_and_a_lock_delays() -> None:
    assert told(expire(30), life=Life(True, TODAY, held=True), versioning="disabled").ends is Answer.NO
    locked = Life(False, TODAY, TODAY, held=False, retain_until=after(90))
    lock = RetentionLock(Answer.YES)
    found = told(expire_old(1), life=locked, versioning="enabled", lock=lock)
    assert (found.day, found.held) == (after(91), Answer.YES)
    unread = told(expire_old(1), life=Life(False, TODAY, TODAY), versioning="enabled", lock=lock)
    assert (unread.ends, unread.day, unread.held) == (Answer.UNKNOWN, after(2), Answer.UNKNOWN)


OLD = Life(False, TODAY, TODAY)
UNHELD = replace(OLD, held=False, retain_until=NEVER_RETAINED.date())


@pytest.mark.parametrize(
    ("lock", "life", "ends"),
    [
        (None, OLD, Answer.UNKNOWN),
        (None, UNHELD, Answer.UNKNOWN),  # a policy of the whole store may keep it
        (RetentionLock(Answer.UNKNOWN), OLD, Answer.UNKNOWN),
        (RetentionLock(Answer.UNKNOWN), UNHELD, Answer.YES),  # all locks are those of single objects
        (RetentionLock(Answer.UNKNOWN, keeps_current=True), UNHELD, Answer.UNKNOWN),
        (RetentionLock(Answer.YES, "compliance", 365), OLD, Answer.UNKNOWN),  # of new objects, and so not of all
        (RetentionLock(Answer.YES, "compliance", 365), UNHELD, Answer.YES),
        (RetentionLock(Answer.YES, "locked", 3, keeps_current=True), OLD, Answer.UNKNOWN),
        (RetentionLock(Answer.YES, "locked", 3, keeps_current=True), UNHELD, Answer.YES),
        (RetentionLock(Answer.YES, "locked", 3, keeps_current=True), replace(UNHELD, created=None), Answer.UNKNOWN),
        (FREE, OLD, Answer.YES),
        (RetentionLock(Answer.NO, keeps_current=True), OLD, Answer.YES),
        (RetentionLock(Answer.NO, keeps_current=True, holds=True), OLD, Answer.UNKNOWN),
        (RetentionLock(Answer.NO, keeps_current=True, holds=True), replace(OLD, held=False), Answer.YES),
    ],
)
def test_locks_and_holds_that_were_not_read_leave_a_deletion_open(
    lock: RetentionLock | None, life: Life, ends: Answer
) -> None:
    found = told(expire_old(1), life=life, versioning="enabled", lock=lock)
    assert (found.ends, found.held) == (ends, Answer.NO if ends is Answer.YES and not _days(lock) else found.held)
    assert found.soonest == after(4 if _days(lock) and life.created else 2)
    assert (found.held is Answer.UNKNOWN) is (ends is Answer.UNKNOWN)


def _days(lock: RetentionLock | None) -> int | None:
    return lock.days if lock is not None and lock.keeps_current else None


def test_what_a_hold_keeps_is_not_taken_though_a_rule_hides_it() -> None:
    """On S3 a hold keeps bytes, and not the place of the current version."""
    lock = RetentionLock(Answer.YES)
    for life, taken in (
        (replace(NEW, held=True), Answer.NO),
        (NEW, Answer.UNKNOWN),
        (replace(NEW, held=False), Answer.YES),
    ):
        found = told(expire(30), life=life, versioning="enabled", lock=lock)
        assert (found.leaves, found.taken) == (Answer.YES, taken)


def test_what_is_known_to_be_free_is_not_delayed() -> None:
    """The day of a retention that has ended, or never was, keeps nothing."""
    lock = RetentionLock(Answer.YES)
    for ended in (after(-1), NEVER_RETAINED.date()):
        free = Life(False, TODAY, TODAY, held=False, retain_until=ended)
        found = told(expire_old(1), life=free, versioning="enabled", lock=lock)
        assert (found.day, found.held) == (after(2), Answer.NO)
    half = Life(False, TODAY, TODAY, retain_until=NEVER_RETAINED.date())
    assert told(expire_old(1), life=half, versioning="enabled", lock=lock).held is Answer.UNKNOWN


@pytest.mark.parametrize("awaits", [True, None])
def test_what_waits_to_be_replicated_is_perhaps_never_deleted(awaits: bool | None) -> None:
    """How S3 Lifecycle interacts with other bucket configurations: not before it is replicated."""
    found = told(expire(30), life=replace(NEW, awaits_copy=awaits))
    assert (found.ends, found.day, found.leaves) == (Answer.UNKNOWN, after(31), Answer.UNKNOWN)
    assert told(expire(30), life=replace(NEW, awaits_copy=False)).ends is Answer.YES


def test_objects_wait_only_under_the_prefix_of_a_rule_that_copies() -> None:
    rule = Replication("arn:aws:s3:::copy", None, "calls/", enabled=True)
    held = [speech("s", key, awaits_copy=awaits) for key, awaits in (("a.wav", None), ("calls/b.wav", None))]
    held += [speech("s", "calls/c.wav", awaits_copy=False), speech("s", "calls/d.wav", awaits_copy=True)]
    one = store("s", lifecycle=(expire(30),), replication=(rule,), versioning="enabled", lock=FREE)
    estate = world(one, *held).estate
    lives = {member.key: member.life.awaits_copy for member in members(estate, [one], MediaClass.SPEECH)}
    assert lives == {"a.wav": False, "calls/b.wav": None, "calls/c.wav": False, "calls/d.wav": True}
    assert not expires_all(one)
    assert expires_all(replace(one, replication=(replace(rule, enabled=False),)))


def test_whether_objects_wait_is_not_known_where_replication_was_not_read() -> None:
    unread = store("s", lifecycle=(expire(30), expire_old(30)), versioning="enabled", lock=FREE)
    rows = [speech("s", "a.wav"), speech("s", "b.wav", awaits_copy=False)]
    lives = {one.key: one.life.awaits_copy for one in members(world(unread, *rows).estate, [unread], MediaClass.SPEECH)}
    assert lives == {"a.wav": None, "b.wav": False}
    assert not expires_all(unread)
    assert not clears_all_versions(unread)
    for known in (replace(unread, replication=()), replace(unread, versioning="disabled")):
        assert expires_all(known)
        (life, *_) = (one.life for one in members(world(known, *rows).estate, [known], MediaClass.SPEECH))
        assert life.awaits_copy is False


def test_a_retention_policy_that_keeps_current_versions_delays_their_deletion() -> None:
    lock = RetentionLock(Answer.YES, "retention-policy", 100, keeps_current=True)
    assert told(expire(30), lock=lock).day == after(101)


def test_an_unknown_age_is_not_judged() -> None:
    found = told(expire(30), life=Life(True, None))
    assert (found.ends, found.soonest) == (Answer.UNKNOWN, after(1))
