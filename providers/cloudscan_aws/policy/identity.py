"""Calls on what has no policy of its own: the caller's account decides alone."""

from __future__ import annotations

from cloudscan.access.answers import Decision, Effect, Reason
from cloudscan.access.conditions import ALWAYS, Context
from cloudscan_aws.policy.asking import Question
from cloudscan_aws.policy.callers import Caller
from cloudscan_aws.policy.evaluate import Inquiry
from cloudscan_aws.policy.organization import Organization
from cloudscan_aws.policy.principals import NOBODY

_NEVER_REFUSED = frozenset({"sts:getcalleridentity", "sts:getsessiontoken"})
"""Calls that policies do not control ("AWS STS API Reference")."""


def evaluate_identity_request(
    caller: Caller, action: str, resource: str, *, organization: Organization | None, context: Context | None = None
) -> Decision:
    """Decide whether a caller may do an action on a resource that has no policy of its own.

    Across accounts nobody gets there, since nothing there can admit.
    """
    if caller.signs and action.lower() in _NEVER_REFUSED:
        return Decision(ALWAYS, (Reason(Effect.ALLOWS, f"{action} needs no permission and cannot be denied"),))
    parts = resource.split(":", 5)
    owner = parts[4] if len(parts) == 6 and parts[4] else caller.account
    inquiry = Inquiry(caller, Question(action, resource, owner, context or Context()), organization)
    if not inquiry.at_home:
        inquiry.lack(f"{resource} belongs to account {owner} and has no policy that admits {caller}")
    return inquiry.decide(inquiry.union(NOBODY))
