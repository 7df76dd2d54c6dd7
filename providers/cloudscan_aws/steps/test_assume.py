"""Roles assumed: who shares an edge, who stands outside, and what was not read."""

from __future__ import annotations

from typing import Any

import pytest

from cloudscan.access import Ruling, keys
from cloudscan.model import ANYONE_SIGNED_IN, Account, Answer
from cloudscan_aws.askers import UNNAMED
from cloudscan_aws.steps.test_support import (
    ACCOUNT,
    PARTNER,
    READS,
    ROOT,
    allow,
    arn,
    deny,
    estate,
    identity,
    pairs,
    steps,
    trusting,
)

ASSUMES = allow("sts:AssumeRole", "*")
EXTERNAL = {"StringEquals": {"sts:ExternalId": "ext-7"}}


def test_hundreds_who_are_alike_share_one_edge_to_hundreds_of_roles() -> None:
    people = [one for number in range(300) for one in identity("user", f"u{number:03d}", ASSUMES)]
    roles = [one for number in range(300) for one in identity("role", f"r{number:03d}", READS, trust=trusting(ROOT))]
    (edge,) = steps(estate(people, roles), "assume-role")
    assert (len(edge.sources), len(edge.targets)) == (300, 300)
    assert edge.decision.ruling is Ruling.YES
    assert (edge.changes, edge.reads_only, edge.guise, edge.outside) == (False, False, False, False)


def test_an_edge_proves_each_pair_by_that_pairs_statements() -> None:
    people = [one for name in ("ana", "bo") for one in identity("user", name, ASSUMES)]
    (edge,) = steps(estate(people, identity("role", "reader", trust=trusting(ROOT))), "assume-role")
    for name in ("ana", "bo"):
        first, *rest = edge.prove(arn("user", name), arn("role", "reader"))
        assert first.reason == f"{arn('user', name)} may assume the role {arn('role', 'reader')}"
        assert {step.statement for step in rest} == {
            f"{arn('user', name)}#inline/own, statement 1",
            f"{arn('role', 'reader')}#trust, statement 1",
        }


def test_who_is_named_is_told_apart_from_who_is_alike_otherwise() -> None:
    people = [one for name in ("ana", "bo", "cy") for one in identity("user", name)]
    reader = identity("role", "reader", trust=trusting(arn("user", "bo")))
    assert list(pairs(steps(estate(people, reader), "assume-role"))) == [("user/bo", "role/reader")]


@pytest.mark.parametrize(
    ("trust", "party", "agreed", "ruling"),
    [
        (trusting(f"arn:aws:iam::{PARTNER}:root"), f"arn:aws:iam::{PARTNER}:root", Answer.NO, Ruling.YES),
        (trusting(f"arn:aws:iam::{PARTNER}:root", EXTERNAL), f"arn:aws:iam::{PARTNER}:root", Answer.YES, Ruling.IF),
        (trusting(arn("role", "etl", PARTNER)), arn("role", "etl", PARTNER), Answer.NO, Ruling.YES),
        (trusting("*"), ANYONE_SIGNED_IN, Answer.NO, Ruling.YES),
        (trusting("*", EXTERNAL), ANYONE_SIGNED_IN, Answer.YES, Ruling.IF),
    ],
)
def test_outside_parties_that_a_trust_names(trust: Any, party: str, agreed: Answer, ruling: Ruling) -> None:
    found = [edge for edge in steps(estate(identity("role", "reader", trust=trust)), "assume-role") if edge.outside]
    (edge,) = found
    assert (edge.sources, edge.targets) == ((party,), (arn("role", "reader"),))
    assert (edge.agreed_id, edge.decision.ruling) == (agreed, ruling)
    assert edge.account == (PARTNER if party != ANYONE_SIGNED_IN else "")


def test_an_account_of_the_estate_is_not_outside() -> None:
    ben = identity("user", "ben", ASSUMES, account=PARTNER)
    reader = identity("role", "reader", trust=trusting(f"arn:aws:iam::{PARTNER}:root"))
    accounts: list[Any] = [Account(name, "aws", organization="") for name in (ACCOUNT, PARTNER)]
    (edge,) = steps(estate(ben, reader, accounts), "assume-role")
    assert edge.sources == (arn("user", "ben", PARTNER),)
    assert not edge.outside


def test_everybody_of_ones_own_organization_is_no_stranger() -> None:
    ours = trusting("*", {"StringEquals": {"aws:PrincipalOrgID": "o-1"}})
    member: Any = Account(ACCOUNT, "aws", organization="o-1", management=Answer.NO, parents=())
    found = steps(estate(member, identity("role", "reader", trust=ours)), "assume-role")
    assert not [edge for edge in found if edge.outside]


def test_a_trust_that_was_not_read_may_admit_everybody() -> None:
    people = [identity("user", "ana"), identity("user", "bo", deny("sts:AssumeRole", "*"))]
    found = steps(estate(*people, identity("role", "reader", trust=None)), "assume-role")
    assert all(edge.decision.ruling is Ruling.UNKNOWN for edge in found)
    assert set(pairs(found)) == {("user/ana", "role/reader"), (UNNAMED, "role/reader")}


def test_policies_that_were_not_read_may_allow_it() -> None:
    reader = identity("role", "reader", trust=trusting(ROOT))
    found = steps(estate(identity("user", "ana", policies=None), reader), "assume-role")
    (edge,) = [edge for edge in found if edge.sources == (arn("user", "ana"),)]
    assert edge.decision.ruling is Ruling.UNKNOWN


def test_a_session_that_a_trust_names_is_its_role_under_that_name() -> None:
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/hop/nightly"
    hop = identity("role", "hop", trust=trusting({"Service": "lambda.amazonaws.com"}))
    (edge,) = steps(estate(hop, identity("role", "reader", trust=trusting(session))), "assume-role")
    assert edge.sources == (arn("role", "hop"),)
    assert keys(edge.decision.condition) == {"sts:RoleSessionName"}


def test_all_but_one_are_admitted_where_the_trust_spares_one() -> None:
    people = [one for name in ("ana", "bo") for one in identity("user", name, ASSUMES)]
    spared = {"Effect": "Allow", "NotPrincipal": {"AWS": arn("user", "ana")}, "Action": "sts:AssumeRole"}
    found = set(pairs(steps(estate(people, identity("role", "reader", trust=spared)), "assume-role")))
    assert ("user/bo", "role/reader") in found
    assert ("user/ana", "role/reader") not in found


def test_whom_a_trust_denies_is_told_apart_from_those_who_are_alike_otherwise() -> None:
    people = [one for name in ("ana", "bo") for one in identity("user", name, ASSUMES)]
    denied = {**trusting(arn("user", "ana")), "Effect": "Deny"}
    reader = identity("role", "reader", trust=(trusting(ROOT), denied))
    assert list(pairs(steps(estate(people, reader), "assume-role"))) == [("user/bo", "role/reader")]


@pytest.mark.parametrize("trust", [None, {"Effect": "Perhaps", "Action": "sts:AssumeRole"}])
def test_what_was_not_understood_of_one_roles_trust_is_not_said_of_another(trust: Any) -> None:
    roles = [one for name in ("a", "b") for one in identity("role", name, READS, trust=trust)]
    found = steps(estate(identity("user", "ana", ASSUMES), roles), "assume-role")
    for target, other in ((arn("role", "a"), arn("role", "b")), (arn("role", "b"), arn("role", "a"))):
        unseen = [why for edge in found if target in edge.targets for why in edge.decision.unseen]
        assert any(target in why for why in unseen)
        assert not any(other in why for why in unseen)
