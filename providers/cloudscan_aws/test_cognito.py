"""Identity pools and whom they make of an app's users, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cloudscan.model import Answer, Federation, Gap, Why
from cloudscan.provider import Facet
from cloudscan.testing import run_units
from cloudscan_aws import cognito
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.demo.server import Endpoint

REGION = "eu-central-1"
ROLES = "arn:aws:iam::123456789012:role"
USERS = f"cognito-idp.{REGION}.amazonaws.com/{REGION}_pool:client"

Accounts = Callable[..., AccountScope]
Make = Callable[..., Any]


def collect(account: AccountScope) -> list[Any]:
    return run_units(list(cognito.units(account)))[0]


def pools(records: list[Any]) -> list[Federation]:
    return [record for record in records if isinstance(record, Federation)]


def gaps(records: list[Any]) -> list[Gap]:
    return [record for record in records if isinstance(record, Gap)]


def arn(pool: str) -> str:
    return f"arn:aws:cognito-identity:{REGION}:123456789012:identitypool/{pool}"


def make(
    client: Make, name: str = "app", *, guests: bool = True, roles: dict[str, str] | None = None, **more: Any
) -> str:
    aws = client("cognito-identity")
    pool: str = aws.create_identity_pool(IdentityPoolName="app", AllowUnauthenticatedIdentities=guests)[
        "IdentityPoolId"
    ]
    aws.set_identity_pool_roles(IdentityPoolId=pool, Roles=roles or {}, **more)
    return pool


def test_pool_tells_whether_guests_come_in_and_as_whom(client: Make, account: Accounts) -> None:
    roles = {"unauthenticated": f"{ROLES}/guest", "authenticated": f"{ROLES}/user"}
    pool = make(client, roles=roles)
    (found,) = pools(collect(account(Facet.FEDERATIONS)))
    assert (found.id, found.kind, found.name, found.region) == (arn(pool), "cognito", "app", REGION)
    assert found.guests is Answer.YES
    assert found.roles == (("signed-in", f"{ROLES}/user"), ("guest", f"{ROLES}/guest"))


def test_pool_without_guests_and_roles_says_so(client: Make, account: Accounts) -> None:
    make(client, guests=False)
    (found,) = pools(collect(account(Facet.FEDERATIONS)))
    assert (found.guests, found.roles) == (Answer.NO, ())


@pytest.mark.parametrize(("told", "answer"), [(True, Answer.YES), (False, Answer.NO), (None, Answer.UNKNOWN)])
def test_classic_flow_is_unknown_unless_told(
    endpoint: Endpoint, client: Make, account: Accounts, told: bool | None, answer: Answer
) -> None:
    make(client)
    kept = {} if told is None else {"AllowClassicFlow": told}

    def describe(_: Any, payload: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in payload.items() if name != "AllowClassicFlow"} | kept

    endpoint.patch("cognito-identity", "DescribeIdentityPool", describe)
    assert [pool.classic_flow for pool in pools(collect(account(Facet.FEDERATIONS)))] == [answer]


def test_rules_give_roles_to_those_who_bring_a_claim(client: Make, account: Accounts) -> None:
    rule = {"Claim": "department", "MatchType": "Equals", "Value": "=quality\u202e", "RoleARN": f"{ROLES}/quality"}
    mapping = {"Type": "Rules", "AmbiguousRoleResolution": "Deny", "RulesConfiguration": {"Rules": [rule]}}
    make(client, roles={"authenticated": f"{ROLES}/user"}, RoleMappings={USERS: mapping})
    records = collect(account(Facet.FEDERATIONS))
    assert [pool.roles for pool in pools(records)] == [
        (("signed-in", f"{ROLES}/user"), ("department Equals =quality\u202e", f"{ROLES}/quality"))
    ]
    assert gaps(records) == []


def test_roles_that_the_groups_of_a_user_pool_name_are_a_gap(client: Make, account: Accounts) -> None:
    mapping = {"Type": "Token", "AmbiguousRoleResolution": "Deny"}
    pool = make(client, RoleMappings={USERS: mapping})
    records = collect(account(Facet.FEDERATIONS))
    assert [(gap.resource, gap.why, gap.permission) for gap in gaps(records)] == [
        (arn(pool), Why.UNSUPPORTED, "cognito-idp:ListGroups")
    ]
    assert (records[-1].asked, records[-1].answered) == (4, 3)


def test_pages_are_followed_and_a_break_keeps_what_came(endpoint: Endpoint, account: Accounts) -> None:
    def page(params: Any) -> dict[str, Any]:
        number = int(params.get("NextToken", "1"))
        one = {"IdentityPoolId": f"{REGION}:{number}", "IdentityPoolName": f"app-{number}"}
        return {"IdentityPools": [one], **({"NextToken": str(number + 1)} if number < 3 else {})}

    def describe(params: Any) -> dict[str, Any]:
        pool = params["IdentityPoolId"]
        return {"IdentityPoolId": pool, "IdentityPoolName": "a", "AllowUnauthenticatedIdentities": False}

    endpoint.answer("cognito-identity", "ListIdentityPools", page)
    endpoint.answer("cognito-identity", "DescribeIdentityPool", describe)
    endpoint.answer("cognito-identity", "GetIdentityPoolRoles", dict)
    assert [pool.name for pool in pools(collect(account(Facet.FEDERATIONS)))] == ["app-1", "app-2", "app-3"]
    endpoint.faults.add("throttle", "cognito-identity", "ListIdentityPools", after=2)
    records = collect(account(Facet.FEDERATIONS))
    assert [pool.name for pool in pools(records)] == ["app-1", "app-2"]
    assert [(gap.resource, gap.why) for gap in gaps(records)] == [("123456789012", Why.THROTTLED)]


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])
def test_refused_list_is_a_gap_and_claims_nothing(
    endpoint: Endpoint, client: Make, account: Accounts, kind: Any, why: Why
) -> None:
    make(client)
    endpoint.faults.add(kind, "cognito-identity")
    gap, coverage = collect(account(Facet.FEDERATIONS))
    assert (gap.facet, gap.why, gap.permission) == (Facet.FEDERATIONS, why, "cognito-identity:ListIdentityPools")
    assert (coverage.asked, coverage.answered) == (1, 0)


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])
def test_what_is_refused_of_a_pool_stays_unknown(
    endpoint: Endpoint, client: Make, account: Accounts, kind: Any, why: Why
) -> None:
    pool = make(client, roles={"unauthenticated": f"{ROLES}/guest"})
    endpoint.faults.add(kind, "cognito-identity", "GetIdentityPoolRoles")
    records = collect(account(Facet.FEDERATIONS))
    assert [(found.guests, found.roles) for found in pools(records)] == [(Answer.YES, None)]
    endpoint.faults.add(kind, "cognito-identity", "DescribeIdentityPool")
    records = collect(account(Facet.FEDERATIONS))
    assert [(found.guests, found.classic_flow, found.roles) for found in pools(records)] == [
        (Answer.UNKNOWN, Answer.UNKNOWN, None)
    ]
    assert [(gap.resource, gap.why) for gap in gaps(records)] == [(arn(pool), why)] * 2


def test_nothing_is_asked_when_no_check_wants_federations(account: Accounts) -> None:
    assert list(cognito.units(account(Facet.JOBS))) == []
