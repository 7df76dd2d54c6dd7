"""The headline in words: how much speech, where, who can read it; and what these figures leave out.

A figure that may be too low says "at least" and why; where nothing is known it says so instead of 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from cloudscan.coverage.estimates import Hours
from cloudscan.lineage.links import Sounds
from cloudscan.model import MediaClass
from cloudscan.report import ScanResult, Summary
from cloudscan.reports.digest import doubts, length
from cloudscan.wording import count


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
    yield from _suspected(result)
    if doubt.hours:
        yield Line(f"not counted: {'; '.join(doubt.hours)}", Weight.DOUBT)
    if summary.objects_by_name_alone:
        of = f"{summary.objects_by_name_alone:,} of {count(summary.objects, 'object')}"
        yield Line(
            f"{of} count{'s' if summary.objects_by_name_alone == 1 else ''} as no speech by name or type alone",
            Weight.MORE,
        )
    yield from _looks(result)
    yield Line(_stores(summary, at_least=bool(doubt.stores)), Weight.MAIN, "Stores")
    if more := [why for why in doubt.stores if why not in doubt.hours]:
        yield Line(f"not counted: {'; '.join(more)}", Weight.DOUBT)
    yield from _traced(result)
    if summary.recordings:
        readers = _readers(summary, at_least=bool(doubt.readers))
        named = summary.principals_with_read or summary.principals_with_read_by_steps
        alone = summary.hours_readable_by_anyone and not named
        yield Line("nobody by name can read recordings" if alone else readers, Weight.MAIN, "Readers")
        yield from _anyone(result, at_least=bool(doubt.access))
        if doubt.readers:
            yield Line(f"not counted: {'; '.join(doubt.readers)}", Weight.DOUBT)


def _speech(result: ScanResult, *, at_least: bool) -> str:
    summary = result.summary
    if not summary.recordings:
        return "no recordings seen, but not everything was seen" if at_least else "no recordings found"
    recordings = count(summary.recordings, "recording")
    if not summary.hours_of_speech:
        return f"{recordings}, of unknown length"
    guessed = sum(corpus.seconds_guessed for corpus in result.corpora if corpus.media is MediaClass.SPEECH)
    words = f"{'at least ' if at_least else ''}{length(summary.hours_of_speech)} in {recordings}"
    return f"{words}, {length(guessed / 3600)} of it guessed" if guessed >= _SLIGHT else words


def _stores(summary: Summary, *, at_least: bool) -> str:
    if not summary.stores:
        return "no stores seen"
    least = "at least " if at_least else ""
    audio = f"{least}{summary.stores_with_audio:,} of {count(summary.stores, 'store')} with audio"
    return f"{audio}, {least}{summary.stores_with_transcripts:,} with transcripts"


def _measured(result: ScanResult) -> str:
    """Say how the hours are known, by the methods of :class:`DurationMethod`."""
    spoken = [corpus for corpus in result.corpora if corpus.media is MediaClass.SPEECH]
    whole = sum(corpus.seconds for corpus in spoken)
    exact, guessed = (sum(part) for part in zip(*((x.seconds_exact, x.seconds_guessed) for x in spoken), strict=True))
    parts = [
        (seconds, words)
        for seconds, words in zip((exact, whole - exact - guessed, guessed), _METHODS, strict=True)
        if seconds >= _SLIGHT
    ]
    said = [f"{length(seconds / 3600)} {words}" for seconds, words in parts]
    if len(parts) == 1:
        said = [f"all of it {parts[0][1]}"]
    if guessed >= _SLIGHT:
        least, most = (sum(part) for part in zip(*((x.guessed_least, x.guessed_most) for x in spoken), strict=True))
        said[-1] += f": {length(least / 3600)} to {length(most / 3600)} by what is common"
    return "; ".join(said)


_SLIGHT = 1e-3
"""Seconds that are no more than what sums round."""
_METHODS = (
    "exact, from headers",
    "estimated, from codec and size",
    "guessed, from a usual rate",
)


def _suspected(result: ScanResult) -> Iterator[Line]:
    for media, why in _SUSPECTED.items():
        number = sum(corpus.suspected for corpus in result.corpora if corpus.media is media)
        if number:
            verb = "is" if number == 1 else "are"
            yield Line(f"{count(number, _NOUNS[media])} {verb} only suspected: {why}", Weight.DOUBT)


_SUSPECTED = {
    MediaClass.SPEECH: "nothing in such bytes says so",
    MediaClass.TRANSCRIPT: "documents that their names call so",
}


def _looks(result: ScanResult) -> Iterator[Line]:
    """Say what was looked at of what names leave open, and what that tells of the rest: in no other figure."""
    sample = result.sample
    if sample is None or sample.whole:
        return
    seen = " and ".join(count(one.seen, _NOUNS[one.media]) for one in sample.estimates)
    looked = f"at {sample.looked:,} of {count(sample.left_open, 'object')} that their names leave open: {seen}"
    yield Line(looked, Weight.MAIN, "Looked")
    if sample.told_of:
        said = [_span(one.least, one.most, _NOUNS[one.media]) for one in sample.estimates]
        if sample.hours:
            said.append(_span_of_hours(sample.hours))
        where = f"estimated, and in no figure here: {', '.join(said)} among {sample.told_of:,} of them"
        how = f"({count(sample.groups, 'group')}, {sample.confidence:.0%} each, {sample.method})"
        yield Line(f"{where} {how}", Weight.DOUBT)
    if sample.untold:
        yield Line(f"nothing is known of the other {sample.untold:,}", Weight.DOUBT)


_NOUNS = {MediaClass.SPEECH: "recording", MediaClass.TRANSCRIPT: "transcript"}


def _span(least: int, most: int, noun: str) -> str:
    return count(most, noun) if least == most else f"{least:,} to {count(most, noun)}"


def _span_of_hours(hours: Hours) -> str:
    """Say the hours from their least to their most, in a unit in which both say something."""
    least, most = length(hours.least), length(hours.most)
    if not hours.most:
        return "no speech"
    return f"{most} of speech" if least == most else f"{least} to {most} of speech"


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
    yield Line(_heard(sounds, untraced), Weight.MORE)


def _heard(sounds: Iterable[Sounds], untraced: int) -> str:
    """Say of all recordings what became of them, and leave none out. Any may be that of an untraced transcript."""
    each = [(x.recordings, x.transcribed, x.sent, x.untranscribed, x.untold) for x in sounds]
    whole, heard, sent, never, untold = (sum(part) for part in zip((0, 0, 0, 0, 0), *each, strict=True))
    parts = [
        f"{sent:,} only sent" if sent else "",
        (f"at most {never:,} not" if untraced else f"{never:,} surely not") if never else "",
        f"{untold:,} not known" if untold else "",
    ]
    said = f"transcribed: {heard:,} of {whole:,} {'recording or video' if whole == 1 else 'recordings and videos'}"
    return "; ".join(filter(None, (said, ", ".join(filter(None, parts)))))


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
