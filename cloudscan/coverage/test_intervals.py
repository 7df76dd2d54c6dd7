"""The intervals cover the truth at least as often as they say: by the exact chance of every sample, and by drawing."""

from __future__ import annotations

import math
import random
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudscan.coverage.intervals import Group, Values, at_most, count, total

SIZES = st.integers(1, 40)


def chance(found: int, size: int, marked: int, drawn: int) -> float:
    return math.comb(marked, found) * math.comb(size - marked, drawn - found) / math.comb(size, drawn)


@given(SIZES, st.data())
def test_chance_is_what_counting_gives(size: int, data: st.DataObject) -> None:
    marked, drawn = data.draw(st.integers(0, size)), data.draw(st.integers(0, size))
    found = data.draw(st.integers(0, drawn))
    counted = sum(chance(number, size, marked, drawn) for number in range(found + 1) if number <= marked)
    assert at_most(found, size, marked, drawn) == pytest.approx(counted, abs=1e-9)


@given(SIZES, st.data(), st.sampled_from([0.5, 0.8, 0.95, 0.99]))
def test_one_group_covers_the_truth_as_often_as_said(size: int, data: st.DataObject, confidence: float) -> None:
    marked, drawn = data.draw(st.integers(0, size)), data.draw(st.integers(1, size))
    covered = 0.0
    for found in range(max(0, drawn - size + marked), min(drawn, marked) + 1):
        low, high = count([Group(size, drawn, found)], confidence)
        covered += chance(found, size, marked, drawn) * (low <= marked <= high)
    assert covered >= confidence - 1e-9


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(0, 12), st.integers(1, 4)), min_size=2, max_size=3),
    st.sampled_from([0.5, 0.95]),
)
def test_groups_together_cover_the_truth_as_often_as_said(drawn: list[tuple[int, int, int]], confidence: float) -> None:
    groups = [(size, min(marked, size), min(looked, size)) for size, marked, looked in drawn]
    truth, covered = sum(marked for _, marked, _ in groups), 0.0
    for seen in product(*(range(looked + 1) for _, _, looked in groups)):
        weight = math.prod(
            chance(found, size, marked, looked) if found <= marked and looked - found <= size - marked else 0.0
            for found, (size, marked, looked) in zip(seen, groups, strict=True)
        )
        if weight:
            held = [Group(size, looked, found) for found, (size, _, looked) in zip(seen, groups, strict=True)]
            low, high = count(held, confidence)
            covered += weight * (low <= truth + 1e-9 and truth - 1e-9 <= high)
    assert covered >= confidence - 1e-9


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 2**32), st.sampled_from([0.5, 0.9]))
def test_sum_is_covered_as_often_as_said_when_drawn(seed: int, confidence: float) -> None:
    """By drawing. A method that kept its word to the letter would fail here in one of a million runs."""
    chosen = random.Random(seed)  # noqa: S311 - a drawn population, no secret
    held = []
    for _ in range(chosen.choice([1, 4, 30])):
        speech, most = chosen.random(), chosen.choice([10.0, 5000.0])
        size = chosen.randint(2, 60)
        held.append(([most * chosen.random() ** 3 * (chosen.random() < speech) for _ in range(size)], most))
    truth, rounds, misses = sum(sum(values) for values, _ in held), 60, 0
    for _ in range(rounds):
        samples = []
        for values, most in held:
            seen = tuple(chosen.sample(values, max(1, len(values) // 3)))
            samples.append(Values(len(values), most, seen, seen))
        low, high = total(samples, confidence)
        misses += not low - 1e-6 <= truth <= high + 1e-6
    assert misses <= _quantile(rounds, 1 - confidence)


def _quantile(rounds: int, rate: float) -> int:
    """The most misses that come in all but a millionth of the runs."""
    chances = [math.comb(rounds, k) * rate**k * (1 - rate) ** (rounds - k) for k in range(rounds + 1)]
    return next(most for most in range(rounds + 1) if sum(chances[most + 1 :]) < 1e-6)


@given(st.lists(st.tuples(SIZES, SIZES, SIZES), min_size=1, max_size=6), st.sampled_from([0.5, 0.95]))
def test_interval_holds_what_was_seen_and_never_more_than_there_is(
    drawn: list[tuple[int, int, int]], confidence: float
) -> None:
    groups = [Group(size, min(looked, size), min(found, looked, size)) for size, looked, found in drawn]
    low, high = count(groups, confidence)
    assert low <= high
    assert high >= sum(group.found for group in groups) - 1e-9
    assert low <= sum(group.size - (group.looked - group.found) for group in groups) + 1e-9
    wide_low, wide_high = count(groups, 0.999)
    assert wide_low <= low + 1e-9
    assert high <= wide_high + 1e-9


def test_what_was_looked_at_in_full_is_certain() -> None:
    assert count([Group(7, 7, 3), Group(2, 2, 0)], 0.95) == (3, 3)
    low, high = total([Values(2, 100.0, (50.0, 25.0), (50.0, 25.0))], 0.95)
    assert low <= 75 <= high


def test_exact_bound_of_one_group_is_the_published_one() -> None:
    """None found among 30 of many: at most about a tenth, as in Hanley and Lippman-Hand, "If nothing goes wrong, is
    everything all right?" (JAMA 1983), here from both sides at 95 %."""
    low, high = count([Group(1_000_000, 30, 0)], 0.95)
    assert low == 0
    assert high / 1_000_000 == pytest.approx(1 - 0.025 ** (1 / 30), rel=1e-3)


def test_many_small_groups_still_tell_something() -> None:
    low, high = count([Group(100, 1, number % 2) for number in range(400)], 0.95)
    assert 15_000 < low < 20_000 < high < 25_000


def test_lengths_that_could_not_be_read_widen_the_sum() -> None:
    known = total([Values(1000, 600.0, (60.0,) * 100, (60.0,) * 100)], 0.95)
    unread = total([Values(1000, 600.0, (60.0,) * 50 + (0.0,) * 50, (60.0,) * 50 + (600.0,) * 50)], 0.95)
    assert unread[0] < known[0] <= 60_000 <= known[1] < unread[1]


@pytest.mark.parametrize("wrong", [(3, 4, 0), (3, 2, 3), (3, 0, 0), (3, 1, -1)])
def test_no_sample_is_refused(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="not a sample"):
        Group(*wrong)
