"""From a scope to projects, buckets and what lies above them, against Google's wire formats on loopback."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cloudscan.errors import CollectionStopped, CredentialsExpired, UsageError
from cloudscan.model import Account, Answer, Coverage, Gap, Why
from cloudscan.provider import Collected, Facet, Scope
from cloudscan_gcp import GcpProvider
from cloudscan_gcp.discovery import Session, find
from cloudscan_gcp.standin.errors import GoogleError
from cloudscan_gcp.standin.server import Endpoint

ACME = {
    "name": "projects/123456789012",
    "projectId": "acme-calls",
    "displayName": "Acme calls",
    "parent": "folders/20",
    "state": "ACTIVE",
}
BETA = {"name": "projects/222222222222", "projectId": "beta-calls", "parent": "organizations/1", "state": "ACTIVE"}
ABOVE = [("project", "acme-calls"), ("folder", "20"), ("folder", "10"), ("organization", "1")]
Scopes = Callable[..., Scope]


def ancestry(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"ancestor": [{"resourceId": {"type": kind, "id": name}} for kind, name in pairs]}


def collected(scope: Scope) -> list[Collected]:
    """What the units of accounts yield: what others ask is for their own tests."""
    units = (unit for unit in GcpProvider().plan(scope).units if unit.key.endswith("/account"))
    return [item for unit in units for item in unit.run()]


def of(items: list[Collected], kind: type) -> list[Any]:
    return [item for item in items if isinstance(item, kind)]


def test_all_projects_that_the_caller_sees_with_what_lies_above_them(google: Endpoint, scope: Scopes) -> None:
    google.pages("/v3/projects:search", [BETA, ACME], largest=1)
    google.answer("/v1/projects/acme-calls:getAncestry", ancestry(*ABOVE))
    google.answer("/v1/projects/beta-calls:getAncestry", ancestry(("project", "beta-calls"), ("organization", "1")))
    accounts = of(collected(scope(Facet.ACCOUNTS)), Account)
    assert [(each.id, each.unique_id, each.name) for each in accounts] == [
        ("acme-calls", "123456789012", "Acme calls"),
        ("beta-calls", "222222222222", ""),
    ]
    assert [each.parents for each in accounts] == [
        ("organizations/1", "folders/10", "folders/20"),
        ("organizations/1",),
    ]
    assert {each.organization for each in accounts} == {"organizations/1"}
    assert google.requests["cloudresourcemanager.projects.search"] == 2


def test_an_organization_is_walked_to_all_below_and_nothing_asked_twice(google: Endpoint, scope: Scopes) -> None:
    google.pages("/v3/projects", [BETA], parent="organizations/1")
    google.pages("/v3/folders", [{"name": "folders/10"}], parent="organizations/1")
    google.pages("/v3/projects", [], parent="folders/10")
    google.pages("/v3/folders", [{"name": "folders/20"}], parent="folders/10")
    google.pages("/v3/projects", [ACME], parent="folders/20")
    google.pages("/v3/folders", [], parent="folders/20")
    session = Session.open(scope(Facet.ACCOUNTS, options={"organization": ("1",)}))
    found, nodes = find(session)
    assert [each.id for each in found if each.project] == ["acme-calls", "beta-calls"]
    assert found[0].project is not None
    assert found[0].project.parents == ("organizations/1", "folders/10", "folders/20")
    assert [(node.id, node.parents) for node in nodes] == [
        ("organizations/1", ()),
        ("folders/10", ("organizations/1",)),
        ("folders/20", ("organizations/1", "folders/10")),
    ]
    assert google.requests == Counter(
        {"token": 1, "cloudresourcemanager.projects.list": 3, "cloudresourcemanager.folders.list": 3}
    )


def test_ancestors_are_asked_once_for_the_projects_of_one_folder(google: Endpoint, scope: Scopes) -> None:
    google.pages("/v3/projects:search", [ACME | {"projectId": f"acme-{number:05}"} for number in range(7)])
    google.answer("/v1/projects/acme-00000:getAncestry", GoogleError(403, reason="IAM_PERMISSION_DENIED"))
    google.answer("/v1/projects/acme-00001:getAncestry", ancestry(*ABOVE))
    items = collected(scope(Facet.ACCOUNTS))
    assert {each.parents for each in of(items, Account)} == {("organizations/1", "folders/10", "folders/20")}
    assert google.requests["cloudresourcemanager.projects.getAncestry"] == 2
    assert of(items, Gap) == []


def test_a_project_without_an_organization_is_told_from_one_whose_ancestors_are_not_read(
    google: Endpoint, scope: Scopes
) -> None:
    alone = {name: value for name, value in BETA.items() if name != "parent"}
    google.pages("/v3/projects:search", [ACME, alone])
    google.faults.add("denied", "cloudresourcemanager.projects.getAncestry")
    items = collected(scope(Facet.ACCOUNTS))
    assert [each.parents for each in of(items, Account)] == [None, ()]
    (gap,) = of(items, Gap)
    assert (gap.facet, gap.why, gap.resource) == (Facet.ORGANIZATION, Why.DENIED, "acme-calls")
    assert gap.permission == "resourcemanager.projects.get"


def test_a_project_that_is_being_deleted_is_not_looked_at(google: Endpoint, scope: Scopes) -> None:
    google.answer("/v3/projects/acme-calls", ACME | {"state": "DELETE_REQUESTED"})
    items = collected(scope(*Facet, options={"project": ("acme-calls",)}))
    (account,) = of(items, Account)
    assert account.unique_id == "123456789012"
    (gap,) = of(items, Gap)
    assert (gap.why, gap.detail) == (Why.DISABLED, "DELETE_REQUESTED")


def test_below_a_folder_what_lies_above_it_is_asked_for(google: Endpoint, scope: Scopes) -> None:
    google.pages("/v3/projects", [ACME], parent="folders/20")
    google.pages("/v3/folders", [], parent="folders/20")
    google.answer("/v1/projects/acme-calls:getAncestry", ancestry(*ABOVE))
    found, nodes = find(Session.open(scope(Facet.ACCOUNTS, options={"folder": ("20",)})))
    assert found[0].project is not None
    assert found[0].project.parents == ("organizations/1", "folders/10", "folders/20")
    assert [(node.id, node.parents) for node in nodes] == [
        ("organizations/1", ()),
        ("folders/10", ("organizations/1",)),
        ("folders/20", ("organizations/1", "folders/10")),
    ]


def test_a_folder_that_may_not_be_listed_is_a_gap_that_names_the_permission(google: Endpoint, scope: Scopes) -> None:
    google.pages("/v3/projects", [ACME], parent="folders/20")
    google.answer("/v1/projects/acme-calls:getAncestry", ancestry(*ABOVE))
    google.faults.add("denied", "cloudresourcemanager.folders.list", permission="resourcemanager.folders.list")
    items = collected(scope(Facet.ACCOUNTS, options={"folder": ("20",)}))
    (gap,) = of(items, Gap)
    assert (gap.account, gap.why, gap.permission) == ("folders/20", Why.DENIED, "resourcemanager.folders.list")
    assert [each.id for each in of(items, Account)] == ["acme-calls"]


@pytest.mark.parametrize(
    ("option", "given"),
    [("project", "Not A Project"), ("folder", "folders/1"), ("organization", "acme.com"), ("deadline", "soon")],
)
def test_options_that_cannot_be_meant_are_refused(scope: Scopes, option: str, given: str) -> None:
    with pytest.raises(UsageError, match=f"--{option}"):
        GcpProvider().plan(scope(Facet.ACCOUNTS, options={option: given if option == "deadline" else (given,)}))


def test_organization_policies_in_force_are_the_controls_of_a_project(google: Endpoint, scope: Scopes) -> None:
    google.answer("/v3/projects/acme-calls", {**ACME, "parent": ""})
    google.pages("/storage/v1/b", [], project="acme-calls")
    path = "/v2/projects/acme-calls/policies/{}:getEffectivePolicy"
    for name, spec in (
        ("storage.publicAccessPrevention", {"rules": [{"enforce": True}]}),
        ("storage.uniformBucketLevelAccess", {"rules": [{"enforce": False}]}),
        ("iam.disableServiceAccountKeyCreation", {"rules": [{"enforce": False}]}),
        ("iam.managed.disableServiceAccountKeyCreation", {"rules": [{"enforce": True}]}),
        ("iam.disableServiceAccountKeyUpload", {}),
        ("iam.managed.disableServiceAccountKeyUpload", {}),
    ):
        google.answer(path.format(name), {"name": f"projects/1/policies/{name}", "spec": spec})
    asked = Facet.PUBLIC_ACCESS, Facet.ACL, Facet.PRINCIPALS
    (account,) = of(collected(scope(*asked, options={"project": ("acme-calls",)})), Account)
    assert account.controls == {
        "storage.publicAccessPrevention": Answer.YES,
        "storage.uniformBucketLevelAccess": Answer.NO,
        "iam.disableServiceAccountKeyCreation": Answer.YES,
        "iam.disableServiceAccountKeyUpload": Answer.NO,
    }


DELETED_BUCKETS = [
    {"name": name, "softDeleteTime": "2026-11-01T00:00:00Z", "hardDeleteTime": "2027-01-30T00:00:00Z"}
    for name in ("calls-old", "calls-older", "logs")
]


def test_buckets_that_were_deleted_and_can_be_got_back_are_told(google: Endpoint, scope: Scopes) -> None:
    google.answer("/v3/projects/acme-calls", {**ACME, "parent": ""})
    google.pages("/storage/v1/b", [{"name": "calls"}], project="acme-calls")
    google.pages("/storage/v1/b", DELETED_BUCKETS, softDeleted="True", largest=2)
    given: dict[str, Any] = {"options": {"project": ("acme-calls",)}, "stores": ("calls*",)}
    plan = GcpProvider().plan(scope(Facet.OBJECTS, **given))
    assert [unit.key for unit in plan.units if "/storage/" in unit.key] == ["gcp/acme-calls/storage/calls"]
    (gap,) = [gap for unit in plan.units if "/storage/" not in unit.key for gap in of([*unit.run()], Gap)]
    assert (gap.facet, gap.resource, gap.why) == (Facet.DELETED, "acme-calls", Why.UNSUPPORTED)
    assert gap.detail == "2 deleted buckets can be got back, whose objects nobody can list before that"
    google.pages("/storage/v1/b", [], softDeleted="True")
    assert of(collected(scope(Facet.STORES, **given)), Gap) == []


def test_deleted_buckets_that_were_not_told_are_a_gap(google: Endpoint, scope: Scopes) -> None:
    google.answer("/v3/projects/acme-calls", {**ACME, "parent": ""})
    google.pages("/storage/v1/b", [], project="acme-calls")
    google.answer("/storage/v1/b", GoogleError(403), softDeleted="True")
    gaps = of(collected(scope(Facet.OBJECTS, options={"project": ("acme-calls",)})), Gap)
    told = [(gap.resource, gap.why, gap.permission) for gap in gaps if gap.facet == Facet.DELETED]
    assert told == [("acme-calls", Why.DENIED, "storage.buckets.list")]


def test_a_project_that_is_being_deleted_and_can_be_restored_is_told(google: Endpoint, scope: Scopes) -> None:
    gone = {**ACME, "name": "projects/2", "projectId": "acme-gone", "parent": "", "state": "DELETE_REQUESTED"}
    google.answer("/v3/projects:search", lambda call: {"projects": [] if "query" in call.query else [gone]})
    items = collected(scope(Facet.OBJECTS))
    (gap,) = of(items, Gap)
    assert (gap.resource, gap.why, gap.detail) == ("acme-gone", Why.DISABLED, "DELETE_REQUESTED")
    assert [each.id for each in of(items, Account)] == ["acme-gone"]


def test_tags_that_count_for_a_project(google: Endpoint, scope: Scopes) -> None:
    google.answer("/v3/projects/acme-calls", {**ACME, "parent": ""})
    tag = {
        "namespacedTagKey": "1/env",
        "namespacedTagValue": "1/env/prod",
        "tagValue": "tagValues/7",
        "inherited": True,
    }
    parent = "//cloudresourcemanager.googleapis.com/projects/123456789012"
    google.pages("/v3/effectiveTags", [tag], parent=parent)
    (account,) = of(collected(scope(Facet.ORGANIZATION, options={"project": ("acme-calls",)})), Account)
    assert account.tags == {"1/env": "prod"}


def test_who_is_asking_is_told_by_the_credentials(google: Endpoint, scope: Scopes) -> None:
    google.pages("/v3/projects:search", [])
    (caller,) = GcpProvider().plan(scope(Facet.ACCOUNTS)).callers
    assert (caller.account, caller.identity) == ("acme", "scanner@acme.iam.gserviceaccount.com")


def test_credentials_that_end_stop_the_collection(google: Endpoint, scope: Scopes) -> None:
    google.faults.add("expired", "cloudresourcemanager.projects.search")
    with pytest.raises(CredentialsExpired):
        GcpProvider().plan(scope(Facet.ACCOUNTS))


def test_a_token_never_travels_in_the_clear_to_another_machine(scope: Scopes) -> None:
    with pytest.raises(UsageError, match="in the clear"):
        GcpProvider().plan(replace(scope(), endpoint_url="http://192.0.2.1:80"))


def test_nobody_who_gives_tokens_answers(scope: Scopes, google: Endpoint, tmp_path: Any, monkeypatch: Any) -> None:
    from cloudscan_gcp.standin.credentials import write_key

    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(write_key(tmp_path / "key.json", "http://127.0.0.1:1")))
    with pytest.raises(CollectionStopped):
        GcpProvider().plan(scope(Facet.ACCOUNTS))


def test_heads_take_no_request_since_the_list_of_a_bucket_tells_all(google: Endpoint, scope: Scopes) -> None:
    google.answer("/v3/projects/acme-calls", {"name": "projects/1", "projectId": "acme-calls"})
    google.pages("/storage/v1/b", [{"name": "calls"}])
    given = {"project": ("acme-calls",)}
    with_heads = GcpProvider().plan(scope(Facet.OBJECTS, options=given, heads=20))
    without = GcpProvider().plan(scope(Facet.OBJECTS, options=given))
    assert (with_heads.requests, with_heads.notes) == (without.requests, without.notes)


@pytest.mark.parametrize(
    ("option", "given", "path"),
    [
        ("project", "acme-voise", "/v3/projects/acme-voise"),
        ("folder", "12345", "/v3/projects"),
        ("organization", "123", "/v3/projects"),
    ],
)
@pytest.mark.parametrize(("status", "words"), [(403, "or there is no such {}"), (404, "there is no such {}")])
def test_of_what_may_not_be_there_the_gap_says_so(
    google: Endpoint, scope: Scopes, option: str, given: str, path: str, status: int, words: str
) -> None:
    google.answer(path, GoogleError(status))
    google.pages("/v3/folders", [])
    gaps = of(collected(scope(Facet.ACCOUNTS, options={option: (given,)})), Gap)
    (gap,) = [gap for gap in gaps if gap.facet == Facet.ACCOUNTS]
    assert words.format(option) in gap.detail.split("; ")


def test_a_bucket_with_a_name_that_none_can_have_is_a_gap_and_ends_nothing(google: Endpoint, scope: Scopes) -> None:
    google.pages("/v3/projects:search", [ACME])
    google.answer("/v1/projects/acme-calls:getAncestry", ancestry(*ABOVE))
    names = ["calls", "../../../etc/x", "", "a b\n", "-rf"]
    google.answer("/storage/v1/b", {"items": [*({"name": name, "location": "EU"} for name in names), {}]})
    plan = GcpProvider().plan(scope(Facet.STORES))
    assert [unit.key for unit in plan.units if "/storage/" in unit.key] == ["gcp/acme-calls/storage/calls"]
    came = [one for unit in plan.units for one in unit.run()]
    gaps = [one for one in of(came, Gap) if one.facet == Facet.STORES]
    (line,) = (one for one in of(came, Coverage) if one.facet == Facet.STORES)
    assert (line.asked, line.answered) == (7, 2)  # the list, and each bucket that it tells of
    assert {(one.resource, one.why, one.detail) for one in gaps} == {
        ("acme-calls", Why.MALFORMED, "2 buckets came without a name"),
        ("gs://../../../etc/x", Why.MALFORMED, "no bucket can have this name"),
        ("gs://a b\n", Why.MALFORMED, "no bucket can have this name"),
        ("gs://-rf", Why.MALFORMED, "no bucket can have this name"),
    }
