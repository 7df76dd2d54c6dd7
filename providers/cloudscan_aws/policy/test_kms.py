from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cloudscan.access import Ruling, keys
from cloudscan_aws.policy.callers import Caller, account_root, service
from cloudscan_aws.policy.documents import Policy
from cloudscan_aws.policy.kms import KeyFacts, KeyGrant, evaluate_key_use
from cloudscan_aws.policy.organization import NO_ORGANIZATION
from cloudscan_aws.policy.s3_facts import Encryption, ObjectFacts
from cloudscan_aws.policy.test_support import (
    KEY_ARN,
    OWNER,
    PARTNER,
    allow,
    bucket,
    deny,
    exactly,
    in_session,
    limited,
    organization,
    policy,
    read,
    read_if,
    role,
    user,
)

YES, NO, IF, UNKNOWN = Ruling.YES, Ruling.NO, Ruling.IF, Ruling.UNKNOWN
ROOT = {"Principal": {"AWS": f"arn:aws:iam::{OWNER}:root"}}
DEFAULT = allow("kms:*", "*", **ROOT)
USE = allow("kms:Decrypt", KEY_ARN)
READER = f"arn:aws:iam::{OWNER}:role/reader"
TARGET = bucket(encryption=Encryption("SSE-KMS", KEY_ARN))


def key(*statements: Any, **more: Any) -> KeyFacts:
    return KeyFacts(KEY_ARN, OWNER, policy=policy(*statements, name="key policy"), **more)


def reads(caller: Caller, facts: KeyFacts, **more: Any) -> Ruling:
    return read(caller, TARGET, keys=(facts,), **more).ruling


@pytest.mark.parametrize(
    ("caller", "statements", "expected"),
    [
        (role(allow(), USE), [DEFAULT], YES),
        (role(allow()), [DEFAULT], NO),
        (role(allow(), USE), [], NO),
        (role(allow()), [allow("kms:Decrypt", "*", Principal={"AWS": READER})], YES),
        (limited(role(allow()), allow("s3:*", "*")), [allow("kms:Decrypt", "*", Principal={"AWS": READER})], NO),
        (in_session(role(allow()), allow("s3:*", "*")), [allow("kms:*", "*", Principal={"AWS": READER})], NO),
        (
            role(allow()),
            [allow("kms:*", "*", Principal="*", Condition={"StringEquals": {"kms:CallerAccount": OWNER}})],
            YES,
        ),
        (
            role(allow()),
            [allow("kms:*", "*", Principal="*", Condition={"StringEquals": {"kms:CallerAccount": PARTNER}})],
            NO,
        ),
        (role(allow(), USE), [DEFAULT, deny("kms:Decrypt", "*", Principal="*")], NO),
        (role(allow(), USE, deny("kms:*", "*")), [DEFAULT], NO),
        (role(allow(), USE), [allow("kms:Encrypt", "*", **ROOT)], NO),
        (role(allow(), USE), [allow("kms:*", "arn:aws:kms:eu-central-1:111111111111:key/other", **ROOT)], NO),
        (role(allow(), USE), [allow("kms:*", KEY_ARN, **ROOT)], YES),
        (role(allow(), allow("kms:*", "*")), [DEFAULT], YES),
        (role(allow(), allow("kms:*", f"arn:aws:kms:*:{OWNER}:key/*")), [DEFAULT], YES),
        (account_root(OWNER), [DEFAULT], YES),
        (account_root(OWNER), [allow("kms:*", "*", Principal={"AWS": READER})], NO),
    ],
)
def test_the_key_policy_is_a_gate(caller: Caller, statements: list[Any], expected: Ruling) -> None:
    assert reads(caller, key(*statements)) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}}, YES),
        ({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}, NO),
        ({"StringLike": {"kms:ViaService": "ec2.*.amazonaws.com"}}, NO),
        ({"StringLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::corpus/raw/*"}}, YES),
        ({"StringLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::other/*"}}, NO),
        ({"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": "aws:s3:arn"}}, YES),
        ({"Bool": {"kms:GrantIsForAWSResource": "true"}}, NO),
        ({"Bool": {"aws:ViaAWSService": "true"}}, YES),
        ({"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/audio*"}}, YES),
        ({"StringEquals": {"kms:RequestAlias": "alias/audio"}}, NO),
    ],
)
def test_the_keys_of_a_decrypt_behind_a_read(condition: Any, expected: Ruling) -> None:
    conditional = allow("kms:*", "*", **ROOT, Condition=condition)
    assert reads(role(allow(), USE), key(conditional, aliases=("alias/audio-2026",))) is expected


