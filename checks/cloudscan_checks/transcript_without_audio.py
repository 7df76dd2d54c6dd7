"""See the check's own docstring, which is its page in the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.check import Check, World, check
from cloudscan.lineage.links import Evidence, Texts
from cloudscan.model import Finding, MediaClass, Severity, Store
from cloudscan.provider import Facet
from cloudscan_checks._facts import Amount, holder, missing, not_seen, unlisted, unread
from cloudscan_checks._rules import VERSIONS_STAY

WORDS = {
    Evidence.JOB: "a job's record names it",
    Evidence.SOURCE: "the transcript names it",
    Evidence.NAMED_JOB: "the job that the transcript names read it",
    Evidence.JOB_NAME: "the job of the transcript's name read it",
    Evidence.NAMED_AFTER: "the transcript is named after it",
}
"""How it is known where a recording lay."""


@check(
    severity=Severity.MEDIUM,
    needs=(Facet.OBJECTS, Facet.JOBS, Facet.HEADS),
    remediation={
        "aws": (
            "If the recording was deleted on purpose, delete what was written down of it too, old versions included:"
            " `aws s3api list-object-versions --bucket {name} --prefix {key}`, then"
            " `aws s3api delete-object --bucket {name} --key {key} --version-id VERSION`."
        ),
        "gcp": (
            "If the recording was deleted on purpose, delete what was written down of it too, with all generations:"
            " `gcloud storage rm --all-versions gs://{name}/TRANSCRIPT`."
        ),
        "azure": (
            "If the recording was deleted on purpose, delete what was written down of it too:"
            " `az storage blob delete --account-name {holder_name} --container-name {last} --name {key}"
            f" --delete-snapshots include` {VERSIONS_STAY}."
        ),
    },
    controls=("NIST-800-53@r5:SI-12", "ISO-27001@2022:8.10", "SOC2:C1.2", "CSA-CCM@4.0:DSP-16"),
    references=("https://docs.aws.amazon.com/transcribe/latest/dg/how-input.html",),
)
def transcript_without_audio(self: Check, world: World) -> Iterator[Finding]:
    """Transcripts whose recording is gone.

    Whoever asks that a call be erased means its words too, and a schedule that deletes recordings alone leaves them. A
    transcript counts where a job's record, its own metadata or its name tells which recording it comes from, the
    recording's store was listed whole, and the recording is not there. Of the others it is not known.
    """
    for store in world.estate.stores_with(MediaClass.TRANSCRIPT):
        texts = world.lineage.texts.get(store.id)
        if texts is not None:
            yield _judged(self, world, store, texts)


def _judged(check: Check, world: World, store: Store, texts: Texts) -> Finding:
    whole = Amount(MediaClass.TRANSCRIPT, texts.transcripts)
    open_ones = texts.untraced
    evidence: dict[str, object] = {
        "objects": texts.transcripts,
        "recording_there": texts.traced,
        "recording_gone": texts.orphans,
        "not_known": open_ones,
    }
    names = {**holder(store), "key": texts.example or "TRANSCRIPT"}
    if texts.orphans:
        part = Amount(MediaClass.TRANSCRIPT, texts.orphans).of(whole)
        evidence |= {"example": texts.example, "its_recording": texts.example_audio}
        surest = Evidence(texts.evidence or Evidence.NAMED_AFTER)
        message = f"the recording of {part} is gone; of the surest, {WORDS[surest]}"
        return check.fail(store, message, evidence=evidence, names=names, confidence=surest.confidence)
    if open_ones:
        part = Amount(MediaClass.TRANSCRIPT, open_ones).of(whole)
        gaps = missing(world.estate, store, Facet.JOBS, Facet.HEADS)
        message = (
            f"whether the recording of {part} still exists is not known: nothing tells which it is, or where, or"
            " what lies there was written later"
        )
        return check.unknown(store, message, evidence=evidence | not_seen(gaps), names=names)
    if rest := unlisted(world.estate, store):
        message = unread("the rest of its objects", rest)
        return check.unknown(store, message, evidence=evidence | not_seen(rest), names=names)
    return check.passed(store, f"the recording of {whole} is there", evidence=evidence)
