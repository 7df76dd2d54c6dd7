"""Pass a role to a service that then acts as it: new compute, or a speech job.

From the "IAM User Guide", granting a user permissions to pass a role to an AWS service: the caller needs
``iam:PassRole`` on the role, which lies in its own account, and the service's own calls; the role must trust the
service.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import chain

from cloudscan.access import ALWAYS, NEVER, Condition, Context, Decision, Edge, Ruling
from cloudscan.access.conditions import all_of
from cloudscan.access.parts import Part, Way
from cloudscan.access.stepping import Sort
from cloudscan_aws.alike import Crowd
from cloudscan_aws.askers import OVER_TLS, Asker
from cloudscan_aws.facts import Facts
from cloudscan_aws.policy.callers import service as calling
from cloudscan_aws.policy.trust import evaluate_assume_role
from cloudscan_aws.steps.calls import Call, ask, best, spoken_of, ways
from cloudscan_aws.steps.edges import Found, edges
from cloudscan_aws.steps.landing import Landing, landings, makeable, taken
from cloudscan_aws.steps.scene import Role, Scene
from cloudscan_aws.steps.service import Service, cited
from cloudscan_aws.steps.services import NEW_PROFILE, SERVICES
from cloudscan_aws.steps.targets import Targets
from cloudscan_aws.steps.things import Target, labelled

PASSES, PUTS = "iam:PassRole", "s3:PutObject"


def passed(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of everyone who may pass a role to a service and make the service act as it."""
    able = scene.narrowed([PASSES])
    for service in SERVICES if able.people else ():
        yield from _to(able, service)


def _to(scene: Scene, service: Service) -> Iterator[Edge]:
    trusting = _trusting(scene, service)
    if not trusting:
        return
    making = _Making(scene, service)

    def explain(asker: Asker, target: str) -> tuple[str, tuple[Way, ...]]:
        role = scene.roles[target]
        _, made = making.by(asker, role)
        passing = (may_pass(scene.facts, asker, service.principal, role), admits(scene.facts, service.principal, role))
        sources = [source for calls, source in service.alternatives if any(_is(way, calls) for way in made)]
        said = f"{asker.principal} may start {service.does} that runs as the role {target} ({cited(*sources)})"
        return said, (passing, *made)

    found: list[Found] = []
    for crowd in scene.crowds([call.action for calls, _ in service.alternatives for call in calls], [PASSES]):
        if targets := trusting.get(crowd.one.account):
            found += _by(scene, crowd, service, making, targets)
    only = service.reads_only
    sort = Sort(f"pass-role:{service.name}", changes=not only, reads_only=only, media=service.media)
    yield from edges(sort, found, scene.people, explain)


def _by(scene: Scene, crowd: Crowd, service: Service, making: _Making, targets: Targets) -> Iterator[Found]:
    """Find the roles that a crowd may pass to a service, and whether it may make the service act."""
    if not making.possible(crowd.one):
        return
    for block in scene.blocks(crowd, PASSES, targets):
        role = scene.roles[block[0].arn]
        passing = may_pass(scene.facts, crowd.one, service.principal, role).decision.condition
        if passing is not NEVER:
            trusted = admits(scene.facts, service.principal, role).decision.condition
            for sources, made in making.by_each(crowd, role):
                condition = all_of((passing, trusted, made))
                yield from (Found(sources, target.arn, condition) for target in block)


