"""What a person is told of a cut: how far to trust it, and what each number counts."""

from __future__ import annotations

import io

from cloudscan.access import Cut, Removal
from cloudscan.answers import Asked, ToCut
from cloudscan.estate import Estate
from cloudscan.lookup import Target
from cloudscan.model import Account
from cloudscan.policy import Policy
from cloudscan.reach_reports.terminal import render
from cloudscan.report import ReportOptions
from cloudscan.testing import ACCOUNT, store


def _told(cut: Cut, *, every: bool = False) -> str:
    estate = Estate.of([Account(ACCOUNT, "aws"), store("calls")])
    answer = ToCut(Asked(estate, Policy()), Target(store("calls")), (), cut, derived=True)
    out = io.StringIO()
    render(answer, out, ReportOptions(width=120, every=every))
    return " ".join(out.getvalue().split())


def _removals(*gone: int | None) -> tuple[Removal, ...]:
    return tuple(Removal(f"statement {place}", each, "read") for place, each in enumerate(gone, start=1))


def test_readers_that_were_not_counted_at_each_statement_are_told_for_those_together() -> None:
    told = _told(Cut(_removals(9, None, 4, None, None, 3), 16))
    assert "1. statement 1 (read): 9 readers gone 2. statement 2 (read) 3." in told
    assert "3. statement 3 (read): 4 readers gone with 2 to 3 4." in told
    assert "6. statement 6 (read): 3 readers gone with 4 to 6" in told


def test_of_many_statements_the_first_are_named_and_the_rest_is_counted() -> None:
    cut = Cut(_removals(*[1] * 40), 40, fewest=False)
    told = _told(cut)
    assert "take away 40 statements (a smaller set may do it)" in told
    assert "30. statement 30" in told
    assert "31. statement 31" not in told
    assert "and 10 more (--all names them)" in told
    assert "40. statement 40" in _told(cut, every=True)
