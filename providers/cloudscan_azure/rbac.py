"""Who has which role where in a subscription, what is refused to whom, and what nobody may change.

One list for each, of the whole subscription: without a filter it holds what is assigned at it, below it and above it
("Role Assignments - List For Subscription"; atScope() alone leaves out what is below). Where nothing came from above,
the nearest management group is asked for what is assigned at or above it. Classic administrators have had no access
since 31 August 2024 ("Azure classic subscription administrators"), and are not asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from cloudscan.model import Gap, PolicyDocument, Why
from cloudscan.provider import Collected, Facet, Unit
from cloudscan_azure import delegations, rbac_read
from cloudscan_azure import units as made
from cloudscan_azure.accounts import SubscriptionScope
from cloudscan_azure.documents import GIVING
from cloudscan_azure.ids import lowered
from cloudscan_azure.policy.assignments import read_assignment
from cloudscan_azure.policy.scopes import subscription as scope_of
from cloudscan_azure.rbac_read import Told
from cloudscan_azure.rest import path_of
from cloudscan_azure.session import Asker
from cloudscan_azure.shared_lists import Listing, shared

_AUTHORIZATION = "providers/Microsoft.Authorization"
_API, _PIM, _LOCKS = "2022-04-01", "2020-10-01", "2020-05-01"
_FACET = Facet.ORGANIZATION
UNLICENSED = ("AadPremiumLicenseRequired",)
"""The tenant has no Privileged Identity Management, so that nobody is eligible for anything."""


def units(subscription: SubscriptionScope) -> Iterator[Unit]:
    """Yield the one unit that asks for assignments, definitions, deny assignments and locks."""
    if subscription.wants(_FACET):
        yield from made.of_subscription(subscription, "rbac", collect, requests=7)


def collect(subscription: SubscriptionScope, asker: Asker) -> Iterator[Collected]:
    """Yield all of it as documents; what could not be read, or makes no sense, is a Gap on the subscription's scope."""
    given = assignments(subscription, asker, _FACET)
    eligible = eligibility(subscription, asker, _FACET)
    yield from _kept(asker, given, "hierarchy", "RoleAssignments_ListForSubscription", "roleAssignments")
    yield from _kept(asker, [eligible], "eligible", "RoleEligibilityScheduleInstances_ListForScope", _ELIGIBILITY)
    denied = denies(subscription, asker, _FACET)
    yield from _kept(asker, [denied], "deny", "DenyAssignments_List", "denyAssignments")
    lent = delegations.delegations(subscription, asker, _FACET)
    yield from (one for each in lent.items for one in delegations.rights(each, asker.account))
    yield from lent.gaps
    named = {rbac_read.role_of(each) for listing in (*given, eligible) for each in listing.items}
    named |= {role for each in lent.items for role in delegations.roles(each)}
    yield from _definitions(asker, named)
    yield from _locks(asker)


_ELIGIBILITY = "roleEligibilityScheduleInstances"


def _kept(
    asker: Asker, listings: Iterable[Listing], kind: str, operation: str, noun: str
) -> Iterator[PolicyDocument | Gap]:
    keep = partial(rbac_read.at_scope, kind=kind, account=asker.account)
    for listing in listings:
        senseless: Counter[str] = Counter()
        for one in _documents(asker, listing, keep, operation, _reading(noun)):
            yield one
            senseless.update(_senseless(one))
        for scope, number in sorted(senseless.items()):
            words = f"{number} entries make no sense"
            yield asker.gap(_FACET, scope, Why.MALFORMED, operation, words, _reading(noun))


def _senseless(one: PolicyDocument | Gap) -> Sequence[str]:
    """Return the scope at which an assignment gives to nobody knows whom, or nobody knows what, be it kept or not."""
    if not isinstance(one, PolicyDocument) or one.kind not in GIVING:
        return ()
    return () if read_assignment(one.id, one.document, eligible=one.kind == "eligible") else one.attached_to


