"""Accounts, regions and buckets of a scope, over HTTP."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from cloudscan.errors import CollectionStopped, CredentialsExpired, MissingExtra, UsageError
from cloudscan.model import Account, Answer, Coverage, Gap, Why
from cloudscan.provider import Facet, Scope
from cloudscan_aws.accounts import Bucket
from cloudscan_aws.demo.server import Endpoint
from cloudscan_aws.discovery import Found, Session, find

REGION = "eu-central-1"
OWN = "123456789012"
OTHER = "222222222222"
ORG = "o-abcdefghij"
ENDS = {"Expiration": "2099-01-01T00:00:00Z"}

Scopes = Callable[..., Scope]
Make = Callable[..., Any]


def found(scope: Scope) -> list[Found]:
    return find(Session.open(scope))


def gaps(found: list[Found]) -> list[Gap]:
    return [item for each in found for item in each.noticed if isinstance(item, Gap)]


def member(account: str, **facts: Any) -> dict[str, Any]:
    arn = f"arn:aws:organizations::{OWN}:account/{ORG}/{account}"
    return {"Id": account, "Arn": arn, "Name": f"name of {account}", "State": "ACTIVE"} | facts


def test_caller_is_named_and_never_its_secret(endpoint: Endpoint, scope: Scopes) -> None:
    caller = Session.open(scope()).caller
    assert (caller.provider, caller.account) == ("aws", OWN)
    assert caller.identity.startswith(f"arn:aws:sts::{OWN}:")


def test_own_account_is_looked_at_without_a_word(endpoint: Endpoint, scope: Scopes) -> None:
    (each,) = found(scope())
    assert each.account is not None
    assert (each.id, each.account.is_callers, each.account.regions) == (OWN, True, (REGION,))
    assert endpoint.requests["sts:AssumeRole"] == 0


def test_several_accounts_are_entered_under_the_role(endpoint: Endpoint, scope: Scopes) -> None:
    asked = scope(options={"account": (OTHER, OWN), "role-name": "security/scan", "external-id": "word"})
    endpoint.faults.add("deny", "sts", "AssumeRole", after=1)
    both = found(asked)
    assert [each.id for each in both] == [OWN, OTHER]
    assert all(each.account for each in both)
    clients = both[1].account.clients if both[1].account else None
    assert clients is not None
    assert clients.client("sts", REGION).get_caller_identity()["Account"] == OTHER
    assert endpoint.requests["sts:AssumeRole"] == 1


def test_role_and_external_id_are_those_of_the_options(endpoint: Endpoint, scope: Scopes) -> None:
    asked = []

    def assume(params: Any) -> dict[str, Any]:
        asked.append((params["RoleArn"], params.get("ExternalId")))
        return {"Credentials": dict.fromkeys(("AccessKeyId", "SecretAccessKey", "SessionToken"), "x" * 20) | ENDS}

    endpoint.answer("sts", "AssumeRole", assume)
    assert found(scope(options={"account": OTHER, "role-name": "security/scan", "external-id": "word"}))[0].account
    assert asked == [(f"arn:aws:iam::{OTHER}:role/security/scan", "word")]


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])
def test_account_that_cannot_be_entered_is_a_gap_and_the_rest_goes_on(
    endpoint: Endpoint, scope: Scopes, kind: Any, why: Why
) -> None:
    endpoint.faults.add(kind, "sts", "AssumeRole")
    own, other = found(scope(options={"account": (OWN, OTHER), "role-name": "scan"}))
    assert own.account is not None
    assert other.account is None
    assert other.noticed[0] == Account(OTHER, "aws")
    (gap,) = gaps([other])
    assert (gap.why, gap.account, gap.facet, gap.permission) == (why, OTHER, Facet.ACCOUNTS, "sts:AssumeRole")
    assert Coverage("aws", OTHER, Facet.ACCOUNTS, asked=1, answered=0) in other.noticed


def test_organization_is_every_active_account(endpoint: Endpoint, scope: Scopes) -> None:
    pages = {None: [member(OWN), member(OTHER)], "more": [member("333333333333", State="SUSPENDED")]}

    def accounts(params: Any) -> dict[str, Any]:
        token = params.get("NextToken")
        return {"Accounts": pages[token]} | ({} if token else {"NextToken": "more"})

    endpoint.answer("organizations", "ListAccounts", accounts)
    each = {one.id: one for one in found(scope(options={"org": True, "role-name": "scan"}))}
    own, other = each[OWN].account, each[OTHER].account
    assert own is not None
    assert other is not None
    assert (own.management, other.management) == (Answer.YES, Answer.NO)
    assert (other.name, other.organization, other.is_callers) == (f"name of {OTHER}", ORG, False)
    suspended = each["333333333333"]
    assert suspended.account is None
    assert [(gap.why, gap.account, gap.detail) for gap in gaps([suspended])] == [
        (Why.DISABLED, "333333333333", "SUSPENDED")
    ]
    assert endpoint.requests["sts:AssumeRole"] == 1


def test_older_status_of_an_account_counts_too(endpoint: Endpoint, scope: Scopes) -> None:
    entry = member(OTHER, Status="SUSPENDED")
    del entry["State"]
    endpoint.answer("organizations", "ListAccounts", {"Accounts": [entry]})
    each = {one.id: one for one in found(scope(options={"org": True, "role-name": "scan"}))}
    assert each[OTHER].account is None


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED), ("http-500", Why.ERROR)])
def test_organization_that_does_not_answer_leaves_the_own_account(
    endpoint: Endpoint, scope: Scopes, kind: Any, why: Why
) -> None:
    endpoint.faults.add(kind, "organizations", "ListAccounts")
    each = found(scope(options={"org": True, "role-name": "scan"}))
    assert [one.id for one in each if one.account] == [OWN]
    assert [(gap.why, gap.permission) for gap in gaps(each)] == [(why, "organizations:ListAccounts")]


def test_regions_are_those_that_are_enabled(endpoint: Endpoint, scope: Scopes) -> None:
    (each,) = found(scope(options={"region": ()}))
    assert each.account is not None
    assert {"us-east-1", REGION} <= set(each.account.regions)
    assert "ap-east-1" not in each.account.regions


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])
def test_regions_that_are_not_told_are_a_gap_and_what_is_known_is_kept(
    endpoint: Endpoint, client: Make, scope: Scopes, kind: Any, why: Why
) -> None:
    paris = {"LocationConstraint": "eu-west-3"}
    client("s3", "eu-west-3").create_bucket(Bucket="calls", CreateBucketConfiguration=paris)
    endpoint.faults.add(kind, "ec2", "DescribeRegions")
    each = found(scope(options={"region": ()}))
    assert each[0].account is not None
    assert each[0].account.regions == ("eu-west-3", "us-east-1")
    assert [(gap.why, gap.permission) for gap in gaps(each)] == [(why, "ec2:DescribeRegions")]


def test_no_enabled_region_is_a_gap_and_never_no_region(endpoint: Endpoint, scope: Scopes) -> None:
    endpoint.answer("ec2", "DescribeRegions", {"Regions": []})
    each = found(scope(options={"region": ()}))
    assert each[0].account is not None
    assert each[0].account.regions
    assert [gap.why for gap in gaps(each)] == [Why.MALFORMED]


def test_buckets_come_with_region_and_owner_in_one_request(endpoint: Endpoint, client: Make, scope: Scopes) -> None:
    client("s3").create_bucket(Bucket="calls", CreateBucketConfiguration={"LocationConstraint": REGION})
    client("s3", "us-east-1").create_bucket(Bucket="logs")
    endpoint.requests.clear()
    (each,) = found(scope(options={"region": ()}))
    assert each.account is not None
    assert [(bucket.name, bucket.region) for bucket in each.account.buckets] == [
        ("calls", REGION),
        ("logs", "us-east-1"),
    ]
    assert all(bucket.owner and bucket.created for bucket in each.account.buckets)
    assert endpoint.requests["s3:ListBuckets"] == 1


def test_lists_of_buckets_are_paged(endpoint: Endpoint, scope: Scopes) -> None:
    def buckets(params: Any) -> dict[str, Any]:
        name = "second" if params.get("ContinuationToken") else "first"
        made = {"Name": name, "BucketRegion": REGION, "CreationDate": "2020-01-01T00:00:00Z"}
        return {"Buckets": [made]} | ({} if name == "second" else {"ContinuationToken": "next"})

    endpoint.answer("s3", "ListBuckets", buckets)
    (each,) = found(scope())
    assert each.account is not None
    assert [bucket.name for bucket in each.account.buckets] == ["first", "second"]


def test_patterns_and_regions_choose_buckets(endpoint: Endpoint, client: Make, scope: Scopes) -> None:
    for name in ("calls-a", "calls-b", "logs"):
        client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    client("s3", "us-east-1").create_bucket(Bucket="calls-us")

    def names(asked: Scope) -> list[str]:
        (each,) = found(asked)
        assert each.account is not None
        return [bucket.name for bucket in each.account.buckets]

    assert names(scope(stores=("calls-?", "none"))) == ["calls-a", "calls-b"]
    assert names(scope(options={"region": ("us-east-1",)})) == ["calls-us"]


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])
def test_buckets_that_cannot_be_listed_are_a_gap(endpoint: Endpoint, scope: Scopes, kind: Any, why: Why) -> None:
    endpoint.faults.add(kind, "s3", "ListBuckets")
    each = found(scope())
    assert each[0].account is not None
    assert each[0].account.buckets == ()
    assert [(gap.why, gap.facet, gap.permission) for gap in gaps(each)] == [(why, Facet.STORES, "s3:ListAllMyBuckets")]


def test_buckets_are_not_listed_for_what_concerns_none(endpoint: Endpoint, scope: Scopes) -> None:
    found(scope(Facet.PRINCIPALS))
    assert endpoint.requests["s3:ListBuckets"] == 0


def test_credentials_that_expire_while_planning_stop_it(endpoint: Endpoint, scope: Scopes) -> None:
    endpoint.faults.add("expired-token", "s3", "ListBuckets")
    with pytest.raises(CredentialsExpired):
        found(scope())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"region": ("Frankfurt",)}, "Frankfurt"),
        ({"account": ("12",)}, "12 digits"),
        ({"org": True}, "--role-name"),
        ({"org": True, "account": (OTHER,), "role-name": "scan"}, "--account"),
        ({"account": (OTHER,)}, "--role-name"),
        ({"profile": "nobody"}, "nobody"),
        ({"max-attempts": "many"}, "--max-attempts"),
        ({"max-jobs": "0"}, "--max-jobs"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(
    endpoint: Endpoint, scope: Scopes, options: dict[str, object], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        found(scope(options=options))


def test_no_credentials_are_a_fault_of_use(endpoint: Endpoint, scope: Scopes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(UsageError, match="no AWS credentials"):
        Session.open(scope())


def test_expired_and_refused_callers_are_told_apart(endpoint: Endpoint, scope: Scopes) -> None:
    endpoint.faults.add("expired-token", "sts", first=1)
    with pytest.raises(CredentialsExpired):
        Session.open(scope())
    endpoint.faults.add("deny", "sts", first=1)
    with pytest.raises(UsageError):
        Session.open(scope())
    endpoint.faults.add("http-500", "sts")
    with pytest.raises(CollectionStopped):
        Session.open(scope())


def test_bucket_without_a_region_stays_in_the_plan(endpoint: Endpoint, scope: Scopes) -> None:
    endpoint.answer("s3", "ListBuckets", {"Buckets": [{"Name": "calls"}]})
    (each,) = found(scope())
    assert each.account is not None
    assert each.account.buckets == (Bucket("calls"),)


def test_missing_sdk_names_the_extra_to_install(
    endpoint: Endpoint, scope: Scopes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("botocore", "botocore.exceptions", "botocore.session"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtra, match=r"cloudscan\[aws\]"):
        Session.open(scope())
