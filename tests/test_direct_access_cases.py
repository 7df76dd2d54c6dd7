"""The second evaluator of the tests beside the worked cases of direct access on AWS."""

from __future__ import annotations

from tests.oracle import answer as oracle
from tests.worked_cases import own

CASES = own("aws", "direct")


def test_the_oracle_says_the_same_of_every_exact_case() -> None:
    for case in CASES:
        if case["request"]["context_mode"] == "exact":
            verdict = oracle(case["account"], case["request"])
            assert ("allow" if verdict.allowed else "deny") == case["expected"], case["id"]
