"""Managed folders: parts of a bucket with an allow policy of their own, which only adds to the bucket's.

They exist only in buckets with uniform bucket-level access ("Managed folders", Cloud Storage documentation).
"""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.model import Answer, Gap
from cloudscan.provider import Collected, Facet
from cloudscan.providing.questions import named
from cloudscan_gcp import buckets_read
from cloudscan_gcp.accounts import Bucket, ProjectScope
from cloudscan_gcp.session import Asker


def collect(project: ProjectScope, asker: Asker, bucket: Bucket, user_project: str | None) -> Iterator[Collected]:
    """Yield the policy of each managed folder of a bucket."""
    if buckets_read.controls(bucket.told, project.constraints)[buckets_read.UNIFORM] is Answer.NO:
        return
    folders, gap = asker.pages(
        "storage.managedFolders.list",
        named("storage/v1/b/{}/managedFolders", bucket.name),
        "items",
        facet=Facet.POLICY,
        resource=bucket.id,
        permission="storage.managedFolders.list",
    )
    if isinstance(gap, Gap):
        yield gap
    for folder in folders:
        name = str(folder.get("name") or "")
        reply = asker.ask(
            "storage.managedFolders.getIamPolicy",
            named("storage/v1/b/{}/managedFolders/{}/iam", bucket.name, name),
            facet=Facet.POLICY,
            resource=f"{bucket.id}/{name}",
            permission="storage.managedFolders.getIamPolicy",
            query=buckets_read.policy_query(user_project),
        )
        if isinstance(reply, dict):
            yield buckets_read.policy(bucket, project, reply, name)
        elif isinstance(reply, Gap):
            yield reply
