from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudscan.access import keyspace
from cloudscan.access.keyspace import KeySpace
from cloudscan.access.patterns import MANY, ONE, Pattern, glob, matches
from cloudscan.access.remainders import Pieces
from cloudscan.model import MediaClass, MediaObject
from cloudscan.tables.objects import ObjectTable
from cloudscan.testing import speech, transcript

STORE = "arn:aws:s3:::calls"


def table(*rows: MediaObject) -> ObjectTable:
    return ObjectTable(rows=rows)


def pieces(*texts: str) -> list[Pieces]:
    return [glob(text).pieces for text in texts]


def counted(space: KeySpace, patterns: Iterable[Pieces]) -> list[tuple[str, dict[str, int]]]:
    return [(one.example, {each.media: each.objects for each in one.held}) for one in space.classes(patterns)]


def test_without_patterns_all_keys_are_one_class() -> None:
    space = KeySpace(table(speech("calls", "b.wav"), speech("calls", "a.wav"), transcript("calls", "a.json")), STORE)
    (one,) = space.classes([])
    assert (one.example, [(each.media, each.objects, each.bytes, each.seconds, each.example) for each in one.held]) == (
        "a.json",
        [
            (MediaClass.SPEECH, 2, 1_920_000, 120.0, "a.wav"),
            (MediaClass.TRANSCRIPT, 1, 4_000, 0.0, "a.json"),
        ],
    )


