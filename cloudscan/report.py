"""The report interface: what an analysis came to, and how a format prints it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol, TextIO

from cloudscan.access import AccessGraph
from cloudscan.check import Check
from cloudscan.coverage.estimates import Sample
from cloudscan.estate import Estate
from cloudscan.lineage.links import Lineage
from cloudscan.model import Corpus, Finding, Severity, Verdict


@dataclass(frozen=True, slots=True)
class Crash:
    """A check that failed by itself: its fault, where, and the traceback. Nothing that it found before is told."""

    check: Check
    what: str
    traceback: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"the check {self.check.id} failed by itself ({self.what})"


@dataclass(frozen=True, slots=True)
class CheckCount:
    """How many resources one check judged, by verdict, and how many of those are suppressed.

    One that ``crashed`` judged none: its unknown findings stand for all that it would have looked at.
    """

    check: Check
    failed: int
    unknown: int
    passed: int
    suppressed: int
    crashed: bool = False

    @property
    def checked(self) -> int:
        """Resources that were judged at all."""
        return 0 if self.crashed else self.failed + self.unknown + self.passed


@dataclass(frozen=True, slots=True)
class Summary:
    """The headline. Hours are a sum over recordings whose length is known or estimated; see the corpora.

    ``principals_with_read`` read recordings by rights of their own, ``principals_with_read_by_steps`` only by steps;
    anyone is none of them, and neither is who may read only if something that was not seen is so. They are
    ``principals_at_least`` where nobody knows how many one of them stands for.
    ``objects_not_looked_at`` count as no recording by nothing but names that transcripts have, too; of all ``objects``
    those ``by_name_alone`` are no speech by name or type, and nobody read them.
    """

    hours_of_speech: float
    hours_readable_by_anyone: float
    hours_maybe_readable_by_anyone: float
    stores: int
    stores_with_audio: int
    stores_with_transcripts: int
    principals_with_read: int
    principals_with_read_by_steps: int
    principals_at_least: bool
    principals_known: bool
    recordings: int
    recordings_of_unknown_length: int
    unsettled_objects: int
    objects_not_looked_at: int
    objects: int
    objects_by_name_alone: int


class PolicyFile(NamedTuple):
    """The policy file that was judged by, as it was named, and the hash of its bytes."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ScanResult:
    """Everything that a report may print, in a stable order; the same snapshot, policy and date give the same.

    ``findings`` holds fails, unknowns and passes; ``coverage`` is the share of the asked questions that were
    answered, in percent, or None when nothing was asked. ``notes`` are remarks for the reader, such as a
    suppression that matched nothing. ``access`` answers who reads what, ``lineage`` which transcript comes from which
    recording. ``sample`` tells of objects that were not looked at, and nothing else in a result counts any of it.
    ``crashes`` are the checks that failed by themselves. ``astray``: do rules of retention miss what they may be meant
    for, so that what was decided is not what was judged.
    """

    estate: Estate
    findings: Sequence[Finding]
    counts: Sequence[CheckCount]
    summary: Summary
    access: AccessGraph
    lineage: Lineage
    sample: Sample | None
    coverage: float | None
    now: datetime
    generated_at: datetime
    notes: Sequence[str] = ()
    crashes: Sequence[Crash] = ()
    astray: bool = False
    policy_file: PolicyFile | None = None

    @property
    def corpora(self) -> Sequence[Corpus]:
        """What was found."""
        return self.estate.corpora

    def at_or_above(self, threshold: Severity) -> list[Finding]:
        """Return the unsuppressed failures that are at least this bad."""
        return [
            found
            for found in self.findings
            if found.verdict is Verdict.FAIL and found.suppressed is None and found.severity.rank <= threshold.rank
        ]

    def by_verdict(self) -> Mapping[Verdict, Mapping[Severity, int]]:
        """Count unsuppressed findings by verdict and severity."""
        table = {verdict: dict.fromkeys(Severity, 0) for verdict in Verdict}
        for found in self.findings:
            if found.suppressed is None:
                table[found.verdict][found.severity] += 1
        return table


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What the user asked of the output. ``width`` and ``color`` matter to a terminal only.

    ``every``: name each of those that are alike, instead of a few and a count.
    """

    show_passes: bool = False
    color: bool = False
    width: int | None = None
    every: bool = False


class Report(Protocol):
    """One output format."""

    name: str

    def render(self, result: ScanResult, out: TextIO, options: ReportOptions) -> None:
        """Write the whole report to ``out``."""
