"""The flow charts: within one account and across accounts.

From "Policy evaluation logic", "Cross-account policy evaluation logic", "Service control policies" and
"Resource control policies".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tests.oracle.conditions import holds
from tests.oracle.matching import Context, covers_action, covers_resource, many
from tests.oracle.principals import ACCOUNT, DIRECT, ROLE, Caller, admits
from tests.oracle.verdict import Json, Verdict


@dataclass(frozen=True)
class Request:
    """One request: who, what, on what, under which context; and the guardrails of the two accounts."""

    caller: Caller
    action: str
    resource: str
    owner: str
    context: Context
    resource_policies: tuple[Json, ...] = ()
    scp_levels: tuple[tuple[Json, ...], ...] = ()
    rcps: tuple[Json, ...] = ()
    other_grants: frozenset[str] = frozenset()
    """Levels at which something that is no policy (an ACL) names the caller."""

    def on(self, resource: str, policies: tuple[Json, ...]) -> Request:
        """Return the same request on another resource."""
        return replace(self, resource=resource, resource_policies=policies)


def _applying(request: Request, documents: Iterable[Json], effect: str) -> list[Json]:
    """Return the statements with an effect that are about the request, whomever they name."""
    return [
        statement
        for document in documents
        for statement in many(document["Statement"])
        if statement["Effect"] == effect and _is_about(statement, request, document.get("Version", "2008-10-17"))
    ]


def _is_about(statement: Json, request: Request, version: str) -> bool:
    return (
        covers_action(statement, request.action)
        and covers_resource(statement, request.resource, request.context, version)
        and holds(statement.get("Condition", {}), request.context, version)
    )


def explicit_deny(request: Request) -> Verdict | None:
    """Return the denial of the first policy that has one: it beats everything."""
    caller = request.caller
    held: list[tuple[str, Iterable[Json]]] = [
        ("identity policy", caller.identity),
        ("permissions boundary", caller.boundary),
        ("session policy", caller.session_policy),
        ("SCP", [document for level in request.scp_levels for document in level]),
    ]
    for name, documents in held:
        if _applying(request, documents, "Deny"):
            return Verdict(allowed=False, because=f"explicit deny in the {name}")
    for name, documents in (("RCP", request.rcps), ("resource policy", request.resource_policies)):
        if any(admits(statement, caller) for statement in _applying(request, documents, "Deny")):
            return Verdict(allowed=False, because=f"explicit deny in the {name}")
    return None


def resource_levels(request: Request) -> set[str]:
    """Return at which levels the resource's policies, or what stands beside them, allow the caller."""
    statements = _applying(request, request.resource_policies, "Allow")
    return {admits(statement, request.caller) for statement in statements} - {""} | request.other_grants


def identity_side(request: Request, *, needs_identity: bool = True) -> Verdict:
    """Say whether a caller's own account lets it: identity policies, boundary and session policy together."""
    caller = request.caller
    if caller.kind == "root":
        return Verdict(allowed=True, because="the account's root user")
    if needs_identity and not _applying(request, caller.identity, "Allow"):
        return Verdict(allowed=False, because="no identity policy allows it")
    if caller.boundary and not _applying(request, caller.boundary, "Allow"):
        return Verdict(allowed=False, because="the permissions boundary does not allow it")
    if caller.session_policy and not _applying(request, caller.session_policy, "Allow"):
        return Verdict(allowed=False, because="the session policy does not allow it")
    return Verdict(allowed=True, because="the identity policy")


def guardrails(request: Request) -> Verdict | None:
    """Return the denial by silence of service control policies: every level has to allow."""
    if not all(_applying(request, level, "Allow") for level in request.scp_levels):
        return Verdict(allowed=False, because="a level of SCPs does not allow it")
    return None


def decide(request: Request, *, must_admit: bool = False) -> Verdict:
    """Follow the charts. Policies of keys and roles ``must_admit``: without them no identity policy counts."""
    denied = explicit_deny(request) or (guardrails(request) if request.caller.signed else None)
    if denied:
        return denied
    levels = resource_levels(request)
    if not request.caller.signed:
        because = "the resource policy names a caller without account" if levels else "nobody admits the caller"
        return Verdict(allowed=bool(levels), because=because)
    if request.caller.account != request.owner:
        return _across(request, levels)
    return _within(request, levels, must_admit=must_admit)


def _within(request: Request, levels: set[str], *, must_admit: bool) -> Verdict:
    if DIRECT in levels:
        return Verdict(allowed=True, because="the resource policy names the caller")
    if ROLE in levels:
        limited = identity_side(request, needs_identity=False)
        if limited.allowed:
            return Verdict(allowed=True, because="the resource policy names the role")
    if must_admit and ACCOUNT not in levels:
        return Verdict(allowed=False, because="the policy of the key or role admits nobody of the account")
    own = identity_side(request)
    return Verdict(own.allowed, limited.because) if ROLE in levels and not own.allowed else own


def _across(request: Request, levels: set[str]) -> Verdict:
    own = identity_side(request)
    if not own.allowed:
        return Verdict(allowed=False, because=f"across accounts: {own.because}")
    if not levels:
        return Verdict(allowed=False, because="across accounts: the resource policy does not admit")
    return Verdict(allowed=True, because="both accounts allow")
