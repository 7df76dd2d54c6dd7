"""Act as a service account: make compute that runs as it.

From "Attach service accounts to resources" (IAM documentation). What a new machine's tokens are good for, its maker
chooses.
"""

from __future__ import annotations

from collections.abc import Iterator

from cloudscan.access import NEVER, Decision, Edge
from cloudscan.access.conditions import Unseen
from cloudscan.access.parts import Part, Way, best, needed
from cloudscan.access.stepping import Found, Sort
from cloudscan_gcp.policy.members import Caller
from cloudscan_gcp.policy.places import Place
from cloudscan_gcp.policy.supposed import AS_READ, Supposed
from cloudscan_gcp.steps.edges import Explain, edges
from cloudscan_gcp.steps.scene import Scene, worth_telling
from cloudscan_gcp.steps.services import SERVICES, Service

ACTS = "iam.serviceAccounts.actAs"


def acted_as(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of everybody who may have a service run as a service account."""
    for service in SERVICES:
        found = (each for project in scene.accounts for each in _found(scene, service, project))
        yield from edges(Sort(f"act-as:{service.name}", changes=True), found, scene, _explaining(scene, service))


def _explaining(scene: Scene, service: Service) -> Explain:
    def explain(source: str, target: str) -> tuple[str, tuple[Way, ...]]:
        account = scene.caller(target)
        place, project = scene.facts.place(target), scene.homes.account(account)
        _, ways = best(attached(scene, scene.caller(source), place, project, service))
        return f"{source} may make {service.does} that runs as {target} ({service.source})", ways

    return explain


def _found(scene: Scene, service: Service, project: str) -> Iterator[Found]:
    possible: dict[Caller, bool] = {}
    for asked in scene.asked(project, [ACTS], service.calls):
        one = asked.callers[0]
        if one not in possible:
            possible[one] = needed(_making(scene, one, project, service)) is not NEVER
        if possible[one]:
            condition, _ = best(attached(scene, one, asked.place, project, service))
            if worth_telling(one, condition):
                yield Found(tuple(each.name for each in asked.callers), tuple(asked.accounts), condition)


def attached(
    scene: Scene, caller: Caller, account: Place, project: str, service: Service, supposed: Supposed = AS_READ
) -> Iterator[Way]:
    """Yield making something new that runs as a service account."""
    acts = scene.ask(caller, ACTS, account, supposed=supposed)
    if acts.decision.condition is not NEVER:
        yield (acts, *_making(scene, caller, project, service, supposed))


def _making(scene: Scene, caller: Caller, project: str, service: Service, supposed: Supposed = AS_READ) -> Way:
    place = scene.on_project(project)
    calls = tuple(scene.ask(caller, call, place, supposed=supposed) for call in service.calls)
    return (*calls, Part("", place.name, Decision(Unseen(service.unsure)))) if service.unsure else calls
