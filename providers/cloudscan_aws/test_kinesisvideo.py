"""Video streams as stores that forget by themselves, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cloudscan.model import Encryption, Gap, Store, Why
from cloudscan.provider import Facet
from cloudscan.testing import run_units
from cloudscan_aws import kinesisvideo
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.demo.server import Endpoint

REGION = "eu-central-1"
KEYS = f"arn:aws:kms:{REGION}:123456789012"
AWS_KEY = f"{KEYS}:alias/aws/kinesisvideo"

Accounts = Callable[..., AccountScope]


def collect(account: AccountScope) -> list[Any]:
    return run_units(list(kinesisvideo.units(account)))[0]


def stores(records: list[Any]) -> dict[str, Store]:
    return {record.name: record for record in records if isinstance(record, Store)}


def test_stream_tells_its_hours_and_its_arn(client: Callable[..., Any], account: Accounts) -> None:
    arn = client("kinesisvideo").create_stream(StreamName="live", DataRetentionInHours=24)["StreamARN"]
    client("kinesisvideo").create_stream(StreamName="passing", DataRetentionInHours=0)
    found = stores(collect(account(Facet.STORES)))
    assert found["live"].id == arn
    assert (found["live"].kind, found["live"].region, found["live"].retention_hours) == ("video-stream", REGION, 24)
    assert found["passing"].retention_hours == 0
    assert found["live"].lifecycle is None


@pytest.mark.parametrize(
    ("given", "encryption"),
    [
        ({}, Encryption("provider-kms", None, "aws:kms")),
        (
            {"KmsKeyId": "alias/aws/kinesisvideo"},
            Encryption("provider-kms", AWS_KEY, "aws:kms"),
        ),
        (
            {"KmsKeyId": AWS_KEY},
            Encryption("provider-kms", AWS_KEY, "aws:kms"),
        ),
        ({"KmsKeyId": f"{KEYS}:key/1"}, Encryption("customer", f"{KEYS}:key/1", "aws:kms")),
        ({"KmsKeyId": "alias/live"}, Encryption("customer", f"{KEYS}:alias/live", "aws:kms")),
    ],
)
def test_whose_key_encrypts_follows_from_its_name(given: dict[str, str], encryption: Encryption) -> None:
    stream = {"StreamARN": "arn:aws:kinesisvideo:x", "StreamName": "live", **given}
    assert kinesisvideo.read_stream("123456789012", REGION, stream).encryption == encryption


def test_retention_that_was_not_told_is_unknown() -> None:
    stream = {"StreamARN": "arn:aws:kinesisvideo:x", "StreamName": "live"}
    assert kinesisvideo.read_stream("123456789012", REGION, stream).retention_hours is None


def test_only_streams_of_the_scope_are_told(client: Callable[..., Any], account: Accounts) -> None:
    for name in ("acme-live", "other"):
        client("kinesisvideo").create_stream(StreamName=name, DataRetentionInHours=1)
    assert list(stores(collect(account(Facet.STORES, stores=("acme-*",))))) == ["acme-live"]


def test_pages_are_followed_and_a_break_keeps_what_came(endpoint: Endpoint, account: Accounts) -> None:
    def page(params: Any) -> dict[str, Any]:
        number = int(params.get("NextToken", "1"))
        one = {"StreamARN": f"arn:{number}", "StreamName": f"s-{number}", "DataRetentionInHours": 1}
        return {"StreamInfoList": [one], **({"NextToken": str(number + 1)} if number < 3 else {})}

    endpoint.answer("kinesisvideo", "ListStreams", page)
    assert list(stores(collect(account(Facet.STORES)))) == ["s-1", "s-2", "s-3"]
    endpoint.faults.add("throttle", "kinesisvideo", after=2)
    records = collect(account(Facet.STORES))
    assert list(stores(records)) == ["s-1", "s-2"]
    assert [record.why for record in records if isinstance(record, Gap)] == [Why.THROTTLED]


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])
def test_refused_list_is_a_gap_and_claims_nothing(
    endpoint: Endpoint, client: Callable[..., Any], account: Accounts, kind: Any, why: Why
) -> None:
    client("kinesisvideo").create_stream(StreamName="live", DataRetentionInHours=1)
    endpoint.faults.add(kind, "kinesisvideo")
    gap, coverage = collect(account(Facet.STORES))
    assert (gap.facet, gap.resource, gap.why, gap.permission) == (
        Facet.STORES,
        "123456789012",
        why,
        "kinesisvideo:ListStreams",
    )
    assert (coverage.facet, coverage.asked, coverage.answered) == (Facet.STORES, 1, 0)


def test_nothing_is_asked_when_no_check_wants_stores(account: Accounts) -> None:
    assert list(kinesisvideo.units(account(Facet.JOBS))) == []
