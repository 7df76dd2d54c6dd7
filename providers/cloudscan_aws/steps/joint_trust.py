"""Rewrite the trust policy of a role for another identity in the same hand, which assumes the role then.

That the writer, or an account of its own, assumes it is asked in :mod:`cloudscan_aws.steps.credentials`. Where neither
surely can, because of a deny of the writer's and a policy of the organization, another of its identities may.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from cloudscan.access import ALWAYS, NEVER, Condition, Decision, Edge, Hand, Hands, Need, only_if
from cloudscan.access.conditions import all_of, unsourced
from cloudscan.access.hands import LEVELS
from cloudscan.model import Step
from cloudscan_aws.alike import Crowd
from cloudscan_aws.contents import Matter
from cloudscan_aws.steps.assume import CALL as ASSUME
from cloudscan_aws.steps.calls import best
from cloudscan_aws.steps.credentials import TRUST, admitting, rewriting
from cloudscan_aws.steps.edges import steps as told
from cloudscan_aws.steps.scene import Scene
from cloudscan_aws.steps.things import Target

KIND = f"{TRUST}+assume-role"


@dataclass(frozen=True, slots=True)
class _Shut:
    """Roles whose trust policy a crowd may rewrite, and that it does not surely become by that."""

    crowd: Crowd
    roles: tuple[Target, ...]


def trusted_jointly(scene: Scene, steps: Iterable[Edge]) -> Iterator[Edge]:
    """Yield the edges to roles that one identity opens for another in the same hand. ``steps`` are all others."""
    shut = list(_shut(scene))
    if shut:
        hands = Hands(steps)
        for each in shut:
            yield from _opened(scene, hands, each)


def _shut(scene: Scene) -> Iterator[_Shut]:
    for crowd in scene.crowds([], [TRUST], by=[ASSUME]):
        roles = scene.changeable_roles.get(crowd.one.account)
        for block in scene.blocks(crowd, TRUST, roles, also=[ASSUME]) if roles else ():
            ways = list(rewriting(scene, crowd.one, block[0]))
            if ways and ways[0][0].decision.condition is not NEVER and best(ways)[0] is not ALWAYS:
                yield _Shut(crowd, block)


def _opened(scene: Scene, hands: Hands, shut: _Shut) -> Iterator[Edge]:
    """Yield the edges to roles of a block, from those who hold one that opens them and one that goes through."""
    writers = Need(frozenset(asker.principal for asker in shut.crowd.askers))
    holding = hands.becoming(hands.among(writers.names))
    within = [scene.people[name] for name in hands.names(hands.become_by(holding)) if name in scene.people]
    writes, _ = next(iter(rewriting(scene, shut.crowd.one, shut.roles[0])))
    by_condition: dict[Condition, set[str]] = defaultdict(set)
    for crowd in scene.among(within).askers.crowds(Matter(frozenset({ASSUME.lower()}))):
        part = next(admitting(scene, crowd.one, scene.roles[shut.roles[0].arn].facts))
        if part.decision.condition is not NEVER:
            by_condition[unsourced(part.decision.condition)].update(asker.principal for asker in crowd.askers)
    goals = hands.among(role.arn for role in shut.roles)
    but = [hands.becoming(goals, most) if len(shut.roles) == 1 else 0 for most in LEVELS]
    for condition, names in by_condition.items():
        for hand in hands.holding([writers, Need(frozenset(names))], but):
            if any(hand.legs):
                every = all_of((unsourced(writes.decision.condition), condition, unsourced(hand.condition)))
                yield _edge(scene, shut, hand, every)


def _edge(scene: Scene, shut: _Shut, hand: Hand, condition: Condition) -> Edge:
    targets = tuple(sorted(role.arn for role in shut.roles))
    prove = partial(_prove, scene, {role.arn: role for role in shut.roles}, hand, condition)
    return Edge(hand.principals, targets, KIND, Decision(condition), prove, changes=True, outside=hand.outside)


def _prove(
    scene: Scene, roles: dict[str, Target], hand: Hand, condition: Condition, source: str, target: str
) -> tuple[Step, ...]:
    """Prove the way to who rewrites, what that writes, and the way to who assumes the role then."""
    writer, other = hand.ends(source)
    because = f"{source} can have {writer} rewrite the trust policy of {target} for {other}, and assume it"
    writes, _ = next(iter(rewriting(scene, scene.people[writer], roles[target])))
    assumes = next(admitting(scene, scene.people[other], scene.roles[target].facts))
    return (
        Step(source, KIND, target, because, only_if(condition)),
        *hand.prove(source, 0),
        *told(source, replace(writes, who=writer)),
        *hand.prove(source, 1),
        *told(source, replace(assumes, who=other)),
    )
