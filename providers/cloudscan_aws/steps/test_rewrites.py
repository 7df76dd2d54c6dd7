"""Buckets and keys rewritten: what a grant tells of it, and who needs none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cloudscan.access import Grant, Ruling
from cloudscan.model import Answer, PolicyDocument, Store
from cloudscan.tables.objects import ObjectTable
from cloudscan.testing import key, speech
from cloudscan_aws.steps.test_support import (
    ACCOUNT,
    CALLS,
    MFA,
    READS,
    ROOT,
    allow,
    arn,
    calls,
    deny,
    derived,
    document,
    estate,
    identity,
)

ANA = arn("user", "ana")


def opened(*records: Any, **of_store: Any) -> list[Grant]:
    _, grants = derived(estate(*records, **of_store))
    return [grant for grant in grants if grant.by]


def bucket(policy: Any) -> tuple[Store, PolicyDocument]:
    held = PolicyDocument(f"{CALLS}#policy", "aws", ACCOUNT, "resource", (CALLS,), document(policy))
    return calls(has_policy=Answer.YES), held


def test_a_grant_tells_the_call_and_that_it_changes_the_cloud() -> None:
    (grant,) = opened(identity("user", "ana", allow("s3:PutBucketPolicy", CALLS)))
    assert (grant.principal, grant.by, grant.changes, grant.outside) == (ANA, "s3:PutBucketPolicy", True, False)
    assert (grant.objects, grant.seconds, grant.example) == (1, 60.0, "raw/a.wav")
    assert grant.decision.ruling is Ruling.YES


def test_its_proof_names_only_statements_that_are_there() -> None:
    (grant,) = opened(identity("user", "ana", allow("s3:PutBucketPolicy", CALLS)))
    first, *rest = grant.steps
    assert first.reason == f"{ANA} rewrites what stands in the way, and reads then"
    assert {step.statement for step in rest} == {f"{ANA}#inline/own, statement 1", ""}
    assert "made anew: bucket policy of calls" in rest[-1].reason


def test_a_detour_says_who_reads() -> None:
    ana = identity("user", "ana", allow("s3:PutBucketPolicy", CALLS), deny("s3:GetObject*", "*"))
    (grant,) = opened(ana)
    assert grant.steps[0].reason.endswith("and lets an identity of an account of its own read")


def test_whoever_reads_anyhow_rewrites_nothing() -> None:
    assert not opened(identity("user", "ana", allow("s3:*", "*")))


def test_whoever_reads_under_a_condition_may_do_away_with_it() -> None:
    reads = allow("s3:GetObject", f"{CALLS}/*", Condition=MFA)
    (grant,) = opened(identity("user", "ana", reads, allow("s3:PutBucketPolicy", CALLS)))
    assert grant.decision.ruling is Ruling.YES


def test_a_call_that_needs_what_the_read_needs_brings_nothing() -> None:
    both = allow(["s3:GetObject", "s3:PutBucketPolicy"], [CALLS, f"{CALLS}/*"], Condition=MFA)
    assert not opened(identity("user", "ana", both))


def test_the_fewest_calls_are_told() -> None:
    rights = allow(["s3:PutBucketPolicy", "s3:PutBucketOwnershipControls", "s3:PutObjectAcl"], "*")
    grants = opened(identity("user", "ana", rights))
    assert {grant.by for grant in grants} == {"s3:PutBucketPolicy", "s3:PutBucketOwnershipControls+s3:PutObjectAcl"}


def test_whom_the_bucket_itself_lets_rewrite_it() -> None:
    lets = {**allow("s3:PutBucketPolicy", CALLS), "Principal": {"AWS": ANA}}
    people = [identity("user", name) for name in ("ana", "bo")]
    assert [grant.principal for grant in opened(*people, *bucket(lets))] == [ANA]


def test_a_policy_that_was_not_read_makes_a_rewrite_unknown() -> None:
    ana = identity("user", "ana", allow("s3:PutBucketPolicy", CALLS))
    (grant,) = opened(ana, has_policy=Answer.UNKNOWN)
    assert grant.decision.ruling is Ruling.UNKNOWN


def test_many_who_are_alike_are_told_one_by_one() -> None:
    people = [
        one for number in range(20) for one in identity("user", f"u{number:02d}", allow("s3:PutBucketPolicy", CALLS))
    ]
    grants = opened(people)
    assert len({grant.principal for grant in grants}) == len(grants) == 20
    assert all(grant.steps[0].source == grant.principal for grant in grants)


def test_guises_rewrite_too() -> None:
    nobody = {**deny("s3:GetObject*", f"{CALLS}/*"), "Principal": "*"}
    grants = opened(identity("user", "ana", allow("iam:PutUserPolicy", ANA), READS), *bucket(nobody))
    assert "s3:PutBucketPolicy" in {grant.by for grant in grants if grant.principal == f"{ANA} with widened rights"}


@pytest.mark.parametrize(
    ("rights", "by", "restores"),
    [
        (["kms:Decrypt", "kms:EnableKey"], "kms:EnableKey", True),
        (["kms:PutKeyPolicy"], "kms:PutKeyPolicy+kms:EnableKey", False),
        (["kms:EnableKey", "kms:CreateGrant"], "kms:EnableKey+kms:CreateGrant", False),
    ],
)
def test_a_grant_tells_whether_its_change_gives_a_right_or_only_makes_a_key_serve_again(
    rights: list[str], by: str, restores: bool
) -> None:
    trusting = {**allow("kms:*", "*"), "Principal": {"AWS": ROOT}}
    stopped = key("k", manager="customer", state="disabled", has_policy=Answer.YES, grants=())
    policy = PolicyDocument("of the key", "aws", ACCOUNT, "key", (stopped.id,), document(trusting))
    row = speech("calls", "raw/a.wav", encryption_mode="customer", key_id=stopped.id, acl="[]")
    held = estate(identity("user", "ana", READS, allow(rights, stopped.id)), stopped, policy)
    _, grants = derived(replace(held, objects=ObjectTable(rows=[row])))
    assert [(grant.by, grant.restores, grant.changes) for grant in grants] == [(by, restores, True)]
