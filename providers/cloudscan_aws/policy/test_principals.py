from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cloudscan.access import Ruling, keys
from cloudscan_aws.policy.callers import (
    ANYONE,
    NOBODYS_ACCOUNT,
    STRANGER,
    Caller,
    Kind,
    account_root,
    service,
    somebody_in,
)
from cloudscan_aws.policy.s3_facts import ObjectFacts
from cloudscan_aws.policy.test_support import OWNER, PARTNER, allow, bucket, deny, limited, read, read_if, role, user

YES, NO, IF = Ruling.YES, Ruling.NO, Ruling.IF
ANA = user()
READER = role()
TRANSCRIBE = service("transcribe.amazonaws.com")


def to(principal: Any) -> Any:
    return bucket(allow(Principal=principal))


@pytest.mark.parametrize(
    ("principal", "caller", "expected"),
    [
        ("*", ANYONE, YES),
        ({"AWS": "*"}, ANYONE, YES),
        ({"AWS": "*"}, ANA, YES),
        ({"AWS": "*"}, limited(ANA, allow("ec2:*", "*")), YES),
        ("*", TRANSCRIBE, YES),
        ({"AWS": f"arn:aws:iam::{OWNER}:user/ana"}, ANA, YES),
        ({"AWS": f"arn:aws:iam::{OWNER}:user/Ana"}, ANA, NO),
        ({"AWS": f"arn:aws:iam::{OWNER}:user/*"}, ANA, NO),
        ({"AWS": f"arn:aws:iam::{PARTNER}:user/ana"}, ANA, NO),
        ({"AWS": f"arn:aws:iam::{OWNER}:role/reader"}, READER, YES),
        ({"AWS": f"arn:aws:sts::{OWNER}:assumed-role/reader/job1"}, READER, YES),
        ({"AWS": f"arn:aws:sts::{OWNER}:assumed-role/reader/job2"}, READER, NO),
        ({"AWS": f"arn:aws:sts::{OWNER}:assumed-role/reader/*"}, READER, NO),
        ({"AWS": [f"arn:aws:iam::{OWNER}:user/bo", f"arn:aws:iam::{OWNER}:user/ana"]}, ANA, YES),
        ({"Service": "transcribe.amazonaws.com"}, TRANSCRIBE, YES),
        ({"Service": "ec2.amazonaws.com"}, TRANSCRIBE, NO),
        ({"Service": "*"}, TRANSCRIBE, NO),
        ({"AWS": "transcribe.amazonaws.com"}, TRANSCRIBE, NO),
        ({"Service": f"arn:aws:iam::{OWNER}:user/ana"}, ANA, NO),
        ({"Federated": "graph.facebook.com"}, ANA, NO),
        ({"CanonicalUser": "c" * 64}, replace(account_root(OWNER), canonical_id="c" * 64), YES),
        ({"CanonicalUser": "c" * 64}, replace(ANA, canonical_id="c" * 64), NO),
        ({"CanonicalUser": "c" * 64}, replace(user(allow(), account=PARTNER), canonical_id="c" * 64), YES),
        ({"AWS": "AIDAEXAMPLE"}, replace(ANA, unique_id="AIDAEXAMPLE"), YES),
        ({}, ANYONE, NO),
    ],
)
def test_whom_a_principal_means(principal: Any, caller: Caller, expected: Ruling) -> None:
    assert read(caller, to(principal)).ruling is expected


def test_a_role_with_a_path_is_named_without_it_in_its_sessions() -> None:
    deep = role(name="asr/readers/reader")
    assert read(deep, to({"AWS": f"arn:aws:sts::{OWNER}:assumed-role/reader/job1"})).ruling is YES


def test_a_session_of_unknown_name_makes_the_name_a_condition() -> None:
    asked = read_if(role(session=None), to({"AWS": f"arn:aws:sts::{OWNER}:assumed-role/reader/job1"}))
    assert asked.ruling is IF
    assert keys(asked.condition) == {"sts:RoleSessionName"}


