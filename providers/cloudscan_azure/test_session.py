"""How Azure is asked: what an answer, a refusal and an answer that is none become, and where no token goes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cloudscan.coverage.unseen import is_of_unused
from cloudscan.errors import CredentialsExpired, UsageError
from cloudscan.model import Coverage, Gap, Why
from cloudscan.provider import Facet, Scope
from cloudscan.providing.questions import Absent, named
from cloudscan_azure.clients import Clients
from cloudscan_azure.cloud import CLOUDS, PUBLIC, local
from cloudscan_azure.codes import fault_of
from cloudscan_azure.rest import path_of
from cloudscan_azure.session import Asker
from cloudscan_azure.standin.bodies import subscription
from cloudscan_azure.standin.errors import AzureError
from cloudscan_azure.standin.names import SUBSCRIPTION
from cloudscan_azure.standin.server import Standin

Scopes = Callable[..., Scope]
PATH = f"/subscriptions/{SUBSCRIPTION}"
ASKED: dict[str, Any] = {
    "facet": Facet.ACCOUNTS,
    "resource": SUBSCRIPTION,
    "permission": "Microsoft.Resources/subscriptions/read",
    "api": "2022-12-01",
}


@pytest.fixture
def asker(azure: Standin, scope: Scopes) -> Asker:
    azure.answer(PATH, subscription())
    azure.pages("/subscriptions", [subscription(f"5ab5c819-0000-4000-8000-00000000000{each}") for each in range(5)])
    return Asker(Clients.open(scope()), SUBSCRIPTION)


def ask(asker: Asker) -> Any:
    return asker.ask("Subscriptions_Get", PATH, **ASKED)


def test_an_answer_is_counted_as_one(asker: Asker) -> None:
    assert ask(asker)["subscriptionId"] == SUBSCRIPTION
    assert list(asker.coverage()) == [Coverage("azure", SUBSCRIPTION, Facet.ACCOUNTS, 1, 1)]


@pytest.mark.parametrize(
    ("kind", "why", "detail"),
    [
        ("denied", Why.DENIED, "AuthorizationFailed: az role assignment create --role cloudscan --scope "),
        ("throttled", Why.THROTTLED, "TooManyRequests"),
        ("vanished", Why.VANISHED, "ResourceNotFound"),
        ("unavailable", Why.ERROR, "ServiceUnavailable"),
        ("broken", Why.ERROR, "InternalServerError"),
        ("malformed", Why.MALFORMED, "no JSON"),
        ("redirected", Why.MALFORMED, "it points elsewhere"),
    ],
)
def test_what_is_no_answer_is_a_gap_and_counted_as_none(
    azure: Standin, asker: Asker, kind: Any, why: Why, detail: str
) -> None:
    azure.faults.add(kind, "Subscriptions_Get")
    gap = ask(asker)
    assert isinstance(gap, Gap)
    assert (gap.why, gap.operation, gap.permission) == (why, "Subscriptions_Get", ASKED["permission"])
    assert gap.detail.startswith(detail)
    assert list(asker.coverage()) == [Coverage("azure", SUBSCRIPTION, Facet.ACCOUNTS, 1, 0)]
    assert azure.requests["Subscriptions_Get"] == 1


NO_LISTS = [
    b"",
    b"{}",
    b'{"error": {"code": "ServerBusy", "message": "x"}}',
    b'{"error": {"code": "ServerBusy"}, "value": []}',
    b'{"value": null}',
    b'{"Value": []}',
    b'{"value": {}}',
    b"[]",
    b"null",
]


@pytest.mark.parametrize("body", NO_LISTS)
def test_an_answer_without_a_list_is_no_empty_list(azure: Standin, asker: Asker, body: bytes) -> None:
    azure.faults.add("instead", "Subscriptions_List", body=body)
    items, end = asker.pages("Subscriptions_List", "/subscriptions", **ASKED)
    assert items == []
    assert isinstance(end, Gap)
    assert end.why is Why.MALFORMED
    assert list(asker.coverage()) == [Coverage("azure", SUBSCRIPTION, Facet.ACCOUNTS, 1, 0)]


@pytest.mark.parametrize("body", NO_LISTS)
def test_a_later_page_without_a_list_is_no_end(azure: Standin, asker: Asker, body: bytes) -> None:
    every = [subscription(f"5ab5c819-0000-4000-8000-00000000000{each}") for each in range(5)]
    azure.pages("/subscriptions", every, largest=2)
    azure.faults.add("instead", "Subscriptions_List", after=1, body=body)
    items, end = asker.pages("Subscriptions_List", "/subscriptions", **ASKED)
    assert len(items) == 2
    assert isinstance(end, Gap)
    assert end.why is Why.MALFORMED


DEEP = [b"[" * 100_000, b'{"value":' + b"[" * 500 + b"]" * 500 + b"}", b'{"error":' * 100_000]
"""Nested so that nobody can read it, and so that who reads it may not be able to write it again."""


@pytest.mark.parametrize("body", DEEP)
def test_an_answer_that_is_nested_too_deep_is_none(azure: Standin, asker: Asker, body: bytes) -> None:
    for operation in ("Subscriptions_List", "Subscriptions_Get"):
        azure.faults.add("instead", operation, body=body)
    _, end = asker.pages("Subscriptions_List", "/subscriptions", **ASKED)
    for gap in (end, ask(asker)):
        assert isinstance(gap, Gap)
        assert (gap.why, gap.detail) == (Why.MALFORMED, "nested too deep")


def test_a_refusal_that_is_nested_too_deep_is_one_by_its_status(
    azure: Standin, asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AzureError, "content", lambda *_: b"[" * 100_000)
    azure.faults.add("denied", "Subscriptions_Get")
    gap = ask(asker)
    assert isinstance(gap, Gap)
    assert gap.why is Why.DENIED


@pytest.mark.parametrize("body", [*NO_LISTS, b'{"id": null}', b'{"properties": {}}'])
def test_an_answer_that_is_no_resource_is_none(azure: Standin, asker: Asker, body: bytes) -> None:
    azure.faults.add("instead", "Subscriptions_Get", body=body)
    gap = ask(asker)
    assert isinstance(gap, Gap)
    assert gap.why is Why.MALFORMED


def test_an_answer_that_breaks_off_is_a_gap(azure: Standin, asker: Asker) -> None:
    azure.faults.add("cut", "Subscriptions_Get")
    gap = ask(asker)
    assert isinstance(gap, Gap)
    assert gap.why in (Why.ERROR, Why.MALFORMED)


def test_a_token_that_is_no_longer_good_stops_the_collection(azure: Standin, asker: Asker) -> None:
    azure.faults.add("expired", "Subscriptions_Get")
    with pytest.raises(CredentialsExpired, match="ExpiredAuthenticationToken"):
        ask(asker)


def test_what_the_caller_expects_is_absent_and_an_answer(azure: Standin, asker: Asker) -> None:
    azure.answer(PATH, AzureError(404, "ManagementPolicyNotFound", "none"))
    reply = asker.ask("Subscriptions_Get", PATH, **ASKED, absent=("ManagementPolicyNotFound",))
    assert isinstance(reply, Absent)
    assert list(asker.coverage()) == [Coverage("azure", SUBSCRIPTION, Facet.ACCOUNTS, 1, 1)]


def test_a_provider_that_was_never_used_has_nothing_to_tell(azure: Standin, asker: Asker) -> None:
    azure.answer(PATH, AzureError(409, "MissingSubscriptionRegistration", "register it"))
    gap = ask(asker)
    assert isinstance(gap, Gap)
    assert (gap.why, gap.detail) == (Why.DISABLED, "MissingSubscriptionRegistration: not used")
    assert gap.resource == f"{SUBSCRIPTION}/Subscriptions"
    assert is_of_unused(gap)
    assert list(asker.coverage()) == [Coverage("azure", SUBSCRIPTION, Facet.ACCOUNTS, 1, 1)]


def test_pages_are_followed_on_the_host_that_was_asked_alone(azure: Standin, asker: Asker) -> None:
    every = [subscription(f"5ab5c819-0000-4000-8000-00000000000{each}") for each in range(5)]
    azure.pages("/subscriptions", every, largest=2)
    items, end = asker.pages("Subscriptions_List", "/subscriptions", **ASKED)
    assert (len(items), end, azure.requests["Subscriptions_List"]) == (5, None, 3)
    azure.faults.add("elsewhere", "Subscriptions_List")
    items, end = asker.pages("Subscriptions_List", "/subscriptions", **ASKED)
    assert len(items) == 2
    assert isinstance(end, Gap)
    assert (end.why, end.detail) == (Why.MALFORMED, "its next page is at another host")


def test_pages_that_go_round_end(azure: Standin, asker: Asker) -> None:
    round_about = {"value": [subscription()], "nextLink": f"{azure.url}/subscriptions?api-version=2022-12-01"}
    azure.answer("/subscriptions", round_about)
    items, end = asker.pages("Subscriptions_List", "/subscriptions", **ASKED)
    assert len(items) == 2
    assert isinstance(end, Gap)
    assert (end.why, end.detail) == (Why.MALFORMED, "its pages do not move on")


def test_a_limit_is_a_gap(asker: Asker) -> None:
    items, end = asker.pages("Subscriptions_List", "/subscriptions", **ASKED, limit=3)
    assert len(items) == 3
    assert isinstance(end, Gap)
    assert end.why is Why.LIMIT


def test_a_throttled_question_is_put_again_when_azure_says(azure: Standin, scope: Scopes) -> None:
    azure.answer(PATH, subscription())
    azure.faults.add("throttled", "Subscriptions_Get", first=2, retry_after=0)
    asker = Asker(Clients.open(scope(options={"deadline": "30"})), SUBSCRIPTION)
    assert ask(asker)["subscriptionId"] == SUBSCRIPTION
    assert azure.requests["Subscriptions_Get"] == 3


def test_nobody_waits_for_what_comes_after_the_deadline(azure: Standin, scope: Scopes) -> None:
    azure.faults.add("throttled", "Subscriptions_Get", retry_after=86400)
    asker = Asker(Clients.open(scope(options={"deadline": "30"})), SUBSCRIPTION)
    gap = ask(asker)
    assert isinstance(gap, Gap)
    assert (gap.why, azure.requests["Subscriptions_Get"]) == (Why.THROTTLED, 1)


def test_graph_without_consent_is_a_gap_that_names_its_permission(azure: Standin, asker: Asker) -> None:
    azure.faults.add("denied", "groups_List")
    asked = ASKED | {"permission": "Directory.Read.All", "api": ""}
    gap = asker.ask("groups_List", "/groups", service="graph", **asked)
    assert isinstance(gap, Gap)
    assert gap.why is Why.DENIED
    assert "Directory.Read.All wants an administrator's consent" in gap.detail


def test_no_token_for_another_service_is_a_gap_and_none_for_arm_the_end(
    azure: Standin, scope: Scopes, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = Clients.open(scope())
    asker = Asker(clients, SUBSCRIPTION)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "wrong")
    stale = Asker(Clients.open(scope()), SUBSCRIPTION)
    gap = stale.ask("groups_List", "/groups", service="graph", **ASKED)
    assert isinstance(gap, Gap)
    assert (gap.why, gap.detail) == (Why.DENIED, "no token for it")
    with pytest.raises(CredentialsExpired):
        ask(stale)
    assert asker.account == SUBSCRIPTION
    assert "groups_List" not in azure.requests


@pytest.mark.parametrize("word", ["cli", "environment", "workload-identity", "powershell", "developer-cli"])
def test_a_source_without_credentials_is_wrong_usage(
    azure: Standin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, word: str
) -> None:
    for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_AUTHORITY_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="no Azure credentials that can be used"):
        Clients.open(Scope(frozenset(), options={"credential": word})).sign_in()


def test_libraries_say_nothing_beside_us(azure: Standin) -> None:
    """Else what their loggers warn of, a credential that was tried in vain, would stand on the user's screen."""
    code = (
        "import sys; from cloudscan.provider import Scope\n"
        "from cloudscan_azure.clients import Clients\n"
        "try:\n    Clients.open(Scope(frozenset(), endpoint_url=sys.argv[1])).sign_in()\n"
        "except Exception as error:\n    print(type(error).__name__)\n"
    )
    environment = {**os.environ, "AZURE_CLIENT_SECRET": "wrong"}
    command = [sys.executable, "-c", code, azure.url]
    ended = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    assert (ended.stdout, ended.stderr) == ("UsageError\n", "")


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example",
        "http://127.0.0.1:1",
        "https://127.0.0.1@elsewhere.example",
        "https://[",
        "x",
        "https://x\\.y",
    ],
)
def test_a_host_that_is_not_azures_is_not_asked(asker: Asker, azure: Standin, url: str) -> None:
    before = dict(azure.requests)
    gap = asker.ask("GetKeys", "/keys", service=url, **ASKED)
    assert isinstance(gap, Gap)
    assert (gap.why, gap.detail) == (Why.MALFORMED, "it is at a host that is not Azure's")
    assert dict(azure.requests) == before


