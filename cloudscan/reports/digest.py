"""Sums and groupings for readers: the same in every format that a person reads. They add no fact."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cloudscan.model import Finding, Gap, MediaClass, Severity, Verdict, Why
from cloudscan.provider import Facet
from cloudscan.report import ScanResult
from cloudscan.wording import UNMET, count

_TENTH = 0.1
_LISTS = {Facet.ACCOUNTS: "account", Facet.STORES: "list of stores", Facet.OBJECTS: "list of objects"}
_DOORS = (Facet.POLICY, Facet.ACL, Facet.ACCESS_POINTS, Facet.PRINCIPALS, Facet.FEDERATIONS)
"""The questions whose answers can only add readers; without one of them, readers are a lower bound."""
_GRANT = "grant "
_CURES_SHOWN = 4
"""Of all that it takes to know something, how much is named before the rest is only counted."""
_CURES: Mapping[Why, str] = {
    Why.DENIED: "let the scanner's role ask it",
    Why.THROTTLED: "scan again with a lower --max-rps",
    Why.EXPIRED: "renew the credentials and scan again",
    Why.LIMIT: "raise the limit of the scan",
    Why.VANISHED: "scan again: it was deleted meanwhile, or never there",
    Why.DISABLED: "turn it on there",
    Why.UNSUPPORTED: "this version of cloudscan cannot ask it",
    Why.MALFORMED: "the answer could not be read: please report it",
    Why.ERROR: "scan again",
}


@dataclass(frozen=True, slots=True)
class Holding:
    """What one store holds of each kind; ``unknown_length`` counts recordings that add nothing to ``hours``."""

    hours: float = 0.0
    recordings: int = 0
    unknown_length: int = 0
    transcripts: int = 0


@dataclass(frozen=True, slots=True)
class Doubts:
    """Why a figure of the headline is no more than a lower bound, in words; nothing where it is whole.

    ``hours`` are of recordings, ``stores`` of how many stores hold recordings or transcripts, ``readers`` of how many
    principals read; of that, ``access`` may hide that anyone does.
    """

    hours: Sequence[str]
    stores: Sequence[str]
    readers: Sequence[str]
    access: Sequence[str]


@dataclass(frozen=True, slots=True)
class FacetCoverage:
    """How much of one question was answered, over all accounts."""

    facet: str
    asked: int
    answered: int
    limited: int


@dataclass(frozen=True, slots=True)
class UnknownGroup:
    """What one check could not tell: of how many resources, the commonest reason, and what would show it.

    ``other_reasons`` counts the further reasons. ``cure`` is all that it takes to see what ``curable`` of the findings
    hang on, empty where no gap explains any of them.
    """

    check: str
    severity: Severity
    findings: int
    resources: int
    reason: str
    other_reasons: int
    cure: str
    curable: int


@dataclass(frozen=True, slots=True)
class GapGroup:
    """Questions that were not answered for the same reason."""

    why: Why
    operation: str
    detail: str
    count: int
    resources: Sequence[str]
    cure: str


def holdings(result: ScanResult) -> Mapping[str, Holding]:
    """Return what the stores hold, by the store's id, most hours first."""
    by_store: dict[str, dict[MediaClass, tuple[float, int, int]]] = defaultdict(dict)
    for corpus in result.corpora:
        seconds, objects, unknown = by_store[corpus.store].get(corpus.media, (0.0, 0, 0))
        by_store[corpus.store][corpus.media] = (
            seconds + corpus.seconds,
            objects + corpus.objects,
            unknown + corpus.unknown_length,
        )
    held = {}
    for store, media in by_store.items():
        seconds, recordings, unknown = media.get(MediaClass.SPEECH, (0.0, 0, 0))
        transcripts = media.get(MediaClass.TRANSCRIPT, (0.0, 0, 0))[1]
        held[store] = Holding(seconds / 3600, recordings, unknown, transcripts)
    return dict(sorted(held.items(), key=lambda item: (-item[1].hours, -item[1].recordings, item[0])))


