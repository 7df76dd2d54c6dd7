"""Who can meet a condition: strangers can make up some keys, and not others."""

from __future__ import annotations

import pytest

from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, NEVER, Over, Test, Unseen, all_of, any_of, negate
from cloudscan.access.patterns import Pattern, Reference, glob
from cloudscan.model import Answer
from cloudscan.testing import NOW
from cloudscan_aws.policy.strangers import open_to_strangers


def on(key: str, *values: str, operator: Operator = Operator.EQUALS, over: Over = Over.ONE) -> Test:
    plain = operator not in (Operator.LIKE, Operator.LIKE_BY_PART)
    return Test(key, operator, tuple(Pattern((value,)) if plain else glob(value) for value in values), over)


OFFICE = on("aws:SourceIp", "203.0.113.0/24", operator=Operator.IN_NETWORK)
REFERER = on("aws:Referer", "https://example.com/*", operator=Operator.LIKE)
ORGANIZATION = on("aws:PrincipalOrgID", "o-example")


@pytest.mark.parametrize(
    "condition",
    [
        ALWAYS,
        REFERER,
        negate(REFERER),
        on("aws:UserAgent", "app"),
        on("aws:SecureTransport", "true", operator=Operator.TRUTH),
        on("aws:PrincipalTag/team", "speech"),
        on("AWS:REFERER", "x"),
        on("aws:SourceIp", "0.0.0.0/0", operator=Operator.IN_NETWORK),
        on("aws:SourceIp", "0.0.0.0/1", "128.0.0.0/1", operator=Operator.IN_NETWORK),
        on("aws:SourceIp", "::/0", operator=Operator.IN_NETWORK),
        negate(OFFICE),
        negate(ORGANIZATION),
        negate(on("aws:PrincipalOrgID", "*", operator=Operator.LIKE)),
        negate(on("aws:SourceIp", "0.0.0.0/0", operator=Operator.IN_NETWORK)),
        on("aws:SourceVpce", "vpce-*", operator=Operator.LIKE),
        negate(on("aws:SourceVpce", "vpce-*", operator=Operator.LIKE)),
        on("aws:PrincipalArn", "arn:aws:iam::*:role/reader", operator=Operator.LIKE_BY_PART),
        on("aws:userid", "anonymous"),
        on("s3:x-amz-acl", "public-read"),
        on("aws:PrincipalArn", "*", operator=Operator.LIKE),
        on("aws:SourceVpce", operator=Operator.PRESENT),
        negate(on("aws:SourceVpce", operator=Operator.PRESENT)),
        on("aws:PrincipalOrgPaths", "o-example/*", operator=Operator.LIKE, over=Over.EVERY),
        on("aws:PrincipalIsAWSService", "false", operator=Operator.TRUTH),
        on("aws:CurrentTime", "2030-01-01T00:00:00Z", operator=Operator.TIME_BEFORE),
        any_of([OFFICE, REFERER]),
        any_of([Unseen("a policy"), REFERER]),
    ],
)
def test_a_stranger_can_meet(condition: Test) -> None:
    assert open_to_strangers(condition, NOW) is Answer.YES


@pytest.mark.parametrize(
    "condition",
    [
        NEVER,
        OFFICE,
        on("aws:SourceIp", "10.0.0.0/8", operator=Operator.IN_NETWORK),
        on("aws:SourceIp", "no address", operator=Operator.IN_NETWORK),
        ORGANIZATION,
        on("aws:SourceVpce", "vpce-1"),
        on("aws:PrincipalArn", "arn:aws:iam::111111111111:role/*", operator=Operator.LIKE_BY_PART),
        on("aws:PrincipalOrgPaths", "o-example/*", operator=Operator.LIKE, over=Over.ANY),
        on("aws:userid", "AROAEXAMPLE:*", operator=Operator.LIKE),
        on("aws:PrincipalIsAWSService", "true", operator=Operator.TRUTH),
        negate(on("aws:PrincipalIsAWSService", "false", operator=Operator.TRUTH)),
        on("kms:CallerAccount", "111111111111"),
        on("aws:CurrentTime", "2020-01-01T00:00:00Z", operator=Operator.TIME_BEFORE),
        on("aws:EpochTime", "1577836800", operator=Operator.NUMBER_BELOW),
        all_of([OFFICE, REFERER]),
        all_of([Unseen("a policy"), OFFICE]),
    ],
)
def test_a_stranger_cannot_meet(condition: Test) -> None:
    assert open_to_strangers(condition, NOW) is Answer.NO


@pytest.mark.parametrize(
    "condition",
    [
        Unseen("a policy"),
        on("s3:ExistingObjectTag/public", "yes"),
        on("example:NewKey", "x"),
        on("aws:PrincipalArn", "arn:aws:iam::1111*:role/reader", operator=Operator.LIKE_BY_PART),
        on("aws:PrincipalArn", "*reader", operator=Operator.LIKE),
        on("aws:userid", "AROA*", operator=Operator.LIKE),
        Test("aws:PrincipalAccount", Operator.EQUALS, (Pattern((Reference("aws:ResourceAccount"),)),)),
        Test("aws:userid", Operator.LIKE, (Pattern(("AROA", Reference("aws:username"))),)),
        all_of([Unseen("a policy"), REFERER]),
        any_of([Unseen("a policy"), OFFICE]),
    ],
)
def test_nobody_knows_whether_a_stranger_can_meet(condition: Test) -> None:
    assert open_to_strangers(condition, NOW) is Answer.UNKNOWN
