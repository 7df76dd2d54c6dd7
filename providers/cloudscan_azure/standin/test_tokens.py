"""azure-identity, unmodified, gets tokens from the stand-in, and is refused as Microsoft Entra refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError
from azure.identity import ClientSecretCredential, EnvironmentCredential, WorkloadIdentityCredential

from cloudscan_azure.standin.errors import Refused
from cloudscan_azure.standin.names import CLIENT, SECRET, TENANT
from cloudscan_azure.standin.server import Standin

ARM = "https://management.azure.com/.default"


def secret(azure: Standin, **more: Any) -> ClientSecretCredential:
    given = {"tenant_id": TENANT, "client_id": CLIENT, "client_secret": SECRET, **more}
    return ClientSecretCredential(**given, authority=azure.url, disable_instance_discovery=True)


def test_a_token_is_kept_until_it_ends(azure: Standin) -> None:
    with secret(azure) as credential:
        first, second = credential.get_token(ARM), credential.get_token(ARM)
    assert first.token == second.token
    assert azure.requests["token"] == 1
    azure.tokens.check("arm", {"authorization": f"Bearer {first.token}"})
    with pytest.raises(Refused, match="wrong audience"):
        azure.tokens.check("graph", {"authorization": f"Bearer {first.token}"})


def test_the_environment_and_an_assertion_of_a_workload_sign_in_too(azure: Standin, tmp_path: Path) -> None:
    file = tmp_path / "assertion"
    file.write_text("head.claims.signature", encoding="ascii")
    with EnvironmentCredential(disable_instance_discovery=True) as credential:
        assert credential.get_token(ARM).token
    given: dict[str, Any] = {"tenant_id": TENANT, "client_id": CLIENT, "token_file_path": str(file)}
    with WorkloadIdentityCredential(**given, authority=azure.url, disable_instance_discovery=True) as workload:
        assert workload.get_token("https://graph.microsoft.com/.default").token
    assert azure.tokens.given == ["https://management.azure.com", "https://graph.microsoft.com"]


@pytest.mark.parametrize(
    ("wrong", "scope", "said"),
    [
        ({"client_secret": "wrong"}, ARM, "AADSTS7000215"),
        ({"client_id": "00000000-0000-0000-0000-000000000000"}, ARM, "AADSTS700016"),
        ({"tenant_id": "00000000-0000-0000-0000-000000000000"}, ARM, "AADSTS90002"),
        ({}, "https://elsewhere.example/.default", "AADSTS500011"),
    ],
)
def test_what_entra_does_not_know_gets_no_token(azure: Standin, wrong: dict[str, str], scope: str, said: str) -> None:
    with secret(azure, **wrong) as credential, pytest.raises(ClientAuthenticationError, match=said):
        credential.get_token(scope)
    assert azure.tokens.given == []


def test_a_certificate_that_nobody_was_told_to_trust_is_not(azure: Standin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with secret(azure, retry_total=0) as credential, pytest.raises((ServiceRequestError, ClientAuthenticationError)):
        credential.get_token(ARM)
    assert azure.requests["token"] == 0
