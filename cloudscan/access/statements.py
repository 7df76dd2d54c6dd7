"""What hangs on a statement: which of them carry a link, and what is left when some are gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from cloudscan.access.grants import Edge, Grant
from cloudscan.access.smallest import Options
from cloudscan.model import Step

Choice = Callable[[Sequence[Step]], Options]
"""What may be taken away to end a link, by its proof."""


def needed(proof: Sequence[Step]) -> Options:
    """Say what ends a link for certain: all statements that say one and the same thing of the same two.

    A proof lists every statement that allows something, and any one of them may be enough.
    """
    saying: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for step in proof:
        if step.statement:
            saying[step.source, step.action, step.target].add(step.statement)
    return frozenset(frozenset(statements) for statements in saying.values())


def named(proof: Sequence[Step], removable: Collection[str]) -> Options:
    """Say what may end a link: any statement of its proof that can go. Whether it does is for others to find out."""
    return frozenset(frozenset((step.statement,)) for step in proof if step.statement in removable)


def stands(options: Options, taken: Collection[str]) -> bool:
    """Say whether a link still stands when statements are gone."""
    return not any(option.issubset(taken) for option in options)


def proving(derived: Iterable[Grant | Edge]) -> set[str]:
    """Return every statement of a proof."""
    return {step.statement for step in steps_of(derived)} - {""}


def steps_of(derived: Iterable[Grant | Edge]) -> Iterator[Step]:
    """Yield the steps of every proof."""
    for link in derived:
        if isinstance(link, Edge):
            for one, other in ((one, other) for one in link.sources for other in link.targets):
                yield from link.prove(one, other)
        else:
            yield from link.steps


def without(derived: Iterable[Grant | Edge], statements: Collection[str]) -> Iterator[Grant | Edge]:
    """Yield what is left of grants and edges. An edge of which some pairs fall is split."""
    taken = frozenset(statements)
    for link in derived:
        if isinstance(link, Edge):
            yield from _left(link, taken)
        elif stands(needed(link.steps), taken):
            yield link


def _left(edge: Edge, taken: frozenset[str]) -> Iterator[Edge]:
    """Group the sources that keep the same targets."""
    keeping: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for source in edge.sources:
        kept = (
            target for target in edge.targets if source == target or stands(needed(edge.prove(source, target)), taken)
        )
        keeping[tuple(kept)].append(source)
    for targets, sources in keeping.items():
        if targets == edge.targets and len(sources) == len(edge.sources):
            yield edge
        elif targets:
            yield replace(edge, sources=tuple(sources), targets=targets)
