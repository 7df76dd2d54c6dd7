from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import (
    ALWAYS,
    NEVER,
    AllOf,
    Condition,
    Context,
    Over,
    Test,
    Unseen,
    all_of,
    any_of,
    constant,
    keys,
    leaves,
    negate,
    resolve,
)
from cloudscan.access.patterns import Pattern, Reference, glob
from cloudscan.access.simplification import simplify


def test_of(operator: Operator, key: str, *values: str, **more: Any) -> Test:
    wild = operator in (Operator.LIKE, Operator.LIKE_BY_PART)
    return Test(key, operator, tuple(glob(value) if wild else Pattern((value,)) for value in values), **more)


test_of.__test__ = False  # type: ignore[attr-defined]


def equals(key: str, *values: str, **more: Any) -> Test:
    return test_of(Operator.EQUALS, key, *values, **more)


def like(key: str, *values: str) -> Test:
    return test_of(Operator.LIKE, key, *values)


def within(*blocks: str) -> Test:
    return test_of(Operator.IN_NETWORK, "ip", *blocks)


def truth(value: str) -> Test:
    return test_of(Operator.TRUTH, "secure", value)


ABSENT = Test("secure", Operator.PRESENT, negated=True)
A, B = equals("a", "1"), equals("b", "1")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (all_of((equals("k", "1"), equals("k", "2"))), NEVER),
        (all_of((equals("k", "1", "2"), negate(equals("k", "2")), negate(equals("k", "1")))), NEVER),
        (all_of((equals("k", "vpce-1"), like("k", "vpce-*"))), equals("k", "vpce-1")),
        (all_of((equals("k", "x"), like("k", "vpce-*"))), NEVER),
        (all_of((equals("k", ""), like("k", "*"))), equals("k", "")),
        (all_of((like("k", "a*"), like("k", "*b"), negate(like("k", "a*b")))), NEVER),
        (any_of((like("k", "a*"), like("k", "ab*"))), like("k", "a*")),
        (all_of((within("10.0.0.0/8"), within("10.1.0.0/16"))), within("10.1.0.0/16")),
        (all_of((within("10.0.0.0/8"), within("192.168.0.0/16"))), NEVER),
        (all_of((within("10.0.0.0/8"), within("2001:db8::/32"))), NEVER),
        (any_of((truth("true"), truth("false"), ABSENT)), ALWAYS),
        (all_of((truth("true"), truth("false"))), NEVER),
        (any_of((truth("true"), negate(truth("true")))), ALWAYS),
        (any_of((all_of((A, B)), all_of((A, negate(B))))), A),
        (all_of((A, any_of((A, B)))), A),
        (any_of((all_of((A, B)), B)), B),
        (
            all_of((test_of(Operator.NUMBER_BELOW, "age", "10"), test_of(Operator.NUMBER_ABOVE, "age", "20"))),
            NEVER,
        ),
        (
            all_of((test_of(Operator.TIME_AFTER, "t", "2025-01-01"), test_of(Operator.TIME_BEFORE, "t", "2024-01-01"))),
            NEVER,
        ),
        (
            all_of((test_of(Operator.LIKE_BY_PART, "arn", "arn:aws:iam::1:*"), equals("arn", "arn:aws:iam::2:role/x"))),
            NEVER,
        ),
        (all_of((test_of(Operator.EQUALS_IGNORING_CASE, "k", "AB"), equals("k", "ab"))), equals("k", "ab")),
    ],
)
def test_contradictions_tautologies_and_subsumed_parts(condition: Condition, expected: Condition) -> None:
    assert simplify(condition) == expected


def test_two_values_of_one_key_contradict_only_if_it_has_one() -> None:
    for over, expected in [(Over.ONE, True), (Over.ANY, False), (Over.EVERY, True)]:
        both = all_of((equals("k", "1", over=over), equals("k", "2", over=over), Test("k", Operator.PRESENT)))
        assert (simplify(both) is NEVER) is expected


def test_what_is_given_settles_what_it_can() -> None:
    ip, endpoint = Test("ip", Operator.PRESENT), Test("vpce", Operator.PRESENT)
    never_both = any_of((negate(ip), negate(endpoint)))
    asked = all_of((within("10.0.0.0/8"), equals("vpce", "vpce-1")))
    assert simplify(asked) == asked
    assert simplify(asked, never_both) is NEVER
    assert simplify(any_of((negate(ip), negate(endpoint), A)), never_both) is ALWAYS


