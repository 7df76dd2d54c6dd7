"""Worked cases of access on every cloud: our own, direct and by steps, and a collection that may lie beside it all."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.access_cases import answer
from tests.worked_cases import collected, own

SETS = [(cloud, mode) for cloud in ("aws", "gcp", "azure") for mode in ("direct", "path")]
"""The sets of cases that there are."""
CASES = {name: own(*name) for name in SETS}
EVERY = [case for cases in CASES.values() for case in cases]
DIRECT, BY_STEPS = ([name for name in SETS if name[1] == mode] for mode in ("direct", "path"))


@pytest.mark.parametrize("case", EVERY, ids=[f"{case['id']} {case['description']}" for case in EVERY])
def test_a_case_of_our_own(case: dict[str, Any]) -> None:
    given = answer(case)
    assert (given["verdict"], given["condition_keys"]) == (case["expected"], case["condition_keys"]), case["why"]


@pytest.mark.parametrize("name", SETS)
def test_every_case_says_why(name: tuple[str, str]) -> None:
    for case in CASES[name]:
        assert case["why"], case["id"]
        assert case["source"], case["id"]
        assert (case["expected"] == "conditional") == bool(case["condition_keys"]), case["id"]
    assert len({case["id"] for case in CASES[name]}) == len(CASES[name])


@pytest.mark.parametrize("name", DIRECT)
def test_every_group_shows_both_sides(name: tuple[str, str]) -> None:
    sides: dict[str, Counter[str]] = {}
    for case in CASES[name]:
        sides.setdefault(case["group"], Counter())[case["expected"]] += 1
    assert all(counts["allow"] and counts["deny"] for counts in sides.values()), sides


@pytest.mark.parametrize("name", BY_STEPS)
def test_a_third_of_the_steps_are_stopped(name: tuple[str, str]) -> None:
    for case in CASES[name]:
        assert (case["expected"] == "deny") == (not case["edge_kinds"]), case["id"]
    assert Counter(case["expected"] for case in CASES[name])["deny"] > len(CASES[name]) / 3


@pytest.mark.parametrize("name", SETS)
def test_the_collection_beside_the_checkout(name: tuple[str, str]) -> None:
    cases = collected(*name)
    if cases is None:
        pytest.skip(f"no collection of {name[0]} beside the checkout")
    wrong = []
    for case in cases:
        given = answer(case)
        if (given["verdict"], given["condition_keys"]) != (case["expected"], sorted(case["condition_keys"])):
            wrong.append((case["id"], given))
    assert not wrong
