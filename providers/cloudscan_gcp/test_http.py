"""How long is waited for somebody who is not there: over real connections on this machine."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import requests

from cloudscan.errors import CollectionStopped
from cloudscan.model import Gap
from cloudscan.provider import Facet, Scope
from cloudscan_gcp import GcpProvider
from cloudscan_gcp.clients import Clients
from cloudscan_gcp.http import TRIES
from cloudscan_gcp.session import Asker
from cloudscan_gcp.standin.server import Endpoint

Scopes = Callable[..., Scope]


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address where nobody listens, and nobody will while the test runs."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


def test_an_endpoint_where_nobody_is_ends_the_plan_and_is_named(google: Endpoint, scope: Scopes, nobody: str) -> None:
    with pytest.raises(CollectionStopped) as told:
        GcpProvider().plan(replace(scope(Facet.ACCOUNTS, options={"deadline": "9999"}), endpoint_url=nobody))
    assert str(told.value) == f"{nobody} cannot be reached: Connection refused"


def test_it_is_tried_a_few_times_and_not_until_the_deadline(google: Endpoint, scope: Scopes, nobody: str) -> None:
    clients = Clients.open(replace(scope(Facet.ACCOUNTS, options={"deadline": "9999"}), endpoint_url=nobody))
    with pytest.raises(CollectionStopped):
        clients.rest.call("cloudresourcemanager", "v3/projects:search")
    assert clients.http.sent == {"cloudresourcemanager": TRIES}


def test_one_service_that_is_not_there_is_a_gap_where_another_answers(
    google: Endpoint, scope: Scopes, nobody: str
) -> None:
    google.answer("/v3/projects:search", {})
    clients = Clients.open(scope(Facet.ACCOUNTS))
    clients.rest.call("cloudresourcemanager", "v3/projects:search")

    def call() -> dict[str, object]:
        clients.http.request("GET", f"{nobody}/v1/keys")
        return {}

    reply = Asker(clients, "acme-calls").run(
        call, facet=Facet.KEYS, resource="acme-calls", operation="cloudkms.keys.list", permission=""
    )
    assert isinstance(reply, Gap)
    assert reply.detail == "Unreachable"


def test_who_has_answered_before_may_come_back(google: Endpoint, scope: Scopes) -> None:
    """It is for whoever asks to say how long to wait for that."""
    with Endpoint() as other:
        other.answer("/v3/projects:search", {})
        clients = Clients.open(replace(scope(Facet.ACCOUNTS), endpoint_url=other.url))
        clients.rest.call("cloudresourcemanager", "v3/projects:search")
    sent = clients.http.sent.total()
    with pytest.raises(requests.ConnectionError):
        clients.http.request("GET", f"{other.url}/v3/projects:search")
    assert clients.http.sent.total() == sent + 1
