"""Services that act as a role which somebody passes to them: what it takes to make one do so. Data, no code.

Each row names the service principal that the role must trust, and the calls with which the service is told to act,
in one or more ways. Sources are the ids of pathfinding.cloud ("new-passrole"), or the service's own document.
"""

from __future__ import annotations

from dataclasses import dataclass

from cloudscan_aws.steps.calls import Call


@dataclass(frozen=True, slots=True)
class Service:
    """A service to which a role can be passed.

    ``ways`` are (calls, source) pairs. ``profile`` says that it takes the role in an instance profile, ``reads_only``
    that it hands back what it reads and does nothing else as the role. ``does`` completes "... that runs as ROLE".
    """

    name: str
    principal: str
    does: str
    ways: tuple[tuple[tuple[Call, ...], str], ...]
    profile: bool = False
    reads_only: bool = False


def _arn(service: str, resource: str) -> str:
    return "arn:{partition}:" + service + ":{region}:{account}:" + resource


def _calls(on: str, *actions: str) -> tuple[Call, ...]:
    """Return calls that are all made on the same new thing."""
    return tuple(Call(action, on) for action in actions)


_FUNCTION = _arn("lambda", "function:{name}")
_INSTANCE = tuple(
    Call("ec2:RunInstances", _arn("ec2", f"{part}/{{name}}"))
    for part in ("instance", "image", "network-interface", "security-group", "subnet", "volume")
)
_PROFILE = "arn:{partition}:iam::{account}:instance-profile/{name}"
NEW_PROFILE = _calls(_PROFILE, "iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile")
"""What puts a role into an instance profile that has none ("IAM User Guide", using instance profiles)."""
_TASK = _arn("ecs", "task-definition/{name}:1")
_CLUSTER = _arn("ecs", "cluster/{name}")
_CONTAINER = (Call("ecs:RegisterTaskDefinition", _TASK),)
_JOB, _SESSION = _arn("glue", "job/{name}"), _arn("glue", "session/{name}")
_PROJECT = _arn("codebuild", "project/{name}")
_STACK, _STACK_SET = _arn("cloudformation", "stack/{name}/any"), _arn("cloudformation", "stackset/{name}:any")
_NOTEBOOK = _arn("sagemaker", "notebook-instance/{name}")
_LIFECYCLE = _arn("sagemaker", "notebook-instance-lifecycle-config/{name}")
_MACHINE = _arn("states", "stateMachine:{name}")
_EXECUTION = _arn("ssm", "automation-definition/{name}:1")
_INTERPRETER = _arn("bedrock-agentcore", "code-interpreter/{name}")
_DEFINITION, _QUEUE = _arn("batch", "job-definition/{name}"), _arn("batch", "job-queue/{name}")
_APPLICATION = _arn("emr-serverless", "/applications/{name}")

