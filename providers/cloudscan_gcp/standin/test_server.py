"""The endpoint refuses what Google's documents do not allow, from clients and from tests, and pages as Google does."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from google import auth as google_auth
from google.api_core.client_options import ClientOptions
from google.auth.transport.requests import AuthorizedSession
from google.cloud.storage import Client
from requests import Response

from cloudscan.standin import loopback
from cloudscan_gcp.standin.errors import GoogleError
from cloudscan_gcp.standin.schemas import NotAllowed
from cloudscan_gcp.standin.server import Endpoint
from cloudscan_gcp.standin.state import Asked

Ask = Callable[..., Response]
POLICY = "/v3/projects/acme:getIamPolicy"
BUCKET = {"kind": "storage#bucket", "id": "acme-calls", "name": "acme-calls", "projectNumber": "1"}


@pytest.fixture
def ask(google: Endpoint) -> Iterator[Ask]:
    """Ask as Application Default Credentials, whose token the endpoint gives."""
    credentials, _ = google_auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    session = AuthorizedSession(credentials)  # type: ignore[no-untyped-call]

    def send(path: str, http: str = "GET", **given: Any) -> Response:
        answer: Response = session.request(http, google.url + path, timeout=10, **given)  # type: ignore[no-untyped-call]
        return answer

    with session:
        yield send


@pytest.fixture
def wrongly(google: Endpoint, ask: Ask) -> Iterator[Ask]:
    """Ask what Google's documents do not allow; the endpoint says so each time."""

    def send(path: str, http: str = "GET", **given: Any) -> Response:
        before = len(google.refused)
        answer = ask(path, http, **given)
        assert len(google.refused) == before + 1
        return answer

    yield send
    google.refused.clear()


def reason(answer: Response) -> str:
    error = answer.json()["error"]
    if "errors" in error:
        return str(error["errors"][0]["reason"])
    return str(error["details"][0]["reason"])


def test_an_answer_is_what_was_given_and_is_counted(google: Endpoint, ask: Ask) -> None:
    policy = {"version": 3, "bindings": [{"role": "roles/viewer", "members": ["user:a@example.com"]}], "etag": "BwY="}
    google.answer(POLICY, policy)
    body = {"options": {"requestedPolicyVersion": 3}}
    assert ask(POLICY, "POST", json=body).json() == policy
    assert google.requests["cloudresourcemanager.projects.getIamPolicy"] == 1
    assert google.requests["token"] == 1


@pytest.mark.parametrize(
    ("path", "http", "given", "said"),
    [
        ("/storage/v1/b", "GET", {}, "'project' is required"),
        ("/storage/v1/b?project=acme&projekt=1", "GET", {}, "unknown query parameter 'projekt'"),
        ("/storage/v1/b?project=acme&projection=some", "GET", {}, "'some' is not one of"),
        ("/storage/v1/b?project=acme&maxResults=many", "GET", {}, "'many' does not match"),
        ("/storage/v1/b?project=acme&project=beta", "GET", {}, "given twice"),
        ("/storage/v1/b?project=acme&bucket=x", "GET", {}, "unknown query parameter 'bucket'"),
        ("/storage/v1/b?project=acme&fields=items(name", "GET", {}, "parenthesis"),
        (POLICY, "POST", {"json": {"option": {}}}, "'option' was unexpected"),
        (POLICY, "POST", {"json": {"options": {"requestedPolicyVersion": "3"}}}, "is not of type 'integer'"),
        (POLICY, "POST", {"data": b"{"}, "no JSON"),
        ("/v1/projects/acme/serviceAccounts", "GET", {"json": {"pageSize": 3}}, "takes no body"),
        ("/v1/projects/acme/services?filter=state:ENABLED&pageSize=a", "GET", {}, "'a' does not match"),
        ("/v2/entries:list", "POST", {"json": {"resourceNames": "projects/acme"}}, "is not of type 'array'"),
        ("/storage/v1/b?project=acme", "POST", {"json": {"name": "x", "versioning": {"enabled": "yes"}}}, "boolean"),
    ],
)
def test_a_request_that_google_does_not_document_is_refused(
    wrongly: Ask, google: Endpoint, path: str, http: str, given: dict[str, Any], said: str
) -> None:
    answer = wrongly(path, http, **given)
    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]
    assert google.unanswered == []


@pytest.mark.parametrize(
    ("path", "http"),
    [
        ("/v3/projects/acme:getPolicy", "POST"),
        (POLICY, "GET"),
        ("/v3/project/acme", "GET"),
        ("/v9/projects/acme", "GET"),
        ("/storage/v1/b/x/objects", "GET"),
    ],
)
def test_a_path_that_no_method_has_is_not_found(wrongly: Ask, path: str, http: str) -> None:
    assert wrongly(path, http).status_code == 404