@pytest.mark.parametrize(
    ("url", "service"),
    [
        ("https://management.azure.com/subscriptions", "arm"),
        ("https://graph.microsoft.com/v1.0/users", "graph"),
        ("https://acme.blob.core.windows.net/calls", "storage"),
        ("https://acme.z01.blob.storage.azure.net/calls", "storage"),
        ("https://Acme.Vault.Azure.net/keys", "vault"),
        ("https://acme.cognitiveservices.azure.com/speechtotext/transcriptions", "speech"),
        ("https://westeurope.api.cognitive.microsoft.com/speechtotext", "speech"),
        ("http://management.azure.com/", ""),
        ("https://core.windows.net.evil.example/", ""),
        ("https://evilcore.windows.net/", ""),
        ("https://management.azure.com.evil.example/", ""),
        ("https://user@management.azure.com/", ""),
        ("https://management.usgovcloudapi.net/", ""),
        ("https://management.azure.com:99999/", ""),
        ("https://evil.example\\.blob.core.windows.net/", ""),
        ("https://evil.example\\.cognitiveservices.azure.com", ""),
        ("https://evil.example\\.vault.azure.net", ""),
        ("https://evil.example\\@acme.blob.core.windows.net/", ""),
        ("https://evil.example%5c.blob.core.windows.net/", ""),
        ("https://evil.example .blob.core.windows.net/", ""),
        ("https://evil.example\t/.blob.core.windows.net", ""),
        ("https://acme.blob.core.windows.net\n/", ""),
        (" https://acme.blob.core.windows.net/", ""),
        ("https://evil.example\uff0f.blob.core.windows.net/", ""),
        ("https://evil.example\u2024.blob.core.windows.net/", ""),
        ("https:///acme.blob.core.windows.net/", ""),
        ("https://acme.blob.core.windows.net:443/calls?a=b", "storage"),
    ],
)
def test_hosts_of_the_public_cloud(url: str, service: str) -> None:
    assert PUBLIC.service_of(url) == service


