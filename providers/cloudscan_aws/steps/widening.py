"""Ways to widen rights that one has: what is called on what, and what becomes of the caller.

From pathfinding.cloud ("self-escalation"): iam-001, iam-003, iam-005, iam-007 to iam-011, iam-013; and from the "IAM
User Guide": permissions boundaries, and adding and removing IAM identity permissions. A call that writes a document
takes what stood there away, denies included; one that adds a document leaves every deny in force; one that takes a
document away ends its denies and its allows. A boundary, and the organization's policies, limit the new document as
they did the old.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from cloudscan.access import ALWAYS, Condition, Context
from cloudscan.access.conditions import Unseen
from cloudscan.access.parts import Way
from cloudscan.model import Principal
from cloudscan_aws.askers import Asker
from cloudscan_aws.policy.callers import EVERYTHING, Caller
from cloudscan_aws.policy.documents import Policy, Statement
from cloudscan_aws.steps.attachable import ADMINISTRATOR, policies_of_aws
from cloudscan_aws.steps.attaching import offers
from cloudscan_aws.steps.calls import ANEW, partition_of
from cloudscan_aws.steps.scene import Scene
from cloudscan_aws.steps.tags import Tags, passing, with_tags
from cloudscan_aws.steps.things import kept_by_aws, labelled

WRITES = {"user": "iam:PutUserPolicy", "group": "iam:PutGroupPolicy", "role": "iam:PutRolePolicy"}
ATTACHES = {"user": "iam:AttachUserPolicy", "group": "iam:AttachGroupPolicy", "role": "iam:AttachRolePolicy"}
VERSION, DEFAULT, JOINS = "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:AddUserToGroup"
BOUNDS = {"user": "iam:PutUserPermissionsBoundary", "role": "iam:PutRolePermissionsBoundary"}
UNBOUNDS = {"user": "iam:DeleteUserPermissionsBoundary", "role": "iam:DeleteRolePermissionsBoundary"}
DETACHES = {"user": "iam:DetachUserPolicy", "group": "iam:DetachGroupPolicy", "role": "iam:DetachRolePolicy"}
DELETES = {"user": "iam:DeleteUserPolicy", "group": "iam:DeleteGroupPolicy", "role": "iam:DeleteRolePolicy"}
TAGS = {"user": "iam:TagUser", "role": "iam:TagRole"}
LEAVES = "iam:RemoveUserFromGroup"
_BY_KIND = (WRITES, ATTACHES, DETACHES, DELETES, BOUNDS, UNBOUNDS, TAGS)
CALLS = (*(call for calls in _BY_KIND for call in calls.values()), VERSION, DEFAULT, JOINS, LEAVES)
ON_ITSELF = {call: kind for calls in _BY_KIND for kind, call in calls.items() if kind != "group"}
"""The kinds of identity on which calls are made that widen its own rights."""
BY_GROUPS = (*(calls["group"] for calls in _BY_KIND if "group" in calls), JOINS, LEAVES)
BY_MANAGED = (VERSION, DEFAULT, *DETACHES.values())
"""The calls that go by way of somebody's groups, and of its managed policies."""


@dataclass(frozen=True, slots=True)
class Widening:
    """One way to widen the rights of an identity: a call on something, and what it changes.

    ``known`` is what follows from the call. ``adds`` are policies that the identity has afterwards, None where they
    were not read; ``drops`` the names of those that it has no more; ``unbound`` says that its boundary is gone.
    ``tags`` are laid over those that it has. ``becomes`` completes its name, ``hangs_on`` is what else must hold,
    ``does`` fits in "may ...". ``first`` are calls that come before it.
    """

    call: str
    on: str
    becomes: str
    does: str
    known: Context = field(default_factory=Context)
    adds: tuple[Policy, ...] | None = ()
    drops: frozenset[str] = frozenset()
    unbound: bool = False
    tags: Tags | None = None
    hangs_on: Condition = ALWAYS
    first: Way = ()

    @property
    def kind(self) -> str:
        """All its calls, as an edge tells of them."""
        return "+".join((*(part.action for part in self.first), self.call))


WIDENED, UNBOUND = "with widened rights", "without its boundary"
WHATEVER = Policy(f"{ANEW}a policy that allows everything", EVERYTHING.document)
"""What somebody writes who may write anything."""


