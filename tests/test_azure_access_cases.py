"""Worked cases of direct access on Azure, asked of the graph."""

from __future__ import annotations

from typing import Any

import pytest

from tests.access_cases import answer
from tests.worked_cases import own

CASES = own("azure", "direct")
READS = [case for case in CASES if case["request"]["operation"] == "Get Blob" and case["request"]["auth"] != "sas"]


@pytest.mark.parametrize("case", READS[::3], ids=[case["id"] for case in READS[::3]])
def test_what_is_given_directly_is_a_path_too(case: dict[str, Any]) -> None:
    """Records, grants and the graph tell of a read as the evaluator does, where no step adds to it."""
    if case["expected"] != "deny":
        given = answer({**case, "request": {**case["request"], "mode": "path"}})
        assert (given["verdict"], given["condition_keys"]) == (case["expected"], case["condition_keys"]), case["why"]
