"""The report for a person at a terminal: what was found, what is wrong and why, what could not be seen.

Its first and its last lines tell the outcome; a word that has a colour also says by itself what it means.
This module is loaded only when the format is wanted, so that nothing else waits for rich.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from cloudscan import __version__
from cloudscan.model import Finding, Severity, Step, Verdict, Why
from cloudscan.report import CheckCount, ReportOptions, ScanResult
from cloudscan.reports import digest, headline
from cloudscan.reports.digest import Holding
from cloudscan.reports.names import Names
from cloudscan.reports.page import Page, Part
from cloudscan.reports.who import who_reads
from cloudscan.wording import count

_STYLES = {
    Severity.CRITICAL: "bold red reverse",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold cyan",
}
_WEIGHTS = {
    headline.Weight.MAIN: "bold",
    headline.Weight.MORE: "",
    headline.Weight.DOUBT: "yellow",
    headline.Weight.ALARM: "bold red",
}
_LABEL = 10
"""Columns of the labels at the left."""
_DEEPEST = 4
"""Links of a path that are indented further and further."""
_STORES_SHOWN = 10
_RESOURCES_SHOWN = 3


class TerminalReport:
    """The report for a person."""

    name = "terminal"

    def render(self, result: ScanResult, out: TextIO, options: ReportOptions) -> None:
        """Write the report, in the width of the options or of the terminal."""
        page = Page(out, options)
        _headline(page, result)
        _stores(page, result)
        who_reads(page, result)
        _failures(page, result)
        _unknowns(page, result)
        if options.show_passes:
            _passes(page, result)
        _checks(page, result)
        _coverage(page, result)
        _gaps(page, result)
        _last_lines(page, result)


def _headline(page: Page, result: ScanResult) -> None:
    accounts = result.estate.accounts.values()
    clouds = ", ".join(sorted({account.provider for account in accounts}))
    page.put(
        ("cloudscan ", "bold"),
        page.dot.join(
            part
            for part in (
                __version__,
                count(len(accounts), "account"),
                clouds,
                f"ages measured on {result.now:%Y-%m-%d}",
            )
            if part
        ),
    )
    page.space()
    for line in headline.lines(result):
        page.put((line.words, _WEIGHTS[line.weight]), indent=_LABEL, label=line.label)
    page.put(*_verdicts(page, result), indent=_LABEL, label="Verdicts")
    if result.policy_file:
        page.put(
            (f"{result.policy_file.path} (sha256 {result.policy_file.sha256[:12]})", ""), indent=_LABEL, label="Policy"
        )
    for note in result.notes:
        page.put((note, "yellow"), indent=_LABEL, label="Note")


def _verdicts(page: Page, result: ScanResult) -> list[Part]:
    """Say how many of each verdict; green only where all was answered and nothing failed."""
    if not any(line.checked for line in result.counts):
        return [("nothing was checked", "bold yellow")]
    numbers = result.by_verdict()
    failed, unknown, passed = (sum(numbers[verdict].values()) for verdict in Verdict)
    worst = ", ".join(f"{number:,} {severity}" for severity, number in numbers[Verdict.FAIL].items() if number)
    clean = not failed and not unknown and result.coverage == 100
    suppressed = sum(found.suppressed is not None for found in result.findings)
    return [
        (f"{failed:,} failed", "bold red" if failed else ""),
        f" ({worst})" if worst else "",
        page.dot,
        (f"{unknown:,} unknown", "bold yellow" if unknown else ""),
        page.dot,
        (f"{passed:,} passed", "bold green" if clean else ""),
        f"{page.dot}{suppressed:,} suppressed" if suppressed else "",
    ]


def _stores(page: Page, result: ScanResult) -> None:
    held = digest.holdings(result)
    speaking = [store for store, holding in held.items() if holding.recordings or holding.transcripts]
    if not speaking:
        return
    page.title("Where it lies")
    names = Names("", result.estate)
    page.table(
        ("store", "hours", "recordings", "transcripts"),
        (
            (
                names.named(store),
                _hours_cell(held[store]),
                f"{held[store].recordings:,}",
                f"{held[store].transcripts:,}",
            )
            for store in speaking[:_STORES_SHOWN]
        ),
    )
    if len(speaking) > _STORES_SHOWN:
        page.put(f"and {count(len(speaking) - _STORES_SHOWN, 'more store')} with less")


def _hours_cell(holding: Holding) -> str:
    if holding.unknown_length == holding.recordings:
        return "unknown" if holding.recordings else "-"
    return f"{digest.tenths(holding.hours)}{'+' if holding.unknown_length else ''}"


def _failures(page: Page, result: ScanResult) -> None:
    groups = digest.failures_by_resource(result)
    if not groups:
        return
    found = sum(len(group) for _, group in groups)
    page.title(f"Failed: {count(found, 'finding')} on {count(len(groups), 'resource')}, worst first")
    held = digest.holdings(result)
    for resource, group in groups:
        page.space()
        page.put((resource, "bold"))
        page.put((page.dot.join(_facts(group[0], held.get(resource))), "dim"))
        for finding in group:
            _failure(page, finding)


def _facts(finding: Finding, holding: Holding | None) -> list[str]:
    facts = [finding.resource_kind, finding.account, finding.region]
    if holding is not None and holding.recordings:
        hours = _hours_cell(holding)
        facts.append(f"{hours} hours of speech in {count(holding.recordings, 'recording')}")
    if holding is not None and holding.transcripts:
        facts.append(count(holding.transcripts, "transcript"))
    return [fact for fact in facts if fact]


def _failure(page: Page, finding: Finding) -> None:
    place = f" at {finding.locator}" if finding.locator else ""
    page.put(
        (finding.check, "bold"),
        place,
        indent=_LABEL,
        label=(finding.severity.upper(), _STYLES[finding.severity]),
    )
    page.put(finding.message, indent=_LABEL)
    put_path(page, finding.path)
    first, *more = [line for line in finding.remediation.split("\n") if line.strip()] or [""]
    if first:
        page.put(first, page.more if more else "", indent=_LABEL + 5, label=(" " * _LABEL + "fix: ", "green"))


def put_path(page: Page, path: Sequence[Step]) -> None:
    """Write the links of a path, one that begins where another ends below it and further in.

    Steps that say more of the same link stand below it as a list. A statement is named where its reason does not.
    """
    indent, end, before = _LABEL, None, None
    for steps in _links(path):
        source, action, target = steps[0].source, steps[0].action, steps[0].target
        if source == end:
            indent = min(indent + 2, _LABEL + 2 * _DEEPEST)
        elif source != before:
            indent = _LABEL
            page.put((source, "cyan"), indent=indent)
        end, before = target, source
        does = f"{action}{page.arrow}" if action else ""
        link, label = (f"{does}{target}", "cyan"), " " * indent + page.arrow.lstrip()
        first, *more = steps
        if not more:
            page.put(link, f": {first.reason}", indent=len(label), label=label)
            _put_terms(page, first, len(label))
            continue
        page.put(link, indent=len(label), label=label)
        for step in (first, *more):
            mark = " " * len(label) + page.dot.lstrip()
            page.put(step.reason, indent=len(mark), label=mark)
            _put_terms(page, step, len(mark))


def _links(path: Sequence[Step]) -> list[list[Step]]:
    """Group what is said of one link: to become a role takes a statement of either side, and is one step.

    A link that has a word of its own is told before the calls between the same two that prove it.
    """
    links: list[list[Step]] = []
    for step in path:
        first = links[-1][0] if links else None
        same = first is not None and (first.source, first.target) == (step.source, step.target)
        told = first is not None and not first.statement and first.action not in first.reason
        if first is not None and same and (told or first.action == step.action):
            links[-1].append(step)
        else:
            links.append([step])
    return links


def _put_terms(page: Page, step: Step, indent: int) -> None:
    if step.condition:
        page.put(f"if {step.condition}", indent=indent)
    if step.statement and step.statement not in step.reason:
        page.put((f"statement: {step.statement}", "dim"), indent=indent)


def _unknowns(page: Page, result: ScanResult) -> None:
    groups = digest.unknown_groups(result)
    if not groups:
        return
    page.title(f"Unknown: {count(sum(group.findings for group in groups), 'answer')} missing")
    for group in groups:
        some = f" of {group.curable:,}" if group.curable < group.findings else ""
        others = f" (and {count(group.other_reasons, 'other reason')})" if group.other_reasons else ""
        page.put(
            (group.check, "bold"),
            f" on {count(group.resources, 'resource')}: {group.reason}{others}",
            (f"; to know{some}: {group.cure}" if group.cure else "", "green"),
            indent=_LABEL,
            label=(group.severity, "yellow"),
        )


def _passes(page: Page, result: ScanResult) -> None:
    page.title("Passed")
    for finding in result.findings:
        if finding.verdict is Verdict.PASS:
            page.put((finding.check, "bold"), f" {finding.resource}: {finding.message}", indent=_LABEL, label="passed")


def _checks(page: Page, result: ScanResult) -> None:
    page.title("Checks")
    if not result.counts:
        page.put(("no check was run", "yellow"))
        return
    page.table(
        ("check", "severity", "failed", "unknown", "passed", "checked"),
        (
            (
                line.check.id,
                line.check.severity,
                (f"{line.failed:,}", "red" if line.failed else ""),
                (f"{line.unknown:,}", "yellow" if line.unknown else ""),
                f"{line.passed:,}",
                _checked(line),
            )
            for line in sorted(result.counts, key=lambda line: (line.check.severity.rank, line.check.id))
        ),
        words=2,
    )


def _checked(line: CheckCount) -> Part:
    if line.crashed:
        return ("failed by itself", "bold red")
    return f"{line.checked:,}" if line.checked else ("0 checked", "yellow")


def _coverage(page: Page, result: ScanResult) -> None:
    facets = digest.coverage_by_facet(result)
    page.title("Coverage")
    if not facets:
        page.put(("nothing was asked", "yellow"))
        return
    partly = [line for line in facets if line.answered < line.asked or line.limited]
    if partly:
        page.table(
            ("question", "asked", "answered", "left out by limits"),
            (
                (
                    line.facet,
                    f"{line.asked:,}",
                    (f"{line.answered:,}", "yellow" if line.answered < line.asked else ""),
                    f"{line.limited:,}",
                )
                for line in partly
            ),
        )
    whole = [f"{line.facet} ({line.answered:,})" for line in facets if line not in partly]
    if whole:
        page.put(f"answered in full: {', '.join(whole)}")


def _gaps(page: Page, result: ScanResult) -> None:
    groups = digest.gap_groups(result)
    if not groups:
        return
    page.title(f"Gaps: {count(len(result.estate.gaps), 'thing')} not seen")
    for group in groups:
        shown = ", ".join(group.resources[:_RESOURCES_SHOWN])
        rest = len(group.resources) - _RESOURCES_SHOWN
        page.put(
            (group.operation, "bold"),
            f" {group.count:,} times: " if group.count > 1 else ": ",
            f"{shown} and {rest:,} more" if rest > 0 else shown,
            f" ({group.detail})" if group.detail and group.why is not Why.DENIED else "",
            (f"; to see: {group.cure}", "green"),
            indent=_LABEL + 2,
            label=(group.why, "yellow"),
        )


def _last_lines(page: Page, result: ScanResult) -> None:
    page.space()
    if result.findings:
        page.put(("a check, its reasons and its fix in full: cloudscan checks show ID", "dim"))
    share = None if result.coverage is None else digest.percent(result.coverage, 100)
    coverage: Part = ("nothing was asked", "bold yellow")
    if share is not None:
        coverage = (f"coverage {share:g}%", "bold yellow" if share < 100 else "")
    page.put(*_verdicts(page, result), page.dot, coverage)
