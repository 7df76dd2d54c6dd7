"""Run a job of Cloud Run that is there with arguments and variables of one's own, without any right on its account.

From "Method: namespaces.jobs.run" (Cloud Run Admin API v1): overrides replace what the job's containers are told, not
their image, and take a permission beside that to run. Whether the image does what it is told was not read.
"""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.access import NEVER, Decision, Edge
from cloudscan.access.conditions import Unseen
from cloudscan.access.parts import Part, Way, best, needed
from cloudscan.access.stepping import Found, Sort
from cloudscan.model import Workload
from cloudscan_gcp.policy.members import Caller
from cloudscan_gcp.steps.edges import edges
from cloudscan_gcp.steps.scene import Scene, worth_telling

CALLS = ("run.jobs.run", "run.jobs.runWithOverrides")


def overridden(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of everybody who may run a job with other arguments, to the account that it runs as."""
    jobs: dict[str, list[Workload]] = {}
    for held in scene.workloads.values():
        for one in scene.alike((each for each in held if each.kind == "job"), CALLS):
            jobs.setdefault(one.principal or "", []).append(one)

    def explain(source: str, target: str) -> tuple[str, tuple[Way, ...]]:
        caller = scene.caller(source)
        tried = [(one, best([_way(scene, caller, one)])) for one in jobs[target]]
        one, (_, told) = next(((one, met) for one, met in tried if met[0] is not NEVER), tried[0])
        return f"{source} may run {one.id} with arguments of their own, as {target}", told

    found = [
        Found(tuple(each.name for each in crowd.callers), (target,), condition)
        for target, held in jobs.items()
        for one in held
        for crowd in scene.steering(one, [], CALLS)
        if worth_telling(crowd.one, condition := needed(_way(scene, crowd.one, one)))
    ]
    yield from edges(Sort("+".join(CALLS), changes=True), found, scene, explain)


def _way(scene: Scene, caller: Caller, one: Workload) -> Way:
    place = scene.on_machine(one)
    calls = tuple(scene.ask(caller, call, place) for call in CALLS)
    unread = Unseen(f"what {one.id} does with arguments of others was not read")
    return calls if needed(calls) is NEVER else (*calls, Part("", one.id, Decision(unread)))
