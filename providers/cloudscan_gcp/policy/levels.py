"""What the policies of one node say about one permission: it is found once for all that lies below the node."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Protocol

from cloudscan.access.comparisons import Operator
from cloudscan.access.conditions import ALWAYS, NEVER, Condition, Test, all_of
from cloudscan_gcp.policy.bindings import AllowPolicy, Binding
from cloudscan_gcp.policy.cel import condition_of
from cloudscan_gcp.policy.deny import DenyPolicy, DenyRule
from cloudscan_gcp.policy.members import Caller, may_mean_others, normal
from cloudscan_gcp.policy.places import Place
from cloudscan_gcp.policy.roles import Roles
from cloudscan_gcp.policy.subjects import Subject

ACTIVATION = "pim:activation"
"""That somebody asked for a role that they are eligible for, and has it: a name of ours, for all clouds."""


class Policies(Protocol):
    """The policies of an estate, by the node on which they hang."""

    roles: Roles

    def allow(self, node: str) -> AllowPolicy | None:
        """Return the allow policy of a node; None where it was not read."""

    def denies(self, node: str) -> Sequence[DenyPolicy]:
        """Return the deny policies of a node, as far as they were read."""

    def unread(self, node: str) -> Sequence[str]:
        """Say what of a node was not read that could only take away, in words."""

    def level(self, permission: str, node: str) -> Level:
        """Return what one node says about a permission, found once."""

    def basis(self, member: str, caller: Caller) -> Sequence[str]:
        """Name the statements by which a convenience value means somebody; none for any other member."""

    def bounded(self, caller: Caller, place: Place) -> Condition:
        """Say whether principal access boundaries may keep somebody from a resource."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A member to whom a binding gives the permission, on a node and all below it, if ``given`` holds of its role."""

    node: str
    binding: Binding
    member: str
    given: Condition

    def holds(self, subject: Subject) -> Condition:
        """Return what the binding asks of a request, beside who asks."""
        written = condition_of(self.binding.expression, subject, self.binding.statement)
        activated = Test(ACTIVATION, Operator.PRESENT, source=self.binding.statement)
        return all_of((self.given, written, activated if self.binding.eligible else ALWAYS))


class Level:
    """One permission on one node: what may give it there, and what refuses it."""

    def __init__(self, policies: Policies, permission: str, node: str) -> None:
        self.policies, self.permission, self.node = policies, permission, node

    @cached_property
    def offers(self) -> tuple[Offer, ...]:
        """Every binding that gives the permission, or may, in the order of the policy."""
        policy, gives = self.policies.allow(self.node), self.policies.roles.gives
        bindings = policy.bindings if policy else ()
        given = {role: gives(role, self.permission) for role in dict.fromkeys(binding.role for binding in bindings)}
        if all(each is NEVER for each in given.values()):
            return ()
        return tuple(
            Offer(self.node, binding, normal(binding.member), given[binding.role])
            for binding in bindings
            if given[binding.role] is not NEVER
        )

    @cached_property
    def unread(self) -> tuple[str, ...]:
        """What may give the permission to somebody and was not read, or makes no sense, in words."""
        policy = self.policies.allow(self.node)
        faults = (f"the allow policy of {self.node} was not read",) if policy is None else policy.faults
        return tuple(f"{fault} and may give {self.permission}" for fault in faults)

    @cached_property
    def rules(self) -> tuple[DenyRule, ...]:
        """Every deny rule about the permission."""
        denies = self.policies.denies(self.node)
        return tuple(rule for policy in denies for rule in policy.rules if rule.is_about(self.permission))

    @cached_property
    def unclear_denies(self) -> tuple[tuple[str, str], ...]:
        """The deny policies with parts that make no sense: the policy's name, and what may refuse."""
        denies = self.policies.denies(self.node)
        return tuple((policy.name, f"{fault} and may refuse") for policy in denies for fault in policy.faults)

    @cached_property
    def _by_member(self) -> Mapping[str, Sequence[tuple[int, Offer]]]:
        found: dict[str, list[tuple[int, Offer]]] = defaultdict(list)
        for place, offer in enumerate(self.offers):
            found[offer.member].append((place, offer))
        return found

    @cached_property
    def _sets(self) -> frozenset[str]:
        """The members of offers that may mean somebody whom nothing says that they mean."""
        return frozenset(member for member in self._by_member if may_mean_others(member))

    def about(self, caller: Caller) -> Iterator[Offer]:
        """Yield the offers that may mean somebody, in their order, without trying those that mean somebody else."""
        if not self.offers:
            return
        named = (caller.members & self._by_member.keys()) | self._sets
        met = chain.from_iterable(map(self._by_member.__getitem__, named))
        yield from (offer for _, offer in sorted(met, key=_place))


def _place(numbered: tuple[int, Offer]) -> int:
    return numbered[0]
