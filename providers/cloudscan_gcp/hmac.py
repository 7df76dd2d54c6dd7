"""HMAC keys: secrets that act as a service account at Cloud Storage, and no other key's list shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloudscan.model import Answer, Credential, Gap
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.parts import utc
from cloudscan_gcp import units as made
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.clients import raw_pages
from cloudscan_gcp.session import PROVIDER, Asker


def units(project: ProjectScope) -> Iterator[Unit]:
    """Yield the one unit that lists them, if they are wanted."""
    if project.wants(Facet.CREDENTIALS):
        yield from made.of_project(project, "hmac", collect)


def collect(project: ProjectScope, asker: Asker) -> Iterator[Collected]:
    """Yield the HMAC keys of a project that were not deleted."""
    found: list[dict[str, Any]] = []

    def read() -> dict[str, Any]:
        keys = project.clients.storage.list_hmac_keys(project_id=project.id, **project.clients.patience)
        for items, _ in raw_pages(keys, "items"):
            found.extend(items)
        return {}

    reply = asker.run(
        read,
        facet=Facet.CREDENTIALS,
        resource=project.id,
        operation="storage.projects.hmacKeys.list",
        permission="storage.hmacKeys.list",
    )
    yield from (key(each, project) for each in found)
    if isinstance(reply, Gap):
        yield reply


def key(told: Mapping[str, Any], project: ProjectScope) -> Credential:
    """Read an HMAC key; it lasts until somebody deletes it ("HMAC keys", Cloud Storage documentation)."""
    name = str(told.get("accessId") or "")
    state = told.get("state")
    return Credential(
        id=f"projects/{project.id}/hmacKeys/{name}",
        provider=PROVIDER,
        account=project.id,
        principal=f"serviceAccount:{told.get('serviceAccountEmail') or ''}",
        kind="hmac-key",
        created=utc(told.get("timeCreated")),
        lasting=Answer.YES,
        enabled=Answer.of({"ACTIVE": True, "INACTIVE": False}.get(str(state))),
    )
