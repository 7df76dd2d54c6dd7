"""The estate as the evaluator takes it: the interface for all that asks about rights. Pure: reads only the estate.

Grants, steps and explanations ask :class:`Facts`: ``caller`` and ``place`` name who and what, ``decide`` answers,
``holders`` finds who may have a permission without trying everybody, and ``Supposed`` says what a step would change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from cloudscan.access import Context, Decision, Effect, Reason, both
from cloudscan.access.conditions import ALWAYS, NEVER, Condition, Unseen, all_of, any_of
from cloudscan.estate import Estate
from cloudscan.model import Answer
from cloudscan_gcp.documents import Documents
from cloudscan_gcp.people import People
from cloudscan_gcp.policy.bindings import AllowPolicy, Binding
from cloudscan_gcp.policy.deny import DenyPolicy
from cloudscan_gcp.policy.evaluate import Matter
from cloudscan_gcp.policy.levels import Level
from cloudscan_gcp.policy.lists import given
from cloudscan_gcp.policy.members import Caller
from cloudscan_gcp.policy.places import Place
from cloudscan_gcp.policy.roles import Roles
from cloudscan_gcp.policy.supposed import AS_READ, Supposed
from cloudscan_gcp.principal_sets import PrincipalSets
from cloudscan_gcp.resources import Resources

DECRYPT = "cloudkms.cryptoKeyVersions.useToDecrypt"


class Facts:
    """The estate, ready for questions about rights."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.resources = Resources(estate)
        self.documents = Documents(estate)
        self.people = People(estate, self.documents, self.resources)
        self.sets = PrincipalSets(estate, self.resources)
        self._matters = lru_cache(maxsize=1 << 12)(Matter)
        self._levels = lru_cache(maxsize=1 << 14)(Level)
        self.bound = lru_cache(maxsize=1 << 16)(self._bound)

    def place(self, name: str, permission: str = "") -> Place:
        """Return a resource by the id that records have for it, or an object as ``gs://BUCKET/KEY``."""
        return self.resources.place(name, permission)

    def matter(self, permission: str, nodes: tuple[str, ...]) -> Matter:
        """Return what all share who are asked about a permission below some nodes."""
        return self._matters(self, permission, nodes)

    def decide(
        self,
        who: str | Caller,
        permission: str,
        resource: str | Place,
        context: Context | None = None,
        supposed: Supposed = AS_READ,
    ) -> Decision:
        """Say whether somebody may use a permission on a resource, by all policies that hold for it.

        Of an object this is the permission alone: what a read takes beside it is :mod:`cloudscan_gcp.reads`.
        """
        place = supposed.place(self.place(resource, permission) if isinstance(resource, str) else resource)
        caller = self.people.caller(who) if isinstance(who, str) else who
        return self.matter(permission, place.nodes).decide(caller, place, context, supposed)

    def decrypts(self, who: Caller, key: str, context: Context | None = None) -> Decision:
        """Say whether somebody may decrypt with a key of Cloud KMS, which serves nobody while it is off.

        What state the version has that an object lies under is not collected: that of the primary one stands for it.
        """
        held = self.estate.key(key)
        if held is not None and held.is_off:
            return Decision(NEVER, (Reason(Effect.DENIES, f"the key {key} is {held.state}, and serves nobody"),))
        given = self.decide(who, DECRYPT, key, context)
        if held is not None and held.state is not None:
            return given
        return both([given, Decision(Unseen(f"whether the key {key} is enabled was not read"))])

    def holders(self, permission: str, resource: str | Place) -> Sequence[Caller]:
        """Return those of the estate, and those whom policies name, that may be given a permission on a resource.

        By what allow policies and lists say alone, so that a deny policy or a condition may still stop them: nobody
        else can have the permission, but for those who have it by what was not read. In a stable order.
        """
        place = self.place(resource, permission) if isinstance(resource, str) else resource
        named = [offer.member for offer in self.matter(permission, place.nodes).offers]
        if (held := place.lists) is not None and held.uniform is not Answer.YES:
            named += (entry.grantee for entry in given(held.entries or (), permission, of_object=held.of_object))
        return self.meant_by(named)

    def meant_by(self, members: Iterable[str]) -> Sequence[Caller]:
        """Return everybody known whom one of some members means, or may mean, in a stable order."""
        found = {caller.name: caller for member in dict.fromkeys(members) for caller, _ in self.people.meant(member)}
        return [found[name] for name in sorted(found)]

    def caller(self, name: str) -> Caller:
        """Return somebody as one who asks: by a principal's id, ANYONE, ANYONE_SIGNED_IN, or any member of policies."""
        return self.people.caller(name)

    # What the evaluator asks of the estate.

    @property
    def roles(self) -> Roles:
        """The roles of which the permissions were read."""
        return self.documents.roles

    def allow(self, node: str) -> AllowPolicy | None:
        """Return the allow policy of a node; None where it was not read."""
        return self.documents.allow(node)

    def bindings(self, node: str) -> Sequence[Binding]:
        """Return the bindings on a node, none where they were not read."""
        return self.documents.bindings(node)

    def denies(self, node: str) -> Sequence[DenyPolicy]:
        """Return the deny policies of a node, as far as they were read."""
        return self.documents.denies(node)

    def unread(self, node: str) -> Sequence[str]:
        """Say what of a node was not read that could only take away, in words."""
        return self.documents.unread(node)

    def level(self, permission: str, node: str) -> Level:
        """Return what one node says about a permission, found once."""
        return self._levels(self, permission, node)

    def basis(self, member: str, caller: Caller) -> Sequence[str]:
        """Name the statements by which a convenience value means somebody; none for any other member."""
        return self.people.basis(member, caller)

    def bounded(self, caller: Caller, place: Place) -> Condition:
        """Say whether principal access boundaries may keep somebody from a resource: what none of its own leaves open.

        From "Principal access boundary policies": whoever is bound by several may use what any of them lists.
        """
        if not self.documents.boundaries or not caller.signs:
            return NEVER
        projects = (self.resources.project(node.removeprefix("projects/")) for node in place.nodes)
        nodes = {*place.nodes, *(f"projects/{one.unique_id}" for one in projects if one is not None)}
        binding = self.bound(caller)
        every = self.documents.boundaries
        opened = {member for one in every if one.leaves_open(nodes) for member in one.bound_to}
        if any(binding[member] is ALWAYS for member in opened):
            return NEVER
        shut = [one for one in every if not one.leaves_open(nodes)]
        others = ((one, [binding[member] for member in one.bound_to if member not in opened]) for one in shut)
        return any_of(all_of((any_of(binds), one.effect)) for one, binds in others)

    def _bound(self, caller: Caller) -> Mapping[str, Condition]:
        """Say of each set to which a principal access boundary is bound whether it means somebody."""
        members = dict.fromkeys(member for one in self.documents.boundaries for member in one.bound_to)
        return {member: self.sets.hold(member, caller) for member in members}
