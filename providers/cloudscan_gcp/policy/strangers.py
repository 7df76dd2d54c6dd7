"""Can somebody whom nobody knows meet a condition? What they choose themselves is no barrier to them.

From "Attribute reference for IAM Conditions": a stranger chooses when to ask, what to name in a request, and which
project of their own pays; they cannot have the address of somebody else's network, an access level, a place within a
service perimeter, or a customer-supplied key. What they can have a token say, :mod:`cloudscan_gcp.policy.claims` tells.
Of other attributes we do not claim to know.
"""

from __future__ import annotations

from datetime import datetime

from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import Condition, Context, Test, resolve
from cloudscan.access.strangers import is_wide, met
from cloudscan.model import Answer
from cloudscan_gcp.policy import clock
from cloudscan_gcp.policy.apis import LIST_PREFIX
from cloudscan_gcp.policy.claims import CLAIMS, claimed

_CHOSEN = frozenset(
    {
        "requester-pays:billing-project",
        "request.host",
        "request.path",
        "destination.port",
        LIST_PREFIX.casefold(),
    }
)
_BARRIERS = frozenset({"csek:customer-key", "vpc-sc:perimeter", "ip-filter:network", "request.auth.access_levels"})
_ADDRESSES = frozenset({"origin.ip", "request.origin.ip"})


def open_to_strangers(condition: Condition, now: datetime) -> Answer:
    """Say whether somebody with nothing but the Internet and an account of their own can meet a condition."""
    # A date is as it is today. The hour and the day of the week are theirs to choose: what is shut now opens then.
    return met(resolve(condition, Context.of({clock.TIME: now.isoformat()})), _tested)


def _tested(test: Test) -> Answer:
    """Say of one test. One that asks that something be absent, or different, is met by leaving it out."""
    if test.key.startswith(CLAIMS):
        return claimed(test)
    key = test.key.casefold()
    if clock.is_part(test.key) or key in _CHOSEN:
        return Answer.YES
    if key in _BARRIERS:
        return Answer.of(test.negated)
    if key in _ADDRESSES and test.operator is Operator.IN_NETWORK:
        return Answer.of(test.negated or any(is_wide(str(value)) for value in test.values))
    return Answer.UNKNOWN
