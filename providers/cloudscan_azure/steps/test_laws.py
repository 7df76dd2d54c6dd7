"""Laws of steps over drawn worlds: more rights lose nobody, more denies gain nobody, order means nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudscan.access import AccessGraph, Ruling
from cloudscan.access.paths import RULINGS
from cloudscan.estate import Estate
from cloudscan.model import PolicyDocument, Record
from cloudscan_azure.grants import derive
from cloudscan_azure.policy.test_support import (
    ACCOUNT,
    ANA,
    BO,
    GROUP,
    RESOURCES,
    STAFF,
    STORE,
    SUBSCRIPTION,
    TEAM,
    assigned,
    denied,
    estate,
    lock,
    role,
)
from cloudscan_azure.steps.test_support import (
    APP,
    GLOBAL,
    IDENTITY,
    OWN,
    VM,
    machine,
    manages,
    owns,
    permitted,
    service,
)

_STORAGE = "Microsoft.Storage/storageAccounts"
ROLES: Mapping[str, Sequence[str]] = {
    "keys": (f"{_STORAGE}/listKeys/action",),
    "writes": (f"{_STORAGE}/write", f"{_STORAGE}/blobServices/containers/write"),
    "copies": (f"{_STORAGE}/objectReplicationPolicies/write", f"{_STORAGE}/blobServices/write"),
    "assigns": ("Microsoft.Authorization/roleAssignments/write",),
    "unlocks": ("Microsoft.Authorization/locks/delete",),
    "steers": ("Microsoft.Compute/virtualMachines/runCommand/action",),
    "attaches": ("Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", "Microsoft.Logic/workflows/write"),
    "rewrites": ("Microsoft.Authorization/roleDefinitions/write",),
    "own": ("Microsoft.Storage/storageAccounts/read",),
}
SCOPES = (GROUP, SUBSCRIPTION, RESOURCES, ACCOUNT, STORE, VM, OWN)
WHO = (ANA, BO, TEAM, APP, IDENTITY)
Assigned = tuple[str, str, str]
Denied = tuple[str, str, str]
given_roles = st.tuples(st.sampled_from(SCOPES), st.sampled_from([*ROLES, "reader", "owner"]), st.sampled_from(WHO))
refused = st.tuples(
    st.sampled_from([SUBSCRIPTION, ACCOUNT, VM]),
    st.sampled_from(["*", f"{_STORAGE}/*", "Microsoft.Authorization/*", "Microsoft.Compute/*"]),
    st.sampled_from(["", ANA]),
)
managing = st.sampled_from(
    [
        (),
        (manages(ANA),),
        (manages(TEAM, eligible=True),),
        (permitted(APP, "AppRoleAssignment.ReadWrite.All"),),
        (owns(APP, ANA), owns(STAFF, BO, isAssignableToRole=None)),
        (owns(TEAM, BO, isAssignableToRole=True), manages(BO, "fdd7a751-b60b-444a-984c-02652fe8fa1c")),
    ]
)
locked = st.lists(st.sampled_from([SUBSCRIPTION, ACCOUNT, VM]), max_size=1)
drawn = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def world(
    assignments: Sequence[Assigned],
    denies: Sequence[Denied] = (),
    held: Sequence[PolicyDocument] = (),
    locks: Sequence[str] = (),
) -> Estate:
    kinds = {"own": {"type": "CustomRole", "assignableScopes": [SUBSCRIPTION]}}
    records: list[Record] = [
        *(custom(name, actions, **kinds.get(name, {})) for name, actions in ROLES.items()),
        *(assigned(*each) for each in assignments),
        *(
            denied(scope, *filter(None, [who]), name=f"deny-{number}", actions=[actions], data=["*"] * (actions == "*"))
            for number, (scope, actions, who) in enumerate(denies)
        ),
        *(lock(each) for each in locks),
        *held,
        service(APP),
        service(IDENTITY, path=OWN),
        machine(IDENTITY),
    ]
    return estate(*records)


def custom(name: str, actions: Sequence[str], **facts: Any) -> PolicyDocument:
    """The definition of a role, which may be one of one's own."""
    made = role(name, actions=list(actions))
    told = json.loads(made.document)
    return replace(made, document=json.dumps({"properties": {**told["properties"], **facts}}))


def readers(held: Estate) -> dict[str, int]:
    """Return how unsure everybody's best way is, 0 for a plain yes."""
    found = AccessGraph(derive(held)).readers(STORE)
    return {one.principal: RULINGS.index(one.verdict) for one in found if one.verdict is not Ruling.NO}


every = (st.lists(given_roles, max_size=6), st.lists(refused, max_size=2), managing, locked)


@drawn
@given(*every, given_roles)
def test_one_more_role_takes_no_way_from_anybody(
    assignments: list[Assigned], denies: list[Denied], held: Any, locks: list[str], more: Assigned
) -> None:
    before = readers(world(assignments, denies, held, locks))
    after = readers(world([*assignments, more], denies, held, locks))
    assert all(name in after and after[name] <= sure for name, sure in before.items())


@drawn
@given(*every, refused)
def test_one_more_deny_assignment_gives_nobody_a_way(
    assignments: list[Assigned], denies: list[Denied], held: Any, locks: list[str], more: Denied
) -> None:
    before = readers(world(assignments, denies, held, locks))
    after = readers(world(assignments, [*denies, more], held, locks))
    assert all(name in before and before[name] <= sure for name, sure in after.items())


@drawn
@given(*every[:3], st.sampled_from([SUBSCRIPTION, ACCOUNT, VM]))
def test_one_more_lock_gives_nobody_a_way(
    assignments: list[Assigned], denies: list[Denied], held: Any, more: str
) -> None:
    before = readers(world(assignments, denies, held))
    after = readers(world(assignments, denies, held, [more]))
    assert all(name in before and before[name] <= sure for name, sure in after.items())


@drawn
@given(st.lists(given_roles, max_size=6), managing)
def test_who_manages_the_tenant_loses_nobody_a_way(assignments: list[Assigned], held: Any) -> None:
    before, after = readers(world(assignments, held=held)), readers(world(assignments, held=(*held, manages(BO))))
    assert after[BO] == 0
    assert all(name in after and after[name] <= sure for name, sure in before.items())


@drawn
@given(*every, st.randoms(use_true_random=False))
def test_order_and_repetition_mean_nothing(
    assignments: list[Assigned], denies: list[Denied], held: Any, locks: list[str], order: Any
) -> None:
    shuffled = [*assignments, *assignments]
    order.shuffle(shuffled)
    assert readers(world(assignments, denies, held, locks)) == readers(world(shuffled, denies, held, locks))


def test_a_global_administrator_is_one_by_the_id_of_the_role() -> None:
    assert readers(world([], held=(manages(ANA, GLOBAL.upper()),))) == {ANA: 0}
