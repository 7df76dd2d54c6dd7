"""Laws that hold for every policy, whatever it says."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cloudscan.access import NEVER, Context, Ruling, decide
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, Test, Unseen, all_of, any_of, leaves, negate, resolve
from cloudscan_aws.policy.callers import ANYONE, Caller, service
from cloudscan_aws.policy.documents import Policy
from cloudscan_aws.policy.organization import Guardrails, Organization
from cloudscan_aws.policy.s3_facts import BucketFacts, PublicAccessBlock
from cloudscan_aws.policy.test_support import ORG, OWNER, PARTNER, allow, bucket, policy, read, read_if, role, user

IMPLICATION = settings(max_examples=60, deadline=None)

_TEXT_KEYS = st.sampled_from(
    ["aws:SourceVpce", "example:folder", "aws:PrincipalTag/team", "aws:username", "aws:PrincipalOrgID"]
)
_TEXTS = st.sampled_from(
    ["vpce-1", "VPCE-1", "vpce-2", "vpce-*", "*-1", "raw", "ana", ORG, "${example:folder}", "${*}"]
)
_ADDRESSES = st.sampled_from(["203.0.113.0/24", "203.0.113.7", "10.0.0.0/8", "2001:db8::/32", "nonsense"])
_NUMBERS = st.sampled_from(["0", "60", "3600", "3600.5", "x"])
_TIMES = st.sampled_from(["2024-01-01T00:00:00Z", "2026-06-01", "1700000000"])
_TRUTHS = st.sampled_from(["true", "false", "True"])


def _clauses(operators: list[str], names: Any, values: Any) -> Any:
    suffix = st.sampled_from(["", "", "IfExists"])
    prefix = st.sampled_from(["", "", "", "ForAllValues:", "ForAnyValue:"])
    name = st.builds(lambda before, op, after: before + op + after, prefix, st.sampled_from(operators), suffix)
    return st.tuples(name, names, st.one_of(values, st.lists(values, min_size=1, max_size=2)))


_CLAUSES = st.one_of(
    _clauses(
        ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase"],
        st.one_of(_TEXT_KEYS, st.just("aws:CalledVia")),
        _TEXTS,
    ),
    _clauses(["IpAddress", "NotIpAddress"], st.just("aws:SourceIp"), _ADDRESSES),
    _clauses(
        ["NumericLessThan", "NumericGreaterThanEquals", "NumericEquals"], st.just("aws:MultiFactorAuthAge"), _NUMBERS
    ),
    _clauses(["DateLessThan", "DateGreaterThan", "DateNotEquals"], st.just("aws:CurrentTime"), _TIMES),
    _clauses(["Bool"], st.just("aws:SecureTransport"), _TRUTHS),
    st.tuples(st.just("Null"), st.sampled_from(["aws:SourceVpce", "aws:CalledVia", "aws:SourceIp"]), _TRUTHS),
)


@st.composite
def conditions(draw: st.DrawFn) -> Any:
    block: dict[str, dict[str, Any]] = {}
    for operator, key, values in draw(st.lists(_CLAUSES, max_size=2)):
        block.setdefault(operator, {})[key] = values
    return {"Condition": block} if block else {}


_ACTIONS = st.sampled_from(["s3:GetObject", "s3:Get*", "s3:*", "*", "S3:GETOBJECT", "s3:GetObjectVersion", "ec2:*"])
_RESOURCES = st.sampled_from(
    [
        "*",
        "arn:aws:s3:::corpus/*",
        "arn:aws:s3:::corpus/raw/?.wav",
        "arn:aws:s3:::corpus/${aws:username}/*",
        "arn:aws:s3:::corpus/${example:folder}/*",
        "arn:aws:s3:::other/*",
    ]
)
_PRINCIPALS = st.sampled_from(
    [
        "*",
        {"AWS": "*"},
        {"AWS": OWNER},
        {"AWS": f"arn:aws:iam::{OWNER}:user/ana"},
        {"AWS": f"arn:aws:iam::{OWNER}:role/reader"},
        {"AWS": f"arn:aws:sts::{OWNER}:assumed-role/reader/job1"},
        {"AWS": [f"arn:aws:iam::{PARTNER}:user/ben", PARTNER]},
        {"Service": "transcribe.amazonaws.com"},
    ]
)


@st.composite
def statements(draw: st.DrawFn, effects: tuple[str, ...] = ("Allow", "Allow", "Deny"), *, to_whom: bool = False) -> Any:
    found: dict[str, Any] = {"Effect": draw(st.sampled_from(effects))}
    found[draw(st.sampled_from(["Action", "Action", "Action", "NotAction"]))] = draw(_ACTIONS)
    found[draw(st.sampled_from(["Resource", "Resource", "Resource", "NotResource"]))] = draw(_RESOURCES)
    if to_whom:
        found[draw(st.sampled_from(["Principal", "Principal", "Principal", "NotPrincipal"]))] = draw(_PRINCIPALS)
    return found | draw(conditions())


_LISTS = st.lists(statements(), max_size=3)
_RESOURCE_LISTS = st.lists(statements(to_whom=True), max_size=3)
DENY = ("Deny",)
ALLOW = ("Allow",)


@st.composite
def callers(draw: st.DrawFn) -> Caller:
    kind = draw(st.sampled_from(["user", "user", "role", "partner", "anyone", "service"]))
    if kind in ("anyone", "service"):
        return ANYONE if kind == "anyone" else service("transcribe.amazonaws.com")
    held = draw(_LISTS)
    session = draw(st.sampled_from(["job1", None]))
    caller = {
        "user": user(*held, tags={"team": "raw"}),
        "role": role(*held, session=session),
        "partner": user(*held, name="ben", account=PARTNER),
    }[kind]
    if draw(st.booleans()):
        caller = replace(caller, boundaries=(policy(*draw(_LISTS), name="the boundary"),))
    if kind == "role" and draw(st.booleans()):
        caller = replace(caller, session_policies=(policy(*draw(_LISTS), name="the session policy"),))
    return caller


@st.composite
def organizations(draw: st.DrawFn) -> Organization:
    level = (policy(allow("*", "*"), *draw(_LISTS), name="SCP"),)
    controls = (policy(*draw(st.lists(statements(DENY, to_whom=True), max_size=2)), name="RCP"),)
    return Organization(ORG, "999999999999", {OWNER: Guardrails((level,), (controls,))})


@st.composite
def buckets(draw: st.DrawFn) -> BucketFacts:
    restrict = draw(st.booleans())
    return bucket(*draw(_RESOURCE_LISTS), blocks=(PublicAccessBlock(restrict_public_buckets=restrict),))


WORLDS = st.tuples(callers(), buckets(), organizations())

_PLACES = st.sampled_from(
    [
        {"aws:SourceIp": "203.0.113.7"},
        {"aws:SourceIp": "10.1.2.3"},
        {"aws:SourceVpce": "vpce-1"},
        {"aws:SourceVpce": "vpce-2"},
        {},
    ]
)
_KNOWN = st.fixed_dictionaries(
    {},
    optional={
        "example:folder": st.sampled_from(["raw", "vpce-1", "x"]),
        "aws:SecureTransport": st.sampled_from(["true", "false"]),
        "aws:MultiFactorAuthAge": st.sampled_from(["30", "3600", "9999"]),
        "aws:CurrentTime": st.sampled_from(["2023-05-05T05:05:05Z", "2030-01-01T00:00:00Z"]),
        "aws:CalledVia": st.sampled_from([("athena.amazonaws.com",), ("vpce-1", "raw"), ("vpce-1",)]),
        "aws:PrincipalOrgID": st.sampled_from(["o-somewhere"]),
        "sts:RoleSessionName": st.sampled_from(["job1", "job2"]),
    },
)
REQUESTS = st.builds(lambda place, known: place | known, _PLACES, _KNOWN)


NO_ADDRESS_THROUGH_AN_ENDPOINT = any_of(
    Test(key, Operator.PRESENT, negated=True) for key in ("aws:SourceIp", "aws:SourceVpce")
)


def _implies(narrow: Any, wide: Any) -> bool:
    """Say whether every request that meets the one meets the other. Both were simplified under what is given."""
    exception = all_of((narrow.condition, negate(wide.condition)))
    return decide(exception, given=NO_ADDRESS_THROUGH_AN_ENDPOINT).condition is NEVER


def _with_statement(target: BucketFacts, statement: Any) -> BucketFacts:
    held = target.policy or ()
    return replace(target, policy=(*held, policy(statement, name="one more")))


@IMPLICATION
@given(WORLDS, statements(DENY, to_whom=True))
def test_adding_a_deny_to_the_bucket_policy_never_adds_a_reader(world: Any, extra: Any) -> None:
    caller, target, org = world
    before, after = read_if(caller, target, org=org), read_if(caller, _with_statement(target, extra), org=org)
    assert _implies(after, before)


@IMPLICATION
@given(WORLDS, statements(DENY))
def test_adding_a_deny_to_the_identity_never_adds_a_reader(world: Any, extra: Any) -> None:
    caller, target, org = world
    more = replace(caller, policies=(*caller.policies, policy(extra, name="one more")))
    assert _implies(read_if(more, target, org=org), read_if(caller, target, org=org))


@IMPLICATION
@given(WORLDS, statements(ALLOW))
def test_adding_an_allow_to_the_identity_never_removes_a_reader(world: Any, extra: Any) -> None:
    caller, target, org = world
    more = replace(caller, policies=(*caller.policies, policy(extra, name="one more")))
    assert _implies(read_if(caller, target, org=org), read_if(more, target, org=org))


@IMPLICATION
@given(WORLDS, statements(ALLOW, to_whom=True))
def test_adding_an_allow_to_the_bucket_policy_never_removes_a_reader_but_by_making_it_public(
    world: Any, extra: Any
) -> None:
    """RestrictPublicBuckets turns a newly public bucket inward; without that switch nobody loses."""
    caller, target, org = world
    target = replace(target, blocks=())
    before, after = read_if(caller, target, org=org), read_if(caller, _with_statement(target, extra), org=org)
    assert _implies(before, after)


@IMPLICATION
@given(WORLDS, REQUESTS)
def test_a_condition_says_the_same_as_asking_again_under_a_known_request(world: Any, request: Any) -> None:
    caller, target, org = world
    settled = {"sts:RoleSessionName"} if caller.session is not None else set()
    settled |= {"aws:PrincipalOrgID"} if caller.account == OWNER or not caller.signs else set()
    settled |= set() if caller.signs else {"aws:MultiFactorAuthAge"}
    request = {key: value for key, value in request.items() if key not in settled}
    told = resolve(read_if(caller, target, org=org).condition, Context.of(request, closed=True))
    asked = read(caller, target, org=org, context=request)
    if not any(isinstance(leaf, Unseen) for leaf in leaves(told)):
        assert (told is ALWAYS) == (asked.ruling is Ruling.YES)


@IMPLICATION
@given(_LISTS, buckets(), REQUESTS, st.randoms())
def test_order_repetition_case_and_splitting_change_nothing(held: Any, target: Any, request: Any, random: Any) -> None:
    shuffled = [*held, *held[:1]]
    random.shuffle(shuffled)
    recased = [
        {name: value.swapcase() if name in ("Action", "NotAction") else value for name, value in each.items()}
        for each in shuffled
    ]
    split = replace(user(), policies=tuple(policy(each, name="one of many") for each in recased))
    whole = replace(user(), policies=(policy(*held),))
    for ask in (read, read_if):
        one, other = ask(whole, target, context=request), ask(split, target, context=request)
        assert one.ruling is other.ruling
        assert _implies(one, other)
        assert _implies(other, one)


@IMPLICATION
@given(_LISTS, _RESOURCE_LISTS, REQUESTS)
def test_renaming_the_accounts_changes_nothing(held: Any, given_away: Any, request: Any) -> None:
    def renamed(value: Any) -> Any:
        return json.loads(json.dumps(value).replace(OWNER, "333333333333").replace(PARTNER, "444444444444"))

    def told(statements: Any, resource: Any, owner: str, caller: Any) -> Ruling:
        return read(
            replace(caller, policies=(policy(*statements),)), bucket(*resource, account=owner), context=request
        ).ruling

    ben = user(name="ben", account=PARTNER)
    moved = replace(ben, name=renamed(ben.name), account="444444444444")
    assert told(held, given_away, OWNER, ben) is told(renamed(held), renamed(given_away), "333333333333", moved)


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just("*")),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["Statement", "Effect", "Action", "NotAction", "Resource", "Principal", "AWS", "Condition", "Null", "x"]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(
        _JSON, st.text(max_size=30), _JSON.map(lambda value: {"Statement": [{"Effect": "Allow", "Action": value}]})
    )
)
def test_no_document_can_break_the_evaluator(content: Any) -> None:
    found = Policy.of("a policy from somewhere", content)
    for caller in (replace(user(), policies=(found,)), replace(user(allow()), boundaries=(found,)), ANYONE):
        assert read(caller, bucket(policy=(found,))).ruling in Ruling
