"""The objects of a bucket from its inventory reports: Google's client, the stand-in, and an emulator of objects.

Google publishes no discovery document of Storage Insights: answers and the path are held to its client.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import storageinsights_v1
from google.cloud.storageinsights_v1.services.storage_insights.transports import StorageInsightsRestTransport
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError

from cloudscan.model import Coverage, Gap, MediaObject, Why
from cloudscan.provider import Collected, Facet, ObjectFile, ObjectRows
from cloudscan.tables.objects import ObjectTable
from cloudscan_gcp import buckets
from cloudscan_gcp.accounts import Bucket, ProjectScope
from cloudscan_gcp.reports import places
from cloudscan_gcp.standin.errors import GoogleError
from cloudscan_gcp.standin.server import Endpoint
from cloudscan_gcp.test_buckets import FINE, PLAIN
from cloudscan_gcp.test_inventory import FIELDS, ROWS, manifest, row, shard

Projects = Callable[..., ProjectScope]
CONFIGURATIONS = "/v1/projects/acme-calls/locations/europe-west3/reportConfigs"
NAME = "fc95c52f"
CONFIGURATION = {
    "name": f"projects/123/locations/europe-west3/reportConfigs/{NAME}",
    "objectMetadataReportOptions": {
        "metadataFields": list(FIELDS),
        "storageFilters": {"bucket": "calls"},
        "storageDestinationOptions": {"bucket": "reports", "destinationPath": "inventory/"},
    },
}
TAKEN = "the inventory report of 2024-05-06T00:00:00Z"


def listed(*configurations: dict[str, Any]) -> dict[str, Any]:
    """Return a list of configurations as Google writes it. Raises ParseError for a member that its message lacks."""
    message = storageinsights_v1.ListReportConfigsResponse
    return MessageToDict(ParseDict({"reportConfigs": list(configurations)}, message.pb(message())))


@pytest.fixture
def insights(emulated: Endpoint) -> Endpoint:
    """One configuration, of reports of the bucket ``calls`` in ``reports``; an object that only a list tells."""
    emulated.undocumented(CONFIGURATIONS, listed(CONFIGURATION))
    return emulated


@pytest.fixture
def asked(project: Projects) -> ProjectScope:
    """A project that is to be read from inventory reports, and has the two buckets."""
    made = project(Facet.OBJECTS, Facet.ACL, options={"inventory": True}, versions=True)
    for name in ("calls", "reports"):
        made.clients.storage.create_bucket(name, project="acme-calls")
    put(made, "calls", "only-in-the-list.wav", b"x")
    return made


def put(project: ProjectScope, bucket: str, name: str, data: bytes) -> None:
    project.clients.storage.bucket(bucket).blob(name).upload_from_string(data)


def deliver(project: ProjectScope, day: int = 6, data: bytes | None = None, **changes: Any) -> None:
    """Write a report of one file, as of a day in May 2024."""
    stem = f"{NAME}_2024-05-{day:02}T00:00"
    told: dict[str, Any] = {
        "report_shards_file_names": [f"{stem}_0.csv"],
        "snapshot_time": f"2024-05-{day:02}T00:00:00Z",
    }
    put(project, "reports", f"inventory/{stem}_0.csv", shard(ROWS) if data is None else data)
    put(project, "reports", f"inventory/{stem}_manifest.json", manifest(**told | changes))


def collected(
    project: ProjectScope, target: Path, told: dict[str, Any] = PLAIN
) -> tuple[list[MediaObject], list[Gap], list[Collected]]:
    """Collect a bucket; return its objects, whether read from a report or listed, and its gaps."""
    rows: list[MediaObject] = []
    items: list[Collected] = []
    for item in buckets.collect(project, Bucket("calls", told)):
        items.append(item)
        if isinstance(item, ObjectFile):
            kept = item.path.rename(target / f"{len(items)}.parquet")
            sql = f"SELECT {', '.join(MediaObject._fields)} FROM objects ORDER BY key"  # noqa: S608 - our own names
            rows += [MediaObject(*each) for each in ObjectTable([kept]).query(sql)]
        elif isinstance(item, ObjectRows):
            rows += item.rows
    return rows, [item for item in items if isinstance(item, Gap)], items


def test_the_list_that_is_asked_for_is_the_one_that_googles_client_asks_for(insights: Endpoint) -> None:
    scheme, host = insights.url.split("://")
    way = StorageInsightsRestTransport(host=host, url_scheme=scheme, credentials=AnonymousCredentials())  # type: ignore[no-untyped-call]
    place = CONFIGURATIONS.removeprefix("/v1/").removesuffix("/reportConfigs")
    told = list(storageinsights_v1.StorageInsightsClient(transport=way).list_report_configs(parent=place))
    assert [one.name for one in told] == [CONFIGURATION["name"]]
    assert insights.requests[CONFIGURATIONS.strip("/")] == 1


@pytest.mark.parametrize("configuration", [{"bucket": "calls"}, {"objectMetadataReportOptions": {"bucket": "calls"}}])
def test_a_member_that_google_does_not_have_is_refused(configuration: dict[str, Any]) -> None:
    with pytest.raises(ParseError):
        listed(configuration)


def test_objects_come_from_the_newest_report_and_none_is_listed(
    insights: Endpoint, asked: ProjectScope, tmp_path: Path
) -> None:
    deliver(asked, 5, shard([row("older.wav")]), records_processed=1)
    deliver(asked, 6)
    rows, gaps, items = collected(asked, tmp_path)
    assert sorted(one.key for one in rows) == sorted(each["name"] for each in ROWS)
    assert {one.store for one in rows} == {"gs://calls"}
    assert [(gap.facet, gap.why, gap.detail, gap.since) for gap in gaps] == [
        (
            Facet.OBJECTS,
            Why.LIMIT,
            f"read from {TAKEN}: what changed since is not in it",
            datetime(2024, 5, 4, tzinfo=UTC),
        ),
        (Facet.HEADS, Why.LIMIT, f"{TAKEN} does not tell holds, custom times and keys of objects", None),
    ]
    lines = {line.facet: (line.asked, line.answered, line.limited) for line in items if isinstance(line, Coverage)}
    assert lines[Facet.OBJECTS] == (2, 2, 1)
    assert insights.requests["storage.objects.get"] == 2
    assert insights.requests["storage.objects.list"] == 2
    assert list(tmp_path.glob("cloudscan-*")) == []


def test_lists_of_single_objects_are_a_gap_where_they_count(
    insights: Endpoint, asked: ProjectScope, tmp_path: Path
) -> None:
    deliver(asked)
    _, gaps, _ = collected(asked, tmp_path, FINE | {"acl": []})
    assert Facet.ACL not in {gap.facet for gap in gaps}
    (tmp_path / "more").mkdir()
    _, gaps, _ = collected(asked, tmp_path / "more", FINE | {"acl": [{"entity": "allUsers", "role": "READER"}]})
    assert (Facet.ACL, Why.LIMIT) in {(gap.facet, gap.why) for gap in gaps}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            {"lifecycle": {"rule": [{"action": {"type": "Delete"}, "condition": {"daysSinceCustomTime": 9}}]}},
            "lifecycle rules go by the custom time",
        ),
        ({"defaultEventBasedHold": True}, "objects are held until an event"),
    ],
)
def test_a_bucket_whose_fate_goes_by_what_no_report_tells_is_listed(
    insights: Endpoint, asked: ProjectScope, tmp_path: Path, more: dict[str, Any], words: str
) -> None:
    deliver(asked)
    rows, (gap,), _ = collected(asked, tmp_path, PLAIN | more)
    assert [one.key for one in rows] == ["only-in-the-list.wav"]
    assert (gap.facet, gap.why) == (Facet.INVENTORY, Why.UNSUPPORTED)
    assert words in gap.detail


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (listed(), Why.DISABLED),
        (GoogleError(404, "no such place"), Why.DISABLED),
        (GoogleError(403, "no"), Why.DENIED),
        ({"reportConfigs": 3}, Why.MALFORMED),
        (listed(CONFIGURATION), Why.VANISHED),
    ],
    ids=["none", "not there", "denied", "no list", "no report yet"],
)
def test_a_bucket_without_a_report_to_read_is_listed_and_the_gap_says_why(
    insights: Endpoint, asked: ProjectScope, tmp_path: Path, answer: Any, why: Why
) -> None:
    insights.undocumented(CONFIGURATIONS, answer)
    rows, (gap,), _ = collected(asked, tmp_path)
    assert [one.key for one in rows] == ["only-in-the-list.wav"]
    assert (gap.facet, gap.resource, gap.why) == (Facet.INVENTORY, "gs://calls", why)
    insights.refused.clear()


def test_a_report_that_cannot_be_read_leaves_the_one_before(
    insights: Endpoint, asked: ProjectScope, tmp_path: Path
) -> None:
    deliver(asked, 5)
    deliver(asked, 6, report_config__objectMetadataReportOptions__metadataFields=["name", "size"])
    rows, gaps, _ = collected(asked, tmp_path)
    assert len(rows) == len(ROWS)
    assert "2024-05-05" in gaps[0].detail
    put(asked, "reports", f"inventory/{NAME}_2024-05-05T00:00_manifest.json", b"{")
    rows, gaps, _ = collected(asked, tmp_path)
    assert [one.key for one in rows] == ["only-in-the-list.wav"]
    assert (gaps[0].why, "lacks name or timeDeleted" in gaps[0].detail) == (Why.UNSUPPORTED, True)


def test_files_that_are_missing_cut_or_short_are_gaps(insights: Endpoint, asked: ProjectScope, tmp_path: Path) -> None:
    deliver(asked, 6, shard(ROWS)[:-40])
    rows, gaps, _ = collected(asked, tmp_path)
    assert rows == []
    assert (Facet.OBJECTS, Why.MALFORMED) in {(gap.facet, gap.why) for gap in gaps}
    deliver(asked, 7, report_shards_file_names=["gone.csv"])
    _, gaps, _ = collected(asked, tmp_path)
    assert (Facet.OBJECTS, Why.VANISHED) in {(gap.facet, gap.why) for gap in gaps}
    deliver(asked, 8, records_processed=9)
    _, gaps, _ = collected(asked, tmp_path)
    assert "the manifest counts 9 objects, and its files hold 3" in {gap.detail for gap in gaps}


def test_reports_that_may_not_be_read_are_a_gap(insights: Endpoint, asked: ProjectScope, tmp_path: Path) -> None:
    deliver(asked)
    insights.faults.add("denied", "storage.objects.get")
    rows, (gap,), _ = collected(asked, tmp_path)
    assert [one.key for one in rows] == ["only-in-the-list.wav"]
    assert (gap.facet, gap.why, gap.permission) == (Facet.INVENTORY, Why.DENIED, "storage.objects.get")


def test_one_question_tells_of_all_buckets_of_a_place_and_limits_list(
    insights: Endpoint, asked: ProjectScope, tmp_path: Path
) -> None:
    deliver(asked)
    for _ in range(3):
        collected(asked, tmp_path)
    assert insights.requests[CONFIGURATIONS.strip("/")] == 1
    limited = replace(asked, scope=replace(asked.scope, max_objects=9))
    rows, gaps, _ = collected(limited, tmp_path)
    assert ([one.key for one in rows], gaps) == (["only-in-the-list.wav"], [])


def test_places_are_those_of_the_bucket_alone_and_odd_configurations_have_none() -> None:
    other = json.loads(json.dumps(CONFIGURATION))
    other["objectMetadataReportOptions"]["storageFilters"]["bucket"] = "other"
    bare = json.loads(json.dumps(CONFIGURATION))
    bare["objectMetadataReportOptions"]["storageDestinationOptions"] = {"bucket": "reports"}
    odd = [{}, {"name": 3}, {"objectMetadataReportOptions": []}]
    assert places([CONFIGURATION, other, *odd, bare], "calls") == [  # type: ignore[list-item]
        ("reports", f"{NAME}_"),
        ("reports", f"inventory/{NAME}_"),
    ]
