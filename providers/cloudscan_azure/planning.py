"""From a scope to the units of its collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from types import ModuleType

from cloudscan.model import Account
from cloudscan.provider import Collected, Plan, Scope, Unit
from cloudscan_azure import backups, diagnostics, federation, graph, rbac, speech, storage, vaults, workloads
from cloudscan_azure.discovery import Found, Session, find
from cloudscan_azure.estimate import estimate
from cloudscan_azure.ids import PROVIDER
from cloudscan_azure.listed import Listed, wanted

SERVICES: tuple[ModuleType, ...] = (storage, rbac, federation, workloads, vaults, speech, backups, diagnostics)
"""Each has ``units(subscription)``; their order is that of the plan."""
ABOVE: tuple[ModuleType, ...] = ()
"""Each has ``units_above(node)``, for management groups of the scope and above it, and the roots of their tenants."""


def plan(scope: Scope) -> Plan:
    """Find what lies in the scope and say what will be asked. Raises as :meth:`Session.open` does."""
    session = Session.open(scope)
    found, nodes = find(session)
    known = [each.subscription for each in found if each.subscription]
    units = [*units_of(found), *graph.units_of(known)]
    units += [unit for node in nodes for service in ABOVE for unit in service.units_above(node)]
    cost = estimate(scope, known, units)
    return Plan(units, [session.caller], cost.requests, cost.cost_usd, cost.notes)


def units_of(found: Sequence[Found]) -> Iterator[Unit]:
    """Yield the units of subscriptions that were found, each with whom its lists name."""
    known = [each.subscription for each in found if each.subscription]
    tenants = {each.tenant: Listed(each.tenant, [one for one in known if one.tenant == each.tenant]) for each in known}
    for each in found:
        yield from _units(each, tenants)


def _units(found: Found, tenants: Mapping[str, Listed]) -> Iterator[Unit]:
    # Planning has asked for all that the account's own record holds.
    yield Unit(f"{PROVIDER}/{found.id}/account", f"{found.id} account", partial(_account, found), 0)
    if found.subscription is not None:
        lists = tenants[found.subscription.tenant] if wanted(found.subscription) else None
        for service in SERVICES:
            for unit in service.units(found.subscription):
                yield lists.added(unit) if lists and service is storage else unit


def _account(found: Found) -> Iterator[Collected]:
    """Yield what planning noticed, and the subscription with what holds for all of it."""
    yield from found.noticed
    one = found.subscription
    if one is not None:
        yield Account(
            id=one.id,
            provider=PROVIDER,
            name=one.name,
            organization=one.tenant or None,
            parents=one.parents,
        )
