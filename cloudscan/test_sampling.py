"""Which objects are looked at, and what is asked of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloudscan.model import AclGrant, MediaClass, MediaObject, Store
from cloudscan.provider import Facet, HeadWish, Scope
from cloudscan.sampling import HEAD_BYTES, choose_heads
from cloudscan.snapshot import SnapshotWriter
from cloudscan.testing import speech, store

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
