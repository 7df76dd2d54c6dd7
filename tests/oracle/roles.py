"""Assuming roles. From "IAM roles: trust policies", "AssumeRole" and "AssumeRoleWithWebIdentity" of AWS STS."""

from __future__ import annotations

from tests.oracle.chart import Request, decide
from tests.oracle.principals import Caller
from tests.oracle.verdict import Json, Undocumented, Verdict
from tests.oracle.world import context_of, documents, rcps, scp_levels


def may_assume(world: Json, asked: Json, caller: Caller) -> Verdict:
    """Say whether a caller may assume a role."""
    role = next(item for item in world["principals"] if item["arn"] == asked["resource"])
    if caller.kind == "root":
        return Verdict(allowed=False, because="root users cannot assume roles")
    if (caller.kind == "federated") == (asked["action"].lower() == "sts:assumerole"):
        raise Undocumented("a token without, or keys with, a call for tokens")
    if caller.kind == "anonymous":
        return Verdict(allowed=False, because="nobody unsigned assumes a role")
    context = context_of(world, asked, caller, role["account"])
    for name, value in (role.get("tags") or {}).items():
        context[f"aws:resourcetag/{name}".lower()] = [value]
        context[f"iam:resourcetag/{name}".lower()] = [value]
    request = Request(
        caller,
        asked["action"],
        role["arn"],
        role["account"],
        context,
        tuple(documents(role.get("trust_policy"))),
        scp_levels(world, caller),
        rcps(world, caller, role["account"]),
    )
    verdict = decide(request, must_admit=True)
    return Verdict(verdict.allowed, f"trust: {verdict.because}")
