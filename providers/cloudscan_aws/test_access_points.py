"""Access points, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from cloudscan.model import AccessPoint, Answer, Gap, PolicyDocument, Why
from cloudscan.provider import Facet
from cloudscan.testing import run_units
from cloudscan_aws import access_points
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.demo.server import Endpoint

REGION = "us-east-1"  # moto names this one in every access point
OWN = "123456789012"
ARN = f"arn:aws:s3:{REGION}:{OWN}:accesspoint/door"

Accounts = Callable[..., AccountScope]
Make = Callable[..., Any]


def collect(account: AccountScope, kind: type) -> list[Any]:
    records = run_units(list(access_points.units(account)))[0]
    return [record for record in records if isinstance(record, kind)]


@pytest.fixture(name="account")
def account_there(account: Accounts) -> Accounts:
    """Accounts in the region of moto's access points."""
    return partial(account, regions=(REGION,), options={"region": (REGION,)})


@pytest.fixture
def door(client: Make, account: Accounts) -> Any:
    """An s3control client with one access point made; it reaches an endpoint that is an address."""
    client("s3", REGION).create_bucket(Bucket="calls")
    control = account(Facet.ACCESS_POINTS).clients.client("s3control", REGION)
    control.create_access_point(
        AccountId=OWN,
        Name="door",
        Bucket="calls",
        PublicAccessBlockConfiguration={"BlockPublicAcls": True, "RestrictPublicBuckets": False},
    )
    return control


def test_access_point_tells_store_network_and_switches(door: Any, account: Accounts) -> None:
    (found,) = collect(account(Facet.ACCESS_POINTS), AccessPoint)
    assert (found.id, found.store, found.name, found.network) == (ARN, "arn:aws:s3:::calls", "door", "internet")
    assert found.controls["BlockPublicAcls"] is Answer.YES
    assert found.controls["RestrictPublicBuckets"] is Answer.NO
    assert found.has_policy is Answer.NO


def test_access_point_of_a_private_network_names_it(door: Any, account: Accounts) -> None:
    door.create_access_point(AccountId=OWN, Name="inner", Bucket="calls", VpcConfiguration={"VpcId": "vpc-1"})
    found = collect(account(Facet.ACCESS_POINTS), AccessPoint)
    assert {point.name: point.network for point in found} == {"door": "internet", "inner": "vpc-1"}


def test_policy_is_kept_as_returned(door: Any, account: Accounts) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": []})
    door.put_access_point_policy(AccountId=OWN, Name="door", Policy=text)
    assert collect(account(Facet.ACCESS_POINTS), PolicyDocument) == [
        PolicyDocument(f"{ARN}#policy", "aws", OWN, "access-point", (ARN,), text)
    ]
    assert collect(account(Facet.ACCESS_POINTS), AccessPoint)[0].has_policy is Answer.YES


def test_all_pages_of_a_list_are_read(door: Any, endpoint: Endpoint, account: Accounts) -> None:
    def page(params: Any) -> dict[str, Any]:
        name = "second" if params.get("NextToken") else "first"
        entry = {
            "Name": name,
            "NetworkOrigin": "Internet",
            "Bucket": "calls",
            "AccessPointArn": f"arn:aws:s3:{REGION}:{OWN}:accesspoint/{name}",
        }
        return {"AccessPointList": [entry], **({} if params.get("NextToken") else {"NextToken": "next"})}

    endpoint.answer("s3control", "ListAccessPoints", page)
    endpoint.answer("s3control", "GetAccessPoint", {"Name": "door"})
    assert [point.name for point in collect(account(Facet.ACCESS_POINTS), AccessPoint)] == ["first", "second"]


def test_doors_of_buckets_outside_the_patterns_are_left_out(door: Any, account: Accounts) -> None:
    assert collect(account(Facet.ACCESS_POINTS, stores=("call*",)), AccessPoint)
    assert collect(account(Facet.ACCESS_POINTS, stores=("other*",)), AccessPoint) == []


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])
@pytest.mark.parametrize("operation", ["ListAccessPoints", "GetAccessPoint", "GetAccessPointPolicy"])
def test_question_without_an_answer_is_a_gap(
    door: Any, endpoint: Endpoint, account: Accounts, operation: str, kind: Any, why: Why
) -> None:
    endpoint.faults.add(kind, "s3control", operation)
    (gap,) = collect(account(Facet.ACCESS_POINTS), Gap)
    assert (gap.why, gap.facet, gap.permission) == (why, Facet.ACCESS_POINTS, f"s3:{operation}")
    found = collect(account(Facet.ACCESS_POINTS), AccessPoint)
    if operation == "ListAccessPoints":
        assert found == []
    elif operation == "GetAccessPoint":
        assert found[0].controls == {}
    else:
        assert found[0].has_policy is Answer.UNKNOWN


def test_door_closed_after_the_list_leaves_no_record(door: Any, endpoint: Endpoint, account: Accounts) -> None:
    entry = {
        "Name": "gone",
        "NetworkOrigin": "Internet",
        "Bucket": "calls",
        "AccessPointArn": f"arn:aws:s3:{REGION}:{OWN}:accesspoint/gone",
    }
    endpoint.answer("s3control", "ListAccessPoints", {"AccessPointList": [entry]})
    assert collect(account(Facet.ACCESS_POINTS), AccessPoint) == []
    assert {gap.why for gap in collect(account(Facet.ACCESS_POINTS), Gap)} == {Why.VANISHED}


def test_nothing_is_asked_unasked(endpoint: Endpoint, account: Accounts) -> None:
    assert list(access_points.units(account(Facet.POLICY))) == []
