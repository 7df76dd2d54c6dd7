"""Become a role with a token from elsewhere: OIDC and SAML providers, and the web identities that AWS knows by itself.

From the "IAM User Guide", OIDC federation and SAML 2.0 federation: the trust policy names the provider, and its
conditions look at what the token says. What that is nobody knows beforehand, so that they stay as conditions.
Identity pools of Amazon Cognito are in :mod:`cloudscan_aws.steps.pools`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cloudscan.access import ALWAYS, NEVER, Condition, Edge
from cloudscan.access.conditions import Unseen, all_of
from cloudscan.access.parts import Part, Way
from cloudscan.access.stepping import Sort
from cloudscan.model import ANYONE, Federation
from cloudscan.provider import Facet
from cloudscan_aws.askers import OVER_TLS, Asker
from cloudscan_aws.policy.callers import Caller, Kind
from cloudscan_aws.policy.trust import evaluate_assume_role
from cloudscan_aws.session import PROVIDER
from cloudscan_aws.steps.calls import best
from cloudscan_aws.steps.edges import Found, edges
from cloudscan_aws.steps.scene import Role, Scene

BY_WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"
BY_SAML = "sts:AssumeRoleWithSAML"
OPEN_PROVIDERS = ("accounts.google.com", "graph.facebook.com", "www.amazon.com")
"""Providers that AWS knows without a record in the account, and at which anyone can sign in."""


def federated(scene: Scene) -> Iterator[Edge]:
    """Yield the edges from providers of identities to the roles that trust them."""
    found: list[Found] = []
    people: dict[str, Asker] = {}
    for roles in scene.alike_roles:
        for source, provider in _trusted(scene, roles[0]):
            condition, _ = best(_ways(scene, provider, roles[0]))
            people[source] = Asker(source, _token(provider))
            seen = all_of((condition, is_there(scene, provider)))
            found += [Found((source,), role.arn, seen) for role in roles]

    def explain(asker: Asker, target: str) -> tuple[str, tuple[Way, ...]]:
        _, ways = best(_ways(scene, asker.caller.name, scene.roles[target]))
        return f"whoever signs in through {asker.caller.name} may become the role {target}", ways

    yield from edges(Sort("federate"), found, people, explain)


def _trusted(scene: Scene, role: Role) -> Iterator[tuple[str, str]]:
    """Yield the providers that a trust policy may admit, each with the principal that comes through it."""
    names = set(role.admits.federated)
    if role.admits.open:
        names |= {one.id for one in _providers(scene) if one.account == role.record.account}
    for name in sorted(names):
        if name in OPEN_PROVIDERS:
            yield ANYONE, name
        elif ":oidc-provider/" in name or ":saml-provider/" in name:
            yield name, name


def _providers(scene: Scene) -> Iterator[Federation]:
    for _, record in sorted(scene.facts.estate.federations.items()):
        if record.provider == PROVIDER and record.kind in ("oidc", "saml"):
            yield record


def _ways(scene: Scene, provider: str, role: Role) -> Iterator[Way]:
    """Yield what becoming a role takes, for every audience that the provider's record lets in."""
    record = scene.facts.estate.federations.get(provider)
    host = provider.partition(":oidc-provider/")[2]
    audiences = record.audiences if record is not None and host else ()
    for claims in [{f"{host}:aud": (audience,)} for audience in audiences] or [{}]:
        yield (may_become(scene, _token(provider, claims), role),)


def may_become(scene: Scene, token: Caller, role: Role) -> Part:
    """Ask whether the holder of a token may become a role."""
    call = BY_SAML if ":saml-provider/" in token.name else BY_WEB_IDENTITY
    decision = evaluate_assume_role(token, call, role.facts, organization=scene.facts.organization, context=OVER_TLS)
    return Part(call, role.arn, decision)


def _token(provider: str, claims: Mapping[str, tuple[str, ...]] | None = None) -> Caller:
    return Caller(Kind.FEDERATED, provider, claims=claims or {})


def is_there(scene: Scene, provider: str) -> Condition:
    """Ask that a provider be there: without a record of it nobody comes through, unless it was not read."""
    estate, account = scene.facts.estate, provider.split(":")[4] if provider.count(":") > 4 else ""
    if provider in estate.federations or provider in OPEN_PROVIDERS:
        return ALWAYS
    asked = [one for one in estate.coverage if (one.account, one.facet) == (account, Facet.FEDERATIONS)]
    if asked and all(one.asked == one.answered for one in asked):
        return NEVER
    return Unseen(f"whether the provider {provider} exists was not read")
