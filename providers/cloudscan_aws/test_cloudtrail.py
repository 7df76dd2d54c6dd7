"""Which trails record the reads of which buckets: over HTTP, and the selectors one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudscan.model import Answer, Gap, LogSource, Why
from cloudscan.provider import Facet
from cloudscan.testing import run_units
from cloudscan_aws import cloudtrail
from cloudscan_aws.accounts import AccountScope, Bucket
from cloudscan_aws.demo.server import Endpoint

REGION = "eu-central-1"
OWN = "123456789012"
CALLS, OTHER = Bucket("calls", REGION), Bucket("other", REGION)
FAR = Bucket("far", "us-east-1")
OBJECTS = "AWS::S3::Object"
YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN
REFUSALS = pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])

Accounts = Callable[..., AccountScope]
Make = Callable[..., Any]
Reads = cloudtrail.Reads


def collect(account: AccountScope) -> list[Any]:
    return run_units(list(cloudtrail.units(account)))[0]


def sources(records: list[Any]) -> list[LogSource]:
    return [record for record in records if isinstance(record, LogSource)]


def gaps(records: list[Any]) -> list[Gap]:
    return [record for record in records if isinstance(record, Gap)]


def arn(name: str, region: str = REGION) -> str:
    return f"arn:aws:cloudtrail:{region}:{OWN}:trail/{name}"


def basic(*values: str, kind: str = "All", resource: str = OBJECTS) -> dict[str, Any]:
    """Make a basic selector as the answer holds it."""
    resources = [{"Type": resource, "Values": list(values)}]
    return {"ReadWriteType": kind, "IncludeManagementEvents": True, "DataResources": resources}


def field(name: str, **conditions: list[str]) -> dict[str, Any]:
    return {"Field": name, **conditions}


def advanced(*fields: dict[str, Any]) -> dict[str, Any]:
    """Make an advanced selector of S3's data events with further conditions."""
    fixed = (field("eventCategory", Equals=["Data"]), field("resources.type", Equals=[OBJECTS]))
    return {"FieldSelectors": [*fixed, *fields]}


def reads_of(*selectors: dict[str, Any], bucket: str = "calls") -> Reads:
    """Read what selectors record of a bucket."""
    kinds: dict[str, list[dict[str, Any]]] = {"EventSelectors": [], "AdvancedEventSelectors": []}
    for selector in selectors:
        kinds["AdvancedEventSelectors" if "FieldSelectors" in selector else "EventSelectors"].append(selector)
    return cloudtrail.read_selectors(kinds, f"arn:aws:s3:::{bucket}")


def trail(
    client: Make,
    *selectors: dict[str, Any],
    name: str = "reads",
    region: str = REGION,
    on: bool = True,
    wide: bool = False,
) -> None:
    """Make a trail with basic selectors."""
    s3, aws = client("s3", "us-east-1"), client("cloudtrail", region)
    s3.create_bucket(Bucket=f"logs-{name}")
    aws.create_trail(Name=name, S3BucketName=f"logs-{name}", IsMultiRegionTrail=wide)
    if selectors:
        aws.put_event_selectors(TrailName=name, EventSelectors=list(selectors))
    if on:
        aws.start_logging(Name=name)


def test_trail_records_the_buckets_that_it_selects_and_no_other(client: Make, account: Accounts) -> None:
    trail(client, basic("arn:aws:s3:::calls/"))
    records = collect(account(Facet.LOG_SOURCES, buckets=(CALLS, OTHER)))
    assert sources(records) == [
        LogSource("arn:aws:s3:::calls", "aws", OWN, "cloudtrail", arn("reads"), YES),
    ]
    assert gaps(records) == []
    assert (records[-1].facet, records[-1].asked, records[-1].answered) == (Facet.LOG_SOURCES, 3, 3)


