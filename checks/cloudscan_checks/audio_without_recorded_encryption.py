"""Recordings for which the cloud records no encryption at rest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from cloudscan.check import Check, World, check
from cloudscan.model import Finding, MediaClass, Severity
from cloudscan.provider import Facet
from cloudscan_checks._facts import Amount, amount, counted, holder, missing, not_seen, unlisted, unread

_ALWAYS_SINCE = datetime(2023, 1, 5)  # noqa: DTZ001 - times are naive UTC inside SQL
"""From this day on every cloud encrypts each new object: Amazon S3 as the last ("Default encryption FAQ")."""
_SQL = """
    SELECT store, count(*) FILTER (encryption_mode = 'none'), min(key) FILTER (encryption_mode = 'none'),
        count(*) FILTER (encryption_mode IS NULL AND (modified IS NULL OR modified < ?)),
        count(*) FILTER (encryption_mode IS NOT NULL)
    FROM objects WHERE media = 'speech' AND NOT delete_marker GROUP BY store
"""


@check(
    severity=Severity.MEDIUM,
    needs=(Facet.OBJECTS, Facet.ENCRYPTION, Facet.HEADS),
    remediation={
        "aws": (
            "Copy the recording onto itself, which writes it again with encryption: `aws s3api copy-object"
            " --bucket {name} --key KEY --copy-source {name}/KEY --server-side-encryption aws:kms`"
            " (many of them: S3 Batch Operations, copy)."
        ),
        "gcp": (
            "Cannot be: Cloud Storage encrypts every object at rest. `gcloud storage buckets describe gs://{name}`"
            " shows with which key."
        ),
        "azure": (
            "Blobs older than October 2017 may lack it: write them again, for example with `az storage blob copy start"
            " --account-name {holder_name} --destination-container {last} --destination-blob NAME --source-uri URI`."
        ),
    },
    controls=(
        "NIST-800-53@r5:SC-28(1)",
        "NIST-800-53@r5:SC-13",
        "ISO-27001@2022:8.24",
        "SOC2:CC6.7",
        "HIPAA:164.312(a)(2)(iv)",
        "CSA-CCM@4.0:CEK-03",
    ),
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html",),
)
def audio_without_recorded_encryption(self: Check, world: World) -> Iterator[Finding]:
    """Recordings without recorded encryption at rest.

    A new default never changes objects that are there: what was written before the cloud encrypted everything is
    still stored as it came until it is written again. Only the object's own head tells, so recordings from before
    that day whose heads were not read stay unknown.
    """
    counts = {row[0]: row[1:] for row in world.estate.objects.query(_SQL, [_ALWAYS_SINCE])}
    for store in world.estate.stores_with(MediaClass.SPEECH):
        bare, example, old, read = counts[store.id]
        whole = amount(world.estate, store, MediaClass.SPEECH)
        evidence = {"objects": whole.objects, "heads_read": read, "without": bare, "not_looked_at": old}
        gaps = missing(world.estate, store, Facet.ENCRYPTION)
        if bare:
            part = Amount(MediaClass.SPEECH, bare)
            message = f"{part}: the cloud records no encryption at rest"
            yield self.fail(store, message, evidence=evidence | {"example": example}, names=holder(store))
        elif store.encryption is not None and store.encryption.mode == "none":
            message = "no default encryption is recorded for new recordings"
            yield self.fail(store, message, evidence=evidence, names=holder(store))
        elif store.encryption is None:
            message = unread("the default encryption", gaps)
            yield self.unknown(store, message, evidence=evidence | not_seen(gaps), names=holder(store))
        elif old or (rest := unlisted(world.estate, store)):
            seen = not_seen(missing(world.estate, store, Facet.HEADS, Facet.OBJECTS))
            message = (
                f"{counted(old, 'recording is', 'recordings are')} older than encryption by default and not looked at:"
                " read their heads with --heads"
                if old
                else unread("the rest of its objects", rest)
            )
            yield self.unknown(store, message, evidence=evidence | seen, names=holder(store))
        else:
            yield self.passed(store, f"encryption at rest is on record for {whole}", evidence=evidence)
