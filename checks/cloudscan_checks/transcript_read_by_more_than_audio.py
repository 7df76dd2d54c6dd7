"""See the check's own docstring, which is its page in the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cloudscan.access.paths import Path
from cloudscan.check import Check, World, check
from cloudscan.lineage.links import Flow
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Confidence, Finding, MediaClass, Severity, Store
from cloudscan.provider import Facet
from cloudscan.undoing import UNDO
from cloudscan_checks._bindings import SET_POLICY, unbind
from cloudscan_checks._facts import counted, holder, not_seen
from cloudscan_checks._readers import READING, SURE, examples, unseen_readers


@check(
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    needs=(Facet.JOBS, Facet.HEADS, *READING),
    remediation={
        "aws": (
            "See who reads the text and why: `cloudscan reach SNAPSHOT --to {id}`; then let its bucket admit those"
            f" who may hear the recordings, and no others: {SET_POLICY}."
        ),
        "gcp": (
            "See who reads the text and why: `cloudscan reach SNAPSHOT --to {id}`; then take away what is too much."
            f" {unbind()}"
        ),
        "azure": (
            "See who reads the text and why: `cloudscan reach SNAPSHOT --to {id}`; then take away what is too much."
            f" {UNDO}"
        ),
    },
    controls=("NIST-800-53@r5:AC-6", "ISO-27001@2022:8.3", "SOC2:CC6.3", "ATT&CK:T1530"),
    references=("https://docs.aws.amazon.com/transcribe/latest/dg/security-iam.html",),
)
def transcript_read_by_more_than_audio(self: Check, world: World) -> Iterator[Finding]:
    """Transcripts that more can read than their recordings.

    A recording is guarded, and the text of it, which is easier to search and to carry off, lies where others read too.
    Each flow of transcripts from one store to another is judged once: whoever comes to read transcripts of the one, by
    own rights or through another identity, should come to read recordings of the other. Stores are compared and not
    single objects, so somebody may read a part of either.
    """
    for flow in world.lineage.flows:
        text, sound = world.estate.stores.get(flow.target), world.estate.stores.get(flow.source)
        if text is not None and sound is not None:
            yield _judged(self, world, flow, text, sound)


def _judged(check: Check, world: World, flow: Flow, text: Store, sound: Store) -> Finding:
    reading, hearing = _sure(world, text, MediaClass.TRANSCRIPT), _sure(world, sound, MediaClass.SPEECH)
    hear_all = ANYONE in hearing or ANYONE_SIGNED_IN in hearing
    more = [] if hear_all else sorted(reading.keys() - hearing.keys())
    moved = f"{counted(flow.transcripts, 'transcript', 'transcripts')} of recordings in {sound.name}"
    evidence: dict[str, object] = {
        "recordings_in": sound.id,
        "transcripts": flow.transcripts,
        "by_more_than_names": flow.sure,
        "readers_of_the_text": len(reading),
        "readers_of_the_recordings": len(hearing),
        **examples(more),
    }
    given = {"locator": sound.id, "names": holder(text)}
    if more:
        path = min(reading[more[0]], key=lambda one: one.length).steps
        who = counted(len(more), "principal that reads no recording there", "principals that read no recording there")
        message = f"{moved} can be read by {who}"
        return check.fail(text, message, path=path, evidence=evidence, **given)
    doubts, gaps = unseen_readers(world, text)
    perhaps = _unsure(world, text, MediaClass.TRANSCRIPT) - hearing.keys()
    if not hear_all and (doubts or perhaps):
        said = [*doubts, *([f"{len(perhaps):,} more perhaps can"] if perhaps else [])]
        message = f"whether {moved} can be read by more than these is not known: {'; '.join(said)}"
        return check.unknown(text, message, evidence=evidence | not_seen(gaps), **given)
    message = f"whoever can read {moved} can read recordings there"
    return check.passed(text, message, evidence=evidence, locator=sound.id)


def _unsure(world: World, store: Store, media: MediaClass) -> set[str]:
    """Return who may come to read a class of objects if something that was not seen is so."""
    readers = world.access.readers(store.id, media)
    return {one.principal for one in readers if any(not (path.ruling in SURE or path.changes) for path in one.paths)}


def _sure(world: World, store: Store, media: MediaClass) -> Mapping[str, Sequence[Path]]:
    """Return who surely comes to read a class of objects without changing the cloud, with the paths."""
    found = {
        reader.principal: [path for path in reader.paths if path.ruling in SURE and not path.changes]
        for reader in world.access.readers(store.id, media)
    }
    return {name: paths for name, paths in found.items() if paths}
