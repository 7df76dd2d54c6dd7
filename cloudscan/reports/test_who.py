"""Who reads each store, in the terminal report and its headline."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cloudscan.access import Edge, Grant
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import Test, Unseen
from cloudscan.access.patterns import Pattern
from cloudscan.model import ANYONE, Action, Coverage, MediaClass, MediaObject, Principal
from cloudscan.provider import Facet
from cloudscan.report import ReportOptions, ScanResult
from cloudscan.reports.json_v1 import JsonReport
from cloudscan.reports.terminal import TerminalReport
from cloudscan.testing import ACCOUNT, edge, grant, speech, store, world

Analyzed = Callable[..., ScanResult]
CARA, AGENT, CI = (f"arn:aws:iam::{ACCOUNT}:{name}" for name in ("user/cara", "role/agent", "role/ci"))
SECOND_FACTOR = Test("aws:MultiFactorAuthPresent", Operator.EQUALS, (Pattern(("true",)),))
ASKED = [Coverage("aws", ACCOUNT, facet, 1, 1) for facet in (Facet.STORES, Facet.OBJECTS, Facet.POLICY)]


def _reads(name: str, target: str = "calls", **facts: Any) -> Grant:
    return grant(name, Action.READ, target, media=MediaClass.SPEECH, objects=1, seconds=60.0, **facts)


def _result(analyzed: Analyzed, *derived: Grant | Edge | MediaObject | Principal) -> ScanResult:
    known = Principal(AGENT, "aws", ACCOUNT, "role", "agent")
    return analyzed(world(store("calls"), speech("calls", "a.wav"), known, *ASKED, *derived))


def _section(result: ScanResult) -> str:
    out = io.StringIO()
    TerminalReport().render(result, out, ReportOptions(width=100))
    return " ".join(out.getvalue().partition("Who can read it")[2].partition("Checks ─")[0].split())


def test_readers_are_named_by_the_way_they_come_with_whom_they_pass_and_under_what(analyzed: Analyzed) -> None:
    change = edge(CI, "iam:CreateAccessKey", CARA, changes=True)
    steps = edge(CARA, "assume-role", AGENT, condition=SECOND_FACTOR)
    said = _section(_result(analyzed, _reads(AGENT), steps, change))
    assert "calls: 3 readers: 1 directly · 1 by steps · 1 by changing the cloud · 2 only under a condition" in said
    assert "directly role/agent by steps user/cara (assume-role → role/agent)" in said
    assert "if aws:MultiFactorAuthPresent is true (for assume-role to role/agent)" in said
    assert "by change role/ci (iam:CreateAccessKey → user/cara, assume-role → role/agent)" in said
    assert "cloudscan reach SNAPSHOT --to STORE" in said


def test_what_has_an_id_that_tells_nothing_is_called_by_its_name(analyzed: Analyzed) -> None:
    place = "/subscriptions/5ab5c819-0000-4000-8000-000000000001/resourcegroups/voice/providers/x/containers/calls"
    ana, ben, twin = (f"entra:4f9dd65c-4e3d-4ab3-8261-b8e56211af3{each}" for each in range(3))
    people = [Principal(ana, "azure", "t", "user", "ana@acme.example")]
    people += [Principal(one, "azure", "t", "service-account", "app") for one in (ben, twin)]
    stores = replace(store("calls"), id=place, name="acmevoice/calls")
    reads = [replace(_reads(who), store=place) for who in (ana, ben)]
    whole = io.StringIO()
    result = analyzed(world(stores, speech("calls", "a.wav")._replace(store=place), *people, *reads, *ASKED))
    TerminalReport().render(result, whole, ReportOptions(width=100))
    assert "acmevoice/calls: 2 readers: 2 directly" in (said := _section(result))
    assert f"directly ana@acme.example; app ({ben})" in said
    (line,) = (line for line in whole.getvalue().splitlines() if line.startswith("acmevoice/calls  "))
    assert line.split() == ["acmevoice/calls", "<0.1", "1", "0"]


def test_of_many_the_first_are_named_and_the_rest_counted(analyzed: Analyzed) -> None:
    said = _section(_result(analyzed, *(_reads(f"arn:aws:iam::{ACCOUNT}:role/r{each:02}") for each in range(12))))
    assert "calls: 12 readers: 12 directly directly role/r00; role/r01; role/r02; and 9 more" in said


def test_who_may_read_if_something_unseen_is_so_is_no_reader_and_not_left_out(analyzed: Analyzed) -> None:
    doubt = Unseen("the bucket policy was not read")
    assert "calls: 1 principal perhaps" in _section(_result(analyzed, _reads(AGENT, condition=doubt)))
    both = _section(_result(analyzed, _reads(AGENT, condition=doubt), _reads(ANYONE)))
    assert "calls: 1 reader: 1 directly · 1 more unknown directly anyone on the Internet" in both
    assert "calls: no reader seen" in _section(_result(analyzed))


def test_a_way_that_is_known_is_told_before_one_that_is_not(analyzed: Analyzed) -> None:
    derived = (_reads(CARA, condition=Unseen("it was not read")), edge(CARA, "assume-role", AGENT), _reads(AGENT))
    said = _section(_result(analyzed, *derived))
    assert "2 readers: 1 directly · 1 by steps" in said
    assert "directly role/agent by steps user/cara (assume-role → role/agent)" in said


@pytest.mark.parametrize(
    ("derived", "said"),
    [
        ((_reads(AGENT),), "1 principal can read recordings"),
        ((_reads(AGENT), edge(CARA, "assume-role", AGENT)), "1 principal can read recordings, 1 more by steps"),
        ((_reads(CI, by="s3:PutBucketPolicy", changes=True),), "1 principal can read recordings, by steps only"),
        ((_reads(ANYONE), edge(ANYONE, "cognito-guest", AGENT), _reads(AGENT)), "1 principal can read recordings"),
        ((_reads(AGENT, condition=Unseen("it was not read")),), "nobody can read recordings"),
    ],
)
def test_the_headline_tells_direct_readers_from_those_by_steps(
    analyzed: Analyzed, derived: tuple[Grant | Edge, ...], said: str
) -> None:
    out = io.StringIO()
    TerminalReport().render(_result(analyzed, *derived), out, ReportOptions(width=100))
    assert f"Readers   {said}\n" in out.getvalue()


STAFF, KIM, LEE = "group:staff@acme.example", "user:kim@acme.example", "user:lee@acme.example"


def _with_group(analyzed: Analyzed, members: tuple[str, ...] | None, *reading: str) -> tuple[ScanResult, str]:
    group = Principal(STAFF, "gcp", "", "group", "staff", members=members)
    result = _result(analyzed, *map(_reads, (STAFF, *reading)), group)
    out = io.StringIO()
    TerminalReport().render(result, out, ReportOptions(width=100))
    return result, " ".join(out.getvalue().split())


def test_a_group_counts_once_as_whoever_is_in_it(analyzed: Analyzed) -> None:
    result, said = _with_group(analyzed, (KIM, LEE), KIM, LEE, AGENT)
    assert "Readers 3 principals can read recordings" in said
    assert "calls: 3 readers: 3 directly directly role/agent; user:kim@acme.example; user:lee@acme.example" in said
    assert (result.summary.principals_with_read, result.summary.principals_at_least) == (3, False)
    assert "Readers 2 principals can" in _with_group(analyzed, (KIM, LEE))[1], "of whom no grant speaks"
    assert f"calls: 2 readers: 2 directly directly {STAFF}" in _with_group(analyzed, (KIM, LEE))[1]
    assert "nobody can read recordings" in _with_group(analyzed, ())[1]


def test_a_group_that_was_not_read_makes_readers_the_least_and_hides_nobody_else(analyzed: Analyzed) -> None:
    result, said = _with_group(analyzed, None, KIM, AGENT)
    assert "Readers at least 3 principals can read recordings none readable by anyone at all" in said
    assert "not counted: who else is in groups or domains whose members were not read" in said
    assert "calls: at least 3 readers: 3 directly" in said
    told = io.StringIO()
    JsonReport().render(result, told, ReportOptions())
    report = json.loads(told.getvalue())
    assert report["summary"]["principals_at_least"]
    assert report["summary"]["lower_bound_because"]["access"]
    assert [one["readers"]["at_least"] for one in report["stores"]] == [True]
