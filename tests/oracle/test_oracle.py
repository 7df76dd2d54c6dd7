"""The oracle is right where the answer is known, and silent where the documentation is."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest

from tests.oracle import Undocumented, answer
from tests.oracle.conditions import holds
from tests.oracle.drawn_worlds import worlds
from tests.oracle.features import deciding
from tests.oracle.matching import matches
from tests.oracle.public import is_public

NEW = "2012-10-17"


@pytest.mark.parametrize(
    ("pattern", "value", "version", "expected"),
    [
        ("arn:aws:s3:::corpus/*", "arn:aws:s3:::corpus/raw/a.wav", NEW, True),
        ("arn:aws:s3:::corpus/*", "arn:aws:s3:::corpus", NEW, False),
        ("arn:aws:s3:::corpus/ra?", "arn:aws:s3:::corpus/raw", NEW, True),
        ("arn:aws:s3:::corpus/RAW", "arn:aws:s3:::corpus/raw", NEW, False),
        ("corpus/${aws:username}", "corpus/ana", NEW, True),
        ("corpus/${aws:username}", "corpus/ana", "2008-10-17", False),
        ("corpus/${aws:username}", "corpus/${aws:username}", "2008-10-17", True),
        ("corpus/${example:gone, 'raw'}", "corpus/raw", NEW, True),
        ("corpus/${*}", "corpus/anything", NEW, False),
        ("corpus/${*}", "corpus/*", NEW, True),
        ("a.c", "abc", NEW, False),
    ],
)
def test_patterns(pattern: str, value: str, version: str, expected: bool) -> None:
    assert matches(pattern, value, {"aws:username": ["ana"]}, version) is expected


@pytest.mark.parametrize(
    ("block", "context", "expected"),
    [
        ({"StringEquals": {"k": ["a", "b"]}}, {"k": ["b"]}, True),
        ({"StringNotEquals": {"k": ["a", "b"]}}, {"k": ["b"]}, False),
        ({"StringNotEquals": {"k": "a"}}, {}, True),
        ({"StringEquals": {"k": "a"}}, {}, False),
        ({"StringEqualsIfExists": {"k": "a"}}, {}, True),
        ({"ForAllValues:StringEquals": {"k": "a"}}, {}, True),
        ({"ForAllValues:StringEquals": {"k": "a"}}, {"k": [""]}, True),
        ({"ForAnyValue:StringNotEquals": {"k": "a"}}, {}, False),
        ({"ForAnyValue:StringNotEquals": {"k": "a"}}, {"k": ["a", "b"]}, True),
        ({"ForAllValues:StringNotEquals": {"k": "a"}}, {"k": ["a", "b"]}, False),
        ({"Null": {"k": "true"}}, {"k": ["a"]}, False),
        ({"NotIpAddress": {"k": "203.0.113.0/24"}}, {"k": ["203.0.113.7"]}, False),
        ({"DateEquals": {"k": "2026-06-01T12:00:00+02:00"}}, {"k": ["2026-06-01T10:00:00Z"]}, True),
        ({"ArnLike": {"k": "arn:aws:iam::*:role/x"}}, {"k": ["arn:aws:iam::1:2:role/x"]}, False),
        ({"StringNotEquals": {"k": "${example:gone}"}}, {"k": ["a"]}, False),
        ({"NumericLessThan": {"k": 10}, "Bool": {"b": True}}, {"k": ["9"], "b": ["true"]}, True),
    ],
)
def test_conditions(block: Any, context: Any, expected: bool) -> None:
    assert holds(block, context, NEW) is expected


@pytest.mark.parametrize(
    ("block", "context"),
    [
        ({"StringEquals": {"k": "a"}}, {"k": ["a", "b"]}),
        ({"NumericEquals": {"k": "ten"}}, {"k": ["10"]}),
        ({"StringNotEquals": {"gone": "${example:gone}"}}, {}),
        ({"Null": {"k": "true"}}, {"k": [""]}),
    ],
)
def test_where_the_documentation_is_silent_so_is_the_oracle(block: Any, context: Any) -> None:
    with pytest.raises(Undocumented):
        holds(block, context, NEW)


@pytest.mark.parametrize(
    ("statement", "public"),
    [
        ({"Principal": "*"}, True),
        ({"Principal": {"Federated": "graph.facebook.com"}}, True),
        ({"Principal": {"AWS": "222222222222"}}, False),
        ({"Principal": {"Service": "transcribe.amazonaws.com"}}, False),
        ({"Principal": "*", "Condition": {"StringLike": {"aws:SourceVpc": "vpc-*"}}}, True),
        ({"Principal": "*", "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-91237329"}}}, False),
        ({"Principal": "*", "Condition": {"StringEqualsIfExists": {"aws:SourceVpc": "vpc-91237329"}}}, True),
        ({"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}}, True),
        ({"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"]}}}, False),
        ({"Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, True),
        ({"NotPrincipal": {"AWS": "222222222222"}}, True),
    ],
)
def test_what_is_public(statement: Any, public: bool) -> None:
    policy = {"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **statement}}
    assert is_public(policy, of_access_point=False) is public


def test_drawn_worlds_are_worth_asking_about() -> None:
    """Both answers are common, silence is rare, and every sort of policy decides."""
    random, verdicts, decided = Random(20), Counter[str](), Counter[str]()  # noqa: S311 - the same worlds each time
    for number in range(600):
        for world, asked in worlds(random, questions=1):
            try:
                verdict = answer(world, asked)
            except Undocumented:
                verdicts["undocumented"] += 1
                continue
            verdicts["allow" if verdict.allowed else "deny"] += 1
            if number % 3 == 0:
                decided.update(set(deciding(world, asked, verdict)))
    assert verdicts["allow"] > 0.2 * verdicts.total()
    assert verdicts["deny"] > 0.3 * verdicts.total()
    assert verdicts["undocumented"] < 0.12 * verdicts.total()
    sorts = (
        "identity policy",
        "boundary",
        "session policy",
        "SCP",
        "RCP",
        "bucket policy",
        "key policy",
        "trust policy",
    )
    for sort in sorts:
        assert any(feature.startswith(sort) for feature in decided), sort
    assert len(decided) > 40


def test_whether_a_set_operator_fixes_a_policy_is_not_written() -> None:
    of_vpc = {"Condition": {"ForAnyValue:StringEquals": {"aws:SourceVpc": "vpc-91237329"}}}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"} | of_vpc
    with pytest.raises(Undocumented):
        is_public({"Statement": statement}, of_access_point=False)
