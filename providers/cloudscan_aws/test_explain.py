"""Why somebody may, or may not, read one object."""

from __future__ import annotations

import pytest

from cloudscan.access import Decision, Effect, Ruling
from cloudscan.errors import UsageError
from cloudscan.estate import Estate
from cloudscan.model import ANYONE
from cloudscan_aws import AwsProvider
from cloudscan_aws.policy.test_support import OWNER, allow
from cloudscan_aws.test_buckets import (
    CALLS,
    PLAIN,
    READ,
    RECORDING,
    TRUSTING,
    UNDER_KEY,
    bucket,
    direct,
    estate,
    kms,
    person,
)


def explained(found: Estate, principal: str = f"arn:aws:iam::{OWNER}:user/ana") -> Decision:
    return AwsProvider().explain(found, principal, CALLS, "raw/a.wav")


def lacking(decision: Decision) -> list[str]:
    return [reason.sentence for reason in decision.proof if reason.effect is Effect.LACKS]


def test_the_object_without_its_key() -> None:
    decision = explained(
        estate(person("ana", allow(READ, "*")), bucket(encryption=UNDER_KEY), kms(TRUSTING), rows=(RECORDING,))
    )
    assert decision.ruling is Ruling.NO
    assert lacking(decision)[0] == (f"arn:aws:iam::{OWNER}:user/ana may get {CALLS}/raw/a.wav, but may not decrypt it")


def test_the_key_without_its_object() -> None:
    found = estate(person("ana", allow("kms:*", "*")), bucket(encryption=UNDER_KEY), kms(TRUSTING), rows=(RECORDING,))
    decision = explained(found)
    assert decision.ruling is Ruling.NO
    assert f"neither policy nor ACL of {CALLS}/raw/a.wav admits arn:aws:iam::{OWNER}:user/ana" in lacking(decision)


def test_a_yes_is_explained_like_its_grant() -> None:
    found = estate(person("ana", allow(READ, "*")), bucket(), rows=PLAIN)
    (grant, _) = direct(found)
    decision = explained(found)
    assert decision.ruling is Ruling.YES
    assert {step.reason for step in grant.steps} == {reason.sentence for reason in decision.proof}


@pytest.mark.parametrize(
    ("principal", "bucket_id"), [("arn:aws:iam::1:user/nobody", CALLS), (ANYONE, "arn:aws:s3:::none")]
)
def test_of_whom_or_what_nothing_is_known(principal: str, bucket_id: str) -> None:
    with pytest.raises(UsageError, match="of this snapshot"):
        AwsProvider().explain(estate(bucket(), rows=PLAIN), principal, bucket_id, "raw/a.wav")
