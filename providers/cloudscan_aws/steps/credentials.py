"""Take somebody's identity: make a credential for a user, or rewrite the trust policy of a role.

From pathfinding.cloud ("principal-access"): iam-002, iam-004, iam-006 and iam-012. A user has a password for the
console or has none, and only one of the two calls for it works ("IAM API Reference": CreateLoginProfile,
UpdateLoginProfile); one that is there can be deleted first (DeleteLoginProfile).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cloudscan.access import NEVER, Condition, Edge
from cloudscan.access.conditions import Unseen, all_of, any_of
from cloudscan.access.parts import Part, Way
from cloudscan.access.stepping import Sort
from cloudscan.model import Answer
from cloudscan_aws.alike import Crowd
from cloudscan_aws.askers import OVER_TLS, Asker
from cloudscan_aws.policy.callers import STRANGER
from cloudscan_aws.policy.documents import Policy
from cloudscan_aws.policy.trust import RoleFacts, evaluate_assume_role
from cloudscan_aws.steps.assume import CALL as ASSUME
from cloudscan_aws.steps.calls import ANEW, ask, best
from cloudscan_aws.steps.edges import Found, edges
from cloudscan_aws.steps.scene import Scene
from cloudscan_aws.steps.things import Target, labelled

TRUST = "iam:UpdateAssumeRolePolicy"
MAKES_KEY = "iam:CreateAccessKey"
MAKES, SETS, DELETES = "iam:CreateLoginProfile", "iam:UpdateLoginProfile", "iam:DeleteLoginProfile"
_ON_USERS = {
    MAKES_KEY: "make an access key for",
    MAKES: "make a password for",
    SETS: "set the password of",
}
_UNREAD = {
    MAKES: "whether the user that would get a password has one was not read",
    SETS: "whether the user whose password would be set has one was not read",
}
"""What many users share names none of them: each step says whose password it is."""
_ADMITS_ALL = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
"""Whom the new policy names is for its writer to choose; that it names everybody stands for all those choices."""


def taken(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of everyone who may make a credential for a user, or rewrite a role's trust policy."""
    able = scene.narrowed([*_ON_USERS, TRUST])
    if able.people:
        for call in _ON_USERS:
            yield from _of_users(able, call)
        yield from _of_roles(able)


def _of_users(scene: Scene, call: str) -> Iterator[Edge]:
    def explain(asker: Asker, target: str) -> tuple[str, tuple[Way, ...]]:
        user = scene.users_of[asker.account].by_arn[target]
        way, _ = _making(scene, asker, call, user)
        return f"{asker.principal} may {_ON_USERS[call]} the user {target} and sign in with it", (way,)

    found: list[Found] = []
    for crowd in scene.crowds([call], by=[DELETES]):
        if users := scene.users_of.get(crowd.one.account):
            sources = tuple(asker.principal for asker in crowd.askers)
            for block in scene.blocks(crowd, call, users, also=[DELETES]):
                _, condition = _making(scene, crowd.one, call, block[0])
                found += [Found(sources, target.arn, condition) for target in block]
    yield from edges(Sort(call, changes=True), found, scene.people, explain)


def _making(scene: Scene, asker: Asker, call: str, user: Target) -> tuple[Way, Condition]:
    """Ask whether somebody may make a credential for a user: of a password only there can be one, or set another."""
    about = labelled(user.labels)
    part = ask(scene.facts, asker, call, user.arn, about)
    if call == MAKES_KEY or user.apart is (Answer.YES if call == SETS else Answer.NO):
        return (part,), part.decision.condition
    works: Condition = Unseen(_UNREAD[call]) if user.apart is Answer.UNKNOWN else NEVER
    if call == SETS:
        return (part,), all_of((part.decision.condition, works))
    first = ask(scene.facts, asker, DELETES, user.arn, about)
    way = (part,) if first.decision.condition is NEVER else (first, part)
    return way, all_of((part.decision.condition, any_of((first.decision.condition, works))))


def _of_roles(scene: Scene) -> Iterator[Edge]:
    def explain(asker: Asker, target: str) -> tuple[str, tuple[Way, ...]]:
        _, ways = best(rewriting(scene, asker, scene.roles[target].target))
        return f"{asker.principal} may rewrite the trust policy of the role {target} and then assume it", ways

    found: list[Found] = []
    for crowd in scene.crowds([], [TRUST], by=[ASSUME]):
        found += _by(scene, crowd)
    yield from edges(Sort(TRUST, changes=True), found, scene.people, explain)


def _by(scene: Scene, crowd: Crowd) -> Iterator[Found]:
    roles = scene.changeable_roles.get(crowd.one.account)
    sources = tuple(asker.principal for asker in crowd.askers)
    for block in scene.blocks(crowd, TRUST, roles, also=[ASSUME]) if roles else ():
        condition, _ = best(rewriting(scene, crowd.one, block[0]))
        yield from (Found(sources, target.arn, condition) for target in block)


def rewriting(scene: Scene, asker: Asker, role: Target) -> Iterator[Way]:
    """Yield the ways to become a role whose trust policy one rewrites: oneself, or by an account of one's own.

    Denies of the writer's own do not follow into another account; resource control policies stop both.
    """
    writes = ask(scene.facts, asker, TRUST, role.arn, labelled(role.labels))
    if writes.decision.condition is NEVER:
        return
    for part in admitting(scene, asker, scene.roles[role.arn].facts):
        yield (writes, part)


def admitting(scene: Scene, asker: Asker, role: RoleFacts) -> Iterator[Part]:
    """Yield how a role is assumed whose trust policy somebody writes: by itself, or from an account of its own."""
    trust = Policy.of(f"{ANEW}trust policy of {role.arn}", {"Version": "2012-10-17", "Statement": _ADMITS_ALL})
    facts = replace(role, trust=trust)
    for caller, who in ((asker.caller, ""), (STRANGER, "an identity of an account of its own")):
        decision = evaluate_assume_role(caller, ASSUME, facts, organization=scene.facts.organization, context=OVER_TLS)
        yield Part(ASSUME, role.arn, decision, who=who)
