"""Names as people say them: "role/agent" for an id of the account that is spoken of, and whose account it is else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property

from cloudscan.estate import Estate
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN
from cloudscan.policy.file import Policy

_SAID = {ANYONE: "anyone on the Internet", ANYONE_SIGNED_IN: "anyone signed in to the cloud"}
_OPAQUE = re.compile(
    r"entra:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|/subscriptions/[^\s,;()\"']*[^\s,;()\"':.]", re.IGNORECASE
)
"""Ids of Azure: a number for somebody, and a path in which the name is the last word of many."""
_BLOBS = "blobs/"
"""What stands before the name of a blob in the id that conditions of Azure know it by."""
_FURTHER = "providers/"
"""What begins the rest of an id that is a resource's of its own, as a role assignment at a container is."""
_ID = re.compile(r"arn:[\w-]+:[\w-]*:[\w-]*:(?P<account>\d*|aws):(?P<rest>[^\s,;()\"']+)")


class Names:
    """Shortens ids. ``home`` is the account whose things need no further word, ``called`` holds names besides."""

    def __init__(
        self, home: str, estate: Estate, policy: Policy | None = None, called: Mapping[str, str] | None = None
    ) -> None:
        self._besides = called or {}
        self._home = home
        self._estate = estate
        self._policy = policy or Policy()

    def short(self, text: str) -> str:
        """Return an id, or a text with ids in it, with short ones in their place."""
        return _SAID.get(text) or _ID.sub(self._shortened, self.named(text))

    def named(self, text: str) -> str:
        """Return an id, or a text with ids in it, with names in place of those that tell people nothing.

        Where several have a name, their ids stand behind it.
        """
        return _OPAQUE.sub(self._called, text)

    def _called(self, match: re.Match[str]) -> str:
        whole, rest = match[0], ""
        if (name := self._names.get(whole)) is None:
            whole, rest = self._in_store(whole)
            name = self._names.get(whole)
        if name is None:
            return match[0]
        return f"{name}{rest}" if self._shared[name] == 1 else f"{name}{rest} ({match[0]})"

    def _in_store(self, text: str) -> tuple[str, str]:
        """Take the id of what lies in a store apart, as --to takes it; ("", "") for anything else."""
        at = len(text)
        while (at := text.rfind("/", 0, at)) > 0:
            rest = text[at + 1 :]
            if text[:at] in self._estate.stores:
                return ("", "") if rest.startswith(_FURTHER) else (text[:at], f"/{rest.removeprefix(_BLOBS)}")
        return "", ""

    @cached_property
    def _names(self) -> dict[str, str]:
        held = self._estate
        called = [(one.id, one.name) for one in held.principals.values()]
        called += [(one.id, one.name) for one in held.federations.values()]
        called += [(one.id, one.name) for one in held.stores.values()]
        called += self._besides.items()
        return {known: name for known, name in called if name and _OPAQUE.fullmatch(known)}

    @cached_property
    def _shared(self) -> Counter[str]:
        return Counter(self._names.values())

    def _shortened(self, match: re.Match[str]) -> str:
        account, rest = match["account"], match["rest"]
        if door := self._estate.federations.get(match[0]):
            rest = door.name
        if account in ("", "aws", self._home):
            return rest
        named = self._policy.trusted_name(account)
        return f"{rest} of {account}" if named in (None, account) else f"{rest} of {account} ({named})"

    def kinds(self, ids: Iterable[str]) -> str:
        """Count ids by their kind: "96 roles and 22 users"."""
        counted = Counter(self._kind(each) for each in ids)
        parts = [f"{many:,} {kind}{'' if many == 1 else 's'}" for kind, many in sorted(counted.items())]
        return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))

    def _kind(self, name: str) -> str:
        known = self._estate.principals.get(name)
        return known.kind if known else "principal"
