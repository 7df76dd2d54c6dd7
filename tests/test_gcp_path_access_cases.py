"""Worked cases of access by steps on Google Cloud: every step and what stops it, one on each side at least.

They go through records, the provider's grants and edges, and the graph, as a snapshot would.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudscan.access import AccessGraph, Ruling
from cloudscan_gcp.grants import derive
from tests.access_cases import answer, read
from tests.gcp_paths import GcpPaths
from tests.gcp_records import estate_of

OWN = Path(__file__).parent / "cases" / "gcp-steps.jsonl"
COLLECTION = Path(__file__).parents[2] / "shared" / "access-cases" / "gcp.jsonl"


def by_path(path: Path) -> Iterator[dict[str, Any]]:
    return (case for case in read([str(path)]) if case["request"]["mode"] == "path")


CASES = list(by_path(OWN))
OPEN = [case for case in CASES if case["expected"] != "deny"]


@pytest.mark.parametrize("case", CASES, ids=[f"{case['id']} {case['description']}" for case in CASES])
def test_a_case_of_our_own(case: dict[str, Any]) -> None:
    given = answer(case)
    assert (given["verdict"], given["condition_keys"]) == (case["expected"], case["condition_keys"]), case["why"]


@pytest.mark.parametrize("case", OPEN, ids=[case["id"] for case in OPEN])
def test_the_best_path_takes_the_steps_that_are_meant(case: dict[str, Any]) -> None:
    found = GcpPaths(case["account"]).best(case["request"])
    assert found is not None
    assert set(case["edge_kinds"]) <= set(found.kinds), found.kinds


def test_every_step_is_proved_by_sentences_and_by_statements_that_are_there() -> None:
    for case in OPEN:
        estate = estate_of(case["account"], "raw/a.wav")
        graph = AccessGraph(derive(estate))
        proofs = [
            (source, target, edge.prove(source, target))
            for edge in graph.edges
            for source in edge.sources
            for target in edge.targets
        ]
        proofs += [(one.principal, f"{one.store}/{one.example}", one.steps) for one in graph.grants if one.by]
        for source, target, proof in proofs:
            assert (proof[0].source, proof[0].target) == (source, target), case["id"]
            assert all(step.reason for step in proof), case["id"]
            named = [step.statement for step in proof if step.statement and not step.statement.startswith("ACL of ")]
            assert all(statement.startswith(tuple(estate.policies)) for statement in named), (case["id"], named)


def test_a_step_that_is_sure_is_proved_by_a_statement() -> None:
    for case in OPEN:
        for edge in AccessGraph(derive(estate_of(case["account"], "raw/a.wav"))).edges:
            if edge.decision.ruling is Ruling.YES and edge.kind != "federate":
                for source in edge.sources:
                    assert any(step.statement for step in edge.prove(source, edge.targets[0])), (case["id"], edge.kind)


def test_every_case_says_why_and_a_third_of_them_are_stopped() -> None:
    for case in CASES:
        assert case["why"], case["id"]
        assert case["source"], case["id"]
        assert (case["expected"] == "conditional") == bool(case["condition_keys"]), case["id"]
        assert (case["expected"] == "deny") == (not case["edge_kinds"]), case["id"]
    assert len({case["id"] for case in CASES}) == len(CASES)
    assert Counter(case["expected"] for case in CASES)["deny"] > len(CASES) / 3


def test_the_collection_beside_the_checkout() -> None:
    if not COLLECTION.is_file():
        pytest.skip(f"no {COLLECTION.name} beside the checkout")
    wrong = []
    for case in by_path(COLLECTION):
        given = answer(case)
        if (given["verdict"], given["condition_keys"]) != (case["expected"], sorted(case["condition_keys"])):
            wrong.append((case["id"], given))
    assert not wrong
