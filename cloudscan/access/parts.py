"""What a step takes: rights that are used one after the other, and ways of which one is enough.

Each use of a right is a request of its own: conditions of several stand side by side and are never merged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cloudscan.access.alike import tells
from cloudscan.access.answers import Decision, Ruling
from cloudscan.access.conditions import ALWAYS, NEVER, Condition, all_of, any_of
from cloudscan.access.sentences import only_if
from cloudscan.model import Step


@dataclass(frozen=True, slots=True)
class Part:
    """A right that is used on a resource, by ``who`` if that is not who takes the step."""

    action: str
    resource: str
    decision: Decision
    who: str = ""


Way = tuple[Part, ...]
"""Rights that are all needed."""


def needed(way: Iterable[Part]) -> Condition:
    """Return what must hold for a way, each use of a right being a request of its own."""
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


def steps(source: str, part: Part, anew: str) -> Iterator[Step]:
    """Yield the proof of one use of a right, statement by statement.

    ``anew`` is how the names of statements begin that a step itself would write, and that are not there to be named.
    """
    for reason in filter(tells, dict.fromkeys(part.decision.proof)):
        statement = "" if reason.statement.startswith(anew) else reason.statement
        yield Step(
            part.who or source, part.action, part.resource, reason.sentence, only_if(reason.condition), statement
        )


def worth_telling(condition: Condition, *, named: bool) -> bool:
    """Say whether an answer is to be told: of somebody whom nothing names, only what is not known."""
    if condition is NEVER:
        return False
    return named or (condition is not ALWAYS and Decision(condition).ruling is Ruling.UNKNOWN)