@pytest.mark.parametrize(
    ("path", "payload", "said"),
    [
        ("/storage/v1/b/x", BUCKET | {"locations": "EU"}, "'locations' was unexpected"),
        ("/storage/v1/b/x", BUCKET | {"metageneration": 3}, "is not of type 'string'"),
        ("/storage/v1/b/x", BUCKET | {"timeCreated": "yesterday"}, "does not match"),
        (
            "/storage/v1/b/x",
            BUCKET | {"iamConfiguration": {"uniformBucketLevelAccess": {"enabled": "true"}}},
            "boolean",
        ),
        ("/storage/v1/b/x/iam", {"bindings": {"role": "x"}}, "is not of type 'array'"),
        ("/v1/projects/acme/locations/eu/keyRings", {"keyRings": [{"key": "x"}]}, "keyRings/0"),
        ("/v1/projects/acme/locations/eu/keyRings/r/cryptoKeys/k", {"rotationPeriod": "90d"}, "does not match"),
        ("/v1/projects/acme/locations/eu/keyRings/r/cryptoKeys/k", {"purpose": "READ"}, "is not one of"),
    ],
)
def test_an_answer_that_google_could_not_give_is_refused(
    google: Endpoint, path: str, payload: dict[str, Any], said: str
) -> None:
    with pytest.raises(NotAllowed, match=said):
        google.answer(path, payload)


def test_what_a_function_answers_is_held_to_the_schema_too(google: Endpoint, ask: Ask) -> None:
    google.answer("/storage/v1/b/x", lambda asked: BUCKET | {"nam": asked.path["bucket"]})
    assert ask("/storage/v1/b/x").status_code == 500
    assert "'nam' was unexpected" in google.crashes.pop()


def test_a_function_sees_what_was_asked(google: Endpoint, ask: Ask) -> None:
    seen: list[Asked] = []

    def told(asked: Asked) -> dict[str, Any]:
        seen.append(asked)
        return {"name": asked.path["object"]}

    google.answer("/storage/v1/b/*/o/*", told)
    hostile = "a/b é <x>&amp;\u202e"
    answer = ask(f"/storage/v1/b/x/o/{_quoted(hostile)}?generation=7")
    assert answer.json() == {"name": hostile}
    assert (seen[0].path, seen[0].query) == ({"bucket": "x", "object": hostile}, {"generation": "7"})


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")


def test_a_path_that_several_apis_have_needs_a_name_or_one_answer(google: Endpoint, ask: Ask) -> None:
    path = "/v1/projects/acme/locations"
    with pytest.raises(ValueError, match="name the api"):
        google.answer(path, {})
    place = {"name": "projects/acme/locations/eu", "locationId": "eu"}
    google.answer(path, {"locations": [place]}, api="cloudkms")
    assert ask(path).json() == {"locations": [place]}
    assert ask(path, headers={"Host": "cloudkms.googleapis.com"}).json() == {"locations": [place]}
    assert ask("/cloudkms.googleapis.com" + path).json() == {"locations": [place]}
    google.fresh("projects/acme")
    assert ask("/cloudfunctions.googleapis.com" + path).json() == {}
    assert google.requests["cloudkms.projects.locations.list"] == 3


def test_a_regional_host_names_its_api(google: Endpoint, ask: Ask) -> None:
    path = "/v3/projects/acme/locations/europe-west1/agents"
    google.pages(path, [{"name": "projects/acme/locations/europe-west1/agents/1"}])
    for host in ("europe-west1-dialogflow.googleapis.com", "dialogflow.europe-west1.rep.googleapis.com"):
        assert len(ask(path, headers={"Host": host}).json()["agents"]) == 1


@pytest.mark.parametrize(
    "host", ["dialogflow.googleapis.com", "us-central1-dialogflow.googleapis.com", "us-dialogflow.googleapis.com"]
)
def test_a_host_of_another_region_is_refused(wrongly: Ask, host: str) -> None:
    path = "/v3/projects/acme/locations/europe-west1/agents"
    assert wrongly(path, headers={"Host": host}).status_code == 400


def test_a_path_that_google_lacks_cannot_be_answered(google: Endpoint) -> None:
    with pytest.raises(ValueError, match="no method"):
        google.answer("/v3/project/acme", {})


