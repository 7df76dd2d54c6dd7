"""The roles that speech services run as when they read and write for somebody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from cloudscan.check import World
from cloudscan.model import Job


def service_roles(world: World) -> Mapping[str, Sequence[Job]]:
    """Return the roles of speech jobs, and those that could be handed to one, each with its jobs, by id."""
    found: dict[str, list[Job]] = defaultdict(list)
    for job in world.estate.jobs.values():
        if job.role is not None:
            found[job.role].append(job)
    for edge in world.access.edges:
        for target in edge.targets if edge.media and not edge.guise else ():
            found.setdefault(target, [])
    return {role: found[role] for role in sorted(found)}
