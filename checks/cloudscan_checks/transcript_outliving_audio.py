"""See the check's own docstring, which is its page in the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cloudscan.check import Check, World, check
from cloudscan.lineage import Flow
from cloudscan.model import Confidence, Finding, MediaClass, Severity, Store
from cloudscan.provider import Facet
from cloudscan.retention import Tie, pairs
from cloudscan_checks._facts import counted, holder
from cloudscan_checks._rules import SET_RULES, Outlived, unknown_rules


@check(
    severity=Severity.MEDIUM,
    needs=(Facet.OBJECTS, Facet.JOBS, Facet.HEADS, Facet.LIFECYCLE, Facet.VERSIONING, Facet.LOCK),
    remediation=SET_RULES,
    controls=("NIST-800-53@r5:SI-12", "ISO-27001@2022:8.10", "SOC2:C1.2", "CSA-CCM@4.0:DSP-16"),
    references=("https://docs.aws.amazon.com/transcribe/latest/dg/how-input.html",),
)
def transcript_outliving_audio(self: Check, world: World) -> Iterator[Finding]:
    """Transcripts that rules keep longer than their recordings.

    Rules delete the recordings of a store, and what was written down of them stays, longer or for ever: whoever counts
    on the schedule is still on record, in a form that is easier to search. Each transcript is held against the
    recording that lineage ties it to. Where the policy file gives transcripts a longer time than recordings, that is a
    decision and passes.
    """
    stores = world.estate.stores
    for flow in world.lineage.flows:
        if flow.source in stores and flow.target in stores:
            yield _judged(self, world, stores[flow.source], stores[flow.target], flow)


def _judged(check: Check, world: World, source: Store, target: Store, flow: Flow) -> Finding:
    place: dict[str, Any] = {
        "locator": source.id,
        "names": holder(target),
        "confidence": Confidence.HIGH if flow.sure else Confidence.MEDIUM,
    }
    for held in (source, target):
        if (unseen := unknown_rules(world, held)) is not None:
            return check.unknown(target, f"{held.name}: {unseen[0]}", evidence=unseen[1], **place)
    if _decided(world, source, target):
        return check.passed(target, "the policy file gives transcripts a longer time than recordings", **place)
    tie = Tie(_SPOKEN, (MediaClass.TRANSCRIPT,), *world.lineage.ties(flow))
    both = Outlived.of(source, target, pairs(world.estate, source, target, tie, world.now.date()))
    evidence = {"transcripts": flow.transcripts, "audio_days": both.days, "transcript_days": both.last} | both.evidence
    days = counted(both.days, "day", "days")
    if both.outliving:
        told = "never" if both.last is None else f"within {counted(both.last, 'day', 'days')}"
        which = f"{both.outliving:,} of {'their' if both.outliving == both.pairs else f'{both.pairs:,}'} transcripts"
        message = f"recordings in {source.name} are deleted within {days}, {which} {told}"
        return check.fail(target, message, evidence=evidence, **place)
    if both.unknown:
        message = f"when {both.unknown:,} of {both.pairs:,} transcripts of {source.name} go hangs on what was not read"
        return check.unknown(target, message, evidence=evidence, **place)
    return check.passed(
        target, f"no transcript outlives its recording in {source.name}", evidence=both.evidence, **place
    )


_SPOKEN = (MediaClass.SPEECH, MediaClass.VIDEO)


def _decided(world: World, source: Store, target: Store) -> bool:
    """Say whether the policy file knowingly keeps transcripts longer."""
    sound = world.policy.retention_of(source, MediaClass.SPEECH)
    text = world.policy.retention_of(target, MediaClass.TRANSCRIPT)
    if sound is None or text is None or sound.max_days is None or text.max_days is None:
        return False
    return text.max_days > sound.max_days
