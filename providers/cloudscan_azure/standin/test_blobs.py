"""Blobs at the stand-in's own address are Azurite's, with what Azurite loses told beside them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from azure.core.exceptions import HttpResponseError
from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobServiceClient, ContainerClient

from cloudscan_azure.standin.azurite import API_VERSION, Azurite
from cloudscan_azure.standin.blobs import LIST, Blobs
from cloudscan_azure.standin.server import Standin

OLD = "Wed, 05 Nov 2025 10:00:00 GMT"


@pytest.fixture
def calls(azure: Standin, blobs: Azurite) -> Iterator[ContainerClient]:
    """A scanner's view of a container that has two calls."""
    azure.blobs = Blobs(blobs, azure.certificate)
    with blobs.owner("acmecalls") as owner:
        container = owner.create_container("calls")
        for name in ("2025/0.wav", "2025/é <1>.wav"):
            container.upload_blob(name, b"RIFFdata")
    with (
        DefaultAzureCredential(disable_instance_discovery=True) as credential,
        BlobServiceClient(
            f"{azure.url}/blob/acmecalls/", credential, api_version=API_VERSION, retry_total=0
        ) as scanner,
    ):
        yield scanner.get_container_client("calls")


def test_a_list_is_azurites_with_what_is_told(azure: Standin, calls: ContainerClient) -> None:
    assert azure.blobs is not None
    azure.blobs.tell("acmecalls", "calls", "2025/0.wav", Creation_Time=OLD, EncryptionScope="voice")
    first, second = calls.list_blobs()
    assert (first.name, second.name) == ("2025/0.wav", "2025/é <1>.wav")
    assert (first.size, first.encryption_scope, second.encryption_scope) == (8, "voice", None)
    assert first.creation_time is not None
    assert second.creation_time is not None
    assert first.creation_time.year == 2025
    assert first.creation_time < second.creation_time
    assert azure.requests[LIST] == 1


def test_other_states_are_told_where_they_are_asked_for(azure: Standin, calls: ContainerClient) -> None:
    assert azure.blobs is not None
    azure.blobs.state("acmecalls", "calls", "2025/0.wav", VersionId="2025-11-05T10:00:00.0000000Z", Last_Modified=OLD)
    azure.blobs.tell(
        "acmecalls", "calls", "2025/0.wav", VersionId="2026-11-05T10:00:00.0000000Z", IsCurrentVersion="true"
    )
    assert len(list(calls.list_blobs())) == 2
    told = [(blob.name, bool(blob.is_current_version)) for blob in calls.list_blobs(include=["versions"])]
    assert told == [("2025/0.wav", False), ("2025/0.wav", True), ("2025/é <1>.wav", False)]


def test_bytes_and_properties_are_azurites(azure: Standin, calls: ContainerClient) -> None:
    blob = calls.get_blob_client("2025/é <1>.wav")
    assert blob.download_blob(offset=4, length=4).readall() == b"data"
    assert blob.get_blob_properties().size == 8


def test_azurite_decides_on_tokens_and_the_stand_in_on_faults(azure: Standin, calls: ContainerClient) -> None:
    with pytest.raises(HttpResponseError) as raised:
        list(ContainerClient.from_container_url(calls.url, api_version=API_VERSION, retry_total=0).list_blobs())
    assert raised.value.status_code in (401, 403)
    azure.faults.add("denied", LIST, first=1)
    with pytest.raises(HttpResponseError, match="AuthorizationPermissionMismatch"):
        list(calls.list_blobs())
    assert len(list(calls.list_blobs())) == 2


def test_writing_is_forbidden(azure: Standin, calls: ContainerClient) -> None:
    with pytest.raises(HttpResponseError) as raised:
        calls.upload_blob("new.wav", b"RIFF")
    assert raised.value.status_code == 403
    azure.forbidden.clear()
