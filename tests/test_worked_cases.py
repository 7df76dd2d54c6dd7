"""Worked cases of access on every cloud: our own, direct and by steps, and a collection that may lie beside it all.

Every step, and what stops it, is on one side of a case at least. Those by steps go through records, the provider's
grants and edges, and the graph, as a snapshot would.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from cloudscan.access import AccessGraph, Ruling
from cloudscan.estate import Estate
from cloudscan.provider import Provider
from cloudscan_aws import AwsProvider
from cloudscan_azure import AzureProvider
from cloudscan_gcp import GcpProvider
from tests import access_records, azure_records, gcp_records
from tests.access_cases import answer
from tests.access_paths import AwsPaths, Found
from tests.azure_paths import AzurePaths
from tests.gcp_paths import GcpPaths
from tests.worked_cases import collected, own

SETS = [(cloud, mode) for cloud in ("aws", "gcp", "azure") for mode in ("direct", "path")]
"""The sets of cases that there are."""
CASES = {name: own(*name) for name in SETS}
EVERY = [case for cases in CASES.values() for case in cases]
DIRECT, BY_STEPS = ([name for name in SETS if name[1] == mode] for mode in ("direct", "path"))


@dataclass(frozen=True)
class Cloud:
    """How the cases of a cloud are asked.

    Where what stands behind a step is no document of its own but a setting, its name begins with one of ``settings``.
    ``whole``: all other names are those of documents, not of places in one. ``between`` stands between the names of a
    store and an object.
    """

    best: Callable[[dict[str, Any], dict[str, Any]], Found | None]
    estate: Callable[[dict[str, Any]], Estate]
    provider: Provider
    settings: tuple[str, ...] = ()
    whole: bool = False
    between: str = "/"

    def graph(self, estate: Estate) -> AccessGraph:
        """The graph of an estate."""
        return AccessGraph(self.provider.grants(estate))

    def is_there(self, estate: Estate, statement: str) -> bool:
        """Whether a statement is one of the estate: in a document, or a federated credential of its own."""
        if self.whole:
            return statement in estate.policies or statement in estate.federations
        return statement.startswith(tuple(estate.policies))


CLOUDS = {
    "aws": Cloud(
        lambda world, request: AwsPaths(world).best(request),
        lambda world: access_records.estate_of(world, "corpus", "raw/a.wav"),
        AwsProvider(),
        ("the ACL of ",),
    ),
    "gcp": Cloud(
        lambda world, request: GcpPaths(world).best(request),
        lambda world: gcp_records.estate_of(world, "raw/a.wav"),
        GcpProvider(),
        ("ACL of ",),
    ),
    "azure": Cloud(
        lambda world, request: AzurePaths(world).best(request),
        lambda world: azure_records.estate_of(world, "raw/a.wav"),
        AzureProvider(),
        ("network rules of ", "public access level of ", "access control lists "),
        whole=True,
        between="/blobs/",
    ),
}
OPEN = {cloud: [case for case in CASES[cloud, "path"] if case["expected"] != "deny"] for cloud in CLOUDS}
EVERY_OPEN = [(cloud, case) for cloud, cases in OPEN.items() for case in cases]


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


@pytest.mark.parametrize(("cloud", "case"), EVERY_OPEN, ids=[case["id"] for _, case in EVERY_OPEN])
def test_the_best_path_takes_the_steps_that_are_meant(cloud: str, case: dict[str, Any]) -> None:
    found = CLOUDS[cloud].best(case["account"], case["request"])
    assert found is not None
    assert set(case["edge_kinds"]) <= set(found.kinds), found.kinds


@pytest.mark.parametrize("name", CLOUDS)
def test_every_step_is_proved_by_sentences_and_by_statements_that_are_there(name: str) -> None:
    cloud = CLOUDS[name]
    for case in OPEN[name]:
        estate = cloud.estate(case["account"])
        graph = cloud.graph(estate)
        proofs = [
            (source, target, edge.prove(source, target))
            for edge in graph.edges
            for source in edge.sources
            for target in edge.targets
        ]
        proofs += [
            (one.principal, f"{one.store}{cloud.between}{one.example}", one.steps) for one in graph.grants if one.by
        ]
        for source, target, proof in proofs:
            assert (proof[0].source, proof[0].target) == (source, target), case["id"]
            assert all(step.reason for step in proof), case["id"]
            named = [step.statement for step in proof if step.statement]
            named = [statement for statement in named if not statement.startswith(cloud.settings)]
            assert all(cloud.is_there(estate, statement) for statement in named), (case["id"], named)


@pytest.mark.parametrize("name", ["gcp", "azure"])
def test_a_step_that_is_sure_is_proved_by_a_statement(name: str) -> None:
    """On AWS the root of an account needs none."""
    cloud = CLOUDS[name]
    for case in OPEN[name]:
        for edge in cloud.graph(cloud.estate(case["account"])).edges:
            if edge.decision.ruling is Ruling.YES and edge.kind != "federate":
                for source in edge.sources:
                    assert any(step.statement for step in edge.prove(source, edge.targets[0])), (case["id"], edge.kind)


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
