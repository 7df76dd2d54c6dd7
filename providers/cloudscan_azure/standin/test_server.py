"""The stand-in refuses what Azure does not have and what does more than read, and pages and fails as Azure does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from azure.core import PipelineClient
from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RedirectPolicy, RetryPolicy
from azure.core.rest import HttpRequest, HttpResponse
from azure.identity import DefaultAzureCredential

from cloudscan_azure.standin.names import SUBSCRIPTION
from cloudscan_azure.standin.server import Standin

Ask = Callable[..., HttpResponse]
ARM = "https://management.azure.com/.default"
ROLES = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments"
ASKED = f"{ROLES}?api-version=2022-04-01"


@pytest.fixture
def ask(azure: Standin) -> Iterator[Ask]:
    """Ask as DefaultAzureCredential, with a token for ARM unless another scope is told."""
    with DefaultAzureCredential(disable_instance_discovery=True) as credential:

        def send(path: str, verb: str = "GET", *, scope: str = ARM, retries: int = 0, **given: Any) -> HttpResponse:
            policies = [
                RedirectPolicy.no_redirects(),
                RetryPolicy(retry_total=retries),
                BearerTokenCredentialPolicy(credential, scope),
            ]
            client: PipelineClient[HttpRequest, HttpResponse] = PipelineClient(azure.url, policies=policies)
            return client.send_request(HttpRequest(verb, azure.url + path, **given))

        yield send


def test_an_answer_is_what_was_given_and_paths_have_no_case(azure: Standin, ask: Ask) -> None:
    azure.answer(ROLES, {"value": []})
    assert ask(ASKED.lower()).json() == {"value": []}
    assert azure.requests["RoleAssignments_ListForSubscription"] == 1
    assert azure.tokens.given == ["https://management.azure.com"]
