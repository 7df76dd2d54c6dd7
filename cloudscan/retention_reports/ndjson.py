"""Every object, version and unfinished upload that is older as JSON, one a line.

The schema is ``retention-object-1.json``.
"""

from __future__ import annotations

import json
from typing import TextIO

from cloudscan.older import Older
from cloudscan.report import ReportOptions
from cloudscan.retention_reports.rows import rows


def render(answer: Older, out: TextIO, _: ReportOptions) -> None:
    """Write the lines, with one object in memory."""
    write = json.JSONEncoder(ensure_ascii=True, allow_nan=False).encode
    for row in rows(answer):
        out.write(write(row) + "\n")
