"""Progress says how much is done and seen, and claims no time left before anything is done."""

from __future__ import annotations

import io

import pytest

from cloudscan.collection.run import Seen
from cloudscan.commands.progress import NowAndThen, StderrProgress
from cloudscan.provider import Plan, Unit


def test_what_is_seen_is_told_before_anything_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cloudscan.commands.progress._EVERY", 0.0)
    stream = io.StringIO()
    with StderrProgress(stream) as progress:
        progress.advanced(0, 3, Seen(objects=1200, records=7, gaps=1), "111111111111 calls")
    assert stream.getvalue() == "0 of 3 parts, 1,200 objects, 7 records, 1 gap; now 111111111111 calls\n"


def test_the_last_part_is_always_told() -> None:
    stream = io.StringIO()
    with StderrProgress(stream) as progress:
        progress.advanced(1, 2, Seen(), "a")
        progress.advanced(2, 2, Seen(records=1), "\x1b[31mb")
    assert stream.getvalue() == "2 of 2 parts, 0 objects, 1 record, 0 gaps\n"


def test_whoever_goes_on_is_told_that_counts_are_of_this_run() -> None:
    stream = io.StringIO()
    with StderrProgress(stream) as progress:
        progress.planned("aws", Plan([Unit("a", "a", list), Unit("b", "b", list)], []), 1)
        progress.advanced(1, 1, Seen(records=1), "b")
    assert stream.getvalue().endswith("1 of 1 part, 0 objects, 1 record, 0 gaps in this run\n")


def test_that_accounts_and_stores_are_looked_for_is_told_at_once() -> None:
    stream = io.StringIO()
    with StderrProgress(stream) as progress:
        progress.planning("gcp")
    assert stream.getvalue() == "gcp: looking for accounts and stores\n"


def test_a_long_question_is_told_of_now_and_then_and_a_short_one_never() -> None:
    stream = io.StringIO()
    seconds = iter((100.0, 101.0, 109.9, 110.0, 112.0, 121.0))
    progress = NowAndThen(stream, lambda: next(seconds))
    for place in range(5):
        progress.tell(f"at {place}")
    assert stream.getvalue() == "at 2\nat 4\n"
