"""The Google Cloud provider as a whole, over HTTP: from a scope to a snapshot that is whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from cloudscan.collection.run import collect
from cloudscan.demo import clip
from cloudscan.errors import CredentialsExpired
from cloudscan.estate import Estate
from cloudscan.model import Account, Coverage, Gap, Store, Why
from cloudscan.provider import Facet, Scope
from cloudscan.testing import assert_provider_contract, collect_all
from cloudscan_gcp import GcpProvider, buckets, hmac, org_policies, planning
from cloudscan_gcp.demo import demo
from cloudscan_gcp.discovery import Session, find
from cloudscan_gcp.permissions import permissions
from cloudscan_gcp.standin.server import Endpoint

Scopes = Callable[..., Scope]
STORAGE = (Facet.STORES, Facet.ACL, Facet.LIFECYCLE, Facet.OBJECTS, Facet.HEADS, Facet.PUBLIC_ACCESS)
NAMED: dict[str, object] = {"project": ("acme-calls",)}


BUCKETS = tuple(facet for facet in Facet if facet.startswith(("store", "objects", "organization")))


def enforce_nothing(google: Endpoint) -> None:
    for name in org_policies.asked(frozenset(Facet)):
        path = f"/v2/projects/acme-calls/policies/{name}:getEffectivePolicy"
        rule = {"allowAll": True} if name == org_policies.DOMAINS else {"enforce": False}
        google.answer(path, {"name": name, "spec": {"rules": [rule]}})


@pytest.fixture
def estate(emulated: Endpoint, scope: Scopes) -> Endpoint:
    """Two buckets of an emulator, one with recordings, in a project that is told beside them."""
    emulated.answer(
        "/v3/projects/acme-calls",
        {"name": "projects/123456789012", "projectId": "acme-calls", "displayName": "Acme", "state": "ACTIVE"},
    )
    enforce_nothing(emulated)
    emulated.pages("/storage/v1/b/*/managedFolders", [])
    storage = Session.open(scope()).clients.storage
    for name in ("calls", "notes"):
        bucket = storage.create_bucket(name, project="acme-calls")
        bucket.iam_configuration.uniform_bucket_level_access_enabled = True
        bucket.iam_configuration.public_access_prevention = "inherited"
        bucket.patch()
    for name in ("a/1.wav", "a/2.wav", "a/nameless"):
        blob = storage.bucket("calls").blob(name)
        blob.upload_from_string(clip("hold.wav"), content_type="application/octet-stream")
    emulated.requests.clear()
    return emulated


def of(records: list[Any], kind: type) -> list[Any]:
    return [record for record in records if isinstance(record, kind)]


def test_provider_keeps_the_contract(estate: Endpoint, scope: Scopes) -> None:
    assert_provider_contract(GcpProvider(), scope(*STORAGE, options=NAMED))


def test_storage_is_collected_without_a_gap(estate: Endpoint, scope: Scopes) -> None:
    records, rows, _ = collect_all(GcpProvider(), scope(*STORAGE, options=NAMED))
    assert of(records, Gap) == []
    assert sorted(store.id for store in of(records, Store)) == ["gs://calls", "gs://notes"]
    assert [row.key for row in rows] == ["a/1.wav", "a/2.wav", "a/nameless"]
    assert [account.name for account in of(records, Account)] == ["Acme"]
    lines = of(records, Coverage)
    assert sum(line.asked for line in lines) == sum(line.answered for line in lines) > 0


def test_a_snapshot_holds_what_was_heard_of_nameless_objects(estate: Endpoint, scope: Scopes, tmp_path: Path) -> None:
    given = scope(*STORAGE, sniff=10, heads=5, options=NAMED)
    collect([GcpProvider()], {"gcp": given}, tmp_path / "snapshot")
    seen = Estate.open(tmp_path / "snapshot")
    found = dict(seen.objects.query("SELECT key, media FROM objects ORDER BY key"))
    assert found == {"a/1.wav": "speech", "a/2.wav": "speech", "a/nameless": "speech"}


def test_a_collection_that_lost_its_credentials_is_taken_up_again(
    estate: Endpoint, scope: Scopes, tmp_path: Path
) -> None:
    given = scope(*STORAGE, workers=1, options=NAMED)
    estate.faults.add("expired", "storage.objects.list", containing="notes")
    with pytest.raises(CredentialsExpired):
        collect([GcpProvider()], {"gcp": given}, tmp_path / "snapshot")
    estate.faults.clear()
    estate.requests.clear()
    collect([GcpProvider()], {"gcp": given}, tmp_path / "snapshot")
    assert estate.requests["storage.objects.list"] == 1


def test_a_project_that_is_deleted_half_way_leaves_gaps_and_ends_nothing(estate: Endpoint, scope: Scopes) -> None:
    (found, *_), _ = find(Session.open(scope(*STORAGE, Facet.POLICY, options=NAMED)))
    assert found.project is not None
    estate.faults.add("vanished", "*")
    items = [item for unit in buckets.units(found.project) for item in unit.run()]
    gaps = of(items, Gap)
    assert {(gap.why, gap.resource) for gap in gaps} == {(Why.VANISHED, "gs://calls"), (Why.VANISHED, "gs://notes")}
    assert of(items, Store) == []


def test_requests_for_a_project_and_each_of_its_buckets(google: Endpoint, scope: Scopes) -> None:
    """200 buckets of uniform access, every question of storage: 4 requests each and 9 for their project."""
    google.answer("/v3/projects/acme-calls", {"name": "projects/123456789012", "projectId": "acme-calls"})
    enforce_nothing(google)
    google.pages("/v3/effectiveTags", [])
    told = {"iamConfiguration": {"publicAccessPrevention": "enforced", "uniformBucketLevelAccess": {"enabled": True}}}
    google.pages("/storage/v1/b", [{"name": f"b-{number:03}", "location": "EU", **told} for number in range(200)])
    google.answer("/storage/v1/b/*/iam", {"version": 3})
    google.pages("/storage/v1/b/*/managedFolders", [])
    google.pages("/storage/v1/b/*/o", [])
    google.pages("/storage/v1/projects/acme-calls/hmacKeys", [])
    (found, *_), _ = find(Session.open(scope(*BUCKETS, options=NAMED)))
    assert found.project is not None
    for unit in (*buckets.units(found.project), *hmac.units(found.project)):
        list(unit.run())
    assert google.requests == Counter(
        {
            "token": 1,
            "cloudresourcemanager.projects.get": 1,
            "orgpolicy.projects.policies.getEffectivePolicy": 5,
            "storage.buckets.list": 2,
            "cloudresourcemanager.effectiveTags.list": 201,
            "storage.buckets.getIamPolicy": 200,
            "storage.managedFolders.list": 200,
            "storage.objects.list": 200,
        }
    )


def test_every_service_says_its_units_without_asking(google: Endpoint, scope: Scopes) -> None:
    assert all(callable(service.units) for service in planning.SERVICES)
    assert all(callable(service.units_above) for service in planning.ABOVE)


def test_every_permission_that_a_gap_names_is_in_the_role(google: Endpoint, scope: Scopes) -> None:
    google.pages("/v3/projects:search", [{"name": "projects/1", "projectId": "acme-calls", "parent": "folders/2"}])
    uniform = {"uniformBucketLevelAccess": {"enabled": True}}
    google.pages("/storage/v1/b", [{"name": "calls", "iamConfiguration": uniform}])
    google.pages("/storage/v1/b/calls/managedFolders", [{"name": "x/"}])
    refused = (
        "cloudresourcemanager.projects.getAncestry",
        "cloudresourcemanager.effectiveTags.list",
        "orgpolicy.*",
        "storage.buckets.getIamPolicy",
        "storage.managedFolders.getIamPolicy",
        "storage.objects.list",
        "storage.projects.hmacKeys.list",
    )
    for method in refused:
        google.faults.add("denied", method)
    (found, *_), _ = find(Session.open(scope(*BUCKETS, Facet.CREDENTIALS)))
    assert found.project is not None
    units = (*buckets.units(found.project), *hmac.units(found.project))
    gaps = of([*found.noticed, *(item for unit in units for item in unit.run())], Gap)
    named = {gap.permission for gap in gaps if gap.permission}
    assert len(named) == len(refused) + 1  # tags are asked of the project and of the bucket
    assert named <= set(permissions(frozenset({*BUCKETS, Facet.CREDENTIALS})))


def test_the_role_is_a_definition_that_gcloud_reads_and_grows_with_what_is_asked() -> None:
    small = yaml.safe_load(GcpProvider().role(frozenset({Facet.STORES}), sniff=False, heads=False))
    whole = yaml.safe_load(GcpProvider().role(frozenset(Facet), sniff=True, heads=True))
    assert small["stage"] == "GA"
    assert set(small["includedPermissions"]) < set(whole["includedPermissions"])
    assert "storage.objects.get" in whole["includedPermissions"]
    verbs = {name.rpartition(".")[2] for name in whole["includedPermissions"]}
    assert not [verb for verb in verbs if not verb.startswith(("get", "list", "search"))]


def test_the_demo_project_keeps_the_contract() -> None:
    with demo() as cloud:
        scope = Scope(frozenset(Facet), versions=True, endpoint_url=cloud.endpoint_url, options=cloud.options)
        assert_provider_contract(GcpProvider(), scope)
