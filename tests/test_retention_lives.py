"""Objects that are alike are counted together, and by what rules go by."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cloudscan.estate import Estate
from cloudscan.model import MediaClass, MediaObject, Store
from cloudscan.retention import Ask, Group, groups
from cloudscan.testing import NOW, expire, expire_old, speech, store, transcript, world


def grouped(bucket: Store, *objects: MediaObject, current: bool = True) -> list[Group]:
    estate: Estate = world(bucket, *objects).estate
    return list(groups(estate, [bucket], MediaClass.SPEECH, ask=Ask(current=current)).get(bucket.id, ()))


def test_objects_are_counted_by_the_rules_that_meet_them() -> None:
    calls = store("calls", lifecycle=(expire(30, "raw", prefixes=("raw/",)), expire(9, "all")))
    found = grouped(calls, speech("calls", "raw/a.wav"), speech("calls", "raw/b.wav"), speech("calls", "kept/c.wav"))
    assert [([rule.id for rule in one.rules], one.objects, one.prefix, one.example) for one in found] == [
        (["all"], 1, "", "kept/c.wav"),
        (["raw", "all"], 2, "", "raw/a.wav"),
    ]


def test_a_rule_that_is_off_meets_nothing() -> None:
    (found,) = grouped(store("calls", lifecycle=(expire(1, enabled=False),)), speech("calls", "a.wav"))
    assert found.rules == ()


def test_stores_with_filters_of_one_shape_keep_their_own_rules() -> None:
    buckets = [store(f"b{days}", lifecycle=(expire(days, prefixes=(f"{days}",)),)) for days in (10, 20)]
    objects = [speech("b10", "10.wav"), speech("b20", "20.wav"), speech("b20", "10.wav")]
    found = groups(world(*buckets, *objects).estate, buckets, MediaClass.SPEECH)
    assert {
        name: [([r.days for r in one.rules], one.example) for one in several] for name, several in found.items()
    } == {
        "arn:aws:s3:::b10": [([10], "10.wav")],
        "arn:aws:s3:::b20": [([], "10.wav"), ([20], "20.wav")],
    }


def test_sizes_are_strict_bounds_and_words_are_no_patterns() -> None:
    bounds = expire(1, larger_than=100, smaller_than=200, prefixes=("%", "it's"), suffixes=("_.wav", ".mp3"))
    keys = ["%/_.wav", "it's.mp3", "x/_.wav", "%/a.wav"]
    objects = [speech("calls", key, size=size) for key in keys for size in (100, 101, 199, 200)]
    met = [one for one in grouped(store("calls", lifecycle=(bounds,)), *objects) if one.rules]
    assert sum(one.objects for one in met) == 4
    assert {one.example for one in met} <= {"%/_.wav", "it's.mp3"}


def test_more_rules_than_one_query_takes_are_all_looked_at() -> None:
    rules = tuple(expire(day, prefixes=(f"{day:03}",)) for day in range(1, 251))
    (found,) = grouped(store("calls", lifecycle=rules), speech("calls", "207.wav"))
    assert [rule.days for rule in found.rules] == [207]


def test_other_classes_and_delete_markers_are_left_out() -> None:
    calls = store("calls", lifecycle=())
    rows = [
        transcript("calls", "a.json"),
        speech("calls", "a.wav", current=False, version="1"),
        speech("calls", "b.wav", delete_marker=True, version="2"),
    ]
    assert grouped(calls, *rows) == []
    (old,) = grouped(calls, *rows, current=False)
    assert (old.example, old.life.since, old.life.under) == ("a.wav", None, False)


def test_an_old_version_is_old_since_the_next_newer_one_was_written() -> None:
    calls = store("calls", lifecycle=(expire_old(3),))
    rows = [
        speech("calls", "a.wav", days=1, version="4"),
        speech("calls", "a.wav", days=5, version="3", current=False, delete_marker=True),
        speech("calls", "a.wav", days=9, version="2", current=False),
        speech("calls", "a.wav", days=30, version="1", current=False),
    ]
    found = grouped(calls, *rows, current=False)
    lives = sorted((one.life.newer, one.life.created, one.life.since, one.life.under) for one in found)
    day = NOW.date()
    assert lives == [
        (0, day - timedelta(days=9), day - timedelta(days=5), True),
        (1, day - timedelta(days=30), day - timedelta(days=9), True),
    ]
    told = [rows[3]._replace(noncurrent_since=NOW - timedelta(days=2))]
    assert grouped(calls, *told, current=False)[0].life.since == day - timedelta(days=2)


def test_what_was_read_of_an_object_tells_it_apart() -> None:
    calls = store("calls", lifecycle=(expire(3, tags=(("kind", "call"),)),))
    moment = datetime(2026, 3, 4, 5, tzinfo=UTC)
    known: dict[str, Any] = {
        "tags": json.dumps({"kind": "call"}),
        "held": True,
        "retain_until": moment,
        "custom_time": moment,
    }
    plain, read = grouped(calls, speech("calls", "a"), speech("calls", "b", last_access=moment, **known))
    assert (plain.life.tags, plain.life.held, plain.life.custom) == (None, None, None)
    assert (read.life.tags, read.life.held) == ({"kind": "call"}, True)
    assert {read.life.retain_until, read.life.custom, read.life.accessed} == {date(2026, 3, 4)}


def test_until_leaves_out_what_is_younger_or_of_no_known_age() -> None:
    calls = store("calls", lifecycle=())
    rows = [speech("calls", "old", days=9), speech("calls", "new", days=7), speech("calls", "odd", modified=None)]
    found = groups(world(calls, *rows).estate, [calls], MediaClass.SPEECH, ask=Ask(until=NOW - timedelta(days=8)))
    assert [one.example for one in found[calls.id]] == ["old"]
