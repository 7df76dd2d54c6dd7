from __future__ import annotations

from collections.abc import Callable

import pytest

from cloudscan.model import Answer, Federation, Gap, Why
from cloudscan.provider import Facet
from cloudscan_azure import federation, federation_read
from cloudscan_azure.accounts import SubscriptionScope
from cloudscan_azure.ids import person
from cloudscan_azure.standin.names import SUBSCRIPTION
from cloudscan_azure.standin.server import Standin
from cloudscan_azure.test_graph import IDENTITY, RESOURCE, identity
from cloudscan_azure.test_rbac import SCOPE, collected, of

Subscriptions = Callable[..., SubscriptionScope]
LIST = f"{SCOPE}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
GOOGLE = {
    "id": f"{RESOURCE}/federatedIdentityCredentials/Google",
    "name": "Google",
    "properties": {"issuer": "https://accounts.google.com", "subject": "1122", "audiences": ["api://x"]},
}


def test_tokens_that_make_somebody_a_managed_identity(azure: Standin, subscription: Subscriptions) -> None:
    azure.pages(LIST, [identity()])
    azure.pages(f"{RESOURCE}/federatedIdentityCredentials", [GOOGLE])
    (door,) = of(collected(federation.units(subscription(Facet.FEDERATIONS))), Federation)
    assert door == Federation(
        id=f"{RESOURCE}/federatedIdentityCredentials/Google".lower(),
        provider="azure",
        account=SUBSCRIPTION,
        region="",
        kind="oidc",
        name="Google",
        guests=Answer.NO,
        classic_flow=Answer.NO,
        roles=(("1122", person(IDENTITY)),),
        audiences=("api://x",),
        issuer="https://accounts.google.com",
        condition="claims['sub'] eq '1122'",
        enabled=Answer.YES,
    )


def test_an_expression_on_claims_is_the_condition() -> None:
    expression = "claims['sub'] matches 'repo:acme/*'"
    told: dict[str, object] = {"id": "f", "issuer": "https://token.actions.githubusercontent.com", "subject": None}
    told |= {"claimsMatchingExpression": {"value": expression, "languageVersion": 1}}
    door = federation_read.of_application(told, "app:x", "tenant", person(IDENTITY))
    assert (door.condition, door.roles, door.id) == (expression, (("", person(IDENTITY)),), "app:x/f")


def test_what_may_not_be_listed_is_a_gap(azure: Standin, subscription: Subscriptions) -> None:
    azure.pages(LIST, [identity()])
    azure.faults.add("denied", "FederatedIdentityCredentials_List")
    (gap,) = of(collected(federation.units(subscription(Facet.FEDERATIONS))), Gap)
    assert (gap.resource, gap.why) == (RESOURCE.lower(), Why.DENIED)
    azure.faults.add("denied", "UserAssignedIdentities_ListBySubscription")
    (gap,) = of(collected(federation.units(subscription(Facet.FEDERATIONS))), Gap)
    assert gap.resource == SUBSCRIPTION


@pytest.mark.parametrize("left_out", ["id", "properties.principalId", "properties"])
def test_an_identity_that_makes_no_sense_is_a_gap(azure: Standin, subscription: Subscriptions, left_out: str) -> None:
    azure.pages(LIST, [identity()])
    azure.faults.add("without", "UserAssignedIdentities_ListBySubscription", left_out=left_out)
    (gap,) = of(collected(federation.units(subscription(Facet.FEDERATIONS))), Gap)
    assert (gap.resource, gap.why, gap.detail) == (SUBSCRIPTION, Why.MALFORMED, "1 managed identities make no sense")


def test_nothing_is_asked_where_no_check_wants_it(subscription: Subscriptions) -> None:
    assert list(federation.units(subscription(Facet.STORES))) == []
