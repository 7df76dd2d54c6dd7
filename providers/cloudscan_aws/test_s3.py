"""The settings of buckets, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudscan.errors import CredentialsExpired
from cloudscan.model import (
    ANYONE,
    AclGrant,
    Answer,
    Coverage,
    Encryption,
    Gap,
    LifecycleRule,
    LogSource,
    PolicyDocument,
    Replication,
    RetentionLock,
    Store,
    Why,
)
from cloudscan.provider import Facet
from cloudscan.testing import run_units
from cloudscan_aws import s3
from cloudscan_aws.accounts import AccountScope, Bucket
from cloudscan_aws.demo.server import Endpoint

REGION = "eu-central-1"
OWN = "123456789012"
CALLS = Bucket("calls", REGION)
SETTINGS = [question.facet for question in s3.QUESTIONS]
DEFAULT = [facet for facet in SETTINGS if facet not in {Facet.LABELS, Facet.INVENTORY}]
STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::calls/*"}

FAULTS: dict[Any, Why] = {"deny": Why.DENIED, "http-500": Why.ERROR, "throttle": Why.THROTTLED}

Accounts = Callable[..., AccountScope]
Make = Callable[..., Any]


def collect(account: AccountScope) -> list[Any]:
    return run_units(list(s3.units(account)))[0]


def stores(records: list[Any]) -> list[Store]:
    return [record for record in records if isinstance(record, Store)]


def gaps(records: list[Any]) -> list[Gap]:
    return [record for record in records if isinstance(record, Gap)]


def asked(endpoint: Endpoint) -> int:
    """How many questions were asked of buckets."""
    return sum(count for name, count in endpoint.requests.items() if name.startswith("s3:"))


@pytest.fixture
def calls(client: Make, endpoint: Endpoint) -> Any:
    made = client("s3")
    made.create_bucket(Bucket="calls", CreateBucketConfiguration={"LocationConstraint": REGION})
    endpoint.requests.clear()
    return made


def full(made: Any) -> None:
    """Set everything that can be set of a bucket."""
    made.put_bucket_versioning(Bucket="calls", VersioningConfiguration={"Status": "Enabled", "MFADelete": "Enabled"})
    made.put_bucket_encryption(
        Bucket="calls",
        ServerSideEncryptionConfiguration={
            "Rules": [
                {
                    "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/calls"},
                    "BucketKeyEnabled": True,
                }
            ]
        },
    )
    made.put_bucket_policy(Bucket="calls", Policy=json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]}))
    made.put_bucket_acl(Bucket="calls", ACL="public-read")
    made.put_public_access_block(Bucket="calls", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    made.put_bucket_lifecycle_configuration(
        Bucket="calls",
        LifecycleConfiguration={
            "Rules": [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "a/"}, "Expiration": {"Days": 3}}]
        },
    )
    made.create_bucket(Bucket="copy", CreateBucketConfiguration={"LocationConstraint": REGION})
    made.put_bucket_versioning(Bucket="copy", VersioningConfiguration={"Status": "Enabled"})
    made.put_bucket_replication(
        Bucket="calls",
        ReplicationConfiguration={
            "Role": f"arn:aws:iam::{OWN}:role/copy",
            "Rules": [
                {
                    "ID": "all",
                    "Status": "Enabled",
                    "Priority": 1,
                    "Filter": {"Prefix": ""},
                    "DeleteMarkerReplication": {"Status": "Disabled"},
                    "Destination": {"Bucket": "arn:aws:s3:::copy"},
                }
            ],
        },
    )
    made.put_bucket_tagging(Bucket="calls", Tagging={"TagSet": [{"Key": "data", "Value": "voice"}]})


def test_every_setting_of_a_bucket_is_read(calls: Any, account: Accounts) -> None:
    full(calls)
    found = stores(collect(account(*SETTINGS, buckets=(CALLS,))))[0]
    assert found.id == "arn:aws:s3:::calls"
    assert (found.account, found.region, found.kind) == (OWN, REGION, "bucket")
    assert found.encryption == Encryption("customer", f"arn:aws:kms:{REGION}:{OWN}:alias/calls", "aws:kms", Answer.YES)
    assert found.controls["BlockPublicAcls"] is Answer.YES
    assert found.controls["IgnorePublicAcls"] is Answer.NO
    assert found.has_policy is Answer.YES
    assert found.acl is not None
    assert AclGrant(ANYONE, "READ") in found.acl
    assert found.ownership == "ObjectWriter"
    assert (found.versioning, found.mfa_delete) == ("enabled", Answer.YES)
    assert found.lifecycle == (LifecycleRule("r", True, "delete", "current", ("a/",), days=3),)
    assert found.lock == RetentionLock(Answer.NO)
    assert found.replication == (Replication("arn:aws:s3:::copy", None, "", enabled=True),)
    assert found.labels == {"data": "voice"}
    assert found.inventories == ()


def test_fresh_bucket_has_facts_and_no_gap(calls: Any, account: Accounts) -> None:
    records = collect(account(*SETTINGS, buckets=(CALLS,)))
    found = stores(records)[0]
    assert gaps(records) == []
    assert found.encryption == Encryption("none")
    assert set(found.controls.values()) == {Answer.NO}
    assert (found.has_policy, found.tls_required) == (Answer.NO, Answer.NO)
    assert found.acl is not None
    assert {grant.grantee for grant in found.acl} == {found.owner}
    assert (found.versioning, found.lifecycle, found.replication) == ("disabled", (), ())
    assert (found.lock, found.labels, found.inventories) == (RetentionLock(Answer.NO), {}, ())


def test_policy_text_is_kept_as_returned(calls: Any, account: Accounts) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})
    calls.put_bucket_policy(Bucket="calls", Policy=text)
    records = collect(account(Facet.POLICY, buckets=(CALLS,)))
    assert [record for record in records if isinstance(record, PolicyDocument)] == [
        PolicyDocument("arn:aws:s3:::calls#policy", "aws", OWN, "resource", ("arn:aws:s3:::calls",), text)
    ]


def test_malformed_policy_is_kept_and_proves_nothing(endpoint: Endpoint, calls: Any, account: Accounts) -> None:
    calls.put_bucket_policy(Bucket="calls", Policy='{"Statement": [')
    records = collect(account(Facet.POLICY, buckets=(CALLS,)))
    assert [record.document for record in records if isinstance(record, PolicyDocument)] == ['{"Statement": [']
    assert (stores(records)[0].has_policy, stores(records)[0].tls_required) == (Answer.YES, Answer.UNKNOWN)


def test_access_log_names_its_target(calls: Any, account: Accounts) -> None:
    calls.create_bucket(
        Bucket="logs", CreateBucketConfiguration={"LocationConstraint": REGION}, ACL="log-delivery-write"
    )
    calls.put_bucket_logging(
        Bucket="calls", BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": "s3/"}}
    )
    records = collect(account(Facet.LOGGING, buckets=(CALLS, Bucket("logs", REGION))))
    assert [record for record in records if isinstance(record, LogSource)] == [
        LogSource("arn:aws:s3:::calls", "aws", OWN, "server-access-log", "arn:aws:s3:::logs/s3/", Answer.YES)
    ]


def test_object_lock_is_read_where_it_can_be(calls: Any, account: Accounts) -> None:
    calls.create_bucket(
        Bucket="held", CreateBucketConfiguration={"LocationConstraint": REGION}, ObjectLockEnabledForBucket=True
    )
    calls.put_object_lock_configuration(
        Bucket="held",
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 9}},
        },
    )
    records = collect(account(Facet.VERSIONING, Facet.LOCK, buckets=(Bucket("held", REGION),)))
    assert stores(records)[0].lock == RetentionLock(Answer.YES, "governance", 9)


def test_inventory_reports_are_paged(endpoint: Endpoint, calls: Any, account: Accounts) -> None:
    def page(params: Any) -> dict[str, Any]:
        second = "ContinuationToken" in params
        report = {
            "Id": "b" if second else "a",
            "IsEnabled": True,
            "IncludedObjectVersions": "All",
            "Schedule": {"Frequency": "Daily"},
            "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::logs", "Format": "CSV"}},
        }
        return {
            "InventoryConfigurationList": [report],
            "IsTruncated": not second,
            **({} if second else {"NextContinuationToken": "next"}),
        }

    endpoint.answer("s3", "ListBucketInventoryConfigurations", page)
    assert stores(collect(account(Facet.INVENTORY, buckets=(CALLS,))))[0].inventories == ("a", "b")


def test_bucket_takes_at_most_ten_requests_for_all_default_questions(
    endpoint: Endpoint, calls: Any, account: Accounts
) -> None:
    full(calls)
    endpoint.requests.clear()
    collect(account(*DEFAULT, buckets=(CALLS,)))
    assert asked(endpoint) == 10


def test_lists_are_not_asked_for_where_the_owner_owns_everything(
    endpoint: Endpoint, calls: Any, account: Accounts
) -> None:
    calls.put_bucket_ownership_controls(
        Bucket="calls", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    endpoint.requests.clear()
    found = stores(collect(account(Facet.ACL, buckets=(CALLS,))))[0]
    assert (found.ownership, found.acl) == ("BucketOwnerEnforced", ())
    assert dict(endpoint.requests) == {"s3:GetBucketOwnershipControls": 1, "sts:GetCallerIdentity": 1}


def test_lock_and_replication_are_not_asked_of_a_bucket_without_versions(
    endpoint: Endpoint, calls: Any, account: Accounts
) -> None:
    found = stores(collect(account(Facet.VERSIONING, Facet.LOCK, Facet.REPLICATION, buckets=(CALLS,))))[0]
    assert (found.lock, found.replication) == (RetentionLock(Answer.NO), ())
    assert asked(endpoint) == 1


def test_replication_is_asked_where_versioning_was_suspended(endpoint: Endpoint, calls: Any, account: Accounts) -> None:
    calls.put_bucket_versioning(Bucket="calls", VersioningConfiguration={"Status": "Suspended"})
    found = stores(collect(account(Facet.VERSIONING, Facet.REPLICATION, buckets=(CALLS,))))[0]
    assert (found.versioning, found.replication) == ("suspended", ())
    assert endpoint.requests["s3:GetBucketReplication"] == 1


@pytest.mark.parametrize("facet", sorted(set(SETTINGS)))
def test_only_what_a_facet_needs_is_asked(endpoint: Endpoint, calls: Any, account: Accounts, facet: Facet) -> None:
    records = collect(account(facet, buckets=(CALLS,)))
    assert asked(endpoint) == SETTINGS.count(facet)
    assert {record.facet for record in records if isinstance(record, Coverage)} == {facet}


def test_no_bucket_is_asked_for_what_concerns_none(endpoint: Endpoint, calls: Any, account: Accounts) -> None:
    assert collect(account(Facet.PRINCIPALS, buckets=(CALLS,))) == []
    assert asked(endpoint) == 0


@pytest.mark.parametrize("question", s3.QUESTIONS, ids=lambda question: question.method)
def test_question_without_an_answer_is_a_gap_and_no_fact(
    endpoint: Endpoint, calls: Any, account: Accounts, question: s3.Question
) -> None:
    operation = "".join(part.capitalize() for part in question.method.split("_"))
    asked = account(question.facet, buckets=(CALLS,))
    for kind, why in FAULTS.items():
        endpoint.faults.clear()
        endpoint.faults.add(kind, "s3", operation)
        records = collect(asked)
        (gap,) = gaps(records)
        assert (gap.why, gap.facet, gap.resource) == (why, question.facet, "arn:aws:s3:::calls")
        assert (gap.operation, gap.permission) == (f"s3:{operation}", question.permission)
        assert (gap.account, gap.region) == (OWN, REGION)
        (store,) = stores(records)
        # What is not known of the bucket's lock, heads tell of single objects.
        lock = RetentionLock(Answer.UNKNOWN) if question.facet is Facet.LOCK else None
        bare = Store(store.id, "aws", OWN, REGION, "calls", lock=lock)
        for fact in set(question.unset or {}) | ({"acl"} if question.method == "get_bucket_acl" else set()):
            assert getattr(store, fact) == getattr(bare, fact)
        (coverage,) = [record for record in records if isinstance(record, Coverage)]
        assert coverage.asked - coverage.answered == 1


def test_lists_are_asked_for_where_ownership_is_not_told(endpoint: Endpoint, calls: Any, account: Accounts) -> None:
    endpoint.faults.add("deny", "s3", "GetBucketOwnershipControls")
    found = stores(collect(account(Facet.ACL, buckets=(CALLS,))))[0]
    assert found.ownership is None
    assert found.acl


def test_unknown_algorithm_is_a_gap(endpoint: Endpoint, calls: Any, account: Accounts) -> None:
    endpoint.answer("s3", "GetBucketEncryption", {"ServerSideEncryptionConfiguration": {"Rules": []}})
    records = collect(account(Facet.ENCRYPTION, buckets=(CALLS,)))
    assert stores(records)[0].encryption is None
    assert [gap.why for gap in gaps(records)] == [Why.UNSUPPORTED]


def test_bucket_deleted_after_it_was_listed_leaves_one_gap_and_no_store(
    endpoint: Endpoint, calls: Any, account: Accounts
) -> None:
    records = collect(account(*SETTINGS, Facet.OBJECTS, buckets=(Bucket("gone", REGION),)))
    assert stores(records) == []
    assert [(gap.resource, gap.why, gap.detail) for gap in gaps(records)] == [
        ("arn:aws:s3:::gone", Why.VANISHED, "NoSuchBucket")
    ]
    assert asked(endpoint) == 1


def test_bucket_deleted_between_two_questions_leaves_no_half_a_store(
    endpoint: Endpoint, calls: Any, account: Accounts
) -> None:
    endpoint.faults.add("vanish", "s3", "GetBucketVersioning")
    records = collect(account(*SETTINGS, Facet.OBJECTS, buckets=(CALLS,)))
    assert stores(records) == []
    assert [gap.facet for gap in gaps(records)] == [Facet.VERSIONING]


def test_credentials_that_expire_half_way_stop_the_unit(endpoint: Endpoint, calls: Any, account: Accounts) -> None:
    endpoint.faults.add("expired-token", "s3", after=3)
    with pytest.raises(CredentialsExpired, match=OWN):
        collect(account(*SETTINGS, buckets=(CALLS,)))


def test_region_is_asked_for_only_where_the_list_did_not_tell(
    endpoint: Endpoint, calls: Any, client: Make, account: Accounts
) -> None:
    client("s3", "us-east-1").create_bucket(Bucket="first")
    endpoint.requests.clear()
    records = collect(account(Facet.STORES, buckets=(Bucket("calls"), Bucket("first")), options={"region": ()}))
    assert [store.region for store in stores(records)] == [REGION, "us-east-1"]
    assert endpoint.requests["s3:GetBucketLocation"] == 2


def test_bucket_that_turns_out_to_lie_outside_the_chosen_regions_is_left_alone(
    endpoint: Endpoint, calls: Any, account: Accounts
) -> None:
    records = collect(account(Facet.STORES, buckets=(Bucket("calls"),), options={"region": ("us-east-1",)}))
    assert stores(records) == []


def test_denied_region_leaves_a_store_of_unknown_region(endpoint: Endpoint, calls: Any, account: Accounts) -> None:
    endpoint.faults.add("deny", "s3", "GetBucketLocation")
    records = collect(account(Facet.STORES, buckets=(Bucket("calls"),)))
    assert [store.region for store in stores(records)] == [""]
    assert [gap.permission for gap in gaps(records)] == ["s3:GetBucketLocation"]


def test_creation_date_is_told_in_utc(client: Make, calls: Any, account: Accounts) -> None:
    made = Bucket("calls", REGION, datetime(2020, 1, 1, tzinfo=UTC))
    assert stores(collect(account(Facet.STORES, buckets=(made,))))[0].created == datetime(2020, 1, 1, tzinfo=UTC)
