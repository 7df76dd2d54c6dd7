"""Role assignments, definitions, deny assignments and locks as records. Pure: each reads one answer of ARM.

Shapes are those of "Role Assignments", "Role Definitions", "Deny Assignments", "Role Eligibility Schedule Instances",
"Role Assignment Schedule Instances" and "Management Locks" (Azure REST API reference). What names no scope, or itself,
hangs nowhere: None is returned for it, so that whoever asked can say so.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from cloudscan.model import PolicyDocument
from cloudscan.providing.parts import items, part
from cloudscan_azure.ids import lowered
from cloudscan_azure.kept import document
from cloudscan_azure.policy.roles import short

Told = Mapping[str, Any]
_LOCKS = "/providers/microsoft.authorization/locks/"
_DEFINITIONS = "/providers/microsoft.authorization/roledefinitions/"
_CUSTOM = "customrole"


def at_scope(told: Told, kind: str, account: str) -> PolicyDocument | None:
    """Keep a role assignment, an eligible one (kind ``eligible``) or a deny assignment (kind ``deny``)."""
    name, scope = told.get("id"), part(told, "properties").get("scope")
    if not isinstance(name, str) or not name or not isinstance(scope, str) or not scope:
        return None
    return document(account, kind, lowered(name), told, lowered(scope))


def lock(told: Told, account: str) -> PolicyDocument | None:
    """Keep a lock; what it locks is the part of its id before it."""
    name = lowered(str(told.get("id") or ""))
    scope, mark, own = name.rpartition(_LOCKS)
    return document(account, "lock", name, told, scope or "/") if mark and own else None


def definition(told: Told, account: str) -> PolicyDocument | None:
    """Keep a role definition. Its id is the one that it has in the whole tenant, wherever it was asked for."""
    own = short(str(told.get("id") or ""))
    return document(account, "role", f"{_DEFINITIONS}{own}", told) if own else None


def is_wanted(told: Told, named: Container[str]) -> bool:
    """Whether a role definition counts: one that is assigned, by the last part of its id, or the customer's own."""
    custom = str(part(told, "properties").get("type") or "").lower() == _CUSTOM
    return custom or short(str(told.get("id") or "")) in named


def role_of(told: Told) -> str:
    """Return the last part of the id of the role that an assignment gives."""
    return short(str(part(told, "properties").get("roleDefinitionId") or ""))


def is_above(told: Told, subscription: str) -> bool:
    """Whether an assignment hangs above a subscription, so that this inherits it."""
    scope = lowered(str(part(told, "properties").get("scope") or ""))
    return not f"{scope}/".startswith(f"/subscriptions/{subscription.lower()}/")


def until(told: Iterable[Told], ending: Iterable[Told]) -> Iterator[Told]:
    """Yield role assignments, each that ends with when it does.

    A schedule's instance tells the same as the assignment that it made (``originRoleAssignmentId``), and begins and
    ends; one without an end says nothing more.
    """
    ends: dict[str, Told] = {}
    for each in ending:
        own = part(each, "properties")
        if own.get("endDateTime") and isinstance(own.get("originRoleAssignmentId"), str):
            ends[lowered(own["originRoleAssignmentId"])] = own
    for each in told:
        found = ends.get(lowered(str(each.get("id") or "")))
        times = {name: found.get(name) for name in ("startDateTime", "endDateTime")} if found else {}
        yield {**each, "properties": {**part(each, "properties"), **times}} if times else each


def principals(told: Told) -> Iterator[tuple[str, str]]:
    """Yield the object ids that an assignment, eligible or not, or a deny assignment names, and of which type."""
    own = part(told, "properties")
    if isinstance(own.get("principalId"), str):
        yield own["principalId"].lower(), str(own.get("principalType") or "").lower()
    for each in (*items(own, "principals"), *items(own, "excludePrincipals")):
        if isinstance(each.get("id"), str):
            yield each["id"].lower(), str(each.get("type") or "").lower()
