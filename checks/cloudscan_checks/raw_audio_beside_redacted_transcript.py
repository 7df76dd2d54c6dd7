"""See the check's own docstring, which is its page in the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.check import Check, World, check
from cloudscan.model import Confidence, Finding, MediaClass, Severity
from cloudscan.provider import Facet
from cloudscan_checks._disposal import REPLACES
from cloudscan_checks._facts import Amount, holder


@check(
    severity=Severity.LOW,
    needs=(Facet.OBJECTS, Facet.JOBS, Facet.HEADS),
    remediation={
        "aws": (
            "Have the recording redacted as well, which call analytics does where RedactedMediaFileUri names it"
            " (`aws transcribe start-call-analytics-job --media file://media.json --settings file://settings.json ...`"
            " with ContentRedaction), and let a rule delete the raw one once it is written down:"
            " `aws s3api put-bucket-lifecycle-configuration --bucket {name}"
            f" --lifecycle-configuration file://rules.json` {REPLACES}."
        ),
        "gcp": (
            "Let a rule delete the recording once it is written down:"
            " `gcloud storage buckets update gs://{name} --lifecycle-file=rules.json`"
            f" {REPLACES}."
        ),
        "azure": (
            "Let a rule delete the recording once it is written down: `az storage account management-policy create"
            " --account-name {holder_name} --resource-group {group} --policy @rules.json`"
            f" {REPLACES}."
        ),
    },
    controls=("NIST-800-53@r5:SI-12", "ISO-27001@2022:5.34", "SOC2:C1.2", "CSA-CCM@4.0:DSP-16"),
    references=("https://docs.aws.amazon.com/transcribe/latest/dg/call-analytics-pii-redact-batch.html",),
)
def raw_audio_beside_redacted_transcript(self: Check, world: World) -> Iterator[Finding]:
    """Recording kept as spoken although its transcript is redacted.

    The names and numbers that were taken out of the text are still in the sound, and with them the voice itself.
    Somebody decided that this conversation holds what few should know; the recording is the last place that says it. A
    recording counts where a job's record, the transcript's metadata, or one name in one folder ties the two together.
    """
    for name, found in sorted(world.lineage.unmasked.items()):
        store = world.estate.stores.get(name)
        if store is None:
            continue
        whole = Amount(MediaClass.SPEECH, found.recordings)
        evidence = {
            "recordings_with_transcripts": found.recordings,
            "redacted": found.redacted,
            "by_more_than_names": found.sure,
            "not_known": found.not_known,
            "example": found.example,
        }
        if found.redacted:
            many = found.redacted > 1
            recordings = f"{found.redacted:,} recordings" if many else "a recording"
            message = f"{recordings} whose transcript is redacted {'are' if many else 'is'} kept as spoken"
            sure = Confidence.HIGH if found.sure else Confidence.MEDIUM
            yield self.fail(store, message, evidence=evidence, names=holder(store), confidence=sure)
        elif found.not_known:
            part = Amount(MediaClass.SPEECH, found.not_known).of(whole)
            message = f"whether the transcript of {part} is redacted is not known"
            yield self.unknown(store, message, evidence=evidence, names=holder(store))
        else:
            yield self.passed(store, f"the transcript of {whole} is no more redacted than the sound", evidence=evidence)
