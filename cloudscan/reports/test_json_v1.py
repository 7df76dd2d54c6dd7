from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cloudscan.check import Check, World, check
from cloudscan.model import Answer, Coverage, Finding, Job, MediaClass, Severity, Step, Verdict
from cloudscan.provider import Facet
from cloudscan.report import ReportOptions, ScanResult
from cloudscan.reports.json_v1 import JsonReport
from cloudscan.schemas import schema
from cloudscan.testing import ACCOUNT, NOW, gap, speech, store, transcript, world

Analyzed = Callable[..., ScanResult]
HOSTILE = "\x1b[2J\n\u202egpj.exe \udc80 </script> =1+1"
EVIDENCE: dict[str, Any] = {}


@check(
    severity=Severity.HIGH, needs=(Facet.POLICY,), remediation={"aws": "Mend {name}."}, controls=("cis-aws@5.0:2.1.4",)
)
def judged_by_label(self: Check, seen: World) -> Iterator[Finding]:
    """Stores whose label says what to say of them.

    For tests only.
    """
    for held in seen.estate.stores.values():
        path = [Step("anyone", "read", held.id, "the policy says so", "aws:SecureTransport is true", "Sid One")]
        verdict = Verdict((held.labels or {})["verdict"])
        yield self.finding(verdict, held, f"about {held.name}", locator="calls/", path=path, evidence=EVIDENCE)


def _text(result: ScanResult, *, show_passes: bool = False) -> str:
    out = io.StringIO()
    JsonReport().render(result, out, ReportOptions(show_passes=show_passes))
    return out.getvalue()


def _report(result: ScanResult, *, show_passes: bool = False) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(_text(result, show_passes=show_passes))
    Draft202012Validator(schema("report-1")).validate(body)
    return body


def _labelled(name: str, verdict: str) -> Any:
    return store(name, labels={"verdict": verdict})


def test_top_level_has_the_fields_of_the_contract(analyzed: Analyzed) -> None:
    body = _report(analyzed(world(), judged_by_label))
    contract = {"schema", "generated_at", "tool", "scope", "summary", "coverage", "stores", "corpora", "jobs"}
    assert contract | {"findings", "gaps"} <= set(body)
    assert body["schema"] == "cloudscan/report/1"
    assert body["generated_at"] == "2026-11-01T01:00:00Z"
    assert body["now"] == "2026-11-01T00:00:00Z"


def test_empty_estate_is_not_reported_as_covered(analyzed: Analyzed) -> None:
    body = _report(analyzed(world(), judged_by_label))
    assert body["coverage"]["percent"] is None
    assert body["checks"][0]["checked"] == 0
    assert body["summary"]["lower_bound_because"]["hours"] == ["nobody asked for the stores"]
    assert [body[name] for name in ("stores", "corpora", "jobs", "findings", "gaps")] == [[], [], [], [], []]


def test_finding_has_exactly_the_fields_of_the_contract(analyzed: Analyzed) -> None:
    (found,) = _report(analyzed(world(_labelled("calls", "fail")), judged_by_label))["findings"]
    fingerprint = found.pop("fingerprint")
    assert len(fingerprint) == 64
    assert found == {
        "check": "judged-by-label",
        "verdict": "fail",
        "severity": "high",
        "confidence": "high",
        "provider": "aws",
        "account": ACCOUNT,
        "region": "eu-central-1",
        "resource": "arn:aws:s3:::calls",
        "resource_kind": "store",
        "locator": "calls/",
        "message": "about calls",
        "path": [
            {
                "source": "anyone",
                "action": "read",
                "target": "arn:aws:s3:::calls",
                "reason": "the policy says so",
                "condition": "aws:SecureTransport is true",
                "statement": "Sid One",
            }
        ],
        "evidence": {},
        "remediation": "Mend calls.",
        "references": [],
        "controls": ["cis-aws@5.0:2.1.4"],
        "suppressed": None,
    }


def test_passes_are_counted_and_listed_only_when_asked_for(analyzed: Analyzed) -> None:
    stores = [_labelled(name, verdict) for name, verdict in (("a", "fail"), ("b", "unknown"), ("c", "pass"))]
    result = analyzed(world(*stores), judged_by_label)
    body = _report(result)
    assert [found["verdict"] for found in body["findings"]] == ["fail", "unknown"]
    assert {verdict: numbers["high"] for verdict, numbers in body["summary"]["findings"].items()} == {
        "fail": 1,
        "unknown": 1,
        "pass": 1,
    }
    assert [found["verdict"] for found in _report(result, show_passes=True)["findings"]] == ["fail", "unknown", "pass"]


def test_suppressed_finding_is_listed_with_its_reason_and_not_counted(analyzed: Analyzed) -> None:
    rule = {"check": "judged-by-label", "reason": "known", "owner": "ops", "expires": date(2027, 1, 1)}
    body = _report(analyzed(world(_labelled("a", "fail"), policy={"suppressions": [rule]}), judged_by_label))
    assert body["findings"][0]["suppressed"] == "known (ops, until 2027-01-01)"
    assert body["summary"]["findings"]["fail"]["high"] == 0
    assert body["summary"]["suppressed"] == 1


