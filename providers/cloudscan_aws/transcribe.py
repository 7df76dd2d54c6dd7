"""Amazon Transcribe: its jobs of four families, its language models and its vocabularies.

Lists say little, so each job is got as well. AWS answers 5 lists and 20 gets a second and refuses the rest for
a while, which the adaptive retries of the session take into account. A busy account has a million jobs in 90 days,
which would take a day to get: no more are looked at than a limit allows, and a Gap tells of the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from cloudscan.model import Answer, Gap, Job, Why
from cloudscan.provider import Collected, Facet, Unit
from cloudscan.providing.questions import Absent
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.codes import partition_of
from cloudscan_aws.locations import location, place_of, signed
from cloudscan_aws.s3_read import key_arn
from cloudscan_aws.session import PROVIDER, Asker
from cloudscan_aws.times import utc
from cloudscan_aws.units import regional

SERVICE = "transcribe"
RECORDS_KEPT = timedelta(days=90)
"""How long a job is listed ("Amazon Transcribe endpoints and quotas": job records are retained for 90 days)."""

MAX_JOBS = 10_000
"""Jobs of each family in a region that are looked at unless the user says otherwise: some ten minutes of gets."""

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Family:
    """One family of jobs, and how the API spells it. ``resource`` is its type in an ARN."""

    kind: str
    resource: str
    list_method: str
    summaries: str
    get_method: str
    detail: str
    name: str
    status: str


FAMILIES = (
    Family(
        "transcription",
        "transcription-job",
        "list_transcription_jobs",
        "TranscriptionJobSummaries",
        "get_transcription_job",
        "TranscriptionJob",
        "TranscriptionJobName",
        "TranscriptionJobStatus",
    ),
    Family(
        "call-analytics",
        "analytics",
        "list_call_analytics_jobs",
        "CallAnalyticsJobSummaries",
        "get_call_analytics_job",
        "CallAnalyticsJob",
        "CallAnalyticsJobName",
        "CallAnalyticsJobStatus",
    ),
    Family(
        "medical-transcription",
        "medical-transcription-job",
        "list_medical_transcription_jobs",
        "MedicalTranscriptionJobSummaries",
        "get_medical_transcription_job",
        "MedicalTranscriptionJob",
        "MedicalTranscriptionJobName",
        "TranscriptionJobStatus",
    ),
    Family(
        "medical-scribe",
        "medical-scribe-job",
        "list_medical_scribe_jobs",
        "MedicalScribeJobSummaries",
        "get_medical_scribe_job",
        "MedicalScribeJob",
        "MedicalScribeJobName",
        "MedicalScribeJobStatus",
    ),
)
_VOCABULARIES = (
    ("vocabulary", "list_vocabularies", "Vocabularies", "VocabularyName"),
    ("vocabulary-filter", "list_vocabulary_filters", "VocabularyFilters", "VocabularyFilterName"),
)


def units(account: AccountScope) -> Iterator[Unit]:
    """Yield a unit for each region, if a check wants jobs."""
    if account.wants(Facet.JOBS):
        yield from regional(account, SERVICE, fetch_all, requests=len(FAMILIES) + len(_VOCABULARIES) + 1)


def fetch_all(account: AccountScope, asker: Asker) -> Iterator[Collected]:
    """Ask for everything that Transcribe keeps in a region."""
    own = frozenset(bucket.name for bucket in account.buckets)
    budget = Counter(dict.fromkeys(own, account.scope.heads))
    chosen = account.scope.options.get("max-jobs")
    for family in FAMILIES:
        for item in fetch_jobs(asker, family, own, int(str(chosen or MAX_JOBS)), chosen=bool(chosen)):
            if isinstance(item, Job):
                yield from fetch_output_key(asker, item, budget)
            else:
                yield item
    yield from fetch_models(asker)
    yield from fetch_vocabularies(asker)


def fetch_jobs(
    asker: Asker, family: Family, own_buckets: frozenset[str], limit: int, *, chosen: bool
) -> Iterator[Job | Gap]:
    """List the jobs of a family and get each one. A job that cannot be got keeps what the list said of it.

    Jobs beyond the limit are neither listed nor got, which counts as an answer only if the user has ``chosen`` it.
    """
    summaries, ended = asker.pages(
        SERVICE,
        family.list_method,
        family.summaries,
        facet=Facet.JOBS,
        resource=asker.account,
        limit=limit,
        MaxResults=100,
    )
    if isinstance(ended, Gap) and ended.why is Why.LIMIT:
        asker.count(Facet.JOBS, answered=chosen, limited=chosen)
    for summary in summaries:
        name = summary[family.name]
        reply = asker.ask(
            SERVICE,
            family.get_method,
            facet=Facet.JOBS,
            resource=_arn(asker, family.resource, name),
            **{family.name: name},
        )
        detail = None if isinstance(reply, Gap | Absent) else reply[family.detail]
        yield read_job(family, asker.account, asker.region, summary, detail, own_buckets)
        if isinstance(reply, Gap):
            yield reply
    if isinstance(ended, Gap):
        yield ended


def fetch_output_key(asker: Asker, job: Job, budget: Counter[str]) -> Iterator[Job | Gap]:
    """Find the key of a job's transcript, which the job does not tell, at the transcript, if the budget allows."""
    place = place_of(job.outputs[0]) if job.outputs else None
    if place is None or not place.key or budget[place.bucket] <= 0:
        yield job
        return
    budget[place.bucket] -= 1
    head = asker.ask(
        "s3",
        "head_object",
        facet=Facet.HEADS,
        resource=job.outputs[0],
        absent=("404", "NoSuchKey", "NoSuchBucket"),
        permission="s3:GetObject",
        Bucket=place.bucket,
        Key=place.key,
    )
    if isinstance(head, Gap):
        yield head
    yield replace(job, key=head.get("SSEKMSKeyId")) if isinstance(head, dict) else job


