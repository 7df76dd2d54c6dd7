"""An estate as it would be without some statements, to see what truly hangs on them.

A statement is one role assignment, active or eligible: what "Role Assignments - Delete" takes away. Deny assignments
and locks give no right; public levels, stored access policies and lists are settings, which are not taken away line
by line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from cloudscan.estate import Estate
from cloudscan_azure.documents import GIVING, Documents
from cloudscan_azure.ids import PROVIDER, lowered, person
from cloudscan_azure.policy.assignments import Assignment
from cloudscan_azure.policy.operations import ASSIGN_ROLES
from cloudscan_azure.policy.scopes import ROOT, subscription


def without(estate: Estate, statements: Collection[str]) -> Estate:
    """Return the estate with statements taken out, by the names that proofs give them."""
    gone = frozenset(statements)
    policies = {
        name: document
        for name, document in estate.policies.items()
        if document.provider != PROVIDER or document.kind not in GIVING or name not in gone
    }
    return replace(estate, policies=policies)


def statements(estate: Estate) -> frozenset[str]:
    """Return the names of all statements that can be taken out."""
    return frozenset(one.id for one in _assignments(estate))


def says(estate: Estate, names: Collection[str]) -> dict[str, str]:
    """Say what statements do: which role, to whom, where, and whether a condition narrows it."""
    documents = Documents(estate)
    wanted = frozenset(names)
    found = {}
    for one in _assignments(estate):
        if one.id in wanted:
            verb, to = ("lets", "be activated by") if one.eligible else ("assigns", "to")
            narrowed = " under a condition" if one.expression else ""
            name = documents.roles.name(one.role)
            found[one.id] = f"{verb} {name} at {one.scope} {to} {person(one.principal)}{narrowed}"
    return found


def upkeep(estate: Estate) -> frozenset[str]:
    """Return the names of the statements by which the topmost scope over a subscription is administered.

    What lies below can be mended from above; who assigns roles at the top, or in a subscription without a management
    group that was read, is the last who can, but for a Global Administrator who elevates access.
    """
    documents = Documents(estate)
    accounts = [one for one in estate.accounts.values() if one.provider == PROVIDER]
    tops = {lowered((one.parents or (subscription(one.id),))[0]) for one in accounts} | {ROOT}
    return frozenset(
        one.id
        for one in _assignments(estate)
        if one.scope in tops and documents.roles.gives(one.role, ASSIGN_ROLES) and not one.eligible
    )


def _assignments(estate: Estate) -> Iterator[Assignment]:
    yield from (one for _, one in Documents(estate).every_assignment if one is not None)
