"""The demo's estate stands: what was put there is what Google's own clients read, and nothing is refused."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from google import auth
from google.auth.transport.requests import AuthorizedSession
from google.cloud import speech_v2
from google.cloud.speech_v2.services.speech.transports import SpeechGrpcTransport
from google.cloud.storage import Client
from google.longrunning import operations_pb2

from cloudscan.audio.listings import Classes, Neighbours
from cloudscan.demo import DemoCloud
from cloudscan.errors import MissingExtra
from cloudscan.standin import loopback
from cloudscan_gcp.demo import demo
from cloudscan_gcp.demo.names import PROJECT, email, key_name
from cloudscan_gcp.demo.people import AWS_ROLE
from cloudscan_gcp.demo.roles import roles

PLACE = f"projects/{PROJECT}/locations/europe-west4"


@pytest.fixture(scope="module")
def cloud() -> Iterator[DemoCloud]:
    with loopback.only() as left, demo() as standing:
        yield standing
        assert left == []


@pytest.fixture(scope="module")
def storage(cloud: DemoCloud) -> Iterator[Any]:
    os.environ.setdefault("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")
    made = Client(project=PROJECT, client_options={"api_endpoint": cloud.endpoint_url})
    yield made
    made.close()


@pytest.fixture(scope="module")
def ask(cloud: DemoCloud) -> Iterator[Any]:
    credentials, _ = auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    with AuthorizedSession(credentials) as session:  # type: ignore[no-untyped-call]

        def told(path: str, **given: Any) -> Any:
            verb = "POST" if "json" in given else "GET"
            answer = session.request(verb, cloud.endpoint_url + path, timeout=10, **given)  # type: ignore[no-untyped-call]
            answer.raise_for_status()
            return answer.json()

        yield told


def policy(told: dict[str, Any]) -> dict[str, list[str]]:
    return {each["role"]: each["members"] for each in told["bindings"]}


def test_calls_outlive_the_rule_that_seems_to_delete_them(storage: Any) -> None:
    bucket = storage.get_bucket("acme-eu-calls")
    _, delete = bucket.lifecycle_rules
    assert delete["condition"] == {"age": 90, "matchesStorageClass": ["STANDARD"]}
    blobs = list(storage.list_blobs(bucket))
    past = [blob for blob in blobs if blob.time_created < datetime.now(UTC) - timedelta(days=90)]
    assert len(past) == 3
    assert {blob.storage_class for blob in past} == {"NEARLINE"}
    assert {blob.kms_key_name.partition("/cryptoKeyVersions/")[0] for blob in blobs} == {key_name("speech-calls")}


def test_recordings_are_heard_and_the_website_has_none(storage: Any) -> None:
    heard: dict[str, int] = {}
    for bucket in storage.list_buckets():
        for blob in storage.list_blobs(bucket):
            row = Row(blob.name, blob.size)
            seen = Neighbours([row], Classes()).see(row, blob.content_type)
            heard[bucket.name] = heard.get(bucket.name, 0) + (seen[0] == "speech")
    assert heard == {
        "acme-eu-calls": 10,
        "acme-eu-share": 4,
        "acme-eu-switchboard": 3,
        "acme-eu-training": 6,
        "acme-eu-transcripts": 0,
        "acme-eu-voicemail": 6,
        "acme-eu-website": 0,
    }


class Row:
    delete_marker = False

    def __init__(self, key: str, size: int) -> None:
        self.key, self.size = key, size


def test_the_bytes_of_an_object_are_those_of_a_recording(storage: Any) -> None:
    head = storage.bucket("acme-eu-calls").blob("calls/2026/0000.wav").download_as_bytes(start=0, end=11)
    assert (head[:4], head[8:]) == (b"RIFF", b"WAVE")


def test_the_share_and_one_folder_are_open(ask: Any) -> None:
    share = policy(ask("/storage/v1/b/acme-eu-share/iam?optionsRequestedPolicyVersion=3"))
    assert share["roles/storage.objectViewer"] == ["allUsers"]
    folders = ask("/storage/v1/b/acme-eu-training/managedFolders")["items"]
    assert [each["name"] for each in folders] == ["for-vendor/"]
    folder = policy(ask("/storage/v1/b/acme-eu-training/managedFolders/for-vendor%2F/iam"))
    assert folder == {"roles/storage.objectViewer": ["domain:labels.example"]}
    assert ask("/storage/v1/b/acme-eu-calls/managedFolders") == {"kind": "storage#managedFolders"}


def test_lists_are_told_where_they_count_and_are_asked_for(storage: Any) -> None:
    for projection, told in (("noAcl", set()), ("full", {"in/0.wav", "in/1.wav", "in/2.wav"})):
        pages = storage.list_blobs("acme-eu-switchboard", projection=projection).pages
        rows = [row for page in pages for row in page.raw_page["items"]]
        assert {row["name"] for row in rows if "acl" in row} == told
        buckets = storage.list_buckets(projection=projection).pages
        with_lists = {row["name"] for page in buckets for row in page.raw_page["items"] if "acl" in row}
        assert with_lists == ({"acme-eu-switchboard"} if told else set())


def test_a_role_of_the_aws_account_reads_transcripts(ask: Any) -> None:
    readers = policy(ask("/storage/v1/b/acme-eu-transcripts/iam"))["roles/storage.objectViewer"]
    assert AWS_ROLE in readers
    pools = f"/v1/projects/{PROJECT}/locations/global/workloadIdentityPools"
    (pool,) = ask(pools)["workloadIdentityPools"]
    (provider,) = ask(f"/v1/{pool['name']}/providers")["workloadIdentityPoolProviders"]
    assert provider["aws"] == {"accountId": "123456789012"}
    assert "attributeCondition" not in provider
    assert AWS_ROLE.startswith(f"principalSet://iam.googleapis.com/{pool['name']}/attribute.aws_role/")


def test_the_export_has_an_old_key(ask: Any) -> None:
    (key,) = ask(f"/v1/projects/{PROJECT}/serviceAccounts/{email('call-export')}/keys?keyTypes=USER_MANAGED")["keys"]
    assert datetime.fromisoformat(key["validAfterTime"]) < datetime.now(UTC) - timedelta(days=1000)
    assert ask(f"/v1/projects/{PROJECT}/serviceAccounts/{email('transcriber')}/keys") == {}


def test_every_role_that_a_policy_names_is_told(ask: Any) -> None:
    told = policy(ask(f"/v3/projects/{PROJECT}:getIamPolicy", json={"options": {"requestedPolicyVersion": 3}}))
    for bucket in ask(f"/storage/v1/b?project={PROJECT}")["items"]:
        told |= policy(ask(f"/storage/v1/b/{bucket['name']}/iam"))
    told |= policy(ask(f"/v1/{key_name('speech-calls')}:getIamPolicy"))
    assert set(told) < {role["name"] for role in roles()}
    assert all(ask(f"/v1/{name}")["includedPermissions"] for name in told)


def test_operations_tell_of_inputs_and_outputs(cloud: DemoCloud) -> None:
    with grpc.insecure_channel(cloud.endpoint_url.removeprefix("http://")) as channel:
        client = speech_v2.SpeechClient(transport=SpeechGrpcTransport(channel=channel))
        told = client.list_operations(operations_pb2.ListOperationsRequest(name=PLACE)).operations
        asked = [speech_v2.OperationMetadata.deserialize(each.metadata.value).batch_recognize_request for each in told]
        assert client.get_config(name=f"{PLACE}/config").kms_key_name == ""
    outputs = [each.recognition_output_config for each in asked]
    assert [each.gcs_output_config.uri for each in outputs] == [
        "gs://acme-eu-transcripts/out/",
        "",
        "gs://partner-eu-transcripts/acme/",
    ]
    assert ["inline_response_config" in each for each in outputs] == [False, True, False]
    assert all(each.files[0].uri.startswith("gs://acme-eu-calls/calls/") for each in asked)


def test_the_users_own_settings_are_out_of_the_way_and_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "a-real-one")
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://192.0.2.1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with demo() as standing:
        assert "GOOGLE_CLOUD_PROJECT" not in os.environ
        assert os.environ["GOOGLE_APPLICATION_CREDENTIALS"] == standing.variables["GOOGLE_APPLICATION_CREDENTIALS"]
    assert os.environ["GOOGLE_CLOUD_PROJECT"] == "a-real-one"
    assert os.environ["STORAGE_EMULATOR_HOST"] == "http://192.0.2.1"


def test_without_the_emulator_the_demo_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [
        each for each in sys.modules if each.startswith(("cloudscan_gcp.demo.estate", "cloudscan_gcp.standin"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "gcp_storage_emulator.server", None)
    with pytest.raises(MissingExtra, match="demo"), demo():
        pass
