from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from rich.cells import cell_len

from cloudscan.access import ALWAYS, Decision, Grant, shown
from cloudscan.access.conditions import Unseen
from cloudscan.check import Check, World, check
from cloudscan.model import (
    ANYONE,
    Action,
    Coverage,
    Finding,
    Gap,
    Job,
    MediaClass,
    Principal,
    Record,
    Severity,
    Step,
    Verdict,
    Why,
)
from cloudscan.provider import Facet
from cloudscan.report import ReportOptions, ScanResult
from cloudscan.reports.page import Page
from cloudscan.reports.terminal import TerminalReport, put_path
from cloudscan.testing import ACCOUNT, gap, speech, store, transcript, world

Analyzed = Callable[..., ScanResult]
HOSTILE = "\x1b[2J\x1b]0;owned\x07\nPASSED everything\r\u202egpj.exe [red]x[/red] :boom: \udc80"
PATHS: dict[str, tuple[Step, ...]] = {}


@check(
    severity=Severity.HIGH,
    needs=(Facet.LIFECYCLE,),
    remediation={"aws": "aws s3api put-it --bucket {name}\nSecond line."},
)
def judged_by_label(self: Check, seen: World) -> Iterator[Finding]:
    """Stores whose label says what to say of them.

    For tests only.
    """
    for held in seen.estate.stores.values():
        verdict = Verdict((held.labels or {}).get("verdict", "pass"))
        reason = "the rules could not be read" if verdict is Verdict.UNKNOWN else f"a sentence about {held.name}"
        yield self.finding(verdict, held, reason, path=PATHS.get(held.name, ()))


@check(severity=Severity.LOW, needs=(Facet.JOBS,), remediation={"aws": "Mend {name}."})
def hostile_job(self: Check, seen: World) -> Iterator[Finding]:
    """Jobs, all of them.

    For tests only.
    """
    for job in seen.estate.jobs.values():
        yield self.fail(job, f"the job {job.name} is wrong", locator=job.name)


def _text(result: ScanResult, *, width: int = 80, color: bool = False, show_passes: bool = False) -> str:
    out = io.StringIO()
    TerminalReport().render(result, out, ReportOptions(show_passes=show_passes, color=color, width=width))
    return out.getvalue()


def _flat(text: str) -> str:
    """Undo the line breaks of wrapping, so that sentences can be looked for."""
    return " ".join(text.split())


def _labelled(name: str, verdict: str) -> Any:
    return store(name, labels={"verdict": verdict})


def _asked(*facets: Facet) -> list[Coverage]:
    return [Coverage("aws", ACCOUNT, facet, 1, 1) for facet in facets]


def _busy_world() -> World:
    things: list[Record | Gap | Any] = [
        _labelled("calls", "fail"),
        _labelled("archive", "unknown"),
        _labelled("web", "pass"),
        speech("calls", "a.wav", seconds=7200),
        transcript("archive", "a.json"),
        Job(HOSTILE, "aws", ACCOUNT, "eu-central-1", "transcription", HOSTILE),
        gap("arn:aws:s3:::archive", Facet.LIFECYCLE, permission="s3:GetLifecycleConfiguration"),
        *_asked(Facet.STORES, Facet.OBJECTS),
        Coverage("aws", ACCOUNT, Facet.LIFECYCLE, 3, 2),
    ]
    return world(*things)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_asked(analyzed: Analyzed, width: int) -> None:
    lines = _text(analyzed(_busy_world(), judged_by_label, hostile_job), width=width).split("\n")
    assert max(map(cell_len, lines)) <= width


def test_no_line_ends_in_spaces(analyzed: Analyzed) -> None:
    lines = _text(analyzed(_busy_world(), judged_by_label, hostile_job)).split("\n")
    assert [line for line in lines if line != line.rstrip()] == []


def test_color_adds_nothing_but_color(analyzed: Analyzed) -> None:
    result = analyzed(_busy_world(), judged_by_label, hostile_job)
    plain, colored = _text(result), _text(result, color=True)
    assert "\x1b" not in plain
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


def test_hostile_names_do_nothing_but_stand_there(analyzed: Analyzed) -> None:
    text = _text(analyzed(_busy_world(), hostile_job))
    assert all(line.isprintable() for line in text.split("\n"))
    assert not [line for line in text.split("\n") if line.strip().startswith("PASSED")]
    assert "[red]x[/red] :boom: \\udc80" in _flat(text)
    text.encode("utf-8")


def test_output_without_unicode_still_says_everything(analyzed: Analyzed, monkeypatch: pytest.MonkeyPatch) -> None:
    step = Step("anyone", "read", "arn:aws:s3:::calls", "the policy lets everybody read")
    monkeypatch.setitem(PATHS, "calls", (step,))
    seen = world(_labelled("calls", "fail"), speech("calls", "a.wav"), Job("音声", "aws", ACCOUNT, "", "x", "音声"))
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    TerminalReport().render(analyzed(seen, judged_by_label, hostile_job), out, ReportOptions(width=80))
    out.flush()
    text = raw.getvalue().decode("ascii")
    assert "-> read -> arn:aws:s3:::calls: the policy lets everybody read" in text
    assert "\\u97f3\\u58f0" in text


