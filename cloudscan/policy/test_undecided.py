"""What a policy file decides of nothing, and what it decides nothing of, is said aloud."""

from __future__ import annotations

from typing import Any

import pytest

from cloudscan.model import MediaClass, Why
from cloudscan.policy.undecided import astray, undecided
from cloudscan.provider import Facet
from cloudscan.testing import NOW, gap, speech, store, transcript, world

CALLS = store("calls", labels={"desk": "service"})


def told(*rules: dict[str, Any], things: Any = ()) -> list[str]:
    seen = world(CALLS, speech("calls", "a.wav"), *things, policy={"retention": list(rules)}, now=NOW)
    return list(undecided(seen.estate, seen.policy))


def test_a_rule_that_decides_something_and_leaves_nothing_is_not_told_of() -> None:
    assert told({"max_days": 90}) == []


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (
            [{"max_days": 90}, {"stores": "archive-*", "media": "speech", "max_days": 9}],
            "retention[1] of the policy file (stores archive-*, media speech) fits no store",
        ),
        (
            [{"labels": {"desk": "trading"}, "min_days": 9}, {"max_days": 90}],
            "retention[0] of the policy file (labels desk=trading) fits no store",
        ),
        (
            [{"media": "transcript", "max_days": 9}, {"max_days": 90}],
            "retention[0] of the policy file (media transcript) fits 1 store, and no transcript was seen there",
        ),
        (
            [{"max_days": 90}, {"stores": "calls", "max_days": 9}],
            "retention[1] of the policy file (stores calls) decides nothing: rules before it fit all that it fits",
        ),
    ],
)
def test_a_rule_that_decides_nothing_is_told_of(rules: list[dict[str, Any]], words: str) -> None:
    assert told(*rules) == [words]


@pytest.mark.parametrize(
    ("stores", "words"),
    [
        ("cals", "fits no store; did you mean 'calls'?"),
        ("*Call*", "fits no store; did you mean 'calls'?"),
        ("C*", "fits no store; did you mean 'calls'? Names are told apart by case"),
        (["x", "C*"], "(stores x, C*) fits no store; did you mean 'calls'?"),
        ("elsewhere", "fits no store"),
    ],
)
def test_a_rule_that_may_mean_another_store_says_so(stores: object, words: str) -> None:
    (said,) = told({"stores": stores, "max_days": 9}, {"max_days": 90})
    assert words in said


IN_FOLDERS = (
    speech("calls", "in/b.wav"),
    speech("calls", "in/c.wav"),
    speech("calls", "out/d.wav", current=False, version="1"),
    transcript("calls", "text/a.json"),
)


def test_rules_of_folders_that_leave_nothing_are_not_told_of() -> None:
    folders: list[dict[str, Any]] = [{"prefix": "in/", "max_days": 9}, {"prefix": ["out/", "text/"], "max_days": 9}]
    assert told(*folders, {"max_days": 90}, things=IN_FOLDERS) == []
    assert told(*folders, things=IN_FOLDERS) == [
        "no retention rule speaks of 1 recording in 1 store: its age is judged by nothing"
    ]


@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("archive/", ""),
        ("%", ""),
        ("i_/", ""),
        ("in/*", "; did you mean 'in/'? Keys are taken letter by letter"),
        ("/out/*", "; did you mean 'out/'? Keys are taken letter by letter"),
        ("*", ""),
        ("s3://calls/in/", "; did you mean 'in/'? Keys are taken letter by letter"),
        ("calls/in/*", "; did you mean 'in/'? Keys are taken letter by letter"),
    ],
)
def test_a_prefix_with_which_no_key_begins_is_told_of(prefix: str, words: str) -> None:
    (said,) = told({"prefix": ["gone/", prefix], "max_days": 9}, {"max_days": 90}, things=IN_FOLDERS)
    name = f"retention[0] of the policy file (prefix gone/, {prefix})"
    assert said == f"{name} fits 1 store, and no key of a recording or transcript begins so{words}"


