"""Where reads of objects are recorded, against Google's wire formats on loopback."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Answer, Coverage, Gap, LogSource, Why
from cloudscan.provider import Collected, Facet
from cloudscan_gcp import audit, audit_read, hierarchy
from cloudscan_gcp.accounts import Bucket, Node, ProjectScope
from cloudscan_gcp.standin.server import Endpoint

Projects = Callable[..., ProjectScope]
PROJECT, FOLDER, TOP = "projects/acme-calls", "folders/10", "organizations/1"
KEPT = f"logging.googleapis.com/{PROJECT}/locations/global/buckets/_Default"
DEFAULT = " AND ".join(
    f'NOT LOG_ID("{domain}.googleapis.com/{name}")'
    for name in ("activity", "system_event", "access_transparency")
    for domain in ("cloudaudit", "externalaudit")
)
"""The filter of every project's ``_Default`` sink, and after it that of ``_Required``."""
REQUIRED = " OR ".join(f'LOG_ID("cloudaudit.googleapis.com/{name}")' for name in ("activity", "system_event"))
SINK = {"name": "_Default", "destination": KEPT, "filter": DEFAULT}


def reads(*exempt: str, service: str = "storage.googleapis.com", kind: str = "DATA_READ") -> dict[str, Any]:
    log = {"logType": kind} | ({"exemptedMembers": list(exempt)} if exempt else {})
    return {"etag": "ACAB", "auditConfigs": [{"service": service, "auditLogConfigs": [log]}]}


@pytest.fixture
def acme(google: Endpoint) -> Endpoint:
    """A project below a folder and an organization, all of them without a word about audit logs."""
    for node in (PROJECT, FOLDER, TOP):
        google.answer(f"/v3/{node}:getIamPolicy", {"etag": "ACAB"})
        google.pages(f"/v2/{node}/sinks", [])
    required = SINK | {"name": "_Required", "filter": REQUIRED}
    google.pages(f"/v2/{PROJECT}/sinks", [SINK, required], largest=1)
    google.answer(f"/v2/{KEPT.removeprefix('logging.googleapis.com/')}", {"name": "_Default", "retentionDays": 30})
    return google


@pytest.fixture
def calls(project: Projects) -> ProjectScope:
    made = project(Facet.LOG_SOURCES)
    return replace(made, parents=(TOP, FOLDER), buckets=(Bucket("calls", {}), Bucket("texts", {})))


def collected(project: ProjectScope) -> list[Collected]:
    (unit,) = audit.units(project)
    return list(unit.run())


def of(items: list[Collected], kind: type) -> list[Any]:
    return [item for item in items if isinstance(item, kind)]


def test_reads_are_recorded_where_any_level_turns_it_on(acme: Endpoint, calls: ProjectScope) -> None:
    acme.answer(f"/v3/{TOP}:getIamPolicy", reads("user:root@example.com", service="allServices"))
    acme.answer(f"/v3/{PROJECT}:getIamPolicy", reads("serviceAccount:scribe@x.iam.gserviceaccount.com"))
    items = collected(calls)
    assert of(items, LogSource)[0] == LogSource(
        store="gs://calls",
        provider="gcp",
        account="acme-calls",
        kind="data-access-log",
        target=KEPT,
        reads=Answer.YES,
        exempt=(
            "serviceAccount:scribe@x.iam.gserviceaccount.com",
            "user:root@example.com",
            ANYONE,
            ANYONE_SIGNED_IN,
        ),
        retention_days=30,
        locked=Answer.NO,
    )
    assert [source.store for source in of(items, LogSource)] == ["gs://calls", "gs://texts"]
    assert of(items, Gap) == []
    assert of(items, Coverage) == [Coverage("gcp", "acme-calls", Facet.LOG_SOURCES, 7, 7)]


def test_by_default_no_read_is_recorded_and_no_sink_is_asked(acme: Endpoint, calls: ProjectScope) -> None:
    for policy in ({}, reads(kind="DATA_WRITE"), reads(service="pubsub.googleapis.com")):
        acme.answer(f"/v3/{FOLDER}:getIamPolicy", policy)
        fresh = replace(calls, clients=replace(calls.clients, shared=type(calls.clients.shared)()))
        items = collected(fresh)
        assert of(items, LogSource) == []
        assert of(items, Gap) == []
        assert of(items, Coverage) == [Coverage("gcp", "acme-calls", Facet.LOG_SOURCES, 3, 3)]
    assert not [name for name in acme.requests if name.startswith("logging.")]