def test_trail_that_is_switched_off_records_nothing(client: Make, account: Accounts) -> None:
    trail(client, basic("arn:aws:s3"), on=False)
    found = sources(collect(account(Facet.LOG_SOURCES, buckets=(CALLS,))))
    assert [(source.reads, source.scope) for source in found] == [(NO, "")]


def test_trail_of_one_region_does_not_reach_a_bucket_elsewhere(client: Make, account: Accounts) -> None:
    trail(client, basic("arn:aws:s3"))
    found = sources(collect(account(Facet.LOG_SOURCES, buckets=(CALLS, FAR))))
    assert [source.store for source in found] == [CALLS.id]


def test_trail_of_all_regions_is_told_once_for_each_bucket(endpoint: Endpoint, client: Make, account: Accounts) -> None:
    trail(client, basic("arn:aws:s3"), wide=True)
    found = sources(collect(account(Facet.LOG_SOURCES, buckets=(CALLS, FAR))))
    assert sorted((source.store, source.target, source.reads) for source in found) == [
        (CALLS.id, arn("reads"), YES),
        (FAR.id, arn("reads"), YES),
    ]
    assert endpoint.requests["cloudtrail:GetEventSelectors"] == 1


def test_trail_without_data_events_is_asked_no_further(endpoint: Endpoint, client: Make, account: Accounts) -> None:
    trail(client)
    assert sources(collect(account(Facet.LOG_SOURCES, buckets=(CALLS,)))) == []
    assert endpoint.requests["cloudtrail:GetTrailStatus"] == 0


def test_bucket_of_unknown_region_is_only_covered_by_a_trail_of_all_regions(client: Make, account: Accounts) -> None:
    lost = Bucket("lost")
    trail(client, basic("arn:aws:s3"))
    found = sources(collect(account(Facet.LOG_SOURCES, buckets=(lost,))))
    assert [source.reads for source in found] == [UNKNOWN]
    trail(client, basic("arn:aws:s3"), name="wide", wide=True)
    found = sources(collect(account(Facet.LOG_SOURCES, buckets=(lost,))))
    assert [(source.target, source.reads) for source in found] == [(arn("*"), UNKNOWN), (arn("wide"), YES)]


@REFUSALS
def test_refused_list_leaves_the_buckets_of_that_region_unknown(
    endpoint: Endpoint, client: Make, account: Accounts, kind: Any, why: Why
) -> None:
    trail(client, basic("arn:aws:s3"), region="us-east-1")
    endpoint.faults.add(kind, "cloudtrail", "DescribeTrails", region=REGION)
    records = collect(account(Facet.LOG_SOURCES, buckets=(CALLS, FAR)))
    assert [(source.store, source.target, source.reads) for source in sources(records)] == [
        (CALLS.id, arn("*"), UNKNOWN),
        (FAR.id, arn("reads", "us-east-1"), YES),
    ]
    assert [(gap.resource, gap.region, gap.why, gap.permission) for gap in gaps(records)] == [
        (OWN, REGION, why, "cloudtrail:DescribeTrails")
    ]


@REFUSALS
def test_trail_that_cannot_be_read_leaves_every_bucket_unknown(
    endpoint: Endpoint, client: Make, account: Accounts, kind: Any, why: Why
) -> None:
    trail(client, basic("arn:aws:s3:::calls/"))
    endpoint.faults.add(kind, "cloudtrail", "GetEventSelectors")
    records = collect(account(Facet.LOG_SOURCES, buckets=(CALLS, OTHER)))
    assert [(source.store, source.reads) for source in sources(records)] == [(CALLS.id, UNKNOWN), (OTHER.id, UNKNOWN)]
    assert [(gap.resource, gap.why) for gap in gaps(records)] == [(arn("reads"), why)]


@REFUSALS
def test_trail_of_which_it_is_not_known_whether_it_is_on_proves_nothing(
    endpoint: Endpoint, client: Make, account: Accounts, kind: Any, why: Why
) -> None:
    trail(client, basic("arn:aws:s3"))
    endpoint.faults.add(kind, "cloudtrail", "GetTrailStatus")
    records = collect(account(Facet.LOG_SOURCES, buckets=(CALLS,)))
    assert [source.reads for source in sources(records)] == [UNKNOWN]
    assert [(gap.resource, gap.why) for gap in gaps(records)] == [(arn("reads"), why)]


