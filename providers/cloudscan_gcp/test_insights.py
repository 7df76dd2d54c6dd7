"""Contact Center AI Insights against Google's wire formats on loopback."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudscan.model import Answer, Gap, Job, Why
from cloudscan.provider import Collected, Facet
from cloudscan_gcp import insights
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.standin.errors import GoogleError
from cloudscan_gcp.standin.server import Endpoint
from cloudscan_gcp.times import seconds

Projects = Callable[..., ProjectScope]
PLACE = "projects/acme-calls/locations/europe-west3"
KEY = f"{PLACE}/keyRings/voice/cryptoKeys/insights"
CALL = {
    "name": f"{PLACE}/conversations/1",
    "medium": "PHONE_CALL",
    "createTime": "2026-01-01T00:00:00Z",
    "expireTime": "2026-01-31T00:00:00Z",
    "dataSource": {
        "gcsSource": {"audioUri": "gs://calls/1.wav", "audioUris": ["gs://calls/1.wav", "gs://calls/2.wav?X-Goog-a=b"]},
        "turnLevelAudios": [{"audioGcsUri": "gs://calls/turn/1.wav"}],
    },
}
BOT = {"name": f"{PLACE}/conversations/2", "dataSource": {"dialogflowSource": {"audioUri": "gs://calls/bot.wav"}}}
CHAT = {"name": f"{PLACE}/conversations/3", "medium": "CHAT"}


@pytest.fixture
def acme(google: Endpoint) -> Endpoint:
    """Conversations in one location, none in the others."""
    google.answer("/v1/projects/acme-calls/locations/*/conversations", {}, api="contactcenterinsights")
    google.pages(f"/v1/{PLACE}/conversations", [CALL, BOT, CHAT], api="contactcenterinsights", largest=2)
    told = {
        "name": f"{PLACE}/settings",
        "conversationTtl": "7776000s",
        "redactionConfig": {"deidentifyTemplate": "projects/acme-calls/deidentifyTemplates/cards"},
    }
    google.answer(f"/v1/{PLACE}/settings", told, api="contactcenterinsights")
    spec = {"name": f"{PLACE}/encryptionSpec", "kmsKey": KEY}
    google.answer(f"/v1/{PLACE}/encryptionSpec", spec, api="contactcenterinsights")
    return google


def collected(project: ProjectScope) -> list[Collected]:
    (unit,) = insights.units(project)
    return list(unit.run())


def of(items: list[Collected], kind: type) -> list[Any]:
    return [item for item in items if isinstance(item, kind)]


def test_conversations_whose_words_google_keeps_and_what_holds_for_new_ones(acme: Endpoint, project: Projects) -> None:
    items = collected(project(Facet.JOBS))
    call, bot, settings = of(items, Job)
    assert call == Job(
        id=f"{PLACE}/conversations/1",
        provider="gcp",
        account="acme-calls",
        region="europe-west3",
        kind="call-analytics",
        name="1",
        created=datetime(2026, 1, 1, tzinfo=UTC),
        inputs=("gs://calls/1.wav", "gs://calls/2.wav", "gs://calls/turn/1.wav"),
        output_owner="service",
        retention_hours=720,
    )
    assert (bot.inputs, bot.retention_hours, bot.redaction) == (("gs://calls/bot.wav",), None, Answer.UNKNOWN)
    assert (settings.kind, settings.key, settings.retention_hours) == ("service-settings", KEY, 2160)
    assert (settings.redaction, settings.continuous) == (Answer.YES, True)
    assert of(items, Gap) == []


def test_every_location_is_asked_at_its_own_endpoint(acme: Endpoint, project: Projects) -> None:
    hosts: list[str] = []

    def told(asked: Any) -> dict[str, Any]:
        hosts.append(asked.headers["host"].removesuffix(".googleapis.com"))
        return {}

    acme.answer("/v1/projects/acme-calls/locations/*/conversations", told, api="contactcenterinsights")
    made = project(Facet.JOBS)
    assert of(collected(made), Job) == []
    assert hosts[0] == "contactcenterinsights"
    assert hosts[1:] == [f"{place}-contactcenterinsights" for place in insights.LOCATIONS[1:]]
    assert made.clients.http.sent["contactcenterinsights"] == len(insights.LOCATIONS)


def test_an_api_that_is_off_is_asked_once(acme: Endpoint, project: Projects) -> None:
    acme.faults.add("disabled", "contactcenterinsights.*")
    (gap,) = of(collected(project(Facet.JOBS)), Gap)
    assert (gap.why, gap.resource) == (Why.DISABLED, "acme-calls/contactcenterinsights")
    assert "gcloud services enable contactcenterinsights.googleapis.com" in gap.detail
    assert acme.requests["contactcenterinsights.projects.locations.conversations.list"] == 1


def test_a_location_that_does_not_serve_the_project_holds_nothing(acme: Endpoint, project: Projects) -> None:
    acme.answer(f"/v1/{PLACE}/conversations", GoogleError(404, "not here"), api="contactcenterinsights")
    items = collected(project(Facet.JOBS))
    assert (of(items, Job), of(items, Gap)) == ([], [])


@pytest.mark.parametrize(
    ("method", "permission"),
    [
        ("conversations.list", "contactcenterinsights.conversations.list"),
        ("getSettings", "contactcenterinsights.settings.get"),
        ("getEncryptionSpec", "contactcenterinsights.encryptionSpecs.get"),
    ],
)
def test_what_is_refused_is_a_gap(acme: Endpoint, project: Projects, method: str, permission: str) -> None:
    acme.faults.add("denied", f"contactcenterinsights.projects.locations.{method}", containing="europe-west3")
    (gap,) = of(collected(project(Facet.JOBS)), Gap)
    assert (gap.region, gap.why, gap.permission) == ("europe-west3", Why.DENIED, permission)


def test_more_than_a_limit_is_told(acme: Endpoint, project: Projects, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(insights, "MAX_CONVERSATIONS", 1)
    items = collected(project(Facet.JOBS))
    assert [job.name for job in of(items, Job)] == ["1", "insights"]
    assert [gap.why for gap in of(items, Gap)] == [Why.LIMIT]


def test_nothing_is_asked_that_no_check_wants(project: Projects) -> None:
    assert list(insights.units(project(Facet.STORES))) == []


@pytest.mark.parametrize(
    ("text", "told"), [("90s", 90.0), ("0.5s", 0.5), ("90", None), ("-1s", None), ("nans", None), (None, None)]
)
def test_durations(text: object, told: float | None) -> None:
    assert seconds(text) == told