def test_a_path_without_a_document_is_answered_as_it_is(google: Endpoint, ask: Ask) -> None:
    path = "/v3/organizations/1/locations/global/principalAccessBoundaryPolicies"
    google.undocumented(path, {"principalAccessBoundaryPolicies": []})
    assert ask(f"{path}?pageSize=5").json() == {"principalAccessBoundaryPolicies": []}
    google.undocumented(path, GoogleError(403, "no", "IAM_PERMISSION_DENIED"))
    assert (ask(path).status_code, google.requests[path[1:]]) == (403, 2)


def test_pages_have_the_size_that_is_asked_for(google: Endpoint, ask: Ask) -> None:
    accounts = [{"email": f"{number}@acme.iam.gserviceaccount.com"} for number in range(7)]
    google.pages("/v1/projects/acme/serviceAccounts", accounts)
    found, token, sizes = [], "", []
    while True:
        page = ask("/v1/projects/acme/serviceAccounts", params={"pageSize": 3, "pageToken": token}).json()
        found += page["accounts"]
        sizes.append(len(page["accounts"]))
        token = page.get("nextPageToken", "")
        if not token:
            break
    assert (found, sizes) == (accounts, [3, 3, 1])


def test_a_token_of_another_list_is_refused(google: Endpoint, ask: Ask) -> None:
    for project in ("acme", "beta"):
        google.pages(f"/v1/projects/{project}/serviceAccounts", [{"email": "a"}, {"email": "b"}])
    token = ask("/v1/projects/acme/serviceAccounts?pageSize=1").json()["nextPageToken"]
    for path in ("/v1/projects/beta/serviceAccounts?pageSize=1", "/v1/projects/acme/serviceAccounts?alt=json"):
        assert ask(f"{path}&pageToken={token}").status_code == 400
    assert ask("/v1/projects/acme/serviceAccounts?pageToken=x").status_code == 400


def test_a_list_that_is_asked_for_by_post_is_paged_in_its_body(google: Endpoint, ask: Ask) -> None:
    entries = [{"logName": f"projects/acme/logs/{number}"} for number in range(3)]
    google.pages("/v2/entries:list", entries)
    body: dict[str, Any] = {"resourceNames": ["projects/acme"], "pageSize": 2}
    first = ask("/v2/entries:list", "POST", json=body).json()
    rest = ask("/v2/entries:list", "POST", json=body | {"pageToken": first["nextPageToken"]}).json()
    assert first["entries"] + rest["entries"] == entries


def test_the_default_page_is_that_of_the_document(google: Endpoint, ask: Ask) -> None:
    google.pages("/storage/v1/b/x/o", [{"name": str(number)} for number in range(1001)])
    assert len(ask("/storage/v1/b/x/o").json()["items"]) == 1000
    assert len(ask("/storage/v1/b/x/o?maxResults=5000").json()["items"]) == 1000


def test_a_query_narrows_an_answer(google: Endpoint, ask: Ask) -> None:
    google.pages("/storage/v1/b", [BUCKET], project="acme")
    google.pages("/storage/v1/b", [], project="beta")
    assert ask("/storage/v1/b?project=acme").json()["items"] == [BUCKET]
    assert ask("/storage/v1/b?project=beta").json() == {"kind": "storage#buckets"}


def test_what_nobody_answered_is_an_error_that_is_remembered(google: Endpoint, ask: Ask) -> None:
    google.fresh("projects/acme")
    assert ask("/v1/projects/acme/serviceAccounts").json() == {}
    assert ask("/storage/v1/b?project=acme").json() == {"kind": "storage#buckets"}
    assert ask("/v1/projects/beta/serviceAccounts").status_code == 501
    assert ask("/v3/projects/acme").status_code == 501
    assert google.unanswered == ["GET /v1/projects/beta/serviceAccounts", "GET /v3/projects/acme"]
    google.unanswered.clear()


def test_a_mask_leaves_what_it_names(google: Endpoint, ask: Ask) -> None:
    row = {"name": "a", "size": "3", "retention": {"mode": "Locked", "retainUntilTime": "2030-01-01T00:00:00Z"}}
    google.pages("/storage/v1/b/x/o", [row, {"name": "b"}])
    mask = "nextPageToken,items(name,retention/mode)"
    page = ask("/storage/v1/b/x/o", params={"fields": mask, "maxResults": 1}).json()
    assert page["items"] == [{"name": "a", "retention": {"mode": "Locked"}}]
    assert sorted(page) == ["items", "nextPageToken"]


