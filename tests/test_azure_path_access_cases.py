"""Worked cases of access by steps on Azure: every step and what stops it, one on each side at least.

They go through records, the provider's grants and edges, and the graph, as a snapshot would.
"""

from __future__ import annotations

from typing import Any

import pytest

from cloudscan.access import AccessGraph, Ruling
from cloudscan_azure.grants import derive
from tests.azure_paths import AzurePaths
from tests.azure_records import estate_of
from tests.worked_cases import own

CASES = own("azure", "path")
OPEN = [case for case in CASES if case["expected"] != "deny"]
_SETTINGS = ("network rules of ", "public access level of ", "access control lists ")
"""How what stands behind a step is named where it is no document of its own."""


@pytest.mark.parametrize("case", OPEN, ids=[case["id"] for case in OPEN])
def test_the_best_path_takes_the_steps_that_are_meant(case: dict[str, Any]) -> None:
    found = AzurePaths(case["account"]).best(case["request"])
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
        proofs += [(one.principal, f"{one.store}/blobs/{one.example}", one.steps) for one in graph.grants if one.by]
        for source, target, proof in proofs:
            assert (proof[0].source, proof[0].target) == (source, target), case["id"]
            assert all(step.reason for step in proof), case["id"]
            named = [step.statement for step in proof if step.statement and not step.statement.startswith(_SETTINGS)]
            assert all(statement in estate.policies for statement in named), (case["id"], named)


def test_a_step_that_is_sure_is_proved_by_a_statement() -> None:
    for case in OPEN:
        for edge in AccessGraph(derive(estate_of(case["account"], "raw/a.wav"))).edges:
            if edge.decision.ruling is Ruling.YES and edge.kind != "federate":
                for source in edge.sources:
                    assert any(step.statement for step in edge.prove(source, edge.targets[0])), (case["id"], edge.kind)
