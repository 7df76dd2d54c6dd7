"""Buckets with their settings and policies, against Google's wire formats on loopback."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudscan.model import (
    AclGrant,
    Answer,
    Coverage,
    Encryption,
    Gap,
    LogSource,
    PolicyDocument,
    RetentionLock,
    Store,
    Why,
)
from cloudscan.provider import Collected, Facet, Scope
from cloudscan_gcp import GcpProvider, buckets, buckets_read
from cloudscan_gcp.accounts import Bucket, ProjectScope
from cloudscan_gcp.discovery import Session, find
from cloudscan_gcp.standin.errors import GoogleError
from cloudscan_gcp.standin.server import Endpoint
from cloudscan_gcp.standin.state import Asked

Projects = Callable[..., ProjectScope]
KEY = "projects/acme-calls/locations/eu/keyRings/calls/cryptoKeys/recordings"
PLAIN: dict[str, Any] = {
    "kind": "storage#bucket",
    "id": "calls",
    "name": "calls",
    "projectNumber": "123456789012",
    "location": "EUROPE-WEST3",
    "storageClass": "STANDARD",
    "timeCreated": "2026-01-02T03:04:05.678Z",
    "iamConfiguration": {
        "publicAccessPrevention": "inherited",
        "uniformBucketLevelAccess": {"enabled": True, "lockedTime": "2026-04-02T03:04:05.678Z"},
    },
    "softDeletePolicy": {"retentionDurationSeconds": "604800", "effectiveTime": "2026-01-02T03:04:05.678Z"},
}
FULL: dict[str, Any] = PLAIN | {
    "encryption": {"defaultKmsKeyName": KEY},
    "versioning": {"enabled": True},
    "lifecycle": {"rule": [{"action": {"type": "Delete"}, "condition": {"age": 90, "isLive": True}}]},
    "retentionPolicy": {"retentionPeriod": "2592000", "isLocked": True, "effectiveTime": "2026-01-02T03:04:05.678Z"},
    "logging": {"logBucket": "acme-logs", "logObjectPrefix": "calls"},
    "billing": {"requesterPays": True},
    "labels": {"team": "voice"},
}
FINE = PLAIN | {
    "iamConfiguration": {"publicAccessPrevention": "inherited", "uniformBucketLevelAccess": {"enabled": False}},
    "acl": [
        {"entity": "project-owners-123456789012", "role": "OWNER"},
        {"entity": "project-viewers-999", "role": "READER"},
        {"entity": "user-bot@acme-calls.iam.gserviceaccount.com", "role": "WRITER"},
        {"entity": "user-ann@example.com", "role": "READER"},
        {"entity": "group-agents@example.com", "role": "READER"},
        {"entity": "domain-example.com", "role": "READER"},
        {"entity": "allAuthenticatedUsers", "role": "READER"},
        {"entity": "allUsers", "role": "READER"},
    ],
}
POLICY = {
    "kind": "storage#policy",
    "version": 3,
    "etag": "CAE=",
    "bindings": [
        {
            "role": "roles/storage.objectViewer",
            "members": ["allUsers"],
            "condition": {"title": "soon", "expression": 'request.time < timestamp("2027-01-01T00:00:00Z")'},
        }
    ],
}


def read(told: dict[str, Any], project: ProjectScope) -> Store:
    return buckets_read.store(Bucket("calls", told), project)


def collected(project: ProjectScope, told: dict[str, Any]) -> list[Collected]:
    return list(buckets.collect(project, Bucket("calls", told)))


def of(items: list[Collected], kind: type) -> list[Any]:
    return [item for item in items if isinstance(item, kind)]


def test_a_bucket_with_every_setting(project: Projects) -> None:
    store = read(FULL, project(constraints={"storage.secureHttpTransport": Answer.YES}))
    assert store == Store(
        id="gs://calls",
        provider="gcp",
        account="acme-calls",
        region="europe-west3",
        name="calls",
        created=datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC),
        encryption=Encryption("customer", KEY),
        controls={
            "publicAccessPrevention": Answer.UNKNOWN,
            "uniformBucketLevelAccess": Answer.YES,
            "requesterPays": Answer.YES,
            "ipFilter": Answer.NO,
        },
        acl=(),
        tls_required=Answer.YES,
        versioning="enabled",
        lifecycle=store.lifecycle,
        lock=RetentionLock(Answer.YES, "locked", 30, keeps_current=True, holds=True),
        soft_delete_days=7,
        keeps_deleted=Answer.YES,
        replication=(),
        labels={"team": "voice"},
    )
    assert [(rule.action, rule.days, rule.acts_on) for rule in store.lifecycle or ()] == [("delete", 90, "current")]


def test_rules_by_class_of_a_bucket_with_autoclass_are_not_understood(project: Projects) -> None:
    rule = {"action": {"type": "Delete"}, "condition": {"age": 90, "matchesStorageClass": ["STANDARD"]}}
    for enabled in (True, False):
        (read_rule,) = (
            read(PLAIN | {"autoclass": {"enabled": enabled}, "lifecycle": {"rule": [rule]}}, project()).lifecycle or ()
        )
        assert bool(read_rule.unread) is enabled


def test_a_bucket_with_no_setting_of_its_own(project: Projects) -> None:
    store = read(PLAIN, project())
    assert (store.encryption, store.versioning, store.lifecycle) == (Encryption("provider"), "off", ())
    assert (store.lock, store.labels) == (RetentionLock(Answer.NO, keeps_current=True, holds=True), {})
    assert store.tls_required is Answer.UNKNOWN


@pytest.mark.parametrize(
    ("own", "inherited", "in_force"),
    [
        ("enforced", Answer.NO, Answer.YES),
        ("enforced", None, Answer.YES),
        ("inherited", Answer.YES, Answer.YES),
        ("inherited", Answer.NO, Answer.NO),
        ("inherited", None, Answer.UNKNOWN),
        ("unspecified", Answer.NO, Answer.NO),
        (None, Answer.NO, Answer.UNKNOWN),
    ],
)
def test_public_access_is_prevented_by_the_bucket_or_from_above(
    project: Projects, own: str | None, inherited: Answer | None, in_force: Answer
) -> None:
    told = PLAIN | {"iamConfiguration": {"publicAccessPrevention": own} if own else {}}
    constraints = {} if inherited is None else {"storage.publicAccessPrevention": inherited}
    assert read(told, project(constraints=constraints)).controls["publicAccessPrevention"] is in_force


def test_an_access_control_list_names_members_as_policies_do(project: Projects) -> None:
    assert read(FINE, project()).acl == (
        AclGrant("projectOwner:acme-calls", "OWNER"),
        AclGrant("projectViewer:999", "READER"),
        AclGrant("serviceAccount:bot@acme-calls.iam.gserviceaccount.com", "WRITER"),
        AclGrant("user:ann@example.com", "READER"),
        AclGrant("group:agents@example.com", "READER"),
        AclGrant("domain:example.com", "READER"),
        AclGrant("anyone-signed-in", "READER"),
        AclGrant("anyone", "READER"),
    )


def test_objects_that_may_be_locked_each_by_itself(project: Projects) -> None:
    assert read(PLAIN | {"objectRetention": {"mode": "Enabled"}}, project()).lock == RetentionLock(
        Answer.YES, keeps_current=True, holds=True
    )


def test_all_buckets_of_a_project_take_two_lists_and_each_its_policies(
    google: Endpoint, scope: Callable[..., Scope]
) -> None:
    google.answer("/v3/projects/acme-calls", {"name": "projects/123456789012", "projectId": "acme-calls"})
    names = ["calls", "archive", "notes"]
    google.pages("/storage/v1/b", [PLAIN | {"name": name, "id": name} for name in names], project="acme-calls")
    google.answer("/storage/v1/b/*/iam", POLICY, optionsRequestedPolicyVersion="3")
    google.pages("/storage/v1/b/*/managedFolders", [])
    google.pages("/storage/v1/b/*/o", [])
    (found, *_), _ = find(Session.open(scope(Facet.STORES, Facet.POLICY, Facet.OBJECTS, options=NAMED)))
    assert found.project is not None
    units = list(buckets.units(found.project))
    items = [item for unit in units for item in unit.run()]
    assert {each.id for each in of(items, Store)} == {"gs://calls", "gs://archive", "gs://notes"}
    assert google.requests == Counter(
        {
            "token": 1,
            "cloudresourcemanager.projects.get": 1,
            "orgpolicy.projects.policies.getEffectivePolicy": 3,
            "storage.buckets.list": 2,
            "storage.buckets.getIamPolicy": 3,
            "storage.managedFolders.list": 3,
            "storage.objects.list": 3,
        }
    )
    assert sum(unit.requests for unit in units) == 9
    google.unanswered.clear()  # what organization policies say matters to another test


NAMED: dict[str, object] = {"project": ("acme-calls",)}


@pytest.mark.parametrize("told", [FULL, FINE, PLAIN | {"ipFilter": {"mode": "Enabled"}}], ids=["full", "fine", "plain"])
def test_the_list_asks_for_all_that_is_read_of_a_bucket(
    google: Endpoint, scope: Callable[..., Scope], told: dict[str, Any]
) -> None:
    google.answer("/v3/projects/acme-calls", {"name": "projects/123456789012", "projectId": "acme-calls"})
    google.pages("/storage/v1/b", [told | {"cors": [{"maxAgeSeconds": 1}]}])
    (found, *_), _ = find(Session.open(scope(Facet.STORES, Facet.ACL, options=NAMED)))
    google.unanswered.clear()  # what organization policies say matters to another test
    assert found.project is not None
    (bucket,) = found.project.buckets
    assert "cors" not in bucket.told
    assert buckets_read.store(bucket, found.project) == read(told, found.project)
    assert list(buckets_read.usage_log(bucket, found.project)) == list(
        buckets_read.usage_log(Bucket("calls", told), found.project)
    )


def test_a_policy_is_kept_as_it_came_with_its_conditions(google: Endpoint, project: Projects) -> None:
    google.answer("/storage/v1/b/calls/iam", POLICY, optionsRequestedPolicyVersion="3")
    google.pages("/storage/v1/b/calls/managedFolders", [])
    items = collected(project(Facet.POLICY), PLAIN)
    assert [store.has_policy for store in of(items, Store)] == [Answer.YES]
    (document,) = of(items, PolicyDocument)
    assert (document.id, document.kind, document.attached_to) == ("gs://calls#iam", "resource", ("gs://calls",))
    assert json.loads(document.document) == POLICY


def test_managed_folders_have_policies_of_their_own(google: Endpoint, project: Projects) -> None:
    google.answer("/storage/v1/b/calls/iam", POLICY)
    folders = [{"kind": "storage#managedFolder", "bucket": "calls", "name": name} for name in ("a b/", "2026/ü/")]
    google.pages("/storage/v1/b/calls/managedFolders", folders, largest=1)
    google.answer("/storage/v1/b/calls/managedFolders/a%20b%2F/iam", POLICY, optionsRequestedPolicyVersion="3")
    google.answer("/storage/v1/b/calls/managedFolders/*/iam", GoogleError(403))
    google.answer("/storage/v1/b/calls/managedFolders/a%20b%2F/iam", POLICY)
    items = collected(project(Facet.POLICY), PLAIN)
    assert [each.attached_to for each in of(items, PolicyDocument)] == [("gs://calls",), ("gs://calls/a b/",)]
    (gap,) = of(items, Gap)
    assert (gap.resource, gap.permission) == ("gs://calls/2026/ü/", "storage.managedFolders.getIamPolicy")


def test_without_uniform_access_there_are_lists_and_no_managed_folders(google: Endpoint, project: Projects) -> None:
    google.answer("/storage/v1/b/calls/iam", POLICY)
    collected(project(Facet.POLICY, Facet.ACL), FINE)
    assert google.requests["storage.managedFolders.list"] == 0


def test_lists_that_the_caller_may_not_see_are_a_gap(project: Projects) -> None:
    told = {name: value for name, value in FINE.items() if name != "acl"}
    items = collected(project(Facet.ACL), told)
    (gap,) = of(items, Gap)
    assert (gap.facet, gap.why, gap.permission) == (Facet.ACL, Why.DENIED, "storage.buckets.getIamPolicy")
    assert [(each.asked, each.answered) for each in of(items, Coverage)] == [(1, 0)]


def test_readers_who_pay_name_a_project(google: Endpoint, project: Projects) -> None:
    google.answer("/storage/v1/b/calls/iam", POLICY, userProject="acme-calls")
    google.pages("/storage/v1/b/calls/managedFolders", [])
    google.pages("/storage/v1/b/calls/o", [], userProject="acme-calls")
    assert of(collected(project(Facet.POLICY, Facet.OBJECTS), FULL), Gap) == []
    google.answer("/storage/v1/b/calls/iam", POLICY, userProject="acme-billing")
    assert of(collected(project(Facet.POLICY, options={"quota-project": "acme-billing"}), FULL), Gap) == []


def test_tags_in_effect_are_asked_where_the_bucket_lies(google: Endpoint, project: Projects) -> None:
    tag = {"namespacedTagKey": "1/env", "namespacedTagValue": "1/env/prod"}
    hosts = []

    def tell(asked: Asked) -> dict[str, Any]:
        hosts.append(asked.headers["host"])
        return {"effectiveTags": [tag]}

    google.answer("/v3/effectiveTags", tell, parent="//storage.googleapis.com/projects/_/buckets/calls")
    (store,) = of(collected(project(Facet.ORGANIZATION), PLAIN), Store)
    assert store.tags == {"1/env": "prod"}
    assert hosts == ["europe-west3-cloudresourcemanager.googleapis.com"]


def test_a_bucket_with_tags_of_its_own_may_be_an_exception_from_what_holds_for_its_project(project: Projects) -> None:
    held = replace(project(constraints={"storage.publicAccessPrevention": Answer.YES}), tags={"1/env": "prod"})
    alike = buckets_read.store(Bucket("calls", PLAIN), held, {"1/env": "prod"})
    other = buckets_read.store(Bucket("calls", PLAIN), held, {"1/env": "prod", "1/public": "yes"})
    assert alike.controls["publicAccessPrevention"] is Answer.YES
    assert other.controls["publicAccessPrevention"] is Answer.UNKNOWN


def test_usage_logs_record_reads(project: Projects) -> None:
    (source,) = of(collected(project(Facet.LOGGING), FULL), LogSource)
    assert (source.kind, source.target, source.reads) == ("usage-log", "gs://acme-logs/calls", Answer.YES)


def test_a_bucket_that_was_deleted_meanwhile_leaves_a_gap_and_no_record(google: Endpoint, project: Projects) -> None:
    google.faults.add("vanished", "storage.buckets.getIamPolicy")
    items = collected(project(), FULL)
    (gap,) = of(items, Gap)
    assert (gap.why, gap.resource, of(items, Store)) == (Why.VANISHED, "gs://calls", [])


def test_what_is_denied_names_the_permission_and_the_command(google: Endpoint, project: Projects) -> None:
    google.faults.add("denied", "storage.buckets.getIamPolicy")
    google.pages("/storage/v1/b/calls/managedFolders", [])
    items = collected(project(Facet.POLICY), PLAIN)
    (gap,) = of(items, Gap)
    assert (gap.why, gap.permission) == (Why.DENIED, "storage.buckets.getIamPolicy")
    command = "gcloud iam roles update cloudscan --project=acme-calls --add-permissions=storage.buckets.getIamPolicy"
    assert gap.detail == f"forbidden: {command}"
    (store,) = of(items, Store)
    assert store.has_policy is Answer.UNKNOWN


def test_buckets_that_were_not_reached_are_a_gap(google: Endpoint, scope: Callable[..., Scope]) -> None:
    google.answer("/v3/projects/acme-calls", {"name": "projects/123456789012", "projectId": "acme-calls"})
    lost = ["projects/_/buckets/far"]
    google.answer("/storage/v1/b", {"kind": "storage#buckets", "items": [PLAIN], "unreachable": lost})
    plan = GcpProvider().plan(scope(Facet.STORES, options=NAMED))
    items = [item for unit in plan.units for item in unit.run()]
    assert [gap.detail for gap in of(items, Gap)] == ["1 buckets in places that were not reached"]
    assert len(of(items, Store)) == 1
