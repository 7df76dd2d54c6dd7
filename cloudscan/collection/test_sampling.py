"""Which objects are looked at, and what is asked of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cloudscan.collection.sampling import HEAD_BYTES, choose_heads
from cloudscan.model import AclGrant, Answer, DurationMethod, Evidence, MediaClass, MediaObject, RetentionLock, Store
from cloudscan.provider import Facet, HeadWish, Scope
from cloudscan.snapshot import SnapshotWriter
from cloudscan.testing import expire, speech, store

LISTS = (AclGrant("owner", "FULL_CONTROL"),)


def chosen(
    root: Path, held: Store, *rows: MediaObject, facets: tuple[Facet, ...] = (), sniff: int = 0, heads: int = 0
) -> list[HeadWish]:
    writer = SnapshotWriter(root / "s", {})
    unit = writer.unit("listing")
    unit.add(held)
    unit.add_rows(rows)
    unit.commit()
    return choose_heads(writer, "aws", Scope(frozenset({Facet.OBJECTS, *facets}), sniff=sniff, heads=heads))


def test_object_that_both_budgets_choose_is_looked_at_once(tmp_path: Path) -> None:
    screen = speech("calls", "screen.mp4", media=MediaClass.VIDEO)
    wishes = chosen(tmp_path, store("calls"), screen, speech("calls", "a.wav"), sniff=5, heads=5)
    assert [(wish.key, wish.read) for wish in wishes] == [("screen.mp4", HEAD_BYTES), ("a.wav", 0)]


@pytest.mark.parametrize(("acl", "heeded"), [((), False), (LISTS, True), (None, True)])
def test_lists_of_objects_are_read_where_they_may_count(
    tmp_path: Path, acl: tuple[AclGrant, ...] | None, heeded: bool
) -> None:
    rows = speech("calls", "a.wav"), speech("calls", "screen.mp4", media=MediaClass.VIDEO)
    wishes = chosen(tmp_path, store("calls", acl=acl), *rows, facets=(Facet.ACL,), sniff=5, heads=5)
    assert {wish.key: wish.acl for wish in wishes} == {"a.wav": heeded, "screen.mp4": heeded}


def test_lists_of_objects_are_read_only_with_heads_and_if_a_check_wants_lists(tmp_path: Path) -> None:
    screen = speech("calls", "screen.mp4", media=MediaClass.VIDEO)
    (sniffed,) = chosen(tmp_path / "sniff", store("calls", acl=LISTS), screen, facets=(Facet.ACL,), sniff=5)
    (unwanted,) = chosen(tmp_path / "heads", store("calls", acl=LISTS), screen, heads=5)
    assert not sniffed.acl
    assert not unwanted.acl


def test_no_budget_looks_at_nothing(tmp_path: Path) -> None:
    assert chosen(tmp_path, store("calls"), speech("calls", "a.wav")) == []


def test_what_may_have_to_be_read_at_its_end_takes_two_requests(tmp_path: Path) -> None:
    held = [speech("calls", f"{n}.json", media=MediaClass.OTHER, size=9000) for n in range(9)]
    small = [speech("calls", f"{n}.mp4", media=MediaClass.VIDEO, size=900) for n in range(9)]
    wishes = chosen(tmp_path, store("calls"), *held, *small, sniff=6)
    assert sum(2 if wish.tail else 1 for wish in wishes) == 6
    assert {wish.key.endswith("json") for wish in wishes if wish.tail} == {True}


def test_end_of_what_browsers_record_is_wanted_since_it_tells_its_time(tmp_path: Path) -> None:
    held = speech("calls", "a.webm", media=MediaClass.VIDEO, size=9000)
    (wish,) = chosen(tmp_path, store("calls"), held, sniff=2)
    assert (wish.read, wish.tail) == (HEAD_BYTES, HEAD_BYTES)


def test_last_request_of_a_budget_still_reads_a_head(tmp_path: Path) -> None:
    held = speech("calls", "a.json", media=MediaClass.OTHER, size=9000)
    (wish,) = chosen(tmp_path, store("calls"), held, sniff=1)
    assert (wish.read, wish.tail) == (HEAD_BYTES, 0)


def test_sniffs_read_as_much_as_asked_for(tmp_path: Path) -> None:
    writer = SnapshotWriter(tmp_path / "s", {})
    unit = writer.unit("listing")
    unit.add(store("calls"))
    unit.add_rows([speech("calls", "screen.mp4", size=100_000, media=MediaClass.VIDEO)])
    unit.commit()
    scope = Scope(frozenset({Facet.OBJECTS}), sniff=5, sniff_bytes=65_536)
    assert [(wish.read, wish.tail) for wish in choose_heads(writer, "aws", scope)] == [(65_536, 65_536)]


def test_suspicion_is_looked_into(tmp_path: Path) -> None:
    suspected = speech("calls", "a.gsm", settled_by=Evidence.SUSPICION)
    wishes = chosen(tmp_path, store("calls"), suspected, speech("calls", "a.wav"), sniff=5)
    assert [wish.key for wish in wishes] == ["a.gsm"]


def test_rest_of_a_budget_makes_guessed_lengths_sure_the_longest_first(tmp_path: Path) -> None:
    guess = DurationMethod.TYPICAL_RATE
    guessed = [
        speech("calls", f"{n}.wav", seconds=float(n), seconds_by=guess, settled_by=Evidence.NAME) for n in range(9)
    ]
    known = speech("calls", "known.wav", seconds=99.0, seconds_by=DurationMethod.HEADER)
    unsettled = [speech("calls", f"{n}.bin", media=MediaClass.UNSETTLED, seconds=None) for n in range(2)]
    wishes = chosen(tmp_path / "some", store("calls"), known, *guessed, *unsettled, sniff=4)
    keys = [wish.key for wish in wishes]
    assert (set(keys[:2]), keys[2:]) == ({"0.bin", "1.bin"}, ["8.wav", "7.wav"])
    assert len(chosen(tmp_path / "all", store("calls"), known, *guessed, *unsettled, sniff=99)) == 11


def test_look_at_a_name_that_says_little_remembers_the_recordings_beside_it(tmp_path: Path) -> None:
    rows = [
        speech("calls", key, settled_by=by, media=media)
        for key, by, media in (
            ("a/1.raw", Evidence.SUSPICION, MediaClass.SPEECH),
            ("a/2.wav", Evidence.NAME, MediaClass.SPEECH),
            ("b/1.raw", Evidence.NONE, MediaClass.UNSETTLED),
            ("c/1.raw", Evidence.NONE, MediaClass.UNSETTLED),
            ("c/d/2.wav", Evidence.NAME, MediaClass.SPEECH),
            ("top.raw", Evidence.NONE, MediaClass.UNSETTLED),
            ("top.mp3", Evidence.NAME, MediaClass.SPEECH),
        )
    ]
    wishes = chosen(tmp_path, store("calls"), *rows, sniff=9)
    assert {wish.key: wish.neighbours for wish in wishes if wish.key.endswith("raw")} == {
        "a/1.raw": ("a/2.wav",),
        "b/1.raw": (),
        "c/1.raw": (),
        "top.raw": ("top.mp3",),
    }


TAGGED = (expire(9, tags=(("k", "v"),)), expire(9, prefixes=("b/",)))


@pytest.mark.parametrize(
    ("facts", "tags", "lock"),
    [
        ({}, False, False),
        ({"lifecycle": TAGGED}, True, False),
        ({"lifecycle": (expire(9, enabled=False, tags=(("k", "v"),)),)}, False, False),
        ({"lifecycle": TAGGED[1:], "lock": RetentionLock(Answer.NO)}, False, False),
        ({"lifecycle": None, "lock": RetentionLock(Answer.YES)}, False, True),
        ({"versioning": "enabled", "lock": RetentionLock(Answer.UNKNOWN)}, False, True),
        ({"versioning": "enabled", "lock": RetentionLock(Answer.UNKNOWN, keeps_current=True)}, False, False),
        ({"versioning": "disabled", "lock": RetentionLock(Answer.UNKNOWN)}, False, False),
    ],
)
def test_tags_and_locks_are_read_with_heads_where_rules_go_by_them(
    tmp_path: Path, facts: dict[str, Any], *, tags: bool, lock: bool
) -> None:
    held = store("calls", **facts)
    (wish,) = chosen(tmp_path / "heads", held, speech("calls", "a.wav"), facets=(Facet.LOCK,), heads=5)
    assert (wish.tags, wish.lock) == (tags, lock)
    (unasked,) = chosen(tmp_path / "unasked", held, speech("calls", "a.wav"), heads=5)
    assert unasked.lock is (lock and held.lock == RetentionLock(Answer.YES))
    screen = speech("calls", "screen.mp4", media=MediaClass.VIDEO)
    (sniffed,) = chosen(tmp_path / "sniffs", held, screen, sniff=5)
    assert (sniffed.tags, sniffed.lock) == (False, False)


@pytest.mark.parametrize("facts", [{"lifecycle": TAGGED}, {"lock": RetentionLock(Answer.YES)}])
def test_heads_of_old_versions_are_read_only_where_rules_go_by_them(tmp_path: Path, facts: dict[str, Any]) -> None:
    rows = [
        speech("calls", "a.wav", version="2"),
        *(speech("calls", "a.wav", version=f"1{n}", current=False, days=20 + n) for n in range(9)),
    ]
    assert [wish.version for wish in chosen(tmp_path / "free", store("calls"), *rows, heads=3)] == ["2"]
    versions = [wish.version for wish in chosen(tmp_path / "ruled", store("calls", **facts), *rows, heads=3)]
    assert sorted(version or "" for version in versions) == ["10", "14", "18", "2"]
