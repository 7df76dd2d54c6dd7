"""Access control lists of a storage account with a hierarchical namespace.

From "Access control lists in Azure Data Lake Storage" and "Access control model in Azure Data Lake Storage": lists are
asked where roles do not suffice. The first that fits somebody decides: what the owner has, then what a named user has;
of the groups that it is in, one that has all suffices; else what all others have. The mask narrows all but the
owner's. To come to a file takes x on the container and on every folder above it. A shared key passes by all lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from cloudscan.access.conditions import Condition, all_of, any_of, constant
from cloudscan_azure.policy.callers import Caller, means

_RIGHTS = re.compile(r"[r-][w-][xst-]", re.IGNORECASE)
_SPECIAL = str.maketrans("stST", "xx--")
"""Small letters of what is special about a folder stand over an x, capitals over none."""
_ITSELF = "$superuser"
_SORTS = ("user", "group", "mask", "other")


@dataclass(frozen=True, slots=True)
class Acl:
    """The access control list of a file or folder. Entries are a sort, an object id ("" for the owner's) and rights.

    ``owner`` and ``group`` are "" where these are the account itself ("$superuser").
    """

    owner: str
    group: str
    entries: tuple[tuple[str, str, str], ...]

    def gives(self, caller: Caller, wanted: str) -> Condition:
        """Say whether it gives somebody all rights of some letters."""
        if not caller.signs:
            return constant(value=False)
        if caller.own and caller.own == self.owner:
            return constant(value=_has(self._rights("user", ""), wanted))
        mask = self._rights("mask", "", "rwx")
        named = [rights for sort, who, rights in self.entries if sort == "user" and who and who == caller.own]
        if named:
            return constant(value=_has(named[0], wanted) and _has(mask, wanted))
        having = [who or self.group for sort, who, rights in self.entries if sort == "group" and _has(rights, wanted)]
        grouped = any_of(means(each, caller) for each in having if each and _has(mask, wanted))
        others = _has(self._rights("other", ""), wanted) and _has(mask, wanted)
        return any_of((grouped, constant(value=others)))

    @property
    def named(self) -> frozenset[str]:
        """The object ids that it names."""
        return frozenset({self.owner, self.group, *(who for _, who, _ in self.entries)}) - {""}

    @property
    def groups(self) -> frozenset[str]:
        """The object ids of groups that it names."""
        return frozenset({self.group, *(who for sort, who, _ in self.entries if sort == "group")}) - {""}

    def _rights(self, sort: str, who: str, default: str = "---") -> str:
        return next((rights for one, each, rights in self.entries if (one, each) == (sort, who)), default)


def _has(rights: str, wanted: str) -> bool:
    return set(wanted) <= set(rights)


class _Written(msgspec.Struct):
    acl: str
    owner: str = ""
    group: str = ""


_DECODER = msgspec.json.Decoder(_Written)


def read_acl(document: str) -> Acl | None:
    """Read a list as the headers of "Path - Get Properties" tell it; None for what is none."""
    try:
        written = _DECODER.decode(document)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    found = []
    for entry in filter(None, written.acl.split(",")):
        parts = entry.strip().split(":")
        if parts[0] == "default":
            continue
        if len(parts) != 3 or parts[0] not in _SORTS or not _RIGHTS.fullmatch(parts[2]):
            return None
        rights = parts[2].translate(_SPECIAL).lower()
        found.append((parts[0], parts[1].lower(), rights))
    owner, group = ("" if each == _ITSELF else each.lower() for each in (written.owner, written.group))
    return Acl(owner, group, tuple(found))


def reaching(acls: Iterable[tuple[Acl | Condition, str]], caller: Caller) -> Condition:
    """Join what lists along a path have to give; one that was not read stands as the condition that says so."""
    return all_of(acl.gives(caller, wanted) if isinstance(acl, Acl) else acl for acl, wanted in acls if wanted)
