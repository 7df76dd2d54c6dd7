"""Worked cases of direct access on Google Cloud, asked of the graph."""

from __future__ import annotations

from typing import Any

import pytest

from tests.access_cases import answer
from tests.worked_cases import own

CASES = own("gcp", "direct")


@pytest.mark.parametrize("case", CASES[::5], ids=[case["id"] for case in CASES[::5]])
def test_what_is_given_directly_is_a_path_too(case: dict[str, Any]) -> None:
    """Records, grants and the graph tell of a read as the evaluator does, where no step adds to it."""
    request = case["request"]
    if request["permission"] == "storage.objects.get" and case["expected"] != "deny":
        given = answer({**case, "request": {**request, "mode": "path"}})
        assert (given["verdict"], given["condition_keys"]) == (case["expected"], case["condition_keys"]), case["why"]
