"""What roles permit.

From "Understand Azure role definitions": what a role permits are its Actions without its NotActions, and for data its
DataActions without its NotDataActions. A star stands for any text, slashes too, and case does not matter. What one
role leaves out another may give: NotActions are no deny.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import msgspec

from cloudscan.access.patterns import MANY, Pattern, Piece, matches
from cloudscan_azure.ids import lowered
from cloudscan_azure.policy.operations import Operation


@dataclass(frozen=True, slots=True)
class Permission:
    """One set of actions of a role or deny assignment, and the condition under which it counts ("" for none).

    ``untold`` says whether its actions, and whether its data actions, were left out of the document.
    """

    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()
    expression: str = ""
    untold: tuple[bool, bool] = (False, False)

    def is_about(self, operation: Operation) -> bool:
        """Whether it names what an operation takes, and does not leave it out."""
        named = self.data_actions if operation.data else self.actions
        left_out = self.not_data_actions if operation.data else self.not_actions
        return operation.is_among(named, fits_any) and not operation.is_among(left_out, fits_any)


@dataclass(frozen=True, slots=True)
class Role:
    """A role definition that was read; ``id`` is the last part of its id, which is unique in a tenant.

    ``assignable`` are the scopes at which it may be assigned, none for one that nobody can change.
    """

    id: str
    name: str
    permissions: tuple[Permission, ...]
    assignable: tuple[str, ...] = ()


class Written(msgspec.Struct, rename="camel"):
    """A permission as documents write it. What they leave out, or write as null, is nothing, or not known."""

    actions: list[str] | None = None
    not_actions: list[str] | None = None
    data_actions: list[str] | None = None
    not_data_actions: list[str] | None = None
    condition: str | None = None

    def read(self) -> Permission:
        """Return it as a permission."""
        return Permission(
            tuple(self.actions or ()),
            tuple(self.not_actions or ()),
            tuple(self.data_actions or ()),
            tuple(self.not_data_actions or ()),
            self.condition or "",
            (self.actions is None, self.data_actions is None),
        )


class _Properties(msgspec.Struct, rename="camel"):
    permissions: list[Written] | None = None
    role_name: str = ""
    role_type: str = ""
    type: str = ""
    assignable_scopes: list[str] | None = None


class _Definition(_Properties, rename="camel"):
    properties: _Properties | None = None


_DECODER = msgspec.json.Decoder(_Definition)


def read_role(name: str, document: str) -> Role | None:
    """Read a role definition as the cloud returned it, its properties apart or beside its id.

    None for what is none, or does not tell what it permits.
    """
    try:
        written: _Properties = _DECODER.decode(document)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    if isinstance(written, _Definition) and written.properties is not None:
        written = written.properties
    if written.permissions is None:
        return None
    custom = "customrole" in (written.role_type.lower(), written.type.lower())
    scopes = tuple(map(lowered, written.assignable_scopes or ())) if custom else ()
    return Role(short(name), written.role_name, tuple(one.read() for one in written.permissions), scopes)


def short(definition: str) -> str:
    """Return the last part of a role definition's id: the parts before it differ with where it was asked for."""
    return definition.rstrip("/").rpartition("/")[2].lower()


def fits_any(action: str, patterns: Iterable[str]) -> bool:
    """Whether an action fits one of some patterns."""
    return any(_fits(action.lower(), pattern) for pattern in patterns)


@lru_cache(maxsize=1 << 16)
def _fits(action: str, pattern: str) -> bool:
    return matches(_pattern(pattern), action)


@lru_cache(maxsize=1 << 15)
def _pattern(text: str) -> Pattern:
    pieces: list[Piece] = []
    for place, part in enumerate(text.lower().split("*")):
        pieces += [MANY] if place else []
        pieces += [part] if part else []
    return Pattern(tuple(pieces))


class Roles:
    """The roles of an estate, by id and by what they permit."""

    def __init__(self, roles: Iterable[Role]) -> None:
        self._roles: Mapping[str, Role] = {role.id: role for role in roles}
        self._given: dict[tuple[str, Operation], Sequence[str] | None] = {}

    def name(self, definition: str) -> str:
        """Return what a role is called, its id where that was not read."""
        found = self._roles.get(short(definition))
        return (found.name if found else "") or definition

    def assignable(self, definition: str) -> tuple[str, ...]:
        """Return the scopes at which a role of one's own may be assigned; none for a built-in one, or one not read."""
        found = self._roles.get(short(definition))
        return found.assignable if found else ()

    def giving(self, operation: Operation) -> Iterator[str]:
        """Yield the ids of the roles that permit something, whatever they ask for it."""
        yield from (role for role in sorted(self._roles) if self.gives(role, operation))

    def gives(self, definition: str, operation: Operation) -> Sequence[str] | None:
        """Return the conditions under which a role permits something, "" for none; None where it was not read."""
        key = (short(definition), operation)
        if key not in self._given:
            found = self._roles.get(key[0])
            told = [one.expression for one in found.permissions if one.is_about(operation)] if found else []
            unread = not found or (not told and any(one.untold[operation.data] for one in found.permissions))
            self._given[key] = None if unread else list(dict.fromkeys(told))
        return self._given[key]
