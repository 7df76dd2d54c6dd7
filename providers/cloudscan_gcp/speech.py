"""Speech-to-Text: what turns recordings into text in a project, and what it was given of late.

Everything lies in a location and is asked for at that location's endpoint; the list of locations comes first. An
operation, and a transcript that was left with the service, are there for five days ("Transcribe long audio files").
Operations of the API's first version know no project: see :func:`_first_version`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cloudscan.model import Gap, Job, Why
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.questions import Turned
from cloudscan_gcp import speech_read
from cloudscan_gcp import units as made
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.rest import LOCATION
from cloudscan_gcp.session import Asker, of_service

if TYPE_CHECKING:
    from google.cloud.speech_v2 import SpeechClient

_PAGE = 100
"""The most that a page of resources holds ("Method: projects.locations.recognizers.list", pageSize)."""
FIRST_ENDPOINTS = ("", "us", "eu")
"""Where the API's first version is served: everywhere, or in a multi-region ("Speech-to-Text v1: endpoints")."""


@dataclass(frozen=True, slots=True)
class _Sort:
    """What is listed: the word of the API for it, the client's method, the field of a page, and its kind of job."""

    noun: str
    method: str
    listed: str
    kind: str


_SORTS = (
    _Sort("recognizers", "list_recognizers", "recognizers", "recognizer"),
    _Sort("phraseSets", "list_phrase_sets", "phrase_sets", "vocabulary"),
    _Sort("customClasses", "list_custom_classes", "custom_classes", "vocabulary"),
)


def units(project: ProjectScope) -> Iterator[Unit]:
    """Yield the units that ask Speech-to-Text, if a check wants jobs or what speech is used for."""
    if project.wants(Facet.JOBS):
        yield from made.of_project(project, "speech", collect)
        yield from made.of_project(project, "speech-v1", _first_version, requests=len(FIRST_ENDPOINTS))
    if project.wants(Facet.TRAINING_OPT_OUT):
        yield from made.of_project(project, "speech-training", _training, requests=0)


def collect(project: ProjectScope, asker: Asker) -> Iterator[Collected]:
    """Yield what each location holds. Where the API is off in one, it is in all."""
    from cloudscan_gcp.speech_client import GLOBAL, opened

    with opened(project.clients, GLOBAL) as client:
        locations, gap = _locations(project, asker, client)
    if gap is not None:
        yield of_service(gap)
    for location in locations:
        with opened(project.clients, location) as client:
            for item in _of_location(project, replace(asker, region=location), client):
                yield of_service(item) if isinstance(item, Gap) else item
                if isinstance(item, Gap) and item.why is Why.DISABLED:
                    return


def _locations(project: ProjectScope, asker: Asker, client: SpeechClient) -> tuple[list[str], Gap | None]:
    from google.cloud.location.locations_pb2 import ListLocationsRequest

    def page(token: str) -> Any:
        request = ListLocationsRequest(name=f"projects/{project.id}", page_token=token, page_size=_PAGE)
        return client.list_locations(request, **_patience(project))

    asked = {"operation": "speech.projects.locations.list", "permission": "speech.locations.list"}
    found, gap = _paged(asker, page, "locations", resource=project.id, **asked)
    names = [each.location_id for each in found if LOCATION.fullmatch(each.location_id)]
    if gap is None and (odd := len(found) - len(names)):
        gap = asker.gap(Facet.JOBS, project.id, Why.MALFORMED, detail=f"{odd} locations have odd names", **asked)
    return names, gap


def _of_location(project: ProjectScope, asker: Asker, client: SpeechClient) -> Iterator[Job | Gap]:
    """Ask one location for its operations, its settings, and what is kept there to be used again."""
    place = f"projects/{project.id}/locations/{asker.region}"
    yield from _operations(project, asker, client, place)
    yield from _settings(project, asker, client, place)
    for sort in _SORTS:

        def page(token: str, method: str = sort.method) -> Any:
            request = {"parent": place, "page_size": _PAGE, "page_token": token}
            return next(iter(getattr(client, method)(request=request, **_patience(project)).pages))

        asked = {
            "operation": f"speech.projects.locations.{sort.noun}.list",
            "permission": f"speech.{sort.noun}.list",
        }
        found, gap = _paged(asker, page, sort.listed, resource=project.id, **asked)
        yield from (speech_read.resource(each, sort.kind, project, asker.region) for each in found)
        if gap is not None:
            yield gap


