"""Assume a role: ``sts:AssumeRole`` by identities of the estate, and by the outside parties that trust policies name.

From the "IAM User Guide", role trust policies: the trust policy must admit the caller, itself or through its account,
and then also the caller's own policies must allow; across accounts both must. Who has assumed a role assumes the next
with that role's rights alone ("role chaining"). From its "Monitor and control actions taken with assumed roles": to
give a source identity, both sides must allow ``sts:SetSourceIdentity``, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from cloudscan.access import NEVER, Condition, Context, Decision, Edge, Ruling, both, either, keys
from cloudscan.access.parts import Part, Way
from cloudscan.access.stepping import Sort
from cloudscan.model import ANYONE_SIGNED_IN, Answer
from cloudscan_aws import outsiders
from cloudscan_aws.askers import UNNAMED, Asker
from cloudscan_aws.contents import Matter
from cloudscan_aws.policy import callers
from cloudscan_aws.policy.callers import STRANGER, Kind
from cloudscan_aws.policy.documents import Policy
from cloudscan_aws.policy.s3_facts import BucketFacts
from cloudscan_aws.policy.trust import evaluate_assume_role
from cloudscan_aws.steps.edges import Explain, Found, edges
from cloudscan_aws.steps.scene import Role, Scene
from cloudscan_aws.steps.targets import Targets, holds
from cloudscan_aws.steps.things import Target

CALL = "sts:AssumeRole"
EXTERNAL_ID = "sts:ExternalId"
_NAMES, _NAMED = "sts:SetSourceIdentity", "sts:SourceIdentity"
_CALLS = frozenset({CALL.lower(), _NAMES.lower()})
_UNTAGGED = Context.of({}, absent=["aws:RequestTag/*", "aws:TagKeys", "sts:TransitiveTagKeys"])
"""A request that passes no session tags on; :mod:`cloudscan_aws.steps.sessions` has those that do."""

_NO_BUCKET = BucketFacts("", "")


def assumed(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of everyone in the scene to the roles that they may assume."""
    yield from edges(Sort("assume-role"), _found(scene), scene.people, _explaining(scene))


