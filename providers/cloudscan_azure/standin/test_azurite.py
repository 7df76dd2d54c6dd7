"""Azurite takes tokens that azure-identity got from the stand-in, and holds what it is said to hold."""

from __future__ import annotations

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobServiceClient

from cloudscan_azure.standin import node
from cloudscan_azure.standin.azurite import API_VERSION, Azurite
from cloudscan_azure.standin.server import Standin

HOSTILE = "calls/é <x>&amp;\u202e 'q'.wav"


def refusal(scanner: BlobServiceClient) -> int | None:
    with pytest.raises(HttpResponseError) as raised:
        list(scanner.list_containers())
    return raised.value.status_code


def test_a_token_of_the_environment_reads_blobs(azure: Standin, blobs: Azurite) -> None:
    with blobs.owner("acmecalls") as holder:
        holder.create_container("calls").upload_blob(HOSTILE, b"RIFFdata")
    with (
        DefaultAzureCredential(disable_instance_discovery=True) as credential,
        BlobServiceClient(blobs.endpoint("acmecalls"), credential, api_version=API_VERSION) as scanner,
    ):
        assert [blob.name for blob in scanner.get_container_client("calls").list_blobs()] == [HOSTILE]
        assert scanner.get_blob_client("calls", HOSTILE).download_blob().readall() == b"RIFFdata"
    assert azure.tokens.given == ["https://storage.azure.com"]


def test_a_token_for_another_service_is_refused(azure: Standin, blobs: Azurite) -> None:
    wrong = azure.tokens.make("https://management.azure.com")
    with BlobServiceClient(blobs.endpoint("acmecalls"), _Fixed(wrong), api_version=API_VERSION) as scanner:
        assert refusal(scanner) == 403


def test_an_unknown_version_of_the_service_is_refused(blobs: Azurite, azure: Standin) -> None:
    token = azure.tokens.make("https://storage.azure.com")
    with BlobServiceClient(blobs.endpoint("acmecalls"), _Fixed(token)) as scanner:
        assert refusal(scanner) == 400


def test_what_is_not_installed_is_told() -> None:
    assert "make test" in node.missing("no-such-package")


class _Fixed:
    """A credential that has one token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *scopes: str, **_: object) -> AccessToken:
        return AccessToken(self._token, 4_000_000_000)
