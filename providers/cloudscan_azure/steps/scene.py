"""The estate as steps see it: who may take them, and on what."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache

from cloudscan.access import Condition, Context, parts
from cloudscan.access.alike import Party
from cloudscan.access.parts import Part
from cloudscan.model import Answer, Principal, Workload
from cloudscan_azure.crowds import UNNAMED, Crowd, crowds
from cloudscan_azure.facts import Facts
from cloudscan_azure.ids import PROVIDER
from cloudscan_azure.policy.callers import Caller
from cloudscan_azure.policy.evaluate import Matter, Offer
from cloudscan_azure.policy.operations import Operation
from cloudscan_azure.policy.places import AS_READ, Place, Supposed
from cloudscan_azure.policy.scopes import ROOT
from cloudscan_azure.steps.roles import SUPREME
from cloudscan_azure.steps.tenant import Tenant

Goal = tuple[Operation, Place]
"""An operation, and what it is to be used on."""


_MOST_KEPT = 1 << 16
"""Answers that are kept at a time."""


class Scene:
    """Who may take steps, and what they end in."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.tenant = Tenant(facts.estate)
        self._asked: dict[Hashable, Part] = {}
        self._places = lru_cache(maxsize=1 << 12)(self._place)
        self.hangs = lru_cache(maxsize=1 << 14)(self._has_any)

    def caller(self, name: str) -> Caller:
        """Return who takes a step, by the name that edges have for it."""
        return UNNAMED if name == UNNAMED.name else self.facts.caller(name)

    def party(self, caller: Caller) -> Party:
        """Return somebody as grants and edges tell of them."""
        return Party(caller.name, caller.tenant, self.facts.people.is_outside(caller))

    def ask(
        self,
        caller: Caller,
        operation: Operation,
        place: Place,
        supposed: Supposed = AS_READ,
        context: Context | None = None,
    ) -> Part:
        """Ask whether somebody may use an operation on a resource; of what is managed, the same is answered once."""
        if context is not None or not operation.managed:
            return Part(operation.action, place.name, self.facts.decide(caller, operation, place, context, supposed))
        key = (caller, operation, place.name, place.scopes, supposed)
        if key not in self._asked:
            if len(self._asked) >= _MOST_KEPT:
                self._asked.clear()
            self._asked[key] = Part(
                operation.action, place.name, self.facts.decide(caller, operation, place, supposed=supposed)
            )
        return self._asked[key]

    def place(self, name: str, operation: Operation) -> Place:
        """Return a resource or scope, with those scopes alone at which anything hangs: all else is alike.

        At the root somebody may give themselves a role who manages the tenant.
        """
        return self._places(name, operation)

    def _place(self, name: str, operation: Operation) -> Place:
        place = self.facts.place(name, operation)
        itself = {place.itself, *((ROOT,) if self.supreme else ())}
        kept = tuple(scope for scope in place.scopes if self.hangs(scope) or scope in itself)
        return replace(place, scopes=kept)

    def _has_any(self, scope: str) -> bool:
        """Say whether anything is assigned, denied or locked at a scope, or may be for all that was read."""
        facts = self.facts
        return any(ask(scope) for ask in (facts.assignments, facts.unread, facts.denies, facts.locks, facts.unseen))

    def matters(self, goals: Sequence[Goal]) -> list[Matter]:
        """Return all that decides about some goals."""
        return list(dict.fromkeys(self.facts.matter(operation, place) for operation, place in goals))

    def crowds(
        self, matters: Sequence[Matter], taking: Sequence[Matter] | None = None, besides: Iterable[Caller] = ()
    ) -> Iterator[Crowd]:
        """Yield those who may be given something by one of some matters, told apart by all of them.

        ``taking`` are those matters of which at least one must give something: all, unless told otherwise. Who manages
        the tenant may give themselves everything, and is asked apart from all others; so are those of ``besides``.
        """
        apart = dict.fromkeys((*self.supreme, *besides))
        yield Crowd((UNNAMED,), named=False)
        wanted = {id(offer) for matter in (matters if taking is None else taking) for offer in matter.offers}
        offers: dict[Caller, Sequence[Offer]] = {}
        for crowd in crowds(self.facts, matters):
            offers |= {caller: crowd.offers for caller in crowd.callers if caller in apart}
            others = [caller for caller in crowd.callers if caller not in apart]
            if others and any(id(offer) in wanted for offer in crowd.offers):
                yield replace(crowd, callers=others)
        for caller in apart:
            yield Crowd((caller,), offers.get(caller, ()))

    @cached_property
    def supreme(self) -> Mapping[Caller, None]:
        """Those who may make themselves, or are, administrators of the whole tenant."""
        held = (one.principal for one in self.tenant.holdings if one.among(SUPREME) and not one.scope)
        return dict.fromkeys(self.facts.meant_by(held))

    @cached_property
    def strangers(self) -> frozenset[str]:
        """The issuers of tokens from elsewhere, which are parties of their own."""
        return frozenset(one.id for one in self.tenant.federations)

    @cached_property
    def workloads(self) -> Sequence[Workload]:
        """The compute that is known to run as an identity which can be used."""
        held = (one for _, one in sorted(self.facts.estate.workloads.items()) if one.provider == PROVIDER)
        return [one for one in held if one.principal and not self.facts.caller(one.principal).stopped]

    @cached_property
    def identities(self) -> Sequence[Principal]:
        """The managed identities that are resources of their own, and so can be attached to anything."""
        held = (one for _, one in sorted(self.facts.estate.principals.items()) if one.provider == PROVIDER)
        return [one for one in held if "/userassignedidentities/" in one.path and one.enabled is not Answer.NO]


def worth_telling(caller: Caller, condition: Condition) -> bool:
    """Say whether an answer about somebody is to be told."""
    return parts.worth_telling(condition, named=caller is not UNNAMED)
