"""Give compute that is there another role, and act as that: where creating compute anew is not allowed.

From the "IAM User Guide", granting a user permissions to pass a role to an AWS service: to change the role takes
``iam:PassRole`` on the new one. Sources of the rows are the services' own documents. Data, and how it is asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from cloudscan.access import NEVER, Condition, Edge, decide
from cloudscan.access.conditions import Unseen, all_of
from cloudscan.access.parts import Part, Way
from cloudscan.access.stepping import Sort
from cloudscan.model import Answer
from cloudscan_aws.alike import Crowd
from cloudscan_aws.askers import Asker
from cloudscan_aws.steps.calls import ON_TARGET, Call, best, ways
from cloudscan_aws.steps.edges import Found, edges, surest
from cloudscan_aws.steps.pass_role import PASSES, admits, may_pass
from cloudscan_aws.steps.scene import Scene
from cloudscan_aws.steps.service import cited
from cloudscan_aws.steps.steering import STEERING
from cloudscan_aws.steps.targets import Targets
from cloudscan_aws.steps.things import Target


@dataclass(frozen=True, slots=True)
class Swap:
    """Calls that give compute of a kind another role, which trusts a service, and make it do as one likes.

    ``calls`` are its alternatives; ``managed`` says that it only works on compute which takes commands.
    """

    kind: str
    name: str
    principal: str
    calls: tuple[tuple[Call, ...], ...]
    source: str
    managed: bool = False


_DEFINITION = Call("ecs:RunTask", "arn:{partition}:ecs:{region}:{account}:task-definition/any:1")
"""A task that runs shows that there is a definition, and not which: whoever may run any may run that one."""
_PROFILE = Call("ec2:ReplaceIamInstanceProfileAssociation", ON_TARGET)
_ON_INSTANCES = [one for one in STEERING if one.kind == "instance" and not one.hangs_on]

SWAPS = (
    Swap(
        "function",
        "swap-role:lambda",
        "lambda.amazonaws.com",
        ((Call("lambda:UpdateFunctionConfiguration", ON_TARGET),),),
        "AWS Lambda API Reference: UpdateFunctionConfiguration, Role and Layers",
    ),
    Swap(
        "build-project",
        "swap-role:codebuild",
        "codebuild.amazonaws.com",
        ((Call("codebuild:StartBuild", ON_TARGET),), (Call("codebuild:StartBuildBatch", ON_TARGET),)),
        "AWS CodeBuild API Reference: StartBuild, serviceRoleOverride",
    ),
    Swap(
        "container-task",
        "swap-role:ecs",
        "ecs-tasks.amazonaws.com",
        ((_DEFINITION,),),
        "Amazon ECS API Reference: RunTask, overrides (taskRoleArn, command)",
    ),
    *(
        Swap(
            "instance",
            "swap-role:ec2",
            "ec2.amazonaws.com",
            tuple((_PROFILE, *calls) for calls in steering.calls),
            f"Amazon EC2 API Reference: ReplaceIamInstanceProfileAssociation; {steering.source}",
            managed=steering.managed,
        )
        for steering in _ON_INSTANCES
    ),
)
"""Left out: definitions of jobs, which no collection reads, and instances that have no role yet."""


def swapped(scene: Scene) -> Iterator[Edge]:
    """Yield the edges of everyone who may give compute another role, to that role."""
    kinds = {workload.kind for each in scene.workloads_of.values() for workload in each}
    table = [swap for swap in SWAPS if swap.kind in kinds]
    able = scene.narrowed([PASSES]) if table else scene.among(())
    for swap in table if able.people else ():
        yield from _by(able, swap)


def _by(scene: Scene, swap: Swap) -> Iterator[Edge]:
    roles = {account: targets for account, targets in _trusting(scene, swap).items() if targets}
    compute = {
        account: Targets(Target(one.id, one.labels, one.managed) for one in each if one.kind == swap.kind)
        for account, each in scene.workloads_of.items()
        if account in roles
    }

    def explain(asker: Asker, target: str) -> tuple[str, tuple[Way, ...]]:
        role = scene.roles[target]
        _, made = best(_making(scene, asker, swap, compute[asker.account].by_arn.values()))
        passing = (may_pass(scene.facts, asker, swap.principal, role), admits(scene.facts, swap.principal, role))
        said = f"{asker.principal} may give {made[0][0].resource} the role {target} and steer it ({cited(swap.source)})"
        return said, (passing, *made)

    found: list[Found] = []
    for calls in swap.calls if compute else ():
        actions = list(dict.fromkeys(call.action for call in calls))
        for crowd in scene.crowds([], [PASSES, *actions]):
            if targets := compute.get(crowd.one.account):
                some = replace(swap, calls=(calls,))
                blocks = scene.blocks(crowd, actions[0], targets, also=actions)
                made, _ = best(_making(scene, crowd.one, some, (block[0] for block in blocks)))
                found += _of_crowd(scene, crowd, swap, made, roles[crowd.one.account])
    yield from edges(Sort(swap.name, changes=True), surest(found), scene.people, explain)


def _of_crowd(scene: Scene, crowd: Crowd, swap: Swap, made: Condition, roles: Targets) -> Iterator[Found]:
    sources = tuple(asker.principal for asker in crowd.askers)
    for block in scene.blocks(crowd, PASSES, roles) if made is not NEVER else ():
        role = scene.roles[block[0].arn]
        passing = may_pass(scene.facts, crowd.one, swap.principal, role).decision.condition
        if passing is not NEVER:
            condition = all_of((passing, admits(scene.facts, swap.principal, role).decision.condition, made))
            yield from (Found(sources, target.arn, condition) for target in block)


def _making(scene: Scene, asker: Asker, swap: Swap, compute: Iterable[Target]) -> Iterator[Way]:
    """Yield the ways in which somebody may give one of some compute another role and steer it."""
    for target in compute:
        if swap.managed and target.apart is Answer.NO:
            continue
        for way in ways(scene.facts, asker, swap.calls, target):
            if swap.managed and target.apart is Answer.UNKNOWN:
                unread = decide(Unseen(f"whether {target.arn} takes commands was not read"))
                yield (*way, Part(way[-1].action, target.arn, unread))
            else:
                yield way


def _trusting(scene: Scene, swap: Swap) -> Mapping[str, Targets]:
    """Return the roles of each account that trust the service; of instances only those in an instance profile."""
    held: dict[str, list[Target]] = {}
    for roles in scene.alike_roles:
        if swap.principal in roles[0].admits.services or roles[0].admits.open:
            trusted = admits(scene.facts, swap.principal, roles[0]).decision.condition
            for role in roles if trusted is not NEVER else ():
                if swap.kind != "instance" or role.record.instance_profiles:
                    apart = role.target.apart
                    held.setdefault(role.record.account, []).append(Target(role.arn, role.record.labels, apart))
    return {account: Targets(targets) for account, targets in held.items()}