SERVICES = (
    Service(
        "lambda",
        "lambda.amazonaws.com",
        "a function with code of one's own",
        (
            (_calls(_FUNCTION, "lambda:CreateFunction", "lambda:InvokeFunction"), "lambda-001"),
            ((Call("lambda:CreateFunction", _FUNCTION), Call("lambda:CreateEventSourceMapping")), "lambda-002"),
            (_calls(_FUNCTION, "lambda:CreateFunction", "lambda:AddPermission"), "lambda-006"),
            (
                _calls(
                    _FUNCTION, "lambda:CreateFunction", "lambda:CreateFunctionUrlConfig", "lambda:InvokeFunctionUrl"
                ),
                "AWS Lambda Developer Guide: function URLs",
            ),
        ),
    ),
    Service(
        "ec2",
        "ec2.amazonaws.com",
        "an instance with a start script of one's own",
        (
            (_INSTANCE, "ec2-001"),
            ((Call("ec2:RequestSpotInstances", _arn("ec2", "spot-instances-request/{name}")),), "ec2-004"),
            (
                (
                    Call(
                        "autoscaling:CreateLaunchConfiguration",
                        _arn("autoscaling", "launchConfiguration:any:launchConfigurationName/{name}"),
                    ),
                    Call(
                        "autoscaling:CreateAutoScalingGroup",
                        _arn("autoscaling", "autoScalingGroup:any:autoScalingGroupName/{name}"),
                    ),
                ),
                "Amazon EC2 Auto Scaling User Guide: launch configurations",
            ),
            (
                (Call("elasticmapreduce:RunJobFlow"),),
                "Amazon EMR Management Guide: service role for cluster EC2 instances",
            ),
        ),
        profile=True,
    ),
    Service(
        "ecs",
        "ecs-tasks.amazonaws.com",
        "a task with a container of one's own",
        (
            ((*_CONTAINER, Call("ecs:RunTask", _TASK)), "ecs-004"),
            ((*_CONTAINER, Call("ecs:StartTask", _TASK)), "ecs-005"),
            ((*_CONTAINER, Call("ecs:CreateService", _arn("ecs", "service/any/{name}"))), "ecs-003"),
        ),
    ),
    Service(
        "batch",
        "ecs-tasks.amazonaws.com",
        "a batch job with a container of one's own",
        (
            (
                (
                    Call("batch:RegisterJobDefinition", _DEFINITION),
                    Call("batch:SubmitJob", _DEFINITION),
                    Call("batch:SubmitJob", _QUEUE),
                ),
                "batch-001",
            ),
        ),
    ),
    Service(
        "glue",
        "glue.amazonaws.com",
        "a job with a script of one's own",
        (
            (_calls(_JOB, "glue:CreateJob", "glue:StartJobRun"), "glue-003"),
            ((Call("glue:CreateJob", _JOB), Call("glue:CreateTrigger", _arn("glue", "trigger/{name}"))), "glue-004"),
            (_calls(_JOB, "glue:UpdateJob", "glue:StartJobRun"), "glue-005"),
            (_calls(_SESSION, "glue:CreateSession", "glue:RunStatement"), "glue-007"),
            ((Call("glue:CreateDevEndpoint", _arn("glue", "devEndpoint/{name}")),), "glue-001"),
        ),
    ),
    Service(
        "codebuild",
        "codebuild.amazonaws.com",
        "a build with commands of one's own",
        (
            (_calls(_PROJECT, "codebuild:CreateProject", "codebuild:StartBuild"), "codebuild-001"),
            (_calls(_PROJECT, "codebuild:CreateProject", "codebuild:StartBuildBatch"), "codebuild-004"),
        ),
    ),
    Service(
        "cloudformation",
        "cloudformation.amazonaws.com",
        "a stack with a template of one's own",
        (
            ((Call("cloudformation:CreateStack", _STACK),), "cloudformation-001"),
            (
                _calls(_STACK, "cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"),
                "AWS CloudFormation User Guide: service role",
            ),
            (
                _calls(_STACK_SET, "cloudformation:CreateStackSet", "cloudformation:CreateStackInstances"),
                "cloudformation-003",
            ),
        ),
    ),
    Service(
        "sagemaker",
        "sagemaker.amazonaws.com",
        "a notebook or job with code of one's own",
        (
            (
                _calls(_NOTEBOOK, "sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"),
                "sagemaker-001",
            ),
            (
                (
                    Call("sagemaker:CreateNotebookInstanceLifecycleConfig", _LIFECYCLE),
                    Call("sagemaker:CreateNotebookInstance", _NOTEBOOK),
                ),
                "Amazon SageMaker Developer Guide: lifecycle configurations of notebook instances",
            ),
            ((Call("sagemaker:CreateTrainingJob", _arn("sagemaker", "training-job/{name}")),), "sagemaker-002"),
            ((Call("sagemaker:CreateProcessingJob", _arn("sagemaker", "processing-job/{name}")),), "sagemaker-003"),
        ),
    ),
    Service(
        "datapipeline",
        "datapipeline.amazonaws.com",
        "a pipeline with commands of one's own",
        (
            (
                _calls(
                    _arn("datapipeline", "pipeline/{name}"),
                    "datapipeline:CreatePipeline",
                    "datapipeline:PutPipelineDefinition",
                    "datapipeline:ActivatePipeline",
                ),
                "datapipeline-001",
            ),
        ),
    ),
    Service(
        "apprunner",
        "tasks.apprunner.amazonaws.com",
        "a service with a container of one's own",
        (((Call("apprunner:CreateService", _arn("apprunner", "service/{name}/any")),), "apprunner-001"),),
    ),
    Service(
        "bedrock-agentcore",
        "bedrock-agentcore.amazonaws.com",
        "a code interpreter",
        (
            (
                _calls(
                    _INTERPRETER,
                    "bedrock-agentcore:CreateCodeInterpreter",
                    "bedrock-agentcore:StartCodeInterpreterSession",
                    "bedrock-agentcore:InvokeCodeInterpreter",
                ),
                "bedrock-001",
            ),
        ),
    ),
    Service(
        "states",
        "states.amazonaws.com",
        "a state machine that calls what one writes into it",
        (
            (
                _calls(_MACHINE, "states:CreateStateMachine", "states:StartExecution"),
                "AWS Step Functions Developer Guide: AWS SDK service integrations",
            ),
        ),
    ),
    Service(
        "ssm",
        "ssm.amazonaws.com",
        "an automation with a script of one's own",
        (
            (
                (
                    Call("ssm:CreateDocument", _arn("ssm", "document/{name}")),
                    Call("ssm:StartAutomationExecution", _EXECUTION),
                ),
                "ssm-003",
            ),
        ),
    ),
    Service(
        "emr-serverless",
        "emr-serverless.amazonaws.com",
        "a job with code of one's own",
        (
            (
                (
                    Call("emr-serverless:CreateApplication", _arn("emr-serverless", "/*")),
                    Call("emr-serverless:StartJobRun", _APPLICATION),
                ),
                "Amazon EMR Serverless User Guide: job runtime roles",
            ),
        ),
    ),
    Service(
        "transcribe",
        "transcribe.amazonaws.com",
        "a speech job whose transcript it hands back",
        (
            (
                _calls(
                    _arn("transcribe", "transcription-job/{name}"),
                    "transcribe:StartTranscriptionJob",
                    "transcribe:GetTranscriptionJob",
                ),
                "Amazon Transcribe API Reference: JobExecutionSettings.DataAccessRoleArn",
            ),
            (
                _calls(
                    _arn("transcribe", "analytics-job/{name}"),
                    "transcribe:StartCallAnalyticsJob",
                    "transcribe:GetCallAnalyticsJob",
                ),
                "Amazon Transcribe API Reference: StartCallAnalyticsJob",
            ),
            (
                _calls(
                    _arn("transcribe", "medical-scribe-job/{name}"),
                    "transcribe:StartMedicalScribeJob",
                    "transcribe:GetMedicalScribeJob",
                ),
                "Amazon Transcribe API Reference: StartMedicalScribeJob",
            ),
        ),
        reads_only=True,
    ),
)
"""Left out, as too rare: CodeDeploy, GameLift, Image Builder, Kinesis Analytics, HealthOmics, Braket, MWAA, and putting
another role into an identity pool."""
