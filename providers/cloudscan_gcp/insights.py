"""Contact Center AI Insights: conversations that were given to it, and what holds for those to come.

It keeps the words of each conversation by itself, beside the recording that it was given. Its API lists no locations;
where it is served, and at which endpoint, is told by "Regionalization" (Conversational Insights documentation).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from cloudscan.model import Answer, Gap, Job, Why
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.parts import items, part, texts, utc
from cloudscan.providing.questions import named
from cloudscan_gcp import units as made
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.locations import location
from cloudscan_gcp.session import PROVIDER, Asker, of_service
from cloudscan_gcp.times import seconds

HOME = "us-central1"
"""The location that the API's global endpoint serves."""
LOCATIONS = (
    HOME,
    "us-east1",
    "us-west1",
    "northamerica-northeast1",
    "us",
    "europe-west1",
    "europe-west2",
    "europe-west3",
    "europe-west4",
    "europe-west6",
    "eu",
    "asia-northeast1",
    "asia-northeast3",
    "asia-south1",
    "asia-southeast1",
    "asia-southeast2",
    "australia-southeast1",
)
MAX_CONVERSATIONS = 10_000
"""Conversations of a location that are looked at: the newest, since that is the order of their list."""
_PAGE = 1000
_ELSEWHERE = ("400", "404")
"""How a location answers that does not serve the project."""
Payload = Mapping[str, Any]


def units(project: ProjectScope) -> Iterator[Unit]:
    """Yield the one unit that asks for conversations, if a check wants jobs."""
    if project.wants(Facet.JOBS):
        yield from made.of_project(project, "insights", collect, requests=len(LOCATIONS))


def collect(project: ProjectScope, asker: Asker) -> Iterator[Collected]:
    """Yield what each location holds; where the API is off in one, it is in all."""
    for place in LOCATIONS:
        for item in _of_location(project, replace(asker, region=place)):
            yield of_service(item) if isinstance(item, Gap) else item
            if isinstance(item, Gap) and item.why is Why.DISABLED:
                return


def _of_location(project: ProjectScope, asker: Asker) -> Iterator[Job | Gap]:
    """Ask for conversations; settings matter where there are any."""
    endpoint = "" if asker.region == HOME else asker.region
    asked: dict[str, Any] = {"facet": Facet.JOBS, "resource": project.id, "location": endpoint}
    found, gap = asker.pages(
        "contactcenterinsights.projects.locations.conversations.list",
        named("v1/projects/{}/locations/{}/conversations", project.id, asker.region),
        "conversations",
        permission="contactcenterinsights.conversations.list",
        query={"pageSize": _PAGE, "view": "BASIC"},
        absent=_ELSEWHERE,
        limit=MAX_CONVERSATIONS,
        **asked,
    )
    yield from (conversation(each, project, asker.region) for each in found if each.get("medium") != "CHAT")
    if isinstance(gap, Gap):
        yield gap
    if not found:
        return
    reply = asker.ask(
        "contactcenterinsights.projects.locations.getSettings",
        named("v1/projects/{}/locations/{}/settings", project.id, asker.region),
        permission="contactcenterinsights.settings.get",
        **asked,
    )
    key = asker.ask(
        "contactcenterinsights.projects.locations.getEncryptionSpec",
        named("v1/projects/{}/locations/{}/encryptionSpec", project.id, asker.region),
        permission="contactcenterinsights.encryptionSpecs.get",
        absent=("404",),
        **asked,
    )
    if isinstance(reply, dict):
        yield settings(reply, key if isinstance(key, dict) else {}, project, asker.region)
    yield from (each for each in (reply, key) if isinstance(each, Gap))


def conversation(told: Payload, project: ProjectScope, region: str) -> Job:
    """Read a conversation, whose words Google keeps until it expires, or for good ("Conversation", Insights API).

    Whether they were redacted on the way in is not told of one: each request could ask for it.
    """
    name = str(told.get("name") or "")
    source = part(told, "dataSource")
    stored, spoken = part(source, "gcsSource"), part(source, "dialogflowSource")
    recordings = [
        *texts(stored, "audioUris"),
        str(stored.get("audioUri") or ""),
        str(spoken.get("audioUri") or ""),
        *(str(turn.get("audioGcsUri") or "") for turn in items(source, "turnLevelAudios")),
    ]
    created, expires = utc(told.get("createTime")), utc(told.get("expireTime"))
    return Job(
        id=name,
        provider=PROVIDER,
        account=project.id,
        region=region,
        kind="call-analytics",
        name=name.rpartition("/")[2],
        created=created,
        inputs=tuple(dict.fromkeys(location(uri) for uri in recordings if uri)),
        output_owner="service",
        retention_hours=(expires - created) // timedelta(hours=1) if created and expires else None,
    )


def settings(told: Payload, key: Payload, project: ProjectScope, region: str) -> Job:
    """Read a location's settings: for how long new conversations are kept, redacted how, and under which key."""
    name = str(told.get("name") or f"projects/{project.id}/locations/{region}/settings")
    kept = seconds(told.get("conversationTtl"))
    return Job(
        id=name,
        provider=PROVIDER,
        account=project.id,
        region=region,
        kind="service-settings",
        name="insights",
        created=utc(told.get("createTime")),
        continuous=True,
        output_owner="service",
        key=str(key.get("kmsKey") or "") or None,
        redaction=Answer.of(bool(part(told, "redactionConfig").get("deidentifyTemplate"))),
        retention_hours=None if kept is None else int(kept // 3600),
    )