def assumed_from_outside(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of the outside parties that trust policies name, and of anyone where they admit everybody."""
    found: dict[Sort, list[Found]] = defaultdict(list)
    people: dict[str, Asker] = {}
    for roles in scene.alike_roles:
        for asker in outside(scene, roles[0]):
            condition = may_assume(scene, asker, roles[0]).decision.condition
            if (sort := sort_outside(asker, condition)) is not None:
                people[asker.principal] = asker
                found[sort] += [Found((asker.principal,), role.arn, condition) for role in roles]
    for sort, each in found.items():
        yield from edges(sort, each, people, _explaining(scene))


def sort_outside(asker: Asker, condition: Condition) -> Sort | None:
    """Return what sort of step it is to assume a role from outside under a condition; None if it is not to be told."""
    unknown = Decision(condition).ruling is Ruling.UNKNOWN
    if condition is NEVER or (asker.principal == UNNAMED and not unknown):
        return None
    agreed = Answer.YES if EXTERNAL_ID in keys(condition) else Answer.UNKNOWN if unknown else Answer.NO
    return Sort("assume-role", outside=True, agreed_id=agreed, account=asker.account)


def outside(scene: Scene, role: Role) -> Iterator[Asker]:
    """Yield whom outside the estate a trust policy may admit."""
    if role.admits.anybody:
        yield Asker(ANYONE_SIGNED_IN, STRANGER, outside=True)
    if role.admits.unsure:
        yield Asker(UNNAMED, callers.somebody_in(callers.NOBODYS_ACCOUNT), UNNAMED, outside=True)
    if role.facts.trust is not None:
        yield from outsiders.named(_NO_BUCKET, [role.facts.trust], scene.facts)


def _explaining(scene: Scene) -> Explain:
    def explain(asker: Asker, target: str) -> tuple[str, tuple[Way, ...]]:
        part = may_assume(scene, asker, scene.roles[target])
        return f"{asker.principal} may assume the role {target}", ((part,),)

    return explain


def may_assume(scene: Scene, asker: Asker, role: Role, about: Context = _UNTAGGED) -> Part:
    """Ask whether somebody may assume a role, with a source identity if that helps and may be given.

    ``about`` says which tags the request passes on.
    """

    def ask(call: str, named: Context) -> Decision:
        told = named.over(about).over(asker.told)
        return evaluate_assume_role(asker.caller, call, role.facts, organization=scene.facts.organization, context=told)

    decision = ask(CALL, Context())
    if _NAMED in keys(decision.condition):
        plain = ask(CALL, Context.of({}, absent=[_NAMED]))
        decision = either((plain, both((decision, ask(_NAMES, Context())))))
    return Part(CALL, role.arn, decision)


def _found(scene: Scene) -> Iterator[Found]:
    """Find whom trust policies admit by name, and whom as one of their account or as anybody."""
    for role in scene.roles.values():
        for asker in _named(scene, role):
            yield Found((asker.principal,), role.arn, may_assume(scene, asker, role).decision.condition)
    by_account, at_home = _by_account(scene), _open_at_home(scene)
    for crowd in scene.askers.crowds(Matter(_CALLS), speakers=_telling_apart(scene)):
        account = crowd.one.caller.account
        blocks: list[Sequence[Target]] = []
        if account in at_home:
            blocks += scene.blocks(crowd, CALL, at_home[account], also=[_NAMES], everything=True)
        if account in by_account and holds(crowd, CALL.lower()):
            blocks += scene.blocks(crowd, CALL, by_account[account], also=[_NAMES])
        if blocks:
            yield from _decided(scene, tuple(crowd.askers), blocks)


def _decided(scene: Scene, askers: Sequence[Asker], blocks: Iterable[Sequence[Target]]) -> Iterator[Found]:
    """Ask one of a crowd for all whom a role's trust policy does not name besides."""
    everyone = tuple(asker.principal for asker in askers)
    for block in blocks:
        role = scene.roles[block[0].arn]
        named = {asker.principal for asker in _named(scene, role)}
        one = next((asker for asker in askers if asker.principal not in named), None)
        if one is not None and one.caller.kind is not Kind.ROOT:  # a root user assumes no role
            condition = may_assume(scene, one, role).decision.condition
            sources = tuple(name for name in everyone if name not in named) if named else everyone
            yield from (Found(sources, target.arn, condition) for target in block)


def _named(scene: Scene, role: Role) -> Iterator[Asker]:
    """Yield the identities that a role's trust policy names, themselves or a session of theirs."""
    for name in role.admits.named:
        before, _, _ = name.rpartition("/")
        yield from scene.by_name.get(f"{before}/" if ":assumed-role/" in name else name, ())


def _telling_apart(scene: Scene) -> list[Policy]:
    """Return the trust policies whose conditions tell identities of one account apart."""
    held = [role.facts.trust for roles in scene.alike_roles for role in roles[:1] if role.admits.personal]
    return [trust for trust in held if trust is not None]


def _open_at_home(scene: Scene) -> Mapping[str, Targets]:
    """Return the roles of each account that may admit its identities whatever their own policies allow."""
    held = {account: [role for role in roles if role.admits.open] for account, roles in scene.roles_of.items()}
    return {account: Targets(role.target for role in roles) for account, roles in held.items() if roles}


def _by_account(scene: Scene) -> Mapping[str, Targets]:
    """Return the roles that may admit the identities of each account, if their own policies allow it."""
    everywhere = [role for role in scene.roles.values() if role.admits.open]
    held: dict[str, list[Role]] = {asker.caller.account: [*everywhere] for asker in scene.askers}
    for role in scene.roles.values():
        for account in role.admits.accounts & held.keys():
            held[account].append(role)
    return {account: Targets(role.target for role in roles) for account, roles in held.items() if roles}
