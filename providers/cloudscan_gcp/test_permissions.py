"""The least role against what the collectors of identities ask: nothing is missing, and nothing is left over."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import yaml

from cloudscan.model import Gap
from cloudscan.provider import Facet, Scope
from cloudscan.testing import collect_all
from cloudscan_gcp import GcpProvider
from cloudscan_gcp.permissions import permissions
from cloudscan_gcp.standin.errors import GoogleError
from cloudscan_gcp.standin.server import Endpoint
from cloudscan_gcp.test_hierarchy import BOUNDARIES, TOP, of, point

FACETS = (Facet.PRINCIPALS, Facet.CREDENTIALS, Facet.WORKLOADS, Facet.FEDERATIONS, Facet.ORGANIZATION, Facet.POLICY)
NAME = "projects/acme-calls"
DENIALS = (
    ("cloudfunctions.*", "cloudfunctions.functions.list"),
    ("compute.instances.aggregatedList", "compute.instances.list"),
    ("compute.networks.getEffectiveFirewalls", "compute.networks.getEffectiveFirewalls"),
    ("compute.projects.get", "compute.projects.get"),
    ("iam.projects.roles.list", "iam.roles.list"),
    ("iam.roles.get", "iam.roles.get"),
    ("iam.policies.listPolicies", "iam.denypolicies.list"),
    ("iam.policies.get", "iam.denypolicies.get"),
    ("boundaries", "iam.principalaccessboundarypolicies.list"),
    ("bindings", "iam.principalaccessboundarypolicies.searchPolicyBindings"),
    ("entitlements", "privilegedaccessmanager.entitlements.list"),
    ("iam.projects.serviceAccounts.list", "iam.serviceAccounts.list"),
    ("iam.projects.serviceAccounts.getIamPolicy", "iam.serviceAccounts.getIamPolicy"),
    ("iam.projects.serviceAccounts.keys.list", "iam.serviceAccountKeys.list"),
    ("iam.projects.locations.workloadIdentityPools.list", "iam.googleapis.com/workloadIdentityPools.list"),
    (
        "iam.projects.locations.workloadIdentityPools.providers.list",
        "iam.googleapis.com/workloadIdentityPoolProviders.list",
    ),
    ("cloudresourcemanager.projects.getIamPolicy", "resourcemanager.projects.getIamPolicy"),
    ("cloudresourcemanager.folders.getIamPolicy", "resourcemanager.folders.getIamPolicy"),
    ("cloudresourcemanager.organizations.getIamPolicy", "resourcemanager.organizations.getIamPolicy"),
    ("cloudresourcemanager.organizations.get", "resourcemanager.organizations.get"),
    ("accesscontextmanager.accessPolicies.list", "accesscontextmanager.policies.list"),
    ("accesscontextmanager.accessPolicies.servicePerimeters.list", "accesscontextmanager.servicePerimeters.list"),
    ("run.namespaces.services.list", "run.services.list"),
    ("run.namespaces.jobs.list", "run.jobs.list"),
    ("run.namespaces.workerpools.list", "run.workerpools.list"),
)


@pytest.fixture
def everything(google: Endpoint) -> Endpoint:
    """A project below a folder and an organization, with one of everything that is asked for further."""
    google.fresh(NAME, "folders/10", TOP, "namespaces/acme-calls")
    google.answer(f"/v3/{NAME}", {"name": "projects/123456789012", "projectId": "acme-calls", "parent": "folders/10"})
    above = [("project", "acme-calls"), ("folder", "10"), ("organization", "1")]
    ancestry = [{"resourceId": {"type": kind, "id": name}} for kind, name in above]
    google.answer(f"/v1/{NAME}:getAncestry", {"ancestor": ancestry})
    google.answer("/v2/projects/*/policies/*:getEffectivePolicy", {})
    google.pages("/v3/effectiveTags", [])
    google.pages("/storage/v1/b", [])
    policy = {"bindings": [{"role": "roles/viewer", "members": ["user:ana@acme.example"]}]}
    for node in (NAME, "folders/10", TOP):
        google.answer(f"/v3/{node}:getIamPolicy", policy)
        denied = {"name": f"policies/{point(node)}/denypolicies/a"}
        google.pages(f"/v2/policies/{point(node)}/denypolicies", [denied])
        google.answer(f"/v2/{denied['name']}", denied)
    google.answer("/v1/roles/viewer", {"name": "roles/viewer"})
    google.answer(f"/v3/{TOP}", {"name": TOP, "displayName": "acme.example"})
    boundary = f"{TOP}/locations/global/principalAccessBoundaryPolicies/a"
    google.undocumented(BOUNDARIES, {"principalAccessBoundaryPolicies": [{"name": boundary}]})
    google.undocumented(f"/v3/{boundary}:searchPolicyBindings", {})
    google.pages("/v1/accessPolicies", [{"name": "accessPolicies/7"}])
    google.pages("/v1/accessPolicies/7/servicePerimeters", [])
    google.pages(f"/v1/{NAME}/serviceAccounts", [{"email": "bot@acme-calls.iam.gserviceaccount.com"}])
    google.answer(f"/v1/{NAME}/serviceAccounts/*:getIamPolicy", {})
    pools = f"/v1/{NAME}/locations/global/workloadIdentityPools"
    google.pages(pools, [{"name": f"{pools[4:]}/a"}])
    interface = {"network": f"https://www.googleapis.com/compute/v1/{NAME}/global/networks/x", "accessConfigs": [{}]}
    machine = {"name": "web", "networkInterfaces": [interface]}
    google.answer(f"/compute/v1/{NAME}/aggregated/instances", {"items": {"zones/a": {"instances": [machine]}}})
    google.answer(f"/compute/v1/{NAME}/global/networks/x/getEffectiveFirewalls", {})
    google.answer(f"/compute/v1/{NAME}", {})
    return google


def gaps(scope: Callable[..., Scope]) -> list[Gap]:
    records, _, _ = collect_all(GcpProvider(), scope(*FACETS, options={"project": ("acme-calls",)}))
    return of(records, Gap)


def test_with_all_permissions_there_is_no_gap(everything: Endpoint, scope: Callable[..., Scope]) -> None:
    assert gaps(scope) == []


@pytest.mark.parametrize(("method", "permission"), DENIALS)
def test_what_is_denied_names_a_permission_of_the_role(
    everything: Endpoint, scope: Callable[..., Scope], method: str, permission: str
) -> None:
    denied = GoogleError(403, reason="IAM_PERMISSION_DENIED")
    if method == "boundaries":
        everything.undocumented(BOUNDARIES, denied)
    elif method == "bindings":
        everything.undocumented(f"{BOUNDARIES}/a:searchPolicyBindings", denied)
    elif method == "entitlements":
        everything.undocumented(f"/v1/{NAME}/locations/global/entitlements", denied)
    else:
        everything.faults.add("denied", method)
    assert {gap.permission for gap in gaps(scope)} == {permission}
    assert permission in permissions(frozenset(FACETS))


def test_the_role_has_no_permission_for_identities_that_nothing_asks_for() -> None:
    asked = {permission for _, permission in DENIALS}
    bulk = {"cloudasset.assets.listResource", "cloudasset.assets.searchAllIamPolicies"}
    buckets = set(permissions(frozenset(Facet))) - asked - bulk
    of_identities = (
        "accesscontextmanager.",
        "iam.",
        "privilegedaccessmanager.",
        "run.",
        "compute.",
        "cloudfunctions.",
        "cloudasset.",
    )
    assert [name for name in buckets if name.startswith(of_identities)] == []


def test_what_a_project_cannot_hold_comes_last_so_that_one_command_takes_it_out() -> None:
    text = GcpProvider().role(frozenset(Facet), sniff=False, heads=False)
    (command,) = re.findall(r"sed '/\^(.*)/,\$d' FILE", text)
    kept = yaml.safe_load(text[: re.search(f"^{command}", text, re.MULTILINE).start()])["includedPermissions"]  # type: ignore[union-attr]
    left_out = set(yaml.safe_load(text)["includedPermissions"]) - set(kept)
    assert {
        "resourcemanager.organizations.get",
        "resourcemanager.folders.getIamPolicy",
        "iam.denypolicies.list",
    } < left_out
    assert "resourcemanager.projects.getIamPolicy" in kept
    assert "storage.buckets.list" in kept


def test_the_role_says_how_it_is_granted_on_an_organization_a_folder_and_a_project() -> None:
    text = GcpProvider().role(frozenset(Facet), sniff=False, heads=False)
    for command in ("organizations", "resource-manager folders", "projects"):
        assert f"gcloud {command} add-iam-policy-binding" in text
