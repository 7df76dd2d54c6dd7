"""Become a role by reconfiguring what vouches for identities: an identity pool, or a SAML provider.

From the "Amazon Cognito API Reference": UpdateIdentityPool lets guests in, adds providers at which anybody can sign in,
and turns the basic flow on, in which the holder of a pool's token asks for any role that trusts it. From the "IAM API
Reference": UpdateSAMLProvider and CreateSAMLProvider take the metadata of whatever signs the assertions, so that who
may call them signs its own, and says in them what it likes. What only widens who may come with tokens of others (client
ids and thumbprints of OIDC providers) is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cloudscan.access import NEVER, Condition, Edge
from cloudscan.access.conditions import all_of
from cloudscan.access.parts import Way
from cloudscan.access.stepping import Sort
from cloudscan_aws.askers import Asker
from cloudscan_aws.policy.callers import Caller, Kind
from cloudscan_aws.policy.documents import Statement
from cloudscan_aws.session import PROVIDER
from cloudscan_aws.steps.asked import fitting
from cloudscan_aws.steps.calls import ask, best
from cloudscan_aws.steps.edges import Found, edges
from cloudscan_aws.steps.federate import is_there, may_become
from cloudscan_aws.steps.pools import token_of_pool
from cloudscan_aws.steps.scene import Role, Scene

POOL, SAML, NEW_SAML = "cognito-identity:UpdateIdentityPool", "iam:UpdateSAMLProvider", "iam:CreateSAMLProvider"
_DOES = {POOL: "let itself in by", SAML: "sign for", NEW_SAML: "make"}
_AUDIENCE = "https://signin.aws.amazon.com/saml"
"""What every assertion is for that AWS takes, unless a trust policy asks for one of its endpoints by name."""


def reconfigured(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of everyone who may reconfigure a provider of identities, to the roles that trust it."""
    for call in (POOL, SAML, NEW_SAML):
        crowds = scene.crowds([call])
        if crowds and (opened := dict(_opened(scene, call))):
            found: list[Found] = []
            for crowd in crowds:
                sources = tuple(asker.principal for asker in crowd.askers)
                for provider, roles in opened.items():
                    part = ask(scene.facts, crowd.one, call, provider)
                    if part.decision.condition is not NEVER:
                        conditions = ((role, all_of((part.decision.condition, each))) for role, each in roles.items())
                        found += [Found(sources, role, condition) for role, condition in conditions]
            yield from _edges(scene, call, opened, found)


def _edges(
    scene: Scene, call: str, opened: Mapping[str, Mapping[str, Condition]], found: Sequence[Found]
) -> Iterator[Edge]:
    def explain(asker: Asker, target: str) -> tuple[str, tuple[Way, ...]]:
        ways = {name: (ask(scene.facts, asker, call, name),) for name, roles in opened.items() if target in roles}
        _, (way, *_) = best(ways.values())
        name = next(each for each in ways if ways[each] == way)
        part = min(
            _coming(scene, call, name, scene.roles[target]), key=lambda each: each[0].decision.condition is NEVER
        )
        return f"{asker.principal} may {_DOES[call]} {name}, which the role {target} trusts", (way, part)

    yield from edges(Sort(call, changes=True), found, scene.people, explain)


def _opened(scene: Scene, call: str) -> Iterator[tuple[str, Mapping[str, Condition]]]:
    """Yield the providers on which a call is made, each with the roles that it leads to and what else they ask."""
    for provider in _providers(scene, call):
        held = {
            role.arn: condition
            for roles in scene.alike_roles
            for condition, _ in [best(_coming(scene, call, provider, roles[0]))]
            if condition is not NEVER
            for role in roles
        }
        if held:
            yield provider, held


def _providers(scene: Scene, call: str) -> list[str]:
    """Return the providers that there are, or those that trust policies name and that are not there."""
    records = scene.facts.estate.federations.values()
    if call != NEW_SAML:
        kind = "cognito" if call == POOL else "saml"
        return sorted(one.id for one in records if one.provider == PROVIDER and one.kind == kind)
    named = {name for role in scene.roles.values() for name in role.admits.federated if ":saml-provider/" in name}
    return sorted(name for name in named if is_there(scene, name) is NEVER)


def _coming(scene: Scene, call: str, provider: str, role: Role) -> Iterator[Way]:
    """Yield the ways in which whoever has reconfigured a provider becomes a role."""
    if call == POOL:
        for amr in ("unauthenticated", "authenticated"):
            yield (may_become(scene, token_of_pool(provider.rpartition("/")[2], amr), role),)
    else:
        yield (may_become(scene, Caller(Kind.FEDERATED, provider, claims=_claims(role)), role),)


def _claims(role: Role) -> Mapping[str, tuple[str, ...]]:
    """Return what an assertion says that is to fit a trust policy: whatever it asks of assertions."""
    items = role.facts.trust.document.statements if role.facts.trust is not None else ()
    clauses = (clause for item in items if isinstance(item, Statement) for clause in item.condition)
    wanted = {clause.key: fitting(clause.values[0]) for clause in clauses if clause.values and _is_said(clause.key)}
    said = {key: _audience(value) if key.casefold() == "saml:aud" else value for key, value in wanted.items()}
    return {key: (value,) for key, value in said.items()}


def _is_said(key: str) -> bool:
    return key.casefold().startswith("saml:")


def _audience(wanted: str) -> str:
    return wanted if "signin." in wanted and wanted.startswith("https://") else _AUDIENCE
