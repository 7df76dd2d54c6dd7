"""What an answer tells: how much each reads, who is approved, and why it names nobody where it does."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from cloudscan.access import Edge, Grant
from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import Test, Unseen
from cloudscan.access.grants import Part
from cloudscan.access.patterns import Pattern
from cloudscan.estate import Estate
from cloudscan.model import ANYONE, Account, Action, Coverage, MediaClass, MediaObject, Record
from cloudscan.policy.file import Policy, parse_policy
from cloudscan.provider import Facet, Provider
from cloudscan.reach.answers import Asked, Readers
from cloudscan.reach.questions import Questions
from cloudscan.reach_reports.held import amount, nobody
from cloudscan.reach_reports.test_pictures import _arn, _rendered
from cloudscan.reach_reports.words import sorts, summary
from cloudscan.tables.objects import ObjectTable
from cloudscan.testing import ACCOUNT, edge, gap, grant, speech, store, transcript

A, B = Part("a.wav", 2, 3600.0), Part("b.wav", 1, 60.0)
AGENT, EXPORT = _arn("role/agent"), _arn("role/export")
APPROVING = {"access": {"approved_readers": [{"stores": "calls", "principals": ["*:role/agent"]}]}}


def _reads(name: str, *parts: Part, target: str = "calls", media: MediaClass = MediaClass.SPEECH, **more: Any) -> Grant:
    told: dict[str, Any] = {"objects": sum(part.objects for part in parts)}
    told["seconds"] = sum(part.seconds for part in parts)
    return grant(name, Action.READ, target, media=media, apart=lambda: parts, example=parts[0].example, **told, **more)


def _questions(
    derived: Iterable[Grant | Edge] = (),
    rows: Sequence[MediaObject] = (),
    *,
    policy: Policy | None = None,
    media: MediaClass | None = None,
    gaps: Sequence[Any] = (),
) -> Questions:
    found = list(derived)
    records: list[Record] = [Account(ACCOUNT, "aws"), store("calls"), store("web")]
    estate = Estate.of(records, gaps, ObjectTable(rows=rows))
    provider = cast("Provider", SimpleNamespace(name="aws", grants=lambda *_: iter(found)))
    return Questions(Asked(estate, policy or Policy(), media), [provider])


ROWS = [speech("calls", "a.wav"), speech("calls", "b.wav"), transcript("calls", "t.json")]


@pytest.mark.parametrize("name", ["terminal", "svg", "html", "mermaid", "dot", "graphml"])
def test_a_store_without_recordings_has_no_readers_because_nothing_was_asked(name: str) -> None:
    text = _rendered(_questions(rows=ROWS).readers("web"), name)
    assert "web holds no recordings or transcripts that were seen, so nothing was asked of" in " ".join(text.split())
    assert "0 reader" not in text


def test_three_reasons_for_nobody_are_three_sentences() -> None:
    assert nobody(_questions(rows=ROWS).readers("calls")).startswith("Nothing that was seen lets anybody read")
    assert "no videos" in nobody(_questions(rows=ROWS, media=MediaClass.VIDEO).readers("calls"))
    assert nobody(_questions([_reads(AGENT, A)], ROWS).readers("calls")) == ""
    told = nobody(_questions(rows=[speech("web", "x", media=MediaClass.UNSETTLED)]).readers("web"))
    assert "1 object of it may or may not be speech." in told
    unlisted = gap("arn:aws:s3:::web", Facet.OBJECTS)
    assert "Its objects were not listed, or not all." in nobody(_questions(gaps=[unlisted]).readers("web"))


def test_one_object_that_was_asked_about_is_asked_about_whatever_it_is() -> None:
    page = speech("web", "index.html", media=MediaClass.OTHER)
    assert nobody(_questions([_reads(AGENT, A, target="web")], [page]).readers("web/index.html")) == ""


@pytest.mark.parametrize("asked", ["between", "cut"])
def test_no_ways_and_nothing_to_cut_say_the_same(asked: str) -> None:
    questions = _questions([_reads(AGENT, A)], ROWS)
    answer = questions.cut("web", ()) if asked == "cut" else questions.between(AGENT, "web", max_steps=5, limit=9)
    assert "so nothing was asked of who reads it" in " ".join(_rendered(answer, "terminal").split())
    assert json.loads(_rendered(answer, "json"))["objects"] == 0


def test_a_snapshot_that_holds_nothing_says_so() -> None:
    empty = Estate.of([Account(ACCOUNT, "aws")])
    provider = cast("Provider", SimpleNamespace(name="aws", grants=lambda *_: iter(())))
    answer = Questions(Asked(empty, Policy()), [provider]).reached(ANYONE)
    for name in ("terminal", "svg"):
        assert "The snapshot holds no store, so nothing was asked." in _rendered(answer, name)


def _two() -> Readers:
    cara = edge(_arn("user/cara"), "assume-role", EXPORT)
    derived: list[Grant | Edge] = [_reads(AGENT, A, B), _reads(EXPORT, B), cara]
    return _questions(derived, ROWS, policy=parse_policy(APPROVING)).readers("calls")


def test_how_much_each_reads_and_who_is_approved() -> None:
    rows = {one["principal"]: one for one in json.loads(_rendered(_two(), "json"))["readers"]}
    assert {name: (one["objects"], one["hours"], one["approved"]) for name, one in rows.items()} == {
        AGENT: (3, pytest.approx(3660 / 3600, abs=1e-5), True),
        EXPORT: (1, pytest.approx(60 / 3600, abs=1e-5), False),
        _arn("user/cara"): (1, pytest.approx(60 / 3600, abs=1e-5), False),
    }
    for name in ("terminal", "html"):
        text = _rendered(_two(), name)
        assert "3 objects, 1.0 hours of speech, approved" in text
        assert "1 object, 1 minutes of speech, not approved" not in text
        assert "1 object, 1 minute of speech, not approved" in text
    assert "1 approved by the policy file, 2 not approved." in summary(_two())


def test_without_a_decision_nobody_is_called_approved_or_not() -> None:
    answer = _questions([_reads(AGENT, A)], ROWS).readers("calls")
    assert "approved" not in _rendered(answer, "terminal")
    assert [one["approved"] for one in json.loads(_rendered(answer, "json"))["readers"]] == [None]


def test_readers_of_another_amount_are_not_told_as_alike() -> None:
    derived = [_reads(_arn(f"role/{name}"), *parts) for name, parts in (("a", (A,)), ("b", (A, B)), ("c", (A,)))]
    page = _rendered(_questions(derived, ROWS).readers("calls"), "terminal")
    assert page.count("reads 2 objects") == page.count("reads 3 objects") == 1


def test_what_steps_add_is_not_told_as_read_by_rights_of_ones_own() -> None:
    step = edge(AGENT, "assume-role", EXPORT)
    answer = _questions([_reads(AGENT, B), _reads(EXPORT, A, B), step], ROWS).readers("calls")
    for name in ("terminal", "html"):
        told = " ".join(_rendered(answer, name).split())
        assert told.count("reads 3 objects, 1.0 hours of speech, 1 of them by rights of its own") == 1
        assert told.count("by rights of its own") == 1
    assert [answer.reads[name].objects_direct for name in (AGENT, EXPORT)] == [1, 3]


def test_what_is_read_only_under_a_condition_is_not_told_as_read() -> None:
    """The condition of one folder does not disappear behind the sure right to another."""
    later = Test("aws:CurrentTime", Operator.TIME_AFTER, (Pattern(("2027-06-01T00:00:00Z",)),))
    derived = [
        _reads(AGENT, A),
        _reads(AGENT, B, condition=later),
        _reads(EXPORT, A),
        _reads(EXPORT, A, condition=later),
    ]
    answer = _questions(derived, ROWS).readers("calls")
    for name in ("terminal", "html"):
        told = " ".join(_rendered(answer, name).split())
        assert told.count("reads 3 objects, 1.0 hours of speech, 1 of them only under a condition") == 1
        assert told.count("only under a condition, ") == (name == "terminal")
    assert "if aws:CurrentTime is after 2027-06-01" in _rendered(answer, "terminal")
    rows = {one["principal"]: one for one in json.loads(_rendered(answer, "json"))["readers"]}
    assert (rows[AGENT]["verdict"], rows[AGENT]["objects_conditional"]) == ("yes", 1)
    assert [one["verdict"] for one in rows[AGENT]["also"]] == ["if"]
    assert (rows[EXPORT]["objects_conditional"], rows[EXPORT]["also"]) == (0, [])


def test_how_sure_ways_are_is_told_of_them_and_not_beside_them() -> None:
    unsure = edge(AGENT, "assume-role", EXPORT, condition=Unseen("a boundary"))
    paths = _questions([_reads(EXPORT, A), unsure], ROWS).between(AGENT, "calls", max_steps=5, limit=5).paths
    assert sorts(paths) == "1 by steps that only use the cloud; of these 1 not known"


def test_only_the_class_that_was_asked_for_is_added_up() -> None:
    texts = _reads(AGENT, Part("t.json", 1, 0.0), media=MediaClass.TRANSCRIPT)
    questions = _questions([_reads(AGENT, A), texts], ROWS, media=MediaClass.TRANSCRIPT)
    assert questions.reached(AGENT).blast.objects == 1
    assert questions.readers("calls").reads[AGENT].objects == 1
    assert questions.overview().principals[0].objects == 1
    assert "0.0 hours" not in _rendered(questions.reached(AGENT), "terminal")


def test_of_many_ways_the_sorts_are_told_first_and_the_best_written_out() -> None:
    roles = [_arn(f"role/r{number:02}") for number in range(15)]
    derived: list[Grant | Edge] = [_reads(role, A) for role in roles]
    derived += [edge(_arn("user/cara"), "assume-role", role, changes=number > 11) for number, role in enumerate(roles)]
    answer = _questions(derived, ROWS).between(_arn("user/cara"), "calls", max_steps=5, limit=100)
    page = _rendered(answer, "terminal")
    assert page.index("12 by steps that only use the cloud, 3 by steps that change it") < page.index("assume-role")
    assert page.count("→ assume-role") == 10
    assert "and 5 more ways: --all writes out every one" in page
    assert _rendered(answer, "terminal", every=True).count("→ assume-role") == 15


def test_what_is_open_to_anyone_and_read_anyway_is_not_told_as_more() -> None:
    answer = _questions([_reads(AGENT, A, B), _reads(ANYONE, B)], ROWS).reached(AGENT)
    assert list(answer.open) == []


def test_an_amount_has_no_hours_that_are_none() -> None:
    assert amount(5, 0.0) == "5 objects, no speech of known length"
    assert amount(1, 8.0) == "1 object, 8 seconds of speech"


def test_rows_of_a_page_tell_classes_apart() -> None:
    texts = _reads(AGENT, Part("t.json", 1, 0.0), media=MediaClass.TRANSCRIPT)
    page = _rendered(_questions([_reads(AGENT, A), texts], ROWS).reached(AGENT), "html")
    assert "calls, speech: 2 objects, 1.0 hours of speech" in page
    assert "calls, transcript: 1 object" in page


def test_what_one_object_asks_for_is_not_told_of_all() -> None:
    own = Test("id:sub", Operator.EQUALS, (Pattern(("user-0",)),))
    factor = Test("aws:MultiFactorAuthPresent", Operator.EQUALS, (Pattern(("true",)),))
    several, one = Part("notes/user-0/a", 5, 8.0), Part("notes/user-0/a", 1, 8.0)
    for part, condition, more in ((several, own, True), (one, own, False), (several, factor, False)):
        answer = _questions([_reads(AGENT, part, condition=condition)], ROWS).readers("calls")
        for name in ("terminal", "json", "html", "svg"):
            text = " ".join(_rendered(answer, name).split())
            assert ("as asked for notes/user-0/a; another object may ask for another value" in text) is more


@pytest.mark.parametrize(("cloud", "told"), [("aws", True), ("gcp", False), ("azure", False)])
def test_access_points_are_missed_only_where_stores_can_have_them(cloud: str, told: bool) -> None:
    listed = Coverage(cloud, "own", Facet.STORES, asked=1, answered=1)
    never = _never_asked(Account("own", cloud), listed, store("calls", provider=cloud, account="own"))
    assert "principals" in never
    assert "store.acl" in never
    assert ("store.access-points" in never) is told


def test_what_is_asked_of_stores_is_missed_only_where_there_are_any() -> None:
    listed = Coverage("aws", "own", Facet.STORES, asked=1, answered=1)
    never = _never_asked(Account("own", "aws"), listed, store("calls", account="other"))
    assert "principals" in never
    assert "store.acl" not in never
    assert "objects" not in never
    assert "stores, objects" in _never_asked(Account("own", "aws"), replace(listed, facet=Facet.JOBS))


def _never_asked(*records: Record) -> str:
    page = _rendered(Questions(Asked(Estate.of(records), Policy()), []).overview(), "terminal")
    return " ".join(page.split()).partition("never asked about: ")[2].partition(". ")[0]


def test_what_one_of_several_clouds_was_never_asked_is_said_of_that_cloud() -> None:
    records: list[Record] = []
    for cloud in ("aws", "gcp"):
        asked = [facet for facet in Facet if facet is not Facet.ACL or cloud == "aws"]
        records += [store(cloud, provider=cloud, account=cloud)]
        records += [Account(cloud, cloud), *(Coverage(cloud, cloud, facet, asked=1, answered=1) for facet in asked)]
    page = _rendered(Questions(Asked(Estate.of(records), Policy()), []).overview(), "terminal")
    assert "never asked about in gcp: store.acl." in " ".join(page.split())
    assert "never asked about in aws" not in page


def test_of_those_for_whom_it_hangs_on_the_same_a_few_are_named() -> None:
    hidden = Unseen("the members of group X were not read")
    grants = [_reads(f"user:{name}", A, condition=hidden) for name in "abcde"]
    grants.append(_reads("user:f", A, condition=Unseen("the policy of Y was not read")))
    text = " ".join(_rendered(_questions(grants, ROWS).readers("calls"), "terminal").split())
    assert "user:a, user:b, user:c and 2 more (--all names them): the members of group X were not read" in text
    assert "user:f: the policy of Y was not read" in text


def test_of_somebody_of_whom_nothing_is_known_for_sure_it_is_not_said_that_nothing_lets_it_read() -> None:
    perhaps = _questions([_reads(AGENT, A, condition=Unseen("the policy was not read"))], ROWS).reached(AGENT)
    text = " ".join(_rendered(perhaps, "terminal").split())
    assert "whether it can read anything, by its own ways, is not known: something was not seen" in text
    assert "nothing that was seen lets it" not in text
    assert "whether it can read anything, by its own ways, is not known" in summary(perhaps)
    nothing = _questions([_reads(EXPORT, A)], ROWS).reached(ANYONE)
    assert "nothing that was seen lets it, by its own ways, read" in " ".join(_rendered(nothing, "terminal").split())
