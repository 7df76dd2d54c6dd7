"""As which members of policies the holder of a token comes through a provider of an identity pool.

From "Workload Identity Federation" (IAM documentation): what a provider's mapping makes of a token decides as which
members its holder comes: the whole pool (``/*``), a subject, a group, or an attribute. Its attribute condition refuses
tokens. From "Configure Workload Identity Federation with AWS or Azure": an AWS role comes as
``arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import (
    ALWAYS,
    NEVER,
    AllOf,
    AnyOf,
    Condition,
    Context,
    Test,
    Unseen,
    all_of,
    any_of,
    resolve,
)
from cloudscan.access.simplification import simplify
from cloudscan.model import ANYONE, Federation
from cloudscan_gcp.policy.cel import condition_of
from cloudscan_gcp.policy.claims import by_strangers
from cloudscan_gcp.policy.comparing import patterns
from cloudscan_gcp.policy.sessions import ARN, of_session
from cloudscan_gcp.policy.subjects import Subject

ACCOUNT, AWS_ROLE = "assertion.account", "attribute.aws_role"
_CLAIM = re.compile(r"assertion\.\w+")
_WITHOUT_SESSION = ("{account_arn}assumed-role/", "{role_name}")
"""What the expression has in it by which the documentation makes of the ARN of a session that of its role."""
_AWS_MAPPING = {"google.subject": "assertion.arn", AWS_ROLE: "".join(_WITHOUT_SESSION)}
"""What a provider for AWS maps unless it is told otherwise."""


@dataclass(frozen=True, slots=True)
class Token:
    """Whose token it is, and what it is known to say: by claim, and by attribute that the usual mapping makes of it."""

    source: str
    says: Mapping[str, str] = field(default_factory=dict)


def issued(provider: Federation) -> Token:
    """Return what is known of every token that a provider may take."""
    return Token(provider.id, {ACCOUNT: provider.trusted_account} if provider.kind == "aws" else {})


def comes(provider: Federation, token: Token, member: str) -> Condition:
    """Say whether the holder of a token comes as a member: it is taken, and mapped to that."""
    if provider.condition is None:
        taken: Condition = Unseen(f"what {provider.id} asks of a token was not read")
    else:
        taken = _said(condition_of(provider.condition, Subject("", "", "")), provider, token)
    asked = all_of((taken, _is(provider, token, member)))
    # Of a stranger each claim is judged alone, so what no token can say is left out before.
    return by_strangers(simplify(_as_claims(asked, provider))) if token.source == ANYONE else simplify(asked)


def _is(provider: Federation, token: Token, member: str) -> Condition:
    sort, _, value = member.partition("Pools/")[2].partition("/")[2].partition("/")
    if sort == "*":
        return ALWAYS
    mapping = provider.mapping or (_AWS_MAPPING if provider.kind == "aws" else None)
    if mapping is None:
        return Unseen(f"what {provider.id} makes of a token was not read")
    name = {"subject": "google.subject", "group": "google.groups"}.get(sort, sort)
    if name not in mapping:
        return NEVER
    return _equals(token, name, mapping[name], value)


def _said(condition: Condition, provider: Federation, token: Token) -> Condition:
    """Return what is left of a condition by what a token is known to say."""
    if not token.says:
        return condition
    asked = resolve(_as_claims(condition, provider), Context.of(token.says))
    role = token.says.get(AWS_ROLE, "")
    return of_session(asked, role) if role.startswith("arn:aws:sts:") else asked


def _as_claims(condition: Condition, provider: Federation) -> Condition:
    """Ask of the token what is asked of an attribute that is mapped from one of its claims as it stands."""
    match condition:
        case AllOf(parts=parts):
            return all_of(_as_claims(part, provider) for part in parts)
        case AnyOf(parts=parts):
            return any_of(_as_claims(part, provider) for part in parts)
        case Test():
            usual = _AWS_MAPPING if provider.kind == "aws" else {}
            expression = (provider.mapping or usual).get(condition.key, "").strip()
            return replace(condition, key=expression) if _CLAIM.fullmatch(expression) else condition
        case _:
            return condition


def _equals(token: Token, name: str, expression: str, value: str) -> Condition:
    """Say whether an attribute has a value, by what is known of the token, else as a condition on what it says."""
    role = token.says.get(AWS_ROLE)
    if role is not None and name == AWS_ROLE and all(part in expression for part in _WITHOUT_SESSION):
        return ALWAYS if value == role else NEVER
    if role is not None and expression == ARN and not value.startswith(f"{role}/"):
        return ALWAYS if value == role else NEVER  # a session is named by whoever assumes the role
    account = token.says.get(ACCOUNT)
    if role is None and account is not None:  # somebody in an account of AWS
        if name == AWS_ROLE and all(part in expression for part in _WITHOUT_SESSION):
            inside = value.startswith(f"arn:aws:sts::{account}:assumed-role/")
            return Test(name, Operator.EQUALS, patterns((value,))) if inside else NEVER
        if expression == ARN and f"::{account}:" not in value:
            return NEVER
    wanted = json.dumps(value)
    compared = f"{wanted} in {expression}" if name == "google.groups" else f"({expression}) == {wanted}"
    return resolve(condition_of(compared, Subject("", "", "")), Context.of(token.says))
