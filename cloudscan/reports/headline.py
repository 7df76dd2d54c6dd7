"""The headline in words: how much speech, where, who can read it; and what these figures leave out.

A figure that may be too low says "at least" and why; where nothing is known it says so instead of 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from cloudscan.model import MediaClass
from cloudscan.report import ScanResult, Summary
from cloudscan.reports.digest import count, doubts, length


class Weight(Enum):
    """What a line is to the reader."""

    MAIN = "main"
    MORE = "more"
    DOUBT = "doubt"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the headline. A line without a label belongs to the one before."""

    words: str
    weight: Weight
    label: str = ""


def lines(result: ScanResult) -> Iterator[Line]:
    """Yield the headline of a result."""
    summary, doubt = result.summary, doubts(result)
    yield Line(_speech(result, at_least=bool(doubt.hours)), Weight.MAIN, "Speech")
    if summary.hours_of_speech:
        yield Line(_measured(result), Weight.MORE)
    if doubt.hours:
        yield Line(f"not counted: {'; '.join(doubt.hours)}", Weight.DOUBT)
    yield from _looks(result)
    stores = f"{summary.stores_with_audio:,} of {count(summary.stores, 'store')} with audio"
    stores += f", {summary.stores_with_transcripts:,} with transcripts"
    yield Line(stores if summary.stores else "no stores seen", Weight.MAIN, "Stores")
    yield from _traced(result)
    if summary.recordings:
        readers = _readers(summary, at_least=bool(doubt.access))
        named = summary.principals_with_read or summary.principals_with_read_by_steps
        alone = summary.hours_readable_by_anyone and not named
        yield Line("nobody by name can read recordings" if alone else readers, Weight.MAIN, "Readers")
        yield from _anyone(result, at_least=bool(doubt.access))
        if doubt.access:
            yield Line(f"not counted: {'; '.join(doubt.access)}", Weight.DOUBT)


def _speech(result: ScanResult, *, at_least: bool) -> str:
    summary = result.summary
    if not summary.recordings:
        return "no recordings seen, but not everything was seen" if at_least else "no recordings found"
    recordings = count(summary.recordings, "recording")
    if not summary.hours_of_speech:
        return f"{recordings}, of unknown length"
    return f"{'at least ' if at_least else ''}{length(summary.hours_of_speech)} in {recordings}"


def _measured(result: ScanResult) -> str:
    exact = sum(corpus.seconds_exact for corpus in result.corpora if corpus.media is MediaClass.SPEECH) / 3600
    if not exact:
        return "all of it estimated, from the recordings' sizes and formats"
    if math.isclose(exact, result.summary.hours_of_speech):
        return "all of it read from the recordings' headers"
    return f"{length(exact)} of it read from the recordings' headers, the rest estimated"


def _looks(result: ScanResult) -> Iterator[Line]:
    """Say what was looked at of what names leave open, and what that tells of the rest: in no other figure."""
    sample = result.sample
    if sample is None or sample.whole:
        return
    seen = " and ".join(count(one.seen, _NOUNS[one.media]) for one in sample.estimates)
    looked = f"at {sample.looked:,} of {count(sample.left_open, 'object')} that their names leave open: {seen}"
    yield Line(looked, Weight.MAIN, "Looked")
    if sample.told_of:
        said = [f"{one.least:,} to {count(one.most, _NOUNS[one.media])}" for one in sample.estimates]
        if sample.hours:
            said.append(f"{sample.hours.least:,.1f} to {sample.hours.most:,.1f} hours of speech")
        where = f"estimated, and in no figure here: {', '.join(said)} among {sample.told_of:,} of them"
        how = f"({count(sample.groups, 'group')}, {sample.confidence:.0%} each, {sample.method})"
        yield Line(f"{where} {how}", Weight.DOUBT)
    if sample.untold:
        yield Line(f"nothing is known of the other {sample.untold:,}", Weight.DOUBT)


_NOUNS = {MediaClass.SPEECH: "recording", MediaClass.TRANSCRIPT: "transcript"}


def _traced(result: ScanResult) -> Iterator[Line]:
    """Say where transcripts come from and what became of recordings, where there is any transcript."""
    texts, sounds = result.lineage.texts.values(), result.lineage.sounds.values()
    whole = sum(each.transcripts for each in texts)
    if not whole:
        return
    traced, gone, untraced = (
        sum(part) for part in zip(*((x.traced, x.orphans, x.untraced) for x in texts), strict=True)
    )
    left = [f"{gone:,} gone"] if gone else []
    left += [f"{untraced:,} not known"] if untraced else []
    said = f"the recording of {traced:,} of {count(whole, 'transcript')} is there"
    yield Line(", ".join([said, *left]), Weight.DOUBT if gone else Weight.MAIN, "Lineage")
    heard, never = sum(each.transcribed for each in sounds), sum(each.untranscribed for each in sounds)
    recordings = count(sum(each.recordings for each in sounds), "recording")
    rest = f", {never:,} surely none" if never else ""
    yield Line(f"{heard:,} of {recordings} and videos have a transcript in sight{rest}", Weight.MORE)


def _readers(summary: Summary, *, at_least: bool) -> str:
    direct, by_steps = summary.principals_with_read, summary.principals_with_read_by_steps
    if not direct and not by_steps:
        return "unknown who can read recordings" if at_least else "nobody can read recordings"
    least = "at least " if at_least else ""
    if not direct:
        return f"{least}{count(by_steps, 'principal')} can read recordings, by steps only"
    return (
        f"{least}{count(direct, 'principal')} can read recordings{f', {by_steps:,} more by steps' if by_steps else ''}"
    )


def _anyone(result: ScanResult, *, at_least: bool) -> Iterator[Line]:
    sure, maybe = result.summary.hours_readable_by_anyone, result.summary.hours_maybe_readable_by_anyone
    if sure:
        yield Line(f"{'at least ' if at_least else ''}{length(sure)} readable by anyone", Weight.ALARM)
    elif at_least:
        yield Line("unknown whether anyone at all can read recordings", Weight.DOUBT)
    elif not maybe:
        yield Line("none readable by anyone at all", Weight.MORE)
    if maybe:
        perhaps = f"{length(maybe)}{' more' if sure else ''} perhaps readable by anyone"
        yield Line(f"{perhaps}: under a condition, or a fact was not seen", Weight.DOUBT)