def test_a_level_that_may_not_be_read_may_have_turned_it_on(acme: Endpoint, calls: ProjectScope) -> None:
    acme.faults.add("denied", "cloudresourcemanager.organizations.getIamPolicy")
    items = collected(calls)
    assert {source.reads for source in of(items, LogSource)} == {Answer.UNKNOWN}
    (gap,) = of(items, Gap)
    assert (gap.account, gap.facet, gap.resource) == ("acme-calls", Facet.LOG_SOURCES, "acme-calls")
    assert (gap.why, gap.permission) == (Why.DENIED, "resourcemanager.organizations.getIamPolicy")
    assert "--organization=1" in gap.detail


def test_what_is_not_known_of_the_levels_above_is_told(acme: Endpoint, calls: ProjectScope) -> None:
    items = collected(replace(calls, parents=None))
    assert {source.reads for source in of(items, LogSource)} == {Answer.UNKNOWN}
    assert [(gap.resource, gap.why) for gap in of(items, Gap)] == [("acme-calls", Why.ERROR)]
    acme.answer(f"/v3/{PROJECT}:getIamPolicy", reads())
    fresh = replace(calls, parents=None, clients=replace(calls.clients, shared=type(calls.clients.shared)()))
    assert {source.reads for source in of(collected(fresh), LogSource)} == {Answer.YES}


def test_levels_above_are_asked_once_for_all_projects_and_for_all_questions(
    acme: Endpoint, calls: ProjectScope
) -> None:
    acme.answer(f"/v3/{TOP}:getIamPolicy", reads())
    acme.answer("/v3/projects/other:getIamPolicy", {"etag": "ACAB"})
    acme.pages("/v2/projects/other/sinks", [SINK])
    acme.fresh(PROJECT, FOLDER, TOP)
    collected(calls)
    items = collected(replace(calls, id="other", number="9"))
    assert {(source.account, source.reads) for source in of(items, LogSource)} == {("other", Answer.YES)}
    wanted = replace(calls.scope, facets=frozenset({Facet.ORGANIZATION}))
    (unit,) = hierarchy.units_above(Node(FOLDER, calls.clients, wanted, (TOP,)))
    items = list(unit.run())
    assert of(items, Coverage) == [Coverage("gcp", FOLDER, Facet.ORGANIZATION, 3, 3)]
    for kind, times in (("organizations", 1), ("folders", 1), ("projects", 2)):
        assert acme.requests[f"cloudresourcemanager.{kind}.getIamPolicy"] == times
    for kind, times in (("organizations", 1), ("folders", 1), ("projects", 3)):  # one list has two pages
        assert acme.requests[f"logging.{kind}.sinks.list"] == times
    assert acme.requests["logging.projects.locations.buckets.get"] == 1


def test_without_a_sink_that_passes_them_on_they_are_recorded_nowhere(acme: Endpoint, calls: ProjectScope) -> None:
    acme.answer(f"/v3/{PROJECT}:getIamPolicy", reads())
    out = {"name": "no reads", "filter": 'LOG_ID("cloudaudit.googleapis.com/data_access")'}
    acme.pages(f"/v2/{PROJECT}/sinks", [SINK | {"exclusions": [out]}, SINK | {"disabled": True}])
    acme.pages(f"/v2/{TOP}/sinks", [SINK])
    items = collected(calls)
    assert of(items, LogSource) == []
    assert of(items, Gap) == []


def test_sinks_that_may_not_be_listed_are_a_gap(acme: Endpoint, calls: ProjectScope) -> None:
    acme.answer(f"/v3/{PROJECT}:getIamPolicy", reads())
    acme.faults.add("denied", "logging.folders.sinks.list")
    items = collected(calls)
    assert {source.reads for source in of(items, LogSource)} == {Answer.YES}
    (gap,) = of(items, Gap)
    assert (gap.account, gap.resource, gap.why) == ("acme-calls", "acme-calls", Why.DENIED)
    assert gap.permission == "logging.sinks.list"


