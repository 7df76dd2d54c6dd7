"""First bytes of blobs, read from Azurite."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from azure.storage.blob import StandardBlobTier

from cloudscan.demo import clip
from cloudscan.model import Coverage, Gap, Why
from cloudscan.provider import Facet, HeadRow, HeadWish, Scope
from cloudscan_azure import AzureProvider
from cloudscan_azure.blobs import READ_BLOBS
from cloudscan_azure.ids import container_id
from cloudscan_azure.standin.azurite import Azurite
from cloudscan_azure.standin.blobs import Blobs
from cloudscan_azure.standin.bodies import account, account_path
from cloudscan_azure.standin.names import SUBSCRIPTION
from cloudscan_azure.standin.server import Standin

PLACE = account_path("acmecalls")
STORE = container_id(PLACE.lower(), "calls")
Scopes = Callable[..., Scope]


def wish(key: str, version: str | None = None, **given: Any) -> HeadWish:
    size = given.pop("size", len(clip("hold.wav")))
    return HeadWish(STORE, SUBSCRIPTION, "westeurope", key, version, size, given.pop("read", 4096), **given)


def heads(scope: Scope, *wishes: HeadWish) -> list[Any]:
    return [item for unit in AzureProvider().heads(scope, wishes) for item in unit.run()]


@pytest.fixture
def calls(azure: Standin, blobs: Azurite) -> Any:
    azure.blobs = Blobs(blobs, azure.certificate)
    azure.answer(PLACE, account("acmecalls", f"{azure.url}/blob/acmecalls/"))
    with blobs.owner("acmecalls") as holder:
        yield holder.create_container("calls")


def test_the_first_bytes_settle_what_a_blob_is(azure: Standin, calls: Any, scope: Scopes) -> None:
    calls.upload_blob("a/one.bin", clip("hold.wav"))
    calls.upload_blob("a/b?c#d %2F..\u202e", clip("hold.wav"))
    found = heads(scope(Facet.HEADS), wish("a/one.bin"), wish("a/b?c#d %2F..\u202e"))
    rows = [item for item in found if isinstance(item, HeadRow)]
    assert [(row.key, row.media, row.format, row.looked) for row in rows] == [
        ("a/one.bin", "speech", "wav", 4096),
        ("a/b?c#d %2F..\u202e", "speech", "wav", 4096),
    ]
    assert rows[0].etag == calls.get_blob_client("a/one.bin").get_blob_properties().etag.strip('"')
    assert azure.requests["StorageAccounts_GetProperties"] == 1
    assert [item for item in found if isinstance(item, Coverage)] == [
        Coverage("azure", SUBSCRIPTION, Facet.HEADS, 3, 3)
    ]


def test_a_snapshot_is_read_as_it_was(azure: Standin, calls: Any, scope: Scopes) -> None:
    taken = calls.upload_blob("x", clip("hold.wav")).create_snapshot()["snapshot"]
    calls.upload_blob("x", b"nothing", overwrite=True)
    (row, _) = heads(scope(Facet.HEADS), wish("x", f"snapshot={taken}"))
    assert (row.media, row.version) == ("speech", f"snapshot={taken}")


def test_what_lies_in_the_archive_is_not_read(azure: Standin, calls: Any, scope: Scopes) -> None:
    calls.upload_blob("cold", clip("hold.wav"), standard_blob_tier=StandardBlobTier.ARCHIVE)
    calls.upload_blob("warm", clip("hold.wav"))
    found = heads(scope(Facet.HEADS), wish("cold"), wish("warm"))
    assert [item.key for item in found if isinstance(item, HeadRow)] == ["warm"]
    assert [item.detail for item in found if isinstance(item, Gap)] == ["BlobArchived: 1 objects"]


def test_a_refusal_holds_for_the_container_and_is_told_once(azure: Standin, calls: Any, scope: Scopes) -> None:
    azure.faults.add("denied", "Blob_Download")
    found = heads(scope(Facet.HEADS), *(wish(f"{number}") for number in range(3)))
    (gap,) = [item for item in found if isinstance(item, Gap)]
    assert (gap.why, gap.resource, gap.permission) == (Why.DENIED, STORE, READ_BLOBS)
    assert gap.detail.endswith(": 3 objects")
    assert azure.requests["Blob_Download"] == 1


def test_an_account_that_may_not_be_asked_about_is_a_gap(azure: Standin, calls: Any, scope: Scopes) -> None:
    azure.faults.add("denied", "StorageAccounts_GetProperties")
    (gap, _) = heads(scope(Facet.HEADS), wish("x"))
    assert (gap.why, gap.resource, gap.facet) == (Why.DENIED, STORE, Facet.HEADS)


def test_nothing_is_asked_where_nothing_is_wished(azure: Standin, scope: Scopes) -> None:
    assert heads(scope(Facet.HEADS), wish("x", read=0), wish("y", size=0)) == []
    assert azure.requests == {}
