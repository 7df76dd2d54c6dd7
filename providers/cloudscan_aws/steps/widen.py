"""Widen one's own rights, and become the same principal with more of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cloudscan.access import ALWAYS, NEVER, Condition, Edge
from cloudscan.access.conditions import all_of
from cloudscan.access.parts import Part, Way, needed
from cloudscan.access.stepping import Sort
from cloudscan_aws.alike import Crowd
from cloudscan_aws.askers import Asker, record_of
from cloudscan_aws.facts import Facts
from cloudscan_aws.policy.callers import Caller, Kind
from cloudscan_aws.steps.calls import ask
from cloudscan_aws.steps.edges import Explain, Found, edges
from cloudscan_aws.steps.scene import Scene
from cloudscan_aws.steps.targets import may
from cloudscan_aws.steps.widening import (
    ATTACHES,
    CALLS,
    UNBOUND,
    WIDENED,
    Widening,
    after,
    allows_everything,
    changed,
    denies,
    surely_denies,
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


@dataclass(frozen=True, slots=True)
class Widened:
    """The edges of everyone to what it may make of itself, and what it then is, as one who asks.

    ``free`` are those who can surely give themselves everything, with nothing to limit it.
    """

    edges: list[Edge]
    guises: list[Asker]
    free: frozenset[str]


def widened(scene: Scene) -> Widened:
    """Find what everyone may make of itself."""
    taken: dict[str, Chances] = {}
    guises: list[Asker] = []
    for crowd in scene.crowds(CALLS):
        for asker in crowd.askers:
            if found := _own(scene, crowd, asker):
                taken[asker.principal] = found
                guises += (become(scene.facts, asker, becomes, each) for becomes, each in found.items())
    free = {asker.principal for asker in scene.askers if _is_free(asker, taken.get(asker.principal, {}))}
    return Widened(list(_edges(scene, taken)), guises, frozenset(free))


def _is_free(asker: Asker, found: Chances) -> bool:
    caller = asker.caller
    if caller.boundaries != () or any(denies(policy) for policy in caller.policies or ()):
        return False
    return allows_everything(caller) or any(chance.condition is ALWAYS for chance in found.get(WIDENED, ()))


def _own(scene: Scene, crowd: Crowd, asker: Asker) -> Chances:
    holder = record_of(scene.facts, asker)
    if holder is None or asker.caller.kind is Kind.ROOT:
        return {}
    return worthwhile(scene, crowd, asker, asker.caller, widenings(scene, asker, holder, asker.caller))


def worthwhile(scene: Scene, crowd: Crowd, asker: Asker, own: Caller, ways: Iterable[Widening]) -> Chances:
    """Return the chances of somebody of a crowd to give an identity what it has not, and no other surely gives more of.

    Ways to every right are asked about first: where one is sure, only those to be rid of a boundary add anything.
    """
    held: dict[str, list[Widening]] = defaultdict(list)
    for widening in ways:
        if may(crowd, widening.call, widening.on) and _gains(own, widening):
            held[widening.becomes].append(widening)
    most = _found(scene, asker, held.get(WIDENED, ()))
    if any(chance.condition is ALWAYS for chance in most):
        unbound = _found(scene, asker, held.get(UNBOUND, ()))
        return {becomes: each for becomes, each in ((WIDENED, most), (UNBOUND, unbound)) if each}
    found = {becomes: most if becomes == WIDENED else _found(scene, asker, each) for becomes, each in held.items()}
    attaches = any(chance.widening.call in ATTACHES.values() for chance in most)
    return {
        becomes: each
        for becomes, each in found.items()
        if each and (not (attaches and becomes.startswith("with arn:")) or any(one.condition is ALWAYS for one in each))
    }


def _found(scene: Scene, asker: Asker, ways: Iterable[Widening]) -> list[Chance]:
    """Return the widenings that somebody may do."""
    found = []
    for widening in ways:
        part = ask(scene.facts, asker, widening.call, widening.on, widening.known)
        condition = all_of((needed((*widening.first, part)), widening.hangs_on))
        if condition is not NEVER:
            found.append(Chance(widening, part, condition))
    return found


def _gains(own: Caller, widening: Widening) -> bool:
    if widening.tags is not None:
        return True
    if widening.unbound:
        return own.boundaries != ()
    if own.policies is None:  # what it may not do for all that was not read either
        return False
    if any(policy.name in widening.drops and surely_denies(policy) for policy in own.policies or ()):
        return True  # one that cannot be read leaves open what it denies, with or without this step
    held = {policy.document for policy in own.policies or ()}
    new = widening.adds is None or any(policy.document not in held for policy in widening.adds)
    return new and not allows_everything(own)


def become(facts: Facts, asker: Asker, becomes: str, found: Sequence[Chance]) -> Asker:
    """Return an identity under its new name, with the rights that it then has.

    Of several ways those that are sure can all be gone together; of others only what each of them brings counts.
    """
    sure = [chance.widening.drops for chance in found if chance.condition is ALWAYS]
    every = [chance.widening.drops for chance in found]
    drops = frozenset().union(*sure) if sure else frozenset.intersection(*every)
    caller, record = after(asker.caller, found[0].widening, drops), record_of(facts, asker)
    record = changed(record, found[0].widening) if record is not None else None
    return replace(asker, principal=f"{asker.principal} {becomes}", caller=caller, was=asker.principal, record=record)


def _edges(scene: Scene, taken: Mapping[str, Chances]) -> Iterator[Edge]:
    by_call: dict[str, list[Found]] = defaultdict(list)
    told: dict[str, dict[str, list[Chance]]] = defaultdict(lambda: defaultdict(list))
    for principal, found in taken.items():
        for becomes, each in found.items():
            guise = f"{principal} {becomes}"
            for chance in each:
                call = chance.widening.kind
                by_call[call].append(Found((principal,), guise, chance.condition))
                told[call][guise].append(chance)
    for call, by_it in by_call.items():
        sort = Sort(call, changes=True, guise=True)
        yield from edges(sort, by_it, scene.people, explaining(told[call]))


def explaining(told: Mapping[str, Sequence[Chance]]) -> Explain:
    """Explain how guises are reached, each by the chances that lead to it."""

    def explain(asker: Asker, target: str) -> tuple[str, tuple[Way, ...]]:
        said = " or ".join(chance.widening.does for chance in told[target])
        return f"{asker.principal} may {said}", tuple((*chance.widening.first, chance.part) for chance in told[target])

    return explain