def test_a_sink_of_the_organization_takes_the_reads_of_its_projects_elsewhere(
    acme: Endpoint, calls: ProjectScope
) -> None:
    acme.answer(f"/v3/{PROJECT}:getIamPolicy", reads())
    sink = {"name": "all", "destination": "storage.googleapis.com/acme-audit", "includeChildren": True}
    acme.pages(f"/v2/{TOP}/sinks", [sink | {"filter": 'logName:"data_access"'}])
    items = of(collected(calls), LogSource)
    assert {(source.target, source.reads) for source in items} == {
        ("gs://acme-audit", Answer.YES),
        (KEPT, Answer.YES),
    }
    acme.pages(f"/v2/{TOP}/sinks", [sink | {"interceptChildren": True}])
    fresh = replace(calls, clients=replace(calls.clients, shared=type(calls.clients.shared)()))
    items = of(collected(fresh), LogSource)
    assert {(source.target, source.reads, source.retention_days) for source in items} == {
        ("gs://acme-audit", Answer.YES, None),
        (KEPT, Answer.UNKNOWN, 30),
    }


def test_a_log_bucket_tells_how_long_it_keeps_and_whether_that_is_locked(acme: Endpoint, calls: ProjectScope) -> None:
    acme.answer(f"/v3/{PROJECT}:getIamPolicy", reads())
    central = "logging.googleapis.com/projects/central/locations/eu/buckets/audit"
    acme.pages(f"/v2/{PROJECT}/sinks", [SINK | {"destination": central}])
    told = {"name": "audit", "retentionDays": 400, "locked": True}
    acme.answer("/v2/projects/central/locations/eu/buckets/audit", told)
    source = of(collected(calls), LogSource)[0]
    assert (source.target, source.retention_days, source.locked) == (central, 400, Answer.YES)


def test_one_that_may_not_be_read_leaves_that_open(acme: Endpoint, calls: ProjectScope) -> None:
    acme.answer(f"/v3/{PROJECT}:getIamPolicy", reads())
    acme.faults.add("denied", "logging.projects.locations.buckets.get")
    items = collected(calls)
    assert {(s.reads, s.retention_days, s.locked) for s in of(items, LogSource)} == {(Answer.YES, None, Answer.UNKNOWN)}
    (gap,) = of(items, Gap)
    assert (gap.resource, gap.permission) == (KEPT, "logging.buckets.get")


def test_a_project_without_buckets_is_not_asked(calls: ProjectScope, project: Projects) -> None:
    assert list(audit.units(replace(calls, buckets=()))) == []
    assert list(audit.units(replace(calls, scope=project(Facet.STORES).scope))) == []


DATA = "cloudaudit.googleapis.com%2Fdata_access"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("", Answer.YES),
        (DEFAULT, Answer.YES),
        (REQUIRED, Answer.NO),
        ('LOG_ID("cloudaudit.googleapis.com/data_access")', Answer.YES),
        ('-log_id("cloudaudit.googleapis.com/data_access")', Answer.NO),
        (f'{REQUIRED} OR LOG_ID("cloudaudit.googleapis.com/data_access")', Answer.YES),
        (f'logName="projects/acme-calls/logs/{DATA}"', Answer.UNKNOWN),
        (f'logName:"projects/acme-calls/logs/{DATA}"', Answer.UNKNOWN),
        ('logName="projects/acme-calls/logs/syslog"', Answer.NO),
        ('logName:"cloudaudit.googleapis.com"', Answer.YES),
        ('logName:"activity"', Answer.NO),
        (f'logName:"{DATA}"\nresource.type="gcs_bucket"', Answer.YES),
        ('resource.type="gce_instance"', Answer.NO),
        ('resource.type!="gcs_bucket"', Answer.NO),
        ('protoPayload.methodName:"storage.objects"', Answer.YES),
        ('protoPayload.methodName="storage.objects.delete"', Answer.NO),
        ("severity>=ERROR", Answer.UNKNOWN),
        ('resource.type="gce_instance" AND severity>=ERROR', Answer.NO),
        ('resource.labels.bucket_name="calls"', Answer.UNKNOWN),
        ("sample(insertId, 0.1)", Answer.UNKNOWN),
        ('NOT (resource.type="gcs_bucket")', Answer.UNKNOWN),
        ('resource.type="gcs_bucket" AND severity=INFO OR severity=ERROR', Answer.UNKNOWN),
    ],
)
def test_what_a_filter_lets_through(text: str, answer: Answer) -> None:
    assert audit_read.matches(text) is answer
