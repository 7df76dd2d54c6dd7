"""What lifecycle rules do to objects that exist."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from cloudscan.estate import Estate
from cloudscan.model import Answer, LifecycleRule, MediaClass, MediaObject, Store
from cloudscan.retention import (
    Group,
    clears_all_versions,
    due,
    end_of_bytes,
    expires_all,
    expiry,
    groups,
    noncurrent_expiry,
    soonest,
)
from cloudscan.testing import NOW, speech, store, transcript, world


def rule(name: str = "r", *, enabled: bool = True, **facts: object) -> LifecycleRule:
    return LifecycleRule(name, enabled, **facts)  # type: ignore[arg-type]


def group(*rules: LifecycleRule, maybe: tuple[LifecycleRule, ...] = ()) -> Group:
    return Group(rules, maybe, 1, 1, 1.0, NOW, NOW, "a.wav")


def grouped(bucket: Store, *objects: MediaObject, current: bool = True) -> list[Group]:
    estate: Estate = world(bucket, *objects).estate
    return list(groups(estate, [bucket], MediaClass.SPEECH, current=current).get(bucket.id, ()))


def test_objects_are_counted_by_the_rules_that_meet_them() -> None:
    calls = store("calls", lifecycle=(rule("raw", prefix="raw/", expire_days=30),))
    found = grouped(calls, speech("calls", "raw/a.wav"), speech("calls", "raw/b.wav"), speech("calls", "kept/c.wav"))
    assert [([r.id for r in one.sure], one.objects, one.example) for one in found] == [
        ([], 1, "kept/c.wav"),
        (["raw"], 2, "raw/a.wav"),
    ]


def test_a_rule_that_is_off_meets_nothing() -> None:
    calls = store("calls", lifecycle=(rule(enabled=False, expire_days=1),))
    (found,) = grouped(calls, speech("calls", "a.wav"))
    assert expiry(found).ends is Answer.NO


def test_stores_with_the_same_filters_keep_their_own_rules() -> None:
    buckets = [store(f"b{days}", lifecycle=(rule(f"r{days}", expire_days=days),)) for days in (10, 20)]
    objects = [speech("b10", "a.wav"), speech("b20", "a.wav"), speech("b20", "b.wav")]
    found = groups(world(*buckets, *objects).estate, buckets, MediaClass.SPEECH)
    assert {name: [(expiry(one).days, one.objects) for one in several] for name, several in found.items()} == {
        "arn:aws:s3:::b10": [(10, 1)],
        "arn:aws:s3:::b20": [(20, 2)],
    }


def test_sizes_are_strict_bounds() -> None:
    calls = store("calls", lifecycle=(rule(expire_days=1, larger_than=100, smaller_than=200),))
    objects = [speech("calls", f"{size}.wav", size=size) for size in (100, 101, 199, 200)]
    assert sorted((expiry(one).ends.value, one.objects) for one in grouped(calls, *objects)) == [("no", 2), ("yes", 2)]


def test_a_rule_by_tag_may_or_may_not_meet() -> None:
    calls = store("calls", lifecycle=(rule("tagged", expire_days=5, tags=(("kind", "call"),)),))
    (found,) = grouped(calls, speech("calls", "a.wav"))
    assert expiry(found).ends is Answer.UNKNOWN
    assert expiry(found).rules == ("tagged",)


def test_other_classes_versions_and_delete_markers_are_left_out() -> None:
    calls = store("calls", lifecycle=())
    rows = [
        transcript("calls", "a.json"),
        speech("calls", "a.wav", current=False, version="1"),
        speech("calls", "b.wav", delete_marker=True, version="2"),
    ]
    assert grouped(calls, *rows) == []
    (old,) = grouped(calls, *rows, current=False)
    assert old.example == "a.wav"


def test_the_earliest_expiration_counts() -> None:
    fate = expiry(group(rule("late", expire_days=90), rule("soon", expire_days=30)))
    assert (fate.ends, fate.days, fate.rules) == (Answer.YES, 30, ("soon",))


def test_moving_to_a_cold_tier_deletes_nothing() -> None:
    assert expiry(group(rule(transitions=((30, "GLACIER"),), abort_upload_days=7))).ends is Answer.NO


def test_a_rule_not_read_whole_is_never_proof_that_nothing_is_deleted() -> None:
    odd = rule("odd", unread=("Expiration.NewThing",))
    assert expiry(group(maybe=(odd,))).ends is Answer.UNKNOWN
    assert noncurrent_expiry(group(maybe=(odd,))).ends is Answer.UNKNOWN
    assert soonest(group(rule(expire_days=400), maybe=(odd,)), store("s", versioning="disabled")).days is None


def test_a_rule_that_spares_newest_versions_leaves_them_for_good() -> None:
    assert noncurrent_expiry(group(rule(noncurrent_days=1, newer_noncurrent_kept=3))).ends is Answer.NO
    assert noncurrent_expiry(group(rule(noncurrent_days=1))).ends is Answer.YES


def test_without_versions_the_expiry_is_the_end() -> None:
    fate = end_of_bytes(group(rule(expire_days=30)), store("s", versioning="disabled"))
    assert (fate.ends, fate.days) == (Answer.YES, 30)


def test_with_versions_the_bytes_outlive_their_expiry() -> None:
    versioned = store("s", versioning="enabled")
    both = group(rule("expire", expire_days=30), rule("clear", noncurrent_days=10))
    fate = end_of_bytes(both, versioned)
    assert (fate.ends, fate.days, fate.rules) == (Answer.YES, 40, ("expire", "clear"))
    assert end_of_bytes(group(rule(expire_days=30)), versioned).ends is Answer.NO


def test_where_versioning_is_suspended_the_end_may_come_at_the_expiry() -> None:
    suspended = store("s", versioning="suspended")
    both = group(rule(expire_days=30), rule("clear", noncurrent_days=10))
    assert end_of_bytes(both, suspended).days == 40
    assert soonest(both, suspended).days == 30
    assert end_of_bytes(group(rule(expire_days=30)), suspended).ends is Answer.UNKNOWN


def test_where_versioning_is_not_known_the_soonest_end_is_the_expiry() -> None:
    assert soonest(group(rule(expire_days=30), rule("clear", noncurrent_days=10)), store("s")).days == 30


def test_soonest_counts_rules_that_may_apply() -> None:
    tagged = rule("tagged", expire_days=5, tags=(("kind", "call"),))
    fate = soonest(group(rule(expire_days=400), maybe=(tagged,)), store("s", versioning="disabled"))
    assert (fate.ends, fate.days, fate.rules) == (Answer.UNKNOWN, 5, ("tagged",))


def test_nothing_ends_in_a_versioned_store_without_a_rule_for_old_versions() -> None:
    assert soonest(group(rule(expire_days=5)), store("s", versioning="enabled")).ends is Answer.NO


def test_ages_are_rounded_up_to_midnight() -> None:
    fate = expiry(group(rule(expire_days=2)))
    assert due(fate, datetime(2026, 1, 1, 10, 30, tzinfo=UTC)) == datetime(2026, 1, 4, tzinfo=UTC)


def test_a_fixed_date_takes_later_objects_at_once() -> None:
    day = datetime(2026, 1, 1, tzinfo=UTC)
    fate = expiry(group(rule(expire_date=day)))
    assert due(fate, day - timedelta(days=9)) == day
    assert due(fate, day + timedelta(days=9)) == day + timedelta(days=9)


def test_what_never_ends_is_never_due() -> None:
    assert due(expiry(group()), NOW) is None


def test_only_a_rule_without_any_filter_takes_what_was_not_listed() -> None:
    assert expires_all(store("s", lifecycle=(rule(expire_days=9),)))
    for narrow in (
        rule(expire_days=9, prefix="a"),
        rule(expire_days=9, tags=(("a", "b"),)),
        rule(expire_days=9, larger_than=0),
        rule(expire_days=9, smaller_than=9),
        rule(expire_days=9, unread=("Filter",)),
        rule(expire_days=9, enabled=False),
        rule(noncurrent_days=9),
    ):
        assert not expires_all(store("s", lifecycle=(narrow,)))
    assert clears_all_versions(store("s", lifecycle=(rule(noncurrent_days=9),)))
    assert not clears_all_versions(store("s", lifecycle=(rule(noncurrent_days=9, newer_noncurrent_kept=1),)))
    assert not expires_all(store("s"))


_rules = st.builds(
    LifecycleRule,
    id=st.sampled_from(["one", "two", "three"]),
    enabled=st.booleans(),
    prefix=st.sampled_from(["", "a", "a/", "b/'", "%"]),
    larger_than=st.none() | st.integers(0, 5),
    smaller_than=st.none() | st.integers(0, 5),
    expire_days=st.none() | st.integers(1, 100),
)
_objects = st.tuples(st.sampled_from(["a", "a/x", "b/'x", "%x", "c\n\u202ex"]), st.integers(0, 6))


@settings(deadline=None, max_examples=60)
@given(rules=st.lists(_rules, max_size=4), objects=st.lists(_objects, min_size=1, max_size=6))
def test_groups_agree_with_judging_every_object_alone(
    rules: list[LifecycleRule], objects: list[tuple[str, int]]
) -> None:
    def days(key: str, size: int) -> int | None:
        met = [
            one.expire_days
            for one in rules
            if one.enabled
            and one.expire_days is not None
            and key.startswith(one.prefix)
            and (one.larger_than is None or size > one.larger_than)
            and (one.smaller_than is None or size < one.smaller_than)
        ]
        return min(met, default=None)

    calls = store("calls", lifecycle=tuple(rules))
    rows = [speech("calls", key, size=size) for key, size in objects]
    found = [expiry(one).days for one in grouped(calls, *rows) for _ in range(one.objects)]
    assert sorted(found, key=str) == sorted((days(*one) for one in objects), key=str)
