from __future__ import annotations

from typing import Any

import pytest

from cloudscan.access import Ruling, keys
from cloudscan_aws.policy.test_support import allow, bucket, deny, read, read_if, user

YES, NO, IF = Ruling.YES, Ruling.NO, Ruling.IF
NOON = "2026-06-01T12:00:00Z"


@pytest.mark.parametrize(
    ("condition", "context", "expected"),
    [
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, {"aws:SourceVpce": "vpce-1"}, YES),
        ({"StringEquals": {"aws:sourcevpce": "vpce-1"}}, {"aws:SourceVpce": "vpce-1"}, YES),
        ({"StringEquals": {"aws:SourceVpce": "VPCE-1"}}, {"aws:SourceVpce": "vpce-1"}, NO),
        ({"StringEquals": {"aws:SourceVpce": "vpce-*"}}, {"aws:SourceVpce": "vpce-1"}, NO),
        ({"StringEquals": {"aws:SourceVpce": ["vpce-2", "vpce-1"]}}, {"aws:SourceVpce": "vpce-1"}, YES),
        ({"StringNotEquals": {"aws:SourceVpce": ["vpce-2", "vpce-1"]}}, {"aws:SourceVpce": "vpce-1"}, NO),
        ({"StringNotEquals": {"aws:SourceVpce": ["vpce-2", "vpce-3"]}}, {"aws:SourceVpce": "vpce-1"}, YES),
        ({"StringEqualsIgnoreCase": {"aws:SourceVpce": "VPCE-1"}}, {"aws:SourceVpce": "vpce-1"}, YES),
        ({"StringNotEqualsIgnoreCase": {"aws:SourceVpce": "VPCE-1"}}, {"aws:SourceVpce": "vpce-1"}, NO),
        ({"StringLike": {"aws:SourceVpce": "vpce-?"}}, {"aws:SourceVpce": "vpce-1"}, YES),
        ({"StringNotLike": {"aws:SourceVpce": "vpce-*"}}, {"aws:SourceVpce": "vpce-1"}, NO),
        ({"NumericLessThan": {"s3:max-keys": "10"}}, {"s3:max-keys": "9"}, YES),
        ({"NumericLessThanEquals": {"s3:max-keys": "10"}}, {"s3:max-keys": "10"}, YES),
        ({"NumericGreaterThan": {"s3:max-keys": "10"}}, {"s3:max-keys": "10"}, NO),
        ({"NumericGreaterThanEquals": {"s3:max-keys": 10}}, {"s3:max-keys": "10"}, YES),
        ({"NumericNotEquals": {"s3:max-keys": "10"}}, {"s3:max-keys": "11"}, YES),
        ({"NumericNotEquals": {"s3:max-keys": "10"}}, {}, YES),
        ({"DateLessThan": {"aws:CurrentTime": "2026-06-02"}}, {"aws:CurrentTime": NOON}, YES),
        ({"DateGreaterThan": {"aws:CurrentTime": "2026-06-02"}}, {"aws:CurrentTime": NOON}, NO),
        ({"DateGreaterThan": {"aws:EpochTime": "1700000000"}}, {"aws:EpochTime": "1800000000"}, YES),
        ({"DateEquals": {"aws:CurrentTime": "2026-06-01T14:00:00+02:00"}}, {"aws:CurrentTime": NOON}, YES),
        ({"Bool": {"aws:SecureTransport": "true"}}, {"aws:SecureTransport": "true"}, YES),
        ({"Bool": {"aws:SecureTransport": False}}, {"aws:SecureTransport": "true"}, NO),
        ({"BinaryEquals": {"x:bytes": "QQ=="}}, {"x:bytes": "QQ=="}, YES),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, {"aws:SourceIp": "203.0.113.9"}, YES),
        ({"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}}, {"aws:SourceIp": "2001:db8::1"}, NO),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/a*"}}, {}, YES),
        ({"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::*:user/b*"}}, {}, YES),
        ({"Null": {"aws:SourceVpce": "true"}}, {}, YES),
        ({"Null": {"aws:SourceVpce": "false"}}, {}, NO),
        ({"Null": {"aws:SourceVpce": True}}, {"aws:SourceVpce": "vpce-1"}, NO),
        ({"ForAnyValue:StringLike": {"aws:CalledVia": "ath*"}}, {"aws:CalledVia": ["x", "athena"]}, YES),
        ({"ForAllValues:StringLike": {"aws:CalledVia": "ath*"}}, {"aws:CalledVia": ["x", "athena"]}, NO),
        ({"ForAnyValue:StringNotEquals": {"aws:CalledVia": "x"}}, {"aws:CalledVia": ["x", "athena"]}, YES),
        ({"ForAllValues:StringNotEquals": {"aws:CalledVia": "x"}}, {"aws:CalledVia": ["x", "athena"]}, NO),
        ({"ForAnyValue:StringEqualsIfExists": {"aws:CalledVia": "x"}}, {}, YES),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}, {"aws:TagKeys": ["a", "b"]}, YES),
        ({"ForAllValues:StringEquals": {"aws:RequestTag/team": "asr"}}, {"aws:RequestTag/team": ""}, YES),
        ({"ForAllValues:StringNotLike": {"aws:RequestTag/team": "*"}}, {"aws:RequestTag/team": ""}, YES),
        ({"ForAllValues:StringEquals": {"aws:RequestTag/team": "asr"}}, {"aws:RequestTag/team": "ops"}, NO),
        ({"ForAnyValue:StringLike": {"aws:RequestTag/team": "*"}}, {"aws:RequestTag/team": ""}, NO),
        ({"ForAnyValue:StringNotEquals": {"aws:RequestTag/team": "x"}}, {"aws:RequestTag/team": ""}, NO),
        ({"ForAnyValue:StringNotEquals": {"aws:RequestTag/team": "x"}}, {"aws:RequestTag/team": "y"}, YES),
        ({"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}, {"aws:SourceVpce": "vpce-2"}, NO),
        ({"StringEquals": {"aws:SourceVpce": []}}, {"aws:SourceVpce": "vpce-1"}, NO),
        ({"StringEquals": {"a:x": "1", "a:y": "2"}}, {"a:x": "1"}, NO),
        ({"StringEquals": {"a:x": "1"}, "Null": {"a:y": "true"}}, {"a:x": "1"}, YES),
        ({}, {}, YES),
    ],
)
def test_each_operator(condition: Any, context: Any, expected: Ruling) -> None:
    assert read(user(allow(Condition=condition)), bucket(), context=context).ruling is expected


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow(Condition={"IpAddress": {"aws:sourceip": "203.0.113.0/24"}})], {"aws:SourceIp"}),
        ([allow(), deny(Condition={"Bool": {"aws:SecureTransport": "false"}})], {"aws:SecureTransport"}),
        (
            [
                allow(),
                deny(
                    Condition={
                        "NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"},
                        "StringNotEquals": {"aws:SourceVpce": "vpce-1"},
                    }
                ),
            ],
            {"aws:SourceIp", "aws:SourceVpce"},
        ),
        (
            [
                allow(Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
                allow(Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
            ],
            {"aws:MultiFactorAuthPresent", "aws:SourceIp"},
        ),
        (
            [
                allow(Condition={"StringEquals": {"aws:SourceVpc": "vpc-1", "aws:PrincipalType": "User"}}),
                deny(Condition={"StringEquals": {"aws:username": "bo"}}),
            ],
            {"aws:SourceVpc"},
        ),
        ([allow(Condition={"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}})], {"aws:CalledVia"}),
    ],
)
def test_an_open_request_leaves_the_keys_that_matter(statements: Any, expected: set[str]) -> None:
    asked = read_if(user(*statements), bucket())
    assert asked.ruling is IF
    assert keys(asked.condition) == expected


@pytest.mark.parametrize(
    "statements",
    [
        [allow(Condition={"StringEquals": {"aws:PrincipalTag/team": "asr"}})],
        [allow(Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}})],
        [allow(Condition={"StringEquals": {"aws:SourceAccount": "111111111111"}})],
        [allow(Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}, "Null": {"aws:SourceVpce": "true"}})],
    ],
)
def test_an_open_request_does_not_open_what_the_caller_settles(statements: Any) -> None:
    assert read_if(user(*statements), bucket()).ruling is NO
