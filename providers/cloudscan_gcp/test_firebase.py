"""Rules of Cloud Storage for Firebase against Google's wire formats on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cloudscan.model import Answer, Federation, Gap, PolicyDocument, Why
from cloudscan.provider import Collected, Facet
from cloudscan_gcp import firebase
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.standin.server import Endpoint

Projects = Callable[..., ProjectScope]
NAME = "projects/acme-calls"
OPEN = "service firebase.storage { match /b/{b}/o { match /{all=**} { allow read: if true; } } }"
RELEASE = f"{NAME}/releases/firebase.storage/calls.appspot.com"
TIMES = {"createTime": "2026-01-01T00:00:00Z", "updateTime": "2026-01-01T00:00:00Z"}


@pytest.fixture
def acme(google: Endpoint) -> Endpoint:
    """Two buckets with one set of rules, of which one is linked, and the rules of a database."""
    releases = [
        {"name": RELEASE, "rulesetName": f"{NAME}/rulesets/a", **TIMES},
        {"name": f"{NAME}/releases/firebase.storage/old", "rulesetName": f"{NAME}/rulesets/a"},
        {"name": f"{NAME}/releases/cloud.firestore", "rulesetName": f"{NAME}/rulesets/b"},
    ]
    google.pages(f"/v1/{NAME}/releases", releases, largest=2)
    files = [{"name": "storage.rules", "content": OPEN}]
    google.answer(f"/v1/{NAME}/rulesets/a", {"name": f"{NAME}/rulesets/a", "source": {"files": files}})
    google.pages(f"/v1beta/{NAME}/buckets", [{"name": f"{NAME}/buckets/calls.appspot.com"}])
    return google


def collected(project: ProjectScope) -> list[Collected]:
    (unit,) = firebase.units(project)
    return list(unit.run())


def of(items: list[Collected], kind: type) -> list[Any]:
    return [item for item in items if isinstance(item, kind)]


def test_a_release_is_a_door_to_its_bucket(acme: Endpoint, project: Projects) -> None:
    items = collected(project(Facet.FEDERATIONS))
    door, old = of(items, Federation)
    assert door == Federation(
        id=RELEASE,
        provider="gcp",
        account="acme-calls",
        region="",
        kind="firebase-storage",
        name="calls.appspot.com",
        guests=Answer.YES,
        classic_flow=Answer.NO,
        roles=(),
        issuer="https://securetoken.google.com/acme-calls",
        condition="",
        enabled=Answer.YES,
    )
    assert (old.name, old.enabled) == ("old", Answer.NO)
    rules = of(items, PolicyDocument)[0]
    assert (rules.id, rules.kind, rules.attached_to) == (f"{RELEASE}#rules", "app-rules", ("gs://calls.appspot.com",))
    assert json.loads(rules.document) == {"rules": OPEN}
    assert of(items, Gap) == []
    assert acme.requests.total() == 1 + 2 + 1 + 1  # a token, two pages of releases, the buckets, one set of rules


def test_rules_that_may_not_be_read_leave_it_open(acme: Endpoint, project: Projects) -> None:
    acme.faults.add("denied", "firebaserules.projects.rulesets.get")
    acme.faults.add("denied", "firebasestorage.projects.buckets.list")
    items = collected(project(Facet.FEDERATIONS))
    assert {(door.guests, door.condition, door.enabled) for door in of(items, Federation)} == {
        (Answer.UNKNOWN, None, Answer.UNKNOWN)
    }
    assert of(items, PolicyDocument) == []
    assert [(gap.resource, gap.why, gap.permission) for gap in of(items, Gap)] == [
        ("acme-calls", Why.DENIED, "firebasestorage.buckets.list"),
        ("acme-calls", Why.DENIED, "firebaserules.rulesets.get"),
    ]


def test_an_api_that_is_off_is_asked_once(acme: Endpoint, project: Projects) -> None:
    acme.faults.add("disabled", "firebaserules.*")
    (gap,) = of(collected(project(Facet.FEDERATIONS)), Gap)
    assert (gap.why, gap.resource) == (Why.DISABLED, "acme-calls/firebaserules")
    assert "gcloud services enable firebaserules.googleapis.com" in gap.detail
    assert acme.requests.total() == 2


def test_without_rules_of_storage_nothing_else_is_asked(acme: Endpoint, project: Projects) -> None:
    acme.pages(f"/v1/{NAME}/releases", [{"name": f"{NAME}/releases/cloud.firestore"}])
    assert of(collected(project(Facet.FEDERATIONS)), Federation) == []
    assert acme.requests.total() == 2


def test_nothing_is_asked_that_no_check_wants(project: Projects) -> None:
    assert list(firebase.units(project(Facet.STORES))) == []