def widenings(scene: Scene, asker: Asker, holder: Principal, own: Caller) -> Iterator[Widening]:
    """Yield every way in which the rights of an identity could be widened by somebody.

    ``asker`` is who would, which may be the identity itself; ``own`` is the identity as a caller.
    """
    if holder.kind not in BOUNDS:
        return
    for policy in own.policies or ():
        yield from _versions_of(holder.account, policy.name)
    if kept_by_aws(holder):
        return
    yield from _tagging(scene, holder, own)
    bounded = _bounded(holder)
    groups = [scene.facts.estate.principals.get(group) for group in holder.groups]
    for one in [holder, *(group for group in groups if group is not None)]:
        known = labelled(one.labels).over(bounded if one is holder else Context())
        yield _writing(one, known)
        yield from _attaching(scene, asker, one, known)
        yield from _taking_away(one, own, known)
    if holder.kind == "user":
        yield from _groups(scene, holder)
        yield from (_leaving(group, own) for group in groups if group is not None)
    if own.boundaries is None or own.boundaries:
        yield from _boundaries(holder, own, bounded)


def _tagging(scene: Scene, holder: Principal, own: Caller) -> Iterator[Widening]:
    """Yield giving an identity tags, of which some document that matters to it makes something else."""
    if own.tags is None:
        return
    for tags in scene.differing(own):
        told = ", ".join(f"{name}={value}" for name, value in sorted(tags.items()))
        about = passing(tags).over(labelled(holder.labels))
        does = f"give {holder.id} the tags {told}"
        yield Widening(TAGS[holder.kind], holder.id, f"with tags {told}", does, about, tags=tags)


def _bounded(holder: Principal) -> Context:
    """Return iam:PermissionsBoundary, which names the boundary that the identity has ("Actions defined by IAM")."""
    if holder.boundary is None:
        return Context()
    if not holder.boundary:
        return Context.of({}, absent=["iam:PermissionsBoundary"])
    return Context.of({"iam:PermissionsBoundary": _arn(holder.boundary)})


def _arn(policy: str) -> str:
    """Return the ARN of a managed policy from the id of its document."""
    return policy.partition("#")[0]


def _writing(holder: Principal, known: Context) -> Widening:
    """Return writing an inline policy of an identity or of a group of it. One of the same name is written over."""
    inline = frozenset(name for name in holder.policies or () if name.startswith(f"{holder.id}#inline/"))
    does = f"write a policy of {holder.id}"
    return Widening(WRITES[holder.kind], holder.id, WIDENED, does, known, (WHATEVER,), inline)


def _attaching(scene: Scene, asker: Asker, holder: Principal, known: Context) -> Iterator[Widening]:
    """Yield attaching each managed policy that is worth it."""
    call = ATTACHES[holder.kind]
    for offer in offers(scene, asker, call, holder.id, known):
        widest = offer.policy.document is EVERYTHING.document or offer.arn.endswith(f":aws:policy/{ADMINISTRATOR}")
        about = Context.of({"iam:PolicyARN": offer.arn}).over(known)
        attached = Policy(f"{ANEW}{offer.arn} attached", offer.policy.document)
        becomes, adds = (WIDENED, WHATEVER) if widest else (f"with {offer.arn}", attached)
        does = f"{'make and ' if offer.first else ''}attach {offer.arn} to {holder.id}"
        yield Widening(call, holder.id, becomes, does, about, (adds,), hangs_on=offer.hangs_on, first=offer.first)


def _taking_away(holder: Principal, own: Caller, known: Context) -> Iterator[Widening]:
    """Yield taking a policy away from an identity, or from a group of it, whose denies then bind it no more."""
    for name in _once_only(holder, own):
        arn, _, inline = name.partition("#inline/")
        if inline:
            does = f"delete the policy {inline} of {holder.id}"
            yield Widening(DELETES[holder.kind], holder.id, f"without {name}", does, known, drops=frozenset({name}))
        else:
            arn = _arn(arn)
            about = Context.of({"iam:PolicyARN": arn}).over(known)
            does = f"detach {arn} from {holder.id}"
            drops = frozenset({name})
            yield Widening(DETACHES[holder.kind], holder.id, f"without {arn}", does, about, drops=drops)


def _leaving(group: Principal, own: Caller) -> Widening:
    drops = frozenset(_once_only(group, own))
    does = f"leave {group.id}"
    return Widening(LEAVES, group.id, f"out of {group.id}", does, labelled(group.labels), drops=drops)


