"""Dialogflow CX: agents that talk with callers, where they export what was spoken, and what they keep of it.

Audio leaves an agent by two ways that know nothing of each other: the agent's settings, which each flow may override,
and its security settings ("Audio export", Dialogflow CX). What is said is kept as text where logging is on.
An agent of Dialogflow ES has no such settings but whether it logs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cloudscan.model import Answer, Gap, Job, Why
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.parts import part
from cloudscan.providing.questions import named
from cloudscan_gcp import units as made
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.locations import location
from cloudscan_gcp.session import PROVIDER, Asker, of_service

LONGEST_DAYS = 365
"""For how many days conversations are kept where nothing else is set, and no setting makes it longer
("SecuritySettings", Dialogflow CX API)."""
_GLOBAL = "global"
Payload = Mapping[str, Any]


def units(project: ProjectScope) -> Iterator[Unit]:
    """Yield the one unit that asks for agents, if a check wants jobs."""
    if project.wants(Facet.JOBS):
        yield from made.of_project(project, "dialogflow", collect, requests=2)


def collect(project: ProjectScope, asker: Asker) -> Iterator[Collected]:
    """Yield what the agents of all locations export and keep."""
    asked: dict[str, Any] = {"facet": Facet.JOBS, "resource": project.id}
    places, gap = asker.pages(
        "dialogflow.projects.locations.list",
        named("v3/projects/{}/locations", project.id),
        "locations",
        permission="",  # "Dialogflow roles and permissions" has none for places
        **asked,
    )
    if isinstance(gap, Gap):
        yield of_service(gap)
        if gap.why is Why.DISABLED:
            return
    for place in (str(each.get("locationId") or "") for each in places):
        for item in _of_location(project, replace(asker, region=place)):
            yield of_service(item) if isinstance(item, Gap) else item
            if isinstance(item, Gap) and item.why is Why.DISABLED:
                return
    reply = asker.ask(
        "dialogflow.projects.getAgent",
        named("v2/projects/{}/agent", project.id),
        permission="dialogflow.agents.get",
        absent=("404",),
        **asked,
    )
    if isinstance(reply, Gap):
        yield reply
    elif isinstance(reply, dict) and reply.get("enableLogging") is True:
        yield _first_edition(reply, project)


def _of_location(project: ProjectScope, asker: Asker) -> Iterator[Job | Gap]:
    """Ask a location for its agents, and for the security settings that they name, if any does."""
    asked: dict[str, Any] = {
        "facet": Facet.JOBS,
        "resource": project.id,
        "location": "" if asker.region == _GLOBAL else asker.region,
    }
    place = named("v3/projects/{}/locations/{}", project.id, asker.region)
    agents, gap = asker.pages(
        "dialogflow.projects.locations.agents.list",
        f"{place}/agents",
        "agents",
        permission="dialogflow.agents.list",
        query={"pageSize": 1000},
        **asked,
    )
    security: list[dict[str, Any]] = []
    refused = None
    if any(agent.get("securitySettings") for agent in agents):
        security, refused = asker.pages(
            "dialogflow.projects.locations.securitySettings.list",
            f"{place}/securitySettings",
            "securitySettings",
            permission="dialogflow.securitySettings.list",
            query={"pageSize": 100},
            **asked,
        )
    told = {str(each.get("name") or ""): each for each in security}
    for agent in agents:
        flows, missing = asker.pages(
            "dialogflow.projects.locations.agents.flows.list",
            f"{place}/agents/{named('{}', str(agent.get('name') or '').rpartition('/')[2])}/flows",
            "flows",
            permission="dialogflow.flows.list",
            query={"pageSize": 100},
            **asked,
        )
        yield from Agent(agent, told, project, asker.region).jobs(flows)
        if isinstance(missing, Gap):
            yield missing
    yield from (each for each in (gap, refused) if isinstance(each, Gap))


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent, and the security settings of its location by name, as they were told."""

    told: Payload
    security: Mapping[str, Payload]
    project: ProjectScope
    region: str

    @property
    def name(self) -> str:
        """Its full name."""
        return str(self.told.get("name") or "")

    @property
    def rules(self) -> Payload | None:
        """Its security settings, empty where it has none, None where they were not told."""
        named_ones = self.told.get("securitySettings")
        return self.security.get(str(named_ones)) if named_ones else {}

    def jobs(self, flows: list[dict[str, Any]]) -> Iterator[Job]:
        """Yield where audio goes and what is kept as text. Nothing set is no job."""
        places = [self.told, *flows]
        exported = [part(each, "advancedSettings", "audioExportGcsDestination").get("uri") for each in places]
        if uris := [str(uri) for uri in exported if uri]:
            yield self._job("audio", "call-recording", uris, redaction=Answer.NO)
        rules = self.rules or {}
        if (bucket := part(rules, "audioExportSettings").get("gcsBucket")) and not _forgets(rules):
            redacts = part(rules, "audioExportSettings").get("enableAudioRedaction") is True
            uri = f"gs://{str(bucket).removeprefix('gs://')}"
            yield self._job("security", "call-recording", [uri], redaction=Answer.of(redacts and _redacts(rules)))
        if any(_logs(each) for each in places):
            yield self._job("conversations", "conversation-log", [], redaction=self._redaction())

    def _job(self, part_of: str, kind: str, uris: list[str], *, redaction: Answer) -> Job:
        own = {bucket.id for bucket in self.project.buckets}
        outputs = tuple(dict.fromkeys(map(location, uris)))
        known = bool(outputs) and all("/".join(place.split("/", 3)[:3]) in own for place in outputs)
        return Job(
            id=f"{self.name}/{part_of}",
            provider=PROVIDER,
            account=self.project.id,
            region=self.region,
            kind=kind,
            name=f"{self.told.get('displayName') or self.name.rpartition('/')[2]} {part_of}",
            continuous=True,
            outputs=outputs,
            output_owner="customer" if outputs else "service",
            output_store_account=self.project.id if known else None,
            redaction=redaction,
            retention_hours=None if outputs else self._kept(),
        )

    def _redaction(self) -> Answer:
        return Answer.UNKNOWN if self.rules is None else Answer.of(_redacts(self.rules))

    def _kept(self) -> int | None:
        """Return for how long Google keeps conversations; None where that was not told."""
        if self.rules is None:
            return None
        days = self.rules.get("retentionWindowDays")
        kept = days if isinstance(days, int) and 0 < days < LONGEST_DAYS else LONGEST_DAYS
        return 0 if _forgets(self.rules) else 24 * kept


def _logs(told: Payload) -> bool:
    """Say whether an agent, or a flow that overrides it, keeps what is said, here or in Cloud Logging."""
    logging = part(told, "advancedSettings", "loggingSettings")
    words = ("enableInteractionLogging", "enableStackdriverLogging")
    return any(logging.get(word) is True for word in words) or told.get("enableStackdriverLogging") is True


def _redacts(rules: Payload) -> bool:
    return rules.get("redactionStrategy") == "REDACT_WITH_SERVICE"


def _forgets(rules: Payload) -> bool:
    """Say whether nothing is left of a conversation that has ended; no audio is exported then either."""
    return rules.get("retentionStrategy") == "REMOVE_AFTER_CONVERSATION"


def _first_edition(told: Payload, project: ProjectScope) -> Job:
    """Read the agent of Dialogflow ES, of which a project has one, that logs what is said ("Agent", API v2)."""
    return Job(
        id=f"projects/{project.id}/agent",
        provider=PROVIDER,
        account=project.id,
        region=_GLOBAL,
        kind="conversation-log",
        name=str(told.get("displayName") or "agent"),
        continuous=True,
        output_owner="service",
    )
