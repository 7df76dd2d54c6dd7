from __future__ import annotations

from typing import Any

import pytest

from cloudscan.access import Ruling, keys
from cloudscan_aws.policy.callers import ANYONE, Caller, Kind, account_root, service
from cloudscan_aws.policy.organization import NO_ORGANIZATION, Organization
from cloudscan_aws.policy.test_support import (
    ORG,
    OWNER,
    PARTNER,
    allow,
    deny,
    exactly,
    in_session,
    limited,
    organization,
    policy,
    role,
    user,
)
from cloudscan_aws.policy.trust import RoleFacts, evaluate_assume_role

YES, NO, IF, UNKNOWN = Ruling.YES, Ruling.NO, Ruling.IF, Ruling.UNKNOWN
TARGET = f"arn:aws:iam::{OWNER}:role/target"
MAY = allow("sts:AssumeRole", TARGET)
BEN = user(MAY, name="ben", account=PARTNER)


def trusts(principal: Any, action: str = "sts:AssumeRole", effect: str = "Allow", **more: Any) -> Any:
    return {"Effect": effect, "Principal": principal, "Action": action, **more}


def becomes(
    caller: Caller,
    *statements: Any,
    action: str = "sts:AssumeRole",
    org: Organization | None = NO_ORGANIZATION,
    context: Any = None,
) -> Ruling:
    facts = RoleFacts(TARGET, OWNER, policy(*statements, name="trust policy"))
    return evaluate_assume_role(caller, action, facts, organization=org, context=exactly(context)).ruling


@pytest.mark.parametrize(
    ("principal", "caller", "expected"),
    [
        ({"AWS": f"arn:aws:iam::{OWNER}:user/ana"}, user(), YES),
        ({"AWS": f"arn:aws:iam::{OWNER}:user/ana"}, limited(user(), allow("s3:*", "*")), YES),
        ({"AWS": f"arn:aws:iam::{OWNER}:role/reader"}, role(), YES),
        ({"AWS": f"arn:aws:iam::{OWNER}:role/reader"}, limited(role(), allow("s3:*", "*")), NO),
        ({"AWS": f"arn:aws:iam::{OWNER}:role/reader"}, in_session(role(MAY), allow("s3:*", "*")), NO),
        ({"AWS": f"arn:aws:sts::{OWNER}:assumed-role/reader/job1"}, role(), YES),
        ({"AWS": f"arn:aws:iam::{OWNER}:root"}, user(MAY), YES),
        ({"AWS": f"arn:aws:iam::{OWNER}:root"}, user(), NO),
        ({"AWS": f"arn:aws:iam::{OWNER}:root"}, limited(user(MAY), allow("s3:*", "*")), NO),
        ({"AWS": f"arn:aws:iam::{OWNER}:root"}, user(allow("sts:AssumeRole", "arn:aws:iam::1:role/x")), NO),
        ({"AWS": "*"}, user(), YES),
        ({"AWS": "*"}, user(name="ben", account=PARTNER), NO),
        ({"AWS": PARTNER}, BEN, YES),
        ({"AWS": PARTNER}, user(name="ben", account=PARTNER), NO),
        ({"AWS": f"arn:aws:iam::{PARTNER}:role/*"}, BEN, NO),
        ({"AWS": BEN.name}, limited(BEN, allow("s3:*", "*")), NO),
        ({"AWS": OWNER}, account_root(OWNER), NO),
        ({"Service": "ec2.amazonaws.com"}, service("ec2.amazonaws.com"), YES),
        ({"Service": "ec2.amazonaws.com"}, service("lambda.amazonaws.com"), NO),
        ({"Service": "ec2.amazonaws.com"}, user(allow("*", "*")), NO),
        ("*", ANYONE, NO),
    ],
)
def test_whom_a_trust_policy_admits(principal: Any, caller: Caller, expected: Ruling) -> None:
    assert becomes(caller, trusts(principal)) is expected


def test_a_role_is_not_trusted_by_itself() -> None:
    itself = role(allow("*", "*"), name="target")
    assert becomes(itself, trusts({"Service": "ec2.amazonaws.com"})) is NO
    assert becomes(itself, trusts({"AWS": TARGET})) is YES


def test_a_deny_counts_on_either_side() -> None:
    ana = {"AWS": f"arn:aws:iam::{OWNER}:user/ana"}
    assert becomes(user(MAY), trusts(ana), trusts(ana, effect="Deny")) is NO
    assert becomes(user(deny("sts:*", "*")), trusts(ana)) is NO


@pytest.mark.parametrize(
    ("condition", "context", "expected"),
    [
        ({"StringEquals": {"sts:ExternalId": "x-1"}}, {"sts:ExternalId": "x-1"}, YES),
        ({"StringEquals": {"sts:ExternalId": "x-1"}}, {"sts:ExternalId": "x-2"}, NO),
        ({"StringEquals": {"sts:ExternalId": "x-1"}}, {}, NO),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, {"aws:MultiFactorAuthPresent": "true"}, YES),
        ({"StringLike": {"sts:RoleSessionName": "${aws:username}"}}, {"sts:RoleSessionName": "ben"}, YES),
        ({"StringEquals": {"aws:PrincipalOrgID": ORG}}, {}, NO),
    ],
)
def test_conditions_of_a_trust_policy(condition: Any, context: Any, expected: Ruling) -> None:
    assert becomes(BEN, trusts({"AWS": PARTNER}, Condition=condition), context=context) is expected


