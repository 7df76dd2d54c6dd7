"""What runs with an identity, as records. Pure: each reads one resource as Azure Resource Manager returned it.

Resources of all services have their identity in one shape ("Managed identities for Azure resources: the identity
property"): their own, with ``principalId``, and those that they were given, by the ids of these. Whoever steers the
resource acts as any of them. Settings that may hold secrets are not kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloudscan.model import Answer, Workload
from cloudscan.parts import pairs, part
from cloudscan_azure.ids import PROVIDER, lowered, person

Told = Mapping[str, Any]
_FUNCTION = "functionapp"
"""What the kind of a web app has in it that is a function app ("WebApps - List")."""


def workload(told: Told, kind: str, account: str) -> Workload | None:
    """Read a resource; None for one without an id.

    Where ARM tells of identities without whom they are, the first is not known: ``principal`` is None then.
    """
    name = str(told.get("id") or "")
    if not name:
        return None
    known = tuple(dict.fromkeys(person(each) for each in _identities(told) if each))
    untold = "" in _identities(told)
    return Workload(
        id=lowered(name),
        provider=PROVIDER,
        account=account,
        region=str(told.get("location") or "").lower(),
        kind=_kind(told, kind),
        name=str(told.get("name") or lowered(name).rpartition("/")[2]),
        principal=known[0] if known else None if untold else "",
        managed=_managed(told),
        labels=pairs(told, "tags"),
        also=known[1:],
    )


def _kind(told: Told, kind: str) -> str:
    return "function" if kind == "service" and _FUNCTION in str(told.get("kind") or "").lower() else kind


def _identities(told: Told) -> list[str]:
    """Return the object ids of the identities that a resource has, "" for one that is not told."""
    return [*_of(part(told, "identity")), *_of_kubernetes(part(told, "properties"))]


def _of(identity: Told) -> Iterator[str]:
    kinds = str(identity.get("type") or "").lower()
    if "systemassigned" in kinds or identity.get("principalId"):
        yield str(identity.get("principalId") or "")
    held = part(identity, "userAssignedIdentities")
    for name in sorted(held):
        yield str(part(held, name).get("principalId") or "")


def _of_kubernetes(properties: Told) -> Iterator[str]:
    """Yield the identities of a cluster's nodes, with which its pods can act ("Managed Clusters - List")."""
    profile = part(properties, "identityProfile")
    for name in sorted(profile):
        yield str(part(profile, name).get("objectId") or "")


def _managed(told: Told) -> Answer:
    """Say whether a command that is sent to a machine reaches it: by its agent, and where that may run extensions."""
    profile = part(told, "properties", "osProfile")
    if profile.get("allowExtensionOperations") is False:
        return Answer.NO
    for name in ("linuxConfiguration", "windowsConfiguration"):
        agent = part(profile, name).get("provisionVMAgent")
        if isinstance(agent, bool):
            return Answer.of(agent)
    return Answer.UNKNOWN