def test_a_request_carries_the_keys_of_its_own_service_only() -> None:
    """The decrypt behind a read has no key of S3's, whatever the read has; and the read has none of KMS."""
    tagged = {"s3:ExistingObjectTag/class": "public"}
    every = role(allow("*", "*", Condition={"ForAllValues:StringEquals": tagged}))
    admitted = replace(TARGET, policy=(policy(allow(Principal="*")),))
    for told in ({}, {"s3:ExistingObjectTag/class": "secret"}):
        assert read_if(every, admitted, keys=(key(DEFAULT),), context=told).ruling is YES
    asks_in_vain = allow("kms:*", "*", **ROOT, Condition={"StringEquals": tagged})
    assert read_if(role(allow(), USE), TARGET, keys=(key(asks_in_vain),), context=tagged).ruling is NO
    through = allow("s3:*", "*", Condition={"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}})
    assert read_if(role(through), bucket()).ruling is NO


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("Enabled", YES),
        ("Updating", YES),
        ("Disabled", NO),
        ("PendingDeletion", NO),
        ("Unavailable", NO),
        (None, UNKNOWN),
    ],
)
def test_only_a_working_key_decrypts(state: str | None, expected: Ruling) -> None:
    assert reads(role(allow(), USE), key(DEFAULT, state=state)) is expected


OBJECT = "arn:aws:s3:::corpus/raw/a.wav"


@pytest.mark.parametrize(
    ("grant", "caller", "expected"),
    [
        (KeyGrant(READER, frozenset({"Decrypt"})), role(allow()), YES),
        (KeyGrant(READER, frozenset({"Encrypt"})), role(allow()), NO),
        (KeyGrant(READER, frozenset({"Decrypt"})), role(allow(), name="other"), NO),
        (KeyGrant(READER, frozenset({"Decrypt"})), role(allow(), deny("kms:*", "*")), NO),
        (KeyGrant(READER, frozenset({"Decrypt"}), context_subset={"aws:s3:arn": OBJECT}), role(allow()), YES),
        (KeyGrant(READER, frozenset({"Decrypt"}), context_equals={"aws:s3:arn": OBJECT}), role(allow()), YES),
        (KeyGrant(READER, frozenset({"Decrypt"}), context_subset={"aws:s3:arn": OBJECT.upper()}), role(allow()), NO),
        (KeyGrant(READER, frozenset({"Decrypt"}), context_equals={"aws:s3:arn": OBJECT, "x": "y"}), role(allow()), NO),
        (KeyGrant(READER, frozenset({"Decrypt"}), context_equals={}), role(allow()), NO),
        (KeyGrant(READER, frozenset({"Decrypt"}), context_subset={}), role(allow()), YES),
        (KeyGrant(f"arn:aws:iam::{OWNER}:root", frozenset({"Decrypt"})), role(allow()), NO),
        (KeyGrant(f"arn:aws:iam::{OWNER}:root", frozenset({"Decrypt"})), role(allow(), USE), YES),
    ],
)
def test_grants(grant: KeyGrant, caller: Caller, expected: Ruling) -> None:
    assert reads(caller, key(grants=(grant,))) is expected


def test_a_grant_reaches_another_account_without_its_policies() -> None:
    ben = user(allow(), name="ben", account=PARTNER)
    shared = replace(TARGET, policy=(policy(allow(Principal={"AWS": ben.name})),))
    granted = key(grants=(KeyGrant(ben.name, frozenset({"Decrypt"})),))
    assert read(ben, shared, keys=(granted,)).ruling is YES
    assert read(ben, shared, keys=(key(),)).ruling is NO


def test_a_key_of_another_account_needs_both_sides() -> None:
    theirs = f"arn:aws:kms:eu-central-1:{PARTNER}:key/9"
    target = bucket(encryption=Encryption("SSE-KMS", theirs))
    both = user(allow(), allow("kms:Decrypt", theirs))
    for statements, expected in [([], NO), ([allow("kms:*", "*", **ROOT)], YES)]:
        facts = KeyFacts(theirs, PARTNER, policy=policy(*statements))
        assert read(both, target, keys=(facts,)).ruling is expected
        assert read(user(allow()), target, keys=(facts,)).ruling is NO


def test_a_service_reads_only_if_the_key_names_it_too() -> None:
    transcribe = service("transcribe.amazonaws.com")
    named = {"Principal": {"Service": "transcribe.amazonaws.com"}}
    target = replace(TARGET, policy=(policy(allow(**named)),))
    assert read(transcribe, target, keys=(key(DEFAULT),)).ruling is NO
    assert read(transcribe, target, keys=(key(DEFAULT, allow("kms:Decrypt", "*", **named)),)).ruling is YES


