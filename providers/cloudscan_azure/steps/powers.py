"""What somebody may do with identities by roles of the directory, by app roles of Microsoft Graph, or as an owner.

From "Microsoft Entra built-in roles": a Global Administrator does everything, and a Privileged Role Administrator gives
itself that role. From "Microsoft Graph permissions reference": ``RoleManagement.ReadWrite.Directory`` lets an
application do the same, and ``AppRoleAssignment.ReadWrite.All`` lets it give itself that permission. From "Elevate
access to manage all Azure subscriptions and management groups": a Global Administrator becomes User Access
Administrator at the root.
"""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.access import ALWAYS, NEVER, Decision, Effect, Reason
from cloudscan.access.conditions import Condition, Unseen, all_of, any_of
from cloudscan.access.parts import Part, Way, needed
from cloudscan_azure.crowds import UNNAMED
from cloudscan_azure.ids import person
from cloudscan_azure.policy.callers import Caller, means
from cloudscan_azure.steps.roles import DELEGABLE, GIVES, OF_SECURITY_GROUPS, OVER_ROLES, OWNER, PERMISSIONS, ROLES
from cloudscan_azure.steps.scene import Scene
from cloudscan_azure.steps.tenant import Holding

TENANT = "the tenant"


def powers(scene: Scene, caller: Caller, action: str, target: str = "") -> Iterator[Way]:
    """Yield the ways in which somebody may do something with an identity, or in the whole tenant."""
    if caller is UNNAMED:
        if scene.tenant.unread:
            yield (Part(action, target or TENANT, Decision(Unseen(scene.tenant.unread))),)
        return
    if caller.stopped:
        return
    scopes = scene.tenant.scopes(target) if target else frozenset[str]()
    direct = _by_roles(scene, caller, action, target, GIVES[action], scopes)
    if needed((direct,)) is not NEVER:
        yield (direct,)
    if needed((direct,)) is ALWAYS:
        return
    promoted = _by_roles(scene, caller, ROLES, TENANT, GIVES[ROLES])
    permitted = _by_roles(scene, caller, PERMISSIONS, TENANT, GIVES[PERMISSIONS])
    then = Part(action, target or TENANT, Decision(ALWAYS))
    for way in ((promoted, then), (permitted, Part(ROLES, TENANT, Decision(ALWAYS)), then)):
        if needed(way) is not NEVER:
            yield way


def _by_roles(
    scene: Scene,
    caller: Caller,
    action: str,
    target: str,
    giving: frozenset[str],
    scopes: frozenset[str] = frozenset(),
) -> Part:
    """Ask whether a role that somebody has gives something, for the whole tenant or for what it is limited to."""
    held = [
        (one, condition)
        for one in scene.tenant.holdings
        if not one.scope or one.scope in scopes
        if (given := _gives(scene, one, action, giving, target)) is not NEVER
        if (condition := all_of((means(one.principal, caller), one.holds, given))) is not NEVER
    ]
    proof = [Reason(Effect.ALLOWS, _says(one, action, caller), one.id, condition) for one, condition in held]
    told = any_of(condition for _, condition in held)
    return Part(action, target or TENANT, Decision(told, tuple(proof)) if held else Decision(NEVER))


def _says(one: Holding, action: str, caller: Caller) -> str:
    if one.role == OWNER:
        return f"{caller.name} may activate to be an owner of {person(one.scope)}, which gives {action}"
    return f"a role of the directory gives {action} to {caller.name}"


def _gives(scene: Scene, one: Holding, action: str, giving: frozenset[str], target: str) -> Condition:
    """Say whether a role gives something; of one that is not known by its id, and whose definition was not told."""
    if by := one.among(giving):
        return _over(scene, by, target)
    unclear = one.is_unclear and action in DELEGABLE
    return Unseen(f"what the role {one.role} of {one.id} allows was not read") if unclear else NEVER


def _over(scene: Scene, by: frozenset[str], target: str) -> Condition:
    """Say whether what gives something reaches a group: few roles reach one that may be given roles itself."""
    record = scene.facts.estate.principals.get(target)
    if record is None or record.kind != "group" or by & OVER_ROLES:
        return ALWAYS
    group = scene.tenant.group(target)
    if group.unified and by <= OF_SECURITY_GROUPS:
        return NEVER
    told = group.takes_roles
    if told is None:
        return Unseen(f"whether {target} may be given roles of the directory was not read")
    return NEVER if told else ALWAYS


def owned(scene: Scene, caller: Caller, action: str, target: str) -> Iterator[Way]:
    """Yield doing something with an identity that somebody owns, or whose application they own."""
    owners = scene.tenant.owners(target)
    if owners is None:
        if caller is UNNAMED:
            yield (Part(action, target, Decision(Unseen(f"who owns {target} was not read"))),)
        return
    held = [(document, meant) for who, document in owners if (meant := means(who, caller)) is not NEVER]
    if held and not caller.stopped and caller is not UNNAMED:
        proof = tuple(
            Reason(Effect.ALLOWS, f"{caller.name} owns {target}", document, meant) for document, meant in held
        )
        yield (Part(action, target, Decision(any_of(meant for _, meant in held), proof)),)
