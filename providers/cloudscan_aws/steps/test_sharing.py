"""That many share an edge changes no answer: drawn estates, each pair asked by itself."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudscan.access import NEVER, Condition, Edge
from cloudscan.access.conditions import all_of, unsourced
from cloudscan.estate import Estate
from cloudscan.model import Account, Answer, PolicyDocument, Record
from cloudscan_aws.askers import Asker, inside
from cloudscan_aws.facts import Facts
from cloudscan_aws.policy.callers import Kind
from cloudscan_aws.steps import steps_of
from cloudscan_aws.steps.assume import may_assume
from cloudscan_aws.steps.calls import ask
from cloudscan_aws.steps.pass_role import admits, may_pass
from cloudscan_aws.steps.scene import Scene
from cloudscan_aws.steps.test_support import ACCOUNT, MFA, ROOT, arn, document, estate, identity, trusting
from cloudscan_aws.steps.things import labelled

NAMES = ("ana", "bo", "cy", "di")
ROLES = ("r-one", "r-two", "s-one", "s-two")
CALLS = ("sts:AssumeRole", "iam:CreateAccessKey", "iam:PassRole", "lambda:*", "iam:*", "*")
RESOURCES = (
    "*",
    arn("role", "r-*"),
    arn("role", "?-one"),
    arn("role", "s-two"),
    arn("user", "b*"),
    arn("user", "${aws:username}"),
)
CONDITIONS: tuple[Any, ...] = (
    None,
    None,
    MFA,
    {"StringEquals": {"aws:PrincipalTag/team": "asr"}},
    {"StringEquals": {"aws:ResourceTag/team": "asr"}},
    {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
    {"ArnLike": {"aws:PrincipalArn": arn("user", "?o")}},
    {"StringNotEquals": {"aws:username": "cy"}},
)
TEAMS = st.sampled_from([{}, {"team": "asr"}, {"team": "ops"}])


@st.composite
def statements(draw: st.DrawFn) -> Any:
    condition = draw(st.sampled_from(CONDITIONS))
    element = draw(st.sampled_from(("Resource", "Resource", "Resource", "NotResource")))
    return {
        "Effect": draw(st.sampled_from(("Allow", "Allow", "Allow", "Deny"))),
        "Action": draw(st.sampled_from(CALLS)),
        element: draw(st.sampled_from(RESOURCES)),
        **({"Condition": condition} if condition else {}),
    }


@st.composite
def trusts(draw: st.DrawFn) -> Any:
    whom = st.sampled_from([ROOT, "*", arn("user", "ana"), arn("role", "r-one"), {"Service": "lambda.amazonaws.com"}])
    given = [trusting(draw(whom), draw(st.sampled_from(CONDITIONS))) for _ in range(draw(st.integers(1, 2)))]
    if draw(st.booleans()):
        given.append({**trusting(draw(whom)), "Effect": "Deny"})
    if draw(st.booleans()):
        given.append({"Effect": "Allow", "NotPrincipal": {"AWS": arn("user", "bo")}, "Action": "sts:AssumeRole"})
    return tuple(given)


@st.composite
def estates(draw: st.DrawFn) -> Estate:
    few = st.lists(statements(), max_size=2)
    records: list[Record] = []
    for name in NAMES:
        bounds = draw(st.one_of(st.none(), st.none(), statements()))
        records += identity("user", name, *draw(few), bounds=bounds, labels=draw(TEAMS))
    for name in ROLES:
        records += identity("role", name, *draw(few), trust=draw(trusts()), labels=draw(TEAMS))
    if draw(st.booleans()):
        everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        guard = document(everything, {**draw(statements()), "Effect": "Deny"})
        records.append(PolicyDocument("guard", "aws", ACCOUNT, "service-control", (ACCOUNT,), guard))
        records.append(Account(ACCOUNT, "aws", organization="o-1", management=Answer.NO, parents=()))
    return estate(records)


Pairs = dict[tuple[str, str], Condition]


def shared(edges: list[Edge], kind: str) -> Pairs:
    found: Pairs = {}
    for edge in edges:
        for source in edge.sources if edge.kind == kind and not edge.outside else ():
            for target in edge.targets:
                assert (source, target) not in found, "a pair has two edges of one kind"
                found[source, target] = edge.decision.condition
    return found


def alone(scene: Scene, people: list[Asker], targets: list[str], ask_for: Any) -> Pairs:
    pairs = {(one.principal, target): ask_for(one, target) for one in people for target in targets}
    return {pair: unsourced(condition) for pair, condition in pairs.items() if condition is not NEVER}


def but_oneself(pairs: Pairs) -> Pairs:
    return {pair: condition for pair, condition in pairs.items() if pair[0] != pair[1]}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(held=estates())
def test_a_shared_edge_says_of_each_pair_what_it_says_when_asked_alone(held: Estate) -> None:
    facts = Facts(held)
    people = [one for one in inside(facts) if one.caller.kind is not Kind.ROOT]
    scene, edges = Scene(facts, people), list(steps_of(facts, people).edges)
    roles, users = [arn("role", name) for name in ROLES], [arn("user", name) for name in NAMES]

    def key(one: Asker, target: str) -> Condition:
        return ask(
            facts, one, "iam:CreateAccessKey", target, labelled(held.principals[target].labels)
        ).decision.condition

    def function(one: Asker, target: str) -> Condition:
        role, on = scene.roles[target], f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:any"
        made = [ask(facts, one, f"lambda:{call}Function", on).decision.condition for call in ("Create", "Invoke")]
        service = "lambda.amazonaws.com"
        passed = may_pass(facts, one, service, role).decision.condition
        return all_of((passed, admits(facts, service, role).decision.condition, *made))

    def assumed(one: Asker, target: str) -> Condition:
        return may_assume(scene, one, scene.roles[target]).decision.condition

    real = {one.principal for one in people}
    for kind, targets, asked in (
        ("assume-role", roles, assumed),
        ("iam:CreateAccessKey", users, key),
        ("pass-role:lambda", roles, function),
    ):
        found = {pair: condition for pair, condition in shared(edges, kind).items() if pair[0] in real}
        assert but_oneself(found) == but_oneself(alone(scene, people, targets, asked)), kind
