"""From findings to a result: suppressions, baselines, sums, and a check that fails by itself."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

from cloudscan.access import ALWAYS, NEVER, Decision, Grant, Test, shown
from cloudscan.access.comparisons import Operator
from cloudscan.check import Check, World, check
from cloudscan.estate import Estate
from cloudscan.model import (
    ANYONE,
    ANYONE_SIGNED_IN,
    Account,
    Action,
    Answer,
    Confidence,
    Coverage,
    Evidence,
    Finding,
    MediaClass,
    Severity,
    Verdict,
)
from cloudscan.policy.file import Policy, parse_policy
from cloudscan.provider import Facet, Provider
from cloudscan.report import ScanResult
from cloudscan.scan import analyze, needed_facets, summarize
from cloudscan.tables.objects import ObjectTable
from cloudscan.testing import NOW, speech, store, world

WORDS = {"aws": "fix {name}", "gcp": "fix it", "azure": "fix it"}


@check(severity=Severity.HIGH, needs=(Facet.OBJECTS,), remediation=WORDS)
def everything_wrong(self: Check, world: World) -> Iterator[Finding]:
    """Everything.

    For tests.
    """
    for held in world.estate.stores_with(MediaClass.SPEECH):
        yield self.fail(held, "wrong")


@check(severity=Severity.LOW, needs=(Facet.LIFECYCLE,), remediation=WORDS)
def broken(self: Check, world: World) -> Iterator[Finding]:
    """A fault.

    For tests.
    """
    yield self.passed(world.estate.stores["nowhere"], "never")


ESTATE = Estate.of([store("calls"), store("other")], (), ObjectTable(rows=[speech("calls", "a"), speech("other", "b")]))


def judged(policy: Policy | None = None, baseline: frozenset[str] = frozenset(), when: datetime = NOW) -> ScanResult:
    decided = policy or Policy()
    return analyze(ESTATE, [], [everything_wrong], decided, now=when, generated_at=NOW, baseline=baseline)


def suppression(expires: str, resource: str = "*calls") -> Policy:
    rule = {"check": "everything-*", "resource": resource, "reason": "moving", "owner": "ana", "expires": expires}
    return parse_policy({"suppressions": [rule]})


def test_an_accepted_finding_does_not_count() -> None:
    result = judged(suppression("2027-01-01"))
    assert [found.resource for found in result.at_or_above(Severity.LOW)] == ["arn:aws:s3:::other"]
    assert result.findings[0].suppressed == "moving (ana, until 2027-01-01)"
    assert result.counts[0].suppressed == 1
    assert not any("suppression" in note for note in result.notes)


def test_an_expired_suppression_hides_nothing_and_is_told_of() -> None:
    result = judged(suppression("2026-01-01"))
    assert len(result.at_or_above(Severity.LOW)) == 2
    assert "expired on 2026-01-01" in result.notes[-1]


def test_a_suppression_that_matches_nothing_is_told_of() -> None:
    assert judged(suppression("2027-01-01", "*nowhere")).notes[-1].endswith("matched nothing")


def test_a_suppression_of_a_check_that_was_not_run_says_so() -> None:
    rule = {"check": "nothing-wrong", "reason": "moving", "owner": "ana", "expires": "2027-01-01"}
    assert judged(parse_policy({"suppressions": [rule]})).notes[-1].endswith("matched nothing: no such check was run")


def test_a_retired_name_of_a_check_suppresses_and_grades_it() -> None:
    renamed = replace(everything_wrong, aliases=("all-wrong",))
    rule = {"check": "all-wrong", "reason": "moving", "owner": "ana", "expires": "2027-01-01"}
    decided = parse_policy({"suppressions": [rule], "severity": {"all-wrong": "low"}})
    result = analyze(ESTATE, [], [renamed], decided, now=NOW, generated_at=NOW)
    assert {(found.suppressed is None, found.severity) for found in result.findings} == {(False, Severity.LOW)}


def test_what_is_in_the_baseline_does_not_count() -> None:
    known = frozenset(found.fingerprint for found in judged().findings[:1])
    assert len(judged(baseline=known).at_or_above(Severity.LOW)) == 1


def test_a_severity_can_be_graded_differently() -> None:
    graded = judged(parse_policy({"severity": {"everything-wrong": "low"}}))
    assert graded.at_or_above(Severity.HIGH) == []


def test_a_suspicion_is_not_taken_for_a_recording_without_saying_so() -> None:
    sure, suspected = speech("calls", "a.wav"), speech("calls", "b.gsm", settled_by=Evidence.SUSPICION)
    results = [
        analyze(world(store("calls"), *rows).estate, [], [everything_wrong], Policy(), now=NOW, generated_at=NOW)
        for rows in ((sure,), (sure, suspected), (suspected,))
    ]
    known, mixed, doubtful = (result.findings[0] for result in results)
    assert "recordings_only_suspected" not in known.evidence
    assert (mixed.evidence["recordings_only_suspected"], mixed.confidence) == (1, known.confidence)
    assert doubtful.confidence is Confidence.LOW
    assert "only suspected" in doubtful.message
    assert known.fingerprint == doubtful.fingerprint


def test_finding_says_which_transcripts_are_only_suspected() -> None:
    text = speech("calls", "a.docx", media=MediaClass.TRANSCRIPT, settled_by=Evidence.SUSPICION)
    sound = [
        speech("calls", name, settled_by=by) for name, by in (("a.wav", Evidence.NAME), ("a.gsm", Evidence.SUSPICION))
    ]
    results = [
        analyze(world(store("calls"), text, one).estate, [], [everything_wrong], Policy(), now=NOW, generated_at=NOW)
        for one in sound
    ]
    known, doubtful = (result.findings[0] for result in results)
    assert known.evidence["transcripts_only_suspected"] == doubtful.evidence["transcripts_only_suspected"] == 1
    assert "recordings_only_suspected" not in known.evidence
    assert "only suspected" not in known.message
    assert "that these are recordings or transcripts is only suspected" in doubtful.message


def test_fingerprints_hang_on_what_a_finding_is_about_and_nothing_else() -> None:
    early, late = judged(), judged(when=datetime(2030, 1, 1, tzinfo=UTC))
    assert [found.fingerprint for found in early.findings] == [found.fingerprint for found in late.findings]
    assert len({found.fingerprint for found in early.findings}) == 2


def test_a_check_that_fails_by_itself_gives_no_verdict_and_takes_none_from_the_others() -> None:
    estate = world(Account("111111111111", "aws"), store("calls"), speech("calls", "a")).estate
    result = analyze(estate, [], [broken, everything_wrong], Policy(), now=NOW, generated_at=NOW)
    assert [(found.check, found.verdict) for found in result.findings] == [
        ("everything-wrong", Verdict.FAIL),
        ("broken", Verdict.UNKNOWN),
    ]
    (crash,) = result.crashes
    assert str(crash).startswith("the check broken failed by itself (KeyError at broken, line ")
    assert "Traceback" in crash.traceback
    assert [(line.check.id, line.crashed, line.checked) for line in result.counts] == [
        ("broken", True, 0),
        ("everything-wrong", False, 1),
    ]
    assert result.notes[0].startswith(str(crash))
    assert analyze(ESTATE, [], [everything_wrong], Policy(), now=NOW, generated_at=NOW).crashes == []


def test_a_remedy_quotes_hostile_names_for_the_shell() -> None:
    (found,) = everything_wrong.run(world(store("a; rm -rf ~"), speech("a; rm -rf ~", "x")))
    assert found.remediation == "fix 'a; rm -rf ~'"


def test_what_nobody_decided_on_is_among_the_notes() -> None:
    assert judged().notes == ["no retention rule speaks of 2 recordings in 2 stores: their age is judged by nothing"]
    assert judged(parse_policy({"retention": [{"max_days": 9}]})).notes == []


def test_labels_are_asked_only_when_the_policy_uses_them() -> None:
    labelled = parse_policy({"retention": [{"labels": {"desk": "a"}, "max_days": 1}]})
    assert Facet.LABELS not in needed_facets([everything_wrong], Policy())
    assert Facet.LABELS in needed_facets([everything_wrong], labelled)
    assert Facet.KEYS not in needed_facets([everything_wrong], Policy())
    kept = {Facet.UPLOADS, Facet.DELETED}
    assert kept.isdisjoint(needed_facets([everything_wrong], Policy()))
    assert kept <= needed_facets([everything_wrong], Policy(), versions=True)


def test_no_question_asked_is_no_coverage() -> None:
    assert judged().coverage is None


def test_a_limit_of_the_user_does_not_lower_coverage() -> None:
    line = Coverage("aws", "1", Facet.OBJECTS, asked=10, answered=10, limited=10)
    estate = Estate.of([line])
    assert analyze(estate, [], [], Policy(), now=NOW, generated_at=NOW).coverage == 100.0


def _grant(principal: str, seconds: float, *, sure: bool = True, bucket: str = "calls") -> Grant:
    decision = Decision(ALWAYS if sure else NEVER)
    return Grant(principal, Action.READ, f"arn:aws:s3:::{bucket}", decision, shown(), MediaClass.SPEECH, 1, 1, seconds)


def test_hours_that_both_kinds_of_anyone_may_read_count_once() -> None:
    seen = world(
        store("calls"), speech("calls", "a", seconds=3600), _grant(ANYONE, 3600), _grant(ANYONE_SIGNED_IN, 3600)
    )
    assert summarize(seen).hours_readable_by_anyone == 1.0


def test_hours_add_up_over_groups_and_stores() -> None:
    seen = world(
        store("calls"), store("b"), _grant(ANYONE, 3600), _grant(ANYONE, 1800), _grant(ANYONE, 1800, bucket="b")
    )
    assert summarize(seen).hours_readable_by_anyone == 2.0


@check(severity=Severity.LOW, needs=(Facet.POLICY,), remediation=WORDS)
def asks_of_strangers(self: Check, world: World) -> Iterator[Finding]:
    """A question to the provider.

    For tests.
    """
    for held in world.estate.stores.values():
        for name, condition in (("always", ALWAYS), ("never", NEVER), ("office", OFFICE)):
            yield self.passed(held, world.open_to_strangers(held.id, condition).value, locator=name)
    yield self.passed(held, world.open_to_strangers("arn:aws:s3:::nowhere", OFFICE).value, locator="nowhere")


OFFICE = Test("office", Operator.EQUALS)


def test_what_a_stranger_can_meet_is_asked_of_the_clouds_own_provider() -> None:
    def cloud(name: str, answer: Answer) -> Provider:
        made = SimpleNamespace(name=name, grants=lambda _: (), open_to_strangers=lambda condition, now: answer)
        return cast("Provider", made)

    def judge(*providers: Provider) -> list[str]:
        estate = Estate.of([store("calls"), replace(store("other"), provider="gcp")], (), ObjectTable())
        result = analyze(estate, providers, [asks_of_strangers], Policy(), now=NOW, generated_at=NOW)
        told = sorted((found.resource.rpartition(":")[2], found.locator, found.message) for found in result.findings)
        return [" ".join(each) for each in told]

    constant = ["calls always yes", "calls never no", "other always yes", "other never no", "other nowhere unknown"]
    known = judge(cloud("gcp", Answer.YES), cloud("aws", Answer.NO))
    assert known == sorted(["calls office no", "other office yes", *constant])
    assert judge() == sorted(["calls office unknown", "other office unknown", *constant])
