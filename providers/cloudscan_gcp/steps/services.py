"""Services that run what one gives them as a service account that one may act as. Data, no code.

From "Attach service accounts to resources" (IAM documentation): whoever attaches an account needs
``iam.serviceAccounts.actAs`` on it, and what the service asks for making its resource. An account of another project
is refused unless its project turns ``iam.disableCrossProjectServiceAccountUsage`` off, which is not modelled.

What a service asks besides (disks, networks, a bucket for its files) is not looked at, since quotas and networks are
not either.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    """A service: ``calls`` are the permissions on the project, ``does`` completes "... that runs as ACCOUNT".

    ``source`` names the document that tells what it takes. ``unsure`` is what it hangs on and nobody read, "" for none.
    """

    name: str
    calls: tuple[str, ...]
    does: str
    source: str
    unsure: str = ""


SERVICES = (
    Service(
        "compute",
        ("compute.instances.create", "compute.instances.setServiceAccount"),
        "a virtual machine",
        "Compute Engine: Create a VM that uses a user-managed service account",
    ),
    Service("functions", ("cloudfunctions.functions.create",), "a function", "Cloud Functions: Function identity"),
    Service("run", ("run.services.create",), "a service of Cloud Run", "Cloud Run: Service identity"),
    Service(
        "worker-pool",
        ("run.workerpools.create",),
        "a worker pool of Cloud Run",
        "Cloud Run: Configure service identity for worker pools",
    ),
    Service("run-job", ("run.jobs.create", "run.jobs.run"), "a job of Cloud Run", "Cloud Run: Execute jobs"),
    Service("app-engine", ("appengine.versions.create",), "a version of an app", "App Engine: User-managed accounts"),
    Service("build", ("cloudbuild.builds.create",), "a build", "Cloud Build: User-specified service accounts"),
    Service("dataflow", ("dataflow.jobs.create",), "a Dataflow job", "Dataflow: Security and permissions"),
    Service(
        "dataproc",
        ("dataproc.clusters.create",),
        "a Dataproc cluster with an action to begin with",
        "Dataproc: Service accounts, Initialization actions",
    ),
    Service("dataproc-batch", ("dataproc.batches.create",), "a Spark batch", "Dataproc: Service accounts"),
    Service("composer", ("composer.environments.create",), "an Airflow environment", "Cloud Composer: Access control"),
    Service(
        "scheduler", ("cloudscheduler.jobs.create",), "a schedule that calls APIs", "Cloud Scheduler: Authentication"
    ),
    Service(
        "workflows",
        ("workflows.workflows.create", "workflows.executions.create"),
        "a workflow that calls APIs",
        "Workflows: Grant a workflow permission to access Google Cloud resources",
    ),
    Service("notebooks", ("notebooks.instances.create",), "a notebook", "Vertex AI Workbench: Access control"),
    Service("custom-job", ("aiplatform.customJobs.create",), "a training job", "Vertex AI: Use a custom account"),
    Service("pipeline", ("aiplatform.pipelineJobs.create",), "a pipeline", "Vertex AI: Use a custom account"),
    Service(
        "endpoint",
        ("aiplatform.models.upload", "aiplatform.endpoints.create", "aiplatform.endpoints.deploy"),
        "an endpoint with a container of its own",
        "Vertex AI API: DeployedModel",
    ),
    Service(
        "reasoning-engine",
        ("aiplatform.reasoningEngines.create",),
        "a reasoning engine",
        "Vertex AI API: ReasoningEngineSpec",
    ),
    Service(
        "notebook-execution",
        ("aiplatform.notebookExecutionJobs.create",),
        "an execution of a notebook",
        "Vertex AI API: NotebookExecutionJob",
    ),
    Service(
        "workstation",
        (
            "workstations.workstationConfigs.create",
            "workstations.workstations.create",
            "workstations.workstations.use",
        ),
        "a workstation",
        "Cloud Workstations API: GceInstance",
        unsure="whether there is a cluster for workstations was not read",
    ),
    Service(
        "dataplex",
        ("dataplex.tasks.create",),
        "a task of Dataplex",
        "Dataplex API: TaskExecutionSpec",
        unsure="whether there is a lake for tasks was not read",
    ),
    Service(
        "deploy",
        ("clouddeploy.releases.create",),
        "a release of Cloud Deploy",
        "Cloud Deploy API: ExecutionConfig",
        unsure="whether a target of Cloud Deploy runs as it was not read",
    ),
    Service(
        "data-fusion",
        ("datafusion.instances.create",),
        "an instance of Data Fusion",
        "Cloud Data Fusion API: Instance",
        unsure="who may run pipelines in an instance of Data Fusion was not read",
    ),
    Service("batch", ("batch.jobs.create",), "a batch job", "Batch: Control access for a job"),
    Service("tpu", ("tpu.nodes.create",), "a TPU with a script of its own", "Cloud TPU API v2: Node"),
    Service(
        "infrastructure", ("config.deployments.create",), "a Terraform deployment", "Infrastructure Manager: Accounts"
    ),
)


@dataclass(frozen=True, slots=True)
class Update:
    """Compute of a sort, which runs other code after a permission is used on it and its account may be acted as."""

    kind: str
    holds: str
    calls: tuple[str, ...]
    does: str


UPDATES = (
    Update("function", "/functions/", ("cloudfunctions.functions.update",), "may put other code into the function"),
    Update("container-service", "/services/", ("run.services.update",), "may put another image into the service"),
    Update("container-service", "/workerpools/", ("run.workerpools.update",), "may put another image into the pool"),
    Update("job", "/jobs/", ("run.jobs.update", "run.jobs.run"), "may put another image into the job"),
)
