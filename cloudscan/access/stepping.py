"""From what was found about steps to edges, for all clouds: who shares one, and what each step tells of itself.

Principals that are alike are asked once, so that what is found is a few sets of sources and targets. How each pair is
proved, its cloud's provider knows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from cloudscan.access.answers import Decision
from cloudscan.access.conditions import NEVER, Condition, unsourced
from cloudscan.access.grants import Edge
from cloudscan.access.parts import Part, Way
from cloudscan.access.sentences import only_if
from cloudscan.model import Answer, MediaClass, Step


@dataclass(frozen=True, slots=True)
class Found:
    """Principals who may all take a step to each of some targets under one condition."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
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


def shared(found: Iterable[Found]) -> Iterator[Found]:
    """Say the same with as few as can be: what has the same sources, or the same targets, is told together.

    That somebody becomes themselves is no step.
    """
    by_sources: dict[tuple[tuple[str, ...], Condition], dict[str, None]] = defaultdict(dict)
    for each in found:
        if each.condition is not NEVER:
            by_sources[each.sources, unsourced(each.condition)].update(dict.fromkeys(each.targets))
    by_targets: dict[tuple[tuple[str, ...], Condition], dict[str, None]] = defaultdict(dict)
    for (sources, condition), targets in by_sources.items():
        by_targets[tuple(sorted(targets)), condition].update(dict.fromkeys(sources))
    for (meant, condition), together in by_targets.items():
        if not is_itself(everyone := tuple(sorted(together)), meant):
            yield Found(everyone, meant, condition)


def is_itself(sources: tuple[str, ...], targets: tuple[str, ...]) -> bool:
    """Say whether nothing is told but that somebody becomes themselves."""
    return sources == targets and len(targets) == 1


def edge(sort: Sort, found: Found, prove: Callable[[str, str], tuple[str, Iterable[Step]]]) -> Edge:
    """Make an edge. ``prove`` says in a sentence how a source becomes a target, and by which steps."""

    def told(source: str, target: str) -> tuple[Step, ...]:
        because, used = prove(source, target)
        return (Step(source, sort.kind, target, because, only_if(found.condition)), *used)

    return Edge(
        sources=found.sources,
        targets=found.targets,
        kind=sort.kind,
        decision=Decision(found.condition),
        prove=told,
        changes=sort.changes,
        reads_only=sort.reads_only,
        media=sort.media,
        guise=sort.guise,
        outside=sort.outside,
        agreed_id=sort.agreed_id,
        account=sort.account,
    )


def edges(
    sort: Sort,
    found: Iterable[Found],
    explain: Callable[[str, str], tuple[str, Iterable[Way]]],
    steps: Callable[[str, Part], Iterator[Step]],
    outside: Callable[[str], str | None],
    barred: Collection[str] = (),
) -> Iterator[Edge]:
    """Yield as few edges as say it all, those of the estate apart from parties outside of it, and these by whose they
    are.

    ``explain`` says in a sentence how a source becomes a target, and which rights, in which ways, it uses; ``steps``
    prove one use of a right. ``outside`` is whose a source outside of the estate is, None for one of the estate.
    ``barred`` are names that cannot take such a step, whatever was found.
    """

    def prove(source: str, target: str) -> tuple[str, Iterator[Step]]:
        because, ways = explain(source, target)
        return because, (step for way in ways for part in way for step in steps(source, part))

    for each in shared(found):
        apart: dict[str | None, list[str]] = defaultdict(list)
        for name in (name for name in each.sources if name not in barred):
            apart[outside(name)].append(name)
        for account, names in apart.items():
            if not is_itself(everyone := tuple(names), each.targets):
                of = replace(sort, outside=account is not None, account=account or "")
                yield edge(of, replace(each, sources=everyone), prove)
