"""Who may become whom in Azure, and by which step: what an identity can do beside what its own rights allow.

Each step is found from what makes it possible (who is given an action, by which assignment), so that no two principals
are ever compared; who is alike is asked once. The steps follow :mod:`cloudscan_azure.policy` in everything that is
decided by documents.

To make a signature for user delegation is no step: it gives no more than what who makes it may do.
"""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.access import Edge
from cloudscan_azure.steps.compute import attached, steered
from cloudscan_azure.steps.federating import federated
from cloudscan_azure.steps.managing import activated, joined, signed_in
from cloudscan_azure.steps.scene import Scene


def steps_of(scene: Scene) -> Iterator[Edge]:
    """Yield every step that leads from one identity to another."""
    yield from steered(scene)
    yield from attached(scene)
    yield from signed_in(scene)
    yield from joined(scene)
    yield from activated(scene)
    yield from federated(scene)
