from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudscan.access.smallest import Options, smallest

OPTIONS = st.frozensets(st.sampled_from("abcdefg"), min_size=1, max_size=3)
WAYS = st.lists(st.frozensets(OPTIONS, min_size=1, max_size=4), max_size=8)


def _ends(things: frozenset[str], ways: list[Options]) -> bool:
    return all(any(option <= things for option in way) for way in ways)


@settings(deadline=None)
@given(WAYS)
def test_what_is_found_ends_all_and_nothing_smaller_does(ways: list[Options]) -> None:
    found = smallest(ways)
    assert found.smallest
    assert _ends(found.things, ways)
    for size in range(len(found.things)):
        assert not any(_ends(frozenset(chosen), ways) for chosen in combinations("abcdefg", size))


@settings(deadline=None)
@given(WAYS, st.randoms(use_true_random=False))
def test_order_of_the_ways_changes_nothing(ways: list[Options], dice: object) -> None:
    assert smallest(reversed(ways)) == smallest(ways)


def test_what_is_shared_is_taken_before_what_each_has_alone() -> None:
    ways = [frozenset({frozenset({f"own-{number}"}), frozenset({f"shared-{number % 3}"})}) for number in range(900)]
    assert smallest(ways).things == {"shared-0", "shared-1", "shared-2"}


def test_what_is_too_hard_still_ends_all_and_says_that_it_may_not_be_the_smallest() -> None:
    dice = random.Random(1)  # noqa: S311 - a puzzle, not a secret
    ways = [frozenset(frozenset({str(each)}) for each in dice.sample(range(60), 4)) for _ in range(300)]
    found = smallest(ways)
    assert _ends(found.things, ways)
    assert not found.smallest


def test_a_way_without_an_option_is_an_error() -> None:
    with pytest.raises(ValueError, match="has no end"):
        smallest([frozenset()])
