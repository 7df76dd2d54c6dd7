"""Amazon ECS: the services and the running tasks of a region, each with its task role.

The role stands in the task definition. Only definitions in use are asked for, each once: a family keeps all its
revisions for ever. Tasks that a schedule or an event starts are seen only while they run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cloudscan.model import Answer, Gap, Why, Workload
from cloudscan.provider import Collected, Facet
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.session import PROVIDER, Asker

SERVICE = "ecs"
SERVICES_A_CALL = 10
TASKS_A_CALL = 100
"""What one call describes at most ("DescribeServices" and "DescribeTasks", Amazon ECS API reference)."""

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Running:
    """A service or task whose role is still to be looked up in its definition; "" where none is needed or told."""

    workload: Workload
    definition: str


def fetch_all(_: AccountScope, asker: Asker) -> Iterator[Collected]:
    """Ask every cluster of a region what runs in it, then each definition in use for its role."""
    clusters, ended = asker.pages(
        SERVICE, "list_clusters", "clusterArns", facet=Facet.WORKLOADS, resource=asker.account
    )
    found: list[Running] = []
    for cluster in clusters:
        for entry in _described(asker, cluster, "services", SERVICES_A_CALL):
            if isinstance(entry, Gap):
                yield entry
            else:
                found.append(read_service(asker.account, asker.region, entry))
        for entry in _described(asker, cluster, "tasks", TASKS_A_CALL):
            if isinstance(entry, Gap):
                yield entry
            else:
                found.append(read_task(asker.account, asker.region, entry))
    if isinstance(ended, Gap):
        yield ended
    yield from _with_roles(asker, found)


def _with_roles(asker: Asker, found: Iterable[Running]) -> Iterator[Workload | Gap]:
    roles: dict[str, str | None] = {"": None}
    for running in found:
        if running.definition not in roles:
            reply = asker.ask(
                SERVICE,
                "describe_task_definition",
                facet=Facet.WORKLOADS,
                resource=running.definition,
                taskDefinition=running.definition,
            )
            roles[running.definition] = read_role(reply) if isinstance(reply, dict) else None
            if isinstance(reply, Gap):
                yield reply
        role = roles[running.definition]
        yield running.workload if role is None else replace(running.workload, principal=role)


def _described(asker: Asker, cluster: str, what: str, most: int) -> Iterator[Payload | Gap]:
    """List the services or tasks of a cluster and describe them, so many a call.

    One that is missing has ended since it was listed, which is an answer.
    """
    listed, ended = asker.pages(
        SERVICE, f"list_{what}", f"{what[:-1]}Arns", facet=Facet.WORKLOADS, resource=cluster, cluster=cluster
    )
    for start in range(0, len(listed), most):
        some: dict[str, Any] = {"cluster": cluster, what: listed[start : start + most]}
        reply = asker.ask(SERVICE, f"describe_{what}", facet=Facet.WORKLOADS, resource=cluster, **some)
        if isinstance(reply, Gap):
            yield reply
        elif isinstance(reply, dict):
            yield from reply.get(what, ())
            for failure in reply.get("failures", ()):
                if failure.get("reason") != "MISSING":
                    asker.count(Facet.WORKLOADS, answered=False)
                    yield _failed(asker, cluster, f"describe_{what}", failure)
    if isinstance(ended, Gap):
        yield ended


def _failed(asker: Asker, cluster: str, method: str, failure: Payload) -> Gap:
    detail = str(failure.get("reason") or "")
    return asker.gap(Facet.WORKLOADS, failure.get("arn") or cluster, Why.ERROR, f"{SERVICE}:{method}", detail)


def read_role(reply: Payload) -> str:
    """Read the role of a definition's containers; "" where they have none."""
    return str(reply.get("taskDefinition", {}).get("taskRoleArn") or "")


def read_service(account: str, region: str, service: Payload) -> Running:
    """Read a service. One with an external controller names its definition in its primary task set."""
    sets = (each for each in service.get("taskSets", ()) if each.get("status") == "PRIMARY")
    primary: Payload = next(sets, {})
    definition = service.get("taskDefinition") or primary.get("taskDefinition") or ""
    name = f"{_last(service['clusterArn'])}/{service['serviceName']}"
    return Running(_workload(account, region, "container-service", service["serviceArn"], name, service), definition)


def read_task(account: str, region: str, task: Payload) -> Running:
    """Read a task. Whoever started it may have given it another role than its definition's."""
    name = f"{_last(task['clusterArn'])}/{_last(task['taskArn'])}"
    workload = _workload(account, region, "container-task", task["taskArn"], name, task)
    if given := task.get("overrides", {}).get("taskRoleArn"):
        return Running(replace(workload, principal=given), "")
    return Running(workload, task.get("taskDefinitionArn") or "")


def _workload(account: str, region: str, kind: str, arn: str, name: str, entry: Payload) -> Workload:
    """Make a workload; ``ExecuteCommand`` reaches those that it was switched on for."""
    return Workload(
        id=arn,
        provider=PROVIDER,
        account=account,
        region=region,
        kind=kind,
        name=name,
        managed=Answer.of(entry.get("enableExecuteCommand")),
    )


def _last(arn: str) -> str:
    return arn.rpartition("/")[2]
