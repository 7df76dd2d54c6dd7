"""What a step takes: permissions used one after the other, and ways of which one is enough."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cloudscan.access import ALWAYS, NEVER, Condition, Decision, Effect, only_if
from cloudscan.access.conditions import all_of, any_of
from cloudscan.model import Step

ANEW = "a binding on "
"""How the name of a binding begins that a step would write, and which stands in no policy yet."""


@dataclass(frozen=True, slots=True)
class Part:
    """A permission that is used on a resource, by ``who`` if that is not who takes the step."""

    action: str
    resource: str
    decision: Decision
    who: str = ""


Way = tuple[Part, ...]
"""Permissions that are all needed."""


def needed(way: Way) -> Condition:
    """Return what must hold for a way, each use of a permission being a request of its own."""
    return all_of(part.decision.condition for part in way)


def best(ways: Iterable[Way]) -> tuple[Condition, tuple[Way, ...]]:
    """Return what must hold for one of some ways, and those of them that are possible: the sure one alone if any is."""
    possible: list[Way] = []
    for way in ways:
        condition = needed(way)
        if condition is ALWAYS:
            return ALWAYS, (way,)
        if condition is not NEVER:
            possible.append(way)
    return any_of(map(needed, possible)), tuple(possible)


def is_detour(way: Way, sure: Iterable[Way]) -> bool:
    """Say whether a way uses all that one of some others does, and more."""
    used = {(part.action, part.resource) for part in way}
    return any({(part.action, part.resource) for part in one} < used for one in sure)


def called(way: Way) -> str:
    """Name what a way uses, as a grant or an edge tells it."""
    return "+".join(dict.fromkeys(part.action for part in way if part.action))


def steps(source: str, part: Part) -> Iterator[Step]:
    """Yield the proof of one use of a permission, statement by statement."""
    for reason in dict.fromkeys(part.decision.proof):
        if reason.effect in (Effect.ALLOWS, Effect.ASSUMES):
            asked = only_if(reason.condition)
            statement = "" if reason.statement.startswith(ANEW) else reason.statement
            yield Step(part.who or source, part.action, part.resource, reason.sentence, asked, statement)