def test_hostile_names_reach_the_reader_whole_and_the_file_as_plain_ascii(analyzed: Analyzed) -> None:
    job = Job(HOSTILE, "aws", ACCOUNT, "eu-central-1", "transcription", HOSTILE, inputs=(HOSTILE,))
    result = analyzed(world(store("calls"), job, gap(HOSTILE, Facet.POLICY)))
    text = _text(result)
    assert text.isascii()
    assert all(line.isprintable() for line in text.split("\n"))
    body = _report(result)
    shown = HOSTILE.replace("\udc80", "\\udc80")
    assert body["jobs"][0]["name"] == body["jobs"][0]["inputs"][0] == body["gaps"][0]["resource"] == shown
    json.dumps(body, ensure_ascii=False).encode("utf-8")


def test_only_recordings_have_hours_and_unknown_lengths_are_told_apart(analyzed: Analyzed) -> None:
    seen = world(
        store("calls"),
        speech("calls", "a/1.wav", seconds=3600, seconds_by="header"),
        speech("calls", "a/2.wav", seconds=1800),
        speech("calls", "a/3.wav", seconds=None),
        transcript("calls", "a/1.json"),
    )
    body = _report(analyzed(seen))
    spoken, written = body["corpora"]
    assert (spoken["hours"], spoken["hours_exact"], spoken["hours_estimated"]) == (1.5, 1.0, 0.5)
    assert spoken["objects_of_unknown_length"] == 1
    assert (written["media"], written["hours"], written["objects_of_unknown_length"]) == ("transcript", None, None)
    assert body["stores"][0]["hours_of_speech"] == body["summary"]["hours_of_speech"] == 1.5
    assert "1 recording of unknown length" in body["summary"]["lower_bound_because"]["hours"]


def test_coverage_is_told_by_facet_and_account_and_never_rounded_up_to_all(analyzed: Analyzed) -> None:
    lines = [
        Coverage("aws", ACCOUNT, Facet.POLICY, 100_000, 99_999),
        Coverage("aws", ACCOUNT, Facet.OBJECTS, 0, 0, 0),
        Coverage("aws", "222222222222", Facet.POLICY, 3, 3, 1),
    ]
    body = _report(analyzed(world(*lines)))
    shares = {(line["account"], line["facet"]): line["percent"] for line in body["coverage"]["facets"]}
    assert shares == {
        (ACCOUNT, "objects"): None,
        (ACCOUNT, "store.policy"): 99.99,
        ("222222222222", "store.policy"): 100.0,
    }
    assert body["coverage"]["percent"] == 99.99
    assert body["coverage"]["limited"] == 1


def test_unknown_facts_are_null_and_answers_are_words(analyzed: Analyzed) -> None:
    first, second = _report(analyzed(world(store("a"), store("b", lifecycle=(), tls_required=Answer.NO))))["stores"]
    assert (first["encryption"], first["versioning"], first["lifecycle_rules"], first["created"]) == (None,) * 4
    assert first["tls_required"] == "unknown"
    assert (second["lifecycle_rules"], second["tls_required"]) == (0, "no")


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, 999, tzinfo=timezone(timedelta(hours=2))), "2026-01-02T01:04:05Z"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00Z"),
        (date(2026, 1, 2), "2026-01-02"),
        (1 / 3, 0.333333),
        (0.1 + 0.2, 0.3),
        (Answer.UNKNOWN, "unknown"),
        (MediaClass.SPEECH, "speech"),
        ({"b", "a"}, ["a", "b"]),
        (("x", ("y", None)), ["x", ["y", None]]),
        ({"deep": {"deeper": frozenset({2, 1})}}, {"deep": {"deeper": [1, 2]}}),
        (True, True),
    ],
)
def test_evidence_is_written_the_same_way_every_time(
    analyzed: Analyzed, monkeypatch: pytest.MonkeyPatch, given: object, written: object
) -> None:
    monkeypatch.setitem(EVIDENCE, "fact", given)
    (found,) = _report(analyzed(world(_labelled("a", "fail")), judged_by_label))["findings"]
    assert found["evidence"] == {"fact": written}


@pytest.mark.parametrize("given", [b"RIFF", object(), store("a")])
def test_evidence_that_is_no_plain_fact_is_refused(
    analyzed: Analyzed, monkeypatch: pytest.MonkeyPatch, given: object
) -> None:
    monkeypatch.setitem(EVIDENCE, "fact", given)
    result = analyzed(world(_labelled("a", "fail")), judged_by_label)
    with pytest.raises(TypeError, match=f"cannot hold a {type(given).__name__}"):
        _text(result)


def test_lists_hold_one_record_a_line(analyzed: Analyzed) -> None:
    result = analyzed(world(*(_labelled(f"s{number}", "fail") for number in range(3)), now=NOW), judged_by_label)
    lines = [line.strip().rstrip(",") for line in _text(result).splitlines()]
    findings = lines[lines.index('"findings": [') + 1 :][:3]
    assert [json.loads(line)["resource"] for line in findings] == [f"arn:aws:s3:::s{number}" for number in range(3)]
