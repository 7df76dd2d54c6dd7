"""Laws of steps over drawn worlds: more rights lose nobody, more denies gain nobody, order means nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudscan.access import AccessGraph, Ruling
from cloudscan.access.paths import RULINGS
from cloudscan.estate import Estate
from cloudscan.model import Account, Answer, PolicyDocument, Record
from cloudscan_gcp.grants import derive
from cloudscan_gcp.policy.test_support import (
    ANA,
    BO,
    EVERYBODY,
    FOLDER,
    ORGANIZATION,
    PROJECT,
    STORE,
    VIEWER,
    allow,
    binding,
    deny,
    estate,
    person,
    role,
    rule,
)
from cloudscan_gcp.steps.test_support import account, machine

MID, READER = (f"serviceAccount:{name}@calls.iam.gserviceaccount.com" for name in ("mid", "reader"))
ROLES: Mapping[str, Sequence[str]] = {
    "projects/calls/roles/tokens": ("iam.serviceAccounts.getAccessToken",),
    "projects/calls/roles/delegates": ("iam.serviceAccounts.implicitDelegation",),
    "projects/calls/roles/keys": ("iam.serviceAccountKeys.create", "storage.hmacKeys.create"),
    "projects/calls/roles/acts": ("iam.serviceAccounts.actAs",),
    "projects/calls/roles/makes": ("run.services.create", "compute.instances.setMetadata", "compute.instances.reset"),
    "projects/calls/roles/sets": ("resourcemanager.projects.setIamPolicy", "storage.buckets.setIamPolicy"),
    "projects/calls/roles/sets-accounts": ("iam.serviceAccounts.setIamPolicy",),
    "organizations/1/roles/sets-all": ("resourcemanager.organizations.setIamPolicy", "iam.roles.update"),
    "organizations/1/roles/lifts": ("iam.denypolicies.update",),
    "projects/calls/roles/little": ("iam.roles.update",),
    "organizations/1/roles/moves": ("resourcemanager.projects.move",),
    VIEWER: ("storage.objects.get",),
}
DENIED = (
    "storage.googleapis.com/objects.get",
    "iam.googleapis.com/serviceAccounts.*",
    "cloudresourcemanager.googleapis.com/projects.setIamPolicy",
    "iam.googleapis.com/denypolicies.*",
)
OTHER_FOLDER = "folders/20"
NODES = (ORGANIZATION, FOLDER, OTHER_FOLDER, PROJECT, STORE, MID, READER)
LIMITS = (
    "",
    "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['projects/calls/roles/acts'])",
    "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['projects/calls/roles/sets'])",
)
Bound = tuple[str, str, str, str]
Denied = tuple[str, str, str]
bound = st.tuples(
    st.sampled_from(NODES),
    st.sampled_from(sorted(ROLES)),
    st.sampled_from([ANA, BO, MID, READER]),
    st.sampled_from(LIMITS),
)
denied = st.tuples(
    st.sampled_from([ORGANIZATION, FOLDER, OTHER_FOLDER, PROJECT]),
    st.sampled_from(DENIED),
    st.sampled_from([EVERYBODY, "principal://goog/subject/ana@acme.example"]),
)
drawn = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def world(bindings: Sequence[Bound], denies: Sequence[Denied]) -> Estate:
    held: dict[str, list[Any]] = {node: [] for node in NODES}
    for node, name, member, when in bindings:
        held[node].append(binding(name, member, when=when))
    policies: list[PolicyDocument] = [allow(node, *each) for node, each in held.items()]
    policies += [
        deny(node, rule(member, permissions=[permission]), name=f"deny-{number}")
        for number, (node, permission, member) in enumerate(denies)
    ]
    controls = dict.fromkeys(("iam.disableServiceAccountKeyCreation", "iam.disableServiceAccountKeyUpload"), Answer.NO)
    controls["iam.allowedPolicyMemberDomains"] = Answer.NO
    above = (ORGANIZATION, FOLDER)
    records: list[Record] = [
        Account("calls", "gcp", parents=above, unique_id="1001", tags={}, controls=controls),
        Account("other", "gcp", parents=(ORGANIZATION, OTHER_FOLDER), unique_id="1002", tags={}, controls=controls),
        allow("projects/other"),
        *(role(name, *permissions) for name, permissions in ROLES.items()),
        *(person(name) for name in (ANA, BO)),
        *(one for name in ("mid", "reader") for one in account(name) if not isinstance(one, PolicyDocument)),
        machine("vm", MID),
    ]
    return estate(*records, *policies)


def readers(held: Estate) -> dict[str, int]:
    """Return how unsure everybody's best way is, 0 for a plain yes."""
    found = AccessGraph(derive(held)).readers(STORE)
    return {one.principal: RULINGS.index(one.verdict) for one in found if one.verdict is not Ruling.NO}


@drawn
@given(st.lists(bound, max_size=6), st.lists(denied, max_size=2), bound)
def test_one_more_binding_takes_no_way_from_anybody(bindings: list[Bound], denies: list[Denied], more: Bound) -> None:
    before, after = readers(world(bindings, denies)), readers(world([*bindings, more], denies))
    assert all(name in after and after[name] <= sure for name, sure in before.items())


@drawn
@given(st.lists(bound, max_size=6), st.lists(denied, max_size=2), denied)
def test_one_more_deny_policy_gives_nobody_a_way(bindings: list[Bound], denies: list[Denied], more: Denied) -> None:
    before, after = readers(world(bindings, denies)), readers(world(bindings, [*denies, more]))
    assert all(name in before and before[name] <= sure for name, sure in after.items())


@drawn
@given(st.lists(bound, max_size=6), st.lists(denied, max_size=2), st.randoms(use_true_random=False))
def test_order_and_repetition_mean_nothing(bindings: list[Bound], denies: list[Denied], order: Any) -> None:
    shuffled = [*bindings, *bindings]
    order.shuffle(shuffled)
    assert readers(world(bindings, denies)) == readers(world(shuffled, denies))
