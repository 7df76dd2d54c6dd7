"""Widen one's own rights, and become the same principal with more of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cloudscan.access import ALWAYS, NEVER, Condition, Edge
from cloudscan.access.conditions import all_of
from cloudscan_aws.alike import Crowd
from cloudscan_aws.askers import Asker
from cloudscan_aws.policy.callers import Caller, Kind
from cloudscan_aws.policy.documents import Policy, Statement
from cloudscan_aws.steps.calls import Part, Way, ask
from cloudscan_aws.steps.edges import Explain, Found, Sort, edges
from cloudscan_aws.steps.scene import Scene
from cloudscan_aws.steps.targets import holds
from cloudscan_aws.steps.widening import (
    ATTACHES,
    CALLS,
    UNBOUND,
    WIDENED,
    Widening,
    after,
    allows_everything,
    widenings,
)


@dataclass(frozen=True, slots=True)
class Chance:
    """A widening that somebody may do, under a condition."""

    widening: Widening
    part: Part
    condition: Condition


Chances = Mapping[str, Sequence[Chance]]
"""Chances by what one becomes: "with widened rights"."""


def widened(scene: Scene) -> tuple[list[Edge], list[Asker]]:
    """Return the edges of everyone to what it may make of itself, and what it then is, as one who asks."""
    taken: dict[str, Chances] = {}
    guises: list[Asker] = []
    for crowd in scene.crowds(CALLS):
        for asker in crowd.askers:
            if found := _own(scene, crowd, asker):
                taken[asker.principal] = found
                guises += (become(asker, becomes, each) for becomes, each in found.items())
    return list(_edges(scene, taken)), guises


def _own(scene: Scene, crowd: Crowd, asker: Asker) -> Chances:
    holder = scene.facts.estate.principals.get(asker.caller.name)
    if holder is None or asker.caller.kind is Kind.ROOT:
        return {}
    return worthwhile(asker.caller, chances(scene, crowd, asker, widenings(scene, asker, holder, asker.caller)))


def chances(scene: Scene, crowd: Crowd, asker: Asker, ways: Iterable[Widening]) -> Iterator[Chance]:
    """Yield the widenings that somebody of a crowd may do."""
    for widening in ways:
        if holds(crowd, widening.call.lower()):
            part = ask(scene.facts, asker, widening.call, widening.on, widening.known)
            condition = all_of((part.decision.condition, widening.hangs_on))
            if condition is not NEVER:
                yield Chance(widening, part, condition)


def worthwhile(own: Caller, found: Iterable[Chance]) -> Chances:
    """Return the chances that give an identity something which it has not, and no other surely gives more of."""
    held: dict[str, list[Chance]] = defaultdict(list)
    for chance in found:
        if _gains(own, chance.widening):
            held[chance.widening.becomes].append(chance)
    widening = held.get(WIDENED, [])
    attaches = any(chance.widening.call in ATTACHES.values() for chance in widening)
    if any(chance.condition is ALWAYS for chance in widening):
        return {becomes: held[becomes] for becomes in (WIDENED, UNBOUND) if becomes in held}
    return {becomes: each for becomes, each in held.items() if not (attaches and becomes.startswith("with arn:"))}


def _gains(own: Caller, widening: Widening) -> bool:
    if widening.unbound:
        return own.boundaries != ()
    if any(policy.name in widening.drops and _denies(policy) for policy in own.policies or ()):
        return True
    held = {policy.document for policy in own.policies or ()}
    return not allows_everything(own) and any(policy.document not in held for policy in widening.adds)


def _denies(policy: Policy) -> bool:
    return any(not isinstance(item, Statement) or item.effect == "Deny" for item in policy.document.statements)


def become(asker: Asker, becomes: str, found: Sequence[Chance]) -> Asker:
    """Return an identity under its new name, with the rights that it then has.

    Of several ways those that are sure can all be gone together; of others only what each of them brings counts.
    """
    sure = [chance.widening.drops for chance in found if chance.condition is ALWAYS]
    every = [chance.widening.drops for chance in found]
    drops = frozenset().union(*sure) if sure else frozenset.intersection(*every)
    caller = after(asker.caller, found[0].widening, drops)
    return replace(asker, principal=f"{asker.principal} {becomes}", caller=caller)


def _edges(scene: Scene, taken: Mapping[str, Chances]) -> Iterator[Edge]:
    by_call: dict[str, list[Found]] = defaultdict(list)
    told: dict[tuple[str, str, str], list[Chance]] = defaultdict(list)
    for principal, found in taken.items():
        for becomes, each in found.items():
            guise = f"{principal} {becomes}"
            for chance in each:
                call = chance.widening.call
                by_call[call].append(Found((principal,), guise, chance.condition))
                told[call, principal, guise].append(chance)
    for call, by_it in by_call.items():
        sort = Sort(call, changes=True, guise=True)
        yield from edges(sort, by_it, scene.people, _explaining(call, told))


def _explaining(call: str, told: Mapping[tuple[str, str, str], Sequence[Chance]]) -> Explain:
    def explain(asker: Asker, target: str) -> tuple[str, tuple[Way, ...]]:
        found = told[call, asker.principal, target]
        said = " or ".join(chance.widening.does for chance in found)
        return f"{asker.principal} may {said}", tuple((chance.part,) for chance in found)

    return explain
