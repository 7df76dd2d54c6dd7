"""Who asks, and whom ids in assignments mean.

From "Understand Azure role assignments": an assignment names a user, group, service principal or managed identity by
its object id; who is in a group, also through others, has what the group has. From "Understand Azure deny
assignments": the id of zeros means all principals of the tenant, and nobody who does not sign in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cloudscan.access.conditions import ALWAYS, NEVER, Condition, Unseen

EVERYBODY = "00000000-0000-0000-0000-000000000000"


def _nobody(_: str) -> str:
    return ""


def _alone(_: str) -> Sequence[str]:
    return ()


@dataclass(frozen=True, eq=False)
class Caller:
    """Somebody who asks, the same object for the same person.

    ``own`` is its object id, ``ids`` are this and those of its groups; both are empty for who does not sign in.
    ``perhaps`` says why it is not known whether somebody is in a group, "" where it is. ``stopped`` says why it
    cannot ask at all. ``attributes`` are its custom security attributes, None where they were not read. ``tenant`` is
    its home, "" where that is not known. ``through`` names the groups by which it is in one, that which it is in itself
    first and that one last; () where it is not known to be in it.
    """

    name: str
    own: str = ""
    ids: frozenset[str] = frozenset()
    kind: str = ""
    perhaps: Callable[[str], str] = _nobody
    stopped: str = ""
    attributes: Mapping[str, str] | None = None
    tenant: str = ""
    through: Callable[[str], Sequence[str]] = _alone

    @property
    def signs(self) -> bool:
        """Whether it shows who it is."""
        return bool(self.ids)

    @property
    def may_be_a_service(self) -> bool:
        """Whether a service of Azure may act as it, since it is no person."""
        return self.signs and self.kind not in ("user", "guest")


def means(object_id: str, caller: Caller) -> Condition:
    """Say whether an id in an assignment or list means somebody."""
    if object_id in caller.ids or (object_id == EVERYBODY and caller.signs):
        return ALWAYS
    unread = caller.perhaps(object_id) if caller.signs else ""
    return Unseen(unread) if unread else NEVER
