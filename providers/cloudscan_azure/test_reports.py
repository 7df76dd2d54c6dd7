"""Blobs from the inventories of their account, which lie in Azurite as Azure would have written them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cloudscan.collection.run import collect
from cloudscan.estate import Estate
from cloudscan.model import Gap, Why
from cloudscan.provider import Facet, Scope
from cloudscan_azure import AzureProvider
from cloudscan_azure.standin.azurite import Azurite
from cloudscan_azure.standin.bodies import account, account_path, container, entity, subscription
from cloudscan_azure.standin.names import SUBSCRIPTION, TENANT
from cloudscan_azure.standin.server import Standin

FIELDS = ("Name", "Last-Modified", "ETag", "Content-Length", "Content-Type", "BlobType", "AccessTier")
RUN = "2026/11/19/01-00-00/daily"
CALLS = "calls/1.wav,2026-11-18T10:00:00Z,0x8D,16000,audio/wav,BlockBlob,Hot"
OTHER = "notes/1.txt,2026-11-18T10:00:00Z,0x8D,16,text/plain,BlockBlob,Hot"
Scopes = Callable[..., Scope]


def manifest(data: bytes, filters: dict[str, Any]) -> bytes:
    told = {
        "destinationContainer": "reports",
        "endpoint": "https://acmecalls.blob.core.windows.net",
        "files": [{"blob": f"{RUN}/daily.csv", "size": len(data)}],
        "inventoryCompletionTime": "2026-11-19T02:00:00Z",
        "inventoryStartTime": "2026-11-19T01:00:00Z",
        "ruleDefinition": {
            "filters": {"blobTypes": ["blockBlob", "appendBlob", "pageBlob"], **filters},
            "format": "csv",
            "objectType": "blob",
            "schedule": "daily",
            "schemaFields": list(FIELDS),
        },
        "ruleName": "daily",
        "status": "Succeeded",
        "version": "1.0",
    }
    return json.dumps(told).encode()


@pytest.fixture
def write(azure: Standin, blobs: Azurite) -> Callable[..., None]:
    """Write an inventory of container ``calls`` and others; ``calls`` really holds one blob more."""
    azure.fresh("/subscriptions", "/providers", "/v1.0", "/beta")
    azure.pages("/subscriptions", [subscription()])
    entities = [entity(TENANT, None), entity(SUBSCRIPTION, TENANT, kind="subscription")]
    azure.pages("POST /providers/Microsoft.Management/getEntities", entities)
    path, place = (
        f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Storage/storageAccounts",
        account_path("acmecalls"),
    )
    azure.pages(path, [account("acmecalls", blobs.endpoint("acmecalls"))])
    told = [container(name, "acmecalls") for name in ("calls", "notes", "reports")]
    azure.pages(f"{place}/blobServices/default/containers", told)
    with blobs.owner("acmecalls") as holder:
        for name in ("calls", "notes", "reports"):
            holder.create_container(name)
        for name in ("1.wav", "2.wav"):
            holder.get_container_client("calls").upload_blob(name, b"RIFF")
    rule = {
        "name": "daily",
        "enabled": True,
        "destination": "reports",
        "definition": {"format": "Csv", "schedule": "Daily", "objectType": "Blob", "schemaFields": list(FIELDS)},
    }
    policy = {"properties": {"policy": {"enabled": True, "type": "Inventory", "rules": [rule]}}}
    azure.pages(f"{place}/inventoryPolicies", [policy])

    def make(*lines: str, checked: bool = True, size: int | None = None, **filters: Any) -> None:
        data = "\n".join((",".join(FIELDS), *lines, "")).encode()
        raw = manifest(data if size is None else b"x" * size, filters)
        digest = hashlib.md5(raw if checked else b"", usedforsecurity=False).hexdigest().encode()
        with blobs.owner("acmecalls") as holder:
            reports = holder.get_container_client("reports")
            parts = {"daily.csv": data, "daily-manifest.json": raw, "daily-manifest.checksum": digest}
            for name, content in parts.items():
                reports.upload_blob(f"{RUN}/{name}", content)
            reports.upload_blob("2026/11/20/01-00-00/daily/daily.csv", b"a run that is not done")

    return make


def found(scope: Scope, folder: Path) -> tuple[list[tuple[str, str, str]], list[Gap]]:
    collect([AzureProvider()], {"azure": scope}, folder)
    seen = Estate.open(folder)
    sql = "SELECT split_part(store, '/', -1), key, media FROM objects ORDER BY ALL"
    return [(store, key, media) for store, key, media in seen.objects.query(sql)], list(seen.gaps)


def test_blobs_of_all_containers_come_from_the_newest_inventory_that_is_whole(
    write: Callable[..., None], scope: Scopes, tmp_path: Path
) -> None:
    write(CALLS, OTHER)
    rows, gaps = found(scope(Facet.OBJECTS, options={"inventory": True}), tmp_path / "snapshot")
    assert rows == [("calls", "1.wav", "speech"), ("notes", "1.txt", "other")]
    assert {(gap.why, gap.facet) for gap in gaps} == {(Why.LIMIT, Facet.OBJECTS)}
    assert {gap.resource.rpartition("/")[2] for gap in gaps} == {"calls", "notes", "reports"}
    assert {gap.since for gap in gaps} == {datetime(2026, 11, 17, 1, tzinfo=UTC)}


def test_containers_that_are_not_wholly_in_it_are_listed(
    write: Callable[..., None], scope: Scopes, tmp_path: Path
) -> None:
    write(OTHER, prefixMatch=["notes/", "calls/a/"])
    rows, gaps = found(scope(Facet.OBJECTS, options={"inventory": True}, stores=("*/calls",)), tmp_path / "snapshot")
    assert [row[:2] for row in rows] == [("calls", "1.wav"), ("calls", "2.wav")]
    assert [(gap.why, gap.facet) for gap in gaps] == [(Why.DISABLED, Facet.INVENTORY)]


@pytest.mark.parametrize("how", [{"checked": False}, {"size": 3}])
def test_an_inventory_that_is_not_whole_is_a_gap(
    write: Callable[..., None], scope: Scopes, tmp_path: Path, how: dict[str, Any]
) -> None:
    write(CALLS, **how)
    given = scope(Facet.OBJECTS, options={"inventory": True}, stores=("*/calls",))
    rows, gaps = found(given, tmp_path / "snapshot")
    if "checked" in how:  # then it is no inventory, and the container is listed
        assert [row[1] for row in rows] == ["1.wav", "2.wav"]
        assert [(gap.why, gap.facet) for gap in gaps] == [(Why.UNSUPPORTED, Facet.INVENTORY)]
    else:
        assert rows == []
        assert Why.MALFORMED in {gap.why for gap in gaps if gap.facet == Facet.OBJECTS}


def test_without_the_option_no_inventory_is_read(write: Callable[..., None], scope: Scopes, tmp_path: Path) -> None:
    write(CALLS)
    rows, gaps = found(scope(Facet.OBJECTS, stores=("*/calls",)), tmp_path / "snapshot")
    assert [row[1] for row in rows] == ["1.wav", "2.wav"]
    assert gaps == []


def test_what_was_deleted_is_told_by_no_inventory(write: Callable[..., None], scope: Scopes, tmp_path: Path) -> None:
    write(CALLS)
    given = scope(Facet.OBJECTS, Facet.DELETED, options={"inventory": True}, stores=("*/calls",))
    _, gaps = found(given, tmp_path / "snapshot")
    assert (Why.LIMIT, Facet.DELETED) in {(gap.why, gap.facet) for gap in gaps}
