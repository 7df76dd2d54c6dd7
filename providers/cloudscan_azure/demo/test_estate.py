"""The demo's estate stands: what was put there is what Azure's clients read, and all of it Azure could have said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from azure.identity import DefaultAzureCredential
from azure.mgmt.storage import StorageManagementClient
from azure.storage.blob import BlobServiceClient

from cloudscan.audio.listings import Classes, Neighbours
from cloudscan.collection.run import collect
from cloudscan.demo import environment
from cloudscan.errors import MissingPart
from cloudscan.estate import Estate
from cloudscan.provider import Facet, Scope
from cloudscan.standin import loopback
from cloudscan_azure import AzureProvider
from cloudscan_azure.demo import demo, estate
from cloudscan_azure.demo.names import ACCOUNTS, SHARE, SUBSCRIPTION, TRAINING, VOICE
from cloudscan_azure.standin import node
from cloudscan_azure.standin.azurite import API_VERSION, missing
from cloudscan_azure.standin.server import Standin


@pytest.fixture(scope="module")
def cloud() -> Iterator[Standin]:
    """The estate, held to the models of Azure's libraries."""
    if reason := missing():
        pytest.skip(reason)
    with loopback.only() as left, estate.standing(held=True) as standing:
        with environment(standing.environment()):
            yield standing
        assert left == []
        assert standing.crashes == []


@pytest.fixture(scope="module")
def credential(cloud: Standin) -> Iterator[DefaultAzureCredential]:
    made = DefaultAzureCredential(disable_instance_discovery=True)
    yield made
    made.close()


class Row:
    delete_marker = False

    def __init__(self, key: str, size: int) -> None:
        self.key, self.size = key, size


def client(cloud: Standin, credential: DefaultAzureCredential, account: str) -> BlobServiceClient:
    return BlobServiceClient(f"{cloud.url}/blob/{account}/", credential, api_version=API_VERSION)


def test_recordings_are_heard_and_the_website_has_none(cloud: Standin, credential: DefaultAzureCredential) -> None:
    heard: dict[str, int] = {}
    places = {VOICE: ("calls", "voicemail", "archive", "transcripts"), SHARE: ("complaints",), TRAINING: ("labelled",)}
    for account in ACCOUNTS:
        with client(cloud, credential, account) as opened:
            for container in places.get(account, ("website",)):
                for blob in opened.get_container_client(container).list_blobs():
                    row = Row(blob.name, blob.size)
                    seen = Neighbours([row], Classes()).see(row, blob.content_settings.content_type)
                    heard[container] = heard.get(container, 0) + (seen[0] == "speech")
    assert heard == {
        "calls": 10,
        "voicemail": 6,
        "archive": 3,
        "transcripts": 0,
        "complaints": 4,
        "labelled": 3,
        "website": 0,
    }


def test_calls_outlive_the_rule_that_seems_to_delete_them(cloud: Standin, credential: DefaultAzureCredential) -> None:
    with StorageManagementClient(credential, SUBSCRIPTION, cloud.url, api_version="2024-01-01") as managed:
        told = managed.management_policies.get("voice", VOICE, "default").policy
    assert told is not None
    calls, voicemail, *_ = told.rules
    assert calls.definition.filters is not None
    assert voicemail.definition.filters is not None
    assert (calls.definition.filters.prefix_match, voicemail.definition.filters.prefix_match) == (
        ["2026/"],
        ["voicemail/"],
    )
    with client(cloud, credential, VOICE) as opened:
        made = [blob.creation_time for blob in opened.get_container_client("calls").list_blobs()]
    assert sum(each < datetime.now(UTC) - timedelta(days=90) for each in made if each) == 3


def test_old_versions_are_told_where_they_are_asked_for(cloud: Standin, credential: DefaultAzureCredential) -> None:
    with client(cloud, credential, TRAINING) as opened:
        container = opened.get_container_client("labelled")
        assert len(list(container.list_blobs())) == 3
        assert len(list(container.list_blobs(include=["versions"]))) == 6


def test_without_azurite_the_demo_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "_MODULES", node.module("nowhere"))
    with pytest.raises(MissingPart, match="azurite is not installed"), demo():
        pass


def test_a_scan_is_answered_all_that_it_asks_and_asks_nothing_that_does_more_than_read(
    cloud: Standin, tmp_path: Path
) -> None:
    scope = Scope(frozenset(Facet), versions=True, sniff=50, heads=20, workers=4, endpoint_url=cloud.url)
    collect([AzureProvider()], {"azure": scope}, tmp_path / "snapshot")
    assert (cloud.refused, cloud.forbidden, cloud.unanswered) == ([], [], [])
    seen = Estate.open(tmp_path / "snapshot")
    assert [(gap.operation, gap.detail) for gap in seen.gaps] == []
    assert {store.name for store in seen.stores.values()} == {
        "acmevoice/archive",
        "acmevoice/calls",
        "acmevoice/transcripts",
        "acmevoice/voicemail",
        "acmevoiceshare/complaints",
        "acmevoicetraining/labelled",
        "acmevoiceweb/website",
    }
