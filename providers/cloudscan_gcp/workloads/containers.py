"""Services, jobs and worker pools of Cloud Run.

Asked by the first version of its API: one list for all locations, which the second version refuses
("projects.locations.services.list": its location cannot be a wildcard).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cloudscan.model import Answer, Gap, Why, Workload
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.parts import pairs, part
from cloudscan.providing.questions import Turned, listed, named
from cloudscan_gcp import units as made
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.session import PROVIDER, Asker

_PLACE, _INGRESS = "cloud.googleapis.com/location", "run.googleapis.com/ingress"


@dataclass(frozen=True, slots=True)
class _Sort:
    """What is listed: under which path, what it is to the model, and where in it the identity stands."""

    noun: str
    path: str
    kind: str
    spec: tuple[str, ...]


_SORTS = (
    _Sort("services", "apis/serving.knative.dev/v1/namespaces/{}/services", "container-service", ("template", "spec")),
    _Sort(
        "workerpools", "apis/run.googleapis.com/v1/namespaces/{}/workerpools", "container-service", ("template", "spec")
    ),
    _Sort("jobs", "apis/run.googleapis.com/v1/namespaces/{}/jobs", "job", ("template", "spec", "template", "spec")),
)


def units(project: ProjectScope) -> Iterator[Unit]:
    """Yield the one unit that lists them."""
    if project.wants(Facet.WORKLOADS):
        yield from made.of_project(project, "containers", collect, requests=len(_SORTS))


def collect(project: ProjectScope, asker: Asker) -> Iterator[Collected]:
    """Yield what runs in a project; where the API is off or closed for one sort, it is for all."""
    for sort in _SORTS:
        found, gaps = _listed(project, asker, sort)
        yield from (workload(each, project, sort) for each in found)
        yield from gaps
        if any(gap.why is Why.DISABLED for gap in gaps):
            return


def _listed(project: ProjectScope, asker: Asker, sort: _Sort) -> tuple[list[dict[str, Any]], list[Gap]]:
    """Page through a list by its word ``continue``, which no other API has."""
    found: list[dict[str, Any]] = []
    lost: list[Any] = []

    def read() -> dict[str, Any]:
        token, turned = "", Turned()
        while True:
            query = {"limit": 500} | ({"continue": token} if token else {})
            page = asker.clients.rest.call("run", named(sort.path, project.id), query=query)
            found.extend(listed(page, "items"))
            lost.extend(page.get("unreachable") or ())
            further = part(page, "metadata").get("continue")
            if not further:
                return {}
            token = turned.to(further)

    asked: dict[str, Any] = {
        "facet": Facet.WORKLOADS,
        "resource": project.id,
        "operation": f"run.namespaces.{sort.noun}.list",
        "permission": f"run.{sort.noun}.list",
    }
    reply = asker.run(read, **asked)
    gaps = [reply] if isinstance(reply, Gap) else []
    if lost:
        gaps.append(asker.gap(**asked, why=Why.ERROR, detail=f"{len(lost)} places not reached"))
    return found, gaps


def workload(told: Mapping[str, Any], project: ProjectScope, sort: _Sort) -> Workload:
    """Read a service, a job or a pool. One that names no account runs as the default one ("Service identity")."""
    about, spec = part(told, "metadata"), part(told, "spec", *sort.spec)
    labels = pairs(about, "labels")
    place, name = labels.get(_PLACE, ""), str(about.get("name") or "")
    account = spec.get("serviceAccountName") or f"{project.number}-compute@developer.gserviceaccount.com"
    ingress = part(about, "annotations").get(_INGRESS, "all")
    return Workload(
        id=f"projects/{project.id}/locations/{place}/{sort.noun}/{name}",
        provider=PROVIDER,
        account=project.id,
        region=place,
        kind=sort.kind,
        name=name,
        principal=f"serviceAccount:{account}",
        labels={key: value for key, value in labels.items() if key != _PLACE},
        keys_in_settings=Answer.NO,
        addressed=Answer.of(sort.noun == "services" and ingress == "all"),
    )
