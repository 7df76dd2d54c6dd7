"""The evaluator agrees with a second one that was written from the documentation alone.

A long run of the same comparison is ``python bench/agreement.py``.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracle.agreement import Tally, compare
from tests.oracle.derived import compare_grants


def _told(tally: Tally) -> str:
    return "\n\n".join(json.dumps(difference._asdict()) for difference in tally.differences[:1])


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_the_evaluator_agrees_with_the_oracle(random: Any) -> None:
    """Hypothesis looks for a world on which the two differ, and makes a small one of it."""
    tally = Tally()
    compare(random, tally, questions=2)
    assert not tally.differences, _told(tally)


def test_the_two_agree_on_some_thousands_of_questions() -> None:
    random, tally = Random(2026), Tally()  # noqa: S311 - the same worlds each time
    while tally.questions < 5000:
        compare(random, tally, questions=5)
    assert not tally.differences, _told(tally)
    assert tally.conditional["if"] > 200


def test_grants_derived_from_records_agree_with_the_oracle() -> None:
    random, tally = Random(7), Tally()  # noqa: S311 - the same worlds each time
    for _ in range(40):
        compare_grants(random, tally, questions=8)
    assert not tally.differences, _told(tally)
    assert tally.allowed > 40
