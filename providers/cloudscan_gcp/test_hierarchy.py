from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from cloudscan.model import Coverage, Gap, PolicyDocument, Principal, Why
from cloudscan.provider import Collected, Facet, Unit
from cloudscan_gcp import custom_roles, hierarchy
from cloudscan_gcp.accounts import Node, ProjectScope
from cloudscan_gcp.documents import Documents
from cloudscan_gcp.standin.errors import GoogleError
from cloudscan_gcp.standin.server import Endpoint
from cloudscan_gcp.standin.state import Asked

Projects = Callable[..., ProjectScope]
TOP, FOLDER = "organizations/1", "folders/10"
BOUNDARIES = f"/v3/{TOP}/locations/global/principalAccessBoundaryPolicies"
CONDITION = {"title": "office", "expression": "request.time.getHours('Europe/Berlin') < 18"}
POLICY = {
    "version": 3,
    "etag": "BwY=",
    "bindings": [{"role": "roles/viewer", "members": ["user:ana@acme.example"], "condition": CONDITION}],
    "auditConfigs": [{"service": "storage.googleapis.com", "auditLogConfigs": [{"logType": "DATA_READ"}]}],
}


def point(node: str) -> str:
    return f"cloudresourcemanager.googleapis.com%2F{node.replace('/', '%2F')}"


def collected(units: Iterable[Unit]) -> list[Collected]:
    return [item for unit in units for item in unit.run()]


def of(items: Iterable[Collected], kind: type) -> list[Any]:
    return [item for item in items if isinstance(item, kind)]


@pytest.fixture
def node(project: Projects) -> Callable[[str], Node]:
    def make(name: str) -> Node:
        made = project(Facet.ORGANIZATION, Facet.POLICY)
        return Node(name, made.clients, made.scope, ())

    return make


@pytest.fixture
def bare(google: Endpoint) -> Endpoint:
    """A project, a folder and an organization whose policies say nothing."""
    for name in ("projects/acme-calls", FOLDER, TOP):
        google.answer(f"/v3/{name}:getIamPolicy", {"etag": "ACAB"})
        google.pages(f"/v2/policies/{point(name)}/denypolicies", [])
        google.undocumented(f"/v1/{name}/locations/global/entitlements", {})
    google.answer(f"/v3/{TOP}", {"name": TOP, "displayName": "acme.example", "directoryCustomerId": "C01"})
    google.undocumented(BOUNDARIES, {})
    return google


def test_an_allow_policy_is_asked_for_and_kept_with_its_conditions(bare: Endpoint, project: Projects) -> None:
    versions: list[Any] = []

    def told(asked: Asked) -> dict[str, Any]:
        versions.append((asked.body or {})["options"]["requestedPolicyVersion"])
        return POLICY

    bare.answer("/v3/projects/acme-calls:getIamPolicy", told)
    items = collected(hierarchy.units(project(Facet.ORGANIZATION)))
    (policy,) = of(items, PolicyDocument)
    assert (policy.id, policy.kind, policy.attached_to, policy.account) == (
        "projects/acme-calls#iam",
        "hierarchy",
        ("projects/acme-calls",),
        "acme-calls",
    )
    assert json.loads(policy.document) == POLICY
    assert versions == [3]
    assert of(items, Gap) == []
    assert of(items, Coverage) == [Coverage("gcp", "acme-calls", Facet.ORGANIZATION, 3, 3)]


def test_a_level_that_may_not_be_read_names_the_permission_and_the_command(
    bare: Endpoint, node: Callable[[str], Node]
) -> None:
    bare.faults.add("denied", "cloudresourcemanager.folders.getIamPolicy")
    bare.faults.add("denied", "cloudresourcemanager.organizations.getIamPolicy")
    folder, top = (gap for name in (FOLDER, TOP) for gap in of(collected(hierarchy.units_above(node(name))), Gap))
    assert (folder.resource, folder.why, folder.permission) == (
        FOLDER,
        Why.DENIED,
        "resourcemanager.folders.getIamPolicy",
    )
    command = "gcloud iam roles update cloudscan --organization={} --add-permissions={}"
    assert folder.detail.endswith(command.format("ORGANIZATION", "resourcemanager.folders.getIamPolicy"))
    assert top.detail.endswith(command.format("1", "resourcemanager.organizations.getIamPolicy"))
    below = replace(node(FOLDER), parents=(TOP,))
    (folder,) = of(collected(hierarchy.units_above(below)), Gap)
    assert folder.detail.endswith(command.format("1", "resourcemanager.folders.getIamPolicy"))


