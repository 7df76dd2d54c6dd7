"""AWS CodeBuild: the build projects of a region, each with its service role and tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloudscan.model import Gap, Workload
from cloudscan.provider import Collected, Facet
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.session import PROVIDER, Asker
from cloudscan_aws.workloads.labels import labels_of

SERVICE = "codebuild"
PROJECTS_A_CALL = 100
"""What one call describes at most ("BatchGetProjects", AWS CodeBuild API reference)."""


def fetch_all(_: AccountScope, asker: Asker) -> Iterator[Collected]:
    """List the projects of a region and describe them. A name that is not found was deleted since it was listed."""
    names, ended = asker.pages(SERVICE, "list_projects", "projects", facet=Facet.WORKLOADS, resource=asker.account)
    for start in range(0, len(names), PROJECTS_A_CALL):
        reply = asker.ask(
            SERVICE,
            "batch_get_projects",
            facet=Facet.WORKLOADS,
            resource=asker.account,
            names=names[start : start + PROJECTS_A_CALL],
        )
        if isinstance(reply, Gap):
            yield reply
        elif isinstance(reply, dict):
            for project in reply.get("projects", ()):
                yield read_project(asker.account, asker.region, project)
    if isinstance(ended, Gap):
        yield ended


def read_project(account: str, region: str, project: Mapping[str, Any]) -> Workload:
    """Read a project. Its builds run with the service role, which every project has."""
    return Workload(
        id=project["arn"],
        provider=PROVIDER,
        account=account,
        region=region,
        kind="build-project",
        name=project["name"],
        principal=project.get("serviceRole") or None,
        labels=labels_of(project.get("tags")),
    )
