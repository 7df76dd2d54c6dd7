"""Speech-to-Text through Google's own client over gRPC, and its first version over REST, on loopback."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from cloudscan.errors import CredentialsExpired
from cloudscan.model import Answer, Coverage, Gap, Job, Why
from cloudscan.provider import Collected, Facet
from cloudscan_gcp import speech
from cloudscan_gcp.accounts import Bucket, ProjectScope
from cloudscan_gcp.standin.server import Endpoint

if TYPE_CHECKING:
    from cloudscan_gcp.standin.speech import SpeechServer

Projects = Callable[..., ProjectScope]
PLACE = "projects/acme-calls/locations/europe-west4"
KEY = f"{PLACE}/keyRings/voice/cryptoKeys/speech"
FIVE_DAYS = datetime(2023, 11, 19, 22, 13, 20, tzinfo=UTC)


def batch(
    name: str, output: dict[str, Any], *, result: Any = None, files: tuple[str, ...] = ("gs://calls/a.wav",)
) -> Any:
    from google.cloud import speech_v2

    from cloudscan_gcp.standin.speech import operation

    request = speech_v2.BatchRecognizeRequest(
        recognizer=f"{PLACE}/recognizers/_",
        files=[{"uri": uri} for uri in files],
        recognition_output_config=output,
    )
    metadata = speech_v2.OperationMetadata(
        create_time={"seconds": 1_700_000_000, "nanos": 5},
        update_time={"seconds": 1_700_000_060},
        kms_key_name=KEY,
        batch_recognize_request=request,
    )
    return operation(f"{PLACE}/operations/{name}", metadata, result)


def collected(project: ProjectScope, name: str = "speech") -> list[Collected]:
    units = {unit.key: unit for unit in speech.units(project)}
    return list(units[f"gcp/acme-calls/{name}"].run())


def of(items: list[Collected], kind: type) -> list[Any]:
    return [item for item in items if isinstance(item, kind)]


def test_an_operation_tells_what_it_read_and_wrote(speech: SpeechServer, project: Projects) -> None:
    from google.cloud import speech_v2

    speech.open("acme-calls", "europe-west4")
    done = speech_v2.BatchRecognizeResponse(
        results={
            "gs://calls/a.wav": {
                "cloud_storage_result": {
                    "uri": "gs://texts/out/a_transcript.json",
                    "srt_format_uri": "gs://texts/out/a.srt?X-Goog-Signature=s3cret",
                }
            }
        }
    )
    speech.put(batch("1", {"gcs_output_config": {"uri": "gs://texts/out/"}}, result=done))
    own = replace(project(Facet.JOBS), buckets=(Bucket("texts", {}),))
    (job,) = [job for job in of(collected(own), Job) if job.kind == "transcription"]
    assert job == Job(
        id=f"{PLACE}/operations/1",
        provider="gcp",
        account="acme-calls",
        region="europe-west4",
        kind="transcription",
        name="1",
        status="DONE",
        created=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        completed=datetime(2023, 11, 14, 22, 14, 20, tzinfo=UTC),
        listed_until=FIVE_DAYS,
        inputs=("gs://calls/a.wav",),
        outputs=("gs://texts/out/a_transcript.json", "gs://texts/out/a.srt"),
        output_owner="customer",
        output_store_account="acme-calls",
        key=KEY,
        redaction=Answer.NO,
        keeps_unredacted=Answer.YES,
    )
    assert type(job.created) is datetime


def test_a_transcript_that_was_left_with_the_service_is_not_kept_by_us(speech: SpeechServer, project: Projects) -> None:
    from google.cloud import speech_v2

    speech.open("acme-calls", "europe-west4")
    words = {"transcript": {"results": [{"alternatives": [{"transcript": "my card is 4111"}]}]}}
    done = speech_v2.BatchRecognizeResponse(results={"gs://calls/a.wav": {"inline_result": words}})
    speech.put(batch("1", {"inline_response_config": {}}, result=done))
    items = collected(project(Facet.JOBS))
    (job,) = [job for job in of(items, Job) if job.kind == "transcription"]
    assert (job.output_owner, job.outputs, job.listed_until) == ("service", (), FIVE_DAYS)
    assert "4111" not in repr(items)


def test_an_operation_that_runs_is_to_write_where_it_was_told(speech: SpeechServer, project: Projects) -> None:
    speech.open("acme-calls", "europe-west4")
    output = {"gcs_output_config": {"uri": "gs://elsewhere/out/"}}
    speech.put(batch("1", output, files=("gs://calls/a.wav", "gs://calls/b.wav?Signature=s3cret")))
    (job,) = [job for job in of(collected(project(Facet.JOBS)), Job) if job.kind == "transcription"]
    assert (job.status, job.completed, job.outputs) == ("RUNNING", None, ("gs://elsewhere/out/",))
    assert job.inputs == ("gs://calls/a.wav", "gs://calls/b.wav")
    assert (job.output_owner, job.output_store_account) == ("customer", None)


def test_one_that_failed_wrote_nothing(speech: SpeechServer, project: Projects) -> None:
    speech.open("acme-calls", "europe-west4")
    failed = batch("1", {"gcs_output_config": {"uri": "gs://texts/out/"}})
    failed.done = True
    failed.error.code = 7
    failed.error.message = "the caller may not read gs://calls/a.wav"
    speech.put(failed)
    (job,) = [job for job in of(collected(project(Facet.JOBS)), Job) if job.kind == "transcription"]
    assert (job.status, job.outputs, job.output_owner) == ("FAILED", (), "customer")


def test_what_gives_the_service_no_speech_is_no_job_and_what_cannot_be_read_is_told(
    speech: SpeechServer, project: Projects
) -> None:
    from google.cloud import speech_v2
    from google.longrunning import operations_pb2

    from cloudscan_gcp.standin.speech import operation

    speech.open("acme-calls", "europe-west4")
    made = speech_v2.OperationMetadata(create_recognizer_request={"parent": PLACE})
    broken = operation(f"{PLACE}/operations/broken", speech_v2.OperationMetadata())
    broken.metadata.value = b"\xff\xff"
    strange = operations_pb2.Operation(name=f"{PLACE}/operations/strange")
    speech.put(operation(f"{PLACE}/operations/made", made), broken, strange)
    items = collected(project(Facet.JOBS))
    assert [job.kind for job in of(items, Job)] == ["service-settings"]
    (gap,) = of(items, Gap)
    assert (gap.why, gap.resource, gap.detail) == (
        Why.MALFORMED,
        "acme-calls",
        "2 operations of a kind that is not known",
    )


def test_what_is_kept_to_be_used_again_has_its_key(speech: SpeechServer, project: Projects) -> None:
    from google.cloud import speech_v2

    speech.open("acme-calls", "europe-west4")
    speech.largest = 1
    speech.put(
        speech_v2.Recognizer(name=f"{PLACE}/recognizers/calls", model="telephony", state="ACTIVE", kms_key_name=KEY),
        speech_v2.Recognizer(name=f"{PLACE}/recognizers/more", model="telephony", state="ACTIVE"),
        speech_v2.PhraseSet(name=f"{PLACE}/phraseSets/names"),
        speech_v2.CustomClass(name=f"{PLACE}/customClasses/products"),
        speech_v2.Config(name=f"{PLACE}/config", kms_key_name=KEY),
    )
    jobs = of(collected(project(Facet.JOBS)), Job)
    assert [(job.kind, job.name, job.key, job.continuous, job.status) for job in jobs] == [
        ("service-settings", "config", KEY, True, ""),
        ("recognizer", "calls", KEY, True, "ACTIVE"),
        ("recognizer", "more", None, True, "ACTIVE"),
        ("vocabulary", "names", None, False, "STATE_UNSPECIFIED"),
        ("vocabulary", "products", None, False, "STATE_UNSPECIFIED"),
    ]


def test_a_location_takes_five_questions_and_their_list_one(speech: SpeechServer, project: Projects) -> None:
    speech.open("acme-calls", "global", "europe-west4")
    made = project(Facet.JOBS)
    items = collected(made)
    assert speech.requests.total() == 1 + 2 * 5
    assert made.clients.http.sent["speech"] == 1 + 2 * 5
    assert {job.region for job in of(items, Job)} == {"global", "europe-west4"}
    assert of(items, Coverage) == [Coverage("gcp", "acme-calls", Facet.JOBS, 11, 11)]


@pytest.mark.parametrize(
    ("method", "permission"),
    [
        ("ListOperations", "speech.operations.list"),
        ("ListRecognizers", "speech.recognizers.list"),
        ("ListPhraseSets", "speech.phraseSets.list"),
        ("ListCustomClasses", "speech.customClasses.list"),
        ("GetConfig", "speech.config.get"),
    ],
)
def test_what_is_refused_is_a_gap_and_the_rest_is_asked(
    speech: SpeechServer, project: Projects, method: str, permission: str
) -> None:
    speech.open("acme-calls", "europe-west4")
    speech.faults.add("denied", f"speech.{method}")
    (gap,) = of(collected(project(Facet.JOBS)), Gap)
    assert (gap.facet, gap.resource, gap.region, gap.why) == (Facet.JOBS, "acme-calls", "europe-west4", Why.DENIED)
    assert gap.permission == permission
    assert gap.detail.endswith(f"--project=acme-calls --add-permissions={permission}")
    assert speech.requests.total() == 6


def test_an_api_that_is_off_is_asked_once(speech: SpeechServer, project: Projects) -> None:
    speech.open("acme-calls", "europe-west4", "us-central1")
    speech.faults.add("disabled")
    (gap,) = of(collected(project(Facet.JOBS)), Gap)
    assert (gap.why, gap.resource) == (Why.DISABLED, "acme-calls/speech")
    assert gap.detail.endswith("not used: gcloud services enable speech.googleapis.com --project=123456789012")
    assert speech.requests.total() == 1
    speech.faults.clear()
    speech.faults.add("disabled", "speech.ListOperations")
    (gap,) = of(collected(project(Facet.JOBS)), Gap)
    assert (gap.why, gap.resource) == (Why.DISABLED, "acme-calls/speech")
    assert speech.requests.total() == 1 + 2
    speech.faults.clear()
    speech.faults.add("disabled", consumer="projects/999")
    (gap,) = of(collected(project(Facet.JOBS)), Gap)
    assert (gap.why, gap.resource) == (Why.DISABLED, "acme-calls")
    assert "off for the project that is billed: gcloud" in gap.detail


def test_a_quota_a_break_and_a_project_that_vanishes_are_gaps(speech: SpeechServer, project: Projects) -> None:
    speech.open("acme-calls", "europe-west4")
    for kind, why in (("quota", Why.THROTTLED), ("broken", Why.ERROR), ("vanished", Why.VANISHED)):
        speech.faults.clear()
        speech.faults.add(kind, "speech.ListRecognizers")  # type: ignore[arg-type]
        (gap,) = of(collected(project(Facet.JOBS)), Gap)
        assert (gap.why, gap.operation) == (why, "speech.projects.locations.recognizers.list")


def test_what_failed_is_asked_again_until_the_deadline(speech: SpeechServer, project: Projects) -> None:
    speech.open("acme-calls", "europe-west4")
    speech.faults.add("unavailable", "speech.ListRecognizers", first=1)
    items = collected(project(Facet.JOBS, options={"deadline": "30"}))
    assert of(items, Gap) == []
    assert speech.requests["speech.ListRecognizers"] == 2


def test_a_list_that_breaks_off_keeps_what_came(speech: SpeechServer, project: Projects) -> None:
    from google.cloud import speech_v2

    speech.open("acme-calls", "europe-west4")
    speech.largest = 1
    speech.put(*(speech_v2.Recognizer(name=f"{PLACE}/recognizers/{name}") for name in "ab"))
    speech.faults.add("denied", "speech.ListRecognizers", after=1)
    items = collected(project(Facet.JOBS))
    assert [job.name for job in of(items, Job) if job.kind == "recognizer"] == ["a"]
    assert len(of(items, Gap)) == 1


def test_credentials_that_end_stop_the_collection(speech: SpeechServer, project: Projects) -> None:
    speech.open("acme-calls", "europe-west4")
    speech.faults.add("expired", "speech.ListPhraseSets")
    with pytest.raises(CredentialsExpired):
        collected(project(Facet.JOBS))


@pytest.mark.parametrize(
    ("endpoint", "location", "told"),
    [
        (None, "global", ("speech.googleapis.com:443", True)),
        (None, "europe-west4", ("europe-west4-speech.googleapis.com:443", True)),
        ("https://proxy.example:8443/google", "europe-west4", ("proxy.example:8443", True)),
        ("https://proxy.example", "eu", ("proxy.example:443", True)),
        ("http://127.0.0.1:4443", "eu", ("127.0.0.1:4443", False)),
    ],
)
def test_each_location_is_asked_at_its_own_endpoint(
    endpoint: str | None, location: str, told: tuple[str, bool]
) -> None:
    from cloudscan_gcp.speech_client import address

    assert address(endpoint, location) == told


FIRST = "type.googleapis.com/google.cloud.speech.v1.LongRunningRecognizeMetadata"
OLD = {
    "name": "7000000000000000001",
    "metadata": {"@type": FIRST, "startTime": "2026-01-01T00:00:00Z", "uri": "gs://calls/a.wav?Signature=s3cret"},
}


def test_operations_of_the_first_version_are_told_for_the_project_that_pays(
    google: Endpoint, project: Projects
) -> None:
    answer = {"@type": "type.googleapis.com/google.cloud.speech.v1.LongRunningRecognizeResponse"}
    kept = OLD | {"name": "2", "done": True, "response": answer | {"outputConfig": {"gcsUri": "gs://texts/a.json"}}}
    left = OLD | {"name": "3", "done": True, "response": answer | {"results": [{"resultEndTime": "1s"}]}}
    payers: list[str | None] = []

    def told(asked: Any) -> dict[str, Any]:
        payers.append(asked.headers.get("x-goog-user-project"))
        return {} if asked.headers["host"] != "speech.googleapis.com" else {"operations": [OLD, kept, left]}

    google.answer("/v1/operations", told, api="speech")
    jobs = of(collected(project(Facet.JOBS), "speech-v1"), Job)
    assert [(job.name, job.status, job.output_owner, job.outputs) for job in jobs] == [
        ("7000000000000000001", "RUNNING", None, ()),
        ("2", "DONE", "customer", ("gs://texts/a.json",)),
        ("3", "DONE", "service", ()),
    ]
    assert {job.inputs for job in jobs} == {("gs://calls/a.wav",)}
    assert {job.listed_until for job in jobs} == {datetime(2026, 1, 6, tzinfo=UTC)}
    assert payers == ["acme-calls"] * 3


def test_where_another_project_pays_they_are_not_told(google: Endpoint, project: Projects) -> None:
    other = project(Facet.JOBS, options={"quota-project": "billing"})
    (gap,) = of(collected(other, "speech-v1"), Gap)
    assert (gap.why, gap.resource) == (Why.UNSUPPORTED, "acme-calls")
    assert google.requests["speech.operations.list"] == 0


def test_that_google_may_learn_from_speech_is_told_by_no_api(project: Projects) -> None:
    (gap,) = of(collected(project(Facet.TRAINING_OPT_OUT), "speech-training"), Gap)
    assert (gap.facet, gap.why, gap.resource) == (Facet.TRAINING_OPT_OUT, Why.UNSUPPORTED, "acme-calls")


def test_nothing_is_asked_that_no_check_wants(project: Projects) -> None:
    assert list(speech.units(project(Facet.STORES))) == []


def test_a_location_that_is_no_word_is_not_asked(speech: SpeechServer, project: Projects) -> None:
    """A token goes to the host that is called like it."""
    from google.cloud.location import locations_pb2

    speech.open("acme-calls", "europe-west4")
    odd = f"{PLACE.rpartition('/')[0]}/odd"
    speech.put(locations_pb2.Location(name=odd, location_id="evil.example/"))
    gaps = of(collected(project(Facet.JOBS)), Gap)
    (gap,) = [one for one in gaps if one.operation == "speech.projects.locations.list"]
    assert (gap.why, gap.detail) == (Why.MALFORMED, "1 locations have odd names")
    assert speech.unanswered == []
