"""Whose credentials go where: with Google's own libraries, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from cloudscan.commands import options
from cloudscan.errors import UsageError
from cloudscan.provider import Facet, Scope
from cloudscan_gcp import GcpProvider
from cloudscan_gcp.discovery import Session
from cloudscan_gcp.http import service_of
from cloudscan_gcp.standin.errors import GoogleError
from cloudscan_gcp.standin.server import Endpoint
from cloudscan_gcp.standin.state import Asked

Scopes = Callable[..., Scope]
READER = "reader@acme.iam.gserviceaccount.com"
TOKEN = f"POST /v1/projects/-/serviceAccounts/{READER}:generateAccessToken"


@pytest.fixture
def heard(google: Endpoint) -> list[Asked]:
    """The requests for projects, of which there are none."""
    seen: list[Asked] = []

    def tell(asked: Asked) -> dict[str, Any]:
        seen.append(asked)
        return {}

    google.answer("/v3/projects:search", tell)
    return seen


def plan(scope: Scopes, **chosen: object) -> Any:
    return GcpProvider().plan(scope(Facet.ACCOUNTS, options=dict(chosen)))


def test_a_service_account_is_taken_on_and_acts(google: Endpoint, scope: Scopes, heard: list[Asked]) -> None:
    taken: list[Asked] = []

    def give(asked: Asked) -> dict[str, Any]:
        taken.append(asked)
        return {"accessToken": "ya29.reader", "expireTime": "2099-01-01T00:00:00Z"}

    google.answer(TOKEN, give)
    made = plan(scope, **{"impersonate-service-account": f"middle@acme.iam.gserviceaccount.com,{READER}"})
    assert [asked.headers["authorization"] for asked in heard] == ["Bearer ya29.reader"]
    assert [(caller.account, caller.identity) for caller in made.callers] == [("acme", READER)]
    (asked,) = taken
    assert asked.body is not None
    assert asked.body["delegates"] == ["projects/-/serviceAccounts/middle@acme.iam.gserviceaccount.com"]


def test_a_service_account_that_may_not_be_taken_on_is_wrong_usage(google: Endpoint, scope: Scopes) -> None:
    google.answer(TOKEN, GoogleError(403, reason="IAM_PERMISSION_DENIED"))
    with pytest.raises(
        UsageError, match=f"take on {READER}.*iam.serviceAccountTokenCreator.*iamcredentials.googleapis.com"
    ):
        plan(scope, **{"impersonate-service-account": READER})


def test_who_is_billed_is_told_with_every_request(scope: Scopes, heard: list[Asked]) -> None:
    plan(scope, **{"quota-project": "acme-billing"})
    assert [asked.headers["x-goog-user-project"] for asked in heard] == ["acme-billing"]


def test_an_emulator_is_sent_no_credentials_that_nobody_named(
    scope: Scopes, heard: list[Asked], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")
    made = plan(scope)
    assert ["authorization" in asked.headers for asked in heard] == [False]
    assert made.callers[0].identity == "nobody (no credential is sent)"


FAULTS = {
    "nope": "it is no JSON",
    "[]": "it says no type of credentials that Google knows",
    '{"type": "service"}': "it says no type of credentials that Google knows",
    '{"type": "service_account"}': "fields of a service_account are missing or wrong",
}


@pytest.mark.parametrize("content", FAULTS)
def test_a_file_that_holds_no_credentials_is_named_with_its_fault(
    scope: Scopes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str
) -> None:
    (tmp_path / "key.json").write_text(content)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
    with pytest.raises(UsageError, match=f"GOOGLE_APPLICATION_CREDENTIALS: .*key.json: {FAULTS[content]}"):
        plan(scope)


@pytest.mark.parametrize(("name", "fault"), [("key.json", "No such file"), ("", "Is a directory")])
def test_a_file_of_credentials_that_cannot_be_read_is_named(
    scope: Scopes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, fault: str
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "x" / name if name else tmp_path))
    with pytest.raises(UsageError, match=f"GOOGLE_APPLICATION_CREDENTIALS: .*{fault}"):
        plan(scope)


def test_without_credentials_it_is_said_how_to_get_some(
    scope: Scopes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    with pytest.raises(UsageError, match="gcloud auth application-default login"):
        GcpProvider().plan(Scope(frozenset({Facet.ACCOUNTS})))


@pytest.mark.parametrize("given", ["foo", f"{READER},", f"foo,{READER}"])
def test_a_service_account_that_is_no_email_is_wrong_usage(scope: Scopes, given: str) -> None:
    with pytest.raises(UsageError, match="is not the email of a service account"):
        plan(scope, **{"impersonate-service-account": given})


def test_objects_are_asked_of_the_emulator_that_googles_variable_names(
    google: Endpoint, scope: Scopes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Endpoint() as other:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", other.url)
        other.pages("/storage/v1/b", [])
        google.answer("/v3/projects/acme-calls", {"name": "projects/1", "projectId": "acme-calls"})
        GcpProvider().plan(scope(Facet.STORES, options={"project": ("acme-calls",)}))
        assert other.requests == {"storage.buckets.list": 1}
        assert other.refused == []


def test_a_request_with_another_clouds_variable_goes_nowhere_else() -> None:
    @click.command()
    @options.collect_options
    def show(**given: Any) -> None:
        click.echo(repr(given["endpoint_url"]))

    run = CliRunner().invoke(show, env={"AWS_ENDPOINT_URL": "http://127.0.0.1:9"})
    assert run.output == "None\n"


def test_requests_are_counted_by_service(scope: Scopes, google: Endpoint) -> None:
    google.pages("/storage/v1/b", [])
    session = Session.open(scope())
    list(session.clients.storage.list_buckets(project="acme-calls"))
    assert session.clients.http.sent == {"storage": 1}


@pytest.mark.parametrize(
    ("url", "host", "service"),
    [
        ("https://storage.googleapis.com/storage/v1/b", "", "storage"),
        ("http://127.0.0.1:9/storage/v1/b", "", "storage"),
        ("https://cloudkms.googleapis.com/v1/projects/x", "", "cloudkms"),
        ("https://europe-west3-cloudresourcemanager.googleapis.com/v3/effectiveTags", "", "cloudresourcemanager"),
        ("http://127.0.0.1:9/v1/projects/x", "europe-west3-run.googleapis.com", "run"),
    ],
)
def test_a_request_is_for_a_service(url: str, host: str, service: str) -> None:
    assert service_of(url, host) == service
