"""Can somebody whom nobody knows come along a path? What its conditions ask for only the cloud's provider can tell."""

from __future__ import annotations

from cloudscan.access.paths import Path
from cloudscan.check import World
from cloudscan.model import Answer


def open_way(world: World, path: Path) -> Answer:
    """Say whether a stranger can meet the conditions of every link of a path."""
    met = [world.open_to_strangers(path.store, link.decision.condition) for link in path.links]
    return min(met, key=(Answer.NO, Answer.UNKNOWN, Answer.YES).index)
