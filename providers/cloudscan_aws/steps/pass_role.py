"""Pass a role to a service that then acts as it: new compute, or a speech job.

From the "IAM User Guide", granting a user permissions to pass a role to an AWS service: the caller needs
``iam:PassRole`` on the role, which lies in its own account, and the service's own calls; the role must trust the
service.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from cloudscan.access import ALWAYS, NEVER, Condition, Context, Edge, decide
from cloudscan.access.conditions import Unseen, all_of
from cloudscan_aws.alike import Crowd
from cloudscan_aws.askers import OVER_TLS, Asker
from cloudscan_aws.facts import Facts
from cloudscan_aws.policy.callers import service as calling
from cloudscan_aws.policy.documents import Policy, Statement
from cloudscan_aws.policy.matching import covers
from cloudscan_aws.policy.trust import evaluate_assume_role
from cloudscan_aws.steps.calls import OWN_OBJECT, Call, Part, Way, ask, best, needed, partition_of, ways
from cloudscan_aws.steps.edges import Found, Sort, edges
from cloudscan_aws.steps.scene import Role, Scene
from cloudscan_aws.steps.service import Service
from cloudscan_aws.steps.services import NEW_PROFILE, SERVICES
from cloudscan_aws.steps.targets import Targets
from cloudscan_aws.steps.things import Target, labelled

PASSES, PUTS = "iam:PassRole", "s3:PutObject"
_ANY_KEY = "any"


def passed(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of everyone who may pass a role to a service and make the service act as it."""
    able = scene.narrowed([PASSES])
    for service in SERVICES if able.people else ():
        yield from _to(able, service)


def _to(scene: Scene, service: Service) -> Iterator[Edge]:
    trusting = _trusting(scene, service)
    if not trusting:
        return

    def explain(asker: Asker, target: str) -> tuple[str, tuple[Way, ...]]:
        role = scene.roles[target]
        _, making = _make(scene, asker, service, with_profile=_lacks_profile(role, service))
        passes, trusts = (
            may_pass(scene.facts, asker, service.principal, role),
            admits(scene.facts, service.principal, role),
        )
        passing = (passes, trusts, *_puts(scene, service, role))
        sources = [source for calls, source in service.ways if any(_is(way, calls) for way in making)]
        said = f"{asker.principal} may start {service.does} that runs as the role {target} ({', '.join(sources)})"
        return said, (passing, *making)

    found: list[Found] = []
    for crowd in scene.crowds([call.action for calls, _ in service.ways for call in calls], [PASSES]):
        if targets := trusting.get(crowd.one.account):
            found += _by(scene, crowd, service, targets)
    only = service.reads_only
    sort = Sort(f"pass-role:{service.name}", changes=not only, reads_only=only, media=service.media)
    yield from edges(sort, found, scene.people, explain)


def _by(scene: Scene, crowd: Crowd, service: Service, targets: Targets) -> Iterator[Found]:
    """Find the roles that a crowd may pass to a service, and whether it may make the service act."""
    made = {lacks: _make(scene, crowd.one, service, with_profile=lacks)[0] for lacks in (False, True)}
    if made[False] is NEVER:
        return
    sources = tuple(asker.principal for asker in crowd.askers)
    for block in scene.blocks(crowd, PASSES, targets):
        role = scene.roles[block[0].arn]
        passing = may_pass(scene.facts, crowd.one, service.principal, role).decision.condition
        if passing is not NEVER:
            trusted = admits(scene.facts, service.principal, role).decision.condition
            condition = all_of(
                (passing, trusted, made[_lacks_profile(role, service)], _handed_over(scene, service, role))
            )
            yield from (Found(sources, target.arn, condition) for target in block)


def _make(scene: Scene, asker: Asker, service: Service, *, with_profile: bool) -> tuple[Condition, tuple[Way, ...]]:
    """Ask whether somebody may make a service act; ``with_profile``: and wrap a role into an instance profile first."""
    condition, making = best(ways(scene.facts, asker, [calls for calls, _ in service.ways]))
    if not with_profile or condition is NEVER:
        return condition, making
    wrapping, wraps = best(ways(scene.facts, asker, [NEW_PROFILE]))
    return all_of((condition, wrapping)), (*wraps, *making)


def _lacks_profile(role: Role, service: Service) -> bool:
    return service.profile and not role.record.instance_profiles


def _handed_over(scene: Scene, service: Service, role: Role) -> Condition:
    return needed(_puts(scene, service, role))


def _puts(scene: Scene, service: Service, role: Role) -> Way:
    """Ask whether a role may put what a service reads as it into a bucket of somebody's own.

    If only into others, whether these can be read is another question.
    """
    if not service.puts:
        return ()
    asker = Asker(role.arn, scene.facts.caller(role.record), role.record.account)
    put = ask(scene.facts, asker, PUTS, OWN_OBJECT.format(partition=partition_of(asker.caller), key=_ANY_KEY))
    if put.decision.condition is NEVER and any(_may_put(policy) for policy in asker.caller.policies or ()):
        put = replace(put, decision=decide(Unseen(f"who reads what {role.arn} may write was not asked")))
    return (replace(put, who=role.arn),)


def _may_put(policy: Policy) -> bool:
    items = (item for item in policy.document.statements if isinstance(item, Statement))
    return any(item.effect == "Allow" and covers(item, PUTS.lower()) for item in items)


def _is(way: Way, calls: tuple[Call, ...]) -> bool:
    return [part.action for part in way] == [call.action for call in calls]


def may_pass(facts: Facts, asker: Asker, principal: str, role: Role) -> Part:
    """Ask whether somebody may pass a role to a service."""
    known = Context.of({"iam:PassedToService": principal}).over(labelled(role.record.labels))
    return ask(facts, asker, PASSES, role.arn, known)


def admits(facts: Facts, principal: str, role: Role) -> Part:
    """Ask whether a role's trust policy lets a service act as it, for a resource of the role's own account."""
    told = Context.of({"aws:SourceAccount": role.record.account}).over(OVER_TLS)
    decision = evaluate_assume_role(
        calling(principal), "sts:AssumeRole", role.facts, organization=facts.organization, context=told
    )
    return Part("sts:AssumeRole", role.arn, decision, who=principal)


def _trusting(scene: Scene, service: Service) -> Mapping[str, Targets]:
    """Return the roles of each account that a service may act as, told apart by that and by what they lack for it."""
    held: dict[str, list[Target]] = defaultdict(list)
    for roles in scene.alike_roles:
        if service.principal in roles[0].admits.services or roles[0].admits.open:
            trusted = admits(scene.facts, service.principal, roles[0]).decision.condition
            for role in roles if trusted is not NEVER else ():
                handed = _handed_over(scene, service, role)
                if handed is not NEVER:
                    trusts = ALWAYS if trusted is ALWAYS else role.target.apart
                    apart = (trusts, _lacks_profile(role, service), handed)
                    held[role.record.account].append(Target(role.arn, role.record.labels, apart))
    return {account: Targets(targets) for account, targets in held.items()}
