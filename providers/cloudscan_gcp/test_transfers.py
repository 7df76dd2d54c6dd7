"""Transfer jobs, whose answers are held to Google's discovery document."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudscan.model import Answer, Coverage, Gap, Job, Why
from cloudscan.provider import Facet
from cloudscan_gcp import transfers
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.standin.server import Endpoint
from cloudscan_gcp.test_planning import of

PATH = "/v1/transferJobs"
A, B = {"bucketName": "a"}, {"bucketName": "b"}
Projects = Callable[..., ProjectScope]


def copying(source: str = "calls", sink: str = "copies", **more: Any) -> dict[str, Any]:
    spec = {"gcsDataSource": {"bucketName": source, "path": "raw/"}, "gcsDataSink": {"bucketName": sink}}
    return {"name": "transferJobs/1", "status": "ENABLED", "transferSpec": spec} | more


def collected(project: ProjectScope) -> list[Any]:
    return [item for unit in transfers.units(project) for item in unit.run()]


def test_jobs_tell_from_where_to_where_they_copy(google: Endpoint, project: Projects) -> None:
    asked: list[str] = []

    def give(request: Any) -> dict[str, Any]:
        asked.append(request.query["filter"])
        return {"transferJobs": [copying(creationTime="2026-01-01T00:00:00Z")]} if len(asked) == 1 else {}

    google.answer(PATH, give)
    job, coverage = collected(project(Facet.BACKUPS))
    assert job == Job(
        id="projects/acme-calls/transferJobs/1",
        provider="gcp",
        account="acme-calls",
        region="global",
        kind="transfer",
        name="transferJobs/1",
        status="ENABLED",
        created=datetime(2026, 1, 1, tzinfo=UTC),
        continuous=True,
        inputs=("gs://calls/raw",),
        outputs=("gs://copies",),
        output_owner="customer",
        mirrors=Answer.NO,
    )
    assert coverage == Coverage("gcp", "acme-calls", Facet.BACKUPS, 2, 2)
    assert asked == [
        '{"projectId":"acme-calls"}',
        '{"projectId":"acme-calls","dataBackend":"QUERY_REPLICATION_CONFIGS"}',
    ]


@pytest.mark.parametrize(
    ("told", "outputs"),
    [
        (copying(status="DELETED"), ["gs://copies"]),
        (
            {"name": "r", "replicationSpec": {"gcsDataSource": A, "gcsDataSink": B}},
            ["gs://b"],
        ),
        (copying(transferSpec={"gcsDataSource": A, "posixDataSink": {"rootDirectory": "/x"}}), ["file:///x"]),
        (copying(transferSpec={"httpDataSource": {"listUrl": "https://x"}, "gcsDataSink": B}), []),
    ],
)  # fmt: skip
def test_where_jobs_copy_to(google: Endpoint, project: Projects, told: dict[str, Any], outputs: list[str]) -> None:
    google.pages(PATH, [told])
    assert [out for job in of(collected(project(Facet.BACKUPS)), Job) for out in job.outputs] == outputs * 2


def test_a_job_may_delete_what_its_source_has_lost(google: Endpoint, project: Projects) -> None:
    spec = {"gcsDataSource": A, "gcsDataSink": B, "transferOptions": {"deleteObjectsUniqueInSink": True}}
    google.pages(PATH, [copying(transferSpec=spec)])
    assert {job.mirrors for job in of(collected(project(Facet.BACKUPS)), Job)} == {Answer.YES}


def test_a_job_of_which_nobody_knows_where_it_copies_to_is_told(google: Endpoint, project: Projects) -> None:
    google.pages(PATH, [copying(transferSpec={"gcsDataSource": A})])
    assert [job.outputs for job in of(collected(project(Facet.BACKUPS)), Job)] == [(), ()]


@pytest.mark.parametrize(
    "told",
    [
        {"transferSpec": {"gcsDataSource": A, "gcsDataSink": B}},
        {"name": "r", "transferSpec": {"gcsDataSource": {}, "gcsDataSink": B}},
        {"name": "r", "replicationSpec": {"gcsDataSink": B}},
    ],
)
def test_a_job_that_tells_less_is_a_gap(google: Endpoint, project: Projects, told: dict[str, Any]) -> None:
    google.pages(PATH, [told, copying()])
    items = collected(project(Facet.BACKUPS))
    assert [gap.why for gap in of(items, Gap)] == [Why.MALFORMED] * 2
    assert len(of(items, Job)) == 2


def test_they_tell_of_replication_and_of_backups(google: Endpoint, project: Projects) -> None:
    google.pages(PATH, [])
    both = {Facet.BACKUPS: (2, 2), Facet.REPLICATION: (2, 2)}
    lines = of(collected(project(*both)), Coverage)
    assert {Facet(line.facet): (line.asked, line.answered) for line in lines} == both
    google.faults.add("denied", "storagetransfer.transferJobs.list")
    items = collected(project(*both))
    assert [gap.facet for gap in of(items, Gap)] == [Facet.REPLICATION, Facet.BACKUPS] * 2
    assert [line.answered for line in of(items, Coverage)] == [0, 0]
    assert of(collected(project(Facet.REPLICATION)), Gap)[0].facet == Facet.REPLICATION


def test_jobs_that_may_not_be_listed_are_a_gap(google: Endpoint, project: Projects) -> None:
    google.faults.add("denied", "storagetransfer.transferJobs.list")
    first, _ = of(collected(project(Facet.BACKUPS)), Gap)
    assert (first.facet, first.why, first.resource) == (Facet.BACKUPS, Why.DENIED, "acme-calls")
    assert first.permission == "storagetransfer.jobs.list"


def test_a_service_that_was_never_turned_on_copied_nothing(google: Endpoint, project: Projects) -> None:
    google.faults.add("disabled", "storagetransfer.transferJobs.list")
    (coverage,) = collected(project(Facet.BACKUPS))
    assert (coverage.asked, coverage.answered) == (2, 2)


def test_they_are_asked_for_only_where_backups_are_wanted(project: Projects) -> None:
    assert list(transfers.units(project(Facet.STORES))) == []
