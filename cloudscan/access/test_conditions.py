from __future__ import annotations

from typing import Any

import pytest

from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import (
    ALWAYS,
    NEVER,
    Condition,
    Context,
    Over,
    Test,
    Unseen,
    all_of,
    any_of,
    keys,
    negate,
    resolve,
)
from cloudscan.access.patterns import Pattern, Reference, glob

CLOSED = Context(closed=True)


def equals(key: str, *values: str, **more: Any) -> Test:
    return Test(key, Operator.EQUALS, tuple(Pattern((value,)) for value in values), **more)


A, B = equals("a", "1"), equals("b", "2")


def test_joining_drops_constants_and_repetitions() -> None:
    assert all_of((A, ALWAYS, A)) == A
    assert all_of((A, NEVER)) is NEVER
    assert all_of(()) is ALWAYS
    assert any_of((A, NEVER, any_of((A, B)))) == any_of((A, B))
    assert any_of((A, ALWAYS)) is ALWAYS
    assert any_of(()) is NEVER


def test_negation_reaches_the_leaves_and_undoes_itself() -> None:
    tree = all_of((A, any_of((B, Unseen("the ACL")))))
    assert negate(tree) == any_of((negate(A), all_of((negate(B), Unseen("the ACL", negated=True)))))
    assert negate(negate(tree)) == tree


@pytest.mark.parametrize(
    ("over", "values", "expected"),
    [
        (Over.ONE, [], NEVER),
        (Over.ONE, ["1"], ALWAYS),
        (Over.ANY, [], NEVER),
        (Over.ANY, ["0", "1"], ALWAYS),
        (Over.EVERY, [], ALWAYS),
        (Over.EVERY, ["0", "1"], NEVER),
        (Over.EVERY, ["1"], ALWAYS),
    ],
)
def test_how_a_test_reads_a_key(over: Over, values: list[str], expected: Condition) -> None:
    context = Context.of({"a": values}) if values else Context.of({}, absent=["a"])
    test = equals("a", "1", over=over)
    assert resolve(test, context) is expected
    assert resolve(negate(test), context) is negate(expected)


def test_present_absent_and_unknown_are_never_mixed() -> None:
    context = Context.of({"aws:SourceIp": "10.0.0.1"}, absent=["aws:PrincipalTag/*"])
    assert context.values("AWS:sourceip") == ("10.0.0.1",)
    assert context.values("aws:PrincipalTag/team") == ()
    assert context.values("aws:SourceVpce") is None
    assert resolve(all_of((A, equals("aws:SourceIp", "10.0.0.1"))), context) == A


def test_of_two_contexts_the_upper_one_speaks_first() -> None:
    upper = Context.of({"a": "1"}, absent=["c"])
    lower = Context.of({"a": "2", "b": "2", "c": "3"}, closed=True)
    both = upper.over(lower)
    assert [both.values(key) for key in "abcd"] == [("1",), ("2",), (), ()]


TEAM = Reference("team")


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (Context.of({"folder": "asr", "team": "asr"}), ALWAYS),
        (Context.of({"folder": "asr", "team": "ivr"}), NEVER),
        (Context.of({"folder": "asr"}, absent=["team"]), NEVER),
        (Context.of({"folder": "asr"}), equals("team", "asr")),
        (Context.of({"team": "asr"}), equals("folder", "asr")),
        (Context.of({"team": ["asr", "ivr"], "folder": "asr"}), NEVER),
        (Context.of({}), Test("folder", Operator.EQUALS, (Pattern((TEAM,)),))),
    ],
)
def test_a_placeholder_is_filled_or_turned_round(context: Context, expected: Condition) -> None:
    assert resolve(Test("folder", Operator.EQUALS, (Pattern((TEAM,)),)), context) == expected


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        (Operator.LIKE, "asr/x", equals("team", "asr")),
        (Operator.EQUALS_IGNORING_CASE, "ASR/", None),
        (Operator.LIKE_BY_PART, "arn:aws:s3:::asr/x", None),
    ],
)
def test_turning_round_keeps_the_comparison(operator: Operator, value: str, expected: Condition | None) -> None:
    pieces = Pattern((TEAM, "/", *glob("*").pieces)) if operator is Operator.LIKE else Pattern((TEAM, "/"))
    if operator is Operator.LIKE_BY_PART:
        pieces = Pattern(("arn:aws:s3:::", TEAM, "/", *glob("*").pieces))
        expected = equals("team", "asr")
    if operator is Operator.EQUALS_IGNORING_CASE:
        expected = Test("team", operator, (Pattern(("asr",)),))
    assert resolve(Test("folder", operator, (pieces,)), Context.of({"folder": value})) == expected


def test_a_default_stands_in_for_an_absent_key() -> None:
    wanted = (Pattern((Reference("team", default="all"),)),)
    test = Test("folder", Operator.EQUALS, wanted)
    assert resolve(test, Context.of({"folder": "all"}, absent=["team"])) is ALWAYS
    open_team = resolve(test, Context.of({"folder": "all"}))
    assert resolve(open_team, CLOSED) is ALWAYS
    assert resolve(open_team, Context.of({"team": "asr"})) is NEVER


def test_keys_names_every_key_that_is_looked_at() -> None:
    test = Test("folder", Operator.EQUALS, (Pattern((TEAM,)),))
    assert keys(all_of((A, negate(test), Unseen("x")))) == {"a", "folder", "team"}
    assert keys(ALWAYS) == frozenset()
