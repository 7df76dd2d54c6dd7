"""Who is asked about: a caller as grants tell of it, and what is known of its requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cloudscan.access import Context, States
from cloudscan.access.alike import Party
from cloudscan.access.states import Chain
from cloudscan.model import Principal
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
    ``was`` is what it was before a step changed it, which it then is no more; "" for what no step has changed.
    ``record`` is its record as it then is, None for the one that was read.
    """

    principal: str
    caller: Caller
    account: str = ""
    outside: bool = False
    told: Context = OVER_TLS
    was: str = ""
    record: Principal | None = None

    @property
    def party(self) -> Party:
        """Whose its grants are."""
        return Party(self.principal, self.account, self.outside)


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


def record_of(facts: Facts, asker: Asker) -> Principal | None:
    """Return the record of the user or role that somebody is, as it is by then."""
    return asker.record or facts.estate.principals.get(asker.caller.name)


def states_of(askers: Iterable[Asker]) -> States:
    """Return which of some askers are one identity at different times. Its sessions are what it is."""
    people = {asker.principal: asker for asker in askers}

    def chain(asker: Asker) -> Chain:
        if asker.was in people:
            return (*chain(people[asker.was]), asker.principal)
        name = asker.caller.name or asker.principal
        itself = not asker.was and (name == asker.principal or name in people)
        return (name,) if itself else (name, asker.principal)

    return States({name: found for name, asker in people.items() if (found := chain(asker)) != (name,)})
