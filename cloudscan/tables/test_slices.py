"""A part of a store is the same to Python and to SQL, whatever letters its prefixes have."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudscan.model import MediaClass
from cloudscan.tables.objects import ObjectTable
from cloudscan.tables.slices import EVERYTHING, Slice, shortest
from cloudscan.testing import speech

HOSTILE = (
    "100%/", "%", "a_b/", "it's/", 'q"q/', "a\\b/", "-- x; DROP VIEW objects/", "?/", "$1/", "*/", "[a]/", "/", " ",
    "\u202e/", "\u00fc/", "u\u0308/", "\U0001f600/", "\n", "calls/", "Calls/",
)  # fmt: skip
KEYS = [*HOSTILE, *(f"{prefix}x.wav" for prefix in HOSTILE), "100x/a.wav", "axb/a.wav", "aab/", "x"]
TABLE = ObjectTable(rows=[speech("calls", key) for key in dict.fromkeys(KEYS)])
WORDS = st.lists(st.sampled_from(HOSTILE) | st.text("ab/%_'", min_size=1, max_size=3), max_size=3).map(tuple)


def picked(part: Slice) -> list[str]:
    begins, keys = part.sql()
    return sorted(key for (key,) in TABLE.query(f"SELECT key FROM objects WHERE {begins} ORDER BY key", keys))  # noqa: S608 - our own words


@settings(deadline=None)
@given(WORDS, WORDS)
def test_sql_picks_the_keys_that_are_in_a_part(prefixes: tuple[str, ...], without: tuple[str, ...]) -> None:
    part = Slice(prefixes, without)
    found = picked(part)
    assert found == sorted(key for key in set(KEYS) if part.holds(key))
    assert sum(TABLE.counted_in(part, MediaClass.SPEECH).values()) == len(found)


@pytest.mark.parametrize("prefix", HOSTILE)
def test_letters_of_a_prefix_stand_for_themselves(prefix: str) -> None:
    found = picked(Slice((prefix,)))
    assert {prefix, f"{prefix}x.wav"} <= set(found)
    assert all(key.startswith(prefix) for key in found)


def test_a_part_is_whole_or_names_what_it_leaves_out() -> None:
    assert EVERYTHING.whole
    assert not Slice(without=("a",)).whole
    assert not Slice(("a",)).whole
    assert TABLE.counted_in(EVERYTHING, MediaClass.SPEECH) == {"arn:aws:s3:::calls": len(set(KEYS))}
    assert TABLE.counted_in(EVERYTHING, MediaClass.TRANSCRIPT) == {}


@given(WORDS, st.text("ab/%_'", max_size=5))
def test_the_shortest_prefixes_say_what_all_say(prefixes: tuple[str, ...], key: str) -> None:
    short = shortest(prefixes)
    assert key.startswith(short) == key.startswith(prefixes)
    assert not any(one != other and one.startswith(other) for one in short for other in short)
