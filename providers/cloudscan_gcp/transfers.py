"""Transfer jobs: what copies a bucket's objects elsewhere, since Google has no backup service for buckets.

Two lists tell of them: jobs that were made by hand, and those that replicate one bucket to another ("Method:
transferJobs.list"). A job that was switched off or deleted leaves there what it copied before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cloudscan.model import Gap, Job
from cloudscan.parts import part, utc
from cloudscan.provider import Collected, Facet, Unit
from cloudscan_gcp import units as made
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.session import PROVIDER, Asker, of_service

_LISTS: tuple[Mapping[str, str], ...] = ({}, {"dataBackend": "QUERY_REPLICATION_CONFIGS"})
_PAGE = 256


def units(project: ProjectScope) -> Iterator[Unit]:
    """Yield the one unit that lists them, where backups are asked for."""
    if project.wants(Facet.BACKUPS):
        yield from made.of_project(project, "transfers", collect, requests=len(_LISTS))


def collect(project: ProjectScope, asker: Asker) -> Iterator[Collected]:
    """Yield the jobs of a project that copy from buckets. One that never turned the service on has none."""
    for more in _LISTS:
        words = json.dumps({"projectId": project.id, **more}, separators=(",", ":"))
        found, gap = asker.pages(
            "storagetransfer.transferJobs.list",
            "v1/transferJobs",
            "transferJobs",
            facet=Facet.BACKUPS,
            resource=project.id,
            permission="storagetransfer.jobs.list",
            query={"filter": words, "pageSize": _PAGE},
        )
        for each in found:
            if (job := read(each, project.id)) is not None:
                yield job
        if isinstance(gap, Gap) and of_service(gap) is gap:
            yield gap


def read(told: Mapping[str, Any], project: str) -> Job | None:
    """Read a job; None for one that copies from elsewhere than a bucket of Google Cloud, or nobody knows where to."""
    spec = part(told, "replicationSpec") or part(told, "transferSpec")
    source, name = _place(part(spec, "gcsDataSource")), str(told.get("name") or "")
    target = _place(part(spec, "gcsDataSink"))
    if not target and (folder := part(spec, "posixDataSink").get("rootDirectory")):
        target = f"file://{folder}"
    if not source or not target or not name:
        return None
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
        outputs=(target,),
        output_owner="customer",
    )


def _place(told: Mapping[str, Any]) -> str:
    bucket, path = str(told.get("bucketName") or ""), str(told.get("path") or "")
    return f"gs://{bucket}/{path}".rstrip("/") if bucket else ""
