"""Rights widened: what is written over and what stays, and what an older version may hold."""

from __future__ import annotations

from typing import Any

import pytest

from cloudscan.access import Ruling
from cloudscan.model import PolicyDocument, Record
from cloudscan_aws.steps.test_support import (
    ACCOUNT,
    CALLS,
    MFA,
    READS,
    ROOT,
    allow,
    arn,
    deny,
    derived,
    document,
    estate,
    identity,
    pairs,
    steps,
    trusting,
)

ANA = arn("user", "ana")
TOOLS = f"arn:aws:iam::{ACCOUNT}:policy/tools"
KEEP_OUT = f"arn:aws:iam::{ACCOUNT}:policy/keep-out"
WIDENED = f"{ANA} with widened rights"


def managed(*statements: Any, name: str = TOOLS) -> PolicyDocument:
    return PolicyDocument(name, "aws", ACCOUNT, "identity", (), document(*statements))


def reads_of(principal: str, *records: Record | list[Record]) -> list[Ruling]:
    _, grants = derived(estate(*records))
    return [grant.decision.ruling for grant in grants if grant.principal == principal and not grant.by]


def test_what_one_becomes_is_an_asker_with_everything() -> None:
    ana = identity("user", "ana", allow("iam:PutUserPolicy", ANA))
    (edge,) = steps(estate(ana), "iam:PutUserPolicy")
    assert (edge.sources, edge.targets, edge.guise, edge.changes) == ((ANA,), (WIDENED,), True, True)
    assert reads_of(WIDENED, ana) == [Ruling.YES]


def test_an_inline_policy_is_written_over_with_its_denies() -> None:
    ana = identity("user", "ana", allow("iam:PutUserPolicy", ANA), deny("s3:GetObject*", "*"))
    assert reads_of(WIDENED, ana) == [Ruling.YES]


def test_attaching_a_policy_leaves_every_deny_in_force() -> None:
    ana = identity("user", "ana", allow("iam:AttachUserPolicy", ANA), deny("s3:GetObject*", "*"))
    assert reads_of(WIDENED, ana) == []


def test_a_managed_policy_keeps_its_denies_when_another_is_written() -> None:
    ana = identity("user", "ana", policies=(TOOLS,))
    tools = managed(allow("iam:PutUserPolicy", ANA), deny("s3:GetObject*", "*"))
    assert reads_of(WIDENED, ana, tools) == []


def test_a_new_version_takes_the_denies_of_the_old_one_away() -> None:
    ana = identity("user", "ana", policies=(TOOLS,))
    tools = managed(allow("iam:CreatePolicyVersion", TOOLS), deny("s3:GetObject*", "*"))
    assert reads_of(WIDENED, ana, tools) == [Ruling.YES]


def test_an_older_version_was_not_read() -> None:
    ana = identity("user", "ana", policies=(TOOLS,))
    (edge,) = steps(estate(ana, managed(allow("iam:SetDefaultPolicyVersion", TOOLS))), "iam:SetDefaultPolicyVersion")
    assert edge.decision.ruling is Ruling.UNKNOWN


def test_whoever_has_everything_widens_nothing() -> None:
    edges, _ = derived(estate(identity("user", "ana", allow("*", "*"))))
    assert not [edge for edge in edges if edge.guise]


def test_an_administrator_under_a_boundary_takes_it_away() -> None:
    ana = identity("user", "ana", allow("*", "*"), bounds=allow("iam:*", "*"))
    found = {edge.targets for edge in steps(estate(ana), "iam:DeleteUserPermissionsBoundary")}
    assert found == {(f"{ANA} without its boundary",)}
    assert reads_of(f"{ANA} without its boundary", ana) == [Ruling.YES]


def test_a_condition_of_the_call_is_the_edges() -> None:
    (edge,) = steps(
        estate(identity("user", "ana", allow("iam:PutUserPolicy", ANA, Condition=MFA))), "iam:PutUserPolicy"
    )
    assert edge.decision.ruling is Ruling.IF


def test_a_group_that_gives_nothing_new_is_not_joined() -> None:
    joins = allow("iam:AddUserToGroup", "*")
    groups = [identity("group", "readers", READS), identity("group", "joiners", joins)]
    found = steps(estate(identity("user", "ana", joins), *groups), "iam:AddUserToGroup")
    assert [edge.targets for edge in found] == [(f"{ANA} as a member of {arn('group', 'readers')}",)]


def test_a_group_whose_policies_were_not_read_may_give_anything() -> None:
    ana = identity("user", "ana", allow("iam:AddUserToGroup", "*"))
    dark = identity("group", "dark", policies=None)
    (edge,) = steps(estate(ana, dark), "iam:AddUserToGroup")
    assert edge.decision.ruling is Ruling.YES
    assert reads_of(edge.targets[0], ana, dark) == [Ruling.UNKNOWN]


