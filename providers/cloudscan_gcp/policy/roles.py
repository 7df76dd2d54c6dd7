"""What roles permit.

From "Roles and permissions" and "Custom roles" (IAM documentation): a role is a list of permissions. A custom role
whose stage is DISABLED, or which is deleted, gives nothing, though bindings to it may stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from cloudscan.access.conditions import ALWAYS, NEVER, Condition, Unseen


@dataclass(frozen=True, slots=True)
class Role:
    """A role that was read: what it permits now, and if that is nothing why, and what it would permit."""

    name: str
    permissions: frozenset[str]
    off: str = ""
    withheld: frozenset[str] = frozenset()


class _Written(msgspec.Struct):
    permissions: list[str] = msgspec.field(name="includedPermissions", default_factory=list)
    stage: str = "GA"
    deleted: bool = False


_DECODER = msgspec.json.Decoder(_Written)


def read_role(name: str, document: str) -> Role | None:
    """Read a role as the cloud returned it; None for what is none."""
    try:
        written = _DECODER.decode(document)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    off = "deleted" if written.deleted else "disabled" if written.stage == "DISABLED" else ""
    listed, nothing = frozenset(written.permissions), frozenset[str]()
    return Role(name, nothing, off, listed) if off else Role(name, listed)


class Roles:
    """The roles of an estate, by name and by what they permit."""

    def __init__(self, roles: Iterable[Role]) -> None:
        self._roles: Mapping[str, Role] = {role.name: role for role in roles}

    def __contains__(self, name: str) -> bool:
        return name in self._roles

    def gives(self, role: str, permission: str) -> Condition:
        """Say whether a role permits something."""
        found = self._roles.get(role)
        if found is None:
            return Unseen(f"what {role} permits was not read")
        return ALWAYS if permission in found.permissions else NEVER

    def off(self, role: str, permission: str) -> str:
        """Say why a role does not permit what it lists: it is deleted, or disabled; "" for all others."""
        found = self._roles.get(role)
        return found.off if found and permission in found.withheld else ""
