"""Of groups of Google Cloud whose members were not read: nothing passes that fails once it is known who is in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudscan.check import Check, World
from cloudscan.model import Answer, Gap, PolicyDocument, Principal, Record, Verdict, Why
from cloudscan.policy.file import parse_policy
from cloudscan.provider import Facet
from cloudscan.testing import NOW
from cloudscan_checks.reader_by_escalation import reader_by_escalation
from cloudscan_checks.too_many_readers import too_many_readers
from cloudscan_gcp import GcpProvider
from cloudscan_gcp.policy.test_support import (
    ANA,
    ASR,
    EVERYBODY,
    PROJECT,
    STAFF,
    STORE,
    TEAM,
    VIEWER,
    Json,
    allow,
    binding,
    bucket,
    deny,
    estate,
    person,
    role,
    rule,
)

NEW = "user:new@acme.example"
"""Somebody whom no policy names."""
DOMAIN, CUSTOMER = "domain:acme.example", "principalSet://goog/cloudIdentityCustomerId/C0acme"
ACTS, MAKES, TOKENS = "roles/acts", "roles/makes", "roles/tokens"
ROLES = [
    role(ACTS, "iam.serviceAccounts.actAs"),
    role(MAKES, "compute.instances.create", "compute.instances.setServiceAccount", "compute.disks.create"),
    role(TOKENS, "iam.serviceAccounts.getAccessToken"),
]
GIVEN = (VIEWER, "roles/storage.admin", "roles/owner", ACTS, MAKES, TOKENS)
BINDINGS = st.lists(
    st.tuples(
        st.sampled_from([PROJECT, PROJECT, STORE, ASR]),
        st.sampled_from(GIVEN),
        st.sampled_from([TEAM, TEAM, STAFF, DOMAIN, CUSTOMER, ANA, ASR]),
    ),
    max_size=6,
)
DENIED = st.one_of(st.none(), st.tuples(st.sampled_from([EVERYBODY, DOMAIN, ANA]), st.sampled_from([TEAM, STAFF])))
Given = Sequence[tuple[str, str, str]]
CHECKS = (reader_by_escalation, too_many_readers)


def _policies(given: Given, denied: tuple[str, str] | None) -> list[PolicyDocument]:
    bindings: dict[str, list[Json]] = {PROJECT: [], STORE: [], ASR: []}
    for node, name, member in given:
        bindings[node].append(binding(name, member))
    found = [allow(node, *held) for node, held in bindings.items()]
    if denied is not None:
        found.append(deny(PROJECT, rule(denied[0], exceptionPrincipals=[denied[1]])))
    return found


def _world(policies: Iterable[Record], read: Mapping[str, Sequence[str]], unread: Collection[str] = ()) -> World:
    people: list[Record] = [person(ASR, trust=f"{ASR}#iam"), Principal(DOMAIN, "gcp", "", "domain", "acme.example")]
    gaps = [Gap("gcp", "", "", Facet.PRINCIPALS, group, Why.DENIED, "list", "") for group in unread]
    held = estate(bucket(has_policy=Answer.YES), *ROLES, *policies, *people, gaps=gaps)
    groups = {name: Principal(name, "gcp", "", "group", name, members=tuple(who)) for name, who in read.items()}
    held = replace(held, principals={**held.principals, **groups})
    google = GcpProvider()
    policy = parse_policy({"access": {"max_readers": 2}})
    return World(held, policy, NOW, lambda: google.grants(held), unread_groups=google.unread_groups(held))


def _verdicts(check: Check, world: World) -> set[Verdict]:
    return {found.verdict for found in check.run(world)}


@settings(deadline=None, max_examples=50)
@given(BINDINGS, DENIED)
def test_what_passes_while_groups_are_not_read_passes_whoever_is_in_them(
    given_: Given, denied: tuple[str, str] | None
) -> None:
    policies = _policies(given_, denied)
    unread = _world(policies, {}, (TEAM, STAFF))
    # Of each who is known, it is not known whether they are a user of the customer.
    allowed = {Verdict.PASS, *([Verdict.UNKNOWN] if any(member == CUSTOMER for *_, member in given_) else [])}
    sure = [check for check in CHECKS if _verdicts(check, unread) == {Verdict.PASS}]
    for team, staff in product(((), (NEW,), (ANA, NEW), (ASR,)), ((), (NEW,), (TEAM,))) if sure else ():
        told = _world(policies, {TEAM: team, STAFF: staff})
        for check in sure:
            assert _verdicts(check, told) <= allowed, check.id


ELSEWHERE = (PROJECT, "roles/viewer", TEAM)
READS = (STORE, VIEWER, ASR)


@pytest.mark.parametrize(
    ("given_", "verdict"),
    [
        ([ELSEWHERE, READS], Verdict.PASS),
        ([READS, (STORE, VIEWER, TEAM)], Verdict.UNKNOWN),
        ([READS, (ASR, ACTS, TEAM), (PROJECT, MAKES, STAFF)], Verdict.UNKNOWN),
        ([READS, (ASR, ACTS, TEAM), (PROJECT, MAKES, DOMAIN)], Verdict.UNKNOWN),
        ([READS, (ASR, ACTS, TEAM), (PROJECT, MAKES, CUSTOMER)], Verdict.UNKNOWN),
    ],
)
def test_a_group_that_was_not_read_is_of_no_matter_only_where_it_has_no_way(given_: Given, verdict: Verdict) -> None:
    world = _world(_policies(given_, None), {}, (TEAM, STAFF))
    assert _verdicts(reader_by_escalation, world) == {verdict}
