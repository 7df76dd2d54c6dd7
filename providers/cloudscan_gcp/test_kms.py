"""Keys of Cloud KMS against Google's wire formats on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudscan.model import Answer, Coverage, Gap, Key, PolicyDocument, Why
from cloudscan.provider import Collected, Facet, Scope
from cloudscan_gcp import GcpProvider, kms
from cloudscan_gcp.accounts import Bucket, ProjectScope
from cloudscan_gcp.standin.errors import GoogleError
from cloudscan_gcp.standin.server import Endpoint

Projects = Callable[..., ProjectScope]
RING = "projects/acme-calls/locations/eu/keyRings/voice"
NAME = f"{RING}/cryptoKeys/calls"
TOLD: dict[str, Any] = {
    "name": NAME,
    "purpose": "ENCRYPT_DECRYPT",
    "createTime": "2025-01-01T00:00:00Z",
    "rotationPeriod": "7776000s",
    "nextRotationTime": "2026-12-01T00:00:00Z",
    "primary": {"name": f"{NAME}/cryptoKeyVersions/1", "state": "ENABLED", "protectionLevel": "SOFTWARE"},
}
POLICY = {
    "version": 3,
    "etag": "BwYA",
    "bindings": [{"role": "roles/cloudkms.cryptoKeyEncrypterDecrypter", "members": ["user:ann@example.com"]}],
}
ELSEWHERE = "projects/keys-of-all/locations/eu/keyRings/shared/cryptoKeys/voice"
OFF = {"service": "cloudasset.googleapis.com", "consumer": "projects/123456789012"}


@pytest.fixture
def held(google: Endpoint) -> Endpoint:
    """A key in one of two locations, and no asset inventory."""
    google.answer(
        "/v1/projects/acme-calls/assets", GoogleError(403, "Cloud Asset API is off.", "SERVICE_DISABLED", metadata=OFF)
    )
    places = [{"name": f"projects/acme-calls/locations/{name}", "locationId": name} for name in ("eu", "global")]
    google.pages("/v1/projects/acme-calls/locations", places, api="cloudkms", largest=1)
    google.pages("/v1/projects/acme-calls/locations/global/keyRings", [])
    google.pages("/v1/projects/acme-calls/locations/eu/keyRings", [{"name": RING}])
    google.pages(f"/v1/{RING}/cryptoKeys", [TOLD])
    google.answer(f"/v1/{RING}:getIamPolicy", {"etag": "ACAB"})
    google.answer(f"/v1/{NAME}:getIamPolicy", POLICY, **{"options.requestedPolicyVersion": "3"})
    return google


def collected(project: ProjectScope, name: str = "kms") -> list[Collected]:
    units = {unit.key: unit for unit in kms.units(project)}
    return list(units[f"gcp/acme-calls/{name}"].run())


def of(items: list[Collected], kind: type) -> list[Any]:
    return [item for item in items if isinstance(item, kind)]


def test_a_key_with_its_policies(held: Endpoint, project: Projects) -> None:
    items = collected(project(Facet.KEYS))
    assert of(items, Key) == [
        Key(
            id=NAME,
            provider="gcp",
            account="acme-calls",
            region="eu",
            manager="customer",
            state="enabled",
            rotates=Answer.YES,
            rotation_days=90,
            rotation_possible=Answer.YES,
            has_policy=Answer.YES,
            grants=(),
            aliases=("projects/123456789012/locations/eu/keyRings/voice/cryptoKeys/calls",),
        )
    ]
    policies = {each.attached_to: each for each in of(items, PolicyDocument)}
    assert set(policies) == {(NAME,), (RING,)}
    assert (policies[NAME,].id, policies[NAME,].kind) == (f"{NAME}#iam", "key")
    assert json.loads(policies[NAME,].document) == POLICY
    assert of(items, Gap) == []
    assert held.requests.total() == 9  # a token, the inventory, 2 pages of locations, 2 + 1 lists, 2 policies
    assert of(items, Coverage) == [Coverage("gcp", "acme-calls", Facet.KEYS, 7, 7)]


def test_the_asset_inventory_tells_all_keys_at_once(held: Endpoint, project: Projects) -> None:
    asset = {"name": f"//cloudkms.googleapis.com/{NAME}", "assetType": "cloudkms.googleapis.com/CryptoKey"}
    held.pages("/v1/projects/acme-calls/assets", [asset | {"resource": {"data": TOLD}}])
    items = collected(project(Facet.KEYS))
    assert [(key.id, key.rotation_days) for key in of(items, Key)] == [(NAME, 90)]
    assert held.requests["cloudkms.projects.locations.list"] == 0
    assert held.requests.total() == 4


def test_a_key_that_the_inventory_does_not_know_yet_is_asked_for(held: Endpoint, project: Projects) -> None:
    held.pages("/v1/projects/acme-calls/assets", [])
    held.answer(f"/v1/{NAME}", TOLD)
    numbered = NAME.replace("acme-calls", "123456789012")
    for name in (NAME, numbered):
        items = collected(replace(project(Facet.KEYS), buckets=buckets(name, ELSEWHERE)))
        (key,) = of(items, Key)
        assert (key.id, key.account, key.aliases) == (NAME, "acme-calls", (numbered,))
        assert {each.attached_to for each in of(items, PolicyDocument)} == {(NAME,), (RING,)}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"primary": {"state": "DISABLED"}}, ("disabled", Answer.YES, Answer.YES, None)),
        (
            {"primary": {"state": "DESTROY_SCHEDULED", "destroyTime": "2026-12-24T00:00:00Z"}},
            ("pending-deletion", Answer.YES, Answer.YES, datetime(2026, 12, 24, tzinfo=UTC)),
        ),
        ({"primary": {"state": "DESTROYED"}}, ("DESTROYED", Answer.YES, Answer.YES, None)),
        ({"rotationPeriod": None}, ("enabled", Answer.NO, Answer.YES, None)),
        ({"rotationPeriod": None, "importOnly": True}, ("enabled", Answer.NO, Answer.NO, None)),
        ({"rotationPeriod": None, "primary": None, "purpose": "MAC"}, (None, Answer.NO, Answer.NO, None)),
        (
            {"rotationPeriod": None, "primary": {"state": "ENABLED", "protectionLevel": "EXTERNAL_VPC"}},
            ("enabled", Answer.NO, Answer.UNKNOWN, None),
        ),
    ],
)
def test_states_and_rotation(change: dict[str, Any], told: tuple[object, ...]) -> None:
    payload = {name: value for name, value in (TOLD | change).items() if value is not None}
    key = kms.key(payload, "acme-calls")
    assert (key.state, key.rotates, key.rotation_possible, key.deletion_date) == told


def test_a_key_whose_policy_may_not_be_read_is_kept(held: Endpoint, project: Projects) -> None:
    held.faults.add("denied", "cloudkms.projects.locations.keyRings.cryptoKeys.getIamPolicy")
    items = collected(project(Facet.KEYS))
    (key,) = of(items, Key)
    assert key.has_policy is Answer.UNKNOWN
    (gap,) = of(items, Gap)
    assert (gap.resource, gap.why, gap.permission) == (NAME, Why.DENIED, "cloudkms.cryptoKeys.getIamPolicy")


def test_what_is_refused_in_every_location_is_told_once(held: Endpoint, project: Projects) -> None:
    held.faults.add("denied", "cloudkms.projects.locations.keyRings.list")
    (gap,) = of(collected(project(Facet.KEYS)), Gap)
    assert (gap.facet, gap.resource, gap.why) == (Facet.KEYS, "acme-calls", Why.DENIED)
    assert held.requests["cloudkms.projects.locations.keyRings.list"] == 2


@pytest.mark.parametrize("method", ["cloudkms.projects.locations.list", "cloudkms.projects.locations.keyRings.list"])
def test_an_api_that_is_off_is_not_asked_on(held: Endpoint, project: Projects, method: str) -> None:
    held.faults.add("disabled", method)
    items = collected(project(Facet.KEYS))
    (gap,) = of(items, Gap)
    assert (gap.why, gap.detail.partition(": ")[2][:9]) == (Why.DISABLED, "not used:")
    assert "gcloud services enable cloudkms.googleapis.com" in gap.detail
    assert held.requests[method] <= 1
    assert of(items, Key) == []


def test_what_is_no_name_of_a_key_is_told(held: Endpoint, project: Projects) -> None:
    held.pages(f"/v1/{RING}/cryptoKeys", [{"name": "calls", "purpose": "ENCRYPT_DECRYPT"}])
    items = collected(project(Facet.KEYS))
    assert [gap.why for gap in of(items, Gap)] == [Why.MALFORMED]
    assert of(items, Key) == []


def buckets(*keys: str) -> tuple[Bucket, ...]:
    return tuple(Bucket(f"b{number}", {"encryption": {"defaultKmsKeyName": key}}) for number, key in enumerate(keys))


def elsewhere(*projects: ProjectScope) -> list[Collected]:
    return [item for unit in kms.units_elsewhere(projects) for item in unit.run()]


def test_keys_of_another_project_that_buckets_name_are_asked_for_once(google: Endpoint, project: Projects) -> None:
    ring = ELSEWHERE.rpartition("/cryptoKeys/")[0]
    names = [ELSEWHERE, f"{ring}/cryptoKeys/words"]
    for name in names:
        google.answer(f"/v1/{name}", TOLD | {"name": name})
        google.answer(f"/v1/{name}:getIamPolicy", POLICY)
    google.answer(f"/v1/{ring}:getIamPolicy", {"etag": "ACAB"})
    own = NAME.replace("acme-calls", "123456789012")
    made = replace(project(Facet.KEYS), buckets=buckets(NAME, own, *names))
    other = replace(made, id="other", number="9", buckets=buckets(NAME, ELSEWHERE))
    items = elsewhere(made, other)
    assert [(key.id, key.account, key.aliases) for key in of(items, Key)] == [(n, "keys-of-all", ()) for n in names]
    assert {each.account for each in of(items, PolicyDocument)} == {"keys-of-all"}
    assert [each.id for each in of(items, PolicyDocument)] == [f"{node}#iam" for node in (*names, ring)]
    assert of(items, Coverage) == [Coverage("gcp", "keys-of-all", Facet.KEYS, 5, 5)]
    assert google.requests.total() == 1 + 5


def test_a_plan_has_one_unit_for_the_keys_of_a_project_that_is_not_looked_at(
    google: Endpoint, scope: Callable[..., Scope]
) -> None:
    told = {"name": "projects/123456789012", "projectId": "acme-calls", "state": "ACTIVE"}
    google.answer("/v3/projects/acme-calls", told)
    buckets = [{"name": f"b{number}", "encryption": {"defaultKmsKeyName": ELSEWHERE}} for number in range(2)]
    google.pages("/storage/v1/b", buckets, project="acme-calls")
    plan = GcpProvider().plan(scope(Facet.STORES, Facet.KEYS, options={"project": ("acme-calls",)}))
    assert [unit.key for unit in plan.units if "kms" in unit.key] == [
        "gcp/acme-calls/kms",
        "gcp/keys-of-all/kms-elsewhere",
    ]
    assert any("for each key and key ring" in note for note in plan.notes)


def test_one_that_may_not_be_read_is_a_gap_of_the_key(google: Endpoint, project: Projects) -> None:
    google.answer(f"/v1/{ELSEWHERE}", TOLD | {"name": ELSEWHERE})
    google.faults.add("denied", "cloudkms.projects.locations.keyRings.cryptoKeys.get")
    items = elsewhere(replace(project(Facet.KEYS), buckets=buckets(ELSEWHERE, "keys/unheard-of")))
    assert {(gap.resource, gap.why) for gap in of(items, Gap)} == {
        (ELSEWHERE, Why.DENIED),
        ("keys/unheard-of", Why.MALFORMED),
    }
    assert of(items, Key) == []


def test_nothing_is_asked_that_no_check_wants(project: Projects) -> None:
    assert list(kms.units(project(Facet.STORES))) == []
    assert elsewhere(replace(project(Facet.STORES), buckets=buckets(ELSEWHERE))) == []
