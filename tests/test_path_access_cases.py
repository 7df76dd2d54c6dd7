"""Worked cases of access by steps: every step of AWS and what stops it, one on each side at least.

They go through records, the provider's grants and edges, and the graph, as a snapshot would.
"""

from __future__ import annotations

from typing import Any

import pytest

from cloudscan.access import AccessGraph
from cloudscan_aws import AwsProvider
from tests.access_paths import AwsPaths
from tests.access_records import estate_of
from tests.worked_cases import own

CASES = own("aws", "path")
OPEN = [case for case in CASES if case["expected"] != "deny"]


@pytest.mark.parametrize("case", OPEN, ids=[case["id"] for case in OPEN])
def test_the_best_path_takes_the_steps_that_are_meant(case: dict[str, Any]) -> None:
    found = AwsPaths(case["account"]).best(case["request"])
    assert found is not None
    assert set(case["edge_kinds"]) <= set(found.kinds), found.kinds


def test_every_step_is_proved_by_sentences_and_by_statements_that_are_there() -> None:
    for case in OPEN:
        estate = estate_of(case["account"], "corpus", "raw/a.wav")
        graph = AccessGraph(AwsProvider().grants(estate))
        for edge in graph.edges:
            for source in edge.sources:
                for target in edge.targets:
                    proof = edge.prove(source, target)
                    assert proof[0].source == source, case["id"]
                    assert proof[0].target == target, case["id"]
                    assert all(step.reason for step in proof), case["id"]
                    named = [step.statement for step in proof if step.statement]
                    assert all(statement.startswith(tuple(estate.policies)) for statement in named), (case["id"], named)
