"""Calls that steer compute which is there and runs with a role. Data, no code.

Sources are the ids of pathfinding.cloud ("existing-passrole"), or the service's own document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cloudscan_aws.steps.calls import ON_TARGET, Call


@dataclass(frozen=True, slots=True)
class Steering:
    """One way to make compute of a kind (:class:`cloudscan.model.Workload`) do as one likes.

    ``calls`` are its alternatives. ``changes`` says that it changes the compute, ``managed`` that it only works on
    compute which the cloud's own remote-command service reaches; ``hangs_on`` names what else it takes, which nobody
    reads. ``does`` fits in "may ... COMPUTE".
    """

    kind: str
    name: str
    does: str
    calls: tuple[tuple[Call, ...], ...]
    source: str
    changes: bool = False
    managed: bool = False
    hangs_on: str = ""


def _on(*actions: str) -> tuple[Call, ...]:
    return tuple(Call(action, ON_TARGET) for action in actions)


_OF_AWS = "arn:{partition}:ssm:{region}::document/AWS-"
_DOCUMENT = "arn:{partition}:ssm:{region}:{account}:document/{name}"
_DEFAULT = "arn:{partition}:ssm:{region}:{account}:document/SSM-SessionManagerRunShell"
_CHECK = "ssm:SessionDocumentAccessCheck"


def _by_documents(action: str, of_aws: Iterable[str], known: Mapping[str, str]) -> Iterator[tuple[Call, ...]]:
    """Yield a call on the target and on a document: one of AWS's own, one that is made, one of the account's."""
    on_target = Call(action, ON_TARGET, known)
    for document in of_aws:
        yield on_target, Call(action, document, known)
    yield on_target, Call(action, _DOCUMENT, known), Call("ssm:CreateDocument", _DOCUMENT)
    yield on_target, Call(action, _DOCUMENT, known, "what the documents of the account do")


_RUNNING = ("RunShellScript", "RunPowerShellScript", "RunRemoteScript", "RunDocument", "ApplyAnsiblePlaybooks")
"""The documents of AWS's own that run what one likes: given in the call, or fetched from where it says."""
_COMMANDS = tuple(_by_documents("ssm:SendCommand", [f"{_OF_AWS}{name}" for name in _RUNNING], {}))
_SESSIONS = (
    (Call("ssm:StartSession", ON_TARGET, {_CHECK: "false"}),),
    *_by_documents("ssm:StartSession", [_DEFAULT, f"{_OF_AWS}StartInteractiveCommand"], {_CHECK: "true"}),
)
"""A session that names no document is the default one, which is asked about only where a policy says so."""
_LIFECYCLE = "arn:{partition}:sagemaker:{region}:{account}:notebook-instance-lifecycle-config/{name}"

STEERING = (
    Steering(
        "function",
        "lambda:UpdateFunctionCode",
        "replace the code of",
        (_on("lambda:UpdateFunctionCode"),),
        "lambda-003, lambda-004",
        changes=True,
    ),
    Steering(
        "function",
        "lambda:UpdateFunctionConfiguration",
        "put a layer with code of its own into",
        (_on("lambda:UpdateFunctionConfiguration"),),
        "AWS Lambda Developer Guide: layers",
        changes=True,
    ),
    Steering(
        "instance",
        "ssm:SendCommand",
        "run commands on",
        _COMMANDS,
        "ssm-002",
        managed=True,
    ),
    Steering(
        "instance",
        "ssm:StartSession",
        "open a shell on",
        _SESSIONS,
        "ssm-001; AWS Systems Manager User Guide: session documents",
        managed=True,
    ),
    Steering(
        "instance",
        "ec2:ModifyInstanceAttribute",
        "replace the start script of",
        (_on("ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:StartInstances"),),
        "ec2-002",
        changes=True,
    ),
    Steering(
        "instance",
        "ec2-instance-connect:SendSSHPublicKey",
        "put a key for SSH on",
        (_on("ec2-instance-connect:SendSSHPublicKey"),),
        "ec2-003",
        hangs_on="whether it can be reached by SSH",
    ),
    Steering(
        "container-task",
        "ecs:ExecuteCommand",
        "run commands in",
        (_on("ecs:ExecuteCommand"),),
        "ecs-006",
        managed=True,
    ),
    Steering(
        "build-project",
        "codebuild:StartBuild",
        "start a build with commands of its own in",
        (_on("codebuild:StartBuild"), _on("codebuild:StartBuildBatch")),
        "codebuild-002, codebuild-003",
    ),
    Steering(
        "notebook",
        "sagemaker:CreatePresignedNotebookInstanceUrl",
        "open",
        (_on("sagemaker:CreatePresignedNotebookInstanceUrl"),),
        "sagemaker-004",
    ),
    Steering(
        "notebook",
        "sagemaker:UpdateNotebookInstance",
        "put a start script into",
        (
            (
                Call("sagemaker:CreateNotebookInstanceLifecycleConfig", _LIFECYCLE),
                *_on(
                    "sagemaker:StopNotebookInstance",
                    "sagemaker:UpdateNotebookInstance",
                    "sagemaker:StartNotebookInstance",
                ),
            ),
        ),
        "sagemaker-005",
        changes=True,
    ),
    Steering(
        "dev-endpoint",
        "glue:UpdateDevEndpoint",
        "put a key for SSH on",
        (_on("glue:UpdateDevEndpoint"),),
        "glue-002",
        changes=True,
    ),
    Steering(
        "stack",
        "cloudformation:UpdateStack",
        "change the template of",
        (
            _on("cloudformation:UpdateStack"),
            _on("cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"),
        ),
        "cloudformation-002",
        changes=True,
    ),
    Steering(
        "service",
        "apprunner:UpdateService",
        "replace the container of",
        (_on("apprunner:UpdateService"),),
        "apprunner-002",
        changes=True,
    ),
)
"""Left out: launch templates of instances that are yet to start; and jobs, which take code only with a role passed."""
