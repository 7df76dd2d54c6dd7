"""The estate as the evaluator takes it: the interface for all that asks about rights. Pure: reads only the estate.

Grants, steps and explanations ask :class:`Facts`: ``caller`` and ``place`` name who and what, ``decide`` answers about
roles, deny assignments, locks and access control lists, ``holders`` finds who may have a permission without trying
everybody, and ``Supposed`` says what a step would change. What a request for a blob takes beside its permission is
:mod:`cloudscan_azure.reads`, and so are those who show a key or a shared access signature.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from cloudscan.access import Context, Decision
from cloudscan.access.conditions import Condition
from cloudscan.access.keyspace import KeySpace
from cloudscan.access.remainders import Pieces
from cloudscan.estate import Estate
from cloudscan_azure.documents import Documents
from cloudscan_azure.people import People
from cloudscan_azure.policy.assignments import Assignment
from cloudscan_azure.policy.callers import Caller
from cloudscan_azure.policy.deny import DenyAssignment
from cloudscan_azure.policy.evaluate import Matter, Offer, offers_of
from cloudscan_azure.policy.locks import Lock
from cloudscan_azure.policy.operations import Operation
from cloudscan_azure.policy.places import AS_READ, Place, Supposed
from cloudscan_azure.policy.roles import Roles
from cloudscan_azure.resources import Resources


class Facts:
    """The estate, ready for questions about rights."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.documents = Documents(estate)
        self.people = People(estate, self.documents)
        self.resources = Resources(estate, self.documents)
        self._spaces = lru_cache(maxsize=1)(self._space)  # tables are large, and asked store by store
        self._matters = lru_cache(maxsize=1 << 12)(self._matter)
        self._offers = lru_cache(maxsize=1 << 14)(self._find_offers)

    def place(self, name: str, operation: Operation) -> Place:
        """Return a resource or scope by its id, or a blob as ``CONTAINER-ID/blobs/PATH``."""
        return self.resources.place(name, operation)

    def space(self, store: str, patterns: frozenset[Pieces]) -> KeySpace:
        """Return the keys of a container as some patterns tell them apart: read once for all who ask in a row."""
        return self._spaces(store, patterns)

    def _space(self, store: str, patterns: frozenset[Pieces]) -> KeySpace:
        return KeySpace(self.estate.objects, store, patterns)

    def matter(self, operation: Operation, place: Place) -> Matter:
        """Return what all share who are asked about an operation below the same scopes."""
        return self._matters(operation, place.scopes, place.above)

    def _matter(self, operation: Operation, scopes: tuple[str, ...], above: bool) -> Matter:  # noqa: FBT001
        return Matter(self, operation, scopes, above=above)

    def decide(
        self,
        who: str | Caller,
        operation: Operation,
        resource: str | Place,
        context: Context | None = None,
        supposed: Supposed = AS_READ,
    ) -> Decision:
        """Say whether somebody may use an operation on a resource, by all policies that hold for it.

        ``who`` is a principal's id as records have it; ``operation`` one of :mod:`cloudscan_azure.policy.operations`.
        """
        place = self.place(resource, operation) if isinstance(resource, str) else resource
        caller = self.people.caller(who) if isinstance(who, str) else who
        return self.matter(operation, place).decide(caller, place, context, supposed)

    def holders(self, operation: Operation, resource: str | Place) -> Sequence[Caller]:
        """Return those of the estate that may be given an operation on a resource, in a stable order.

        By what assignments and lists say alone, so that a deny assignment, a lock or a condition may still stop them:
        nobody else can have it, but for those who have it by what was not read.
        """
        place = self.place(resource, operation) if isinstance(resource, str) else resource
        named = [offer.assignment.principal for offer in self.matter(operation, place).offers]
        found = {caller.name: caller for caller in self.meant_by(named)}
        if place.lists:
            found |= {caller.name: caller for caller in self.people.known}
        return [found[name] for name in sorted(found)]

    def meant_by(self, object_ids: Iterable[str]) -> Sequence[Caller]:
        """Return everybody known whom one of some object ids means, or may mean, in a stable order."""
        found = {caller.name: caller for own in dict.fromkeys(object_ids) for caller, _ in self.people.meant(own)}
        return [found[name] for name in sorted(found)]

    def caller(self, name: str) -> Caller:
        """Return somebody as one who asks: by a principal's id, or ANYONE."""
        return self.people.caller(name)

    # What the evaluator asks of the estate.

    @property
    def roles(self) -> Roles:
        """The roles of which the permissions were read."""
        return self.documents.roles

    def assignments(self, scope: str) -> Sequence[Assignment]:
        """Return the role assignments at a scope, eligible ones too, as far as they were read."""
        return self.documents.assignments(scope)

    def offers(self, scope: str, operation: Operation) -> Sequence[Offer]:
        """Return those of the assignments at a scope that give an operation, or may."""
        # Most of them hang high up, where all accounts and containers share them.
        return self._offers(scope, operation) if self.assignments(scope) else ()

    def _find_offers(self, scope: str, operation: Operation) -> Sequence[Offer]:
        return tuple(offers_of(self.assignments(scope), operation, self.roles))

    def denies(self, scope: str) -> Sequence[DenyAssignment]:
        """Return the deny assignments at a scope, as far as they were read."""
        return self.documents.denies(scope)

    def locks(self, scope: str) -> Sequence[Lock]:
        """Return the locks at a scope, as far as they were read."""
        return self.documents.locks(scope)

    def unread(self, scope: str) -> Sequence[Condition]:
        """Say what of a scope was not read that may give, each as the condition under which it does."""
        return self.documents.unread(scope)

    def unseen(self, scope: str) -> Sequence[str]:
        """Say what of a scope was not read that could only take away, in words."""
        return self.documents.unseen(scope)

    def management_groups(self) -> Sequence[str]:
        """Return the management groups at which something is assigned."""
        return self.documents.assigned_groups