def test_advanced_selectors_come_over_the_wire_too(client: Make, account: Accounts) -> None:
    trail(client)
    selector = advanced(
        field("readOnly", Equals=["true"]), field("resources.ARN", StartsWith=["arn:aws:s3:::calls/raw/"])
    )
    client("cloudtrail").put_event_selectors(TrailName="reads", AdvancedEventSelectors=[{"Name": "n", **selector}])
    found = sources(collect(account(Facet.LOG_SOURCES, buckets=(CALLS, OTHER))))
    assert [(source.store, source.reads, source.scope) for source in found] == [(CALLS.id, YES, "raw/")]


def test_nothing_is_asked_without_buckets_or_need(account: Accounts) -> None:
    assert list(cloudtrail.units(account(Facet.LOG_SOURCES))) == []
    assert list(cloudtrail.units(account(Facet.JOBS, buckets=(CALLS,)))) == []


@pytest.mark.parametrize(
    ("selectors", "reads"),
    [
        ([basic("arn:aws:s3")], {"": YES}),
        ([basic("arn:aws:s3:::")], {"": YES}),
        ([basic("arn:aws:s3:::calls/")], {"": YES}),
        ([basic("arn:aws:s3:::calls/", kind="ReadOnly")], {"": YES}),
        ([basic("arn:aws:s3:::calls/", kind="WriteOnly")], {"": NO}),
        ([basic("arn:aws:s3:::calls/raw/")], {"raw/": YES}),
        ([basic("arn:aws:s3:::calls/=\u202e\n")], {"=\u202e\n": YES}),
        ([basic("arn:aws:s3:::calls-old/")], {}),
        ([basic("arn:aws:s3:::cal")], {"": UNKNOWN}),
        ([basic("arn:aws:lambda", resource="AWS::Lambda::Function")], {}),
        ([basic()], {}),
        ([basic("arn:aws:s3", kind="WriteOnly"), basic("arn:aws:s3:::calls/raw/")], {"": NO, "raw/": YES}),
        ([basic("arn:aws:s3:::calls/", kind="WriteOnly"), basic("arn:aws:s3:::calls/")], {"": YES}),
        ([basic("arn:aws:s3:::calls/raw/"), basic("arn:aws:s3:::calls/")], {"": YES}),
    ],
)
def test_basic_selectors(selectors: list[dict[str, Any]], reads: Reads) -> None:
    assert reads_of(*selectors) == reads


ROOT = "arn:aws:s3:::calls/"


