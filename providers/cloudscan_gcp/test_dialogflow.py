"""Dialogflow agents against Google's wire formats on loopback."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cloudscan.model import Answer, Gap, Job, Why
from cloudscan.provider import Collected, Facet
from cloudscan_gcp import dialogflow
from cloudscan_gcp.accounts import Bucket, ProjectScope
from cloudscan_gcp.standin.errors import GoogleError
from cloudscan_gcp.standin.server import Endpoint

Projects = Callable[..., ProjectScope]
PLACE = "projects/acme-calls/locations/europe-west3"
AGENT = f"{PLACE}/agents/0a"
RULES = f"{PLACE}/securitySettings/strict"
EXPORTS = {"audioExportGcsDestination": {"uri": "gs://voices/bot?X-Goog-Signature=s3cret"}}


@pytest.fixture
def acme(google: Endpoint) -> Endpoint:
    """Two locations without an agent, and no agent of the first edition."""
    places = [{"locationId": "global"}, {"locationId": "europe-west3"}]
    google.pages("/v3/projects/acme-calls/locations", places, api="dialogflow", largest=1)
    for place in ("global", "europe-west3"):
        google.pages(f"/v3/projects/acme-calls/locations/{place}/agents", [])
    google.answer("/v2/projects/acme-calls/agent", GoogleError(404, "no agent"), api="dialogflow")
    return google


def agent(acme: Endpoint, *, flows: tuple[dict[str, Any], ...] = (), rules: Any = None, **told: Any) -> None:
    named = {"securitySettings": RULES} if rules is not None else {}
    acme.pages(f"/v3/{PLACE}/agents", [{"name": AGENT, "displayName": "Reception", **named, **told}])
    acme.pages(f"/v3/{AGENT}/flows", list(flows))
    acme.pages(f"/v3/{PLACE}/securitySettings", [{"name": RULES, **(rules or {})}])


def collected(project: ProjectScope) -> list[Collected]:
    (unit,) = dialogflow.units(project)
    return list(unit.run())


def of(items: list[Collected], kind: type) -> list[Any]:
    return [item for item in items if isinstance(item, kind)]


def test_an_agent_exports_audio_as_itself_and_by_flow(acme: Endpoint, project: Projects) -> None:
    other = {"name": f"{AGENT}/flows/1", "advancedSettings": {"audioExportGcsDestination": {"uri": "gs://more/flow/"}}}
    agent(acme, advancedSettings=EXPORTS, flows=(other,))
    own = replace(project(Facet.JOBS), buckets=(Bucket("voices", {}), Bucket("more", {})))
    assert of(collected(own), Job) == [
        Job(
            id=f"{AGENT}/audio",
            provider="gcp",
            account="acme-calls",
            region="europe-west3",
            kind="call-recording",
            name="Reception audio",
            continuous=True,
            outputs=("gs://voices/bot", "gs://more/flow/"),
            output_owner="customer",
            output_store_account="acme-calls",
            redaction=Answer.NO,
        )
    ]


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({}, Answer.NO),
        ({"redactionStrategy": "REDACT_WITH_SERVICE"}, Answer.YES),
    ],
)
def test_security_settings_export_it_too(
    acme: Endpoint, project: Projects, rules: dict[str, Any], told: Answer
) -> None:
    export = {"gcsBucket": "voices", "enableAudioRedaction": True}
    agent(acme, rules={"audioExportSettings": export, **rules})
    (job,) = of(collected(project(Facet.JOBS)), Job)
    assert (job.id, job.kind, job.outputs) == (f"{AGENT}/security", "call-recording", ("gs://voices",))
    assert (job.redaction, job.output_store_account, job.retention_hours) == (told, None, None)


LOGS = {"loggingSettings": {"enableInteractionLogging": True}}


@pytest.mark.parametrize(
    ("rules", "hours", "redaction"),
    [
        (None, 365 * 24, Answer.NO),
        ({"retentionWindowDays": 30, "redactionStrategy": "REDACT_WITH_SERVICE"}, 30 * 24, Answer.YES),
        ({"retentionWindowDays": 0}, 365 * 24, Answer.NO),
        ({"retentionWindowDays": 9000}, 365 * 24, Answer.NO),
        ({"retentionStrategy": "REMOVE_AFTER_CONVERSATION", "audioExportSettings": {"gcsBucket": "x"}}, 0, Answer.NO),
    ],
)
def test_what_is_said_is_kept_by_google_for_as_long_as_is_set(
    acme: Endpoint, project: Projects, rules: dict[str, Any] | None, hours: int, redaction: Answer
) -> None:
    agent(acme, advancedSettings=LOGS, rules=rules)
    (job,) = of(collected(project(Facet.JOBS)), Job)
    assert (job.id, job.kind, job.output_owner) == (f"{AGENT}/conversations", "conversation-log", "service")
    assert (job.retention_hours, job.redaction, job.outputs) == (hours, redaction, ())


def test_security_settings_that_were_not_told_leave_that_open(acme: Endpoint, project: Projects) -> None:
    agent(acme, advancedSettings=LOGS, rules={})
    acme.faults.add("denied", "dialogflow.projects.locations.securitySettings.list")
    items = collected(project(Facet.JOBS))
    (job,) = of(items, Job)
    assert (job.retention_hours, job.redaction) == (None, Answer.UNKNOWN)
    (gap,) = of(items, Gap)
    assert (gap.resource, gap.region, gap.permission) == (
        "acme-calls",
        "europe-west3",
        "dialogflow.securitySettings.list",
    )


def test_an_agent_that_keeps_nothing_is_no_job_and_has_three_questions(acme: Endpoint, project: Projects) -> None:
    agent(acme, advancedSettings={"loggingSettings": {}})
    items = collected(project(Facet.JOBS))
    assert (of(items, Job), of(items, Gap)) == ([], [])
    # a token, two pages of locations, the agents of each, the flows of one, the agent of the first edition
    assert acme.requests.total() == 1 + 2 + 2 + 1 + 1


def test_a_flow_that_logs_does_so_for_its_agent(acme: Endpoint, project: Projects) -> None:
    agent(acme, flows=({"name": f"{AGENT}/flows/1", "advancedSettings": LOGS},))
    assert [job.kind for job in of(collected(project(Facet.JOBS)), Job)] == ["conversation-log"]


def test_the_agent_of_the_first_edition_logs_or_does_not(acme: Endpoint, project: Projects) -> None:
    for logs, kinds in ((True, ["conversation-log"]), (False, [])):
        told = {"parent": "projects/acme-calls", "displayName": "Old", "enableLogging": logs}
        acme.answer("/v2/projects/acme-calls/agent", told, api="dialogflow")
        assert [job.kind for job in of(collected(project(Facet.JOBS)), Job)] == kinds


@pytest.mark.parametrize("method", ["locations.list", "locations.agents.list"])
def test_an_api_that_is_off_is_asked_no_further(acme: Endpoint, project: Projects, method: str) -> None:
    acme.faults.add("disabled", f"dialogflow.projects.{method}")
    (gap,) = of(collected(project(Facet.JOBS)), Gap)
    assert (gap.why, gap.resource) == (Why.DISABLED, "acme-calls/dialogflow")
    assert "gcloud services enable dialogflow.googleapis.com" in gap.detail
    assert acme.requests["dialogflow.projects.getAgent"] == 0


@pytest.mark.parametrize(
    "method", ["locations.list", "locations.agents.list", "locations.agents.flows.list", "getAgent"]
)
def test_what_is_refused_is_a_gap(acme: Endpoint, project: Projects, method: str) -> None:
    agent(acme)
    acme.faults.add("denied", f"dialogflow.projects.{method}")
    found = of(collected(project(Facet.JOBS)), Gap)
    assert {(gap.resource, gap.why) for gap in found} == {("acme-calls", Why.DENIED)}
    named = {gap.permission for gap in found} - {None}
    assert all(name.startswith("dialogflow.") for name in named)
    assert bool(named) is (method != "locations.list")  # no permission is known to be asked for the list of places


def test_nothing_is_asked_that_no_check_wants(project: Projects) -> None:
    assert list(dialogflow.units(project(Facet.STORES))) == []