class _Making:
    """Whether those of a scene may make a service act as roles, and have what it reads handed over."""

    def __init__(self, scene: Scene, service: Service) -> None:
        self._scene, self._service = scene, service
        self._landings = cache(self._find_landings)
        self._alike = cache(self._find_alike)

    def possible(self, asker: Asker) -> bool:
        """Say whether somebody may make the calls of one of its ways, wherever it puts things."""
        calls = [calls for calls, _ in self._service.ways]
        into = [[_into(call, None) for call in calls] for calls, _ in self._service.puts]
        return next(ways(self._scene.facts, asker, [*calls, *into]), None) is not None

    def by_each(self, crowd: Crowd, role: Role) -> Iterator[tuple[tuple[str, ...], Condition]]:
        """Yield what must hold for a crowd to make the service act as a role, for those together who are alike."""
        alike, _ = self._alike(crowd.one, _lacks_profile(role, self._service))
        if alike is not ALWAYS and self._service.puts:
            alike, _ = best([*self._ways(crowd.one), *self._putting(crowd.one, role, elsewhere=True)])
            at_hand = any(not one.elsewhere for one in self._into(crowd.one, role))
            if at_hand and Decision(alike).ruling in (Ruling.NO, Ruling.UNKNOWN):
                yield from (((asker.principal,), self.by(asker, role)[0]) for asker in crowd.askers)
                return
        yield tuple(asker.principal for asker in crowd.askers), alike

    def by(self, asker: Asker, role: Role) -> tuple[Condition, tuple[Way, ...]]:
        """Ask whether somebody may make the service act as a role, and in which ways."""
        if not self._service.puts:
            return self._alike(asker, _lacks_profile(role, self._service))
        return best(chain(self._ways(asker), self._putting(asker, role)))

    def _find_alike(self, asker: Asker, lacks_profile: bool) -> tuple[Condition, tuple[Way, ...]]:  # noqa: FBT001
        """Ask about the ways that are the same for all roles; ``lacks_profile``: and make a profile for one first."""
        condition, making = best(self._ways(asker))
        if not lacks_profile or condition is NEVER:
            return condition, making
        wrapping, wraps = best(ways(self._scene.facts, asker, [NEW_PROFILE]))
        return all_of((condition, wrapping)), (*wraps, *making)

    def _ways(self, asker: Asker) -> Iterator[Way]:
        return ways(self._scene.facts, asker, [calls for calls, _ in self._service.ways])

    def _putting(self, asker: Asker, role: Role, *, elsewhere: bool = False) -> Iterator[Way]:
        """Yield the ways in which the service puts what it reads where one reads it; or only ``elsewhere``."""
        facts = self._scene.facts
        for landing in self._into(asker, role):
            if landing.elsewhere or not elsewhere:
                alternatives = [[_into(call, landing) for call in calls] for calls, _ in self._service.puts]
                for way in ways(facts, asker, alternatives):
                    yield (*way, landing.put, *taken(facts, asker, landing))

    def _into(self, asker: Asker, role: Role) -> tuple[Landing, ...]:
        keys = {key for calls, _ in self._service.puts for call in calls for key in call.known}
        asked = spoken_of(self._scene.facts, asker.caller, keys) if keys else ()
        names = (*(text.removeprefix("s3://") for text in asked), *makeable(self._scene.facts, asker))
        return self._landings(role, names)

    def _find_landings(self, role: Role, names: tuple[str, ...]) -> tuple[Landing, ...]:
        return tuple(landings(self._scene.facts, _as_asker(self._scene, role), PUTS, names=names))


def _as_asker(scene: Scene, role: Role) -> Asker:
    return Asker(role.arn, scene.facts.caller(role.record), role.record.account)


def _into(call: Call, landing: Landing | None) -> Call:
    """Return a call that names the bucket into which its service puts what it reads; None leaves that open."""
    if not call.known:
        return call
    if landing is None:
        return replace(call, known={})
    told = {key: text.format(bucket=landing.bucket.name, key=landing.key) for key, text in call.known.items()}
    return replace(call, known=told)


def _lacks_profile(role: Role, service: Service) -> bool:
    return service.profile and not role.record.instance_profiles


def _puts(scene: Scene, service: Service, role: Role) -> Hashable:
    """Return what tells roles apart by where they may put things; None for one that may put nothing anywhere."""
    first = next(landings(scene.facts, _as_asker(scene, role), PUTS), None) if service.puts else None
    if first is None:
        return None if service.puts else ALWAYS
    return ALWAYS if first.elsewhere and first.condition is ALWAYS else role.arn


def _is(way: Way, calls: tuple[Call, ...]) -> bool:
    return [part.action for part in way][: len(calls)] == [call.action for call in calls]


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
                puts = _puts(scene, service, role)
                if puts is not None or service.ways:
                    trusts = ALWAYS if trusted is ALWAYS else role.target.apart
                    apart = (trusts, _lacks_profile(role, service), puts)
                    held[role.record.account].append(Target(role.arn, role.record.labels, apart))
    return {account: Targets(targets) for account, targets in held.items()}
