"""Can somebody whom nobody knows meet a condition? What they choose themselves is no barrier to them.

A stranger chooses when to ask, by which protocol, and from which address of their own; they cannot have an address of
somebody else's network, come from its subnet or by its private endpoint, activate a role, have a customer-provided
key, or set the tags of a blob. Of other attributes, and of whom the rules of a perimeter let in, we do
not claim to know.
"""

from __future__ import annotations

from datetime import datetime

from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import Condition, Context, Test, resolve
from cloudscan.access.strangers import is_wide, met
from cloudscan.model import Answer
from cloudscan_azure.policy.abac import PRIVATE_LINK, TIME
from cloudscan_azure.policy.assignments import ACTIVATION
from cloudscan_azure.policy.network import NETWORK, PERIMETER
from cloudscan_azure.policy.sas import ADDRESS

_BARRIERS = frozenset({ACTIVATION, PRIVATE_LINK, "cpk:customer-key"})


def open_to_strangers(condition: Condition, now: datetime) -> Answer:
    """Say whether somebody with nothing but the Internet and an account of their own can meet a condition."""
    return met(resolve(condition, Context.of({TIME: now.isoformat()})), _tested)


def _tested(test: Test) -> Answer:
    """Say of one test. One that asks that something be absent, or different, is met by leaving it out."""
    if test.key in _BARRIERS:
        return Answer.of(test.negated)
    if test.key not in (NETWORK, ADDRESS):
        return Answer.UNKNOWN
    if test.operator is not Operator.IN_NETWORK:
        perimeter = any(str(value) == PERIMETER for value in test.values)
        return Answer.UNKNOWN if perimeter else Answer.of(test.negated)
    return Answer.of(test.negated or any(is_wide(str(value)) for value in test.values))
