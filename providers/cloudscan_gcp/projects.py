"""Projects of a scope, and the folders and organizations above them: by name, by search, or by a walk downwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cloudscan.model import Coverage, Gap, Why
from cloudscan.provider import Facet
from cloudscan.providing.questions import gaps_of, named
from cloudscan_gcp import hierarchy_read
from cloudscan_gcp.accounts import Node
from cloudscan_gcp.hierarchy_read import Project
from cloudscan_gcp.session import Asker

if TYPE_CHECKING:
    from cloudscan_gcp.discovery import Session

Noticed = Gap | Coverage


@dataclass(frozen=True, slots=True)
class Path:
    """The way to a parent of projects, itself included and root first; and what asking for it told."""

    nodes: tuple[str, ...] | None
    noticed: tuple[Noticed, ...] = ()


def projects_of(session: Session, pool: ThreadPoolExecutor) -> tuple[list[Project], dict[str, Path], list[Noticed]]:
    """Return the projects to look at by id, the folders and organizations that were walked, and what was not listed."""
    noticed: list[Noticed] = []
    found: dict[str, Project] = {}
    walked: dict[str, Path] = {}
    named_ones = session.scope.words("project")
    roots = [f"folders/{number}" for number in session.scope.words("folder")]
    roots += [f"organizations/{number}" for number in session.scope.words("organization")]
    for projects, asked in pool.map(lambda name: _named(session, name), named_ones):
        found |= {project.id: project for project in projects}
        noticed += asked
    level = [(root, Path((root,) if root.startswith("organizations/") else None)) for root in roots]
    while level:
        walked |= dict(level)
        below: list[tuple[str, Path]] = []
        for (_, path), (projects, folders, asked) in zip(
            level, pool.map(lambda each: _children(session, each[0]), level), strict=True
        ):
            found |= {project.id: project for project in projects}
            noticed += asked
            new = (folder for folder in folders if folder not in walked)
            below += [(folder, Path((*path.nodes, folder) if path.nodes else None)) for folder in new]
        level = below
    if not named_ones and not roots:
        projects, asked = _searched(session)
        found |= {project.id: project for project in projects}
        noticed += asked
    return [found[name] for name in sorted(found)], walked, noticed


def _named(session: Session, name: str) -> tuple[list[Project], list[Noticed]]:
    """Ask for a project that the user named. One that is not told is looked at all the same, if it has an id."""
    asker = session.asker(name)
    reply = asker.ask(
        "cloudresourcemanager.projects.get",
        named("v3/projects/{}", name),
        facet=Facet.ACCOUNTS,
        resource=name,
        permission="resourcemanager.projects.get",
    )
    if isinstance(reply, dict):
        project = hierarchy_read.project(reply)
        if project is not None:
            return [project], list(asker.coverage())
        reply = asker.gap(Facet.ACCOUNTS, name, Why.MALFORMED, "cloudresourcemanager.projects.get")
    gaps = [_doubted(reply, "project")] if isinstance(reply, Gap) else []
    unknown = [] if name.isdecimal() or any(gap.why is Why.VANISHED for gap in gaps) else [Project(name, "")]
    return unknown, [*gaps, *asker.coverage()]


def _searched(session: Session) -> tuple[list[Project], list[Noticed]]:
    """Ask for all projects that the caller may see, those that are being deleted included: they can be restored."""
    asker = session.asker("")
    entries, gap = asker.pages(
        "cloudresourcemanager.projects.search",
        "v3/projects:search",
        "projects",
        facet=Facet.ACCOUNTS,
        resource="projects",
        permission="resourcemanager.projects.get",
    )
    return _read(entries), [*gaps_of(gap), *asker.coverage()]


def _children(session: Session, parent: str) -> tuple[list[Project], list[str], list[Noticed]]:
    """Ask for the projects and folders directly below a folder or organization."""
    asker = session.asker(parent)
    entries, gap = asker.pages(
        "cloudresourcemanager.projects.list",
        "v3/projects",
        "projects",
        facet=Facet.ACCOUNTS,
        resource=parent,
        permission="resourcemanager.projects.list",
        query={"parent": parent},
    )
    folders, missing = asker.pages(
        "cloudresourcemanager.folders.list",
        "v3/folders",
        "folders",
        facet=Facet.ACCOUNTS,
        resource=parent,
        permission="resourcemanager.folders.list",
        query={"parent": parent},
    )
    names = [str(folder.get("name") or "") for folder in folders]
    noun = "folder" if parent.startswith("folders/") else "organization"
    gaps = [_doubted(each, noun) for each in (*gaps_of(gap), *gaps_of(missing))]
    return _read(entries), [name for name in names if name], [*gaps, *asker.coverage()]


def _doubted(gap: Gap, noun: str) -> Gap:
    """Say of what the user named that it may not be there: Google tells nobody who may not see it."""
    words = {Why.DENIED: f"or there is no such {noun}", Why.VANISHED: f"there is no such {noun}"}.get(gap.why)
    return replace(gap, detail=f"{gap.detail}; {words}") if words else gap


def _read(entries: Iterable[dict[str, object]]) -> list[Project]:
    return [project for entry in entries if (project := hierarchy_read.project(entry)) is not None]


def by_parent(projects: Iterable[Project], walked: dict[str, Path]) -> list[list[Project]]:
    """Group the projects whose ancestors are to be asked for: those of one parent have the same."""
    groups: dict[str, list[Project]] = defaultdict(list)
    for project in projects:
        known = walked.get(project.parent)
        if project.parent and project.state == "ACTIVE" and (known is None or known.nodes is None):
            groups[project.parent].append(project)
    return list(groups.values())


def path_of(session: Session, group: Sequence[Project]) -> tuple[str, Path]:
    """Ask what lies above one of the projects of a parent; the next one where that is refused."""
    noticed: list[Noticed] = []
    for project in group:
        asker = Asker(session.clients, project.id, project.number)
        operation = "cloudresourcemanager.projects.getAncestry"
        reply = asker.ask(
            operation,
            named("v1/projects/{}:getAncestry", project.id),
            facet=Facet.ORGANIZATION,
            resource=project.id,
            permission="resourcemanager.projects.get",
            method="POST",
            body={},
        )
        nodes = hierarchy_read.ancestry(reply) if isinstance(reply, dict) else None
        if isinstance(reply, dict) and nodes is None:
            reply = asker.gap(Facet.ORGANIZATION, project.id, Why.MALFORMED, operation)
        noticed = [*([reply] if isinstance(reply, Gap) else []), *asker.coverage()]
        if nodes is not None:
            return project.parent, Path(nodes, tuple(noticed))
    return group[0].parent, Path(None, tuple(noticed))


def nodes_of(session: Session, paths: dict[str, Path], walked: Iterable[str]) -> list[Node]:
    """Return every folder and organization of the scope and above it, once, from the top down."""
    parents: dict[str, tuple[str, ...] | None] = {}
    for path in paths.values():
        for place, node in enumerate(path.nodes or ()):
            parents[node] = (path.nodes or ())[:place]
    for node in (*walked, *(parent for parent, path in paths.items() if path.nodes is None)):
        parents.setdefault(node, () if node.startswith("organizations/") else None)
    ordered = sorted(parents, key=lambda node: (len(parents[node] or ()), node))
    return [Node(node, session.clients, session.scope, parents[node]) for node in ordered]