def test_a_deny_to_an_account_hits_everybody_in_it() -> None:
    guarded = bucket(deny(Principal={"AWS": OWNER}))
    for caller in (user(allow()), role(allow()), account_root(OWNER)):
        assert read(caller, guarded).ruling is NO


def test_not_principal_with_allow_gives_to_all_others() -> None:
    target = bucket(allow(NotPrincipal={"AWS": f"arn:aws:iam::{OWNER}:user/ana"}))
    assert read(ANA, target).ruling is NO
    assert read(user(name="bo"), target).ruling is YES
    assert read(ANYONE, target).ruling is YES


def test_not_principal_with_deny_spares_a_role_and_its_session() -> None:
    for name in (f"arn:aws:iam::{OWNER}:role/reader", f"arn:aws:sts::{OWNER}:assumed-role/reader/job1"):
        assert read(role(allow()), bucket(deny(NotPrincipal={"AWS": name}))).ruling is YES
    assert read(role(allow(), session="job2"), bucket(deny(NotPrincipal={"AWS": name}))).ruling is NO


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"aws:PrincipalAccount": PARTNER}}, NO),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{PARTNER}:role/*"}}, NO),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/reader"}}, IF),
        ({"StringEquals": {"aws:PrincipalTag/team": "asr"}}, IF),
        ({"StringEquals": {"aws:SourceAccount": OWNER}}, NO),
        ({"StringEquals": {"aws:PrincipalIsAWSService": "false"}}, YES),
    ],
)
def test_a_stranger_is_free_in_all_but_the_account(condition: Any, expected: Ruling) -> None:
    assert read_if(STRANGER, bucket(allow(Principal="*", Condition=condition))).ruling is expected


def test_somebody_in_an_account_is_named_by_it_or_by_nobody() -> None:
    assert read(somebody_in(PARTNER), to({"AWS": PARTNER})).ruling is YES
    assert read(somebody_in(PARTNER), to({"AWS": f"arn:aws:iam::{PARTNER}:user/ben"})).ruling is NO


@pytest.mark.parametrize(
    ("caller", "key", "value"),
    [
        (account_root(OWNER), "aws:PrincipalType", "Account"),
        (account_root(OWNER), "aws:userid", OWNER),
        (ANA, "aws:PrincipalType", "User"),
        (ANA, "aws:username", "ana"),
        (READER, "aws:PrincipalType", "AssumedRole"),
        (READER, "aws:PrincipalArn", f"arn:aws:iam::{OWNER}:role/reader"),
        (replace(READER, unique_id="AROAEXAMPLE"), "aws:userid", "AROAEXAMPLE:job1"),
        (ANYONE, "aws:PrincipalType", "Anonymous"),
        (TRANSCRIBE, "aws:PrincipalServiceName", "transcribe.amazonaws.com"),
        (TRANSCRIBE, "aws:PrincipalIsAWSService", "true"),
    ],
)
def test_the_keys_that_follow_from_a_caller(caller: Caller, key: str, value: str) -> None:
    assert read_if(caller, bucket(allow(Principal="*", Condition={"StringEquals": {key: value}}))).ruling is YES


def test_a_federated_identity_is_not_a_service() -> None:
    token = Caller(Kind.FEDERATED, "graph.facebook.com")
    assert read(token, to({"Service": "graph.facebook.com"})).ruling is NO


@pytest.mark.parametrize("account", ["000000000000", "999999999999"])
def test_a_stranger_has_the_number_of_no_account(account: str) -> None:
    """Emulators number their account 000000000000; nobody else is at home there."""
    named = bucket(allow(Principal={"AWS": f"arn:aws:iam::{account}:root"}), account=account)
    for stranger in (STRANGER, somebody_in(NOBODYS_ACCOUNT)):
        assert stranger.account != account
        assert read(stranger, named, ObjectFacts(owner=account, acl=())).ruling is Ruling.NO