def test_guardrails_bind_the_decrypt_as_well() -> None:
    caller = role(allow(), USE)
    assert reads(caller, key(DEFAULT), org=organization([allow("*", "*"), deny("kms:*", "*")])) is NO
    assert (
        reads(caller, key(DEFAULT), org=organization([allow("*", "*")], rcp=[deny("kms:*", "*", Principal="*")])) is NO
    )


def test_the_managed_key_of_the_account_serves_s3_alone() -> None:
    managed = KeyFacts(KEY_ARN, OWNER, managed_by_aws=True)
    assert reads(user(allow()), managed) is YES
    direct = evaluate_key_use(
        user(allow("kms:*", "*")), "Decrypt", managed, organization=NO_ORGANIZATION, context=exactly({})
    )
    assert direct.ruling is NO


@pytest.mark.parametrize(
    "name", [KEY_ARN, KEY_ARN.rpartition("/")[2], "alias/audio", KEY_ARN.replace("key/", "alias/")]
)
def test_a_key_is_found_by_whatever_names_it(name: str) -> None:
    named = "alias/" + KEY_ARN.rpartition("/")[2] if name.startswith("arn") and "alias" in name else "alias/audio"
    target = bucket(encryption=Encryption("SSE-KMS", name))
    assert read(role(allow(), USE), target, keys=(key(DEFAULT, aliases=(named,)),)).ruling is YES


@pytest.mark.parametrize(
    "facts",
    [
        KeyFacts(KEY_ARN, OWNER, policy=None),
        key(DEFAULT, state=None),
        KeyFacts(KEY_ARN, OWNER, policy=Policy.of("key policy", "no json")),
    ],
)
def test_unread_facts_of_a_key_leave_the_answer_open(facts: KeyFacts) -> None:
    assert reads(role(allow(), USE), facts) is UNKNOWN
    assert reads(role(), facts) is NO


@pytest.mark.parametrize("name", ["arn:", "arn:aws", ":", "x:alias/", "alias/", "arn:aws:kms:::alias/x", "a" * 5000])
def test_a_key_of_any_name_at_all_breaks_nothing(name: str) -> None:
    for region in ("eu-central-1", ""):
        target = bucket(encryption=Encryption("SSE-KMS", name), region=region)
        assert read(role(allow("*", "*")), target).ruling is UNKNOWN


def test_a_key_nobody_read_leaves_the_answer_open() -> None:
    assert read(role(allow(), USE), TARGET).ruling is UNKNOWN
    assert read(role(allow(), USE, deny("kms:*", "*")), TARGET).ruling is NO


def test_unread_grants_matter_only_where_nothing_else_admits() -> None:
    assert reads(role(allow(), USE), key(DEFAULT, grants=None)) is YES
    assert reads(role(allow()), key(DEFAULT, grants=None)) is UNKNOWN


def test_an_unknown_bucket_key_leaves_the_encryption_context_open() -> None:
    target = bucket(encryption=Encryption("SSE-KMS", KEY_ARN, bucket_key=None))
    within = allow("kms:*", "*", **ROOT, Condition={"StringEquals": {"kms:EncryptionContext:aws:s3:arn": OBJECT}})
    asked = read_if(role(allow(), USE), target, keys=(key(within),))
    assert asked.ruling is IF
    assert keys(asked.condition) == {"kms:EncryptionContext:aws:s3:arn"}


def test_double_encryption_needs_the_key_as_well() -> None:
    twice = ObjectFacts(owner=OWNER, acl=(), encryption=Encryption("DSSE-KMS", KEY_ARN))
    assert read(role(allow()), bucket(), twice, keys=(key(DEFAULT),)).ruling is NO


def test_a_missing_decrypt_is_named() -> None:
    asked = read(role(allow()), TARGET, keys=(key(DEFAULT),))
    sentences = [reason.sentence for reason in asked.proof]
    assert any(sentence.startswith("policy of reader, statement 1 allows s3:GetObject") for sentence in sentences)
    assert any("no policy of" in sentence and "kms:Decrypt" in sentence for sentence in sentences)


def test_a_read_comes_through_s3_of_whatever_region() -> None:
    """The region of a bucket may be unread; that S3 calls the key is known all the same."""
    by_service = bucket(region="", encryption=Encryption("SSE-KMS"))
    assert read_if(role(allow()), by_service).ruling is YES
    under_key = bucket(region="", encryption=Encryption("SSE-KMS", "alias/calls"))
    for pattern, expected in [("s3.*.amazonaws.com", YES), ("ec2.*.amazonaws.com", NO)]:
        through = {"Condition": {"StringLike": {"kms:ViaService": pattern}}}
        key = KeyFacts(
            f"arn:aws:kms::{OWNER}:key/x",
            OWNER,
            policy=policy(
                {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*", **through}
            ),
            aliases=("alias/calls",),
        )
        assert read_if(role(allow()), under_key, keys=(key,)).ruling is expected
