"""What holds for a whole project, folder or organization: allow and deny policies, boundaries, and entitlements.

Each level is asked for its own policies, since none tells of those above it ("Policy inheritance", IAM documentation).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cloudscan.model import Gap, PolicyDocument, Principal, Why
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.parts import part
from cloudscan.providing.questions import Reply, named
from cloudscan_gcp import entitlements
from cloudscan_gcp import units as made
from cloudscan_gcp.accounts import Node, ProjectScope
from cloudscan_gcp.session import PROVIDER, Asker

_VERSION = {"options": {"requestedPolicyVersion": 3}}
"""Without it, conditions would be lost ("Policy versions")."""
_FACET = Facet.ORGANIZATION


def units(project: ProjectScope) -> Iterator[Unit]:
    """Yield the one unit that asks for the policies of a project."""
    if project.wants(_FACET):
        yield from made.of_project(project, "hierarchy", _of_project, requests=3)


def units_above(node: Node) -> Iterator[Unit]:
    """Yield the one unit that asks for the policies of a folder or organization, and for whose organization it is."""
    if node.wants(_FACET):
        own = node.id.startswith("organizations/")
        yield from made.above(node, "hierarchy", _of_node, requests=5 if own else 3)


def _of_project(project: ProjectScope, asker: Asker) -> Iterator[Collected]:
    yield from _policies(asker, f"projects/{project.id}")


def _of_node(node: Node, asker: Asker) -> Iterator[Collected]:
    yield from _policies(asker, node.id)
    if node.id.startswith("organizations/"):
        yield from _domain(asker, node.id)
        yield from _boundaries(asker, node.id)


def policy(asker: Asker, node: str, facet: Facet) -> Reply:
    """Ask for the allow policy of a level, with what it says of audit logs: once in a scan, whoever needs it."""
    kind, _, name = node.partition("/")
    reply, new = asker.clients.shared.answer(
        f"policy of {node}",
        lambda: asker.ask(
            f"cloudresourcemanager.{kind}.getIamPolicy",
            named("v3/{}/{}:getIamPolicy", kind, name),
            facet=facet,
            resource=node,
            permission=f"resourcemanager.{kind}.getIamPolicy",
            method="POST",
            body=_VERSION,
        ),
    )
    if not new:
        asker.count(facet, answered=not isinstance(reply, Gap))
    return replace(reply, facet=facet) if isinstance(reply, Gap) else reply


def _policies(asker: Asker, node: str) -> Iterator[Collected]:
    reply = policy(asker, node, _FACET)
    if isinstance(reply, dict):
        yield document(asker, "hierarchy", f"{node}#iam", reply, node)
    elif isinstance(reply, Gap):
        yield reply
    yield from _denies(asker, node)
    yield from entitlements.collect(asker, node)


def _denies(asker: Asker, node: str) -> Iterator[Collected]:
    """Ask for the deny policies; their list leaves out what they deny ("Method: policies.listPolicies")."""
    point = f"cloudresourcemanager.googleapis.com/{node}"
    listed, gap = asker.pages(
        "iam.policies.listPolicies",
        named("v2/policies/{}/denypolicies", point),
        "policies",
        facet=_FACET,
        resource=node,
        permission="iam.denypolicies.list",
        query={"pageSize": 1000},
    )
    if isinstance(gap, Gap):
        yield gap
    for each in listed:
        name = str(each.get("name") or "")
        reply = asker.ask(
            "iam.policies.get",
            named("v2/policies/{}/denypolicies/{}", point, name.rpartition("/")[2]),
            facet=_FACET,
            resource=node,
            permission="iam.denypolicies.get",
        )
        if isinstance(reply, dict):
            yield document(asker, "deny", str(reply.get("name") or name), reply, node)
        elif isinstance(reply, Gap):
            yield reply


def _domain(asker: Asker, node: str) -> Iterator[Collected]:
    """Ask for the domain whose people the organization is ("Organization": its display name is the domain)."""
    operation, permission = "cloudresourcemanager.organizations.get", "resourcemanager.organizations.get"
    reply = asker.ask(operation, f"v3/{node}", facet=_FACET, resource=node, permission=permission)
    if isinstance(reply, Gap):
        yield reply
    elif isinstance(reply, dict):
        name = reply.get("displayName")
        if not isinstance(name, str) or not name:
            yield asker.gap(_FACET, node, Why.MALFORMED, operation, "its domain is missing", permission)
            return
        yield Principal(
            id=f"domain:{name}",
            provider=PROVIDER,
            account=node,
            kind="domain",
            name=name,
            unique_id=str(reply.get("directoryCustomerId") or "") or None,
        )


def _boundaries(asker: Asker, node: str) -> Iterator[Collected]:
    """Ask for the principal access boundaries of an organization, and of each for whom it is ("IAM API v3")."""
    place = f"v3/{node}/locations/global/principalAccessBoundaryPolicies"
    listed, gap = asker.pages(
        "iam.organizations.locations.principalAccessBoundaryPolicies.list",
        place,
        "principalAccessBoundaryPolicies",
        facet=_FACET,
        resource=node,
        permission="iam.principalaccessboundarypolicies.list",
        query={"pageSize": 1000},
    )
    if isinstance(gap, Gap):
        yield gap
    for each in listed:
        name = str(each.get("name") or "")
        bindings, missing = asker.pages(
            "iam.organizations.locations.principalAccessBoundaryPolicies.searchPolicyBindings",
            named(place + "/{}:searchPolicyBindings", name.rpartition("/")[2]),
            "policyBindings",
            facet=_FACET,
            resource=node,
            permission="iam.principalaccessboundarypolicies.searchPolicyBindings",
            query={"pageSize": 1000},
        )
        yield document(asker, "boundary", name, each, *_bound(bindings))
        if isinstance(missing, Gap):
            yield missing


def _bound(bindings: list[dict[str, Any]]) -> tuple[str, ...]:
    """Return the principal sets that bindings are about ("PolicyBinding")."""
    sets = (part(each, "target").get("principalSet") for each in bindings)
    return tuple(sorted({str(each) for each in sets if each}))


def document(asker: Asker, kind: str, name: str, payload: Mapping[str, Any], *attached_to: str) -> PolicyDocument:
    """Keep a policy or a role as it was returned."""
    return PolicyDocument(
        id=name,
        provider=PROVIDER,
        account=asker.account,
        kind=kind,
        attached_to=attached_to,
        document=json.dumps(payload, sort_keys=True, ensure_ascii=False),
    )