def _once_only(holder: Principal, own: Caller) -> Iterator[str]:
    """Yield the policies that a holder gives to an identity, and nobody else does, too."""
    names = [policy.name for policy in own.policies or ()]
    yield from (name for name in holder.policies or () if names.count(name) == 1)


def _versions_of(account: str, name: str) -> Iterator[Widening]:
    """Yield rewriting a managed policy of the account's own, and going back to an older version of it."""
    arn = _arn(name)
    if f":iam::{account}:policy/" not in arn or "#inline/" in name:
        return
    drops = frozenset({name})
    yield Widening(VERSION, arn, WIDENED, f"write a new version of {arn}", adds=(WHATEVER,), drops=drops)
    unread = Unseen(f"older versions of {arn} were not read")
    yield Widening(
        DEFAULT, arn, WIDENED, f"go back to an older version of {arn}", adds=(WHATEVER,), drops=drops, hangs_on=unread
    )


def _groups(scene: Scene, holder: Principal) -> Iterator[Widening]:
    """Yield joining each group of the account."""
    for group in scene.groups_of.get(holder.account, ()):
        if group.id not in holder.groups:
            becomes, does = f"as a member of {group.id}", f"add {holder.id} to {group.id}"
            yield Widening(JOINS, group.id, becomes, does, labelled(group.labels), scene.policies(group))


def _boundaries(holder: Principal, own: Caller, known: Context) -> Iterator[Widening]:
    """Yield taking the boundary away, putting one there that limits nothing, and rewriting it."""
    tags = labelled(holder.labels)
    yield Widening(
        UNBOUNDS[holder.kind],
        holder.id,
        UNBOUND,
        f"take the boundary of {holder.id} away",
        tags.over(known),
        unbound=True,
    )
    widest = next(iter(policies_of_aws(partition_of(own))))
    about = Context.of({"iam:PermissionsBoundary": widest}).over(tags)
    does = f"make {widest} the boundary of {holder.id}"
    yield Widening(BOUNDS[holder.kind], holder.id, UNBOUND, does, about, unbound=True)
    arn = _arn(holder.boundary or "")
    if f":iam::{holder.account}:policy/" in arn:
        yield Widening(VERSION, arn, UNBOUND, f"write a new version of the boundary {arn}", unbound=True)


def after(own: Caller, widening: Widening, drops: frozenset[str]) -> Caller:
    """Return an identity as it is when its rights have been widened. What was not read of it stays unread."""
    if widening.tags is not None:
        return replace(own, tags=with_tags(own.tags or {}, widening.tags))
    boundaries = () if widening.unbound else own.boundaries
    if own.policies is None or widening.adds is None:
        return replace(own, policies=None, boundaries=boundaries)
    kept = [each for each in own.policies if each.name not in drops]
    added = [each for each in widening.adds if each not in kept]
    return replace(own, policies=(*kept, *added), boundaries=boundaries)


def changed(holder: Principal, widening: Widening) -> Principal:
    """Return the record of an identity as it is then: its groups, and its tags where they were read."""
    groups = holder.groups
    if widening.call == JOINS:
        groups = (*groups, widening.on)
    if widening.call == LEAVES:
        groups = tuple(group for group in groups if group != widening.on)
    tags = holder.labels
    if tags is not None and widening.tags is not None:
        tags = with_tags(tags, widening.tags)
    return replace(holder, groups=groups, labels=tags)


def denies(policy: Policy) -> bool:
    """Say whether a policy denies something, or may."""
    return any(not isinstance(item, Statement) or item.effect == "Deny" for item in policy.document.statements)


def surely_denies(policy: Policy) -> bool:
    """Say whether a policy has a statement that could be read and denies something."""
    return any(isinstance(item, Statement) and item.effect == "Deny" for item in policy.document.statements)


def allows_everything(caller: Caller) -> bool:
    """Say whether an identity's own policies allow everything already, so that no other adds to them."""
    return any(_allows_all(item) for policy in caller.policies or () for item in policy.document.statements)


def _allows_all(item: object) -> bool:
    return (
        isinstance(item, Statement)
        and item.effect == "Allow"
        and "*" in (item.actions or ())
        and "*" in (item.resources or ())
        and not item.condition
        and not item.faults
    )
