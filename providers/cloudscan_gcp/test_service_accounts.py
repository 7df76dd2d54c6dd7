from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudscan.model import Answer, Coverage, Credential, Gap, PolicyDocument, Principal, Why
from cloudscan.provider import Facet
from cloudscan_gcp import service_accounts
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.standin.server import Endpoint
from cloudscan_gcp.test_hierarchy import collected, of

Projects = Callable[..., ProjectScope]
PATH = "/v1/projects/acme-calls/serviceAccounts"
ASSETS = "/v1/projects/acme-calls"
FACETS = (Facet.PRINCIPALS, Facet.CREDENTIALS)
TRUST = {"bindings": [{"role": "roles/iam.serviceAccountTokenCreator", "members": ["user:ben@acme.example"]}]}


def email(name: str) -> str:
    return f"{name}@acme-calls.iam.gserviceaccount.com"


def account(name: str, number: int = 7, **more: Any) -> dict[str, Any]:
    return {"name": f"projects/acme-calls/serviceAccounts/{email(name)}", "email": email(name)} | {
        "uniqueId": str(10**20 + number),
        "projectId": "acme-calls",
        **more,
    }


def key(name: str, **more: Any) -> dict[str, Any]:
    return {
        "name": f"projects/acme-calls/serviceAccounts/{name}/keys/5e5e",
        "keyType": "USER_MANAGED",
        "validAfterTime": "2023-01-01T00:00:00Z",
        "validBeforeTime": "9999-12-31T23:59:59Z",
        **more,
    }


@pytest.fixture
def two(google: Endpoint) -> Endpoint:
    """Two accounts: one that Ben may become and that has a key, one that is off."""
    google.pages(PATH, [account("bot"), account("old", 8, disabled=True)], largest=1)
    google.answer(f"{PATH}/*:getIamPolicy", {"etag": "ACAB"})
    asked: dict[str, Any] = {"options.requestedPolicyVersion": 3}
    google.answer(f"{PATH}/{email('bot')}:getIamPolicy", TRUST, **asked)
    google.pages(f"{PATH}/*/keys", [])
    google.pages(f"{PATH}/{email('bot')}/keys", [key(email("bot"))], keyTypes="USER_MANAGED")
    return google


def test_accounts_are_told_with_who_may_become_them(two: Endpoint, project: Projects) -> None:
    items = collected(service_accounts.units(project(*FACETS)))
    assert of(items, Principal) == [
        Principal(
            id=f"serviceAccount:{email(name)}",
            provider="gcp",
            account="acme-calls",
            kind="service-account",
            name=email(name),
            trust=f"serviceAccount:{email(name)}#iam",
            unique_id=str(number),
            password=Answer.NO,
            enabled=enabled,
        )
        for name, number, enabled in (("bot", 10**20 + 7, Answer.YES), ("old", 10**20 + 8, Answer.NO))
    ]
    bot, old = of(items, PolicyDocument)
    assert (bot.id, bot.kind, bot.attached_to) == (
        f"serviceAccount:{email('bot')}#iam",
        "trust",
        (f"serviceAccount:{email('bot')}",),
    )
    assert json.loads(bot.document) == TRUST
    assert json.loads(old.document) == {"etag": "ACAB"}
    assert of(items, Gap) == []


def test_keys_are_told_with_their_ends(two: Endpoint, project: Projects) -> None:
    ends = key(email("old"), validBeforeTime="2027-01-01T00:00:00Z", disabled=True)
    two.pages(f"{PATH}/{email('old')}/keys", [ends])
    lasting, ending = of(collected(service_accounts.units(project(*FACETS))), Credential)
    assert lasting == Credential(
        id=f"projects/acme-calls/serviceAccounts/{email('bot')}/keys/5e5e",
        provider="gcp",
        account="acme-calls",
        principal=f"serviceAccount:{email('bot')}",
        kind="service-account-key",
        created=datetime(2023, 1, 1, tzinfo=UTC),
        lasting=Answer.YES,
        enabled=Answer.YES,
    )
    assert (ending.expires, ending.lasting, ending.enabled) == (
        datetime(2027, 1, 1, tzinfo=UTC),
        Answer.NO,
        Answer.NO,
    )


@pytest.mark.parametrize(
    ("method", "facet", "permission"),
    [
        ("iam.projects.serviceAccounts.getIamPolicy", Facet.PRINCIPALS, "iam.serviceAccounts.getIamPolicy"),
        ("iam.projects.serviceAccounts.keys.list", Facet.CREDENTIALS, "iam.serviceAccountKeys.list"),
    ],
)
def test_what_is_refused_of_an_account_is_a_gap_of_it(
    two: Endpoint, project: Projects, method: str, facet: Facet, permission: str
) -> None:
    two.faults.add("denied", method, containing="bot")
    (gap,) = of(collected(service_accounts.units(project(*FACETS))), Gap)
    assert (gap.resource, gap.facet, gap.why, gap.permission) == (
        f"serviceAccount:{email('bot')}",
        facet,
        Why.DENIED,
        permission,
    )


