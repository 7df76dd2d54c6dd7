"""Who may become whom in AWS, and by which step: what an identity can do beside what its own rights allow.

Each step is found from what makes it possible (a trust policy's principals, the few documents that allow a call), so
that no two principals are ever compared; who is alike is asked once. What somebody becomes that is no principal of
its own (itself with widened rights, a guest of an identity pool) is a *guise*: an asker like any other, which takes
steps of its own. The steps follow :mod:`cloudscan_aws.policy` in everything that is decided by documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cloudscan.access import Edge
from cloudscan_aws.askers import Asker
from cloudscan_aws.facts import Facts
from cloudscan_aws.steps import pools
from cloudscan_aws.steps.assume import assumed, assumed_from_outside
from cloudscan_aws.steps.compute import steered
from cloudscan_aws.steps.credentials import taken
from cloudscan_aws.steps.federate import federated
from cloudscan_aws.steps.pass_role import passed
from cloudscan_aws.steps.scene import Scene
from cloudscan_aws.steps.widen import widened

_ROUNDS = 2
"""How often rights are widened one after the other: take the boundary away, then write a policy."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of an estate, and the guises that they lead to, as those who ask."""

    edges: tuple[Edge, ...]
    guises: tuple[Asker, ...]


def steps_of(facts: Facts, askers: Iterable[Asker]) -> Steps:
    """Find every step that these identities of the estate may take, and those of the outside parties."""
    scene = Scene(facts, askers)
    edges = [*assumed_from_outside(scene), *federated(scene), *pools.pooled(scene), *_of_identities(scene)]
    guises: list[Asker] = []
    become = list(pools.guises(scene))
    for _ in range(_ROUNDS):
        widening, more = widened(scene)
        become += more
        edges += widening
        guises += become
        if not become:
            break
        scene, become = scene.among(become), []
        edges += _of_identities(scene)
    return Steps(tuple(edges), tuple(guises))


def _of_identities(scene: Scene) -> Iterator[Edge]:
    """Yield the steps of everyone in a scene that end in principals of the estate."""
    yield from assumed(scene)
    yield from passed(scene)
    yield from steered(scene)
    yield from taken(scene)
