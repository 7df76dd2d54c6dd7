"""From what was found about steps to edges: who shares one, and how each pair is proved when somebody asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from cloudscan.access import Edge
from cloudscan.access.parts import Way
from cloudscan.access.stepping import Found, Sort, edge, is_itself, shared
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Step
from cloudscan_gcp.session import PROVIDER
from cloudscan_gcp.steps.parts import steps
from cloudscan_gcp.steps.scene import Scene

Explain = Callable[[str, str], tuple[str, tuple[Way, ...]]]
"""Says in a sentence how a source becomes a target, and which permissions, in which ways, it uses."""


def edges(
    sort: Sort, found: Iterable[Found], scene: Scene, explain: Explain, *, unsigned: bool = False
) -> Iterator[Edge]:
    """Yield as few edges as say it all, those of the estate apart from parties outside of it.

    ``unsigned``: the step takes no credentials. All else than a token of one's own to begin with does, by the
    authorization that each method of these APIs asks for; whoever is anyone can have an account of Google's.
    """

    def prove(source: str, target: str) -> tuple[str, Iterator[Step]]:
        because, ways = explain(source, target)
        return because, (step for way in ways for part in way for step in steps(source, part))

    for each in shared(found):
        sources = [name for name in each.sources if unsigned or name != ANYONE]
        for (outside, account), everyone in _apart(sources, scene).items():
            if not is_itself(everyone, each.targets):
                of = replace(sort, outside=outside, account=account)
                yield edge(of, replace(each, sources=everyone), prove)


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
