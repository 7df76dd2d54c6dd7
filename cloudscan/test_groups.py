"""Who counts for a group, and what may stand behind a name."""

from __future__ import annotations

import pytest

from cloudscan.groups import everybody_of, standing
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Account, Principal
from cloudscan.provider import Facet
from cloudscan.testing import gap, world

ANA = "user:ana@acme.example"


def _record(name: str, members: tuple[str, ...] | None = None, kind: str = "group") -> Principal:
    return Principal(name, "gcp", "", kind, name, members=members)


def test_a_group_that_was_read_counts_as_who_is_in_it_and_has_no_record() -> None:
    groups = (
        _record("group:outer", ("group:inner", "user:kim", ANA)),
        _record("group:inner", ("group:outer", "user:lee", "group:hidden", "group:unread")),
        _record("group:empty", ()),
        _record("group:unread"),
    )
    found = standing(world(*groups, _record(ANA, kind="user")).estate)
    inside = frozenset({"user:kim", "user:lee", "group:hidden"})
    assert found.instead == {"group:outer": inside, "group:inner": inside, "group:empty": frozenset()}


@pytest.mark.parametrize(
    ("name", "record", "several"),
    [
        ("group:staff", _record("group:staff", (ANA,)), False),
        ("group:staff", _record("group:staff"), True),
        ("domain:acme.example", _record("domain:acme.example", kind="domain"), True),
        (ANA, _record(ANA, kind="user"), False),
        (ANA, None, False),
    ],
)
def test_behind_a_group_or_domain_that_was_not_read_there_may_be_several(
    name: str, record: Principal | None, several: bool
) -> None:
    assert standing(world(*filter(None, [record])).estate).several(name) is several


def test_what_was_not_answered_leaves_open_how_many_a_name_without_a_record_stands_for() -> None:
    partly = _record("group:staff", (ANA,)), _record("group:whole", (ANA,)), gap("group:staff", Facet.PRINCIPALS)
    found = standing(world(*partly).estate)
    names = ("group:staff", "group:whole", "group:hidden", ANYONE, ANYONE_SIGNED_IN)
    assert [found.several(name) for name in names] == [True, False, True, False, False]


def test_nobody_knows_how_many_everybody_of_a_directory_is() -> None:
    several = standing(world(Account("sub", "azure", organization="tenant"), Account("alone", "azure")).estate).several
    assert [several(everybody_of(home)) for home in ("tenant", "alone", "elsewhere")] == [True, True, False]
