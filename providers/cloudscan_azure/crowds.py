"""Callers that no policy tells apart about some operations: one of them is asked, and shares its answer.

They are found from the ids that assignments and lists name, by an index, so that nobody is asked about everything.
Whom nothing names is in no crowd: what was not read may give to them is asked once, for somebody who is not named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from cloudscan import model
from cloudscan_azure.facts import Facts
from cloudscan_azure.policy.callers import EVERYBODY, Caller
from cloudscan_azure.policy.evaluate import Matter, Offer
from cloudscan_azure.policy.hns import Acl

UNNAMED = Caller(model.UNNAMED, "somebody", frozenset({"somebody"}))
"""Somebody of whom nothing is known but that what was not read may admit it."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Callers that are alike, by name, and the offers that mean the first of them.

    Of those whom nothing names, ``named`` is False: they have what a list gives to all others.
    """

    callers: Sequence[Caller]
    offers: Sequence[Offer] = ()
    named: bool = True

    @property
    def one(self) -> Caller:
        """The one who is asked for all."""
        return self.callers[0]


def crowds(facts: Facts, matters: Sequence[Matter], acls: Iterable[Acl] = ()) -> list[Crowd]:
    """Sort those into crowds to whom any of some matters, or any access control list, may give something."""
    signs: dict[Caller, set[Hashable]] = defaultdict(set)
    met: dict[Caller, list[Offer]] = defaultdict(list)
    kinds: dict[Hashable, int] = {}
    for number, matter in enumerate(matters):
        for offer in matter.offers:
            one = offer.assignment
            told = (number, one.scope, one.role, one.expression, one.holds, offer.expressions)
            how = kinds.setdefault(told, len(kinds))
            for caller, meant in facts.people.meant(one.principal):
                signs[caller].add((how, meant))
                met[caller].append(offer)
    lists = list(dict.fromkeys(acls))
    if lists:
        # What a list gives to all others, it gives to everybody who is known.
        for caller in facts.people.known:
            signs[caller].update(each for acl in lists for each in _listed(acl, caller))
    for sign, named in _named_by_denies(matters):
        for caller, meant in facts.people.meant(named):
            if caller in signs:
                signs[caller].add((sign, meant))
    asks_of_callers = any("@principal" in each.lower() for matter in matters for each in _expressions(matter))
    alike: dict[Hashable, list[Caller]] = defaultdict(list)
    for caller, found in signs.items():
        own = caller.own if asks_of_callers else ""
        alike[frozenset(found), caller.stopped, caller.may_be_a_service, caller.tenant, own].append(caller)
    made = []
    for callers in alike.values():
        callers.sort(key=lambda one: one.name)
        made.append(Crowd(callers, met[callers[0]], named=bool(signs[callers[0]])))
    return sorted(made, key=lambda one: one.one.name)


def _listed(acl: Acl, caller: Caller) -> Iterator[Hashable]:
    """Yield what tells a caller from others by a list: to be the owner, a named user, or in a named group."""
    yield from ((acl, each) for each in acl.named & caller.ids)
    yield from ((acl, "own", each) for each in acl.named if each == caller.own)
    yield from ((acl, each, caller.perhaps(each)) for each in acl.groups if caller.perhaps(each))


def _named_by_denies(matters: Sequence[Matter]) -> Iterator[tuple[Hashable, str]]:
    """Yield whom deny assignments name, but for everybody, and as what."""
    denies = dict.fromkeys(one for matter in matters for one in matter.denies)
    for deny in denies:
        for spared, ids in enumerate((deny.principals, deny.excluded)):
            yield from (((deny, spared), each) for each in ids if each != EVERYBODY)


def _expressions(matter: Matter) -> Iterator[str]:
    for offer in matter.offers:
        yield from (offer.assignment.expression, *(offer.expressions or ()))
    for deny in matter.denies:
        yield from (deny.expression, *(one.expression for one in deny.permissions))
