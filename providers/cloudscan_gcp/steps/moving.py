"""Move a project to where other policies count for it, and those above it count no more.

From "Method: projects.move" (Resource Manager API): it takes ``resourcemanager.projects.move`` on the project, on its
parent and on the new one. From "Moving a project": its own policies go with it, those that it inherits do not. To
another organization it goes only where organization policies of both let it ("Migrating projects"), which is not
modelled. Nor are folders in which no project lies, of which nothing was read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cloudscan.access import NEVER
from cloudscan.access.parts import Way, needed
from cloudscan_gcp.policy.evaluate import Matter
from cloudscan_gcp.policy.members import Caller
from cloudscan_gcp.policy.supposed import Moved, Supposed
from cloudscan_gcp.steps.scene import Scene

MOVES = "resourcemanager.projects.move"


def moving(scene: Scene, nodes: Sequence[str]) -> list[Matter]:
    """Return what decides who may move what lies below some nodes from where it is."""
    above, project = _above(nodes)
    return [scene.facts.matter(MOVES, (*above, project))] if above and project else []


def elsewhere(scene: Scene, nodes: Sequence[str], calls: Sequence[str]) -> list[Matter]:
    """Return what decides about some permissions where it can be moved to, where anybody may move it at all."""
    if not any(matter.offers for matter in moving(scene, nodes)):
        return []
    return [scene.facts.matter(call, chain) for chain in _parents(scene, nodes) for call in (MOVES, *calls)]


def moves(
    scene: Scene, caller: Caller, nodes: Sequence[str], calls: Sequence[str], supposed: Supposed
) -> Iterator[tuple[Way, Moved]]:
    """Yield moving a project, once to each sort of place where policies say the same of some permissions."""
    above, project = _above(nodes)
    if not above or not project or supposed.moved:
        return
    left = tuple(scene.ask(caller, MOVES, scene.facts.place(node), supposed=supposed) for node in (project, above[-1]))
    if needed(left) is NEVER:
        return
    told = set()
    for chain in _parents(scene, nodes):
        arrived = scene.ask(caller, MOVES, scene.facts.place(chain[-1]), supposed=supposed)
        sort = (arrived.decision.condition, *(node for node in chain if _speaks(scene, node, calls)))
        if arrived.decision.condition is not NEVER and sort not in told:
            told.add(sort)
            yield (*left, arrived), Moved(project, chain)


def _above(nodes: Sequence[str]) -> tuple[Sequence[str], str]:
    """Return what lies above the project among some nodes, and the project, "" for none."""
    place = next((place for place, node in enumerate(nodes) if node.startswith("projects/")), None)
    return (nodes[:place], nodes[place]) if place is not None else ((), "")


def _parents(scene: Scene, nodes: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the nodes down to each other folder and organization, in the same organization, to move a project to."""
    above, _ = _above(nodes)
    folders = sorted(scene.facts.resources.folders.values())
    return [chain for chain in folders if above and chain[0] == above[0] and chain != tuple(above)]


def _speaks(scene: Scene, node: str, calls: Sequence[str]) -> bool:
    """Say whether policies of a node say anything of some permissions."""
    levels = [scene.facts.level(call, node) for call in calls]
    return any(level.offers or level.unread or level.rules or level.unclear_denies for level in levels)
