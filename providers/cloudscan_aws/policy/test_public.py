from __future__ import annotations

from typing import Any

import pytest

from cloudscan_aws.policy.documents import Policy
from cloudscan_aws.policy.public import is_public
from cloudscan_aws.policy.test_support import OWNER, PARTNER, allow, deny, policy

EVERYBODY = {"Principal": "*"}


def when(operator: str, key: str, value: Any) -> Any:
    return allow(**EVERYBODY, Condition={operator: {key: value}})


@pytest.mark.parametrize(
    "statement",
    [
        allow(**EVERYBODY),
        allow("s3:ListBucket", "*", Principal={"AWS": "*"}),
        allow(Principal={"AWS": [PARTNER, "*"]}),
        allow(Principal={"Federated": "graph.facebook.com"}),
        allow(NotPrincipal={"AWS": PARTNER}),
        when("StringLike", "aws:SourceVpc", "vpc-*"),
        when("StringNotEquals", "aws:SourceVpce", "vpce-1"),
        when("StringEqualsIfExists", "aws:SourceVpce", "vpce-1"),
        when("ForAllValues:StringEquals", "aws:PrincipalOrgPaths", "o-1/r-1/"),
        when("StringEquals", "aws:SourceVpce", ["vpce-1", "${aws:SourceVpce}"]),
        when("StringLike", "aws:SourceVpce", ["vpce-1", "vpce-?"]),
        when("Bool", "aws:SecureTransport", "true"),
        when("StringEquals", "aws:PrincipalTag/team", "asr"),
        when("StringLike", "aws:userid", "AROAEXAMPLE:*"),
        when("StringEquals", "aws:Referer", "https://example.com"),
        when("IpAddress", "aws:SourceIp", "0.0.0.0/1"),
        when("IpAddress", "aws:SourceIp", ["203.0.113.0/24", "128.0.0.0/7"]),
        when("IpAddress", "aws:SourceIp", "2001::/31"),
        when("ArnLike", "s3:DataAccessPointArn", "arn:aws:s3:eu-west-1:*:accesspoint/*"),
    ],
)
def test_whatever_is_not_fixed_is_public(statement: Any) -> None:
    assert is_public(policy(statement).document) is True


@pytest.mark.parametrize(
    "statement",
    [
        allow(Principal={"AWS": PARTNER}),
        allow(Principal={"AWS": f"arn:aws:iam::{PARTNER}:root"}),
        allow(Principal={"Service": "transcribe.amazonaws.com"}),
        allow(Principal={"CanonicalUser": "0123"}),
        deny(**EVERYBODY),
        when("StringEquals", "aws:PrincipalOrgID", "o-1"),
        when("StringLike", "aws:SourceVpce", "vpce-1"),
        when("ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", "o-1/r-1/"),
        when("ArnEquals", "aws:SourceArn", f"arn:aws:sns:eu-west-1:{OWNER}:topic"),
        when("StringEquals", "aws:SourceAccount", OWNER),
        when("StringEquals", "aws:userid", "AIDAEXAMPLE"),
        when("StringEquals", "s3:DataAccessPointAccount", OWNER),
        when("StringLike", "s3:DataAccessPointArn", f"arn:aws:s3:eu-west-1:{OWNER}:accesspoint/*"),
        when("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "203.0.113.7", "2001:db8::/32"]),
    ],
)
def test_fixed_values_are_not_public(statement: Any) -> None:
    assert is_public(policy(statement).document) is False


def test_one_public_statement_makes_the_whole_policy_public() -> None:
    assert is_public(policy(allow(Principal={"AWS": PARTNER}), allow(**EVERYBODY)).document) is True


def test_an_access_point_policy_for_access_points_is_public() -> None:
    fixed = policy(when("StringLike", "s3:DataAccessPointArn", f"arn:aws:s3:eu-west-1:{OWNER}:accesspoint/asr"))
    assert is_public(fixed.document, of_access_point=True) is True


def test_of_a_malformed_policy_it_is_not_known() -> None:
    assert is_public(Policy.of("x", "no json").document) is None
    assert is_public(policy({**allow(), "Principal": 7}).document) is None
    assert is_public(policy({**allow(), "Principal": 7}, allow(**EVERYBODY)).document) is True