def test_each_deny_policy_is_asked_for_since_their_list_leaves_out_the_rules(bare: Endpoint, project: Projects) -> None:
    place = f"policies/{point('projects/acme-calls')}/denypolicies"
    bare.pages(f"/v2/{place}", [{"name": f"{place}/{name}", "kind": "DenyPolicy"} for name in ("a", "b")])
    rule = {"deniedPrincipals": ["principalSet://goog/public:all"], "deniedPermissions": ["storage.googleapis.com/*"]}
    told = {"name": f"{place}/a", "kind": "DenyPolicy", "rules": [{"denyRule": rule}]}
    bare.answer(f"/v2/{place}/a", told)
    bare.answer(f"/v2/{place}/b", GoogleError(403, reason="IAM_PERMISSION_DENIED"))
    items = collected(hierarchy.units(project(Facet.ORGANIZATION)))
    (denied,) = [one for one in of(items, PolicyDocument) if one.kind == "deny"]
    assert (denied.id, denied.attached_to) == (f"{place}/a", ("projects/acme-calls",))
    assert json.loads(denied.document) == told
    (gap,) = of(items, Gap)
    assert (gap.resource, gap.permission) == ("projects/acme-calls", "iam.denypolicies.get")


@pytest.mark.parametrize("method", ["iam.policies.listPolicies", "boundaries"])
def test_what_takes_away_and_was_not_read_is_told_by_the_evaluator(
    bare: Endpoint, node: Callable[[str], Node], method: str
) -> None:
    if method == "boundaries":
        bare.undocumented(BOUNDARIES, GoogleError(403, reason="IAM_PERMISSION_DENIED"))
    else:
        bare.faults.add("denied", method)
    items = collected(hierarchy.units_above(node(TOP)))
    documents = Documents(estate_of(items))
    what = "principal access boundaries" if method == "boundaries" else "deny policies"
    assert documents.unread(TOP) == [f"the {what} of {TOP} were not read"]


def estate_of(items: Iterable[Collected]) -> Any:
    from cloudscan.estate import Estate

    kept = list(items)
    records: list[Any] = [item for item in kept if not isinstance(item, Gap)]
    return Estate.of(records, of(kept, Gap))


def test_an_organization_tells_whose_people_are_its_own(bare: Endpoint, node: Callable[[str], Node]) -> None:
    items = collected(hierarchy.units_above(node(TOP)))
    assert of(items, Principal) == [
        Principal("domain:acme.example", "gcp", TOP, "domain", "acme.example", unique_id="C01"),
    ]
    assert of(collected(hierarchy.units_above(node(FOLDER))), Principal) == []


def test_boundaries_hang_on_whom_they_are_bound_to(bare: Endpoint, node: Callable[[str], Node]) -> None:
    name = f"{TOP}/locations/global/principalAccessBoundaryPolicies/inside"
    told = {"name": name, "details": {"rules": [{"resources": [f"//cloudresourcemanager.googleapis.com/{FOLDER}"]}]}}
    bound = "//cloudresourcemanager.googleapis.com/organizations/1"
    bare.undocumented(BOUNDARIES, {"principalAccessBoundaryPolicies": [told]})
    bindings = [{"target": {"principalSet": bound}, "policy": name}, {"policy": name}]
    bare.undocumented(f"/v3/{name}:searchPolicyBindings", {"policyBindings": bindings})
    (policy,) = [
        one for one in of(collected(hierarchy.units_above(node(TOP))), PolicyDocument) if one.kind != "hierarchy"
    ]
    assert (policy.id, policy.kind, policy.attached_to) == (name, "boundary", (bound,))
    assert json.loads(policy.document) == told


