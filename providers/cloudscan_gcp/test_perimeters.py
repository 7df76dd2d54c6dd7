from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from cloudscan.estate import Estate
from cloudscan.model import Account, Gap, PolicyDocument, Store, Why
from cloudscan.provider import Facet
from cloudscan_gcp import perimeters
from cloudscan_gcp.accounts import Node, ProjectScope
from cloudscan_gcp.facts import Facts
from cloudscan_gcp.reads import Reads
from cloudscan_gcp.standin.server import Endpoint
from cloudscan_gcp.test_hierarchy import FOLDER, TOP, collected, of

Projects = Callable[..., ProjectScope]
NAME = "accessPolicies/7/servicePerimeters/voice"
TOLD = {
    "name": NAME,
    "status": {"resources": ["projects/123456789012"], "restrictedServices": ["storage.googleapis.com"]},
}


def node(project: Projects, name: str, *facets: Facet) -> Node:
    made = project(*(facets or (Facet.ORGANIZATION,)))
    return Node(name, made.clients, made.scope, ())


@pytest.fixture
def held(google: Endpoint) -> Endpoint:
    google.pages("/v1/accessPolicies", [{"name": "accessPolicies/7"}], parent=TOP)
    google.pages(
        "/v1/accessPolicies/7/servicePerimeters", [TOLD, {"name": f"{NAME}2", "spec": TOLD["status"]}], largest=1
    )
    return google


def test_perimeters_hang_on_the_projects_inside(held: Endpoint, project: Projects) -> None:
    items = collected(perimeters.units_above(node(project, TOP)))
    one, dry = of(items, PolicyDocument)
    assert (one.id, one.kind, one.attached_to) == (NAME, "perimeter", ("projects/123456789012",))
    assert json.loads(one.document) == TOLD
    assert dry.attached_to == ()


def test_the_evaluator_tells_of_the_perimeter_around_a_bucket(held: Endpoint, project: Projects) -> None:
    documents = of(collected(perimeters.units_above(node(project, TOP))), PolicyDocument)
    store = Store("gs://calls", "gcp", "acme-calls", "eu", "calls")
    account = Account("acme-calls", "gcp", unique_id="123456789012")
    facts = Facts(Estate.of([account, store, *documents]))
    assert Reads(facts, store).perimeters == [NAME]


@pytest.mark.parametrize(
    ("method", "permission"),
    [
        ("accesscontextmanager.accessPolicies.list", "accesscontextmanager.policies.list"),
        (
            "accesscontextmanager.accessPolicies.servicePerimeters.list",
            "accesscontextmanager.servicePerimeters.list",
        ),
    ],
)
def test_what_may_not_be_listed_is_a_gap_of_the_organization(
    held: Endpoint, project: Projects, method: str, permission: str
) -> None:
    held.faults.add("denied", method)
    (gap,) = of(collected(perimeters.units_above(node(project, TOP))), Gap)
    assert (gap.resource, gap.why, gap.permission) == (TOP, Why.DENIED, permission)
    assert Facts(Estate.of([], [gap])).unread(TOP) == [f"the service perimeters of {TOP} were not read"]


def test_only_organizations_have_them_and_only_who_wants_them_asks(project: Projects) -> None:
    assert list(perimeters.units_above(node(project, FOLDER))) == []
    assert list(perimeters.units_above(node(project, TOP, Facet.STORES))) == []
