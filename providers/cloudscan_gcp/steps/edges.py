"""From what was found about steps to edges: who shares one, and how each pair is proved when somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from cloudscan.access import Edge, stepping
from cloudscan.access.parts import Way
from cloudscan.access.stepping import Found, Sort
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN
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

    barred = () if unsigned else (ANYONE,)
    yield from stepping.edges(sort, found, explain, steps, partial(_outside, scene), barred)


def _outside(scene: Scene, name: str) -> str | None:
    """Say whose a party outside of the estate is; None for one of the estate, and one of another cloud's."""
    principals = scene.facts.estate.principals
    caller = scene.caller(name)
    of_another_cloud = name in principals and principals[name].provider != PROVIDER
    outside = not of_another_cloud and name not in (ANYONE, ANYONE_SIGNED_IN) and scene.homes.is_outside(caller)
    return scene.homes.account(caller) if outside else None
