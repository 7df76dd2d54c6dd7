"""Managed identities that users made, and whose tokens from elsewhere make somebody one of them.

Those of applications are asked for with the applications, of Microsoft Graph.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cloudscan.model import Answer, Principal, Why
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.parts import part
from cloudscan_azure import units as made
from cloudscan_azure.accounts import SubscriptionScope
from cloudscan_azure.federation_read import Told, federation
from cloudscan_azure.ids import PROVIDER, lowered, person
from cloudscan_azure.rest import path_of
from cloudscan_azure.session import Asker
from cloudscan_azure.shared_lists import Listing, in_subscription, shared

_API = "2023-01-31"
_IDENTITIES = "Microsoft.ManagedIdentity/userAssignedIdentities"


def units(subscription: SubscriptionScope) -> Iterator[Unit]:
    """Yield the one unit that asks for the federated credentials of a subscription's managed identities."""
    if subscription.wants(Facet.FEDERATIONS):
        yield from made.of_subscription(subscription, "federations", collect)


def collect(subscription: SubscriptionScope, asker: Asker) -> Iterator[Collected]:
    """Yield the federated credentials of every managed identity."""
    found = identities(subscription, asker, Facet.FEDERATIONS)
    yield from found.gaps
    for each in found.items:
        name, own = lowered(str(each["id"])), principal_of(each)
        told = shared(
            asker,
            "FederatedIdentityCredentials_List",
            path_of(str(each["id"]), "federatedIdentityCredentials"),
            facet=Facet.FEDERATIONS,
            resource=name,
            permission=f"{_IDENTITIES}/federatedIdentityCredentials/read",
            api=_API,
        )
        yield from told.gaps
        for one in told.items:
            yield federation(one, lowered(str(one.get("id") or f"{name}/{one.get('name')}")), asker.account, own)


def identities(subscription: SubscriptionScope, asker: Asker, facet: Facet) -> Listing:
    """Ask for the managed identities of a subscription that are resources of their own; what is none is a gap."""
    operation = "UserAssignedIdentities_ListBySubscription"
    told = in_subscription(subscription, asker, operation, _IDENTITIES, facet=facet, api=_API)
    sound = [each for each in told.items if each.get("id") and principal_of(each)]
    lost = len(told.items) - len(sound)
    if not lost:
        return told
    words = f"{lost} managed identities make no sense"
    return replace(told, items=sound, gap=told.gap or asker.gap(facet, asker.account, Why.MALFORMED, operation, words))


def principal_of(told: Told) -> str:
    """Return who a managed identity is, "" where that was not told."""
    own = part(told, "properties").get("principalId")
    return person(own) if isinstance(own, str) and own else ""


def identity(told: Told, tenant: str) -> Principal | None:
    """Read a managed identity as Azure Resource Manager tells it ("Identity", Managed Identity REST API)."""
    own = principal_of(told)
    if not own or not told.get("id"):
        return None
    properties = part(told, "properties")
    return Principal(
        id=own,
        provider=PROVIDER,
        account=str(properties.get("tenantId") or tenant).lower(),
        kind="service-account",
        name=str(told.get("name") or own),
        path=lowered(str(told["id"])),
        unique_id=str(properties.get("clientId") or "").lower() or None,
        enabled=Answer.UNKNOWN,
    )
