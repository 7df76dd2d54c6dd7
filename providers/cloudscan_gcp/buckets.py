"""One bucket as one unit of collection: its settings, its policies, then its objects.

All settings of all buckets of a project come with the one list that planning reads. Only policies are asked for: the
bucket's own, and those of its managed folders.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from cloudscan.model import Answer, Gap, PolicyDocument, Record, Store, Why
from cloudscan.provider import STORE_FACETS, Collected, Facet, Scope, Unit
from cloudscan.providing.questions import named
from cloudscan_gcp import buckets_read, folders, hierarchy_read, listing, reports, uploads
from cloudscan_gcp.accounts import Bucket, ProjectScope
from cloudscan_gcp.session import PROVIDER, Asker

_TOLD = (
    Facet.ENCRYPTION,
    Facet.PUBLIC_ACCESS,
    Facet.VERSIONING,
    Facet.LIFECYCLE,
    Facet.LOCK,
    Facet.LOGGING,
    Facet.REPLICATION,
    Facet.LABELS,
)
"""The questions that the list of buckets answers for each of them."""


def units(project: ProjectScope) -> Iterator[Unit]:
    """Yield one unit for each bucket of the project."""
    for bucket in project.buckets if wanted(project.scope) else ():
        key, label = f"{PROVIDER}/{project.id}/storage/{bucket.name}", f"{project.id} {bucket.name}"
        yield Unit(key, label, partial(collect, project, bucket), sum(expected(project.scope)))


def wanted(scope: Scope) -> bool:
    """Say whether anything is asked of buckets."""
    return not scope.facets.isdisjoint(STORE_FACETS)


def expected(scope: Scope) -> tuple[int, int]:
    """Return how many settings may be asked of a bucket, and how many pages of lists if all it holds is one object."""
    policy = int(Facet.POLICY in scope.facets)
    pages = -(-scope.max_objects // listing.PAGE) if scope.max_objects else 1
    lists = scope.lists_objects + (Facet.DELETED in scope.facets)
    tags, begun = int(Facet.ORGANIZATION in scope.facets), int(Facet.UPLOADS in scope.facets)
    return policy + tags, policy + lists * pages + begun


def payer(bucket: Bucket, project: ProjectScope) -> str | None:
    """Return the project that pays for requests to a bucket that makes its readers pay; None where they do not.

    The one that the user named, else the bucket's own ("Requester Pays", Cloud Storage documentation).
    """
    billing = bucket.told.get("billing")
    pays = isinstance(billing, dict) and billing.get("requesterPays") is True
    return (project.clients.billed or project.id) if pays else None


def collect(project: ProjectScope, bucket: Bucket) -> Iterator[Collected]:
    """Ask everything of one bucket. A bucket that was deleted meanwhile leaves one Gap and no record."""
    asker = project.asker(bucket.region)
    noticed = _policy(project, asker, bucket) if project.wants(Facet.POLICY) else []
    if noticed and isinstance(noticed[-1], Gap) and noticed[-1].why is Why.VANISHED:
        yield noticed[-1]
        yield from asker.coverage()
        return
    tags, missing = _tags(asker, bucket) if project.wants(Facet.ORGANIZATION) else (None, [])
    store = buckets_read.store(bucket, project, tags)
    told = any(isinstance(each, PolicyDocument) for each in noticed)
    yield replace(store, has_policy=Answer.YES) if told else store
    yield from noticed
    yield from missing
    yield from _settings(project, asker, bucket, store)
    if project.wants(Facet.POLICY):
        yield from folders.collect(project, asker, bucket, payer(bucket, project))
    read = yield from _reports(project, asker, bucket, store)
    yield from listing.Listing(bucket, project, asker, store, payer(bucket, project)).collect(deleted_alone=read)
    if project.wants(Facet.UPLOADS):
        yield from uploads.collect(asker, bucket, payer(bucket, project))
    yield from asker.coverage()


def _reports(project: ProjectScope, asker: Asker, bucket: Bucket, store: Store) -> Generator[Collected, None, bool]:
    """Read the objects from the bucket's inventory report where that is wanted; return whether there was one."""
    scope = project.scope
    if not scope.options.get("inventory") or scope.max_objects is not None or not scope.lists_objects:
        return False
    return (yield from reports.Reports(bucket, project, asker, store, scope.versions).collect())


def _policy(project: ProjectScope, asker: Asker, bucket: Bucket) -> list[Record | Gap]:
    """Ask for the allow policy, in the version that tells of conditions."""
    reply = asker.ask(
        "storage.buckets.getIamPolicy",
        named("storage/v1/b/{}/iam", bucket.name),
        facet=Facet.POLICY,
        resource=bucket.id,
        permission="storage.buckets.getIamPolicy",
        query=buckets_read.policy_query(payer(bucket, project)),
    )
    if isinstance(reply, dict):
        return [buckets_read.policy(bucket, project, reply)]
    return [reply] if isinstance(reply, Gap) else []


def _tags(asker: Asker, bucket: Bucket) -> tuple[dict[str, str] | None, list[Gap]]:
    """Ask for the tags in effect on a bucket, where it lies ("Tags for buckets", Cloud Storage documentation)."""
    entries, gap = asker.pages(
        "cloudresourcemanager.effectiveTags.list",
        "v3/effectiveTags",
        "effectiveTags",
        facet=Facet.ORGANIZATION,
        resource=bucket.id,
        permission="storage.buckets.listEffectiveTags",
        query={"parent": f"//storage.googleapis.com/projects/_/buckets/{bucket.name}"},
        location=bucket.region,
    )
    return (None if gap else hierarchy_read.tags(entries)), [gap] if isinstance(gap, Gap) else []


def _settings(project: ProjectScope, asker: Asker, bucket: Bucket, store: Store) -> Iterator[Record | Gap]:
    """Count what the list of buckets told, and say what it left out."""
    told = isinstance(bucket.told.get("iamConfiguration"), dict)
    for facet in (facet for facet in _TOLD if project.wants(facet)):
        asker.count(facet, answered=told or facet is not Facet.PUBLIC_ACCESS)
    if project.wants(Facet.LOGGING):
        yield from buckets_read.usage_log(bucket, project)
    asked: dict[str, Any] = {"resource": bucket.id, "operation": "storage.buckets.list"}
    if not told and project.wants(Facet.PUBLIC_ACCESS):
        yield asker.gap(Facet.PUBLIC_ACCESS, why=Why.MALFORMED, detail="iamConfiguration is missing", **asked)
    if project.wants(Facet.ACL):
        asker.count(Facet.ACL, answered=store.acl is not None)
        if store.acl is None:
            yield asker.gap(
                Facet.ACL,
                why=Why.DENIED,
                detail="the list of buckets came without their access control lists",
                permission="storage.buckets.getIamPolicy",
                **asked,
            )
