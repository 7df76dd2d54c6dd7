"""What a subscription, or a resource group of it, has delegated to another tenant by Azure Lighthouse.

From "Azure Lighthouse: Tenants, users, and roles in Azure Lighthouse scenarios": a delegation gives roles to users,
groups or applications of the managing tenant, as if assigned at what was delegated; some only after they activate them.
They are kept as what they come to, role assignments, and those whom they name as somebody of that tenant. What of them
is a group cannot be told from here, nor who is in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloudscan.model import PolicyDocument, Principal
from cloudscan.parts import items, part
from cloudscan.provider import Facet
from cloudscan_azure.accounts import SubscriptionScope
from cloudscan_azure.ids import PROVIDER, lowered, person
from cloudscan_azure.kept import document
from cloudscan_azure.policy.roles import short
from cloudscan_azure.session import Asker
from cloudscan_azure.shared_lists import Listing, in_subscription

Told = Mapping[str, Any]
_DELEGATIONS = "Microsoft.ManagedServices/registrationAssignments"
_KINDS = (("authorizations", "hierarchy"), ("eligibleAuthorizations", "eligible"))


def delegations(subscription: SubscriptionScope, asker: Asker, facet: Facet) -> Listing:
    """Ask for the delegations of a subscription, with what they give."""
    return in_subscription(
        subscription,
        asker,
        "RegistrationAssignments_List",
        _DELEGATIONS,
        facet=facet,
        resource=subscription.path.lower(),
        api="2022-10-01",
        query={"$expandRegistrationDefinition": "true"},
    )


def rights(told: Told, account: str) -> Iterator[PolicyDocument | Principal]:
    """Yield what a delegation gives, and those to whom."""
    name = lowered(str(told.get("id") or ""))
    scope, mark, _ = name.rpartition(f"/providers/{_DELEGATIONS}/".lower())
    definition = part(told, "properties", "registrationDefinition", "properties")
    tenant = str(definition.get("managedByTenantId") or "").lower()
    for noun, kind in _KINDS:
        for number, each in enumerate(items(definition, noun) if mark else ()):
            own, role = str(each.get("principalId") or "").lower(), str(each.get("roleDefinitionId") or "")
            if own and role:
                given = {"scope": scope, "roleDefinitionId": role, "principalId": own}
                yield document(account, kind, f"{name}#{noun.lower()}-{number}", {"properties": given}, scope)
                called = str(each.get("principalIdDisplayName") or own)
                yield Principal(person(own), PROVIDER, tenant, "delegate", called)


def roles(told: Told) -> Iterator[str]:
    """Yield the last parts of the ids of the roles that a delegation gives."""
    definition = part(told, "properties", "registrationDefinition", "properties")
    for noun, _ in _KINDS:
        yield from (short(str(each.get("roleDefinitionId") or "")) for each in items(definition, noun))
