"""Speech-to-Text in neutral words. Pure: each function reads one message or payload as the API told it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cloudscan.model import Answer, Job
from cloudscan.providing.parts import part, utc
from cloudscan_gcp.accounts import ProjectScope
from cloudscan_gcp.locations import location
from cloudscan_gcp.session import PROVIDER

KEPT = timedelta(hours=120)
"""How long an operation, and a transcript that was left with it, can be got ("Transcribe long audio files")."""
_METADATA = "google.cloud.speech.v2.OperationMetadata"
_RUNNING, _DONE, _FAILED = "RUNNING", "DONE", "FAILED"


class Other:
    """An operation that gave the service no speech, such as one that made a recognizer."""


def operation(told: Any, project: ProjectScope, region: str) -> Job | Other | None:
    """Read an operation; None where its metadata is none that we know.

    The words of a transcript that was left with the service come with it, and are not kept.
    """
    from google.cloud.speech_v2 import OperationMetadata
    from google.protobuf.message import DecodeError

    if not told.metadata.type_url.endswith(f"/{_METADATA}"):
        return None
    try:
        about = OperationMetadata.deserialize(told.metadata.value)
        results = _results(told)
    except DecodeError:
        return None
    if "batch_recognize_request" not in about:
        return Other()
    request = about.batch_recognize_request
    output = request.recognition_output_config
    inline = "inline_response_config" in output
    named_place = output.gcs_output_config.uri if "gcs_output_config" in output else ""
    failed = told.HasField("error")
    written = results or ([named_place] if named_place and not failed else [])
    created = moment(about.create_time)
    return Job(
        id=told.name,
        provider=PROVIDER,
        account=project.id,
        region=region,
        kind="transcription",
        name=told.name.rpartition("/")[2],
        status=_state(done=told.done, failed=failed),
        created=created,
        completed=moment(about.update_time) if told.done else None,
        listed_until=created + KEPT if created else None,
        inputs=tuple(dict.fromkeys(location(each.uri) for each in request.files if each.uri)),
        outputs=tuple(dict.fromkeys(map(location, written))),
        output_owner="service" if inline else "customer" if results or named_place else None,
        output_store_account=_own(written, project),
        key=about.kms_key_name or None,
        redaction=Answer.NO,  # the API takes nothing out of a transcript but, if asked, swear-words
        keeps_unredacted=Answer.YES,
    )


def _results(told: Any) -> list[str]:
    """Return where an operation that is done says that it wrote. Raises DecodeError."""
    from google.cloud.speech_v2 import BatchRecognizeResponse

    if not told.HasField("response"):
        return []
    results = BatchRecognizeResponse.deserialize(told.response.value).results.values()
    stored = [result.cloud_storage_result for result in results]
    # The uri beside it is how the API told the same before ("BatchRecognizeFileResult").
    transcripts = [place.uri or result.uri for place, result in zip(stored, results, strict=True)]
    captions = [uri for place in stored for uri in (place.vtt_format_uri, place.srt_format_uri)]
    return [uri for uri in (*transcripts, *captions) if uri]


def first_version(told: Mapping[str, Any], project: ProjectScope, region: str) -> Job:
    """Read an operation of the API's first version, which tells little: a recording, and what its answer says."""
    name = str(told.get("name") or "")
    about, answer = part(told, "metadata"), part(told, "response")
    recording, kept = about.get("uri"), part(answer, "outputConfig").get("gcsUri")
    created, done = utc(about.get("startTime")), told.get("done") is True
    written = [str(kept)] if kept else []
    return Job(
        id=f"projects/{project.id}/locations/{region}/v1/operations/{name}",
        provider=PROVIDER,
        account=project.id,
        region=region,
        kind="transcription",
        name=name,
        status=_state(done=done, failed="error" in told),
        created=created,
        completed=utc(about.get("lastUpdateTime")) if done else None,
        listed_until=created + KEPT if created else None,
        inputs=(location(str(recording)),) if recording else (),
        outputs=tuple(map(location, written)),
        output_owner="customer" if written else "service" if answer.get("results") else None,
        output_store_account=_own(written, project),
        redaction=Answer.NO,
        keeps_unredacted=Answer.YES,
    )


def resource(told: Any, kind: str, project: ProjectScope, region: str) -> Job:
    """Read a recognizer, a phrase set or a custom class. The latter hold words that Google keeps, never speech."""
    return Job(
        id=told.name,
        provider=PROVIDER,
        account=project.id,
        region=region,
        kind=kind,
        name=told.name.rpartition("/")[2],
        status=told.state.name,
        created=moment(told.create_time),
        continuous=kind == "recognizer",
        key=told.kms_key_name or None,
    )


def settings(told: Any, project: ProjectScope, region: str) -> Job:
    """Read a location's settings. A new key is not used for what was made before ("Encryption", Speech-to-Text)."""
    return Job(
        id=told.name,
        provider=PROVIDER,
        account=project.id,
        region=region,
        kind="service-settings",
        name="config",
        continuous=True,
        key=told.kms_key_name or None,
    )


def moment(told: datetime | None) -> datetime | None:
    """Cut a time of Google's own class to microseconds."""
    return None if told is None else datetime.combine(told.date(), told.time(), UTC)


def _state(*, done: bool, failed: bool) -> str:
    return _FAILED if failed else _DONE if done else _RUNNING


def _own(written: list[str], project: ProjectScope) -> str | None:
    """Return the project if it is one of its buckets that was written to; whose another is, nothing here tells."""
    places = [location(each) for each in written]
    own = {bucket.id for bucket in project.buckets}
    return project.id if places and all(_bucket(place) in own for place in places) else None


def _bucket(place: str) -> str:
    """Return the id of the bucket in a location."""
    return "/".join(place.split("/", 3)[:3])
