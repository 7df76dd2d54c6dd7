"""Who can read what lies in each store: how many in which way, and the first of them by name."""

from __future__ import annotations

from collections.abc import Sequence

from cloudscan.access import Counts, Edge, Path, Reader, Ruling, Way
from cloudscan.access.standing import Standing
from cloudscan.groups import standing
from cloudscan.report import ScanResult
from cloudscan.reports import digest
from cloudscan.reports.names import Names
from cloudscan.reports.page import Page
from cloudscan.wording import count

STORES_SHOWN = 10
_NAMED = 3
"""Readers of one sort that are named."""
_WAYS = {Way.DIRECT: "directly", Way.STEPS: "by steps", Way.CHANGES: "by change"}
_INDENT = 11


def who_reads(page: Page, result: ScanResult) -> None:
    """Write a section on the stores that hold most, in the order in which they were told."""
    held, counted = digest.holdings(result), standing(result.estate)
    speaking = [store for store, holding in held.items() if holding.recordings or holding.transcripts]
    if not speaking:
        return
    page.title("Who can read it")
    for store in speaking[:STORES_SHOWN]:
        known = result.estate.stores.get(store)
        names = Names(known.account if known else "", result.estate)
        counts = result.access.counts(counted, store)
        page.put((names.short(store), "bold"), f": {_counted(page, counts)}")
        readers = _counting(result.access.readers(store), counted)
        for way in Way:
            _named(page, names, way, [reader for reader in readers if _sort(reader) is way])
    page.put(("all of them, with the statements: cloudscan reach SNAPSHOT --to STORE", "dim"))


def _counted(page: Page, counts: Counts) -> str:
    least = "at least " if counts.at_least else ""
    if not counts.readers:
        return f"{count(counts.unknown, 'principal')} perhaps" if counts.unknown else "no reader seen"
    ways = ((counts.direct, "directly"), (counts.by_steps, "by steps"), (counts.by_changes, "by changing the cloud"))
    parts = [f"{many:,} {words}" for many, words in ways if many]
    parts += [f"{counts.conditional:,} only under a condition"] if counts.conditional else []
    parts += [f"{counts.unknown:,} more unknown"] if counts.unknown else []
    return f"{least}{count(counts.readers, 'reader')}: {page.dot.join(parts)}"


def _counting(readers: Sequence[Reader], standing: Standing) -> list[Reader]:
    """Leave out the groups of which everybody who counts for them is told, too."""
    told = {reader.principal for reader in readers}
    return [each for each in readers if not standing.instead.get(each.principal, {""}) <= told]


def _sort(reader: Reader) -> Way | None:
    """Return the simplest way that is known; None where all of them hang on something that was not seen."""
    known = (path.way for path in reader.paths if path.ruling is not Ruling.UNKNOWN)
    return next(known, None)


def _named(page: Page, names: Names, way: Way, readers: Sequence[Reader]) -> None:
    if not readers:
        return
    said = [_said(page, names, reader, way) for reader in readers[:_NAMED]]
    left = len(readers) - len(said)
    more = f"; and {left:,} more" if left else ""
    page.put("; ".join(said), more, indent=_INDENT, label=(_WAYS[way], "cyan"))


def _said(page: Page, names: Names, reader: Reader, way: Way) -> str:
    path = next(path for path in reader.paths if path.way is way)
    condition = f", if {names.short(path.condition)}" if path.condition else ""
    return f"{names.short(reader.principal)}{_over(page, names, path)}{condition}"


def _over(page: Page, names: Names, path: Path) -> str:
    """Say by which steps somebody comes, and over whom."""
    steps = [
        f"{link.kind}{page.arrow}{names.short(target)}"
        for link, target in zip(path.links[:-1], path.nodes[1:], strict=True)
        if isinstance(link, Edge)
    ]
    steps += [path.grant.by] if path.grant.by else []
    return f" ({', '.join(steps)})" if steps else ""
