"""Looking things up in a world: who asks, what its identity tells the request, and which guardrails lie over it.

From "AWS global condition context keys", "Principal key values", "Service control policies" and "Resource control
policies".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.oracle.matching import Context, many, text
from tests.oracle.principals import Caller
from tests.oracle.verdict import Json, Undocumented


def documents(value: Any) -> list[Json]:
    """Return policies that may be none, one or a list."""
    if not value:
        return []
    return list(value) if isinstance(value, list) else [value]


def caller_of(world: Json, request: Json) -> Caller:
    """Return who asks."""
    principal, session = request["principal"], request.get("session") or {}
    if isinstance(principal, str):
        return _identity(world, principal, session)
    if principal.get("anonymous"):
        return Caller("anonymous")
    if "service" in principal:
        return Caller("service", principal["service"])
    return Caller("federated", principal["federated"])


def _identity(world: Json, arn: str, session: Json) -> Caller:
    if ":assumed-role/" in arn:
        account, (_, role, name) = arn.split(":")[4], arn.split("/", 2)
        held = [item for item in world["principals"] if item["account"] == account and item["type"] == "role"]
        arn = next(item["arn"] for item in held if item["arn"].rpartition("/")[2] == role)
        session = {"name": name, **session}
    found = next((item for item in world["principals"] if item["arn"] == arn), None)
    if found is None:
        raise Undocumented("a principal that the world does not hold")
    boundary = found.get("boundary")
    return Caller(
        found["type"],
        arn,
        found["account"],
        session=session.get("name", "") if found["type"] == "role" else "",
        identity=list(_identity_policies(world, found)),
        boundary=[_managed(world, boundary)] if boundary else [],
        session_policy=documents(session.get("policy")),
        service_linked=bool(found.get("service_linked")),
    )


def _identity_policies(world: Json, holder: Json) -> Iterator[Json]:
    yield from documents(holder.get("identity_policies"))
    for name in holder.get("attached") or ():
        yield _managed(world, name)
    for name in holder.get("groups") or ():
        for group in world.get("groups") or ():
            if (group["name"], group["account"]) == (name, holder["account"]):
                yield from documents(group.get("identity_policies"))


def _managed(world: Json, policy: str | Json) -> Json:
    found: Json = world["managed_policies"][policy] if isinstance(policy, str) else policy
    return found


def context_of(world: Json, request: Json, caller: Caller, owner: str) -> Context:
    """Return the whole context of a request on a resource of an account: what is not in it is absent."""
    context = {key.lower(): [text(value) for value in many(values)] for key, values in request["context"].items()}
    follows = dict(_of_caller(world, request, caller))
    if owner:
        follows["aws:ResourceAccount"] = [owner]
        if _is_member(world, owner):
            follows["aws:ResourceOrgID"] = [world["org"]["id"]]
    return context | {key.lower(): values for key, values in follows.items()}


def _of_caller(world: Json, request: Json, caller: Caller) -> Iterator[tuple[str, list[str]]]:
    match caller.kind:
        case "anonymous":
            yield "aws:PrincipalType", ["Anonymous"]
        case "service":
            yield "aws:PrincipalIsAWSService", ["true"]
            yield "aws:PrincipalServiceName", [caller.name]
            yield "aws:PrincipalServiceNamesList", [caller.name]
        case "federated":
            yield from _claims(caller.name, request["principal"].get("claims") or {})
        case _:
            yield from _of_identity(world, request, caller)


def _of_identity(world: Json, request: Json, caller: Caller) -> Iterator[tuple[str, list[str]]]:
    yield "aws:PrincipalArn", [caller.name]
    yield "aws:PrincipalAccount", [caller.account]
    yield "aws:PrincipalIsAWSService", ["false"]
    yield "aws:PrincipalType", [{"root": "Account", "user": "User", "role": "AssumedRole"}[caller.kind]]
    if caller.kind == "user":
        yield "aws:username", [caller.name.rpartition("/")[2]]
    if _is_member(world, caller.account):
        yield "aws:PrincipalOrgID", [world["org"]["id"]]
    found: Json = next(item for item in world["principals"] if item["arn"] == caller.name)
    tags = {**(found.get("tags") or {}), **((request.get("session") or {}).get("tags") or {})}
    for name, value in tags.items():
        yield f"aws:PrincipalTag/{name}", [value]


def _claims(provider: str, claims: Json) -> Iterator[tuple[str, list[str]]]:
    prefix = "SAML" if ":saml-provider/" in provider else provider.partition(":oidc-provider/")[2] or provider
    for name, value in claims.items():
        yield (name if ":" in name else f"{prefix}:{name}"), [text(each) for each in many(value)]


def _is_member(world: Json, account: str) -> bool:
    org = world.get("org") or {}
    return account in {*org.get("accounts", ()), org.get("management_account")}


def _is_governed(world: Json, account: str) -> bool:
    """Whether guardrails reach an account: they reach members, never the management account."""
    return _is_member(world, account) and account != world["org"].get("management_account")


def scp_levels(world: Json, caller: Caller) -> tuple[tuple[Json, ...], ...]:
    """Return the service control policies over a caller, a tuple a level."""
    if not caller.signed or caller.service_linked or not _is_governed(world, caller.account):
        return ()
    return tuple(tuple(level) for level in world["org"]["accounts"][caller.account].get("scp_levels") or ())


def rcps(world: Json, caller: Caller, owner: str) -> tuple[Json, ...]:
    """Return the resource control policies over a resource of an account, all levels together: they only deny."""
    if caller.service_linked or not _is_governed(world, owner):
        return ()
    levels = world["org"]["accounts"][owner].get("rcp_levels") or ()
    return tuple(document for level in levels for document in level)
