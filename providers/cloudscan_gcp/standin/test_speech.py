"""Speech-to-Text v2 over gRPC: what an unmodified client reads is what was put there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from google.api_core import exceptions
from google.cloud import speech_v2
from google.cloud.location import locations_pb2
from google.cloud.speech_v2.services.speech.transports import SpeechGrpcTransport
from google.longrunning import operations_pb2

from cloudscan_gcp.standin.server import Endpoint
from cloudscan_gcp.standin.speech import SpeechServer, operation

PLACE = "projects/acme/locations/europe-west4"
KEY = "projects/acme/locations/europe-west4/keyRings/voice/cryptoKeys/speech"


def connected(target: str) -> tuple[grpc.Channel, speech_v2.SpeechClient]:
    channel = grpc.insecure_channel(target)
    return channel, speech_v2.SpeechClient(transport=SpeechGrpcTransport(channel=channel))


@pytest.fixture
def client(speech: SpeechServer) -> Iterator[speech_v2.SpeechClient]:
    speech.open("acme", "global", "europe-west4")
    channel, made = connected(speech.target)
    with channel:
        yield made


def batch(name: str) -> Any:
    request = speech_v2.BatchRecognizeRequest(
        recognizer=f"{PLACE}/recognizers/_",
        files=[{"uri": "gs://acme-calls/a.wav"}],
        recognition_output_config={"gcs_output_config": {"uri": "gs://acme-transcripts/out/"}},
    )
    metadata = speech_v2.OperationMetadata(
        create_time={"seconds": 1_700_000_000}, kms_key_name=KEY, batch_recognize_request=request
    )
    return operation(f"{PLACE}/operations/{name}", metadata, speech_v2.BatchRecognizeResponse())


def test_lists_come_in_pages_of_the_size_that_is_asked_for(
    client: speech_v2.SpeechClient, speech: SpeechServer
) -> None:
    names = [f"{PLACE}/recognizers/r{number}" for number in range(5)]
    speech.put(*(speech_v2.Recognizer(name=name, model="telephony") for name in names))
    pages = client.list_recognizers(request={"parent": PLACE, "page_size": 2}).pages
    assert [[each.name for each in page.recognizers] for page in pages] == [names[:2], names[2:4], names[4:]]
    assert speech.requests["speech.ListRecognizers"] == 3


def test_every_kind_of_resource_is_told_by_its_own_list(client: speech_v2.SpeechClient, speech: SpeechServer) -> None:
    speech.put(
        speech_v2.PhraseSet(name=f"{PLACE}/phraseSets/names", phrases=[{"value": "Ana"}]),
        speech_v2.CustomClass(name=f"{PLACE}/customClasses/products"),
        speech_v2.Config(name=f"{PLACE}/config", kms_key_name=KEY),
    )
    assert [each.phrases[0].value for each in client.list_phrase_sets(parent=PLACE)] == ["Ana"]
    assert [each.name for each in client.list_custom_classes(parent=PLACE)] == [f"{PLACE}/customClasses/products"]
    assert list(client.list_recognizers(parent=PLACE)) == []
    assert client.get_config(name=f"{PLACE}/config").kms_key_name == KEY
    assert client.get_config(name="projects/acme/locations/global/config").kms_key_name == ""


def test_locations_of_a_project(client: speech_v2.SpeechClient) -> None:
    told = client.list_locations(locations_pb2.ListLocationsRequest(name="projects/acme"))
    assert [each.location_id for each in told.locations] == ["europe-west4", "global"]


def test_operations_hold_their_metadata(client: speech_v2.SpeechClient, speech: SpeechServer) -> None:
    speech.put(batch("one"))
    told = client.list_operations(operations_pb2.ListOperationsRequest(name=PLACE))
    metadata = speech_v2.OperationMetadata.deserialize(told.operations[0].metadata.value)
    asked = metadata.batch_recognize_request
    assert told.operations[0].done
    assert [each.uri for each in asked.files] == ["gs://acme-calls/a.wav"]
    assert asked.recognition_output_config.gcs_output_config.uri == "gs://acme-transcripts/out/"
    assert metadata.kms_key_name == KEY


def test_one_address_is_enough(speech: SpeechServer, google: Endpoint) -> None:
    speech.open("acme", "europe-west4")
    channel, client = connected(google.url.removeprefix("http://"))
    with channel:
        assert client.get_config(name=f"{PLACE}/config").name == f"{PLACE}/config"


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda client: client.list_recognizers(parent="projects/acme"), "is not of the form"),
        (lambda client: client.get_config(name=PLACE), "is not of the form"),
        (lambda client: client.list_recognizers(request={"parent": PLACE, "page_size": -1}), "negative"),
        (lambda client: client.list_recognizers(request={"parent": PLACE, "page_token": "x"}), "page token"),
        (
            lambda client: client.list_operations(
                operations_pb2.ListOperationsRequest.FromString(
                    operations_pb2.ListOperationsRequest(name=PLACE).SerializeToString() + b"\xfa\x01\x01x"
                )
            ),
            "does not have",
        ),
    ],
)
def test_a_request_that_google_would_refuse_is_refused(
    client: speech_v2.SpeechClient, speech: SpeechServer, ask: Callable[[Any], Any], said: str
) -> None:
    # Operations are named otherwise in the header where a field is added, so only the answer tells which rule it broke.
    with pytest.raises(exceptions.InvalidArgument, match=said):
        ask(client)
    speech.refused.clear()


def test_a_request_that_names_no_resource_in_its_header_is_refused(speech: SpeechServer) -> None:
    speech.open("acme", "europe-west4")
    with grpc.insecure_channel(speech.target) as channel:
        bare = channel.unary_unary(
            "/google.cloud.speech.v2.Speech/GetConfig",
            request_serializer=speech_v2.GetConfigRequest.serialize,
            response_deserializer=speech_v2.Config.deserialize,
        )
        with pytest.raises(grpc.RpcError, match="x-goog-request-params"):
            bare(speech_v2.GetConfigRequest(name=f"{PLACE}/config"))
    assert len(speech.refused) == 1
    speech.refused.clear()


def test_only_resources_of_this_api_can_be_put(speech: SpeechServer) -> None:
    with pytest.raises(TypeError, match="no resource"):
        speech.put(speech_v2.OperationMetadata())
    with pytest.raises(TypeError, match="no resource"):
        speech.put({"name": f"{PLACE}/recognizers/a"})
    with pytest.raises(ValueError, match="no name of"):
        speech.put(speech_v2.Recognizer(name="recognizers/a"))


@pytest.mark.parametrize(
    ("kind", "raised", "reason"),
    [
        ("denied", exceptions.PermissionDenied, "IAM_PERMISSION_DENIED"),
        ("disabled", exceptions.PermissionDenied, "SERVICE_DISABLED"),
        ("quota", exceptions.ResourceExhausted, "RATE_LIMIT_EXCEEDED"),
        ("vanished", exceptions.NotFound, None),
        ("expired", exceptions.Unauthenticated, "ACCESS_TOKEN_EXPIRED"),
        ("unavailable", exceptions.ServiceUnavailable, None),
        ("broken", exceptions.InternalServerError, None),
    ],
)
def test_faults_are_what_the_client_knows(
    client: speech_v2.SpeechClient, speech: SpeechServer, kind: Any, raised: type[Exception], reason: str | None
) -> None:
    speech.faults.add(kind, "speech.ListRecognizers", after=1, first=1, permission="speech.recognizers.list")
    assert list(client.list_recognizers(parent=PLACE, retry=None)) == []
    with pytest.raises(raised) as caught:
        client.list_recognizers(parent=PLACE, retry=None)
    assert caught.value.reason == reason  # type: ignore[attr-defined]
    assert list(client.list_recognizers(parent=PLACE, retry=None)) == []


def test_what_nobody_opened_is_an_error_that_is_remembered(
    client: speech_v2.SpeechClient, speech: SpeechServer
) -> None:
    with pytest.raises(exceptions.MethodNotImplemented):
        client.list_recognizers(parent="projects/acme/locations/mars")
    with pytest.raises(exceptions.NotFound):
        client.get_recognizer(name=f"{PLACE}/recognizers/none")
    assert speech.unanswered == ["ListRecognizers projects/acme/locations/mars"]
    speech.unanswered.clear()
