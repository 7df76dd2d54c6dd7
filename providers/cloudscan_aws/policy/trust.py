"""Who may become a role: its trust policy, for identities of AWS, services and federated tokens.

From the "IAM User Guide": role trust policies, OIDC federation, SAML federation; and from the "AWS STS API
Reference": AssumeRole cannot be called with the credentials of a root user.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cloudscan.access.answers import Decision
from cloudscan.access.conditions import NEVER, Context, Unseen
from cloudscan_aws.policy.asking import Question
from cloudscan_aws.policy.callers import Caller, Kind
from cloudscan_aws.policy.documents import Policy
from cloudscan_aws.policy.evaluate import Inquiry, refused
from cloudscan_aws.policy.organization import Organization

_WITH_TOKEN = frozenset({"sts:assumerolewithwebidentity", "sts:assumerolewithsaml"})


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """A role as one that others become. ``trust`` is None if it was not read, as are ``tags``."""

    arn: str
    account: str
    trust: Policy | None
    tags: Mapping[str, str] | None = field(default_factory=dict)


def evaluate_assume_role(
    caller: Caller, action: str, role: RoleFacts, *, organization: Organization | None, context: Context | None = None
) -> Decision:
    """Decide whether a caller may become a role by ``sts:AssumeRole`` or one of its variants with a token."""
    if caller.kind is Kind.ROOT:
        return refused(f"{caller} is a root user, and those cannot assume roles")
    if (action.lower() in _WITH_TOKEN) != (caller.kind is Kind.FEDERATED) or caller.kind is Kind.ANYONE:
        return refused(f"{action} is not a call that {caller} can make")
    about = (context or Context()).over(_tags(role))
    inquiry = Inquiry(caller, Question(action, role.arn, role.account, about), organization)
    if role.trust is None:
        return inquiry.decide(Unseen(f"the trust policy of {role.arn} was not read"))
    granted = inquiry.gate(inquiry.admitted([role.trust], on_itself=True))
    if granted is NEVER:
        inquiry.lack(f"{role.trust.name} does not admit {caller}")
    return inquiry.decide(granted)


def _tags(role: RoleFacts) -> Context:
    if role.tags is None:
        return Context()
    prefixes = ("aws:ResourceTag/", "iam:ResourceTag/")
    known = {f"{prefix}{name}": value for prefix in prefixes for name, value in role.tags.items()}
    return Context.of(known, absent=[f"{prefix}*" for prefix in prefixes])
