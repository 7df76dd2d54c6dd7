"""Transcripts that stay in the speech service's own storage."""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.check import Check, World, check
from cloudscan.model import Finding, Severity
from cloudscan.provider import Facet
from cloudscan_checks._facts import not_seen, unread
from cloudscan_checks._jobs import batches, examples, of, unlisted


@check(
    severity=Severity.LOW,
    needs=(Facet.JOBS,),
    remediation={
        "aws": (
            "Name a bucket and key of your own: `aws transcribe start-transcription-job --region {region}"
            " --output-bucket-name BUCKET --output-encryption-kms-key-id KEY ...`. What AWS holds goes with its job:"
            " `aws transcribe delete-transcription-job --region {region} --transcription-job-name NAME`."
        ),
        "gcp": (
            "Give batch recognition a bucket of your own (recognitionOutputConfig.gcsOutputConfig) in place of an"
            " inline answer; who asks shows in the Data Access log:"
            " `gcloud logging read protoPayload.serviceName=speech.googleapis.com --project {account} --freshness=30d`,"
            " as far back as the log is kept."
        ),
        "azure": (
            "Give batch transcription a destinationContainerUrl, or make a Speech resource with storage of your own,"
            " which it has from when it is made: `az cognitiveservices account create --name RESOURCE --resource-group"
            " GROUP --location LOCATION --kind SpeechServices --sku S0 --assign-identity --storage @storage.json`."
        ),
    },
    controls=("NIST-800-53@r5:SA-9(6)", "ISO-27001@2022:5.23", "CSA-CCM@4.0:DSP-16"),
    references=("https://docs.aws.amazon.com/transcribe/latest/dg/how-input.html",),
)
def transcript_in_service_bucket(self: Check, world: World) -> Iterator[Finding]:
    """Transcripts left in the speech service's storage.

    There no key, policy, log or retention of yours applies: whoever may ask the service for the job gets the
    transcript, until the service deletes both. Only jobs that the service still lists can be judged.
    """
    for batch in batches(world.estate):
        inside = [job for job in batch.jobs if job.output_owner == "service"]
        unclear = [job for job in batch.jobs if job.output_owner is None]
        evidence: dict[str, object] = {"jobs": len(batch.jobs), "service": len(inside), "not_known": len(unclear)}
        ends = max((job.listed_until for job in inside if job.listed_until is not None), default=None)
        names = {"region": batch.region}
        if inside:
            evidence |= {"examples": examples(inside), "last_listed_until": ends.isoformat() if ends else None}
            message = f"{of(inside, batch)} left their transcripts in the service's own storage"
            yield self.fail(batch.account, message, locator=batch.locator, evidence=evidence, names=names)
        elif unclear:
            message = f"where {of(unclear, batch)} left their transcripts is not known"
            yield self.unknown(batch.account, message, locator=batch.locator, evidence=evidence, names=names)
        elif rest := unlisted(world.estate, batch):
            message = unread(f"jobs beyond {of(batch.jobs, batch)}", rest)
            evidence |= not_seen(rest)
            yield self.unknown(batch.account, message, locator=batch.locator, evidence=evidence, names=names)
        else:
            message = f"{of(batch.jobs, batch)} wrote their transcripts to storage of the customer"
            yield self.passed(batch.account, message, locator=batch.locator, evidence=evidence)