def _operations(project: ProjectScope, asker: Asker, client: SpeechClient, place: str) -> Iterator[Job | Gap]:
    from google.longrunning.operations_pb2 import ListOperationsRequest

    def page(token: str) -> Any:
        request = ListOperationsRequest(name=place, page_size=_PAGE, page_token=token)
        return client.list_operations(request, **_patience(project))

    asked = {"operation": "speech.projects.locations.operations.list", "permission": "speech.operations.list"}
    found, gap = _paged(asker, page, "operations", resource=project.id, **asked)
    unread = 0
    for each in found:
        job = speech_read.operation(each, project, asker.region)
        if isinstance(job, Job):
            yield job
        unread += job is None
    if unread:
        detail = f"{unread} operations of a kind that is not known"
        yield asker.gap(Facet.JOBS, project.id, Why.MALFORMED, asked["operation"], detail, asked["permission"])
    if gap is not None:
        yield gap


def _settings(project: ProjectScope, asker: Asker, client: SpeechClient, place: str) -> Iterator[Job | Gap]:
    """Ask under which key a location keeps what it is given ("Config", Speech-to-Text v2)."""
    told: list[Any] = []

    def read() -> dict[str, Any]:
        told.append(client.get_config(name=f"{place}/config", **_patience(project)))
        return {}

    operation, permission = "speech.projects.locations.config.get", "speech.config.get"
    reply = asker.run(read, facet=Facet.JOBS, resource=project.id, operation=operation, permission=permission)
    yield from (speech_read.settings(each, project, asker.region) for each in told)
    if isinstance(reply, Gap):
        yield reply


def _paged(
    asker: Asker, page: Callable[[str], Any], listed: str, *, resource: str, operation: str, permission: str
) -> tuple[list[Any], Gap | None]:
    """Page through a list. Returns what came, and the Gap that ended it early."""
    found: list[Any] = []

    def read() -> dict[str, Any]:
        token, turned = "", Turned()
        while True:
            answer = page(token)
            found.extend(getattr(answer, listed))
            if not answer.next_page_token:
                return {}
            token = turned.to(answer.next_page_token)

    reply = asker.run(read, facet=Facet.JOBS, resource=resource, operation=operation, permission=permission)
    return found, reply if isinstance(reply, Gap) else None


def _patience(project: ProjectScope) -> dict[str, Any]:
    from cloudscan_gcp.speech_client import patience

    return patience(project.clients)


def _first_version(project: ProjectScope, asker: Asker) -> Iterator[Collected]:
    """Yield the operations of the API's first version.

    Its list names no project: it is told for the project that the request counts against ("Method: operations.list").
    So each project is asked as the one that pays, but not where the user or the credentials name another.
    """
    operation, permission = "speech.operations.list", "serviceusage.services.use"
    billed = getattr(project.clients.credentials, "quota_project_id", None) or project.id
    if billed not in (project.id, project.number):
        asker.count(Facet.JOBS, answered=False)
        detail = "operations of the first version are told for the project alone that requests count against"
        yield asker.gap(Facet.JOBS, project.id, Why.UNSUPPORTED, operation, detail, permission)
        return
    for endpoint in FIRST_ENDPOINTS:
        there = replace(asker, region=endpoint or asker.region)
        found, gap = there.pages(
            operation,
            "v1/operations",
            "operations",
            facet=Facet.JOBS,
            resource=project.id,
            permission=permission,
            query={"pageSize": _PAGE},
            location=endpoint,
            payer=project.id,
        )
        yield from (speech_read.first_version(each, project, there.region) for each in found)
        if isinstance(gap, Gap):
            yield of_service(gap)
            if gap.why is Why.DISABLED:
                return


def _training(project: ProjectScope, asker: Asker) -> Iterator[Collected]:
    """Say that no API tells whether the project lets Google learn from its speech ("Data logging")."""
    asker.count(Facet.TRAINING_OPT_OUT, answered=False)
    detail = "no API tells of data logging: see Speech-to-Text, Settings in the console"
    yield asker.gap(Facet.TRAINING_OPT_OUT, project.id, Why.UNSUPPORTED, "speech.dataLogging", detail)
