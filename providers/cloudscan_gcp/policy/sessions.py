"""What the ARN of an AWS role says that comes through an identity pool, of which the name of the session is open.

From "Configure Workload Identity Federation with AWS or Azure" (IAM documentation): ``assertion.arn`` is what AWS says
of the caller, for a role ``arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION``. Who assumes the role names the session.
"""

from __future__ import annotations

from dataclasses import replace

from cloudscan.access.conditions import (
    NEVER,
    AllOf,
    AnyOf,
    Condition,
    Test,
    all_of,
    any_of,
    constant,
    negate,
)
from cloudscan.access.patterns import MANY, Pattern
from cloudscan.model import Answer

ARN = "assertion.arn"


def of_session(condition: Condition, role: str) -> Condition:
    """Return what is left of a condition for sessions of a role, by the ARN that it has in a session's."""
    match condition:
        case AllOf(parts=parts):
            return all_of(of_session(part, role) for part in parts)
        case AnyOf(parts=parts):
            return any_of(of_session(part, role) for part in parts)
        case Test(key=key) if key == ARN and not condition.references:
            return _left(condition, f"{role}/")
        case _:
            return condition


def _left(test: Test, start: str) -> Condition:
    met = {value: _fits(value, start) for value in test.values}
    if Answer.YES in met.values():
        return constant(value=not test.negated)
    open_still = tuple(value for value, answer in met.items() if answer is Answer.UNKNOWN)
    return replace(test, values=open_still) if open_still else (negate(NEVER) if test.negated else NEVER)


def _fits(value: Pattern, start: str) -> Answer:
    """Say whether an ARN that begins so, and ends with the name of a session, fits a value."""
    pieces = value.pieces
    if len(pieces) == 2 and isinstance(pieces[0], str) and pieces[1] is MANY:
        known = start.startswith(pieces[0])
        return Answer.YES if known else Answer.UNKNOWN if pieces[0].startswith(start) else Answer.NO
    if len(pieces) == 1 and isinstance(pieces[0], str):
        return Answer.UNKNOWN if pieces[0].startswith(start) and pieces[0] != start else Answer.NO
    if len(pieces) == 3 and isinstance(pieces[1], str) and pieces[0] is pieces[2] is MANY and pieces[1] in start:
        return Answer.YES
    return Answer.UNKNOWN