def doubts(result: ScanResult) -> Doubts:
    """Say why hours, stores and readers are no more than lower bounds."""
    summary = result.summary
    unseen = _unseen(result)
    timeless, unnamed = summary.recordings_of_unknown_length, summary.objects_not_looked_at
    hours = [f"{count(timeless, 'recording')} of unknown length"] if timeless else []
    stores = [f"{count(unnamed, 'object')} under names that transcripts and packed recordings have, too"]
    access = _unseen_access(result)
    members = ["who else is in groups or domains whose members were not read"] if summary.principals_at_least else []
    return Doubts([*hours, *unseen], [*unseen, *(stores if unnamed else [])], [*access, *members], access)


def _unseen(result: ScanResult) -> list[str]:
    """Say what may hold recordings and was not seen."""
    estate, unsettled = result.estate, result.summary.unsettled_objects
    asked = {line.facet for line in estate.coverage if line.asked}
    said = []
    if Facet.STORES not in asked:
        said.append("nobody asked for the stores")
    elif estate.stores and Facet.OBJECTS not in asked:
        said.append("nobody asked for the objects")
    if unsettled:
        said.append(f"{count(unsettled, 'object')} that may or may not be speech")
    for facet, noun in _LISTS.items():
        lines = [line for line in estate.coverage if line.facet == facet]
        unseen = {gap.resource for gap in estate.gaps if gap.facet == facet}
        missing = max(len(unseen), sum(max(0, line.asked - line.answered) + line.limited for line in lines))
        if missing:
            said.append(f"{count(missing, noun)} not seen in full")
    return said


def _unseen_access(result: ScanResult) -> list[str]:
    """Say what may add readers and was not seen."""
    asked = {line.facet for line in result.estate.coverage if line.asked}
    said = []
    if not result.summary.principals_known:
        said.append("no principals were collected")
    if not asked & {Facet.POLICY, Facet.ACL}:
        said.append("nobody asked for the stores' policies")
    unanswered = sum(gap.facet in _DOORS for gap in result.estate.gaps)
    if unanswered:
        said.append(f"{count(unanswered, 'question')} about access without an answer")
    return said


