"""The AWS provider as a whole, over HTTP."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from cloudscan.model import Account, Answer, Coverage, Gap, Store, Why
from cloudscan.provider import Facet, Scope
from cloudscan.testing import assert_provider_contract, collect_all, run_units
from cloudscan_aws import AwsProvider
from cloudscan_aws.demo.server import Endpoint
from cloudscan_aws.permissions import actions

REGION = "eu-central-1"
OWN = "123456789012"

Make = Callable[..., Any]
Scopes = Callable[..., Scope]


@pytest.fixture
def estate(client: Make) -> None:
    s3 = client("s3")
    for name in ("calls", "logs"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="calls", Key="a/b.wav", Body=b"x" * 100)
    client("kms").create_key()
    client("iam").create_role(RoleName="reader", AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[]}')


def of(records: list[Any], kind: type) -> list[Any]:
    return [record for record in records if isinstance(record, kind)]


def test_provider_keeps_the_contract(estate: None, scope: Scopes) -> None:
    assert_provider_contract(AwsProvider(), scope())


def test_whole_estate_is_collected_without_a_gap(estate: None, scope: Scopes) -> None:
    records, rows, _ = collect_all(AwsProvider(), scope())
    assert of(records, Gap) == []
    assert [store.name for store in of(records, Store)] == ["calls", "logs"]
    assert [row.key for row in rows] == ["a/b.wav"]
    lines = of(records, Coverage)
    assert sum(line.asked for line in lines) == sum(line.answered for line in lines)


def test_account_tells_its_own_switches(endpoint: Endpoint, client: Make, scope: Scopes) -> None:
    endpoint.answer(
        "s3control",
        "GetPublicAccessBlock",
        {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "RestrictPublicBuckets": True}},
    )
    records, _, _ = collect_all(AwsProvider(), scope(Facet.PUBLIC_ACCESS))
    (account,) = of(records, Account)
    assert (account.id, account.regions) == (OWN, (REGION,))
    assert {name for name, on in account.controls.items() if on is Answer.YES} == {
        "BlockPublicAcls",
        "RestrictPublicBuckets",
    }


def test_switches_that_were_never_set_are_off(endpoint: Endpoint, scope: Scopes) -> None:
    records, _, _ = collect_all(AwsProvider(), scope(Facet.PUBLIC_ACCESS))
    assert set(of(records, Account)[0].controls.values()) == {Answer.NO}


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])
def test_switches_that_are_not_told_are_unknown(endpoint: Endpoint, scope: Scopes, kind: Any, why: Why) -> None:
    endpoint.faults.add(kind, "s3control", "GetPublicAccessBlock")
    records, _, _ = collect_all(AwsProvider(), scope(Facet.PUBLIC_ACCESS))
    assert of(records, Account)[0].controls == {}
    assert [(gap.why, gap.resource, gap.permission) for gap in of(records, Gap)] == [
        (why, OWN, "s3:GetAccountPublicAccessBlock")
    ]


def test_what_planning_could_not_see_is_collected_as_a_gap(endpoint: Endpoint, scope: Scopes) -> None:
    endpoint.faults.add("deny", "s3", "ListBuckets")
    plan = AwsProvider().plan(scope(Facet.STORES))
    assert of(run_units(plan.units)[0], Gap)[0].permission == "s3:ListAllMyBuckets"
    assert of(run_units(plan.units)[0], Gap)[0].permission == "s3:ListAllMyBuckets"


def test_units_of_each_bucket_and_region_have_their_own_keys(estate: None, scope: Scopes) -> None:
    plan = AwsProvider().plan(scope(options={"region": (REGION, "us-east-1")}))
    keys = [unit.key for unit in plan.units]
    assert f"aws/{OWN}/account" in keys
    assert f"aws/{OWN}/s3/calls" in keys
    assert {f"aws/{OWN}/{REGION}/access-points", f"aws/{OWN}/us-east-1/access-points"} <= set(keys)


def test_estimate_grows_with_buckets_and_says_what_it_leaves_out(estate: None, client: Make, scope: Scopes) -> None:
    facets = (Facet.STORES, Facet.POLICY, Facet.OBJECTS)
    small = AwsProvider().plan(scope(*facets, stores=("calls",)))
    whole = AwsProvider().plan(scope(*facets))
    sniffed = AwsProvider().plan(scope(*facets, sniff=1000, heads=3))
    assert whole.requests - small.requests == 2
    assert whole.cost_usd - small.cost_usd == pytest.approx(0.005 / 1000 + 0.0004 / 1000)
    assert (sniffed.requests, sniffed.cost_usd) == (whole.requests, whole.cost_usd)
    assert any("million" in note for note in whole.notes)
    heads = 3 * 30 * 2  # each of two buckets: three classes, current and old, at most five requests an object
    most = f"at most {heads} requests, less than $0.01"
    assert f"metadata of up to 3 objects of each kind in each bucket come on top: {most}" in sniffed.notes
    assert "reads of first bytes come on top: at most 1,000 requests, less than $0.01" in sniffed.notes
    inventory = AwsProvider().plan(scope(*facets, options={"inventory": True}))
    assert not any(note.startswith("every further") for note in inventory.notes)
    assert any(
        note.startswith("a bucket that writes an inventory takes one request for each file") for note in inventory.notes
    )


def test_estimate_is_not_below_what_an_empty_estate_takes(endpoint: Endpoint, estate: None, scope: Scopes) -> None:
    plan = AwsProvider().plan(scope(*(facet for facet in Facet if facet.startswith(("store", "objects")))))
    endpoint.requests.clear()
    run_units([unit for unit in plan.units if "/s3/" in unit.key])
    assert sum(endpoint.requests.values()) <= plan.requests


EMPTY = [tuple(Facet), (Facet.PRINCIPALS,), (Facet.FEDERATIONS, Facet.TRAINING_OPT_OUT), (Facet.LOG_SOURCES,)]


@pytest.mark.parametrize("facets", EMPTY, ids=["all", "principals", "federations", "logs"])
def test_units_that_find_nothing_take_as_many_requests_as_they_say(
    endpoint: Endpoint, client: Make, scope: Scopes, facets: tuple[Facet, ...]
) -> None:
    for region in (REGION, "us-west-2"):
        client("s3", region).create_bucket(
            Bucket=f"calls-{region}", CreateBucketConfiguration={"LocationConstraint": region}
        )
    plan = AwsProvider().plan(scope(*facets, options={"region": (REGION, "us-west-2")}))
    said, took = {}, {}
    for unit in plan.units:
        if "/s3/" not in unit.key:
            endpoint.requests.clear()
            run_units([unit])
            said[unit.key], took[unit.key] = unit.requests, sum(endpoint.requests.values())
    assert said == took
    assert plan.requests == sum(unit.requests for unit in plan.units)


def test_estimate_names_what_it_cannot_count(estate: None, scope: Scopes) -> None:
    (note,) = (note for note in AwsProvider().plan(scope(Facet.JOBS)).notes if note.startswith("not counted"))
    assert "one for each Transcribe job (at most 10,000 of each kind in a region)" in note
    assert "KMS" not in note
    (few,) = (note for note in AwsProvider().plan(scope(Facet.JOBS, options={"max-jobs": "7"})).notes if "most" in note)
    assert "at most 7 of" in few


@pytest.fixture
def everything_denied(endpoint: Endpoint, estate: None, scope: Scopes) -> list[Gap]:
    plan = AwsProvider().plan(scope(options={"region": ()}))
    chosen = {
        unit.key: unit for unit in plan.units if REGION in unit.key or unit.key.count("/") == 2 or "/s3/" in unit.key
    }
    endpoint.faults.add("deny")
    found: list[Gap] = of(run_units(list(chosen.values()))[0], Gap)
    return found


def test_everything_that_was_denied_is_in_the_role(everything_denied: list[Gap]) -> None:
    granted = actions(frozenset(Facet), sniff=True, heads=True)
    assert len(everything_denied) > 25
    assert {gap.permission for gap in everything_denied} <= set(granted)


def test_role_holds_what_the_facets_need_and_no_more() -> None:
    assert actions(frozenset({Facet.POLICY})) == (
        "ec2:DescribeRegions",
        "s3:GetBucketLocation",
        "s3:GetBucketPolicy",
        "s3:ListAllMyBuckets",
    )
    assert actions(frozenset({Facet.PRINCIPALS})) == ("ec2:DescribeRegions", "iam:GetAccountAuthorizationDetails")


def test_role_reads_objects_only_when_asked_to() -> None:
    for facets in (frozenset(Facet), frozenset({Facet.OBJECTS})):
        assert "s3:GetObject" not in actions(facets)
        assert "s3:GetObject" in actions(facets, sniff=True)
        assert "s3:GetObject" in actions(facets, heads=True)


def test_role_reads_lists_of_objects_with_heads_where_a_check_wants_lists() -> None:
    lists = {"s3:GetObjectAcl", "s3:GetObjectVersionAcl"}
    assert lists <= set(actions(frozenset({Facet.ACL}), heads=True))
    assert lists.isdisjoint(actions(frozenset({Facet.ACL}), sniff=True))
    assert lists.isdisjoint(actions(frozenset({Facet.OBJECTS}), heads=True))


def test_role_only_reads() -> None:
    verbs = {action.partition(":")[2] for action in actions(frozenset(Facet), sniff=True, heads=True)}
    assert all(verb.startswith(("Get", "List", "Describe", "BatchGet")) for verb in verbs)


class _Tags(yaml.SafeLoader):
    """Reads CloudFormation's short functions as (name, arguments)."""


