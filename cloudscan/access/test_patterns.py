from __future__ import annotations

import fnmatch
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudscan.access.patterns import MANY, Pattern, Reference, fillings, glob, matches

TEXTS = st.text(alphabet="ab*?.\n", max_size=8)


@given(TEXTS, TEXTS)
def test_star_and_question_mark_are_the_only_wildcards(pattern: str, text: str) -> None:
    assert matches(glob(pattern), text) == fnmatch.fnmatchcase(text, pattern)


@pytest.mark.parametrize("text", ["a.b", "(x|y)+", "[a]", "\\d", "${x}", "é\n", "^a$"])
def test_what_other_languages_find_special_is_literal(text: str) -> None:
    assert matches(glob(text), text)
    assert not matches(glob(text), text + "!")


def test_many_stars_cost_no_more_than_a_few() -> None:
    started = time.process_time()
    assert not matches(glob("*a" * 40 + "*b"), "a" * 5000)
    assert time.process_time() - started < 1


NAME = Reference("aws:username")
TEAM = Reference("team", default="all")


@pytest.mark.parametrize(
    ("pieces", "text", "expected"),
    [
        (("home/", NAME, "/", MANY), "home/ana/a.wav", [{NAME: "ana"}]),
        (("home/", NAME, "/", MANY), "home/ana/b/a.wav", [{NAME: "ana"}, {NAME: "ana/b"}]),
        (("home/", NAME), "raw/ana", []),
        ((NAME, "-", NAME), "a-a", [{NAME: "a"}]),
        ((NAME, "-", NAME), "a-b", []),
        ((TEAM, "/", NAME), "asr/ana", [{TEAM: "asr", NAME: "ana"}]),
        (("x",), "x", [{}]),
    ],
)
def test_what_placeholders_may_stand_for(
    pieces: tuple[str | Reference, ...], text: str, expected: list[dict[Reference, str]]
) -> None:
    found = fillings(Pattern(pieces), text)
    assert found is not None
    assert [dict(way) for way in found] == expected


def test_too_many_ways_are_no_answer() -> None:
    assert fillings(Pattern((MANY, NAME, MANY)), "abcdefghijklmnopqrstuvwxyz") is None


def test_a_search_for_ways_ends_soon() -> None:
    started = time.process_time()
    assert fillings(Pattern((MANY, NAME) * 9), "a" * 1000) is None
    assert time.process_time() - started < 2
