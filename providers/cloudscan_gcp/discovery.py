"""From a scope to the projects and buckets that will be looked at, and the folders and organizations above them."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from google.auth import exceptions
from google.auth.credentials import AnonymousCredentials

from cloudscan.errors import CollectionStopped, UsageError
from cloudscan.model import Account, Coverage, Gap, Why
from cloudscan.provider import STORE_FACETS, Caller, Facet, Scope
from cloudscan.providing.questions import gaps_of
from cloudscan.wording import count
from cloudscan_gcp import hierarchy_read, org_policies
from cloudscan_gcp.accounts import Bucket, Node, ProjectScope
from cloudscan_gcp.clients import Clients, raw_pages
from cloudscan_gcp.hierarchy_read import Project
from cloudscan_gcp.projects import Path, by_parent, nodes_of, path_of, projects_of
from cloudscan_gcp.session import PROVIDER, Asker

_FIELDS = (
    "name,location,timeCreated,acl(entity,role),autoclass(enabled),billing,encryption(defaultKmsKeyName),"
    "iamConfiguration,ipFilter(mode),labels,lifecycle,logging,objectRetention,retentionPolicy,softDeletePolicy,versioning"
)
"""What is asked of each bucket: what :mod:`cloudscan_gcp.buckets_read` reads."""
_PROJECT = re.compile(r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]|\d{1,19}")
_BUCKET = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", re.IGNORECASE | re.ASCII)
"""What names buckets may have ("Bucket names", Cloud Storage documentation): Google's client takes no others."""
_ABOVE = re.compile(r"\d{1,19}")
_TAKEN = "impersonate-service-account"
_EMAIL = re.compile(r"[^@\s]+@[a-z0-9-]+(\.[a-z0-9-]+)+")
_ROBOT = re.compile(r"[^@]+@([a-z0-9.-]+)\.iam\.gserviceaccount\.com")


