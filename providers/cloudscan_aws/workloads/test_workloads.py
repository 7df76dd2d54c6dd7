"""Compute that runs with roles, over HTTP."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudscan.model import Answer, Coverage, Gap, Why, Workload
from cloudscan.provider import Facet
from cloudscan.testing import run_units
from cloudscan_aws import workloads
from cloudscan_aws.accounts import AccountScope
from cloudscan_aws.demo.server import Endpoint

REGION = "eu-central-1"
OWN = "123456789012"
ROLE = f"arn:aws:iam::{OWN}:role/worker"
OTHER = f"arn:aws:iam::{OWN}:role/other"
PROFILE = f"arn:aws:iam::{OWN}:instance-profile/workers"
MADE = datetime(2026, 9, 1, tzinfo=UTC)
HOSTILE = "=1+1\u202e<b>\n"

Make = Callable[..., Any]
Accounts = Callable[..., AccountScope]


def arn(service: str, path: str) -> str:
    return f"arn:aws:{service}:{REGION}:{OWN}:{path}"


def collect(account: AccountScope, service: str = "") -> list[Any]:
    """Collect the compute of one service, or of all."""
    return run_units([unit for unit in workloads.units(account) if unit.key.endswith(f"/{service}") or not service])[0]


def found(records: list[Any]) -> dict[str, Workload]:
    return {record.name: record for record in records if isinstance(record, Workload)}


def gaps(records: list[Any]) -> list[Gap]:
    return [record for record in records if isinstance(record, Gap)]


def workload(kind: str, name: str, identity: str, principal: str | None, **facts: Any) -> Workload:
    return Workload(identity, "aws", OWN, REGION, kind, name, principal, **facts)


def functions(endpoint: Endpoint, name: str = "export") -> None:
    each = {"FunctionName": name, "FunctionArn": arn("lambda", f"function:{name}"), "Role": ROLE}
    endpoint.answer("lambda", "ListFunctions", {"Functions": [each]})


def instances(endpoint: Endpoint, *, state: str = "running", **facts: Any) -> None:
    each = {
        "InstanceId": "i-1",
        "State": {"Name": state},
        "IamInstanceProfile": {"Arn": PROFILE},
        "Tags": [{"Key": "Name", "Value": "box"}, {"Key": "team", "Value": "speech"}],
    }
    endpoint.answer("ec2", "DescribeInstances", {"Reservations": [{"Instances": [each | facts]}]})
    known = [{"InstanceId": "i-1", "PingStatus": "Online"}]
    endpoint.answer("ssm", "DescribeInstanceInformation", {"InstanceInformationList": known})


def containers(endpoint: Endpoint, **service: Any) -> None:
    cluster, definition = arn("ecs", "cluster/speech"), arn("ecs", "task-definition/asr:7")
    told = {
        "serviceArn": arn("ecs", "service/speech/asr"),
        "serviceName": "asr",
        "clusterArn": cluster,
        "taskDefinition": definition,
        "enableExecuteCommand": True,
    } | service
    single = {"taskArn": arn("ecs", "task/speech/t1"), "clusterArn": cluster, "taskDefinitionArn": definition}
    of_service = single | {"taskArn": arn("ecs", "task/speech/t2"), "group": "service:asr"}
    given = single | {"taskArn": arn("ecs", "task/speech/t3"), "overrides": {"taskRoleArn": OTHER}}
    endpoint.answer("ecs", "ListClusters", {"clusterArns": [cluster]})
    endpoint.answer("ecs", "ListServices", {"serviceArns": [told["serviceArn"]]})
    endpoint.answer("ecs", "DescribeServices", {"services": [told]})
    endpoint.answer("ecs", "ListTasks", {"taskArns": [each["taskArn"] for each in (single, of_service, given)]})
    endpoint.answer("ecs", "DescribeTasks", {"tasks": [single | {"enableExecuteCommand": False}, of_service, given]})
    endpoint.answer("ecs", "DescribeTaskDefinition", {"taskDefinition": {"taskRoleArn": ROLE}})


def builds(endpoint: Endpoint) -> None:
    each = {
        "name": "ci",
        "arn": arn("codebuild", "project/ci"),
        "serviceRole": ROLE,
        "tags": [{"key": "a", "value": "b"}],
    }
    endpoint.answer("codebuild", "ListProjects", {"projects": ["ci"]})
    endpoint.answer("codebuild", "BatchGetProjects", {"projects": [each]})


def notebooks(endpoint: Endpoint) -> None:
    each = {"NotebookInstanceName": "lab", "NotebookInstanceArn": arn("sagemaker", "notebook-instance/lab")}
    endpoint.answer("sagemaker", "ListNotebookInstances", {"NotebookInstances": [each]})
    endpoint.answer("sagemaker", "DescribeNotebookInstance", each | {"RoleArn": ROLE})


def glue(endpoint: Endpoint) -> None:
    jobs = [{"Name": "nightly", "Role": ROLE}, {"Name": "weekly", "Role": "service-role/worker"}]
    endpoint.answer("glue", "GetJobs", {"Jobs": jobs})
    endpoint.answer("glue", "GetDevEndpoints", {"DevEndpoints": [{"EndpointName": "dev", "RoleArn": ROLE}]})


def stacks(endpoint: Endpoint) -> None:
    told = {"CreationTime": MADE, "StackStatus": "CREATE_COMPLETE"}
    each = told | {"StackId": arn("cloudformation", "stack/s/1"), "StackName": "s", "RoleARN": ROLE}
    bare = told | {"StackId": arn("cloudformation", "stack/bare/2"), "StackName": "bare"}
    endpoint.answer("cloudformation", "DescribeStacks", {"Stacks": [each, bare]})


def services(endpoint: Endpoint, role: str | None = ROLE) -> None:
    each = {"ServiceName": "webapp", "ServiceArn": arn("apprunner", "service/webapp/1")}
    gone = each | {"ServiceName": "gone-app", "ServiceArn": arn("apprunner", "service/gone/2"), "Status": "DELETED"}
    endpoint.answer("apprunner", "ListServices", {"ServiceSummaryList": [each | {"Status": "RUNNING"}, gone]})
    whole = each | {
        "ServiceId": "1" * 32,
        "CreatedAt": MADE,
        "UpdatedAt": MADE,
        "Status": "RUNNING",
        "SourceConfiguration": {"AuthenticationConfiguration": {"AccessRoleArn": OTHER}},
        "InstanceConfiguration": {"InstanceRoleArn": role} if role else {},
        "NetworkConfiguration": {},
        "AutoScalingConfigurationSummary": {},
    }
    endpoint.answer("apprunner", "DescribeService", {"Service": whole})


def estate(endpoint: Endpoint) -> None:
    for make in (functions, instances, containers, builds, notebooks, glue, stacks, services):
        make(endpoint)


def test_every_service_tells_its_compute_and_the_roles(endpoint: Endpoint, account: Accounts) -> None:
    estate(endpoint)
    records = collect(account(Facet.WORKLOADS))
    told = [
        workload("function", "export", arn("lambda", "function:export"), ROLE),
        workload(
            "instance",
            "box",
            arn("ec2", "instance/i-1"),
            None,
            known_as=PROFILE,
            managed=Answer.YES,
            labels={"Name": "box", "team": "speech"},
        ),
        workload("container-service", "speech/asr", arn("ecs", "service/speech/asr"), ROLE, managed=Answer.YES),
        workload("container-task", "speech/t1", arn("ecs", "task/speech/t1"), ROLE, managed=Answer.NO),
        workload("container-task", "speech/t2", arn("ecs", "task/speech/t2"), ROLE),
        workload("container-task", "speech/t3", arn("ecs", "task/speech/t3"), OTHER),
        workload("build-project", "ci", arn("codebuild", "project/ci"), ROLE, labels={"a": "b"}),
        workload("notebook", "lab", arn("sagemaker", "notebook-instance/lab"), ROLE),
        workload("job", "nightly", arn("glue", "job/nightly"), ROLE),
        workload("job", "weekly", arn("glue", "job/weekly"), None, known_as="worker"),
        workload("dev-endpoint", "dev", arn("glue", "devEndpoint/dev"), ROLE),
        workload("stack", "s", arn("cloudformation", "stack/s/1"), ROLE, labels={}),
        workload("service", "webapp", arn("apprunner", "service/webapp/1"), ROLE),
    ]
    assert found(records) == {each.name: each for each in told}
    assert gaps(records) == []


def test_a_fresh_region_takes_nine_questions(endpoint: Endpoint, account: Accounts) -> None:
    records = collect(account(Facet.WORKLOADS))
    assert {type(record) for record in records} == {Coverage}
    assert sum(line.asked for line in records) == sum(line.answered for line in records) == 9


def test_nothing_is_asked_when_no_check_wants_workloads(account: Accounts) -> None:
    assert list(workloads.units(account(Facet.PRINCIPALS, Facet.STORES))) == []


def test_units_are_of_a_service_and_a_region(account: Accounts) -> None:
    units = list(workloads.units(account(Facet.WORKLOADS, regions=(REGION, "us-east-1"))))
    assert len(units) == 16
    assert units[0].key == f"aws/{OWN}/{REGION}/lambda"


def test_function_that_was_made_for_real_is_listed(client: Make, account: Accounts) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}],
    }
    client("iam").create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(trust))
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("main.py", "")
    client("lambda").create_function(
        FunctionName="export", Runtime="python3.12", Role=ROLE, Handler="main.run", Code={"ZipFile": code.getvalue()}
    )
    records = collect(account(Facet.WORKLOADS), "lambda")
    assert found(records)["export"] == workload("function", "export", arn("lambda", "function:export"), ROLE)


def test_container_service_that_was_made_for_real_has_the_role_of_its_definition(
    client: Make, account: Accounts
) -> None:
    ecs = client("ecs")
    ecs.create_cluster(clusterName="speech")
    ecs.register_task_definition(
        family="asr", taskRoleArn=ROLE, containerDefinitions=[{"name": "asr", "image": "asr", "memory": 64}]
    )
    ecs.create_service(cluster="speech", serviceName="asr", taskDefinition="asr", desiredCount=0)
    (service,) = found(collect(account(Facet.WORKLOADS), "ecs")).values()
    assert (service.kind, service.name, service.principal) == ("container-service", "speech/asr", ROLE)


def test_instance_that_ended_runs_with_nothing(endpoint: Endpoint, account: Accounts) -> None:
    for state, kept in (("stopped", ["box"]), ("running", ["box"]), ("terminated", []), ("shutting-down", [])):
        instances(endpoint, state=state)
        assert list(found(collect(account(Facet.WORKLOADS), "ec2"))) == kept


def test_instance_without_a_profile_has_no_identity_and_no_question_follows(
    endpoint: Endpoint, account: Accounts
) -> None:
    endpoint.answer(
        "ec2",
        "DescribeInstances",
        {"Reservations": [{"Instances": [{"InstanceId": "i-2", "State": {"Name": "running"}}]}]},
    )
    bare = found(collect(account(Facet.WORKLOADS)))["i-2"]
    assert (bare.principal, bare.known_as, bare.managed, bare.labels) == ("", "", Answer.UNKNOWN, {})
    assert endpoint.requests["ssm:DescribeInstanceInformation"] == 0


@pytest.mark.parametrize(
    ("nodes", "managed"),
    [
        ([{"InstanceId": "i-1", "PingStatus": "Online"}], Answer.YES),
        ([{"InstanceId": "i-1", "PingStatus": "ConnectionLost"}], Answer.UNKNOWN),
        ([{"InstanceId": "i-9", "PingStatus": "Online"}], Answer.NO),
        ([], Answer.NO),
    ],
)
def test_commands_reach_what_systems_manager_hears_of(
    endpoint: Endpoint, account: Accounts, nodes: list[Any], managed: Answer
) -> None:
    instances(endpoint)
    endpoint.answer("ssm", "DescribeInstanceInformation", {"InstanceInformationList": nodes})
    assert found(collect(account(Facet.WORKLOADS), "ec2"))["box"].managed is managed


def test_nodes_that_came_before_the_list_broke_count_and_the_others_are_unknown(
    endpoint: Endpoint, account: Accounts
) -> None:
    boxes = [
        {"InstanceId": f"i-{n}", "State": {"Name": "running"}, "IamInstanceProfile": {"Arn": PROFILE}} for n in (1, 2)
    ]
    endpoint.answer("ec2", "DescribeInstances", {"Reservations": [{"Instances": boxes}]})
    page = {"InstanceInformationList": [{"InstanceId": "i-1", "PingStatus": "Online"}], "NextToken": "2"}
    endpoint.answer("ssm", "DescribeInstanceInformation", page)
    endpoint.faults.add("throttle", "ssm", after=1)
    records = collect(account(Facet.WORKLOADS), "ec2")
    assert {name: box.managed for name, box in found(records).items()} == {"i-1": Answer.YES, "i-2": Answer.UNKNOWN}
    assert [gap.operation for gap in gaps(records)] == ["ssm:DescribeInstanceInformation"]


def test_definition_in_use_is_asked_for_once(endpoint: Endpoint, account: Accounts) -> None:
    containers(endpoint)
    collect(account(Facet.WORKLOADS), "ecs")
    assert endpoint.requests["ecs:DescribeTaskDefinition"] == 1


def test_definition_without_a_role_is_no_identity(endpoint: Endpoint, account: Accounts) -> None:
    containers(endpoint)
    endpoint.answer("ecs", "DescribeTaskDefinition", {"taskDefinition": {"executionRoleArn": ROLE}})
    assert found(collect(account(Facet.WORKLOADS), "ecs"))["speech/asr"].principal == ""


def test_service_with_an_external_controller_runs_its_primary_task_set(endpoint: Endpoint, account: Accounts) -> None:
    sets = [{"status": "ACTIVE", "taskDefinition": "old"}, {"status": "PRIMARY", "taskDefinition": "new"}]
    asked: list[str] = []

    def role(params: Any) -> dict[str, Any]:
        asked.append(params["taskDefinition"])
        return {"taskDefinition": {"taskRoleArn": OTHER}}

    containers(endpoint, taskDefinition="", taskSets=sets)
    endpoint.answer("ecs", "DescribeTaskDefinition", role)
    assert found(collect(account(Facet.WORKLOADS), "ecs"))["speech/asr"].principal == OTHER
    assert "new" in asked
    containers(endpoint, taskDefinition="")
    assert found(collect(account(Facet.WORKLOADS), "ecs"))["speech/asr"].principal is None


def test_task_that_ended_meanwhile_is_an_answer_and_any_other_failure_is_a_gap(
    endpoint: Endpoint, account: Accounts
) -> None:
    containers(endpoint)
    task = arn("ecs", "task/speech/t1")
    endpoint.answer("ecs", "DescribeTasks", {"tasks": [], "failures": [{"arn": task, "reason": "MISSING"}]})
    assert gaps(collect(account(Facet.WORKLOADS), "ecs")) == []
    endpoint.answer("ecs", "DescribeTasks", {"tasks": [], "failures": [{"arn": task, "reason": "AGENT"}]})
    assert [(gap.resource, gap.why, gap.detail) for gap in gaps(collect(account(Facet.WORKLOADS), "ecs"))] == [
        (task, Why.ERROR, "AGENT")
    ]


def test_many_are_described_in_batches(endpoint: Endpoint, account: Accounts) -> None:
    sizes: list[tuple[str, int]] = []

    def remember(key: str, answer: str) -> Callable[[Any], dict[str, Any]]:
        def describe(params: Any) -> dict[str, Any]:
            sizes.append((key, len(params[key])))
            return {answer: []}

        return describe

    endpoint.answer("ecs", "ListClusters", {"clusterArns": ["c"]})
    endpoint.answer("ecs", "ListServices", {"serviceArns": [f"s{n}" for n in range(25)]})
    endpoint.answer("ecs", "ListTasks", {"taskArns": [f"t{n}" for n in range(150)]})
    endpoint.answer("ecs", "DescribeServices", remember("services", "services"))
    endpoint.answer("ecs", "DescribeTasks", remember("tasks", "tasks"))
    endpoint.answer("codebuild", "ListProjects", {"projects": [f"p{n}" for n in range(101)]})
    endpoint.answer("codebuild", "BatchGetProjects", remember("names", "projects"))
    collect(account(Facet.WORKLOADS))
    assert sizes == [
        *(("services", 10), ("services", 10), ("services", 5)),
        *(("tasks", 100), ("tasks", 50)),
        *(("names", 100), ("names", 1)),
    ]


def test_service_without_an_instance_role_has_no_identity(endpoint: Endpoint, account: Accounts) -> None:
    services(endpoint, role=None)
    assert found(collect(account(Facet.WORKLOADS), "apprunner"))["webapp"].principal == ""


@pytest.mark.parametrize(("kind", "why"), [("deny", Why.DENIED), ("throttle", Why.THROTTLED)])
@pytest.mark.parametrize(
    ("question", "resource", "lost"),
    [
        ("lambda:ListFunctions", OWN, {"export"}),
        ("ec2:DescribeInstances", OWN, {"box"}),
        ("ssm:DescribeInstanceInformation", OWN, set()),
        ("ecs:ListClusters", OWN, {"speech/asr", "speech/t1", "speech/t2", "speech/t3"}),
        ("ecs:ListServices", arn("ecs", "cluster/speech"), {"speech/asr"}),
        ("ecs:DescribeServices", arn("ecs", "cluster/speech"), {"speech/asr"}),
        ("ecs:ListTasks", arn("ecs", "cluster/speech"), {"speech/t1", "speech/t2", "speech/t3"}),
        ("ecs:DescribeTasks", arn("ecs", "cluster/speech"), {"speech/t1", "speech/t2", "speech/t3"}),
        ("ecs:DescribeTaskDefinition", arn("ecs", "task-definition/asr:7"), set()),
        ("codebuild:ListProjects", OWN, {"ci"}),
        ("codebuild:BatchGetProjects", OWN, {"ci"}),
        ("sagemaker:ListNotebookInstances", OWN, {"lab"}),
        ("sagemaker:DescribeNotebookInstance", arn("sagemaker", "notebook-instance/lab"), {"lab"}),
        ("glue:GetJobs", OWN, {"nightly", "weekly"}),
        ("glue:GetDevEndpoints", OWN, {"dev"}),
        ("cloudformation:DescribeStacks", OWN, {"s"}),
        ("apprunner:ListServices", OWN, {"webapp"}),
        ("apprunner:DescribeService", arn("apprunner", "service/webapp/1"), {"webapp"}),
    ],
)
def test_refused_questions_are_gaps_and_claim_nothing(
    endpoint: Endpoint, account: Accounts, question: str, resource: str, lost: set[str], kind: Any, why: Why
) -> None:
    estate(endpoint)
    service = question.partition(":")[0].replace("ssm", "ec2")
    whole = set(found(collect(account(Facet.WORKLOADS), service)))
    endpoint.faults.add(kind, *question.split(":"))
    records = collect(account(Facet.WORKLOADS), service)
    (gap,) = gaps(records)
    assert (gap.facet, gap.resource, gap.why, gap.permission) == (Facet.WORKLOADS, resource, why, question)
    assert whole - set(found(records)) == lost
    assert sum(line.asked - line.answered for line in records if isinstance(line, Coverage)) == 1


def test_roles_and_reach_that_were_refused_are_unknown(endpoint: Endpoint, account: Accounts) -> None:
    estate(endpoint)
    endpoint.faults.add("deny", "ecs", "DescribeTaskDefinition")
    endpoint.faults.add("deny", "ssm", "DescribeInstanceInformation")
    told = found(collect(account(Facet.WORKLOADS)))
    assert (told["speech/asr"].principal, told["speech/t1"].principal) == (None, None)
    assert told["speech/t3"].principal == OTHER
    assert told["box"].managed is Answer.UNKNOWN


@pytest.mark.parametrize(
    ("service", "operation", "key", "each", "token"),
    [
        ("lambda", "ListFunctions", "Functions", "FunctionName", ("Marker", "NextMarker")),
        ("apprunner", "ListServices", "ServiceSummaryList", "ServiceName", ("NextToken", "NextToken")),
    ],
)
def test_pages_are_followed_and_a_break_keeps_what_came(
    endpoint: Endpoint, account: Accounts, service: str, operation: str, key: str, each: str, token: tuple[str, str]
) -> None:
    services(endpoint)

    def page(params: Any) -> dict[str, Any]:
        number = int(params.get(token[0], "1"))
        name, more = each.removesuffix("Name"), {token[1]: str(number + 1)} if number < 3 else {}
        return {key: [{each: f"page-{number}", f"{name}Arn": arn(service, f"service/page-{number}")}], **more}

    endpoint.answer(service, operation, page)
    collect(account(Facet.WORKLOADS), service)
    assert endpoint.requests[f"{service}:{operation}"] == 3
    endpoint.faults.add("throttle", service, operation, after=1)
    records = collect(account(Facet.WORKLOADS), service)
    assert len(found(records)) == 1
    assert [gap.why for gap in gaps(records)] == [Why.THROTTLED]


def test_hostile_names_are_kept_as_data(endpoint: Endpoint, account: Accounts) -> None:
    functions(endpoint, HOSTILE)
    assert HOSTILE in found(collect(account(Facet.WORKLOADS), "lambda"))
