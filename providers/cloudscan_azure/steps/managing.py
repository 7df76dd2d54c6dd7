"""Come to be an application by a secret that one adds to it, or to have what a group has by joining it.

From "Overview of permissions and consent in the Microsoft identity platform" and "Microsoft Entra built-in roles": who
owns an application or its service principal, or administers applications, may add a secret and sign in with it. Nobody
adds one to a managed identity. From "Manage Microsoft Entra groups and group membership": who owns a group puts anybody
into it, and so do some roles; into one that roles of the directory may be given to, only its owners and the roles above
all of them do. From "Privileged Identity Management (PIM) for Groups": who is eligible to be a member of a group is one
once they activate that, which takes what the group's settings ask.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from cloudscan.access import ALWAYS, NEVER, Decision, Edge, Effect, Reason
from cloudscan.access.conditions import Condition, all_of, any_of
from cloudscan.access.parts import Part, Way, best, called
from cloudscan.access.stepping import Found, Sort
from cloudscan.model import Answer, Principal
from cloudscan_azure.crowds import UNNAMED
from cloudscan_azure.ids import PROVIDER, object_id, person
from cloudscan_azure.policy.callers import Caller, means
from cloudscan_azure.steps.edges import edges
from cloudscan_azure.steps.powers import owned, powers
from cloudscan_azure.steps.roles import CREDENTIALS, GIVES, MEMBER, MEMBERS, PERMISSIONS, ROLES
from cloudscan_azure.steps.scene import Scene, worth_telling
from cloudscan_azure.steps.tenant import Holding

ACTIVATES = "activate-membership"
"""How edges call to become a member of a group for which one is eligible: nothing is changed but that."""


def signed_in(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of everybody who may add a secret to applications, to their service principals."""
    targets = [
        one.id
        for one in _records(scene, "service-account")
        if not one.path and one.enabled is not Answer.NO and one.id != UNNAMED.name
    ]
    yield from _managed(scene, CREDENTIALS, targets, "may add a secret to {}, and sign in as it")


def joined(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of everybody who may put themselves into groups, to these."""
    targets = [one.id for one in _records(scene, "group") if not scene.tenant.group(one.id).closed]
    yield from _managed(scene, MEMBERS, targets, "may put themselves into {}")


def activated(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of everybody who may activate to be a member of a group, to it."""
    found = [
        Found((caller.name,), (person(one.scope),), condition)
        for one in scene.tenant.holdings
        for caller, condition in _eligible(scene, one)
    ]

    def explain(source: str, target: str) -> tuple[str, Sequence[Way]]:
        caller, words = scene.caller(source), f"{source} is eligible to be a member of {target}"
        own = [one for one in scene.tenant.holdings if one.role == MEMBER and person(one.scope) == target]
        held = [(one, condition) for one in own for who, condition in _eligible(scene, one) if who is caller]
        reasons = tuple(Reason(Effect.ALLOWS, words, one.id, condition) for one, condition in held)
        told = Decision(any_of(condition for _, condition in held), reasons)
        return f"{source} may activate to be a member of {target}", ((Part(ACTIVATES, target, told),),)

    yield from edges(Sort(ACTIVATES), found, scene, explain)


def _eligible(scene: Scene, one: Holding) -> Iterator[tuple[Caller, Condition]]:
    """Yield who may activate to be a member of a group and is none, and what must hold for it."""
    if one.role != MEMBER or not one.scope:
        return
    for caller in scene.facts.meant_by([one.principal]):
        condition = all_of((means(one.principal, caller), one.holds))
        if condition is not NEVER and not caller.stopped and one.scope not in caller.ids:
            yield caller, condition


def _records(scene: Scene, kind: str) -> Iterator[Principal]:
    for _, one in sorted(scene.facts.estate.principals.items()):
        if one.provider == PROVIDER and one.kind == kind:
            yield one


def _managed(scene: Scene, action: str, targets: Sequence[str], does: str) -> Iterator[Edge]:
    found: dict[str, list[Found]] = defaultdict(list)
    for target in targets:
        for caller in _asked(scene, action, target):
            if object_id(target) in caller.ids:
                continue  # what a group has, whoever is in it has
            for kind, ways in _kinds(scene, caller, action, target).items():
                condition, _ = best(ways)
                if worth_telling(caller, condition):
                    found[kind].append(Found((caller.name,), (target,), condition))
    for kind in sorted(found):
        yield from edges(Sort(kind, changes=True), found[kind], scene, _explaining(scene, kind, action, does))


def _asked(scene: Scene, action: str, target: str) -> Sequence[Caller]:
    """Return those who may have a right over something: by a role, or as its owners."""
    giving = GIVES[action] | GIVES[ROLES] | GIVES[PERMISSIONS]
    held = [one.principal for one in scene.tenant.holdings if one.among(giving) or one.is_unclear]
    held += [who for who, _ in scene.tenant.owners(target) or ()]
    return [UNNAMED, *scene.facts.meant_by(held)]


def _kinds(scene: Scene, caller: Caller, action: str, target: str) -> dict[str, list[Way]]:
    found: dict[str, list[Way]] = defaultdict(list)
    for way in (*owned(scene, caller, action, target), *powers(scene, caller, action, target)):
        found[called(way)].append(way)
    if action in found and best(found[action])[0] is ALWAYS:
        return {action: found[action]}
    return found


def _explaining(scene: Scene, kind: str, action: str, does: str) -> Callable[[str, str], tuple[str, Sequence[Way]]]:
    def explain(source: str, target: str) -> tuple[str, Sequence[Way]]:
        ways = _kinds(scene, scene.caller(source), action, target).get(kind, [])
        return f"{source} {does.format(target)}", best(ways)[1]

    return explain