def fetch_models(asker: Asker) -> Iterator[Job | Gap]:
    """Ask for the custom language models, and what each was trained on."""
    models, ended = asker.pages(
        SERVICE, "list_language_models", "Models", facet=Facet.JOBS, resource=asker.account, MaxResults=100
    )
    for model in models:
        arn = _arn(asker, "language-model", model["ModelName"])
        reply = asker.ask(
            SERVICE, "describe_language_model", facet=Facet.JOBS, resource=arn, ModelName=model["ModelName"]
        )
        detail = reply["LanguageModel"] if isinstance(reply, dict) else {}
        yield read_model(asker.account, asker.region, {**model, **detail})
        if isinstance(reply, Gap):
            yield reply
    if isinstance(ended, Gap):
        yield ended


def fetch_vocabularies(asker: Asker) -> Iterator[Job | Gap]:
    """Ask for custom vocabularies and filters: they hold words that AWS keeps, never speech."""
    for resource, method, key, name in _VOCABULARIES:
        entries, ended = asker.pages(SERVICE, method, key, facet=Facet.JOBS, resource=asker.account, MaxResults=100)
        for entry in entries:
            yield Job(
                id=_arn(asker, resource, entry[name]),
                provider=PROVIDER,
                account=asker.account,
                region=asker.region,
                kind="vocabulary",
                name=entry[name],
                status=entry.get("VocabularyState", ""),
            )
        if isinstance(ended, Gap):
            yield ended


def read_job(
    family: Family,
    account: str,
    region: str,
    summary: Payload,
    detail: Payload | None,
    own_buckets: frozenset[str],
) -> Job:
    """Read a job from its line in the list and, None if that failed, its full answer."""
    full = {**summary, **(detail or {})}
    name, created = full[family.name], utc(full.get("CreationTime"))
    media = full.get("Media", {})
    written = tuple(_outputs(full))
    redaction, unredacted = read_redaction(full, whole=detail is not None)
    place = place_of(written[0]) if written else None
    return Job(
        id=_arn_of(account, region, family.resource, name),
        provider=PROVIDER,
        account=account,
        region=region,
        kind=family.kind,
        name=name,
        status=full.get(family.status, ""),
        created=created,
        completed=utc(full.get("CompletionTime")),
        listed_until=_until(created),
        inputs=tuple(location(uri, region) for uri in (media.get("MediaFileUri"),) if uri),
        outputs=tuple(dict.fromkeys(location(uri, region) for uri in written)),
        output_owner=_owner(full.get("OutputLocationType"), written),
        output_store_account=account if place and place.bucket in own_buckets else None,
        role=full.get("DataAccessRoleArn") or full.get("JobExecutionSettings", {}).get("DataAccessRoleArn"),
        redaction=redaction,
        keeps_unredacted=unredacted,
    )


def read_redaction(job: Payload, *, whole: bool) -> tuple[Answer, Answer]:
    """Say whether the transcript is redacted, and whether an unredacted one is kept as well or instead.

    A missing ContentRedaction means "no" only where the whole job was seen. The medical families have no
    redaction at all; they can only mark health information.
    """
    asked = job.get("ContentRedaction") or job.get("Settings", {}).get("ContentRedaction")
    if asked:
        return Answer.YES, Answer.of(asked.get("RedactionOutput") == "redacted_and_unredacted")
    return (Answer.NO, Answer.YES) if whole else (Answer.UNKNOWN, Answer.UNKNOWN)


def read_model(account: str, region: str, model: Payload) -> Job:
    """Read a custom language model as the training that made it."""
    data = model.get("InputDataConfig", {})
    return Job(
        id=_arn_of(account, region, "language-model", model["ModelName"]),
        provider=PROVIDER,
        account=account,
        region=region,
        kind="model-training",
        name=model["ModelName"],
        status=model.get("ModelStatus", ""),
        created=utc(model.get("CreateTime")),
        inputs=tuple(location(data[name], region) for name in ("S3Uri", "TuningDataS3Uri") if data.get(name)),
        role=data.get("DataAccessRoleArn"),
        key=key_arn(model.get("EncryptionConfiguration", {}).get("KMSKey"), region, account),
    )


def _outputs(job: Payload) -> Iterable[str]:
    """Yield where a job wrote, transcripts first. The redacted recording is an output too."""
    transcript = job.get("Transcript", {}) | job.get("MedicalScribeOutput", {})
    names = ("TranscriptFileUri", "RedactedTranscriptFileUri", "ClinicalDocumentUri")
    yield from (transcript[name] for name in names if transcript.get(name))
    yield from job.get("Subtitles", {}).get("SubtitleFileUris", ())
    if redacted := job.get("Media", {}).get("RedactedMediaFileUri"):
        yield redacted


def _owner(location_type: str | None, written: tuple[str, ...]) -> str | None:
    """Say whose bucket holds the output. Where the list does not say, only AWS's own bucket is given as a
    temporary, signed URL ("Transcript" in the API reference)."""
    if location_type:
        return "service" if location_type == "SERVICE_BUCKET" else "customer"
    if not written:
        return None
    return "service" if signed(written[0]) else "customer"


def _until(created: datetime | None) -> datetime | None:
    return created + RECORDS_KEPT if created else None


def _arn(asker: Asker, resource: str, name: str) -> str:
    return _arn_of(asker.account, asker.region, resource, name)


def _arn_of(account: str, region: str, resource: str, name: str) -> str:
    return f"arn:{partition_of(region)}:transcribe:{region}:{account}:{resource}/{name}"
