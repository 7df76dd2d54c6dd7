"""Cognito identity pools: who an app's users become, those who never signed in included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloudscan.model import Answer, Federation, Gap, Why
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.questions import Reply
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.codes import partition_of
from cloudscan_aws.session import PROVIDER, Asker
from cloudscan_aws.units import regional

SERVICE = "cognito-identity"
WHO = {"unauthenticated": "guest", "authenticated": "signed-in"}

Payload = Mapping[str, Any]


def units(account: AccountScope) -> Iterator[Unit]:
    """Yield a unit for each region, if a check wants federations."""
    if account.wants(Facet.FEDERATIONS):
        yield from regional(account, SERVICE, fetch_all)


def fetch_all(_: AccountScope, asker: Asker) -> Iterator[Collected]:
    """Ask for the identity pools of a region."""
    pools, ended = asker.pages(
        SERVICE,
        "list_identity_pools",
        "IdentityPools",
        facet=Facet.FEDERATIONS,
        resource=asker.account,
        MaxResults=60,
    )
    for pool in pools:
        yield from fetch_pool(asker, pool)
    if isinstance(ended, Gap):
        yield ended


def fetch_pool(asker: Asker, listed: Payload) -> Iterator[Federation | Gap]:
    """Ask for a pool's settings and its roles. What either does not tell stays unknown."""
    arn = f"arn:{partition_of(asker.region)}:cognito-identity:{asker.region}:{asker.account}"
    arn = f"{arn}:identitypool/{listed['IdentityPoolId']}"
    pool = _ask(asker, "describe_identity_pool", arn, listed)
    roles = _ask(asker, "get_identity_pool_roles", arn, listed)
    yield Federation(
        id=arn,
        provider=PROVIDER,
        account=asker.account,
        region=asker.region,
        kind="cognito",
        name=listed["IdentityPoolName"],
        guests=Answer.of(pool.get("AllowUnauthenticatedIdentities") if isinstance(pool, dict) else None),
        classic_flow=Answer.of(pool.get("AllowClassicFlow") if isinstance(pool, dict) else None),
        roles=read_roles(roles) if isinstance(roles, dict) else None,
    )
    yield from (reply for reply in (pool, roles) if isinstance(reply, Gap))
    if isinstance(roles, dict) and _by_token(roles):
        asker.count(Facet.FEDERATIONS, answered=False)
        detail = "the groups of a user pool name further roles"
        yield asker.gap(Facet.FEDERATIONS, arn, Why.UNSUPPORTED, "cognito-idp:list_groups", detail)


def read_roles(payload: Payload) -> tuple[tuple[str, str], ...]:
    """Read who gets which role: guests, those who signed in, and those whom a rule picks by a claim."""
    fixed = [(WHO.get(who, who), role) for who, role in sorted(payload.get("Roles", {}).items())]
    mapped = [
        (f"{rule['Claim']} {rule['MatchType']} {rule['Value']}", rule["RoleARN"])
        for _, mapping in sorted(payload.get("RoleMappings", {}).items())
        for rule in mapping.get("RulesConfiguration", {}).get("Rules", ())
    ]
    return (*fixed, *mapped)


def _by_token(payload: Payload) -> bool:
    """Say whether the user's token, and so a group of the user pool, chooses the role ("RoleMapping")."""
    return any(mapping["Type"] == "Token" for mapping in payload.get("RoleMappings", {}).values())


def _ask(asker: Asker, method: str, arn: str, pool: Payload) -> Reply:
    return asker.ask(SERVICE, method, facet=Facet.FEDERATIONS, resource=arn, IdentityPoolId=pool["IdentityPoolId"])
