"""Cloud Audit Logs: whether reads of a project's objects are recorded, where the records go, and for how long.

They are written where Data Access logs are turned on for reads, at the project or anywhere above it; then a sink has to
pass them on, and the place that it names keeps them ("Configure Data Access audit logs", "Route log entries"). Reads of
objects that are open to everybody are in no audit log, whatever is turned on ("Cloud Storage audit logs").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Answer, Gap, LogSource, Why
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.questions import named
from cloudscan_gcp import hierarchy
from cloudscan_gcp import units as made
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.audit_read import carries, least, recorded
from cloudscan_gcp.session import PROVIDER, Asker

KIND = "data-access-log"
_FACET = Facet.LOG_SOURCES
_LOGGING, _STORAGE = "logging.googleapis.com/", "storage.googleapis.com/"
Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a sink passes reads on to, and whether it surely does."""

    destination: str
    carries: Answer


def units(project: ProjectScope) -> Iterator[Unit]:
    """Yield the one unit that asks where reads are recorded, if a check wants it and there is a bucket to read."""
    if project.wants(_FACET) and project.buckets:
        yield from made.of_project(project, "audit", collect, requests=3)


def collect(project: ProjectScope, asker: Asker) -> Iterator[Collected]:
    """Yield for each bucket the places that record reads of it. Nothing is asked of sinks that have nothing to pass."""
    policies: list[Payload | None] = []
    for node in _levels(project):
        reply = hierarchy.policy(_of(asker, node), node, _FACET)
        asker.count(_FACET, answered=not isinstance(reply, Gap))
        policies.append(reply if isinstance(reply, dict) else None)
        if isinstance(reply, Gap):
            yield replace(reply, account=project.id, resource=project.id)
    if project.parents is None:
        policies.append(None)
        detail = "what lies above the project is not known"
        yield asker.gap(_FACET, project.id, Why.ERROR, "cloudresourcemanager.projects.getAncestry", detail)
    reads, exempt = recorded(policies)
    if reads is Answer.NO:
        return
    places, gaps = _places(project, asker)
    yield from gaps
    for place in places:
        days, locked, gap = _kept(project, asker, place.destination)
        if gap is not None:
            yield gap
        for bucket in project.buckets:
            yield LogSource(
                store=bucket.id,
                provider=PROVIDER,
                account=project.id,
                kind=KIND,
                target=_target(place.destination),
                reads=least(reads, place.carries),
                exempt=(*exempt, ANYONE, ANYONE_SIGNED_IN),
                retention_days=days,
                locked=locked,
            )


def _levels(project: ProjectScope) -> list[str]:
    """Return the project and what is above it, from the top down."""
    return [*(project.parents or ()), f"projects/{project.id}"]


def _of(asker: Asker, node: str) -> Asker:
    """Return one that asks about a level, which need not be the project: its counts are not this unit's."""
    own = node == f"projects/{asker.account}"
    return Asker(asker.clients, asker.account, asker.number) if own else Asker(asker.clients, node)


def _places(project: ProjectScope, asker: Asker) -> tuple[list[_Place], list[Gap]]:
    """Return where sinks of all levels pass reads on to.

    What a level above intercepts does not surely reach the sinks below it ("Aggregated sinks: intercepting").
    """
    places: list[_Place] = []
    gaps: list[Gap] = []
    intercepted = Answer.YES
    for node in _levels(project):
        found, gap = _sinks(asker, node)
        gaps += [replace(gap, account=project.id, resource=project.id)] if gap else []
        passed = [(sink, carries(sink, own=node == f"projects/{project.id}")) for sink in found]
        places += [
            _Place(str(sink.get("destination") or ""), least(answer, intercepted))
            for sink, answer in passed
            if answer is not Answer.NO
        ]
        if any(sink.get("interceptChildren") is True for sink, answer in passed if answer is not Answer.NO):
            intercepted = Answer.UNKNOWN
    return places, gaps


def _sinks(asker: Asker, node: str) -> tuple[list[dict[str, Any]], Gap | None]:
    """List the sinks of a level, once in a scan. Its own lists of a folder leave out those above it."""
    kind, _, name = node.partition("/")
    (found, gap), _ = asker.clients.shared.answer(
        f"sinks of {node}",
        lambda: _of(asker, node).pages(
            f"logging.{kind}.sinks.list",
            named("v2/{}/{}/sinks", kind, name),
            "sinks",
            facet=_FACET,
            resource=node,
            permission="logging.sinks.list",
            query={"pageSize": 1000},
        ),
    )
    asker.count(_FACET, answered=gap is None)
    return found, gap if isinstance(gap, Gap) else None


def _kept(project: ProjectScope, asker: Asker, destination: str) -> tuple[int | None, Answer, Gap | None]:
    """Ask a log bucket for how long it keeps what it gets, and whether that is locked. Other places do not tell."""
    names = destination.removeprefix(_LOGGING).split("/")
    if not destination.startswith(_LOGGING) or names[0::2] != ["projects", "locations", "buckets"]:
        return None, Answer.UNKNOWN, None
    reply, _ = asker.clients.shared.answer(
        f"log bucket {destination}",
        lambda: Asker(asker.clients, names[1], project.number if names[1] == project.id else "").ask(
            "logging.projects.locations.buckets.get",
            named("v2/projects/{}/locations/{}/buckets/{}", *names[1::2]),
            facet=_FACET,
            resource=_target(destination),
            permission="logging.buckets.get",
        ),
    )
    asker.count(_FACET, answered=not isinstance(reply, Gap))
    if not isinstance(reply, dict):
        return None, Answer.UNKNOWN, replace(reply, account=project.id) if isinstance(reply, Gap) else None
    days = reply.get("retentionDays")
    return days if isinstance(days, int) else None, Answer.of(reply.get("locked") is True), None


def _target(destination: str) -> str:
    """Name a place as others do: a bucket by its id, anything else as the sink does."""
    return f"gs://{destination.removeprefix(_STORAGE)}" if destination.startswith(_STORAGE) else destination
