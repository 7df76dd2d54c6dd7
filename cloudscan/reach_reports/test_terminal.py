"""What a person is told: how far to trust a cut, what each number counts, and things by their names."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from cloudscan.access import Cut, Removal
from cloudscan.access.grants import shown
from cloudscan.estate import Estate
from cloudscan.model import Account, Action, MediaClass, Principal, Step
from cloudscan.policy.file import Policy
from cloudscan.provider import Provider
from cloudscan.reach.answers import Answer, Asked, ToCut
from cloudscan.reach.lookup import Target
from cloudscan.reach.questions import Questions
from cloudscan.reach_reports.terminal import render
from cloudscan.reach_reports.test_pictures import _rendered
from cloudscan.report import ReportOptions
from cloudscan.tables.objects import ObjectTable
from cloudscan.testing import ACCOUNT, grant, speech, store


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


PLACE = "/subscriptions/5ab5c819-0000-4000-8000-000000000001/resourcegroups/voice/providers/x/containers/calls"
ANA, BEN, TWIN = (f"entra:4f9dd65c-4e3d-4ab3-8261-b8e56211af3{each}" for each in range(3))


def _of_azure() -> Questions:
    """Ask of a container that Ana and one of two applications of one name read."""
    assigned = f"{PLACE}/providers/microsoft.authorization/roleassignments/1"
    people = [Principal(ANA, "azure", "t", "user", "ana@acme.example")]
    people += [Principal(one, "azure", "t", "service-account", "app") for one in (BEN, TWIN)]
    place = replace(store("calls"), id=PLACE, name="acmevoice/calls", provider="azure")
    rows = ObjectTable(rows=[speech("calls", "blobs/a.wav")._replace(store=PLACE)])
    estate = Estate.of([Account("t", "azure"), place, *people], objects=rows)
    reads = [
        grant(one, Action.READ, "calls", objects=1, example="blobs/a.wav", prove=shown(step))
        for one in (ANA, BEN)
        for step in [Step(one, "read", PLACE, "given", "", assigned)]
    ]
    provider = cast(
        "Provider", SimpleNamespace(name="azure", grants=lambda *_: (replace(one, store=PLACE) for one in reads))
    )
    return Questions(Asked(estate, Policy()), [provider])


def _answer(asked: str) -> Answer:
    questions = _of_azure()
    match asked:
        case "overview":
            return questions.overview()
        case "readers":
            return questions.readers(PLACE)
        case "reached":
            return questions.reached(ANA)
        case "between":
            return questions.between(ANA, PLACE, max_steps=5, limit=9)
        case _:
            return questions.cut(PLACE, [ANA])


@pytest.mark.parametrize("asked", ["overview", "readers", "reached", "between", "cut"])
def test_a_person_is_told_names_in_place_of_ids_that_tell_nothing(asked: str) -> None:
    assigned = f"{PLACE}/providers/microsoft.authorization/roleassignments/1"
    told = _rendered(_answer(asked), "terminal")
    assert "acmevoice/calls" in told
    assert "ana@acme.example" in told
    assert ANA not in told
    assert PLACE not in told.replace(assigned, "")


@pytest.mark.parametrize("asked", ["readers", "reached", "between"])
@pytest.mark.parametrize("name", ["svg", "html", "mermaid", "dot", "graphml"])
def test_pictures_tell_names_in_place_of_ids_that_tell_nothing(asked: str, name: str) -> None:
    told = _rendered(_answer(asked), name)
    assert "acmevoice/calls" in told
    assert "ana@acme.example" in told


def test_of_two_with_one_name_the_ids_are_told_and_a_statement_is_told_as_it_can_be_given_back() -> None:
    told = _rendered(_of_azure().readers(PLACE), "terminal")
    assert f"app ({BEN})" in told
    assert f"{PLACE}/providers/microsoft.authorization/roleassignments/1" in told
    assert "beside ana@acme.example, to be kept," in _rendered(_of_azure().cut(PLACE, [ANA]), "terminal")


def test_an_object_is_called_by_its_store_and_key() -> None:
    told = _rendered(_of_azure().readers("acmevoice/calls/blobs/a.wav"), "terminal")
    assert "\nacmevoice/calls/blobs/a.wav\n" in told


STAFF, DESK, KIM = "group:staff@acme.example", "group:desk@acme.example", "user:kim@acme.example"


def _of_groups(*members: tuple[str, ...] | None) -> Questions:
    """Ask of a bucket that two groups with these members and Kim, who is in the first of them, read."""
    groups = [
        Principal(name, "aws", "", "group", name, members=of) for name, of in zip((STAFF, DESK), members, strict=True)
    ]
    rows = ObjectTable(rows=[speech("calls", "a.wav")])
    estate = Estate.of([Account(ACCOUNT, "aws"), store("calls"), *groups], objects=rows)
    reads = [grant(name, Action.READ, "calls", media=MediaClass.SPEECH, objects=1) for name in (STAFF, DESK, KIM)]
    return Questions(
        Asked(estate, Policy()), [cast("Provider", SimpleNamespace(name="aws", grants=lambda *_: iter(reads)))]
    )


def test_a_group_is_told_and_counts_as_whoever_is_in_it() -> None:
    answer = _of_groups((KIM,), (KIM, "user:lee@acme.example")).readers("calls")
    told = " ".join(_rendered(answer, "terminal").split())
    assert "2 readers: 2 directly" in told
    assert "2 groups, told as well, count as whoever is in them" in told
    assert "at least" not in told
    assert "2 readers: 2 by their own rights" in " ".join(_rendered(answer, "svg").split())
    said = json.loads(_rendered(answer, "json"))
    assert [one["principal"] for one in said["readers"]] == [DESK, STAFF, KIM]
    assert said["counts"] == {
        "readers": 2,
        "direct": 2,
        "by_steps": 0,
        "by_changes": 0,
        "conditional": 0,
        "unknown": 0,
        "at_least": False,
        "in_place": [DESK, STAFF],
    }


def test_a_group_that_was_not_read_is_one_of_at_least_so_many() -> None:
    answer = _of_groups((KIM,), None).readers("calls")
    told = " ".join(_rendered(answer, "terminal").split())
    assert "at least 2 readers: 2 directly" in told
    assert "1 group, told as well, counts as whoever is in it" in told
    assert "At least 2 readers: 2 by" in " ".join(_rendered(answer, "svg").split())


def test_what_can_be_asked_about_counts_people_and_not_groups_beside_them() -> None:
    whole, partly = (_of_groups((KIM,), members).overview() for members in ((KIM,), None))
    told = " ".join(_rendered(whole, "terminal").split())
    assert "1 principal and 2 groups can read or take steps" in told
    assert [(one["readers"], one["at_least"]) for one in json.loads(_rendered(whole, "json"))["stores"]] == [(1, False)]
    assert [(one["readers"], one["at_least"]) for one in json.loads(_rendered(partly, "json"))["stores"]] == [(2, True)]
    assert " at least 2 " in " ".join(_rendered(partly, "terminal").split())
