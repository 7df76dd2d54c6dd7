"""Worked cases of direct access on Azure: our own, and a collection that may lie beside the checkout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.access_cases import answer, read

OWN = Path(__file__).parent / "cases" / "azure-direct.jsonl"
COLLECTION = Path(__file__).parents[2] / "shared" / "access-cases" / "azure.jsonl"


def direct(path: Path) -> Iterator[dict[str, Any]]:
    return (case for case in read([str(path)]) if case["request"]["mode"] == "direct")


CASES = list(direct(OWN))
READS = [case for case in CASES if case["request"]["operation"] == "Get Blob" and case["request"]["auth"] != "sas"]


@pytest.mark.parametrize("case", CASES, ids=[f"{case['id']} {case['description']}" for case in CASES])
def test_a_case_of_our_own(case: dict[str, Any]) -> None:
    given = answer(case)
    assert (given["verdict"], given["condition_keys"]) == (case["expected"], case["condition_keys"]), case["why"]


@pytest.mark.parametrize("case", READS[::3], ids=[case["id"] for case in READS[::3]])
def test_what_is_given_directly_is_a_path_too(case: dict[str, Any]) -> None:
    """Records, grants and the graph tell of a read as the evaluator does, where no step adds to it."""
    if case["expected"] != "deny":
        given = answer({**case, "request": {**case["request"], "mode": "path"}})
        assert (given["verdict"], given["condition_keys"]) == (case["expected"], case["condition_keys"]), case["why"]


def test_every_group_shows_both_sides_and_every_case_says_why() -> None:
    sides: dict[str, Counter[str]] = {}
    for case in CASES:
        sides.setdefault(case["group"], Counter())[case["expected"]] += 1
        assert case["why"], case["id"]
        assert case["source"], case["id"]
        assert (case["expected"] == "conditional") == bool(case["condition_keys"]), case["id"]
    assert all(counts["allow"] and counts["deny"] for counts in sides.values()), sides
    assert len({case["id"] for case in CASES}) == len(CASES)


def test_the_collection_beside_the_checkout() -> None:
    if not COLLECTION.is_file():
        pytest.skip(f"no {COLLECTION.name} beside the checkout")
    wrong = []
    for case in direct(COLLECTION):
        given = answer(case)
        if (given["verdict"], given["condition_keys"]) != (case["expected"], sorted(case["condition_keys"])):
            wrong.append((case["id"], given))
    assert not wrong
