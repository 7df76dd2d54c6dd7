"""Single settings of a bucket, as boto3 gives them."""

from __future__ import annotations

from typing import Any

import pytest

from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, AclGrant, Answer, Encryption, Replication, RetentionLock
from cloudscan_aws import s3_read
from cloudscan_aws.accounts import Bucket

BUCKET = Bucket("calls", "eu-central-1")
KEY = "arn:aws:kms:eu-central-1:111111111111:key/0f1e"


def encryption(default: dict[str, Any], **rule: Any) -> Encryption | None:
    rules = [{"ApplyServerSideEncryptionByDefault": default, **rule}]
    return s3_read.encryption({"ServerSideEncryptionConfiguration": {"Rules": rules}}, BUCKET, "111111111111")


@pytest.mark.parametrize(
    ("default", "mode", "key"),
    [
        ({"SSEAlgorithm": "AES256"}, "provider", None),
        ({"SSEAlgorithm": "aws:kms"}, "provider-kms", None),
        ({"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}, "customer", KEY),
        ({"SSEAlgorithm": "aws:kms:dsse", "KMSMasterKeyID": KEY}, "customer", KEY),
        ({"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "0f1e"}, "customer", KEY),
        (
            {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/aws/s3"},
            "provider-kms",
            "arn:aws:kms:eu-central-1:111111111111:alias/aws/s3",
        ),
        (
            {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/calls"},
            "customer",
            "arn:aws:kms:eu-central-1:111111111111:alias/calls",
        ),
    ],
)
def test_default_encryption_names_mode_and_key(default: dict[str, Any], mode: str, key: str | None) -> None:
    assert encryption(default, BucketKeyEnabled=True) == Encryption(mode, key, default["SSEAlgorithm"], Answer.YES)


def test_rule_that_names_no_algorithm_keeps_the_default_of_s3() -> None:
    rules = [{"BucketKeyEnabled": False}]
    read = s3_read.encryption({"ServerSideEncryptionConfiguration": {"Rules": rules}}, BUCKET, "1")
    assert read == Encryption("provider", None, "AES256", Answer.NO)


def test_algorithm_of_the_future_is_unknown() -> None:
    assert encryption({"SSEAlgorithm": "aws:quantum"}) is None
    assert s3_read.encryption({}, BUCKET, "1") is None


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ({}, ("none", None)),
        ({"ServerSideEncryption": "AES256"}, ("provider", None)),
        ({"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KEY}, ("customer", KEY)),
        ({"ServerSideEncryption": "aws:kms:dsse", "SSEKMSKeyId": KEY}, ("customer", KEY)),
        ({"ServerSideEncryption": "aws:kms"}, ("provider-kms", None)),
        ({"SSECustomerAlgorithm": "AES256"}, ("customer-supplied", None)),
        ({"ServerSideEncryption": "aws:quantum"}, (None, None)),
    ],
)
def test_object_names_mode_and_key(head: dict[str, Any], told: tuple[str | None, str | None]) -> None:
    assert s3_read.object_encryption(head) == told


def test_switches_that_are_not_named_are_off() -> None:
    told = s3_read.blocks({"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}})
    assert told == {
        "BlockPublicAcls": Answer.YES,
        "IgnorePublicAcls": Answer.NO,
        "BlockPublicPolicy": Answer.NO,
        "RestrictPublicBuckets": Answer.NO,
    }


def test_list_names_everyone_by_our_words() -> None:
    groups = "http://acs.amazonaws.com/groups/"
    grants = [
        {"Grantee": {"Type": "Group", "URI": f"{groups}global/AllUsers"}, "Permission": "READ"},
        {"Grantee": {"Type": "Group", "URI": f"{groups}global/AuthenticatedUsers"}, "Permission": "WRITE"},
        {"Grantee": {"Type": "Group", "URI": f"{groups}s3/LogDelivery"}, "Permission": "WRITE"},
        {"Grantee": {"Type": "CanonicalUser", "ID": "abc"}, "Permission": "FULL_CONTROL"},
    ]
    assert s3_read.acl({"Grants": grants}) == (
        AclGrant(ANYONE, "READ"),
        AclGrant(ANYONE_SIGNED_IN, "WRITE"),
        AclGrant(f"{groups}s3/LogDelivery", "WRITE"),
        AclGrant("abc", "FULL_CONTROL"),
    )


def test_lock_in_years_is_told_in_days() -> None:
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 2}}
    payload = {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": rule}}
    assert s3_read.lock(payload) == RetentionLock(Answer.YES, "compliance", 730)


def test_lock_without_a_rule_has_no_days() -> None:
    payload = {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}
    assert s3_read.lock(payload) == RetentionLock(Answer.YES)


def test_replication_reads_target_account_prefix_and_state() -> None:
    rules = [
        {
            "Status": "Enabled",
            "Filter": {"And": {"Prefix": "calls/", "Tags": []}},
            "Destination": {"Bucket": "arn:aws:s3:::copy", "Account": "222222222222"},
        },
        {"Status": "Disabled", "Prefix": "old/", "Destination": {"Bucket": "arn:aws:s3:::copy"}},
    ]
    assert s3_read.replication({"ReplicationConfiguration": {"Rules": rules}}) == (
        Replication("arn:aws:s3:::copy", "222222222222", "calls/", enabled=True),
        Replication("arn:aws:s3:::copy", None, "old/", enabled=False),
    )


def test_versioning_that_was_never_switched_on_is_disabled() -> None:
    assert s3_read.versioning({}) == {"versioning": "disabled", "mfa_delete": Answer.NO}
    assert s3_read.versioning({"Status": "Suspended", "MFADelete": "Enabled"}) == {
        "versioning": "suspended",
        "mfa_delete": Answer.YES,
    }


def test_buckets_of_china_have_their_own_partition() -> None:
    assert Bucket("calls", "cn-north-1").id == "arn:aws-cn:s3:::calls"
    assert s3_read.key_arn("0f1e", "us-gov-west-1", "1") == "arn:aws-us-gov:kms:us-gov-west-1:1:key/0f1e"
