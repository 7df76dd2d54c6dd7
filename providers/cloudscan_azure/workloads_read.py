"""What runs with an identity, as records. Pure: each reads one resource as Azure Resource Manager returned it.

Resources of all services have their identity in one shape ("Managed identities for Azure resources: the identity
property"): their own, with ``principalId``, and those that they were given, by the ids of these. Whoever steers the
resource acts as any of them. Settings that may hold secrets are not kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cloudscan.model import Answer, Workload
from cloudscan.providing.parts import pairs, part
from cloudscan_azure.ids import PROVIDER, lowered, object_id, person

Told = Mapping[str, Any]
_FUNCTION = "functionapp"
"""What the kind of a web app has in it that is a function app ("WebApps - List")."""


def workloads(told: Told, kind: str, account: str) -> list[Workload]:
    """Read a resource: one record for each identity that it has, one for a resource without any; [] without an id.

    The first has the resource's id, each further one that and ``#OBJECT-ID``. Where ARM tells of an identity and not
    whom it is, ``principal`` is None.
    """
    name = lowered(str(told.get("id") or ""))
    if name == "/":
        return []
    known = [person(each) if each else None for each in dict.fromkeys(_identities(told))]
    first = Workload(
        id=name,
        provider=PROVIDER,
        account=account,
        region=str(told.get("location") or "").lower(),
        kind=_kind(told, kind),
        name=str(told.get("name") or name.rpartition("/")[2]),
        principal=known[0] if known else "",
        managed=_managed(told),
        labels=pairs(told, "tags"),
        keys_in_settings=_keys(told),
    )
    further = [replace(first, id=f"{name}#{_after(each)}", principal=each) for each in known[1:]]
    return [first, *further]


def _after(principal: str | None) -> str:
    return object_id(principal) if principal else "unknown"


def _keys(told: Told) -> Answer:
    """Say whether keys of a resource open it: services of Azure AI have a switch for that, ``disableLocalAuth``."""
    switch = part(told, "properties").get("disableLocalAuth")
    return Answer.of(not switch if isinstance(switch, bool) else None)


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
