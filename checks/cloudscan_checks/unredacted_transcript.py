"""Transcripts whose personal data nobody took out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from cloudscan.check import Check, World, check
from cloudscan.model import Answer, Finding, Job, MediaClass, Severity, Store
from cloudscan.provider import Facet
from cloudscan_checks._facts import Amount, counted, holder, missing, not_seen, unlisted, unread
from cloudscan_checks._jobs import batches, examples, of
from cloudscan_checks._jobs import unlisted as unlisted_jobs
from cloudscan_checks._rules import VERSIONS_STAY

_SQL = """
    WITH told AS (SELECT DISTINCT unnest(?::VARCHAR[]) AS place)
    SELECT store, count(*), count(*) FILTER (NOT redacted), min(key) FILTER (NOT redacted),
        count(*) FILTER (redacted IS NULL AND place IS NULL)
    FROM objects LEFT JOIN told ON store || '/' || key = place
    WHERE media = 'transcript' AND current AND NOT delete_marker GROUP BY store
"""


@check(
    severity=Severity.MEDIUM,
    needs=(Facet.OBJECTS, Facet.JOBS, Facet.HEADS),
    remediation={
        "aws": (
            "Ask for redaction, and for the redacted transcript alone: `aws transcribe start-transcription-job"
            " --region {region} --content-redaction RedactionType=PII,RedactionOutput=redacted ...`; then delete the"
            " unredacted ones, old versions included."
        ),
        "gcp": (
            "Speech-to-Text does not redact: send transcripts through Sensitive Data Protection before they are stored,"
            " and delete the raw ones: `gcloud storage rm --all-versions gs://{name}/TRANSCRIPT`."
        ),
        "azure": (
            "Batch transcription does not redact: send transcripts through the Language service's PII detection, and"
            " delete the raw ones: `az storage blob delete --account-name {holder_name} --container-name {last}"
            f" --name TRANSCRIPT --delete-snapshots include` {VERSIONS_STAY}."
        ),
    },
    controls=("NIST-800-53@r5:SI-12", "ISO-27001@2022:5.34", "SOC2:C1.2", "CSA-CCM@4.0:DSP-16"),
    references=("https://docs.aws.amazon.com/transcribe/latest/dg/pii-redaction.html",),
)
def unredacted_transcript(self: Check, world: World) -> Iterator[Finding]:
    """Transcripts with personal data left in.

    Transcription services can take names, numbers and addresses out. Where a job asks for both, or for none, the
    raw text stays beside or instead of the redacted one, and is what leaks. Judged by the jobs that are still
    listed and by what the transcripts themselves tell of their making, never by their text.
    """
    elsewhere: set[str] = set()
    written: dict[str, list[Job]] = defaultdict(list)
    for batch in batches(world.estate):
        for job in batch.jobs:
            stores = {store.id for output in job.outputs if (store := world.estate.store_at(output)) is not None}
            for store_id in stores:
                written[store_id].append(job)
            if not stores:
                elsewhere.add(job.id)
    held = {store.id: store for store in world.estate.stores_with(MediaClass.TRANSCRIPT)}
    held |= {store_id: world.estate.stores[store_id] for store_id in written}
    clear = (job for jobs in written.values() for job in jobs if _raw(job) is not Answer.UNKNOWN)
    told = sorted({output for job in clear for output in job.outputs})
    counts = {row[0]: row[1:] for row in world.estate.objects.query(_SQL, [told])}
    for name in sorted(held):
        yield _stored(self, world, held[name], written[name], counts.get(name, (0, 0, None, 0)))
    for batch in batches(world.estate):
        jobs = [job for job in batch.jobs if job.id in elsewhere]
        raw = [job for job in jobs if _raw(job) is Answer.YES]
        unclear = [job for job in jobs if _raw(job) is Answer.UNKNOWN]
        evidence = {"jobs": len(jobs), "unredacted": len(raw), "not_known": len(unclear)}
        names = {"region": batch.region, "name": "STORE", "holder_name": "ACCOUNT", "last": "CONTAINER"}
        place = {"locator": batch.locator, "names": names}
        if raw:
            message = (
                f"{of(raw, batch)} left personal data in their transcripts, which lie in no store that was scanned"
            )
            yield self.fail(batch.account, message, evidence=evidence | {"examples": examples(raw)}, **place)
        elif unclear:
            message = f"whether {of(unclear, batch)} left personal data in their transcripts is not known"
            yield self.unknown(batch.account, message, evidence=evidence, **place)
        elif jobs and (rest := unlisted_jobs(world.estate, batch)):
            message = unread(f"jobs beyond {of(jobs, batch)}", rest)
            yield self.unknown(batch.account, message, evidence=evidence | not_seen(rest), **place)
        elif jobs:
            yield self.passed(batch.account, f"{of(jobs, batch)} wrote redacted transcripts alone", **place)


def _stored(check: Check, world: World, store: Store, jobs: list[Job], counts: tuple[Any, ...]) -> Finding:
    """Judge the transcripts of a store, by themselves and by the listed jobs that wrote into it."""
    raw = [job for job in jobs if _raw(job) is Answer.YES]
    clear = [job for job in jobs if _raw(job) is not Answer.UNKNOWN]
    objects, plain, example, unclear = counts
    evidence = {"objects": objects, "unredacted": plain, "not_known": unclear, "unredacted_jobs": len(raw)}
    if plain or raw:
        found = [str(Amount(MediaClass.TRANSCRIPT, plain))] if plain else []
        found += [f"what {counted(len(raw), 'listed job', 'listed jobs')} wrote"] if raw else []
        evidence |= {"example": example, "jobs": examples(raw)}
        message = f"personal data is left in {' and '.join(found)}"
        return check.fail(store, message, evidence=evidence, names=holder(store))
    gaps = missing(world.estate, store, Facet.JOBS)
    rest = unlisted(world.estate, store)
    unsure = len(jobs) - len(clear)
    if unclear or rest or unsure:
        part = Amount(MediaClass.TRANSCRIPT, unclear).of(Amount(MediaClass.TRANSCRIPT, objects))
        message = f"whether personal data is left in {part} is not known"
        message = unread("the rest of its objects", rest) if rest and not unclear else message
        return check.unknown(store, message, evidence=evidence | not_seen(gaps, rest), names=holder(store))
    return check.passed(
        store, f"personal data was taken out of {Amount(MediaClass.TRANSCRIPT, objects)}", evidence=evidence
    )


def _raw(job: Job) -> Answer:
    """Say whether a job leaves a transcript with personal data in it."""
    if job.redaction is Answer.NO or job.keeps_unredacted is Answer.YES:
        return Answer.YES
    if job.redaction is Answer.YES and job.keeps_unredacted is Answer.NO:
        return Answer.NO
    return Answer.UNKNOWN
