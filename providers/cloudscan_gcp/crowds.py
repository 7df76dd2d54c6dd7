"""Callers that no policy tells apart about some permissions: one of them is asked, and shares its answer.

They are found from the members that policies name, by an index, so that nobody is asked about everything. Whom
nothing names is in no crowd: what was not read may give to them is asked once, for somebody who is not named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from cloudscan import model
from cloudscan.model import AclGrant
from cloudscan_gcp.facts import Facts
from cloudscan_gcp.policy.evaluate import Matter
from cloudscan_gcp.policy.levels import Offer
from cloudscan_gcp.policy.lists import as_member
from cloudscan_gcp.policy.members import ALL_AUTHENTICATED, ALL_USERS, EVERYBODY, PUBLIC, Caller

UNNAMED = Caller(model.UNNAMED, frozenset({ALL_USERS, ALL_AUTHENTICATED, EVERYBODY, "somebody"}))
"""Somebody of whom nothing is known but that what was not read may admit it."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Callers that are alike, by name, and the offers that mean the first of them.

    ``named``: something means them by another name than everybody's.
    """

    callers: Sequence[Caller]
    offers: Sequence[Offer]
    named: bool = True

    @property
    def one(self) -> Caller:
        """The one who is asked for all."""
        return self.callers[0]


def crowds(
    facts: Facts,
    matters: Sequence[Matter],
    entries: Iterable[AclGrant] = (),
    marks: Iterable[tuple[Hashable, str]] = (),
) -> list[Crowd]:
    """Sort those into crowds to whom any of some matters, or any entry of a list, may give something.

    ``marks`` are what else tells them apart, each with the member whom it means.
    """
    signs: dict[Caller, set[Hashable]] = defaultdict(set)
    met: dict[Caller, list[Offer]] = defaultdict(list)
    named: set[Caller] = set()
    for number, matter in enumerate(matters):
        for offer in matter.offers:
            binding = offer.binding
            how = (number, offer.node, offer.member in PUBLIC, offer.given, binding.expression, binding.eligible)
            for caller, meant in facts.people.meant(offer.member):
                signs[caller].add((how, meant))
                met[caller].append(offer)
                named.update(() if offer.member in PUBLIC else (caller,))
    for entry in dict.fromkeys(entries):
        member = as_member(entry.grantee)
        for caller, meant in facts.people.meant(member):
            signs[caller].add((entry, meant))
            named.update(() if member in PUBLIC else (caller,))
    for sign, member in (*_named_by_rules(matters), *marks):
        for caller, meant in facts.people.meant(member):
            if caller in signs:
                signs[caller].add((sign, meant))
    alike: dict[Hashable, list[Caller]] = defaultdict(list)
    for caller, found in signs.items():
        alike[frozenset(found), caller.stopped, caller.taken, tuple(facts.bound(caller).values())].append(caller)
    made = []
    for callers in alike.values():
        callers.sort(key=lambda one: one.name)
        made.append(Crowd(callers, met[callers[0]], callers[0] in named))
    return sorted(made, key=lambda one: one.one.name)


def _named_by_rules(matters: Sequence[Matter]) -> Iterator[tuple[Hashable, str]]:
    """Yield whom deny rules name, but for everybody, and as what."""
    rules = dict.fromkeys(rule for matter in matters for _, rule in matter.rules)
    for rule in rules:
        for spared, members in enumerate((rule.principals, rule.exceptions)):
            yield from (((rule, spared), member) for member in members if member != EVERYBODY)