@pytest.mark.parametrize(
    ("fields", "reads"),
    [
        ([], {"": YES}),
        ([field("readOnly", Equals=["true"])], {"": YES}),
        ([field("readOnly", Equals=["false"])], {"": NO}),
        ([field("eventName", Equals=["GetObject", "PutObject"])], {"": YES}),
        ([field("eventName", Equals=["PutObject"])], {"": NO}),
        ([field("eventName", StartsWith=["Get"])], {"": YES}),
        ([field("eventName", NotEquals=["GetObject"])], {"": NO}),
        ([field("eventName", NotStartsWith=["Put"], NotEndsWith=["Acl"])], {"": YES}),
        ([field("eventName", StartsWith=["Get"], NotEndsWith=["Object"])], {"": NO}),
        ([field("eventSource", Equals=["s3.amazonaws.com"])], {"": YES}),
        ([field("userIdentity.arn", NotEndsWith=["/backup"])], {"": UNKNOWN}),
        ([field("sessionCredentialFromConsole", Equals=["true"])], {"": UNKNOWN}),
        ([field("readOnly", Equals=["false"]), field("userIdentity.arn", Equals=["a"])], {"": NO}),
        ([field("resources.ARN", StartsWith=[ROOT])], {"": YES}),
        ([field("resources.ARN", StartsWith=["arn:aws:s3:::cal"])], {"": YES}),
        ([field("resources.ARN", StartsWith=[f"{ROOT}raw/", f"{ROOT}new/"])], {"raw/": YES, "new/": YES}),
        ([field("resources.ARN", StartsWith=["arn:aws:s3:::other/"])], {}),
        ([field("resources.ARN", Equals=[f"{ROOT}a.wav"])], {"a.wav": UNKNOWN}),
        ([field("resources.ARN", EndsWith=[".wav"])], {"": UNKNOWN}),
        ([field("resources.ARN", NotStartsWith=[ROOT])], {}),
        ([field("resources.ARN", NotStartsWith=["arn:aws:s3:::other/"])], {"": YES}),
        ([field("resources.ARN", NotStartsWith=[f"{ROOT}tmp/"])], {"": UNKNOWN}),
        ([field("resources.ARN", NotEquals=[f"{ROOT}a.wav"])], {"": UNKNOWN}),
        ([field("resources.ARN", NotEndsWith=[".tmp"])], {"": UNKNOWN}),
        ([field("resources.ARN", StartsWith=[f"{ROOT}raw/"], NotStartsWith=[f"{ROOT}tmp/"])], {"raw/": YES}),
        ([field("resources.ARN", StartsWith=[f"{ROOT}raw/"], NotStartsWith=[f"{ROOT}raw/x/"])], {"raw/": UNKNOWN}),
        ([field("resources.ARN", StartsWith=[f"{ROOT}raw/"], NotStartsWith=[f"{ROOT}r"])], {}),
    ],
)
def test_advanced_selectors(fields: list[dict[str, Any]], reads: Reads) -> None:
    assert reads_of(advanced(*fields)) == reads


def test_selectors_of_other_events_concern_no_bucket() -> None:
    management = {"FieldSelectors": [field("eventCategory", Equals=["Management"])]}
    tables = {
        "FieldSelectors": [
            field("eventCategory", Equals=["Data"]),
            field("resources.type", Equals=["AWS::DynamoDB::Table"]),
        ]
    }
    assert reads_of(management, tables) == {}


def test_what_one_selector_leaves_open_another_settles() -> None:
    some = advanced(field("userIdentity.arn", NotEndsWith=["/backup"]))
    assert reads_of(some, advanced()) == {"": YES}
    assert reads_of(advanced(field("readOnly", Equals=["false"])), some) == {"": UNKNOWN}


KEYS = st.text(alphabet="ab/", max_size=4)
CONDITIONS = ("Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith")


def recorded(conditions: dict[str, list[str]], name: str) -> bool:
    """Say whether an event on this ARN passes, by the documentation's words alone."""
    tests: dict[str, Callable[[str], bool]] = {
        "Equals": lambda value: name == value,
        "StartsWith": name.startswith,
        "EndsWith": name.endswith,
    }
    chosen = [tests[kind](value) for kind in tests for value in conditions.get(kind, [])]
    spared = [tests[kind](value) for kind in tests for value in conditions.get(f"Not{kind}", [])]
    return (any(chosen) if chosen else True) and not any(spared)


@given(st.dictionaries(st.sampled_from(CONDITIONS), st.lists(KEYS, min_size=1, max_size=2), min_size=1), KEYS)
def test_no_prefix_promises_what_the_conditions_do_not_record(keys: dict[str, list[str]], key: str) -> None:
    conditions = {
        kind: [value if kind.endswith("EndsWith") else ROOT + value for value in values]
        for kind, values in keys.items()
    }
    reads = reads_of(advanced(field("resources.ARN", **conditions)))
    said = {answer for scope, answer in reads.items() if key.startswith(scope)}
    if YES in said:
        assert recorded(conditions, ROOT + key)
    elif UNKNOWN not in said:
        assert not recorded(conditions, ROOT + key)
