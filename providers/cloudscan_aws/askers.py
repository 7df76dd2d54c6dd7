"""Who is asked about: a caller as grants tell of it, and what is known of its requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cloudscan.access import Context
from cloudscan_aws.facts import Facts
from cloudscan_aws.policy.callers import Caller, Kind

OVER_TLS = Context.of({"aws:SecureTransport": "true"})
"""What every caller can choose to do. Whether plaintext is refused is a question of its own (``transport``)."""

UNNAMED = "an account that is not named"
"""Somebody of whom nothing is known but that what was not read may admit it."""


@dataclass(frozen=True, slots=True, eq=False)
class Asker:
    """A caller under the name by which grants and edges call it.

    That name is a principal's id, or a guise: what somebody becomes by a step, as the same caller with other
    policies. ``outside`` says that it belongs to none of the estate's accounts, ``told`` what is known of its requests.
    """

    principal: str
    caller: Caller
    account: str = ""
    outside: bool = False
    told: Context = OVER_TLS


def inside(facts: Facts) -> list[Asker]:
    """Return the identities of the estate's own accounts that can ask by themselves, by id."""
    return [Asker(principal.id, caller, principal.account) for principal, caller in facts.callers()]


def names_of(asker: Asker) -> Iterator[str]:
    """Yield the names by which documents can mean a caller itself; a role's sessions by what comes before theirs."""
    caller = asker.caller
    if not caller.signs or not caller.name:
        return
    yield caller.name
    if caller.unique_id:
        yield caller.unique_id
    if caller.kind is Kind.ROLE:
        partition = caller.name.split(":", 2)[1] if caller.name.count(":") >= 2 else "aws"
        yield f"arn:{partition}:sts::{caller.account}:assumed-role/{caller.name.rpartition('/')[2]}/"