@pytest.mark.parametrize("trusted", [ROOT, arn("user", "bo")])
def test_another_is_widened_only_by_who_can_become_it(trusted: str) -> None:
    hop = arn("role", "hop")
    ana = identity("user", "ana", allow(["iam:PutRolePolicy", "sts:AssumeRole"], hop))
    found = steps(estate(ana, identity("role", "hop", trust=trusting(trusted))), "iam:PutRolePolicy+assume-role")
    assert list(pairs(found)) == ([("user/ana", "role/hop with widened rights")] if trusted == ROOT else [])


def test_an_administrator_widens_those_whom_the_data_singles_out_and_no_others() -> None:
    only = {**deny("s3:GetObject", f"{CALLS}/*"), "Principal": "*"}
    only["Condition"] = {"ArnNotEquals": {"aws:PrincipalArn": arn("role", "vault")}}
    roles = [identity("role", name, trust=trusting(ROOT)) for name in ("vault", "other", "third")]
    bucket = PolicyDocument(f"{CALLS}#policy", "aws", ACCOUNT, "resource", (CALLS,), document(only))
    edges, _ = derived(estate(identity("user", "ana", allow("*", "*")), *roles, bucket))
    guises = {target for edge in edges if edge.guise for target in edge.targets}
    assert guises == {f"{arn('role', 'vault')} with widened rights"}


def test_of_those_who_are_the_same_but_for_their_names_one_is_told() -> None:
    roles = [identity("role", f"r{number}", trust=trusting(ROOT)) for number in range(9)]
    ana = identity("user", "ana", allow(["iam:PutRolePolicy", "sts:AssumeRole"], "*"), deny("iam:U*", "*"))
    edges, _ = derived(estate(ana, *roles))
    assert len({target for edge in edges if edge.guise for target in edge.targets}) == 1


def test_taking_a_deny_away_leaves_what_else_is_allowed() -> None:
    own = (f"{ANA}#inline/own", KEEP_OUT)
    for call, resource in (("iam:DetachUserPolicy", ANA), ("iam:Detach*", "*")):
        ana = identity("user", "ana", READS, allow(call, resource), policies=own)
        document = managed(deny("s3:*", "*"), name=KEEP_OUT)
        (edge,) = steps(estate(ana, document), "iam:DetachUserPolicy")
        assert edge.targets == (f"{ANA} without {KEEP_OUT}",)
        assert reads_of(edge.targets[0], ana, document) == [Ruling.YES]
        assert reads_of(ANA, ana, document) == []


def test_a_policy_without_a_deny_is_not_worth_taking_away() -> None:
    ana = identity("user", "ana", READS, allow("iam:*", "*"), policies=(f"{ANA}#inline/own", KEEP_OUT))
    assert steps(estate(ana, managed(allow("s3:*", "*"), name=KEEP_OUT)), "iam:DetachUserPolicy") == []


def test_a_deny_that_comes_twice_stays_when_one_of_them_goes() -> None:
    """Detached from the user it still comes with the group."""
    staff = identity("group", "staff", policies=(KEEP_OUT,))
    facts = {"policies": (f"{ANA}#inline/own", KEEP_OUT), "groups": (arn("group", "staff"),)}
    ana = identity("user", "ana", READS, allow("iam:DetachUserPolicy", ANA), **facts)
    assert steps(estate(ana, staff, managed(deny("s3:*", "*"), name=KEEP_OUT)), "iam:DetachUserPolicy") == []


def test_who_leaves_a_group_is_bound_by_its_denies_no_more() -> None:
    staff = identity("group", "staff", deny("s3:*", "*"))
    leaves = allow("iam:RemoveUserFromGroup", arn("group", "staff"))
    ana = identity("user", "ana", READS, leaves, groups=(arn("group", "staff"),))
    assert reads_of(f"{ANA} out of {arn('group', 'staff')}", ana, staff) == [Ruling.YES]
    ben = identity("user", "ana", READS, allow("iam:RemoveUserFromGroup", ANA), groups=(arn("group", "staff"),))
    assert steps(estate(ben, staff), "iam:RemoveUserFromGroup") == []


def test_whoever_writes_itself_rights_then_takes_the_deny_away() -> None:
    """A policy of AWS's own, of which nobody writes a new version."""
    kept = f"arn:aws:iam::aws:policy/KeepOut#{ACCOUNT}"
    ana = identity("user", "ana", allow("iam:PutUserPolicy", ANA), policies=(f"{ANA}#inline/own", kept))
    document = managed(deny("s3:*", "*"), name=kept)
    assert reads_of(WIDENED, ana, document) == []
    assert reads_of(f"{WIDENED} without arn:aws:iam::aws:policy/KeepOut", ana, document) == [Ruling.YES]