def test_a_rule_of_a_folder_whose_keys_rules_before_it_fit_decides_nothing() -> None:
    before = {"prefix": ["in/", "out/", "a", "text/"], "max_days": 9}
    assert told(before, {"prefix": "in/b", "max_days": 90}, things=IN_FOLDERS) == [
        "retention[1] of the policy file (prefix in/b) decides nothing: rules before it fit all that it fits"
    ]


def test_a_rule_to_which_what_comes_elsewhere_is_left_is_not_said_to_be_of_no_use() -> None:
    before = {"prefix": ["in/", "out/", "a", "text/"], "max_days": 9}
    (said,) = told(before, {"max_days": 90}, things=IN_FOLDERS)
    assert said.endswith(
        "nothing that was seen: every key is for rules before it, and what comes elsewhere is left to it"
    )


def test_of_a_list_that_is_not_whole_it_is_not_said_that_no_key_begins_so() -> None:
    cut = gap(CALLS.id, Facet.OBJECTS, Why.LIMIT)
    (said,) = told({"prefix": "zz/", "max_days": 9}, {"max_days": 90}, things=(cut,))
    assert said.endswith("no key of a recording begins so, as far as was listed: it was not listed whole")


@pytest.mark.parametrize(
    ("rules", "missed"),
    [
        ([{"prefix": "gone/", "max_days": 9}], True),
        ([{"prefix": "gone/", "max_days": 9}, {"max_days": 90}], False),
        ([{"prefix": "a", "max_days": 9}], False),
        ([{"prefix": "gone/", "media": "video", "max_days": 9}], False),
        ([{"stores": "elsewhere", "max_days": 9}], True),
        ([{"stores": "elsewhere", "max_days": 9}, {"max_days": 90}], False),
        ([{"media": "transcript", "max_days": 90}], False),
        ([], False),
    ],
)
def test_a_rule_that_fits_nothing_while_recordings_have_none_is_astray(rules: list[Any], missed: bool) -> None:
    seen = world(CALLS, speech("calls", "a.wav"), policy={"retention": rules}, now=NOW)
    assert astray(seen.estate, seen.policy) is missed


def test_a_rule_by_labels_that_were_not_read_is_told_of() -> None:
    blind = store("blind", labels=None), speech("blind", "a.wav")
    labelled = {"labels": {"desk": "trading"}, "max_days": 9}
    (said,) = told(labelled, {"max_days": 90}, things=blind)
    assert said == (
        "retention[0] of the policy file (labels desk=trading) may be about 1 store whose labels were not read:"
        " collect with this file, --policy, to read them"
    )
    assert told(labelled, {"stores": "blind", "max_days": 9}, {"max_days": 90}, things=blind)[1:] == []


@pytest.mark.parametrize(("labels", "missed"), [(None, True), ({}, False), ({"desk": "trading"}, False)])
def test_labels_that_were_not_read_leave_it_open_whether_rules_miss(labels: Any, missed: bool) -> None:
    rules = [{"labels": {"desk": "trading"}, "max_days": 9}, {"max_days": 90}]
    things = store("here", labels=labels), speech("here", "a.wav"), CALLS, speech("calls", "a.wav")
    seen = world(*things, policy={"retention": rules}, now=NOW)
    assert astray(seen.estate, seen.policy) is missed


def test_media_without_a_decision_are_counted() -> None:
    more = (
        store("texts"),
        transcript("texts", "a.json"),
        transcript("calls", "a.json"),
        transcript("calls", "b.json", version="1", current=False),
        speech("calls", "x", media=MediaClass.UNSETTLED),
        speech("calls", "y", media=MediaClass.VIDEO),
    )
    assert told({"media": "speech", "max_days": 90}, things=more) == [
        ("no retention rule speaks of 3 transcripts in 2 stores, 1 video in 1 store: their age is judged by nothing"),
        "1 object in 1 store may or may not be speech: its age is judged by nothing",
    ]
    assert told(things=()) == ["no retention rule speaks of 1 recording in 1 store: its age is judged by nothing"]
