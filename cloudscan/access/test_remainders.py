from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudscan.access.patterns import MANY, ONE, Pattern, Reference, glob, matches
from cloudscan.access.remainders import ANYTHING, Pieces, remainders

CALLS = "arn:aws:s3:::calls-1/"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("*", ANYTHING),
        ("arn:aws:s3:::calls-1/*", ANYTHING),
        ("arn:aws:s3:::calls-?/*", ANYTHING),
        ("arn:aws:s3:::calls-1*", ANYTHING),
        ("arn:aws:s3:::calls-1/raw/*", {("raw/", MANY)}),
        ("arn:aws:s3:::calls-1/raw/?.wav", {("raw/", ONE, ".wav")}),
        ("arn:aws:s3:::calls-*/raw/*", {("raw/", MANY), (MANY, "/raw/", MANY)}),
        ("arn:aws:s3:::other/*", set()),
        ("arn:aws:s3:::calls-1", set()),
    ],
)
def test_what_is_left(text: str, left: set[Pieces]) -> None:
    assert remainders(glob(text), CALLS) == left


def test_a_placeholder_may_stand_for_anything() -> None:
    assert remainders(Pattern((CALLS, Reference("aws:username"), "/", MANY)), CALLS) == {(MANY, "/", MANY)}


def test_what_was_filled_in_is_one_text_with_what_is_around_it() -> None:
    assert remainders(Pattern((f"{CALLS}home/", "ana", "/", MANY, MANY)), CALLS) == {("home/ana/", MANY)}


@given(st.text("ab*?", max_size=7), st.text("ab", max_size=4), st.text("ab", max_size=4))
@settings(max_examples=1000)
def test_what_is_left_asks_of_the_rest_what_the_pattern_asks_of_all(text: str, start: str, rest: str) -> None:
    left = remainders(glob(text), start)
    assert any(matches(Pattern(each), rest) for each in left) == matches(glob(text), start + rest)


def test_many_stars_are_no_trouble() -> None:
    assert remainders(glob("*a" * 60 + "*b"), "a" * 60)
