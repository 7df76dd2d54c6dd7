"""See the check's own docstring, which is its page in the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.check import Check, World, check
from cloudscan.model import Confidence, Finding, MediaClass, Severity
from cloudscan.provider import Facet
from cloudscan_checks._facts import Amount, holder, not_seen, unlisted, unread
from cloudscan_checks._rules import VERSIONS_STAY


@check(
    severity=Severity.MEDIUM,
    needs=(Facet.OBJECTS, Facet.JOBS, Facet.HEADS),
    remediation={
        "aws": (
            "Delete the raw one, `aws s3api delete-object --bucket {name} --key {key}` (where versions are kept, each"
            " by its --version-id), and ask for redacted transcripts alone: `aws transcribe start-transcription-job"
            " --content-redaction RedactionType=PII,RedactionOutput=redacted ...`. Who has to keep it keeps it in a"
            " store of its own."
        ),
        "gcp": (
            "Delete the raw one, `gcloud storage rm --all-versions gs://{name}/TRANSCRIPT`, or keep it in a bucket that"
            " fewer can read."
        ),
        "azure": (
            "Delete the raw one, `az storage blob delete --account-name {holder_name} --container-name {last}"
            f" --name {{key}} --delete-snapshots include` {VERSIONS_STAY}, or keep it in a container that fewer"
            " can read."
        ),
    },
    controls=("NIST-800-53@r5:SI-12", "ISO-27001@2022:5.34", "SOC2:C1.2", "CSA-CCM@4.0:DSP-16"),
    references=("https://docs.aws.amazon.com/transcribe/latest/dg/pii-redaction-batch.html",),
)
def redacted_transcript_beside_raw(self: Check, world: World) -> Iterator[Finding]:
    """Redacted transcript beside the raw one.

    Taking names and numbers out of a text protects nobody while the text with them lies beside it, most often under
    the same name and open to the same readers. Two transcripts are a pair where they come from one recording by the
    records of jobs, or have one name in one folder; that a transcript is raw is known from its job, from its own word,
    or from the names that Amazon Transcribe gives.
    """
    counts = {row[0]: row[1:] for row in world.estate.objects.query(_COUNTS)}
    for store in world.estate.stores_with(MediaClass.TRANSCRIPT):
        pairs = world.lineage.pairs.get(store.id)
        whole, redacted, untold = counts.get(store.id, (0, 0, 0))
        rest = unlisted(world.estate, store)
        if pairs is not None:
            known = pairs.sure + pairs.likely
            evidence = {"pairs": pairs.redacted, "surely_raw": pairs.sure, "by_name": pairs.likely}
            evidence_of = evidence | {"example": pairs.example}
            names = {**holder(store), "key": pairs.example}
            if known:
                part = "a redacted transcript" if known == 1 else f"{known:,} redacted transcripts"
                sure = Confidence.HIGH if pairs.sure else Confidence.MEDIUM
                message = f"the raw text of {part} is kept"
                yield self.fail(store, message, evidence=evidence_of, names=names, confidence=sure)
            else:
                message = f"whether what lies beside {pairs.redacted:,} redacted transcripts is raw is not known"
                yield self.unknown(store, message, evidence=evidence_of, names=names)
        elif rest:
            names = {**holder(store), "key": "TRANSCRIPT"}
            yield self.unknown(store, unread("the rest of its objects", rest), evidence=not_seen(rest), names=names)
        elif untold:
            part = Amount(MediaClass.TRANSCRIPT, untold).of(Amount(MediaClass.TRANSCRIPT, whole))
            names = {**holder(store), "key": "TRANSCRIPT"}
            message = f"whether {part} may be such a pair is not known: nothing tells if they are redacted"
            yield self.unknown(store, message, evidence={"objects": whole, "not_known": untold}, names=names)
        elif redacted:
            message = f"no raw text lies beside {Amount(MediaClass.TRANSCRIPT, redacted)} that are redacted"
            yield self.passed(store, message, evidence={"objects": whole, "redacted": redacted})


_COUNTS = """
    SELECT store, count(*), count(CASE WHEN redacted THEN 1 END), count(CASE WHEN redacted IS NULL THEN 1 END)
    FROM objects WHERE media = 'transcript' AND current AND NOT delete_marker GROUP BY store ORDER BY store
"""
