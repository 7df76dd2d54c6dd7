"""Identities taken: credentials made and compute steered, and what of either was not read."""

from __future__ import annotations

from typing import Any

import pytest

from cloudscan.access import Ruling
from cloudscan.model import Account, Answer, PolicyDocument, Workload
from cloudscan_aws.steps.steering import STEERING
from cloudscan_aws.steps.test_support import (
    ACCOUNT,
    READS,
    allow,
    arn,
    deny,
    document,
    estate,
    identity,
    pairs,
    steps,
    trusting,
)


@pytest.mark.parametrize(
    ("call", "password", "ruling"),
    [
        ("iam:CreateLoginProfile", Answer.NO, Ruling.YES),
        ("iam:CreateLoginProfile", Answer.YES, None),
        ("iam:CreateLoginProfile", Answer.UNKNOWN, Ruling.UNKNOWN),
        ("iam:UpdateLoginProfile", Answer.NO, None),
        ("iam:UpdateLoginProfile", Answer.YES, Ruling.YES),
        ("iam:UpdateLoginProfile", Answer.UNKNOWN, Ruling.UNKNOWN),
        ("iam:CreateAccessKey", Answer.UNKNOWN, Ruling.YES),
    ],
)
def test_a_password_can_be_set_or_made(call: str, password: Answer, ruling: Ruling | None) -> None:
    held = estate(identity("user", "ana", allow(call, "*")), identity("user", "bo", READS, password=password))
    found = [edge for edge in steps(held, call) if arn("user", "bo") in edge.targets]
    assert [edge.decision.ruling for edge in found] == ([ruling] if ruling else [])


def test_users_who_manage_their_own_keys_take_nobody() -> None:
    own = allow("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}")
    people = [one for name in ("ana", "bo", "cy") for one in identity("user", name, own)]
    assert list(pairs(steps(estate(people), "iam:CreateAccessKey"))) == []


def test_keys_of_users_by_a_tag_that_is_the_callers_own() -> None:
    same = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    makes = allow("iam:CreateAccessKey", "*", Condition=same)
    people = [
        one
        for name, team in (("ana", "asr"), ("bo", "asr"), ("cy", "ops"), ("di", "ops"))
        for one in identity("user", name, *((makes,) if name in ("ana", "cy") else ()), labels={"team": team})
    ]
    assert set(pairs(steps(estate(people), "iam:CreateAccessKey"))) == {("user/ana", "user/bo"), ("user/cy", "user/di")}


def test_a_deny_for_some_targets_tells_them_apart() -> None:
    ana = identity("user", "ana", allow("iam:CreateAccessKey", "*"), deny("iam:CreateAccessKey", arn("user", "vip-*")))
    others = [identity("user", name) for name in ("bo", "vip-cy", "vip-di")]
    assert list(pairs(steps(estate(ana, *others), "iam:CreateAccessKey"))) == [("user/ana", "user/bo")]


def test_a_guardrail_that_looks_at_tags_tells_targets_apart() -> None:
    everything = allow("*", "*")
    guarded = deny("iam:CreateAccessKey", "*", Condition={"StringEquals": {"aws:ResourceTag/vip": "yes"}})
    guard = PolicyDocument("guard", "aws", ACCOUNT, "service-control", (ACCOUNT,), document(everything, guarded))
    member = Account(ACCOUNT, "aws", organization="o-1", management=Answer.NO, parents=())
    others = [identity("user", "bo"), identity("user", "cy", labels={"vip": "yes"})]
    held = estate(member, guard, identity("user", "ana", allow("iam:CreateAccessKey", "*")), *others)
    assert list(pairs(steps(held, "iam:CreateAccessKey"))) == [("user/ana", "user/bo")]


def compute(kind: str, managed: Answer = Answer.YES, account: str = ACCOUNT) -> Workload:
    service = {"function": "lambda", "instance": "ec2", "container-task": "ecs"}.get(kind, "codebuild")
    name = f"arn:aws:{service}:eu-central-1:{account}:{kind}/one"
    role = arn("role", "worker")
    return Workload(name, "aws", account, "eu-central-1", kind, "one", principal=role, managed=managed, labels={})


WORKER = identity("role", "worker", READS, trust=trusting({"Service": "ec2.amazonaws.com"}))


@pytest.mark.parametrize("steering", STEERING, ids=[steering.name for steering in STEERING])
def test_each_way_to_steer_compute_leads_to_its_role(steering: Any) -> None:
    calls = [call.action for call in steering.calls[0]]
    held = estate(identity("user", "ana", allow(calls, "*")), WORKER, compute(steering.kind))
    (edge,) = steps(held, steering.name)
    assert list(pairs([edge])) == [("user/ana", "role/worker")]
    assert edge.decision.ruling is (Ruling.UNKNOWN if steering.hangs_on else Ruling.YES)
    assert edge.changes is steering.changes
    assert steering.source in edge.prove(arn("user", "ana"), arn("role", "worker"))[0].reason


@pytest.mark.parametrize("steering", STEERING, ids=[steering.name for steering in STEERING])
def test_each_call_of_a_way_is_needed(steering: Any) -> None:
    calls = {call.action for way in steering.calls for call in way}
    for missing in calls if len(steering.calls) == 1 else ():
        held = estate(identity("user", "ana", allow([*calls], "*"), deny(missing, "*")), WORKER, compute(steering.kind))
        assert not steps(held, steering.name)


@pytest.mark.parametrize("kind", ["instance", "container-task"])
@pytest.mark.parametrize(("managed", "ruling"), [(Answer.UNKNOWN, Ruling.UNKNOWN), (Answer.NO, None)])
def test_whether_compute_takes_commands_may_not_be_known(kind: str, managed: Answer, ruling: Ruling | None) -> None:
    runs = identity("user", "ana", allow(["ssm:StartSession", "ecs:ExecuteCommand"], "*"))
    found = steps(estate(runs, WORKER, compute(kind, managed)), "ssm:StartSession", "ecs:ExecuteCommand")
    assert [edge.decision.ruling for edge in found] == ([ruling] if ruling else [])


def test_compute_of_another_account_is_not_reached() -> None:
    held = estate(identity("user", "ana", allow("*", "*")), WORKER, compute("function", account="222222222222"))
    assert not steps(held, "lambda:UpdateFunctionCode")


def test_what_was_not_read_of_one_user_is_not_said_of_another() -> None:
    unread = [one for name in ("bo", "cy") for one in identity("user", name, READS, password=Answer.UNKNOWN)]
    for call in ("iam:CreateLoginProfile", "iam:UpdateLoginProfile"):
        (edge,) = steps(estate(identity("user", "ana", allow(call, "*")), unread), call)
        assert edge.decision.ruling is Ruling.UNKNOWN
        for target, other in (("bo", "cy"), ("cy", "bo")):
            told = edge.prove(arn("user", "ana"), arn("user", target))
            said = [*edge.decision.unseen, *(text for step in told for text in (step.reason, step.condition))]
            assert not any(arn("user", other) in text for text in said)
            assert arn("user", target) in told[0].reason