def _documents(
    asker: Asker, listing: Listing, keep: Callable[[Told], PolicyDocument | None], operation: str, permission: str
) -> Iterator[PolicyDocument | Gap]:
    """Yield what a list holds, and a Gap for entries that make no sense."""
    found = [keep(each) for each in listing.items]
    yield from (each for each in found if each is not None)
    if lost := found.count(None):
        where = scope_of(asker.account)
        yield asker.gap(_FACET, where, Why.MALFORMED, operation, f"{lost} entries make no sense", permission)
    if listing.gap is not None:
        yield listing.gap


def assignments(subscription: SubscriptionScope, asker: Asker, facet: Facet) -> Sequence[Listing]:
    """Ask for the role assignments at, below and above a subscription, with their ends where these are told."""
    operation, noun = "RoleAssignments_ListForSubscription", "roleAssignments"
    found = _listed(asker, operation, noun, scope_of(subscription.id), facet)
    ends = _endings(asker, facet)
    listings = [Listing([*rbac_read.until(found.items, ends.items)], found.gap), Listing((), ends.gap)]
    inherited = any(rbac_read.is_above(each, subscription.id) for each in found.items)
    if subscription.parents and not inherited:
        nearest = lowered(subscription.parents[-1])
        query = {"$filter": "atScope()"}
        listings.append(_listed(asker, "RoleAssignments_ListForScope", noun, nearest, facet, query=query))
    return listings


def _endings(asker: Asker, facet: Facet) -> Listing:
    """Ask which assignments end.

    Without an answer they are taken to last, as they do while they are listed: so its Gap is not one on the scope, of
    which it would say that assignments are missing.
    """
    operation, noun = "RoleAssignmentScheduleInstances_ListForScope", "roleAssignmentScheduleInstances"
    told = _listed(asker, operation, noun, scope_of(asker.account), facet, api=_PIM, absent=UNLICENSED)
    where = f"{scope_of(asker.account)}/{_AUTHORIZATION}/{noun}".lower()
    return replace(told, gap=replace(told.gap, resource=where)) if told.gap else told


def eligibility(subscription: SubscriptionScope, asker: Asker, facet: Facet) -> Listing:
    """Ask for whom may activate a role."""
    operation = "RoleEligibilityScheduleInstances_ListForScope"
    scope = scope_of(subscription.id)
    return _listed(asker, operation, _ELIGIBILITY, scope, facet, api=_PIM, absent=UNLICENSED)


def denies(subscription: SubscriptionScope, asker: Asker, facet: Facet) -> Listing:
    """Ask for the deny assignments at, below and above a subscription."""
    return _listed(asker, "DenyAssignments_List", "denyAssignments", scope_of(subscription.id), facet)


def _definitions(asker: Asker, named: set[str]) -> Iterator[PolicyDocument | Gap]:
    told = _listed(asker, "RoleDefinitions_List", "roleDefinitions", scope_of(asker.account), _FACET)
    wanted = [each for each in told.items if rbac_read.is_wanted(each, named)]
    keep = partial(rbac_read.definition, account=asker.account)
    yield from _documents(asker, Listing(wanted, told.gap), keep, "RoleDefinitions_List", _reading("roleDefinitions"))


def _locks(asker: Asker) -> Iterator[PolicyDocument | Gap]:
    operation = "ManagementLocks_ListAtSubscriptionLevel"
    told = _listed(asker, operation, "locks", scope_of(asker.account), _FACET, api=_LOCKS)
    yield from _documents(asker, told, partial(rbac_read.lock, account=asker.account), operation, _reading("locks"))


def _reading(noun: str) -> str:
    return f"Microsoft.Authorization/{noun}/read"


def _listed(
    asker: Asker,
    operation: str,
    noun: str,
    scope: str,
    facet: Facet,
    *,
    api: str = _API,
    query: dict[str, str] | None = None,
    absent: Sequence[str] = (),
) -> Listing:
    """Ask for one list of a scope, once in a scan: who is named by it is asked about by others."""
    return shared(
        asker,
        operation,
        path_of(scope, _AUTHORIZATION, noun),
        facet=facet,
        resource=scope,
        permission=_reading(noun),
        api=api,
        query=query,
        absent=absent,
    )
