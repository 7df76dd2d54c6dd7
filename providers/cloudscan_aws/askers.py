"""Who is asked about: a caller as grants tell of it, and what is known of its requests."""

from __future__ import annotations

from dataclasses import dataclass

from cloudscan.access import Context
from cloudscan_aws.facts import Facts
from cloudscan_aws.policy.callers import Caller

OVER_TLS = Context.of({"aws:SecureTransport": "true"})
"""What every caller can choose to do. Whether plaintext is refused is a question of its own (``transport``)."""


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