def test_output_that_is_no_terminal_has_a_fixed_width(analyzed: Analyzed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "33")
    out = io.StringIO()
    TerminalReport().render(analyzed(_busy_world(), judged_by_label), out, ReportOptions())
    assert max(len(line) for line in out.getvalue().split("\n")) == 100


def test_estate_without_stores_says_so_and_is_not_green(analyzed: Analyzed) -> None:
    result = analyzed(world(*_asked(Facet.STORES)), judged_by_label)
    text = _text(result)
    assert "no recordings found" in text
    assert "no stores seen" in text
    assert "0 checked" in text
    assert text.rstrip().endswith("nothing was checked · coverage 100%")
    assert "\x1b[1;32m" not in _text(result, color=True)


def test_result_of_no_question_and_no_check_says_so(analyzed: Analyzed) -> None:
    text = _text(analyzed(world()))
    assert "no recordings seen, but not everything was seen" in text
    assert "nobody asked for the stores" in text
    assert "no check was run" in text
    assert text.rstrip().endswith("nothing was checked · nothing was asked")


@pytest.mark.parametrize(
    ("verdict", "answered", "green"),
    [("pass", 3, True), ("pass", 2, False), ("unknown", 3, False), ("fail", 3, False)],
)
def test_only_a_clean_and_whole_result_is_green(analyzed: Analyzed, verdict: str, answered: int, green: bool) -> None:
    seen = world(_labelled("calls", verdict), Coverage("aws", ACCOUNT, Facet.STORES, 3, answered))
    assert ("\x1b[1;32m" in _text(analyzed(seen, judged_by_label), color=True)) is green


