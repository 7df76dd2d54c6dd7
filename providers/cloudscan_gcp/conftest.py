"""Google Cloud on loopback for tests; see :mod:`cloudscan_gcp.standin` for what that proves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cloudscan.model import Answer
from cloudscan.provider import Facet, Scope
from cloudscan.standin import loopback
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.standin.credentials import write_key
from cloudscan_gcp.standin.server import Endpoint

if TYPE_CHECKING:
    from cloudscan_gcp.standin.speech import SpeechServer


@pytest.fixture(autouse=True)
def no_way_out() -> Iterator[None]:
    """Nothing that a test asks leaves loopback."""
    with loopback.only() as left:
        yield
        assert left == []


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Endpoint]:
    """Google's REST APIs; Application Default Credentials are a service account's of project ``acme``, known to them.

    No request may be one that Google's documents do not allow, and no answer either; a test that asks wrongly on
    purpose clears ``refused``, and one that leaves a request without an answer clears ``unanswered``.
    """
    for name in ("GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "STORAGE_EMULATOR_HOST", "CLOUDSDK_CONFIG", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    with Endpoint() as running:
        key = write_key(tmp_path / "adc.json", running.url)
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key))
        yield running
        assert running.crashes == []
        assert running.refused == []
        assert running.unanswered == []


@pytest.fixture
def speech(google: Endpoint) -> Iterator[SpeechServer]:
    """Speech-to-Text v2 over gRPC, at its own ``target`` and at the address of ``google`` too."""
    from cloudscan_gcp.standin.speech import SpeechServer  # a second that the other tests need not wait for

    with SpeechServer() as running:
        google.grpc = running.target
        yield running
        assert running.crashes == []
        assert running.refused == []
        assert running.unanswered == []


@pytest.fixture
def emulated(google: Endpoint) -> Iterator[Endpoint]:
    """Google's REST APIs with an emulator of objects behind them: what nobody gave an answer for is asked of it."""
    from cloudscan_gcp.standin.emulator import emulate

    with emulate(google):
        yield google


PROJECT, NUMBER = "acme-calls", "123456789012"


@pytest.fixture
def scope(google: Endpoint) -> Callable[..., Scope]:
    """Make a scope of these facets (none: all) on the endpoint; a question is asked once, never again."""

    def make(*facets: Facet, options: dict[str, object] | None = None, **given: Any) -> Scope:
        chosen = {"deadline": "0"} | (options or {})
        wanted = frozenset(facets or Facet)
        return Scope(wanted, endpoint_url=google.url, options=chosen, **({"workers": 4} | given))

    return make


@pytest.fixture
def project(scope: Callable[..., Scope]) -> Callable[..., ProjectScope]:
    """Make the project ``acme-calls`` as planning would, without a request but for its token.

    ``constraints`` are the organization policies in force.
    """
    from cloudscan_gcp.discovery import Session

    def make(*facets: Facet, constraints: dict[str, Answer] | None = None, **given: Any) -> ProjectScope:
        session = Session.open(scope(*facets, **given))
        return ProjectScope(PROJECT, NUMBER, session.clients, session.scope, constraints=constraints or {})

    return make
