"""Deny assignments: what is refused to whom, whatever roles give.

From "Understand Azure deny assignments": one blocks its actions, without those left out, for its principals, without
those excluded, at its scope and below it, unless it is not to apply to child scopes. It binds requests that sign in
with Microsoft Entra; a key or a shared access signature is no principal.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from cloudscan.access.conditions import NEVER, Condition, Unseen, all_of, any_of, negate
from cloudscan_azure.ids import lowered
from cloudscan_azure.policy.abac import Subject, condition_of
from cloudscan_azure.policy.callers import EVERYBODY, Caller, means
from cloudscan_azure.policy.operations import Operation
from cloudscan_azure.policy.roles import Permission, Written


@dataclass(frozen=True, slots=True)
class DenyAssignment:
    """One deny assignment; ``fault`` says that it makes no sense, and may refuse anything at its scope.

    ``untold`` says what it left out that may spare somebody. ``kinds`` are the types of principals that it tells, by
    object id.
    """

    id: str
    scope: str
    permissions: tuple[Permission, ...] = ()
    principals: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    here_only: bool = False
    expression: str = ""
    fault: str = ""
    untold: str = ""
    kinds: tuple[tuple[str, str], ...] = ()

    def is_about(self, operation: Operation) -> bool:
        """Whether it refuses an operation to anybody."""
        return any(one.is_about(operation) for one in self.permissions)

    def refuses(self, caller: Caller, operation: Operation, subject: Subject) -> Condition:
        """Say whether it refuses an operation to somebody, at a place that it applies to."""
        meant = any_of(means(each, caller) for each in self.principals)
        if meant is NEVER:
            return NEVER
        spared = any_of(means(each, caller) for each in self.excluded)
        about = (one for one in self.permissions if one.is_about(operation))
        conditions = [
            condition_of(each, operation, subject, caller, self.id)
            for one in about
            for each in (one.expression or self.expression,)
        ]
        told = all_of((meant, negate(spared), any_of(conditions)))
        return all_of((told, Unseen(self.untold))) if self.untold else told


class _Principal(msgspec.Struct):
    id: str | None = None
    type: str | None = None

    @property
    def meant(self) -> str:
        """The object id that it means."""
        everybody = (self.type or "").lower() in ("systemdefined", "everyone") and (self.id or EVERYBODY) == EVERYBODY
        return EVERYBODY if everybody else (self.id or "").lower()


class _Properties(msgspec.Struct, rename="camel"):
    scope: str
    permissions: list[Written]
    principals: list[_Principal]
    exclude_principals: list[_Principal] | None = None
    do_not_apply_to_child_scopes: bool | None = None
    condition: str | None = None


class _Assignment(msgspec.Struct):
    properties: _Properties


_DECODER = msgspec.json.Decoder(_Assignment)


def read_deny(name: str, scope: str, document: str) -> DenyAssignment:
    """Read a deny assignment as the cloud returned it. ``scope`` is where the record says that it hangs."""
    try:
        told = _DECODER.decode(document).properties
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return DenyAssignment(name, scope, fault=f"{name} is malformed and may refuse")
    left_out = None in (told.exclude_principals, told.do_not_apply_to_child_scopes)
    return DenyAssignment(
        name,
        lowered(told.scope),
        tuple(one.read() for one in told.permissions),
        tuple(one.meant for one in told.principals),
        tuple(one.meant for one in told.exclude_principals or ()),
        here_only=told.do_not_apply_to_child_scopes is True,
        expression=told.condition or "",
        untold=f"whom or what {name} spares was not told" if left_out else "",
        kinds=tuple(
            (one.meant, (one.type or "").lower()) for one in (*told.principals, *(told.exclude_principals or ()))
        ),
    )
