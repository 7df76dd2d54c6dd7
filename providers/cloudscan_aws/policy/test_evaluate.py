from __future__ import annotations

import pytest

from cloudscan.access import Effect, Ruling
from cloudscan_aws.policy.callers import ANYONE, Caller, account_root
from cloudscan_aws.policy.identity import evaluate_identity_request
from cloudscan_aws.policy.organization import NO_ORGANIZATION, Guardrails, Organization
from cloudscan_aws.policy.test_support import (
    ORG,
    OWNER,
    PARTNER,
    allow,
    bucket,
    deny,
    in_session,
    limited,
    organization,
    policy,
    read,
    read_if,
    role,
    user,
)

YES, NO = Ruling.YES, Ruling.NO
TARGET = f"arn:aws:iam::{OWNER}:role/reader"


def asks(caller: Caller, action: str, resource: str = TARGET) -> Ruling:
    return evaluate_identity_request(caller, action, resource, organization=NO_ORGANIZATION).ruling


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        (user(allow("iam:PassRole", TARGET)), YES),
        (user(allow("iam:Pass*", "*")), YES),
        (user(allow("iam:PassRole", TARGET), deny("iam:*", "*")), NO),
        (user(), NO),
        (limited(user(allow("iam:PassRole", "*")), allow("s3:*", "*")), NO),
        (limited(user(), allow("*", "*")), NO),
        (in_session(role(allow("iam:*", "*")), allow("iam:PassRole", TARGET)), YES),
        (in_session(role(allow("s3:*", "*")), allow("iam:PassRole", TARGET)), NO),
        (account_root(OWNER), YES),
        (user(allow("iam:*", "*"), account=PARTNER), NO),
        (account_root(PARTNER), NO),
        (ANYONE, NO),
    ],
)
def test_a_resource_without_a_policy_leaves_it_to_the_callers_account(caller: Caller, expected: Ruling) -> None:
    assert asks(caller, "iam:PassRole") is expected


def test_some_calls_no_policy_controls() -> None:
    assert asks(user(deny("*", "*")), "sts:GetCallerIdentity", "*") is YES
    assert asks(ANYONE, "sts:GetCallerIdentity", "*") is NO


def test_rcps_govern_listed_services_only() -> None:
    org = organization([allow("*", "*")], rcp=[deny("*", "*", Principal="*")])
    caller = user(allow("*", "*"))
    free, bound = ("iam:PassRole", "kms:RetireGrant"), ("kms:Decrypt", "s3:GetObject", "sts:AssumeRole")
    for action, expected in [*((each, YES) for each in free), *((each, NO) for each in bound)]:
        assert evaluate_identity_request(caller, action, "*", organization=org).ruling is expected


def test_guardrails_that_were_not_read_are_assumed_and_said() -> None:
    org = Organization(ORG, "999999999999", {OWNER: Guardrails(None, None)})
    asked = read(user(allow()), bucket(), org=org)
    assert asked.ruling is YES
    assert [reason.effect for reason in asked.proof].count(Effect.ASSUMES) == 2


def test_denies_of_read_guardrails_count_beside_unread_ones() -> None:
    org = Organization(ORG, "999999999999", {OWNER: Guardrails(((policy(deny("s3:*", "*")),),), None)})
    assert read(user(allow()), bucket(), org=org).ruling is NO


def test_a_member_is_known_by_the_organizations_id() -> None:
    ours = bucket(allow(Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": ORG}}))
    org = organization([allow("*", "*")])
    assert read(user(), ours, org=org).ruling is YES
    assert read(account_root("999999999999"), ours, org=org).ruling is YES
    assert read(user(allow(), name="ben", account=PARTNER), ours, org=org).ruling is NO


def test_a_proof_of_no_says_what_denies_or_what_is_missing() -> None:
    denied = read(user(allow(), deny(Sid="NoReads")), bucket())
    assert [(reason.effect, reason.statement) for reason in denied.proof] == [
        (Effect.DENIES, "policy of ana, statement 2 (NoReads)")
    ]
    lacking = read(limited(user(), allow("ec2:*", "*")), bucket())
    assert {reason.effect for reason in lacking.proof} == {Effect.LACKS}
    assert any("the boundary does not allow" in reason.sentence for reason in lacking.proof)


def test_a_proof_of_yes_holds_what_allows_in_order() -> None:
    asked = read(limited(user(allow()), allow("s3:*", "*")), bucket(), org=organization([allow("*", "*")]))
    assert [reason.statement for reason in asked.proof] == [
        "the boundary, statement 1",
        "policy of ana, statement 1",
        "SCP of level 1, statement 1",
    ]


def test_a_request_comes_through_an_endpoint_or_from_an_address() -> None:
    from_anywhere = user(allow(Condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}))
    through_one = user(allow(Condition={"Null": {"aws:SourceVpce": "false"}}))
    for key, value in (("aws:SourceVpce", "vpce-1"), ("aws:SourceVpc", "vpc-1"), ("aws:VpcSourceIp", "10.0.0.4")):
        assert read_if(from_anywhere, bucket(), context={key: value}).ruling is NO
    assert read_if(through_one, bucket(), context={"aws:SourceIp": "203.0.113.7"}).ruling is NO
    assert read_if(from_anywhere, bucket(), context={"aws:SourceIp": "203.0.113.7"}).ruling is YES
    assert read_if(through_one, bucket(), context={"aws:SourceVpce": "vpce-1"}).ruling is YES
