"""Act as the role of compute that is there: by replacing its code, or by running commands on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from cloudscan.access import ALWAYS, NEVER, Condition, Decision, Edge, Ruling
from cloudscan.access.conditions import Unseen, all_of
from cloudscan.access.parts import Way
from cloudscan.access.stepping import Sort
from cloudscan.model import Answer
from cloudscan_aws.alike import Crowd
from cloudscan_aws.askers import Asker
from cloudscan_aws.steps.calls import Call, best, ways
from cloudscan_aws.steps.edges import Found, edges, surest
from cloudscan_aws.steps.scene import Scene
from cloudscan_aws.steps.service import cited
from cloudscan_aws.steps.steering import STEERING, Steering
from cloudscan_aws.steps.targets import Targets
from cloudscan_aws.steps.things import Target

_SURE = (Ruling.YES, Ruling.IF, Ruling.UNKNOWN, Ruling.NO)


def steered(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of everyone who may steer compute, to the role that it runs as."""
    kinds = {workload.kind for each in scene.workloads_of.values() for workload in each}
    table = [steering for steering in STEERING if steering.kind in kinds]
    able = scene.narrowed(_actions(call for steering in table for calls in steering.calls for call in calls))
    for steering in table if able.people else ():
        yield from _by(able, steering)


def _actions(calls: Iterable[Call]) -> list[str]:
    return list(dict.fromkeys(call.action for call in calls))


def _by(scene: Scene, steering: Steering) -> Iterator[Edge]:
    held = {
        account: Targets(Target(one.id, one.labels, one.managed) for one in each if one.kind == steering.kind)
        for account, each in scene.workloads_of.items()
    }

    def explain(asker: Asker, target: str) -> tuple[str, tuple[Way, ...]]:
        running = (one.id for one in scene.workloads_of[asker.account] if one.principal == target)
        ones = [held[asker.account].by_arn[name] for name in running if name in held[asker.account].by_arn]
        found = {one.arn: _steer(scene, asker, steering, one) for one in ones}
        name = min(found, key=lambda one: _SURE.index(Decision(found[one][0]).ruling))
        said = (
            f"{asker.principal} may {steering.does} {name}, which runs as the role {target} ({cited(steering.source)})"
        )
        return said, found[name][1]

    found: list[Found] = []
    together: dict[tuple[str, ...], list[tuple[Call, ...]]] = defaultdict(list)
    for calls in steering.calls:
        together[tuple(_actions(calls))].append(calls)
    for actions, alternatives in together.items():
        some = replace(steering, calls=tuple(alternatives))
        for crowd in scene.crowds([], actions):
            if targets := held.get(crowd.one.account):
                found += _of_crowd(scene, crowd, some, actions, targets)
    yield from edges(Sort(steering.name, changes=steering.changes), surest(found), scene.people, explain)


def _of_crowd(
    scene: Scene, crowd: Crowd, steering: Steering, actions: Sequence[str], targets: Targets
) -> Iterator[Found]:
    sources = tuple(asker.principal for asker in crowd.askers)
    workloads = scene.facts.estate.workloads
    for block in scene.blocks(crowd, actions[0], targets, also=actions):
        condition, _ = _steer(scene, crowd.one, steering, block[0])
        for name in dict.fromkeys(workloads[one.arn].principal for one in block):
            if name:
                yield Found(sources, name, condition)


def _steer(scene: Scene, asker: Asker, steering: Steering, compute: Target) -> tuple[Condition, tuple[Way, ...]]:
    """Ask whether somebody may steer compute, and whether it can be reached."""
    condition, taking = best(ways(scene.facts, asker, steering.calls, compute))
    reached: Condition = ALWAYS
    if steering.managed and compute.apart is not Answer.YES:
        unread = Unseen(f"whether {compute.arn} takes commands was not read")
        reached = NEVER if compute.apart is Answer.NO else unread
    elif steering.hangs_on:
        reached = Unseen(f"{compute.arn}: {steering.hangs_on} was not read")
    return all_of((condition, reached)), taking
