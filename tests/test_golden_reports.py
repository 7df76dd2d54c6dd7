"""The reports on the golden world, byte for byte.

After a change of a format that is meant, look at the new files and keep them::

    CLOUDSCAN_REGENERATE=1 pytest tests/test_golden_reports.py

The version of cloudscan is the one thing in them that changes by itself; the files say VERSION for it.
"""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from cloudscan import __version__
from cloudscan.model import Verdict
from cloudscan.report import Report, ReportOptions
from cloudscan.reports.json_v1 import JsonReport
from cloudscan.reports.terminal import TerminalReport
from cloudscan.schemas import schema
from tests.golden_world import result

GOLDEN = Path(__file__).parent.parent / "fixtures" / "golden"
REPORTS = pytest.mark.parametrize(("name", "report"), [("report.json", JsonReport()), ("report.txt", TerminalReport())])


def _rendered(report: Report, shuffle: int | None = None) -> str:
    out = io.StringIO()
    report.render(result(shuffle=shuffle), out, ReportOptions(width=80))
    return out.getvalue()


@REPORTS
def test_report_is_the_golden_one(name: str, report: Report) -> None:
    text = _rendered(report).replace(f"cloudscan {__version__}", "cloudscan VERSION")
    text = text.replace(f'"version": "{__version__}"', '"version": "VERSION"')
    if os.environ.get("CLOUDSCAN_REGENERATE"):
        (GOLDEN / name).write_text(text, encoding="utf-8", newline="\n")
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


@REPORTS
@pytest.mark.parametrize("shuffle", [1, 2, 3])
def test_order_of_what_was_collected_changes_no_byte(name: str, report: Report, shuffle: int) -> None:
    assert _rendered(report, shuffle) == _rendered(report)


def test_golden_json_report_keeps_the_schema() -> None:
    body = json.loads(_rendered(JsonReport()))
    Draft202012Validator(schema("report-1")).validate(body)
    full = [name for name in ("stores", "corpora", "jobs", "findings", "gaps", "notes", "checks") if body[name]]
    assert full == ["stores", "corpora", "jobs", "findings", "gaps", "notes", "checks"]


def test_golden_world_has_every_verdict() -> None:
    seen = result()
    assert {found.verdict for found in seen.findings} == set(Verdict)
    assert any(found.suppressed for found in seen.findings)
    assert any(not line.checked for line in seen.counts)
