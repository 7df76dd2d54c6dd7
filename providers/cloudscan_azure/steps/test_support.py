"""A small world for the tests of steps: the evaluator's, with compute and who manages identities, and its edges."""

from __future__ import annotations

from typing import Any

from cloudscan import testing
from cloudscan.access import Edge, Grant
from cloudscan.estate import Estate
from cloudscan.model import Federation, PolicyDocument, Principal, Workload
from cloudscan_azure.grants import derive
from cloudscan_azure.ids import object_id, person
from cloudscan_azure.policy.test_support import RESOURCES, SUB, TENANT, document

APP, IDENTITY = person("app"), person("identity")
VM = f"{RESOURCES}/providers/microsoft.compute/virtualmachines/vm"
OWN = f"{RESOURCES}/providers/microsoft.managedidentity/userassignedidentities/identity"
GLOBAL = "62e90394-69f5-4237-9190-012177145e10"


def service(name: str, **facts: Any) -> Principal:
    """A service principal, or a managed identity where ``path`` is told."""
    return Principal(name, "azure", TENANT, "service-account", name, labels={}, **facts)


def machine(principal: str, name: str = VM, **facts: Any) -> Workload:
    """A machine that runs as an identity."""
    return Workload(name, "azure", SUB, "westeurope", "instance", name, principal=principal, **facts)


def manages(who: str, role: str = GLOBAL, *, eligible: bool = False, scope: str = "/") -> PolicyDocument:
    """A role of the directory."""
    kind = "directory-eligible" if eligible else "directory"
    told = {"principalId": object_id(who), "roleDefinitionId": role, "directoryScopeId": scope}
    return document(kind, scope, told, f"{kind} {role} {who} {scope}")


def permitted(who: str, permission: str) -> PolicyDocument:
    """An app role of Microsoft Graph."""
    return document("directory", "/", {"principalId": object_id(who), "value": permission}, f"{permission} {who}")


def owns(owned: str, *who: str, **group: Any) -> PolicyDocument:
    """Who owns something."""
    told = {"value": [{"id": object_id(each)} for each in who], **group}
    return document("owners", owned, told, f"{owned}#owners")


def door(issuer: str, subject: str, becomes: str, **facts: Any) -> Federation:
    """A federated credential."""
    told = {"condition": f"claims['sub'] eq '{subject}'"} | facts
    return Federation("door", "azure", TENANT, "", "oidc", "door", roles=((subject, becomes),), issuer=issuer, **told)


def steps(held: Estate, *kinds: str) -> list[Edge]:
    """The edges of some kinds, all if none are named."""
    return testing.edges(derive(held), *kinds)


def openings(held: Estate) -> list[Grant]:
    """The reads that take a step first."""
    return testing.openings(derive(held))
