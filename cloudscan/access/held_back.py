"""Steps that were weighed and are held back: somebody is given what one takes, and something stops it.

What nobody gives them is no such step: of that there is no end. Which rights a step takes, and what is read after it,
the provider of a cloud knows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cloudscan.access.answers import Decision, Effect, Reason
from cloudscan.access.conditions import ALWAYS, NEVER
from cloudscan.access.openings import Opening
from cloudscan.access.parts import Part, needed


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Rights over a resource that somebody is given and cannot use, or that they can and that open nothing.

    Each of ``actions`` is stopped by all of ``reasons``, as they tell it of the first one.
    """

    actions: tuple[str, ...]
    resource: str
    reasons: tuple[Reason, ...]


def refused(parts: Iterable[Part]) -> Iterator[HeldBack]:
    """Yield those uses of a right that something gives, which the proof tells, and something else refuses."""
    for part in parts:
        if part.decision.condition is NEVER and any(each.effect is Effect.ALLOWS for each in part.decision.proof):
            yield HeldBack((part.action,), part.resource, of(part.decision, (Effect.DENIES,)))


def in_vain(openings: Iterable[Opening], target: str) -> Iterator[HeldBack]:
    """Yield those openings that somebody may take and after which something still refuses the read of a target."""
    every = list(openings)
    sure = {one.by for one in every if needed(one.way) is ALWAYS and one.read.condition is not NEVER}
    for one in every:
        if one.by and one.by not in sure and needed(one.way) is not NEVER and one.read.condition is NEVER:
            yield HeldBack((one.by,), target, of(one.read, (Effect.DENIES,)))


def of(decision: Decision, stops: Iterable[Effect]) -> tuple[Reason, ...]:
    """Return the reasons of a no that have one of some effects."""
    wanted = frozenset(stops)
    return tuple(dict.fromkeys(each for each in decision.proof if each.effect in wanted))


def told(found: Iterable[HeldBack]) -> Sequence[HeldBack]:
    """Put together what the same things hold back; what nothing is known to stop is none, nor is a longer way to it."""
    alike: dict[tuple[str, tuple[str, ...]], list[HeldBack]] = defaultdict(list)
    for one in found:
        if one.reasons:
            by = tuple(sorted({each.statement or each.sentence for each in one.reasons}))
            alike[one.resource, by].append(one)
    return [
        HeldBack(_shortest(each for one in same for each in one.actions), resource, same[0].reasons)
        for (resource, _), same in alike.items()
    ]


def _shortest(actions: Iterable[str]) -> tuple[str, ...]:
    """Leave out what uses all that another uses, and more."""
    every = {action: frozenset(action.split("+")) for action in actions}
    return tuple(one for one, used in every.items() if not any(other < used for other in every.values()))