def test_each_cloud_knows_its_own_hosts_alone() -> None:
    for name, cloud in CLOUDS.items():
        assert cloud.service_of(f"{cloud.arm}/subscriptions") == "arm"
        assert cloud.service_of(f"{cloud.graph}/users") == "graph"
        others = [other for other_name, other in CLOUDS.items() if other_name != name]
        assert all(other.service_of(cloud.arm) == "" for other in others)


def test_one_host_of_the_users_own_stands_for_all() -> None:
    own = local("https://localhost:8443/")
    assert [own.base(one) for one in ("graph", "graph-beta")] == [
        f"https://localhost:8443/{one}" for one in ("v1.0", "beta")
    ]
    services = {"subscriptions/x": "arm", "v1.0/users": "graph", "vault/v/keys": "vault", "acme/calls": "storage"}
    services["beta/groups"] = "graph"
    services |= {"cognitive/x/speechtotext/models": "speech", "providers/x": "arm"}
    assert {path: own.service_of(f"https://localhost:9/{path}") for path in services} == services
    assert own.service_of("https://management.azure.com/subscriptions") == ""


def test_names_stay_one_segment_of_a_path() -> None:
    assert named("/x/{}/y", "a/../b?c#d") == "/x/a%2F..%2Fb%3Fc%23d/y"
    assert path_of("/subscriptions/S/a b?", "containers/$web") == "/subscriptions/S/a%20b%3F/containers/$web"


@pytest.mark.parametrize(
    ("status", "body", "header", "why"),
    [
        (401, {"error": {"code": "ExpiredAuthenticationToken"}}, "", Why.EXPIRED),
        (401, {"error": {"code": "PermissionDenied"}}, "", Why.DENIED),
        (403, None, "AuthorizationPermissionMismatch", Why.DENIED),
        (403, {"error": {"code": ["odd"]}}, "", Why.DENIED),
        (503, None, "ServerBusy", Why.THROTTLED),
        (409, {"error": {"code": "FeatureNotSupportedForAccount"}}, "", Why.UNSUPPORTED),
        (400, {"code": "InvalidApiVersionParameter"}, "", Why.UNSUPPORTED),
        (500, [], "", Why.ERROR),
    ],
)
def test_error_answers_are_sorted(status: int, body: object, header: str, why: Why) -> None:
    assert fault_of(status, body, header).why is why