@pytest.mark.parametrize(
    ("kind", "status", "storage_reason", "other_reason"),
    [
        ("denied", 403, "forbidden", "IAM_PERMISSION_DENIED"),
        ("disabled", 403, "accessNotConfigured", "SERVICE_DISABLED"),
        ("quota", 429, "rateLimitExceeded", "RATE_LIMIT_EXCEEDED"),
        ("expired", 401, "authError", "ACCESS_TOKEN_EXPIRED"),
    ],
)
def test_faults_are_spelled_as_the_api_spells_them(
    google: Endpoint, kind: Any, status: int, storage_reason: str, other_reason: str
) -> None:
    import requests

    google.fresh("projects/acme")
    google.faults.add(kind, retry_after=9)
    older = requests.get(f"{google.url}/storage/v1/b?project=acme", timeout=10)
    newer = requests.get(f"{google.url}/v1/projects/acme/serviceAccounts", timeout=10)
    assert (older.status_code, newer.status_code) == (status, status)
    assert (reason(older), reason(newer)) == (storage_reason, other_reason)
    assert newer.headers.get("Retry-After") == ("9" if kind == "quota" else None)


def test_faults_strike_when_and_where_they_are_told(google: Endpoint, ask: Ask) -> None:
    google.fresh("projects/acme", "projects/beta")
    google.faults.add("vanished", "iam.projects.serviceAccounts.list", after=1, first=1, containing="acme")
    google.faults.add("denied", "storage.*", permission="storage.buckets.list")

    def status(path: str) -> int:
        return ask(path).status_code

    assert [status("/v1/projects/acme/serviceAccounts") for _ in range(3)] == [200, 404, 200]
    assert status("/v1/projects/beta/serviceAccounts") == 200
    denied = ask("/storage/v1/b?project=acme")
    assert "'storage.buckets.list' denied" in denied.json()["error"]["message"]
    google.faults.clear()
    assert status("/storage/v1/b?project=acme") == 200


def test_a_malformed_answer_is_a_success_that_is_no_json(google: Endpoint, ask: Ask) -> None:
    google.fresh("projects/acme")
    google.faults.add("malformed", first=1)
    answer = ask("/v1/projects/acme/serviceAccounts")
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_a_fault_of_no_method_is_refused(google: Endpoint) -> None:
    with pytest.raises(ValueError, match="no method is called"):
        google.faults.add("denied", "storage.bucket.list")
    with pytest.raises(ValueError, match="is no fault"):
        google.faults.add("gone", "storage.buckets.list")  # type: ignore[arg-type]


def test_an_answer_may_be_an_error(google: Endpoint, ask: Ask) -> None:
    uniform = GoogleError(
        400, "Cannot get legacy ACL for a bucket that has uniform bucket-level access.", older="invalid"
    )
    google.answer("/storage/v1/b/x/acl", uniform)
    answer = ask("/storage/v1/b/x/acl")
    assert (answer.status_code, reason(answer)) == (400, "invalid")


def test_the_storage_client_reads_pages_and_ranges(google: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")
    rows = [{"name": f"{number}.wav", "bucket": "acme-calls", "size": "4", "generation": "1"} for number in range(5)]
    google.pages("/storage/v1/b/acme-calls/o", rows)
    google.answer("/storage/v1/b/acme-calls/o/0.wav", b"RIFFdata", alt="media")
    client = Client(client_options=ClientOptions(api_endpoint=google.url))
    pages = client.list_blobs("acme-calls", page_size=2).pages
    assert [[blob.name for blob in page] for page in pages] == [["0.wav", "1.wav"], ["2.wav", "3.wav"], ["4.wav"]]
    assert google.requests["storage.objects.list"] == 3
    blob = client.bucket("acme-calls").blob("0.wav")
    assert [blob.download_as_bytes(), blob.download_as_bytes(start=2, end=5)] == [b"RIFFdata", b"FFda"]
    client.close()


def test_media_are_given_for_media_only(google: Endpoint, ask: Ask) -> None:
    google.answer("/storage/v1/b/x/o/a", b"RIFF")
    assert ask("/storage/v1/b/x/o/a?alt=media", headers={"Range": "bytes=9-"}).status_code == 416
    assert ask("/storage/v1/b/x/o/a?alt=media", headers={"Range": "bytes=-3"}).content == b"IFF"
    assert ask("/storage/v1/b/x/o/a").status_code == 500
    assert "was given media" in google.crashes.pop()


def test_a_connection_to_elsewhere_is_refused_and_remembered() -> None:
    with loopback.only() as left:
        for place in (("192.0.2.1", 80), ("storage.googleapis.com", 443)):
            with pytest.raises(loopback.LeftLoopback, match=place[0]):
                socket.create_connection(place)
        assert left == ["192.0.2.1", "storage.googleapis.com"]


def test_a_connection_to_this_machine_is_not(google: Endpoint, ask: Ask) -> None:
    google.fresh("projects/acme")
    with loopback.only() as left:
        assert ask("/v1/projects/acme/serviceAccounts").ok
        assert left == []
