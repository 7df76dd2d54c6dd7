"""Keys, their policies, grants and rotation, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudscan.model import Answer, Gap, Key, KeyGrant, PolicyDocument, Why
from cloudscan.provider import Facet
from cloudscan.testing import run_units
from cloudscan_aws import kms
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.demo.server import Endpoint

REGION = "eu-central-1"

Accounts = Callable[..., AccountScope]
Make = Callable[..., Any]


def collect(account: AccountScope) -> list[Any]:
    return run_units(list(kms.units(account)))[0]


def keys(records: list[Any]) -> dict[str, Key]:
    return {record.id: record for record in records if isinstance(record, Key)}


def policies(records: list[Any]) -> list[PolicyDocument]:
    return [record for record in records if isinstance(record, PolicyDocument)]


def gaps(records: list[Any]) -> list[Gap]:
    return [record for record in records if isinstance(record, Gap)]


def create(client: Make, **facts: Any) -> str:
    arn: str = client("kms").create_key(**facts)["KeyMetadata"]["Arn"]
    return arn


def test_key_tells_state_rotation_aliases_and_policy(client: Make, account: Accounts) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": []})
    arn = create(client, Policy=document)
    client("kms").enable_key_rotation(KeyId=arn)
    client("kms").create_alias(AliasName="alias/calls", TargetKeyId=arn)
    records = collect(account(Facet.KEYS))
    found = keys(records)[arn]
    assert (found.manager, found.state, found.region) == ("customer", "enabled", REGION)
    assert (found.rotates, found.rotation_possible) == (Answer.YES, Answer.YES)
    assert found.aliases == (f"arn:aws:kms:{REGION}:123456789012:alias/calls", "alias/calls")
    assert (found.has_policy, found.grants, found.deletion_date) == (Answer.YES, (), None)
    assert policies(records) == [PolicyDocument(f"{arn}#policy", "aws", "123456789012", "key", (arn,), document)]


def test_key_without_alias_and_rotation_says_so(client: Make, account: Accounts) -> None:
    arn = create(client)
    found = keys(collect(account(Facet.KEYS)))[arn]
    assert (found.aliases, found.rotates, found.rotation_possible) == ((), Answer.NO, Answer.YES)


def test_period_of_rotation_is_told(endpoint: Endpoint, client: Make, account: Accounts) -> None:
    arn = create(client)
    status = {"KeyRotationEnabled": True, "KeyId": arn, "RotationPeriodInDays": 180}
    endpoint.answer("kms", "GetKeyRotationStatus", status)
    assert keys(collect(account(Facet.KEYS)))[arn].rotation_days == 180


@pytest.mark.parametrize(
    "facts",
    [
        {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
        {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
        {"Origin": "EXTERNAL"},
    ],
)
def test_key_that_cannot_rotate_is_not_asked_whether_it_does(
    endpoint: Endpoint, client: Make, account: Accounts, facts: dict[str, str]
) -> None:
    arn = create(client, **facts)
    records = collect(account(Facet.KEYS))
    assert (keys(records)[arn].rotates, keys(records)[arn].rotation_possible) == (Answer.NO, Answer.NO)
    assert endpoint.requests["kms:GetKeyRotationStatus"] == 0
    assert gaps(records) == []


def test_key_of_which_kms_says_that_it_cannot_rotate_does_not(
    endpoint: Endpoint, client: Make, account: Accounts
) -> None:
    from cloudscan_aws.demo.wire import AwsError

    def refuse(_: Any) -> dict[str, Any]:
        raise AwsError("UnsupportedOperationException")

    arn = create(client)
    endpoint.answer("kms", "GetKeyRotationStatus", refuse)
    records = collect(account(Facet.KEYS))
    assert (keys(records)[arn].rotates, keys(records)[arn].rotation_possible) == (Answer.NO, Answer.NO)
    assert gaps(records) == []


def test_disabled_and_dying_keys_say_so(client: Make, account: Accounts) -> None:
    off, dying = create(client), create(client)
    client("kms").disable_key(KeyId=off.rpartition("/")[2])
    client("kms").schedule_key_deletion(KeyId=dying.rpartition("/")[2], PendingWindowInDays=7)
    found = keys(collect(account(Facet.KEYS)))
    assert (found[off].state, found[dying].state) == ("disabled", "pending-deletion")
    end = found[dying].deletion_date
    assert end is not None
    assert end > datetime.now(UTC)


def test_state_without_a_word_of_ours_keeps_that_of_kms() -> None:
    assert kms.read_key("123456789012", REGION, "arn", (), {"KeyState": "PendingImport"}).state == "PendingImport"


def test_grants_stand_beside_the_policy(client: Make, account: Accounts) -> None:
    arn = create(client)
    context = {"EncryptionContextEquals": {"store": "=calls\u202e"}}
    client("kms").create_grant(
        KeyId=arn,
        GranteePrincipal="arn:aws:iam::123456789012:role/reader",
        Operations=["Decrypt", "DescribeKey"],
        Constraints=context,
    )
    assert keys(collect(account(Facet.KEYS)))[arn].grants == (
        KeyGrant(
            "arn:aws:iam::123456789012:role/reader",
            ("Decrypt", "DescribeKey"),
            json.dumps(context, separators=(",", ":")),
        ),
    )


def test_grant_to_a_service_names_the_service() -> None:
    grant = {"GranteeServicePrincipal": "connect.amazonaws.com", "GranteePrincipal": "x", "Operations": ["Decrypt"]}
    assert kms.read_grant(grant) == KeyGrant("connect.amazonaws.com", ("Decrypt",))


def test_key_that_aws_manages_is_described_and_no_more(endpoint: Endpoint, client: Make, account: Accounts) -> None:
    arn = create(client)

    def manage(_: Any, payload: dict[str, Any]) -> dict[str, Any]:
        return {"KeyMetadata": payload["KeyMetadata"] | {"KeyManager": "AWS"}}

    endpoint.patch("kms", "DescribeKey", manage)
    records = collect(account(Facet.KEYS))
    found = keys(records)[arn]
    assert (found.manager, found.rotates, found.rotation_days) == ("provider", Answer.YES, 365)
    assert (found.has_policy, found.grants) == (Answer.UNKNOWN, None)
    assert policies(records) == []
    asked = {name: count for name, count in endpoint.requests.items() if name.startswith("kms:")}
    assert asked == {"kms:CreateKey": 1, "kms:ListKeys": 1, "kms:ListAliases": 1, "kms:DescribeKey": 1}


def test_malformed_policy_is_kept_as_it_came(endpoint: Endpoint, client: Make, account: Accounts) -> None:
    create(client)
    endpoint.answer("kms", "GetKeyPolicy", {"Policy": '{"Statement": [}'})
    assert [policy.document for policy in policies(collect(account(Facet.KEYS)))] == ['{"Statement": [}']


def test_pages_are_followed_and_a_break_keeps_what_came(endpoint: Endpoint, client: Make, account: Accounts) -> None:
    arns = sorted(create(client) for _ in range(3))

    def page(params: Any) -> dict[str, Any]:
        place = int(params.get("Marker", "0"))
        one = {"KeyId": arns[place].rpartition("/")[2], "KeyArn": arns[place]}
        more = {"Truncated": True, "NextMarker": str(place + 1)} if place < 2 else {"Truncated": False}
        return {"Keys": [one], **more}

    endpoint.answer("kms", "ListKeys", page)
    assert list(keys(collect(account(Facet.KEYS)))) == arns
    endpoint.faults.add("throttle", "kms", "ListKeys", after=2)
    records = collect(account(Facet.KEYS))
    assert list(keys(records)) == arns[:2]
    assert [(gap.resource, gap.why) for gap in gaps(records)] == [("123456789012", Why.THROTTLED)]


def test_grants_that_break_off_are_unknown_not_few(endpoint: Endpoint, client: Make, account: Accounts) -> None:
    arn = create(client)

    def page(params: Any) -> dict[str, Any]:
        grant = {"GrantId": "a" * 64, "GranteePrincipal": "arn:aws:iam::123456789012:role/a", "Operations": ["Decrypt"]}
        return {"Grants": [grant], "Truncated": True, "NextMarker": "more"}

    endpoint.answer("kms", "ListGrants", page)
    endpoint.faults.add("throttle", "kms", "ListGrants", after=1)
    records = collect(account(Facet.KEYS))
    assert keys(records)[arn].grants is None
    assert [(gap.resource, gap.why) for gap in gaps(records)] == [(arn, Why.THROTTLED)]


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])
def test_refused_lists_are_gaps_and_claim_nothing(
    endpoint: Endpoint, client: Make, account: Accounts, kind: Any, why: Why
) -> None:
    create(client)
    endpoint.faults.add(kind, "kms")
    records = collect(account(Facet.KEYS))
    assert keys(records) == {}
    assert [(gap.permission, gap.why) for gap in gaps(records)] == [("kms:ListAliases", why), ("kms:ListKeys", why)]
    assert (records[-1].asked, records[-1].answered) == (2, 0)


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])
def test_what_is_refused_of_a_key_stays_unknown(
    endpoint: Endpoint, client: Make, account: Accounts, kind: Any, why: Why
) -> None:
    arn = create(client)
    refused = ("ListAliases", "GetKeyPolicy", "GetKeyRotationStatus", "ListGrants")
    for operation in refused:
        endpoint.faults.add(kind, "kms", operation)
    records = collect(account(Facet.KEYS))
    found = keys(records)[arn]
    assert (found.manager, found.state) == ("customer", "enabled")
    assert (found.aliases, found.grants, found.has_policy) == (None, None, Answer.UNKNOWN)
    assert (found.rotates, found.rotation_possible) == (Answer.UNKNOWN, Answer.YES)
    assert policies(records) == []
    assert {(gap.permission, gap.why) for gap in gaps(records)} == {(f"kms:{name}", why) for name in refused}


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])
def test_key_that_cannot_be_described_keeps_its_policy(
    endpoint: Endpoint, client: Make, account: Accounts, kind: Any, why: Why
) -> None:
    arn = create(client)
    endpoint.faults.add(kind, "kms", "DescribeKey")
    records = collect(account(Facet.KEYS))
    found = keys(records)[arn]
    assert (found.manager, found.state, found.rotates, found.rotation_possible) == (
        None,
        None,
        Answer.UNKNOWN,
        Answer.UNKNOWN,
    )
    assert [policy.attached_to for policy in policies(records)] == [(arn,)]
    assert [(gap.resource, gap.why) for gap in gaps(records)] == [(arn, why)]


def test_nothing_is_asked_when_no_check_wants_keys(account: Accounts) -> None:
    assert list(kms.units(account(Facet.JOBS))) == []
