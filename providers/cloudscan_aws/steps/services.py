"""Services that act as a role which somebody passes to them: what it takes to make one do so. Data, no code.

Each row names the service principal that the role must trust, and the calls with which the service is told to act,
in one or more ways. Sources are the ids of pathfinding.cloud ("new-passrole"), or the service's own document.
"""

from __future__ import annotations

from cloudscan_aws.steps.calls import Call
from cloudscan_aws.steps.jobs import JOBS
from cloudscan_aws.steps.service import Service, calls, on

_FUNCTION = on("lambda", "function:{name}")
_INSTANCE = tuple(
    Call("ec2:RunInstances", on("ec2", f"{part}/{{name}}"))
    for part in ("instance", "image", "network-interface", "security-group", "subnet", "volume")
)
_PROFILE = "arn:{partition}:iam::{account}:instance-profile/{name}"
NEW_PROFILE = calls(_PROFILE, "iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile")
"""What puts a role into an instance profile that has none ("IAM User Guide", using instance profiles)."""
_TASK = on("ecs", "task-definition/{name}:1")
_CLUSTER = on("ecs", "cluster/{name}")
_CONTAINER = (Call("ecs:RegisterTaskDefinition", _TASK),)
_JOB, _SESSION = on("glue", "job/{name}"), on("glue", "session/{name}")
_PROJECT = on("codebuild", "project/{name}")
_STACK, _STACK_SET = on("cloudformation", "stack/{name}/any"), on("cloudformation", "stackset/{name}:any")
_NOTEBOOK = on("sagemaker", "notebook-instance/{name}")
_LIFECYCLE = on("sagemaker", "notebook-instance-lifecycle-config/{name}")
_MACHINE = on("states", "stateMachine:{name}")
_EXECUTION = on("ssm", "automation-definition/{name}:1")
_INTERPRETER = on("bedrock-agentcore", "code-interpreter/{name}")
_DEFINITION, _QUEUE = on("batch", "job-definition/{name}"), on("batch", "job-queue/{name}")
_APPLICATION = on("emr-serverless", "/applications/{name}")

