"""Every object, version and unfinished upload that is older as CSV (RFC 4180), one a row, for a spreadsheet.

What is not plainly visible in a name is written out, and a cell that a spreadsheet would reckon with begins with an
apostrophe: where the exact name matters, take ``ndjson``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import TextIO

from cloudscan.older import Older
from cloudscan.report import ReportOptions
from cloudscan.reports.escape import csv_cell
from cloudscan.retention_reports.rows import COLUMNS, rows


def render(answer: Older, out: TextIO, _: ReportOptions) -> None:
    """Write the rows, with one object in memory."""
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows(answer):
        writer.writerow(_cells(row.values()))


def _cells(values: Iterable[object]) -> Iterator[object]:
    for value in values:
        match value:
            case str():
                yield csv_cell(value)
            case list():
                yield csv_cell("; ".join(value))
            case bool():
                yield "yes" if value else "no"
            case _:
                yield value
