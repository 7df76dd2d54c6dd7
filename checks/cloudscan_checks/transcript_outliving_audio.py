"""See the check's own docstring, which is its page in the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from cloudscan.check import Check, World, check
from cloudscan.lineage import Flow
from cloudscan.model import Answer, Confidence, Finding, MediaClass, Severity, Store
from cloudscan.provider import Facet
from cloudscan.retention import Ask, Group, groups
from cloudscan_checks._facts import counted, holder
from cloudscan_checks._rules import SET_RULES, ages_at_end, unknown_rules


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
    on the schedule is still on record, in a form that is easier to search. Judged between the stores that lineage ties
    together. Where the policy file gives transcripts a longer time than recordings, that is a decision and passes.
    """
    stores = world.estate.stores
    flows = [flow for flow in world.lineage.flows if flow.source in stores and flow.target in stores]
    sound = _groups(world, MediaClass.SPEECH, {flow.source for flow in flows})
    text = _groups(world, MediaClass.TRANSCRIPT, {flow.target for flow in flows})
    for flow in flows:
        source, target = stores[flow.source], stores[flow.target]
        yield _judged(self, world, source, target, flow, sound.get(source.id, ()), text.get(target.id, ()))


def _groups(world: World, media: MediaClass, stores: Collection[str]) -> Mapping[str, Sequence[Group]]:
    known = [world.estate.stores[name] for name in stores if world.estate.stores[name].lifecycle is not None]
    return groups(world.estate, known, media, ask=Ask(today=world.now.date())) if known else {}


def _judged(
    check: Check,
    world: World,
    source: Store,
    target: Store,
    flow: Flow,
    recordings: Sequence[Group],
    transcripts: Sequence[Group],
) -> Finding:
    place = {
        "locator": source.id,
        "names": holder(target),
        "confidence": Confidence.HIGH if flow.sure else Confidence.MEDIUM,
    }
    for held in (source, target):
        if (unseen := unknown_rules(world, held)) is not None:
            return check.unknown(target, f"{held.name}: {unseen[0]}", evidence=unseen[1], **place)
    if _decided(world, source, target):
        return check.passed(target, "the policy file gives transcripts a longer time than recordings", **place)
    sound, _, latest = ages_at_end(source, recordings)
    text, soonest, last = ages_at_end(target, transcripts)
    evidence: dict[str, object] = {"transcripts": flow.transcripts, "audio_days": latest, "transcript_days": last}
    if sound is not Answer.YES:
        return check.passed(
            target, f"transcripts outlive nothing: {source.name} does not delete all its audio", **place
        )
    days = counted(latest, "day", "days")
    if text is Answer.NO or (text is Answer.YES and soonest > latest):
        told = "never" if text is Answer.NO else f"within {counted(last, 'day', 'days')}"
        message = (
            f"recordings in {source.name} are deleted within {days}, {flow.transcripts:,} of their transcripts {told}"
        )
        return check.fail(target, message, evidence=evidence, **place)
    if text is Answer.UNKNOWN or last > latest:
        message = (
            f"recordings in {source.name} are deleted within {days}; when transcripts are hangs on what was not read"
        )
        return check.unknown(target, message, evidence=evidence, **place)
    return check.passed(
        target, f"transcripts go as soon as the recordings in {source.name}", evidence=evidence, **place
    )


def _decided(world: World, source: Store, target: Store) -> bool:
    """Say whether the policy file knowingly keeps transcripts longer."""
    sound = world.policy.retention_of(source, MediaClass.SPEECH)
    text = world.policy.retention_of(target, MediaClass.TRANSCRIPT)
    if sound is None or text is None or sound.max_days is None or text.max_days is None:
        return False
    return text.max_days > sound.max_days