SERVICES = (
    Service(
        "lambda",
        "lambda.amazonaws.com",
        "a function with code of one's own",
        (
            (calls(_FUNCTION, "lambda:CreateFunction", "lambda:InvokeFunction"), "lambda-001"),
            ((Call("lambda:CreateFunction", _FUNCTION), Call("lambda:CreateEventSourceMapping")), "lambda-002"),
            (calls(_FUNCTION, "lambda:CreateFunction", "lambda:AddPermission"), "lambda-006"),
            (
                calls(_FUNCTION, "lambda:CreateFunction", "lambda:CreateFunctionUrlConfig", "lambda:InvokeFunctionUrl"),
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
            ((Call("ec2:RequestSpotInstances", on("ec2", "spot-instances-request/{name}")),), "ec2-004"),
            (
                (
                    Call(
                        "autoscaling:CreateLaunchConfiguration",
                        on("autoscaling", "launchConfiguration:any:launchConfigurationName/{name}"),
                    ),
                    Call(
                        "autoscaling:CreateAutoScalingGroup",
                        on("autoscaling", "autoScalingGroup:any:autoScalingGroupName/{name}"),
                    ),
                ),
                "Amazon EC2 Auto Scaling User Guide: launch configurations",
            ),
            (
                (
                    Call("imagebuilder:CreateComponent", on("imagebuilder", "component/{name}/1.0.0/1")),
                    Call("imagebuilder:CreateImageRecipe", on("imagebuilder", "image-recipe/{name}/1.0.0")),
                    Call(
                        "imagebuilder:CreateInfrastructureConfiguration",
                        on("imagebuilder", "infrastructure-configuration/{name}"),
                    ),
                    Call("imagebuilder:CreateImage", on("imagebuilder", "image/{name}/1.0.0/1")),
                ),
                "EC2 Image Builder User Guide: infrastructure configurations",
            ),
            (
                (Call("elasticmapreduce:RunJobFlow", hangs_on="whether a role may be passed to Amazon EMR itself"),),
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
            (
                (Call("ecs:RunTask", _TASK, hangs_on="which task definitions there are"),),
                "Amazon ECS API Reference: RunTask, overrides (taskRoleArn, command)",
            ),
            ((*_CONTAINER, Call("ecs:StartTask", _TASK)), "ecs-005"),
            ((*_CONTAINER, Call("ecs:CreateService", on("ecs", "service/any/{name}"))), "ecs-003"),
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
            (calls(_JOB, "glue:CreateJob", "glue:StartJobRun"), "glue-003"),
            ((Call("glue:CreateJob", _JOB), Call("glue:CreateTrigger", on("glue", "trigger/{name}"))), "glue-004"),
            (
                (
                    Call("glue:UpdateJob", _JOB, hangs_on="which jobs there are"),
                    Call("glue:StartJobRun", _JOB),
                ),
                "glue-005",
            ),
            (calls(_SESSION, "glue:CreateSession", "glue:RunStatement"), "glue-007"),
            ((Call("glue:CreateDevEndpoint", on("glue", "devEndpoint/{name}")),), "glue-001"),
        ),
    ),
    Service(
        "codebuild",
        "codebuild.amazonaws.com",
        "a build with commands of one's own",
        (
            (calls(_PROJECT, "codebuild:CreateProject", "codebuild:StartBuild"), "codebuild-001"),
            (calls(_PROJECT, "codebuild:CreateProject", "codebuild:StartBuildBatch"), "codebuild-004"),
        ),
    ),
    Service(
        "cloudformation",
        "cloudformation.amazonaws.com",
        "a stack with a template of one's own",
        (
            ((Call("cloudformation:CreateStack", _STACK),), "cloudformation-001"),
            (
                calls(_STACK, "cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"),
                "AWS CloudFormation User Guide: service role",
            ),
            (
                calls(_STACK_SET, "cloudformation:CreateStackSet", "cloudformation:CreateStackInstances"),
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
                calls(_NOTEBOOK, "sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"),
                "sagemaker-001",
            ),
            (
                (
                    Call("sagemaker:CreateNotebookInstanceLifecycleConfig", _LIFECYCLE),
                    Call("sagemaker:CreateNotebookInstance", _NOTEBOOK),
                ),
                "Amazon SageMaker Developer Guide: lifecycle configurations of notebook instances",
            ),
            ((Call("sagemaker:CreateTrainingJob", on("sagemaker", "training-job/{name}")),), "sagemaker-002"),
            ((Call("sagemaker:CreateProcessingJob", on("sagemaker", "processing-job/{name}")),), "sagemaker-003"),
            (
                (
                    Call(
                        "sagemaker:CreateHyperParameterTuningJob", on("sagemaker", "hyper-parameter-tuning-job/{name}")
                    ),
                ),
                "Amazon SageMaker API Reference: CreateHyperParameterTuningJob",
            ),
        ),
    ),
    Service(
        "datapipeline",
        "datapipeline.amazonaws.com",
        "a pipeline with commands of one's own",
        (
            (
                calls(
                    on("datapipeline", "pipeline/{name}"),
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
        (((Call("apprunner:CreateService", on("apprunner", "service/{name}/any")),), "apprunner-001"),),
    ),
    Service(
        "bedrock-agentcore",
        "bedrock-agentcore.amazonaws.com",
        "a code interpreter",
        (
            (
                calls(
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
                calls(_MACHINE, "states:CreateStateMachine", "states:StartExecution"),
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
                    Call("ssm:CreateDocument", on("ssm", "document/{name}")),
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
                    Call("emr-serverless:CreateApplication", on("emr-serverless", "/*")),
                    Call("emr-serverless:StartJobRun", _APPLICATION),
                ),
                "Amazon EMR Serverless User Guide: job runtime roles",
            ),
        ),
    ),
    Service(
        "kinesisanalytics",
        "kinesisanalytics.amazonaws.com",
        "a stream application with code of one's own",
        (
            (
                calls(
                    on("kinesisanalytics", "application/{name}"),
                    "kinesisanalytics:CreateApplication",
                    "kinesisanalytics:StartApplication",
                ),
                "Managed Service for Apache Flink Developer Guide: creating applications",
            ),
        ),
    ),
    *JOBS,
)
"""Left out, as too rare: CodeDeploy (its role deploys, and runs nobody's code), GameLift, HealthOmics, Braket, MWAA,
DataBrew, which reads tables only, and putting another role into an identity pool."""
