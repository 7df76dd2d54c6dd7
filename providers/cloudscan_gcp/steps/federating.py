"""Come through a workload identity pool: with the token of an issuer, or as an identity of another cloud.

From "Workload Identity Federation" (IAM documentation): a provider of a pool takes the tokens of one issuer, or the
identities of one AWS account. What its mapping makes of a token decides as which members of policies its holder comes:
the whole pool (``/*``), a subject, a group, or an attribute. Its attribute condition refuses tokens; without one, each
token of the issuer is taken. At some issuers everybody can have one, which says what they choose. Who may update a
provider, or add one to a pool, names an issuer of their own.

From "Configure Workload Identity Federation with AWS or Azure": an AWS role comes as
``arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION``; an identity of Microsoft Entra has its object id for a subject.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from cloudscan.access import ALWAYS, Decision, Edge
from cloudscan.access.parts import Part, Way
from cloudscan.access.stepping import Found, Sort
from cloudscan.model import ANYONE, Answer, Federation, Principal
from cloudscan_gcp.policy.claims import OPEN_ISSUERS
from cloudscan_gcp.policy.members import pool_of
from cloudscan_gcp.policy.sessions import ARN
from cloudscan_gcp.policy.tokens import ACCOUNT, AWS_ROLE, Token, comes, issued
from cloudscan_gcp.session import PROVIDER
from cloudscan_gcp.steps.edges import edges
from cloudscan_gcp.steps.scene import Scene, worth_telling

REWRITES = (
    "iam.googleapis.com/workloadIdentityPoolProviders.update",
    "iam.googleapis.com/workloadIdentityPoolProviders.create",
)
_SET = "principalSet://iam.googleapis.com/"
_ENTRA = re.compile(r"https://(?:sts\.windows\.net|login\.microsoftonline\.com)/(?P<tenant>[^/]+)(?:/v2\.0)?/?")
_ENTRA_ID = "entra"
"""How ids of identities of Microsoft Entra begin in records, before their object id; their account is their tenant."""


def federated(scene: Scene) -> Iterator[Edge]:
    """Yield the edges from issuers, and from identities of other clouds, to the members of pools that they come as."""
    pools = _Pools(scene)
    found = [
        Found((token.source,), (member,), comes(provider, token, member))
        for provider in pools.providers
        for member in pools.members.get(_pool(provider.id), ())
        for token in pools.tokens(provider, member)
    ]

    def explain(source: str, target: str) -> tuple[str, tuple[Way, ...]]:
        through = [one for one in pools.providers if _pool(one.id) == pool_of(target)]
        able = (one for one in through for token in pools.tokens(one, target) if token.source == source)
        provider = next(able, through[0])
        part = Part("", provider.id, Decision(ALWAYS))
        return f"{source} comes through {provider.id} as {target}", ((part,),)

    yield from edges(Sort("federate"), found, scene, explain, unsigned=True)


def rerouted(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of everybody who may name an issuer of their own for a pool, to all its members."""
    pools = _Pools(scene)
    found: dict[str, list[Found]] = defaultdict(list)
    for pool, members in pools.members.items():
        if not pool.startswith(f"{_SET}projects/"):
            continue
        project = scene.facts.resources.project(pool.removeprefix(f"{_SET}projects/").partition("/")[0])
        if project is None:
            continue
        place = scene.on_project(project.id)
        for call in REWRITES:
            for crowd in scene.crowds([scene.facts.matter(call, place.nodes)]):
                condition = scene.ask(crowd.one, call, place).decision.condition
                if worth_telling(crowd.one, condition):
                    names = tuple(caller.name for caller in crowd.callers)
                    found[call].append(Found(names, tuple(members), condition))
    for call, each in found.items():
        yield from _rewriting(scene, call, each)


def _rewriting(scene: Scene, call: str, found: Sequence[Found]) -> Iterator[Edge]:
    def explain(source: str, target: str) -> tuple[str, tuple[Way, ...]]:
        number = pool_of(target).removeprefix(f"{_SET}projects/").partition("/")[0]
        project = scene.facts.resources.project(number)
        part = scene.ask(scene.caller(source), call, scene.on_project(project.id if project else number))
        return f"{source} may have the pool take tokens of an issuer of their own, and come as {target}", ((part,),)

    yield from edges(Sort(call, changes=True), found, scene, explain)


def _pool(provider: str) -> str:
    return f"{_SET}{provider.partition('/providers/')[0]}/*"


class _Pools:
    """The pools of an estate: their providers, and the members of policies that come through them."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    @cached_property
    def members(self) -> Mapping[str, Sequence[str]]:
        """The members that policies name of each pool, by the set of all of it."""
        held: dict[str, list[str]] = defaultdict(list)
        for caller in self._scene.facts.people.known:
            if pool := pool_of(caller.name):
                held[pool].append(caller.name)
        return held

    @cached_property
    def providers(self) -> Sequence[Federation]:
        """The providers that are not off."""
        held = sorted(self._scene.facts.estate.federations.items())
        return [one for _, one in held if one.provider == PROVIDER and one.enabled is not Answer.NO]

    def tokens(self, provider: Federation, member: str) -> Iterator[Token]:
        """Yield who has tokens that a provider takes: whoever its issuer gives one, and whom the estate knows."""
        if provider.kind == "aws":
            yield from self._of_aws(provider.trusted_account)
        else:
            yield issued(provider)
            if entra := _ENTRA.fullmatch(provider.issuer):
                yield from self._of_entra(entra["tenant"], member)
            if provider.issuer.rstrip("/") in OPEN_ISSUERS:
                yield Token(ANYONE, {"assertion.iss": provider.issuer})

    def _of_aws(self, account: str) -> Iterator[Token]:
        estate = self._scene.facts.estate
        held = {*estate.accounts, *(record.account for record in estate.principals.values())}
        if account and account not in held:
            yield Token(f"arn:aws:iam::{account}:root", {ACCOUNT: account})
        for record in self._principals("aws"):
            if record.account == account and record.kind in ("role", "user"):
                says = {ACCOUNT: account, AWS_ROLE: record.id, ARN: record.id}
                if record.kind == "role":
                    name = record.id.rpartition("/")[2]
                    says = {ACCOUNT: account, AWS_ROLE: f"arn:aws:sts::{account}:assumed-role/{name}"}
                yield Token(record.id, says)

    def _of_entra(self, tenant: str, member: str) -> Iterator[Token]:
        """Yield the identities of a tenant; whose object id is the subject in question is one of it by that."""
        for record in self._principals("azure"):
            prefix, _, own = record.id.partition(":")
            if prefix != _ENTRA_ID or record.kind == "group":
                continue
            if member.endswith(f"/subject/{own}") or record.account.lower() == tenant.lower():
                yield Token(record.id, {"assertion.sub": own, "assertion.tid": tenant})

    def _principals(self, provider: str) -> Iterator[Principal]:
        for _, record in sorted(self._scene.facts.estate.principals.items()):
            if record.provider == provider and record.enabled is not Answer.NO:
                yield record