def test_accounts_that_may_not_be_listed_are_a_gap_of_the_project(two: Endpoint, project: Projects) -> None:
    two.faults.add("denied", "iam.projects.serviceAccounts.list")
    items = collected(service_accounts.units(project(*FACETS)))
    assert [(gap.resource, gap.facet, gap.permission) for gap in of(items, Gap)] == [
        ("acme-calls", facet, "iam.serviceAccounts.list") for facet in FACETS
    ]
    assert {(each.facet, each.asked, each.answered) for each in of(items, Coverage)} == {
        (facet, 1, 0) for facet in FACETS
    }


def test_only_what_is_wanted_is_asked(two: Endpoint, project: Projects) -> None:
    collected(service_accounts.units(project(Facet.CREDENTIALS)))
    assert two.requests == Counter(
        {"token": 1, "iam.projects.serviceAccounts.list": 2, "iam.projects.serviceAccounts.keys.list": 2}
    )
    assert list(service_accounts.units(project(Facet.STORES))) == []


@pytest.fixture
def many(google: Endpoint) -> Endpoint:
    """1,000 accounts, one of which Ben may become and has a key; the inventory tells of them."""
    accounts = [account(f"a-{number:04}", number) for number in range(1000)]
    google.pages(PATH, accounts)
    google.answer(f"{PATH}/*:getIamPolicy", {"etag": "ACAB"})
    google.answer(f"{PATH}/{email('a-0007')}:getIamPolicy", TRUST)
    google.pages(f"{PATH}/*/keys", [])
    google.pages(f"{PATH}/{email('a-0007')}/keys", [key(email("a-0007"))])
    number = str(10**20 + 7)
    trust = {
        "resource": f"//iam.googleapis.com/projects/acme-calls/serviceAccounts/{number}",
        "assetType": "iam.googleapis.com/ServiceAccount",
        "policy": TRUST,
    }
    google.pages(f"{ASSETS}:searchAllIamPolicies", [trust], assetTypes="iam.googleapis.com/ServiceAccount")
    own = [key(each["uniqueId"], keyType="SYSTEM_MANAGED") for each in accounts]
    inventory(google, "ServiceAccount", accounts)
    inventory(google, "ServiceAccountKey", [key(number), *own])
    return google


def inventory(google: Endpoint, kind: str, told: list[dict[str, Any]]) -> None:
    sort = f"iam.googleapis.com/{kind}"
    held = [{"assetType": sort, "resource": {"data": each}} for each in told]
    google.pages(f"{ASSETS}/assets", held, contentType="RESOURCE", assetTypes=sort)


def documents(items: Any) -> dict[str, Any]:
    bound = {one.id: json.loads(one.document) for one in of(items, PolicyDocument)}
    return {name: document for name, document in bound.items() if "bindings" in document}


def test_1000_accounts_take_14_requests_where_the_inventory_tells_of_them(many: Endpoint, project: Projects) -> None:
    items = collected(service_accounts.units(project(*FACETS)))
    assert many.requests == Counter(
        {
            "token": 1,
            "iam.projects.serviceAccounts.list": 10,
            "cloudasset.searchAllIamPolicies": 1,
            "cloudasset.assets.list": 3,
        }
    )
    assert documents(items) == {f"serviceAccount:{email('a-0007')}#iam": TRUST}
    assert len(of(items, PolicyDocument)) == 1000
    (told,) = of(items, Credential)
    assert told.principal == f"serviceAccount:{email('a-0007')}"


@pytest.mark.parametrize("fault", ["disabled", "denied", "quota", "unavailable"])
def test_where_the_inventory_does_not_tell_each_account_is_asked_and_the_records_are_the_same(
    many: Endpoint, project: Projects, fault: Any
) -> None:
    many.pages(PATH, [account(f"a-{number:04}", number) for number in range(20)])
    told = collected(service_accounts.units(project(*FACETS)))
    many.faults.add(fault, "cloudasset.*")
    many.requests.clear()
    asked = collected(service_accounts.units(project(*FACETS)))
    assert many.requests["cloudasset.assets.list"] == 1
    assert many.requests["cloudasset.searchAllIamPolicies"] == 0
    assert many.requests["iam.projects.serviceAccounts.getIamPolicy"] == 20
    assert many.requests["iam.projects.serviceAccounts.keys.list"] == 20
    for kind in (Principal, Credential):
        assert of(asked, kind) == of(told, kind)
    assert documents(asked) == documents(told)
    assert of(asked, Gap) == of(told, Gap) == []


def test_accounts_that_the_inventory_does_not_know_yet_are_asked_about(many: Endpoint, project: Projects) -> None:
    accounts = [account(f"a-{number:04}", number) for number in range(20)]
    many.pages(PATH, accounts)
    for kind in ("ServiceAccount", "ServiceAccountKey"):
        inventory(many, kind, [each if kind == "ServiceAccount" else key(each["uniqueId"]) for each in accounts[9:]])
    items = collected(service_accounts.units(project(*FACETS)))
    assert documents(items) == {f"serviceAccount:{email('a-0007')}#iam": TRUST}
    assert f"serviceAccount:{email('a-0007')}" in {each.principal for each in of(items, Credential)}
    assert many.requests["iam.projects.serviceAccounts.getIamPolicy"] == 9
    assert many.requests["iam.projects.serviceAccounts.keys.list"] == 9
