"""The roles that Google publishes, all of them, in the evaluator's hands."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from cloudscan.access import ALWAYS, NEVER
from cloudscan.provider import Facet
from cloudscan_gcp.permissions import permissions
from cloudscan_gcp.policy.roles import Role, Roles, read_role

PUBLISHED = Path(__file__).parents[2] / "shared" / "data" / "gcp-predefined-roles.jsonl.gz"
READ = "storage.objects.get"


def published() -> list[dict[str, Any]]:
    if not PUBLISHED.is_file():
        pytest.skip(f"no {PUBLISHED.name} beside the checkout")
    with gzip.open(PUBLISHED, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def test_every_predefined_role_is_read_and_permits_what_it_lists() -> None:
    written = published()
    read = [read_role(one["name"], json.dumps(one)) for one in written]
    assert len(read) == 2_461
    for one, role in zip(written, read, strict=True):
        assert role == Role(one["name"], frozenset(one.get("includedPermissions") or ()))


def test_who_reads_objects_by_a_predefined_role() -> None:
    """No basic role does; a legacy role of buckets does not; what is called a viewer of objects does."""
    roles = Roles(role for one in published() if (role := read_role(one["name"], json.dumps(one))))
    for name in (
        "owner",
        "editor",
        "viewer",
        "storage.legacyBucketOwner",
        "storage.objectCreator",
        "storage.hmacKeyAdmin",
    ):
        assert roles.gives(f"roles/{name}", READ) is NEVER, name
    for name in ("storage.objectViewer", "storage.legacyObjectReader", "storage.legacyObjectOwner", "storage.admin"):
        assert roles.gives(f"roles/{name}", READ) is ALWAYS, name


def test_the_least_role_asks_for_permissions_that_google_has() -> None:
    """A role with a permission that there is not cannot be made; every one that reads is in a role of Google's own."""
    known = {name for one in published() for name in one.get("includedPermissions") or ()}
    assert [name for name in permissions(frozenset(Facet), sniff=True) if name not in known] == []