def test_failure_shows_severity_check_message_path_and_first_line_of_the_fix(
    analyzed: Analyzed, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Step("role/admin", "assume", "role/agent", "the trust policy names it", "MFA is true", "Sid A")
    second = Step("role/agent", "read", "arn:aws:s3:::calls", "an identity policy allows it")
    apart = Step("key/1", "decrypt", "arn:aws:s3:::calls", "the key policy allows it")
    monkeypatch.setitem(PATHS, "calls", (first, second, apart))
    text = _text(analyzed(world(_labelled("calls", "fail")), judged_by_label))
    expected = """\
arn:aws:s3:::calls
store · 111111111111 · eu-central-1
HIGH      judged-by-label
          a sentence about calls
          role/admin
          → assume → role/agent: the trust policy names it
            if MFA is true
            statement: Sid A
            → read → arn:aws:s3:::calls: an identity policy allows it
          key/1
          → decrypt → arn:aws:s3:::calls: the key policy allows it
          fix: aws s3api put-it --bucket calls …
"""
    assert expected in text
    assert "cloudscan checks show" in text


def test_many_unknowns_of_one_check_are_one_line_with_the_permission(analyzed: Analyzed) -> None:
    names = [f"s{number:02}" for number in range(40)]
    gaps = [gap(f"arn:aws:s3:::{name}", Facet.LIFECYCLE, permission="s3:GetLifecycleConfiguration") for name in names]
    text = _text(analyzed(world(*(_labelled(name, "unknown") for name in names), *gaps), judged_by_label), width=200)
    lines = [line for line in text.split("\n") if "judged-by-label on" in line]
    said = "judged-by-label on 40 resources: the rules could not be read; to know: grant s3:GetLifecycleConfiguration"
    assert lines == [f"high      {said}"]
    assert "Get 40 times: arn:aws:s3:::s00, arn:aws:s3:::s01, arn:aws:s3:::s02 and 37 more;" in text
    assert len(text.split("\n")) < 40


def test_passes_are_listed_only_when_asked_for(analyzed: Analyzed) -> None:
    result = analyzed(world(_labelled("web", "pass")), judged_by_label)
    assert "a sentence about web" not in _text(result)
    assert "judged-by-label arn:aws:s3:::web: a sentence about web" in _text(result, show_passes=True)


def test_suppressed_failure_is_counted_and_not_listed(analyzed: Analyzed) -> None:
    rule = {"check": "judged-by-label", "reason": "known", "owner": "ops", "expires": date(2027, 1, 1)}
    text = _text(analyzed(world(_labelled("calls", "fail"), policy={"suppressions": [rule]}), judged_by_label))
    assert "a sentence about calls" not in text
    assert "0 failed · 0 unknown · 0 passed · 1 suppressed" in text


def test_check_that_found_nothing_to_check_says_0_checked(analyzed: Analyzed) -> None:
    text = _text(analyzed(world(_labelled("web", "pass")), judged_by_label, hostile_job))
    rows = {line.split()[0]: line.split()[1:] for line in text.split("\n") if line.startswith(("hostile", "judged"))}
    assert rows == {
        "hostile-job": ["low", "0", "0", "0", "0", "checked"],
        "judged-by-label": ["high", "0", "0", "1", "1"],
    }


ROLE = Principal("role/agent", "aws", ACCOUNT, "role", "agent")
WHOLE = _asked(Facet.STORES, Facet.OBJECTS, Facet.POLICY, Facet.PRINCIPALS)
RECORDED: list[Any] = [store("calls"), speech("calls", "a.wav", seconds=7200)]


def _grant(principal: str, decision: Decision) -> Grant:
    return Grant(principal, Action.READ, "arn:aws:s3:::calls", decision, shown(), MediaClass.SPEECH, 1, 1, 7200.0)


@pytest.mark.parametrize(
    ("things", "said", "unsaid"),
    [
        ([*WHOLE, ROLE], ["2.0 hours in 1 recording", "nobody can read", "none readable by anyone"], "at least"),
        (
            [*WHOLE, ROLE, _grant("role/agent", Decision(ALWAYS)), _grant(ANYONE, Decision(ALWAYS))],
            ["1 principal can read recordings", "2.0 hours readable by anyone"],
            "at least",
        ),
        (
            [*WHOLE, ROLE, _grant(ANYONE, Decision(Unseen("the policy was not seen")))],
            ["2.0 hours perhaps readable by anyone"],
            "none readable",
        ),
        ([*WHOLE], ["unknown who can read recordings", "no principals were collected"], "nobody can read"),
        (
            [*WHOLE, ROLE, gap("arn:aws:s3:::calls", Facet.POLICY), _grant("role/agent", Decision(ALWAYS))],
            ["at least 1 principal can read", "unknown whether anyone", "1 question about access without an answer"],
            "none readable",
        ),
        (
            [ROLE, *_asked(Facet.STORES, Facet.OBJECTS)],
            ["unknown whether anyone at all can read", "nobody asked for the stores' policies"],
            "none readable",
        ),
        (
            [*WHOLE, ROLE, speech("calls", "b.wav", seconds=None)],
            ["at least 2.0 hours in 2 recordings", "not counted: 1 recording of unknown length"],
            "all of it exact",
        ),
        (
            [*WHOLE, ROLE, gap("arn:aws:s3:::calls", Facet.OBJECTS, Why.LIMIT)],
            ["at least 2.0 hours", "1 list of objects not seen in full"],
            "no recordings",
        ),
    ],
)
def test_headline_says_what_is_known_and_no_more(
    analyzed: Analyzed, things: list[Any], said: list[str], unsaid: str
) -> None:
    headline = _flat(_text(analyzed(world(*RECORDED, *things), judged_by_label)).split("Verdicts")[0])
    assert [words for words in said if words not in headline] == []
    assert unsaid not in headline


@pytest.mark.parametrize(
    ("recordings", "said"),
    [
        ([("a.wav", None, "unknown")], "1 recording, of unknown length"),
        ([("a.wav", 7200, "header")], "all of it exact, from headers"),
        ([("a.wav", 7200, "estimate")], "all of it estimated"),
        ([("a.wav", 7200, "typical-rate")], "all of it guessed"),
        ([("a.wav", 3600, "header"), ("b.wav", 3600, "estimate")], "1.0 hours exact, from"),
    ],
)
def test_headline_says_how_the_hours_are_known(analyzed: Analyzed, recordings: list[Any], said: str) -> None:
    objects = [speech("calls", key, seconds=seconds, seconds_by=method) for key, seconds, method in recordings]
    assert said in _flat(_text(analyzed(world(store("calls"), *objects, *WHOLE, ROLE))))


def test_stores_with_most_speech_are_named_and_the_rest_counted(analyzed: Analyzed) -> None:
    names = [f"s{number:02}" for number in range(13)]
    objects = [speech(name, "a.wav", seconds=3600 * (number + 1)) for number, name in enumerate(names)]
    text = _text(analyzed(world(*(store(name) for name in names), *objects)))
    shown = re.findall(r"^arn:aws:s3:::(s\d\d) +(\S+)", text, re.MULTILINE)
    assert shown[0] == ("s12", "13.0")
    assert len(shown) == 10
    assert "and 3 more stores with less" in text


def test_coverage_names_what_was_not_answered_and_what_was_limited(analyzed: Analyzed) -> None:
    lines = [
        Coverage("aws", ACCOUNT, Facet.STORES, 2, 2),
        Coverage("aws", ACCOUNT, Facet.LIFECYCLE, 8, 5),
        Coverage("aws", "222222222222", Facet.LIFECYCLE, 2, 2),
        Coverage("aws", ACCOUNT, Facet.OBJECTS, 8, 8, 3),
    ]
    text = _text(analyzed(world(*lines)))
    rows = [line.split() for line in text.split("\n") if line.startswith(("objects", "store.lifecycle"))]
    assert rows == [["objects", "8", "8", "3"], ["store.lifecycle", "10", "7", "0"]]
    assert "answered in full: stores (2)" in text
    assert text.rstrip().endswith("coverage 85%")


def test_a_step_that_is_no_call_has_no_blank_in_its_place() -> None:
    out = io.StringIO()
    page = Page(out, ReportOptions())
    put_path(page, [Step("ana", "", "vault", "a secret of vault may hold a key", "", "")])
    assert f"{page.arrow.lstrip()}vault: a secret" in out.getvalue()
