"""The demo's speech: recognizers, operations and where else voices are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.cloud import speech_v2
from google.protobuf.timestamp_pb2 import Timestamp

from cloudscan_gcp.demo.names import LOCATION, PROJECT
from cloudscan_gcp.standin.speech import operation

if TYPE_CHECKING:
    from cloudscan_gcp.demo.estate import Builder

PLACE = f"projects/{PROJECT}/locations/{LOCATION}"


def build(make: Builder) -> None:
    """Set up what turns calls into text. Its settings have no key of the call centre's own."""
    make.speech.open(PROJECT, "global", LOCATION)
    make.speech.put(
        speech_v2.Recognizer(name=f"{PLACE}/recognizers/calls", model="telephony", language_codes=["en-US"]),
        speech_v2.PhraseSet(name=f"{PLACE}/phraseSets/products", phrases=[{"value": "Acme Anvil"}]),
        speech_v2.CustomClass(name=f"{PLACE}/customClasses/surnames", items=[{"value": "Placeholder"}]),
    )
    _operations(make)


def _operations(make: Builder) -> None:
    """Of the last days: one kept in the project, one left with the service, one sent to a bucket of somebody else."""
    kept: dict[str, Any] = {"gcs_output_config": {"uri": "gs://acme-eu-transcripts/out/"}}
    left: dict[str, Any] = {"inline_response_config": {}}
    sent: dict[str, Any] = {"gcs_output_config": {"uri": "gs://partner-eu-transcripts/acme/"}}
    for number, output in enumerate((kept, left, sent)):
        call = f"gs://acme-eu-calls/calls/2026/{number:04}.wav"
        request = speech_v2.BatchRecognizeRequest(
            recognizer=f"{PLACE}/recognizers/calls",
            files=[{"uri": call}],
            recognition_output_config=output,
        )
        metadata = speech_v2.OperationMetadata(
            create_time=_time(make, 1 + number),
            update_time=_time(make, 1 + number),
            method="google.cloud.speech.v2.Speech.BatchRecognize",
            batch_recognize_request=request,
            progress_percent=100,
        )
        place = output.get("gcs_output_config")
        result = {"cloud_storage_result": {"uri": f"{place['uri']}{number:04}_transcript_6f1d.json"}} if place else {}
        done = speech_v2.BatchRecognizeResponse(results={call: result})
        make.speech.put(operation(f"{PLACE}/operations/{7_000_000 + number}", metadata, done))


def _time(make: Builder, days: float) -> Timestamp:
    made = Timestamp()
    made.FromJsonString(make.ago(days))
    return made
