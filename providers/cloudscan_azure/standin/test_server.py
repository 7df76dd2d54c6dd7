"""The stand-in refuses what Azure does not have and what does more than read, and pages and fails as Azure does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from azure.core import PipelineClient
from azure.core.exceptions import AzureError as AzureCoreError
from azure.core.exceptions import ServiceRequestError
from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RedirectPolicy, RetryPolicy
from azure.core.rest import HttpRequest, HttpResponse
from azure.identity import DefaultAzureCredential

from cloudscan.standin import loopback
from cloudscan_azure.standin.errors import AzureError
from cloudscan_azure.standin.faults import ELSEWHERE, Kind
from cloudscan_azure.standin.names import SUBSCRIPTION
from cloudscan_azure.standin.schemas import NotAllowed
from cloudscan_azure.standin.server import Standin
from cloudscan_azure.standin.state import Asked

Ask = Callable[..., HttpResponse]
ARM = "https://management.azure.com/.default"
ROLES = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments"
ASKED = f"{ROLES}?api-version=2022-04-01"


@pytest.fixture
def ask(azure: Standin) -> Iterator[Ask]:
    """Ask as DefaultAzureCredential, with a token for ARM unless another scope is told."""
    with DefaultAzureCredential(disable_instance_discovery=True) as credential:

        def send(
            path: str, verb: str = "GET", *, scope: str = ARM, retries: int = 0, url: str = "", **given: Any
        ) -> HttpResponse:
            policies = [
                RedirectPolicy.no_redirects(),
                RetryPolicy(retry_total=retries),
                BearerTokenCredentialPolicy(credential, scope),
            ]
            client: PipelineClient[HttpRequest, HttpResponse] = PipelineClient(azure.url, policies=policies)
            return client.send_request(HttpRequest(verb, (url or azure.url) + path, **given))

        yield send


class Wrongly:
    """Ask what Azure does not have, or what does more than read; the stand-in says so each time."""

    def __init__(self, azure: Standin, ask: Ask) -> None:
        self.azure, self.good = azure, ask

    def __call__(self, path: str, verb: str = "GET", **given: Any) -> HttpResponse:
        before = len(self.azure.refused)
        answer = self.good(path, verb, **given)
        assert len(self.azure.refused) == before + 1
        return answer

    def forbidden(self, path: str, verb: str) -> HttpResponse:
        before = len(self.azure.forbidden)
        answer = self.good(path, verb)
        assert len(self.azure.forbidden) == before + 1
        return answer


@pytest.fixture
def wrongly(azure: Standin, ask: Ask) -> Iterator[Wrongly]:
    yield Wrongly(azure, ask)
    azure.refused.clear()
    azure.forbidden.clear()


def test_an_answer_is_what_was_given_and_paths_have_no_case(azure: Standin, ask: Ask) -> None:
    azure.answer(ROLES, {"value": []})
    assert ask(ASKED.lower()).json() == {"value": []}
    assert azure.requests["RoleAssignments_ListForSubscription"] == 1
    assert azure.tokens.given == ["https://management.azure.com"]


def test_a_function_answers_by_what_was_asked_and_may_refuse(azure: Standin, ask: Ask) -> None:
    def give(asked: Asked) -> dict[str, Any]:
        if asked.query.get("$filter") == "atScope()":
            return {"value": [assignment(1)]}
        raise AzureError(400, "UnsupportedFilter", "another filter")

    azure.answer(ROLES, give)
    assert len(ask(f"{ASKED}&$filter=atScope()").json()["value"]) == 1
    assert ask(ASKED).json()["error"]["code"] == "UnsupportedFilter"


def assignment(number: int) -> dict[str, Any]:
    return {"id": f"{ROLES}/{number}", "name": str(number), "properties": {"principalId": f"p{number}"}}


@pytest.mark.parametrize(
    ("path", "scope", "size", "link"),
    [
        (ASKED, ARM, 2, "nextLink"),
        ("/beta/groups/g/members?$select=id&$top=2", "https://graph.microsoft.com/.default", 1000, "@odata.nextLink"),
        (
            "/speechtotext/transcriptions?api-version=2024-11-15&top=2",
            "https://cognitiveservices.azure.com/.default",
            1000,
            "@nextLink",
        ),
        ("/speechtotext/v3.2/transcriptions?top=2", "https://cognitiveservices.azure.com/.default", 1000, "@nextLink"),
        ("/vault/v/keys?api-version=7.4&maxresults=2", "https://vault.azure.net/.default", 1000, "nextLink"),
    ],
)
def test_lists_come_in_pages_whose_links_are_absolute_and_on_this_host(
    azure: Standin, ask: Ask, path: str, scope: str, size: int, link: str
) -> None:
    entries = [{"id": f"{number}"} for number in range(5)]
    if "speechtotext" in path:
        entries = [{"displayName": each["id"], "locale": "en-US"} for each in entries]
    azure.pages(path.partition("?")[0], entries, largest=size)
    seen: list[list[str]] = []
    follow: str | None = azure.url + path
    while follow:
        assert follow.startswith(azure.url)
        told = ask(follow.removeprefix(azure.url), scope=scope).json()
        seen.append([each.get("id") or each["displayName"] for each in told.get("value", told.get("values"))])
        follow = told.get(link)
    assert seen == [["0", "1"], ["2", "3"], ["4"]]


def test_a_token_of_another_request_is_refused(wrongly: Wrongly, azure: Standin) -> None:
    azure.pages(ROLES, [assignment(number) for number in range(3)], largest=2)
    link = wrongly.good(ASKED).json()["nextLink"].removeprefix(azure.url)
    assert wrongly.good(link).status_code == 200
    answer = wrongly.good(f"{link}&$filter=atScope()")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidSkipToken")


def test_what_is_fresh_is_empty_but_for_what_is_given(azure: Standin, ask: Ask) -> None:
    azure.fresh(f"/subscriptions/{SUBSCRIPTION}")
    azure.pages(ROLES, [assignment(1)])
    assert len(ask(ASKED).json()["value"]) == 1
    assert ask(ASKED.replace("roleAssignments", "denyAssignments")).json() == {"value": []}
    missing = ask(f"/subscriptions/{SUBSCRIPTION}?api-version=2022-12-01")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "ResourceNotFound")


def test_what_nobody_answers_is_told(azure: Standin, ask: Ask) -> None:
    assert ask(ASKED).status_code == 501
    assert azure.unanswered.pop() == f"GET {ASKED}"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (ROLES, "MissingApiVersionParameter"),
        (f"{ROLES}?api-version=2022-04-02", "InvalidApiVersionParameter"),
        (f"{ASKED}&api-version=2022-04-01", "InvalidQueryParameter"),
        (f"{ASKED}&filter=atScope()", "InvalidQueryParameter"),
        (f"{ASKED}&$skiptoken=abc", "InvalidSkipToken"),
        ("/subscriptions/x/providers/Microsoft.Storage/accounts?api-version=2023-05-01", "InvalidResourceType"),
        ("/v1.0/people", "InvalidResourceType"),
        ("/v1.0/users?api-version=2022-04-01", "InvalidQueryParameter"),
        ("/speechtotext/transcriptions", "MissingApiVersionParameter"),
        ("/speechtotext/v3.2/transcriptions?api-version=2024-11-15", "InvalidQueryParameter"),
    ],
)
def test_a_request_that_azure_does_not_have_is_refused(wrongly: Wrongly, azure: Standin, path: str, code: str) -> None:
    azure.pages(ROLES, [])
    answer = wrongly(path)
    assert answer.json()["error"]["code"] == code
    assert azure.unanswered == []


STORAGE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/acme"


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("POST", f"{STORAGE}/listKeys?api-version=2023-05-01"),
        ("POST", f"{STORAGE}/regenerateKey?api-version=2023-05-01"),
        ("POST", f"{STORAGE}/listAccountSas?api-version=2023-05-01"),
        ("PUT", f"{STORAGE}?api-version=2023-05-01"),
        ("PATCH", f"{STORAGE}/blobServices/default?api-version=2023-05-01"),
        ("DELETE", f"{STORAGE}?api-version=2023-05-01"),
        ("POST", f"{STORAGE.replace('Storage/storageAccounts', 'CognitiveServices/accounts')}/listKeys"),
        ("POST", "/v1.0/applications/x/addPassword"),
        ("POST", "/speechtotext/transcriptions:submit?api-version=2024-11-15"),
        ("GET", "/vault/v/secrets/connection-string?api-version=7.4"),
        ("POST", "/vault/v/keys/k/decrypt?api-version=7.4"),
    ],
)
def test_what_does_more_than_read_is_forbidden(wrongly: Wrongly, azure: Standin, verb: str, path: str) -> None:
    answer = wrongly.forbidden(path, verb)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "ReadOnly")


@pytest.mark.parametrize(
    ("path", "scope", "code"),
    [
        (ASKED, "https://graph.microsoft.com/.default", "InvalidAuthenticationTokenAudience"),
        ("/v1.0/users", ARM, "InvalidAuthenticationTokenAudience"),
        ("/vault/v/keys?api-version=7.4", ARM, "InvalidAuthenticationTokenAudience"),
        ("/speechtotext/v3.2/models", "https://storage.azure.com/.default", "InvalidAuthenticationTokenAudience"),
    ],
)
def test_a_token_for_another_service_is_refused(wrongly: Wrongly, path: str, scope: str, code: str) -> None:
    answer = wrongly(path, scope=scope)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, code)


def test_no_token_and_a_forged_one_are_refused(wrongly: Wrongly, azure: Standin) -> None:
    head, _, _ = azure.tokens.make("https://management.azure.com").rpartition(".")
    for told in ({}, {"Authorization": f"Bearer {head}.forged"}):
        client: PipelineClient[HttpRequest, HttpResponse] = PipelineClient(azure.url, policies=[])
        assert client.send_request(HttpRequest("GET", azure.url + ASKED, headers=told)).status_code == 401


def test_bodies_are_read_where_there_are_any(azure: Standin, ask: Ask, wrongly: Wrongly) -> None:
    azure.answer(
        "POST /v1.0/directoryObjects/getByIds",
        lambda asked: {"value": [{"id": each} for each in (asked.body or {})["ids"]]},
    )
    graph = "https://graph.microsoft.com/.default"
    told = ask("/v1.0/directoryObjects/getByIds", "POST", scope=graph, json={"ids": ["a"]}).json()
    assert told == {"value": [{"id": "a"}]}
    assert wrongly(ASKED, json={"a": 1}).json()["error"]["code"] == "InvalidRequestContent"
    assert wrongly("/v1.0/directoryObjects/getByIds", "POST", scope=graph, content=b"{").status_code == 400


@pytest.mark.parametrize(
    ("path", "payload", "said"),
    [
        (STORAGE, {"location": "westeurope", "properties": {"allowBlobPublicAces": True}}, "allowBlobPublicAces"),
        (STORAGE, {"location": "westeurope", "properties": {"minimumTlsVersion": "1.2"}}, "1.2"),
        (STORAGE, {"location": "westeurope", "properties": {"allowSharedKeyAccess": "true"}}, "boolean"),
        (ROLES, {"value": [assignment(1) | {"condition": "x"}]}, "'condition' was unexpected"),
        (ROLES, {"value": [{"properties": {"principalId": 3}}]}, "3 is not of type 'string'"),
        (ROLES, {"values": []}, "answers a list in 'value'"),
        (f"{STORAGE}/blobServices/default/containers", {"value": [{"properties": {"publicAccess": "Blobs"}}]}, "Blobs"),
    ],
)
def test_an_answer_that_azure_could_not_give_is_refused(
    azure: Standin, path: str, payload: dict[str, Any], said: str
) -> None:
    with pytest.raises(NotAllowed, match=re.escape(said)):
        azure.answer(path, payload)


def test_what_a_function_answers_is_held_to_the_schema_too(azure: Standin, ask: Ask) -> None:
    azure.answer(ROLES, lambda _: {"value": [{"nam": "x"}]})
    assert ask(ASKED).status_code == 500
    assert "'nam' was unexpected" in azure.crashes.pop()


def test_a_path_of_no_operation_and_a_list_of_none_are_mistakes(azure: Standin) -> None:
    with pytest.raises(ValueError, match="no operation"):
        azure.answer("/subscriptions/x/accounts", {})
    with pytest.raises(ValueError, match="answers no list"):
        azure.pages(STORAGE, [])


@pytest.mark.parametrize(
    ("kind", "path", "scope", "status", "code"),
    [
        ("denied", ASKED, ARM, 403, "AuthorizationFailed"),
        ("denied", "/v1.0/users", "https://graph.microsoft.com/.default", 403, "Authorization_RequestDenied"),
        ("denied", "/vault/v/keys?api-version=7.4", "https://vault.azure.net/.default", 403, "Forbidden"),
        ("throttled", ASKED, ARM, 429, "TooManyRequests"),
        ("vanished", ASKED, ARM, 404, "ResourceNotFound"),
        ("expired", ASKED, ARM, 401, "ExpiredAuthenticationToken"),
        ("unavailable", ASKED, ARM, 503, "ServiceUnavailable"),
        ("broken", ASKED, ARM, 500, "InternalServerError"),
    ],
)
def test_faults_are_spelled_as_the_service_spells_them(
    azure: Standin, ask: Ask, kind: Kind, path: str, scope: str, status: int, code: str
) -> None:
    azure.fresh("/")
    azure.faults.add(kind, first=1)
    struck = ask(path, scope=scope)
    assert (struck.status_code, struck.json()["error"]["code"]) == (status, code)
    assert ask(path, scope=scope).status_code == 200


def test_speech_spells_errors_without_an_envelope(azure: Standin, ask: Ask) -> None:
    azure.faults.add("denied", "speech.*")
    struck = ask("/speechtotext/v3.2/transcriptions", scope="https://cognitiveservices.azure.com/.default")
    assert (struck.status_code, struck.json()["code"]) == (403, "PermissionDenied")


def test_azure_core_waits_as_long_as_a_throttled_answer_says(azure: Standin, ask: Ask) -> None:
    azure.fresh("/")
    azure.faults.add("throttled", "RoleAssignments_ListForSubscription", first=1, retry_after=0)
    assert ask(ASKED, retries=1).status_code == 200
    assert azure.requests["RoleAssignments_ListForSubscription"] == 2


def test_a_page_elsewhere_and_a_redirection_lead_to_no_host_of_azures(azure: Standin, ask: Ask) -> None:
    azure.pages(ROLES, [assignment(1)])
    azure.faults.add("elsewhere", first=1)
    assert ask(ASKED).json()["nextLink"].startswith(ELSEWHERE)
    azure.faults.add("redirected")
    answer = ask(ASKED)
    assert (answer.status_code, answer.headers["Location"][: len(ELSEWHERE)]) == (307, ELSEWHERE)


def test_a_body_can_be_cut_off_or_no_json(azure: Standin, ask: Ask) -> None:
    azure.pages(ROLES, [assignment(1)])
    azure.faults.add("malformed", first=1)
    assert ask(ASKED).text().startswith("<!DOCTYPE")
    azure.faults.add("cut")
    with pytest.raises(AzureCoreError):
        ask(ASKED)


def test_a_property_can_be_left_out_of_each_entry(azure: Standin, ask: Ask) -> None:
    azure.pages(ROLES, [assignment(1), assignment(2)])
    azure.faults.add("without", left_out="properties.principalId")
    assert [each["properties"] for each in ask(ASKED).json()["value"]] == [{}, {}]


def test_faults_strike_when_and_where_they_are_told(azure: Standin, ask: Ask) -> None:
    azure.fresh("/")
    azure.faults.add("denied", "arm.*", after=1, first=1, containing="roleAssignments")
    locks = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/locks?api-version=2020-05-01"
    assert [ask(path).status_code for path in (ASKED, locks, ASKED, ASKED)] == [200, 200, 403, 200]
    azure.faults.add("broken")
    azure.faults.clear()
    assert ask(ASKED).status_code == 200
    with pytest.raises(ValueError, match="no method"):
        azure.faults.add("denied", "RoleAssignments_Listing")
    with pytest.raises(ValueError, match="left out"):
        azure.faults.add("denied", left_out="properties")


def test_nothing_leaves_loopback(azure: Standin, ask: Ask) -> None:
    azure.fresh("/")
    azure.faults.add("redirected")
    with loopback.only() as left:
        assert ask(ASKED).status_code == 307
        with pytest.raises(ServiceRequestError):
            ask("/", url=ELSEWHERE)
        assert left == ["elsewhere.example"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", {"id", "userPrincipalName"}),
        ("?$select=userType", {"id", "userType"}),
        ("?$select=id,customSecurityAttributes,accountEnabled", {"id", "customSecurityAttributes"}),
    ],
)
def test_graph_tells_what_was_selected_and_little_else(azure: Standin, ask: Ask, query: str, told: set[str]) -> None:
    user = {"id": "u", "userPrincipalName": "a@b.example", "userType": "Guest", "customSecurityAttributes": {}}
    azure.pages("/v1.0/users", [user])
    azure.answer("/v1.0/users/u", user)
    graph = "https://graph.microsoft.com/.default"
    assert set(ask(f"/v1.0/users/u{query}", scope=graph).json()) == told
    (entry,) = ask(f"/v1.0/users{query}", scope=graph).json()["value"]
    assert set(entry) == told
