"""Which bucket policies really refuse plaintext, and which only look like it."""

import json
from typing import Any

import pytest

from cloudscan.model import Answer
from cloudscan_aws.transport import tls_required

BUCKET = "arn:aws:s3:::calls"
BOTH = [BUCKET, f"{BUCKET}/*"]
PLAIN = {"Bool": {"aws:SecureTransport": "false"}}


def policy(**changes: Any) -> str:
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": BOTH, "Condition": PLAIN} | changes
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Principal": {"AWS": "*"}},
        {"Action": ["s3:GetObject*", "s3:PutObject*"]},
        {"Resource": "*"},
        {"Condition": {"BoolIfExists": {"aws:SecureTransport": "false"}}},
        {"Condition": {"Null": {"s3:TlsVersion": "true"}}},
        {"Condition": {"StringEquals": {"aws:SecureTransport": "false"}}},
    ],
)
def test_a_deny_that_holds_for_everybody_requires_tls(changes: dict[str, Any]) -> None:
    assert tls_required(policy(**changes), BUCKET, "111111111111") is Answer.YES


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "Allow"},
        {"Principal": {"AWS": "arn:aws:iam::111111111111:role/app"}},
        {"Action": "s3:PutObject"},
        {"Action": "s3:ListBucket"},
        {"Resource": BUCKET},
        {"Resource": f"{BUCKET}/public/*"},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Condition": PLAIN | {"StringNotEquals": {"aws:PrincipalAccount": "111111111111"}}},
        {"Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}},
    ],
)
def test_what_leaves_a_way_for_plaintext_does_not(changes: dict[str, Any]) -> None:
    assert tls_required(policy(**changes), BUCKET, "111111111111") is Answer.NO


def test_no_policy_requires_nothing() -> None:
    assert tls_required(None, BUCKET, "111111111111") is Answer.NO


def test_a_malformed_policy_is_not_known() -> None:
    assert tls_required('{"Statement": [{"Effect": "Deny", "Condition"', BUCKET, "111111111111") is Answer.UNKNOWN
