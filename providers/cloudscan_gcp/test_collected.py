"""From the wire to an answer: what collectors make of policies, groups and roles is what the evaluator asks about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cloudscan.access import ALWAYS, Context
from cloudscan.access.conditions import NEVER
from cloudscan.collection.run import collect
from cloudscan.errors import CredentialsExpired
from cloudscan.estate import Estate
from cloudscan.model import Coverage, Gap, Why
from cloudscan.provider import Facet, Scope
from cloudscan.testing import assert_provider_contract, collect_all
from cloudscan_gcp import GcpProvider
from cloudscan_gcp.facts import Facts
from cloudscan_gcp.standin.errors import GoogleError
from cloudscan_gcp.standin.server import Endpoint
from cloudscan_gcp.test_hierarchy import BOUNDARIES, TOP, of, point

NAME, FOLDER, NUMBER = "projects/acme-calls", "folders/10", "123456789012"
READ, TOKEN = "storage.objects.get", "iam.serviceAccounts.getAccessToken"
CALL, OTHER = "gs://calls/cara/1.wav", "gs://calls/other/1.wav"
BOT = "serviceAccount:bot@acme-calls.iam.gserviceaccount.com"
POOL = f"projects/{NUMBER}/locations/global/workloadIdentityPools/clouds"
NAMED: dict[str, object] = {"project": ("acme-calls",)}
ASKED = (
    Facet.STORES,
    Facet.POLICY,
    Facet.PUBLIC_ACCESS,
    Facet.ORGANIZATION,
    Facet.PRINCIPALS,
    Facet.CREDENTIALS,
    Facet.FEDERATIONS,
    Facet.WORKLOADS,
)
IDENTITIES = (
    *("hierarchy", "perimeters", "roles", "service-accounts", "federations"),
    *("instances", "functions", "containers"),
)
"""The services that are asked about identities and compute."""
Scopes = Callable[..., Scope]


def bindings(*bound: tuple[str, str] | tuple[str, str, str]) -> dict[str, Any]:
    told: list[dict[str, Any]] = []
    for role, member, *condition in bound:
        told.append(
            {"role": role, "members": [member]} | ({"condition": {"expression": condition[0]}} if condition else {})
        )
    return {"version": 3, "bindings": told}


@pytest.fixture
def acme(google: Endpoint) -> Endpoint:
    """A bucket in a project below a folder and an organization, each with policies that matter to it."""
    google.fresh(NAME, FOLDER, TOP, "namespaces/acme-calls", "b/calls/managedFolders")
    google.answer(f"/v3/{NAME}", {"name": f"projects/{NUMBER}", "projectId": "acme-calls", "parent": FOLDER})
    above = [("project", "acme-calls"), ("folder", "10"), ("organization", "1")]
    google.answer(
        f"/v1/{NAME}:getAncestry", {"ancestor": [{"resourceId": {"type": kind, "id": name}} for kind, name in above]}
    )
    google.answer("/v2/projects/*/policies/*:getEffectivePolicy", {})
    google.pages("/v3/effectiveTags", [])
    google.answer(f"/v3/{TOP}", {"name": TOP, "displayName": "acme.example"})
    google.undocumented(BOUNDARIES, {})
    _storage(google)
    _policies(google)
    _roles(google)
    _people(google)
    return google


def _storage(google: Endpoint) -> None:
    uniform = {"uniformBucketLevelAccess": {"enabled": True}, "publicAccessPrevention": "enforced"}
    google.pages("/storage/v1/b", [{"name": "calls", "location": "EU", "iamConfiguration": uniform}])
    google.answer("/storage/v1/b/calls/iam", bindings(("roles/storage.objectViewer", BOT)))
    google.pages(f"/storage/v1/{NAME}/hmacKeys", [])


def _policies(google: Endpoint) -> None:
    google.answer(f"/v3/{TOP}:getIamPolicy", {})
    google.answer(f"/v3/{FOLDER}:getIamPolicy", bindings((f"{TOP}/roles/listener", "group:listeners@acme.example")))
    own = 'resource.name.startsWith("projects/_/buckets/calls/objects/cara/")'
    google.answer(
        f"/v3/{NAME}:getIamPolicy",
        bindings(
            ("roles/storage.objectViewer", "user:cara@acme.example", own),
            (f"{NAME}/roles/gone", "user:dora@acme.example"),
            ("roles/storage.objectViewer", f"principalSet://iam.googleapis.com/{POOL}/attribute.team/voice"),
        ),
    )
    place = f"policies/{point(FOLDER)}/denypolicies"
    rule = {
        "deniedPrincipals": ["principal://goog/subject/eve@acme.example"],
        "deniedPermissions": ["storage.googleapis.com/objects.get"],
    }
    google.pages(f"/v2/{place}", [{"name": f"{place}/no-eve"}])
    google.answer(f"/v2/{place}/no-eve", {"name": f"{place}/no-eve", "rules": [{"denyRule": rule}]})


def _roles(google: Endpoint) -> None:
    for name in ("storage.objectViewer", "iam.serviceAccountTokenCreator"):
        given = {"storage.objectViewer": READ}.get(name, TOKEN)
        google.answer(f"/v1/roles/{name}", {"name": f"roles/{name}", "includedPermissions": [given]})
    google.pages(f"/v1/{TOP}/roles", [{"name": f"{TOP}/roles/listener", "includedPermissions": [READ]}])
    gone = {"name": f"{NAME}/roles/gone", "includedPermissions": [READ], "deleted": True}
    google.pages(f"/v1/{NAME}/roles", [gone])


def _people(google: Endpoint) -> None:
    email = BOT.partition(":")[2]
    google.pages(f"/v1/{NAME}/serviceAccounts", [{"email": email, "uniqueId": "7"}])
    trust = bindings(("roles/iam.serviceAccountTokenCreator", "user:ben@acme.example"))
    google.answer(f"/v1/{NAME}/serviceAccounts/{email}:getIamPolicy", trust)
    held = {
        "listeners": [("GROUP", "night@acme.example"), ("USER", "eve@acme.example")],
        "night": [("USER", "ana@acme.example")],
    }
    for group, members in held.items():
        asked: dict[str, Any] = {"groupKey.id": f"{group}@acme.example"}
        google.answer("/v1/groups:lookup", {"name": f"groups/{group}"}, **asked)
        entries = [{"type": kind, "preferredMemberKey": {"id": key}} for kind, key in members]
        google.pages(f"/v1/groups/{group}/memberships", entries)


def facts_of(scope: Scope) -> tuple[Facts, list[Gap]]:
    records, _, _ = collect_all(GcpProvider(), scope)
    gaps = of(records, Gap)
    return Facts(Estate.of([record for record in records if not isinstance(record, Gap)], gaps)), gaps


@pytest.mark.parametrize(
    ("who", "permission", "what", "may"),
    [
        (BOT, READ, OTHER, True),
        ("user:ana@acme.example", READ, OTHER, True),
        ("user:ANA@acme.example", READ, OTHER, True),
        ("user:eve@acme.example", READ, OTHER, False),
        ("user:cara@acme.example", READ, CALL, True),
        ("user:cara@acme.example", READ, OTHER, False),
        ("user:dora@acme.example", READ, OTHER, False),
        ("user:ben@acme.example", TOKEN, BOT, True),
        ("user:ben@acme.example", READ, OTHER, False),
        ("user:ana@acme.example", TOKEN, BOT, False),
    ],
)
def test_what_was_collected_answers_who_may_do_what(
    acme: Endpoint, scope: Scopes, who: str, permission: str, what: str, may: bool
) -> None:
    facts, gaps = facts_of(scope(*ASKED, options=NAMED))
    assert gaps == []
    assert facts.decide(who, permission, what).condition is (ALWAYS if may else NEVER)


def test_who_comes_through_a_pool_reads_if_its_token_says_so(acme: Endpoint, scope: Scopes) -> None:
    facts, _ = facts_of(scope(*ASKED, options=NAMED))
    may = facts.decide(f"principal://iam.googleapis.com/{POOL}/subject/x", READ, OTHER, Context())
    assert may.condition not in (ALWAYS, NEVER)
    assert "attribute.team" in repr(may.condition)


def test_an_account_that_is_off_reads_nothing(acme: Endpoint, scope: Scopes) -> None:
    account = {"email": BOT.partition(":")[2], "uniqueId": "7", "disabled": True}
    acme.pages(f"/v1/{NAME}/serviceAccounts", [account])
    facts, _ = facts_of(scope(*ASKED, options=NAMED))
    assert facts.decide(BOT, READ, OTHER).condition is NEVER


@pytest.mark.parametrize(
    ("path", "who", "said"),
    [
        (f"/v3/{FOLDER}:getIamPolicy", "user:ana@acme.example", FOLDER),
        ("/v1/groups/night/memberships", "user:ana@acme.example", "group:night@acme.example"),
        (f"/v1/{TOP}/roles", "user:ana@acme.example", "organizations/1/roles/listener"),
        ("/v1/roles/storage.objectViewer", BOT, "roles/storage.objectViewer"),
    ],
)
def test_what_was_refused_leaves_the_answer_open_and_says_why(
    acme: Endpoint, scope: Scopes, path: str, who: str, said: str
) -> None:
    acme.answer(path, GoogleError(403, reason="IAM_PERMISSION_DENIED"))
    facts, gaps = facts_of(scope(*ASKED, options=NAMED))
    may = facts.decide(who, READ, OTHER)
    assert may.condition not in (ALWAYS, NEVER)
    assert said in repr(may.condition)
    assert gaps != []


def test_identities_keep_the_contract_of_providers(acme: Endpoint, scope: Scopes) -> None:
    assert_provider_contract(GcpProvider(), scope(*ASKED, options=NAMED))


@pytest.mark.parametrize("method", ["iam.roles.get", "cloudidentity.groups.memberships.list"])
def test_what_was_taken_on_by_a_unit_that_did_not_end_is_asked_for_when_it_is_run_again(
    acme: Endpoint, scope: Scopes, tmp_path: Path, method: str
) -> None:
    given = scope(*ASKED, options=NAMED, workers=1)
    acme.faults.add("expired", method)
    with pytest.raises(CredentialsExpired):
        collect([GcpProvider()], {"gcp": given}, tmp_path / "snapshot")
    acme.faults.clear()
    collect([GcpProvider()], {"gcp": given}, tmp_path / "snapshot")
    facts = Facts(Estate.open(tmp_path / "snapshot"))
    for who in (BOT, "user:ana@acme.example"):
        assert facts.decide(who, READ, OTHER).condition is ALWAYS


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("denied", Why.DENIED),
        ("disabled", Why.DISABLED),
        ("quota", Why.THROTTLED),
        ("vanished", Why.VANISHED),
        ("malformed", Why.MALFORMED),
        ("broken", Why.ERROR),
    ],
)
def test_whatever_fails_half_way_is_a_gap_and_ends_nothing(acme: Endpoint, scope: Scopes, kind: Any, why: Why) -> None:
    plan = GcpProvider().plan(scope(*ASKED, options=NAMED))
    acme.faults.add(kind, "*")
    services = (unit for unit in plan.units if unit.key.rpartition("/")[2] in IDENTITIES)
    items = [item for unit in services for item in unit.run()]
    assert {gap.why for gap in of(items, Gap)} == {why}
    assert {gap.facet for gap in of(items, Gap)} == set(ASKED) - {Facet.STORES, Facet.PUBLIC_ACCESS}
    assert [item for item in items if not isinstance(item, Gap | Coverage)] == []


def people(google: Endpoint, number: int, *, inventory: bool) -> None:
    """So many service accounts, as many people in one group, all of whom policies name."""
    accounts = [
        {"email": f"a-{each}@acme-calls.iam.gserviceaccount.com", "uniqueId": str(10**20 + each)}
        for each in range(number)
    ]
    google.pages(f"/v1/{NAME}/serviceAccounts", accounts)
    google.answer(f"/v1/{NAME}/serviceAccounts/*:getIamPolicy", {})
    google.pages(f"/v1/{NAME}/serviceAccounts/*/keys", [])
    members = [{"type": "USER", "preferredMemberKey": {"id": f"u-{each}@acme.example"}} for each in range(number)]
    google.pages("/v1/groups/night/memberships", members)
    bound = bindings(*(("roles/storage.objectViewer", f"serviceAccount:{each['email']}") for each in accounts))
    google.answer("/storage/v1/b/calls/iam", bound)
    if not inventory:
        google.faults.add("disabled", "cloudasset.*")
        return
    keys = [
        {"name": f"{NAME}/serviceAccounts/{each['uniqueId']}/keys/k", "keyType": "SYSTEM_MANAGED"} for each in accounts
    ]
    google.pages(f"/v1/{NAME}:searchAllIamPolicies", [])
    for kind, held in (("ServiceAccount", accounts), ("ServiceAccountKey", keys)):
        sort = f"iam.googleapis.com/{kind}"
        google.pages(f"/v1/{NAME}/assets", [{"resource": {"data": each}} for each in held], assetTypes=sort)


def asked(google: Endpoint, scope: Scopes, number: int, *, inventory: bool) -> Counter[str]:
    people(google, number, inventory=inventory)
    google.requests.clear()
    facts_of(scope(*ASKED, options=NAMED))
    return google.requests


def test_requests_for_1000_service_accounts_and_1000_people_in_a_group(acme: Endpoint, scope: Scopes) -> None:
    """26 requests, 10 of them the pages of the list of service accounts, whose pages hold no more than 100."""
    in_bulk = asked(acme, scope, 1000, inventory=True)
    assert in_bulk["iam.projects.serviceAccounts.list"] == 10
    assert in_bulk["cloudasset.assets.list"] == 2
    assert in_bulk["cloudasset.searchAllIamPolicies"] == 1
    assert in_bulk["cloudidentity.groups.memberships.list"] == 3
    assert in_bulk["iam.projects.serviceAccounts.getIamPolicy"] == 0
    assert in_bulk["iam.projects.serviceAccounts.keys.list"] == 0
    apis = ("iam.", "cloudasset.", "cloudidentity.")
    assert sum(count for method, count in in_bulk.items() if method.startswith(apis)) == 26


def test_what_a_project_takes_that_has_nothing_and_what_lies_above_it(acme: Endpoint, scope: Scopes) -> None:
    """10 requests about identities and compute for a project, 2 for a folder and 6 for an organization."""
    for node in (NAME, FOLDER, TOP):
        acme.answer(f"/v3/{node}:getIamPolicy", {})
        acme.pages(f"/v2/policies/{point(node)}/denypolicies", [])
    acme.pages(f"/v1/{NAME}/serviceAccounts", [])
    plan = GcpProvider().plan(scope(*ASKED, options=NAMED))
    taken: Counter[str] = Counter()
    for unit in plan.units:
        service = unit.key.rpartition("/")[2]
        if service in IDENTITIES:
            acme.requests.clear()
            list(unit.run())
            taken[unit.key.removeprefix("gcp/").rpartition("/")[0]] += acme.requests.total()
    assert taken == Counter({"acme-calls": 11, FOLDER: 3, TOP: 7})


def test_requests_where_the_inventory_is_off(acme: Endpoint, scope: Scopes) -> None:
    """Two more for each service account, and none for people."""
    few = asked(acme, scope, 10, inventory=False).copy()
    more = asked(acme, scope, 30, inventory=False).copy()
    assert more - few == Counter(
        {"iam.projects.serviceAccounts.getIamPolicy": 20, "iam.projects.serviceAccounts.keys.list": 20}
    )