@dataclass(frozen=True, slots=True)
class Found:
    """What planning learned of one project. ``project`` is None where it cannot be looked at; ``noticed`` says why."""

    id: str
    project: ProjectScope | None
    noticed: tuple[Account | Gap | Coverage, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """The scan's own credentials at work, and who they belong to."""

    scope: Scope
    caller: Caller
    clients: Clients

    @classmethod
    def open(cls, scope: Scope) -> Session:
        """Find credentials, and see that Google takes them.

        Raises UsageError without usable credentials, :class:`CollectionStopped` when Google does not answer.
        """
        check(scope)
        clients = Clients.open(scope)
        try:
            clients.http.sign_in()
        except exceptions.TransportError as error:
            raise CollectionStopped("Google does not answer who asks for a token") from error
        except exceptions.GoogleAuthError as error:
            raise UsageError(_refused(scope)) from error
        return cls(scope, _caller(clients), clients)

    def asker(self, account: str) -> Asker:
        """Return an asker about a project, folder or organization."""
        return Asker(self.clients, account)


def check(scope: Scope) -> None:
    """Refuse options that cannot be meant. Raises UsageError."""
    for project in scope.words("project"):
        if not _PROJECT.fullmatch(project):
            raise UsageError(f"--project {project!r} is not the id of a Google Cloud project, such as call-centre-1234")
    for option in ("folder", "organization"):
        for number in scope.words(option):
            if not _ABOVE.fullmatch(number):
                raise UsageError(f"--{option} {number!r} is not the number of a Google Cloud {option}, such as 123456")
    if taken := scope.options.get(_TAKEN):
        for name in str(taken).split(","):
            if not _EMAIL.fullmatch(name.strip()):
                such = "such as scanner@PROJECT.iam.gserviceaccount.com"
                raise UsageError(f"--{_TAKEN} {name!r} is not the email of a service account, {such}")
    deadline = scope.options.get("deadline")
    if deadline is not None and not re.fullmatch(r"\d{1,5}", str(deadline), re.ASCII):
        raise UsageError(f"--deadline {deadline!r} is not a number of seconds from 0 to 99999")


def find(session: Session) -> tuple[list[Found], list[Node]]:
    """Find the projects of the scope, and of each its buckets, on threads; and all that lies above them."""
    with ThreadPoolExecutor(max_workers=session.scope.workers, thread_name_prefix="plan") as pool:
        projects, walked, noticed = projects_of(session, pool)
        paths = walked | dict(pool.map(lambda group: path_of(session, group), by_parent(projects, walked)))
        found = list(pool.map(lambda project: _explore(session, project, paths), projects))
    if noticed:
        found.append(Found("projects", None, tuple(noticed)))
    return found, nodes_of(session, paths, walked)


def _refused(scope: Scope) -> str:
    """Say that Google gives no token, and what it may want."""
    taken = scope.options.get(_TAKEN)
    if not taken:
        return "Google does not take the credentials: they are wrong, or no longer valid"
    return (
        f"Google lets nobody take on {taken} with these credentials: they are wrong or no longer valid, or lack"
        " roles/iam.serviceAccountTokenCreator on that service account, or its project has the API turned off"
        " (gcloud services enable iamcredentials.googleapis.com)"
    )


def _caller(clients: Clients) -> Caller:
    """Say who is asking, as far as the credentials themselves tell: Google has no request that would tell it of all."""
    if isinstance(clients.credentials, AnonymousCredentials):
        return Caller(PROVIDER, "", "nobody (no credential is sent)")
    told = getattr(clients.credentials, "service_account_email", None) or getattr(clients.credentials, "account", None)
    identity = str(told or "")
    robot = _ROBOT.fullmatch(identity)
    return Caller(PROVIDER, robot[1] if robot else "", identity or "not told by its credentials")


def _explore(session: Session, project: Project, paths: dict[str, Path]) -> Found:
    """Find the buckets of one project, and what holds for all of it."""
    asker = Asker(session.clients, project.id, project.number)
    path = paths.get(project.parent, Path(() if project.number and not project.parent else None))
    if project.state != "ACTIVE":
        bare = Account(project.id, PROVIDER, name=project.name, unique_id=project.number)
        gap = asker.gap(
            Facet.ACCOUNTS, project.id, Why.DISABLED, "cloudresourcemanager.projects.get", detail=project.state
        )
        return Found(project.id, None, (bare, gap))
    buckets, gaps = _buckets(asker, session.scope)
    gaps += _deleted(asker, session.scope)
    constraints, refused = org_policies.fetch(asker, session.scope.facets)
    tags, missing = _tags(asker, session.scope)
    scope = ProjectScope(
        id=project.id,
        number=project.number,
        clients=session.clients,
        scope=session.scope,
        name=project.name,
        parents=path.nodes,
        constraints=constraints,
        tags=tags,
        buckets=tuple(buckets),
    )
    return Found(project.id, scope, (*path.noticed, *gaps, *refused, *missing, *asker.coverage()))


def _tags(asker: Asker, scope: Scope) -> tuple[dict[str, str] | None, list[Gap]]:
    """Ask for the tags that count for a project, its own and inherited ones: conditions go by them."""
    if Facet.ORGANIZATION not in scope.facets:
        return None, []
    entries, gap = asker.pages(
        "cloudresourcemanager.effectiveTags.list",
        "v3/effectiveTags",
        "effectiveTags",
        facet=Facet.ORGANIZATION,
        resource=asker.account,
        permission="resourcemanager.hierarchyNodes.listEffectiveTags",
        query={"parent": f"//cloudresourcemanager.googleapis.com/projects/{asker.number or asker.account}"},
    )
    return (None if gap else hierarchy_read.tags(entries)), gaps_of(gap)


def _buckets(asker: Asker, scope: Scope) -> tuple[list[Bucket], list[Gap]]:
    """List the buckets of a project that are in the scope, with all their settings.

    With access control lists where they are wanted: a caller who may not see them gets the buckets without.
    """
    if scope.facets.isdisjoint(STORE_FACETS | {Facet.JOBS, Facet.LOG_SOURCES}):
        return [], []
    found: list[Bucket] = []
    lost: list[str] = []

    def collect() -> dict[str, object]:
        pages = asker.clients.storage.list_buckets(
            project=asker.account,
            projection="full" if Facet.ACL in scope.facets else "noAcl",
            return_partial_success=True,
            fields=f"nextPageToken,unreachable,items({_FIELDS})",
            **asker.clients.patience,
        )
        for items, page in raw_pages(pages, "items"):
            found.extend(Bucket(str(each.get("name") or ""), each) for each in items)
            lost.extend(page.get("unreachable") or ())
        return {}

    asked: dict[str, Any] = {"facet": Facet.STORES, "resource": asker.account, "operation": "storage.buckets.list"}
    reply = asker.run(collect, permission="storage.buckets.list", **asked)
    gaps = gaps_of(reply if isinstance(reply, Gap) else None)
    if lost:
        gaps.append(asker.gap(**asked, why=Why.ERROR, detail=f"{len(lost)} buckets in places that were not reached"))
    if nameless := sum(not bucket.name for bucket in found):
        gaps.append(asker.gap(**asked, why=Why.MALFORMED, detail=f"{nameless} buckets came without a name"))
    patterns = scope.stores or ("*",)
    wanted = [bucket for bucket in found if bucket.name and any(fnmatchcase(bucket.name, each) for each in patterns)]
    odd = [bucket for bucket in wanted if not _BUCKET.fullmatch(bucket.name)]
    told = asked | {"why": Why.MALFORMED, "detail": "no bucket can have this name"}
    gaps += [asker.gap(**(told | {"resource": bucket.id})) for bucket in odd]
    usable = [bucket for bucket in wanted if bucket not in odd]
    _count(asker, len(usable), nameless + len(odd) + len(lost))
    return usable, gaps


def _deleted(asker: Asker, scope: Scope) -> list[Gap]:
    """Ask for the buckets of a project that were deleted and can be got back: nobody sees what is in one before that.

    Whoever may list buckets may list these ("Use soft-deleted buckets", Cloud Storage documentation).
    """
    if scope.facets.isdisjoint((Facet.OBJECTS, Facet.DELETED)):
        return []
    names: list[str] = []

    def collect() -> dict[str, object]:
        pages = asker.clients.storage.list_buckets(
            project=asker.account,
            soft_deleted=True,
            fields="nextPageToken,items(name,softDeleteTime)",
            **asker.clients.patience,
        )
        for items, _ in raw_pages(pages, "items"):
            names.extend(str(each.get("name") or "") for each in items if each.get("softDeleteTime"))
        return {}

    operation = "storage.buckets.list"
    asked: dict[str, Any] = {"facet": Facet.STORES, "resource": asker.account, "operation": operation}
    reply = asker.run(collect, permission=operation, **asked)
    if isinstance(reply, Gap):
        return [replace(reply, facet=Facet.DELETED)]
    patterns = scope.stores or ("*",)
    if not (wanted := sum(any(fnmatchcase(name, each) for each in patterns) for name in names)):
        return []
    words = f"{count(wanted, 'deleted bucket')} can be got back, whose objects nobody can list before that"
    return [asker.gap(Facet.DELETED, asker.account, Why.UNSUPPORTED, operation, detail=words)]


def _count(asker: Asker, told: int, untold: int) -> None:
    """Count the buckets of a list that does not tell of all of them: one that tells of one by halves is no answer."""
    for answered, many in ((True, told), (False, untold)) if untold else ():
        for _ in range(many):
            asker.count(Facet.STORES, answered=answered)
