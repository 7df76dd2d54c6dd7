"""Rights over identities: roles of the tenant's directory, active or to be activated, and app roles of Microsoft Graph.

Who has one can make itself, or anybody, a member, owner or user of what has rights in Azure. They are asked for once in
a scan, of the tenant of the credentials; a Gap is on "/", as :mod:`cloudscan_azure.steps.tenant` has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from cloudscan.model import Gap, PolicyDocument, Why
from cloudscan.provider import Facet
from cloudscan.providing.parts import items
from cloudscan.providing.questions import named
from cloudscan_azure import graph_read
from cloudscan_azure.graph_read import Told
from cloudscan_azure.policy.scopes import ROOT
from cloudscan_azure.rbac import UNLICENSED
from cloudscan_azure.session import Asker
from cloudscan_azure.shared_lists import Listing, listing

_FACET = Facet.PRINCIPALS
_GRAPH = "00000003-0000-0000-c000-000000000000"
"""The application id of Microsoft Graph ("Verify first-party Microsoft applications in sign-in reports")."""
_WRITES = "write"
"""What the names of app roles that change something have in them ("Microsoft Graph permissions reference")."""
_ACTIVE, _ELIGIBLE = "roleManagement_ListActive", "roleManagement_ListEligible"
_PERMITTED = "servicePrincipals_ListAppRoleAssigned"
_GROUPS = "/identityGovernance/privilegedAccess/group"
_ACTIVATES = "PrivilegedEligibilitySchedule.Read.AzureADGroup"
_MANAGES, _APPLICATIONS = "RoleManagement.Read.Directory", "Application.Read.All"


@dataclass(frozen=True, slots=True)
class Roles:
    """What was told of rights over identities, and who has them, by object id.

    ``managed``: has the tenant Privileged Identity Management, so that one can be eligible for something.
    """

    collected: tuple[PolicyDocument | Gap, ...]
    holders: frozenset[str]
    managed: bool = True


def roles(tenant: str, asker: Asker) -> Roles:
    """Ask who has roles of the directory, and app roles of Microsoft Graph that change something."""
    place, query = "/roleManagement/directory", {"$expand": "roleDefinition"}
    active = _listed(asker, _ACTIVE, f"{place}/roleAssignments", _MANAGES, query)
    eligible = _listed(asker, _ELIGIBLE, f"{place}/roleEligibilityScheduleInstances", _MANAGES, query)
    permitted, defined = _app_roles(asker)
    role = graph_read.directory_role
    found = [
        *_documents(asker, active, partial(role, kind="directory", tenant=tenant), _ACTIVE),
        *_documents(asker, eligible, partial(role, kind="directory-eligible", tenant=tenant), _ELIGIBLE),
        *_documents(asker, permitted, partial(graph_read.app_role, roles=defined, tenant=tenant), _PERMITTED),
    ]
    holding = (*active.items, *eligible.items, *permitted.items)
    return Roles(tuple(found), holders(holding), managed=not eligible.absent)


def holders(told: Iterable[Told]) -> frozenset[str]:
    """Return the object ids of those who have, or may activate, something."""
    return frozenset(str(each.get("principalId") or "").lower() for each in told) - {""}


def eligible_members(group: str, asker: Asker) -> Listing:
    """Ask who may activate to be a member or owner of a group ("Privileged Identity Management for Groups")."""
    path, query = f"{_GROUPS}/eligibilityScheduleInstances", {"$filter": f"groupId eq '{group}'"}
    return _listed(
        asker, "privilegedAccess_ListEligible", path, "PrivilegedEligibilitySchedule.Read.AzureADGroup", query
    )


def _documents(
    asker: Asker, told: Listing, keep: Callable[[Told], PolicyDocument | None], operation: str
) -> list[PolicyDocument | Gap]:
    kept = [keep(each) for each in told.items]
    found: list[PolicyDocument | Gap] = [each for each in kept if each is not None]
    if lost := kept.count(None):
        found.append(asker.gap(_FACET, ROOT, Why.MALFORMED, operation, f"{lost} entries make no sense", _MANAGES))
    return [*found, *told.gaps]


def _app_roles(asker: Asker) -> tuple[Listing, list[Told]]:
    """Ask who has which app role of Microsoft Graph, without those that read alone; and for what these roles are."""
    query = {"$filter": f"appId eq '{_GRAPH}'", "$select": "id,appRoles"}
    graph = _listed(asker, _PERMITTED, "/servicePrincipals", _APPLICATIONS, query)
    changing = [role for each in graph.items for role in items(each, "appRoles") if _changes(role)]
    wanted = {role.get("id") for role in changing}
    found: list[Told] = []
    gap = graph.gap
    for each in graph.items:
        path = named("/servicePrincipals/{}/appRoleAssignedTo", str(each.get("id") or ""))
        told = _listed(asker, _PERMITTED, path, _APPLICATIONS, {"$top": "999"})
        found += [one for one in told.items if one.get("appRoleId") in wanted]
        gap = gap or told.gap
    return Listing(found, gap), changing


def _changes(role: Told) -> bool:
    return _WRITES in str(role.get("value") or "").lower()


def _listed(asker: Asker, operation: str, path: str, permission: str, query: dict[str, Any]) -> Listing:
    return listing(
        asker,
        operation,
        path,
        facet=_FACET,
        resource=ROOT,
        permission=permission,
        api="",
        service="graph",
        query=query,
        absent=UNLICENSED,
    )
