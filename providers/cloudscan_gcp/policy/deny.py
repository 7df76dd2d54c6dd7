"""Deny policies: what is refused to whom, whatever allow policies give.

From "Deny policies" (IAM documentation): a rule refuses its permissions, without those excepted, to its principals,
without those excepted, where its condition on tags of the resource holds. An exception is of its rule alone.
Permissions are written as ``service.googleapis.com/resource.verb``, and a part of them may be a star.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import msgspec

from cloudscan.access.conditions import NEVER, Condition, all_of, any_of, negate
from cloudscan.access.patterns import glob, matches
from cloudscan_gcp.policy.bindings import Expr
from cloudscan_gcp.policy.cel import condition_of
from cloudscan_gcp.policy.members import Caller, means
from cloudscan_gcp.policy.subjects import Subject

_DOMAINS = {"resourcemanager": "cloudresourcemanager"}
"""Services whose permissions begin with another word than their address."""


@dataclass(frozen=True, slots=True)
class DenyRule:
    """One rule of a deny policy; ``policy`` is the policy's name."""

    policy: str
    place: int
    principals: tuple[str, ...]
    exceptions: tuple[str, ...]
    permissions: tuple[str, ...]
    excepted_permissions: tuple[str, ...]
    expression: str = ""

    @property
    def statement(self) -> str:
        """Its name in proofs."""
        return f"{self.policy}: rule {self.place}"

    def is_about(self, permission: str) -> bool:
        """Whether it refuses a permission to anybody."""
        name = in_deny_form(permission)
        return _named(name, self.permissions) and not _named(name, self.excepted_permissions)

    def refuses(self, caller: Caller, subject: Subject) -> Condition:
        """Say whether it refuses its permissions on a resource to somebody."""
        meant = any_of(means(member, caller) for member in self.principals)
        if meant is NEVER:
            return NEVER
        spared = any_of(means(member, caller) for member in self.exceptions)
        holds = condition_of(self.expression, subject, self.statement, grants=False)
        return all_of((meant, negate(spared), holds))


@dataclass(frozen=True, slots=True)
class DenyPolicy:
    """The rules of one policy; ``faults`` are what of it makes no sense, in words."""

    name: str
    rules: Sequence[DenyRule]
    faults: Sequence[str] = ()


class _Rule(msgspec.Struct):
    principals: list[str] = msgspec.field(name="deniedPrincipals", default_factory=list)
    exceptions: list[str] = msgspec.field(name="exceptionPrincipals", default_factory=list)
    permissions: list[str] = msgspec.field(name="deniedPermissions", default_factory=list)
    excepted: list[str] = msgspec.field(name="exceptionPermissions", default_factory=list)
    condition: Expr | None = msgspec.field(name="denialCondition", default=None)


class _Wrapped(msgspec.Struct):
    rule: _Rule = msgspec.field(name="denyRule")


class _Policy(msgspec.Struct):
    rules: list[msgspec.Raw] = msgspec.field(default_factory=list)


_POLICY = msgspec.json.Decoder(_Policy)
_RULE = msgspec.json.Decoder(_Wrapped)


def read_deny_policy(name: str, document: str) -> DenyPolicy:
    """Read a deny policy as the cloud returned it. Total: what makes no sense is a fault, and may refuse anything."""
    try:
        written = _POLICY.decode(document)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return DenyPolicy(name, (), (f"{name} is malformed",))
    rules, faults = [], []
    for place, raw in enumerate(written.rules, start=1):
        try:
            one = _RULE.decode(raw).rule
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            faults.append(f"rule {place} of {name} is malformed")
            continue
        rules.append(_rule(name, place, one))
    return DenyPolicy(name, tuple(rules), tuple(faults))


def _rule(policy: str, place: int, one: _Rule) -> DenyRule:
    principals, exceptions = tuple(one.principals), tuple(one.exceptions)
    expression = one.condition.expression if one.condition else ""
    return DenyRule(policy, place, principals, exceptions, tuple(one.permissions), tuple(one.excepted), expression)


@lru_cache(maxsize=1 << 12)
def in_deny_form(permission: str) -> str:
    """Write a permission as deny policies do: ``storage.objects.get`` is ``storage.googleapis.com/objects.get``.

    Newer permissions are in that form everywhere (``iam.googleapis.com/workloadIdentityPoolProviders.update``).
    """
    if "/" in permission:
        return permission
    service, _, rest = permission.partition(".")
    return f"{_DOMAINS.get(service, service)}.googleapis.com/{rest}"


def _named(name: str, patterns: Sequence[str]) -> bool:
    return any(matches(glob(pattern), name) for pattern in patterns)
