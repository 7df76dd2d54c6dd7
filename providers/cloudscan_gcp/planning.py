"""From a scope to the units of its collection."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from types import ModuleType

from cloudscan.model import Account
from cloudscan.provider import Collected, Plan, Scope, Unit
from cloudscan_gcp import (
    audit,
    buckets,
    custom_roles,
    dialogflow,
    federation,
    firebase,
    hierarchy,
    hmac,
    insights,
    kms,
    perimeters,
    service_accounts,
    speech,
    transfers,
)
from cloudscan_gcp.discovery import Found, Session, find
from cloudscan_gcp.estimate import estimate
from cloudscan_gcp.named import Named
from cloudscan_gcp.session import PROVIDER
from cloudscan_gcp.workloads import containers, functions, instances

SERVICES: tuple[ModuleType, ...] = (
    buckets,
    hmac,
    hierarchy,
    custom_roles,
    service_accounts,
    federation,
    firebase,
    instances,
    functions,
    containers,
    kms,
    speech,
    insights,
    dialogflow,
    transfers,
    audit,
)
"""Each has ``units(project)``; their order is that of the plan."""
ABOVE: tuple[ModuleType, ...] = (hierarchy, custom_roles, perimeters)
"""Each has ``units_above(node)``, for the folders and organizations of the scope and above it."""


def plan(scope: Scope) -> Plan:
    """Find what lies in the scope and say what will be asked. Raises as :meth:`Session.open` does."""
    session = Session.open(scope)
    found, nodes = find(session)
    units = [unit for each in found for unit in _units(each)]
    units += [unit for node in nodes for service in ABOVE for unit in service.units_above(node)]
    units += kms.units_elsewhere([each.project for each in found if each.project])
    listed = {f"projects/{each.id}" for each in found if each.project} | {node.id for node in nodes}
    told = Named(session.clients, scope, listed)
    units = [told.added(unit) for unit in units]
    cost = estimate(scope, [each.project for each in found if each.project], units)
    return Plan(units, [session.caller], cost.requests, cost.cost_usd, cost.notes)


def _units(found: Found) -> Iterator[Unit]:
    # Planning has asked for all that the account's own record holds.
    yield Unit(f"{PROVIDER}/{found.id}/account", f"{found.id} account", partial(_account, found), 0)
    if found.project is not None:
        for service in SERVICES:
            yield from service.units(found.project)


def _account(found: Found) -> Iterator[Collected]:
    """Yield what planning noticed, and the project with what holds for all of it."""
    yield from found.noticed
    project = found.project
    if project is None:
        return
    yield Account(
        id=project.id,
        provider=PROVIDER,
        name=project.name,
        organization=project.organization,
        parents=project.parents,
        controls=project.constraints,
        unique_id=project.number,
        tags=project.tags,
    )
