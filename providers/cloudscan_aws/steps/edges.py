"""From what was found about steps to edges: who shares one, and how each pair is proved when somebody asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from cloudscan.access import ALWAYS, NEVER, Condition, Decision, Edge, Effect, only_if
from cloudscan.access.conditions import unsourced
from cloudscan.model import Answer, MediaClass, Step
from cloudscan_aws.askers import Asker
from cloudscan_aws.policy import callers
from cloudscan_aws.steps.calls import ANEW, Part, Way

Explain = Callable[[Asker, str], tuple[str, tuple[Way, ...]]]
"""Says in a sentence how somebody becomes a target, and which calls, in which ways, it takes."""


@dataclass(frozen=True, slots=True)
class Found:
    """Askers who may all take a step to one target under one condition."""

    sources: tuple[str, ...]
    target: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class Sort:
    """What kind of step it is, as :class:`cloudscan.access.Edge` tells of it."""

    kind: str
    changes: bool = False
    reads_only: bool = False
    media: tuple[MediaClass, ...] = ()
    guise: bool = False
    outside: bool = False
    agreed_id: Answer = Answer.UNKNOWN
    account: str = ""


def edges(sort: Sort, found: Iterable[Found], people: Mapping[str, Asker], explain: Explain) -> Iterator[Edge]:
    """Yield as few edges as say it all: what has the same sources, or the same targets, shares one."""
    by_sources: dict[tuple[tuple[str, ...], Condition], dict[str, None]] = defaultdict(dict)
    for each in found:
        if each.condition is not NEVER:
            by_sources[each.sources, unsourced(each.condition)][each.target] = None
    by_targets: dict[tuple[tuple[str, ...], Condition], dict[str, None]] = defaultdict(dict)
    for (sources, condition), targets in by_sources.items():
        by_targets[tuple(sorted(targets)), condition].update(dict.fromkeys(sources))
    for (shared, condition), together in by_targets.items():
        if (everyone := tuple(sorted(together))) != shared or len(shared) > 1:  # from somebody to itself is no step
            yield _edge(sort, everyone, shared, condition, people, explain)


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


def _edge(
    sort: Sort,
    sources: tuple[str, ...],
    targets: tuple[str, ...],
    condition: Condition,
    people: Mapping[str, Asker],
    explain: Explain,
) -> Edge:
    def prove(source: str, target: str) -> tuple[Step, ...]:
        because, ways = explain(people[source], target)
        told = Step(source, sort.kind, target, because, only_if(condition))
        return (told, *(step for way in ways for part in way for step in steps(source, part)))

    return Edge(
        sources=sources,
        targets=targets,
        kind=sort.kind,
        decision=Decision(condition),
        prove=prove,
        changes=sort.changes,
        reads_only=sort.reads_only,
        media=sort.media,
        guise=sort.guise,
        outside=sort.outside,
        agreed_id=sort.agreed_id,
        account=sort.account,
    )


def steps(source: str, part: Part) -> Iterator[Step]:
    """Yield the proof of one call, statement by statement."""
    for reason in dict.fromkeys(part.decision.proof):
        supposed = reason.statement.startswith(callers.EVERYTHING.name)
        if reason.effect in (Effect.ALLOWS, Effect.ASSUMES) and not supposed:
            asked = only_if(reason.condition)
            statement = "" if ANEW in reason.statement else reason.statement
            yield Step(part.who or source, part.action, part.resource, reason.sentence, asked, statement)
