"""What a subscription, or a resource group of it, has delegated to another tenant by Azure Lighthouse.

From "Azure Lighthouse: Tenants, users, and roles in Azure Lighthouse scenarios": a delegation gives roles to users,
groups or applications of the managing tenant, as if assigned at what was delegated; some only after they activate them.
They are kept as what they come to, role assignments, and those whom they name as somebody of that tenant. What of them
is a group cannot be told from here, nor who is in it.

From "Deploy a policy that can be remediated within a delegated subscription": User Access Administrator gives nothing
in a delegation but to assign roles that it names to managed identities, which a condition on that assignment says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cloudscan.model import PolicyDocument, Principal
from cloudscan.provider import Facet
from cloudscan.providing.parts import items, part
from cloudscan_azure.accounts import SubscriptionScope
from cloudscan_azure.ids import PROVIDER, lowered, person
from cloudscan_azure.kept import document
from cloudscan_azure.policy.roles import short
from cloudscan_azure.session import Asker
from cloudscan_azure.shared_lists import Listing, in_subscription

Told = Mapping[str, Any]
_DELEGATIONS = "Microsoft.ManagedServices/registrationAssignments"
_ADMINISTRATOR = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
"""The role User Access Administrator."""
_ASSIGNING = "Microsoft.Authorization/roleAssignments"
_NONE, _ID = "00000000-0000-0000-0000-000000000000", re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
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
                given = {"scope": scope, "roleDefinitionId": role, "principalId": own, **_limits(role, each)}
                yield document(account, kind, f"{name}#{noun.lower()}-{number}", {"properties": given}, scope)
                called = str(each.get("principalIdDisplayName") or own)
                yield Principal(person(own), PROVIDER, tenant, "delegate", called)


def _limits(role: str, told: Told) -> Mapping[str, str]:
    """Return the condition to which a delegation of User Access Administrator comes, none for any other role."""
    if short(role) != _ADMINISTRATOR:
        return {}
    named = told.get("delegatedRoleDefinitionIds")
    given = ", ".join(one for each in (named if isinstance(named, list) else ()) if (one := _guid(each)))
    whom = f"@Request[{_ASSIGNING}:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {{'ServicePrincipal'}}"
    which = f"@Request[{_ASSIGNING}:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {{{given or _NONE}}}"
    return {"condition": f"(ActionMatches{{'{_ASSIGNING}/write'}} AND {which} AND {whom})", "conditionVersion": "2.0"}


def _guid(role: object) -> str:
    found = short(str(role))
    return found if _ID.fullmatch(found) else ""


def roles(told: Told) -> Iterator[str]:
    """Yield the last parts of the ids of the roles that a delegation gives."""
    definition = part(told, "properties", "registrationDefinition", "properties")
    for noun, _ in _KINDS:
        yield from (short(str(each.get("roleDefinitionId") or "")) for each in items(definition, noun))
