"""Guests and users of identity pools, and what of a pool was not read."""

from __future__ import annotations

from typing import Any

import pytest

from cloudscan.access import Ruling, keys
from cloudscan.model import ANYONE, Answer, Federation
from cloudscan_aws.steps.pools import COGNITO
from cloudscan_aws.steps.test_support import (
    ACCOUNT,
    CALLS,
    READS,
    allow,
    arn,
    derived,
    estate,
    identity,
    steps,
    trusting,
)

NAME = "eu-central-1:aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
POOL = f"arn:aws:cognito-identity:eu-central-1:{ACCOUNT}:identitypool/{NAME}"
GUEST, MEMBER = arn("role", "guest"), arn("role", "member")


def pool(**facts: Any) -> Federation:
    given: dict[str, Any] = {
        "guests": Answer.YES,
        "classic_flow": Answer.NO,
        "roles": (("guest", GUEST), ("signed-in", MEMBER)),
    }
    return Federation(POOL, "aws", ACCOUNT, "eu-central-1", "cognito", "app", **{**given, **facts})


def admits(amr: str, name: str = NAME) -> Any:
    condition = {"StringEquals": {f"{COGNITO}:aud": name}, "ForAnyValue:StringLike": {f"{COGNITO}:amr": amr}}
    return trusting({"Federated": COGNITO}, condition, "sts:AssumeRoleWithWebIdentity")


def app(*guest: Any, member: tuple[Any, ...] = (), **facts: Any) -> Any:
    of_guest = identity("role", "guest", *guest, trust=admits("unauthenticated"))
    of_member = identity("role", "member", *member, trust=admits("authenticated"))
    return estate(pool(**facts), of_guest, of_member)


def test_guests_and_users_become_guises_that_read() -> None:
    edges, grants = derived(app(READS, member=(READS,)))
    (guest,) = [edge for edge in edges if edge.kind == "cognito-guest"]
    (member,) = [edge for edge in edges if edge.kind == "cognito-sign-in"]
    assert (guest.sources, guest.targets, guest.guise) == ((ANYONE,), (f"guests of {POOL}",), True)
    assert (member.sources, member.targets, member.guise) == ((POOL,), (f"signed-in users of {POOL}",), True)
    readers = {grant.principal for grant in grants if not grant.by}
    assert readers == {GUEST, MEMBER, *guest.targets, *member.targets}


def test_nobody_is_a_guest_whom_the_role_does_not_admit() -> None:
    refusing = identity("role", "guest", READS, trust=admits("authenticated"))
    member = identity("role", "member", READS, allow("sts:AssumeRole", "*"), trust=admits("unauthenticated"))
    edges, grants = derived(estate(pool(), refusing, member))
    assert {grant.principal for grant in grants if not grant.by} == {GUEST, MEMBER}
    assert not [edge for edge in edges if any(POOL in source and " of " in source for source in edge.sources)]


def test_an_identity_variable_stays_a_condition_on_who_it_is() -> None:
    own = allow("s3:GetObject", f"{CALLS}/${{{COGNITO}:sub}}/*")
    _, grants = derived(app(member=(own,)))
    (grant,) = [grant for grant in grants if grant.principal.startswith("signed-in")]
    assert grant.decision.ruling is Ruling.IF
    assert keys(grant.decision.condition) == {f"{COGNITO}:sub"}


def test_the_enhanced_flow_limits_guests_and_no_signed_in_users() -> None:
    assumes = allow("sts:AssumeRole", "*")
    reader = identity("role", "reader", READS, trust=trusting(f"arn:aws:iam::{ACCOUNT}:root"))
    held = app(assumes, member=(assumes,))
    held = estate(*held.principals.values(), *held.policies.values(), *held.federations.values(), reader)
    sources = {source for edge in steps(held, "assume-role") for source in edge.sources}
    assert f"signed-in users of {POOL}" in sources
    assert f"guests of {POOL}" not in sources


@pytest.mark.parametrize(
    ("facts", "ruling"),
    [
        ({"guests": Answer.UNKNOWN}, Ruling.UNKNOWN),
        ({"roles": None}, Ruling.UNKNOWN),
        ({"roles": (("guest", arn("role", "elsewhere")),)}, Ruling.UNKNOWN),
    ],
)
def test_what_was_not_read_of_a_pool_is_unknown(facts: dict[str, Any], ruling: Ruling) -> None:
    edges, _ = derived(app(READS, **facts))
    (edge,) = [edge for edge in edges if edge.kind == "cognito-guest"]
    assert edge.decision.ruling is ruling


def test_guests_that_are_off_lead_nowhere() -> None:
    assert not steps(app(READS, guests=Answer.NO), "cognito-guest")


@pytest.mark.parametrize(
    ("flow", "ruling"), [(Answer.YES, Ruling.YES), (Answer.UNKNOWN, Ruling.UNKNOWN), (Answer.NO, None)]
)
def test_the_basic_flow_hands_out_every_role_that_admits_the_token(flow: Answer, ruling: Ruling | None) -> None:
    found = [edge for edge in steps(app(READS, classic_flow=flow), "cognito-guest") if not edge.guise]
    assert [edge.decision.ruling for edge in found] == ([] if ruling is None else [ruling])
    assert all(edge.targets == (GUEST,) for edge in found)


def test_a_rule_picks_a_role_by_what_the_token_says() -> None:
    picked = (("cognito:groups Equals admins", MEMBER),)
    (edge,) = [edge for edge in steps(app(roles=picked), "cognito-sign-in") if not edge.guise]
    assert (edge.sources, edge.targets) == ((POOL,), (MEMBER,))
    assert keys(edge.decision.condition) == {"cognito:groups"}


def test_a_pool_of_which_there_is_no_record_is_told_and_unknown() -> None:
    other = "eu-central-1:ffffffff-bbbb-4ccc-8ddd-eeeeeeeeeeee"
    (edge,) = steps(estate(identity("role", "member", READS, trust=admits("authenticated", other))), "federate")
    assert edge.sources == (f"identity pool {other}",)
    assert edge.decision.ruling is Ruling.UNKNOWN