def _short(loader: _Tags, suffix: str, node: yaml.Node) -> tuple[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return suffix, loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return suffix, loader.construct_sequence(node, deep=True)
    raise AssertionError(node)


_Tags.add_multi_constructor("!", _short)


def test_template_is_a_role_that_the_scanner_may_take_on() -> None:
    text = AwsProvider().role(frozenset({Facet.POLICY}), sniff=True, heads=False)
    template = yaml.load(text, Loader=_Tags)  # noqa: S506 - a safe loader with tags
    role = template["Resources"]["Scanner"]["Properties"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"AWS": ("Sub", "arn:${AWS::Partition}:iam::${ScannerAccount}:root")}
    assert trust["Condition"] == (
        "If",
        ["HasExternalId", {"StringEquals": {"sts:ExternalId": ("Ref", "ExternalId")}}, ("Ref", "AWS::NoValue")],
    )
    (policy,) = role["Policies"]
    statement, *of_inventories = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == list(actions(frozenset({Facet.POLICY}), sniff=True))
    assert [(condition, absent) for _, (condition, _, absent) in of_inventories] == [
        ("HasInventory", ("Ref", "AWS::NoValue"))
    ] * 2
    assert [(given["Action"], given["Resource"]) for _, (_, given, _) in of_inventories] == [
        ("s3:GetObject", ("Ref", "InventoryFiles")),
        ("s3:GetInventoryConfiguration", "*"),
    ]
    assert set(template["Parameters"]) == {"ScannerAccount", "ExternalId", "InventoryFiles", "RoleName"}


def test_importing_the_provider_imports_no_sdk() -> None:
    code = (
        "import sys, time, cloudscan.provider; began = time.perf_counter(); import cloudscan_aws; "
        "print(time.perf_counter() - began, [name for name in sys.modules if name.startswith(('boto', 'moto'))])"
    )
    seconds, loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split(maxsplit=1)
    assert loaded.strip() == "[]"
    assert float(seconds) < 0.1
