"""Answering a question about a world."""

from __future__ import annotations

from tests.oracle.chart import Request, decide
from tests.oracle.keys import may_use
from tests.oracle.roles import may_assume
from tests.oracle.storage import may_call
from tests.oracle.verdict import Json, Undocumented, Verdict
from tests.oracle.world import caller_of, context_of, scp_levels


def answer(world: Json, asked: Json) -> Verdict:
    """Say whether one call succeeds, or raise Undocumented. ``asked`` is exact: no key of it is unknown."""
    assert asked["context_mode"] == "exact", "the oracle knows exact requests only"
    caller = caller_of(world, asked)
    action, resource = asked["action"].lower(), asked["resource"]
    if resource.startswith("arn:aws:s3:"):
        return may_call(world, asked, caller)
    if action.startswith("sts:assumerole"):
        return may_assume(world, asked, caller)
    if action.startswith("kms:") and ":key/" in resource:
        key = next(item for item in world["keys"] if item["arn"] == resource)
        return may_use(world, asked, key, caller, asked["action"], {})
    if not caller.signed:
        return Verdict(allowed=False, because="nobody outside an account calls this")
    owner = resource.split(":")[4] if resource.startswith("arn:") else caller.account
    if owner != caller.account:
        raise Undocumented("a resource of another account without a policy that the world tells")
    context = context_of(world, asked, caller, owner)
    return decide(Request(caller, asked["action"], resource, caller.account, context, (), scp_levels(world, caller)))
