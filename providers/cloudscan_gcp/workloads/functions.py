"""Cloud Functions of both generations: the second version of their API lists all, of all locations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloudscan.model import Answer, Gap, Workload
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.parts import pairs, part
from cloudscan.providing.questions import named
from cloudscan_gcp import units as made
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.session import PROVIDER, Asker


def units(project: ProjectScope) -> Iterator[Unit]:
    """Yield the one unit that lists them."""
    if project.wants(Facet.WORKLOADS):
        yield from made.of_project(project, "functions", collect)


def collect(project: ProjectScope, asker: Asker) -> Iterator[Collected]:
    """Yield the functions of a project."""
    found, gap = asker.pages(
        "cloudfunctions.projects.locations.functions.list",
        named("v2/projects/{}/locations/-/functions", project.id),
        "functions",
        facet=Facet.WORKLOADS,
        resource=project.id,
        permission="cloudfunctions.functions.list",
        query={"pageSize": 1000},
    )
    yield from (workload(each, project) for each in found)
    if isinstance(gap, Gap):
        yield gap


def workload(told: Mapping[str, Any], project: ProjectScope) -> Workload:
    """Read a function ("Function", Cloud Functions API v2)."""
    name = str(told.get("name") or "")
    config = part(told, "serviceConfig")
    ingress = config.get("ingressSettings")
    return Workload(
        id=name,
        provider=PROVIDER,
        account=project.id,
        region=name.partition("/locations/")[2].partition("/")[0],
        kind="function",
        name=name.rpartition("/")[2],
        principal=f"serviceAccount:{config.get('serviceAccountEmail') or _default(told, project)}",
        labels=pairs(told, "labels"),
        keys_in_settings=Answer.NO,
        addressed=Answer.of(None if ingress is None else ingress == "ALLOW_ALL"),
    )


def _default(told: Mapping[str, Any], project: ProjectScope) -> str:
    """Return the account of a function that names none ("Function identity": it differs by generation)."""
    if told.get("environment") == "GEN_1":
        return f"{project.id}@appspot.gserviceaccount.com"
    return f"{project.number}-compute@developer.gserviceaccount.com"
