"""Laws that hold for all policies, whatever they say."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudscan.access import ALWAYS, NEVER, Context, Decision, Grant, Ruling, decide
from cloudscan.access.conditions import Unseen, all_of, leaves, negate, resolve
from cloudscan.estate import Estate
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Action, Answer
from cloudscan_gcp.crowds import UNNAMED
from cloudscan_gcp.grants import derive
from cloudscan_gcp.policy.cel import always_there, with_clock
from cloudscan_gcp.policy.test_support import (
    ANA,
    ASR,
    BO,
    EVE,
    EVERYBODY,
    FOLDER,
    OBJECT_READER,
    ORGANIZATION,
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
    document,
    estate,
    may,
    person,
    recording,
    rule,
)

LAW = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
POOL = "//iam.googleapis.com/projects/1001/locations/global/workloadIdentityPools/ci"
BUILD = f"principal:{POOL}/subject/build"
WHO = st.sampled_from([ANA, BO, EVE, ASR, TEAM, BUILD, ANYONE, ANYONE_SIGNED_IN])
NODES = (ORGANIZATION, FOLDER, PROJECT, STORE, f"{STORE}/raw/")
MEMBERS = st.sampled_from(
    [
        ANA,
        "user:Ana@ACME.example",
        BO,
        ASR,
        TEAM,
        STAFF,
        "domain:acme.example",
        "allUsers",
        "allAuthenticatedUsers",
        "projectViewer:calls",
        "deleted:user:ana@acme.example?uid=1",
        BUILD,
        f"principalSet:{POOL}/*",
        f"principalSet:{POOL}/attribute.branch/main",
    ]
)
_NAME = "'projects/_/buckets/corpus/objects/raw/'"
EXPRESSIONS = st.sampled_from(
    [
        "",
        "",
        "request.time < timestamp('2026-01-01T00:00:00Z')",
        "request.time >= timestamp('2026-01-01T00:00:00Z')",
        "request.time.getHours('Europe/Berlin') >= 9 && request.time.getHours('Europe/Berlin') < 17",
        "request.time.getDayOfWeek() in [0, 6]",
        f"resource.name.startsWith({_NAME})",
        f"!resource.name.startsWith({_NAME}) || resource.name.endsWith('.wav')",
        "resource.type == 'storage.googleapis.com/Object'",
        "resource.matchTag('1/env', 'prod')",
        "request.host == 'storage.example'",
        "inIpRange(origin.ip, '203.0.113.0/24')",
        "api.getAttribute('storage.googleapis.com/objectListPrefix', '') == ''",
    ]
)
BINDINGS = st.builds(
    lambda role, members, when: binding(role, *members, when=when),
    st.sampled_from([VIEWER, OBJECT_READER, "roles/storage.objectAdmin", "roles/viewer"]),
    st.lists(MEMBERS, max_size=3),
    EXPRESSIONS,
)
_DENIED = st.sampled_from(
    [
        EVERYBODY,
        "principal://goog/subject/ana@acme.example",
        "principalSet://goog/group/team@acme.example",
        "principal://iam.googleapis.com/projects/-/serviceAccounts/asr@calls.iam.gserviceaccount.com",
        f"principalSet:{POOL}/*",
    ]
)
_TAGGED = st.sampled_from(["", "", "resource.matchTag('1/env', 'prod')", "!resource.hasTagKey('1/env')"])


def _rule(who: Any, spared: Any, permissions: Any, when: str) -> Json:
    condition = {"denialCondition": {"expression": when}} if when else {}
    return rule(*who, permissions=permissions, exceptionPrincipals=spared, **condition)


RULES = st.builds(
    _rule,
    st.lists(_DENIED, min_size=1, max_size=2),
    st.lists(_DENIED, max_size=1),
    st.lists(st.sampled_from(["storage.googleapis.com/objects.get", "storage.googleapis.com/objects.*"]), min_size=1),
    _TAGGED,
)
LISTS = st.lists(
    st.tuples(st.sampled_from([ANA, TEAM, ANYONE, ANYONE_SIGNED_IN]), st.sampled_from(["READER", "OWNER"]))
)
PEOPLE = [person(TEAM, STAFF), person(STAFF), person(ANA, TEAM), person(BO, STAFF), person(ASR, enabled=Answer.YES)]
WORLDS = st.fixed_dictionaries(
    {
        "bindings": st.dictionaries(st.sampled_from(NODES), st.lists(BINDINGS, max_size=3)),
        "rules": st.dictionaries(st.sampled_from(NODES[:3]), st.lists(RULES, max_size=2)),
        "acl": LISTS,
        "uniform": st.booleans(),
        "prevented": st.booleans(),
        "tags": st.sampled_from([{}, {"1/env": "prod"}, {"1/env": "dev"}]),
        "key": st.sampled_from(["raw/a.wav", "raw/b.txt", "out/a.wav"]),
    }
)
REQUESTS = st.fixed_dictionaries(
    {"request.time": st.sampled_from(["2025-06-02T10:00:00Z", "2026-06-07T22:00:00Z"])},
    optional={
        "request.host": st.sampled_from(["storage.example", "else.example"]),
        "origin.ip": st.sampled_from(["203.0.113.7", "198.51.100.1"]),
        "attribute.branch": st.sampled_from(["main", "other"]),
        "storage.googleapis.com/objectListPrefix": st.sampled_from(["raw/", "out/"]),
    },
)


def made(world: Json, *, with_objects: bool = False) -> Estate:
    """The estate of a drawn world."""
    controls = {
        "uniformBucketLevelAccess": Answer.of(world["uniform"]),
        "publicAccessPrevention": Answer.of(world["prevented"]),
    }
    store = bucket(controls=controls, tags=world["tags"])
    policies = [allow(node, *found) for node, found in world["bindings"].items()]
    policies += [deny(node, *found, name=f"deny on {node}") for node, found in world["rules"].items()]
    rows = [recording(name, acl=_acl(world)) for name in ("out/a.wav", "raw/a.wav", "raw/b.txt")]
    return estate(store, *PEOPLE, *policies, objects=rows if with_objects else None)


def _acl(world: Json) -> str:
    return json.dumps(world["acl"])


def asks(world: Json, who: str, known: Json | None = None) -> Decision:
    return may(made(world), who, key=world["key"], acl=_acl(world), known=known)


def implies(narrow: Decision, wide: Decision) -> bool:
    """Whether every request that meets the one meets the other."""
    if wide.unseen:
        return narrow.ruling is Ruling.NO or narrow.ruling is not Ruling.YES
    exception = all_of((narrow.condition, negate(wide.condition)))
    return decide(exception, given=always_there(exception)).condition is NEVER


def seen(decision: Decision) -> bool:
    return not any(isinstance(leaf, Unseen) for leaf in leaves(decision.condition))


def more(world: Json, part: str, node: str, one: Any) -> Json:
    held = world[part]
    return {**world, part: {**held, node: [*held.get(node, ()), one]}}


@LAW
@given(WORLDS, WHO, st.sampled_from(NODES[:3]), RULES)
def test_adding_a_rule_that_denies_never_adds_a_reader(world: Any, who: str, node: str, extra: Any) -> None:
    before, after = asks(world, who), asks(more(world, "rules", node, extra), who)
    assert implies(after, before)


@LAW
@given(WORLDS, WHO, st.sampled_from(NODES), BINDINGS)
def test_adding_a_binding_never_removes_a_reader(world: Any, who: str, node: str, extra: Any) -> None:
    before, after = asks(world, who), asks(more(world, "bindings", node, extra), who)
    assert implies(before, after)


@LAW
@given(WORLDS, WHO, st.sampled_from([("prevented", True), ("uniform", True)]))
def test_preventing_public_access_and_switching_lists_off_never_adds_a_reader(
    world: Any, who: str, switch: Any
) -> None:
    name, value = switch
    assert implies(asks({**world, name: value}, who), asks({**world, name: not value}, who))


@LAW
@given(WORLDS, WHO, st.randoms(use_true_random=False))
def test_order_repetition_case_and_splitting_change_nothing(world: Any, who: str, random: Any) -> None:
    def stirred(found: list[Json]) -> list[Json]:
        split = [{**one, "members": [member]} for one in found for member in one["members"]]
        again: list[Json] = [*split, *split[:1]]
        random.shuffle(again)
        return again

    other = {**world, "bindings": {node: stirred(found) for node, found in world["bindings"].items()}}
    other["rules"] = {node: [*found, *found] for node, found in world["rules"].items()}
    one, same = asks(world, who), asks(other, who)
    assert one.ruling is same.ruling
    assert not seen(one) or (implies(one, same) and implies(same, one))


@LAW
@given(WORLDS, WHO, REQUESTS)
def test_a_condition_says_the_same_as_asking_again_under_a_known_request(world: Any, who: str, request: Any) -> None:
    opened = asks(world, who)
    context = with_clock(opened.condition, Context.of(request, closed=True))
    if seen(opened):
        told = resolve(opened.condition, context)
        assert (told is ALWAYS) == (asks(world, who, request).ruling is Ruling.YES)


@LAW
@given(WORLDS, WHO)
def test_other_names_for_the_project_change_nothing(world: Any, who: str) -> None:
    held = made(world)
    renamed = json.loads(json.dumps([_told(one) for one in held.policies.values()]).replace("calls", "audio"))
    records: list[Any] = [*held.accounts.values(), *held.stores.values(), *held.principals.values()]
    moved: list[Any] = [*map(_record, records), *(document(*one) for one in renamed)]
    other = Estate.of(moved, objects=held.objects)
    asked = may(other, who.replace("calls", "audio"), key=world["key"], acl=_acl(world))
    assert asked.ruling is asks(world, who).ruling


def _told(one: Any) -> tuple[str, str, str, str]:
    return one.kind, next(iter(one.attached_to), ""), one.document, one.id


def _record(one: Any) -> Any:
    changed = {name: "audio" for name in ("id", "account") if getattr(one, name, "") == "calls"}
    if "calls" in one.id and "id" not in changed:
        changed["id"] = one.id.replace("calls", "audio")
    return replace(one, **changed)


@LAW
@given(WORLDS, WHO, st.sampled_from(NODES))
def test_what_is_not_read_makes_no_yes_of_a_no_and_no_no_of_a_yes(world: Any, who: str, node: str) -> None:
    whole = asks(world, who, {})
    held = made(world)
    left = [one for one in held.policies.values() if one.id != f"{node}#iam"]
    records: list[Any] = [*held.accounts.values(), *held.stores.values(), *held.principals.values(), *left]
    part = may(Estate.of(records, objects=held.objects), who, key=world["key"], acl=_acl(world), known={})
    assert {whole.ruling, part.ruling} != {Ruling.YES, Ruling.NO} or _was_given_there(world, node, part)


def _was_given_there(world: Json, node: str, part: Decision) -> bool:
    """Whether it is a managed folder that is missing, of which nothing says that it is there."""
    return node.endswith("/") and part.ruling is Ruling.NO


@settings(LAW, max_examples=40)
@given(WORLDS)
def test_who_is_asked_in_a_crowd_gets_the_answer_of_its_own(world: Any) -> None:
    held = made(world, with_objects=True)
    every = [one for one in derive(held) if isinstance(one, Grant) and not one.by]
    found = [one for one in every if one.action is Action.READ and one.store == STORE]
    named = {one.principal for one in found} | {ANA, BO, ASR, TEAM, STAFF, ANYONE, ANYONE_SIGNED_IN}
    for who in named - {UNNAMED.name}:
        told: Counter[Ruling] = Counter()
        for one in found:
            told.update({one.decision.ruling: one.objects} if one.principal == who else {})
        own = [may(held, who, key=key, acl=_acl(world)).ruling for key in ("out/a.wav", "raw/a.wav", "raw/b.txt")]
        assert told == Counter(each for each in own if each is not Ruling.NO), who
    assert all(one.steps for one in found)


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.just(VIEWER), st.just(ANA)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["bindings", "role", "members", "condition", "expression", "rules", "denyRule", "x"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)
_ODD = st.one_of(
    _JSON.map(json.dumps),
    st.text(max_size=30),
    _JSON.map(lambda value: json.dumps({"bindings": [value], "rules": [value]})),
)


@LAW
@given(_ODD, st.sampled_from(["hierarchy", "resource", "deny", "role", "boundary", "perimeter"]))
def test_no_document_can_break_the_evaluator(text: str, kind: str) -> None:
    target = STORE if kind == "resource" else PROJECT
    held = estate(document(kind, target, text), *PEOPLE)
    for who in (ANA, ANYONE):
        assert may(held, who).ruling in Ruling
    list(derive(held))


@LAW
@given(st.one_of(st.text(max_size=40), st.text(alphabet="resource.nametime()'&|!<>=[]{}?: 0'", max_size=40)))
def test_no_condition_can_break_the_evaluator(expression: str) -> None:
    held = estate(allow(PROJECT, binding(VIEWER, ANA, when=expression)))
    assert may(held, ANA).ruling in Ruling
    list(derive(held))