def test_unseen_facts_count_only_where_they_matter() -> None:
    acl = Unseen("the ACL was not read")
    assert simplify(any_of((acl, ALWAYS))) is ALWAYS
    assert simplify(all_of((acl, A, negate(A)))) is NEVER
    assert simplify(any_of((acl, all_of((acl, A))))) == acl
    # One malformed statement may as well allow as deny: that is no contradiction.
    assert simplify(all_of((acl, negate(acl)))) == all_of((acl, negate(acl)))


def test_each_leaf_keeps_the_statement_it_comes_from() -> None:
    for source in ("policy of ana", "policy of bo"):
        told = simplify(all_of((equals("a", "1", source=source), equals("b", "1", source=source))))
        assert {leaf.source for leaf in leaves(told) if isinstance(leaf, Test)} == {source}


def test_tests_against_other_keys_are_left_as_they_are() -> None:
    tied = Test("folder", Operator.EQUALS, (Pattern((Reference("team"),)),))
    assert simplify(all_of((tied, A))) == all_of((tied, A))
    assert simplify(all_of((tied, negate(tied)))) is NEVER


@pytest.mark.parametrize(
    "several",
    [
        equals("k", *(f"vpce-{number:017}" for number in range(200))),
        like("k", *(f"arn:aws:iam::{number:012}:role/*-reader-*" for number in range(40))),
        any_of(like("k", f"*{number}*a*b*c*") for number in range(12)),
    ],
)
def test_long_lists_of_values_cost_little(several: Condition) -> None:
    started = time.process_time()
    told = simplify(all_of((several, B, negate(equals("k", "x")))))
    assert keys(told) == {"k", "b"}
    assert time.process_time() - started < 3


def test_a_condition_with_too_many_cases_comes_back_as_it_is() -> None:
    keyed = [equals(f"k{number}", "1") for number in range(24)]
    pairs = any_of(all_of((keyed[n], keyed[n + 12])) for n in range(12))
    assert simplify(pairs) == pairs


_KEYS = ("a", "b")
_LEAVES = st.one_of(
    st.builds(equals, st.sampled_from(_KEYS), st.sampled_from(["1", "2", "12"])),
    st.builds(like, st.sampled_from(_KEYS), st.sampled_from(["1*", "*2", "?", "*"])),
    st.builds(
        lambda key, value, over: equals(key, value, over=over),
        st.just("many"),
        st.sampled_from(["1", "2"]),
        st.sampled_from([Over.ANY, Over.EVERY]),
    ),
    st.builds(lambda key: Test(key, Operator.PRESENT), st.sampled_from([*_KEYS, "many"])),
    st.builds(lambda block: test_of(Operator.IN_NETWORK, "ip", block), st.sampled_from(["10.0.0.0/8", "10.1.0.0/16"])),
)
_TREES = st.recursive(
    st.builds(lambda leaf, turn: negate(leaf) if turn else leaf, _LEAVES, st.booleans()),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(all_of), st.lists(inner, min_size=2, max_size=3).map(any_of)
    ),
    max_leaves=7,
)
_REQUESTS = st.fixed_dictionaries(
    {},
    optional={
        "a": st.sampled_from(["1", "2", "12", "x"]),
        "b": st.sampled_from(["1", "2", "12", ""]),
        "many": st.sampled_from([("1",), ("2",), ("1", "2"), ("x", "1"), ("x",)]),
        "ip": st.sampled_from(["10.1.0.1", "10.2.0.1", "192.168.0.1"]),
    },
)


@settings(deadline=None)
@given(_TREES, st.lists(_REQUESTS, min_size=8, max_size=8))
def test_simplifying_changes_no_answer(condition: Condition, requests: list[dict[str, Any]]) -> None:
    told = simplify(condition)
    for request in requests:
        context = Context.of(request, closed=True)
        assert resolve(told, context) is resolve(condition, context)


@settings(deadline=None)
@given(_TREES)
def test_nothing_is_left_that_could_go(condition: Condition) -> None:
    told = simplify(condition)
    assert simplify(told) == told
    assert keys(told) <= keys(condition)
    if isinstance(told, AllOf):
        for place in range(len(told.parts)):
            fewer = all_of((*told.parts[:place], *told.parts[place + 1 :]))
            assert simplify(all_of((fewer, negate(told)))) is not NEVER


@settings(deadline=None)
@given(_TREES, st.sampled_from([ALWAYS, NEVER]))
def test_a_condition_and_its_negation_are_opposites(condition: Condition, which: Condition) -> None:
    assert (simplify(condition) is which) == (simplify(negate(condition)) is constant(value=which is NEVER))


def test_condition_of_very_many_unread_things_comes_back_as_it_is() -> None:
    many = all_of(Unseen(f"policy {number} was not read") for number in range(2_000))
    assert simplify(many) == many
    assert simplify(any_of((many, Unseen("another was not read")))) == any_of((many, Unseen("another was not read")))
