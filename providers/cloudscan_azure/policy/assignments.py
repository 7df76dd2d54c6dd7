"""Role assignments: who has which role at a scope, under which condition and until when.

From "Understand Azure role assignments": assignments add up. From "Assign Azure resource roles in Privileged Identity
Management": an active assignment may begin and end; an eligible one gives nothing until it is activated, which takes
what the role's settings ask (approval, a second factor).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import Condition, Test, Unseen, all_of
from cloudscan.access.patterns import Pattern
from cloudscan_azure.ids import lowered
from cloudscan_azure.policy.abac import TIME

ACTIVATION = "pim:activation"


@dataclass(frozen=True, slots=True)
class Assignment:
    """One role assignment. ``principal`` is an object id, ``kind`` the type of it that the assignment tells."""

    id: str
    scope: str
    role: str
    principal: str
    kind: str = ""
    expression: str = ""
    understood: bool = True
    start: str = ""
    end: str = ""
    eligible: bool = False

    @property
    def holds(self) -> Condition:
        """When it counts, beside its condition on requests."""
        return all_of(self._terms())

    def _terms(self) -> Iterator[Condition]:
        if self.start:
            yield Test(TIME, Operator.TIME_AT_EARLIEST, (Pattern((self.start,)),), source=self.id)
        if self.end:
            yield Test(TIME, Operator.TIME_BEFORE, (Pattern((self.end,)),), source=self.id)
        if self.eligible:
            yield Test(ACTIVATION, Operator.PRESENT, source=self.id)
        if not self.understood:
            yield Unseen(f"the condition of {self.id} is of a version that is not known")


class _Properties(msgspec.Struct, rename="camel"):
    scope: str
    role_definition_id: str
    principal_id: str
    principal_type: str | None = None
    condition: str | None = None
    condition_version: str | None = None
    start_date_time: str | None = None
    end_date_time: str | None = None


class _Assignment(msgspec.Struct):
    properties: _Properties


_DECODER = msgspec.json.Decoder(_Assignment)


def read_assignment(name: str, document: str, *, eligible: bool) -> Assignment | None:
    """Read a role assignment, or an instance of its schedule, as the cloud returned it; None for what is none."""
    try:
        told = _DECODER.decode(document).properties
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    if not told.principal_id or not told.role_definition_id:
        return None
    return Assignment(
        name,
        lowered(told.scope),
        told.role_definition_id,
        told.principal_id.lower(),
        (told.principal_type or "").lower(),
        told.condition or "",
        understood=not told.condition or (told.condition_version or "2.0") == "2.0",
        start=told.start_date_time or "",
        end=told.end_date_time or "",
        eligible=eligible,
    )
