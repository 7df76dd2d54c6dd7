"""The closed form of retention against rules carried out day by day: they agree on drawn rules and histories."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import event, given, settings
from hypothesis import strategies as st

from cloudscan.model import Answer, LifecycleRule, MediaClass, MediaObject, RetentionLock, Store
from cloudscan.retention import Ask, Fate, fate, groups
from cloudscan.testing import NOW, expire, expire_old, speech, store, world
from tests.plain_lifecycle import Version, simulate

TODAY = NOW + timedelta(hours=9)
HORIZON = 500
_moments = st.integers(0, 100 * 24 * 4).map(lambda quarters: TODAY - timedelta(minutes=15 * quarters))


def seldom(rare: st.SearchStrategy[object], usual: object = None) -> st.SearchStrategy[object]:
    """Draw the usual value five times out of six: rules that meet next to nothing show little."""
    return st.integers(0, 5).flatmap(lambda roll: rare if roll == 5 else st.just(usual))


_days = st.integers(0, 60)
_dates = st.integers(-60, 60).map(lambda days: NOW + timedelta(days=days))
_filters = {
    "id": st.sampled_from(["one", "two", "three"]),
    "enabled": seldom(st.just(False), True),
    "prefixes": seldom(st.sampled_from([("a/",), ("b/", "a"), ("%",)]), ()),
    "larger_than": seldom(st.integers(0, 4)),
    "smaller_than": seldom(st.integers(1, 6)),
    "tags": seldom(st.just((("kind", "call"),)), ()),
}


def _rule(**facts: st.SearchStrategy[object]) -> st.SearchStrategy[LifecycleRule]:
    return st.fixed_dictionaries({**_filters, **facts}).map(lambda given: LifecycleRule(**given))  # type: ignore[arg-type]


def _only(value: object) -> st.SearchStrategy[object]:
    return st.just(value)


_expire = _rule(action=_only("delete"), acts_on=_only("current"), days=st.integers(1, 60))
_expire_old = _rule(
    action=_only("delete"),
    acts_on=_only("noncurrent"),
    noncurrent_days=st.integers(1, 60),
    newer_noncurrent=st.sampled_from([0, 0, 1, 2]),
)
S3_RULES = st.one_of(
    _expire,
    _expire,
    _expire_old,
    _expire_old,
    _rule(action=_only("delete"), acts_on=_only("current"), from_date=_dates),
    _rule(action=_only("clear-marker")),
    _rule(action=_only("set-tier"), acts_on=_only("current"), days=st.integers(0, 60), tier=_only("ARCHIVE")),
    _rule(action=_only("abort-upload"), upload_days=st.integers(1, 9)),
)
_google = {
    "acts_on": st.sampled_from(["any", "any", "current", "noncurrent"]),
    "suffixes": seldom(st.sampled_from([(".wav",), (".mp3", ".json")]), ()),
    "tiers": seldom(st.sampled_from([("STANDARD",), ("NEARLINE", "ARCHIVE")]), ()),
    "days": st.none() | _days,
    "created_before": seldom(_dates),
    "custom_days": seldom(_days),
    "custom_before": seldom(_dates),
    "noncurrent_days": seldom(_days),
    "noncurrent_before": seldom(_dates),
    "newer_versions": seldom(st.sampled_from([1, 2]), 0),
}
GOOGLE_RULES = st.one_of(
    _rule(action=_only("delete"), **_google),
    _rule(action=_only("set-tier"), tier=st.sampled_from(["NEARLINE", "COLDLINE", "ARCHIVE"]), **_google),
)
_types = seldom(st.just(("appendBlob",)), ("blockBlob",))
AZURE_RULES = st.one_of(
    _rule(
        action=_only("delete"),
        acts_on=_only("current"),
        days=st.none() | _days,
        accessed_days=seldom(_days),
        stored_as=_types,
    ),
    _rule(action=_only("delete"), acts_on=_only("noncurrent"), days=st.integers(0, 60), stored_as=_types),
    _rule(action=_only("set-tier"), acts_on=_only("current"), days=st.integers(0, 60), tier=_only("ARCHIVE")),
)


@st.composite
def history_of(draw: st.DrawFn, *, versioned: bool) -> list[Version]:
    """Draw the versions of one key, newest first, as a listing gives them; none written in the same second."""
    key = draw(st.sampled_from(["a/{}.wav", "b/'{}.mp3", "%{}.json", "c{}"]))
    moments = draw(st.lists(_moments, min_size=1, max_size=4 if versioned else 1, unique=True))
    customs = draw(st.permutations(range(6)))
    history: list[Version] = []
    for place, created in enumerate(sorted(moments, reverse=True)):
        history.append(
            Version(
                key,
                created,
                current=place == 0,
                marker=versioned and place == 0 and len(moments) > 1 and draw(st.booleans()),
                since=history[-1].created if history else None,
                size=draw(st.integers(0, 6)),
                tier=draw(st.sampled_from(["STANDARD", "STANDARD", "NEARLINE"])),
                custom=TODAY.replace(hour=draw(st.integers(0, 23))) - timedelta(days=11 * customs[place] + 3),
                accessed=draw(_moments),
                tags=draw(st.sampled_from([{}, {"kind": "call"}, {"kind": "mail"}])),
                held=draw(seldom(st.just(True), False)),  # type: ignore[arg-type]
                stored_as=draw(st.sampled_from(["blockBlob", "blockBlob", "appendBlob", "pageBlob"])),
                retain_until=draw(seldom(st.integers(-9, 90).map(lambda days: TODAY + timedelta(days=days)))),  # type: ignore[arg-type]
            )
        )
    return history


def histories(*, versioned: bool) -> st.SearchStrategy[list[list[Version]]]:
    """Draw several keys with their versions."""
    return st.lists(history_of(versioned=versioned), min_size=3, max_size=8).map(_named)


def _named(drawn: list[list[Version]]) -> list[list[Version]]:
    """Give each key a name of its own, and each version of all a day of its own that its owner set."""
    for number, history in enumerate(drawn):
        for version in history:
            version.key = version.key.format(number)
            version.custom = version.custom and version.custom - timedelta(days=number)
    return drawn


def rows_of(history: list[Version]) -> list[MediaObject]:
    return [
        speech(
            "calls",
            one.key,
            version="null" if one.null else f"v{number}",
            current=one.current,
            delete_marker=one.marker,
            size=one.size,
            modified=one.created,
            tier=one.tier,
            tags=None if one.tags is None else json.dumps(one.tags),
            held=one.held,
            retain_until=one.retain_until or TODAY - timedelta(days=999),
            custom_time=one.custom,
            last_access=one.accessed,
            stored_as=one.stored_as,
        )
        for number, one in enumerate(history)
    ]


def fates_of(bucket: Store, rows: list[MediaObject]) -> dict[tuple[str, date | None], Fate]:
    """Return the fate of each version. Those of a key are told apart by the time that their owner set."""
    found = {}
    estate = world(bucket, *rows).estate
    for current in (True, False):
        for group in groups(estate, [bucket], MediaClass.SPEECH, ask=Ask(current=current)).get(bucket.id, ()):
            assert group.objects == 1
            found[group.example, group.life.custom] = fate(group.life, group.rules, bucket, TODAY.date())
    return found


def assert_agreement(bucket: Store, drawn: list[list[Version]], *, exact: bool) -> None:
    found = fates_of(bucket, [row for history in drawn for row in rows_of(history)])
    for history in drawn:
        simulate(history, bucket, TODAY, HORIZON)
    objects = [version for history in drawn for version in history if not version.marker]
    assert len(found) == len(objects)
    for version in objects:
        assert version.custom is not None
        told = found[version.key, version.custom.date()]
        event(f"{told.ends.value} {'gone' if version.gone else 'kept'}")
        if told.ends is Answer.YES:
            assert version.gone is not None
            assert told.day is not None
            assert version.gone <= told.day
        if told.ends is Answer.NO:
            assert version.gone is None
        if version.gone is not None:
            assert told.soonest is not None
            assert told.soonest <= version.gone
        if version.hid is not None or (version.gone is not None and version.current):
            assert told.leaves is not Answer.NO
        if exact:
            assert told.ends is not Answer.UNKNOWN
            assert told.soonest == told.day


def _counts(rules: list[LifecycleRule]) -> bool:
    return any(rule.newer_noncurrent or rule.newer_versions for rule in rules)


S3 = st.lists(S3_RULES, min_size=1, max_size=5)
FREE = RetentionLock(Answer.NO)


def unlocked(drawn: list[list[Version]]) -> list[list[Version]]:
    for version in (version for history in drawn for version in history):
        version.held, version.retain_until = False, None
    return drawn


@settings(deadline=None, max_examples=60)
@given(S3, histories(versioned=True), st.booleans())
def test_rules_of_s3_with_versions(rules: list[LifecycleRule], drawn: list[list[Version]], lock: bool) -> None:
    held = RetentionLock(Answer.YES if lock else Answer.NO)
    bucket = store("calls", replication=(), lifecycle=tuple(rules), versioning="enabled", lock=held)
    assert_agreement(bucket, drawn, exact=not _counts(rules))


@settings(deadline=None, max_examples=30)
@given(S3, histories(versioned=False))
def test_rules_of_s3_without_versions(rules: list[LifecycleRule], drawn: list[list[Version]]) -> None:
    bucket = store("calls", replication=(), lifecycle=tuple(rules), versioning="disabled", lock=FREE)
    assert_agreement(bucket, unlocked(drawn), exact=True)


@settings(deadline=None, max_examples=60)
@given(S3, histories(versioned=True), st.integers(0, 3))
def test_rules_of_s3_where_versions_are_suspended(
    rules: list[LifecycleRule], drawn: list[list[Version]], null: int
) -> None:
    for history in drawn:
        if null < len(history):
            history[null].null = True
    bucket = store("calls", replication=(), lifecycle=tuple(rules), versioning="suspended", lock=FREE)
    assert_agreement(bucket, unlocked(drawn), exact=False)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(GOOGLE_RULES, min_size=1, max_size=5),
    histories(versioned=True),
    seldom(st.integers(0, 90)),
    seldom(st.just(False), True),
)
def test_rules_of_cloud_storage(
    rules: list[LifecycleRule],
    drawn: list[list[Version]],
    kept: int | None,
    versioned: bool,
) -> None:
    for history in drawn:
        history[0].marker = False
    lock = RetentionLock(Answer.of(kept is not None), days=kept, keeps_current=True)
    versioning = "enabled" if versioned else "disabled"
    bucket = store("calls", replication=(), lifecycle=tuple(rules), versioning=versioning, lock=lock)
    assert_agreement(bucket, drawn if versioned else [history[:1] for history in drawn], exact=not _counts(rules))


@settings(deadline=None, max_examples=30)
@given(st.lists(AZURE_RULES, min_size=1, max_size=5), histories(versioned=True))
def test_rules_of_azure(rules: list[LifecycleRule], drawn: list[list[Version]]) -> None:
    for history in drawn:
        history[0].marker = False
    bucket = store("calls", replication=(), lifecycle=tuple(rules), versioning="enabled", lock=FREE)
    assert_agreement(bucket, drawn, exact=True)


@settings(deadline=None, max_examples=30)
@given(S3, histories(versioned=True))
def test_what_was_not_read_is_never_certain(rules: list[LifecycleRule], drawn: list[list[Version]]) -> None:
    bucket = store("calls", replication=(), lifecycle=tuple(rules), versioning="enabled", lock=FREE)
    rows = [row._replace(tags=None) for history in unlocked(drawn) for row in rows_of(history)]
    found = fates_of(bucket, rows)
    for history in drawn:
        simulate(history, bucket, TODAY, HORIZON)
        for version in history:
            if version.marker or version.custom is None:
                continue
            told = found[version.key, version.custom.date()]
            assert told.ends is not Answer.NO or version.gone is None
            if told.ends is Answer.YES:
                assert version.gone is not None
                assert told.day is not None
                assert version.gone <= told.day


@settings(deadline=None, max_examples=30)
@given(
    S3,
    histories(versioned=True),
    st.sampled_from([None, Answer.UNKNOWN, Answer.YES]),
    st.booleans(),
)
def test_locks_that_were_not_read_are_never_certain(
    rules: list[LifecycleRule], drawn: list[list[Version]], lock: Answer | None, keeps: bool
) -> None:
    held = RetentionLock(lock, keeps_current=keeps) if lock is not None else None
    bucket = store("calls", replication=(), lifecycle=tuple(rules), versioning="enabled", lock=held)
    rows = [row._replace(held=None, retain_until=None) for history in drawn for row in rows_of(history)]
    found = fates_of(bucket, rows)
    kept = replace(bucket, lock=RetentionLock(Answer.YES, keeps_current=keeps))
    for history in drawn:
        simulate(history, kept, TODAY, HORIZON)
        for version in (one for one in history if not one.marker and one.custom is not None):
            told = found[version.key, version.custom.date()]  # type: ignore[union-attr]
            assert told.ends is not Answer.YES
            assert told.ends is not Answer.NO or version.gone is None
            assert told.taken is not Answer.YES
            if version.gone is not None:
                assert told.soonest is not None
                assert told.soonest <= version.gone


def outlines(bucket: Store, rows: list[MediaObject], ask: Ask, limit: int) -> Counter[tuple[object, ...]]:
    """Count objects by what is said of them: whether they end, and stay longer than so many days."""
    counts: Counter[tuple[object, ...]] = Counter()
    estate = world(bucket, *rows).estate
    for current in (True, False):
        for group in groups(estate, [bucket], MediaClass.SPEECH, ask=replace(ask, current=current)).get(bucket.id, ()):
            ends = [fate(life, group.rules, bucket, TODAY.date()) for life in (group.first, group.life)]
            longer = {
                end.day is None or end.day - created > timedelta(days=limit + 1)
                for end, created in zip(ends, (group.first.created, group.life.created), strict=True)
                if created is not None
            }
            assert len({end.ends for end in ends}) == 1
            assert len({end.leaves for end in ends}) == 1
            assert len(longer) == 1
            counts[current, ends[0].ends, ends[0].leaves, longer.pop()] += group.objects
    return counts


@settings(deadline=None, max_examples=60)
@given(S3 | st.lists(AZURE_RULES, min_size=1, max_size=5), histories(versioned=True), st.integers(0, 90))
def test_spans_of_days_say_the_same_as_days(rules: list[LifecycleRule], drawn: list[list[Version]], limit: int) -> None:
    bucket = store("calls", replication=(), lifecycle=tuple(rules), versioning="enabled", lock=FREE)
    rows = [row._replace(custom_time=None) for history in unlocked(drawn) for row in rows_of(history)]
    spans = Ask(today=TODAY.date(), limits=(limit,))
    assert outlines(bucket, rows, spans, limit) == outlines(bucket, rows, Ask(), limit)


def test_the_days_of_the_documentation() -> None:
    """The example of "Lifecycle configuration elements": written on 15 January, 10:30, three days, goes on the 19th."""
    written = datetime(2027, 1, 15, 10, 30, tzinfo=UTC)
    bucket = store("calls", replication=(), lifecycle=(expire(3),), versioning="disabled", lock=FREE)
    (group,) = groups(world(bucket, speech("calls", "a", modified=written)).estate, [bucket], MediaClass.SPEECH)[
        bucket.id
    ]
    assert fate(group.life, group.rules, bucket, written.date()).day == date(2027, 1, 19)
    history = [Version("a", written, current=True)]
    simulate(history, bucket, written, 9)
    assert history[0].gone == date(2027, 1, 19)


def test_old_versions_of_one_day_whose_words_are_of_different_ages_are_told_apart() -> None:
    """They go on one day, and only one of them is past its limit by then."""
    bucket = store("calls", replication=(), lifecycle=(expire(1), expire_old(8)), versioning="enabled", lock=FREE)
    days = [(0.4, True), (5.4, False), (5.41, False), (6.4, False)]
    rows = [speech("calls", "a.wav", days=age, version=str(age), current=current) for age, current in days]
    spans = Ask(today=TODAY.date(), limits=(8,))
    assert outlines(bucket, rows, spans, 8) == outlines(bucket, rows, Ask(), 8)