def test_custom_roles_come_with_one_list_deleted_ones_too(google: Endpoint, project: Projects) -> None:
    role = {"name": "projects/acme-calls/roles/listener", "includedPermissions": ["storage.objects.get"]}
    asked: dict[str, Any] = {"view": "FULL", "showDeleted": "true"}
    deleted = {"name": "projects/acme-calls/roles/gone", "deleted": True}
    google.pages("/v1/projects/acme-calls/roles", [role, deleted], **asked)
    first, second = of(collected(custom_roles.units(project(Facet.POLICY))), PolicyDocument)
    assert (first.id, first.kind, first.attached_to) == ("projects/acme-calls/roles/listener", "role", ())
    assert json.loads(first.document) == role
    assert json.loads(second.document)["deleted"] is True
    assert google.requests["iam.projects.roles.list"] == 1


def test_roles_of_an_organization_are_listed_and_folders_have_none(
    google: Endpoint, node: Callable[[str], Node]
) -> None:
    google.pages(f"/v1/{TOP}/roles", [{"name": f"{TOP}/roles/auditor"}])
    (role,) = of(collected(custom_roles.units_above(node(TOP))), PolicyDocument)
    assert role.id == f"{TOP}/roles/auditor"
    assert list(custom_roles.units_above(node(FOLDER))) == []


def test_roles_that_may_not_be_listed_are_no_gap_of_the_buckets(google: Endpoint, project: Projects) -> None:
    google.faults.add("denied", "iam.projects.roles.list")
    (gap,) = of(collected(custom_roles.units(project(Facet.POLICY))), Gap)
    assert (gap.resource, gap.permission) == ("projects/acme-calls/roles", "iam.roles.list")


def test_nothing_is_asked_that_is_not_wanted(project: Projects, node: Callable[[str], Node]) -> None:
    assert list(hierarchy.units(project(Facet.STORES))) == []
    assert list(custom_roles.units(project(Facet.STORES))) == []


def test_what_may_be_had_on_request_is_kept_as_policies_write_it(bare: Endpoint, project: Projects) -> None:
    path = "projects/acme-calls/locations/global/entitlements"
    access = {"resource": "//cloudresourcemanager.googleapis.com/projects/acme-calls", "roleBindings": []}
    read = {"role": "roles/storage.objectViewer", "conditionExpression": "true"}
    told = {
        "name": f"{path}/read",
        "state": "AVAILABLE",
        "eligibleUsers": [{"principals": ["user:ana@acme.example"]}, {"principals": ["group:team@acme.example"]}],
        "privilegedAccess": {"gcpIamAccess": {**access, "roleBindings": [read, {"role": "roles/viewer"}]}},
    }
    ended = {**told, "name": f"{path}/ended", "state": "DELETED"}
    broken = {**told, "name": f"{path}/broken", "privilegedAccess": {"gcpIamAccess": access}}
    bare.undocumented(f"/v1/{path}", {"entitlements": [told, ended, broken]})
    found = collected(hierarchy.units(project(Facet.ORGANIZATION)))
    (kept,) = [one for one in of(found, PolicyDocument) if one.kind == "entitlement"]
    assert (kept.id, kept.attached_to) == (f"{path}/read", ("projects/acme-calls",))
    members = ["user:ana@acme.example", "group:team@acme.example"]
    assert json.loads(kept.document)["bindings"] == [
        {"role": "roles/storage.objectViewer", "members": members, "condition": {"expression": "true"}},
        {"role": "roles/viewer", "members": members},
    ]
    (gap,) = of(found, Gap)
    assert (gap.why, gap.resource) == (Why.MALFORMED, "projects/acme-calls")


def test_a_project_that_does_not_use_the_service_has_nothing_on_request(bare: Endpoint, project: Projects) -> None:
    path = "/v1/projects/acme-calls/locations/global/entitlements"
    service = {"service": "privilegedaccessmanager.googleapis.com", "consumer": "projects/acme-calls"}
    bare.undocumented(path, GoogleError(403, reason="SERVICE_DISABLED", metadata=service))
    (gap,) = of(collected(hierarchy.units(project(Facet.ORGANIZATION))), Gap)
    assert (gap.why, gap.resource) == (Why.DISABLED, "projects/acme-calls/privilegedaccessmanager")
    bare.undocumented(path, GoogleError(403, reason="IAM_PERMISSION_DENIED"))
    (gap,) = of(collected(hierarchy.units(project(Facet.ORGANIZATION))), Gap)
    assert (gap.why, gap.resource) == (Why.DENIED, "projects/acme-calls")