class Watched(ObjectTable):
    """An object table that keeps the queries it was asked."""

    def __init__(self, rows: Sequence[MediaObject]) -> None:
        super().__init__(rows=rows)
        self.asked: list[str] = []

    def query(self, sql: str, parameters: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        self.asked.append(sql)
        return super().query(sql, parameters)


def test_stores_without_patterns_are_read_together_and_as_a_store_with_one_is() -> None:
    names = [f"calls-{number}" for number in range(5)]
    rows = [speech(name, f"{number}.wav", owner=name) for number, name in enumerate(names) for _ in range(number)]
    table = Watched([*rows, transcript(names[0], "a.json", acl="[]")])
    stores = [f"arn:aws:s3:::{name}" for name in (*names, "empty")]
    together = [KeySpace(table, store).classes([]) for store in stores]
    assert len(table.asked) == 1
    assert together == [KeySpace(table, store, pieces("z/*")).classes([]) for store in stores]
    assert [sum(held.objects for one in classes for held in one.held) for classes in together] == [1, 1, 2, 3, 4, 0]


def test_a_pattern_cuts_and_one_that_is_not_asked_about_does_not() -> None:
    rows = [speech("calls", f"{folder}/{place}.wav") for folder in ("raw", "clips", "train") for place in range(2)]
    space = KeySpace(table(*rows), STORE, pieces("raw/*", "clips/*"))
    assert counted(space, pieces("raw/*")) == [("clips/0.wav", {"speech": 4}), ("raw/0.wav", {"speech": 2})]
    assert counted(space, []) == [("clips/0.wav", {"speech": 6})]


def test_a_pattern_within_another_and_a_test_of_its_own() -> None:
    rows = [speech("calls", key) for key in ("raw/a/1.wav", "raw/b/1.wav", "raw/b/2.mp3", "z.mp3")]
    space = KeySpace(table(*rows), STORE, pieces("raw/*", "raw/b/*", "*.mp3"))
    assert counted(space, pieces("raw/*", "raw/b/*", "*.mp3")) == [
        ("raw/a/1.wav", {"speech": 1}),
        ("raw/b/1.wav", {"speech": 1}),
        ("raw/b/2.mp3", {"speech": 1}),
        ("z.mp3", {"speech": 1}),
    ]


def test_encryption_owner_and_list_tell_objects_apart_and_old_versions_and_other_stores_are_not_counted() -> None:
    rows = [
        speech("calls", "a.wav"),
        speech("calls", "b.wav", owner="other"),
        speech("calls", "c.wav", encryption_mode="customer", key_id="k"),
        speech("calls", "d.wav", acl="[]"),
        speech("calls", "e.wav", current=False),
        speech("else", "e.wav"),
    ]
    found = KeySpace(table(*rows), STORE).classes([])
    assert [(one.encryption_mode, one.key_id, one.owner, one.acl, one.example) for one in found] == [
        (None, None, None, None, "a.wav"),
        (None, None, None, "[]", "d.wav"),
        (None, None, "other", None, "b.wav"),
        ("customer", "k", None, None, "c.wav"),
    ]


def test_a_pattern_that_nobody_announced_is_asked_about_all_the_same() -> None:
    space = KeySpace(table(speech("calls", "raw/a.wav"), speech("calls", "z.wav")), STORE)
    assert counted(space, pieces("raw/*")) == [("raw/a.wav", {"speech": 1}), ("z.wav", {"speech": 1})]


def test_text_that_no_key_can_be_fits_none() -> None:
    space = KeySpace(table(speech("calls", "a.wav")), STORE, [("\ud800", MANY), ()])
    assert counted(space, [("\ud800", MANY), ()]) == [("a.wav", {"speech": 1})]


@pytest.mark.parametrize("last", ["\ud7ff", "\U0010ffff", "\0", "%", "\uffff"])
def test_any_character_may_end_what_a_pattern_begins_with(last: str) -> None:
    rows = [speech("calls", key) for key in (f"a{last}", f"a{last}b", "a", "b", "\U0010ffff\U0010ffff")]
    space = KeySpace(table(*rows), STORE, [(f"a{last}", MANY), (last, MANY)])
    assert ("a" + last, {"speech": 2}) in counted(space, [(f"a{last}", MANY)])


_LETTERS = "a/b.é\U0010ffff"
_PATTERNS = st.lists(
    st.lists(st.one_of(st.text(_LETTERS, min_size=1, max_size=3), st.sampled_from([MANY, ONE])), max_size=3).map(
        lambda found: Pattern(tuple(found)).pieces
    ),
    max_size=6,
)


@given(st.sets(st.text(_LETTERS, min_size=1, max_size=4), max_size=12), _PATTERNS, _PATTERNS, st.booleans())
@settings(max_examples=80, deadline=None)
def test_classes_are_those_of_matching_each_key(
    keys: set[str], asked: list[Pieces], others: list[Pieces], many: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if many:
            patch.setattr(keyspace, "_MOST_BRANCHES", 1)
            patch.setattr(keyspace, "_MOST_TESTS", 1)
        rows = [speech("calls", key, seconds=0.1) for key in sorted(keys)]
        found = counted(KeySpace(table(*rows), STORE, [*asked, *others]), asked)
    expected: dict[tuple[bool, ...], list[str]] = defaultdict(list)
    for key in sorted(keys):
        expected[tuple(matches(Pattern(each), key) for each in asked)].append(key)
    assert found == sorted((min(each), {"speech": len(each)}) for each in expected.values())


@pytest.mark.parametrize("asked", [[], ["raw/*"], ["clips/*", "*.mp3"], ["raw/*", "clips/*", "*.mp3"]])
def test_classes_of_any_patterns_are_made_of_the_same_parts(asked: list[str]) -> None:
    keys = ("raw/a.wav", "raw/b.mp3", "clips/a.wav", "z.mp3", "z.wav")
    space = KeySpace(table(*(speech("calls", key) for key in keys)), STORE, pieces("raw/*", "clips/*", "*.mp3"))
    finest = {part for one in space.classes(pieces("raw/*", "clips/*", "*.mp3")) for part in one.held[0].parts}
    assert {part.example for part in finest} == set(keys)
    for one in space.classes(pieces(*asked)):
        assert set(one.held[0].parts) <= finest
        assert sum(part.objects for part in one.held[0].parts) == one.held[0].objects


def test_what_several_ask_of_one_store_is_told_in_the_same_parts() -> None:
    """Grants of different kinds are asked about with patterns of their own, which may lie across each other."""
    keys = ("a/1.wav", "a/2.mp3", "b/1.wav", "b/2.mp3")
    rows = table(*(speech("calls", key) for key in keys))
    one, other = KeySpace(rows, STORE, pieces("a/*")), KeySpace(rows, STORE)
    found = [
        each.held[0] for each in (*one.classes(pieces("a/*")), *other.classes([]), *other.classes(pieces("*.mp3")))
    ]
    held = [sorted(part.example for part in each.parts) for each in found]
    assert held == [
        ["a/1.wav", "a/2.mp3"],
        ["b/1.wav", "b/2.mp3"],
        list(keys),
        ["a/1.wav", "b/1.wav"],
        ["a/2.mp3", "b/2.mp3"],
    ]
    assert all(part.objects == 1 for each in found for part in each.parts)
