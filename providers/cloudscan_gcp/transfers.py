"""Transfer jobs: what copies a bucket's objects elsewhere, since Google has no backup service for buckets.

Two lists tell of them: jobs that were made by hand, and those that replicate one bucket to another ("Method:
transferJobs.list"). A job that was switched off or deleted leaves there what it copied before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cloudscan.model import Answer, Gap, Job, Why
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.parts import part, utc
from cloudscan_gcp import units as made
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.session import PROVIDER, Asker, of_service

_LISTS: tuple[Mapping[str, str], ...] = ({}, {"dataBackend": "QUERY_REPLICATION_CONFIGS"})
_PAGE = 256
_LIST = "storagetransfer.transferJobs.list"
_FACETS = (Facet.REPLICATION, Facet.BACKUPS)
"""What the lists are asked for: where buckets are copied to, and what keeps copies of them."""


def units(project: ProjectScope) -> Iterator[Unit]:
    """Yield the one unit that lists them, where replication or backups are asked for."""
    if any(map(project.wants, _FACETS)):
        yield from made.of_project(project, "transfers", collect, requests=len(_LISTS))


def collect(project: ProjectScope, asker: Asker) -> Iterator[Collected]:
    """Yield the jobs of a project that copy from buckets. One that never turned the service on has none."""
    wanted = [facet for facet in _FACETS if project.wants(facet)]
    for more in _LISTS:
        words = json.dumps({"projectId": project.id, **more}, separators=(",", ":"))
        found, end = asker.pages(
            _LIST,
            "v1/transferJobs",
            "transferJobs",
            facet=wanted[0],
            resource=project.id,
            permission="storagetransfer.jobs.list",
            query={"filter": words, "pageSize": _PAGE},
        )
        gap = end if isinstance(end, Gap) and of_service(end) is end else None
        for facet in wanted[1:]:
            asker.count(facet, answered=gap is None)
        yield from (replace(gap, facet=facet) for facet in wanted if gap is not None)
        for each in found:
            told = read(each, project.id)
            if isinstance(told, Job):
                yield told
            elif told:
                yield from (asker.gap(facet, project.id, Why.MALFORMED, _LIST, told) for facet in wanted)


def read(told: Mapping[str, Any], project: str) -> Job | str:
    """Read a job: "" for one that copies from elsewhere than a bucket of Google Cloud, words for one that tells less.

    A job of which nobody knows where it copies to has no outputs.
    """
    spec = part(told, "replicationSpec") or part(told, "transferSpec")
    source, name = _place(part(spec, "gcsDataSource")), str(told.get("name") or "")
    if "gcsDataSource" not in spec and "replicationSpec" not in told:
        return ""
    if not source or not name:
        return "a job that does not tell what it is, or from where it copies"
    target = _place(part(spec, "gcsDataSink"))
    if not target and (folder := part(spec, "posixDataSink").get("rootDirectory")):
        target = f"file://{folder}"
    return Job(
        id=f"projects/{project}/{name}",
        provider=PROVIDER,
        account=project,
        region="global",
        kind="transfer",
        name=name,
        status=str(told.get("status") or ""),
        created=utc(told.get("creationTime")),
        continuous=True,
        inputs=(source,),
        outputs=(target,) if target else (),
        output_owner="customer",
        mirrors=Answer.of(part(spec, "transferOptions").get("deleteObjectsUniqueInSink", False)),
    )


def _place(told: Mapping[str, Any]) -> str:
    bucket, path = str(told.get("bucketName") or ""), str(told.get("path") or "")
    return f"gs://{bucket}/{path}".rstrip("/") if bucket else ""
