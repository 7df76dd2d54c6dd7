"""Who may become whom in Google Cloud, and by which step: what an identity can do beside what its own rights allow.

Each step is found from what makes it possible (who is given a permission, by which policy), so that no two principals
are ever compared; who is alike is asked once. The steps follow :mod:`cloudscan_gcp.policy` in everything that is
decided by documents.
"""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.access import Edge
from cloudscan_gcp.steps.acting import acted_as
from cloudscan_gcp.steps.agents import served
from cloudscan_gcp.steps.federating import federated, rerouted
from cloudscan_gcp.steps.impersonating import delegated, impersonated
from cloudscan_gcp.steps.machines import steered, swapped
from cloudscan_gcp.steps.overriding import overridden
from cloudscan_gcp.steps.scene import Scene
from cloudscan_gcp.steps.updating import updated
from cloudscan_gcp.steps.widening import widened


def steps_of(scene: Scene) -> Iterator[Edge]:
    """Yield every step that leads from one identity to another."""
    yield from impersonated(scene)
    yield from delegated(scene)
    yield from acted_as(scene)
    yield from updated(scene)
    yield from overridden(scene)
    yield from steered(scene)
    yield from swapped(scene)
    yield from widened(scene)
    yield from served(scene)
    yield from federated(scene)
    yield from rerouted(scene)
