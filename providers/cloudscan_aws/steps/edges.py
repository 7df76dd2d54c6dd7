"""From what was found about steps to edges: who shares one, and how each pair is proved when somebody asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from cloudscan.access import ALWAYS, Condition, Edge, Effect, only_if, stepping
from cloudscan.access.parts import Part, Way
from cloudscan.access.stepping import Sort
from cloudscan.model import Step
from cloudscan_aws.askers import Asker
from cloudscan_aws.policy import callers
from cloudscan_aws.steps.calls import ANEW

Explain = Callable[[Asker, str], tuple[str, tuple[Way, ...]]]
"""Says in a sentence how somebody becomes a target, and which calls, in which ways, it takes."""


@dataclass(frozen=True, slots=True)
class Found:
    """Askers who may all take a step to one target under one condition."""

    sources: tuple[str, ...]
    target: str
    condition: Condition


def edges(sort: Sort, found: Iterable[Found], people: Mapping[str, Asker], explain: Explain) -> Iterator[Edge]:
    """Yield as few edges as say it all: what has the same sources, or the same targets, shares one."""

    def prove(source: str, target: str) -> tuple[str, Iterator[Step]]:
        because, ways = explain(people[source], target)
        return because, (step for way in ways for part in way for step in steps(source, part))

    told = (stepping.Found(each.sources, (each.target,), each.condition) for each in found)
    for each in stepping.shared(told):
        yield stepping.edge(sort, each, prove)


def surest(found: Iterable[Found]) -> Iterator[Found]:
    """Leave out what hangs on something for those who may surely go to the same target another way."""
    held = list(found)
    sure: dict[str, set[str]] = defaultdict(set)
    for each in held:
        if each.condition is ALWAYS:
            sure[each.target].update(each.sources)
    for each in held:
        others = each.sources if each.condition is ALWAYS else _without(each.sources, sure[each.target])
        if others:
            yield replace(each, sources=others)


def _without(sources: tuple[str, ...], sure: set[str]) -> tuple[str, ...]:
    return tuple(source for source in sources if source not in sure) if sure else sources


def steps(source: str, part: Part) -> Iterator[Step]:
    """Yield the proof of one call, statement by statement."""
    for reason in dict.fromkeys(part.decision.proof):
        supposed = reason.statement.startswith(callers.EVERYTHING.name)
        if reason.effect in (Effect.ALLOWS, Effect.ASSUMES) and not supposed:
            asked = only_if(reason.condition)
            statement = "" if ANEW in reason.statement else reason.statement
            yield Step(part.who or source, part.action, part.resource, reason.sentence, asked, statement)
