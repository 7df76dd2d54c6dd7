"""Laws that hold for the evaluator in whole drawn worlds, whatever policy a statement is added to.

Laws about residual conditions stand beside the evaluator; that a condition says the same as asking again under a
known request is part of its agreement with the oracle.
"""

from __future__ import annotations

import json
from copy import deepcopy
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudscan.access import Ruling
from tests.access_worlds import AwsWorld
from tests.oracle.drawn_resources import named
from tests.oracle.drawn_statements import OWNER, PARTNER, Draws, Topic, plain, statement
from tests.oracle.drawn_worlds import worlds
from tests.oracle.matching import many
from tests.oracle.places import Place, at, documents, statements
from tests.oracle.public import is_public

LAW = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
RANDOMS = st.randoms(use_true_random=False)
OF_RESOURCES = ("buckets", "keys", "access_points", "trust_policy", "rcp_levels")


def may(whole: Draws) -> bool:
    ruling = AwsWorld(whole["world"]).answer(whole["asked"]).ruling
    assert ruling in (Ruling.YES, Ruling.NO)
    return ruling is Ruling.YES


def drawn(random: Random) -> Draws:
    world, asked = next(iter(worlds(random, questions=1)))
    return {"world": world, "asked": asked}


def with_one_more(random: Random, whole: Draws, effect: str) -> tuple[Draws, Place]:
    """Add a statement with an effect to one of the policies of a world."""
    asked = whole["asked"]
    topic = Topic(asked["action"], asked["resource"])
    place = random.choice(documents(whole))
    extra = (plain if random.random() < 0.5 else statement)(random, topic) | {"Effect": effect}
    if any(part in place for part in OF_RESOURCES):
        extra |= {"Principal": "*"} if "rcp_levels" in place else named(random, effect)
    if "trust_policy" in place:
        extra = {name: value for name, value in extra.items() if "Resource" not in name}
    more = deepcopy(whole)
    document = at(more, place)
    document["Statement"] = [*many(document["Statement"]), extra]
    return more, place


@LAW
@given(RANDOMS)
def test_adding_a_deny_to_any_policy_never_adds_a_reader(random: Any) -> None:
    whole = drawn(random)
    more, _ = with_one_more(random, whole, "Deny")
    assert may(whole) or not may(more)


@LAW
@given(RANDOMS)
def test_adding_an_allow_to_any_policy_never_removes_a_reader_but_by_making_it_public(random: Any) -> None:
    """The one exception is RestrictPublicBuckets, which turns a bucket inward as soon as a policy of it is public."""
    whole = drawn(random)
    more, place = with_one_more(random, whole, "Allow")
    if may(whole) and not may(more):
        assert any(part in place for part in ("buckets", "access_points"))
        of_point = "access_points" in place
        assert not is_public(at(whole, place), of_access_point=of_point)
        assert is_public(at(more, place), of_access_point=of_point)
        assert may(_without_switch(more))


def _without_switch(whole: Draws) -> Draws:
    changed = deepcopy(whole)
    for holder in (*changed["world"]["buckets"], *changed["world"]["access_points"]):
        holder["bpa"]["RestrictPublicBuckets"] = False
    for flags in changed["world"]["account_bpa"].values():
        flags["RestrictPublicBuckets"] = False
    return changed


BUCKET: Draws = {
    "name": "corpus",
    "account": OWNER,
    "region": "eu-central-1",
    "acl": [],
    "bpa": {"RestrictPublicBuckets": True},
    "ownership": "BucketOwnerEnforced",
    "encryption": {"mode": "SSE-S3"},
    "objects": [],
}
ANA, BEN = f"arn:aws:iam::{OWNER}:user/ana", f"arn:aws:iam::{PARTNER}:user/ben"
READ: Draws = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::corpus/*"}


def asks(who: str, *of_bucket: Draws, **more: Any) -> bool:
    """Ask whether a user with one allow may read an object of a bucket with some statements."""
    person = {"arn": who, "account": who.split(":")[4], "type": "user", "identity_policies": [{"Statement": [READ]}]}
    held = {"Version": "2012-10-17", "Statement": list(of_bucket)} if of_bucket else None
    world = {"principals": [person | more], "buckets": [BUCKET | {"policy": held}], "access_points": [], "org": None}
    asked = {"principal": who, "action": "s3:GetObject", "resource": "arn:aws:s3:::corpus/a.wav", "context": {}}
    return may({"world": world, "asked": asked | {"context_mode": "exact"}})


def test_a_public_allow_takes_a_partner_away_under_the_switch() -> None:
    to_ben, to_all = READ | {"Principal": {"AWS": BEN}}, READ | {"Principal": "*", "Action": "s3:PutObject"}
    assert asks(BEN, to_ben)
    assert not asks(BEN, to_ben, to_all)


def test_an_allow_that_is_a_limit_where_there_was_none_takes_away() -> None:
    """A first boundary, session policy or level of guardrails limits, though all it says is what it allows."""
    assert asks(ANA)
    assert not asks(ANA, boundary={"Statement": [READ | {"Action": "s3:ListBucket"}]})


def test_a_boundary_that_allows_all_takes_away_from_who_is_excepted_by_not_principal() -> None:
    """NotPrincipal with Deny hits every principal that has a permissions boundary."""
    but_ana = {
        "Effect": "Deny",
        "NotPrincipal": {"AWS": [ANA, f"arn:aws:iam::{OWNER}:root"]},
        "Action": "s3:*",
        "Resource": "*",
    }
    assert asks(ANA, but_ana)
    assert not asks(ANA, but_ana, boundary={"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


@LAW
@given(RANDOMS)
def test_order_repetition_case_of_actions_and_lists_change_nothing(random: Any) -> None:
    whole = drawn(random)
    other = deepcopy(whole)
    for place in documents(other):
        document = at(other, place)
        held = many(document["Statement"])
        document["Statement"] = random.sample([*held, random.choice(held)], len(held) + 1)
    for _, each in statements(other):
        for element in ("Action", "NotAction"):
            if element in each:
                names = [str(name).swapcase() for name in many(each[element])]
                each[element] = random.sample(names, len(names))
    assert may(other) is may(whole)


@LAW
@given(RANDOMS)
def test_splitting_a_policy_changes_nothing(random: Any) -> None:
    """Wherever several policies can hang: on identities, on groups, and at a level of an organization."""
    whole = drawn(random)
    other = deepcopy(whole)
    lists = {place[:-1] for place in documents(other) if isinstance(place[-1], int)}
    for place in lists:
        held = at(other, place)
        held[:] = [{**each, "Statement": [one]} for each in held for one in many(each["Statement"])]
    assert may(other) is may(whole)


@LAW
@given(RANDOMS)
def test_renaming_the_accounts_changes_nothing(random: Any) -> None:
    whole = drawn(random)
    text = json.dumps(whole)
    for old, new in ((OWNER, "4" * 12), (PARTNER, "5" * 12), ("9" * 12, "6" * 12)):
        text = text.replace(old, new)
    assert may(json.loads(text)) is may(whole)
