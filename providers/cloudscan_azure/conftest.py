"""Azure on loopback for tests; see :mod:`cloudscan_azure.standin` for what that proves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from cloudscan.provider import Facet, Scope
from cloudscan.standin import loopback
from cloudscan_azure.accounts import StorageAccount, SubscriptionScope
from cloudscan_azure.discovery import Session
from cloudscan_azure.standin.azurite import Azurite, azurite, missing
from cloudscan_azure.standin.names import SUBSCRIPTION, TENANT
from cloudscan_azure.standin.server import Standin
from cloudscan_azure.standin.tls import Certificate, issue

ACCOUNTS = ("acmecalls", "acmearchive")
"""The storage accounts that Azurite has."""


@pytest.fixture(autouse=True)
def no_way_out() -> Iterator[None]:
    """Nothing that a test asks leaves loopback."""
    with loopback.only() as left:
        yield
        assert left == []


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """The certificate of all servers."""
    return issue(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch, certificate: Certificate) -> Iterator[Standin]:
    """Azure's REST APIs; DefaultAzureCredential signs in as an application of the tenant that they know.

    No request may be one that Azure does not have, or do more than read, and no answer may be one that Azure could not
    give; a test that asks wrongly on purpose clears ``refused`` or ``forbidden``, and one that leaves a request without
    an answer clears ``unanswered``.
    """
    for name in ("HTTPS_PROXY", "https_proxy", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_TOKEN_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)
    with Standin(certificate=certificate) as running:
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        yield running
        assert running.crashes == []
        assert running.refused == []
        assert running.forbidden == []
        assert running.unanswered == []


@pytest.fixture(scope="session")
def _azurite(certificate: Certificate) -> Iterator[Azurite]:
    if reason := missing():
        pytest.skip(reason)
    with azurite(certificate, ACCOUNTS) as running:
        yield running


@pytest.fixture
def blobs(azure: Standin, _azurite: Azurite) -> Iterator[Azurite]:  # noqa: ARG001 - its environment is trusted
    """Azurite with the accounts ``ACCOUNTS``, both without containers; it takes the tokens of ``azure``."""
    yield _azurite
    for account in ACCOUNTS:
        with _azurite.owner(account) as client:
            for each in client.list_containers():
                client.delete_container(each.name)


@pytest.fixture
def scope(azure: Standin) -> Callable[..., Scope]:
    """Make a scope of these facets (none: all) on the endpoint; a question is asked once, never again."""

    def make(*facets: Facet, options: dict[str, object] | None = None, **given: Any) -> Scope:
        chosen = {"deadline": "0"} | (options or {})
        wanted = frozenset(facets or Facet)
        return Scope(wanted, endpoint_url=azure.url, options=chosen, **({"workers": 4} | given))

    return make


@pytest.fixture
def subscription(scope: Callable[..., Scope]) -> Callable[..., SubscriptionScope]:
    """Make the subscription of the stand-in as planning would, without a request but for its token."""

    def make(*facets: Facet, storage: Iterable[StorageAccount] = (), **given: Any) -> SubscriptionScope:
        session = Session.open(scope(*facets, **given))
        return SubscriptionScope(SUBSCRIPTION, TENANT, session.clients, session.scope, storage=tuple(storage))

    return make
