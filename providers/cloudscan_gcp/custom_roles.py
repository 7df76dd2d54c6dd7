"""The custom roles of a project or an organization, all with one list, deleted ones too: bindings to them may stay."""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.model import Gap
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.questions import named
from cloudscan_gcp import units as made
from cloudscan_gcp.accounts import Node, ProjectScope
from cloudscan_gcp.hierarchy import document
from cloudscan_gcp.session import Asker


def units(project: ProjectScope) -> Iterator[Unit]:
    """Yield the one unit that lists those of a project."""
    if project.wants(Facet.POLICY):
        yield from made.of_project(project, "roles", lambda _, asker: _listed(asker, f"projects/{project.id}"))


def units_above(node: Node) -> Iterator[Unit]:
    """Yield the one unit that lists those of an organization: folders have none."""
    if node.wants(Facet.POLICY) and has_roles(node.id):
        yield from made.above(node, "roles", lambda _, asker: _listed(asker, node.id))


def has_roles(node: str) -> bool:
    """Say whether roles can be made at a level."""
    return node.startswith(("projects/", "organizations/"))


def _listed(asker: Asker, node: str) -> Iterator[Collected]:
    kind, _, name = node.partition("/")
    found, gap = asker.pages(
        f"iam.{kind}.roles.list",
        named("v1/{}/{}/roles", kind, name),
        "roles",
        facet=Facet.POLICY,
        resource=f"{node}/roles",
        permission="iam.roles.list",
        query={"view": "FULL", "showDeleted": "true", "pageSize": 1000},
    )
    for each in found:
        yield document(asker, "role", str(each.get("name") or ""), each)
    if isinstance(gap, Gap):
        yield gap
