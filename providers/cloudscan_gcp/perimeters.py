"""Service perimeters of an organization: who is outside of one gets nothing of the services that it restricts.

From "VPC Service Controls": an access policy of the organization holds perimeters, and each names its projects by
number. What a perimeter would restrict if its dry run were in force is kept with it, and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.model import Gap
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.parts import part, texts
from cloudscan.providing.questions import named
from cloudscan_gcp import units as made
from cloudscan_gcp.accounts import Node
from cloudscan_gcp.hierarchy import document
from cloudscan_gcp.session import Asker


def units_above(node: Node) -> Iterator[Unit]:
    """Yield the one unit that asks for those of an organization."""
    if node.wants(Facet.ORGANIZATION) and node.id.startswith("organizations/"):
        yield from made.above(node, "perimeters", collect)


def collect(node: Node, asker: Asker) -> Iterator[Collected]:
    """Yield the perimeters of every access policy, on the projects that are inside."""
    policies, gap = asker.pages(
        "accesscontextmanager.accessPolicies.list",
        "v1/accessPolicies",
        "accessPolicies",
        facet=Facet.ORGANIZATION,
        resource=node.id,
        permission="accesscontextmanager.policies.list",
        query={"parent": node.id, "pageSize": 100},
    )
    if isinstance(gap, Gap):
        yield gap
    for policy in policies:
        perimeters, missing = asker.pages(
            "accesscontextmanager.accessPolicies.servicePerimeters.list",
            named("v1/accessPolicies/{}/servicePerimeters", str(policy.get("name") or "").rpartition("/")[2]),
            "servicePerimeters",
            facet=Facet.ORGANIZATION,
            resource=node.id,
            permission="accesscontextmanager.servicePerimeters.list",
            query={"pageSize": 100},
        )
        for each in perimeters:
            inside = texts(part(each, "status"), "resources")
            yield document(asker, "perimeter", str(each.get("name") or ""), each, *inside)
        if isinstance(missing, Gap):
            yield missing
