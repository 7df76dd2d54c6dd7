"""Whom groups stand for when people are counted. Pure: reads only the estate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cloudscan.access.standing import Standing
from cloudscan.estate import Estate
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Principal
from cloudscan.provider import Facet

_OF_SEVERAL = ("group", "domain")
"""Kinds of principals that others are in."""


def everybody_of(home: str) -> str:
    """Return the name of all whom a directory holds or will hold, guests too, where no document names them singly."""
    return f"everybody of {home}"


def everybody(estate: Estate) -> frozenset[str]:
    """Return the names of all of the estate's directories."""
    return frozenset(everybody_of(one.organization or one.id) for one in estate.accounts.values())


def standing(estate: Estate) -> Standing:
    """Say who counts in place of the estate's groups, and who may be several.

    A group whose members were read counts as these, through groups in it too: those of whom there is a record are
    asked for themselves, and the others take its place. Any other group, and a domain, is one name with nobody knows
    how many behind it, as is everybody of a directory; and so may be whoever has no record where a question about
    principals was not answered.
    """
    records = estate.principals
    read = [name for name, one in records.items() if one.kind == "group" and one.members is not None]
    every = everybody(estate)
    unseen = any(gap.facet == Facet.PRINCIPALS for gap in estate.gaps)

    def several(name: str) -> bool:
        record = records.get(name)
        if record is None:
            return name in every or (unseen and name not in (ANYONE, ANYONE_SIGNED_IN))
        unread = record.members is None or bool(estate.gaps_on(name, Facet.PRINCIPALS))
        return record.kind in _OF_SEVERAL and unread

    return Standing({name: frozenset(_others(records, name)) for name in read}, several)


def _others(records: Mapping[str, Principal], group: str) -> Iterator[str]:
    """Yield who is in a group, directly or through others, and has no record."""
    seen, todo = {group}, [group]
    while todo:
        record = records.get(one := todo.pop())
        if record is None:
            yield one
            continue
        new = set((record.members if record.kind == "group" else None) or ()) - seen
        seen |= new
        todo += new
