"""Paragraphs: words stay whole, lines stay narrow where words let them."""

from __future__ import annotations

import io

from cloudscan.report import ReportOptions
from cloudscan.reports.page import Page

COMMAND = "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true"


def _put(*words: str, indent: int = 0, width: int = 40) -> list[str]:
    out = io.StringIO()
    Page(out, ReportOptions(width=width)).put(*words, indent=indent)
    return out.getvalue().splitlines()


def test_word_that_is_longer_than_the_line_stays_whole() -> None:
    assert _put(f"turn it on: {COMMAND} and look", indent=4) == [
        "    turn it on:",
        f"    {COMMAND}",
        "    and look",
    ]


def test_lines_break_at_spaces_where_they_are_full() -> None:
    lines = _put("all that is said here goes into lines of forty columns, and none is wider")
    assert lines == ["all that is said here goes into lines of", "forty columns, and none is wider"]


def test_wide_characters_count_for_the_columns_that_they_take() -> None:
    assert _put("録音 録音 録音 録音 録音", width=25) == ["録音 録音 録音 録音 録音"]
    assert _put("録音 録音 録音 録音 録音", width=23) == ["録音 録音 録音 録音", "録音"]
