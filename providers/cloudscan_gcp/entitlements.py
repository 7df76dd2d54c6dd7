"""What somebody may have on request: entitlements of Privileged Access Manager, of a project or what lies above it.

From "Privileged Access Manager overview" (IAM documentation): whoever is eligible asks for the roles of an entitlement,
has them for a time, and waits for nobody where no approval is asked for. From "Entitlement" (Privileged Access Manager
API): each names those, the roles, and perhaps a condition of each role.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cloudscan.model import Gap, PolicyDocument, Why
from cloudscan.provider import Collected, Facet
from cloudscan.providing.parts import items, part, texts
from cloudscan.providing.questions import named
from cloudscan_gcp.session import PROVIDER, Asker, of_service

LISTS = "privilegedaccessmanager.entitlements.list"
KIND = "entitlement"
_FACET = Facet.ORGANIZATION
_ENDING = ("DELETING", "DELETED")


def collect(asker: Asker, node: str) -> Iterator[Collected]:
    """Yield the entitlements of a level, as allow policies write who has which role."""
    kind, _, name = node.partition("/")
    listed, gap = asker.pages(
        LISTS,
        named("v1/{}/{}/locations/global/entitlements", kind, name),
        "entitlements",
        facet=_FACET,
        resource=node,
        permission=LISTS,
    )
    if isinstance(gap, Gap):
        yield of_service(gap)
    for each in listed:
        if each.get("state") in _ENDING:
            continue
        bindings = list(_bindings(each))
        if not bindings or not each.get("name"):
            yield asker.gap(_FACET, node, Why.MALFORMED, LISTS, "an entitlement without roles or principals", LISTS)
            continue
        yield PolicyDocument(
            id=str(each["name"]),
            provider=PROVIDER,
            account=asker.account,
            kind=KIND,
            attached_to=(node,),
            document=json.dumps({"bindings": bindings}, sort_keys=True, ensure_ascii=False),
        )


def _bindings(payload: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    members = [member for entry in items(payload, "eligibleUsers") for member in texts(entry, "principals")]
    for each in items(part(part(payload, "privilegedAccess"), "gcpIamAccess"), "roleBindings"):
        role, expression = each.get("role"), each.get("conditionExpression")
        if isinstance(role, str) and members:
            condition = {"condition": {"expression": expression}} if expression else {}
            yield {"role": role, "members": members, **condition}
