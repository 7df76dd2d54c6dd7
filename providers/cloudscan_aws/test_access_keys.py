"""Access keys of users and of the root user, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cloudscan.model import Answer, Coverage, Credential, Gap, Why
from cloudscan.provider import Facet
from cloudscan.testing import run_units
from cloudscan_aws import iam
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.demo.server import Endpoint

OWN = "arn:aws:iam::123456789012"

Accounts = Callable[..., AccountScope]
Make = Callable[..., Any]


def collect(account: AccountScope) -> list[Any]:
    return run_units(list(iam.units(account)))[0]


def of(records: list[Any], kind: type) -> list[Any]:
    return [record for record in records if isinstance(record, kind)]


def test_keys_are_told_with_their_age_and_not_whole(client: Make, account: Accounts) -> None:
    aws = client("iam")
    for name in ("ana", "ben"):
        aws.create_user(UserName=name)
    first, second = (aws.create_access_key(UserName="ana")["AccessKey"]["AccessKeyId"] for _ in range(2))
    aws.update_access_key(UserName="ana", AccessKeyId=second, Status="Inactive")
    records = collect(account(Facet.CREDENTIALS))
    found = {one.id: one for one in of(records, Credential)}
    assert set(found) == {f"{OWN}:user/ana/access-key/{key[-8:]}" for key in (first, second)}
    active = found[f"{OWN}:user/ana/access-key/{first[-8:]}"]
    assert (active.principal, active.kind, active.account) == (f"{OWN}:user/ana", "access-key", "123456789012")
    assert (active.enabled, active.lasting) == (Answer.YES, Answer.YES)
    assert active.created is not None
    assert active.created.tzinfo is not None
    assert found[f"{OWN}:user/ana/access-key/{second[-8:]}"].enabled is Answer.NO
    assert first not in str(records)
    (line,) = (one for one in of(records, Coverage) if one.facet == Facet.CREDENTIALS)
    assert (line.asked, line.answered) == (3, 3)  # the root user, and two users


def test_a_key_of_the_root_user_has_no_age(endpoint: Endpoint, account: Accounts) -> None:
    endpoint.answer("iam", "GetAccountSummary", {"SummaryMap": {"AccountAccessKeysPresent": 1}})
    (key,) = of(collect(account(Facet.CREDENTIALS)), Credential)
    assert (key.principal, key.created, key.enabled) == (f"{OWN}:root", None, Answer.UNKNOWN)


def test_nothing_is_asked_of_keys_that_nobody_wants(client: Make, account: Accounts) -> None:
    client("iam").create_user(UserName="ana")
    client("iam").create_access_key(UserName="ana")
    records = collect(account(Facet.PRINCIPALS))
    assert of(records, Credential) == []
    assert Facet.CREDENTIALS not in {line.facet for line in of(records, Coverage)}


def test_who_may_not_ask_of_one_user_asks_of_no_other(client: Make, account: Accounts, endpoint: Endpoint) -> None:
    for name in ("ana", "ben"):
        client("iam").create_user(UserName=name)
    endpoint.faults.add("deny", "iam", "ListAccessKeys")
    records = collect(account(Facet.CREDENTIALS))
    (gap,) = of(records, Gap)
    assert (gap.facet, gap.resource, gap.why) == (Facet.CREDENTIALS, "123456789012", Why.DENIED)
    assert gap.permission == "iam:ListAccessKeys"
    assert endpoint.requests["iam:ListAccessKeys"] == 1