def test_an_open_request_names_what_a_trust_policy_asks() -> None:
    asked = {"StringEquals": {"sts:ExternalId": "x-1"}}
    facts = RoleFacts(TARGET, OWNER, policy(trusts({"AWS": PARTNER}, Condition=asked)))
    told = evaluate_assume_role(BEN, "sts:AssumeRole", facts, organization=NO_ORGANIZATION)
    assert told.ruling is IF
    assert keys(told.condition) == {"sts:ExternalId"}


def test_guardrails_of_the_caller_and_of_the_role() -> None:
    ours = trusts({"AWS": [OWNER, PARTNER]})
    no_sts = organization([allow("*", "*"), deny("sts:*", "*")])
    assert becomes(user(MAY), ours, org=no_sts) is NO
    assert becomes(BEN, ours, org=no_sts) is YES
    outsiders = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORG}}
    only_us = organization([allow("*", "*")], rcp=[deny("sts:*", "*", Principal="*", Condition=outsiders)])
    assert becomes(user(MAY), ours, org=only_us) is YES
    assert becomes(BEN, ours, org=only_us) is NO


GITHUB = f"arn:aws:iam::{OWNER}:oidc-provider/token.actions.githubusercontent.com"
WITH_TOKEN = "sts:AssumeRoleWithWebIdentity"
POOL = "eu-central-1:aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"


def token(provider: str, **claims: Any) -> Caller:
    prefix = provider.partition(":oidc-provider/")[2] or provider
    found = {f"{prefix}:{name}": (value,) if isinstance(value, str) else value for name, value in claims.items()}
    return Caller(Kind.FEDERATED, provider, claims=found)


def test_a_token_counts_for_its_own_provider_and_call_alone() -> None:
    web = trusts({"Federated": GITHUB}, WITH_TOKEN)
    assert becomes(token(GITHUB), web, action=WITH_TOKEN) is YES
    assert becomes(token("accounts.google.com"), web, action=WITH_TOKEN) is NO
    assert becomes(token(GITHUB), web, action="sts:AssumeRole") is NO
    assert becomes(token(GITHUB), trusts({"Federated": GITHUB}), action=WITH_TOKEN) is NO
    assert becomes(user(allow("*", "*")), web, action=WITH_TOKEN) is NO


def test_a_missing_claim_passes_for_all_values() -> None:
    loose = {"ForAllValues:StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/*"}}
    assert becomes(token(GITHUB), trusts({"Federated": GITHUB}, WITH_TOKEN, Condition=loose), action=WITH_TOKEN) is YES


@pytest.mark.parametrize(
    ("pool", "amr", "expected"),
    [
        (POOL, ("authenticated", "graph.facebook.com"), YES),
        (POOL, ("unauthenticated",), NO),
        (POOL.replace("a", "f"), ("authenticated",), NO),
    ],
)
def test_an_identity_pool(pool: str, amr: tuple[str, ...], expected: Ruling) -> None:
    cognito = "cognito-identity.amazonaws.com"
    asked = {
        "StringEquals": {f"{cognito}:aud": POOL},
        "ForAnyValue:StringLike": {f"{cognito}:amr": "authenticated"},
    }
    web = trusts({"Federated": cognito}, WITH_TOKEN, Condition=asked)
    assert becomes(token(cognito, aud=pool, amr=amr), web, action=WITH_TOKEN) is expected


def test_saml() -> None:
    provider = f"arn:aws:iam::{OWNER}:saml-provider/okta"
    asked = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
    web = trusts({"Federated": provider}, "sts:AssumeRoleWithSAML", Condition=asked)
    claims = {"SAML:aud": ("https://signin.aws.amazon.com/saml",)}
    assert becomes(Caller(Kind.FEDERATED, provider, claims=claims), web, action="sts:AssumeRoleWithSAML") is YES
    assert becomes(Caller(Kind.FEDERATED, provider), web, action="sts:AssumeRoleWithSAML") is NO


def test_an_unread_trust_policy_leaves_the_answer_open() -> None:
    facts = RoleFacts(TARGET, OWNER, None)
    assert evaluate_assume_role(user(MAY), "sts:AssumeRole", facts, organization=None).ruling is UNKNOWN
    denied = evaluate_assume_role(user(deny("sts:*", "*")), "sts:AssumeRole", facts, organization=None)
    assert denied.ruling is NO


def test_tags_of_the_role_are_keys() -> None:
    own_team = allow(
        "sts:AssumeRole", "*", Condition={"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    )
    for team, expected in [("asr", YES), ("ivr", NO)]:
        facts = RoleFacts(TARGET, OWNER, policy(trusts({"AWS": OWNER})), tags={"team": "asr"})
        caller = user(own_team, tags={"team": team})
        assert evaluate_assume_role(caller, "sts:AssumeRole", facts, organization=NO_ORGANIZATION).ruling is expected
