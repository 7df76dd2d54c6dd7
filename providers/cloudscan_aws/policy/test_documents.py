from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from cloudscan.access import Ruling
from cloudscan_aws.policy.callers import Caller, Kind
from cloudscan_aws.policy.documents import Malformed, Policy, Statement, parse
from cloudscan_aws.policy.test_support import OWNER, allow, bucket, policy, read, user

GOOD = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
TEXT = json.dumps(GOOD)


def test_the_same_text_is_the_same_document() -> None:
    assert parse(TEXT) is parse(TEXT)
    assert parse(GOOD) is parse(dict(GOOD))


def test_percent_encoded_text_reads_as_plain_text_does() -> None:
    (statement,) = parse(quote(TEXT)).statements
    assert isinstance(statement, Statement)
    assert statement.actions == ("s3:*",)


def test_one_statement_needs_no_list_and_one_value_neither() -> None:
    (statement,) = parse({"Statement": {"Effect": "Deny", "Action": ["A:b"], "Resource": "*", "Sid": "x"}}).statements
    assert isinstance(statement, Statement)
    assert (statement.effect, statement.actions, statement.name) == ("Deny", ("a:b",), "statement 1 (x)")


def test_numbers_and_truths_are_values_too() -> None:
    block = {"Bool": {"aws:SecureTransport": True}, "NumericEquals": {"x:n": [1, 2.5]}}
    (statement,) = parse({"Statement": {**allow(), "Condition": block}}).statements
    assert isinstance(statement, Statement)
    assert [clause.values for clause in statement.condition] == [("true",), ("1", "2.5")]


UNREADABLE: list[Any] = [
    "",
    "no json",
    "[]",
    "null",
    "{}",
    {"Statement": 7},
    {"Statement": None},
    b"bytes",
    '{"Statement": [], "Statement": []}',
    '{"Statement": {"Effect": "Deny", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}}',
    '{"Statement": [NaN]}',
    {"Version": "2013-01-01", "Statement": []},
    {"Version": ["2012-10-17"], "Statement": []},
    {"Version": "2012-10-17", "Statement": {**allow(), "Sid": "\ud800"}},
    "[" * 100_000,
    {"Statement": {**allow(), "Resource": "\ud83d"}},
]


@pytest.mark.parametrize("source", UNREADABLE)
def test_an_unreadable_document_is_kept_as_such(source: Any) -> None:
    (only,) = parse(source).statements
    assert isinstance(only, Malformed)
    assert only.index is None


def asked(*statements: Any) -> Ruling:
    found = Policy.of("policy of ana", {"Version": "2012-10-17", "Statement": list(statements)})
    caller = Caller(Kind.USER, f"arn:aws:iam::{OWNER}:user/ana", OWNER, policies=(found,))
    return read(caller, bucket()).ruling


FAULTY: list[dict[str, Any]] = [
    {"Effect": "Allow", "Resource": "*"},
    {"Effect": "Allow", "Action": 7, "Resource": "*"},
    {"Effect": "Allow", "Action": "s3:*", "NotAction": "s3:*", "Resource": "*"},
    {"Effect": "Allow", "Action": "s3:*"},
    {"Effect": "Allow", "Action": "s3:*", "Resource": {"x": 1}},
    {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": "x"},
    {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": ["x"]}},
    {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"k": None}}},
    {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringResembles": {"k": "v"}}},
    {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"NullIfExists": {"k": "true"}}},
    {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"Null": {"k": "maybe"}}},
    {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Conditions": {"Bool": {"aws:SecureTransport": "true"}}},
    {"Effect": "allow", "Action": "s3:*", "Resource": "*"},
]


@pytest.mark.parametrize("statement", FAULTY)
def test_a_faulty_statement_leaves_open_what_it_may_govern(statement: dict[str, Any]) -> None:
    assert asked(statement) is Ruling.UNKNOWN


@pytest.mark.parametrize("statement", FAULTY[:12])
def test_a_faulty_deny_leaves_open_what_is_allowed_elsewhere(statement: dict[str, Any]) -> None:
    assert asked(allow(), {**statement, "Effect": "Deny"}) is Ruling.UNKNOWN


def test_a_faulty_allow_takes_nothing_away() -> None:
    for statement in FAULTY[:12]:
        assert asked(allow(), statement) is Ruling.YES


@pytest.mark.parametrize(
    "whom",
    [
        {"Principal": 7},
        {"Principal": {"AWS": 7}},
        {"Principal": {"Aws": "*"}},
        {"NotPrincipal": 7},
        {"NotPrincipal": {"AWS": [7]}},
        {"Principal": "*", "NotPrincipal": {"AWS": OWNER}},
        {},
    ],
)
def test_whom_a_statement_names_may_be_unreadable(whom: dict[str, Any]) -> None:
    wide = {"Action": "s3:*", "Resource": "*", **whom}
    assert read(user(), bucket({"Effect": "Allow", **wide})).ruling is Ruling.UNKNOWN
    assert read(user(allow()), bucket({"Effect": "Deny", **wide})).ruling is Ruling.UNKNOWN


def test_a_fault_elsewhere_matters_to_nobody() -> None:
    elsewhere = {"Effect": "Deny", "Action": "ec2:*", "Resource": "*", "Condition": {"NoSuchOperator": {"k": "v"}}}
    assert asked(allow(), elsewhere) is Ruling.YES


def test_an_explicit_deny_settles_the_matter_whatever_else_is_unreadable() -> None:
    denied = bucket(policy=(policy({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}),))
    unread = Caller(Kind.USER, user().name, OWNER, policies=None)
    assert read(unread, denied).ruling is Ruling.NO


def test_an_unknown_names_the_statement_at_fault() -> None:
    found = Policy.of("policy of ana", {"Statement": [allow(), {"Effect": "Deny", "Action": "s3:*", "Resource": 1}]})
    caller = Caller(Kind.USER, user().name, OWNER, policies=(found,))
    (reason,) = read(caller, bucket()).unseen
    assert "policy of ana, statement 2" in reason
    assert "Resource" in reason
