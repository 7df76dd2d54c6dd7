"""A local AWS endpoint for tests, and the short ways to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cloudscan.provider import Facet, Scope
from cloudscan_aws.accounts import AccountScope, Bucket
from cloudscan_aws.demo.server import Endpoint
from cloudscan_aws.discovery import Session

OWN = "123456789012"
REGION = "eu-central-1"


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with Endpoint() as running:
        yield running
        assert running.crashes == []


@pytest.fixture
def client(endpoint: Endpoint) -> Callable[..., Any]:
    """Make a plain boto3 client, to build an estate with."""
    import boto3

    def make(service: str, region: str = REGION) -> Any:
        return boto3.client(service, region_name=region, endpoint_url=endpoint.url)

    return make


@pytest.fixture
def scope(endpoint: Endpoint) -> Callable[..., Scope]:
    """Make a scope of these facets (none: all) on the endpoint; a question is asked once, never again."""

    def make(*facets: Facet, options: dict[str, object] | None = None, **given: Any) -> Scope:
        chosen = {"region": (REGION,), "max-attempts": 1} | (options or {})
        return Scope(
            facets=frozenset(facets or Facet), endpoint_url=endpoint.url, options=chosen, **({"workers": 4} | given)
        )

    return make


@pytest.fixture
def account(scope: Callable[..., Scope]) -> Callable[..., AccountScope]:
    """Make the caller's own account, as planning would, without a request for its regions and buckets."""

    def make(
        *facets: Facet, regions: tuple[str, ...] = (REGION,), buckets: tuple[Bucket, ...] = (), **given: Any
    ) -> AccountScope:
        session = Session.open(scope(*facets, **given))
        return AccountScope(
            id=OWN,
            clients=session.clients,
            scope=session.scope,
            regions=regions,
            home=session.home,
            caller=session.clients,
            buckets=buckets,
        )

    return make
