"""From what was found about steps to edges: who shares one, and how each pair is proved when somebody asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from cloudscan.access import NEVER, Condition, Decision, Edge, only_if
from cloudscan.access.conditions import unsourced
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, MediaClass, Step
from cloudscan_gcp.session import PROVIDER
from cloudscan_gcp.steps.parts import Way, steps
from cloudscan_gcp.steps.scene import Scene

Explain = Callable[[str, str], tuple[str, tuple[Way, ...]]]
"""Says in a sentence how a source becomes a target, and which permissions, in which ways, it uses."""


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


def edges(sort: Sort, found: Iterable[Found], scene: Scene, explain: Explain) -> Iterator[Edge]:
    """Yield as few edges as say it all: what has the same sources, or the same targets, shares one."""
    by_sources: dict[tuple[tuple[str, ...], Condition], dict[str, None]] = defaultdict(dict)
    for each in found:
        if each.condition is not NEVER:
            by_sources[each.sources, unsourced(each.condition)].update(dict.fromkeys(each.targets))
    by_targets: dict[tuple[tuple[str, ...], Condition], dict[str, None]] = defaultdict(dict)
    for (sources, condition), targets in by_sources.items():
        by_targets[tuple(sorted(targets)), condition].update(dict.fromkeys(sources))
    for (shared, condition), together in by_targets.items():
        for (outside, account), everyone in _apart(sorted(together), scene).items():
            if everyone != shared or len(shared) > 1:  # from somebody to itself is no step
                yield _edge(sort, everyone, shared, condition, explain, outside=outside, account=account)


def _apart(names: Iterable[str], scene: Scene) -> dict[tuple[bool, str], tuple[str, ...]]:
    """Tell those of the estate from parties outside of it, and these by whose they are."""
    principals = scene.facts.estate.principals
    held: dict[tuple[bool, str], list[str]] = defaultdict(list)
    for name in names:
        caller = scene.caller(name)
        of_another_cloud = name in principals and principals[name].provider != PROVIDER
        outside = not of_another_cloud and name not in (ANYONE, ANYONE_SIGNED_IN) and scene.homes.is_outside(caller)
        held[outside, scene.homes.account(caller) if outside else ""].append(name)
    return {key: tuple(each) for key, each in held.items()}


def _edge(
    sort: Sort,
    sources: tuple[str, ...],
    targets: tuple[str, ...],
    condition: Condition,
    explain: Explain,
    *,
    outside: bool,
    account: str,
) -> Edge:
    def prove(source: str, target: str) -> tuple[Step, ...]:
        because, ways = explain(source, target)
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
        outside=outside,
        account=account,
    )