def coverage_by_facet(result: ScanResult) -> list[FacetCoverage]:
    """Add the coverage of all accounts, by facet."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for line in result.estate.coverage:
        for index, number in enumerate((line.asked, line.answered, line.limited)):
            sums[line.facet][index] += number
    return [FacetCoverage(facet, *sums[facet]) for facet in sorted(sums)]


def failures_by_resource(result: ScanResult) -> list[tuple[str, list[Finding]]]:
    """Group the failures that nobody has accepted by resource, worst first."""
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in result.findings:
        if finding.verdict is Verdict.FAIL and finding.suppressed is None:
            groups[finding.resource].append(finding)
    for found in groups.values():
        found.sort(key=lambda finding: (finding.severity.rank, finding.check, finding.locator))

    def badness(group: tuple[str, list[Finding]]) -> tuple[list[int], str]:
        per_severity = Counter(finding.severity for finding in group[1])
        return [-per_severity[severity] for severity in Severity], group[0]

    return sorted(groups.items(), key=badness)


def unknown_groups(result: ScanResult) -> list[UnknownGroup]:
    """Group what could not be told by check, worst first."""
    needs = {line.check.id: tuple(line.check.needs) for line in result.counts}
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in result.findings:
        if finding.verdict is Verdict.UNKNOWN and finding.suppressed is None:
            groups[finding.check].append(finding)
    made, above = [], _gaps_above(result)
    for check, found in groups.items():
        reasons = Counter(finding.message for finding in found)
        told = [_cures(result, finding, needs.get(finding.check, ()), above) for finding in found]
        made.append(
            UnknownGroup(
                check=check,
                severity=min((finding.severity for finding in found), key=lambda severity: severity.rank),
                findings=len(found),
                resources=len({finding.resource for finding in found}),
                reason=_commonest(reasons),
                other_reasons=len(reasons) - 1,
                cure=_together(Counter(remedy for cures in told for remedy in cures)),
                curable=sum(map(bool, told)),
            )
        )
    return sorted(made, key=lambda group: (group.severity.rank, group.check))


def gap_groups(result: ScanResult) -> list[GapGroup]:
    """Group what could not be seen by reason, operation and cure, the most frequent first."""
    groups: dict[tuple[Why, str, str], list[Gap]] = defaultdict(list)
    for gap in result.estate.gaps:
        groups[gap.why, gap.operation, cure(gap)].append(gap)
    made = [
        GapGroup(
            why=why,
            operation=operation,
            detail=_commonest(Counter(gap.detail for gap in gaps)),
            count=len(gaps),
            resources=sorted({gap.resource for gap in gaps}),
            cure=remedy,
        )
        for (why, operation, remedy), gaps in groups.items()
    ]
    return sorted(made, key=lambda group: (-group.count, group.why, group.operation, group.cure))


def cure(gap: Gap) -> str:
    """Say what would show it."""
    if gap.why is Why.LIMIT and gap.facet == Facet.OBJECTS:
        return "list all objects: without --max-objects and --inventory"
    return f"{_GRANT}{gap.permission}" if gap.why is Why.DENIED and gap.permission else _CURES[gap.why]


def _gaps_above(result: ScanResult) -> Mapping[str, Sequence[Gap]]:
    """Return what was not seen of what lies above each account: its organization, and all between.

    So is what was refused of it and holds for all of it, by whatever name the cloud has for the account itself.
    """
    found: dict[str, list[Gap]] = defaultdict(list)
    for gap in result.estate.gaps:
        for place in {gap.account, gap.resource}:
            found[place].append(gap)
    whole = [gap for gap in result.estate.gaps if gap.facet == Facet.ORGANIZATION]
    accounts = result.estate.accounts.values()
    return {
        one.id: [
            *(gap for place in (one.organization or "", *(one.parents or ())) for gap in found.get(place, ())),
            *(gap for gap in whole if gap.account == one.id),
        ]
        for one in accounts
    }


def _cures(result: ScanResult, finding: Finding, needs: Sequence[str], above: Mapping[str, Sequence[Gap]]) -> set[str]:
    """Return what would show what a check could not tell. Of the user's own limits the check's message speaks."""
    if UNMET in finding.message:
        return set()
    places = {finding.resource, finding.account}
    gaps = [gap for place in places for gap in result.estate.gaps_on(place, *needs)]
    gaps += [gap for gap in above.get(finding.account, ()) if not needs or gap.facet in needs]
    return {cure(gap) for gap in gaps if gap.why is not Why.LIMIT}


def _together(cures: Counter[str]) -> str:
    """Say everything that it takes, what most findings hang on first; of very much only the first."""
    ranked = sorted(cures, key=lambda text: (-cures[text], text))
    shown, left = ranked[:_CURES_SHOWN], len(ranked) - _CURES_SHOWN
    grants = [each.removeprefix(_GRANT) for each in shown if each.startswith(_GRANT)]
    *first, last = grants or [""]
    parts = [f"{_GRANT}{', '.join(first)} and {last}" if first else f"{_GRANT}{last}"] if grants else []
    parts += [each for each in shown if not each.startswith(_GRANT)]
    return "; ".join(parts) + (f", and {left:,} more (see the gaps)" if left > 0 else "")


def percent(answered: float, asked: float) -> float | None:
    """Return a share in percent to two places, rounded down: 100 means all. None when nothing was asked."""
    return math.floor(10_000 * min(answered, asked) / asked) / 100 if asked else None


def length(hours: float) -> str:
    """Say how long: "1,250 hours", "8.2 hours", "42 minutes", "12 seconds"."""
    if hours >= 100:
        return f"{hours:,.0f} hours"
    if hours >= 1 or not hours:
        return f"{hours:.1f} hours"
    return count(round(hours * 60), "minute") if hours * 60 >= 1 else count(round(hours * 3600), "second")


def tenths(hours: float) -> str:
    """Say how many hours in a column: "1.4", "<0.1" for what is less and yet something, "-" for nothing."""
    return f"{hours:,.1f}" if hours >= _TENTH else f"<{_TENTH}" if hours else "-"


def _commonest(texts: Iterable[str] | Counter[str]) -> str:
    counted = Counter(texts)
    return min(counted, key=lambda text: (-counted[text], text), default="")
