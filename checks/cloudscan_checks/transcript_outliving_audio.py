"""See the check's own docstring, which is its page in the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from cloudscan.check import Check, World, check
from cloudscan.lineage.links import Flow, Lost
from cloudscan.model import Confidence, Finding, MediaClass, Severity, Store, Verdict
from cloudscan.policy.file import Part
from cloudscan.provider import Facet
from cloudscan.retention import Tie, pairs
from cloudscan.tables.slices import Slice
from cloudscan_checks._decisions import unread_labels
from cloudscan_checks._disposal import SET_RULES, disposing
from cloudscan_checks._facts import Amount, counted, holder
from cloudscan_checks._rules import Outlived, unknown_rules


@check(
    severity=Severity.MEDIUM,
    needs=(Facet.OBJECTS, Facet.JOBS, Facet.HEADS, Facet.LIFECYCLE, Facet.VERSIONING, Facet.LOCK, Facet.REPLICATION),
    remediation=SET_RULES,
    controls=("NIST-800-53@r5:SI-12", "ISO-27001@2022:8.10", "SOC2:C1.2", "CSA-CCM@4.0:DSP-16"),
    references=("https://docs.aws.amazon.com/transcribe/latest/dg/how-input.html",),
)
def transcript_outliving_audio(self: Check, world: World) -> Iterator[Finding]:
    """Transcripts that rules keep longer than their recordings.

    Rules delete the recordings of a store, and what was written down of them stays, longer or for ever: whoever counts
    on the schedule is still on record, in a form that is easier to search. Each transcript is held against the
    recording that lineage ties it to; one whose recording is gone has outlived it, and one of which nothing tells the
    recording is not known. Where the policy file gives transcripts a longer time than recordings, those of a
    folder too, that is a decision and passes.
    """
    flows = {(flow.source, flow.target): flow for flow in world.lineage.flows}
    lost = {(each.source, each.target): each for each in world.lineage.lost}
    for source, target in sorted({*flows, *lost}):
        held = world.estate.stores.get(source), world.estate.stores.get(target)
        if held[0] is not None and held[1] is not None:
            way = _Way(held[0], held[1], flows.get((source, target)), lost.get((source, target)))
            yield _judged(disposing(self, world, way.target), world, way)


@dataclass(frozen=True, slots=True)
class _Way:
    """Transcripts of one store from recordings of another: those whose recording is there, those whose is gone."""

    source: Store
    target: Store
    flow: Flow | None
    lost: Lost | None

    @property
    def place(self) -> dict[str, Any]:
        """What every finding about it says of it."""
        sure = any(each.sure for each in (self.flow, self.lost) if each is not None)
        confidence = Confidence.HIGH if sure else Confidence.MEDIUM
        return {"locator": self.source.id, "names": holder(self.target), "confidence": confidence}


def _judged(check: Check, world: World, way: _Way) -> Finding:
    target, decided = way.target, _Decided.of(world, way)
    if decided.all:
        return check.passed(target, _LONGER, **way.place)
    gone, evidence = _gone(world, way)
    verdict, told, seen = (
        _by_rules(world, way, way.flow, decided) if way.flow is not None else (Verdict.PASS, "", dict[str, object]())
    )
    if decided.open and (gone or verdict is Verdict.FAIL):
        return _open(check, world, way)
    if gone and (verdict is Verdict.FAIL or not decided.pairs):
        words = [told] if verdict is Verdict.FAIL else []
        return check.fail(target, "; ".join([*words, gone]), evidence=seen | evidence, **way.place)
    if gone:
        message = f"{gone}, and the policy file gives some transcripts here a longer time than their recordings"
        return check.unknown(target, message, evidence=seen | evidence, **way.place)
    if verdict is Verdict.PASS and (open_ones := world.lineage.texts[target.id].untraced):
        verb, that = ("outlives its recording", "that is") if open_ones == 1 else ("outlive theirs", "these are")
        told = f"whether {_part(world, target, open_ones)} {verb} is not known: nothing tells which {that}"
        verdict, seen = Verdict.UNKNOWN, seen | {"not_known": open_ones}
    return check.finding(verdict, target, told, evidence=seen, **way.place)


def _open(check: Check, world: World, way: _Way) -> Finding:
    """Say that labels which were not read tell whether transcripts may stay longer."""
    blind = way.target if way.target.labels is None else way.source
    told, evidence = unread_labels(world, blind)
    message = (
        f"whether the policy file gives transcripts of {way.source.name} a longer time than their recordings hangs on"
        f" the labels of {blind.name}: {told}"
    )
    return check.unknown(way.target, message, evidence=evidence, **way.place)


def _may_give_longer(one: Part, other: Part) -> bool:
    """Say whether a rule that may decide on transcripts gives them longer than one that may on recordings."""
    shortest = [each.max_days for each in one.perhaps or (one.rule,) if each.max_days is not None]
    longest = [each.max_days for each in other.perhaps or (other.rule,) if each.max_days is not None]
    return bool(shortest and longest) and max(longest) > min(shortest)


def _gone(world: World, way: _Way) -> tuple[str, dict[str, object]]:
    """Say of how many transcripts the recording is gone, with evidence; "" of none."""
    if way.lost is None:
        return "", {}
    number = way.lost.transcripts
    told = f"the recording in {way.source.name} of {_part(world, way.target, number)} is gone already"
    return told, {"gone": number, "examples": [way.lost.example]}


def _part(world: World, target: Store, number: int) -> str:
    whole = Amount(MediaClass.TRANSCRIPT, world.lineage.texts[target.id].transcripts)
    return Amount(MediaClass.TRANSCRIPT, number).of(whole)


def _by_rules(world: World, way: _Way, flow: Flow, decided: _Decided) -> tuple[Verdict, str, dict[str, object]]:
    """Say what rules do to the transcripts whose recording is there: verdict, message, evidence."""
    source, target = way.source, way.target
    for held in (source, target):
        if (unseen := unknown_rules(world, held)) is not None:
            return Verdict.UNKNOWN, f"{held.name}: {unseen[0]}", unseen[1]
    tie = Tie(_SPOKEN, (MediaClass.TRANSCRIPT,), *decided.left(*world.lineage.ties(flow)))
    both = Outlived.of(source, target, pairs(world.estate, source, target, tie, world.now.date()))
    evidence = {"transcripts": flow.transcripts, "audio_days": both.days, "transcript_days": both.last} | both.evidence
    days = counted(both.days, "day", "days")
    if both.outliving:
        told = "never" if both.last is None else f"within {counted(both.last, 'day', 'days')}"
        which = f"{both.outliving:,} of {'their' if both.outliving == both.pairs else f'{both.pairs:,}'} transcripts"
        return Verdict.FAIL, f"recordings in {source.name} are deleted within {days}, {which} {told}", evidence
    if both.unknown:
        message = f"when {both.unknown:,} of {both.pairs:,} transcripts of {source.name} go hangs on what was not read"
        return Verdict.UNKNOWN, message, evidence
    if decided.pairs and not both.pairs:
        return Verdict.PASS, _LONGER, both.evidence
    return Verdict.PASS, f"no transcript outlives its recording in {source.name}", both.evidence


_SPOKEN = (MediaClass.SPEECH, MediaClass.VIDEO)


_LONGER = "the policy file gives transcripts a longer time than recordings"


@dataclass(frozen=True, slots=True)
class _Decided:
    """Of which recordings and transcripts of two stores the policy file knowingly keeps the transcripts longer.

    ``pairs`` are the parts of the stores of which it does; ``all``: it does of whatever lies there. ``open``: labels
    that were not read tell whether it does of some.
    """

    pairs: Sequence[tuple[Slice, Slice]]
    all: bool
    open: bool

    @classmethod
    def of(cls, world: World, way: _Way) -> _Decided:
        sounds = world.policy.retention_of(way.source, MediaClass.SPEECH)
        texts = world.policy.retention_of(way.target, MediaClass.TRANSCRIPT)
        longer = [
            (one.slice, other.slice)
            for one, other in product(sounds, texts)
            if not one.perhaps
            and not other.perhaps
            and one.rule.max_days is not None
            and other.rule.max_days is not None
            and other.rule.max_days > one.rule.max_days
        ]
        reach = all(parts and not parts[-1].rule.prefixes for parts in (sounds, texts))
        hanging = any(
            (one.perhaps or other.perhaps) and _may_give_longer(one, other) for one, other in product(sounds, texts)
        )
        return cls(longer, reach and len(longer) == len(sounds) * len(texts), hanging)

    def left(self, select: str, given: Sequence[object]) -> tuple[str, Sequence[object]]:
        """Return of a SELECT of pairs of keys, and its values, one of those on which nothing is decided."""
        if not self.pairs:
            return select, given
        sides = [(one.sql("one"), other.sql("other")) for one, other in self.pairs]
        tests = " OR ".join(f"({sound} AND {text})" for (sound, _), (text, _) in sides)
        keys = [key for (_, ones), (_, others) in sides for key in (*ones, *others)]
        return f"SELECT one, other FROM ({select}) AS tied WHERE NOT ({tests})", [*given, *keys]  # noqa: S608 - our own words
