"""One of a crowd answers for all of it: against every member asked alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudscan.access import NEVER, Condition, Decision, decide, either
from cloudscan.access.conditions import all_of, any_of, negate
from cloudscan.access.patterns import MANY
from cloudscan_aws.alike import Askers, Crowd
from cloudscan_aws.askers import OVER_TLS, Asker
from cloudscan_aws.contents import Matter
from cloudscan_aws.policy.callers import Caller
from cloudscan_aws.policy.documents import Policy
from cloudscan_aws.policy.identity import evaluate_identity_request
from cloudscan_aws.policy.kms import KeyFacts, KeyGrant
from cloudscan_aws.policy.organization import NO_ORGANIZATION, Organization
from cloudscan_aws.policy.s3 import evaluate_object_request
from cloudscan_aws.policy.s3_facts import BucketFacts, Encryption, ObjectFacts
from cloudscan_aws.policy.test_support import (
    KEY_ARN,
    OWNER,
    PARTNER,
    allow,
    bucket,
    deny,
    limited,
    organization,
    policy,
    role,
    user,
)

READS = ("s3:GetObject", "s3:GetObjectVersion")
KEYS = ("raw/a.wav", "home/ana/a.wav", "home/bo/a.wav", "asr/x", "z")


def askers(*callers: Caller) -> list[Asker]:
    return [Asker(caller.name, caller, caller.account) for caller in callers]


class World:
    """A bucket under a key, and who asks."""

    def __init__(
        self,
        callers: Iterable[Caller],
        held: BucketFacts,
        key: KeyFacts | None = None,
        org: Organization = NO_ORGANIZATION,
    ) -> None:
        self.held, self.org = held, org
        self.keys = {} if key is None else {key.arn: key}
        self.askers = Askers(askers(*callers), org)

    def crowds(self) -> list[Crowd]:
        reads = Matter(frozenset(call.lower() for call in READS), f"{self.held.arn}/")
        key = Matter(frozenset({"kms:decrypt"}), exactly=tuple(self.keys))
        policies = [*(self.held.policy or ()), *(each.policy for each in self.keys.values() if each.policy)]
        grants = [(grant, grant.grantee) for each in self.keys.values() for grant in each.grants or ()]
        grantees = [(number, name) for number, (_, name) in enumerate(grants)]
        return self.askers.crowds(reads, key, speakers=policies, grantees=grantees)

    def ask(self, asker: Asker, call: str, key: str) -> Decision:
        return evaluate_object_request(
            asker.caller,
            call,
            self.held,
            key,
            ObjectFacts(owner=OWNER, acl=()),
            keys=self.keys,
            organization=self.org,
            context=asker.told,
        )

    def sizes(self) -> list[int]:
        return sorted(len(crowd) for crowd in self.crowds())


def same(one: Condition, other: Condition) -> bool:
    apart = any_of((all_of((one, negate(other))), all_of((other, negate(one)))))
    return one == other or decide(apart).condition is NEVER


def assert_one_answers_for_all(world: World) -> None:
    crowds = world.crowds()
    everyone = sorted(asker.principal for crowd in crowds for asker in crowd.askers)
    assert everyone == sorted(asker.principal for asker in world.askers)
    for crowd in crowds:
        for key in KEYS:
            asked = {call: world.ask(crowd.one, call, key) for call in READS}
            every, some = either(asked.values()), either(asked[call] for call in crowd.differing(READS))
            assert every.ruling is some.ruling
            assert every.unseen or same(every.condition, some.condition)
            for call in READS:
                answer = world.ask(crowd.one, call, key)
                for asker in crowd.askers:
                    alone = world.ask(asker, call, key)
                    assert alone.ruling is answer.ruling, (crowd.one.principal, asker.principal, call, key)
                    assert alone.unseen == answer.unseen
                    assert alone.unseen or same(alone.condition, answer.condition)


# -- worlds where exactly one thing tells callers apart -----------------------------------------------------------

READ_ALL = allow(["s3:GetObject", "s3:GetObjectVersion"])


def people(*names: str, **more: Any) -> list[Caller]:
    return [user(READ_ALL, name=name, **more) for name in names]


def test_callers_with_the_same_statements_under_other_names_are_one_crowd() -> None:
    world = World([*people("ana", "bo", "cy"), user(name="dee")], bucket())
    assert world.sizes() == [1, 3]
    assert_one_answers_for_all(world)


def test_what_does_not_matter_to_the_question_tells_nobody_apart() -> None:
    noise = [allow("ec2:*", "*"), allow("s3:GetObject", "arn:aws:s3:::other/*"), deny("s3:DeleteObject")]
    world = World([user(READ_ALL, each, name=f"user-{place}") for place, each in enumerate(noise)], bucket())
    assert world.sizes() == [3]


def test_an_allow_of_everything_hides_narrower_ones_and_a_deny_hides_all() -> None:
    raw = allow("s3:GetObject", "arn:aws:s3:::corpus/raw/*")
    no = deny("s3:Get*", "*")
    world = World(
        [user(READ_ALL), user(READ_ALL, raw, name="bo"), user(no, name="cy"), user(READ_ALL, no, name="dee")], bucket()
    )
    assert world.sizes() == [2, 2]
    assert_one_answers_for_all(world)


def test_a_boundary_that_is_nobodys_policy_is_read_all_the_same() -> None:
    open_, shut = allow("s3:*", "*"), allow("ec2:*", "*")
    bounded = [limited(user(READ_ALL, name=f"u{place}"), each) for place, each in enumerate((open_, open_, shut))]
    assert_one_answers_for_all(world := World(bounded, bucket()))
    assert world.sizes() == [1, 2]


def test_a_tag_that_the_bucket_policy_names_tells_apart_by_what_it_settles() -> None:
    only = deny("s3:*", Principal="*", Condition={"StringNotEquals": {"aws:PrincipalTag/team": "asr"}})
    tagged = [user(READ_ALL, name=f"user-{team}", tags={"team": team}) for team in ("asr", "tts", "ops")]
    world = World(tagged, bucket(only))
    assert world.sizes() == [1, 2]
    assert_one_answers_for_all(world)


def test_a_tag_that_nothing_names_tells_nobody_apart() -> None:
    world = World([user(READ_ALL, name=f"user-{team}", tags={"team": team}) for team in ("asr", "tts")], bucket())
    assert world.sizes() == [2]


def test_a_variable_tells_apart_by_its_value() -> None:
    home = allow("s3:GetObject", "arn:aws:s3:::corpus/home/${aws:username}/*")
    world = World([user(home, name=name) for name in ("ana", "bo")], bucket())
    assert world.sizes() == [1, 1]
    assert_one_answers_for_all(world)


def test_a_variable_of_the_bucket_policy_tells_apart_too() -> None:
    home = allow("s3:GetObject", "arn:aws:s3:::corpus/home/${aws:username}/*", Principal={"AWS": OWNER})
    everybody = allow("s3:GetObject", "arn:aws:s3:::corpus/home/${aws:username}/*", Principal="*")
    assert_one_answers_for_all(world := World([user(name="ana"), user(name="bo")], bucket(home, everybody)))
    assert world.sizes() == [1, 1]


def test_whom_a_key_grant_names_is_apart() -> None:
    ana, bo = people("ana", "bo")
    admits = policy(allow("kms:Decrypt", "*", Principal={"AWS": "arn:aws:iam::111111111111:role/none"}))
    key = KeyFacts(KEY_ARN, OWNER, policy=admits, grants=(KeyGrant(ana.name, frozenset({"Decrypt"})),))
    world = World([ana, bo], bucket(encryption=Encryption("SSE-KMS", KEY_ARN)), key)
    assert world.sizes() == [1, 1]
    assert_one_answers_for_all(world)


def test_whose_session_is_named_is_apart_and_any_session_is_not_that_one() -> None:
    ours = f"arn:aws:sts::{OWNER}:assumed-role/reader/job1"
    named = allow("s3:GetObject", Principal={"AWS": ours})
    world = World(
        [role(session=None), role(name="other", session=None), role(name="third", session=None)], bucket(named)
    )
    assert world.sizes() == [1, 2]
    assert_one_answers_for_all(world)


def test_those_of_one_statement_share_a_crowd() -> None:
    callers = [user(name=name) for name in ("ana", "bo", "cy")]
    both = allow("s3:GetObject", Principal={"AWS": [callers[0].name, callers[1].name]})
    world = World(callers, bucket(both))
    assert world.sizes() == [1, 2]
    assert_one_answers_for_all(world)


def test_who_hangs_on_something_unread_is_alone() -> None:
    world = World([replace(user(name=name), policies=None) for name in ("ana", "bo")], bucket())
    assert world.sizes() == [1, 1]
    assert_one_answers_for_all(world)


def test_a_fault_is_told_of_the_statement_that_has_it() -> None:
    broken = allow("s3:GetObject", "arn:aws:s3:::corpus/*", Condition="tuesdays")
    world = World([user(broken, name=name) for name in ("ana", "bo")], bucket())
    assert world.sizes() == [1, 1]
    assert_one_answers_for_all(world)


OPEN, ELSEWHERE = allow("*", "*"), allow("ec2:*", "*")
ANA, BO = (f"arn:aws:iam::{OWNER}:role/{name}" for name in ("ana", "bo"))


def pair(*statements: Any, **more: Any) -> list[Caller]:
    """Two roles who differ in these facts of the second, and in nothing else that matters."""
    one = role(*statements, name="ana", session=None)
    return [one, replace(one, name=BO, **more)]


def tagged(statement: Any, one: dict[str, str], other: dict[str, str]) -> list[Caller]:
    first, second = pair(statement)
    return [replace(first, tags=one), replace(second, tags=other)]


def in_sessions(one: Policy, other: Policy) -> list[Caller]:
    first, second = pair(OPEN, boundaries=(policy(OPEN),))
    sessions = replace(first, boundaries=second.boundaries, session_policies=(one,))
    return [sessions, replace(second, session_policies=(other,))]


TO_BOTH = allow("s3:GetObject", Principal={"AWS": [ANA, BO]})
SPARED = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ana"}}
AT_HOME = {"StringEquals": {"aws:PrincipalTag/team": "${aws:PrincipalTag/home}"}}
BESIDE = {"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::other/${aws:PrincipalTag/home}/*"}
TRUSTING = policy(allow("kms:*", "*", Principal={"AWS": OWNER}, Condition={"Null": {"aws:PrincipalTag/home": "true"}}))


@pytest.mark.parametrize(
    "world",
    [
        World(pair(OPEN, service_linked=True), bucket(), org=organization([ELSEWHERE])),
        World(pair(boundaries=(policy(ELSEWHERE),)), bucket(TO_BOTH)),
        World(pair(session_policies=(policy(ELSEWHERE),)), bucket(TO_BOTH)),
        World(pair(OPEN, boundaries=(policy(OPEN),)), bucket(deny("s3:*", NotPrincipal="*"))),
        World(pair(OPEN, account=PARTNER), bucket()),
        World(pair(OPEN, boundaries=(policy(OPEN),), session_policies=(policy(ELSEWHERE),)), bucket()),
        World(pair(OPEN, boundaries=(policy(OPEN, deny("s3:*", "arn:aws:s3:::*/raw/*")),)), bucket()),
        World(in_sessions(policy(OPEN), policy(ELSEWHERE)), bucket()),
        World(pair(policies=(policy(OPEN), policy({}))), bucket(TO_BOTH)),
        World([role(OPEN, name="ana"), role(OPEN, {}, name="bo")], bucket()),
        World(pair(OPEN), bucket(), org=organization([OPEN, deny("s3:*", "*", Condition=SPARED)])),
        World(pair(OPEN), bucket(deny("s3:*", Principal="*", Condition=SPARED))),
        World(pair(allow("s3:*", "*", Condition=SPARED)), bucket()),
        World(tagged(allow("s3:*", "*", Condition=AT_HOME), {"home": "a", "team": "a"}, {"home": "a"}), bucket()),
        World(tagged(OPEN, {"home": "a", "team": "a"}, {"home": "a"}), bucket(deny(Principal="*", Condition=AT_HOME))),
        World(tagged(BESIDE, {"home": "a"}, {}), bucket()),
        World(
            tagged(OPEN, {"home": "a"}, {}),
            bucket(encryption=Encryption("SSE-KMS", KEY_ARN)),
            KeyFacts(KEY_ARN, OWNER, policy=TRUSTING),
        ),
        World([replace(each, policies=(policy({}, name=each.name),)) for each in pair()], bucket()),
        World(pair(unique_id="AROA1"), bucket(allow("s3:GetObject", Principal={"AWS": "AROA1"}))),
    ],
)
def test_whatever_can_make_answers_differ_tells_apart(world: World) -> None:
    assert world.sizes() == [1, 1]
    assert_one_answers_for_all(world)
    answers = {tuple(world.ask(asker, call, key).condition for call in READS for key in KEYS) for asker in world.askers}
    assert len(answers) == 2


@pytest.mark.parametrize("limit", [[OPEN, deny("s3:*", "arn:aws:s3:::corpus/raw/*")], [allow("*", "*/raw/*")]])
def test_patterns_of_a_boundary_tell_keys_apart_too(limit: list[Any]) -> None:
    (crowd,) = World([role(OPEN, boundaries=(policy(*limit),))], bucket()).crowds()
    assert ("raw/", MANY) in crowd.patterns()


def test_calls_that_a_statement_tells_apart_are_asked_each() -> None:
    (crowd,) = World([user(READ_ALL)], bucket()).crowds()
    assert crowd.differing(READS) == ["s3:GetObject"]
    (crowd,) = World([user(READ_ALL)], bucket(deny("s3:GetObject", Principal="*"))).crowds()
    assert crowd.differing(READS) == list(READS)
    (crowd,) = World([user(allow("s3:GetObject"))], bucket()).crowds()
    assert crowd.differing(READS) == list(READS)


def test_patterns_are_left_as_they_are_where_every_resource_is_meant() -> None:
    passing = [allow("iam:PassRole", f"arn:aws:iam::{OWNER}:role/{name}") for name in ("a", "a", "b-*")]
    found = Askers(askers(*(user(each, name=f"u{place}") for place, each in enumerate(passing))), NO_ORGANIZATION)
    crowds = found.crowds(Matter(frozenset({"iam:passrole"})))
    assert sorted(len(crowd) for crowd in crowds) == [1, 2]
    for name, expected in (("a", ["u0", "u1"]), ("b-1", ["u2"]), ("c", [])):
        target = f"arn:aws:iam::{OWNER}:role/{name}"
        may = [crowd for crowd in crowds if crowd.may("iam:passrole", target)]
        assert [asker.caller.name.rpartition("/")[2] for crowd in may for asker in crowd.askers] == expected
        for crowd in crowds:
            decision = evaluate_identity_request(
                crowd.one.caller, "iam:PassRole", target, organization=NO_ORGANIZATION, context=OVER_TLS
            )
            assert (decision.condition is not NEVER) == (crowd in may)


# -- any world ----------------------------------------------------------------------------------------------------

_ACTIONS = st.sampled_from(["*", "s3:*", "s3:GetObject", "s3:GetObjectVersion", "kms:Decrypt", "ec2:*"])
_RESOURCES = st.sampled_from(
    [
        "*",
        "*",
        "*",
        "arn:aws:s3:::corpus/*",
        "arn:aws:s3:::cor*",
        "arn:aws:s3:::*/raw/*",
        "arn:aws:s3:::corpus/?aw/*",
        "arn:aws:s3:::corpus/home/${aws:username}/*",
        "arn:aws:s3:::${aws:PrincipalTag/team}/*",
        "arn:aws:s3:::corpus/${aws:PrincipalTag/team, 'raw'}/*",
        "arn:aws:s3:::other/*",
        KEY_ARN,
    ]
)
_CONDITIONS = st.sampled_from(
    [
        {},
        {},
        {},
        {"StringEquals": {"aws:PrincipalTag/team": "asr"}},
        {"StringNotEqualsIfExists": {"aws:PrincipalTag/team": ["asr", "tts"]}},
        {"StringEquals": {"aws:PrincipalTag/team": "${aws:PrincipalTag/home}"}},
        {"StringEquals": {"s3:prefix": "${aws:username}"}},
        {"StringLike": {"aws:username": "a*"}},
        {"Null": {"aws:username": "true"}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}},
        {"StringLike": {"aws:PrincipalArn": "*/${aws:RequestTag/who}"}},
        {"StringEquals": {"aws:PrincipalAccount": OWNER}},
        {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
        {"Bool": {"aws:SecureTransport": "false"}},
        {"StringLike": {"aws:userid": "AIDA1*"}},
        {"Odd": {"aws:username": "ana"}},
        {"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}},
    ]
)
_NAMES = st.sampled_from(
    [
        "*",
        OWNER,
        f"arn:aws:iam::{PARTNER}:root",
        f"arn:aws:iam::{OWNER}:user/ana",
        f"arn:aws:iam::{OWNER}:role/reader",
        f"arn:aws:sts::{OWNER}:assumed-role/reader/job1",
        f"arn:aws:sts::{OWNER}:assumed-role/writer/job2",
        "AIDA1",
    ]
)


@st.composite
def statements(draw: st.DrawFn, *, named: bool = False) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"]))}
    made[draw(st.sampled_from(["Action", "Action", "Action", "NotAction"]))] = draw(_ACTIONS)
    resources = draw(st.lists(_RESOURCES, min_size=1, max_size=2))
    made[draw(st.sampled_from(["Resource", "Resource", "Resource", "NotResource"]))] = resources
    if condition := draw(_CONDITIONS):
        made["Condition"] = condition
    if draw(st.integers(0, 19)) == 0:
        made.pop("Effect")
    if named:
        names = draw(st.lists(_NAMES, min_size=1, max_size=2))
        made[draw(st.sampled_from(["Principal", "Principal", "NotPrincipal"]))] = {"AWS": names}
    return made


_SOME = st.lists(statements(), min_size=1, max_size=3)


@st.composite
def variants(draw: st.DrawFn) -> list[Caller]:
    """Draw callers of whom each but the first differs from it in its name and one thing more at most.

    So what is forgotten in telling callers apart shows.
    """
    everything = policy(allow("*", "*"), name="everything")
    pool = [everything, *(policy(each, name=f"policy {place}") for place, each in enumerate(draw(_SOME)))]
    some = st.lists(st.sampled_from(pool), min_size=1, max_size=2, unique_by=id).map(tuple)
    limits = draw(st.lists(statements(), min_size=1, max_size=2))
    limit = st.one_of(st.just(()), st.sampled_from(limits).map(lambda each: (policy(each, name="a limit"),)))
    tags = st.dictionaries(st.sampled_from(["team", "home"]), st.sampled_from(["asr", "tts", "raw"]))
    first = draw(st.sampled_from([user(), role(name="other", session=None)]))
    first = replace(first, policies=draw(some), boundaries=draw(limit), tags=draw(tags))
    path, made = first.name.rpartition("/")[0], [first]
    for name in ("bo", "cy", "reader", "writer"):
        other = replace(first, name=f"{path}/{name}")
        what = draw(st.sampled_from(["name", "policies", "boundaries", "session", "tags", "account", "id", "linked"]))
        match what:
            case "policies":
                other = replace(other, policies=draw(some))
            case "boundaries":
                other = replace(other, boundaries=draw(limit))
            case "session":
                other = replace(other, session_policies=draw(limit))
            case "tags":
                other = replace(other, tags=draw(tags))
            case "account":
                other = replace(other, account=PARTNER, name=other.name.replace(OWNER, PARTNER))
            case "id":
                other = replace(other, unique_id="AIDA1")
            case "linked":
                other = replace(other, service_linked=True)
        made.append(other)
    return made


@st.composite
def worlds(draw: st.DrawFn) -> World:
    of_bucket = draw(st.lists(statements(named=True), max_size=2))
    of_key = draw(st.lists(statements(named=True), max_size=1))
    trusting = allow("kms:*", "*", Principal={"AWS": f"arn:aws:iam::{OWNER}:root"})
    grants = tuple(KeyGrant(name, frozenset({"Decrypt"})) for name in draw(st.lists(_NAMES, max_size=1)))
    key = KeyFacts(KEY_ARN, OWNER, policy=policy(*draw(st.sampled_from([[], [trusting]])), *of_key), grants=grants)
    encryption = draw(st.sampled_from([Encryption("SSE-S3"), Encryption("SSE-KMS", KEY_ARN)]))
    over = draw(st.one_of(st.none(), st.lists(statements(), max_size=1)))
    org = NO_ORGANIZATION if over is None else organization([allow("*", "*"), *over])
    return World(draw(variants()), bucket(*of_bucket, encryption=encryption), key, org)


@given(worlds())
@settings(max_examples=150, deadline=None)
def test_one_of_a_crowd_answers_for_all_of_it(world: World) -> None:
    assert_one_answers_for_all(world)
